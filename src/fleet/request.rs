//! What is asked of a fleet as a whole: so many volumes of a kind, as a line of JSON.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask::Fault;
use crate::json;
use crate::json::locate::read_raw;
use crate::lvm::{self, LvCommand};

/// So many volumes of one kind, wherever they find a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[serde(expecting = "an object with `name`, `command`, `count` and `value`")]
pub struct PlaceLine {
    /// Its name, unlike that of all others; volumes are called `NAME-NUMBER`, with numbers behind those that are
    /// there already.
    pub name: String,
    /// An `lvcreate` in words, with a size in bytes or extents, without a volume group and a name.
    pub command: Vec<String>,
    /// How many are wanted.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = MOST))]
    pub count: u64,
    /// What each that is placed is worth.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = MOST))]
    pub value: u64,
    /// Tags that its hosts must have, all of them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// Which of them lie on different hosts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apart: Option<Spread>,
}

/// Which volumes of a request do not lie together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// So many belong together, such as the replicas of one thing; all of the request where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MOST))]
    pub of: Option<u64>,
    /// No two that belong together lie on hosts that share a tag that begins so, such as `rack`; on one host where nothing
    /// is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

impl PlaceLine {
    /// The command that creates one of them.
    ///
    /// # Errors
    /// If it is no `lvcreate` with a size, or says more than what is created.
    pub(crate) fn create(&self, name: &str) -> Result<LvCommand, Fault> {
        let wrong = |words: &str| Fault::of(format!("request `{}`: {words}", self.name));
        let mut words = self.command.clone();
        words.extend(["-n".to_string(), name.to_string()]);
        let command = lvm::read_command(&words).map_err(|error| wrong(&error.to_string()))?;
        let is_fixed = command.size.as_ref().is_some_and(|size| {
            matches!(
                size.amount,
                lvm::Amount::Sectors(_) | lvm::Amount::Extents(_)
            )
        });
        if command.verb != lvm::Verb::Create || !is_fixed {
            return Err(wrong(
                "expected an lvcreate with a size, as `[\"lvcreate\", \"--type\", \"raid1\", \"-m\", \"1\", \"-L\", \"10g\"]`",
            ));
        }
        if command.volume_group.is_some() || !command.physical_volumes.is_empty() {
            return Err(wrong(
                "expected no volume group and no physical volumes: these are what is asked",
            ));
        }
        Ok(command)
    }
}

/// The JSON Schema of a line.
#[must_use]
pub fn request_schema() -> String {
    json::schema_text::<PlaceLine>("extentplan/fleet-request/1")
}

/// Sums of values over all volumes fit 64 bits.
const MOST: u64 = 1 << 24;

fn one() -> u64 {
    1
}

/// The requests of a text with one on each line.
///
/// # Errors
/// The first line that is wrong; that there is none.
pub fn read_requests(text: &str, name: &str) -> Result<Vec<PlaceLine>, Fault> {
    let mut requests: Vec<PlaceLine> = Vec::new();
    let mut names = BTreeSet::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let wrong = |words: &dyn std::fmt::Display| {
            let mut fault = Fault::of(format!("{name}: line {}: {words}", index + 1));
            fault.line = Some(index + 1);
            fault
        };
        let request: PlaceLine = read_raw(line).map_err(|error| wrong(&Fault::in_line(&error)))?;
        let of = request.apart.as_ref().and_then(|apart| apart.of);
        for (key, found) in [
            ("count", request.count),
            ("value", request.value),
            ("apart.of", of.unwrap_or(1)),
        ] {
            if !(1..=MOST).contains(&found) {
                return Err(wrong(&format!("`{key}` is {found}; expected 1 to {MOST}")));
            }
        }
        let example = format!("{}-1", request.name);
        request.create(&example).map_err(|fault| wrong(&fault))?;
        if !names.insert(request.name.clone()) {
            return Err(wrong(&format!(
                "there is a request `{}` already",
                request.name
            )));
        }
        requests.push(request);
    }
    if requests.is_empty() {
        return Err(Fault::of(format!(
            "{name} has no request; expected an object with `name`, `command`, `count` and `value` on each line"
        )));
    }
    Ok(requests)
}
