//! What LVM2 built, beside what was planned.

use extentplan::core::{Allocation, Plan, Problem, Segment, Separation, joined};
use extentplan::lvm::{Dictionary, EntryPart, LogicalVolume, LvSegment, VolumeGroup, existing};

/// A plan with all that is needed to judge what became of it.
pub struct Planned {
    /// The group that it was made for.
    pub before: VolumeGroup,
    /// What was asked.
    pub problem: Problem,
    /// What stands for what.
    pub dictionary: Dictionary,
    /// What LVM2 was told to build.
    pub plan: Plan,
}

fn stretches(volume: &LogicalVolume) -> Vec<Segment> {
    let segments = volume.segments.iter().flat_map(LvSegment::physical);
    let segments: Vec<Segment> = segments
        .map(|(source, area)| Segment { source, area })
        .collect();
    joined(&segments)
}

fn to_segments(stretches: &[(usize, extentplan::core::Area)]) -> Vec<Segment> {
    let segments = stretches.iter();
    segments
        .map(|&(source, area)| Segment { source, area })
        .collect()
}

/// What LVM2 built otherwise than planned.
pub fn differences(case: &Planned, built: &VolumeGroup) -> Vec<String> {
    let mut wrong = Vec::new();
    let pairs = case.dictionary.entries.iter().zip(&case.plan.allocations);
    for (index, (entry, allocation)) in pairs.enumerate() {
        let Some(allocation) = allocation else {
            continue;
        };
        let mut differs = |what: String, expected: Vec<Segment>, found: Vec<Segment>| {
            if joined(&expected) != joined(&found) {
                wrong.push(format!("{what}: planned {expected:?}, built {found:?}"));
            }
        };
        if entry.part == EntryPart::Spare {
            let had = case.before.logical_volume(&entry.name).map(stretches);
            let had = had.unwrap_or_default();
            let expected = [had, allocation.legs[0].clone()].concat();
            let found = built.logical_volume(&entry.name).map(stretches);
            differs(entry.name.clone(), expected, found.unwrap_or_default());
            continue;
        }
        let data = entry.data_name();
        let made = match existing(built, &data) {
            Ok(made) => made,
            Err(error) => {
                wrong.push(format!("{data}: {error}"));
                continue;
            }
        };
        let grows = case.problem.requests()[index].grows.clone();
        for (leg, planned) in allocation.legs.iter().enumerate() {
            let had = existing(&case.before, &data).ok();
            let had = had.filter(|had| grows.is_some() && leg < had.legs.len());
            let had = had.map(|had| to_segments(&had.legs[leg]));
            let expected = [had.unwrap_or_default(), planned.clone()].concat();
            let found = made.legs.get(leg).map(|leg| to_segments(leg));
            differs(
                format!("{data} leg {leg}"),
                expected,
                found.unwrap_or_default(),
            );
        }
        for (leg, planned) in allocation.metadata.iter().enumerate() {
            let found = to_segments(&made.metadata[leg]);
            differs(entry.metadata_name(leg), vec![*planned], found);
        }
        for planned in &allocation.logs {
            let found = built.logical_volume(&entry.log_name()).map(stretches);
            differs(entry.log_name(), vec![*planned], found.unwrap_or_default());
        }
    }
    for volume in &case.before.logical_volumes {
        let is_asked = |name: &str| {
            let mut entries = case.dictionary.entries.iter();
            entries.any(|entry| {
                volume.name.starts_with(name) && entry.name == name || {
                    volume.name.starts_with(&entry.name)
                }
            })
        };
        if !is_asked(&volume.name) {
            let now = built.logical_volume(&volume.name);
            if now.map(|now| &now.segments) != Some(&volume.segments) {
                wrong.push(format!("{} was to stay as it is", volume.name));
            }
        }
    }
    wrong
}

/// Legs of RAID volumes and mirrors that newly share a physical volume, against the request.
pub fn shared(problem: &Problem, plan: &Plan) -> Vec<String> {
    let mut wrong = Vec::new();
    for (request, allocation) in problem.requests().iter().zip(&plan.allocations) {
        let Some(Allocation { legs, metadata, .. }) = allocation else {
            continue;
        };
        if request.separation() != Separation::Leg {
            continue;
        }
        for (first, leg) in legs.iter().enumerate() {
            for (second, other) in legs.iter().enumerate().skip(first + 1) {
                let of = |leg: &[Segment], index: usize| -> Vec<usize> {
                    let companions = metadata.get(index);
                    leg.iter().chain(companions).map(|s| s.source).collect()
                };
                let others = of(other, second);
                if of(leg, first).iter().any(|source| others.contains(source)) {
                    wrong.push(format!("{}: legs {first} and {second}", request.name));
                }
            }
        }
    }
    wrong
}
