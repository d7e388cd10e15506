//! Requests that keep away from sources at some offsets: planned as if they did not, and their pieces then put in an
//! order in which they do.
//!
//! The rule that is left out makes every plan of the problem one of the easier problem: its bounds hold. Which
//! piece comes first is free in most classes, so that a plan of the easier problem mostly becomes one of this
//! by depth-first search over orders, most restricted pieces first; where that fails, with a few more cuts.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::core::{
    Allocation, Answer, Area, Avoidance, Cuts, Limits, Method, Plan, Policy, Problem, Proof,
    Request, Segment, Separation, StopReason, check, cost,
};

/// More cuts than the plan of the easier problem has, and orders that are looked at for each number.
const MOST_CUTS: usize = 3;
const MOST_ORDERS: u32 = 1 << 15;

/// The answer where some request avoids something; `ask` answers the easier problem.
pub(crate) fn plan(
    problem: &Problem,
    ask: fn(&Problem, Option<&Plan>, &Limits<'_>) -> Answer,
    limits: &Limits<'_>,
) -> Option<Answer> {
    let avoiding = problem
        .requests()
        .iter()
        .filter(|request| !request.avoid.is_empty());
    let mut avoiding = avoiding.peekable();
    // Who is in one piece has no pieces to put in order.
    if avoiding.peek().is_none() || avoiding.any(|request| request.policy == Policy::Contiguous) {
        return None;
    }
    let mut requests = problem.requests().to_vec();
    requests
        .iter_mut()
        .for_each(|request| request.avoid.clear());
    let easier = problem
        .with_requests(requests, problem.objective().to_vec())
        .ok()?;
    // Half of the time is kept for the problem itself; what is found on the way is of the easier one.
    let kept = (limits.remaining)().unwrap_or_default() / 2;
    let remaining = || (limits.remaining)().map(|left| left.saturating_sub(kept));
    let quiet = Limits {
        remaining: &remaining,
        found: &|_, _, _| {},
        bounded: &|_, _| {},
        ..*limits
    };
    let answer = ask(&easier, None, &quiet);
    let bound = answer.lower_bound();
    let known = match answer {
        Answer::Impossible { .. } => return Some(answer),
        Answer::Best { plan, .. } | Answer::Found { plan, .. } => Some(plan),
        Answer::Unknown { .. } => None,
    };
    let plan = known.and_then(|known| ordered(problem, &known, limits));
    let stopped = StopReason::MethodEnds;
    Some(match plan {
        Some(plan) if check(problem, &plan).is_empty() => {
            let cost = cost(problem, &plan);
            let method = Method::Construction;
            match bound.is_met_by(&cost) {
                true => Answer::Best {
                    plan,
                    cost,
                    method,
                    proof: Proof::BoundMet,
                    certificates: Vec::new(),
                },
                false => Answer::Found {
                    plan,
                    cost,
                    bound,
                    method,
                    stopped,
                    certificates: Vec::new(),
                },
            }
        }
        Some(_) | None => Answer::Unknown { bound, stopped },
    })
}

/// The plan with the pieces of each request that avoids something in another order.
fn ordered(problem: &Problem, plan: &Plan, limits: &Limits<'_>) -> Option<Plan> {
    let mut plan = plan.clone();
    for (request, allocation) in problem.requests().iter().zip(&mut plan.allocations) {
        if let Some(allocation) = allocation
            && !request.avoid.is_empty()
        {
            *allocation = Allocation {
                legs: legs(request, &allocation.legs, limits)?,
                ..allocation.clone()
            };
        }
    }
    Some(plan)
}

fn legs(
    request: &Request,
    legs: &[Vec<Segment>],
    limits: &Limits<'_>,
) -> Option<Vec<Vec<Segment>>> {
    let mut avoid = request.avoid.clone();
    if request.cuts == Cuts::Together {
        let ordered = order(intervals(legs), &avoid, limits)?;
        let leg = |leg: usize| ordered.iter().map(|interval| interval[leg]).collect();
        return Some((0..legs.len()).map(leg).collect());
    }
    let mut ordered: Vec<Vec<Segment>> = Vec::with_capacity(legs.len());
    for leg in legs {
        let pieces = leg.iter().map(|&segment| vec![segment]).collect();
        let leg: Vec<Segment> = order(pieces, &avoid, limits)?
            .into_iter()
            .flatten()
            .collect();
        if request.separation() == Separation::Segment {
            // Where this leg lies the next ones do not.
            let mut offset = 0;
            for segment in &leg {
                let sources = BTreeSet::from([segment.source]);
                let end = offset + segment.area.count();
                avoid.extend(
                    Area::between(offset, end).map(|offsets| Avoidance { offsets, sources }),
                );
                offset = end;
            }
        }
        ordered.push(leg);
    }
    Some(ordered)
}

/// What is moved as one: a segment, or one of every leg, all of one length.
type Piece = Vec<Segment>;

fn length(piece: &Piece) -> u64 {
    piece.first().map_or(0, |segment| segment.area.count())
}

/// The pieces in an order that avoids what is to be avoided, cut as seldom as is managed.
fn order(pieces: Vec<Piece>, avoid: &[Avoidance], limits: &Limits<'_>) -> Option<Vec<Piece>> {
    (0..=MOST_CUTS).find_map(|cuts| {
        let mut search = Search {
            avoid,
            left: Vec::new(),
            cuts,
            orders: MOST_ORDERS,
            limits,
        };
        // Most restricted ones first.
        let mut left = pieces.clone();
        left.sort_by_cached_key(|piece| {
            let restricted = search.restricted(piece);
            (Reverse(restricted), Reverse(length(piece)), piece.clone())
        });
        search.left = left;
        let mut placed = Vec::new();
        search.go_on(0, &mut placed).then_some(placed)
    })
}

/// Depth-first search over orders.
struct Search<'a> {
    avoid: &'a [Avoidance],
    left: Vec<Piece>,
    /// Cuts that may still be made.
    cuts: usize,
    orders: u32,
    limits: &'a Limits<'a>,
}

impl Search<'_> {
    /// Whether what is left can go on from `offset`; it is then in `placed`.
    fn go_on(&mut self, offset: u64, placed: &mut Vec<Piece>) -> bool {
        if self.left.is_empty() {
            return true;
        }
        if self.orders == 0 || self.limits.is_over() {
            return false;
        }
        self.orders -= 1;
        let mut tried = BTreeSet::new();
        for at in 0..self.left.len() {
            let piece = self.left[at].clone();
            let alike = (
                length(&piece),
                self.reach(&piece, offset),
                self.restrictions(&piece),
            );
            let (whole, reach, _) = &alike;
            let cut = match reach < whole {
                true if *reach == 0 || self.cuts == 0 => continue,
                is_cut => is_cut,
            };
            let reach = *reach;
            // One of those that are alike stands for all.
            if !tried.insert(alike) {
                continue;
            }
            let (front, rest): (Piece, Piece) = match cut {
                true => split(&piece, reach),
                false => (piece.clone(), Vec::new()),
            };
            if cut {
                self.cuts -= 1;
                self.left[at] = rest;
            } else {
                self.left.remove(at);
            }
            let end = offset + length(&front);
            placed.push(front);
            if self.go_on(end, placed) {
                return true;
            }
            placed.pop();
            if cut {
                self.cuts += 1;
                self.left[at] = piece;
            } else {
                self.left.insert(at, piece);
            }
        }
        false
    }

    /// What the piece has to avoid.
    fn restrictions(&self, piece: &Piece) -> Vec<usize> {
        let meets = |avoidance: &Avoidance| {
            piece
                .iter()
                .any(|segment| avoidance.sources.contains(&segment.source))
        };
        (0..self.avoid.len())
            .filter(|&index| meets(&self.avoid[index]))
            .collect()
    }

    /// At how many offsets the piece must not be.
    fn restricted(&self, piece: &Piece) -> u64 {
        let of = self.restrictions(piece).into_iter();
        of.map(|index| self.avoid[index].offsets.count()).sum()
    }

    /// How much of the piece can lie from `offset` on.
    fn reach(&self, piece: &Piece, offset: u64) -> u64 {
        let end = offset + length(piece);
        let of = self
            .restrictions(piece)
            .into_iter()
            .map(|index| self.avoid[index].offsets);
        let met = of.filter(|offsets| offsets.start() < end && offset < offsets.end());
        let first = met.map(|offsets| offsets.start().max(offset)).min();
        first.unwrap_or(end) - offset
    }
}

/// Legs that are cut together, as intervals: wherever one of them ends a segment.
fn intervals(legs: &[Vec<Segment>]) -> Vec<Piece> {
    let reversed = legs.iter().map(|leg| leg.iter().rev().copied().collect());
    let mut left: Vec<Vec<Segment>> = reversed.collect();
    let mut intervals = Vec::new();
    loop {
        let next: Piece = left.iter_mut().filter_map(Vec::pop).collect();
        let Some(shortest) = next.iter().map(|segment| segment.area.count()).min() else {
            return intervals;
        };
        let parts = next.iter().zip(&mut left).map(|(segment, left)| {
            let (area, rest) = segment.area.split(shortest);
            left.extend(rest.map(|area| Segment { area, ..*segment }));
            Segment { area, ..*segment }
        });
        intervals.push(parts.collect());
    }
}

/// The first extents of the piece, fewer than all, and the others.
fn split(piece: &Piece, extents: u64) -> (Piece, Piece) {
    let parts = piece.iter().filter_map(|segment| {
        let (front, rest) = segment.area.split(extents);
        let part = |area| Segment { area, ..*segment };
        Some((part(front), part(rest?)))
    });
    parts.unzip()
}
