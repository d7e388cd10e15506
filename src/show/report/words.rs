//! What a report says in words.

/// How good an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As wanted.
    Good,
    /// Not as wanted, and that is certain.
    Bad,
    /// Nobody knows, or it could be better.
    Open,
}

impl Tone {
    /// The class of its colours.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Tone::Good => "good",
            Tone::Bad => "bad",
            Tone::Open => "open",
        }
    }
}

/// Most reasons that stand beside an answer; what is more is behind them.
pub(crate) const MOST_REASONS: usize = 6;

/// An answer.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How good it is.
    pub tone: Tone,
    /// The answer, in a sentence.
    pub words: String,
    /// Why it is so, and what belongs to it, a sentence each.
    pub reasons: Vec<String>,
}

/// Rows of words.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// What it is about.
    pub caption: String,
    /// The heads of its columns.
    pub header: Vec<String>,
    /// Its rows, each as long as the header.
    pub rows: Vec<Vec<String>>,
    /// Whether it stays closed until it is asked for.
    pub is_behind: bool,
}
