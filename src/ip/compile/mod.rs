//! From a problem to its integer program: the rows of `models/FORMULATION.md`, in its order.

mod apart;
mod bundles;
mod cling;
mod companions;
mod counted;
mod legs;
mod measures;
mod outline;
mod places;
mod segments;
mod steps;

pub(crate) use crate::ip::compile::bundles::Bundles;
pub(crate) use crate::ip::compile::places::Places;

use std::fmt;
use std::str::FromStr;

use crate::core::{Limits, Plan, Problem, Request, Separation};
use crate::ip::IpError;
use crate::ip::compile::outline::Outline;
use crate::ip::program::{Program, Sense, Sum};

/// Most columns that a program may have; beyond, no solver of this crate gets anywhere, and the
/// program alone would fill the memory of a small machine.
const MOST_COLUMNS: u64 = 1 << 22;

/// How a problem is put into columns and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formulation {
    /// The definition: whether a leg is on a place during a step. Takes every problem.
    Areas,
    /// The same, but contiguous legs that are alike are counted instead of told apart: how many legs
    /// of a request are on a place. Takes every problem.
    Counted,
    /// How many of its largest areas a source gives to which leg, with sources that look alike
    /// counted instead of told apart. Takes one request with whole legs.
    Bundles,
}

impl Formulation {
    /// Every formulation there is.
    pub const ALL: [Formulation; 3] = [
        Formulation::Areas,
        Formulation::Counted,
        Formulation::Bundles,
    ];

    /// The smallest formulation that takes the problem.
    #[must_use]
    pub fn of(problem: &Problem) -> Formulation {
        if bundles::fit(problem) {
            Formulation::Bundles
        } else {
            Formulation::Counted
        }
    }

    /// Whether the formulation takes the problem.
    #[must_use]
    pub fn takes(self, problem: &Problem) -> bool {
        match self {
            Formulation::Areas | Formulation::Counted => true,
            Formulation::Bundles => bundles::fit(problem),
        }
    }

    /// The name in files and on command lines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Formulation::Areas => "areas",
            Formulation::Counted => "counted",
            Formulation::Bundles => "bundles",
        }
    }
}

impl fmt::Display for Formulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Formulation {
    type Err = String;

    /// # Errors
    /// A sentence with the word found and the names expected.
    fn from_str(word: &str) -> Result<Formulation, String> {
        let found = Formulation::ALL.into_iter().find(|one| one.name() == word);
        found.ok_or_else(|| {
            let names: Vec<&str> = Formulation::ALL
                .into_iter()
                .map(Formulation::name)
                .collect();
            format!(
                "unknown formulation `{word}`; expected one of {}",
                names.join(", ")
            )
        })
    }
}

/// A program with what its columns stand for.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    /// The program.
    pub(crate) program: Program,
    /// What its columns stand for.
    pub(crate) meaning: Meaning,
}

/// What the columns of a program stand for.
#[derive(Clone, Debug)]
pub(crate) enum Meaning {
    /// Legs on places.
    Areas(Columns),
    /// Items of bundles.
    Bundles(Bundles),
}

/// The columns of the formulations `areas` and `counted`.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    /// The places that the columns speak of.
    pub(crate) places: Places,
    /// The columns of each request.
    pub(crate) requests: Vec<RequestColumns>,
}

/// A leg on a place during a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    /// The place.
    pub(crate) place: usize,
    /// Column: whether the leg is there.
    pub(crate) uses: usize,
    /// Column: how many extents it has there.
    pub(crate) extents: usize,
}

/// The columns of one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestColumns {
    /// Whether the request is left out, if it may be.
    pub(crate) left_out: Option<usize>,
    /// 1 if the request is placed.
    pub(crate) presence: Sum,
    /// Extents of a leg.
    pub(crate) leg_extents: Sum,
    /// Legs, named or counted.
    pub(crate) legs: usize,
    /// Phases.
    pub(crate) phases: usize,
    /// Place and column, how many legs are there, if they are counted.
    pub(crate) counts: Vec<(usize, usize)>,
    /// Per leg and step where it may be; empty if legs are counted.
    pub(crate) cells: Vec<Vec<Vec<Cell>>>,
    /// Per leg and step: place and column, whether the leg goes on in the next step without a cut.
    pub(crate) joins: Vec<Vec<Vec<(usize, usize)>>>,
    /// Per leg: place and column, whether its first segment is there with metadata in front.
    pub(crate) fronts: Vec<Vec<(usize, usize)>>,
    /// Per leg: place and column, whether it goes on where its previous segments end.
    pub(crate) goes_on: Vec<Option<(usize, usize)>>,
    /// Intervals, where cuts are counted once for all legs.
    pub(crate) intervals: Option<Sum>,
    /// Per leg and source that it may touch: at least 1 if it does.
    pub(crate) touches: Vec<Vec<(usize, Sum)>>,
    /// Per leg: place and column of its metadata, unless that is in front.
    pub(crate) metadata: Vec<Vec<(usize, usize)>>,
    /// Place and column, how many logs are there.
    pub(crate) logs: Vec<(usize, usize)>,
}

impl RequestColumns {
    /// Whether `leg` touches `source`; 0 where it cannot.
    pub(crate) fn touch(&self, leg: usize, source: usize) -> Sum {
        let found = self.touches[leg].iter().find(|(other, _)| *other == source);
        found.map_or_else(Sum::default, |(_, sum)| sum.clone())
    }
}

/// A program in the making.
pub(crate) struct Draft<'a> {
    problem: &'a Problem,
    limits: &'a Limits<'a>,
    places: &'a Places,
    program: Program,
    /// Extents taken, by place.
    taken: Vec<Sum>,
    /// Columns that pin a piece to the first extent of a place, by place.
    pinned: Vec<Sum>,
}

impl Draft<'_> {
    /// Looks at the limits.
    ///
    /// # Errors
    /// [`IpError::Stopped`] if one ran out.
    fn go_on(&self) -> Result<(), IpError> {
        if self.limits.is_over() {
            let reason = self.limits.ran_out();
            return Err(IpError::Stopped { reason });
        }
        Ok(())
    }

    fn source_of(&self, place: usize) -> usize {
        self.places.list[place].source
    }

    /// Extents of a place, as far as anyone could want them.
    fn extents_of(&self, place: usize) -> u64 {
        self.places.list[place].area.count()
    }
}

/// Compiles a problem.
///
/// With an incumbent, plans that are worse by the first measure may be missing from the program,
/// which makes it smaller. Programs that are seen to have more than `most_columns` are not put together.
///
/// # Errors
/// [`IpError::TooLarge`]; [`IpError::OtherShape`] if the formulation does not take the problem;
/// [`IpError::Stopped`] if a limit ran out.
pub(crate) fn compile(
    problem: &Problem,
    formulation: Formulation,
    incumbent: Option<&Plan>,
    most_columns: u64,
    limits: &Limits<'_>,
) -> Result<Compiled, IpError> {
    let is_counted = match formulation {
        Formulation::Areas => false,
        Formulation::Counted => true,
        Formulation::Bundles if bundles::fit(problem) => {
            let (program, bundles) = bundles::compile(problem)?;
            let meaning = Meaning::Bundles(bundles);
            return Ok(Compiled { program, meaning });
        }
        Formulation::Bundles => return Err(IpError::OtherShape { formulation }),
    };
    let places = Places::of(problem);
    let segments = outline::most_segments(problem, incumbent);
    let outlines: Vec<Outline> = problem
        .requests()
        .iter()
        .zip(&places.of_request)
        .zip(segments)
        .map(|((request, own), most)| Outline::of(problem, request, counts(&places, own), most))
        .collect();
    let most = most_columns.min(MOST_COLUMNS);
    guard_size(problem, &places, &outlines, is_counted, most)?;
    let mut draft = Draft {
        problem,
        limits,
        places: &places,
        program: Program::new(),
        taken: vec![Sum::default(); places.list.len()],
        pinned: vec![Sum::default(); places.list.len()],
    };
    let mut requests = Vec::new();
    for (index, (request, outline)) in problem.requests().iter().zip(&outlines).enumerate() {
        // Every field is named, so that whoever adds one is led here: which row says it?
        #[rustfmt::skip]
        let Request { name: _, size: _, shape: _, metadata: _, log: _, policy: _, separation: _,
            cuts: _, partition_by_tags: _, cling_tags: _, grows: _, allowed: _, avoid: _, value: _ } = request;
        let columns = if is_counted && counted::fit(request) {
            let mut columns = counted::add(&mut draft, index, request)?;
            companions::add(&mut draft, index, request, &mut columns)?;
            columns
        } else {
            let mut columns = legs::add(&mut draft, index, request, outline)?;
            companions::add(&mut draft, index, request, &mut columns)?;
            apart::add(&mut draft, index, request, outline, &columns);
            cling::add(&mut draft, index, request, &columns)?;
            columns
        };
        requests.push(columns);
    }
    capacity(&mut draft)?;
    measures::add(&mut draft, &outlines, &requests)?;
    let mut program = draft.program;
    program.legend = legend(problem, &places);
    if !places.are_apart() {
        program.relaxed = Some("requests may use different, overlapping parts of a free area");
    }
    let meaning = Meaning::Areas(Columns { places, requests });
    Ok(Compiled { program, meaning })
}

/// How many places a request has, and on how many sources.
fn counts(places: &Places, own: &[usize]) -> (u64, u64) {
    let mut sources: Vec<usize> = own.iter().map(|&place| places.list[place].source).collect();
    sources.dedup();
    (own.len() as u64, sources.len() as u64)
}

/// Refuses a program that would be too large before any of it is built.
fn guard_size(
    problem: &Problem,
    places: &Places,
    outlines: &[Outline],
    is_counted: bool,
    most: u64,
) -> Result<(), IpError> {
    let mut columns = 0u64;
    for ((request, outline), own) in problem
        .requests()
        .iter()
        .zip(outlines)
        .zip(&places.of_request)
    {
        // Uses, extents and joins.
        let per_cell = 3;
        let named = if is_counted && counted::fit(request) {
            1
        } else {
            request.legs() as u64
        };
        let cells = named
            .saturating_mul(outline.steps() as u64)
            .saturating_mul(own.len() as u64);
        columns = columns.saturating_add(cells.saturating_mul(per_cell));
    }
    if columns > most {
        return Err(IpError::TooLarge {
            what: "columns".to_string(),
            found: columns,
            most,
        });
    }
    Ok(())
}

/// Rows `capacity` and `first`: what is taken fits, and only one piece starts an area.
fn capacity(draft: &mut Draft) -> Result<(), IpError> {
    let places = draft.places;
    for (number, group) in places.groups.iter().enumerate() {
        for (window_number, window) in places.windows(group).into_iter().enumerate() {
            let mut taken = Sum::default();
            for &place in &window.places {
                taken.add_sum(&draft.taken[place], 1);
            }
            let most = Sum::number(whole("extents of an area", window.area.count())?);
            let name = format!("capacity_g{number}_w{window_number}");
            draft.program.row(name, taken, Sense::AtMost, most);
        }
        // A place is pinned where some leg ended in front of it: one leg can go on there.
        let mut starts: Vec<u64> = Vec::new();
        for &place in group {
            let start = places.list[place].area.start();
            if starts.contains(&start) {
                continue;
            }
            starts.push(start);
            let mut pinned = Sum::default();
            for &other in group {
                if places.list[other].area.start() == start {
                    pinned.add_sum(&draft.pinned[other], 1);
                }
            }
            let name = format!("first_p{place}");
            draft
                .program
                .row(name, pinned, Sense::AtMost, Sum::number(1));
        }
    }
    Ok(())
}

/// What the numbers in names stand for.
fn legend(problem: &Problem, places: &Places) -> Vec<String> {
    let requests = problem.requests().iter().enumerate();
    let sources = problem.sources().iter().enumerate();
    let listed = places.list.iter().enumerate();
    requests
        .map(|(index, request)| format!("r{index}: request {}", request.name))
        .chain(sources.map(|(index, source)| format!("s{index}: source {}", source.name)))
        .chain(listed.map(|(index, place)| {
            format!(
                "p{index}: extents {} of source s{}",
                place.area, place.source
            )
        }))
        .collect()
}

/// Whether a leg may put new extents or metadata on a source, for what other legs already have there
/// (rows `separation` and `partition` with previous segments).
fn may_hold(problem: &Problem, request: &Request, leg: usize, source: usize) -> bool {
    let Some(previous) = &request.grows else {
        return true;
    };
    let others = previous
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != leg);
    let mut held = others.flat_map(|(_, segments)| segments.iter().map(|segment| segment.source));
    let tags = &problem.sources()[source].tags;
    let is_apart = request.separation() == Separation::Leg;
    !held.any(|other| {
        let other_tags = &problem.sources()[other].tags;
        (is_apart && other == source)
            || request
                .partition_by_tags
                .iter()
                .any(|tag| tags.contains(tag) && other_tags.contains(tag))
    })
}

/// A count as an upper bound of a column.
fn bound(what: &str, count: u64) -> Result<i32, IpError> {
    i32::try_from(count).map_err(|_| IpError::TooLarge {
        what: what.to_string(),
        found: count,
        most: u64::from(i32::MAX.unsigned_abs()),
    })
}

/// A count as a coefficient or right-hand side.
fn whole(what: &str, count: u64) -> Result<i64, IpError> {
    /// Room for sums of a few such numbers within 64 bits.
    const MOST: u64 = 1 << 60;
    let small = (count <= MOST).then_some(count);
    small
        .and_then(|count| i64::try_from(count).ok())
        .ok_or_else(|| IpError::TooLarge {
            what: what.to_string(),
            found: count,
            most: MOST,
        })
}
