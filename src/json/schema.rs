//! The JSON Schemas, made from the raw types.

use schemars::{JsonSchema, schema_for};

use crate::json::plan::{RawPlan, RawPlans};
use crate::json::raw::RawProblem;

/// The JSON Schema of problem files, as text.
#[must_use]
pub fn problem_schema() -> String {
    schema_text::<RawProblem>("extentplan/problem/1")
}

/// The JSON Schema of plan files, as text.
#[must_use]
pub fn plan_schema() -> String {
    schema_text::<RawPlan>("extentplan/plan/1")
}

/// The JSON Schema of plans one after another, as text.
#[must_use]
pub fn plans_schema() -> String {
    schema_text::<RawPlans>("extentplan/plans/1")
}

/// The JSON Schema of a type, as text; `title` is the value of the key `schema` in what it describes.
pub(crate) fn schema_text<T: JsonSchema>(title: &str) -> String {
    let mut schema = schema_for!(T);
    schema.insert("title".to_string(), title.into());
    let text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
    text + "\n"
}
