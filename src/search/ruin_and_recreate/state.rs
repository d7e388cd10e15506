//! Which units lie where, and what that costs, while units come and go.

use std::collections::BTreeSet;

use crate::core::{Cuts, Measure, Place, Request, Separation};
use crate::search::ruin_and_recreate::model::{Kind, Model};

/// Extents of a leg or companion on one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) cell: usize,
    pub(crate) extents: u64,
    /// Whether it goes on where the leg ended, and so lies first on its cell.
    pub(crate) goes_on: bool,
}

/// The pieces of a unit by leg, each in the order of its offsets; one list for a leg or a companion.
pub(crate) type Placed = Vec<Vec<Piece>>;

/// What a request costs as far as it is placed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Part {
    segments: u64,
    sources: u64,
    /// Units without a place.
    missing: u64,
}

/// Smaller is better, one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Price {
    /// Units of mandatory requests without a place.
    pub(crate) missing: u64,
    /// Values of optional requests that are not placed whole.
    pub(crate) unserved: u64,
    /// The measures that follow: a thousand for each of the first, one for each of the second.
    pub(crate) rest: u64,
}

/// A partial plan.
#[derive(Clone)]
pub(crate) struct State<'a> {
    pub(crate) model: &'a Model<'a>,
    /// Extents left by cell.
    pub(crate) left: Vec<u64>,
    /// By cell whether a piece lies at its start for good.
    pub(crate) is_started: Vec<bool>,
    /// By cell the units that have pieces there.
    pub(crate) users: Vec<Vec<usize>>,
    pub(crate) placed: Vec<Option<Placed>>,
    parts: Vec<Part>,
    segments: u64,
    sources: u64,
    /// Cells of which something is left.
    fragments: u64,
    missing: u64,
    unserved: u64,
    weights: [u64; 3],
    stamp: u64,
    closed: Vec<u64>,
    closed_tags: Vec<u64>,
    /// Looks at cells so far: the work that was done.
    pub(crate) looks: u64,
    /// So many that a leg which is not placed by then has no place.
    pub(crate) most_looks: u64,
}

/// What the first measure of those that count is worth, and the second.
const FIRST: u64 = 1_000;
const SECOND: u64 = 1;

impl<'a> State<'a> {
    /// Nothing is placed yet.
    pub(crate) fn of(model: &'a Model<'a>) -> State<'a> {
        let mut weights = [0; 3];
        let mut worth = [FIRST, SECOND].into_iter();
        for measure in model.problem.objective() {
            let slot = match measure {
                Measure::Segments => 0,
                Measure::Sources => 1,
                Measure::Fragments => 2,
                Measure::Unserved
                | Measure::Shortfall
                | Measure::Elsewhere
                | Measure::Balance
                | Measure::LargestArea => continue,
            };
            weights[slot] = worth.next().unwrap_or(0);
        }
        let most_tags = model.wishes.iter().map(|wish| wish.tag_count()).max();
        let mut state = State {
            model,
            left: model.cells.iter().map(|cell| cell.area.count()).collect(),
            is_started: vec![false; model.cells.len()],
            users: vec![Vec::new(); model.cells.len()],
            placed: vec![None; model.units.len()],
            parts: vec![Part::default(); model.wishes.len()],
            segments: 0,
            sources: 0,
            fragments: model.cells.len() as u64,
            missing: 0,
            unserved: 0,
            weights,
            stamp: 0,
            closed: vec![0; model.problem.sources().len()],
            closed_tags: vec![0; most_tags.unwrap_or(0)],
            looks: 0,
            most_looks: u64::MAX,
        };
        for (request, wish) in model.wishes.iter().enumerate() {
            state.parts[request].missing = wish.units.len() as u64;
            state.account(request);
        }
        state
    }

    pub(crate) fn price(&self) -> Price {
        let [segments, sources, fragments] = self.weights;
        Price {
            missing: self.missing,
            unserved: self.unserved,
            rest: segments * self.segments + sources * self.sources + fragments * self.fragments,
        }
    }

    /// Whether sources count before segments.
    pub(crate) fn likes_few_sources(&self) -> bool {
        self.weights[1] > self.weights[0]
    }

    /// Whether areas that are used up count more than segments.
    pub(crate) fn likes_few_fragments(&self) -> bool {
        self.weights[2] > self.weights[0]
    }

    /// Free extents that are to be spared for each unit on the average; none where not all requests have to
    /// be placed.
    pub(crate) fn slack(&self) -> u64 {
        self.model.slack
    }

    /// Whether there is so little to spare that areas should be used up.
    pub(crate) fn is_tight(&self) -> bool {
        self.model.is_tight
    }

    pub(crate) fn is_optional(&self, request: usize) -> bool {
        self.model.wishes[request].request.value.is_some()
    }

    /// Takes extents of a cell for a piece that is about to be placed.
    pub(crate) fn take(&mut self, piece: Piece) {
        self.left[piece.cell] -= piece.extents;
        self.fragments -= u64::from(self.left[piece.cell] == 0);
        self.is_started[piece.cell] |= piece.goes_on;
    }

    /// Takes as many extents of a cell as there are, up to so many.
    pub(crate) fn take_up_to(&mut self, cell: usize, most: u64) -> Piece {
        let piece = Piece {
            cell,
            extents: most.min(self.left[cell]),
            goes_on: false,
        };
        self.take(piece);
        piece
    }

    /// As [`State::take_up_to`], where the leg goes on.
    pub(crate) fn take_next(&mut self, cell: usize, most: u64) -> Piece {
        let piece = Piece {
            goes_on: true,
            ..self.take_up_to(cell, most)
        };
        self.is_started[cell] = true;
        piece
    }

    /// Whether a cell is on a source of one of these pieces.
    pub(crate) fn is_near(&self, pieces: &[Piece], cell: usize) -> bool {
        let source = self.source(cell);
        pieces.iter().any(|piece| self.source(piece.cell) == source)
    }

    pub(crate) fn give_back(&mut self, piece: Piece) {
        self.fragments += u64::from(self.left[piece.cell] == 0);
        self.left[piece.cell] += piece.extents;
        self.is_started[piece.cell] &= !piece.goes_on;
    }

    pub(crate) fn give_back_all(&mut self, placed: &[Vec<Piece>]) {
        placed
            .iter()
            .flatten()
            .for_each(|piece| self.give_back(*piece));
    }

    /// Keeps where a unit lies; its extents are taken already.
    pub(crate) fn keep(&mut self, unit: usize, placed: Placed) {
        for piece in placed.iter().flatten() {
            self.users[piece.cell].push(unit);
        }
        self.placed[unit] = Some(placed);
        self.changed(self.model.units[unit].request);
    }

    /// Puts a unit back to where it was.
    pub(crate) fn put_back(&mut self, unit: usize, placed: Placed) {
        placed.iter().flatten().for_each(|piece| self.take(*piece));
        self.keep(unit, placed);
    }

    /// Takes a unit out, if it is in.
    pub(crate) fn remove(&mut self, unit: usize) -> Option<Placed> {
        let placed = self.placed[unit].take()?;
        for piece in placed.iter().flatten() {
            let users = &mut self.users[piece.cell];
            if let Some(at) = users.iter().position(|user| *user == unit) {
                users.swap_remove(at);
            }
        }
        self.give_back_all(&placed);
        self.changed(self.model.units[unit].request);
        Some(placed)
    }

    fn changed(&mut self, request: usize) {
        self.discount(request);
        self.parts[request] = self.part(request);
        self.account(request);
    }

    fn discount(&mut self, request: usize) {
        let part = self.parts[request];
        self.segments -= part.segments;
        self.sources -= part.sources;
        match self.model.wishes[request].request.value {
            None => self.missing -= part.missing,
            Some(value) if part.missing > 0 => self.unserved -= value,
            Some(_) => {}
        }
    }

    fn account(&mut self, request: usize) {
        let part = self.parts[request];
        self.segments += part.segments;
        self.sources += part.sources;
        match self.model.wishes[request].request.value {
            None => self.missing += part.missing,
            Some(value) if part.missing > 0 => self.unserved += value,
            Some(_) => {}
        }
    }

    fn part(&self, request: usize) -> Part {
        let wish = &self.model.wishes[request];
        let mut part = Part::default();
        let mut sources = BTreeSet::new();
        for unit in wish.units.clone() {
            let Some(placed) = &self.placed[unit] else {
                part.missing += 1;
                continue;
            };
            if !matches!(self.model.units[unit].kind, Kind::Leg(_) | Kind::Legs) {
                continue;
            }
            let pieces = placed.iter().flatten();
            sources.extend(pieces.map(|piece| self.model.cells[piece.cell].source));
            part.segments += match self.model.units[unit].kind {
                Kind::Legs if wish.request.cuts == Cuts::Together => intervals(placed),
                Kind::Leg(_) | Kind::Legs | Kind::Metadata(_) | Kind::Log => {
                    let new = placed.iter().flatten().filter(|piece| !piece.goes_on);
                    new.count() as u64
                }
            };
        }
        let first = wish.units.start;
        if wish.request.cuts == Cuts::Together && self.model.units[first].kind == Kind::Leg(0) {
            // Legs of one area each are one interval, unless all of them go on.
            part.segments = part.segments.min(1);
        }
        part.sources = sources.len() as u64;
        part
    }

    /// The source of a cell.
    pub(crate) fn source(&self, cell: usize) -> usize {
        self.model.cells[cell].source
    }

    /// The cells with something left that a unit may use beside its siblings; of all legs at once those
    /// that leg `leg` may use beside `inside`, the legs before it, on whose sources it may be if
    /// `may_share` says so.
    pub(crate) fn open(
        &mut self,
        unit: usize,
        leg: usize,
        inside: &[Vec<Piece>],
        may_share: bool,
    ) -> Vec<usize> {
        let model = self.model;
        let request = model.units[unit].request;
        let wish = &model.wishes[request];
        self.stamp += 1;
        self.looks += self.left.len() as u64;
        let kind = model.units[unit].kind;
        let own = Member {
            role: Role::of(kind),
            leg: (kind != Kind::Log).then_some(leg),
        };
        let rules = Rules::of(wish.request);
        let mut close = |other: Member, source: usize, may_share: bool| {
            if rules.closes(own, other) && !may_share {
                self.closed[source] = self.stamp;
            }
            if own.keeps_tags_from(other) {
                for &tag in wish.tags_of(source) {
                    self.closed_tags[tag] = self.stamp;
                }
            }
        };
        let placed = |unit: usize| {
            let kind = model.units[unit].kind;
            let lists = self.placed[unit].iter().flatten().enumerate();
            lists.map(move |(index, pieces)| {
                let leg = match kind {
                    Kind::Legs => Some(index),
                    Kind::Leg(_) | Kind::Metadata(_) | Kind::Log => kind.leg(),
                };
                let role = Role::of(kind);
                (Member { role, leg }, pieces)
            })
        };
        let siblings = wish.units.clone().filter(|sibling| *sibling != unit);
        for (other, pieces) in siblings.flat_map(placed) {
            for piece in pieces {
                close(other, model.cells[piece.cell].source, false);
            }
        }
        for (index, pieces) in inside.iter().enumerate() {
            let other = Member {
                role: Role::Leg,
                leg: Some(index),
            };
            for piece in pieces {
                close(other, model.cells[piece.cell].source, may_share);
            }
        }
        for (index, sources) in wish.previous.iter().enumerate() {
            let other = Member {
                role: Role::Leg,
                leg: Some(index),
            };
            // Previous segments have no offsets: only whole legs keep off them.
            let may_share = wish.request.separation() != Separation::Leg;
            for &source in sources.iter().filter(|_| own.role != Role::Log) {
                close(other, source, may_share);
            }
        }
        let home = match kind {
            Kind::Leg(_) | Kind::Legs => wish.home[leg].as_ref(),
            Kind::Metadata(_) | Kind::Log => None,
        };
        let (stamp, closed, tags, left) = (self.stamp, &self.closed, &self.closed_tags, &self.left);
        let is_open = |cell: &usize| {
            let source = model.cells[*cell].source;
            left[*cell] > 0
                && closed[source] != stamp
                && home.is_none_or(|home| home.contains(&source))
                && wish.tags_of(source).iter().all(|&tag| tags[tag] != stamp)
        };
        model.cells_of(request).filter(is_open).collect()
    }
}

/// What a piece is to its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Leg,
    Metadata,
    Log,
}

impl Role {
    fn of(kind: Kind) -> Role {
        match kind {
            Kind::Leg(_) | Kind::Legs => Role::Leg,
            Kind::Metadata(_) => Role::Metadata,
            Kind::Log => Role::Log,
        }
    }
}

/// A piece of a request: what it is, and of which leg, if it is of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Member {
    role: Role,
    leg: Option<usize>,
}

impl Member {
    /// Whether the two may not share a tag of the partition: legs and their metadata, of different legs.
    fn keeps_tags_from(self, other: Member) -> bool {
        self.leg.is_some() && other.leg.is_some() && self.leg != other.leg
    }
}

/// Which sources are closed to one piece of a request because another lies there.
struct Rules {
    separation: Separation,
    own_metadata: bool,
    own_logs: bool,
}

impl Rules {
    fn of(request: &Request) -> Rules {
        let metadata = request.metadata.map(|metadata| metadata.place);
        Rules {
            separation: request.separation(),
            own_metadata: metadata == Some(Place::OwnSource),
            own_logs: request.log.is_some_and(|log| log.place == Place::OwnSource),
        }
    }

    fn closes(&self, one: Member, other: Member) -> bool {
        let is_other_leg = one.leg != other.leg;
        match (one.role, other.role) {
            (Role::Leg, Role::Leg) => is_other_leg && self.separation != Separation::None,
            (Role::Leg, Role::Metadata) | (Role::Metadata, Role::Leg) => {
                self.own_metadata || is_other_leg && self.separation == Separation::Leg
            }
            (Role::Metadata, Role::Metadata) => {
                self.own_metadata || self.separation == Separation::Leg
            }
            (Role::Log, Role::Leg) | (Role::Leg, Role::Log) => self.own_logs,
            (Role::Log, Role::Log) => self.separation != Separation::None,
            (Role::Log, Role::Metadata) | (Role::Metadata, Role::Log) => false,
        }
    }
}

/// Intervals of legs that are cut together: one begins at every offset at which some leg is cut.
fn intervals(placed: &[Vec<Piece>]) -> u64 {
    let mut starts = BTreeSet::new();
    let mut all_go_on = true;
    for pieces in placed {
        let mut offset = 0;
        for piece in pieces {
            starts.insert(offset);
            offset += piece.extents;
        }
        all_go_on &= pieces.first().is_some_and(|piece| piece.goes_on);
    }
    starts.len() as u64 - u64::from(all_go_on)
}
