//! What the rows of a fleet come to, for people.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt::Write;

use crate::ask::Outcome;
use crate::core::{Limits, counted, printable};
use crate::fleet::Row;
use crate::fleet::mirror::Candidates;
use crate::show;
use crate::solve::Strategy;

/// Pools that are listed as the worst.
const WORST: usize = 20;

/// Counts over rows; takes the same room however many there are.
#[derive(Debug, Default)]
pub struct Summary {
    rows: u64,
    errors: u64,
    /// How many pools had each answer.
    answers: BTreeMap<&'static str, u64>,
    /// How many pools are full to each tenth.
    fill: [u64; 10],
    /// By how bad they are, the first ones of the input where several are alike.
    worst: BinaryHeap<Reverse<Bad>>,
    /// The largest size, in bytes.
    largest: Option<(u64, String)>,
    /// The largest mirror that could be created, in bytes.
    mirror: Option<(u64, String)>,
    /// Those that may have it.
    candidates: Candidates,
    outcomes: [u64; 3],
}

/// How bad a pool is, when it came, and which it is.
type Bad = (u64, Reverse<u64>, String);

impl Summary {
    /// Counts a row.
    pub fn add(&mut self, row: &mut Row) {
        self.rows += 1;
        let Some(answer) = row.answer else {
            self.errors += 1;
            return;
        };
        *self.answers.entry(answer).or_default() += 1;
        self.outcomes[match row.outcome {
            Outcome::Yes => 0,
            Outcome::No => 1,
            Outcome::LimitRanOut => 2,
        }] += 1;
        if let Some(tenth) = row.tenth() {
            self.fill[tenth] += 1;
        }
        let is_least = |least: u64| match self.worst.peek() {
            Some(Reverse((last, _, _))) if self.worst.len() == WORST => *last < least,
            Some(_) | None => true,
        };
        if let Some(badness) = badness(row).filter(|badness| is_least(*badness)) {
            self.worst
                .push(Reverse((badness, Reverse(self.rows), name(row))));
            if self.worst.len() > WORST {
                self.worst.pop();
            }
        }
        if let Some(&bytes) = row.value.get("bytes")
            && self.largest.as_ref().is_none_or(|(most, _)| bytes > *most)
        {
            self.largest = Some((bytes, name(row)));
        }
        if let Some(candidate) = row.mirror.take() {
            self.candidates.add(*candidate, name(row));
        }
    }

    /// Finds the largest mirror among the pools that may have it.
    pub fn settle(&mut self, strategy: &Strategy, limits: &Limits<'_>) {
        let candidates = std::mem::take(&mut self.candidates);
        self.mirror = candidates.largest(strategy, limits);
    }

    /// How many rows there were.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// What all rows mean to the exit code: a no of one pool is one of the fleet.
    ///
    /// `None` where a pool could not be asked at all: of a fleet of which a part is not known, nothing is said.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        let [_, noes, open] = self.outcomes;
        match (self.errors, noes, open) {
            (1.., _, _) => None,
            (0, 1.., _) => Some(Outcome::No),
            (0, 0, 1..) => Some(Outcome::LimitRanOut),
            (0, 0, 0) => Some(Outcome::Yes),
        }
    }

    /// How many rows were errors.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.errors
    }

    /// The counts in a line.
    #[must_use]
    pub fn counts(&self) -> String {
        let mut text = counted(self.rows - self.errors, "volume group");
        for (answer, count) in &self.answers {
            let _ = write!(text, ", {count} {answer}");
        }
        if self.errors > 0 {
            let _ = write!(text, "; {} could not be asked", self.errors);
        }
        text
    }

    /// All counts for people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.counts();
        text.push('\n');
        let sizes = [
            ("the largest", &self.largest),
            ("the largest raid1 that fits", &self.mirror),
        ];
        for (what, largest) in sizes {
            if let Some((bytes, name)) = largest.as_ref().filter(|(bytes, _)| *bytes > 0) {
                let size = show::bytes(*bytes, 1);
                let _ = writeln!(text, "{what}: {size} on {name}");
            }
        }
        if self.rows > self.errors {
            text.push_str("how full they are\n");
            let most = self.fill.iter().copied().max().unwrap_or(0).max(1);
            for (tenth, count) in self.fill.iter().enumerate() {
                const WIDTH: u64 = 50;
                let bar = usize::try_from(count * WIDTH / most).unwrap_or(0);
                let head = format!("{:>3}-{:<3}% {count:>9}", tenth * 10, tenth * 10 + 10);
                let line = format!("  {head} {}", "#".repeat(bar));
                let _ = writeln!(text, "{}", line.trim_end());
            }
        }
        let mut worst: Vec<&Bad> = self.worst.iter().map(|Reverse(bad)| bad).collect();
        worst.sort_by(|left, right| right.cmp(left));
        if !worst.is_empty() {
            text.push_str("the worst\n");
        }
        for (badness, _, name) in worst {
            let _ = writeln!(text, "  {badness:>6}  {name}");
        }
        text
    }
}

/// What a pool is called.
fn name(row: &Row) -> String {
    let group = row.group.as_deref().unwrap_or("-");
    printable(&format!("{} {group}", row.host)).into_owned()
}

/// How bad an answer is, if it is: things that are unsafe, failures that break something.
fn badness(row: &Row) -> Option<u64> {
    let count = |name| row.value.get(name).copied().unwrap_or(0);
    let bad = count("unsafe") + count("lost") + count("no_room");
    (bad > 0).then_some(bad)
}
