//! A request whose legs keep apart, as bins to cover.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Area, Measure, Plan, Problem, Request, Segment};

/// A request as bins to cover.
pub(crate) struct Covering {
    /// Bins: legs of the request.
    pub(crate) legs: usize,
    /// What each leg needs, metadata in front included.
    pub(crate) needed: u64,
    /// What belongs to one leg at most, with its areas: sources, or groups of sources.
    pub(crate) items: Vec<Item>,
}

/// What belongs to one leg at most: areas, or where the number of areas does not matter or matters
/// less, sources with all areas.
/// In the order in which they are best taken: those that give most first.
pub(crate) struct Item {
    pub(crate) gains: Vec<Gain>,
}

/// What is taken of an item as a whole, or not at all.
pub(crate) struct Gain {
    pub(crate) extents: u64,
    pub(crate) areas: Vec<(usize, Area)>,
}

/// The group that a source belongs to, for each source: two legs never use one group. A source in no
/// group is not used.
pub(crate) type Groups = Vec<Option<usize>>;

impl Covering {
    /// The bins of a request, with an item for each group that offers anything, in their order.
    pub(crate) fn of(problem: &Problem, request: &Request, groups: &Groups) -> Covering {
        let lead = lead(problem.objective());
        let counts_sources = lead.is_none_or(|lead| lead == Measure::Sources);
        let count = groups.iter().flatten().max().map_or(0, |group| group + 1);
        let mut items: Vec<Vec<Gain>> = Vec::new();
        items.resize_with(count, Vec::new);
        for (source, areas) in problem.offered(request) {
            let Some(group) = groups[source] else {
                continue;
            };
            let gains = &mut items[group];
            if counts_sources {
                gains.push(Gain {
                    extents: areas.total(),
                    areas: areas.iter().map(|area| (source, area)).collect(),
                });
            } else {
                gains.extend(areas.iter().map(|area| Gain {
                    extents: area.count(),
                    areas: vec![(source, area)],
                }));
            }
        }
        let items = items.into_iter().filter(|gains| !gains.is_empty());
        let items = items.map(|mut gains| {
            gains.sort_by_key(|gain| Reverse(gain.extents));
            Item { gains }
        });
        Covering {
            legs: request.legs(),
            needed: request.leg_extents() + request.front_extents(),
            items: items.collect(),
        }
    }

    /// The same bins, with every area a gain of its own.
    pub(crate) fn by_area(&self) -> Covering {
        let taken_apart = |item: &Item| {
            let areas = item.gains.iter().flat_map(|gain| &gain.areas);
            let mut gains: Vec<Gain> = areas
                .map(|&(source, area)| Gain {
                    extents: area.count(),
                    areas: vec![(source, area)],
                })
                .collect();
            gains.sort_by_key(|gain| Reverse(gain.extents));
            Item { gains }
        };
        Covering {
            legs: self.legs,
            needed: self.needed,
            items: self.items.iter().map(taken_apart).collect(),
        }
    }

    /// Per leg of a plan the items that it uses.
    pub(crate) fn legs_of(&self, plan: &Plan) -> Vec<Vec<usize>> {
        let mut item_of = BTreeMap::new();
        for (number, item) in self.items.iter().enumerate() {
            let areas = item.gains.iter().flat_map(|gain| &gain.areas);
            item_of.extend(areas.map(|(source, _)| (*source, number)));
        }
        let legs = plan
            .allocations
            .iter()
            .flatten()
            .flat_map(|allocation| &allocation.legs);
        let items = |leg: &Vec<Segment>| {
            let items = leg
                .iter()
                .filter_map(|segment| item_of.get(&segment.source));
            let items: BTreeSet<usize> = items.copied().collect();
            items.into_iter().collect()
        };
        legs.map(items).collect()
    }

    /// Per item what its first 0, 1, 2, .. gains give a leg, up to the first that gives no more.
    pub(crate) fn gives(&self) -> Vec<Vec<u64>> {
        let of_item = |item: &Item| {
            let mut gives = vec![0];
            let mut sum = 0;
            for gain in &item.gains {
                if sum >= self.needed {
                    break;
                }
                sum = self.needed.min(sum + gain.extents);
                gives.push(sum);
            }
            gives
        };
        self.items.iter().map(of_item).collect()
    }
}

impl Item {
    /// What the first `count` gains give.
    pub(crate) fn extents(&self, count: usize) -> u64 {
        self.gains[..count].iter().map(|gain| gain.extents).sum()
    }
}

/// The first measure that is not 0 for every plan of exact and required requests.
pub(crate) fn lead(objective: &[Measure]) -> Option<Measure> {
    let mut measures = objective.iter().copied();
    measures.find(|measure| !matches!(measure, Measure::Unserved | Measure::Shortfall))
}
