//! The structures of the header, as C lays them out.

use std::ffi::{c_char, c_int, c_void};

/// A list of libdevmapper: a head and its members, linked both ways and round.
#[repr(C)]
pub struct DmList {
    /// The next member, or the head behind the last.
    pub n: *mut DmList,
    /// The member before, or the head before the first.
    pub p: *mut DmList,
}

/// A word in a list of libdevmapper.
#[repr(C)]
pub struct DmStrList {
    /// Its place in the list.
    pub list: DmList,
    /// The word.
    pub str: *const c_char,
}

/// A pool of libdevmapper: memory that is given back all at once.
pub struct DmPool(());

/// A run of free extents.
#[repr(C)]
pub struct AllocArea {
    /// The first extent.
    pub start: u64,
    /// How many extents; at least 1.
    pub length: u64,
    /// The caller's; it comes back with each segment that is cut from this area.
    pub handle: *mut c_void,
    /// Its tags, struct dm_str_list, beside those of its source; all zero is empty.
    pub tags: DmList,
    /// Its place in the areas of its source.
    pub list: DmList,
}

/// What has extents to give.
#[repr(C)]
pub struct AllocSource {
    /// The caller's; it comes back with each segment. No two sources of a request have the same one, unless it is NULL.
    /// It is what alloc_commit remembers a source by; where it is NULL, that is the address of this structure.
    pub handle: *mut c_void,
    /// The free areas, struct alloc_area, in any order; they must not overlap. Areas that touch count as one, unless
    /// their tags differ.
    pub areas: DmList,
    /// Its extents, free or not; 0: as far as its areas reach.
    pub total_extents: u64,
    /// Its tags, struct dm_str_list; all zero is empty.
    pub tags: DmList,
    /// Its place in the sources of a request.
    pub list: DmList,
}

/// Which areas are taken: one of ALLOC_NORMAL, ALLOC_CONTIGUOUS, ALLOC_CLING, ALLOC_CLING_BY_TAGS, ALLOC_ANYWHERE.
pub type AllocPolicy = u32;

/// Any areas. What a zeroed request asks for.
pub const ALLOC_NORMAL: u32 = 0;
/// Each leg in one area; areas that touch are one, unless their tags differ. A leg that grows goes on at its next extent.
pub const ALLOC_CONTIGUOUS: u32 = 1;
/// Each leg on one source; a leg that grows stays on the sources that it has.
pub const ALLOC_CLING: u32 = 2;
/// Each area of a leg is on a source that the leg has already, or shares one of the cling tags, of its own or of its
/// source, with one that the leg has. It needs cling tags; "*" where there are no tags is ALLOC_CLING.
pub const ALLOC_CLING_BY_TAGS: u32 = 3;
/// Any areas, and legs may share sources whatever `separation` says: two copies may lie on one source.
pub const ALLOC_ANYWHERE: u32 = 4;

/// Legs on different sources throughout where there are copies or parity, else at each offset.
pub const ALLOC_APART_AS_NEEDED: u32 = 0;
/// At each offset the legs are on different sources.
pub const ALLOC_APART_AT_EACH_OFFSET: u32 = 1;
/// No source holds extents of two legs.
pub const ALLOC_APART_THROUGHOUT: u32 = 2;
/// Legs may share sources.
pub const ALLOC_APART_NOT: u32 = 3;

/// What is wanted. Zeroed members mean what they say; a request needs extents_needed, parallel_areas and sources.
#[repr(C)]
pub struct AllocRequest {
    /// Extents to allocate, copies and parity not counted; a multiple of parallel_areas.
    pub extents_needed: u64,
    /// Legs that share the data: 1, or the stripes; at least 1.
    pub parallel_areas: u32,
    /// Legs that hold parity, besides.
    pub parity_areas: u32,
    /// How often all data is held; 0 and 1: once. RAID10 of two stripes: parallel_areas 2, copies 2.
    pub copies: u32,
    /// The policy.
    pub policy: AllocPolicy,
    /// How legs are kept apart: one of ALLOC_APART_AS_NEEDED, ALLOC_APART_AT_EACH_OFFSET, ALLOC_APART_THROUGHOUT,
    /// ALLOC_APART_NOT. The policy ALLOC_ANYWHERE overrules it: its legs are not kept apart.
    pub separation: u32,
    /// Not 0: fewer extents than needed will do, as many as there are, at least one in each leg.
    pub at_most: c_int,
    /// Extents in front of the first segment of each leg, for its metadata; 0: none.
    pub metadata_extents: u64,
    /// The sources, struct alloc_source, in order of preference where nothing else decides.
    pub sources: *mut DmList,
    /// Sources that the legs are to lie on as far as can be, before anything else but shortfall counts: struct alloc_segment,
    /// of which source_handle (or source) and list are read, as `allocated` of an earlier result has them. Each is one of
    /// `sources`. NULL: no preference.
    pub cling_sources: *mut DmList,
    /// A tag that ALLOC_CLING_BY_TAGS and partition_by_tags go by, "*" for every tag; NULL: none.
    pub cling_tag: *const c_char,
    /// More such tags, struct dm_str_list; NULL: none.
    pub cling_tags: *mut DmList,
    /// Not 0: no two legs in areas that share one of the cling tags, of their own or of their sources, or where none is
    /// given, any tag.
    pub partition_by_tags: c_int,
    /// The segments that the legs have already and go on from, as an earlier result has them, or as the caller wrote them
    /// down: a result of which parallel_count, allocated and of each segment source_handle (or source), start, length and
    /// list are read. NULL: nothing grows.
    pub grows: *const AllocResult,
    /// Only areas with one of these tags may be used, of their own or of their sources, struct dm_str_list; NULL: all.
    pub area_tags: *mut DmList,
}

/// A run of extents that was allocated.
#[repr(C)]
pub struct AllocSegment {
    /// The handle of its source.
    pub source_handle: *mut c_void,
    /// The handle of the area that it is cut from.
    pub area_handle: *mut c_void,
    /// The source, for those who give them no handles. It is compared, never followed.
    pub source: *const AllocSource,
    /// The first extent.
    pub start: u64,
    /// How many extents.
    pub length: u64,
    /// Its place in its leg.
    pub list: DmList,
}

/// What was allocated. It lives as long as the pool or arena that it lies in, else until alloc_reset or alloc_destroy.
#[repr(C)]
pub struct AllocResult {
    /// Extents, copies and parity not counted.
    pub extents_allocated: u64,
    /// How many legs: parallel_areas * copies + parity_areas, parity last.
    pub parallel_count: u32,
    /// By leg its segments, struct alloc_segment, in order. A segment that crosses from one area of the caller to the next is
    /// cut there.
    pub allocated: *mut *mut DmList,
    /// By leg the extents of its metadata, struct alloc_segment; NULL: none were asked for.
    pub metadata: *mut *mut DmList,
}

/// How good a result is. Measures are compared in this order: shortfall, elsewhere, segments, sources.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct AllocBound {
    /// Extents less than wanted, where fewer will do.
    pub shortfall: u64,
    /// Extents of legs on other sources than those of cling_sources, where there are such.
    pub elsewhere: u64,
    /// Segments. Stripes without copies or parity are cut together, which counts once; areas that touch
    /// are one, unless their tags differ.
    pub segments: u64,
    /// Sources used.
    pub sources: u64,
    /// No layout falls shorter.
    pub least_shortfall: u64,
    /// No layout has fewer extents elsewhere, of those that fall no shorter than it says.
    pub least_elsewhere: u64,
    /// No layout has fewer segments, of those with no more extents elsewhere.
    pub least_segments: u64,
    /// No layout uses fewer sources, of those with no more segments.
    pub least_sources: u64,
    /// 1: proven, no layout is better; 0: not proven.
    pub is_best: c_int,
}

/// What LVM2 does, step for step. It proves nothing.
pub const ALLOC_AS_LVM2: c_int = 1;
/// The best layout, proven where a proof is found, or a proof that there is none. What a new handle does.
pub const ALLOC_BEST: c_int = 2;

/// A message about what went wrong.
pub const ALLOC_LOG_ERROR: c_int = 3;
/// A message about what is asked and answered.
pub const ALLOC_LOG_INFO: c_int = 6;
/// A message about a layout that was found on the way.
pub const ALLOC_LOG_DEBUG: c_int = 7;

/// Hands out memory: `size` bytes for 64-bit members, or NULL. Nothing is ever given back.
pub type AllocMemoryFn =
    Option<unsafe extern "C" fn(arena: *mut c_void, size: usize) -> *mut c_void>;

/// Gets messages. It may use other handles than the one that it hears of, but must return: no longjmp, no exception.
pub type AllocLogFn =
    Option<unsafe extern "C" fn(data: *mut c_void, level: c_int, message: *const c_char)>;
