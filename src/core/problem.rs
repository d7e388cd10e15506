//! What is asked: sources that have extents to give, requests that want some, and what counts as good.

use std::sync::Arc;

use crate::core::{Area, Areas, Defects, Measure, Request, Size, Source};

/// Sources, requests and an objective that fit together.
///
/// There is no other way to make one than [`Problem::new`], so whoever holds a problem need not
/// check it again: names are unique, indices in range, areas inside their sources, counts within 64
/// bits even when all are added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Shared by all problems that ask something of the same sources.
    sources: Arc<Vec<Source>>,
    requests: Vec<Request>,
    objective: Vec<Measure>,
}

impl Problem {
    /// Puts a problem together.
    ///
    /// An empty objective means `segments, sources`. Where a request is optional, `unserved` is put
    /// in front of an objective that does not name it, and where a size is "at most", `shortfall`:
    /// leaving everything out would otherwise be best.
    ///
    /// # Errors
    /// Every [`Defect`](crate::core::Defect) there is, not only the first.
    pub fn new(
        sources: Vec<Source>,
        requests: Vec<Request>,
        objective: Vec<Measure>,
    ) -> Result<Problem, Defects> {
        let mut defects = crate::core::defects::of_sources(&sources);
        defects.append(&mut crate::core::defects::of_requests(
            &sources, &requests, &objective,
        ));
        if !defects.is_empty() {
            return Err(Defects(defects));
        }
        Ok(Problem {
            objective: complete(objective, &requests),
            sources: Arc::new(sources),
            requests,
        })
    }

    /// Other requests of the same sources, which are neither copied nor looked through again.
    ///
    /// # Errors
    /// Every [`Defect`](crate::core::Defect) of the requests and the objective.
    pub fn with_requests(
        &self,
        requests: Vec<Request>,
        objective: Vec<Measure>,
    ) -> Result<Problem, Defects> {
        let defects = crate::core::defects::of_requests(&self.sources, &requests, &objective);
        if !defects.is_empty() {
            return Err(Defects(defects));
        }
        Ok(Problem {
            objective: complete(objective, &requests),
            sources: Arc::clone(&self.sources),
            requests,
        })
    }

    /// The same sources and requests with another objective.
    ///
    /// # Errors
    /// [`Defect::MeasureTwice`](crate::core::Defect::MeasureTwice).
    pub fn with_objective(self, objective: Vec<Measure>) -> Result<Problem, Defects> {
        self.with_requests(self.requests.clone(), objective)
    }

    /// The sources, in order.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The requests, in order.
    #[must_use]
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// The measures, the most important first; never empty.
    #[must_use]
    pub fn objective(&self) -> &[Measure] {
        &self.objective
    }

    /// The sources that `request` may use, in its order of preference, each with the extents on it
    /// that are both free and allowed. Sources with nothing to offer are left out.
    #[must_use]
    pub fn offered(&self, request: &Request) -> Vec<(usize, Areas)> {
        let has_some = |(_, areas): &(usize, Areas)| !areas.is_empty();
        match &request.allowed {
            None => {
                let all = self.sources.iter().map(|source| source.free.clone());
                all.enumerate().filter(has_some).collect()
            }
            Some(allowed) => {
                let offer = |(source, ranges): &(usize, Option<Vec<Area>>)| {
                    let free = &self.sources[*source].free;
                    let areas = match ranges {
                        None => free.clone(),
                        Some(ranges) => free.intersection(&ranges.iter().copied().collect()),
                    };
                    (*source, areas)
                };
                allowed.iter().map(offer).filter(has_some).collect()
            }
        }
    }
}

/// The objective with the measures that optional and "at most" requests cannot do without.
fn complete(objective: Vec<Measure>, requests: &[Request]) -> Vec<Measure> {
    let given = if objective.is_empty() {
        vec![Measure::Segments, Measure::Sources]
    } else {
        objective
    };
    let optional = requests.iter().any(|request| request.value.is_some());
    let at_most = requests
        .iter()
        .any(|request| matches!(request.size, Size::AtMost(_)));
    let needed = [(Measure::Unserved, optional), (Measure::Shortfall, at_most)];
    let missing = needed
        .into_iter()
        .filter(|(measure, is_needed)| *is_needed && !given.contains(measure))
        .map(|(measure, _)| measure);
    missing
        .collect::<Vec<_>>()
        .into_iter()
        .chain(given)
        .collect()
}
