//! Certificates for bounds that are known already, however they were found: the cheapest kind that shows the
//! number is looked for, and none is given that does not hold.

use std::collections::BTreeSet;

use crate::core::{Bound, Certificate, Limits, Measure, Prices, Problem, Request, verify_bound};
use crate::search::lagrangian;

/// Worths of an area that are tried where the other measure is known.
const MOST_WORTHS: usize = 48;

/// By entry of the bound a certificate that holds, or none.
#[must_use]
pub fn certify(problem: &Problem, bound: &Bound, limits: &Limits<'_>) -> Vec<Option<Certificate>> {
    let positions = 0..bound.0.len().min(problem.objective().len());
    positions
        .map(|position| {
            let claim = Claim {
                problem,
                bound,
                position,
            };
            claim.by_counting().or_else(|| claim.by_prices(limits))
        })
        .collect()
}

/// One entry of a bound.
struct Claim<'a> {
    problem: &'a Problem,
    bound: &'a Bound,
    position: usize,
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

    /// What a measure before is at the most.
    fn pin(&self, measure: Measure) -> Option<u64> {
        let objective = self.problem.objective()[..self.position].iter();
        let mut pairs = objective.zip(&self.bound.0);
        pairs
            .find(|(before, _)| **before == measure)
            .map(|(_, value)| *value)
    }

    fn by_counting(&self) -> Option<Certificate> {
        let worth = |worth: u64| self.if_it_holds(Certificate::Counting { worth });
        let other = match self.measure() {
            Measure::Segments => self.pin(Measure::Sources),
            Measure::Sources => self.pin(Measure::Segments),
            Measure::Unserved
            | Measure::Shortfall
            | Measure::Balance
            | Measure::Fragments
            | Measure::LargestArea => None,
        };
        worth(0).or_else(|| {
            other?;
            let sources = self.problem.sources().iter();
            let areas = sources.flat_map(|source| source.free.iter());
            let lengths: BTreeSet<u64> = areas.map(|area| area.count()).collect();
            let step = lengths.len().div_ceil(MOST_WORTHS).max(1);
            lengths.into_iter().step_by(step).find_map(worth)
        })
    }

    fn by_prices(&self, limits: &Limits<'_>) -> Option<Certificate> {
        let (measure, known) = (self.measure(), self.bound.0[self.position]);
        let missed = self.pin(Measure::Unserved);
        let takes = |request: &Request| match (request.value, missed) {
            (None, _) => true,
            (Some(value), Some(most)) => value > most,
            (Some(_), None) => false,
        };
        let found = lagrangian::prices(self.problem, measure, known, &takes, limits);
        let mut weights = vec![0; self.position];
        weights.push(u64::try_from(lagrangian::UNIT).ok()?);
        found.into_iter().find_map(|areas| {
            self.if_it_holds(Certificate::Prices(Prices {
                weights: weights.clone(),
                areas,
                touches: Vec::new(),
            }))
        })
    }
}
