//! `extentplan help`: the help of a subcommand, or what a word of the program means.

use std::fmt::Write;

use anyhow::bail;
use clap::Args;

use crate::ask::Outcome;
use crate::cli::{first_steps, options, output};
use crate::core::Measure;
use crate::guide::{TASKS, Task};
use crate::show;

/// Prints the help of a subcommand, a page of the guide, or what a word means: `extentplan help refused`
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A subcommand, a task of the guide (`tasks` lists them), a measure or another word that the program uses
    /// (`words`), or `options`: what the options of LVM2's commands are to a plan
    topic: Vec<String>,
}

/// The words of the program and what they mean, beside the measures.
const WORDS: [(&str, &str); 27] = [
    (
        "allocation",
        "where a plan puts one request: a list of segments for each of its legs, and the areas of its companions",
    ),
    (
        "area",
        "a run of consecutive extents on one source; LVM2: a free PE range",
    ),
    (
        "at most",
        "a request with a range of sizes: it may come out smaller than asked, as with `-l 100%FREE`; the measure `shortfall` says by how much",
    ),
    (
        "best",
        "the answer is a plan, and no plan costs less: shown by certificates, or by a search that ended",
    ),
    ("bound", "what no plan goes below, measure by measure"),
    (
        "capacity",
        "what a pool can still take; see `extentplan help capacity`",
    ),
    (
        "certificate",
        "why a claim holds, in a form that is added up again without any solver: in `--json` under `proof` and `why`, and added up by `check`, too",
    ),
    (
        "cling",
        "a policy: what a volume gets more lies on the sources that the leg is on already",
    ),
    (
        "cling_by_tags",
        "a policy: as cling, and on sources that share one of the listed tags with the one that the leg ends on",
    ),
    (
        "companion",
        "the small piece that goes with a leg (the metadata of a RAID image) or with a request (the log of a mirror, the metadata of a pool)",
    ),
    ("conflict", "why there is no plan"),
    (
        "copied",
        "a measure of `rearrange`, the first: extents that are copied, one that moves twice counts twice; what may not stay where it is has to be copied at least once",
    ),
    (
        "contiguous",
        "a policy: every leg is one area, and what it gets more goes on directly behind",
    ),
    (
        "cut",
        "a place where a leg goes on in another area; cut together means that all legs are cut at the same offsets, as those of a striped volume are",
    ),
    (
        "extent",
        "the unit that everything is counted in; LVM2: a physical or logical extent",
    ),
    (
        "found",
        "the answer is a plan, but it is not proven that none costs less; the bound says how far it may be off, and why the search ended",
    ),
    ("gap", "how far the cost of a plan is above its bound"),
    ("impossible", "there is no plan: the conflict says why"),
    (
        "leg",
        "one of the parallel columns of a request; LVM2: a stripe, a mirror leg, a RAID image",
    ),
    (
        "move",
        "one run of extents that is copied to extents that are free at that moment, and whose old extents are free afterwards; LVM2: pvmove. `moves`, how many there are, is the second measure of `rearrange`",
    ),
    (
        "normal",
        "a policy: the legs are kept apart, and otherwise may lie anywhere",
    ),
    (
        "anywhere",
        "a policy: even two legs of one request may lie on the same source",
    ),
    (
        "segment",
        "a stretch of a leg on one area; LVM2: a segment of a logical volume",
    ),
    (
        "separation",
        "what the legs of a request have to keep apart: `segment` means on different sources at every offset (striped), `leg` means no source has extents of two legs (RAID, mirrors), `none` means nothing",
    ),
    (
        "source",
        "something that has extents to give, with a name and tags; LVM2: a physical volume",
    ),
    (
        "tag partition",
        "no two legs lie on sources that share one of the listed tags, as LVM2's `cling_tag_list` has it",
    ),
    (
        "unknown",
        "neither a plan nor a proof that there is none: a limit ended the search before",
    ),
];

/// What a word means, if it is one of the program's.
fn meaning(word: &str) -> Option<String> {
    let measure = Measure::ALL
        .into_iter()
        .find(|measure| measure.name() == word);
    if let Some(measure) = measure {
        return Some(format!(
            "a measure, smaller is better: {}",
            measure.meaning()
        ));
    }
    let plain = word.replace(['-', '_'], " ");
    let singular = plain.strip_suffix('s').unwrap_or(&plain);
    let known = WORDS.iter().find(|(known, _)| {
        let known = known.replace('_', " ");
        known == plain || known == singular
    });
    known.map(|(_, meaning)| (*meaning).to_string())
}

/// All words with their meanings, the measures first.
fn all_words() -> String {
    let mut text = String::new();
    let entry = |word: &str, meaning: &str| {
        let head = format!("{word:<15} ");
        show::wrapped(&head, " ", meaning.split(' ').map(str::to_string))
    };
    text.push_str(
        "measures, smaller is better; --objective takes them, the most important first\n",
    );
    for measure in Measure::ALL {
        text.push_str(&entry(measure.name(), measure.meaning()));
    }
    text.push_str("\nwords\n");
    for (word, meaning) in WORDS {
        text.push_str(&entry(word, meaning));
    }
    text
}

/// The subcommand that words lead to, such as `fleet place`.
pub(crate) fn subcommand<'a>(
    program: &'a mut clap::Command,
    words: &[String],
) -> Option<&'a mut clap::Command> {
    match words.split_first() {
        None => Some(program),
        Some((first, rest)) => subcommand(program.find_subcommand_mut(first)?, rest),
    }
}

pub(crate) fn run(arguments: &Arguments, mut program: clap::Command) -> anyhow::Result<Outcome> {
    program.build();
    let topic = arguments.topic.join(" ");
    let page = match topic.as_str() {
        "" => Some(format!(
            "{}\n{}",
            program.render_long_help(),
            first_steps::tasks()
        )),
        "tasks" => Some(first_steps::tasks()),
        "words" => Some(all_words()),
        "options" => Some(options::page()),
        _ => Task::find(&topic).map(|task| task.page.to_string()),
    };
    if let Some(page) = page {
        output::print(&page)?;
        return Ok(Outcome::Yes);
    }
    let mut text = String::new();
    if let Some(meaning) = meaning(&topic) {
        let head = format!("{topic}: ");
        text.push_str(&show::wrapped(
            &head,
            " ",
            meaning.split(' ').map(str::to_string),
        ));
    }
    if let Some(subcommand) = subcommand(&mut program, &arguments.topic) {
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "{}", subcommand.render_long_help());
    }
    if text.is_empty() {
        let names = program.get_subcommands().map(clap::Command::get_name);
        let names: Vec<&str> = names.collect();
        let tasks: Vec<&str> = TASKS.iter().map(|task| task.name).collect();
        bail!(
            "no subcommand, no task and no word `{topic}`; the subcommands are {}; the tasks {}; and `extentplan \
             help words` lists the words",
            names.join(", "),
            tasks.join(", ")
        );
    }
    output::print(&text)?;
    Ok(Outcome::Yes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_and_word_has_a_meaning_and_plurals_do() {
        for measure in Measure::ALL {
            assert!(meaning(measure.name()).is_some(), "{measure}");
        }
        for (word, text) in WORDS {
            assert_eq!(meaning(word).as_deref(), Some(text));
        }
        assert!(meaning("legs").is_some() && meaning("at-most").is_some());
        assert_eq!(meaning("lengths"), None);
    }
}
