//! Layouts that are drawn: by logical volume where its extents are to lie.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::core::{Goal, HeldPiece, Segment};
use crate::lvm::moves::error::MoveError;
use crate::lvm::moves::state::{MoveOptions, MoveState, move_state};
use crate::lvm::{VolumeGroup, find_volume};

/// By logical volume that holds extents itself, where each of its stripes lies, one area behind the other.
pub type Drawn = BTreeMap<String, Vec<Vec<Segment>>>;

/// The layout of another state of the same group.
///
/// # Errors
/// [`MoveError`] if it cannot be read as one, or lies on what the group has not.
pub fn drawn_by(group: &VolumeGroup, picture: &VolumeGroup) -> Result<Drawn, MoveError> {
    let state = move_state(picture, Vec::new(), &MoveOptions::default())?;
    let own = group.physical_volumes.iter().enumerate();
    let by_id: HashMap<&str, usize> = own.map(|(index, own)| (own.id.as_str(), index)).collect();
    let sources: Vec<Option<usize>> = picture
        .physical_volumes
        .iter()
        .map(|volume| {
            let same = by_id.get(volume.id.as_str()).copied();
            same.or_else(|| find_volume(group, &volume.device))
        })
        .collect();
    let mut drawn = Drawn::new();
    for (volume, names) in state.state.volumes.iter().zip(&state.names) {
        for (leg, (name, _)) in volume.legs.iter().zip(names) {
            let places = leg.pieces.iter().map(|piece| {
                let source = piece.place.source;
                let own = sources[source].ok_or_else(|| MoveError::NoSuchDisk {
                    volume: name.clone(),
                    disk: picture.physical_volumes[source].device.clone(),
                    group: group.name.clone(),
                })?;
                Ok(Segment {
                    source: own,
                    ..piece.place
                })
            });
            let places = places.collect::<Result<Vec<Segment>, MoveError>>()?;
            drawn.entry(name.clone()).or_default().push(places);
        }
    }
    Ok(drawn)
}

/// The goals that a layout comes to. What of a RAID volume or a mirror is not drawn stays where it is, if some of it is.
///
/// # Errors
/// [`MoveError`] if a volume is not there, or has other extents.
pub fn drawn_goals(
    group: &VolumeGroup,
    state: &MoveState,
    drawn: &Drawn,
) -> Result<Vec<Goal>, MoveError> {
    let known = state.names.iter().flatten().map(|(name, _)| name.as_str());
    let known: BTreeSet<&str> = known.collect();
    if let Some(name) = drawn.keys().find(|name| !known.contains(name.as_str())) {
        return Err(MoveError::NotHolding {
            name: name.clone(),
            group: group.name.clone(),
        });
    }
    let mut goals = Vec::new();
    for (volume, (held, names)) in state.state.volumes.iter().zip(&state.names).enumerate() {
        if !names.iter().any(|(name, _)| drawn.contains_key(name)) {
            continue;
        }
        let mut stripes: BTreeMap<&str, usize> = BTreeMap::new();
        for (leg, (one, (name, _))) in held.legs.iter().zip(names).enumerate() {
            let stripe = stripes.entry(name).or_default();
            let places = drawn.get(name).map(|legs| legs.get(*stripe));
            *stripe += 1;
            let pieces = match places {
                None => one.pieces.clone(),
                Some(places) => {
                    let places = places.map_or(&[] as &[Segment], Vec::as_slice);
                    let count = |places: &mut dyn Iterator<Item = u64>| places.sum::<u64>();
                    let has = count(&mut one.pieces.iter().map(|piece| piece.place.area.count()));
                    let wanted = count(&mut places.iter().map(|place| place.area.count()));
                    if has != wanted {
                        return Err(MoveError::OtherSize {
                            name: name.clone(),
                            stripe: *stripe,
                            has,
                            drawn: wanted,
                        });
                    }
                    let mut offset = 0;
                    let pieces = places.iter().map(|&place| {
                        let piece = HeldPiece { offset, place };
                        offset += place.area.count();
                        piece
                    });
                    pieces.collect()
                }
            };
            goals.extend(
                pieces
                    .into_iter()
                    .map(|piece| Goal::Lie { volume, leg, piece }),
            );
        }
        for (name, count) in stripes {
            let wanted = drawn.get(name).map_or(count, Vec::len);
            if wanted != count {
                return Err(MoveError::OtherStripes {
                    name: name.to_string(),
                    has: count,
                    drawn: wanted,
                });
            }
        }
    }
    Ok(goals)
}
