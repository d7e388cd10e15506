//! A tree over the integer program, both ways.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::core::{BranchDecision, BranchReason, BranchStep, Branches};

/// That no solution of the integer program has all of some decisions, and why.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawBranchStep {
    /// Bits of columns: [column, bit, whether it is 1]. The last step has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    decisions: Vec<RawBranchDecision>,
    /// Why.
    by: RawBranchReason,
}

/// A bit of a column, 0 for the lowest, of what it is above its lower bound: [column, bit, whether it is 1].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "a decision [column, bit, whether it is 1]")]
struct RawBranchDecision(String, u32, bool);

/// Why no solution has some decisions.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum RawBranchReason {
    /// A sum of rows that no values with the decisions reach.
    Sum {
        /// Rows of the integer program, and how often each is taken: [row, times].
        rows: Vec<RawBranchRow>,
        /// How often it is taken that the measure is less than the bound.
        #[serde(default, skip_serializing_if = "is_zero")]
        bound: i64,
    },
    /// Two steps before this one, counted from 0, with opposite decisions on one bit.
    Both([usize; 2]),
}

/// A row of the integer program, and how often it is taken: [row, times].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "a row [name, times]")]
struct RawBranchRow(String, i64);

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_zero(value: &i64) -> bool {
    *value == 0
}

pub(crate) fn export_branches(branches: &Branches) -> Vec<RawBranchStep> {
    let export = |step: &BranchStep| {
        let decisions = step.decisions.iter();
        RawBranchStep {
            decisions: decisions
                .map(|one| RawBranchDecision(one.column.clone(), one.bit, one.is_one))
                .collect(),
            by: match &step.reason {
                BranchReason::Both(steps) => RawBranchReason::Both(*steps),
                BranchReason::Sum { rows, bound } => RawBranchReason::Sum {
                    rows: rows
                        .iter()
                        .map(|(row, times)| RawBranchRow(row.clone(), *times))
                        .collect(),
                    bound: *bound,
                },
            },
        }
    };
    branches.steps.iter().map(export).collect()
}

/// Names and indices are judged by whoever adds it up.
pub(crate) fn import_branches(raw: &[RawBranchStep]) -> Branches {
    let import = |step: &RawBranchStep| {
        let decisions = step.decisions.iter();
        BranchStep {
            decisions: decisions
                .map(|RawBranchDecision(column, bit, is_one)| BranchDecision {
                    column: column.clone(),
                    bit: *bit,
                    is_one: *is_one,
                })
                .collect(),
            reason: match &step.by {
                RawBranchReason::Both(steps) => BranchReason::Both(*steps),
                RawBranchReason::Sum { rows, bound } => BranchReason::Sum {
                    rows: rows
                        .iter()
                        .map(|RawBranchRow(row, times)| (row.clone(), *times))
                        .collect(),
                    bound: *bound,
                },
            },
        }
    };
    let steps = raw.iter().map(import).collect();
    Branches { steps }
}
