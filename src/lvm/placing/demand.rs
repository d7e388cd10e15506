//! What a command asks for, found by running it where nothing has a place.

use std::collections::{BTreeSet, HashMap};

use crate::core::Problem;
use crate::lvm::command::paths::plain;
use crate::lvm::import::sources;
use crate::lvm::parts::with_parts;
use crate::lvm::placing::interim::interim;
use crate::lvm::placing::problem::Placing;
use crate::lvm::placing::request::{Asked, Ground, requests};
use crate::lvm::placing::reshaped::without_space;
use crate::lvm::placing::run::{Run, run_without_places};
use crate::lvm::simulate::SimulationError;
use crate::lvm::{LvSegment, Settings, TypedStep, VolumeGroup};

/// What a command asks for; `None` if it places nothing.
///
/// # Errors
/// LVM2's refusal, for a reason that is none of room, or that what the command does is not known.
pub fn placing(
    group: &VolumeGroup,
    typed: &TypedStep,
    settings: &Settings,
) -> Result<Option<Placing>, SimulationError> {
    let Run { after, mut asks } = run_without_places(group, typed, settings)?;
    // A share of the origin is as much as there is room for.
    let size = typed.given.get("extents").unwrap_or_default();
    if size.to_uppercase().contains("%O") {
        asks.iter_mut().for_each(|ask| ask.approximate = true);
    }
    if asks.is_empty() {
        return Ok(None);
    }
    let freed = without_space(group, typed);
    let group = freed.as_ref().unwrap_or(group);
    let stand_in = group.physical_volumes.len();
    let mut names = HashMap::new();
    for volume in &after.logical_volumes {
        for (source, area) in volume.segments.iter().flat_map(LvSegment::physical) {
            if source == stand_in {
                names.insert(area.start(), volume.name.as_str());
            }
        }
    }
    let all_tags = group
        .physical_volumes
        .iter()
        .flat_map(|volume| &volume.tags);
    let all_tags: BTreeSet<String> = all_tags.cloned().collect();
    let ground = Ground {
        group,
        tags: settings.cling_tags(&all_tags),
        names,
        own: lies_on(group, typed),
    };
    let Asked {
        requests,
        apart,
        parts,
    } = requests(&ground, &asks)?;
    let log_word = |part: &Vec<usize>| asks[part[0]].kind.log_word();
    let log_words = parts.iter().map(log_word).collect();
    let sources = sources(group);
    let problem = Problem::new(sources, requests, Vec::new());
    let problem = problem.map_err(|defects| {
        let words: Vec<String> = defects.iter().map(ToString::to_string).collect();
        SimulationError::unsupported(words.join("; "))
    })?;
    Ok(Some(Placing {
        typed: typed.clone(),
        problem,
        apart,
        log_words,
        notes: interim(&after, typed).into_iter().collect(),
        parts,
    }))
}

/// The physical volumes under the volume that a command is about.
fn lies_on(group: &VolumeGroup, typed: &TypedStep) -> BTreeSet<usize> {
    let name = typed.given.arguments.first();
    let name = name.map(|name| plain(name));
    let names = name.into_iter().flat_map(|name| with_parts(group, &name));
    let names: Vec<String> = names.collect();
    let volumes = names.iter().filter_map(|name| group.logical_volume(name));
    let segments = volumes.flat_map(|volume| &volume.segments);
    let pieces = segments.flat_map(LvSegment::physical);
    pieces.map(|(source, _)| source).collect()
}
