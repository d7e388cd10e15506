//! What is asked: sources that have extents to give, requests that want some, and what counts as good.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::core::{
    Allowance, Area, Areas, Defects, Measure, Policy, Request, Segment, Size, Source,
};

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
    /// leaving everything out would otherwise be best. Where a request prefers some sources,
    /// `elsewhere` comes next.
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
            sources: Arc::new(sources.into_iter().map(Source::with_borders).collect()),
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

    /// The same problem with another objective, without preferences where it does not count them: they would bring
    /// their measure in front.
    pub(crate) fn with_measures(&self, objective: Vec<Measure>) -> Result<Problem, Defects> {
        self.with_requests(self.requests_for(&objective), objective)
    }

    /// The requests, without preferences where the objective does not count them.
    pub(crate) fn requests_for(&self, objective: &[Measure]) -> Vec<Request> {
        let mut requests = self.requests.clone();
        if !objective.contains(&Measure::Elsewhere) {
            let preferred = requests
                .iter_mut()
                .map(|request| &mut request.cling_sources);
            preferred.for_each(BTreeSet::clear);
        }
        requests
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
    /// that are both free and allowed, and where its legs may grow. Sources with nothing to offer are left out.
    #[must_use]
    pub fn offered(&self, request: &Request) -> Vec<(usize, Areas)> {
        let mut offered = self.free_and_allowed(request);
        if let Some(within) = self.grows_within(request) {
            for (source, areas) in &mut offered {
                let within = within.get(source);
                *areas = within.map_or_else(Areas::none, |within| areas.intersection(within));
            }
            offered.retain(|(_, areas)| !areas.is_empty());
        }
        offered
    }

    /// Where the legs of a request that grows have to stay under its policy: contiguous ones in the free area behind
    /// their ends, and clinging ones on their sources; `None` where they may go elsewhere, or something besides is placed.
    fn grows_within(&self, request: &Request) -> Option<BTreeMap<usize, Areas>> {
        let legs = request
            .grows
            .as_ref()
            .filter(|_| request.grows_in_place())?;
        if request.metadata.is_some() || request.log.is_some() || legs.iter().any(Vec::is_empty) {
            return None;
        }
        let mut within: BTreeMap<usize, Vec<Area>> = BTreeMap::new();
        match request.policy {
            Policy::Contiguous => {
                for segment in legs.iter().filter_map(|leg| leg.last()) {
                    let free = self.sources.get(segment.source)?.free.iter();
                    let next = segment.area.end();
                    let behind = free.filter(|area| area.start() <= next && next < area.end());
                    let behind = behind.filter_map(|area| Area::between(next, area.end()));
                    within.entry(segment.source).or_default().extend(behind);
                }
            }
            Policy::Cling => {
                for segment in legs.iter().flatten() {
                    let free = self.sources.get(segment.source)?.free.iter();
                    within
                        .entry(segment.source)
                        .or_insert_with(|| free.collect());
                }
            }
            Policy::ClingByTags | Policy::Normal | Policy::Anywhere => return None,
        }
        let areas = |areas: Vec<Area>| areas.into_iter().collect();
        Some(
            within
                .into_iter()
                .map(|(source, list)| (source, areas(list)))
                .collect(),
        )
    }

    fn free_and_allowed(&self, request: &Request) -> Vec<(usize, Areas)> {
        let has_some = |(_, areas): &(usize, Areas)| !areas.is_empty();
        match self.allowed(request).as_deref() {
            None => {
                let all = self.sources.iter().map(|source| source.free.clone());
                all.enumerate().filter(has_some).collect()
            }
            Some(allowed) => {
                let offer = |(source, ranges): &Allowance| {
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

    /// The sources that `request` may use, with the areas on them, whether it says so by name, by range or
    /// by tag; `None`: all of every source.
    #[must_use]
    pub fn allowed<'a>(&self, request: &'a Request) -> Option<Cow<'a, [Allowance]>> {
        if request.area_tags.is_empty() {
            return request.allowed.as_deref().map(Cow::Borrowed);
        }
        let tagged = |(index, ranges): Allowance| {
            let source = &self.sources[index];
            if !source.tags.is_disjoint(&request.area_tags) {
                return Some((index, ranges));
            }
            let is_asked = |area: &Area| {
                let mut tags = request.area_tags.iter();
                tags.any(|tag| source.has_tag(*area, tag))
            };
            let areas: Areas = source.free.iter().filter(is_asked).collect();
            let areas = match ranges {
                None => areas,
                Some(ranges) => areas.intersection(&ranges.into_iter().collect()),
            };
            (!areas.is_empty()).then(|| (index, Some(areas.iter().collect())))
        };
        let listed: Vec<Allowance> = match &request.allowed {
            None => (0..self.sources.len()).map(|index| (index, None)).collect(),
            Some(allowed) => allowed.clone(),
        };
        Some(listed.into_iter().filter_map(tagged).collect())
    }

    /// The same problem, in which the areas that requests ask for by tag are ranges that they may use.
    #[must_use]
    pub fn spelled_out(&self) -> Cow<'_, Problem> {
        if self.requests.iter().all(|r| r.area_tags.is_empty()) {
            return Cow::Borrowed(self);
        }
        let spelled_out = |request: &Request| Request {
            allowed: self.allowed(request).map(Cow::into_owned),
            area_tags: BTreeSet::new(),
            ..request.clone()
        };
        Cow::Owned(Problem {
            sources: Arc::clone(&self.sources),
            requests: self.requests.iter().map(spelled_out).collect(),
            objective: self.objective.clone(),
        })
    }

    /// The problem with the same areas, in which tags are those of whole sources.
    ///
    /// Where it is stricter, a source counts as having the tags of its areas where tags keep legs apart, and not
    /// where legs cling by them: every plan of it is a plan of this problem. Where it is looser, it is the other
    /// way round: every plan of this problem is one of it. Plans cost the same in both.
    #[must_use]
    pub fn with_tags_of_sources(&self, is_stricter: bool) -> Problem {
        let of_areas = self.sources.iter().flat_map(Source::tags_of_areas);
        let of_areas: BTreeSet<&String> = of_areas.collect();
        let of_sources = self.sources.iter().flat_map(|source| &source.tags);
        let mut known: BTreeSet<String> = of_sources.cloned().collect();
        let of_sources = known.clone();
        // Beside each word another one, for sources of which any area has it.
        let mut words: BTreeMap<&String, String> = BTreeMap::new();
        for tag in of_areas {
            let mut word = format!("{tag}+");
            while !known.insert(word.clone()) {
                word.push('+');
            }
            words.insert(tag, word);
        }
        let raised = |source: &Source| {
            let tags = source.tags.iter().chain(source.tags_of_areas());
            let more: Vec<String> = tags.filter_map(|tag| words.get(tag).cloned()).collect();
            Source {
                tags: source.tags.iter().cloned().chain(more).collect(),
                area_tags: BTreeMap::new(),
                ..source.clone()
            }
        };
        let reworded = |tags: &BTreeSet<String>, is_raised: bool| -> BTreeSet<String> {
            let tags = tags.iter().filter_map(|tag| match words.get(tag) {
                Some(word) if is_raised => Some(word.clone()),
                Some(_) | None => of_sources.contains(tag).then(|| tag.clone()),
            });
            tags.collect()
        };
        let restated = |request: &Request| {
            let cling_tags = reworded(&request.cling_tags, !is_stricter);
            Request {
                policy: match request.policy {
                    // Without a tag there is nothing but its own source that a leg clings to.
                    Policy::ClingByTags if cling_tags.is_empty() => Policy::Cling,
                    policy => policy,
                },
                partition_by_tags: reworded(&request.partition_by_tags, is_stricter),
                cling_tags,
                ..request.clone()
            }
        };
        let problem = self.spelled_out();
        Problem {
            sources: Arc::new(problem.sources.iter().map(raised).collect()),
            requests: problem.requests.iter().map(restated).collect(),
            objective: problem.objective.clone(),
        }
    }

    /// A leg with neighbours joined as far as they lie in one free area.
    #[must_use]
    pub fn joined(&self, leg: &[Segment]) -> Vec<Segment> {
        let runs = crate::core::joined(leg).into_iter();
        let of_run = |run: Segment| {
            let free = &self.sources[run.source].free;
            let parts = free.meeting(run.area);
            let parts: Vec<Area> = parts
                .filter_map(|free| free.intersection(run.area))
                .collect();
            // What was there before is no part of what is free.
            let is_all = parts.iter().map(|part| part.count()).sum::<u64>() == run.area.count();
            let parts = if is_all { parts } else { vec![run.area] };
            let source = run.source;
            parts.into_iter().map(move |area| Segment { source, area })
        };
        runs.flat_map(of_run).collect()
    }

    /// Whether a rule that keeps legs apart, or lets them cling, goes by tags that single areas carry.
    #[must_use]
    pub fn goes_by_area_tags(&self, request: &Request) -> bool {
        let mut sources = self.sources.iter().filter(|s| !s.area_tags.is_empty());
        let asked = |tag: &String| {
            request.partition_by_tags.contains(tag)
                || request.policy == Policy::ClingByTags && request.cling_tags.contains(tag)
        };
        sources.any(|source| source.tags_of_areas().any(asked))
    }
}

/// The objective with the measures that optional and "at most" requests, and preferences, cannot do without.
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
    let prefers = requests.iter().any(|r| !r.cling_sources.is_empty());
    let needed = [
        (Measure::Unserved, optional),
        (Measure::Shortfall, at_most),
        (Measure::Elsewhere, prefers),
    ];
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
