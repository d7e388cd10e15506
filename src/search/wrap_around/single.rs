//! One linear request, one mirror, or one request anywhere, on as few areas as can be.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::core::{Area, Areas, Limits, Measure, Request, Segment, Separation};
use crate::search::bin_covering::bin_completion::{self, Outcome};
use crate::search::fewest::{
    Lengths, fewest_areas, fewest_sources_with, longest_areas, select, select_areas, with_more,
};
use crate::search::tradeoff::Selection;
use crate::search::verdict::Lower;
use crate::search::wrap_around::layout::{cover, front, trim};
use crate::search::wrap_around::leg_ends::line_up;

/// A layout of one request with what no layout can go below.
pub(crate) struct Single {
    pub(crate) lower: Lower,
    pub(crate) legs: Vec<Vec<Segment>>,
}

/// Lays out one request over what is offered, in one of `share` parts of the time; `None` if it does not fit.
pub(crate) fn single(
    request: &Request,
    offers: &[(usize, Areas)],
    objective: &[Measure],
    share: u64,
    limits: &Limits<'_>,
) -> Option<Single> {
    if request.legs() == 1 {
        line(request, offers, objective, limits)
    } else {
        columns(request, offers, objective, share, limits)
    }
}

/// One leg: any areas make one, the longest first. A leg that grows takes first what lies behind its
/// end, since that adds no segment.
fn line(
    request: &Request,
    offers: &[(usize, Areas)],
    objective: &[Measure],
    limits: &Limits<'_>,
) -> Option<Single> {
    let extents = request.leg_extents();
    let all: Vec<Lengths> = offers.iter().map(|(_, areas)| Lengths::of(areas)).collect();
    let (least, selection) = select(&all, extents, extents, objective, limits)?;
    let Some((source, behind)) = continuation(request, offers, 0) else {
        let lower = Lower {
            segments: least.areas,
            sources: least.sources,
            sources_with_least_segments: least.sources_with_least_areas,
            segments_with_least_sources: least.areas_with_least_sources,
            ..Lower::default()
        };
        let chosen = chosen(offers, &selection, usize::MAX, u64::MAX);
        let leg = trim(chosen.into_iter().flatten().collect(), extents);
        return Some(Single {
            lower,
            legs: vec![leg],
        });
    };
    let mut leg = front(source, &[behind], extents);
    let missing = extents - leg[0].area.count();
    let rest: Vec<(usize, Areas)> = offers
        .iter()
        .map(|(from, areas)| match *from == source {
            true => (*from, areas.difference(&behind.into())),
            false => (*from, areas.clone()),
        })
        .collect();
    let lengths: Vec<Lengths> = rest.iter().map(|(_, areas)| Lengths::of(areas)).collect();
    let (more, selection) = select(&lengths, missing, missing, objective, limits)?;
    let chosen = chosen(&rest, &selection, usize::MAX, u64::MAX);
    leg.extend(trim(chosen.into_iter().flatten().collect(), missing));
    let lower = Lower {
        segments: more.areas,
        sources: least.sources,
        ..Lower::default()
    };
    Some(Single {
        lower,
        legs: vec![leg],
    })
}

/// Several legs on the fewest areas that give all of them enough, and on a few more where leg ends cut areas;
/// legs that may share sources are made of pieces, each as if it were a source.
fn columns(
    request: &Request,
    offers: &[(usize, Areas)],
    objective: &[Measure],
    share: u64,
    limits: &Limits<'_>,
) -> Option<Single> {
    let (legs, extents) = (request.legs(), request.leg_extents());
    let needed = extents * legs as u64;
    let shared = request.separation() == Separation::None;
    let (cap, pieces) = if shared {
        (u64::MAX, legs)
    } else {
        (extents, 1)
    };
    let longest = if shared { extents } else { u64::MAX };
    let lengths: Vec<Lengths> = offers
        .iter()
        .map(|(_, areas)| Lengths::of_pieces(areas, longest, pieces))
        .collect();
    let (least, selection) = select(&lengths, cap, needed, objective, limits)?;
    // A leg that goes on where it ended saves its first segment.
    let saved = (0..legs).filter(|&leg| continuation(request, offers, leg).is_some());
    let saved = saved.count() as u64;
    // Each leg by itself needs its areas too, and no two legs share a segment.
    let one = fewest_areas(&lengths, extents).unwrap_or(1) * legs as u64;
    let cut = !shared && least.areas >= one && is_cut(&lengths, legs, extents, least.areas, limits);
    let segments = least.areas.max(one) + u64::from(cut);
    let mut lower = Lower {
        segments: segments.saturating_sub(saved),
        sources: least.sources,
        ..Lower::default()
    };
    if saved == 0 {
        lower.segments_with_least_sources = least.areas_with_least_sources;
        // Where more areas are needed than these, they may be on fewer sources.
        lower.sources_with_least_segments = match segments == least.areas {
            true => least.sources_with_least_areas,
            false => fewest_sources_with(&lengths, cap, needed, segments, limits).unwrap_or(0),
        };
    }
    // The selection; as many areas, on whatever sources; and a few more areas, which may save cuts.
    let mut selections = vec![selection.clone()];
    let areas = selection.iter().sum::<usize>();
    for more in 0..legs {
        selections.extend(select_areas(&lengths, cap, areas + more));
        selections.extend(with_more(&lengths, cap, &selection, more));
    }
    selections.dedup();
    let mut best: Option<(Vec<usize>, Vec<Vec<Segment>>)> = None;
    for selection in selections {
        let used = selection.iter().filter(|&&count| count > 0).count();
        let least = costs(objective, selection.iter().sum(), used);
        let is_no_better = best.as_ref().is_some_and(|best| best.0 <= least);
        if is_no_better || (best.is_some() && limits.is_over()) {
            continue;
        }
        let mut items = chosen(offers, &selection, pieces, longest);
        if shared {
            let pieces = items.into_iter().flatten();
            items = pieces.map(|piece| vec![piece]).collect();
        }
        let found = whole(&items, legs, extents);
        let found = found.or_else(|| line_up(&items, legs, extents, share, limits));
        let Some(found) = found else { continue };
        let segments = found.iter().map(Vec::len).sum();
        let sources: BTreeSet<usize> = found.iter().flatten().map(|one| one.source).collect();
        let cost = costs(objective, segments, sources.len());
        if best.as_ref().is_none_or(|best| cost < best.0) {
            best = Some((cost, found));
        }
    }
    best.map(|(_, legs)| Single { lower, legs })
}

/// Whether as many of the longest areas cannot be shared out so that each leg has enough of them.
///
/// A layout with as many segments as there are areas in it puts each of them whole to one leg (bin covering;
/// [`bin_completion`]).
fn is_cut(lengths: &[Lengths], legs: usize, extents: u64, areas: u64, limits: &Limits<'_>) -> bool {
    /// Completions tried; more areas than these are hardly ever in the way of each other.
    const MOST_NODES: u64 = 1 << 12;
    const MOST_AREAS: usize = 24;
    let areas = usize::try_from(areas).unwrap_or(usize::MAX);
    if areas > MOST_AREAS {
        return false;
    }
    let longest = longest_areas(lengths, areas);
    let limits = limits.with_nodes(MOST_NODES);
    match bin_completion::search(&longest, legs, extents, &limits) {
        Outcome::None { .. } => true,
        Outcome::Found(_) | Outcome::Stopped(_) => false,
    }
}

/// Legs made of whole items.
fn whole(items: &[Vec<Segment>], legs: usize, extents: u64) -> Option<Vec<Vec<Segment>>> {
    let total = |item: &Vec<Segment>| item.iter().map(|segment| segment.area.count()).sum();
    let totals: Vec<u64> = items.iter().map(total).collect();
    let cover = cover(&totals, legs, extents)?;
    let leg = |members: Vec<usize>| {
        let segments = members.into_iter().flat_map(|item| items[item].clone());
        trim(segments.collect(), extents)
    };
    Some(cover.into_iter().map(leg).collect())
}

/// So many segments on so many sources, in the order of the objective.
fn costs(objective: &[Measure], segments: usize, sources: usize) -> Vec<usize> {
    let costs = objective.iter().filter_map(|measure| match measure {
        Measure::Segments => Some(segments),
        Measure::Sources => Some(sources),
        Measure::Unserved
        | Measure::Shortfall
        | Measure::Elsewhere
        | Measure::Balance
        | Measure::Fragments
        | Measure::LargestArea => None,
    });
    costs.collect()
}

/// The free area directly behind the end of a leg that grows.
fn continuation(request: &Request, offers: &[(usize, Areas)], leg: usize) -> Option<(usize, Area)> {
    let last = request.grows.as_ref()?.get(leg)?.last()?;
    let (_, areas) = offers.iter().find(|(source, _)| *source == last.source)?;
    let behind = areas.iter().find(|area| area.start() == last.area.end())?;
    Some((last.source, behind))
}

/// Per source that is selected its longest pieces, in ascending order.
fn chosen(
    offers: &[(usize, Areas)],
    selection: &Selection,
    most: usize,
    longest: u64,
) -> Vec<Vec<Segment>> {
    let mut chosen = Vec::new();
    for ((source, areas), &count) in offers.iter().zip(selection) {
        if count == 0 {
            continue;
        }
        let mut pieces = Vec::new();
        for area in areas.iter() {
            let mut rest = Some(area);
            for _ in 0..most {
                let Some(area) = rest else { break };
                let (piece, left) = area.split(area.count().min(longest));
                pieces.push(piece);
                rest = left;
            }
        }
        pieces.sort_by_key(|piece| (Reverse(piece.count()), piece.start()));
        pieces.truncate(count);
        pieces.sort_unstable();
        let segments = pieces.into_iter().map(|area| Segment {
            source: *source,
            area,
        });
        chosen.push(segments.collect());
    }
    chosen
}
