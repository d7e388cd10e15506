//! Bars as rectangles, in per cent of the width that they are given.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::show::report::ink::Ink;
use crate::show::report::pictures::{Line, Piece};
use crate::show::report::ticks::share;

/// Height of a bar in pixels.
pub(crate) const BAR: u64 = 22;
/// Least width of what is there, in thousandths of a per cent: else a few extents of many would not show.
const LEAST: u64 = 150;

/// The stretches of a bar; holders that are told apart by name carry their number, for hover.
pub(crate) fn bar(line: &Line, has_numbers: bool) -> Markup {
    html! {
        @for piece in &line.pieces { (stretch(piece, line.scale, has_numbers)) }
        rect class="frame" width=(share(line.length, line.scale)) height=(BAR) fill="none" stroke="#595959" {}
    }
}

fn stretch(piece: &Piece, scale: u64, has_numbers: bool) -> Markup {
    let least = u128::from(scale) * u128::from(LEAST) / 100_000;
    let least = u64::try_from(least).unwrap_or(0);
    // The end keeps its place: a stretch that is made wider grows to the left.
    let count = piece.count.max(least.min(piece.start + piece.count));
    let start = piece.start + piece.count - count;
    html! {
        @if piece.count > 0 {
            rect class=[piece.holder.map(|_| "piece")] data-h=[piece.holder.filter(|_| has_numbers)]
                x=(share(start, scale)) width=(share(count, scale)) height=(BAR) fill=(piece.ink.fill()) {
                title { (piece.title) }
            }
        }
    }
}

/// All that lines are filled with.
pub(crate) fn inks<'a>(lines: impl Iterator<Item = &'a Line>) -> BTreeSet<Ink> {
    lines
        .flat_map(|line| line.pieces.iter().map(|piece| piece.ink))
        .collect()
}
