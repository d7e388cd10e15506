//! Physical volumes that make LVM2 build a plan: which of what is planned is offered, and in which order.

use thiserror::Error;

use crate::core::{Allocation, Area, Cost, Plan, Problem, Segment};
use crate::lvm::command::options::Purpose;
use crate::lvm::command::read::read_as_typed;
use crate::lvm::export::forms::{arguments, arguments_by_volume, in_any_order};
use crate::lvm::placing::problem::Placing;
use crate::lvm::placing::run::{Made, is_as_good, placed_by_lvm2};
use crate::lvm::simulate::SimulationError;
use crate::lvm::{PvArgument, Settings, TypedStep, VolumeGroup};

/// Most forms of a command that are tried.
const MOST_FORMS: usize = 96;

/// A plan that no form of its command builds.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is a plan, and no `{command}` that was tried builds it: as typed, {instead}")]
pub struct SteerError {
    /// The program.
    pub command: String,
    /// What LVM2 does with the command as it was typed.
    pub instead: String,
}

/// A plan that is as good, and the command that makes LVM2 build it.
///
/// # Errors
/// [`SteerError`].
pub fn steered(
    group: &VolumeGroup,
    placing: &Placing,
    problem: &Problem,
    (plan, price): (&Plan, &Cost),
    settings: &Settings,
) -> Result<(Plan, TypedStep, VolumeGroup), SteerError> {
    let typed = &placing.typed;
    let mut instead = "LVM2 places it less well".to_string();
    match placed_by_lvm2(group, placing, typed, settings) {
        Ok(Made { after, plan }) => {
            if let Some(plan) = plan.filter(|plan| is_as_good(problem, plan, price)) {
                return Ok((plan, typed.clone(), after));
            }
        }
        Err(SimulationError::Refused(refusal)) => instead = format!("LVM2 refuses: {refusal}"),
        Err(error) => instead = error.to_string(),
    }
    for volumes in offers(group, placing, plan) {
        let Some(command) = with_volumes(typed, &volumes) else {
            break;
        };
        if let Ok(Made {
            after,
            plan: Some(plan),
        }) = placed_by_lvm2(group, placing, &command, settings)
            && is_as_good(problem, &plan, price)
        {
            return Ok((plan, command, after));
        }
    }
    Err(SteerError {
        command: typed.program.name().to_string(),
        instead,
    })
}

/// The command with other physical volumes.
fn with_volumes(typed: &TypedStep, volumes: &[PvArgument]) -> Option<TypedStep> {
    let mut words = vec![typed.program.name().to_string()];
    for (name, value) in &typed.given.options {
        words.push(format!("--{name}"));
        if !value.is_empty() {
            words.push(value.clone());
        }
    }
    words.push(typed.given.arguments.first()?.clone());
    words.extend(volumes.iter().map(PvArgument::to_string));
    read_as_typed(&words, Purpose::Plan).ok()
}

/// What may be offered, the plainest first.
fn offers(group: &VolumeGroup, placing: &Placing, plan: &Plan) -> Vec<Vec<PvArgument>> {
    let pairs = placing.problem.requests().iter().zip(&plan.allocations);
    let pairs = pairs.filter_map(|(request, allocation)| Some((request, allocation.as_ref()?)));
    let all: Vec<(bool, Vec<Segment>)> = pairs
        .map(|(request, allocation)| {
            let few = request
                .allowed
                .as_ref()
                .is_some_and(|allowed| allowed.len() <= 1);
            (few, pieces(allocation))
        })
        .collect();
    let every: Vec<Segment> = all.iter().flat_map(|(_, pieces)| pieces.clone()).collect();
    let free: Vec<Segment> = all
        .iter()
        .filter(|(few, _)| !few)
        .flat_map(|(_, pieces)| pieces.clone())
        .collect();
    let largest = all.iter().map(|(_, pieces)| pieces.clone());
    let largest = largest
        .max_by_key(|pieces| extents(pieces))
        .unwrap_or_default();
    let mut sets: Vec<Vec<Segment>> = Vec::new();
    for set in [every, free, largest] {
        if !set.is_empty() && !sets.contains(&set) {
            sets.push(set);
        }
    }
    let mut forms: Vec<Vec<PvArgument>> = Vec::new();
    for set in sets {
        let mut longest = set.clone();
        longest.sort_by_key(|piece| std::cmp::Reverse(piece.area.count()));
        let orders = [set.clone(), longest].into_iter().chain(in_any_order(set));
        for order in orders {
            for form in [
                arguments(group, &order),
                arguments_by_volume(group, &order),
                whole(group, &order),
            ] {
                if !forms.contains(&form) && forms.len() < MOST_FORMS {
                    forms.push(form);
                }
            }
        }
    }
    forms
}

fn extents(pieces: &[Segment]) -> u64 {
    pieces.iter().map(|piece| piece.area.count()).sum()
}

/// The physical volumes of the pieces, each once and whole.
fn whole(group: &VolumeGroup, pieces: &[Segment]) -> Vec<PvArgument> {
    let mut order: Vec<usize> = Vec::new();
    for piece in pieces {
        if !order.contains(&piece.source) {
            order.push(piece.source);
        }
    }
    let argument = |source: usize| PvArgument::Device {
        name: group.physical_volumes[source].device.clone(),
        ranges: Vec::new(),
    };
    order.into_iter().map(argument).collect()
}

/// What an allocation takes: each leg with the metadata in front of it, then what goes with all of them.
fn pieces(allocation: &Allocation) -> Vec<Segment> {
    let mut pieces = Vec::new();
    for (leg, segments) in allocation.legs.iter().enumerate() {
        let mut segments = segments.clone();
        if let (Some(metadata), Some(first)) = (allocation.metadata.get(leg), segments.first_mut())
            && let Some(area) = Area::between(metadata.area.start(), first.area.end())
        {
            first.area = area;
        }
        pieces.extend(segments);
    }
    pieces.extend(&allocation.logs);
    pieces
}
