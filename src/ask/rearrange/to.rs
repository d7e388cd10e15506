//! A layout that the user drew: another state of the volume group, or a plan of our own whose requests are its volumes.

use crate::ask::fault::{Fault, Result, fault};
use crate::ask::pool::Pool;
use crate::core::{Goal, Measure, Problem, Request};
use crate::json;
use crate::lvm::{self, Drawn, MoveState, VolumeGroup};

/// The goals of a text that draws a layout, and that `name` has in messages.
///
/// # Errors
/// If it is nothing that is known, or none of this group.
pub(crate) fn goals(
    name: &str,
    text: &str,
    group: &VolumeGroup,
    state: &MoveState,
) -> Result<Vec<Goal>> {
    let is_ours = text.trim_start().starts_with('{') && !lvm::looks_like_report(text);
    let drawn = match is_ours {
        true => plan(name, text, state)?,
        false => match Pool::read(text, name, Some(&group.name))? {
            Pool::Group(picture) => {
                lvm::drawn_by(group, &picture).map_err(|error| fault!("--to {name}: {error}"))?
            }
            Pool::Native(_) => return Err(fault!("--to {name}: expected a plan or LVM2 metadata")),
        },
    };
    lvm::drawn_goals(group, state, &drawn).map_err(|error| fault!("--to {name}: {error}"))
}

/// The layout of a plan, each request of which is a logical volume that holds extents, its legs the stripes.
fn plan(name: &str, text: &str, state: &MoveState) -> Result<Drawn> {
    let mut names: Vec<&str> = state
        .names
        .iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    let requests = names.iter().map(|name| Request::linear(name, 1));
    let sources = state.state.sources.clone();
    let problem = Problem::new(sources, requests.collect(), vec![Measure::Segments]);
    let problem = problem.map_err(|defects| {
        let words: Vec<String> = defects.iter().map(ToString::to_string).collect();
        fault!("{}", words.join("; "))
    })?;
    let document = json::read_plan(text, &problem).map_err(|error| Fault::json(name, &error))?;
    let Some(plan) = document.plan else {
        return Err(fault!("--to {name}: the plan has no layout"));
    };
    let mut drawn = Drawn::new();
    for (volume, allocation) in names.iter().zip(plan.allocations) {
        let Some(allocation) = allocation else {
            continue;
        };
        if !allocation.metadata.is_empty() || !allocation.logs.is_empty() {
            return Err(fault!(
                "--to {name}: `{volume}`: metadata and logs are logical volumes of their own: draw each as a request"
            ));
        }
        drawn.insert((*volume).to_string(), allocation.legs);
    }
    Ok(drawn)
}
