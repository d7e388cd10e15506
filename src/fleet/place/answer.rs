//! A placement as it is told: for people and as JSON.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::ask::Outcome;
use crate::core::{StopReason, printable};
use crate::json;
use crate::show;

/// Which host has which volumes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Placement {
    /// The format.
    schema: PlacementSchema,
    /// The values of all volumes that are placed, added up.
    pub value: u64,
    /// No placement is worth more.
    pub bound: u64,
    /// What all volumes that are wanted would be worth.
    pub wanted: u64,
    /// Hosts that have some.
    pub hosts_used: u64,
    /// What ended the search, if a limit did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<&'static str>,
    /// What became of each request.
    pub requests: Vec<RequestPlaced>,
    /// The hosts that have some, in the order of the fleet.
    pub hosts: Vec<HostPlaced>,
    /// What could not be read, and is left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    /// How full each host of the fleet is.
    #[serde(skip)]
    pub(crate) fills: Vec<HostFill>,
}

/// How full a host is before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HostFill {
    pub(crate) extents: u64,
    pub(crate) free_before: u64,
    pub(crate) free_after: u64,
}

/// The format of the answer.
#[derive(Debug, Serialize, JsonSchema)]
enum PlacementSchema {
    #[serde(rename = "extentplan/fleet-placement/1")]
    One,
}

/// What became of a request.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RequestPlaced {
    /// Its name.
    pub name: String,
    /// How many were wanted.
    pub count: u64,
    /// How many are placed.
    pub placed: u64,
    /// What each is worth.
    pub value: u64,
    /// Why not all are placed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unplaced: Option<String>,
}

/// What a host has.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HostPlaced {
    /// The host.
    pub host: String,
    /// Its volume group.
    pub vg: String,
    /// The volumes.
    pub volumes: Vec<VolumePlaced>,
    /// The commands that make them.
    pub commands: Vec<String>,
    /// Their layout: what `extentplan plan --json` says of them.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub plan: Box<RawValue>,
}

/// One volume.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VolumePlaced {
    /// Its name.
    pub name: String,
    /// What asked for it.
    pub request: String,
    /// Which of the request it belongs together with, where that matters: those of one number lie apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<u64>,
}

/// The JSON Schema of a placement.
#[must_use]
pub fn placement_schema() -> String {
    json::written_schema_text::<Placement>("extentplan/fleet-placement/1")
}

impl Placement {
    pub(crate) fn new(
        (value, bound, wanted): (u64, u64, u64),
        requests: Vec<RequestPlaced>,
        hosts: Vec<HostPlaced>,
        stopped: Option<StopReason>,
    ) -> Placement {
        Placement {
            schema: PlacementSchema::One,
            value,
            bound,
            wanted,
            hosts_used: hosts.len() as u64,
            stopped: stopped.map(StopReason::name),
            requests,
            hosts,
            errors: Vec::new(),
            fills: Vec::new(),
        }
    }

    /// What it means to the exit code: all is placed; it is proven that not all can be; that is open.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if self.value == self.wanted {
            Outcome::Yes
        } else if self.bound < self.wanted {
            Outcome::No
        } else {
            Outcome::LimitRanOut
        }
    }

    /// The placement as JSON.
    ///
    /// # Panics
    /// Never: its keys are texts.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("keys are texts") + "\n"
    }

    /// The value, and what no placement exceeds.
    pub(crate) fn verdict(&self) -> String {
        let value = format!("value {} of {}", self.value, self.wanted);
        if self.value == self.wanted {
            return format!("{value}: everything is placed");
        }
        if self.value == self.bound {
            return format!("{value}: best, no placement is worth more");
        }
        let gap = self.bound - self.value;
        let share = u128::from(gap) * 10_000 / u128::from(self.bound.max(1));
        format!(
            "{value}, no placement is worth more than {}: a gap of {gap}, {}.{:02} %",
            self.bound,
            share / 100,
            share % 100
        )
    }

    /// The placement for people; with the commands of each host where they are wanted.
    #[must_use]
    pub fn text(&self, with_commands: bool) -> String {
        let mut text = self.verdict();
        text.push('\n');
        if let Some(stopped) = self.stopped {
            let _ = writeln!(text, "ended by: {stopped}");
        }
        let placed: u64 = self.requests.iter().map(|request| request.placed).sum();
        let all: u64 = self.requests.iter().map(|request| request.count).sum();
        let _ = writeln!(
            text,
            "{placed} of {all} volumes, on {} hosts",
            self.hosts_used
        );
        for request in &self.requests {
            let name = printable(&request.name);
            let _ = writeln!(
                text,
                "  {name:<16} {:>6} of {:<6} worth {} each",
                request.placed, request.count, request.value
            );
            if let Some(why) = &request.unplaced {
                text.push_str(&show::wrapped(
                    "    ",
                    " ",
                    why.split(' ').map(str::to_string),
                ));
            }
        }
        for host in self.hosts.iter().filter(|_| with_commands) {
            let _ = writeln!(text, "\n{} {}", printable(&host.host), printable(&host.vg));
            for command in &host.commands {
                let _ = writeln!(text, "  {command}");
            }
        }
        for error in &self.errors {
            let _ = writeln!(text, "left out: {}", printable(error));
        }
        text
    }
}
