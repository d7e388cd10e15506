//! A request of C as plain values.
#![allow(unsafe_code, reason = "what C hands in are pointers")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::c_void;
use std::mem::offset_of;

use extentplan::core::{Area, MAX_LEGS};

use crate::fault::Fault;
use crate::list::{at, members, word, words};
use crate::types::{AllocArea, AllocRequest, AllocResult, AllocSegment, AllocSource, DmList};

/// What a source is known by over several calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    /// The caller's handle.
    Handle(usize),
    /// The address of the structure, where there is no handle.
    Source(usize),
}

impl Key {
    fn of(handle: *mut c_void, source: *const AllocSource) -> Key {
        match handle.is_null() {
            true => Key::Source(source.addr()),
            false => Key::Handle(handle.addr()),
        }
    }
}

/// A source of the caller.
pub(crate) struct GivenSource {
    pub(crate) key: Key,
    pub(crate) handle: *mut c_void,
    pub(crate) address: *const AllocSource,
    /// 0: as far as its areas reach.
    pub(crate) extents: u64,
    /// In ascending order, none over another, each with its handle.
    pub(crate) areas: Vec<(Area, *mut c_void)>,
    pub(crate) tags: BTreeSet<String>,
    /// By tag the areas that have it beside those of the source.
    pub(crate) area_tags: BTreeMap<String, Vec<Area>>,
}

/// Per leg what it has already.
pub(crate) type Grown = Vec<Vec<(Key, Area)>>;

/// A request of the caller.
pub(crate) struct Given {
    pub(crate) extents: u64,
    pub(crate) stripes: u64,
    pub(crate) copies: u64,
    pub(crate) parity: u64,
    pub(crate) policy: u32,
    pub(crate) separation: u32,
    pub(crate) at_most: bool,
    pub(crate) metadata: u64,
    pub(crate) sources: Vec<GivenSource>,
    pub(crate) cling_sources: Vec<Key>,
    pub(crate) cling_tags: BTreeSet<String>,
    pub(crate) area_tags: BTreeSet<String>,
    pub(crate) partition_by_tags: bool,
    pub(crate) grows: Option<Grown>,
}

/// Reads a request with all that hangs on it.
///
/// # Safety
/// The address is NULL or that of a request; where its members lead there is what the header says, or NULL.
pub(crate) unsafe fn request(request: *const AllocRequest) -> Result<Given, Fault> {
    // SAFETY: promised by the caller, as for each that follows.
    let asked = unsafe { at(request, "the request") }?;
    let copies = u64::from(asked.copies.max(1));
    let stripes = u64::from(asked.parallel_areas);
    let parity = u64::from(asked.parity_areas);
    let link = offset_of!(AllocSource, list);
    // SAFETY: see above.
    let sources = unsafe { members::<AllocSource>(asked.sources, link, "sources") }?;
    let sources = sources.enumerate();
    // SAFETY: see above.
    let sources = sources.map(|(index, of)| unsafe { source(index, of?) });
    let sources = sources.collect::<Result<_, _>>()?;
    // SAFETY: see above.
    let mut cling_tags =
        unsafe { words_if_any(asked.cling_tags, "cling_tags", "a tag of cling_tags") }?;
    if !asked.cling_tag.is_null() {
        // SAFETY: see above.
        cling_tags.insert(unsafe { word(asked.cling_tag, "cling_tag") }?);
    }
    let cling_sources = match asked.cling_sources.is_null() {
        true => Vec::new(),
        // SAFETY: see above.
        false => unsafe { segments(asked.cling_sources, "cling_sources") }?
            .map(|segment| segment.map(|s| Key::of(s.source_handle, s.source)))
            .collect::<Result<_, _>>()?,
    };
    let grows = match asked.grows.is_null() {
        true => None,
        // SAFETY: see above.
        false => Some(unsafe { grown(asked.grows, stripes * copies + parity) }?),
    };
    Ok(Given {
        extents: asked.extents_needed,
        stripes,
        copies,
        parity,
        policy: asked.policy,
        separation: asked.separation,
        at_most: asked.at_most != 0,
        metadata: asked.metadata_extents,
        sources,
        cling_sources,
        cling_tags,
        // SAFETY: see above.
        area_tags: unsafe { words_if_any(asked.area_tags, "area_tags", "a tag of area_tags") }?,
        partition_by_tags: asked.partition_by_tags != 0,
        grows,
    })
}

/// # Safety
/// As [`request`].
unsafe fn source(source_index: usize, source: &AllocSource) -> Result<GivenSource, Fault> {
    let link = offset_of!(AllocArea, list);
    // SAFETY: promised by the caller, as for what follows.
    let given = unsafe { members::<AllocArea>(&raw const source.areas, link, "areas") }?;
    let mut areas = Vec::new();
    let mut area_tags: BTreeMap<String, Vec<Area>> = BTreeMap::new();
    for (area, given) in given.enumerate() {
        let given = given?;
        if given.length == 0 {
            return Err(Fault::EmptyArea { source_index, area });
        }
        let run = Area::new(given.start, given.length);
        let run = run.ok_or(Fault::AreaTooLong { source_index, area })?;
        areas.push((run, given.handle));
        // SAFETY: see above.
        for tag in unsafe {
            words(
                &raw const given.tags,
                "the tags of an area",
                "a tag of an area",
            )
        }? {
            area_tags.entry(tag?).or_default().push(run);
        }
    }
    areas.sort_unstable_by_key(|(area, _)| *area);
    for pair in areas.windows(2) {
        if let [(first, _), (second, _)] = pair
            && second.start() < first.end()
        {
            return Err(Fault::Overlap {
                source_index,
                first: first.start(),
                second: second.start(),
            });
        }
    }
    let address = &raw const *source;
    Ok(GivenSource {
        key: Key::of(source.handle, address),
        handle: source.handle,
        address,
        extents: source.total_extents,
        areas,
        // SAFETY: see above.
        tags: unsafe {
            words(
                &raw const source.tags,
                "the tags of a source",
                "a tag of a source",
            )
        }?
        .collect::<Result<_, _>>()?,
        area_tags,
    })
}

/// The words of a list, none where there is no list.
///
/// # Safety
/// As [`request`].
unsafe fn words_if_any(
    head: *const DmList,
    what: &'static str,
    one: &'static str,
) -> Result<BTreeSet<String>, Fault> {
    match head.is_null() {
        true => Ok(BTreeSet::new()),
        // SAFETY: promised by the caller.
        false => unsafe { words(head, what, one) }?.collect(),
    }
}

/// The segments of a list.
///
/// # Safety
/// As [`request`].
unsafe fn segments<'a>(
    head: *const DmList,
    what: &'static str,
) -> Result<impl Iterator<Item = Result<&'a AllocSegment, Fault>>, Fault> {
    // SAFETY: promised by the caller.
    unsafe { members(head, offset_of!(AllocSegment, list), what) }
}

/// # Safety
/// As [`request`].
unsafe fn grown(result: *const AllocResult, legs: u64) -> Result<Grown, Fault> {
    // SAFETY: promised by the caller, as for what follows.
    let result = unsafe { at(result, "what grows") }?;
    let given = result.parallel_count;
    if u64::from(given) != legs || legs > MAX_LEGS {
        return Err(Fault::OtherLegs { given, legs });
    }
    let heads = result.allocated.cast_const();
    let mut grown = Vec::new();
    for leg in 0..given as usize {
        // SAFETY: see above: there are as many heads as legs.
        let head = *unsafe { at(heads.wrapping_add(leg), "`allocated` of what grows") }?;
        // SAFETY: see above.
        let segments = unsafe { segments(head, "what grows") }?.map(|segment| {
            let segment = segment?;
            let area = Area::new(segment.start, segment.length);
            let key = Key::of(segment.source_handle, segment.source);
            area.map(|area| (key, area))
                .ok_or(Fault::GrowsNothing { leg })
        });
        grown.push(segments.collect::<Result<_, _>>()?);
    }
    Ok(grown)
}
