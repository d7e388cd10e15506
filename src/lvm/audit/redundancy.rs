//! Whether copies and parity are where one failure cannot take two of them.

use std::collections::BTreeSet;

use crate::core::Areas;
use crate::lvm::LogicalVolume;
use crate::lvm::audit::below::{Below, Extents};
use crate::lvm::audit::{Finding, Piece, Role};
use crate::lvm::layers::legs::Legs;

/// What is unsafe about the raid and mirror volumes of a group.
pub(crate) fn findings(below: &Below<'_>, arrays: &[Array<'_>], tags: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for array in arrays {
        findings.extend(array.shared_disks(below));
        findings.extend(array.shared_tags(below, tags));
        findings.extend(array.shared_log(below, tags));
        findings.extend(array.no_loss_left(below));
    }
    findings
}

/// The raid and mirror volumes of a group whose images are known.
pub(crate) fn arrays<'g>(below: &Below<'g>) -> Vec<Array<'g>> {
    let volumes = below.group.logical_volumes.iter();
    volumes
        .filter_map(|volume| Array::of(below, volume))
        .collect()
}

/// A raid or mirror volume with what its legs lie on.
pub(crate) struct Array<'g> {
    volume: &'g LogicalVolume,
    segment_type: &'g str,
    known: Legs<'g>,
    legs: Vec<Leg<'g>>,
    log: Option<(&'g str, Extents)>,
}

struct Leg<'g> {
    image: &'g str,
    image_extents: Extents,
    metadata: Option<(&'g str, Extents)>,
    /// Every disk that it needs.
    disks: BTreeSet<usize>,
}

impl<'g> Array<'g> {
    /// The volume as a raid or mirror volume, if it is one and its images are known.
    fn of(below: &Below<'g>, volume: &'g LogicalVolume) -> Option<Array<'g>> {
        let segment = volume.segments.first()?;
        let known = Legs::of(segment)?;
        let legs = known.names.iter().map(|&(image, metadata)| {
            let image_extents = below.volume(image);
            let metadata = metadata.map(|name| (name, below.volume(name)));
            let disks = metadata.iter().flat_map(|(_, extents)| extents.keys());
            let disks = image_extents.keys().chain(disks).copied().collect();
            Leg {
                image,
                image_extents,
                metadata,
                disks,
            }
        });
        let legs = legs.collect();
        let log = segment.strings.get("mirror_log");
        Some(Array {
            volume,
            segment_type: segment.base_type(),
            known,
            legs,
            log: log.map(|name| (name.as_str(), below.volume(name))),
        })
    }

    /// The names of its images.
    pub(crate) fn images(&self) -> impl Iterator<Item = &'g str> + '_ {
        self.legs.iter().map(|leg| leg.image)
    }

    /// The disks of the other legs, where an image must not go; nothing where it is none of this volume.
    pub(crate) fn taken_by_siblings(&self, image: &str) -> Option<BTreeSet<usize>> {
        let leg = self.legs.iter().position(|leg| leg.image == image)?;
        let others = self.legs.iter().enumerate();
        let others = others.filter(|(other, _)| *other != leg);
        let disks = others.flat_map(|(_, leg)| &leg.disks);
        Some(disks.copied().collect())
    }

    /// Whether the volume can be read without these legs.
    fn survives(&self, lost: &BTreeSet<usize>) -> bool {
        self.known.survives(lost)
    }

    /// The legs that are lost with these disks.
    fn legs_on(&self, disks: impl Fn(usize) -> bool) -> BTreeSet<usize> {
        let is_lost = |leg: &Leg<'_>| leg.disks.iter().any(|&disk| disks(disk));
        let legs = self.legs.iter().enumerate();
        legs.filter(|(_, leg)| is_lost(leg))
            .map(|(index, _)| index)
            .collect()
    }

    /// The disks of all legs.
    fn disks(&self) -> BTreeSet<usize> {
        let disks = self.legs.iter().flat_map(|leg| &leg.disks);
        disks.copied().collect()
    }

    fn is_redundant(&self) -> bool {
        self.known.is_redundant()
    }

    /// Images and metadata of all legs on some disks.
    fn pieces_on(&self, below: &Below<'_>, disks: impl Fn(usize) -> bool) -> Vec<Piece> {
        let mut all = Vec::new();
        for leg in &self.legs {
            all.extend(pieces(
                below,
                Role::Image,
                leg.image,
                &leg.image_extents,
                &disks,
            ));
            if let Some((name, extents)) = &leg.metadata {
                all.extend(pieces(below, Role::Metadata, name, extents, &disks));
            }
        }
        all
    }

    fn shared_disks(&self, below: &Below<'_>) -> Vec<Finding> {
        let disks = self.disks();
        let mut findings = Vec::new();
        // As a rule no leg has a disk of another.
        let counts = self.legs.iter().map(|leg| leg.disks.len());
        if disks.len() == counts.sum::<usize>() {
            return findings;
        }
        for disk in disks {
            let legs = self.legs_on(|other| other == disk);
            if legs.len() < 2 {
                continue;
            }
            let has_image = |leg: &&Leg<'_>| leg.image_extents.contains_key(&disk);
            let images = self.legs.iter().filter(has_image).count();
            let (volume, segment_type) = (self.volume.name.clone(), self.segment_type.to_string());
            let pieces = self.pieces_on(below, |other| other == disk);
            let is_redundant = self.is_redundant();
            let is_fatal = is_redundant && !self.survives(&legs);
            let disk = below.disk(disk);
            findings.push(if images > 1 {
                Finding::ImagesShareDisk {
                    volume,
                    segment_type,
                    disk,
                    pieces,
                    is_redundant,
                    is_fatal,
                }
            } else {
                Finding::MetadataSharesDisk {
                    volume,
                    segment_type,
                    disk,
                    pieces,
                    is_redundant,
                    is_fatal,
                }
            });
        }
        findings
    }

    fn shared_tags(&self, below: &Below<'_>, tags: &[String]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for tag in tags {
            let has_tag = |disk: usize| below.group.physical_volumes[disk].tags.contains(tag);
            let legs = self.legs_on(has_tag);
            if legs.len() < 2 {
                continue;
            }
            findings.push(Finding::LegsShareTag {
                volume: self.volume.name.clone(),
                segment_type: self.segment_type.to_string(),
                tag: tag.clone(),
                pieces: self.pieces_on(below, has_tag),
                is_redundant: self.is_redundant(),
                is_fatal: self.is_redundant() && !self.survives(&legs),
            });
        }
        findings
    }

    fn shared_log(&self, below: &Below<'_>, tags: &[String]) -> Vec<Finding> {
        let Some((log, extents)) = &self.log else {
            return Vec::new();
        };
        let mut findings = Vec::new();
        let mut look = |place: String, is_here: &dyn Fn(usize) -> bool| {
            let mut all = pieces(below, Role::Log, log, extents, is_here);
            let images = self.pieces_on(below, is_here);
            if !all.is_empty() && !images.is_empty() {
                all.extend(images);
                findings.push(Finding::LogSharesDisk {
                    volume: self.volume.name.clone(),
                    place,
                    pieces: all,
                });
            }
        };
        for &disk in extents.keys() {
            look(below.disk(disk), &|other| other == disk);
        }
        for tag in tags {
            let has_tag = |disk: usize| below.group.physical_volumes[disk].tags.contains(tag);
            look(format!("@{tag}"), &has_tag);
        }
        findings
    }

    fn no_loss_left(&self, below: &Below<'_>) -> Option<Finding> {
        let is_missing = |disk: usize| below.group.physical_volumes[disk].missing;
        let lost = self.legs_on(is_missing);
        if lost.is_empty() || !self.is_redundant() || !self.survives(&lost) {
            return None;
        }
        let fatal = self.disks().into_iter().filter(|&disk| {
            let is_gone = |other| other == disk || is_missing(other);
            !is_missing(disk) && !self.survives(&self.legs_on(is_gone))
        });
        let disks: Vec<String> = fatal.map(|disk| below.disk(disk)).collect();
        (!disks.is_empty()).then(|| Finding::NoLossLeft {
            volume: self.volume.name.clone(),
            lost_legs: lost
                .iter()
                .map(|&leg| self.legs[leg].image.to_string())
                .collect(),
            disks,
        })
    }
}

pub(crate) fn pieces(
    below: &Below<'_>,
    role: Role,
    name: &str,
    extents: &Extents,
    disks: impl Fn(usize) -> bool,
) -> Vec<Piece> {
    let here = extents.iter().filter(|(disk, _)| disks(**disk));
    here.map(|(&disk, areas): (&usize, &Areas)| Piece {
        role,
        name: name.to_string(),
        disk: below.disk(disk),
        extents: areas.clone(),
    })
    .collect()
}
