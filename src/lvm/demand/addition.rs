//! How many extents the size of an `lvextend` comes to, and how what is added is laid out.

use std::collections::BTreeSet;

use crate::lvm::lengths;
use crate::lvm::parts::{image_multiple, images, origin_extents, with_parts};
use crate::lvm::{
    Amount, DemandError, LogicalVolume, LvCommand, LvSegment, Part, PercentOf, SegmentType,
    Settings, Sign, SizeArgument, VolumeGroup,
};

/// How a volume is laid out, as far as what it grows by has to be laid out alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inherited {
    pub(crate) kind: SegmentType,
    pub(crate) stripes: u64,
    /// Copies; 0 where there is no redundancy, as LVM2 passes it.
    pub(crate) mirrors: u64,
    pub(crate) stripe_sectors: u64,
    shares: Shares,
}

impl Inherited {
    /// Extents of one row of stripes.
    fn boundary(&self, group: &VolumeGroup) -> u64 {
        lengths::row(self.stripes, self.stripe_sectors, group.extent_size_sectors)
    }
}

/// What extents of physical volumes come to in a volume: LVM2 counts those of its metadata as data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shares {
    kind: SegmentType,
    images: u64,
    /// Of the images, those that hold data.
    data: u64,
    /// Logical extents per extent of an image.
    multiple: u64,
}

impl Shares {
    /// Those of a volume that ends in a segment.
    pub(crate) fn of(last: &LvSegment, kind: SegmentType) -> Self {
        let images = images(last).len() as u64;
        Shares {
            kind,
            images,
            data: images.saturating_sub(kind.parity()).max(1),
            multiple: image_multiple(last),
        }
    }

    /// Logical extents, rows of stripes that are not whole included.
    pub(crate) fn logical(&self, physical: u64) -> u64 {
        physical.saturating_mul(self.multiple) / self.data
    }

    /// The whole of a volume of `has` extents that has as much of physical volumes, which is less than it has now,
    /// and whether LVM2 rounds it to rows of stripes: not what is stored in pairs. `None` where only its metadata
    /// makes it less: LVM2 then takes the share of the command, as it is, for the whole.
    pub(crate) fn short(&self, physical: u64, has: u64) -> Option<(u64, bool)> {
        let in_images = has / self.multiple.max(1) * self.images;
        let is_paired = self.kind == SegmentType::Raid10;
        (physical <= in_images || is_paired).then(|| (self.logical(physical), !is_paired))
    }
}

/// Extents rounded up to a boundary, or down where that would be more than `most`; `None` if there is no such
/// number.
pub(crate) fn to_boundary(extents: u64, boundary: u64, most: u64) -> Option<u64> {
    let over = extents % boundary;
    if over == 0 {
        return Some(extents);
    }
    let up = (extents - over).checked_add(boundary)?;
    Some(if up <= most { up } else { extents - over })
}

/// What is to be added, worked out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addition {
    pub(crate) extents: u64,
    pub(crate) approximate: bool,
    pub(crate) inherited: Inherited,
}

/// What percentages are taken of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// Free extents of the group.
    pub(crate) free: u64,
    /// Of these, those that the command may use.
    pub(crate) allowed: u64,
}

/// How many extents a size comes to for a volume that has some.
///
/// # Errors
/// [`DemandError`].
pub(crate) fn added_extents(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
    name: &str,
    size: SizeArgument,
    room: Room,
) -> Result<Addition, DemandError> {
    let volume = group.logical_volume(name);
    let volume = volume.ok_or_else(|| DemandError::NoSuchLogicalVolume {
        group: group.name.clone(),
        name: name.to_string(),
    })?;
    let inherited = inherited(group, command, settings, volume)?;
    let has = volume.extents();
    let free = room.free;
    let total = group.extent_count();
    let stripes = inherited.stripes;
    let kind = inherited.kind;
    let rounds = kind.is_raid() && kind != SegmentType::Raid1;
    let origin = origin_extents(group, name);
    if let Amount::Percent {
        of: PercentOf::Origin,
        ..
    } = size.amount
        && origin.is_none()
    {
        return Err(DemandError::NoOrigin);
    }
    let too_large = || DemandError::TooLarge {
        name: name.to_string(),
    };
    let not_larger = |extents: u64| {
        let is_striped = command.stripes.is_some() || command.stripe_size_sectors.is_some();
        // LVM2 does not round here what is stored in pairs, nor by stripes that are no RAID's and given.
        let rounded = if kind == SegmentType::Raid10 || !kind.is_raid() && is_striped {
            extents
        } else {
            extents.checked_next_multiple_of(stripes).unwrap_or(extents)
        };
        if rounded == has {
            DemandError::SameSize {
                existing: has,
                asked: extents,
            }
        } else {
            DemandError::NotLarger {
                found: rounded,
                existing: has,
            }
        }
    };
    let counted = |extents: u64| {
        let extents = if rounds {
            extents
                .checked_next_multiple_of(stripes)
                .ok_or_else(too_large)?
        } else {
            extents
        };
        // What is less is looked at by whole rows of stripes, and may be more then.
        let boundary = inherited.boundary(group);
        let whole = match extents < has && kind.parity() > 0 {
            true => extents
                .checked_next_multiple_of(boundary)
                .ok_or_else(too_large)?,
            false => extents,
        };
        match size.sign {
            Sign::Plus => Ok((extents, boundary)),
            Sign::Absolute if extents > has => Ok((extents - has, boundary)),
            Sign::Absolute if whole > has => Ok((whole - has, 1)),
            Sign::Absolute | Sign::Minus => Err(not_larger(whole)),
        }
    };
    let ((mut extents, boundary), is_percent, approximate) = match size.amount {
        Amount::Extents(extents) => (counted(extents)?, false, false),
        Amount::Sectors(sectors) => {
            let extents = sectors.div_ceil(group.extent_size_sectors);
            (counted(extents)?, false, false)
        }
        Amount::Percent { percent, of } => {
            let share = |whole: u64| {
                let share = (u128::from(whole) * u128::from(percent)).div_ceil(100);
                u64::try_from(share).unwrap_or(u64::MAX)
            };
            let is_absolute = size.sign == Sign::Absolute;
            let approximate = match of {
                PercentOf::Free => true,
                PercentOf::VolumeGroup | PercentOf::PhysicalVolumes => is_absolute,
                PercentOf::LogicalVolume | PercentOf::Origin => false,
            };
            let physical = match of {
                PercentOf::VolumeGroup if is_absolute => share(total).min(has.saturating_add(free)),
                PercentOf::VolumeGroup => share(total),
                PercentOf::Free => share(free),
                PercentOf::PhysicalVolumes if command.physical_volumes.is_empty() => share(total),
                PercentOf::PhysicalVolumes => share(room.allowed),
                PercentOf::LogicalVolume => share(has),
                PercentOf::Origin => share(origin.unwrap_or_default()),
            };
            let of_volume = matches!(of, PercentOf::LogicalVolume | PercentOf::Origin);
            let logical = |physical: u64| match (of, kind) {
                (PercentOf::LogicalVolume | PercentOf::Origin, _)
                | (
                    _,
                    SegmentType::Linear
                    | SegmentType::Striped
                    | SegmentType::Raid0
                    | SegmentType::Raid0Meta,
                ) => physical,
                _ => {
                    let logical = inherited.shares.logical(physical);
                    logical - logical % inherited.shares.multiple
                }
            };
            let existing = match of {
                PercentOf::LogicalVolume | PercentOf::Origin => has,
                PercentOf::VolumeGroup | PercentOf::Free | PercentOf::PhysicalVolumes => {
                    physical_extents(group, name)
                }
            };
            let added = if !is_absolute {
                logical(physical)
            } else if physical > existing {
                logical(physical - existing)
            } else if physical == existing && !of_volume {
                return Err(DemandError::SameSize {
                    existing: has,
                    asked: has,
                });
            } else {
                // Short of what is there already the share is taken for the whole.
                let (whole, is_rounded) = match of_volume {
                    true => (physical, true),
                    false => inherited
                        .shares
                        .short(physical, has)
                        .unwrap_or((physical, false)),
                };
                if whole <= has && kind.parity() == 0 {
                    return Err(not_larger(whole));
                }
                // Here LVM2 rounds the whole.
                let boundary = if is_rounded {
                    inherited.boundary(group)
                } else {
                    1
                };
                let asked = whole;
                let whole = to_boundary(whole, boundary, has.saturating_add(free));
                let whole = whole.ok_or_else(too_large)?;
                if whole == has {
                    return Err(DemandError::SameSize {
                        existing: has,
                        asked,
                    });
                }
                if whole < has {
                    return Err(not_larger(whole));
                }
                return Ok(Addition {
                    extents: whole - has,
                    approximate,
                    inherited,
                });
            };
            ((added, inherited.boundary(group)), true, approximate)
        }
    };
    if extents == 0 {
        return Err(DemandError::SameSize {
            existing: has,
            asked: has,
        });
    }
    let asked = extents;
    let most = if is_percent { free } else { u64::MAX };
    extents = to_boundary(asked, boundary, most).ok_or_else(too_large)?;
    if extents == 0 {
        return Err(DemandError::SameSize {
            existing: has,
            asked: has.saturating_add(asked),
        });
    }
    Ok(Addition {
        extents,
        approximate,
        inherited,
    })
}

/// Extents of physical volumes under a volume, metadata and logs included.
pub(crate) fn physical_extents(group: &VolumeGroup, name: &str) -> u64 {
    let names = with_parts(group, name);
    let volumes = names.iter().filter_map(|name| group.logical_volume(name));
    let segments = volumes.flat_map(|volume| &volume.segments);
    let pieces = segments.flat_map(LvSegment::physical);
    pieces.map(|(_, area)| area.count()).sum()
}

/// How the volume is laid out.
fn inherited(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
    volume: &LogicalVolume,
) -> Result<Inherited, DemandError> {
    let Some(last) = volume.segments.last() else {
        return Err(DemandError::UnsupportedLayout {
            name: volume.name.clone(),
            reason: "it has no segments".to_string(),
        });
    };
    let word = last.base_type();
    let unsupported = || DemandError::UnsupportedType {
        name: volume.name.clone(),
        kind: word.to_string(),
    };
    let kind = SegmentType::from_word(word).ok_or_else(unsupported)?;
    let count = images(last).len() as u64;
    let stripe_size = |segment: &LvSegment| segment.numbers.get("stripe_size").copied();
    let default = settings.stripe_size_sectors;
    let default = default.min(group.extent_size_sectors);
    let mut inherited = Inherited {
        kind,
        stripes: 1,
        mirrors: 0,
        stripe_sectors: stripe_size(last).unwrap_or(default),
        shares: Shares::of(last, kind),
    };
    match kind {
        SegmentType::Linear | SegmentType::Striped => {
            inherited.stripes = stripes_like(volume, command)?;
            if let Some(size) = command.stripe_size_sectors {
                inherited.stripe_sectors = size.min(group.extent_size_sectors);
            }
            return Ok(inherited);
        }
        SegmentType::Mirror => {
            inherited.mirrors = count;
            let image = images(last).into_iter().find_map(|part| match part {
                Part::Logical { volume, .. } => group.logical_volume(volume),
                Part::Physical { .. } => None,
            });
            if let Some(image) = image
                && let Some(segment) = image.segments.last()
            {
                inherited.stripes = stripes_like(image, command)?;
                inherited.stripe_sectors = stripe_size(segment).unwrap_or(default);
            }
            if let Some(size) = command.stripe_size_sectors {
                inherited.stripe_sectors = size.min(group.extent_size_sectors);
            }
        }
        SegmentType::Raid1 => inherited.mirrors = count,
        SegmentType::Raid10 => {
            inherited.mirrors = 2;
            inherited.stripes = count / 2;
        }
        SegmentType::Raid0 | SegmentType::Raid0Meta => inherited.stripes = count,
        SegmentType::Raid4 | SegmentType::Raid5 | SegmentType::Raid6 => {
            inherited.stripes = count.saturating_sub(kind.parity());
        }
        SegmentType::ThinPool | SegmentType::CachePool => return Err(unsupported()),
    }
    match (kind, command.stripes) {
        // LVM2 takes a number here and uses its own.
        (SegmentType::Raid10, _) | (_, None) => {}
        // Images are of linear or striped segments, each with legs of its own.
        (SegmentType::Mirror, _) => {}
        (_, Some(stripes)) if stripes == inherited.stripes => {}
        // LVM2 takes the stripes then, and may build images that are shorter than the volume.
        (_, Some(stripes)) if command.stripe_size_sectors.is_some() => {
            return Err(DemandError::UnsupportedLayout {
                name: volume.name.clone(),
                reason: format!("{stripes} stripes of a size of their own are none of {word}"),
            });
        }
        (_, Some(asked)) => {
            return Err(DemandError::OtherStripes {
                kind: word.to_string(),
                asked,
            });
        }
    }
    Ok(inherited)
}

/// The stripes that what has linear or striped segments, a volume or the image of a mirror, grows by.
fn stripes_like(volume: &LogicalVolume, command: &LvCommand) -> Result<u64, DemandError> {
    let is_sized = command.stripe_size_sectors.is_some();
    let shape = |segment: &LvSegment| {
        let size = segment.numbers.get("stripe_size").copied();
        (segment.parts.len() as u64, size.filter(|_| !is_sized))
    };
    let shapes = || volume.segments.iter().map(shape);
    let Some(stripes) = command.stripes else {
        let all: BTreeSet<_> = shapes().collect();
        return match all.first() {
            Some((stripes, _)) if all.len() == 1 => Ok(*stripes),
            _ => Err(DemandError::StripesUnknown),
        };
    };
    let sizes: BTreeSet<_> = shapes()
        .filter(|(stripes, _)| *stripes > 1)
        .map(|(_, size)| size)
        .collect();
    if stripes > 1 && sizes.len() > 1 {
        return Err(DemandError::StripesUnknown);
    }
    Ok(stripes)
}

/// Physical volumes without a size mean all that is free on them.
pub(crate) fn whole_of_arguments(command: &LvCommand) -> Option<SizeArgument> {
    (!command.physical_volumes.is_empty()).then_some(SizeArgument {
        sign: Sign::Plus,
        amount: Amount::Percent {
            percent: 100,
            of: PercentOf::PhysicalVolumes,
        },
    })
}
