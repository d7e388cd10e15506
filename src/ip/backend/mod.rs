//! The solvers that an integer program can be given to: the only place with floats.
//!
//! Limits of time and of nodes hold in every backend. `good_lp` puts a program into words for all of them, and
//! calls all but microlp.
//!
//! # Adding a backend
//!
//! 1. In `Cargo.toml`, a feature that switches on the solver's feature of `good_lp`.
//! 2. Here, a file with one function `solve`, after the model of `highs.rs`: the program in the words of
//!    `good_lp` (`Model`), no gap, one thread, the start, the time left, the nodes, and what the solver
//!    says as an [`Outcome`]. Find out, and test at the bottom of the file, what it says when time
//!    runs out with nothing in hand, and whether it calls a solution optimal that is only near.
//! 3. Here, a variant of [`Backend`], and its lines in `ALL`, `name` and `solve`, where the compiler
//!    asks for them.
//! 4. `cargo test --features NAME --lib --test programs --test models` asks every backend of the build
//!    about the same problems as the oracle, and about every easy problem of the library.

#[cfg(feature = "cbc")]
mod cbc;
#[cfg(feature = "highs")]
mod highs;
mod microlp;
mod model;
mod outcome;
pub(crate) mod relaxation;
mod simplex;

pub(crate) use outcome::Outcome;

use std::fmt;
use std::str::FromStr;

use crate::core::Limits;
use crate::ip::IpError;
use crate::ip::program::Program;

/// A solver of integer programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
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

    /// Columns up to which a program is worth putting together for it.
    pub(crate) fn most_columns(self) -> u64 {
        match self {
            Backend::MicroLp => microlp::MOST_COLUMNS,
            #[cfg(feature = "highs")]
            Backend::Highs => u64::MAX,
            #[cfg(feature = "cbc")]
            Backend::Cbc => u64::MAX,
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
            return Ok(Outcome::Stopped(limits.ran_out()));
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::core::{Measure, StopReason};
    use crate::ip::program::{Kind, Objective, Sense, Sum};

    /// Fewest things of 7 and 4 that add up to 29.
    pub(crate) fn coins() -> Program {
        let mut program = Program::new();
        let sevens = program.column("sevens".to_string(), 0, i32::MAX, Kind::Integer);
        let fours = program.column("fours".to_string(), 0, i32::MAX, Kind::Integer);
        let mut sum = Sum::times(sevens, 7);
        sum.add(fours, 4);
        program.row("sum".to_string(), sum, Sense::Equal, Sum::number(29));
        program.objectives.push(Objective {
            measure: Measure::Segments,
            terms: vec![(sevens, 1), (fours, 1)],
        });
        program
    }

    /// Markets are split evenly: half of the sum in each of several rows of random numbers. Hard for
    /// its size (Cornuejols and Dawande, 1999), so that no solver finishes before its limit.
    pub(crate) fn market_split() -> Program {
        const ROWS: u32 = 5;
        const COLUMNS: u32 = 40;
        let mut program = Program::new();
        let mut choice = |index: u32| program.choice(format!("x{index}"));
        let choices: Vec<usize> = (0..COLUMNS).map(&mut choice).collect();
        let mut state: u64 = 1;
        for row in 0..ROWS {
            let mut sum = Sum::default();
            let mut total = 0;
            for &choice in &choices {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let number = i64::try_from(state >> 40).expect("24 bits") % 100;
                sum.add(choice, number);
                total += number;
            }
            program.row(
                format!("row{row}"),
                sum,
                Sense::Equal,
                Sum::number(total / 2),
            );
        }
        program.objectives.push(Objective {
            measure: Measure::Segments,
            terms: choices.into_iter().map(|column| (column, 1)).collect(),
        });
        program
    }

    #[test]
    fn every_backend_takes_the_widest_bounds_that_a_column_can_have() {
        for backend in Backend::ALL {
            let outcome = backend.solve(&coins(), 0, None, &Limits::none());
            assert_eq!(outcome, Ok(Outcome::Best(vec![1, 3, 2])), "{backend}");
        }
    }

    #[test]
    fn a_start_changes_no_answer() {
        for backend in Backend::ALL {
            for start in [vec![(1, 3), (2, 2)], vec![(0, 1), (1, 3), (2, 2)]] {
                let outcome = backend.solve(&coins(), 0, Some(&start), &Limits::none());
                assert_eq!(outcome, Ok(Outcome::Best(vec![1, 3, 2])), "{backend}");
            }
        }
    }

    #[test]
    fn what_has_no_solution_is_infeasible() {
        let mut program = coins();
        program.pin(Measure::Segments, 4);
        for backend in Backend::ALL {
            let outcome = backend.solve(&program, 0, None, &Limits::none());
            assert_eq!(outcome, Ok(Outcome::Infeasible), "{backend}");
        }
    }

    #[test]
    fn no_time_is_no_answer_and_no_error() {
        let none = Limits {
            remaining: &|| Some(Duration::ZERO),
            ..Limits::none()
        };
        for backend in Backend::ALL {
            let outcome = backend.solve(&coins(), 0, None, &none);
            assert_eq!(outcome, Ok(Outcome::Stopped(StopReason::Time)), "{backend}");
        }
    }
}
