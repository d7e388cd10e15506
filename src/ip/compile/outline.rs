//! The outline of a request: its phases, the steps in them, and what a leg may do in a step.

use crate::core::{
    Area, Cuts, Measure, Place as CompanionPlace, Plan, Policy, Problem, Request, Separation, Size,
    cost,
};

/// What a leg may do in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stride {
    /// Lie on one place: offsets matter, or the leg is one piece anyway.
    One,
    /// Lie on many places, in an order that is settled afterwards.
    Many,
}

/// A stretch of offsets over which the same sources are avoided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Phase {
    /// The offsets; the last phase of an "at most" request may be cut short.
    pub(crate) offsets: Area,
    /// Steps in it.
    pub(crate) steps: usize,
}

/// How a request is laid out in steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outline {
    /// The phases, by offset; at least one.
    pub(crate) phases: Vec<Phase>,
    /// What a leg may do in a step.
    pub(crate) stride: Stride,
    /// Whether cuts are counted once for all legs.
    pub(crate) together: bool,
    /// Whether the legs are to use different sources altogether, for a reason of the policy.
    pub(crate) own_sources: bool,
}

impl Outline {
    /// Steps over all phases.
    pub(crate) fn steps(&self) -> usize {
        self.phases.iter().map(|phase| phase.steps).sum()
    }

    /// Whether a cut between steps has to be told from going on without one.
    pub(crate) fn joins(&self) -> bool {
        self.phases.len() > 1 || (self.stride == Stride::One && !self.together)
    }

    /// The outline of a request that is offered `places` places on `sources` sources.
    ///
    /// `most_segments`: no plan that is worth finding has more segments of this request, if known.
    pub(crate) fn of(
        problem: &Problem,
        request: &Request,
        (places, sources): (u64, u64),
        most_segments: Option<u64>,
    ) -> Outline {
        let legs = request.legs() as u64;
        let is_measured = problem.objective().contains(&Measure::Segments);
        let together = request.cuts == Cuts::Together && legs > 1;
        if request.policy == Policy::Contiguous {
            let offsets = Area::new(0, request.leg_extents()).expect("a leg is not empty");
            return Outline {
                phases: vec![Phase { offsets, steps: 1 }],
                stride: Stride::One,
                together,
                own_sources: false,
            };
        }
        // A leg that clings to one source is there at every offset.
        let whole = request.policy == Policy::Cling && request.grows.is_none();
        let count_together = together && is_measured;
        let by_offset = request.separation() == Separation::Segment && !whole;
        let needs_steps = legs > 1 && (by_offset || count_together);
        let mut phases = phases(request);
        if needs_steps {
            let several = phases.len() > 1;
            let enough = steps_that_suffice(problem, request, is_measured, places, sources)
                .saturating_add(if several { 2 * legs } else { 0 });
            let known = most_segments.map_or(u64::MAX, |segments| {
                let runs = segments.saturating_add(match (&request.grows, together) {
                    (None, _) => 0,
                    (Some(_), true) => 1,
                    (Some(_), false) => legs,
                });
                if together {
                    runs
                } else {
                    runs.saturating_sub(legs - 1)
                }
            });
            for phase in &mut phases {
                let steps = enough.min(known).clamp(1, phase.offsets.count());
                phase.steps = usize::try_from(steps).unwrap_or(usize::MAX);
            }
        }
        Outline {
            phases,
            stride: if needs_steps {
                Stride::One
            } else {
                Stride::Many
            },
            together: together && needs_steps,
            own_sources: legs > 1 && whole && request.separation() == Separation::Segment,
        }
    }
}

/// The stretches of offsets between the edges of what is avoided, one step each.
fn phases(request: &Request) -> Vec<Phase> {
    let end = request.leg_extents();
    let mut edges = vec![0, end];
    for avoidance in &request.avoid {
        let offsets = avoidance.offsets;
        edges.extend(
            [offsets.start(), offsets.end()]
                .into_iter()
                .filter(|edge| *edge < end),
        );
    }
    edges.sort_unstable();
    edges.dedup();
    let pairs = edges
        .windows(2)
        .filter_map(|pair| Area::between(pair[0], pair[1]));
    pairs.map(|offsets| Phase { offsets, steps: 1 }).collect()
}

/// So many steps that some best plan needs no more (the lemma of `models/FORMULATION.md`).
fn steps_that_suffice(
    problem: &Problem,
    request: &Request,
    is_measured: bool,
    places: u64,
    sources: u64,
) -> u64 {
    let legs = request.legs() as u64;
    let together = request.cuts == Cuts::Together;
    let has_front = request
        .metadata
        .is_some_and(|metadata| metadata.place == CompanionPlace::Front);
    let legs_differ = !matches!(request.policy, Policy::Normal | Policy::Anywhere)
        || !request.partition_by_tags.is_empty()
        || has_front;
    let growth = match (&request.grows, together) {
        (None, _) => 0,
        (Some(_), true) => 1,
        (Some(_), false) => legs,
    };
    let laid_out = match request.separation() {
        // A leg that clings to one source: the legs use disjoint places.
        Separation::Segment if request.policy == Policy::Cling && request.grows.is_none() => places,
        Separation::Segment if legs_differ => {
            let matchings = (legs + 1).saturating_mul(sources);
            // Where places of one source differ, what each leg has there is cut at their ends.
            let ends = match problem.goes_by_area_tags(request) {
                true => legs.saturating_mul(places),
                false => places,
            };
            matchings.saturating_add(ends).saturating_add(1)
        }
        Separation::Segment => places,
        Separation::Leg => places,
        Separation::None if legs_differ => legs.saturating_mul(places),
        Separation::None => places,
    };
    let apart_and_measured = is_measured && !together;
    let best = if apart_and_measured && legs_differ {
        legs.saturating_mul(laid_out)
    } else {
        laid_out
    };
    best.saturating_add(growth).max(1)
}

/// Per request the most segments it has in a plan that is at least as good as `plan`, if segments
/// are what counts first.
pub(crate) fn most_segments(problem: &Problem, plan: Option<&Plan>) -> Vec<Option<u64>> {
    let requests = problem.requests();
    let Some(plan) = plan else {
        return vec![None; requests.len()];
    };
    if problem.objective().first() != Some(&Measure::Segments) {
        return vec![None; requests.len()];
    }
    let total = cost(problem, plan).0[0];
    let least: Vec<u64> = requests.iter().map(least_segments).collect();
    let all: u64 = least
        .iter()
        .fold(0, |sum, count| sum.saturating_add(*count));
    let most = least.iter().map(|own| total.checked_sub(all - own));
    most.collect()
}

/// Segments that a request has in any plan.
fn least_segments(request: &Request) -> u64 {
    if request.value.is_some() || request.grows.is_some() {
        return 0;
    }
    match request.cuts {
        Cuts::Together => 1,
        Cuts::Apart => request.legs() as u64,
    }
}

/// Offsets of the leg that are certain to be used: all of them, or the first.
pub(crate) fn certain_offsets(request: &Request) -> u64 {
    match request.size {
        Size::Exactly(_) => request.leg_extents(),
        Size::AtMost(_) => 1,
    }
}
