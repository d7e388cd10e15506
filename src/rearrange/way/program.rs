//! The least that has to be copied, whoever makes way: branch and bound over flows.
//!
//! Where the cheapest flow brings columns together, one of them keeps the place, or it does not; where it tears what is
//! whole, or spreads what clings, that goes to one zone, or it does not. Every end that moves can lead to is in one of
//! the branches, so that the cheapest flow left bounds all of them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use crate::core::Limits;
use crate::rearrange::way::model::Model;
use crate::rearrange::way::strands::{Apart, Strands};
use crate::search::least_cost_flow::Flow;

/// Arcs of all flows that are solved, together: some seconds.
const MOST_WORK: u64 = 1 << 31;
/// Bytes of all branches that are open, together.
const MOST_BYTES: u64 = 1 << 29;

/// What the search says.
pub(crate) enum Ends {
    /// This flow copies the least; what is below it is ruled out.
    Least { flow: Flow, copied: u64 },
    /// This flow keeps all rules; none copies less than the bound.
    Some { flow: Flow, bound: u64 },
    /// No end keeps all rules: without a branch the strands in the way.
    None { nodes: u64, cut: Option<Cut> },
    /// Neither.
    Open { bound: u64 },
}

/// Strands that may only be where there is too little room for them.
pub(crate) struct Cut {
    pub(crate) strands: Vec<usize>,
    pub(crate) zones: Vec<usize>,
    /// What of the strands can be nowhere else.
    pub(crate) extents: u64,
    /// What the zones have room for.
    pub(crate) room: u64,
}

/// One branch.
#[derive(Clone)]
struct Branch {
    flow: Flow,
    /// Zones, or ways of staying or going, that strands are held to.
    chosen: BTreeMap<usize, BTreeSet<(usize, bool)>>,
}

impl Branch {
    /// About what it takes in memory.
    fn bytes(&self) -> u64 {
        /// Of one that is chosen, with its share of a tree's nodes.
        const PER_CHOICE: u64 = 128;
        self.flow.bytes() + PER_CHOICE * self.chosen.len() as u64
    }
}

/// What a flow does that rules forbid.
enum Fault {
    /// Columns of a group at a place; this one has the most there.
    Together {
        group: usize,
        place: usize,
        column: usize,
    },
    /// A strand goes more ways than it may; this one is not chosen yet.
    Spread { strand: usize, way: (usize, bool) },
}

/// The least that has to be copied for ends that keep all rules.
pub(crate) fn least(strands: &Strands, model: &Model, mut flow: Flow, limits: &Limits<'_>) -> Ends {
    if let Err(reached) = flow.solve() {
        let cut = model.cut(strands, &flow, &reached);
        return Ends::None { nodes: 1, cut };
    }
    let arcs = flow.arcs() as u64;
    let mut branches: Vec<Option<Branch>> = vec![Some(Branch {
        chosen: BTreeMap::new(),
        flow,
    })];
    let key = |branch: &Branch, depth: u64, number: usize| {
        Reverse((branch.flow.cost(), u64::MAX - depth, number))
    };
    let mut open = BinaryHeap::new();
    open.extend(branches[0].iter().map(|branch| key(branch, 0, 0)));
    let (mut nodes, mut kept) = (1, 0);
    while let Some(Reverse((copied, depth, number))) = open.pop() {
        let depth = u64::MAX - depth;
        let Some(branch) = branches[number].take() else {
            continue;
        };
        kept -= branch.bytes().min(kept);
        let Some(fault) = model.fault(strands, &branch) else {
            return Ends::Least {
                flow: branch.flow,
                copied,
            };
        };
        let is_allowed = limits.allow_nodes(nodes) && limits.allow_bytes(kept.into());
        let is_enough = nodes * arcs > MOST_WORK || kept > MOST_BYTES;
        if is_enough || !is_allowed || limits.is_over() {
            return match dive(strands, model, branch, limits) {
                Some(flow) => Ends::Some {
                    flow,
                    bound: copied,
                },
                None => Ends::Open { bound: copied },
            };
        }
        for child in model.children(strands, branch, &fault) {
            nodes += 1;
            kept += child.bytes();
            open.push(key(&child, depth + 1, branches.len()));
            branches.push(Some(child));
        }
    }
    Ends::None { nodes, cut: None }
}

/// Always the cheaper branch: an end that keeps all rules, if that comes to one.
fn dive(strands: &Strands, model: &Model, mut branch: Branch, limits: &Limits<'_>) -> Option<Flow> {
    while !limits.is_over() {
        let Some(fault) = model.fault(strands, &branch) else {
            return Some(branch.flow);
        };
        let children = model.children(strands, branch, &fault).into_iter();
        branch = children.min_by_key(|child| child.flow.cost())?;
    }
    None
}

impl Model {
    fn fault(&self, strands: &Strands, branch: &Branch) -> Option<Fault> {
        self.together(strands, branch)
            .or_else(|| self.spread(strands, branch))
    }

    /// Of the columns that come together those of which most would have to give way.
    fn together(&self, strands: &Strands, branch: &Branch) -> Option<Fault> {
        let mut worst: Option<(u64, Fault)> = None;
        for (group, entries) in self.of_group.iter().enumerate() {
            if strands.groups[group].apart != Apart::Columns {
                continue;
            }
            let mut places: BTreeMap<usize, BTreeMap<usize, u64>> = BTreeMap::new();
            for entry in entries.iter().map(|&entry| &self.entries[entry]) {
                let count = branch.flow.through(entry.arc);
                if let (Some((_, column)), 1..) = (entry.column, count) {
                    let place = strands.place_of[strands.zones[entry.zone].source];
                    let columns = places.entry(place).or_default();
                    *columns.entry(column).or_default() += count;
                }
            }
            for (place, columns) in places {
                let Some((&column, &most)) = columns
                    .iter()
                    .max_by_key(|(column, count)| (**count, Reverse(**column)))
                else {
                    continue;
                };
                let is_met = |&other: &usize| !strands.groups[group].allows(place, column, other);
                if !columns.keys().any(is_met) {
                    continue;
                }
                let rest = columns.values().sum::<u64>() - most;
                if worst.as_ref().is_none_or(|(others, _)| rest > *others) {
                    let fault = Fault::Together {
                        group,
                        place,
                        column,
                    };
                    worst = Some((rest, fault));
                }
            }
        }
        worst.map(|(_, fault)| fault)
    }

    fn spread(&self, strands: &Strands, branch: &Branch) -> Option<Fault> {
        for (number, strand) in strands.strands.iter().enumerate() {
            let Some(most) = most_ways(strand.is_whole, strand.most_sources) else {
                continue;
            };
            let mut ways: BTreeMap<(usize, bool), u64> = BTreeMap::new();
            for &entry in &self.of_strand[number] {
                let entry = &self.entries[entry];
                let count = branch.flow.through(entry.arc);
                if count > 0 {
                    let way = (entry.zone, strand.is_whole && entry.is_kept);
                    *ways.entry(way).or_default() += count;
                }
            }
            if ways.len() <= most {
                continue;
            }
            let chosen = branch.chosen.get(&number);
            let is_open = |way: &(usize, bool)| chosen.is_none_or(|chosen| !chosen.contains(way));
            let way = ways.iter().filter(|(way, _)| is_open(way));
            let way = way.max_by_key(|(way, count)| (**count, Reverse(**way)));
            if let Some((&way, _)) = way {
                return Some(Fault::Spread {
                    strand: number,
                    way,
                });
            }
        }
        None
    }

    /// The branches that are left of one where a fault is done away with.
    fn children(&self, strands: &Strands, branch: Branch, fault: &Fault) -> Vec<Branch> {
        let bar = |mut branch: Branch, arcs: Vec<usize>| {
            arcs.into_iter().for_each(|arc| branch.flow.bar(arc));
            branch.flow.solve().is_ok().then_some(branch)
        };
        let (stays, leaves) = match *fault {
            Fault::Together {
                group,
                place,
                column,
            } => {
                let entries = self.of_group[group]
                    .iter()
                    .map(|&entry| &self.entries[entry]);
                let own = entries.filter(|entry| {
                    let here = strands.place_of[strands.zones[entry.zone].source] == place;
                    here && entry.column == Some((group, column))
                });
                let own = own.map(|entry| entry.arc).collect();
                let others = self.barred(strands, group, place, column);
                (bar(branch.clone(), others), bar(branch, own))
            }
            Fault::Spread { strand, way } => {
                let one = &strands.strands[strand];
                let mut held = branch.clone();
                let chosen = held.chosen.entry(strand).or_default();
                chosen.insert(way);
                let most = most_ways(one.is_whole, one.most_sources).unwrap_or(usize::MAX);
                let is_full = chosen.len() >= most;
                let chosen = chosen.clone();
                let (mut own, mut others) = (Vec::new(), Vec::new());
                for &entry in &self.of_strand[strand] {
                    let entry = &self.entries[entry];
                    let other = (entry.zone, one.is_whole && entry.is_kept);
                    if other == way {
                        own.push(entry.arc);
                    }
                    if is_full && !chosen.contains(&other) {
                        others.push(entry.arc);
                    }
                }
                (bar(held, others), bar(branch, own))
            }
        };
        stays.into_iter().chain(leaves).collect()
    }

    /// The strands that what is left over belongs to, where all that they may be in is too small for them. Whatever was
    /// reached, what this counts is true.
    fn cut(&self, strands: &Strands, flow: &Flow, reached: &[bool]) -> Option<Cut> {
        let is_reached = |node: Option<usize>| node.is_some_and(|node| reached[node]);
        let zones: BTreeSet<usize> = (0..strands.zones.len())
            .filter(|&zone| is_reached(self.zone_nodes[zone]))
            .collect();
        let mut extents = 0u64;
        let mut found = Vec::new();
        for (number, strand) in strands.strands.iter().enumerate() {
            if !is_reached(self.strand_nodes[number]) {
                continue;
            }
            let hub = self.to_hub[number].map(|(_, hub)| &self.of_hub[hub]);
            let entries = self.of_strand[number]
                .iter()
                .chain(hub.into_iter().flatten());
            let elsewhere = entries
                .map(|&entry| &self.entries[entry])
                .filter(|entry| !zones.contains(&entry.zone))
                .map(|entry| flow.left(entry.arc).saturating_add(flow.through(entry.arc)));
            let elsewhere = elsewhere.fold(0, u64::saturating_add);
            let here = strand.extents.saturating_sub(elsewhere);
            if here > 0 {
                extents += here;
                found.push(number);
            }
        }
        let mut room: u64 = zones.iter().map(|&zone| strands.zones[zone].capacity).sum();
        for strand in strands.strands.iter().filter(|strand| strand.is_locked) {
            let held: u64 = zones.iter().map(|&zone| strand.held(zone)).sum();
            room = room.saturating_sub(held);
        }
        (extents > room).then(|| Cut {
            strands: found,
            zones: zones.into_iter().collect(),
            extents,
            room,
        })
    }
}

/// In how many zones a strand may be, where that is limited.
fn most_ways(is_whole: bool, most_sources: Option<usize>) -> Option<usize> {
    if is_whole { Some(1) } else { most_sources }
}
