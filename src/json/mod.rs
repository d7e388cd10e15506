//! Problems, answers and plans as JSON text: the only place that knows the file format.
//!
//! Text becomes a raw value (shape and types), the raw value becomes a [`crate::core::Problem`] (names
//! and sums). Each step refuses with the line, the column, the key and what was expected there.

mod answer;
mod branches;
mod certificate;
mod error;
pub(crate) mod locate;
mod once;
pub(crate) mod plan;
mod problem;
mod problem_text;
mod proof;
mod raw;
mod schema;

pub use answer::{Allocator, BesideAnswer, plans_text, write_answer, write_answer_with};
pub use error::{Fault, Position, ReadError};
pub use locate::position_of_string;
pub use plan::{PlanDocument, Status, read_plan};
pub use problem::{Document, read_document, read_problem, read_requests};
pub use problem_text::write_problem;
pub use schema::{plan_schema, plans_schema, problem_schema};
pub(crate) use schema::{schema_text, written_schema_text};
