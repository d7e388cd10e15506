//! A logical volume as it is: which legs it has, and where they lie.

use std::collections::HashMap;

use crate::core::{Area, Segment};
use crate::lvm::{DemandError, LogicalVolume, LvSegment, Part, SegmentType, VolumeGroup};

/// A stretch of a leg: a physical volume by index, and the extents on it.
pub(crate) type Stretch = (usize, Area);

/// A logical volume that may grow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Existing {
    /// The name of the volume that holds the data: that of the hidden data volume of a pool, or of the
    /// hidden origin of a cached volume.
    pub data_name: String,
    /// What its last segment is.
    pub kind: SegmentType,
    /// The word for it in the metadata.
    pub word: String,
    /// Legs that share the data of one copy.
    pub stripes: u64,
    /// How often all data is held.
    pub copies: u64,
    /// Logical extents.
    pub extents: u64,
    /// Sectors of a stripe; 0 where nothing is striped.
    pub stripe_size_sectors: u64,
    /// Whether all segments have as many legs as the last.
    pub is_uniform: bool,
    /// Per leg its stretches in order; where segments differ in legs, from the last segment that
    /// does.
    pub legs: Vec<Vec<(usize, Area)>>,
    /// Per leg its metadata; empty lists where there is none.
    pub metadata: Vec<Vec<(usize, Area)>>,
}

impl Existing {
    /// Per leg what it has: its metadata first, then its extents in order.
    pub(crate) fn stretches(&self) -> Vec<Vec<Segment>> {
        let legs = self.metadata.iter().zip(&self.legs);
        let segment = |&(source, area): &Stretch| Segment { source, area };
        legs.map(|(metadata, leg)| metadata.iter().chain(leg).map(segment).collect())
            .collect()
    }
}

/// The logical volume of a name, as something that may grow.
///
/// # Errors
/// [`DemandError`] if there is none, if it is part of another, or if its type or layout is not one
/// of those that can be planned.
pub fn existing(group: &VolumeGroup, name: &str) -> Result<Existing, DemandError> {
    let find = |name: &str| group.logical_volume(name);
    Volumes { group, find: &find }.existing(name)
}

/// The same for many logical volumes of a group: names are looked up in a table, not searched for.
pub fn existing_in(
    group: &VolumeGroup,
) -> impl Fn(&LogicalVolume) -> Result<Existing, DemandError> {
    let volumes = group.logical_volumes.iter();
    let by_name: HashMap<&str, &LogicalVolume> = volumes
        .map(|volume| (volume.name.as_str(), volume))
        .collect();
    move |volume| {
        let find = |name: &str| by_name.get(name).copied();
        Volumes { group, find: &find }.existing(&volume.name)
    }
}

/// Why a volume cannot be judged whose source leaves out what it lies on.
pub(crate) const LEFT_OUT: &str = "the report leaves out what it lies on, or what it is to others; take it with `--all`, as \
    `lvm fullreport --all --reportformat json`, or take the metadata (vgcfgbackup); a table of `lvs -a` needs segtype, seg_start_pe, \
    seg_size_pe, devices, metadata_devices, origin and reshape_len_le";

/// The volumes of a group and how one is found by its name.
struct Volumes<'a, 'f> {
    group: &'a VolumeGroup,
    find: &'f dyn Fn(&str) -> Option<&'a LogicalVolume>,
}

impl<'a> Volumes<'a, '_> {
    fn find(&self, name: &str) -> Result<&'a LogicalVolume, DemandError> {
        (self.find)(name).ok_or_else(|| DemandError::NoSuchLogicalVolume {
            group: self.group.name.clone(),
            name: name.to_string(),
        })
    }

    /// A volume that another one lies on.
    fn lower(&self, upper: &LogicalVolume, name: &str) -> Result<&'a LogicalVolume, DemandError> {
        (self.find)(name).ok_or_else(|| odd(upper, LEFT_OUT))
    }

    fn existing(&self, name: &str) -> Result<Existing, DemandError> {
        let volume = self.find(name)?;
        let Some(last) = volume.segments.last() else {
            return Err(odd(volume, "it has no segments"));
        };
        let unsupported = |segment: &LvSegment| DemandError::UnsupportedType {
            name: name.to_string(),
            kind: segment.segment_type.clone(),
        };
        if matches!(last.base_type(), "cache" | "writecache") {
            let origin = last.strings.get("origin");
            let origin = origin.ok_or_else(|| odd(volume, "it names no origin"))?;
            return match self.lower(volume, origin)?.segments.last() {
                Some(below) if kind_of(below).is_none_or(SegmentType::is_pool) => {
                    Err(unsupported(below))
                }
                Some(_) | None => self.existing(origin),
            };
        }
        let kind = kind_of(last).ok_or_else(|| unsupported(last))?;
        match kind {
            SegmentType::ThinPool => {
                let data = last.strings.get("pool");
                let data = data.ok_or_else(|| odd(volume, "it names no data volume"))?;
                let data = self.lower(volume, data)?;
                match data.segments.last() {
                    Some(below) if kind_of(below) == Some(SegmentType::ThinPool) => {
                        Err(odd(data, "it is a pool within a pool"))
                    }
                    Some(below) if kind_of(below).is_none() => Err(unsupported(below)),
                    Some(_) | None => self.existing(&data.name),
                }
            }
            SegmentType::CachePool => Err(unsupported(last)),
            SegmentType::Linear | SegmentType::Striped => on_physical_volumes(volume, kind, last),
            SegmentType::Mirror
            | SegmentType::Raid0
            | SegmentType::Raid0Meta
            | SegmentType::Raid1
            | SegmentType::Raid4
            | SegmentType::Raid5
            | SegmentType::Raid6
            | SegmentType::Raid10 => self.on_images(volume, kind, last),
        }
    }

    /// A volume of images, each a logical volume of its own.
    fn on_images(
        &self,
        volume: &LogicalVolume,
        kind: SegmentType,
        last: &LvSegment,
    ) -> Result<Existing, DemandError> {
        if last.parts.is_empty() {
            return Err(odd(volume, LEFT_OUT));
        }
        if volume.segments.len() > 1 {
            return Err(odd(volume, "its images change on the way"));
        }
        let parts = last.parts.iter().map(|part| match part {
            Part::Logical {
                volume: name,
                start: 0,
            } => self.lower(volume, name),
            Part::Logical { .. } | Part::Physical { .. } => {
                Err(odd(volume, "its images are not whole logical volumes"))
            }
        });
        let parts: Vec<&LogicalVolume> = parts.collect::<Result<_, _>>()?;
        let has_metadata = kind.is_raid() && kind != SegmentType::Raid0;
        let (metadata, images): (Vec<&LogicalVolume>, Vec<&LogicalVolume>) = if has_metadata {
            let pairs = parts.chunks_exact(2);
            if !pairs.remainder().is_empty() {
                return Err(odd(volume, "an image has no metadata"));
            }
            pairs.map(|pair| (pair[0], pair[1])).unzip()
        } else {
            (Vec::new(), parts)
        };
        let mut legs: Vec<Vec<Stretch>> = Vec::new();
        for image in &images {
            legs.extend(physical_legs(image)?);
        }
        let mut leg_metadata: Vec<Vec<Stretch>> = vec![Vec::new(); legs.len()];
        if has_metadata {
            if images.len() != legs.len() {
                return Err(odd(volume, "its images are striped themselves"));
            }
            for (leg, metadata) in leg_metadata.iter_mut().zip(metadata) {
                *leg = physical_legs(metadata)?.concat();
            }
        }
        let (images, count) = (images.len() as u64, legs.len() as u64);
        let parity = kind.parity();
        let (stripes, copies) = match kind {
            SegmentType::Raid1 => (1, count),
            SegmentType::Mirror => (count / images.max(1), images),
            SegmentType::Raid10 => (count / 2, 2),
            SegmentType::Raid0
            | SegmentType::Raid0Meta
            | SegmentType::Raid4
            | SegmentType::Raid5
            | SegmentType::Raid6
            | SegmentType::Linear
            | SegmentType::Striped
            | SegmentType::ThinPool
            | SegmentType::CachePool => (count.saturating_sub(parity), 1),
        };
        if stripes == 0 || stripes * copies + parity != count {
            return Err(odd(volume, "its images do not add up"));
        }
        Ok(Existing {
            data_name: volume.name.clone(),
            kind,
            word: last.segment_type.clone(),
            stripes,
            copies,
            extents: volume.extents(),
            stripe_size_sectors: last.numbers.get("stripe_size").copied().unwrap_or(0),
            is_uniform: true,
            legs,
            metadata: leg_metadata,
        })
    }
}

/// The kind of a segment; `striped` over one leg is linear.
pub(crate) fn kind_of(segment: &LvSegment) -> Option<SegmentType> {
    let word = segment.base_type();
    match SegmentType::from_word(word)? {
        SegmentType::Striped if segment.parts.len() < 2 => Some(SegmentType::Linear),
        kind => Some(kind),
    }
}

fn odd(volume: &LogicalVolume, reason: &str) -> DemandError {
    DemandError::UnsupportedLayout {
        name: volume.name.clone(),
        reason: reason.to_string(),
    }
}

/// The stretches of every leg of a volume that lies on physical volumes itself.
///
/// Only the segments at the end that have as many legs as the last.
fn physical_legs(volume: &LogicalVolume) -> Result<Vec<Vec<Stretch>>, DemandError> {
    let count = volume.segments.last().map_or(0, |last| last.parts.len());
    let same = |segment: &&LvSegment| segment.parts.len() == count;
    let mut tail: Vec<&LvSegment> = volume.segments.iter().rev().take_while(same).collect();
    tail.reverse();
    let mut legs = vec![Vec::new(); count];
    for segment in tail {
        let stretches: Vec<Stretch> = segment.physical().collect();
        if stretches.len() != count || count == 0 {
            return Err(odd(volume, "it does not lie on physical volumes alone"));
        }
        for (leg, stretch) in legs.iter_mut().zip(stretches) {
            leg.push(stretch);
        }
    }
    Ok(legs)
}

fn on_physical_volumes(
    volume: &LogicalVolume,
    kind: SegmentType,
    last: &LvSegment,
) -> Result<Existing, DemandError> {
    let legs = physical_legs(volume)?;
    let is_uniform = legs[0].len() == volume.segments.len();
    Ok(Existing {
        data_name: volume.name.clone(),
        kind,
        word: kind.name().to_string(),
        stripes: legs.len() as u64,
        copies: 1,
        extents: volume.extents(),
        stripe_size_sectors: last.numbers.get("stripe_size").copied().unwrap_or(0),
        is_uniform,
        metadata: vec![Vec::new(); legs.len()],
        legs,
    })
}
