// What is wrong is refused with words, and breaks nothing: the same handle serves a right request after each.
#include "helpers.h"

#define MOST UINT64_MAX

static struct alloc_handle *ah;
static struct alloc_request req;
static struct alloc_source *first, *second;
static struct alloc_area *low, *high;

static void build(void)
{
    struct dm_list *sources = new_list();
    first = new_source(sources, NULL);
    second = new_source(sources, NULL);
    low = new_area(first, 0, 50);
    high = new_area(first, 60, 40);
    new_area(second, 0, 100);
    memset(&req, 0, sizeof(req));
    req.extents_needed = 30;
    req.parallel_areas = 1;
    req.sources = sources;
}

static int refuses(const char *words)
{
    struct alloc_result *result = (void *) &req;
    int is_refused = !alloc_allocate(ah, &req, &result) && !result && strstr(alloc_error(ah), words);
    if (!is_refused)
        fprintf(stderr, "alloc_error: %s\n", alloc_error(ah));
    build();
    return is_refused && alloc_allocate(ah, &req, &result) && is_right(&req, result) && !*alloc_error(ah);
}

#define WRONG(change, words) \
    do { \
        build(); \
        change; \
        CHECK(refuses(words)); \
        forget(); \
    } while (0)

static void test_null_is_refused_wherever_it_stands(void)
{
    struct alloc_result *result;
    struct alloc_bound bound;
    build();
    CHECK(!alloc_allocate(NULL, &req, &result) && !result && !strcmp(alloc_error(NULL), "there is no handle"));
    CHECK(!alloc_allocate(ah, NULL, &result) && !result && strstr(alloc_error(ah), "the request is NULL"));
    CHECK(!alloc_allocate(ah, &req, NULL) && strstr(alloc_error(ah), "the place for the result is NULL"));
    CHECK(!alloc_commit(NULL, NULL) && !alloc_reset(NULL) && !alloc_set_log(NULL, NULL, NULL));
    CHECK(!alloc_set_mode(NULL, ALLOC_BEST) && !alloc_set_time_limit(NULL, 1));
    CHECK(!alloc_result_bound(NULL, NULL, NULL) && !alloc_result_bound(ah, NULL, &bound));
    CHECK(!alloc_commit(ah, NULL) && strstr(alloc_error(ah), "none of this handle"));
    CHECK(alloc_allocate(ah, &req, &result) && !alloc_result_bound(ah, result, NULL));
    alloc_destroy(NULL);
    CHECK(!alloc_create_in(NULL, NULL));
    CHECK(!alloc_allocate((void *) 3, &req, &result) && !alloc_allocate(ah, (void *) 3, &result));
    CHECK(!alloc_allocate(ah, &req, (void *) 3) && strstr(alloc_error(ah), "no address"));
    forget();
    WRONG(req.sources = NULL, "sources is NULL");
    WRONG(req.sources = (void *) 3, "no address");
    WRONG(req.sources->n = NULL, "the list of sources is broken behind member 0");
    WRONG(first->areas.n = NULL, "the list of areas is broken");
    WRONG(low->list.n = NULL, "the list of areas is broken behind member 1");
    WRONG(new_tag(&first->tags, NULL), "a tag of a source is NULL");
}

static void test_lists_that_lead_astray_are_refused(void)
{
    WRONG(low->list.n = &low->list, "the list of areas is broken");
    WRONG(high->list.n = &low->list, "the list of areas is broken");
    WRONG(low->list.p = &high->list, "the list of areas is broken behind member 0");
    WRONG(first->areas.n = &high->list, "the list of areas is broken");
    WRONG(second->areas.n = &low->list, "the list of areas is broken");
    WRONG(list_add(&second->areas, &low->list), "the list of areas is broken");
    WRONG(list_add(req.sources, &first->list), "the list of sources is broken");
    WRONG(second->list.n = &first->list, "the list of sources is broken");
    WRONG(low->list.n = (void *) ((char *) &low->list + 1), "the list of areas is broken");
    WRONG(new_tag(&first->tags, "a")->list.n = &first->areas, "the tags of a source is broken");
}

static void test_areas_are_looked_at(void)
{
    WRONG(low->length = 0, "source 0: area 0 has no extents");
    WRONG(low->length = 61, "source 0: the areas from 0 and from 60 overlap");
    WRONG(high->start = 0, "overlap");
    WRONG(high->length = MOST, "area 1 reaches past");
    WRONG(high->start = MOST, "area 1 reaches past");
    WRONG(first->total_extents = 99, "a free area ends at 100, past its 99 extents");
    WRONG(first->total_extents = MOST; second->total_extents = MOST, "2^64 - 1");
    WRONG(low->tags.n = low->tags.p = &high->tags, "the tags of an area is broken");
    WRONG(new_tag(&low->tags, NULL), "a tag of an area is NULL");
    WRONG(new_tag(&low->tags, "a\nb"), "control characters");
    WRONG(new_tag(req.area_tags = new_list(), "fast"), "no source and no free area has the tag `fast`");
    WRONG(new_tag(req.area_tags = new_list(), NULL), "a tag of area_tags is NULL");
    WRONG((req.area_tags = new_list())->n = NULL, "the list of area_tags is broken behind member 0");
}

static void test_requests_are_looked_at(void)
{
    struct alloc_segment segment = { .length = 10, .start = 50 }, stray = { .length = 10 };
    struct alloc_segment overlapping = { .length = 30, .start = 60 };
    struct dm_list leg, other, *legs = &leg, *two[] = { &leg, &leg };
    struct alloc_result grows = { .parallel_count = 1, .allocated = &legs };
    WRONG(req.extents_needed = 0, "expected at least 1");
    WRONG(req.extents_needed = MOST, "impossible: ");
    WRONG(req.extents_needed = MOST; req.copies = 2, "2^64 - 1");
    WRONG(req.parallel_areas = 0, "expected at least 1");
    WRONG(req.parallel_areas = 7, "do not divide into 7 stripes");
    WRONG(req.parallel_areas = UINT32_MAX; req.copies = UINT32_MAX; req.parity_areas = UINT32_MAX, "legs");
    WRONG(req.extents_needed = 65536; req.parallel_areas = 65536, "impossible: ");
    WRONG(req.metadata_extents = MOST, "2^64 - 1");
    WRONG(req.policy = 99, "there is no policy 99");
    WRONG(req.policy = UINT32_MAX, "there is no policy 4294967295");
    WRONG(req.separation = 4, "there is no separation 4");
    WRONG(list_add(req.cling_sources = new_list(), &stray.list), "member 0 of cling_sources is on a source that is none");
    WRONG((req.cling_sources = new_list())->p = NULL, "the list of cling_sources is broken behind member 0");
    WRONG(req.policy = ALLOC_CLING_BY_TAGS, "cling_tags");
    WRONG(req.cling_tag = "\377", "cling_tag is not in UTF-8");
    WRONG(new_tag(&first->tags, "\377"), "a tag of a source is not in UTF-8");
    WRONG(new_tag(req.cling_tags = new_list(), NULL), "a tag of cling_tags is NULL");
    WRONG(req.cling_tag = "", "no source and no free area has the tag");
    WRONG(new_tag(&first->tags, "a\nb"), "control characters");
    WRONG(first->handle = second->handle = &req, "the sources 0 and 1 have the same handle");
    WRONG(list_init(req.sources), "impossible: ");
    WRONG(list_init(&first->areas); list_init(&second->areas), "impossible: ");

    list_init(&leg);
    WRONG(req.grows = &grows, "leg 0 grows, but has no previous segment");
    list_add(&leg, &segment.list);
    WRONG(req.grows = &grows; req.grows = (void *) 3, "no address");
    WRONG(req.grows = &grows, "on a source that is none of the request's");
    WRONG(req.grows = &grows; segment.source = first; segment.length = MOST, "without extents, or past");
    WRONG(req.grows = &grows; segment.source = first; segment.length = 0, "without extents, or past");
    segment.length = 20;
    WRONG(req.grows = &grows; segment.source = first, "lies on extents that are free");
    WRONG(req.grows = &grows; leg.n = NULL, "the list of what grows is broken");
    list_init(&leg);
    list_add(&leg, &segment.list);
    grows.allocated = two;
    grows.parallel_count = 2;
    WRONG(req.grows = &grows; req.copies = 2; segment.source = second; list_init(&second->areas); second->total_extents = 100,
          "what grows has extent 50 of source 1 twice: in leg 0 and in leg 1");
    list_init(&other);
    list_add(&other, &overlapping.list);
    two[1] = &other;
    WRONG(req.grows = &grows; req.copies = 2; overlapping.source = segment.source = second; list_init(&second->areas);
          second->total_extents = 100, "what grows has extent 60 of source 1 twice: in leg 0 and in leg 1");
    grows.parallel_count = 1;
    grows.allocated = NULL;
    WRONG(req.grows = &grows, "`allocated` of what grows is NULL");
    grows.parallel_count = UINT32_MAX;
    WRONG(req.grows = &grows, "what grows has 4294967295 legs; the request has 1");
}

static void test_modes_and_results_are_looked_at(void)
{
    struct alloc_handle *other = alloc_create(NULL);
    struct alloc_result *result;
    struct alloc_bound bound;
    build();
    CHECK(!alloc_set_mode(ah, 0) && !alloc_set_mode(ah, 99) && strstr(alloc_error(ah), "there is no mode 99"));
    CHECK(alloc_set_time_limit(ah, MOST) && alloc_allocate(ah, &req, &result) && alloc_set_time_limit(ah, 0));
    CHECK(!alloc_commit(other, result) && !alloc_result_bound(other, result, &bound));
    CHECK(!alloc_commit(ah, (void *) &req) && strstr(alloc_error(ah), "none of this handle"));
    CHECK(alloc_set_mode(ah, ALLOC_AS_LVM2));
    req.extents_needed = (uint64_t) UINT32_MAX + 1;
    ITEM(first->areas.p, struct alloc_area)->length = (uint64_t) UINT32_MAX + 1;
    CHECK(!alloc_allocate(ah, &req, &result) && strstr(alloc_error(ah), "past 2^32 - 1"));
    CHECK(alloc_set_mode(ah, ALLOC_BEST) && alloc_allocate(ah, &req, &result) && is_right(&req, result));
    alloc_destroy(other);
    forget();
}

int main(void)
{
    ah = alloc_create(NULL);
    test_null_is_refused_wherever_it_stands();
    test_lists_that_lead_astray_are_refused();
    test_areas_are_looked_at();
    test_requests_are_looked_at();
    test_modes_and_results_are_looked_at();
    alloc_destroy(ah);
    return 0;
}
