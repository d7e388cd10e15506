//! Answers about capacity for people.

use crate::ask::capacity::answers::Answers;
use crate::ask::capacity::apart::Sharing;
use crate::ask::capacity::repairs::{policy_name, repair_rows, runs};
use crate::ask::capacity::subject::Subject;
use crate::ask::verdict::verdict;
use crate::capacity::{Fit, Largest, MinimalConflict, More, Refusal, Repair, Rule, WhyNot};
use crate::core::{Plan, Problem, StopReason, counted, explain};
use crate::show;

/// All answers, one paragraph each.
pub(crate) fn write(subject: &Subject, answers: &Answers) -> String {
    let mut text = String::new();
    if let Some(largest) = &answers.largest {
        text.push_str(&of_largest(subject, largest, answers.sharing));
    }
    if let Some(more) = &answers.more {
        text.push_str(&of_more(subject, more, answers.sharing));
    }
    if let Some((problem, answer)) = &answers.choice {
        text.push_str(&verdict(problem, answer));
        if let Some(plan) = answer.plan() {
            text.push_str(&drawn(subject, problem, plan));
        }
    }
    match &answers.add {
        Some(repairs) if repairs.is_empty() => text.push_str(match answers.fits {
            Some(Fit::Fits) => "nothing to add\n",
            _ => "no addition was found with which all requests fit\n",
        }),
        Some(repairs) => {
            text.push_str("what to add, any one of\n");
            text.push_str(&list(repairs, subject.extent_bytes));
        }
        None => {}
    }
    match &answers.fits {
        Some(Fit::Fits) => text.push_str("all requests fit\n"),
        Some(Fit::Open) => {
            text.push_str("unknown: neither a plan nor a proof that there is none\n")
        }
        Some(Fit::Not(why)) => text.push_str(&of_why(subject, why)),
        None => {}
    }
    if let Some(offer) = &answers.offer {
        text.push_str(offer);
    }
    text
}

fn of_largest(subject: &Subject, largest: &Largest, sharing: Option<Sharing>) -> String {
    let name = &subject.asked.model().problem().requests()[subject.request].name;
    let size = |extents| show::extents(extents, subject.extent_bytes);
    let proof = if largest.is_proven() {
        "proven".to_string()
    } else {
        format!("not proven; nothing above {} fits", size(largest.bound))
    };
    let words = format!("{}, {proof}", size(largest.extents));
    let mut text = sentence(&format!("largest {name}: "), &words);
    text.push_str(&beyond(
        "one extent more for each leg",
        largest.beyond.as_ref(),
    ));
    text.push_str(&shared_lines(sharing, size));
    if let Some(layout) = &largest.layout {
        text.push_str(&drawn(subject, &layout.problem, layout.plan()));
    }
    for simpler in &largest.simpler {
        let noun = if simpler.segments == 1 {
            "segment"
        } else {
            "segments"
        };
        let proof = if simpler.is_proven {
            ""
        } else {
            ", perhaps larger"
        };
        text.push_str(&format!(
            "\nsimpler, {} {noun}: {}{proof}\n",
            simpler.segments,
            size(simpler.extents)
        ));
        let layout = &simpler.layout;
        text.push_str(&drawn(subject, &layout.problem, layout.plan()));
    }
    text
}

/// A layout for people.
fn drawn(subject: &Subject, problem: &Problem, plan: &Plan) -> String {
    let words = subject.asked.log_words();
    show::layout(problem, plan, subject.extent_bytes, words)
}

fn of_more(subject: &Subject, more: &More, sharing: Option<Sharing>) -> String {
    let proof = if more.is_proven() {
        "proven".to_string()
    } else if more.bound == u64::MAX {
        "counted no further".to_string()
    } else {
        format!("not proven; no more than {} fit", more.bound)
    };
    let mut text = format!("how many fit: {}, {proof}\n", more.count);
    text.push_str(&beyond("one more", more.beyond.as_ref()));
    text.push_str(&shared_lines(sharing, |count| count.to_string()));
    if let Some(layout) = &more.layout {
        text.push_str(&drawn(subject, &layout.problem, layout.plan()));
    }
    text
}

/// What is different where legs share disks, in a sentence.
pub(crate) fn shared_words(sharing: Sharing, amount: impl Fn(u64) -> String) -> String {
    match sharing {
        Sharing::More(most) => format!(
            "where legs share disks, as policy anywhere lets them: {}",
            amount(most)
        ),
        Sharing::Needed => {
            "legs share disks, as policy anywhere lets them: with legs apart none fits".to_string()
        }
    }
}

fn shared_lines(sharing: Option<Sharing>, amount: impl Fn(u64) -> String) -> String {
    let words = sharing.map(|sharing| shared_words(sharing, amount));
    words.map_or_else(String::new, |words| sentence("  ", &words))
}

fn beyond(what: &str, refusal: Option<&Refusal>) -> String {
    let Some(refusal) = refusal else {
        return String::new();
    };
    sentence(
        &format!("  {what}: "),
        &explain(&refusal.problem, &refusal.why),
    )
}

fn of_why(subject: &Subject, why: &WhyNot) -> String {
    let problem = &why.refusal.problem;
    let mut text = sentence("does not fit: ", &explain(problem, &why.refusal.why));
    let minimal = if why.conflict.is_minimal {
        "a part that conflicts; without any one of these, this part would fit\n"
    } else {
        "what conflicts; not all of it may be needed\n"
    };
    text.push_str(minimal);
    for words in part_words(problem, &why.conflict) {
        text.push_str(&sentence("  - ", &words));
    }
    if why.repairs.is_empty() {
        text.push_str("no repair was found\n");
    } else {
        text.push_str("what would help, each planned anew\n");
        text.push_str(&list(&why.repairs, subject.extent_bytes));
    }
    text
}

pub(crate) fn sentence(head: &str, words: &str) -> String {
    show::wrapped(head, " ", words.split(' ').map(str::to_string))
}

/// Repairs, numbered; those that differ in the source alone are one.
pub(crate) fn list(repairs: &[Repair], extent_bytes: Option<u64>) -> String {
    let mut text = String::new();
    for (number, row) in repair_rows(repairs, extent_bytes).iter().enumerate() {
        let proof = if row.is_smallest {
            ""
        } else {
            " (less may do)"
        };
        text.push_str(&sentence(
            &format!("{:>3}. ", number + 1),
            &format!("{}{proof}", row.words),
        ));
    }
    text
}

/// Different amounts of free extents up to which each is said.
const MOST_AMOUNTS: usize = 12;

/// The parts of a conflict in words.
pub(crate) fn part_words(problem: &Problem, conflict: &MinimalConflict) -> Vec<String> {
    let name = |request: usize| &problem.requests()[request].name;
    let mut words = Vec::new();
    for (request, legs) in conflict.legs() {
        let all = problem.requests()[request].legs() as u64;
        let leg = problem.requests()[request].leg_extents();
        let each = if all == 1 { "" } else { " each" };
        words.push(format!(
            "{legs} of {} of `{}`, {}{each}",
            counted(all, "leg"),
            name(request),
            counted(leg, "extent")
        ));
    }
    for (request, rule) in conflict.rules() {
        words.push(format!(
            "`{}`: {}",
            name(request),
            rule_words(problem, request, rule)
        ));
    }
    // Those that have the same are one part.
    let mut alike: Vec<(u64, Vec<usize>)> = Vec::new();
    for source in conflict.sources() {
        let free = problem.sources()[source].free.total();
        match alike.iter_mut().find(|(other, _)| *other == free) {
            Some((_, sources)) => sources.push(source),
            None => alike.push((free, vec![source])),
        }
    }
    if alike.len() > MOST_AMOUNTS {
        let sources = conflict.sources();
        let all = || alike.iter().map(|(free, _)| *free);
        words.push(format!(
            "{} sources have {} to {} extents free: {}",
            sources.len(),
            all().min().unwrap_or(0),
            all().max().unwrap_or(0),
            runs(problem.sources(), &sources)
        ));
        return words;
    }
    words.extend(alike.into_iter().map(|(free, sources)| {
        let names = runs(problem.sources(), &sources);
        match sources.len() {
            1 => format!("{names} has {free} extents free"),
            count => format!("{count} sources have {free} extents free each: {names}"),
        }
    }));
    words
}

fn rule_words(problem: &Problem, request: usize, rule: Rule) -> String {
    let request = &problem.requests()[request];
    match rule {
        Rule::Avoidance => "it keeps away from sources".to_string(),
        Rule::Log => "its log areas".to_string(),
        Rule::Metadata => "the metadata of its legs".to_string(),
        Rule::Allowed => "it may use only the sources and ranges given".to_string(),
        Rule::Partition => "no two legs on sources that share a tag".to_string(),
        Rule::Policy => format!("policy {}", policy_name(request.policy)),
        Rule::Separation => "its legs keep apart".to_string(),
    }
}

/// A line on what ended the search, if something did.
pub(crate) fn ended_by(stopped: Option<StopReason>) -> String {
    stopped.map_or_else(String::new, |reason| {
        let end = reason.as_end();
        format!("{end}; what is not proven might be better without that\n")
    })
}
