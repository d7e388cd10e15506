//! The JSON Schemas, made from the raw types.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, schema_for};

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

/// The JSON Schema of what is read, as text; `title` is the value of the key `schema` in it.
pub(crate) fn schema_text<T: JsonSchema>(title: &str) -> String {
    text(schema_for!(T), title)
}

/// The JSON Schema of what is written, in which keys without a value are left out.
pub(crate) fn written_schema_text<T: JsonSchema>(title: &str) -> String {
    let settings = SchemaSettings::default().for_serialize();
    text(settings.into_generator().into_root_schema_for::<T>(), title)
}

fn text(mut schema: Schema, title: &str) -> String {
    schema.insert("title".to_string(), title.into());
    let text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
    text + "\n"
}
