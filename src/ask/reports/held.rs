//! Who holds what in a volume group, for pictures.

use std::collections::BTreeMap;

use crate::lvm::{self, VolumeGroup};
use crate::show::{Held, Holder};

/// What lies on the physical volumes of a group, and the volumes that users know which that belongs to.
pub(crate) fn held(group: &VolumeGroup) -> (Vec<Holder>, Vec<Held>) {
    let mut holders: Vec<Holder> = Vec::new();
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut held = Vec::new();
    for (volume, owners) in group.logical_volumes.iter().zip(lvm::owners(group)) {
        let areas = volume.segments.iter().flat_map(lvm::LvSegment::physical);
        let mut areas = areas.peekable();
        if areas.peek().is_none() {
            continue;
        }
        let owner = owners.join(" and ");
        let holder = *numbers.entry(owner.clone()).or_insert_with(|| {
            holders.push(Holder {
                name: owner.clone(),
            });
            holders.len() - 1
        });
        let name = match volume.name == owner {
            true => owner,
            false => format!("{owner} ({})", volume.name),
        };
        held.extend(areas.map(|(source, area)| Held {
            source,
            area,
            holder: Some(holder),
            leg: leg(&volume.name),
            is_companion: is_companion(&volume.name),
            name: name.clone(),
        }));
    }
    (holders, held)
}

/// The same where nobody is told apart; names are still said.
pub(crate) fn in_use(group: Option<&VolumeGroup>) -> Vec<Held> {
    let held = group.map_or(Vec::new(), |group| held(group).1);
    held.into_iter()
        .map(|held| Held {
            holder: None,
            ..held
        })
        .collect()
}

/// Whether LVM2 gives such names to what goes with the legs of a volume, or with the volume.
fn is_companion(name: &str) -> bool {
    ["_rmeta_", "_mlog", "_tmeta", "_cmeta", "_pmspare"]
        .iter()
        .any(|part| name.contains(part))
}

/// The leg that a hidden volume is, by the number that LVM2 puts behind its name; 0 where it has none.
fn leg(name: &str) -> usize {
    let parts = ["_rimage_", "_rmeta_", "_mimage_"];
    let numbers = parts
        .iter()
        .filter_map(|part| name.rsplit_once(part)?.1.parse().ok());
    numbers.max().unwrap_or(0)
}
