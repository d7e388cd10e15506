// Requests by chance, most of them broken by chance: fuzz COUNT [SEED]. None crashes, each is answered or refused with words, and
// each answer is right.
#include "helpers.h"

enum { SOURCES = 4, AREAS = 5, TAGS = 2 };

static uint64_t state;

static uint64_t below(uint64_t most)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state >> 11) % most;
}

static uint64_t any_number(void)
{
    static const uint64_t edges[] = {
        0, 1, 2, 7, INT32_MAX, UINT32_MAX, (uint64_t) UINT32_MAX + 1, INT64_MAX, UINT64_MAX - 1, UINT64_MAX
    };
    return below(2) ? edges[below(sizeof(edges) / sizeof(*edges))] : below(200);
}

static struct dm_list sources, cling_tags, area_tags, preferred, leg;
static struct alloc_source source[SOURCES];
static struct alloc_area area[SOURCES][AREAS];
static struct dm_str_list tag[SOURCES][TAGS], of_area[SOURCES][AREAS], cling_tag, area_tag;
static struct alloc_segment segment, preference[SOURCES];
static struct dm_list *legs[2];
static struct alloc_result grows;
static struct alloc_request req;

static const char *any_word(void)
{
    static const char *words[] = { "a", "b", "*", "", "\n", "\377" };
    return words[below(below(40) ? 2 : 6)];
}

static void build(void)
{
    size_t s, a, t, count = 1 + below(SOURCES);
    memset(source, 0, sizeof(source));
    memset(area, 0, sizeof(area));
    memset(&req, 0, sizeof(req));
    list_init(&sources);
    list_init(&cling_tags);
    list_init(&area_tags);
    list_init(&preferred);
    list_init(&leg);
    for (s = 0; s < count; s++) {
        uint64_t next = 0;
        list_init(&source[s].areas);
        list_init(&source[s].tags);
        list_add(&sources, &source[s].list);
        for (a = below(AREAS + 1); a; a--) {
            struct alloc_area *one = &area[s][a - 1];
            one->handle = one;
            one->start = next += below(3);
            one->length = 1 + below(40);
            next += one->length;
            of_area[s][a - 1].str = any_word();
            list_init(&one->tags);
            if (!below(4))
                list_add(&one->tags, &of_area[s][a - 1].list);
            list_add(&source[s].areas, &one->list);
        }
        for (t = below(TAGS + 1); t; t--) {
            tag[s][t - 1].str = any_word();
            list_add(&source[s].tags, &tag[s][t - 1].list);
        }
        preference[s].source = &source[s];
        if (!below(3))
            list_add(&preferred, &preference[s].list);
    }
    req.parallel_areas = 1 + (uint32_t) below(3);
    req.copies = (uint32_t) below(3);
    req.parity_areas = below(5) ? 0 : (uint32_t) below(3);
    req.extents_needed = req.parallel_areas * (1 + below(30));
    req.policy = (uint32_t) below(5);
    req.separation = (uint32_t) below(4);
    req.at_most = !below(4);
    req.metadata_extents = below(4) ? 0 : below(3);
    req.sources = &sources;
    cling_tag.str = any_word();
    list_add(&cling_tags, &cling_tag.list);
    req.cling_tag = below(6) && req.policy != ALLOC_CLING_BY_TAGS ? NULL : any_word();
    req.cling_tags = below(6) ? NULL : &cling_tags;
    req.partition_by_tags = !below(6);
    area_tag.str = any_word();
    list_add(&area_tags, &area_tag.list);
    req.area_tags = below(8) ? NULL : &area_tags;
    req.cling_sources = below(4) ? NULL : &preferred;
    segment.source = &source[0];
    segment.start = below(200);
    segment.length = 1 + below(20);
    list_add(&leg, &segment.list);
    legs[0] = legs[1] = &leg;
    grows.parallel_count = 1;
    grows.allocated = legs;
    req.grows = below(12) ? NULL : &grows;
}

// A link of a list leads to another member of the same kind, to nothing, or to where no structure can lie.
static void misdirect(struct dm_list *list, struct dm_list *to)
{
    struct dm_list **end = below(2) ? &list->n : &list->p;
    switch (below(4)) {
    case 0:
        *end = NULL;
        break;
    case 1:
        *end = (struct dm_list *) ((char *) *end + 1 + below(7));
        break;
    default:
        *end = to;
    }
}

static void spoil(void)
{
    struct alloc_source *of = &source[below(SOURCES)], *other = &source[below(SOURCES)];
    struct alloc_area *one = &area[of - source][below(AREAS)], *two = &area[other - source][below(AREAS)];
    switch (below(19)) {
    case 0: misdirect(below(2) ? &of->list : &sources, below(2) ? &other->list : &sources); break;
    case 1: misdirect(below(2) ? &one->list : &of->areas, below(2) ? &two->list : &other->areas); break;
    case 2: misdirect(&tag[of - source][0].list, &tag[other - source][1].list); break;
    case 3: misdirect(&of->tags, &other->tags); break;
    case 4: misdirect(&leg, &segment.list); break;
    case 5: one->start = any_number(); break;
    case 6: one->length = any_number(); break;
    case 7: of->total_extents = any_number(); break;
    case 8: req.extents_needed = any_number(); break;
    case 9: req.parallel_areas = (uint32_t) any_number(); break;
    case 10: req.copies = (uint32_t) any_number(); break;
    case 11: req.parity_areas = (uint32_t) any_number(); break;
    case 12: req.policy = (uint32_t) any_number(); break;
    case 13: req.separation = (uint32_t) any_number(); break;
    case 14: req.metadata_extents = any_number(); break;
    case 15: misdirect(&preferred, &preference[of - source].list); break;
    case 16: misdirect(&one->tags, &two->tags); break;
    case 17: preference[of - source].source = of + SOURCES; break;
    case 18:
        segment.start = any_number();
        segment.length = any_number();
        grows.parallel_count = (uint32_t) any_number();
        of->handle = other->handle = &req;
    }
}

int main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000, seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
    unsigned long call, answered = 0, impossible = 0, refused = 0;
    struct alloc_handle *ah = alloc_create(NULL);
    for (call = 0; call < count; call++) {
        struct alloc_result *result;
        unsigned long spoils;
        state = (seed + call) * 0x9e3779b97f4a7c15u | 1;
        below(2);
        build();
        for (spoils = below(3); spoils; spoils--)
            spoil();
        CHECK(alloc_set_mode(ah, 1 + (int) below(2)));
        CHECK(alloc_set_time_limit(ah, 20));
        if (alloc_allocate(ah, &req, &result)) {
            CHECK(result && !*alloc_error(ah) && is_right(&req, result));
            answered++;
            if (!below(50)) {
                CHECK(alloc_commit(ah, result) && !alloc_commit(ah, result));
                alloc_destroy(ah);
                ah = alloc_create(NULL);
            }
        } else {
            const char *error = alloc_error(ah);
            CHECK(!result && *error);
            if (strstr(error, "a mistake in liballoc")) {
                fprintf(stderr, "call %lu of seed %lu: %s\n", call, seed, error);
                return 1;
            }
            if (!strncmp(error, "impossible", 10))
                impossible++;
            else
                refused++;
        }
        if (call % 100 == 99)
            CHECK(alloc_reset(ah));
    }
    alloc_destroy(ah);
    printf("%lu answered, %lu impossible, %lu refused\n", answered, impossible, refused);
    CHECK(answered > count / 10 && refused > count / 10);
    return 0;
}
