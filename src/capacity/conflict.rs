//! The smallest part of a problem that has no plan already: which sources, legs and rules conflict.
//!
//! Each part can be lifted by itself: a source by giving it all the extents that anybody could want, a
//! leg by not asking for it, a rule by not insisting on it. What remains after everything was
//! lifted that could be is irreducible: a conflict, and none once any one part of it is lifted.

use std::collections::BTreeSet;
use std::fmt;

use crate::capacity::ask::{Asker, Refusal, Verdict, required};
use crate::core::{Area, Areas, Limits, Place, Policy, Problem, Request, Separation, Shape, Size};
use crate::solve::{SolveError, Strategy};

/// A rule of a request that can be lifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// It keeps away from sources at offsets.
    Avoidance,
    /// Its log areas.
    Log,
    /// The metadata of its legs.
    Metadata,
    /// It may use only the sources and areas that it names.
    Allowed,
    /// No two legs on sources that share a tag.
    Partition,
    /// Its policy.
    Policy,
    /// Its legs keep apart.
    Separation,
}

impl Rule {
    /// Every rule, in the order in which lifting is tried.
    pub const ALL: [Rule; 7] = [
        Rule::Avoidance,
        Rule::Log,
        Rule::Metadata,
        Rule::Allowed,
        Rule::Partition,
        Rule::Policy,
        Rule::Separation,
    ];

    /// The name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Rule::Avoidance => "avoid",
            Rule::Log => "log",
            Rule::Metadata => "metadata",
            Rule::Allowed => "allowed",
            Rule::Partition => "partition",
            Rule::Policy => "policy",
            Rule::Separation => "separation",
        }
    }

    /// Whether a request has the rule, so that lifting it could change something.
    fn binds(self, request: &Request) -> bool {
        match self {
            Rule::Avoidance => !request.avoid.is_empty(),
            Rule::Log => request.log.is_some(),
            Rule::Metadata => request.metadata.is_some(),
            Rule::Allowed => request.allowed.is_some() || !request.area_tags.is_empty(),
            Rule::Partition => !request.partition_by_tags.is_empty(),
            Rule::Policy => match request.policy {
                Policy::Contiguous | Policy::Cling | Policy::ClingByTags => true,
                Policy::Normal | Policy::Anywhere => false,
            },
            Rule::Separation => {
                request.separation() != Separation::None
                    && (request.legs() > 1
                        || request.log.is_some()
                        || request.metadata.is_some_and(|m| m.place != Place::Front))
            }
        }
    }

    fn lift(self, request: &mut Request) {
        match self {
            Rule::Avoidance => request.avoid.clear(),
            Rule::Log => request.log = None,
            Rule::Metadata => request.metadata = None,
            Rule::Allowed => {
                request.allowed = None;
                request.area_tags.clear();
            }
            Rule::Partition => request.partition_by_tags.clear(),
            Rule::Policy => request.policy = Policy::Normal,
            Rule::Separation => request.separation = Separation::None,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A part of a problem that can be lifted by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// A rule of the request of that index.
    Rule(usize, Rule),
    /// A leg of the request of that index, by number.
    Leg(usize, usize),
    /// What the source of that index has free.
    Source(usize),
}

impl Part {
    /// The index of the request that it is of.
    fn request(self) -> Option<usize> {
        match self {
            Part::Rule(request, _) | Part::Leg(request, _) => Some(request),
            Part::Source(_) => None,
        }
    }
}

/// An irreducible conflict.
#[derive(Clone, Debug)]
pub struct MinimalConflict {
    /// The parts that conflict, ascending.
    pub parts: Vec<Part>,
    /// Whether each part was seen to be needed: there is a plan once it alone is lifted. Otherwise
    /// that was too hard to decide for some.
    pub is_minimal: bool,
    /// The problem that consists of these parts alone, with its certificate.
    pub refusal: Refusal,
}

impl MinimalConflict {
    /// The sources in it.
    #[must_use]
    pub fn sources(&self) -> Vec<usize> {
        let source = |part: &Part| match part {
            Part::Source(source) => Some(*source),
            Part::Leg(..) | Part::Rule(..) => None,
        };
        self.parts.iter().filter_map(source).collect()
    }

    /// The requests in it, each with how many of its legs.
    #[must_use]
    pub fn legs(&self) -> Vec<(usize, u64)> {
        let mut legs: Vec<(usize, u64)> = Vec::new();
        for part in &self.parts {
            if let Part::Leg(request, _) = part {
                match legs.last_mut() {
                    Some((last, count)) if last == request => *count += 1,
                    Some(_) | None => legs.push((*request, 1)),
                }
            }
        }
        legs
    }

    /// The rules in it, each with its request.
    #[must_use]
    pub fn rules(&self) -> Vec<(usize, Rule)> {
        let rule = |part: &Part| match part {
            Part::Rule(request, rule) => Some((*request, *rule)),
            Part::Leg(..) | Part::Source(_) => None,
        };
        self.parts.iter().filter_map(rule).collect()
    }
}

/// An irreducible conflict of a problem, `None` if the problem is not proven to have no plan.
///
/// Requests count as required, and sizes "at most" as small as they may be. Whole requests are lifted first, then rules,
/// then legs, then sources, halves of them at a time before single ones; so lack of room is stated
/// without the rules that did not matter.
///
/// # Errors
/// [`SolveError`].
pub fn minimal_conflict(
    problem: &Problem,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Option<MinimalConflict>, SolveError> {
    let asker = Asker { strategy, limits };
    let problem = required(problem);
    let all = parts(&problem);
    let refusal = match asker.fits(&problem)? {
        Verdict::Never(why) => Refusal {
            problem: problem.clone(),
            why,
        },
        Verdict::Fits(_) | Verdict::Open => return Ok(None),
    };
    let of_request = |index: usize| {
        let parts = all.iter().copied();
        let own = parts.filter(|part| part.request() == Some(index));
        own.collect::<Vec<Part>>()
    };
    let requests: Vec<Vec<Part>> = (0..problem.requests().len()).map(of_request).collect();
    let mut narrowing = Narrowing {
        kept: all.iter().copied().collect(),
        is_minimal: true,
        refusal,
        problem: &problem,
        asker: &asker,
    };
    if requests.len() > 1 {
        narrowing.lift(&requests)?;
        // Whether they are needed is asked of each of their parts.
        narrowing.is_minimal = !asker.is_over();
    }
    let single: Vec<Vec<Part>> = all.iter().map(|&part| vec![part]).collect();
    narrowing.lift(&single)?;
    Ok(Some(MinimalConflict {
        parts: narrowing.kept.into_iter().collect(),
        is_minimal: narrowing.is_minimal,
        refusal: narrowing.refusal,
    }))
}

/// A conflict that is being narrowed down.
struct Narrowing<'p, 's> {
    kept: BTreeSet<Part>,
    is_minimal: bool,
    /// What remains, with its certificate.
    refusal: Refusal,
    problem: &'p Problem,
    asker: &'p Asker<'s>,
}

impl Narrowing<'_, '_> {
    /// Lifts what does not matter: all at a time, halves of them, and at last one by one.
    fn lift(&mut self, units: &[Vec<Part>]) -> Result<(), SolveError> {
        let mut length = units.len().next_power_of_two();
        while length > 0 {
            // A chunk is tried where all of it is still there, single units in the last round.
            for chunk in units.chunks(length) {
                let is_there = |unit: &&Vec<Part>| unit.iter().any(|part| self.kept.contains(part));
                let present: Vec<&Vec<Part>> = chunk.iter().filter(is_there).collect();
                if present.is_empty() || (length > 1 && present.len() < 2) {
                    continue;
                }
                let mut fewer = self.kept.clone();
                for part in present.into_iter().flatten() {
                    fewer.remove(part);
                }
                match decide(self.problem, &fewer, self.asker)? {
                    Lifted::Never(found) => {
                        self.kept = fewer;
                        self.refusal = *found;
                    }
                    Lifted::Fits => {}
                    Lifted::Open => self.is_minimal &= length > 1,
                }
                if self.asker.is_over() {
                    self.is_minimal = false;
                    return Ok(());
                }
            }
            length /= 2;
        }
        Ok(())
    }
}

enum Lifted {
    Fits,
    Never(Box<Refusal>),
    Open,
}

fn decide(
    problem: &Problem,
    kept: &BTreeSet<Part>,
    asker: &Asker<'_>,
) -> Result<Lifted, SolveError> {
    let Some(problem) = restricted(problem, kept) else {
        return Ok(Lifted::Open);
    };
    Ok(match asker.fits(&problem)? {
        Verdict::Fits(_) => Lifted::Fits,
        Verdict::Never(why) => Lifted::Never(Box::new(Refusal { problem, why })),
        Verdict::Open => Lifted::Open,
    })
}

/// Every part: rules, then legs, then sources.
fn parts(problem: &Problem) -> Vec<Part> {
    let requests = || problem.requests().iter().enumerate();
    let rules = requests().flat_map(|(index, request)| {
        // Every field is named, so that whoever adds one is led here: which rule lifts it?
        #[rustfmt::skip]
        let Request { name: _, size: _, shape: _, metadata: _, log: _, policy: _, separation: _,
            cuts: _, partition_by_tags: _, cling_tags: _, cling_sources: _, grows: _, allowed: _, area_tags: _, avoid: _, value: _ } = request;
        let binding = Rule::ALL.into_iter().filter(|rule| rule.binds(request));
        binding.map(move |rule| Part::Rule(index, rule))
    });
    let legs = requests().flat_map(|(index, request)| {
        let legs = (0..request.legs()).rev();
        legs.map(move |leg| Part::Leg(index, leg))
    });
    let sources = (0..problem.sources().len()).map(Part::Source);
    rules.chain(legs).chain(sources).collect()
}

/// The problem that only has the parts kept; everything else is lifted.
///
/// `None` if a lifted source would need more extents than there are numbers for.
#[must_use]
pub fn restricted(problem: &Problem, kept: &BTreeSet<Part>) -> Option<Problem> {
    let mut needed = 0u64;
    let mut requests = Vec::new();
    for (index, request) in problem.requests().iter().enumerate() {
        needed = needed.checked_add(request.total_extents()?)?;
        let mut request = request.clone();
        for rule in Rule::ALL {
            if rule.binds(&request) && !kept.contains(&Part::Rule(index, rule)) {
                rule.lift(&mut request);
            }
        }
        let legs: Vec<usize> = (0..request.legs())
            .filter(|&leg| kept.contains(&Part::Leg(index, leg)))
            .collect();
        if legs.is_empty() {
            continue;
        }
        if legs.len() < request.legs() {
            request = with_legs(&request, &legs);
        }
        requests.push(request);
    }
    let mut sources = problem.sources().to_vec();
    for (index, source) in sources.iter_mut().enumerate() {
        if !kept.contains(&Part::Source(index)) {
            let end = source.extents.checked_add(needed)?;
            let more = Area::between(source.extents, end);
            source.free = source.free.union(&more.into_iter().collect::<Areas>());
            source.extents = end;
        }
    }
    Problem::new(sources, requests, problem.objective().to_vec()).ok()
}

/// The request with some of its legs only, each as long as before.
fn with_legs(request: &Request, legs: &[usize]) -> Request {
    let mut request = request.clone();
    let leg = request.leg_extents();
    let count = legs.len() as u64;
    request.size = match request.size {
        Size::Exactly(_) => Size::Exactly(leg * count),
        Size::AtMost(_) => Size::AtMost(leg * count),
    };
    request.shape = Shape {
        stripes: count,
        copies: 1,
        parity: 0,
    };
    if let Some(grows) = &mut request.grows {
        *grows = legs.iter().map(|&leg| grows[leg].clone()).collect();
    }
    request
}
