//! What has to move as requests for what is free now: where each may go, and under which policy.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::core::{
    Area, Avoidance, Failing, HeldLeg, HeldPiece, Measure, Move, Policy, Problem, Rearrangement,
    Request, Segment, Separation, Together, joined,
};
use crate::rearrange::RearrangeError;
use crate::rearrange::counting::open;
use crate::rearrange::forced::{Forced, Split};

/// Runs of one leg that are placed by one request, one behind the other.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    pub(crate) volume: usize,
    pub(crate) leg: usize,
    pub(crate) column: usize,
    pub(crate) runs: Vec<HeldPiece>,
    request: Request,
}

/// The units and the sources as they offer themselves.
#[derive(Clone, Debug)]
pub(crate) struct Units {
    pub(crate) units: Vec<Unit>,
    sources: Problem,
}

impl Units {
    /// One unit for each run that has to move; one for all runs of a leg that clings and has nothing left.
    ///
    /// # Errors
    /// [`RearrangeError::NoProblem`], which names that sources have would have to be wrong for.
    pub(crate) fn of(state: &Rearrangement, forced: &Forced) -> Result<Units, RearrangeError> {
        let mut sources = state.sources.clone();
        for (source, open) in sources.iter_mut().zip(open(state)) {
            source.free = open;
        }
        let sources = Problem::new(sources, Vec::new(), vec![Measure::Segments]);
        let sources = sources.map_err(|defects| no_problem(&defects))?;
        let by_domain = by_domain(state);
        let together = Together::of(state);
        let mut units: Vec<Unit> = Vec::new();
        for (volume, splits) in forced.legs.iter().enumerate() {
            if splits.iter().all(|split| split.moves.is_empty()) {
                continue;
            }
            let siblings = Siblings::of(state, &together, &by_domain, volume);
            let is_apart = state.volumes[volume].separation == Separation::Leg;
            for (leg, split) in splits.iter().enumerate() {
                let always = match is_apart && !split.moves.is_empty() {
                    true => siblings.avoid_always(leg),
                    false => BTreeSet::new(),
                };
                for runs in placed_together(state.volumes[volume].policy, split) {
                    let name = name(state, &state.volumes[volume].legs[leg], &runs);
                    let mut request = request(state.volumes[volume].policy, &name, split, &runs);
                    request.avoid = siblings.avoid(leg, &runs, &always);
                    units.push(Unit {
                        volume,
                        leg,
                        column: state.volumes[volume].legs[leg].column,
                        runs,
                        request,
                    });
                }
            }
        }
        Ok(Units { units, sources })
    }

    /// The problem of placing all of them; `forbidden` has sources that a unit keeps away from beside.
    ///
    /// # Errors
    /// As [`Units::of`].
    pub(crate) fn problem(
        &self,
        forbidden: &BTreeSet<(usize, usize)>,
    ) -> Result<Problem, RearrangeError> {
        let mut requests: Vec<Request> = self.units.iter().map(|u| u.request.clone()).collect();
        let mut more: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for &(unit, source) in forbidden {
            more.entry(unit).or_default().insert(source);
        }
        for (unit, sources) in more {
            let offsets = Area::new(0, requests[unit].leg_extents());
            requests[unit]
                .avoid
                .extend(offsets.map(|offsets| Avoidance { offsets, sources }));
        }
        let problem = self
            .sources
            .with_requests(requests, vec![Measure::Segments]);
        problem.map_err(|defects| no_problem(&defects))
    }
}

impl Unit {
    /// Whether it may go to fewer places than what has to move there may.
    pub(crate) fn is_restricted(&self) -> bool {
        self.request.allowed.is_some() || self.runs.len() > 1
    }

    /// The moves that bring its runs to where a request was placed.
    pub(crate) fn moves(&self, placed: &[Segment]) -> Vec<Move> {
        let mut moves = Vec::new();
        let mut placed = joined(placed).into_iter();
        let mut target = placed.next();
        for run in &self.runs {
            let mut rest = Some(run.place.area);
            while let (Some(left), Some(to)) = (rest, target) {
                let count = left.count().min(to.area.count());
                let (from, behind) = left.split(count);
                let (area, unused) = to.area.split(count);
                moves.push(Move {
                    volume: self.volume,
                    leg: self.leg,
                    from: Segment {
                        source: run.place.source,
                        area: from,
                    },
                    to: Segment { area, ..to },
                });
                rest = behind;
                target = unused
                    .map(|area| Segment { area, ..to })
                    .or_else(|| placed.next());
            }
        }
        moves
    }
}

/// What is placed, as messages name it: nothing else lies there.
fn name(state: &Rearrangement, leg: &HeldLeg, runs: &[HeldPiece]) -> String {
    let place = |run: &HeldPiece| {
        format!(
            "{}:{}",
            state.sources[run.place.source].name, run.place.area
        )
    };
    let places: Vec<String> = runs.iter().map(place).collect();
    format!("{} {}", leg.name, places.join(" "))
}

/// The error of sources or requests that make no problem.
pub(crate) fn no_problem(defects: &[crate::core::Defect]) -> RearrangeError {
    let words: Vec<String> = defects.iter().map(ToString::to_string).collect();
    RearrangeError::NoProblem {
        what: words.join("; "),
    }
}

/// The runs of a leg that are placed together.
fn placed_together(policy: Policy, split: &Split) -> Vec<Vec<HeldPiece>> {
    let clings = matches!(policy, Policy::Cling | Policy::ClingByTags);
    if clings && split.stays.is_empty() && !split.moves.is_empty() {
        return vec![split.moves.clone()];
    }
    split.moves.iter().map(|run| vec![*run]).collect()
}

fn request(policy: Policy, name: &str, split: &Split, runs: &[HeldPiece]) -> Request {
    let extents = runs.iter().map(|run| run.place.area.count()).sum();
    let mut request = Request::linear(name, extents);
    match policy {
        Policy::Contiguous => request.policy = Policy::Contiguous,
        Policy::Cling | Policy::ClingByTags if split.stays.is_empty() => {
            request.policy = Policy::Cling;
        }
        Policy::Cling | Policy::ClingByTags => {
            let own = split.stays.iter().map(|piece| piece.place.source);
            let own: BTreeSet<usize> = own.collect();
            request.allowed = Some(own.into_iter().map(|source| (source, None)).collect());
        }
        Policy::Normal | Policy::Anywhere => {}
    }
    request
}

/// Per domain its sources.
fn by_domain(state: &Rearrangement) -> HashMap<&str, Vec<usize>> {
    let mut by_domain: HashMap<&str, Vec<usize>> = HashMap::new();
    for source in 0..state.sources.len() {
        for domain in state.domains_of(source) {
            by_domain.entry(domain).or_default().push(source);
        }
    }
    by_domain
}

/// Where the legs of a volume lie now: none may come where another is that it may not meet, so that no move waits for
/// another.
struct Siblings<'s> {
    state: &'s Rearrangement,
    together: &'s Together<'s>,
    by_domain: &'s HashMap<&'s str, Vec<usize>>,
    volume: usize,
    /// By leg its runs by offset.
    runs: Vec<Vec<HeldPiece>>,
}

impl<'s> Siblings<'s> {
    fn of(
        state: &'s Rearrangement,
        together: &'s Together<'s>,
        by_domain: &'s HashMap<&'s str, Vec<usize>>,
        volume: usize,
    ) -> Siblings<'s> {
        let legs = &state.volumes[volume].legs;
        Siblings {
            state,
            together,
            by_domain,
            volume,
            runs: legs.iter().map(HeldLeg::runs).collect(),
        }
    }

    /// What a leg keeps away from wherever it goes: for legs that are apart as a whole.
    fn avoid_always(&self, leg: usize) -> BTreeSet<usize> {
        let offsets = self.runs[leg].first().and_then(HeldPiece::offsets);
        let others = self.others(leg).flat_map(|(other, runs)| {
            let runs = runs.iter();
            runs.map(move |run| (other, run))
        });
        let sources = others.flat_map(|(other, run)| {
            let avoided = offsets.map(|offsets| self.avoided(leg, offsets, other, run));
            avoided.into_iter().flatten()
        });
        sources.collect()
    }

    fn others(&self, leg: usize) -> impl Iterator<Item = (usize, &Vec<HeldPiece>)> {
        let legs = &self.state.volumes[self.volume].legs;
        let all = self.runs.iter().enumerate();
        all.filter(move |(other, _)| legs[*other].column != legs[leg].column)
    }

    /// The sources that extents of a leg may not come to for what another holds.
    fn avoided(&self, leg: usize, offsets: Area, other: usize, run: &HeldPiece) -> Vec<usize> {
        let mut avoided = Vec::new();
        for place in self.state.failing_with(run.place.source) {
            let others = run.offsets().map(|others| (other, others));
            let are_put_apart =
                self.state.heals() && self.state.volumes[self.volume].separation == Separation::Leg;
            let may_meet = others.is_none_or(|others| {
                !are_put_apart
                    && self
                        .together
                        .may_meet(self.volume, place, (leg, offsets), others)
            });
            match place {
                _ if may_meet => {}
                Failing::Source(source) => avoided.push(source),
                Failing::Domain(domain) => {
                    avoided.extend(self.by_domain.get(domain).into_iter().flatten());
                }
            }
        }
        avoided
    }

    fn avoid(&self, leg: usize, runs: &[HeldPiece], always: &BTreeSet<usize>) -> Vec<Avoidance> {
        let mut avoid = Vec::new();
        match self.state.volumes[self.volume].separation {
            Separation::None => {}
            Separation::Leg => {
                let all = runs.iter().map(|run| run.place.area.count()).sum();
                let offsets = Area::new(0, all).filter(|_| !always.is_empty());
                avoid.extend(offsets.map(|offsets| Avoidance {
                    offsets,
                    sources: always.clone(),
                }));
            }
            Separation::Segment => {
                let mut start = 0;
                for run in runs {
                    let (first, end) = (run.offset, run.offset + run.place.area.count());
                    for (number, others) in self.others(leg) {
                        let from = others
                            .partition_point(|one| one.offset + one.place.area.count() <= first);
                        for other in others[from..].iter().take_while(|one| one.offset < end) {
                            let from = other.offset.max(first);
                            let to = (other.offset + other.place.area.count()).min(end);
                            let met = Area::between(from, to);
                            let sources = met.map(|met| self.avoided(leg, met, number, other));
                            let sources: BTreeSet<usize> = sources.into_iter().flatten().collect();
                            let offsets =
                                Area::between(start + (from - first), start + (to - first))
                                    .filter(|_| !sources.is_empty());
                            avoid.extend(offsets.map(|offsets| Avoidance { offsets, sources }));
                        }
                    }
                    start += end - first;
                }
            }
        }
        avoid
    }
}
