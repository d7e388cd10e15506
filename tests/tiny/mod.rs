//! Tiny problems of every kind, and the slow plain judge that tries every plan for them.

use std::collections::BTreeSet;

use extentplan::core::{
    Allocation, Area, Areas, Avoidance, Companion, Cost, Cuts, Log, Measure, Place, Plan, Policy,
    Problem, Request, Segment, Separation, Shape, Size, Source, check, cost,
};

/// The cost of the best plan, found by trying every free extent for every extent asked for.
pub(crate) fn best_cost(problem: &Problem) -> Option<Cost> {
    let mut judge = Judge {
        problem,
        plan: Plan::default(),
        best: None,
    };
    judge.next_request();
    judge.best
}

struct Judge<'a> {
    problem: &'a Problem,
    plan: Plan,
    best: Option<Cost>,
}

impl Judge<'_> {
    /// Chooses for the next request whether it is placed and how long its legs are.
    fn next_request(&mut self) {
        let index = self.plan.allocations.len();
        let Some(request) = self.problem.requests().get(index) else {
            if check(self.problem, &self.plan).is_empty() {
                let cost = cost(self.problem, &self.plan);
                self.best = Some(self.best.take().map_or(cost.clone(), |best| best.min(cost)));
            }
            return;
        };
        if request.value.is_some() {
            self.plan.allocations.push(None);
            self.next_request();
            self.plan.allocations.pop();
        }
        let lengths = match request.size {
            Size::Exactly(_) => request.leg_extents()..=request.leg_extents(),
            Size::AtMost(_) => 1..=request.leg_extents(),
        };
        for length in lengths {
            let legs = vec![Vec::new(); request.legs()];
            self.plan.allocations.push(Some(Allocation {
                legs,
                ..Allocation::default()
            }));
            self.next_piece(request, length);
            self.plan.allocations.pop();
        }
    }

    /// Puts the next extent of a leg, or the next companion, anywhere.
    fn next_piece(&mut self, request: &Request, length: u64) {
        let index = self.plan.allocations.len() - 1;
        let own = self.plan.allocations[index].as_ref().expect("placed");
        let short = (0..request.legs()).find(|&leg| (own.legs[leg].len() as u64) < length);
        let metadata = request
            .metadata
            .filter(|_| own.metadata.len() < request.legs());
        let log = request
            .log
            .filter(|log| (own.logs.len() as u64) < log.count);
        let extents = match (short, metadata, log) {
            (Some(_), _, _) => 1,
            (None, Some(metadata), _) => metadata.extents,
            (None, None, Some(log)) => log.extents,
            (None, None, None) => return self.next_request(),
        };
        for (source, offered) in self.problem.sources().iter().enumerate() {
            for start in 0..offered.extents.saturating_sub(extents - 1) {
                let area = Area::new(start, extents).expect("not empty");
                let is_taken = self.plan.segments().any(|segment| {
                    segment.source == source && segment.area.intersection(area).is_some()
                });
                if is_taken || !offered.free.contains(area) {
                    continue;
                }
                let segment = Segment { source, area };
                let own = self.plan.allocations[index].as_mut().expect("placed");
                let list = match (short, metadata) {
                    (Some(leg), _) => &mut own.legs[leg],
                    (None, Some(_)) => &mut own.metadata,
                    (None, None) => &mut own.logs,
                };
                list.push(segment);
                self.next_piece(request, length);
                let own = self.plan.allocations[index].as_mut().expect("placed");
                match (short, metadata) {
                    (Some(leg), _) => own.legs[leg].pop(),
                    (None, Some(_)) => own.metadata.pop(),
                    (None, None) => own.logs.pop(),
                };
            }
        }
    }
}

/// Numbers that look random and are the same in every run (SplitMix64).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    /// True once in `times` on average.
    pub(crate) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        let index = self.below(list.len() as u64);
        list[usize::try_from(index).expect("an index")]
    }
}

/// Most free extents and most wanted extents of a tiny problem: the judge tries 8!/2! orders.
const MOST_FREE: u64 = 8;
const MOST_WANTED: u64 = 6;

/// A tiny problem of any kind; some numbers make none.
pub(crate) fn tiny_problem(numbers: &mut Numbers) -> Option<Problem> {
    let count = 2 + numbers.below(3);
    let sources: Vec<Source> = (0..count)
        .map(|index| tiny_source(numbers, index))
        .collect();
    let free: u64 = sources.iter().map(|source| source.free.total()).sum();
    let how_many = 1 + u64::from(numbers.once_in(3));
    let requests: Vec<Request> = (0..how_many)
        .map(|index| tiny_request(numbers, index, &sources))
        .collect();
    let wanted: Option<u64> = requests
        .iter()
        .map(Request::total_extents)
        .try_fold(0, |sum, own| Some(sum + own?));
    if free > MOST_FREE || wanted? > MOST_WANTED {
        return None;
    }
    let mut objective = Vec::new();
    for _ in 0..numbers.below(4) {
        let measure = numbers.pick(&Measure::ALL);
        if !objective.contains(&measure) {
            objective.push(measure);
        }
    }
    Problem::new(sources, requests, objective).ok()
}

fn tiny_source(numbers: &mut Numbers, index: u64) -> Source {
    let extents = 2 + numbers.below(4);
    let free = (0..extents).filter(|_| !numbers.once_in(4));
    let free: Areas = free
        .map(|extent| Area::new(extent, 1).expect("one"))
        .collect();
    let tags = ["x", "y"]
        .into_iter()
        .filter(|_| numbers.once_in(2))
        .map(str::to_string);
    Source {
        name: format!("s{index}"),
        extents,
        free,
        tags: tags.collect(),
    }
}

fn tiny_request(numbers: &mut Numbers, index: u64, sources: &[Source]) -> Request {
    let shape = numbers.pick(&[
        (1, 1, 0),
        (1, 1, 0),
        (2, 1, 0),
        (1, 2, 0),
        (1, 2, 0),
        (2, 1, 1),
    ]);
    let (stripes, copies, parity) = shape;
    let extents = stripes * (1 + numbers.below(3));
    let tags = |numbers: &mut Numbers| -> BTreeSet<String> {
        let tags = ["x", "y"].into_iter().filter(|_| numbers.once_in(2));
        tags.map(str::to_string).collect()
    };
    let place = numbers.pick(&[
        Place::Front,
        Place::Front,
        Place::OwnSource,
        Place::AnySource,
    ]);
    let legs = stripes * copies + parity;
    Request {
        name: format!("r{index}"),
        size: match numbers.once_in(5) {
            true => Size::AtMost(extents),
            false => Size::Exactly(extents),
        },
        shape: Shape {
            stripes,
            copies,
            parity,
        },
        metadata: numbers
            .once_in(4)
            .then_some(Companion { extents: 1, place }),
        log: numbers.once_in(8).then_some(Log {
            extents: 1,
            count: 1 + numbers.below(2),
            place: match place {
                Place::Front | Place::OwnSource => Place::OwnSource,
                Place::AnySource => Place::AnySource,
            },
        }),
        policy: numbers.pick(&[
            Policy::Contiguous,
            Policy::Cling,
            Policy::ClingByTags,
            Policy::Normal,
            Policy::Normal,
            Policy::Normal,
            Policy::Anywhere,
        ]),
        separation: numbers.pick(&[
            Separation::Segment,
            Separation::Segment,
            Separation::Leg,
            Separation::None,
        ]),
        cuts: numbers.pick(&[Cuts::Together, Cuts::Apart]),
        partition_by_tags: if numbers.once_in(5) {
            tags(numbers)
        } else {
            BTreeSet::new()
        },
        cling_tags: tags(numbers),
        grows: numbers.once_in(5).then(|| previous(numbers, legs, sources)),
        allowed: numbers.once_in(6).then(|| allowed(numbers, sources)),
        avoid: match numbers.once_in(6) {
            true => vec![Avoidance {
                offsets: Area::new(numbers.below(3), 1 + numbers.below(2)).expect("some"),
                sources: BTreeSet::from([0]),
            }],
            false => Vec::new(),
        },
        value: numbers.once_in(6).then(|| 1 + numbers.below(3)),
    }
}

/// For each leg a previous segment of one extent; with luck on extents that are not free.
fn previous(numbers: &mut Numbers, legs: u64, sources: &[Source]) -> Vec<Vec<Segment>> {
    let mut leg = || {
        let source = usize::try_from(numbers.below(sources.len() as u64)).expect("an index");
        let extents = 0..sources[source].extents;
        let areas = extents.map(|extent| Area::new(extent, 1).expect("one"));
        let held: Vec<Area> = areas
            .filter(|area| !sources[source].free.contains(*area))
            .collect();
        let area = held
            .first()
            .copied()
            .unwrap_or(Area::new(0, 1).expect("one"));
        vec![Segment { source, area }]
    };
    (0..legs).map(|_| leg()).collect()
}

/// Every source, some only in part.
fn allowed(numbers: &mut Numbers, sources: &[Source]) -> Vec<(usize, Option<Vec<Area>>)> {
    let mut ranges = |source: &Source| {
        let count = source.extents - numbers.below(3).min(source.extents - 1);
        let start = numbers.below(source.extents - count + 1);
        numbers
            .once_in(2)
            .then(|| Area::new(start, count).into_iter().collect())
    };
    sources
        .iter()
        .enumerate()
        .map(|(index, source)| (index, ranges(source)))
        .collect()
}
