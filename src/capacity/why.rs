//! Why requests do not fit, and what would help: an irreducible conflict and ranked repairs.

use crate::capacity::add::grown;
use crate::capacity::ask::{Asker, Refusal, Verdict, required};
use crate::capacity::buy::bought;
use crate::capacity::conflict::{MinimalConflict, minimal_conflict};
use crate::capacity::edit::{Edit, edited};
use crate::capacity::largest::largest_size;
use crate::capacity::remedy::{Remedy, Repair, rank};
use crate::capacity::smallest::smallest;
use crate::capacity::{Change, Model, Purchase};
use crate::core::{Area, Areas, Limits, Policy, Problem};
use crate::solve::{SolveError, Strategy};

/// Most holders whose extents are tried, the ones with the most extents first.
const MOST_HOLDINGS: usize = 128;

/// Extents of a source that somebody holds and could give up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Who.
    pub holder: String,
    /// Index of the source.
    pub source: usize,
    /// The extents.
    pub areas: Areas,
}

/// Why requests do not fit.
#[derive(Clone, Debug)]
pub struct WhyNot {
    /// The whole problem with its certificate.
    pub refusal: Refusal,
    /// The smallest part of it that conflicts.
    pub conflict: MinimalConflict,
    /// What would help, the least costly first. Each was planned again and works.
    pub repairs: Vec<Repair>,
}

/// Whether and why requests do not fit.
#[derive(Clone, Debug)]
pub enum Fit {
    /// They fit.
    Fits,
    /// They do not.
    Not(Box<WhyNot>),
    /// That was too hard to decide.
    Open,
}

/// Why the requests of a model do not fit, and what would help.
///
/// # Errors
/// [`SolveError`].
pub fn why_not(
    model: &dyn Model,
    held: &[Held],
    purchase: &Purchase,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Fit, SolveError> {
    let asker = Asker { strategy, limits };
    let problem = required(model.problem());
    let why = match asker.fits(&problem)? {
        Verdict::Fits(_) => return Ok(Fit::Fits),
        Verdict::Open => return Ok(Fit::Open),
        Verdict::Never(why) => why,
    };
    let Some(conflict) = minimal_conflict(&problem, strategy, limits)? else {
        return Ok(Fit::Open);
    };
    let mut repairs = grown(&problem, &asker)?;
    repairs.extend(bought(&problem, purchase, &asker)?);
    repairs.extend(freed(&problem, held, &asker)?);
    for (request, _) in conflict.legs() {
        if asker.is_over() {
            break;
        }
        repairs.extend(looser(model, request, &asker)?);
        repairs.extend(fewer_stripes(model, request, &asker)?);
        repairs.extend(smaller(model, request, &asker)?);
        repairs.extend(dropped(model, request, &asker)?);
    }
    rank(&mut repairs);
    let refusal = Refusal { problem, why };
    Ok(Fit::Not(Box::new(WhyNot {
        refusal,
        conflict,
        repairs,
    })))
}

/// The first looser policy under which everything fits.
fn looser(
    model: &dyn Model,
    index: usize,
    asker: &Asker<'_>,
) -> Result<Option<Repair>, SolveError> {
    const LADDER: [Policy; 5] = [
        Policy::Contiguous,
        Policy::Cling,
        Policy::ClingByTags,
        Policy::Normal,
        Policy::Anywhere,
    ];
    let request = &model.problem().requests()[index];
    for to in LADDER.into_iter().filter(|&to| to > request.policy) {
        if asker.is_over() {
            break;
        }
        // Without tags to go by it is no looser than cling.
        if to == Policy::ClingByTags && request.cling_tags.is_empty() {
            continue;
        }
        let Some(problem) = model.changed(index, &[Change::Policy(to)]) else {
            continue;
        };
        if let Ok(layout) = asker.shown(required(&problem))? {
            return Ok(Some(Repair {
                remedy: Remedy::Policy {
                    request: request.name.clone(),
                    from: request.policy,
                    to,
                },
                is_smallest: true,
                layout,
            }));
        }
    }
    Ok(None)
}

/// The most stripes, fewer than asked for, with which everything fits.
fn fewer_stripes(
    model: &dyn Model,
    index: usize,
    asker: &Asker<'_>,
) -> Result<Option<Repair>, SolveError> {
    let request = &model.problem().requests()[index];
    let from = request.shape.stripes;
    let mut is_smallest = true;
    for to in (model.fewest_stripes(index)..from).rev() {
        let Some(problem) = model.changed(index, &[Change::Stripes(to)]) else {
            continue;
        };
        match asker.shown(required(&problem))? {
            Ok(layout) => {
                return Ok(Some(Repair {
                    remedy: Remedy::Stripes {
                        request: request.name.clone(),
                        from,
                        to,
                    },
                    is_smallest,
                    layout,
                }));
            }
            Err(verdict) => is_smallest &= verdict.is_never(),
        }
        if asker.is_over() {
            break;
        }
    }
    Ok(None)
}

/// The largest size of a request at which everything fits.
fn smaller(
    model: &dyn Model,
    index: usize,
    asker: &Asker<'_>,
) -> Result<Option<Repair>, SolveError> {
    let request = &model.problem().requests()[index];
    let from = request.size.wanted();
    let found = largest_size(model, index, asker)?;
    let Some((problem, plan)) = found.shown else {
        return Ok(None);
    };
    if found.extents >= from {
        return Ok(None);
    }
    Ok(Some(Repair {
        remedy: Remedy::Shrink {
            request: request.name.clone(),
            from,
            to: found.extents,
        },
        is_smallest: found.extents == found.bound,
        layout: asker.layout(problem, plan)?,
    }))
}

/// All others without a request, and without what goes along with it.
fn dropped(
    model: &dyn Model,
    index: usize,
    asker: &Asker<'_>,
) -> Result<Option<Repair>, SolveError> {
    let Some(rest) = model.repeated(index, 0) else {
        return Ok(None);
    };
    if rest.requests().is_empty() {
        return Ok(None);
    }
    let request = model.problem().requests()[index].name.clone();
    let layout = asker.shown(required(&rest))?.ok();
    Ok(layout.map(|layout| Repair {
        remedy: Remedy::Drop { request },
        is_smallest: true,
        layout,
    }))
}

/// For each holder and source the fewest extents that would have to become free, if that helps.
///
/// They are taken from either end of what is held; the smaller number counts.
fn freed(problem: &Problem, held: &[Held], asker: &Asker<'_>) -> Result<Vec<Repair>, SolveError> {
    let mut candidates: Vec<&Held> = held.iter().filter(|held| !held.areas.is_empty()).collect();
    candidates.sort_by_key(|held| std::cmp::Reverse(held.areas.total()));
    candidates.truncate(MOST_HOLDINGS);
    let mut repairs = Vec::new();
    for held in candidates {
        if asker.is_over() {
            break;
        }
        let mut best: Option<(Areas, crate::capacity::smallest::Smallest)> = None;
        for from_end in [true, false] {
            let at = |count: u64| {
                let areas = part_of(&held.areas, count, from_end);
                let edit = freeing(problem, held, areas);
                edited(problem, &[edit]).ok()
            };
            if let Some(found) = smallest(asker, held.areas.total(), &at)? {
                let is_less = best
                    .as_ref()
                    .is_none_or(|(_, best)| found.amount < best.amount);
                if is_less {
                    best = Some((part_of(&held.areas, found.amount, from_end), found));
                }
            }
        }
        if let Some((areas, found)) = best {
            repairs.push(Repair {
                remedy: Remedy::Free {
                    holder: held.holder.clone(),
                    source: problem.sources()[held.source].name.clone(),
                    areas,
                },
                is_smallest: found.is_proven,
                layout: asker.layout(found.problem, found.plan)?,
            });
        }
    }
    Ok(repairs)
}

fn freeing(problem: &Problem, held: &Held, areas: Areas) -> Edit {
    Edit::Free {
        source: problem.sources()[held.source].name.clone(),
        areas,
        holder: held.holder.clone(),
    }
}

/// The first or last so many extents of a set.
fn part_of(areas: &Areas, count: u64, from_end: bool) -> Areas {
    let mut left = count;
    let mut take = |area: Area| {
        let taken = left.min(area.count());
        left -= taken;
        if from_end {
            Area::new(area.end() - taken, taken)
        } else {
            Area::new(area.start(), taken)
        }
    };
    if from_end {
        areas.iter().rev().filter_map(&mut take).collect()
    } else {
        areas.iter().filter_map(&mut take).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_taken_from_either_end() {
        let area = |start, count| Area::new(start, count).expect("not empty");
        let areas: Areas = [area(0, 3), area(10, 2), area(20, 4)].into_iter().collect();
        let front: Areas = [area(0, 3), area(10, 1)].into_iter().collect();
        let back: Areas = [area(11, 1), area(20, 4)].into_iter().collect();
        assert_eq!(part_of(&areas, 4, false), front);
        assert_eq!(part_of(&areas, 5, true), back);
        assert_eq!(part_of(&areas, 99, true), areas);
        assert!(part_of(&areas, 0, false).is_empty());
    }
}
