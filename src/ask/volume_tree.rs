//! The logical volumes of a group as `lvs -a` tells of them: each with what it stands on below it.

use std::collections::{BTreeMap, BTreeSet};

use crate::lvm::{
    AllocationPolicy, Headroom, Layers, LogicalVolume, LvSegment, PoolRoom, SnapshotRoom,
    VolumeGroup, headroom, shown_extents,
};
use crate::show;

/// Every logical volume, those below another one further in; at `rate`, in bytes a second that change, how long a
/// snapshot lasts.
#[must_use]
pub fn volume_tree(group: &VolumeGroup, rate: Option<u64>) -> String {
    if group.logical_volumes.is_empty() {
        return String::new();
    }
    let layers = Layers::new(group);
    let mut tree = Tree {
        group,
        layers: &layers,
        rooms: headroom(group),
        rate,
        told: BTreeSet::new(),
        text: "\nlogical volumes\n".to_string(),
    };
    let seen: Vec<usize> = layers.seen().collect();
    // What nobody knows by its name and nothing stands on comes last.
    let is_used: BTreeSet<usize> = seen
        .iter()
        .flat_map(|&volume| layers.all_below(volume))
        .collect();
    // What joins a snapshot to its origin is no volume that `lvs` knows.
    let joins = |segment: &LvSegment| segment.base_type() == "snapshot";
    let volumes = group.logical_volumes.iter().enumerate();
    let rest = volumes
        .filter(|(index, one)| !is_used.contains(index) && !one.segments.iter().any(joins))
        .map(|(index, _)| index);
    for volume in seen.iter().copied().chain(rest) {
        tree.tell(volume);
    }
    tree.text
}

struct Tree<'t, 'g> {
    group: &'g VolumeGroup,
    layers: &'t Layers<'g>,
    rooms: BTreeMap<usize, Headroom<'g>>,
    rate: Option<u64>,
    told: BTreeSet<usize>,
    text: String,
}

impl Tree<'_, '_> {
    /// A volume and all below it that no other one showed. Texts can be made in which that is very deep.
    fn tell(&mut self, volume: usize) {
        let mut open = vec![(volume, 1)];
        while let Some((volume, depth)) = open.pop() {
            if !self.told.insert(volume) {
                continue;
            }
            self.line(volume, depth);
            let below = self.layers.directly_below(volume);
            let hidden = below
                .into_iter()
                .filter(|&lower| !self.layers.is_seen(lower));
            let mut hidden: Vec<(usize, usize)> = hidden.map(|lower| (lower, depth + 1)).collect();
            hidden.reverse();
            open.extend(hidden);
        }
    }

    fn line(&mut self, volume: usize, depth: usize) {
        const DEEPEST: usize = 12;
        let one = &self.group.logical_volumes[volume];
        let name = if self.layers.is_seen(volume) {
            one.name.clone()
        } else {
            format!("[{}]", one.name)
        };
        let size = show::extents(shown_extents(one), Some(self.group.extent_bytes()));
        let head = format!("{}{name}  ", "  ".repeat(depth.min(DEEPEST)));
        let what = format!("{}, {size}", kinds(one));
        let mut words = Vec::new();
        if one.policy != AllocationPolicy::Inherit {
            words.push(format!("policy {}", one.policy.name()));
        }
        words.extend(one.tags.iter().map(|tag| format!("@{tag}")));
        words.extend(
            one.segments
                .iter()
                .filter_map(|segment| self.devices(segment)),
        );
        let words = words.join("; ");
        let whole = format!("{head}{what}  ");
        // Where there is room for it places stand below each other.
        let (head, said) = match words.is_empty() {
            true => (head, what),
            false if show::leaves_room(&whole) => (whole, words),
            false => (head, format!("{what}  {words}")),
        };
        let said = said.split(' ').map(str::to_string);
        self.text.push_str(&show::wrapped(&head, " ", said));
        let said = self.rooms.get(&volume).map(|room| match room {
            Headroom::Snapshot(room) => self.of_snapshot(room),
            Headroom::Pool(room) => self.of_pool(room),
        });
        if let Some(said) = said {
            let indent = format!("{}  ", "  ".repeat(depth.min(DEEPEST)));
            let said = said.join("; ");
            let words = said.split(' ').map(str::to_string);
            self.text.push_str(&show::wrapped(&indent, " ", words));
        }
    }

    fn of_snapshot(&self, room: &SnapshotRoom<'_>) -> Vec<String> {
        let origin = room.origin;
        if room.holds_all {
            return vec![format!("holds all of {origin}: never full")];
        }
        let mut said = vec![format!(
            "full behind {} that change of {origin} or of itself, counted in chunks of {}",
            show::bytes(1, room.held_bytes),
            show::bytes(1, room.chunk_bytes)
        )];
        if let Some(rate) = self.rate {
            let seconds = u128::from(room.held_bytes / rate.max(1));
            said.push(format!(
                "at {} a second in {}",
                show::bytes(1, rate),
                show::time(seconds)
            ));
        }
        said
    }

    fn of_pool(&self, room: &PoolRoom<'_>) -> Vec<String> {
        let size = |extents: u64| show::bytes(extents, self.group.extent_bytes());
        let percent = u128::from(room.promised) * 100 / u128::from(room.extents.max(1));
        let volumes = match room.volumes {
            1 => "1 thin volume shows".to_string(),
            volumes => format!("{volumes} thin volumes show"),
        };
        let of = size(room.extents);
        let mut said = vec![format!(
            "{volumes} {} of {of}, {percent} %",
            size(room.promised)
        )];
        if room.promised > room.extents {
            let over = size(room.promised - room.extents);
            said.push(format!("overcommitted by {over}"));
        } else if let (Some(more), Some((name, extents))) = (room.more_as_large(), room.largest) {
            said.push(format!(
                "{more} more as large as {name} ({}) before it is overcommitted",
                size(extents)
            ));
        }
        if let Some(mapped) = room.mapped_bytes {
            said.push(format!("metadata for {}", show::bytes(1, mapped)));
        }
        said
    }

    /// Where a segment lies on disks itself.
    fn devices(&self, segment: &LvSegment) -> Option<String> {
        let areas = segment
            .physical()
            .map(|(disk, area)| format!("{}:{area}", self.group.physical_volumes[disk].device));
        let areas: Vec<String> = areas.collect();
        (!areas.is_empty()).then(|| areas.join(" "))
    }
}

/// The types of a volume's segments, with their legs.
pub(crate) fn kinds(volume: &LogicalVolume) -> String {
    let mut kinds: Vec<String> = Vec::new();
    for segment in &volume.segments {
        let base = segment.base_type();
        let legs = segment.parts.len();
        let kind = match base {
            "striped" if legs < 2 => "linear".to_string(),
            "striped" => format!("striped, {legs} stripes"),
            "mirror" => format!("mirror, {legs} legs"),
            "raid0" => format!("raid0, {legs} legs"),
            raid if raid.starts_with("raid") && legs > 0 => format!("{raid}, {} legs", legs / 2),
            other => other.to_string(),
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    if kinds.is_empty() {
        "no segments".to_string()
    } else {
        kinds.join(" + ")
    }
}
