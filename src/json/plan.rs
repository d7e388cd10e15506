//! Plans: the shape of a plan file, and raw value to plan.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::Deserializer;
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use crate::core::{Allocation, Certificate, Conflict, Measure, Plan, Problem, Segment};
use crate::json::ReadError;
use crate::json::certificate::{RawWhy, import_conflict};
use crate::json::locate::{Faults, Path, read_raw};
use crate::json::once::once;
use crate::json::problem::Names;
use crate::json::proof::{RawProof, import_certificate};
use crate::json::raw::{Count, RawMeasure, RawSegment};

/// What a plan file claims to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A plan, and no plan costs less.
    Best,
    /// A plan that may not be the best.
    Found,
    /// There is no plan.
    Impossible,
    /// Neither a plan nor a proof that there is none.
    Unknown,
}

/// A plan as it stands in a file: claims, none of which is checked yet.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanDocument {
    /// What the file claims to be.
    pub status: Status,
    /// The plan, where the status says that there is one. Requests that are not mentioned are left
    /// out.
    pub plan: Option<Plan>,
    /// The cost that is claimed, in no particular order.
    pub cost: Vec<(Measure, u64)>,
    /// The bounds that are claimed, in no particular order.
    pub bound: Vec<(Measure, u64)>,
    /// What is claimed to show the bounds, in no particular order; a measure that rests on a search has
    /// no certificate.
    pub proof: Vec<(Measure, Option<Certificate>)>,
    /// How the search ended that the bound of a measure without a certificate rests on, as claimed.
    pub ended: Vec<(Measure, String)>,
    /// Why there is no plan, as claimed.
    pub why: Option<Conflict>,
}

/// Reads a plan for `problem`.
///
/// # Errors
/// [`ReadError::Syntax`] if the text is not JSON, [`ReadError::Values`] if a key or value does not
/// belong where it is: among them requests and sources that the problem has not, as in a plan for
/// another problem.
pub fn read_plan(text: &str, problem: &Problem) -> Result<PlanDocument, ReadError> {
    let raw: RawPlan = read_raw(text)?;
    let mut faults = Faults::default();
    let plan = import_plan(&raw, problem, &mut faults);
    let why = raw.why.as_ref().and_then(|why| {
        let path = Path::key("why").then_key("certificate");
        import_conflict(&why.certificate, problem, &path, &mut faults)
    });
    let path = Path::key("proof");
    let proofs = raw.proof.iter().flat_map(|proofs| &proofs.0);
    let ended = proofs.clone().filter_map(|(measure, proof)| match proof {
        RawProof::Search { ended } => Some((Measure::from(*measure), ended.clone())),
        RawProof::Counting { .. }
        | RawProof::Prices { .. }
        | RawProof::Degrees { .. }
        | RawProof::Branches { .. } => None,
    });
    let ended = ended.collect();
    let proof = proofs.map(|(measure, proof)| {
        let measure = Measure::from(*measure);
        let path = path.then_key(measure.name());
        let certificate = import_certificate(proof, problem, &path, &mut faults);
        (measure, certificate)
    });
    let proof = proof.collect();
    let values = |values: Option<RawValues>| {
        let pairs = values.unwrap_or_default().0.into_iter();
        pairs.map(|(measure, value)| (measure.into(), value.0))
    };
    let document = PlanDocument {
        status: raw.status,
        plan,
        cost: values(raw.cost).collect(),
        bound: values(raw.bound).collect(),
        proof,
        ended,
        why,
    };
    match faults.into_error(text) {
        Some(error) => Err(error),
        None => Ok(document),
    }
}

/// The name and version of the format.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) enum PlanFormat {
    #[serde(rename = "extentplan/plan/1")]
    One,
}

/// The name and version of the format.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[allow(dead_code, reason = "it is described, and written from texts")]
pub(crate) enum PlansFormat {
    #[serde(rename = "extentplan/plans/1")]
    One,
}

/// Plans one after another, each on what those before it leave. That one of them is impossible, but the first,
/// does not say that there is no plan for all.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[allow(dead_code, reason = "it is described, and written from texts")]
pub(crate) struct RawPlans {
    /// The name and version of the format.
    pub(crate) schema: PlansFormat,
    /// The plans, as far as there are some.
    pub(crate) parts: Vec<RawPlan>,
}

/// What a planner says about a problem.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a plan {\"schema\": .., ..}")]
pub(crate) struct RawPlan {
    /// The name and version of the format.
    pub(crate) schema: PlanFormat,
    /// What is known.
    pub(crate) status: Status,
    /// What the plan costs, measure by measure in the order of the objective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cost: Option<RawValues>,
    /// What no plan goes below. That of a measure holds for plans that meet those of all before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bound: Option<RawValues>,
    /// Who found the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) method: Option<String>,
    /// By measure why no plan is below its bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) proof: Option<RawProofs>,
    /// Why the search ended without a proof: `time limit`, `node limit`, `memory limit`, `interrupted`, or
    /// `method ends`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stopped: Option<String>,
    /// How long it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seconds: Option<f64>,
    /// Why there is no plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<RawWhy>,
    /// Where each request goes; an optional request that is left out is not mentioned.
    #[serde(default)]
    pub(crate) allocations: Vec<RawAllocation>,
    /// What is unsafe once the plan is built, and was not before, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) faults: Vec<String>,
    /// What builds the plan, in this order, where the pool is one that takes commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) commands: Option<Vec<String>>,
    /// Why nothing that the pool takes builds the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) no_commands: Option<String>,
    /// What the allocator that the pool has makes of the same requests, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) allocator: Option<RawAllocator>,
}

/// What another allocator makes of the same requests.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an allocator {\"name\": .., ..}")]
pub(crate) struct RawAllocator {
    /// Its name and version.
    pub(crate) name: String,
    /// Why it places nothing, in its words; without it and `unknown` it places them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refusal: Option<String>,
    /// Why it is not known what it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unknown: Option<String>,
    /// What is unsafe about its layout, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) faults: Vec<String>,
    /// The first rule of the requests that its layout breaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) broken: Option<String>,
    /// What its layout costs, where it keeps all rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cost: Option<RawValues>,
    /// Whether the plan is its layout.
    pub(crate) is_plan: bool,
}

/// Where one request goes.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an allocation {\"request\": .., ..}")]
pub(crate) struct RawAllocation {
    /// The name of the request.
    pub(crate) request: String,
    /// Per leg its new segments, in the order of the leg's offsets.
    pub(crate) legs: Vec<Vec<RawSegment>>,
    /// The metadata of each leg.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) metadata: Vec<RawSegment>,
    /// The log areas.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) logs: Vec<RawSegment>,
}

/// Measures with their values, in the order of the objective when written.
#[derive(Clone, Debug, Default, JsonSchema)]
#[schemars(with = "BTreeMap<RawMeasure, Count>")]
pub(crate) struct RawValues(pub(crate) Vec<(RawMeasure, Count)>);

impl Serialize for RawValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (measure, value) in &self.0 {
            map.serialize_entry(measure, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for RawValues {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RawValues, D::Error> {
        let map: BTreeMap<RawMeasure, Count> = once(deserializer)?;
        Ok(RawValues(map.into_iter().collect()))
    }
}

/// Measures with what shows their bounds, in the order of the objective when written.
#[derive(Clone, Debug, Default, JsonSchema)]
#[schemars(with = "BTreeMap<RawMeasure, RawProof>")]
pub(crate) struct RawProofs(pub(crate) Vec<(RawMeasure, RawProof)>);

impl Serialize for RawProofs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(measure, proof)| (measure, proof)))
    }
}

impl<'de> Deserialize<'de> for RawProofs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RawProofs, D::Error> {
        let map: BTreeMap<RawMeasure, RawProof> = once(deserializer)?;
        Ok(RawProofs(map.into_iter().collect()))
    }
}

fn import_plan(raw: &RawPlan, problem: &Problem, faults: &mut Faults) -> Option<Plan> {
    let list = Path::key("allocations");
    match raw.status {
        Status::Best | Status::Found => {}
        Status::Impossible | Status::Unknown => {
            if !raw.allocations.is_empty() {
                let message = "there are allocations, but the status says that there is no plan";
                faults.push(list, message.to_string());
            }
            return None;
        }
    }
    let names = Names::of(problem.sources());
    let requests = problem.requests().iter().enumerate();
    let requests: BTreeMap<&str, usize> = requests
        .map(|(index, request)| (request.name.as_str(), index))
        .collect();
    let mut allocations: Vec<Option<Allocation>> = vec![None; problem.requests().len()];
    for (index, raw) in raw.allocations.iter().enumerate() {
        let path = list.then_index(index);
        let allocation = import_allocation(raw, &names, &path, faults);
        let name = &raw.request;
        match requests.get(name.as_str()) {
            None => faults.push(
                path.then_key("request"),
                format!("the problem has no request `{name}`; the plan is for another problem"),
            ),
            Some(&request) if allocations[request].is_some() => faults.push(
                path.then_key("request"),
                format!("request `{name}` is allocated twice"),
            ),
            Some(&request) => allocations[request] = Some(allocation),
        }
    }
    Some(Plan { allocations })
}

fn import_allocation(
    raw: &RawAllocation,
    names: &Names,
    path: &Path,
    faults: &mut Faults,
) -> Allocation {
    let legs = path.then_key("legs");
    Allocation {
        legs: raw
            .legs
            .iter()
            .enumerate()
            .map(|(leg, raw)| import_segments(raw, names, &legs.then_index(leg), faults))
            .collect(),
        metadata: import_segments(&raw.metadata, names, &path.then_key("metadata"), faults),
        logs: import_segments(&raw.logs, names, &path.then_key("logs"), faults),
    }
}

fn import_segments(
    raw: &[RawSegment],
    names: &Names,
    path: &Path,
    faults: &mut Faults,
) -> Vec<Segment> {
    let segments = raw.iter().enumerate();
    segments
        .filter_map(|(index, raw)| names.segment(raw, &path.then_index(index), faults))
        .collect()
}
