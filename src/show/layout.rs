//! Where each leg of a plan goes, as a list.

use crate::core::{Allocation, Cuts, Plan, Problem, Request, Segment};
use crate::show::quantity::extents;
use crate::show::wrap::wrapped;

/// One paragraph per request: its size and legs, then each leg with its segments in order.
///
/// Extents are given first to last, both included. `log_words` says per request what its log is called, the last
/// of them for all requests behind; without any it is a `log`.
#[must_use]
pub fn layout(
    problem: &Problem,
    plan: &Plan,
    extent_bytes: Option<u64>,
    log_words: &[&str],
) -> String {
    let mut text = String::new();
    let pairs = problem.requests().iter().zip(&plan.allocations);
    for (index, (request, allocation)) in pairs.enumerate() {
        match allocation {
            Some(allocation) => {
                one(problem, request, allocation, extent_bytes, &mut text);
                let count = allocation.logs.len();
                for (log, segment) in allocation.logs.iter().enumerate() {
                    let name = log_name(log_words, index, (log, count));
                    let source = &problem.sources()[segment.source].name;
                    text.push_str(&format!("  {name:<7} {source}:{}\n", segment.area));
                }
            }
            None => text.push_str(&format!("{}: left out\n", request.name)),
        }
    }
    text
}

/// What a log of a request is called, with its number where there are several.
#[must_use]
pub fn log_name(log_words: &[&str], request: usize, (log, count): (usize, usize)) -> String {
    let word = log_words.get(request).or(log_words.last());
    let word = word.copied().unwrap_or("log");
    if count > 1 {
        format!("{word} {log}")
    } else {
        word.to_string()
    }
}

fn one(
    problem: &Problem,
    request: &Request,
    allocation: &Allocation,
    extent_bytes: Option<u64>,
    text: &mut String,
) {
    let leg_extents = allocation.leg_extents();
    let size = extents(leg_extents * request.shape.stripes, extent_bytes);
    let legs = allocation.legs.len();
    let noun = if legs == 1 { "leg" } else { "legs" };
    let mut words = format!("{size}, {legs} {noun}");
    if legs > 1 {
        words.push_str(&format!(" of {}", extents(leg_extents, extent_bytes)));
    }
    if request.cuts == Cuts::Together && legs > 1 {
        words.push_str(", cut together");
    }
    let head = format!("{}: ", request.name);
    text.push_str(&wrapped(&head, " ", words.split(' ').map(str::to_string)));
    let name = |segment: &Segment| {
        let source = &problem.sources()[segment.source].name;
        format!("{source}:{}", segment.area)
    };
    for (leg, segments) in allocation.legs.iter().enumerate() {
        let mut words: Vec<String> = Vec::new();
        if let Some(metadata) = allocation.metadata.get(leg) {
            words.push(format!("[{}]", name(metadata)));
        }
        words.extend(problem.joined(segments).iter().map(name));
        let head = format!("  leg {leg:<3} ");
        text.push_str(&wrapped(&head, " ", words.into_iter()));
    }
}
