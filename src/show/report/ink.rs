//! Colours and patterns that can be told apart, by colour-blind people and on paper too.

use std::collections::BTreeSet;

use maud::{Markup, html};

/// Colours that can be told apart by most people (Okabe and Ito, 2008), without black, and whether lines on them are
/// white.
const COLOURS: [(&str, bool); COLOUR_COUNT] = [
    ("#0072b2", true),
    ("#e69f00", false),
    ("#009e73", false),
    ("#cc79a7", false),
    ("#56b4e9", false),
    ("#d55e00", false),
    ("#f0e442", false),
];

/// How many holders have a colour of their own.
pub(crate) const COLOUR_COUNT: usize = 7;

/// Patterns of legs: paths in a square of eight pixels, which meet their neighbours at its edges; the first has none.
const PATTERNS: [&str; 7] = [
    "",
    "M-2 2L2 -2M0 8L8 0M6 10L10 6",
    "M1.5 2h2M5.5 6h2",
    "M4 0v8",
    "M0 4h8",
    "M-2 6L2 10M0 0L8 8M6 -2L10 2",
    "M0 0L8 8M0 8L8 0",
];

/// Small squares: what goes with a leg.
const COMPANION: &str = "M0 1h2M4 1h2M2 3h2M6 3h2M0 5h2M4 5h2M2 7h2M6 7h2";

/// How extents are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ink {
    /// Those of nobody.
    Free,
    /// Those of somebody who is not told apart here.
    Held,
    /// Those of one of the holders that share what colours there are not.
    Other,
    /// A companion among these.
    OtherCompanion,
    /// A leg of a holder with a colour of its own.
    Leg { colour: usize, pattern: usize },
    /// What goes with a leg.
    Companion { colour: usize },
}

impl Ink {
    /// A leg of the holder with that colour, if there are as many. First legs have the pattern of their colour.
    pub(crate) fn of(colour: Option<usize>, leg: usize, is_companion: bool) -> Ink {
        match (colour, is_companion) {
            (Some(colour), false) => Ink::Leg {
                colour,
                pattern: (colour + leg % PATTERNS.len()) % PATTERNS.len(),
            },
            (Some(colour), true) => Ink::Companion { colour },
            (None, false) => Ink::Other,
            (None, true) => Ink::OtherCompanion,
        }
    }

    fn id(self) -> String {
        match self {
            Ink::Free => "ink-free".to_string(),
            Ink::Held => "ink-held".to_string(),
            Ink::Other => "ink-other".to_string(),
            Ink::OtherCompanion => "ink-other-c".to_string(),
            Ink::Leg { colour, pattern } => format!("ink-{colour}-{pattern}"),
            Ink::Companion { colour } => format!("ink-{colour}-c"),
        }
    }

    /// The value of `fill`.
    pub(crate) fn fill(self) -> String {
        format!("url(#{})", self.id())
    }

    /// The pattern behind it. Colours that both schemes share are said here, the others by the style of the whole.
    fn pattern(self) -> Markup {
        let (ground, fill, path, stroke) = match self {
            Ink::Free => ("paper", "#ffffff", "M1 5h1", "#767676"),
            Ink::Held => ("held", "#c4c4c4", "", ""),
            Ink::Other => ("held", "#c4c4c4", PATTERNS[1], "#5a5a5a"),
            Ink::OtherCompanion => ("held", "#c4c4c4", COMPANION, "#5a5a5a"),
            Ink::Leg { colour, pattern } => {
                let (fill, is_white) = COLOURS[colour];
                let stroke = if is_white { "#ffffff" } else { "#000000" };
                ("", fill, PATTERNS[pattern], stroke)
            }
            Ink::Companion { colour } => {
                let (fill, is_white) = COLOURS[colour];
                let stroke = if is_white { "#ffffff" } else { "#000000" };
                ("", fill, COMPANION, stroke)
            }
        };
        let width = if path == COMPANION || path == PATTERNS[2] {
            2
        } else {
            1
        };
        html! {
            pattern id=(self.id()) patternUnits="userSpaceOnUse" width="8" height="8" {
                rect class=[(!ground.is_empty()).then_some(ground)] width="8" height="8" fill=(fill) {}
                @if !path.is_empty() {
                    path d=(path) fill="none" class=[(!ground.is_empty()).then_some("mark")] stroke=(stroke) stroke-width=(width) stroke-opacity="0.75" {}
                }
            }
        }
    }
}

/// The patterns of these, for `<defs>`.
pub(crate) fn patterns(inks: &BTreeSet<Ink>) -> Markup {
    html! { @for ink in inks { (ink.pattern()) } }
}
