// A child whose parent has used threads gets its answers, too: none is left to threads that the child does not have.
#define _GNU_SOURCE
#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helpers.h"

static size_t threads(void)
{
    size_t count = 0;
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *task;
    while (tasks && (task = readdir(tasks)))
        count += *task->d_name != '.';
    if (tasks)
        closedir(tasks);
    return count;
}

// Four stripes over the fragments of nine disks: cuts are tried side by side.
static int solve(struct alloc_handle *ah)
{
    struct dm_list *sources = new_list();
    struct alloc_request req = { .parallel_areas = 4, .sources = sources };
    struct alloc_result *result;
    uint64_t seed = 7, free = 0;
    int disk, area;
    for (disk = 0; disk < 9; disk++) {
        struct alloc_source *source = new_source(sources, NULL);
        uint64_t start = 0;
        for (area = 0; area < 3; area++) {
            uint64_t extents;
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            extents = 50 + (seed >> 33) % 100;
            free += extents;
            new_area(source, start, extents);
            start += extents + 1;
        }
    }
    req.extents_needed = (free / 4 - 100) * 4;
    return alloc_allocate(ah, &req, &result) && is_right(&req, result);
}

int main(void)
{
    struct alloc_handle *ah = alloc_create(NULL);
    int generation, status;
    pid_t child;
    CHECK(solve(ah));
    CHECK(threads() > 1);
    // A child, and a child of that.
    for (generation = 0; generation < 2; generation++) {
        child = fork();
        CHECK(child >= 0);
        if (child) {
            CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
            break;
        }
        alarm(60);
        CHECK(threads() == 1);
        CHECK(solve(ah));
        CHECK(threads() > 1);
    }
    CHECK(solve(ah));
    alloc_destroy(ah);
    forget();
    return 0;
}
