//! From a problem to its integer program: the rows of `models/FORMULATION.md`, in its order.

mod apart;
mod bundle_keys;
mod bundles;
mod cling;
mod columns;
mod companions;
mod counted;
mod draft;
mod formulation;
mod legs;
mod measures;
mod numbers;
mod outline;
mod places;
mod segments;
mod steps;

pub(crate) use crate::ip::compile::bundles::Bundles;
pub(crate) use crate::ip::compile::columns::{Cell, Columns, RequestColumns};
pub use crate::ip::compile::formulation::Formulation;
pub(crate) use crate::ip::compile::places::Places;

use crate::core::{Limits, Plan, Problem, Request};
use crate::ip::IpError;
use crate::ip::compile::draft::Draft;
use crate::ip::compile::numbers::{MOST_COLUMNS, whole};
use crate::ip::compile::outline::Outline;
use crate::ip::program::{Program, Sense, Sum};

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
        Formulation::Bundles if bundle_keys::fit(problem) => {
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
            cuts: _, partition_by_tags: _, cling_tags: _, cling_sources: _, grows: _, allowed: _, area_tags: _,
            avoid: _, value: _ } = request;
        let columns = if is_counted && counted::fit(request) {
            let mut columns = counted::add(&mut draft, index, request)?;
            companions::add(&mut draft, index, request, &mut columns)?;
            columns
        } else {
            let mut columns = legs::add(&mut draft, index, request, outline)?;
            companions::add(&mut draft, index, request, &mut columns)?;
            apart::add(&mut draft, index, request, outline, &mut columns);
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
