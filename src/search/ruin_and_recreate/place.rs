//! Where one unit goes beside what is placed, whatever it is.

use crate::search::ruin_and_recreate::choice::best_fit;
use crate::search::ruin_and_recreate::leg::one_leg;
use crate::search::ruin_and_recreate::model::Kind;
use crate::search::ruin_and_recreate::noise::Noise;
use crate::search::ruin_and_recreate::state::{Placed, State};
use crate::search::ruin_and_recreate::together;

/// Places a unit beside what is placed; nothing is taken if there is no place that is seen.
pub(crate) fn place(state: &mut State<'_>, unit: usize, noise: &mut Noise) -> bool {
    let of = state.model.units[unit];
    let placed: Option<Placed> = match of.kind {
        Kind::Leg(leg) => {
            let open = state.open(unit, leg, &[], false);
            one_leg(state, of.request, leg, &open, of.extents, noise).map(|pieces| vec![pieces])
        }
        Kind::Legs => together::place(state, unit, noise),
        Kind::Metadata(_) | Kind::Log => {
            let leg = of.kind.leg().unwrap_or(0);
            let open = state.open(unit, leg, &[], false);
            best_fit(state, &open, of.extents, &[], noise).map(|piece| vec![vec![piece]])
        }
    };
    let is_placed = placed.is_some();
    if let Some(placed) = placed {
        state.keep(unit, placed);
    }
    is_placed
}
