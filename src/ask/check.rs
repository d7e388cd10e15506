//! An independent verdict on a plan.

use crate::ask::Outcome;
use crate::core::{
    Bound, Certificate, Conflict, Cost, Measure, Problem, check as violations, cost, explain,
    printable,
};
use crate::json::{PlanDocument, Status};
use crate::solve::{verify, verify_bound};

/// What is to be said of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Everything that is wrong with it, a sentence each.
    pub faults: Vec<String>,
    /// Where nothing is, what it costs and what shows that.
    pub words: String,
    /// Whether something that is claimed, that there is no plan or a bound, rests on a search alone: nothing is wrong with it,
    /// and nothing can be added up.
    pub rests_on_search: bool,
}

/// Whether a plan is right for a problem, and costs what it claims.
#[must_use]
pub fn check(problem: &Problem, document: &PlanDocument) -> Verdict {
    let faults = faults(problem, document);
    let words = match faults.is_empty() {
        true => verdict(problem, document),
        false => String::new(),
    };
    let rests_on_search = faults.is_empty() && rests_on_search(problem, document);
    Verdict {
        faults,
        words,
        rests_on_search,
    }
}

/// Whether a claim has nothing that could be added up.
fn rests_on_search(problem: &Problem, document: &PlanDocument) -> bool {
    let bounds = problem.objective().iter().zip(bound(problem, document).0);
    let mut unshown = bounds
        .filter(|&(measure, value)| value > 0 && certificate_of(document, *measure).is_none());
    let is_unreasoned = document.why.as_ref().is_some_and(|why| by(why).is_none());
    unshown.next().is_some() || is_unreasoned
}

impl Verdict {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.faults.is_empty()
    }

    /// Whether it is right, wrong, or cannot be told here.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match (self.is_right(), self.rests_on_search) {
            (false, _) => Outcome::No,
            (true, true) => Outcome::LimitRanOut,
            (true, false) => Outcome::Yes,
        }
    }

    /// The verdict for people, a line for each fault.
    #[must_use]
    pub fn text(&self) -> String {
        let lines = self.faults.iter().map(|fault| format!("{fault}\n"));
        lines.collect::<String>() + &self.words
    }
}

/// Everything that is wrong with what the file claims.
fn faults(problem: &Problem, document: &PlanDocument) -> Vec<String> {
    let mut faults = unasked(problem, document);
    match (&document.plan, document.status) {
        (Some(plan), Status::Best | Status::Found) => {
            let broken = violations(problem, plan);
            faults.extend(broken.iter().map(ToString::to_string));
            if faults.is_empty() {
                faults.extend(wrong_values(problem, document, &cost(problem, plan)));
            }
        }
        (None, Status::Best | Status::Found) => {
            faults.push("the status says that there is a plan, but there is none".to_string());
        }
        (Some(_), Status::Impossible | Status::Unknown) => {
            faults.push("the status says that there is no plan, but there is one".to_string());
        }
        (None, Status::Impossible | Status::Unknown) => faults.extend(beside_no_plan(document)),
    }
    if faults.is_empty() {
        faults.extend(wrong_proofs(problem, document));
    }
    if document.why.is_some() && document.status != Status::Impossible {
        faults.push(
            "a reason why there is no plan is given, but the status does not say so".to_string(),
        );
    }
    if let Some(why) = &document.why
        && let Err(refuted) = verify(problem, why)
    {
        faults.push(refuted.to_string());
    }
    faults
}

/// What does not stand beside that there is no plan, or none is known.
fn beside_no_plan(document: &PlanDocument) -> Vec<String> {
    let is_impossible = document.status == Status::Impossible;
    let faults = [
        (
            is_impossible && document.why.is_none(),
            "the status says impossible, but no reason is given",
        ),
        (
            is_impossible && !document.bound.is_empty(),
            "the status says impossible, but plans are bounded",
        ),
        (
            !document.cost.is_empty(),
            "the status says that there is no plan, but there is a cost of one",
        ),
    ];
    let faults = faults.into_iter().filter(|(is_wrong, _)| *is_wrong);
    faults.map(|(_, sentence)| sentence.to_string()).collect()
}

/// Values of measures that are not in the objective.
fn unasked(problem: &Problem, document: &PlanDocument) -> Vec<String> {
    let lists = [("cost", &document.cost), ("bound", &document.bound)];
    let of_list = |(key, list): (&str, &Vec<(Measure, u64)>)| {
        let unasked = list
            .iter()
            .filter(|(measure, _)| !problem.objective().contains(measure));
        let sentence =
            |(measure, _): &(Measure, u64)| format!("`{key}`: {measure} is not in the objective");
        unasked.map(sentence).collect::<Vec<String>>()
    };
    lists.into_iter().flat_map(of_list).collect()
}

/// Costs and bounds that are not those of the plan.
fn wrong_values(problem: &Problem, document: &PlanDocument, counted: &Cost) -> Vec<String> {
    let mut faults = Vec::new();
    let pairs: Vec<(Measure, u64)> = problem
        .objective()
        .iter()
        .copied()
        .zip(counted.0.iter().copied())
        .collect();
    let value_of = |list: &[(Measure, u64)], wanted: Measure| {
        let entry = list.iter().find(|(measure, _)| *measure == wanted);
        entry.map(|(_, value)| *value)
    };
    for (measure, claimed) in &document.cost {
        match value_of(&pairs, *measure) {
            Some(value) if value != *claimed => faults.push(format!(
                "the plan claims {measure} {claimed}, counted {value}"
            )),
            Some(_) | None => {}
        }
    }
    for (measure, value) in pairs {
        if document.status == Status::Best && value_of(&document.bound, measure) != Some(value) {
            faults.push(format!(
                "the status says best, but {measure} is {value} and its bound {}",
                value_of(&document.bound, measure)
                    .map_or("missing".to_string(), |bound| bound.to_string())
            ));
        }
        if value_of(&document.cost, measure).is_none() {
            faults.push(format!("the plan does not say its {measure}"));
        }
        let Some(bound) = value_of(&document.bound, measure) else {
            break;
        };
        if bound > value {
            faults.push(format!(
                "the bound claims {measure} at least {bound}, counted {value}"
            ));
        }
        // Later bounds hold only where the earlier measures are tight.
        if bound != value {
            break;
        }
    }
    faults
}

/// The bound that the file claims, measure by measure up to the first that it says nothing of.
fn bound(problem: &Problem, document: &PlanDocument) -> Bound {
    let value = |measure: &Measure| {
        let mut claimed = document.bound.iter();
        let entry = claimed.find(|(claimed, _)| claimed == measure);
        entry.map(|(_, value)| *value)
    };
    Bound(problem.objective().iter().map_while(value).collect())
}

fn certificate_of(document: &PlanDocument, measure: Measure) -> Option<&Certificate> {
    let mut proofs = document.proof.iter();
    let proof = proofs.find(|(proven, _)| *proven == measure);
    proof.and_then(|(_, certificate)| certificate.as_ref())
}

/// Certificates that do not hold.
fn wrong_proofs(problem: &Problem, document: &PlanDocument) -> Vec<String> {
    let bound = bound(problem, document);
    let mut faults = Vec::new();
    for (measure, certificate) in &document.proof {
        let position = problem.objective().iter().position(|m| m == measure);
        let Some(certificate) = certificate else {
            continue;
        };
        match position {
            None => faults.push(format!("{measure} is not in the objective")),
            Some(position) => {
                let held = verify_bound(problem, &bound, position, certificate);
                faults.extend(held.err().map(|refuted| refuted.to_string()));
            }
        }
    }
    faults
}

/// A line for each bound: what it is, and what stands behind it.
fn bounds(problem: &Problem, document: &PlanDocument) -> String {
    let bounds = problem.objective().iter().zip(bound(problem, document).0);
    let line = |(measure, value): (&Measure, u64)| {
        let by = match certificate_of(document, *measure) {
            Some(certificate) => format!("holds by {}", certificate.name()),
            None => match document.ended.iter().find(|(ended, _)| ended == measure) {
                // Whatever stands in the file.
                Some((_, ended)) => {
                    format!("rests on a search, which ended by: {}", printable(ended))
                }
                None => "rests on what gave it, which the file does not name".to_string(),
            },
        };
        format!("  {measure} at least {value}: {by}\n")
    };
    bounds.map(line).collect()
}

/// What is to be said of a plan that is right.
fn verdict(problem: &Problem, document: &PlanDocument) -> String {
    match (&document.plan, &document.why) {
        (Some(plan), _) => {
            let pairs = problem.objective().iter().zip(cost(problem, plan).0);
            let words: Vec<String> = pairs
                .map(|(measure, value)| format!("{measure} {value}"))
                .collect();
            format!("right: {}\n{}", words.join(", "), bounds(problem, document))
        }
        (None, Some(why)) => match by(why) {
            Some(name) => format!("no plan; the reason holds by {name}\n"),
            None => format!(
                "no plan; the reason rests on the search that gave it: {}\n",
                explain(problem, why)
            ),
        },
        (None, None) => format!(
            "unknown: neither a plan nor a reason is claimed\n{}",
            bounds(problem, document)
        ),
    }
}

/// What is added up to show that there is no plan, by name; nothing where that rests on a search.
fn by(why: &Conflict) -> Option<&'static str> {
    match why {
        Conflict::Cut { .. } => Some("a cut"),
        Conflict::Room { .. } => Some("room for pieces"),
        Conflict::Units { .. } => Some("units"),
        Conflict::Prices { .. } => Some("prices"),
        Conflict::PiecePrices { .. } => Some("prices of pieces"),
        Conflict::Apart { .. } => Some("legs apart"),
        Conflict::Branches(_) => Some("branches"),
        Conflict::Exhausted { .. } | Conflict::Program { .. } => None,
    }
}
