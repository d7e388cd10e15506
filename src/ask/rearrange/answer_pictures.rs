//! What moves change, drawn: the disks before and behind them.

use std::collections::{BTreeMap, BTreeSet};

use crate::ask::pool::mark;
use crate::ask::rearrange::answer_text;
use crate::ask::rearrange::told::Told;
use crate::core::{Move, Rearrangement, Source};
use crate::rearrange;
use crate::show::{self, Holding};

/// Most disks that are drawn also where no move touches them.
const FEW_SOURCES: usize = 24;
/// Most moves that stand under a drawing.
const MOST_LINES: usize = 200;

/// Both states, one below the other.
pub(crate) fn drawing(told: &Told) -> String {
    let state = &told.subject.moves.state;
    let moves = told.answer.moves().unwrap_or_default();
    let after = rearrange::moved(state, moves);
    let touched = touched(state, moves);
    let legend = legend(state, moves);
    let draw = |state: &Rearrangement, legend: &[(char, String)]| {
        let (sources, holdings) = drawn(state, &touched, legend);
        show::drawn(&sources, &holdings, legend)
    };
    let drawings = [
        ("before", draw(state, &legend)),
        ("behind the moves", draw(&after, &legend)),
    ];
    let shown = moves.iter().take(MOST_LINES).enumerate();
    let mut lines: Vec<String> = shown
        .map(|(number, step)| format!("{}.  {}", number + 1, answer_text::line(told, step)))
        .collect();
    if moves.len() > lines.len() {
        lines.push(format!("and {} more moves", moves.len() - lines.len()));
    }
    show::stacked(&drawings, &lines)
}

/// A page of its own.
pub(crate) fn page(told: &Told) -> String {
    let title = format!("Moves in volume group {}", told.subject.group.name);
    show::html(&title, &drawing(told), &answer_text::write(told))
}

/// The sources that are drawn, with their lines.
fn touched(state: &Rearrangement, moves: &[Move]) -> BTreeMap<usize, usize> {
    let few = 0..state.sources.len().min(FEW_SOURCES + 1);
    let few = few.filter(|_| state.sources.len() <= FEW_SOURCES);
    let ends = moves
        .iter()
        .flat_map(|step| [step.from.source, step.to.source]);
    let all: BTreeSet<usize> = few.chain(ends).collect();
    all.into_iter()
        .enumerate()
        .map(|(line, source)| (source, line))
        .collect()
}

/// The legs that move, each with a mark.
fn legend(state: &Rearrangement, moves: &[Move]) -> Vec<(char, String)> {
    let legs: BTreeSet<(usize, usize)> = moves.iter().map(|step| (step.volume, step.leg)).collect();
    let names = legs
        .iter()
        .map(|&(volume, leg)| state.volumes[volume].legs[leg].name.clone());
    let names: BTreeSet<String> = names.collect();
    names
        .into_iter()
        .enumerate()
        .map(|(number, name)| (mark(number), name))
        .collect()
}

/// The sources, and what is on them of the legs that move.
fn drawn(
    state: &Rearrangement,
    lines: &BTreeMap<usize, usize>,
    legend: &[(char, String)],
) -> (Vec<Source>, Vec<Holding>) {
    let marks: BTreeMap<&str, char> = legend
        .iter()
        .map(|(mark, name)| (name.as_str(), *mark))
        .collect();
    let sources = lines.keys().map(|&source| state.sources[source].clone());
    let legs = state.volumes.iter().flat_map(|volume| &volume.legs);
    let holdings = legs.flat_map(|leg| {
        let mark = marks.get(leg.name.as_str()).copied();
        leg.pieces.iter().filter_map(move |piece| {
            Some(Holding {
                source: *lines.get(&piece.place.source)?,
                area: piece.place.area,
                mark: mark?,
            })
        })
    });
    (sources.collect(), holdings.collect())
}
