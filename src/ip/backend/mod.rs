//! The solvers that an integer program can be given to: the only place with floats.
//!
//! # Adding a backend
//!
//! 1. In `Cargo.toml`, a feature that switches on the solver's feature of `good_lp`.
//! 2. Here, a file with one function `solve`, after the model of `highs.rs`: the program in the words of
//!    `good_lp` (`Model`), no gap, one thread, the start, the time left, and what the solver says as
//!    an [`Outcome`]. Find out, and test, what it says when time runs out with nothing in hand.
//! 3. Here, a variant of [`Backend`]; the compiler leads to the rest.
//! 4. `cargo test --features NAME --test programs` asks every backend of the build about the same
//!    problems as the oracle.

#[cfg(feature = "cbc")]
mod cbc;
#[cfg(feature = "highs")]
mod highs;
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
    /// HiGHS, by feature `highs`; its bundled source needs cmake, a C++ compiler and libclang.
    #[cfg(feature = "highs")]
    Highs,
    /// CBC, by feature `cbc`; needs its library (Debian: coinor-libcbc-dev).
    #[cfg(feature = "cbc")]
    Cbc,
}

impl Backend {
    /// The backends of this build.
    pub const ALL: &[Backend] = &[
        Backend::MicroLp,
        #[cfg(feature = "highs")]
        Backend::Highs,
        #[cfg(feature = "cbc")]
        Backend::Cbc,
    ];

    /// The name in files and on command lines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Backend::MicroLp => "microlp",
            #[cfg(feature = "highs")]
            Backend::Highs => "highs",
            #[cfg(feature = "cbc")]
            Backend::Cbc => "cbc",
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
            #[cfg(feature = "highs")]
            Backend::Highs => highs::solve(program, position, start, limits),
            #[cfg(feature = "cbc")]
            Backend::Cbc => cbc::solve(program, position, limits),
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
