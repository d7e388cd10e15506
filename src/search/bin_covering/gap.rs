//! One measure of whole legs: the bound and the plan brought together.
//!
//! Column generation gives the bound, a dive into its relaxation a plan. Where they do not meet, all
//! patterns that a plan which meets the bound could have decide: there is one, or the bound is one more.

use crate::core::Limits;
use crate::search::bin_covering::column_generation::{Master, Priced, Program};
use crate::search::bin_covering::dive;
use crate::search::bin_covering::enumeration::{self, Enumerated};
use crate::search::bin_covering::pattern::Pattern;

/// Rounds of column generation.
const ROUNDS: usize = 400;
type Dives = std::ops::Range<usize>;
/// The dives of each step, and the patterns that are listed after them, with the nodes of the exact search.
const DIVES: [Dives; 3] = [0..1, 1..6, 6..24];
const LISTED: [usize; 3] = [4_000, 40_000, 200_000];
const NODES: [u64; 3] = [4_000, 100_000, 1_000_000];

/// What is known of a measure.
pub(crate) struct Known {
    /// No plan goes below.
    pub(crate) least: u64,
    /// Some plan has it.
    pub(crate) most: u64,
    /// The stocks of the legs of a better plan than the one that was known, if there is one.
    pub(crate) legs: Option<Vec<Vec<usize>>>,
}

impl Known {
    fn is_closed(&self) -> bool {
        self.least >= self.most
    }

    fn take(&mut self, cost: u64, legs: Vec<Pattern>) {
        if cost < self.most {
            self.most = cost;
            self.legs = Some(legs.into_iter().map(|pattern| pattern.stocks).collect());
        }
    }
}

/// Brings the bound and the plan together, as far as the limits allow.
pub(crate) fn close(
    program: &Program<'_>,
    start: Vec<Vec<usize>>,
    known: &mut Known,
    limits: &Limits<'_>,
) {
    let patterns = start.iter();
    let patterns = patterns.filter_map(|stocks| Pattern::of(program.ground, stocks));
    let legs = program.ground.legs();
    // Nearly what a leg costs: what is dearer spoils the prices as long as there are few patterns.
    let missing = 2 * known.most / (legs as u64).max(1) + 2;
    let mut master = Master::new(program, program.room(), legs, missing, patterns);
    let solved = master.generate(ROUNDS, known.most, limits);
    if let Some(best) = &master.best {
        known.least = known.least.max(best.bound().min(known.most));
    }
    if known.is_closed() || solved.is_none() {
        return;
    }
    for (step, dives) in DIVES.into_iter().enumerate() {
        for dive in dives {
            while !known.is_closed()
                && let Some(found) = dive::below(program, &master, dive, known.most, limits)
            {
                let cost = found.iter().map(|pattern| program.cost(pattern)).sum();
                known.take(cost, found);
            }
        }
        if let Some(best) = &master.best {
            listed(program, best, known, (LISTED[step], NODES[step]), limits);
        }
        if known.is_closed() || limits.is_over() {
            return;
        }
    }
}

/// Whether the bound can be met: if so it is, and if not it is raised.
fn listed(
    program: &Program<'_>,
    priced: &Priced,
    known: &mut Known,
    most: (usize, u64),
    limits: &Limits<'_>,
) {
    let room = (&program.room()[..], program.ground.legs());
    while !known.is_closed() && !limits.is_over() {
        match enumeration::within(program, priced, room, known.least, most, limits) {
            Enumerated::Found(legs) => {
                let cost = legs.iter().map(|pattern| program.cost(pattern)).sum();
                known.take(cost, legs);
                return;
            }
            Enumerated::None => known.least += 1,
            Enumerated::Open => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{
        Area, Areas, Companion, Measure, Place, Problem, Request, Separation, Shape, Source,
    };
    use crate::search::bin_covering::column_generation::Count;
    use crate::search::bin_covering::ground_set::Ground;
    use crate::search::random::Random;

    /// Some sources with some areas, often alike, some of them with a tag or two of a partition.
    fn problem(random: &mut Random) -> Problem {
        let has_tags = random.below(2) == 0;
        let areas = |random: &mut Random| {
            let (mut at, count) = (0, 1 + random.position(3));
            let mut next = |_| {
                let length = 1 + random.below(8);
                at += length + 1;
                Area::new(at - length - 1, length).expect("not empty")
            };
            let areas = 0..count;
            areas.map(&mut next).collect::<Vec<Area>>()
        };
        let mut sources: Vec<Source> = Vec::new();
        for number in 0..3 + random.position(3) {
            let mut areas = areas(random);
            if let Some(last) = sources.last()
                && random.below(3) == 0
            {
                areas = last.free.iter().collect();
            }
            let tag = |number: u64| format!("t{number}");
            let count = if has_tags { random.below(3) } else { 0 };
            sources.push(Source {
                name: format!("s{number}"),
                extents: 40,
                free: Areas::from_iter(areas),
                tags: (0..count).map(|_| tag(random.below(3))).collect(),
                ..Source::default()
            });
        }
        let copies = 2 + random.below(2);
        let total: u64 = sources.iter().map(|source| source.free.total()).sum();
        let mut request = Request::linear("data", 1 + total / copies * (3 + random.below(6)) / 9);
        request.shape = Shape {
            stripes: 1,
            copies,
            parity: 0,
        };
        request.separation = Separation::Leg;
        request.metadata = (random.below(2) == 0).then_some(Companion {
            extents: 1,
            place: Place::Front,
        });
        let tags = sources.iter().flat_map(|source| &source.tags);
        request.partition_by_tags = tags.cloned().collect();
        let objective = vec![Measure::Segments, Measure::Sources];
        Problem::new(sources, vec![request], objective).expect("nothing is wrong with it")
    }

    /// Every way to give sources to legs so that tags are apart and each has enough: areas, sources,
    /// and the items of the legs.
    fn all(problem: &Problem, ground: &Ground) -> Vec<(u64, u64, Vec<Vec<usize>>)> {
        let items = &ground.covering.items;
        let (legs, needed) = (ground.legs(), ground.needed());
        let partition = &problem.requests()[0].partition_by_tags;
        let mut ways = Vec::new();
        for mut number in 0..(legs + 1).pow(u32::try_from(items.len()).expect("few")) {
            let mut way = vec![Vec::new(); legs];
            for item in 0..items.len() {
                if let Some(leg) = way.get_mut(number % (legs + 1)) {
                    leg.push(item);
                }
                number /= legs + 1;
            }
            let tags = |leg: &Vec<usize>| {
                let sources = leg.iter().map(|&item| items[item].gains[0].areas[0].0);
                let tags = sources.flat_map(|source| &problem.sources()[source].tags);
                let tags: std::collections::BTreeSet<&String> = tags.collect();
                tags.into_iter()
                    .filter(|tag| partition.contains(*tag))
                    .collect()
            };
            let tags: Vec<&String> = way.iter().map(tags).collect::<Vec<Vec<_>>>().concat();
            let mut told = tags.clone();
            told.sort_unstable();
            told.dedup();
            if told.len() < tags.len() {
                continue;
            }
            let areas = way.iter().map(|leg| {
                let gains = leg.iter().flat_map(|&item| &items[item].gains);
                let mut gains: Vec<u64> = gains.map(|gain| gain.extents).collect();
                gains.sort_unstable_by(|left, right| right.cmp(left));
                let mut held = 0;
                let enough = gains.iter().position(|gain| {
                    held += gain;
                    held >= needed
                });
                enough.map(|last| last as u64 + 1)
            });
            if let Some(areas) = areas.sum::<Option<u64>>() {
                ways.push((areas, way.concat().len() as u64, way));
            }
        }
        ways
    }

    /// Asks for the fewest from a way that is known, and holds it against what is true.
    fn must_be(program: &Program<'_>, start: &[Vec<usize>], most: u64, wanted: u64) {
        let start = start.iter().map(|items| {
            program
                .ground
                .stocks_of(items)
                .expect("few enough of each kind")
        });
        let mut known = Known {
            least: 0,
            most,
            legs: None,
        };
        close(program, start.collect(), &mut known, &Limits::none());
        assert_eq!((known.least, known.most), (wanted, wanted));
        let legs = known.legs.unwrap_or_default();
        let legs = legs
            .iter()
            .filter_map(|stocks| Pattern::of(program.ground, stocks));
        let legs: Vec<Pattern> = legs.collect();
        if wanted < most {
            assert_eq!(legs.len(), program.ground.legs());
            assert_eq!(
                legs.iter().map(|leg| program.cost(leg)).sum::<u64>(),
                wanted
            );
            let mut room = program.room();
            for (row, times) in legs.iter().flat_map(|leg| program.takes(leg)) {
                room[row] -= times;
            }
            assert!(room.iter().all(|left| *left >= 0));
        }
    }

    #[test]
    fn both_measures_are_those_of_trying_everything() {
        let (mut improved, mut pinned) = (0, 0);
        for seed in 0..400 {
            let mut random = Random::new(seed);
            let problem = problem(&mut random);
            let ground = Ground::of(&problem, &problem.requests()[0]);
            let ways = all(&problem, &ground);
            let minimal = |way: &&(u64, u64, Vec<Vec<usize>>)| {
                way.2.iter().all(|leg| ground.stocks_of(leg).is_some())
            };
            let Some((areas, sources, start)) = ways.iter().rfind(minimal) else {
                continue;
            };
            let fewest_areas = ways.iter().map(|way| way.0).min().expect("one at least");
            let fewest_sources = ways.iter().map(|way| way.1).min().expect("one at least");
            let alone = |fewest| Program {
                ground: &ground,
                fewest,
                others: None,
            };
            must_be(&alone(Count::Areas), start, *areas, fewest_areas);
            must_be(&alone(Count::Sources), start, *sources, fewest_sources);
            improved += i32::from(fewest_areas < *areas) + i32::from(fewest_sources < *sources);
            for fewest in [Count::Areas, Count::Sources] {
                let (others, most, wanted) = match fewest {
                    Count::Areas => {
                        let within = ways.iter().filter(|way| way.1 == fewest_sources);
                        let areas = within.map(|way| way.0);
                        (fewest_sources, areas.clone().max(), areas.min())
                    }
                    Count::Sources => {
                        let within = ways.iter().filter(|way| way.0 == fewest_areas);
                        let sources = within.map(|way| way.1);
                        (fewest_areas, sources.clone().max(), sources.min())
                    }
                };
                let (Some(most), Some(wanted)) = (most, wanted) else {
                    continue;
                };
                let program = Program {
                    ground: &ground,
                    fewest,
                    others: Some(others),
                };
                let is_start = |way: &&(u64, u64, Vec<Vec<usize>>)| {
                    let (others_of, count) = match fewest {
                        Count::Areas => (way.1, way.0),
                        Count::Sources => (way.0, way.1),
                    };
                    others_of == others && count == most && minimal(way)
                };
                if let Some((.., start)) = ways.iter().find(is_start) {
                    must_be(&program, start, most, wanted);
                    pinned += i32::from(wanted < most);
                }
            }
        }
        assert!(improved > 30 && pinned > 100, "{improved} {pinned}");
    }
}
