// How long a call takes on a small pool, and what memory it leaves: speed COUNT.
#define _GNU_SOURCE
#include <sys/resource.h>
#include <time.h>

#include "helpers.h"

int main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000, call;
    struct dm_list *sources = new_list();
    struct alloc_source *source = new_source(sources, NULL);
    struct alloc_request req = { .extents_needed = 30, .parallel_areas = 1, .sources = sources };
    int mode;
    new_area(source, 0, 100);
    new_area(source, 200, 50);
    for (mode = ALLOC_AS_LVM2; mode <= ALLOC_BEST; mode++) {
        struct alloc_handle *ah = alloc_create(NULL);
        struct alloc_result *result;
        struct timespec start, end;
        struct rusage usage;
        CHECK(alloc_set_mode(ah, mode));
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
        for (call = 0; call < count; call++) {
            CHECK(alloc_allocate(ah, &req, &result));
            if (call % 1000 == 999)
                CHECK(alloc_reset(ah));
        }
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
        getrusage(RUSAGE_SELF, &usage);
        printf("%s: %.2f us a call, %ld KiB\n", mode == ALLOC_BEST ? "best, proven" : "as LVM2",
               ((double) (end.tv_sec - start.tv_sec) * 1e9 + (double) (end.tv_nsec - start.tv_nsec)) / 1e3 / (double) count,
               usage.ru_maxrss);
        alloc_destroy(ah);
    }
    forget();
    return 0;
}
