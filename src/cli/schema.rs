//! `extentplan schema`: what the files and the JSON answers of the program look like.

use anyhow::bail;
use clap::Args;

use crate::ask::{self, Outcome};
use crate::cli::compare::{Comparison, RecordedComparison};
use crate::cli::output;
use crate::cli::replay::Replayed;
use crate::fleet;
use crate::json;
use crate::json::{plan_schema, plans_schema, problem_schema};
use crate::scenario;

/// Prints the JSON Schema of a file or of an answer: without a name, which there are
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The file or the answer: `problem`, `plan`, `scenario`, `capacity`, ..
    name: Option<String>,
}

/// What a file or an answer is.
pub struct JsonFormat {
    /// Its name, which is in the middle of its `schema` key.
    pub name: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Its JSON Schema as text.
    pub schema: fn() -> String,
}

/// Every file that the program reads as JSON, and every answer that it writes as JSON.
pub const JSON_FORMATS: [JsonFormat; 15] = [
    JsonFormat {
        name: "problem",
        what: "sources and requests: what `plan` and `check` read, and `show --json` and `generate` write",
        schema: problem_schema,
    },
    JsonFormat {
        name: "plan",
        what: "an answer with its layout: what `plan --json` writes, and `check` reads",
        schema: plan_schema,
    },
    JsonFormat {
        name: "plans",
        what: "what `plan --json` writes where commands are planned part after part",
        schema: plans_schema,
    },
    JsonFormat {
        name: "scenario",
        what: "changes to a pool, and growth: what `--scenario` reads, as TOML or JSON",
        schema: scenario::schema,
    },
    JsonFormat {
        name: "capacity",
        what: "what `capacity --json` writes",
        schema: ask::capacity_schema,
    },
    JsonFormat {
        name: "moves",
        what: "what `rearrange --json` writes",
        schema: ask::moves_schema,
    },
    JsonFormat {
        name: "volumes",
        what: "what `show --format volumes` writes",
        schema: ask::volumes_schema,
    },
    JsonFormat {
        name: "comparison",
        what: "what `compare --json` writes of a volume group",
        schema: || json::written_schema_text::<Comparison>("extentplan/comparison/1"),
    },
    JsonFormat {
        name: "recorded-comparison",
        what: "what `compare --json` writes of a recording",
        schema: || {
            json::written_schema_text::<RecordedComparison>("extentplan/recorded-comparison/1")
        },
    },
    JsonFormat {
        name: "audit",
        what: "what `audit --json` writes",
        schema: ask::audit_schema,
    },
    JsonFormat {
        name: "fleet-pool",
        what: "a line of what `fleet` and `shard` read, and `generate fleet` writes",
        schema: fleet::pool_schema,
    },
    JsonFormat {
        name: "fleet-request",
        what: "a line of requests for a fleet, as `generate fleet --requests` writes it",
        schema: fleet::request_schema,
    },
    JsonFormat {
        name: "fleet-placement",
        what: "what `fleet place --json` writes",
        schema: fleet::placement_schema,
    },
    JsonFormat {
        name: "fleet-row",
        what: "a line of what `fleet --format jsonl` and `shard` write",
        schema: fleet::row_schema,
    },
    JsonFormat {
        name: "replay",
        what: "what `replay --json` writes",
        schema: || json::written_schema_text::<Replayed>("extentplan/replay/1"),
    },
];

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let Some(name) = &arguments.name else {
        let lines = JSON_FORMATS
            .iter()
            .map(|format| format!("{:<20} {}\n", format.name, format.what));
        output::print(&lines.collect::<String>())?;
        return Ok(Outcome::Yes);
    };
    let Some(format) = JSON_FORMATS.iter().find(|format| format.name == name) else {
        let names: Vec<&str> = JSON_FORMATS.iter().map(|format| format.name).collect();
        bail!(
            "no file or answer `{name}`; expected one of {}",
            names.join(", ")
        );
    };
    output::print(&(format.schema)())?;
    Ok(Outcome::Yes)
}
