// Every policy, shape and function, each on the smallest example.
#include "helpers.h"

static struct alloc_handle *ah;
static struct alloc_result *result;

static int place(struct alloc_request *req)
{
    int done = alloc_allocate(ah, req, &result);
    CHECK(done == !*alloc_error(ah) && !done == !result);
    if (done)
        CHECK(is_right(req, result));
    return done;
}

static int says(const char *words)
{
    if (strstr(alloc_error(ah), words))
        return 1;
    fprintf(stderr, "alloc_error: %s\n", alloc_error(ah));
    return 0;
}

static size_t segments(uint32_t leg)
{
    return length_of(result->allocated[leg]);
}

static void test_normal_takes_the_area_that_holds_all_of_it(void)
{
    struct dm_list *sources = new_list();
    struct alloc_source *source = new_source(sources, NULL);
    struct alloc_request req = { .extents_needed = 35, .parallel_areas = 1, .sources = sources };
    struct alloc_bound bound;
    new_area(source, 0, 10);
    new_area(source, 20, 40)->handle = &req;
    new_area(source, 70, 10);
    CHECK(place(&req) && segments(0) == 1 && first_segment(result->allocated[0])->area_handle == &req);
    CHECK(alloc_result_bound(ah, result, &bound));
    CHECK(bound.is_best && bound.segments == 1 && bound.least_segments == 1 && bound.sources == 1);
    req.extents_needed = 60;
    CHECK(place(&req) && segments(0) == 3);
    req.extents_needed = 61;
    CHECK(!place(&req) && says("impossible: ") && says("needs 61 extents; all sources together offer 60"));
}

static void test_contiguous_is_one_run(void)
{
    struct dm_list *sources = new_list();
    struct alloc_source *source = new_source(sources, NULL);
    struct alloc_request req = { .extents_needed = 40, .parallel_areas = 1, .policy = ALLOC_CONTIGUOUS, .sources = sources };
    struct alloc_area *second;
    new_area(source, 0, 30);
    second = new_area(source, 50, 30);
    CHECK(!place(&req) && says("impossible: "));
    second->length = 45;
    CHECK(place(&req) && segments(0) == 1 && first_segment(result->allocated[0])->start >= 50);
    // Areas that touch are one, unless their tags differ.
    req.extents_needed = 50;
    new_area(source, 30, 20);
    CHECK(place(&req));
    new_tag(&second->tags, "fast");
    req.extents_needed = 51;
    CHECK(!place(&req) && says("impossible: "));
}

static void test_cling_stays_on_one_source(void)
{
    struct dm_list *sources = disks(2, 50);
    struct alloc_request req = { .extents_needed = 60, .parallel_areas = 1, .policy = ALLOC_CLING, .sources = sources };
    CHECK(!place(&req));
    new_area(ITEM(sources->p, struct alloc_source), 60, 20);
    CHECK(place(&req));
    CHECK(first_segment(result->allocated[0])->source == ITEM(sources->p, struct alloc_source));
}

static void test_cling_by_tags_stays_where_the_tag_is(void)
{
    struct dm_list *sources = disks(3, 50), *tagged = sources;
    struct alloc_source *first = ITEM(sources->n, struct alloc_source), *last = ITEM(sources->p, struct alloc_source);
    struct alloc_request req = {
        .extents_needed = 80, .parallel_areas = 1, .policy = ALLOC_CLING_BY_TAGS, .cling_tag = "rack", .sources = sources
    };
    CHECK(!place(&req) && says("no source and no free area has the tag `rack`"));
    new_tag(&first->tags, "rack");
    CHECK(!place(&req) && says("impossible: "));
    new_tag(&last->tags, "rack");
    CHECK(place(&req));
    CHECK(first_segment(result->allocated[0])->source != ITEM(sources->n->n, struct alloc_source));
    req.cling_tag = "*";
    CHECK(place(&req));
    req.cling_tag = NULL;
    CHECK(!place(&req) && says("cling_tags"));
    // Without tags there are none to cling to but the source itself.
    sources = disks(3, 50);
    req.sources = sources;
    req.cling_tag = "*";
    CHECK(!place(&req) && says("impossible: "));
    new_area(ITEM(sources->p, struct alloc_source), 60, 30);
    CHECK(place(&req) && first_segment(result->allocated[0])->source == ITEM(sources->p, struct alloc_source));
    sources = req.sources = tagged;
    req.cling_tag = NULL;
    req.cling_tags = new_list();
    new_tag(req.cling_tags, "rack");
    CHECK(place(&req));
}

static void test_a_tag_partition_keeps_legs_on_sources_without_a_common_tag(void)
{
    struct dm_list *sources = disks(3, 50);
    struct alloc_request req = {
        .extents_needed = 50, .parallel_areas = 1, .copies = 2, .partition_by_tags = 1, .sources = sources
    };
    struct dm_list *link;
    for (link = sources->n; link != sources; link = link->n)
        new_tag(&ITEM(link, struct alloc_source)->tags, "here");
    CHECK(!place(&req) && says("impossible: "));
    ITEM(ITEM(sources->p, struct alloc_source)->tags.n, struct dm_str_list)->str = "there";
    CHECK(place(&req));
    CHECK((first_segment(result->allocated[0])->source == ITEM(sources->p, struct alloc_source)) ^
          (first_segment(result->allocated[1])->source == ITEM(sources->p, struct alloc_source)));
}

static void test_areas_have_tags_of_their_own(void)
{
    struct dm_list *sources = new_list();
    struct alloc_source *source = new_source(sources, NULL);
    struct alloc_request req = { .extents_needed = 30, .parallel_areas = 1, .sources = sources };
    struct alloc_area *slow = new_area(source, 0, 40), *fast = new_area(source, 40, 40);
    new_tag(&fast->tags, "fast");
    req.area_tags = new_list();
    new_tag(req.area_tags, "fast");
    CHECK(place(&req) && segments(0) == 1 && first_segment(result->allocated[0])->start >= 40);
    CHECK(alloc_commit(ah, result) && !place(&req) && says("impossible: "));
    req.extents_needed = 10;
    CHECK(place(&req) && alloc_commit(ah, result));
    CHECK(!place(&req) && says("impossible: "));
    req.area_tags = NULL;
    CHECK(place(&req) && first_segment(result->allocated[0])->start < 40);

    // Two areas meet where the tags change, and are one where they do not.
    ah = (alloc_destroy(ah), alloc_create(NULL));
    req.extents_needed = 60;
    req.policy = ALLOC_CONTIGUOUS;
    CHECK(!place(&req) && says("impossible: "));
    new_tag(&slow->tags, "fast");
    CHECK(place(&req) && segments(0) == 2);

    // Legs cling to areas by their tags, and keep apart by them.
    new_tag(&new_area(new_source(sources, NULL), 0, 20)->tags, "fast");
    source = new_source(sources, NULL);
    slow = new_area(source, 0, 50);
    req.policy = ALLOC_CLING_BY_TAGS;
    req.cling_tag = "fast";
    req.extents_needed = 100;
    CHECK(place(&req));
    req.extents_needed = 101;
    CHECK(!place(&req) && says("impossible: "));
    req.policy = ALLOC_NORMAL;
    CHECK(place(&req));
    req.extents_needed = 20;
    req.copies = 2;
    req.partition_by_tags = 1;
    CHECK(place(&req));
    CHECK((first_segment(result->allocated[0])->source == source) ^ (first_segment(result->allocated[1])->source == source));
    req.cling_tag = NULL;
    new_tag(&slow->tags, "fast");
    CHECK(!place(&req) && says("impossible: "));
}

static void test_some_sources_are_preferred(void)
{
    struct dm_list *sources = disks(3, 50);
    struct alloc_source *last = ITEM(sources->p, struct alloc_source);
    struct alloc_request req = { .extents_needed = 40, .parallel_areas = 1, .sources = sources };
    struct alloc_segment prefers = { .source = last };
    struct alloc_bound bound;
    int mode;
    req.cling_sources = new_list();
    CHECK(place(&req));
    list_add(req.cling_sources, &prefers.list);
    for (mode = ALLOC_AS_LVM2; mode <= ALLOC_BEST; mode++) {
        CHECK(alloc_set_mode(ah, mode) && place(&req) && first_segment(result->allocated[0])->source == last);
        CHECK(alloc_result_bound(ah, result, &bound) && !bound.elsewhere && bound.is_best == (mode == ALLOC_BEST));
    }
    req.extents_needed = 60;
    CHECK(place(&req) && alloc_result_bound(ah, result, &bound));
    CHECK(bound.is_best && bound.elsewhere == 10 && bound.least_elsewhere == 10);
    req.extents_needed = 40;
    CHECK(place(&req) && alloc_commit(ah, result));

    // What an earlier result lies on, by handle or by address.
    req.cling_sources = result->allocated[0];
    req.extents_needed = 10;
    CHECK(place(&req) && first_segment(result->allocated[0])->source == last);
    req.sources = disks(1, 50);
    CHECK(!place(&req) && says("member 0 of cling_sources is on a source that is none of the request's"));
}

static void test_anywhere_puts_two_stripes_on_one_source(void)
{
    struct alloc_request req = { .extents_needed = 80, .parallel_areas = 2, .sources = disks(1, 100) };
    CHECK(!place(&req) && says("impossible: "));
    req.policy = ALLOC_ANYWHERE;
    CHECK(place(&req));
    req.policy = ALLOC_NORMAL;
    req.separation = ALLOC_APART_NOT;
    CHECK(place(&req));
}

static void test_stripes_are_cut_together_and_beat_lvm2(void)
{
    struct alloc_request req = { .extents_needed = 240, .parallel_areas = 2, .sources = disks(3, 80) };
    struct alloc_bound bound;
    CHECK(alloc_set_mode(ah, ALLOC_AS_LVM2));
    CHECK(!place(&req) && says("LVM2's allocator finds no place for 240 extents in 2 legs"));
    CHECK(alloc_set_mode(ah, ALLOC_BEST));
    CHECK(place(&req) && alloc_result_bound(ah, result, &bound));
    CHECK(bound.is_best && bound.segments == 3 && bound.sources == 3);
    req.separation = ALLOC_APART_THROUGHOUT;
    CHECK(!place(&req) && says("impossible: "));
    req.at_most = 1;
    CHECK(place(&req) && result->extents_allocated == 160 && alloc_result_bound(ah, result, &bound));
    CHECK(bound.shortfall == 80 && bound.least_shortfall == 80 && bound.is_best);
}

static void test_raid10_of_200_tebibytes(void)
{
    struct alloc_request req = {
        .extents_needed = 52428800, .parallel_areas = 2, .copies = 2, .metadata_extents = 1, .sources = disks(4, 30000000)
    };
    int mode;
    for (mode = ALLOC_AS_LVM2; mode <= ALLOC_BEST; mode++) {
        uint32_t leg, other;
        struct alloc_bound bound;
        CHECK(alloc_set_mode(ah, mode) && place(&req));
        CHECK(result->parallel_count == 4 && result->extents_allocated == 52428800);
        for (leg = 0; leg < 4; leg++) {
            struct alloc_segment *data = first_segment(result->allocated[leg]);
            struct alloc_segment *metadata = first_segment(result->metadata[leg]);
            CHECK(segments(leg) == 1 && data->length == 26214400);
            CHECK(metadata->source == data->source && metadata->length == 1 && metadata->start + 1 == data->start);
            for (other = 0; other < leg; other++)
                CHECK(first_segment(result->allocated[other])->source != data->source);
        }
        CHECK(alloc_result_bound(ah, result, &bound) && bound.segments == 4 && bound.is_best == (mode == ALLOC_BEST));
    }
    req.sources = disks(3, 60000000);
    CHECK(!place(&req) && says("impossible: "));
}

static void test_parity_legs_come_last_and_hold_as_much(void)
{
    struct alloc_request req = { .extents_needed = 90, .parallel_areas = 3, .parity_areas = 2, .sources = disks(5, 30) };
    CHECK(place(&req) && result->parallel_count == 5);
    req.sources = disks(4, 60);
    CHECK(!place(&req) && says("impossible: "));
}

static void test_segments_are_cut_where_the_callers_areas_meet(void)
{
    struct dm_list *sources = new_list();
    struct alloc_source *source = new_source(sources, NULL);
    struct alloc_request req = { .extents_needed = 30, .parallel_areas = 1, .policy = ALLOC_CONTIGUOUS, .sources = sources };
    struct alloc_bound bound;
    struct dm_list *link;
    uint64_t next = 0;
    new_area(source, 20, 10)->handle = (void *) 3;
    new_area(source, 0, 10)->handle = (void *) 1;
    new_area(source, 10, 10)->handle = (void *) 2;
    CHECK(place(&req) && segments(0) == 3);
    for (link = result->allocated[0]->n; link != result->allocated[0]; link = link->n) {
        struct alloc_segment *segment = ITEM(link, struct alloc_segment);
        CHECK(segment->start == next && segment->length == 10);
        CHECK(segment->area_handle == (void *) (size_t) (next / 10 + 1));
        next += 10;
    }
    CHECK(alloc_result_bound(ah, result, &bound) && bound.segments == 1);
}

static void test_what_grows_goes_on_behind_what_it_has(void)
{
    struct dm_list *sources = disks(3, 50);
    struct alloc_request req = { .extents_needed = 20, .parallel_areas = 1, .policy = ALLOC_CONTIGUOUS, .sources = sources };
    struct alloc_request more = req;
    struct alloc_segment *first;
    CHECK(place(&req));
    first = first_segment(result->allocated[0]);
    more.grows = result;
    CHECK(!place(&more) && says("lies on extents that are free"));
    CHECK(alloc_commit(ah, more.grows) && place(&more));
    CHECK(first_segment(result->allocated[0])->source == first->source);
    CHECK(first_segment(result->allocated[0])->start == first->start + 20);
    more.extents_needed = 31;
    CHECK(!place(&more) && says("impossible: "));
    more.parallel_areas = 2;
    CHECK(!place(&more) && says("what grows has 1 legs; the request has 2"));
    more.parallel_areas = 1;
    more.sources = disks(1, 50);
    CHECK(!place(&more) && says("on a source that is none of the request's"));
}

static void test_what_is_committed_is_not_given_again(void)
{
    struct dm_list *sources = disks(1, 100), before = *sources;
    struct alloc_area *area = ITEM(ITEM(sources->n, struct alloc_source)->areas.n, struct alloc_area);
    struct alloc_request req = { .extents_needed = 25, .parallel_areas = 1, .sources = sources };
    struct alloc_result *same, *last = NULL;
    char taken[100] = { 0 };
    int call;
    CHECK(place(&req));
    same = result;
    CHECK(place(&req) && first_segment(same->allocated[0])->start == first_segment(result->allocated[0])->start);
    for (call = 0; call < 4; call++) {
        uint64_t extent;
        struct alloc_segment *segment;
        CHECK(place(&req));
        segment = first_segment(result->allocated[0]);
        for (extent = 0; extent < segment->length; extent++)
            CHECK(!taken[segment->start + extent]++);
        last = result;
        CHECK(alloc_commit(ah, result));
    }
    CHECK(!alloc_commit(ah, same) && says("committed already"));
    CHECK(!alloc_commit(ah, last) && says("committed already"));
    req.extents_needed = 1;
    CHECK(!place(&req) && says("impossible: "));
    CHECK(before.n == sources->n && area->start == 0 && area->length == 100 && length_of(sources) == 1);
    CHECK(alloc_reset(ah) && !alloc_commit(ah, last) && says("none of this handle"));
    CHECK(!place(&req));
}

struct heard {
    char text[4096];
    int levels;
    struct alloc_handle *uses;
    int count;
};

static void hear(void *data, int level, const char *message)
{
    struct heard *heard = data;
    heard->levels |= 1 << level;
    strncat(heard->text, message, sizeof(heard->text) - strlen(heard->text) - 1);
    heard->count++;
    if (heard->uses) {
        struct alloc_request none = { 0 };
        struct alloc_result *no_result = (void *) &none;
        struct alloc_bound bound;
        alloc_destroy(heard->uses);
        CHECK(!strcmp(alloc_error(heard->uses), "the handle is busy"));
        CHECK(!alloc_allocate(heard->uses, &none, &no_result) && !no_result && !alloc_reset(heard->uses));
        CHECK(!alloc_set_log(heard->uses, NULL, NULL) && !alloc_set_mode(heard->uses, ALLOC_BEST));
        CHECK(!alloc_commit(heard->uses, result) && !alloc_result_bound(heard->uses, result, &bound));
    }
}

static void test_a_log_hears_what_is_asked_found_and_refused(void)
{
    static struct heard heard;
    struct alloc_request req = { .extents_needed = 30, .parallel_areas = 1, .sources = disks(1, 40) };
    CHECK(alloc_set_log(ah, hear, &heard));
    CHECK(place(&req) && strstr(heard.text, "30 extents in 1 leg of 40 free") && strstr(heard.text, "best: segments 1"));
    CHECK(heard.levels & 1 << ALLOC_LOG_INFO && !(heard.levels & 1 << ALLOC_LOG_ERROR));
    req.extents_needed = 41;
    CHECK(!place(&req) && strstr(heard.text, "impossible: ") && heard.levels & 1 << ALLOC_LOG_ERROR);
    CHECK(alloc_set_log(ah, NULL, NULL));
    heard.levels = 0;
    CHECK(!place(&req) && !heard.levels);
}

static void test_a_log_cannot_end_what_it_hears_of(void)
{
    static struct heard heard;
    struct alloc_handle *own = alloc_create(NULL);
    struct alloc_request req = { .extents_needed = 30, .parallel_areas = 1, .sources = disks(1, 10) };
    const char *says = "alloc_destroy did nothing: it was called inside of a call of the same handle";
    int count;
    heard.uses = own;
    CHECK(alloc_set_log(own, hear, &heard) && !alloc_allocate(own, &req, &result) && !result);
    CHECK(strstr(heard.text, "impossible: ") && strstr(heard.text, says));
    memset(heard.text, 0, sizeof(heard.text));
    req.extents_needed = 10;
    heard.count = 0;
    CHECK(alloc_allocate(own, &req, &result) && is_right(&req, result) && strstr(heard.text, says));
    count = heard.count;
    heard.uses = NULL;
    heard.count = 0;
    CHECK(alloc_allocate(own, &req, &result) && heard.count == count - 1 && alloc_commit(own, result) && alloc_reset(own));
    alloc_destroy(own);
}

// An arena that calls back: the handle is busy, and says so.
static struct alloc_handle *busy;
static char arena[4096] __attribute__((aligned(16)));

static void *from_arena(void *data, size_t size)
{
    struct alloc_request none = { 0 };
    struct alloc_result *no_result;
    CHECK(!strcmp(alloc_error(busy), "the handle is busy"));
    CHECK(!alloc_allocate(busy, &none, &no_result) && !alloc_reset(busy));
    alloc_destroy(busy);
    return size <= sizeof(arena) ? data : NULL;
}

static void *odd(void *data, size_t size)
{
    (void) size;
    return (char *) data + 1;
}

static void *nothing(void *data, size_t size)
{
    (void) data;
    (void) size;
    return NULL;
}

static void test_results_lie_where_the_arena_says(void)
{
    struct alloc_request req = { .extents_needed = 30, .parallel_areas = 1, .sources = disks(1, 40) };
    struct alloc_handle *of_none;
    busy = alloc_create_in(arena, from_arena);
    CHECK(alloc_allocate(busy, &req, &result) && (char *) result == arena && is_right(&req, result));
    alloc_destroy(busy);
    CHECK(is_right(&req, result));
    CHECK(!alloc_create_in(arena, NULL));
    of_none = alloc_create_in(arena, odd);
    CHECK(!alloc_allocate(of_none, &req, &result) && strstr(alloc_error(of_none), "what the arena gave"));
    alloc_destroy(of_none);
    of_none = alloc_create_in(arena, nothing);
    CHECK(!alloc_allocate(of_none, &req, &result) && strstr(alloc_error(of_none), "no memory left"));
    alloc_destroy(of_none);
}

int main(void)
{
    void (*tests[])(void) = {
        test_normal_takes_the_area_that_holds_all_of_it,
        test_contiguous_is_one_run,
        test_cling_stays_on_one_source,
        test_cling_by_tags_stays_where_the_tag_is,
        test_a_tag_partition_keeps_legs_on_sources_without_a_common_tag,
        test_areas_have_tags_of_their_own,
        test_some_sources_are_preferred,
        test_anywhere_puts_two_stripes_on_one_source,
        test_stripes_are_cut_together_and_beat_lvm2,
        test_raid10_of_200_tebibytes,
        test_parity_legs_come_last_and_hold_as_much,
        test_segments_are_cut_where_the_callers_areas_meet,
        test_what_grows_goes_on_behind_what_it_has,
        test_what_is_committed_is_not_given_again,
        test_a_log_hears_what_is_asked_found_and_refused,
        test_a_log_cannot_end_what_it_hears_of,
        test_results_lie_where_the_arena_says,
    };
    size_t test;
    for (test = 0; test < sizeof(tests) / sizeof(*tests); test++) {
        ah = alloc_create(NULL);
        tests[test]();
        alloc_destroy(ah);
        forget();
    }
    CHECK(strlen(alloc_version()) >= 5);
    return 0;
}
