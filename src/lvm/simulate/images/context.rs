//! What every step of a conversion of images needs to know.

use crate::greedy::Parallel;
use crate::lvm::simulate::allocator::Allocator;
use crate::lvm::simulate::allowed::AllowedVolume;
use crate::lvm::simulate::build::volume_mut;
use crate::lvm::simulate::lvconvert::asked::Conversion;
use crate::lvm::simulate::request::{Companions, Wanted};
use crate::lvm::{AllocationPolicy, LvSegment, SegmentType, Sign, VolumeGroup};

/// The parts of a conversion's context that every step of it needs.
pub(crate) struct Context<'a> {
    pub(crate) conversion: &'a Conversion,
    pub(crate) settings: &'a Allocator<'a>,
    pub(crate) allowed: Vec<AllowedVolume>,
    pub(crate) name: &'a str,
    pub(crate) policy: AllocationPolicy,
    pub(crate) extents: u64,
    pub(crate) region_sectors: u64,
}

/// Images that there shall be; `default` without `-m`.
pub(crate) fn wanted_images(conversion: &Conversion, there_are: u64, default: u64) -> u64 {
    match conversion.mirrors {
        None => default,
        Some((Sign::Absolute, mirrors)) => mirrors.saturating_add(1),
        Some((Sign::Plus, more)) => there_are.saturating_add(more),
        Some((Sign::Minus, fewer)) => there_are.saturating_sub(fewer).max(1),
    }
}

pub(crate) fn wanted<'a>(context: &'a Context, allowed: &'a [AllowedVolume]) -> Wanted<'a> {
    Wanted {
        region_sectors: context.region_sectors,
        policy: context.policy,
        ..Wanted::linear(context.extents, allowed, "")
    }
}

/// So many images of `length` extents, each with its metadata, beside those that there are.
pub(crate) fn new_images<'a>(
    context: &'a Context,
    count: u64,
    length: u64,
    parallel: Vec<Parallel>,
) -> Wanted<'a> {
    Wanted {
        kind: SegmentType::Raid0Meta,
        stripes: 0,
        mirrors: count,
        companions: Companions::RaidMetadata(count),
        extents: length.saturating_mul(count),
        parallel,
        ..wanted(context, &context.allowed)
    }
}

pub(crate) fn last_segment<'a>(
    group: &'a mut VolumeGroup,
    name: &str,
) -> Option<&'a mut LvSegment> {
    volume_mut(group, name).and_then(|volume| volume.segments.last_mut())
}
