//! From pieces to segments, and back from a plan to pieces.

use crate::core::{Allocation, Area, Place, Plan, Segment};
use crate::search::ruin_and_recreate::model::{Kind, Model};
use crate::search::ruin_and_recreate::state::{Piece, Placed, State};

/// The plan, with the requests left out that are not placed whole.
pub(crate) fn plan(model: &Model<'_>, placed: &[Option<Placed>]) -> Plan {
    let mut next: Vec<u64> = model.cells.iter().map(|cell| cell.area.start()).collect();
    let whole = model.wishes.iter().map(|wish| {
        let mut units = wish.units.clone();
        units.all(|unit| placed[unit].is_some())
    });
    let whole: Vec<bool> = whole.collect();
    let mut segments: Vec<Vec<Vec<Segment>>> = vec![Vec::new(); model.units.len()];
    // What goes on lies first.
    let mut lay = |unit: usize, only_first: bool| {
        let placed = placed[unit].iter().flatten();
        for (leg, pieces) in placed.enumerate() {
            if only_first {
                segments[unit].push(Vec::new());
            }
            for (index, piece) in pieces.iter().enumerate() {
                if piece.goes_on != only_first {
                    continue;
                }
                let start = &mut next[piece.cell];
                if let Some(area) = Area::new(*start, piece.extents) {
                    let source = model.cells[piece.cell].source;
                    let list = &mut segments[unit][leg];
                    list.insert(index.min(list.len()), Segment { source, area });
                }
                *start += piece.extents;
            }
        }
    };
    let units = || (0..model.units.len()).filter(|&unit| whole[model.units[unit].request]);
    units().for_each(|unit| lay(unit, true));
    units().for_each(|unit| lay(unit, false));
    let allocations = model.wishes.iter().enumerate().map(|(request, wish)| {
        if !whole[request] {
            return None;
        }
        let front = wish.request.front_extents();
        let mut allocation = Allocation::default();
        for unit in wish.units.clone() {
            let placed = segments[unit].iter();
            match model.units[unit].kind {
                Kind::Leg(_) | Kind::Legs => {
                    for pieces in placed {
                        let mut pieces = pieces.clone();
                        let first = pieces.first_mut()?;
                        if front > 0 {
                            if first.area.count() <= front {
                                return None;
                            }
                            let (area, rest) = first.area.split(front);
                            let source = first.source;
                            first.area = rest?;
                            allocation.metadata.push(Segment { source, area });
                        }
                        allocation.legs.push(pieces);
                    }
                }
                Kind::Metadata(_) => allocation.metadata.extend(placed.flatten()),
                Kind::Log => allocation.logs.extend(placed.flatten()),
            }
        }
        Some(allocation)
    });
    Plan {
        allocations: allocations.collect(),
    }
}

/// Places what a plan places; what does not lie on cells is left out.
pub(crate) fn start_from(state: &mut State<'_>, plan: &Plan) {
    let model = state.model;
    for (wish, allocation) in model.wishes.iter().zip(&plan.allocations) {
        let Some(allocation) = allocation else {
            continue;
        };
        let in_front = wish
            .request
            .metadata
            .is_some_and(|metadata| metadata.place == Place::Front);
        let mut logs = allocation.logs.iter();
        for unit in wish.units.clone() {
            let pieces_of = |leg: usize| {
                let segments = &allocation.legs[leg];
                let metadata = allocation.metadata.get(leg).filter(|_| in_front);
                let whole = metadata.into_iter().chain(segments);
                let goes_on = wish.goes_on[leg].filter(|_| !in_front);
                // Metadata and what follows them lie on one cell, or are placed anew.
                let front = wish.request.front_extents();
                pieces(model, whole, goes_on)
                    .filter(|pieces| pieces.first().is_some_and(|first| first.extents > front))
            };
            let placed = match model.units[unit].kind {
                Kind::Leg(leg) => pieces_of(leg).map(|pieces| vec![pieces]),
                Kind::Legs => (0..allocation.legs.len()).map(pieces_of).collect(),
                Kind::Metadata(leg) => {
                    pieces(model, allocation.metadata.get(leg), None).map(|p| vec![p])
                }
                Kind::Log => pieces(model, logs.next(), None).map(|p| vec![p]),
            };
            if let Some(placed) = placed {
                state.put_back(unit, placed);
            }
        }
    }
}

/// Segments one after another as pieces of cells.
fn pieces<'s>(
    model: &Model<'_>,
    segments: impl IntoIterator<Item = &'s Segment>,
    goes_on: Option<usize>,
) -> Option<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
    for segment in segments {
        let mut at = segment.area.start();
        while at < segment.area.end() {
            let key = (segment.source, at);
            let after = model
                .cells
                .partition_point(|cell| (cell.source, cell.area.start()) <= key);
            let cell = after.checked_sub(1)?;
            let holds = &model.cells[cell];
            let end = holds.area.end().min(segment.area.end());
            if holds.source != segment.source || end <= at {
                return None;
            }
            let is_first = pieces.is_empty() && goes_on == Some(cell) && at == holds.area.start();
            match pieces.last_mut() {
                Some(last) if last.cell == cell => last.extents += end - at,
                Some(_) | None => pieces.push(Piece {
                    cell,
                    extents: end - at,
                    goes_on: is_first,
                }),
            }
            at = end;
        }
    }
    Some(pieces)
}
