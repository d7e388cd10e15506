//! What shows each measure's bound, with names instead of indices, both ways.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::core::{Answer, Certificate, Measure, Prices, Problem};
use crate::json::branches::{RawBranchStep, export_branches, import_branches};
use crate::json::locate::{Faults, Path};
use crate::json::problem::Names;
use crate::json::raw::{Count, RawMeasure};

/// Why no plan is below the bound of a measure.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum RawProof {
    /// The fewest areas, or sources, that hold all legs; what is left of all extents; what there is no room
    /// for.
    Counting {
        /// Extents that an area is worth where the number of segments or sources is known from a measure
        /// before; 0 where it is not used.
        worth: Count,
    },
    /// Prices at which every plan costs too much: what all legs pay at the least, each as if it were alone,
    /// less what everything free is worth, less what the measures before weigh.
    Prices {
        /// What one of each measure weighs, from the first of the objective to this one.
        weights: Vec<Count>,
        /// Free areas with the price of an extent: [source, start, price]. Others cost nothing.
        areas: Vec<RawPrice>,
        /// What a leg pays for an extent of a source beside that, since the legs of its request together take no more
        /// of it than one of them: [request, source, price].
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        shares: Vec<RawTouch>,
        /// What a leg pays for a source that no other leg of its request may touch: [request, source, price].
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        touches: Vec<RawTouch>,
        /// What a leg pays for a tag that keeps the legs of its request apart: [request, tag, price].
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tags: Vec<RawTouch>,
    },
    /// Pieces of areas counted as degrees: how few intervals, which cut all legs at once, hold them.
    Degrees {
        /// So many sources with most extents are left out, each with a leg.
        removed: Count,
        /// Price of a piece, in parts of an extent.
        piece: Count,
        /// Price of an interval that has areas with one piece.
        own: Count,
        /// Parts of an extent in which prices are counted.
        parts: Count,
    },
    /// A tree over the integer program with less of the measure, none of whose leaves has a solution.
    Branches {
        /// From its leaves to its root, which is the last.
        steps: Vec<RawBranchStep>,
    },
    /// Nothing that could be added up: it rests on the search that says so.
    Search {
        /// How that search ended.
        ended: String,
    },
}

/// The price of an extent of a free area: [source, start, price].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "a price [source, start, price]")]
pub(crate) struct RawPrice(pub(crate) String, pub(crate) Count, pub(crate) Count);

/// The price of a source, or of a tag, for a leg: [request, source or tag, price].
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "a price [request, source or tag, price]")]
pub(crate) struct RawTouch(pub(crate) String, pub(crate) String, pub(crate) Count);

/// What shows the bound of each measure that has one.
pub(crate) fn export_proofs(problem: &Problem, answer: &Answer) -> Vec<(RawMeasure, RawProof)> {
    let ended = match answer {
        Answer::Best { proof, .. } => proof.name(),
        Answer::Found { stopped, .. } => stopped.name(),
        Answer::Impossible { .. } | Answer::Unknown { .. } => return Vec::new(),
    };
    let bounded = problem.objective().iter().zip(answer.lower_bound().0);
    let export = |(position, (measure, _)): (usize, (&Measure, u64))| {
        let certificate = answer.certificates().get(position).and_then(Option::as_ref);
        let raw = match certificate {
            Some(certificate) => export_certificate(problem, certificate),
            None => RawProof::Search {
                ended: ended.to_string(),
            },
        };
        (RawMeasure::from(*measure), raw)
    };
    bounded.enumerate().map(export).collect()
}

fn export_certificate(problem: &Problem, certificate: &Certificate) -> RawProof {
    let request = |index: usize| problem.requests()[index].name.clone();
    let source = |index: usize| problem.sources()[index].name.clone();
    let export_touches = |touches: &[(usize, usize, u64)]| {
        let touches = touches.iter();
        let raw = touches.map(|(by, of, price)| RawTouch(request(*by), source(*of), Count(*price)));
        raw.collect()
    };
    match certificate {
        Certificate::Counting { worth } => RawProof::Counting {
            worth: Count(*worth),
        },
        Certificate::Degrees {
            removed,
            piece,
            own,
            parts,
        } => RawProof::Degrees {
            removed: Count(*removed),
            piece: Count(*piece),
            own: Count(*own),
            parts: Count(*parts),
        },
        Certificate::Branches(branches) => RawProof::Branches {
            steps: export_branches(branches),
        },
        Certificate::Prices(Prices {
            weights,
            areas,
            shares,
            touches,
            tags,
        }) => RawProof::Prices {
            weights: weights.iter().copied().map(Count).collect(),
            areas: areas
                .iter()
                .map(|(of, start, price)| RawPrice(source(*of), Count(*start), Count(*price)))
                .collect(),
            shares: export_touches(shares),
            touches: export_touches(touches),
            tags: tags
                .iter()
                .map(|(by, tag, price)| RawTouch(request(*by), tag.clone(), Count(*price)))
                .collect(),
        },
    }
}

/// The certificate with indices, or faults for the names that the problem has not; `None` where there is
/// nothing to add up.
pub(crate) fn import_certificate(
    raw: &RawProof,
    problem: &Problem,
    path: &Path,
    faults: &mut Faults,
) -> Option<Certificate> {
    let (weights, raw_areas, raw_shares, raw_touches, raw_tags) = match raw {
        RawProof::Search { ended: _ } => return None,
        RawProof::Branches { steps } => {
            return Some(Certificate::Branches(import_branches(steps)));
        }
        RawProof::Counting { worth } => return Some(Certificate::Counting { worth: worth.0 }),
        RawProof::Degrees {
            removed,
            piece,
            own,
            parts,
        } => {
            return Some(Certificate::Degrees {
                removed: removed.0,
                piece: piece.0,
                own: own.0,
                parts: parts.0,
            });
        }
        RawProof::Prices {
            weights,
            areas,
            shares,
            touches,
            tags,
        } => (weights, areas, shares, touches, tags),
    };
    let names = Names::of(problem.sources());
    let mut areas = Vec::new();
    for (index, RawPrice(name, start, price)) in raw_areas.iter().enumerate() {
        let path = path.then_key("areas").then_index(index);
        let source = names.source(name, &path, faults);
        areas.extend(source.map(|source| (source, start.0, price.0)));
    }
    let requests = problem.requests().iter().enumerate();
    let requests: BTreeMap<&str, usize> = requests
        .map(|(index, request)| (request.name.as_str(), index))
        .collect();
    let request = |name: &str, path: &Path, faults: &mut Faults| {
        let known = requests.get(name).copied();
        if known.is_none() {
            let message =
                format!("the problem has no request `{name}`; the plan is for another problem");
            faults.push(path.clone(), message);
        }
        known
    };
    let mut pairs = |key: &str, raw: &[RawTouch]| {
        let mut pairs = Vec::new();
        for (index, RawTouch(by, name, price)) in raw.iter().enumerate() {
            let path = path.then_key(key).then_index(index);
            let pair = request(by, &path, faults).zip(names.source(name, &path, faults));
            pairs.extend(pair.map(|(request, source)| (request, source, price.0)));
        }
        pairs
    };
    let (shares, touches) = (pairs("shares", raw_shares), pairs("touches", raw_touches));
    let mut tags = Vec::new();
    for (index, RawTouch(by, tag, price)) in raw_tags.iter().enumerate() {
        let path = path.then_key("tags").then_index(index);
        let by = request(by, &path, faults);
        tags.extend(by.map(|request| (request, tag.clone(), price.0)));
    }
    Some(Certificate::Prices(Prices {
        weights: weights.iter().map(|weight| weight.0).collect(),
        areas,
        shares,
        touches,
        tags,
    }))
}
