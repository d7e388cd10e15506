//! What is wrong with a metadata text, and where.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use thiserror::Error;

use crate::core::printable;
use crate::lvm::NameError;

/// Bytes from the first to one past the last.
pub(crate) type Span = Range<usize>;

/// What is wrong with a metadata text: what was found and what was expected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TextProblem {
    /// The text does not follow the grammar.
    #[error("found {found}, expected {expected}")]
    Syntax {
        /// The word or character, or the end of the text.
        found: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// Something in quotes has no end.
    #[error("found a {opened} without an end, expected its closing quote")]
    Unclosed {
        /// What it is.
        opened: &'static str,
    },
    /// Sections in sections in sections.
    #[error("found sections nested deeper than {limit} levels, expected at most {limit}")]
    TooDeep {
        /// Levels that are read.
        limit: usize,
    },
    /// Digits that make no number LVM2 could hold.
    #[error(
        "found `{found}`, expected a whole number of at most 63 bits (octal behind a leading zero)"
    )]
    NotANumber {
        /// The digits.
        found: String,
    },
    /// Nothing says that the text is metadata.
    #[error(
        "found {found}, expected `{key} = {expected}`: this is not LVM2 metadata of a volume group"
    )]
    NotMetadata {
        /// What is there instead.
        found: String,
        /// `contents` or `version`.
        key: &'static str,
        /// What metadata says there.
        expected: &'static str,
    },
    /// There is a header and nothing else.
    #[error("found no volume group, expected a section with its name")]
    NoVolumeGroup,
    /// There are two volume groups where one is meant.
    #[error("found the volume groups `{first}` and `{second}`, expected one")]
    SeveralVolumeGroups {
        /// The one that comes first.
        first: String,
        /// The next.
        second: String,
    },
    /// A key or section that has to be there is not.
    #[error("found no `{key}` in `{section}`, expected {expected}")]
    Missing {
        /// Its name.
        key: String,
        /// Where it should be.
        section: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A value of another kind.
    #[error("found {found} for `{key}` of `{section}`, expected {expected}")]
    WrongKind {
        /// The key.
        key: String,
        /// Where it stands.
        section: String,
        /// What it is.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A number outside of what it may be.
    #[error("found {found} for `{key}` of `{section}`, expected a number from {least} to {most}")]
    OutOfRange {
        /// The key.
        key: String,
        /// Where it stands.
        section: String,
        /// The number.
        found: i64,
        /// The smallest.
        least: u64,
        /// The largest.
        most: u64,
    },
    /// A name or key that is there twice.
    #[error("found a second `{name}` in `{section}`, expected one")]
    Duplicate {
        /// The name.
        name: String,
        /// Where both stand.
        section: String,
    },
    /// A segment or a volume refers to something that is not in the volume group.
    #[error("found `{name}` for `{key}` of `{section}`, expected the name of {expected}")]
    UnknownVolume {
        /// The name.
        name: String,
        /// The key that holds it.
        key: String,
        /// The segment.
        section: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// A list that is longer or shorter than another number says.
    #[error("found {found} in `{key}` of `{section}`, expected {expected}")]
    WrongLength {
        /// The list.
        key: String,
        /// Where it stands.
        section: String,
        /// How many entries, in words.
        found: String,
        /// How many it should have, in words.
        expected: String,
    },
    /// Extents that the stripes do not share out evenly.
    #[error(
        "found {extents} extents on {stripes} stripes in `{section}`, expected a multiple of {stripes}"
    )]
    Uneven {
        /// The segment.
        section: String,
        /// Its logical extents.
        extents: u64,
        /// Its stripes.
        stripes: u64,
    },
    /// The segments of a logical volume leave logical extents out, or overlap.
    #[error(
        "found `{section}` at logical extent {found}, expected {expected}, where the one before ends"
    )]
    Gap {
        /// The segment.
        section: String,
        /// Where it starts.
        found: u64,
        /// Where it should start.
        expected: u64,
    },
    /// `segment_count` is not the number of segments.
    #[error("found {found} segments in `{section}`, expected {expected} as `segment_count` says")]
    SegmentCount {
        /// The logical volume.
        section: String,
        /// Segments that are there.
        found: usize,
        /// Segments that should be.
        expected: u64,
    },
    /// A segment on extents that its physical volume does not have.
    #[error(
        "found extents {start} to {last} of `{volume}` in `{section}`, expected extents below {extents}, its `pe_count`"
    )]
    PastEnd {
        /// The segment.
        section: String,
        /// The physical volume.
        volume: String,
        /// First extent of the segment there.
        start: u64,
        /// Last extent of the segment there.
        last: u64,
        /// Extents of the physical volume.
        extents: u64,
    },
    /// An extent that two segments hold.
    #[error(
        "found extents {start} to {last} of `{volume}` in `{second}` and in `{first}`, expected them in one segment"
    )]
    Overlap {
        /// The physical volume.
        volume: String,
        /// First extent that both hold.
        start: u64,
        /// Last extent that both hold.
        last: u64,
        /// The segment that comes first in the text.
        first: String,
        /// The other.
        second: String,
    },
    /// A name that LVM2 would not give.
    #[error("{0}")]
    BadName(NameError),
    /// A logical volume that lies on itself.
    #[error(
        "found that `{volume}` lies on itself, through `{through}`, expected physical volumes below it"
    )]
    Cycle {
        /// The logical volume.
        volume: String,
        /// What it lies on.
        through: String,
    },
}

/// Why a text cannot be read as LVM2 metadata: the problem, its line and column, and the line itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextError {
    problem: Box<TextProblem>,
    place: Place,
    related: Option<Box<(Place, &'static str)>>,
}

impl TextError {
    pub(crate) fn new(text: &str, fault: Fault) -> TextError {
        TextError {
            problem: fault.problem,
            place: Place::of(text, &fault.span),
            related: fault
                .related
                .map(|(span, label)| Box::new((Place::of(text, &span), label))),
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> &TextProblem {
        &self.problem
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.place.line
    }

    /// The column in characters, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.place.column
    }

    /// The error with the line that it is about, for people, without colours.
    #[must_use]
    pub fn render(&self, file_name: &str) -> String {
        self.rendered(file_name, &Renderer::plain())
    }

    /// As [`TextError::render`], with the colours of a terminal.
    #[must_use]
    pub fn render_in_colour(&self, file_name: &str) -> String {
        self.rendered(file_name, &Renderer::styled())
    }

    fn rendered(&self, file_name: &str, renderer: &Renderer) -> String {
        let title = self.problem.to_string();
        let title = printable(&title);
        let shown = |place: &Place, kind: AnnotationKind, label: Option<&'static str>| {
            Snippet::source(place.excerpt.clone())
                .line_start(place.line)
                .path(file_name)
                .annotation(kind.span(place.marked.clone()).label(label))
        };
        let mut group = Level::ERROR.primary_title(title).element(shown(
            &self.place,
            AnnotationKind::Primary,
            None,
        ));
        if let Some((place, label)) = self.related.as_deref() {
            group = group.element(shown(place, AnnotationKind::Context, Some(label)));
        }
        renderer.render(&[group])
    }
}

impl fmt::Display for TextError {
    /// One line: where, what was found, what was expected.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { line, column, .. } = self.place;
        let problem = self.problem.to_string();
        write!(f, "line {line}, column {column}: {}", printable(&problem))?;
        match self.related.as_deref() {
            Some((place, label)) => write!(f, " ({label}: line {})", place.line),
            None => Ok(()),
        }
    }
}

impl std::error::Error for TextError {}

/// A problem and the bytes that it is about, before the text is there to count lines in.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) problem: Box<TextProblem>,
    pub(crate) span: Span,
    /// Another place that has to do with it, and how.
    pub(crate) related: Option<(Span, &'static str)>,
}

impl Fault {
    pub(crate) fn new(span: Span, problem: TextProblem) -> Fault {
        Fault {
            problem: Box::new(problem),
            span,
            related: None,
        }
    }

    pub(crate) fn related(self, span: Span, label: &'static str) -> Fault {
        Fault {
            related: Some((span, label)),
            ..self
        }
    }
}

/// A place in a text, with as much of its line as can be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    line: usize,
    column: usize,
    excerpt: String,
    /// Bytes of the excerpt that are meant.
    marked: Span,
}

impl Place {
    /// Characters of the line kept in front of the place, more than any line of real metadata has,
    /// and from it on. A text that is one endless line must not come back whole.
    const FRONT: usize = 2000;
    const BACK: usize = 200;

    fn of(text: &str, span: &Span) -> Place {
        let before = &text[..span.start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let in_line = &before[line_start..];
        let behind = text[span.start..].lines().next().unwrap_or("");
        let column = in_line.chars().count() + 1;

        let skipped = column.saturating_sub(1 + Place::FRONT);
        let front: String = in_line.chars().skip(skipped).collect();
        let back: String = behind.chars().take(Place::BACK).collect();
        let start = front.len();
        let length = span.len().min(back.len());
        let marked = start..start + floor_boundary(&back, length);
        Place {
            line: before.matches('\n').count() + 1,
            column,
            excerpt: front + &back,
            marked,
        }
    }
}

/// The last boundary between characters that is not behind `index`.
fn floor_boundary(text: &str, index: usize) -> usize {
    (0..=index)
        .rev()
        .find(|&index| text.is_char_boundary(index))
        .unwrap_or(0)
}
