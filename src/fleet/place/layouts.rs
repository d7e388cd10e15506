//! The layouts of all hosts: what a host turns out not to hold is chosen anew around.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::ask::{AllPlanned, Fault};
use crate::core::Limits;
use crate::fleet::Manner;
use crate::fleet::place::answer::HostPlaced;
use crate::fleet::place::book::Book;
use crate::fleet::place::build::built;
use crate::fleet::place::conflict::{Counts, Split, split};
use crate::fleet::place::names::{Held, commands, named, volume};
use crate::search::map;

/// Layouts asked for to learn what of a host's volumes is too much.
const QUESTIONS: usize = 40;
/// Times that what was chosen anew is laid out.
const ROUNDS: usize = 40;

/// How a placement is chosen, and which of two is better.
pub(crate) struct Chooser<'c, 'q, 'h> {
    /// Chooses anew, worth no less.
    pub(crate) anew: &'c mut dyn FnMut(&mut Book<'q, 'h>),
    /// Whether the first is better.
    pub(crate) is_better: &'c dyn Fn(&Book<'q, 'h>, &Book<'q, 'h>) -> bool,
}

/// A placement of which every host has its layout, from one that goes by sums; and these layouts.
///
/// Sums do not tell where extents lie. What a host does not hold is a conflict that no choice may contain any more, and all
/// is chosen anew, until every host holds what it has.
///
/// # Source
/// Codato and Fischetti: Combinatorial Benders' cuts for mixed-integer linear programming, Operations Research 54 (2006).
///
/// # Errors
/// Of a contradiction inside the program.
pub(crate) fn laid_out<'q, 'h>(
    mut book: Book<'q, 'h>,
    chooser: &mut Chooser<'_, 'q, 'h>,
    manner: &Manner<'_>,
    limits: &Limits<'_>,
) -> Result<(Book<'q, 'h>, Vec<HostPlaced>), Fault> {
    let mut layouts = Layouts {
        manner,
        limits,
        of_host: BTreeMap::new(),
    };
    let mut best: Option<Book<'q, 'h>> = None;
    for _ in 0..ROUNDS {
        let failed = layouts.extend(&book)?;
        let is_over = limits.is_over();
        let splits = map(&failed, |&host| match is_over {
            true => Ok(None),
            false => layouts.split(&book, host).map(Some),
        });
        for (&host, split) in failed.iter().zip(splits) {
            book.clear(host);
            if let Some(Split { held, conflict }) = split? {
                book.conflicts[host].push(conflict);
                for (class, count) in held {
                    book.put(host, class, count);
                }
            }
        }
        let conflicts = book.conflicts.clone();
        if best
            .as_ref()
            .is_none_or(|best| (chooser.is_better)(&book, best))
        {
            best = Some(book.clone());
        }
        if failed.is_empty() || is_over {
            break;
        }
        if let Some(best) = &best {
            book = best.clone();
            book.conflicts = conflicts;
            (chooser.anew)(&mut book);
            if !(chooser.is_better)(&book, best) {
                break;
            }
        }
    }
    let mut best = best.unwrap_or(book);
    // What was chosen anew may have given volumes other numbers.
    for host in layouts.extend(&best)? {
        best.clear(host);
    }
    let placed = layouts.placed(&best)?;
    Ok((best, placed))
}

/// The layouts of hosts, by what they hold.
struct Layouts<'l> {
    manner: &'l Manner<'l>,
    limits: &'l Limits<'l>,
    of_host: BTreeMap<usize, (Held, AllPlanned)>,
}

impl Layouts<'_> {
    /// Lays out every host that has something else than before; returns those that have no layout.
    fn extend(&mut self, book: &Book<'_, '_>) -> Result<Vec<usize>, Fault> {
        let mut open = named(book);
        open.retain(|host, held| {
            self.of_host
                .get(host)
                .is_none_or(|(known, _)| known != held)
        });
        let open: Vec<(usize, Held)> = open.into_iter().collect();
        let planned = map(&open, |(host, held)| self.built(book, *host, held, true));
        let mut failed = Vec::new();
        for ((host, held), planned) in open.into_iter().zip(planned) {
            match planned? {
                Some(planned) => {
                    self.of_host.insert(host, (held, planned));
                }
                None => failed.push(host),
            }
        }
        Ok(failed)
    }

    fn built(
        &self,
        book: &Book<'_, '_>,
        host: usize,
        held: &Held,
        matters: bool,
    ) -> Result<Option<AllPlanned>, Fault> {
        if self.limits.is_over() {
            return Ok(None);
        }
        let commands = commands(book.question, held);
        built(
            &book.question.hosts[host],
            &commands,
            matters,
            self.manner,
            self.limits,
        )
    }

    /// What of a host's volumes it holds, what is worth most for its extents first, and what is too much.
    fn split(&self, book: &Book<'_, '_>, host: usize) -> Result<Split, Fault> {
        let density = |class: &usize| {
            let demand = book.question.demand(host, *class);
            let weight = demand.map_or(1, |demand| demand.weights[0].max(1));
            (u128::from(book.question.values[*class]) << 64) / u128::from(weight)
        };
        let held = book.counts[host].iter();
        let mut volumes: Vec<usize> = held
            .flat_map(|(class, count)| (0..*count).map(|_| *class))
            .collect();
        volumes.sort_by_key(|class| (std::cmp::Reverse(density(class)), *class));
        split(&volumes, QUESTIONS, &mut |counts: &Counts| {
            let numbered = counts.iter();
            let numbered = numbered.flat_map(|(class, count)| (0..*count).map(|one| (*class, one)));
            let built = self.built(book, host, &numbered.collect(), false)?;
            Ok(built.is_some())
        })
    }

    /// The hosts that have something, as they are told of.
    fn placed(mut self, book: &Book<'_, '_>) -> Result<Vec<HostPlaced>, Fault> {
        let question = book.question;
        let hosts = (0..book.counts.len()).filter(|&host| !book.counts[host].is_empty());
        let placed = hosts.filter_map(|host| Some((host, self.of_host.remove(&host)?)));
        let placed = placed.map(|(host, (held, planned))| {
            let own = &question.hosts[host];
            let volumes = held.iter();
            let volumes = volumes.map(|&(class, number)| volume(question, class, number));
            Ok(HostPlaced {
                host: own.name.clone(),
                vg: own.group.clone(),
                volumes: volumes.collect(),
                commands: planned.short().commands,
                plan: RawValue::from_string(planned.json())?,
            })
        });
        placed.collect()
    }
}
