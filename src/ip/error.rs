//! What keeps an integer program from giving an answer.

use std::fmt;

use crate::core::{Measure, StopReason, Violation};
use crate::ip::Formulation;

/// What keeps an integer program from giving an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IpError {
    /// A count that the program has no room for.
    TooLarge {
        /// What is counted.
        what: String,
        /// The count.
        found: u64,
        /// The largest that there is room for.
        most: u64,
    },
    /// A formulation does not take the problem.
    OtherShape {
        /// The formulation.
        formulation: Formulation,
    },
    /// A backend failed.
    Backend {
        /// Its name.
        backend: &'static str,
        /// What it said.
        message: String,
    },
    /// Values of a backend, rounded, do not satisfy the program.
    Inexact {
        /// Its name.
        backend: &'static str,
        /// The first row or column that does not hold.
        broken: String,
    },
    /// A backend first finds values and then says that there are none.
    Contradiction {
        /// Its name.
        backend: &'static str,
        /// The measure that was made small when it said so.
        measure: Measure,
    },
    /// A plan that is decoded, or given to start from, breaks rules.
    WrongPlan {
        /// Whether it was given.
        is_given: bool,
        /// The rules.
        violations: Vec<Violation>,
    },
    /// A limit ran out while the program was put together.
    Stopped {
        /// Which.
        reason: StopReason,
    },
    /// A plan does not cost what its program says.
    OtherCost {
        /// The measure.
        measure: Measure,
        /// What the program says.
        program: i128,
        /// What the plan costs.
        plan: u64,
    },
}

impl fmt::Display for IpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IpError::TooLarge { what, found, most } => {
                write!(
                    f,
                    "the integer program would have {found} {what}; at most {most} are taken"
                )
            }
            IpError::OtherShape { formulation } => {
                write!(
                    f,
                    "formulation `{formulation}` does not take a problem of this shape"
                )
            }
            IpError::Backend { backend, message } => {
                write!(f, "backend `{backend}` failed: {message}")
            }
            IpError::Inexact { backend, broken } => {
                write!(
                    f,
                    "values of backend `{backend}` break `{broken}` once they are rounded"
                )
            }
            IpError::Contradiction { backend, measure } => write!(
                f,
                "backend `{backend}` found a solution and then, for {measure}, says there is none"
            ),
            IpError::WrongPlan {
                is_given,
                violations,
            } => {
                let origin = if *is_given { "given" } else { "decoded" };
                write!(f, "the {origin} plan breaks {} rules", violations.len())?;
                match violations.first() {
                    Some(first) => write!(f, ", the first: {first}"),
                    None => Ok(()),
                }
            }
            IpError::Stopped { reason } => {
                let end = reason.as_end();
                write!(f, "{end} before the program was put together")
            }
            IpError::OtherCost {
                measure,
                program,
                plan,
            } => write!(
                f,
                "the program says {program} for {measure}, its plan has {plan}"
            ),
        }
    }
}

impl std::error::Error for IpError {}
