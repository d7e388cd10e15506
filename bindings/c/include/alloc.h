/* liballoc: allocates extents. It knows sources, areas and requests, and nothing of what they stand for. This is all of
 * its header: what the design note of liballoc keeps in an alloc_types.h stands here as well.
 *
 * Written by cbindgen from bindings/c/src; see cbindgen.toml there.
 *
 * Lists are those of libdevmapper. A program that includes libdevmapper.h includes it before this header, else the two
 * structures below take its place. What cannot be found out is left to the caller: addresses where nothing lies, texts
 * without an end, lists with members of another kind. */


#ifndef ALLOC_H
#define ALLOC_H

#include <stddef.h>
#include <stdint.h>

#if !defined(LIB_DEVICE_MAPPER_H) && !defined(BASE_DATA_STRUCT_LIST_H)
struct dm_list {
    struct dm_list *n, *p;
};

struct dm_str_list {
    struct dm_list list;
    const char *str;
};
#endif

struct dm_pool;


/* Any areas. What a zeroed request asks for. */
#define ALLOC_NORMAL 0

/* Each leg in one area; areas that touch are one, unless their tags differ. A leg that grows goes on at its next extent. */
#define ALLOC_CONTIGUOUS 1

/* Each leg on one source; a leg that grows stays on the sources that it has. */
#define ALLOC_CLING 2

/* Each area of a leg is on a source that the leg has already, or shares one of the cling tags, of its own or of its
 * source, with one that the leg has. It needs cling tags; "*" where there are no tags is ALLOC_CLING. */
#define ALLOC_CLING_BY_TAGS 3

/* Any areas, and legs may share sources whatever `separation` says: two copies may lie on one source. */
#define ALLOC_ANYWHERE 4

/* Legs on different sources throughout where there are copies or parity, else at each offset. */
#define ALLOC_APART_AS_NEEDED 0

/* At each offset the legs are on different sources. */
#define ALLOC_APART_AT_EACH_OFFSET 1

/* No source holds extents of two legs. */
#define ALLOC_APART_THROUGHOUT 2

/* Legs may share sources. */
#define ALLOC_APART_NOT 3

/* What LVM2 does, step for step. It proves nothing. */
#define ALLOC_AS_LVM2 1

/* The best layout, proven where a proof is found, or a proof that there is none. What a new handle does. */
#define ALLOC_BEST 2

/* A message about what went wrong. */
#define ALLOC_LOG_ERROR 3

/* A message about what is asked and answered. */
#define ALLOC_LOG_INFO 6

/* A message about a layout that was found on the way. */
#define ALLOC_LOG_DEBUG 7

/* What allocates, and remembers what was committed. One thread at a time may use it. */
struct alloc_handle;

/* Hands out memory: `size` bytes for 64-bit members, or NULL. Nothing is ever given back. */
typedef void *(*alloc_memory_fn)(void *arena, size_t size);

/* Which areas are taken: one of ALLOC_NORMAL, ALLOC_CONTIGUOUS, ALLOC_CLING, ALLOC_CLING_BY_TAGS, ALLOC_ANYWHERE. */
typedef uint32_t alloc_policy_t;

/* What was allocated. It lives as long as the pool or arena that it lies in, else until alloc_reset or alloc_destroy. */
struct alloc_result {
  /* Extents, copies and parity not counted. */
  uint64_t extents_allocated;
  /* How many legs: parallel_areas * copies + parity_areas, parity last. */
  uint32_t parallel_count;
  /* By leg its segments, struct alloc_segment, in order. A segment that crosses from one area of the caller to the next is
   * cut there. */
  struct dm_list **allocated;
  /* By leg the extents of its metadata, struct alloc_segment; NULL: none were asked for. */
  struct dm_list **metadata;
};

/* What is wanted. Zeroed members mean what they say; a request needs extents_needed, parallel_areas and sources. */
struct alloc_request {
  /* Extents to allocate, copies and parity not counted; a multiple of parallel_areas. */
  uint64_t extents_needed;
  /* Legs that share the data: 1, or the stripes; at least 1. */
  uint32_t parallel_areas;
  /* Legs that hold parity, besides. */
  uint32_t parity_areas;
  /* How often all data is held; 0 and 1: once. RAID10 of two stripes: parallel_areas 2, copies 2. */
  uint32_t copies;
  /* The policy. */
  alloc_policy_t policy;
  /* How legs are kept apart: one of ALLOC_APART_AS_NEEDED, ALLOC_APART_AT_EACH_OFFSET, ALLOC_APART_THROUGHOUT,
   * ALLOC_APART_NOT. The policy ALLOC_ANYWHERE overrules it: its legs are not kept apart. */
  uint32_t separation;
  /* Not 0: fewer extents than needed will do, as many as there are, at least one in each leg. */
  int at_most;
  /* Extents in front of the first segment of each leg, for its metadata; 0: none. */
  uint64_t metadata_extents;
  /* The sources, struct alloc_source, in order of preference where nothing else decides. */
  struct dm_list *sources;
  /* Sources that the legs are to lie on as far as can be, before anything else but shortfall counts: struct alloc_segment,
   * of which source_handle (or source) and list are read, as `allocated` of an earlier result has them. Each is one of
   * `sources`. NULL: no preference. */
  struct dm_list *cling_sources;
  /* A tag that ALLOC_CLING_BY_TAGS and partition_by_tags go by, "*" for every tag; NULL: none. */
  const char *cling_tag;
  /* More such tags, struct dm_str_list; NULL: none. */
  struct dm_list *cling_tags;
  /* Not 0: no two legs in areas that share one of the cling tags, of their own or of their sources, or where none is
   * given, any tag. */
  int partition_by_tags;
  /* The segments that the legs have already and go on from, as an earlier result has them, or as the caller wrote them
   * down: a result of which parallel_count, allocated and of each segment source_handle (or source), start, length and
   * list are read. NULL: nothing grows. */
  const struct alloc_result *grows;
  /* Only areas with one of these tags may be used, of their own or of their sources, struct dm_str_list; NULL: all. */
  struct dm_list *area_tags;
};

/* Gets messages. It may use other handles than the one that it hears of, but must return: no longjmp, no exception. */
typedef void (*alloc_log_fn)(void *data, int level, const char *message);

/* How good a result is. Measures are compared in this order: shortfall, elsewhere, segments, sources. */
struct alloc_bound {
  /* Extents less than wanted, where fewer will do. */
  uint64_t shortfall;
  /* Extents of legs on other sources than those of cling_sources, where there are such. */
  uint64_t elsewhere;
  /* Segments. Stripes without copies or parity are cut together, which counts once; areas that touch
   * are one, unless their tags differ. */
  uint64_t segments;
  /* Sources used. */
  uint64_t sources;
  /* No layout falls shorter. */
  uint64_t least_shortfall;
  /* No layout has fewer extents elsewhere, of those that fall no shorter than it says. */
  uint64_t least_elsewhere;
  /* No layout has fewer segments, of those with no more extents elsewhere. */
  uint64_t least_segments;
  /* No layout uses fewer sources, of those with no more segments. */
  uint64_t least_sources;
  /* 1: proven, no layout is better; 0: not proven. */
  int is_best;
};

/* A run of free extents. */
struct alloc_area {
  /* The first extent. */
  uint64_t start;
  /* How many extents; at least 1. */
  uint64_t length;
  /* The caller's; it comes back with each segment that is cut from this area. */
  void *handle;
  /* Its tags, struct dm_str_list, beside those of its source; all zero is empty. */
  struct dm_list tags;
  /* Its place in the areas of its source. */
  struct dm_list list;
};

/* What has extents to give. */
struct alloc_source {
  /* The caller's; it comes back with each segment. No two sources of a request have the same one, unless it is NULL.
   * It is what alloc_commit remembers a source by; where it is NULL, that is the address of this structure. */
  void *handle;
  /* The free areas, struct alloc_area, in any order; they must not overlap. Areas that touch count as one, unless
   * their tags differ. */
  struct dm_list areas;
  /* Its extents, free or not; 0: as far as its areas reach. */
  uint64_t total_extents;
  /* Its tags, struct dm_str_list; all zero is empty. */
  struct dm_list tags;
  /* Its place in the sources of a request. */
  struct dm_list list;
};

/* A run of extents that was allocated. */
struct alloc_segment {
  /* The handle of its source. */
  void *source_handle;
  /* The handle of the area that it is cut from. */
  void *area_handle;
  /* The source, for those who give them no handles. It is compared, never followed. */
  const struct alloc_source *source;
  /* The first extent. */
  uint64_t start;
  /* How many extents. */
  uint64_t length;
  /* Its place in its leg. */
  struct dm_list list;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/* A new handle. With a struct dm_pool results lie in the pool, without one in the handle. NULL where there is a pool and
 * libdevmapper is no part of the program.
 *
 * With libdevmapper.h included before this header, it is the caller's own dm_pool_alloc that is used.
 *
 * # Safety
 * `mem` is NULL or a pool that outlives the handle. */
struct alloc_handle *alloc_create(struct dm_pool *mem);

/* A new handle whose results lie where `allocate` says. NULL without such a function.
 *
 * # Safety
 * The arena is what the function takes, and outlives the handle. */
struct alloc_handle *alloc_create_in(void *arena, alloc_memory_fn allocate);

/* Ends a handle, and the results that lie in it. Nothing for NULL. Threads that the library started stay for the calls of
 * other handles until the program ends.
 *
 * Inside of a call of the same handle, from its log or its arena, it does nothing either: the log hears of it, and the
 * handle still has to be destroyed after that call.
 *
 * # Safety
 * The handle is NULL or one that was created and not destroyed. */
void alloc_destroy(struct alloc_handle *ah);

/* Allocates what a request wants. 1, and *result is what was allocated; or 0, *result is NULL, and alloc_error says why.
 *
 * Neither the request nor its lists are changed. Two calls give the same extents unless the first result is committed, or
 * the caller's lists have changed.
 *
 * # Safety
 * Pointers that are not NULL lead to what they are said to lead to, texts end with a zero, lists are initialised or all
 * zero. Everything else is looked at, and refused where it is wrong: lists that are broken, run into themselves or cross each
 * other, areas that overlap or are empty, numbers of any size. */
int alloc_allocate(struct alloc_handle *ah,
                   const struct alloc_request *req,
                   struct alloc_result **result);

/* What a result holds is not given out again by this handle, whatever the lists of later requests say. 0 where part of it
 * is committed already, or it is no result of this handle.
 *
 * Sources are known by their handles; those without by their addresses.
 *
 * # Safety
 * The handle is NULL or one that was created and not destroyed. The result is compared, not followed. */
int alloc_commit(struct alloc_handle *ah,
                 const struct alloc_result *result);

/* Ends all results of a handle; what was committed stays committed. A handle that is kept needs it now and then.
 * 0 inside of a call of the same handle.
 *
 * # Safety
 * The handle is NULL or one that was created and not destroyed. */
int alloc_reset(struct alloc_handle *ah);

/* Why the last call of this handle returned 0, as one line; empty where it did not. Good until the next call.
 *
 * "impossible: .." is proven: there is no such layout.
 *
 * # Safety
 * The handle is NULL or one that was created and not destroyed. */
const char *alloc_error(struct alloc_handle *ah);

/* Sends messages to a function, in the thread of the call that they are about, before it returns; NULL: to nobody.
 *
 * Until that call has returned the handle is busy: each function that is called with it from inside of the log returns 0
 * and does nothing, and alloc_error says "the handle is busy". Other handles may be used.
 *
 * # Safety
 * The function takes `data`, for as long as the handle has it. */
int alloc_set_log(struct alloc_handle *ah,
                  alloc_log_fn log,
                  void *data);

/* ALLOC_BEST or ALLOC_AS_LVM2.
 *
 * # Safety
 * The handle is NULL or one that was created and not destroyed. */
int alloc_set_mode(struct alloc_handle *ah, int mode);

/* A call ends after so many milliseconds, with the best that it has by then; 0: each method ends after its own work.
 *
 * # Safety
 * The handle is NULL or one that was created and not destroyed. */
int alloc_set_time_limit(struct alloc_handle *ah, uint64_t milliseconds);

/* How good a result is, and how good any could be.
 *
 * # Safety
 * The handle is NULL or one that was created and not destroyed, `bound` is NULL or a place for one. The result is compared,
 * not followed. */
int alloc_result_bound(struct alloc_handle *ah,
                       const struct alloc_result *result,
                       struct alloc_bound *bound);

/* The version of this library, such as "0.1.0". */
const char *alloc_version(void);

#ifdef __cplusplus
}  /* extern "C" */
#endif  /* __cplusplus */

#endif  /* ALLOC_H */

#if defined(LIB_DEVICE_MAPPER_H) && !defined(ALLOC_H_POOL)
#define ALLOC_H_POOL
/* The caller's own dm_pool_alloc: that of a program which brings a libdevmapper along is found in no library. */
static inline void *alloc_from_pool_(void *pool, size_t size)
{
    return dm_pool_alloc((struct dm_pool *) pool, size);
}

static inline struct alloc_handle *alloc_create_of_pool_(struct dm_pool *mem)
{
    return mem ? alloc_create_in(mem, alloc_from_pool_) : alloc_create(NULL);
}

#define alloc_create(mem) alloc_create_of_pool_(mem)
#endif
