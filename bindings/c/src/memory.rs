//! Where results lie: one block each, in the arena of the caller or in the handle.
#![allow(unsafe_code, reason = "results are read by C")]

use std::alloc::{Layout, LayoutError, alloc, dealloc};
use std::ffi::c_void;
use std::ptr::{NonNull, null_mut};

use crate::fault::Fault;
use crate::types::{AllocMemoryFn, AllocResult, AllocSegment, AllocSource, DmList};

/// Who has memory for results.
#[derive(Clone, Copy)]
pub(crate) enum Memory {
    /// The handle.
    Own,
    /// The caller.
    Arena(*mut c_void, AllocMemoryFn),
}

/// A run of extents as it goes to the caller.
pub(crate) struct Piece {
    pub(crate) source_handle: *mut c_void,
    pub(crate) area_handle: *mut c_void,
    pub(crate) source: *const AllocSource,
    pub(crate) start: u64,
    pub(crate) length: u64,
}

/// What goes to the caller.
pub(crate) struct Outcome {
    pub(crate) extents: u64,
    /// How many legs.
    pub(crate) legs: usize,
    /// Whether each leg has metadata.
    pub(crate) has_metadata: bool,
    /// The pieces of the legs, behind them those of their metadata; each with its list, the first of which is 0.
    pub(crate) pieces: Vec<(usize, Piece)>,
}

/// Memory of the handle, given back with it.
pub(crate) struct Block(NonNull<u8>, Layout);

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout, and this is its only owner.
        unsafe { dealloc(self.0.as_ptr(), self.1) }
    }
}

/// Where in a block what lies.
struct Places {
    layout: Layout,
    pointers: usize,
    heads: usize,
    segments: usize,
}

impl Places {
    fn of(lists: usize, segments: usize) -> Result<Places, LayoutError> {
        let layout = Layout::new::<AllocResult>();
        let (layout, pointers) = layout.extend(Layout::array::<*mut DmList>(lists)?)?;
        let (layout, heads) = layout.extend(Layout::array::<DmList>(lists)?)?;
        let (layout, segments) = layout.extend(Layout::array::<AllocSegment>(segments)?)?;
        Ok(Places {
            layout: layout.pad_to_align(),
            pointers,
            heads,
            segments,
        })
    }
}

/// Writes a result down; the block is the handle's to keep, where it is the handle's.
pub(crate) fn write(
    outcome: &Outcome,
    memory: Memory,
) -> Result<(*mut AllocResult, Option<Block>), Fault> {
    let legs = outcome.legs;
    let lists = match outcome.has_metadata {
        true => legs * 2,
        false => legs,
    };
    let places = Places::of(lists, outcome.pieces.len()).map_err(|_| Fault::NoMemory)?;
    let (start, block) = space(places.layout, memory)?;
    let result = start.as_ptr().cast::<AllocResult>();
    // SAFETY: all four lie inside of the block, behind each other, as `Places` says; the block has the alignment of
    // its layout, and nobody else knows of it yet.
    unsafe {
        let pointers = start.as_ptr().add(places.pointers).cast::<*mut DmList>();
        let heads = start.as_ptr().add(places.heads).cast::<DmList>();
        let segments = start.as_ptr().add(places.segments).cast::<AllocSegment>();
        for list in 0..lists {
            let head = heads.add(list);
            head.write(DmList { n: head, p: head });
            pointers.add(list).write(head);
        }
        for (place, (list, piece)) in outcome.pieces.iter().enumerate() {
            assert!(*list < lists, "a piece is in one of the lists");
            let (segment, head) = (segments.add(place), heads.add(*list));
            let last = (*head).p;
            segment.write(AllocSegment {
                source_handle: piece.source_handle,
                area_handle: piece.area_handle,
                source: piece.source,
                start: piece.start,
                length: piece.length,
                list: DmList { n: head, p: last },
            });
            let link = &raw mut (*segment).list;
            (*last).n = link;
            (*head).p = link;
        }
        result.write(AllocResult {
            extents_allocated: outcome.extents,
            parallel_count: u32::try_from(legs).map_err(|_| Fault::NoMemory)?,
            allocated: pointers,
            metadata: match outcome.has_metadata {
                true => pointers.add(legs),
                false => null_mut(),
            },
        });
    }
    Ok((result, block))
}

fn space(layout: Layout, memory: Memory) -> Result<(NonNull<u8>, Option<Block>), Fault> {
    match memory {
        Memory::Own => {
            // SAFETY: the layout is not empty, it begins with a result.
            let start = NonNull::new(unsafe { alloc(layout) }).ok_or(Fault::NoMemory)?;
            Ok((start, Some(Block(start, layout))))
        }
        Memory::Arena(arena, allocate) => {
            let allocate = allocate.ok_or(Fault::Null("the function of the arena"))?;
            // SAFETY: the caller promised that this function takes these two.
            let start = unsafe { allocate(arena, layout.size()) }.cast::<u8>();
            let start = NonNull::new(start).ok_or(Fault::NoMemory)?;
            match start.addr().get().is_multiple_of(layout.align()) {
                true => Ok((start, None)),
                false => Err(Fault::Misaligned("what the arena gave")),
            }
        }
    }
}
