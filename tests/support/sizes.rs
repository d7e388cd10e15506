//! The sizes that a command comes to, beside those that LVM2 made.

use extentplan::lvm::{
    Demand, DemandError, LogicalVolume, LvCommand, Settings, Verb, VolumeGroup, create_demand,
    extend_demand,
};

fn demand(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
) -> Result<Demand, DemandError> {
    match command.verb {
        Verb::Create => create_demand(group, command, settings),
        Verb::Extend => extend_demand(group, command, settings).map(|(demand, _)| demand),
        Verb::Convert | Verb::Change => Err(DemandError::PlacesNothing),
    }
}

fn extents(group: &VolumeGroup, name: &str) -> u64 {
    let volume = group.logical_volume(name);
    volume.map_or(0, LogicalVolume::extents)
}

/// What is wrong with the demand of a command, seen from what LVM2 then made.
pub fn difference(
    before: &VolumeGroup,
    after: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
) -> Option<String> {
    let demand = match demand(before, command, settings) {
        Ok(demand) => demand,
        Err(error) => return Some(format!("refused: {error}")),
    };
    let name = command.name.clone().unwrap_or_default();
    let made = extents(after, &name) - extents(before, &name);
    let is_right = if demand.approximate {
        made <= demand.extents
    } else {
        made == demand.extents
    };
    if !is_right {
        return Some(format!("{made} extents were made of {demand:?}"));
    }
    if command.verb == Verb::Create {
        let pool =
            extents(after, &format!("{name}_tmeta")) + extents(after, &format!("{name}_cmeta"));
        for (what, expected, found) in [
            (
                "log",
                demand.log_extents,
                extents(after, &format!("{name}_mlog")),
            ),
            ("pool metadata", demand.pool_metadata_extents, pool),
            (
                "image metadata",
                demand.leg_metadata_extents,
                extents(after, &format!("{name}_rmeta_0")),
            ),
        ] {
            if expected != found {
                return Some(format!("{what}: {found} extents were made of {demand:?}"));
            }
        }
    }
    None
}
