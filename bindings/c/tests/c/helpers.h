// What the tests are written with: lists, sources, and a check that says where it failed.
#ifndef HELPERS_H
#define HELPERS_H

#ifdef WITH_LIBDM
#include <libdevmapper.h>
#endif
#include <alloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(what) \
    do { \
        if (!(what)) { \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what); \
            exit(1); \
        } \
    } while (0)

#define ITEM(link, type) ((type *) ((char *) (link) - offsetof(type, list)))

// Room for all that a test makes; what it allocates itself is given back by forget().
static void *made[4096];
static size_t made_count;

static inline void *make(size_t size)
{
    void *memory = calloc(1, size);
    CHECK(memory && made_count < sizeof(made) / sizeof(*made));
    return made[made_count++] = memory;
}

static inline void forget(void)
{
    while (made_count)
        free(made[--made_count]);
}

static inline void list_init(struct dm_list *head)
{
    head->n = head->p = head;
}

static inline void list_add(struct dm_list *head, struct dm_list *member)
{
    member->n = head;
    member->p = head->p;
    head->p->n = member;
    head->p = member;
}

static inline struct dm_list *new_list(void)
{
    struct dm_list *head = make(sizeof(*head));
    list_init(head);
    return head;
}

static inline struct alloc_source *new_source(struct dm_list *sources, void *handle)
{
    struct alloc_source *source = make(sizeof(*source));
    source->handle = handle;
    list_init(&source->areas);
    list_init(&source->tags);
    if (sources)
        list_add(sources, &source->list);
    return source;
}

static inline struct alloc_area *new_area(struct alloc_source *source, uint64_t start, uint64_t length)
{
    struct alloc_area *area = make(sizeof(*area));
    area->start = start;
    area->length = length;
    list_init(&area->tags);
    list_add(&source->areas, &area->list);
    return area;
}

static inline struct dm_str_list *new_tag(struct dm_list *tags, const char *word)
{
    struct dm_str_list *tag = make(sizeof(*tag));
    tag->str = word;
    list_add(tags, &tag->list);
    return tag;
}

// Sources that are free from 0 on.
static inline struct dm_list *disks(size_t count, uint64_t extents)
{
    struct dm_list *sources = new_list();
    size_t disk;
    for (disk = 0; disk < count; disk++)
        new_area(new_source(sources, NULL), 0, extents);
    return sources;
}

static inline struct alloc_segment *first_segment(struct dm_list *leg)
{
    CHECK(leg->n != leg);
    return ITEM(leg->n, struct alloc_segment);
}

static inline size_t length_of(const struct dm_list *head)
{
    const struct dm_list *member;
    size_t count = 0;
    for (member = head->n; member != head; member = member->n)
        count++;
    return count;
}

// Whether a result is what was asked for, looked at from scratch: every segment inside of a free area of its source, none
// over another, all legs equally long.
static inline int is_right(const struct alloc_request *req, const struct alloc_result *result)
{
    uint64_t each = 0;
    uint32_t leg, other;
    for (leg = 0; leg < result->parallel_count; leg++) {
        uint64_t extents = 0;
        struct dm_list *link, *over, *of, *in;
        for (link = result->allocated[leg]->n; link != result->allocated[leg]; link = link->n) {
            struct alloc_segment *segment = ITEM(link, struct alloc_segment);
            int is_held = 0;
            extents += segment->length;
            for (of = req->sources->n; of != req->sources; of = of->n) {
                struct alloc_source *source = ITEM(of, struct alloc_source);
                if (source != segment->source)
                    continue;
                CHECK(source->handle == segment->source_handle);
                for (in = source->areas.n; in != &source->areas; in = in->n) {
                    struct alloc_area *area = ITEM(in, struct alloc_area);
                    if (area->start <= segment->start && segment->start - area->start < area->length &&
                        segment->length <= area->length - (segment->start - area->start))
                        is_held = area->handle == segment->area_handle;
                }
            }
            if (!is_held || !segment->length)
                return 0;
            for (other = 0; other < result->parallel_count; other++)
                for (over = result->allocated[other]->n; over != result->allocated[other]; over = over->n) {
                    struct alloc_segment *next = ITEM(over, struct alloc_segment);
                    if (next != segment && next->source == segment->source &&
                        next->start < segment->start + segment->length &&
                        segment->start < next->start + next->length)
                        return 0;
                }
        }
        if (leg && extents != each)
            return 0;
        each = extents;
    }
    return result->extents_allocated == each * req->parallel_areas &&
        (req->at_most || result->extents_allocated == req->extents_needed);
}

#endif
