//! Certificates for bounds that are known already, however they were found: the cheapest kind that shows the
//! number is looked for, and none is given that does not hold.

use std::collections::BTreeSet;

use crate::core::{
    Bound, Certificate, Cuts, Limits, Measure, Plan, Prices, Problem, Request, verify_bound,
};
use crate::search::bin_covering::column_generation::Count;
use crate::search::bin_covering::prices as of_sets;
use crate::search::lagrangian;
use crate::search::pins::Pins;
use crate::search::stripes;

/// Worths of an area that are tried where the other measure is known.
const MOST_WORTHS: u64 = 48;

/// By entry of the bound a certificate that holds, or none; `plan` is the best that is known. More than
/// counting is tried only where numbers are small enough for products.
pub(crate) fn certify(
    problem: &Problem,
    (plan, bound): (&Plan, &Bound),
    is_countable: bool,
    limits: &Limits<'_>,
) -> Vec<Option<Certificate>> {
    let entries = bound.0.len().min(problem.objective().len());
    let looks = looks(problem);
    if looks > MOST_COUNTED {
        return vec![None; entries];
    }
    let of_entry = |position: usize| {
        let claim = Claim {
            problem,
            bound,
            position,
            looks,
        };
        let counted = claim.by_counting(limits);
        if counted.is_some() || !is_countable || limits.is_over() {
            return counted;
        }
        claim
            .by_degrees(limits)
            .or_else(|| claim.by_prices(false, limits))
            .or_else(|| claim.by_prices(true, limits))
            .or_else(|| claim.by_sets(plan, limits))
    };
    (0..entries).map(of_entry).collect()
}

/// Looks at an area, once for each request, above which adding up takes more than some tenths of a second: by a
/// few hundred multipliers, and by a table of some thousand costs.
const MOST_LOOKS: u64 = 1 << 18;
const MOST_AREAS: u64 = 1 << 13;
/// The same for counting once; what is counted takes some hundred bytes for each.
const MOST_COUNTED: u64 = 1 << 21;

/// Areas of the sources that requests may use, once for each request.
fn looks(problem: &Problem) -> u64 {
    let sources = problem.sources();
    let areas = |source: usize| sources[source].free.len() as u64;
    let all: u64 = (0..sources.len()).map(areas).sum();
    let of_request = |request: &Request| match &request.allowed {
        None => all,
        Some(allowed) => allowed.iter().map(|(source, _)| areas(*source)).sum(),
    };
    let requests = problem.requests().iter().map(of_request);
    requests.fold(0, u64::saturating_add)
}

/// One entry of a bound.
struct Claim<'a> {
    problem: &'a Problem,
    bound: &'a Bound,
    position: usize,
    /// Areas, once for each request that may use them.
    looks: u64,
}

impl Claim<'_> {
    fn measure(&self) -> Measure {
        self.problem.objective()[self.position]
    }

    /// The certificate, if it holds.
    fn if_it_holds(&self, certificate: Certificate) -> Option<Certificate> {
        let held = verify_bound(self.problem, self.bound, self.position, &certificate);
        held.is_ok().then_some(certificate)
    }

    /// What the measures before are at the most.
    fn pins(&self) -> Pins<'_> {
        Pins {
            objective: self.problem.objective(),
            values: &self.bound.0[..self.position],
        }
    }

    fn by_counting(&self, limits: &Limits<'_>) -> Option<Certificate> {
        let worth = |worth: u64| self.if_it_holds(Certificate::Counting { worth });
        let other = match self.measure() {
            Measure::Segments => self.pins().of(Measure::Sources),
            Measure::Sources => self.pins().of(Measure::Segments),
            Measure::Unserved
            | Measure::Shortfall
            | Measure::Elsewhere
            | Measure::Balance
            | Measure::Fragments
            | Measure::LargestArea => None,
        };
        worth(0).or_else(|| {
            other?;
            let sources = self.problem.sources().iter();
            let areas = sources.flat_map(|source| source.free.iter());
            let lengths: BTreeSet<u64> = areas.map(|area| area.count()).collect();
            let most = MOST_WORTHS.min(MOST_COUNTED / self.looks.max(1)).max(1);
            let step = lengths
                .len()
                .div_ceil(usize::try_from(most).unwrap_or(1))
                .max(1);
            let tried = lengths.into_iter().step_by(step);
            let mut tried = tried.take_while(|_| !limits.is_over());
            tried.find_map(worth)
        })
    }

    /// Prices of extents; `with_shares` of what the legs of a request take of a source together, too.
    fn by_prices(&self, with_shares: bool, limits: &Limits<'_>) -> Option<Certificate> {
        if self.looks > MOST_LOOKS {
            return None;
        }
        let (measure, known) = (self.measure(), self.bound.0[self.position]);
        let asked = (measure, &self.pins());
        let found = lagrangian::prices(self.problem, asked, with_shares, known, limits);
        let unit = u64::try_from(lagrangian::UNIT).ok()?;
        found.into_iter().find_map(|found| {
            let before = self.problem.objective()[..self.position].iter();
            let weight = |before: &Measure| match before {
                Measure::Unserved => found.value,
                Measure::Shortfall
                | Measure::Elsewhere
                | Measure::Segments
                | Measure::Sources
                | Measure::Balance
                | Measure::Fragments
                | Measure::LargestArea => 0,
            };
            self.if_it_holds(Certificate::Prices(Prices {
                weights: before.map(weight).chain([unit]).collect(),
                areas: found.areas,
                shares: found.shares,
                ..Prices::default()
            }))
        })
    }

    /// Prices of pieces, of one request that is cut as a whole.
    fn by_degrees(&self, limits: &Limits<'_>) -> Option<Certificate> {
        let [request] = self.problem.requests() else {
            return None;
        };
        let is_cut = self.measure() == Measure::Segments && request.cuts == Cuts::Together;
        if !is_cut || self.looks > MOST_AREAS {
            return None;
        }
        let found = stripes::prices(self.problem, request, limits)?;
        let number = |value: i64| u64::try_from(value).ok();
        self.if_it_holds(Certificate::Degrees {
            removed: found.removed as u64,
            piece: number(found.piece)?,
            own: number(found.own)?,
            parts: number(stripes::degrees::PARTS)?,
        })
    }

    /// Prices of sources and tags, of one request whose legs keep apart.
    fn by_sets(&self, plan: &Plan, limits: &Limits<'_>) -> Option<Certificate> {
        let [request] = self.problem.requests() else {
            return None;
        };
        if self.looks > MOST_AREAS {
            return None;
        }
        let (fewest, other) = match self.measure() {
            Measure::Segments => (Count::Areas, Measure::Sources),
            Measure::Sources => (Count::Sources, Measure::Segments),
            Measure::Unserved
            | Measure::Shortfall
            | Measure::Elsewhere
            | Measure::Balance
            | Measure::Fragments
            | Measure::LargestArea => return None,
        };
        let program = (fewest, self.pins().of(other));
        let goal = (self.bound.0[self.position], plan);
        let found = of_sets::prices(self.problem, request, program, goal, limits)?;
        let weight = |measure: &Measure| match measure {
            Measure::Segments => found.area,
            Measure::Sources => found.source,
            Measure::Unserved
            | Measure::Shortfall
            | Measure::Elsewhere
            | Measure::Balance
            | Measure::Fragments
            | Measure::LargestArea => 0,
        };
        let objective = &self.problem.objective()[..=self.position];
        let touches = found.touches.into_iter();
        let tags = found.tags.into_iter();
        self.if_it_holds(Certificate::Prices(Prices {
            weights: objective.iter().map(weight).collect(),
            touches: touches.map(|(source, price)| (0, source, price)).collect(),
            tags: tags.map(|(tag, price)| (0, tag, price)).collect(),
            ..Prices::default()
        }))
    }
}
