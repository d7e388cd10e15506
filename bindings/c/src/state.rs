//! What a handle knows, and what it does when it is asked.

use std::collections::HashMap;
use std::ffi::{CString, c_int};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Mutex;
use std::time::Duration;

use extentplan::core::{
    Allocation, Answer, Area, Areas, Clock, Cost, Limits, Measure, Plan, Problem, Segment,
    StopReason, explain,
};
use extentplan::greedy;
use extentplan::solve::{Strategy, solve};

use crate::ask::problem;
use crate::fault::{Fault, leg_or_legs};
use crate::memory::{Block, Memory, Outcome, Piece, write};
use crate::read::{Given, Key};
use crate::types::{
    ALLOC_AS_LVM2, ALLOC_BEST, ALLOC_LOG_DEBUG, ALLOC_LOG_ERROR, ALLOC_LOG_INFO, AllocBound,
    AllocResult,
};

/// How layouts are found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    AsLvm2,
    Best,
}

/// A result that the caller may still ask about.
struct Kept {
    /// By segment where it lies.
    taken: Box<[(Key, Area)]>,
    bound: AllocBound,
    /// Where the handle has the memory: nobody reads it here, it is given back in the end.
    _block: Option<Block>,
}

/// Of addresses of results: nobody outside of the program chooses them, so that a quick one will do.
#[derive(Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }

    fn write_usize(&mut self, address: usize) {
        /// 2^64 divided by the golden ratio: neighbours go far apart (Knuth, The Art of Computer Programming, 6.4).
        const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
        self.0 = (self.0 ^ address as u64)
            .wrapping_mul(SPREAD)
            .rotate_left(32);
    }
}

/// What a handle knows.
pub(crate) struct State {
    memory: Memory,
    mode: Mode,
    time_limit: Option<Duration>,
    /// Whether anybody listens.
    pub(crate) is_heard: bool,
    /// What the last call that did nothing said.
    pub(crate) error: CString,
    /// What is not given out again.
    committed: HashMap<Key, Areas>,
    /// By address, each behind one of its own: a table of them has free places, which are to be small.
    results: HashMap<usize, Box<Kept>, BuildHasherDefault<AddressHasher>>,
    messages: Vec<(c_int, CString)>,
}

impl State {
    pub(crate) fn new(memory: Memory) -> State {
        State {
            memory,
            mode: Mode::Best,
            time_limit: None,
            is_heard: false,
            error: CString::default(),
            committed: HashMap::new(),
            results: HashMap::default(),
            messages: Vec::new(),
        }
    }

    pub(crate) fn allocate(&mut self, given: &Given) -> Result<*mut AllocResult, Fault> {
        let problem = problem(given, &self.committed)?;
        self.say(ALLOC_LOG_INFO, || asked(&problem));
        let clock = self.time_limit.map(Limits::within);
        let limits = clock.as_ref().map_or(Limits::none(), Clock::limits);
        let (plan, bound) = match self.mode {
            Mode::AsLvm2 => self.as_lvm2(&problem, &limits)?,
            Mode::Best => self.best(&problem, &limits)?,
        };
        let allocation = plan.allocations.into_iter().flatten().next();
        let allocation = allocation.ok_or_else(|| mistake("a plan without its request"))?;
        let (result, block) = write(&outcome(given, &problem, &allocation), self.memory)?;
        let kept = Kept {
            taken: taken(given, &allocation),
            bound,
            _block: block,
        };
        // An arena that was emptied may give the same address again: what lies there now counts.
        self.results.insert(result.addr(), Box::new(kept));
        Ok(result)
    }

    fn as_lvm2(
        &mut self,
        problem: &Problem,
        limits: &Limits<'_>,
    ) -> Result<(Plan, AllocBound), Fault> {
        let answer = greedy::plan(problem, &greedy::Settings::default(), limits);
        if let Answer::Unknown { stopped, .. } = &answer
            && *stopped != StopReason::MethodEnds
        {
            return Err(Fault::Unknown(stopped.as_end()));
        }
        let (Answer::Best { plan, cost, .. } | Answer::Found { plan, cost, .. }) = answer else {
            let request = &problem.requests()[0];
            let sizes = problem.sources().iter().map(|source| source.extents);
            let largest = sizes.chain(request.total_extents()).max();
            return Err(match largest > Some(u64::from(u32::MAX)) {
                true => Fault::TooLargeForLvm2,
                false => Fault::RefusedAsLvm2 {
                    extents: request.size.wanted(),
                    legs: request.legs(),
                },
            });
        };
        self.say(ALLOC_LOG_INFO, || {
            format!("as LVM2: {}", costs(problem, &cost))
        });
        let bound = bound(problem, &cost, &[], false);
        Ok((plan, bound))
    }

    fn best(
        &mut self,
        problem: &Problem,
        limits: &Limits<'_>,
    ) -> Result<(Plan, AllocBound), Fault> {
        let found = Mutex::new(Vec::new());
        let is_heard = self.is_heard;
        // Told once the caller's own thread is back: these may come from any.
        let hear = |part: &Problem, _: &Plan, cost: &Cost| {
            if let (true, Ok(mut found)) = (is_heard, found.lock()) {
                found.push(costs(part, cost));
            }
        };
        let limits = Limits {
            found: &hear,
            ..*limits
        };
        let answer = solve(problem, &Strategy::default(), &limits);
        for cost in found.into_inner().unwrap_or_default() {
            self.say(ALLOC_LOG_DEBUG, || format!("found: {cost}"));
        }
        let answer = answer.map_err(mistake)?;
        let least = answer.lower_bound();
        match answer {
            Answer::Best {
                plan, cost, proof, ..
            } => {
                let says = || format!("best: {}; {proof}", costs(problem, &cost));
                self.say(ALLOC_LOG_INFO, says);
                Ok((plan, bound(problem, &cost, &cost.0, true)))
            }
            Answer::Found {
                plan,
                cost,
                stopped,
                ..
            } => {
                let says = || format!("found: {}; {stopped}", costs(problem, &cost));
                self.say(ALLOC_LOG_INFO, says);
                Ok((plan, bound(problem, &cost, &least.0, false)))
            }
            Answer::Impossible { why } => Err(Fault::Impossible(explain(problem, &why))),
            Answer::Unknown { stopped, .. } => Err(Fault::Unknown(stopped.as_end())),
        }
    }

    pub(crate) fn commit(&mut self, result: *const AllocResult) -> Result<(), Fault> {
        let kept = self.results.get(&result.addr()).ok_or(Fault::NotAResult)?;
        let mut taken: HashMap<Key, Vec<Area>> = HashMap::new();
        for (key, area) in &kept.taken {
            taken.entry(*key).or_default().push(*area);
        }
        let taken: Vec<(Key, Areas)> = taken
            .into_iter()
            .map(|(key, areas)| (key, areas.into_iter().collect()))
            .collect();
        for (key, areas) in &taken {
            let before = self.committed.get(key);
            if before.is_some_and(|before| !before.intersection(areas).is_empty()) {
                return Err(Fault::CommittedAlready);
            }
        }
        for (key, areas) in &taken {
            let committed = self.committed.entry(*key).or_default();
            *committed = committed.union(areas);
        }
        Ok(())
    }

    pub(crate) fn bound(&self, result: *const AllocResult) -> Result<AllocBound, Fault> {
        let kept = self.results.get(&result.addr());
        kept.map(|kept| kept.bound).ok_or(Fault::NotAResult)
    }

    pub(crate) fn reset(&mut self) {
        self.results.clear();
    }

    pub(crate) fn set_mode(&mut self, mode: c_int) -> Result<(), Fault> {
        self.mode = match mode {
            ALLOC_AS_LVM2 => Mode::AsLvm2,
            ALLOC_BEST => Mode::Best,
            other => return Err(Fault::UnknownMode(other)),
        };
        Ok(())
    }

    pub(crate) fn set_time_limit(&mut self, milliseconds: u64) {
        self.time_limit = (milliseconds > 0).then(|| Duration::from_millis(milliseconds));
    }

    /// Keeps why a call did nothing.
    pub(crate) fn fail(&mut self, fault: &Fault) {
        let words = fault.to_string();
        self.error = c_words(&words);
        self.say(ALLOC_LOG_ERROR, || words);
    }

    fn say(&mut self, level: c_int, words: impl FnOnce() -> String) {
        if self.is_heard {
            self.messages.push((level, c_words(&words())));
        }
    }

    /// What was said since this was asked last.
    pub(crate) fn take_messages(&mut self) -> Vec<(c_int, CString)> {
        std::mem::take(&mut self.messages)
    }
}

fn mistake(of: impl ToString) -> Fault {
    Fault::Mistake(of.to_string())
}

/// Words without the zero that ends them for C.
fn c_words(words: &str) -> CString {
    CString::new(words.replace('\0', "")).unwrap_or_default()
}

fn asked(problem: &Problem) -> String {
    let areas: usize = problem.sources().iter().map(|s| s.free.len()).sum();
    let free: u64 = problem.sources().iter().map(|s| s.free.total()).sum();
    let of = |request: &extentplan::core::Request| {
        let (extents, legs) = (request.size.wanted(), request.legs());
        let word = leg_or_legs(legs);
        format!("{extents} extents in {legs} {word} of {free} free in {areas} areas")
    };
    let sources = problem.sources().len();
    let requests: Vec<String> = problem.requests().iter().map(of).collect();
    format!("{} on {sources} sources", requests.join(", "))
}

fn costs(problem: &Problem, cost: &Cost) -> String {
    let measures = problem.objective().iter().zip(&cost.0);
    let words: Vec<String> = measures
        .map(|(of, count)| format!("{of} {count}"))
        .collect();
    words.join(", ")
}

fn bound(problem: &Problem, cost: &Cost, least: &[u64], is_best: bool) -> AllocBound {
    let of = |values: &[u64], wanted: Measure| {
        let position = problem.objective().iter().position(|&m| m == wanted);
        let value = position.and_then(|position| values.get(position));
        value.copied().unwrap_or(0)
    };
    AllocBound {
        shortfall: of(&cost.0, Measure::Shortfall),
        elsewhere: of(&cost.0, Measure::Elsewhere),
        segments: of(&cost.0, Measure::Segments),
        sources: of(&cost.0, Measure::Sources),
        least_shortfall: of(least, Measure::Shortfall),
        least_elsewhere: of(least, Measure::Elsewhere),
        least_segments: of(least, Measure::Segments),
        least_sources: of(least, Measure::Sources),
        is_best: c_int::from(is_best),
    }
}

fn taken(given: &Given, allocation: &Allocation) -> Box<[(Key, Area)]> {
    let segments = allocation.segments();
    segments
        .map(|segment| (given.sources[segment.source].key, segment.area))
        .collect()
}

/// What the caller gets: segments cut where the caller's areas meet.
fn outcome(given: &Given, problem: &Problem, allocation: &Allocation) -> Outcome {
    let stripes = problem.requests()[0].shape.stripes;
    let metadata = allocation.metadata.chunks(1);
    let lists = allocation.legs.iter().map(Vec::as_slice).chain(metadata);
    let pieces = lists.enumerate().flat_map(|(list, segments)| {
        let pieces = segments.iter().flat_map(|segment| pieces(given, segment));
        pieces.map(move |piece| (list, piece))
    });
    Outcome {
        extents: allocation.leg_extents().saturating_mul(stripes),
        legs: allocation.legs.len(),
        has_metadata: !allocation.metadata.is_empty(),
        pieces: pieces.collect(),
    }
}

fn pieces<'a>(given: &'a Given, segment: &Segment) -> impl Iterator<Item = Piece> + use<'a> {
    let source = &given.sources[segment.source];
    let wanted = segment.area;
    let first = source
        .areas
        .partition_point(|(area, _)| area.end() <= wanted.start());
    source.areas[first..]
        .iter()
        .map_while(move |(area, handle)| {
            let part = area.intersection(wanted)?;
            Some(Piece {
                source_handle: source.handle,
                area_handle: *handle,
                source: source.address,
                start: part.start(),
                length: part.count(),
            })
        })
}
