//! From what a command wants to one call of the allocator.

use crate::core::Policy;
use crate::greedy::{Call, Pair, Parallel, Placement, Previous, TagRule, allocate};
use crate::lvm::existing::existing;
use crate::lvm::lengths;
use crate::lvm::parts::{image_multiple, images};
use crate::lvm::simulate::allocator::{Allocator, Ask};
use crate::lvm::simulate::allowed::{AllowedVolume, offers, range};
use crate::lvm::simulate::ledger::FreeExtents;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{
    AllocationPolicy, LogicalVolume, LvSegment, Part, SegmentType, Settings, VolumeGroup,
};

/// Companions of the legs or of the whole, as the command that allocates counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Companions {
    /// None: everything that grows, and whatever has none.
    None,
    /// This many pieces of RAID metadata, their length to be worked out.
    RaidMetadata(u64),
    /// This many mirror logs, their length to be worked out.
    MirrorLogs(u64),
    /// Metadata of a pool, in extents.
    PoolMetadata(u64),
}

/// What is wanted of the allocator.
#[derive(Clone, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) kind: SegmentType,
    pub(crate) stripes: u64,
    pub(crate) mirrors: u64,
    pub(crate) companions: Companions,
    pub(crate) region_sectors: u64,
    /// Extents to add.
    pub(crate) extents: u64,
    /// What grows, if something does.
    pub(crate) grows: Option<&'a LogicalVolume>,
    /// Whether it keeps apart from all else of the command of which this is said.
    pub(crate) apart: bool,
    /// Whether the command fails where this does not lie in one piece.
    pub(crate) in_one_piece: bool,
    pub(crate) policy: AllocationPolicy,
    pub(crate) approximate: bool,
    pub(crate) allowed: &'a [AllowedVolume],
    pub(crate) parallel: Vec<Parallel>,
    /// The name in messages.
    pub(crate) name: &'a str,
}

impl<'a> Wanted<'a> {
    /// A linear volume, or more of one.
    pub(crate) fn linear(extents: u64, allowed: &'a [AllowedVolume], name: &'a str) -> Wanted<'a> {
        Wanted {
            kind: SegmentType::Striped,
            stripes: 1,
            mirrors: 1,
            companions: Companions::None,
            region_sectors: 0,
            extents,
            grows: None,
            apart: false,
            in_one_piece: false,
            policy: AllocationPolicy::Inherit,
            approximate: false,
            allowed,
            parallel: Vec::new(),
            name,
        }
    }
}

/// What the allocator did for a request.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) placement: Placement,
    /// Logical extents gained per extent of leg.
    pub(crate) multiple: u64,
}

impl Placed {
    /// Logical extents that were added.
    pub(crate) fn extents(&self) -> u64 {
        let chunks = self.placement.chunks.iter();
        let leg: u64 = chunks
            .filter_map(|chunk| chunk.pieces.first())
            .map(|(_, range)| u64::from(range.count))
            .sum();
        leg * self.multiple
    }
}

/// The most legs that LVM2 can be brought to ask for: a mirror of 8 images with 128 stripes each.
const MOST_LEGS: u64 = 1024;

/// Asks the allocator.
///
/// # Errors
/// Its refusal in LVM2's words; more legs than LVM2 has are not covered.
pub(crate) fn place(
    pool: &impl FreeExtents,
    settings: &Allocator,
    wanted: &Wanted,
) -> Result<Placed, SimulationError> {
    let group = pool.group();
    let numbers = Numbers::of(group, settings, wanted);
    if numbers.legs.saturating_add(numbers.parity) > MOST_LEGS {
        let what = format!("more than {MOST_LEGS} legs");
        return Err(SimulationError::unsupported(what));
    }
    let mut ask = ask(wanted, &numbers);
    if settings.stands_in()
        && let Some(volume) = wanted.grows
    {
        let grown = existing(group, &volume.name);
        let grown = grown.map_err(|error| SimulationError::unsupported(error.to_string()))?;
        ask.grows = Some(grown.stretches());
    }
    let placement = match settings.place(&ask) {
        Some(placement) => placement?,
        None => place_by_lvm2(pool, settings, wanted, &numbers)?,
    };
    ask.placement = placement.clone();
    settings.note(ask);
    Ok(Placed {
        placement,
        multiple: numbers.multiple,
    })
}

/// The same with the numbers worked out.
fn ask(wanted: &Wanted, numbers: &Numbers) -> Ask {
    let stripes = if wanted.kind.is_raid() {
        1
    } else {
        wanted.stripes.max(1)
    };
    Ask {
        kind: wanted.kind,
        legs: numbers.legs.saturating_add(numbers.parity),
        stripes,
        leg_extents: wanted.extents / numbers.multiple.max(1),
        leg_metadata: if numbers.front { numbers.companion } else { 0 },
        logs: (numbers.logs, numbers.companion),
        own_sources: numbers.own_sources,
        approximate: wanted.approximate,
        in_one_piece: wanted.in_one_piece,
        policy: wanted.policy,
        allowed: wanted.allowed.to_vec(),
        avoid: wanted.parallel.clone(),
        apart: wanted.apart,
        grows: None,
        placement: Placement::default(),
    }
}

/// What LVM2's allocator makes of it.
fn place_by_lvm2(
    pool: &impl FreeExtents,
    settings: &Settings,
    wanted: &Wanted,
    numbers: &Numbers,
) -> Result<Placement, SimulationError> {
    let group = pool.group();
    let tag_rule = tag_rule(settings);
    // Without a rule nobody asks for tags.
    let tags: Vec<_> = match tag_rule {
        Some(_) => group
            .physical_volumes
            .iter()
            .map(|volume| volume.tags.clone())
            .collect(),
        None => Vec::new(),
    };
    let existing = wanted.grows.map_or(0, LogicalVolume::extents);
    let small = |number: u64| {
        u32::try_from(number)
            .map_err(|_| SimulationError::unsupported("more than 2^32 - 1 extents"))
    };
    let too_many = || SimulationError::unsupported("more than 2^32 - 1 extents on one volume");
    let target = if wanted.mirrors > 0 || wanted.stripes > 0 {
        existing
            .saturating_add(wanted.extents)
            .saturating_add(numbers.growth)
    } else {
        0
    };
    let previous = match wanted.grows {
        None => None,
        Some(volume) => previous(group, volume).ok_or_else(too_many)?,
    };
    let call = Call {
        offers: offers(pool, wanted.allowed).ok_or_else(too_many)?,
        tags: &tags,
        tag_rule,
        legs: small(numbers.legs)?,
        parity: small(numbers.parity)?,
        multiple: small(numbers.multiple)?,
        companion: small(numbers.companion)?,
        metadata: small(numbers.metadata)?,
        logs: small(numbers.logs)?,
        front: numbers.front,
        own_sources: numbers.own_sources,
        existing: if target == 0 { 0 } else { small(existing)? },
        target: small(target)?,
        policy: policy(group, wanted.policy),
        approximate: wanted.approximate,
        previous,
        parallel: wanted.parallel.clone(),
    };
    let rules = crate::greedy::Settings {
        maximise_cling: settings.maximise_cling,
        refuses_without_sources: settings.version.is_after_2_03_16(),
        refuses_short_legs: settings.version.refuses_short_legs(),
    };
    let placed = allocate(&call, &rules);
    Ok(placed.map_err(|refusal| Refusal::of_allocator(refusal, wanted.name))?)
}

/// The numbers that a request comes to.
struct Numbers {
    legs: u64,
    parity: u64,
    multiple: u64,
    companion: u64,
    metadata: u64,
    logs: u64,
    front: bool,
    own_sources: bool,
    /// Logical extents that companions in front of the legs add.
    growth: u64,
}

impl Numbers {
    fn of(group: &VolumeGroup, settings: &Settings, wanted: &Wanted) -> Numbers {
        let kind = wanted.kind;
        let stripes = if wanted.mirrors > 0 {
            wanted.stripes.max(1)
        } else {
            wanted.stripes
        };
        let legs = if wanted.mirrors > 1 {
            wanted.mirrors.saturating_mul(stripes)
        } else {
            stripes
        };
        let parity = if legs <= kind.parity() {
            0
        } else {
            kind.parity()
        };
        let all = legs.saturating_add(parity);
        let multiple = match kind {
            _ if all == 0 => 1,
            SegmentType::Linear
            | SegmentType::Striped
            | SegmentType::Raid0
            | SegmentType::Raid0Meta => all,
            SegmentType::Raid4 | SegmentType::Raid5 | SegmentType::Raid6 => {
                if all <= kind.parity() {
                    1
                } else {
                    all - kind.parity()
                }
            }
            SegmentType::Raid10 if stripes == 0 => (all / 2).max(1),
            SegmentType::Raid1
            | SegmentType::Raid10
            | SegmentType::Mirror
            | SegmentType::ThinPool
            | SegmentType::CachePool => stripes.max(1),
        };
        let extent = group.extent_size_sectors;
        let mut numbers = Numbers {
            legs,
            parity,
            multiple,
            companion: 0,
            metadata: 0,
            logs: 0,
            front: false,
            own_sources: settings.mirror_logs_require_separate_pvs,
            growth: 0,
        };
        match wanted.companions {
            Companions::None => {}
            Companions::RaidMetadata(count) => {
                let image = if kind == SegmentType::Raid1 {
                    wanted.extents
                } else {
                    let copies = if kind == SegmentType::Raid10 {
                        wanted.mirrors
                    } else {
                        1
                    };
                    wanted
                        .extents
                        .saturating_mul(copies)
                        .div_ceil(stripes.max(1))
                };
                let length = lengths::raid_metadata(image, extent, wanted.region_sectors);
                numbers.companion = length;
                numbers.metadata = count;
                numbers.front = length > 0;
                numbers.growth = length.saturating_mul(if kind == SegmentType::Raid1 {
                    1
                } else {
                    multiple
                });
            }
            Companions::MirrorLogs(count) => {
                let has = wanted.grows.map_or(0, LogicalVolume::extents);
                let total = has.saturating_add(wanted.extents);
                let area = total / multiple;
                numbers.companion = lengths::mirror_log(area, extent, wanted.region_sectors);
                numbers.logs = count;
            }
            Companions::PoolMetadata(extents) => {
                numbers.companion = extents;
                if kind == SegmentType::CachePool {
                    numbers.own_sources = settings.cache_pool_metadata_require_separate_pvs;
                    numbers.metadata = 1;
                    numbers.front = !numbers.own_sources;
                    numbers.growth = if numbers.front { extents } else { 0 };
                } else {
                    numbers.own_sources = settings.thin_pool_metadata_require_separate_pvs;
                    numbers.logs = 1;
                }
            }
        }
        numbers
    }
}

/// The policy in force; `inherit` is that of the group.
pub(crate) fn policy(group: &VolumeGroup, policy: AllocationPolicy) -> Policy {
    match policy {
        AllocationPolicy::Contiguous => Policy::Contiguous,
        AllocationPolicy::Cling => Policy::Cling,
        AllocationPolicy::ClingByTags => Policy::ClingByTags,
        AllocationPolicy::Normal => Policy::Normal,
        AllocationPolicy::Anywhere => Policy::Anywhere,
        AllocationPolicy::Inherit => match group.policy {
            AllocationPolicy::Contiguous => Policy::Contiguous,
            AllocationPolicy::Cling => Policy::Cling,
            AllocationPolicy::ClingByTags => Policy::ClingByTags,
            AllocationPolicy::Anywhere => Policy::Anywhere,
            AllocationPolicy::Normal | AllocationPolicy::Inherit => Policy::Normal,
        },
    }
}

fn tag_rule(settings: &Settings) -> Option<TagRule> {
    let list = &settings.cling_tag_list;
    if list.is_empty() {
        return None;
    }
    let names = list.iter().filter_map(|entry| entry.strip_prefix('@'));
    if names.clone().any(|name| name == "*") {
        return Some(TagRule::Any);
    }
    let listed = names.filter(|name| !name.is_empty());
    Some(TagRule::Listed(listed.map(str::to_string).collect()))
}

/// What a volume has, for one that grows: `Some(None)` where it has nothing yet, `None` past 32 bits.
fn previous(group: &VolumeGroup, volume: &LogicalVolume) -> Option<Option<Previous>> {
    let (Some(first), Some(last)) = (volume.segments.first(), volume.segments.last()) else {
        return Some(None);
    };
    let end = last.start_extent + last.extent_count;
    Some(Some(Previous {
        legs: images(last).len(),
        first: pairs(group, first, first.start_extent)?,
        last: pairs(group, last, end.saturating_sub(1))?,
        end: u32::try_from(end).ok()?,
    }))
}

/// The segment that holds a logical extent; segments are in order.
fn segment_at(volume: &LogicalVolume, extent: u64) -> Option<&LvSegment> {
    let starts = |segment: &LvSegment| segment.start_extent <= extent;
    let behind = volume.segments.partition_point(starts);
    let segment = volume.segments.get(behind.checked_sub(1)?)?;
    (extent < segment.start_extent + segment.extent_count).then_some(segment)
}

/// Where the legs of a segment lie at one logical extent of it.
fn pairs(group: &VolumeGroup, segment: &LvSegment, extent: u64) -> Option<Vec<Pair>> {
    let mut pairs = Vec::new();
    for (leg, part) in images(segment).into_iter().enumerate() {
        match part {
            Part::Physical { .. } => {
                let (source, area) = segment.physical().nth(leg)?;
                pairs.push(Pair {
                    leg,
                    source,
                    range: range(area)?,
                });
            }
            Part::Logical { volume, .. } => {
                let at = (extent - segment.start_extent) / image_multiple(segment);
                let Some(image) = group.logical_volume(volume) else {
                    continue;
                };
                let Some(inner) = segment_at(image, at) else {
                    continue;
                };
                // Where images have stripes, LVM2 numbers all of these one after the other.
                let stripes = inner.parts.len();
                for (stripe, (source, area)) in inner.physical().enumerate() {
                    pairs.push(Pair {
                        leg: leg * stripes + stripe,
                        source,
                        range: range(area)?,
                    });
                }
            }
        }
    }
    Some(pairs)
}
