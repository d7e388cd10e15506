//! From the values of a program's columns to the plan that they stand for.

use crate::core::{Allocation, Area, Plan, Problem, Request, Segment};
use crate::ip::compile::{Columns, Compiled, Meaning, Places, RequestColumns};

/// Most pieces that are tried one in front of another where places overlap. The order that is tried
/// first almost always fits; the limit keeps a crowded area from taking for ever.
const MOST_TRIES: u32 = 100_000;

/// Most pieces that are ordered by trying; bounds the depth of the search.
const MOST_OVERLAPPING: usize = 1_000;

/// Something that lies in one piece in its place.
#[derive(Clone, Copy, Debug)]
struct Piece {
    request: usize,
    what: What,
    place: usize,
    extents: u64,
    /// Whether it lies at the start of its place.
    is_pinned: bool,
}

/// What a piece is, by leg or log.
#[derive(Clone, Copy, Debug)]
enum What {
    /// A run of a leg; with so many extents of metadata in front.
    Run {
        leg: usize,
        front: u64,
    },
    Metadata,
    Log,
}

/// The plan that whole values stand for, or `None` if the pieces do not fit where places overlap.
///
/// The values satisfy every row.
pub(crate) fn decode(compiled: &Compiled, problem: &Problem, values: &[i32]) -> Option<Plan> {
    match &compiled.meaning {
        Meaning::Areas(columns) => decode_areas(columns, problem.requests(), values),
        Meaning::Bundles(bundles) => Some(bundles.decode(problem, values)),
    }
}

fn decode_areas(all: &Columns, requests: &[Request], values: &[i32]) -> Option<Plan> {
    let mut pieces = Vec::new();
    let mut plan = Plan::default();
    for (index, (request, columns)) in requests.iter().zip(&all.requests).enumerate() {
        let is_placed = columns.left_out.is_none_or(|column| values[column] == 0);
        plan.allocations.push(is_placed.then(|| Allocation {
            legs: vec![Vec::new(); columns.legs],
            ..Allocation::default()
        }));
        if is_placed {
            collect(index, request, columns, values, &mut pieces);
        }
    }
    let starts = lay_out(&all.places, &pieces)?;
    for (piece, start) in pieces.iter().zip(starts) {
        let area = Area::new(start, piece.extents).expect("a piece is not empty");
        let source = all.places.list[piece.place].source;
        let allocation = plan.allocations[piece.request]
            .as_mut()
            .expect("only placed requests have pieces");
        match piece.what {
            What::Run { leg, front: 0 } => allocation.legs[leg].push(Segment { source, area }),
            What::Run { leg, front } => {
                let (front, rest) = area.split(front);
                let rest = rest.expect("a leg has extents behind its metadata");
                allocation.metadata.push(Segment {
                    source,
                    area: front,
                });
                allocation.legs[leg].push(Segment { source, area: rest });
            }
            What::Metadata => allocation.metadata.push(Segment { source, area }),
            What::Log => allocation.logs.push(Segment { source, area }),
        }
    }
    Some(plan)
}

/// The pieces of a request, legs in order of their offsets.
fn collect(
    index: usize,
    request: &Request,
    columns: &RequestColumns,
    values: &[i32],
    pieces: &mut Vec<Piece>,
) {
    let is_set = |column: usize| values[column] > 0;
    let chosen = |list: &[(usize, usize)]| {
        list.iter()
            .find(|(_, column)| is_set(*column))
            .map(|(place, _)| *place)
    };
    for (leg, steps) in columns.cells.iter().enumerate() {
        let front = columns.fronts.get(leg).and_then(|list| chosen(list));
        let pinned = columns.goes_on[leg].filter(|(_, column)| is_set(*column));
        let mut entered = front.or(pinned.map(|(place, _)| place));
        let mut runs: Vec<(usize, u64)> = Vec::new();
        for (number, cells) in steps.iter().enumerate() {
            let joins = columns.joins.get(leg).and_then(|joins| joins.get(number));
            let left = joins.and_then(|joins| chosen(joins));
            let mut here: Vec<(usize, u64)> = cells
                .iter()
                .filter_map(|cell| Some((cell.place, u64::try_from(values[cell.extents]).ok()?)))
                .filter(|(_, extents)| *extents > 0)
                .collect();
            // What goes on from before comes first, what goes on behind last.
            here.sort_by_key(|(place, _)| (Some(*place) != entered, Some(*place) == left, *place));
            for (place, extents) in here {
                match runs.last_mut() {
                    Some((last, sum)) if *last == place => *sum += extents,
                    Some(_) | None => runs.push((place, extents)),
                }
            }
            entered = left;
        }
        for (number, (place, extents)) in runs.into_iter().enumerate() {
            let is_first = number == 0;
            let front = if is_first { request.front_extents() } else { 0 };
            pieces.push(Piece {
                request: index,
                what: What::Run { leg, front },
                place,
                extents: extents + front,
                is_pinned: is_first && pinned.is_some(),
            });
        }
    }
    let mut leg = 0;
    for &(place, column) in &columns.counts {
        for _ in 0..values[column] {
            let front = request.front_extents();
            pieces.push(Piece {
                request: index,
                what: What::Run { leg, front },
                place,
                extents: request.leg_extents() + front,
                is_pinned: false,
            });
            leg += 1;
        }
    }
    let whole = |place: usize, what: What, extents: u64| Piece {
        request: index,
        what,
        place,
        extents,
        is_pinned: false,
    };
    if let Some(metadata) = request.metadata {
        let places = columns.metadata.iter().filter_map(|list| chosen(list));
        pieces.extend(places.map(|place| whole(place, What::Metadata, metadata.extents)));
    }
    if let Some(log) = request.log {
        for &(place, column) in &columns.logs {
            for _ in 0..values[column] {
                pieces.push(whole(place, What::Log, log.extents));
            }
        }
    }
}

/// The first extent of each piece.
fn lay_out(places: &Places, pieces: &[Piece]) -> Option<Vec<u64>> {
    let mut by_place: Vec<Vec<usize>> = vec![Vec::new(); places.list.len()];
    for (index, piece) in pieces.iter().enumerate() {
        by_place[piece.place].push(index);
    }
    let mut starts = vec![0; pieces.len()];
    for group in &places.groups {
        let mut here: Vec<usize> = group
            .iter()
            .flat_map(|&place| by_place[place].clone())
            .collect();
        let first = group
            .iter()
            .map(|&place| places.list[place].area.start())
            .min()?;
        if group.len() == 1 {
            // One behind the other in any order, the one that is pinned to the start before all.
            here.sort_by_key(|&index| (!pieces[index].is_pinned, index));
            let mut cursor = first;
            for index in here {
                starts[index] = cursor;
                cursor += pieces[index].extents;
            }
            continue;
        }
        // Earliest end first: optimal for pieces that may all begin at once.
        here.sort_by_key(|&index| (places.list[pieces[index].place].area.end(), index));
        let mut packing = Packing {
            places,
            pieces,
            starts: &mut starts,
            tries: 0,
        };
        if here.len() > MOST_OVERLAPPING || !packing.goes(&mut here, first) {
            return None;
        }
    }
    Some(starts)
}

/// The search for an order in which pieces fit where places overlap.
struct Packing<'a> {
    places: &'a Places,
    pieces: &'a [Piece],
    starts: &'a mut [u64],
    tries: u32,
}

impl Packing<'_> {
    /// Puts pieces one behind another, in the first order that keeps each in its place.
    fn goes(&mut self, left: &mut Vec<usize>, cursor: u64) -> bool {
        if left.is_empty() {
            return true;
        }
        for position in 0..left.len() {
            self.tries += 1;
            if self.tries > MOST_TRIES {
                return false;
            }
            let index = left[position];
            let piece = self.pieces[index];
            let area = self.places.list[piece.place].area;
            let start = cursor.max(area.start());
            let is_inside = start
                .checked_add(piece.extents)
                .is_some_and(|end| end <= area.end());
            if !is_inside || (piece.is_pinned && start != area.start()) {
                continue;
            }
            self.starts[index] = start;
            left.remove(position);
            if self.goes(left, start + piece.extents) {
                return true;
            }
            left.insert(position, index);
        }
        false
    }
}
