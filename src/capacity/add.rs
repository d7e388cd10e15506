//! What to add: extents on the sources there are, or new sources, as little as will do.

use std::collections::{BTreeMap, BTreeSet};

use crate::capacity::ask::{Asker, Verdict, required};
use crate::capacity::bounds;
use crate::capacity::buy::{Purchase, bought};
use crate::capacity::edit::{Edit, edited};
use crate::capacity::remedy::{Remedy, Repair, rank};
use crate::capacity::smallest::smallest;
use crate::core::{Limits, Problem, Source};
use crate::solve::{SolveError, Strategy};

/// Most sources that are tried one by one; of sources that cannot be told apart one counts.
const MOST_SOURCES: usize = 64;

/// The smallest additions with which all requests fit, ranked; `None` if they fit already, and empty if none
/// was found.
///
/// Extents at the end of one source, of any source of a tag, or of several; new sources, as few as
/// will do and, where sizes are given, with the least capacity.
///
/// # Errors
/// [`SolveError`].
pub fn what_to_add(
    problem: &Problem,
    purchase: &Purchase,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Option<Vec<Repair>>, SolveError> {
    let asker = Asker { strategy, limits };
    let problem = required(problem);
    if asker.fits(&problem)?.fits() {
        return Ok(None);
    }
    let mut repairs = grown(&problem, &asker)?;
    repairs.extend(bought(&problem, purchase, &asker)?);
    rank(&mut repairs);
    Ok(Some(repairs))
}

/// More extents on sources that there are.
pub(crate) fn grown(problem: &Problem, asker: &Asker<'_>) -> Result<Vec<Repair>, SolveError> {
    let Some(most) = bounds::all_needed(problem) else {
        return Ok(Vec::new());
    };
    let mut tried: Vec<(usize, Option<Enough>)> = Vec::new();
    let mut grown = Vec::new();
    let mut twins: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    // By how much each source has to grow, where that helps at all.
    let mut enough: Vec<Option<Enough>> = vec![None; problem.sources().len()];
    for (index, source) in problem.sources().iter().enumerate() {
        let twin = tried
            .iter()
            .find(|(other, _)| alike(problem, *other, index));
        if let Some((other, known)) = twin {
            enough[index] = *known;
            twins.entry(*other).or_default().push(source.name.clone());
            continue;
        }
        if tried.len() >= MOST_SOURCES || asker.is_over() {
            continue;
        }
        let at = |extents: u64| with_growth(problem, &[(index, extents)]);
        let found = smallest(asker, most, &at)?;
        enough[index] = found.as_ref().map(|found| Enough {
            extents: found.amount,
            is_smallest: found.is_proven,
        });
        tried.push((index, enough[index]));
        if let Some(found) = found {
            let layout = asker.layout(found.problem, found.plan)?;
            grown.push((index, found.amount, found.is_proven, layout));
        }
    }
    let repairs = grown
        .into_iter()
        .map(|(index, extents, is_smallest, layout)| Repair {
            remedy: Remedy::Grow {
                sources: vec![(problem.sources()[index].name.clone(), extents)],
                twins: twins.remove(&index).unwrap_or_default(),
            },
            is_smallest,
            layout,
        });
    let mut repairs: Vec<Repair> = repairs.collect();
    repairs.extend(by_tag(problem, &enough, asker)?);
    if repairs.is_empty() && problem.sources().len() > 1 {
        repairs.extend(spread(problem, most, asker)?);
    }
    Ok(repairs)
}

/// By how much a source has to grow.
#[derive(Clone, Copy)]
struct Enough {
    extents: u64,
    is_smallest: bool,
}

/// Whether two sources cannot be told apart by what they have or by a request.
fn alike(problem: &Problem, one: usize, other: usize) -> bool {
    let same = |a: &Source, b: &Source| {
        (a.extents, &a.free, &a.tags, &a.area_tags) == (b.extents, &b.free, &b.tags, &b.area_tags)
    };
    let by_name = problem.requests().iter().any(|request| {
        request.allowed.is_some()
            || request.grows.is_some()
            || !request.avoid.is_empty()
            || !request.cling_sources.is_empty()
    });
    !by_name && same(&problem.sources()[one], &problem.sources()[other])
}

fn with_growth(problem: &Problem, more: &[(usize, u64)]) -> Option<Problem> {
    let edits: Option<Vec<Edit>> = more
        .iter()
        .map(|&(index, extents)| {
            let source = &problem.sources()[index];
            Some(Edit::ResizeSource {
                source: source.name.clone(),
                extents: source.extents.checked_add(extents)?,
            })
        })
        .collect();
    edited(problem, &edits?).ok()
}

/// So many extents on any source of a tag, for each tag whose sources all help.
fn by_tag(
    problem: &Problem,
    enough: &[Option<Enough>],
    asker: &Asker<'_>,
) -> Result<Vec<Repair>, SolveError> {
    let tags: BTreeSet<&String> = problem.sources().iter().flat_map(|s| &s.tags).collect();
    let mut repairs = Vec::new();
    for tag in tags {
        if asker.is_over() {
            break;
        }
        let has_it = |index: &usize| problem.sources()[*index].tags.contains(tag);
        let members: Vec<usize> = (0..enough.len()).filter(has_it).collect();
        let counts: Option<Vec<Enough>> = members.iter().map(|&index| enough[index]).collect();
        let most = counts.and_then(|counts| counts.into_iter().max_by_key(|one| one.extents));
        let (
            Some(Enough {
                extents,
                is_smallest,
            }),
            true,
        ) = (most, members.len() > 1)
        else {
            continue;
        };
        // Each of them is planned with that many.
        let mut shown = None;
        let mut all_fit = true;
        for &index in &members {
            if asker.is_over() {
                all_fit = false;
                break;
            }
            let grown = with_growth(problem, &[(index, extents)]);
            let layout = match grown {
                Some(grown) => asker.shown(grown)?.ok(),
                None => None,
            };
            all_fit &= layout.is_some();
            shown = shown.or(layout);
        }
        if let (Some(layout), true) = (shown, all_fit) {
            repairs.push(Repair {
                remedy: Remedy::GrowAny {
                    tag: tag.clone(),
                    extents,
                },
                is_smallest,
                layout,
            });
        }
    }
    Ok(repairs)
}

/// More extents on several sources at once, none of which could be spared or grow less.
fn spread(problem: &Problem, most: u64, asker: &Asker<'_>) -> Result<Option<Repair>, SolveError> {
    let count = problem.sources().len();
    let most = most.min((u64::MAX / 4) / count as u64);
    let each = |amounts: &[u64]| {
        let pairs = amounts.iter().copied().enumerate();
        let more: Vec<(usize, u64)> = pairs.filter(|&(_, extents)| extents > 0).collect();
        with_growth(problem, &more)
    };
    let uniform = |extents: u64| each(&vec![extents; count]);
    let Some(found) = smallest(asker, most, &uniform)? else {
        return Ok(None);
    };
    let mut amounts = vec![found.amount; count];
    let mut best = (found.problem, found.plan);
    let mut length = count.next_power_of_two();
    while length > 0 {
        for start in (0..count).step_by(length) {
            let mut fewer = amounts.clone();
            fewer[start..(start + length).min(count)].fill(0);
            if fewer == amounts || asker.is_over() {
                continue;
            }
            if let Some(problem) = each(&fewer)
                && let Verdict::Fits(plan) = asker.fits(&problem)?
            {
                amounts = fewer;
                best = (problem, plan);
            }
        }
        length /= 2;
    }
    for index in 0..count {
        if amounts[index] == 0 || asker.is_over() {
            continue;
        }
        let with = |extents: u64| {
            let mut other = amounts.clone();
            other[index] = extents;
            each(&other)
        };
        if let Some(found) = smallest(asker, amounts[index], &with)? {
            amounts[index] = found.amount;
            best = (found.problem, found.plan);
        }
    }
    let named = amounts
        .iter()
        .enumerate()
        .filter(|(_, extents)| **extents > 0);
    let sources = named
        .map(|(index, extents)| (problem.sources()[index].name.clone(), *extents))
        .collect();
    Ok(Some(Repair {
        remedy: Remedy::Grow {
            sources,
            twins: Vec::new(),
        },
        // Other sources might do with fewer extents in all.
        is_smallest: false,
        layout: asker.layout(best.0, best.1)?,
    }))
}
