//! What there is to say of the layout of a volume, as LVM2 has it and as the best plan does.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::ask::{GroupTask, Task};
use crate::core::{Area, Areas, Cuts, Plan, Problem, Request, Segment, joined};
use crate::lvm::{Dictionary, EntryPart, VolumeGroup, existing};

/// What there is to say of the layout of one volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Figures {
    /// Intervals, or areas over all legs.
    pub(crate) segments: u64,
    /// Physical volumes that the legs touch.
    pub(crate) disks: u64,
    /// Physical volumes that hold extents of two legs that stand in for each other.
    pub(crate) shared_disks: u64,
}

/// One volume, both ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Row {
    /// Its name.
    pub(crate) volume: String,
    /// As LVM2 lays it out; null if it refuses.
    pub(crate) lvm2: Option<Figures>,
    /// As the best plan has it; null if there is none.
    pub(crate) best: Option<Figures>,
    /// Extents of the largest free area of the group afterwards, as LVM2 leaves it.
    pub(crate) largest_free_lvm2: Option<u64>,
    /// The same with the best plan.
    pub(crate) largest_free_best: Option<u64>,
}

pub(crate) fn compared(
    task: &Task,
    group: &GroupTask,
    theirs: Option<&VolumeGroup>,
    plan: Option<&Plan>,
) -> Vec<Row> {
    rows(&group.group, &task.problem, &group.dictionary, theirs, plan)
}

pub(crate) fn rows(
    before: &VolumeGroup,
    problem: &Problem,
    dictionary: &Dictionary,
    theirs: Option<&VolumeGroup>,
    plan: Option<&Plan>,
) -> Vec<Row> {
    let free = before.free();
    let largest_theirs = theirs.map(|group| longest(&group.free()));
    let largest_best = plan.map(|plan| {
        let mut left = free.clone();
        for segment in plan.segments() {
            left[segment.source] = left[segment.source].difference(&segment.area.into());
        }
        longest(&left)
    });
    let mut rows = Vec::new();
    for (index, entry) in dictionary.entries.iter().enumerate() {
        if entry.part == EntryPart::Spare {
            continue;
        }
        let request = &problem.requests()[index];
        let redundant = entry.demand.copies > 1 || entry.demand.parity() > 0;
        let theirs = theirs.and_then(|group| existing(group, &entry.name).ok());
        let theirs = theirs.map(|volume| {
            let legs = volume.legs.iter().map(|leg| segments_of(leg)).collect();
            figures(request, legs, redundant)
        });
        let best = plan.and_then(|plan| plan.allocations[index].as_ref());
        let best = best.map(|allocation| {
            let legs = allocation.legs.iter().enumerate().map(|(leg, new)| {
                let had = request.grows.as_ref().and_then(|legs| legs.get(leg));
                had.into_iter().flatten().chain(new).copied().collect()
            });
            figures(request, legs.collect(), redundant)
        });
        rows.push(Row {
            volume: entry.name.clone(),
            lvm2: theirs,
            best,
            largest_free_lvm2: largest_theirs,
            largest_free_best: largest_best,
        });
    }
    rows
}

fn segments_of(leg: &[(usize, Area)]) -> Vec<Segment> {
    let segments = leg.iter();
    segments
        .map(|&(source, area)| Segment { source, area })
        .collect()
}

fn longest(free: &[Areas]) -> u64 {
    free.iter().map(Areas::longest).max().unwrap_or(0)
}

fn figures(request: &Request, legs: Vec<Vec<Segment>>, redundant: bool) -> Figures {
    let legs: Vec<Vec<Segment>> = legs.iter().map(|leg| joined(leg)).collect();
    let segments = match request.cuts {
        Cuts::Apart => legs.iter().map(Vec::len).sum::<usize>(),
        Cuts::Together => {
            let mut starts = BTreeSet::new();
            for leg in &legs {
                let mut offset = 0;
                for segment in leg {
                    starts.insert(offset);
                    offset += segment.area.count();
                }
            }
            starts.len()
        }
    };
    let mut legs_on: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (leg, segments) in legs.iter().enumerate() {
        for segment in segments {
            legs_on.entry(segment.source).or_default().insert(leg);
        }
    }
    let shared = legs_on.values().filter(|legs| redundant && legs.len() > 1);
    Figures {
        segments: segments as u64,
        disks: legs_on.len() as u64,
        shared_disks: shared.count() as u64,
    }
}
