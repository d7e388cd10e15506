//! `pvmove` of a range to extents that are given: it lands exactly there, or is refused.

mod segments;

use std::collections::{BTreeSet, HashMap};

use crate::core::{Area, Areas, Segment};
use crate::lvm::moves::holders::{Holders, LegPart, parts};
use crate::lvm::moves::pvmove::PvMove;
use crate::lvm::simulate::ledger::names_of;
use crate::lvm::simulate::relocate::segments::{merged, moved};
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{AllocationPolicy, LvSegment, Settings, VolumeGroup};

/// A volume group while pieces are moved in it.
pub(crate) struct Relocation {
    group: VolumeGroup,
    free: Vec<Areas>,
    holders: Holders,
    by_device: HashMap<String, usize>,
    /// The volumes with a writecache, each with that.
    writecaches: Vec<(usize, usize)>,
    /// RAID volumes with integrity.
    with_integrity: Vec<usize>,
    /// What moves cannot be simulated beside, if there is such.
    unknown: Option<String>,
}

/// A piece of a volume: one part of one segment.
#[derive(Clone, Copy, Debug)]
struct Piece {
    volume: usize,
    segment: usize,
    part: usize,
    area: Area,
}

impl Relocation {
    pub(crate) fn new(group: VolumeGroup) -> Relocation {
        let unknown = group.logical_volumes.iter().find_map(|volume| {
            let is_busy = ["PVMOVE", "LOCKED"]
                .iter()
                .any(|word| volume.status.contains(*word));
            // A recording does not say which volume is the cache.
            let is_unknown = |segment: &LvSegment| {
                let has = |key: &str| segment.strings.contains_key(key);
                has("merging_store") || segment.base_type() == "writecache" && !has("writecache")
            };
            let is_unknown = is_busy || volume.segments.iter().any(is_unknown);
            is_unknown.then(|| format!("pvmove beside {}", volume.name))
        });
        let holders = Holders::of(&group);
        let mut by_device = HashMap::new();
        for (index, volume) in group.physical_volumes.iter().enumerate() {
            for name in names_of(&volume.device) {
                by_device.entry(name.to_string()).or_insert(index);
            }
        }
        let mut writecaches = Vec::new();
        let mut with_integrity = Vec::new();
        for (index, volume) in group.logical_volumes.iter().enumerate() {
            let segments = volume.segments.iter();
            let caches = segments.filter(|segment| segment.base_type() == "writecache");
            let caches = caches.filter_map(|segment| segment.strings.get("writecache"));
            let caches = caches.filter_map(|name| holders.index(name));
            writecaches.extend(caches.map(|cache| (index, cache)));
            let parts = parts(volume).into_iter();
            let mut parts = parts.filter_map(|(name, _)| holders.index(name));
            let is_checked = |part: usize| {
                let mut segments = group.logical_volumes[part].segments.iter();
                segments.any(|segment| segment.base_type() == "integrity")
            };
            if parts.any(is_checked) {
                with_integrity.push(index);
            }
        }
        Relocation {
            free: group.free(),
            holders,
            by_device,
            writecaches,
            with_integrity,
            group,
            unknown,
        }
    }

    /// The logical extent of a volume that lies at the beginning of a place, and the stripes there.
    pub(crate) fn logical(&self, volume: &str, place: Segment) -> Option<(u64, u64)> {
        let volume = &self.group.logical_volumes[self.holders.index(volume)?];
        volume.segments.iter().find_map(|segment| {
            let mut parts = segment.physical();
            let (_, area) = parts.find(|(device, area)| {
                *device == place.source && (area.start()..area.end()).contains(&place.area.start())
            })?;
            let stride = segment.extent_count / segment.part_extents().max(1);
            let row = place.area.start() - area.start();
            Some((segment.start_extent + row * stride, stride))
        })
    }

    pub(crate) fn into_group(self) -> VolumeGroup {
        self.group
    }

    /// Runs a command; where it is not carried out everything stays as it is.
    ///
    /// # Errors
    /// LVM2's refusal, or that it is not covered.
    pub(crate) fn run(
        &mut self,
        command: &PvMove,
        settings: &Settings,
    ) -> Result<(), SimulationError> {
        if let Some(what) = &self.unknown {
            return Err(SimulationError::unsupported(what.clone()));
        }
        let policy = match command.policy {
            None | Some(AllocationPolicy::Inherit) => self.group.policy,
            Some(policy) => policy,
        };
        let named = command.name.as_deref().map(|name| {
            let index = self.holders.index(name);
            index.ok_or_else(|| Refusal::new(format!("Logical volume {name} not found.")))
        });
        let named = named.transpose()?;
        self.refuse_integrity(named)?;
        let (from, to) = (self.place(&command.from)?, self.place(&command.to)?);
        let is_anywhere = policy == AllocationPolicy::Anywhere;
        self.refuse_target(from.0, to.0, is_anywhere)?;
        let meant = named.map(|named| self.holders.only_below(named));
        self.refuse_used(named, meant.as_ref(), from.0)?;
        let pieces = self.pieces(meant.as_ref(), from)?;
        let needed = from.1.count();
        if !is_anywhere && self.is_forbidden(named, from.0, to.0) {
            return Err(too_few(&self.group.name, needed, 0).into());
        }
        let usable = self.free[to.0].intersection(&to.1.into()).total();
        if usable < needed {
            return Err(too_few(&self.group.name, needed, usable).into());
        }
        self.refuse_pieces(&pieces, to.0, policy, settings)?;
        // The last first: what is cut or joined lies behind those that follow.
        for piece in pieces.iter().rev() {
            let start = to.1.start() + (piece.area.start() - from.1.start());
            if let Some(target) = Area::new(start, piece.area.count()) {
                self.relocate(piece, (to.0, target));
            }
        }
        self.free[to.0] = self.free[to.0].difference(&to.1.into());
        self.free[from.0] = self.free[from.0].union(&from.1.into());
        Ok(())
    }

    /// A contiguous request takes one piece alone, and each avoids what its segment is on.
    fn refuse_pieces(
        &self,
        pieces: &[Piece],
        to: usize,
        policy: AllocationPolicy,
        settings: &Settings,
    ) -> Result<(), Refusal> {
        let is_anywhere = policy == AllocationPolicy::Anywhere;
        let is_contiguous = policy == AllocationPolicy::Contiguous;
        for (index, piece) in pieces.iter().enumerate() {
            let is_avoided = !is_anywhere && self.is_avoided(piece, to, settings);
            if is_avoided || is_contiguous && index > 0 {
                let left: u64 = pieces[index..].iter().map(|piece| piece.area.count()).sum();
                let contiguous = if is_contiguous { "contiguous " } else { "" };
                return Err(unplaced(
                    &self.group.name,
                    format!(
                        "Insufficient suitable {contiguous}allocatable extents for logical volume : {left} more \
                         required"
                    ),
                ));
            }
        }
        Ok(())
    }

    fn place(&self, (device, area): &(String, Area)) -> Result<(usize, Area), SimulationError> {
        let missing = || {
            Refusal::new(format!(
                "Physical Volume \"{device}\" not found in Volume Group \"{}\".",
                self.group.name
            ))
        };
        let index = *self.by_device.get(device).ok_or_else(missing)?;
        if area.end() > self.group.physical_volumes[index].extents {
            return Err(SimulationError::unsupported(
                "a range past the end of its device",
            ));
        }
        Ok((index, *area))
    }

    /// A RAID volume with integrity is refused by its name.
    fn refuse_integrity(&self, named: Option<usize>) -> Result<(), Refusal> {
        match named.filter(|named| self.with_integrity.contains(named)) {
            Some(_) => Err(Refusal::new(
                "pvmove not allowed on raid LV with integrity.",
            )),
            None => Ok(()),
        }
    }

    fn refuse_target(&self, from: usize, to: usize, is_anywhere: bool) -> Result<(), Refusal> {
        const NOWHERE: &str = "No specified PVs have space available.";
        let target = &self.group.physical_volumes[to];
        // That it is not allocatable is a warning.
        if !target.allocatable {
            return Err(Refusal::new(NOWHERE));
        }
        if self.free[to].is_empty() {
            return Err(Refusal::lines([
                format!("No free extents on physical volume \"{}\".", target.device),
                NOWHERE.to_string(),
            ]));
        }
        if from == to && !is_anywhere {
            return Err(Refusal::new("No extents available for allocation."));
        }
        Ok(())
    }

    /// What LVM2 does not move, or does not find.
    fn refuse_used(
        &self,
        named: Option<usize>,
        meant: Option<&BTreeSet<usize>>,
        from: usize,
    ) -> Result<(), Refusal> {
        for &(index, cache) in &self.writecaches {
            if !self.is_on(cache, from) {
                continue;
            }
            if named == Some(cache) {
                return Err(Refusal::new("Unable to pvmove device used for writecache."));
            }
            if named.is_none() || named == Some(index) {
                let name = &self.group.logical_volumes[cache].name;
                return Err(Refusal::new(format!(
                    "Unable to move device used for writecache cachevol {}/{name}.",
                    self.group.name
                )));
            }
        }
        let mut hit = self.with_integrity.iter().filter(|&&array| {
            let all = self.holders.all_below(array);
            let is_meant = meant.is_none_or(|meant| meant.iter().any(|one| all.contains(one)));
            is_meant && all.iter().any(|&lower| self.is_on(lower, from))
        });
        if hit.next().is_some() {
            return Err(Refusal::new(
                "Unable to pvmove device used for raid with integrity.",
            ));
        }
        if let Some((array, LegPart::Metadata(leg))) = named.and_then(|n| self.holders.leg_of(n)) {
            let all = self.holders.all_below(array);
            if all.iter().any(|&lower| self.is_on(lower, from)) {
                let name = named.map(|named| &self.group.logical_volumes[named].name);
                let name = name.and_then(|name| name.strip_suffix(&format!("_rmeta_{leg}")));
                return Err(Refusal::new(format!(
                    "Can't find sub LV {}_rimage__.",
                    name.unwrap_or_default()
                )));
            }
        }
        Ok(())
    }

    /// Whether a volume holds extents of a device itself.
    fn is_on(&self, volume: usize, device: usize) -> bool {
        let segments = &self.group.logical_volumes[volume].segments;
        segments
            .iter()
            .flat_map(LvSegment::physical)
            .any(|(other, _)| other == device)
    }

    /// The pieces that are moved, in logical order: of one volume, one behind the other, all of the range.
    fn pieces(
        &self,
        meant: Option<&BTreeSet<usize>>,
        (device, range): (usize, Area),
    ) -> Result<Vec<Piece>, SimulationError> {
        let mut found = Vec::new();
        let mut look = |index: usize| {
            let volume = &self.group.logical_volumes[index];
            for (segment, one) in volume.segments.iter().enumerate() {
                for (part, (other, area)) in one.physical().enumerate() {
                    let area = area.intersection(range).filter(|_| other == device);
                    found.extend(area.map(|area| Piece {
                        volume: index,
                        segment,
                        part,
                        area,
                    }));
                }
            }
        };
        match meant {
            Some(meant) => meant.iter().for_each(|&index| look(index)),
            None => (0..self.group.logical_volumes.len()).for_each(look),
        }
        if found.is_empty() {
            return Err(Refusal::new(format!("No data to move for {}.", self.group.name)).into());
        }
        let follow = |pair: &[Piece]| {
            pair[0].volume == pair[1].volume
                && pair[0].segment < pair[1].segment
                && pair[0].area.end() == pair[1].area.start()
        };
        let total: u64 = found.iter().map(|piece| piece.area.count()).sum();
        if total == range.count() && found.windows(2).all(follow) {
            Ok(found)
        } else {
            Err(SimulationError::unsupported(
                "pvmove of a range that is not of one volume, in its order",
            ))
        }
    }

    /// Whether the target holds extents of a raid or mirror volume that LVM2 looks at, and that has some on the source.
    fn is_forbidden(&self, named: Option<usize>, from: usize, to: usize) -> bool {
        let is_array = |index: &usize| !parts(&self.group.logical_volumes[*index]).is_empty();
        let (arrays, exempt): (Vec<usize>, Option<usize>) = match named {
            None => (
                (0..self.group.logical_volumes.len())
                    .filter(is_array)
                    .collect(),
                None,
            ),
            Some(named) if is_array(&named) => (vec![named], None),
            Some(named) => match self.holders.leg_of(named) {
                Some((array, LegPart::Image(leg))) => {
                    let all = parts(&self.group.logical_volumes[array]);
                    let own = all
                        .into_iter()
                        .find(|(_, part)| *part == LegPart::Metadata(leg));
                    (
                        vec![array],
                        own.and_then(|(name, _)| self.holders.index(name)),
                    )
                }
                Some((_, LegPart::Metadata(_) | LegPart::Log)) | None => (Vec::new(), None),
            },
        };
        // The own metadata of an image allows for its device, whoever else is there.
        if exempt.is_some_and(|metadata| self.is_on(metadata, to)) {
            return false;
        }
        arrays.into_iter().any(|array| {
            let all = self.holders.all_below(array);
            all.iter().any(|&lower| self.is_on(lower, from))
                && all.iter().any(|&lower| self.is_on(lower, to))
        })
    }

    /// Whether the target holds another part of the segment, or shares a tag by which it keeps apart.
    fn is_avoided(&self, piece: &Piece, to: usize, settings: &Settings) -> bool {
        let segment = &self.group.logical_volumes[piece.volume].segments[piece.segment];
        let disks = &self.group.physical_volumes;
        let tags = settings.cling_tags(&disks[to].tags);
        segment.physical().any(|(other, _)| {
            let shares = disks[other].tags.intersection(&tags).next().is_some();
            other == to || shares
        })
    }

    fn relocate(&mut self, piece: &Piece, target: (usize, Area)) {
        let volume = &mut self.group.logical_volumes[piece.volume];
        let segment = &volume.segments[piece.segment];
        let moved = moved(segment, piece.part, piece.area, target);
        // What goes on behind the segment before, or in front of the one behind, becomes part of it.
        let first = piece.segment.saturating_sub(1);
        let end = (piece.segment + 2).min(volume.segments.len());
        let before = volume.segments[first..piece.segment].to_vec();
        let behind = volume.segments[piece.segment + 1..end].to_vec();
        let all = before.into_iter().chain(moved).chain(behind);
        volume.segments.splice(first..end, merged(all));
    }
}

fn too_few(group: &str, needed: u64, available: u64) -> Refusal {
    unplaced(
        group,
        format!("Insufficient free space: {needed} extents needed, but only {available} available"),
    )
}

fn unplaced(group: &str, message: String) -> Refusal {
    Refusal::lines([
        message,
        format!("Unable to allocate mirror extents for {group}/pvmove0."),
        "Failed to convert pvmove LV to mirrored.".to_string(),
    ])
}
