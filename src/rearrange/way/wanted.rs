//! How much of which source is to be free for requests that may be cut: what copies the least.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Limits, Rearrangement, Request};
use crate::rearrange::MoveConflict;
use crate::rearrange::way::answer::cut_off;
use crate::rearrange::way::model::Model;
use crate::rearrange::way::program::{Ends, least};
use crate::rearrange::way::strands::Strands;

/// What is known of the room for requests.
pub(crate) enum Amounts {
    /// So much of each source is to be free; no moves that make room copy less than the bound.
    Least {
        free: BTreeMap<usize, u64>,
        bound: u64,
    },
    /// There is no room for them, whatever is moved.
    None { why: MoveConflict },
    /// Neither.
    Open { bound: u64 },
}

/// How much of each source requests take, each with the sources that it may take of. Policies are left out, and so is
/// that tags keep legs apart.
pub(crate) fn amounts(
    state: &Rearrangement,
    requests: &[(&Request, BTreeSet<usize>)],
    limits: &Limits<'_>,
) -> Amounts {
    let mut strands = Strands::of(state);
    for (number, (request, sources)) in requests.iter().enumerate() {
        strands.want(state.volumes.len() + number, request, sources);
    }
    let Some((model, flow)) = Model::of(&strands) else {
        return Amounts::Open { bound: 0 };
    };
    let (flow, bound) = match least(&strands, &model, flow, limits) {
        Ends::Least { flow, copied } => (flow, copied),
        Ends::Some { flow, bound } => (flow, bound),
        Ends::Open { bound } => return Amounts::Open { bound },
        Ends::None { nodes, cut } => {
            let why = match cut {
                Some(cut) => cut_off(state, &strands, &cut),
                None => MoveConflict::NoEnd { branches: nodes },
            };
            return Amounts::None { why };
        }
    };
    let mut free: BTreeMap<usize, u64> = BTreeMap::new();
    for entry in &model.entries {
        let is_wanted = |strand: usize| strands.strands[strand].wanted.is_some();
        let count = flow.through(entry.arc);
        if entry.strand.is_some_and(is_wanted) && count > 0 {
            *free.entry(strands.zones[entry.zone].source).or_default() += count;
        }
    }
    Amounts::Least { free, bound }
}
