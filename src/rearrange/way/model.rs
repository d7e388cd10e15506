//! Where strands may end up as a flow: keeping costs nothing, each extent that enters a zone is copied once.
//!
//! Section "Moving what exists" of `models/FORMULATION.md`. What the flow does not say is left to branching: that
//! columns share no place, that what is whole goes to one zone, and what clings to few sources.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::rearrange::way::strands::{Apart, PlaceKey, Strand, Strands};
use crate::search::least_cost_flow::{Flow, Graph};

/// Most arcs of a flow; larger ones take too long for each branch.
const MOST_ARCS: usize = 1 << 20;

/// An arc into a zone, or to what leads there alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) arc: usize,
    pub(crate) zone: usize,
    /// Whether it is for what stays.
    pub(crate) is_kept: bool,
    /// The strand, where only one takes it.
    pub(crate) strand: Option<usize>,
    pub(crate) column: Option<(usize, usize)>,
}

/// The flow with what its arcs stand for.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) entries: Vec<Entry>,
    /// By group its entries.
    pub(crate) of_group: Vec<Vec<usize>>,
    /// By strand its own entries.
    pub(crate) of_strand: Vec<Vec<usize>>,
    /// By strand its arc to the hub that it shares, and the number of that.
    pub(crate) to_hub: Vec<Option<(usize, usize)>>,
    /// By hub its entries.
    pub(crate) of_hub: Vec<Vec<usize>>,
    pub(crate) zone_nodes: Vec<Option<usize>>,
    pub(crate) strand_nodes: Vec<Option<usize>>,
}

struct Draft<'s> {
    strands: &'s Strands,
    graph: Graph,
    model: Model,
    hubs: HashMap<Option<(usize, usize)>, (usize, usize)>,
    /// By group and zone what keeps offsets apart there, and its arc to the zone.
    offsets: BTreeMap<(usize, usize), (usize, usize)>,
    /// Ways that what stays takes from the start.
    stays: Vec<(Vec<usize>, u64)>,
}

impl Model {
    /// The flow, with all that may stay staying; nothing where it is too large.
    pub(crate) fn of(strands: &Strands) -> Option<(Model, Flow)> {
        let mut graph = Graph::default();
        let sink = graph.node();
        let mut locked = vec![0u64; strands.zones.len()];
        for strand in strands.strands.iter().filter(|strand| strand.is_locked) {
            for &zone in strand.parts.keys() {
                locked[zone] += strand.held(zone);
            }
        }
        let mut to_sink = vec![None; strands.zones.len()];
        let zones = strands.zones.iter().enumerate().map(|(number, zone)| {
            let capacity = zone.capacity.saturating_sub(locked[number]);
            let node = (capacity > 0).then(|| graph.node())?;
            to_sink[number] = Some(graph.arc(node, sink, capacity, 0));
            Some(node)
        });
        let zones: Vec<Option<usize>> = zones.collect();
        let count = strands.strands.len();
        let mut draft = Draft {
            strands,
            model: Model {
                entries: Vec::new(),
                of_group: vec![Vec::new(); strands.groups.len()],
                of_strand: vec![Vec::new(); count],
                to_hub: vec![None; count],
                of_hub: Vec::new(),
                zone_nodes: zones,
                strand_nodes: vec![None; count],
            },
            graph,
            hubs: HashMap::new(),
            offsets: BTreeMap::new(),
            stays: Vec::new(),
        };
        for (number, strand) in strands.strands.iter().enumerate() {
            if strand.is_locked {
                continue;
            }
            let node = draft.graph.node();
            draft.model.strand_nodes[number] = Some(node);
            draft.strand(number, node);
            if draft.graph.arcs() > MOST_ARCS {
                return None;
            }
        }
        let Draft {
            graph,
            model,
            stays,
            ..
        } = draft;
        let mut flow = Flow::new(graph);
        for (node, strand) in model.strand_nodes.iter().zip(&strands.strands) {
            if let Some(node) = *node {
                flow.supply(node, strand.extents, true);
                flow.supply(sink, strand.extents, false);
            }
        }
        for (mut way, extents) in stays {
            let zone = way.pop().unwrap_or_default();
            way.extend(to_sink[zone]);
            let count = way
                .iter()
                .map(|&arc| flow.left(arc))
                .fold(extents, u64::min);
            way.iter().for_each(|&arc| flow.push(arc, count));
        }
        model.bar_locked(strands, &mut flow);
        Some((model, flow))
    }

    /// A flow by which some strands do not enter some zones.
    pub(crate) fn without(&self, flow: &Flow, barred: &BTreeSet<(usize, usize)>) -> Flow {
        let mut flow = flow.clone();
        for &(strand, zone) in barred {
            // By a hub go all strands of a column.
            let hub = self.to_hub[strand].map(|(_, hub)| self.of_hub[hub].iter());
            let columns = hub.into_iter().flatten();
            let columns = columns.filter(|&&entry| self.entries[entry].column.is_some());
            let entries = self.of_strand[strand].iter().chain(columns);
            for entry in entries.map(|&entry| &self.entries[entry]) {
                if entry.zone == zone && !entry.is_kept {
                    flow.bar(entry.arc);
                }
            }
        }
        flow
    }

    /// Where columns are that do not move no others may be.
    fn bar_locked(&self, strands: &Strands, flow: &mut Flow) {
        for strand in strands.strands.iter().filter(|strand| strand.is_locked) {
            let Some(group) = strand.group else { continue };
            if strands.groups[group].apart != Apart::Columns {
                continue;
            }
            for &zone in strand.parts.keys() {
                let place = strands.place_of[strands.zones[zone].source];
                for entry in self.barred(strands, group, place, strand.column) {
                    flow.bar(entry);
                }
            }
        }
    }

    /// The arcs by which a group would bring other columns to where one is.
    pub(crate) fn barred(
        &self,
        strands: &Strands,
        group: usize,
        place: PlaceKey,
        column: usize,
    ) -> Vec<usize> {
        let entries = self.of_group[group]
            .iter()
            .map(|&entry| &self.entries[entry]);
        let others = entries.filter(|entry| {
            let other = entry.column.map_or(column, |(_, other)| other);
            strands.place_of[strands.zones[entry.zone].source] == place
                && !strands.groups[group].allows(place, column, other)
        });
        others.map(|entry| entry.arc).collect()
    }
}

impl Draft<'_> {
    fn strand(&mut self, number: usize, node: usize) {
        let strand = &self.strands.strands[number];
        let by_offsets = strand
            .group
            .filter(|&group| self.strands.groups[group].apart != Apart::Columns);
        for (&zone, pieces) in &strand.parts {
            let Some(to) = self.model.zone_nodes[zone].filter(|_| self.strands.zones[zone].is_kept)
            else {
                continue;
            };
            let extents = pieces.iter().map(|piece| piece.place.area.count()).sum();
            let source = self.strands.zones[zone].source;
            let apart = by_offsets.filter(|&group| self.keeps_offsets_apart(group, source));
            let (to, on) = match apart {
                Some(group) => {
                    let (node, arc) = self.offsets(group, zone, to);
                    (node, vec![arc])
                }
                None => (to, Vec::new()),
            };
            let arc = self.graph.arc(node, to, extents, 0);
            self.entry(number, arc, zone, true);
            let mut way = vec![arc];
            way.extend(on);
            way.push(zone);
            self.stays.push((way, extents));
        }
        let cost = u64::from(strand.wanted.is_none());
        if let Some(group) = by_offsets {
            for zone in self.open_to(strand, 1) {
                let Some(to) = self.model.zone_nodes[zone] else {
                    continue;
                };
                let source = self.strands.zones[zone].source;
                let to = match self.keeps_offsets_apart(group, source) {
                    true => self.offsets(group, zone, to).0,
                    false => to,
                };
                let arc = self.graph.arc(node, to, strand.extents, cost);
                self.entry(number, arc, zone, false);
            }
        } else if strand.is_whole || strand.most_sources.is_some() || strand.wanted.is_some() {
            let is_single =
                strand.is_whole || strand.wanted.is_some() && strand.most_sources == Some(1);
            let least = if is_single { strand.extents } else { 1 };
            for zone in self.open_to(strand, least) {
                let Some(to) = self.model.zone_nodes[zone] else {
                    continue;
                };
                let arc = self.graph.arc(node, to, strand.extents, cost);
                self.entry(number, arc, zone, false);
            }
        } else {
            let column = strand.group.map(|group| (group, strand.column));
            let (hub, index) = self.hub(column);
            let arc = self.graph.arc(node, hub, strand.extents, 1);
            self.model.to_hub[number] = Some((arc, index));
        }
    }

    /// Stripes are kept apart by a sum where nothing of them is together that may stay so, and a source is by itself.
    fn keeps_offsets_apart(&self, group: usize, source: usize) -> bool {
        let place = self.strands.place_of[source];
        self.strands.places[place].len() == 1
            && !self.strands.groups[group].together.contains_key(&place)
    }

    fn offsets(&mut self, group: usize, zone: usize, to: usize) -> (usize, usize) {
        let length = match self.strands.groups[group].apart {
            Apart::Offsets(length) => length,
            Apart::Columns => u64::MAX / 4,
        };
        let graph = &mut self.graph;
        *self.offsets.entry((group, zone)).or_insert_with(|| {
            let node = graph.node();
            (node, graph.arc(node, to, length, 0))
        })
    }

    /// Zones that a strand may enter.
    fn open_to(&self, strand: &Strand, least: u64) -> Vec<usize> {
        let mut open = self.open_zones(least);
        if let Some(sources) = &strand.wanted {
            open.retain(|&zone| sources.contains(&self.strands.zones[zone].source));
        }
        open
    }

    /// Zones that may be entered, and hold a run of some length.
    fn open_zones(&self, least: u64) -> Vec<usize> {
        let zones = self.strands.zones.iter().enumerate();
        let open = zones.filter(|(number, zone)| {
            let has_room = self.model.zone_nodes[*number].is_some() && zone.room.longest() >= least;
            zone.is_kept && !zone.is_closed && has_room
        });
        open.map(|(number, _)| number).collect()
    }

    fn hub(&mut self, column: Option<(usize, usize)>) -> (usize, usize) {
        if let Some(&hub) = self.hubs.get(&column) {
            return hub;
        }
        let node = self.graph.node();
        let index = self.model.of_hub.len();
        self.model.of_hub.push(Vec::new());
        self.hubs.insert(column, (node, index));
        for zone in self.open_zones(1) {
            let Some(to) = self.model.zone_nodes[zone] else {
                continue;
            };
            let arc = self.graph.arc(node, to, u64::MAX / 4, 0);
            let entry = Entry {
                arc,
                zone,
                is_kept: false,
                strand: None,
                column,
            };
            self.add(entry, index);
        }
        (node, index)
    }

    fn add(&mut self, entry: Entry, hub: usize) {
        let number = self.model.entries.len();
        self.model.entries.push(entry);
        self.model.of_hub[hub].push(number);
        if let Some((group, _)) = entry.column {
            self.model.of_group[group].push(number);
        }
    }

    fn entry(&mut self, strand: usize, arc: usize, zone: usize, is_kept: bool) {
        let number = self.model.entries.len();
        let one = &self.strands.strands[strand];
        let column = one.group.map(|group| (group, one.column));
        self.model.entries.push(Entry {
            arc,
            zone,
            is_kept,
            strand: Some(strand),
            column,
        });
        self.model.of_strand[strand].push(number);
        if let Some((group, _)) = column {
            self.model.of_group[group].push(number);
        }
    }
}
