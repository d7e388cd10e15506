//! A layout that the user drew: another state of the volume group, or a plan of our own whose requests are its volumes.

use std::path::Path;

use anyhow::{Context, anyhow, bail};

use crate::cli::pool::{self, Pool};
use crate::cli::{input, local};
use crate::core::{Goal, Measure, Problem, Request};
use crate::json;
use crate::lvm::{self, Drawn, MoveState, VolumeGroup};

/// The goals of a file that draws a layout.
///
/// # Errors
/// If it cannot be read, or is none of this group.
pub(crate) fn goals(
    path: &Path,
    group: &VolumeGroup,
    state: &MoveState,
) -> anyhow::Result<Vec<Goal>> {
    let name = input::name(path);
    let text = local::pool_text(path)?;
    let is_ours = text.trim_start().starts_with('{') && !lvm::looks_like_report(&text);
    let drawn = match is_ours {
        true => plan(path, &text, state)?,
        false => match pool::read(path, Some(&group.name))?.0 {
            Pool::Group(picture) => {
                lvm::drawn_by(group, &picture).with_context(|| format!("--to {name}"))?
            }
            Pool::Native(_) => bail!("--to {name}: expected a plan or LVM2 metadata"),
        },
    };
    lvm::drawn_goals(group, state, &drawn).with_context(|| format!("--to {name}"))
}

/// The layout of a plan, each request of which is a logical volume that holds extents, its legs the stripes.
fn plan(path: &Path, text: &str, state: &MoveState) -> anyhow::Result<Drawn> {
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
        anyhow!("{}", words.join("; "))
    })?;
    let document = json::read_plan(text, &problem).map_err(|error| input::wrong(path, &error))?;
    let Some(plan) = document.plan else {
        bail!("--to {}: the plan has no layout", input::name(path));
    };
    let mut drawn = Drawn::new();
    for (name, allocation) in names.iter().zip(plan.allocations) {
        let Some(allocation) = allocation else {
            continue;
        };
        if !allocation.metadata.is_empty() || !allocation.logs.is_empty() {
            bail!(
                "--to {}: `{name}`: metadata and logs are logical volumes of their own: draw each as a request",
                input::name(path)
            );
        }
        drawn.insert((*name).to_string(), allocation.legs);
    }
    Ok(drawn)
}
