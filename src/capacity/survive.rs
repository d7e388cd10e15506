//! Whether everything that is held redundantly could be repaired in place after a failure.

use std::collections::BTreeSet;

use crate::capacity::add::grown;
use crate::capacity::ask::{Asker, Layout, Refusal, Verdict};
use crate::capacity::buy::bought;
use crate::capacity::remedy::{Remedy, Repair, rank};
use crate::capacity::{Edit, Purchase, edited};
use crate::core::{
    Areas, Companion, Limits, Measure, Place, Policy, Problem, Request, Segment, Separation, Shape,
    Source,
};
use crate::solve::{SolveError, Strategy};

/// Something whose data outlives the loss of some of its legs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redundant {
    /// Its name.
    pub name: String,
    /// Per leg what it holds, metadata included.
    pub legs: Vec<Vec<Segment>>,
    /// Extents of a leg without its metadata.
    pub leg_extents: u64,
    /// Extents of the metadata in front of each leg; 0 if there is none.
    pub metadata_extents: u64,
    /// Legs that stand in for each other, and how many of each group may be lost.
    pub groups: Vec<Group>,
    /// The policy that repairs go by; never `anywhere`: new legs keep apart from each other and from those that stay.
    pub policy: Policy,
    /// Indices of sources that no repair may use, now or once they have grown.
    pub closed: BTreeSet<usize>,
}

/// Legs that stand in for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Legs by number.
    pub legs: BTreeSet<usize>,
    /// How many of them may be lost at once without loss of data.
    pub tolerates: usize,
}

/// Sources that fail together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What it is called: the source, or the tag.
    pub name: String,
    /// Indices of the sources.
    pub sources: BTreeSet<usize>,
}

/// What a failure comes to.
#[derive(Clone, Debug)]
pub enum Aftermath {
    /// Nothing redundant lies there.
    Untouched,
    /// Every lost leg has a new place.
    Repaired {
        /// The names of what was repaired.
        repaired: Vec<String>,
        /// The places; a request for each, in that order.
        layout: Layout,
    },
    /// Data is lost, whatever room there is.
    Lost {
        /// The names of what is lost.
        lost: Vec<String>,
    },
    /// No data is lost, but not all can be repaired.
    NoRoom {
        /// The names of what would have to be repaired.
        degraded: Vec<String>,
        /// Why not.
        refusal: Refusal,
        /// What to add beforehand.
        add: Vec<Repair>,
    },
    /// That was too hard to decide.
    Open,
}

/// What each failure comes to, in their order.
///
/// `problem` has the sources; its requests do not matter. A repair places the lost legs anew, with
/// their metadata, on sources that neither failed nor hold another leg of the same.
///
/// # Errors
/// [`SolveError`].
pub fn survive(
    problem: &Problem,
    redundant: &[Redundant],
    failures: &[Failure],
    purchase: &Purchase,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Vec<Aftermath>, SolveError> {
    let asker = Asker { strategy, limits };
    let mut results = Vec::with_capacity(failures.len());
    for failure in failures {
        results.push(after(problem, redundant, failure, purchase, &asker)?);
    }
    Ok(results)
}

fn after(
    problem: &Problem,
    redundant: &[Redundant],
    failure: &Failure,
    purchase: &Purchase,
    asker: &Asker<'_>,
) -> Result<Aftermath, SolveError> {
    let touched: Vec<(&Redundant, BTreeSet<usize>)> = redundant
        .iter()
        .map(|volume| (volume, lost_legs(volume, failure)))
        .filter(|(_, legs)| !legs.is_empty())
        .collect();
    if touched.is_empty() {
        return Ok(Aftermath::Untouched);
    }
    let is_lost = |(volume, legs): &&(&Redundant, BTreeSet<usize>)| {
        let mut groups = volume.groups.iter();
        groups.any(|group| group.legs.intersection(legs).count() > group.tolerates)
    };
    let lost: Vec<String> = touched
        .iter()
        .filter(is_lost)
        .map(|(volume, _)| volume.name.clone())
        .collect();
    if !lost.is_empty() {
        return Ok(Aftermath::Lost { lost });
    }
    if asker.is_over() {
        return Ok(Aftermath::Open);
    }
    let names: Vec<String> = touched
        .iter()
        .map(|(volume, _)| volume.name.clone())
        .collect();
    let Some((repair, missing)) = repair_problem(problem, &touched, failure) else {
        return Ok(Aftermath::Open);
    };
    match asker.fits(&repair)? {
        Verdict::Fits(plan) => Ok(Aftermath::Repaired {
            repaired: names,
            layout: asker.layout(repair, plan)?,
        }),
        Verdict::Open => Ok(Aftermath::Open),
        Verdict::Never(why) => {
            let mut add = grown(&repair, asker)?;
            // A source that is not there cannot grow; buying one is what comes next.
            add.retain(|repair| !grows_any_of(&repair.remedy, &missing));
            add.extend(bought(&repair, purchase, asker)?);
            rank(&mut add);
            Ok(Aftermath::NoRoom {
                degraded: names,
                refusal: Refusal {
                    problem: repair,
                    why,
                },
                add,
            })
        }
    }
}

/// New sources with which every failure that has no room now could be repaired, each by itself; `None` if
/// there is no such failure, or one that no purchase was found for.
///
/// As many as the worst needs, each as large as any needs: more free extents never hurt.
#[must_use]
pub fn enough_for_each(aftermath: &[Aftermath]) -> Option<Vec<u64>> {
    let mut enough: Vec<u64> = Vec::new();
    for after in aftermath {
        let Aftermath::NoRoom { add, .. } = after else {
            continue;
        };
        let bought = add.iter().filter_map(|repair| match &repair.remedy {
            Remedy::Add { extents, .. } => Some(extents),
            Remedy::Grow { .. }
            | Remedy::GrowAny { .. }
            | Remedy::Free { .. }
            | Remedy::Policy { .. }
            | Remedy::Stripes { .. }
            | Remedy::Shrink { .. }
            | Remedy::Drop { .. } => None,
        });
        let fewest = bought.min_by_key(|extents| extents.len())?;
        // Both lists have the largest first.
        enough.resize(enough.len().max(fewest.len()), 0);
        for (known, extents) in enough.iter_mut().zip(fewest) {
            *known = (*known).max(*extents);
        }
    }
    (!enough.is_empty()).then_some(enough)
}

fn grows_any_of(remedy: &Remedy, names: &[String]) -> bool {
    match remedy {
        Remedy::Grow { sources, twins } => {
            let named = sources.iter().map(|(name, _)| name);
            named.chain(twins).any(|name| names.contains(name))
        }
        Remedy::GrowAny { .. }
        | Remedy::Add { .. }
        | Remedy::Free { .. }
        | Remedy::Policy { .. }
        | Remedy::Stripes { .. }
        | Remedy::Shrink { .. }
        | Remedy::Drop { .. } => false,
    }
}

/// Legs with anything on a failed source.
fn lost_legs(volume: &Redundant, failure: &Failure) -> BTreeSet<usize> {
    let is_hit = |leg: &usize| {
        let mut segments = volume.legs[*leg].iter();
        segments.any(|segment| failure.sources.contains(&segment.source))
    };
    (0..volume.legs.len()).filter(is_hit).collect()
}

/// The lost legs as requests, failed sources closed; and the names of the empty sources that stand for
/// those missing where there are fewer than legs.
fn repair_problem(
    problem: &Problem,
    touched: &[(&Redundant, BTreeSet<usize>)],
    failure: &Failure,
) -> Option<(Problem, Vec<String>)> {
    let close = |&source: &usize| Edit::CloseSource {
        source: problem.sources()[source].name.clone(),
    };
    let mut edits: Vec<Edit> = failure.sources.iter().map(close).collect();
    let names = problem
        .requests()
        .iter()
        .map(|request| request.name.clone());
    edits.extend(names.map(|request| Edit::DropRequest { request }));
    let mut sources = edited(problem, &edits).ok()?.sources().to_vec();
    let mut requests: Vec<Request> = touched
        .iter()
        .map(|(volume, lost)| replacement(sources.len(), volume, lost, failure))
        .collect();
    let missing = requests.iter().map(|request| {
        let allowed = request.allowed.as_ref().map_or(0, Vec::len);
        request.legs().saturating_sub(allowed)
    });
    let missing = missing.max().unwrap_or(0);
    let mut added = Vec::new();
    for number in 1..=missing {
        let name = format!("(missing source {number})");
        for allowed in requests.iter_mut().filter_map(|r| r.allowed.as_mut()) {
            allowed.push((sources.len(), None));
        }
        added.push(name.clone());
        sources.push(Source {
            name,
            extents: 0,
            free: Areas::none(),
            tags: BTreeSet::new(),
            ..Source::default()
        });
    }
    let objective = vec![Measure::Segments, Measure::Sources];
    let problem = Problem::new(sources, requests, objective).ok()?;
    Some((problem, added))
}

/// New places for lost legs of one volume: on no source that failed or holds another of its legs.
fn replacement(
    sources: usize,
    volume: &Redundant,
    lost: &BTreeSet<usize>,
    failure: &Failure,
) -> Request {
    let count = lost.len() as u64;
    let mut request = Request::linear(&volume.name, volume.leg_extents.saturating_mul(count));
    request.shape = Shape {
        stripes: count,
        copies: 1,
        parity: 0,
    };
    request.policy = volume.policy;
    request.separation = Separation::Leg;
    request.metadata = (volume.metadata_extents > 0).then_some(Companion {
        extents: volume.metadata_extents,
        place: Place::Front,
    });
    let kept: BTreeSet<usize> = volume
        .legs
        .iter()
        .enumerate()
        .filter(|(leg, _)| !lost.contains(leg))
        .flat_map(|(_, segments)| segments.iter().map(|segment| segment.source))
        .collect();
    let not_open = [&kept, &failure.sources, &volume.closed];
    let is_open = |source: &usize| !not_open.iter().any(|closed| closed.contains(source));
    let open = (0..sources).filter(is_open);
    request.allowed = Some(open.map(|source| (source, None)).collect());
    request
}
