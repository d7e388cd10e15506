// The test that the design of a standalone allocation library began with. With libdevmapper it uses a pool of that.
#include "helpers.h"

#ifdef WITH_LIBDM
#define POOL(mem) (mem)
#else
#define POOL(mem) NULL
#endif

static void test_alloc_anywhere(void)
{
#ifdef WITH_LIBDM
    struct dm_pool *mem = dm_pool_create("test", 1024);
#endif
    struct alloc_handle *ah = alloc_create(POOL(mem));
    struct dm_list *sources = new_list();
    struct alloc_source *src = new_source(sources, NULL);
    new_area(src, 0, 100);
    new_area(src, 200, 50);

    struct alloc_request req = {
        .extents_needed = 30,
        .parallel_areas = 1,
        .policy = ALLOC_ANYWHERE,
        .sources = sources
    };

    struct alloc_result *result;
    CHECK(alloc_allocate(ah, &req, &result) == 1);
    CHECK(result->extents_allocated == 30);

    struct alloc_segment *seg = first_segment(result->allocated[0]);
    CHECK(seg->start == 0 || seg->start == 200);
    CHECK(seg->length == 30);

    alloc_destroy(ah);
#ifdef WITH_LIBDM
    // What lies in a pool lives as long as the pool.
    CHECK(result->extents_allocated == 30 && seg->length == 30);
    dm_pool_destroy(mem);
#endif
}

// As above, by the function that the library looks for, where a program does not bring it along by itself.
static void test_a_pool_is_found(void)
{
#ifdef WITH_LIBDM
    struct dm_pool *mem = dm_pool_create("test", 1024);
    struct alloc_handle *ah = (alloc_create)(mem);
    struct alloc_request req = { .extents_needed = 30, .parallel_areas = 1, .sources = disks(1, 40) };
    struct alloc_result *result;
    CHECK(ah && alloc_allocate(ah, &req, &result) == 1);
    alloc_destroy(ah);
    CHECK(first_segment(result->allocated[0])->length == 30);
    dm_pool_destroy(mem);
#else
    char no_pool;
    CHECK(alloc_create((struct dm_pool *) &no_pool) == NULL);
#endif
}

int main(void)
{
    test_alloc_anywhere();
    test_a_pool_is_found();
    forget();
    return 0;
}
