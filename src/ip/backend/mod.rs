//! The solvers that an integer program can be given to: the only place with floats.

mod microlp;
mod model;

use std::fmt;
use std::str::FromStr;

use crate::core::Limits;
use crate::ip::IpError;
use crate::ip::program::Program;

/// A solver of integer programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backend {
    /// `microlp`, in pure Rust; always there.
    #[default]
    MicroLp,
}

impl Backend {
    /// The backends of this build.
    pub const ALL: &[Backend] = &[Backend::MicroLp];

    /// The name in files and on command lines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Backend::MicroLp => "microlp",
        }
    }

    /// Makes the measure at `position` small, starting from `start` if it is given.
    pub(crate) fn solve(
        self,
        program: &Program,
        position: usize,
        start: Option<&[(usize, i32)]>,
        limits: &Limits,
    ) -> Result<Outcome, IpError> {
        if limits.is_over() {
            return Ok(Outcome::Stopped);
        }
        // Solvers differ in what they make of a row without columns.
        if program
            .rows
            .iter()
            .any(|row| row.terms.is_empty() && !row.holds(&[]))
        {
            return Ok(Outcome::Infeasible);
        }
        match self {
            Backend::MicroLp => microlp::solve(program, position, start, limits),
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Backend {
    type Err = String;

    /// # Errors
    /// A sentence with the word found and the backends of this build.
    fn from_str(word: &str) -> Result<Backend, String> {
        let found = Backend::ALL
            .iter()
            .copied()
            .find(|backend| backend.name() == word);
        found.ok_or_else(|| {
            let names: Vec<&str> = Backend::ALL.iter().map(|backend| backend.name()).collect();
            format!(
                "unknown backend `{word}`; this build has {}",
                names.join(", ")
            )
        })
    }
}

/// What a solver says of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// These values are the best by the measure.
    Best(Vec<i32>),
    /// These values satisfy the rows; time ran out.
    Feasible(Vec<i32>),
    /// No values satisfy the rows.
    Infeasible,
    /// Time ran out with nothing in hand.
    Stopped,
}
