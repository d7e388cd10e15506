//! Places requests: bound, placement, layouts.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

use crate::ask::{AllPlanned, Fault};
use crate::core::Limits;
use crate::fleet::place::answer::{HostPlaced, Placement, RequestPlaced, VolumePlaced};
use crate::fleet::place::book::{Book, Question, Then, domain, groups};
use crate::fleet::place::build::built;
use crate::fleet::place::choose::{filled, gathered, mended, orders, rounded};
use crate::fleet::place::hosts::{PlaceHost, command};
use crate::fleet::place::prices::priced;
use crate::fleet::{Asked, PlaceLine};
use crate::search::map;

/// What is asked of a fleet.
#[derive(Clone, Copy)]
pub struct PlaceQuestion<'a> {
    /// The hosts.
    pub hosts: &'a [PlaceHost],
    /// What they are to hold.
    pub requests: &'a [PlaceLine],
    /// What is good where the value is the same.
    pub then: Then,
}

/// Places what it can, the most value first.
///
/// # Errors
/// If a command is none, or of a contradiction inside the program.
pub fn place(
    asked_for: &PlaceQuestion<'_>,
    asked: &Asked<'_>,
    limits: &Limits<'_>,
) -> Result<Placement, Fault> {
    let PlaceQuestion {
        hosts,
        requests,
        then,
    } = *asked_for;
    for request in requests {
        command(request, "volume")?;
    }
    let question = Question::new(hosts, requests);
    let wanted = question.wanted();
    let mut best = Book::new(&question);
    for order in orders(&question) {
        let mut book = Book::new(&question);
        filled(&mut book, &order, then);
        if book.value > best.value {
            best = book;
        }
        if best.value == wanted {
            break;
        }
    }
    let mut bound = wanted;
    if best.value < wanted {
        let priced = priced(&question, best.value, limits);
        bound = priced.bound.min(wanted);
        let mut other = rounded(&question, &priced.choices, then);
        mended(&mut best, bound, limits);
        mended(&mut other, bound, limits);
        if other.value > best.value {
            best = other;
        }
    }
    if then == Then::Hosts {
        gathered(&mut best, limits);
    }
    let layouts = laid_out(&mut best, asked, limits)?;
    let small = |number: u128| u64::try_from(number).unwrap_or(u64::MAX);
    let counts = |class: usize| best.counts.iter().filter_map(move |held| held.get(&class));
    let told = requests
        .iter()
        .enumerate()
        .map(|(class, request)| RequestPlaced {
            name: request.name.clone(),
            count: request.count,
            placed: counts(class).sum(),
            value: request.value,
        });
    let stopped = limits.is_over().then(|| limits.ran_out());
    let numbers = (
        small(best.value),
        small(bound.max(best.value)),
        small(wanted),
    );
    Ok(Placement::new(numbers, told.collect(), layouts, stopped))
}

/// The volumes of a host: by request which of it.
type Held = Vec<(usize, u64)>;

/// A layout for each host that has something; what has none goes elsewhere, or nowhere.
fn laid_out(
    book: &mut Book<'_, '_>,
    asked: &Asked<'_>,
    limits: &Limits<'_>,
) -> Result<Vec<HostPlaced>, Fault> {
    let question = book.question;
    let mut done: BTreeMap<usize, (Held, AllPlanned)> = BTreeMap::new();
    // A host that a volume did not fit on is not asked for that again.
    let mut refused: BTreeSet<(usize, usize)> = BTreeSet::new();
    loop {
        let held = numbered(book);
        let is_done =
            |host: &usize, held: &Held| done.get(host).is_some_and(|(own, _)| own == held);
        let open = held.iter().filter(|(host, held)| !is_done(host, held));
        let open: Vec<(usize, Held)> = open.map(|(host, held)| (*host, held.clone())).collect();
        done.retain(|host, _| held.contains_key(host));
        if limits.is_over() {
            // What has no layout by then is not placed.
            for (host, _) in &open {
                book.clear(*host);
                done.remove(host);
            }
            break;
        }
        if open.is_empty() {
            break;
        }
        let planned = map(&open, |(host, held)| {
            built(
                &question.hosts[*host],
                &commands(question, held),
                asked,
                limits,
            )
        });
        let mut homeless = Vec::new();
        for ((host, held), planned) in open.into_iter().zip(planned) {
            if let Some(planned) = planned? {
                done.insert(host, (held, planned));
                continue;
            }
            done.remove(&host);
            // What is worth least for its extents makes way.
            let density = |class: &usize| {
                let demand = question
                    .demand(host, *class)
                    .map_or(1, |demand| demand.weights[0]);
                (u128::from(question.values[*class]) << 64) / u128::from(demand.max(1))
            };
            let classes = book.counts[host].keys().copied();
            if let Some(least) = classes.min_by_key(density) {
                book.take(host, least, 1);
                refused.insert((host, least));
                homeless.push(least);
            }
        }
        for class in homeless {
            let hosts = 0..book.counts.len();
            let others = hosts
                .filter(|&host| !refused.contains(&(host, class)) && book.fitting(host, class) > 0);
            if let Some(host) = others.max_by_key(|&host| (book.room[host][0], Reverse(host))) {
                book.put(host, class, 1);
            }
        }
    }
    let told = done.into_iter().map(|(host, (held, planned))| {
        let own = &question.hosts[host];
        let volumes = held
            .iter()
            .map(|&(class, number)| volume(question, class, number));
        Ok(HostPlaced {
            host: own.name.clone(),
            vg: own.group.clone(),
            volumes: volumes.collect(),
            commands: planned.short().commands,
            plan: RawValue::from_string(planned.json())?,
        })
    });
    told.collect()
}

/// The volumes of the hosts that have some, by number. They are counted domain by domain: then no more of them than there
/// are groups follow one another in each, and those of one number modulo the groups lie apart.
fn numbered(book: &Book<'_, '_>) -> BTreeMap<usize, Held> {
    let question = book.question;
    let mut numbered: BTreeMap<usize, Held> = BTreeMap::new();
    for (class, request) in question.requests.iter().enumerate() {
        let having = book.counts.iter().enumerate();
        let having = having.filter_map(|(host, held)| Some((host, *held.get(&class)?)));
        let mut hosts: Vec<(usize, u64)> = having.collect();
        hosts.sort_by_key(|(host, _)| (domain(&question.hosts[*host], request), *host));
        let mut next = 0;
        for (host, count) in hosts {
            let own = (next..next + count).map(|number| (class, number));
            numbered.entry(host).or_default().extend(own);
            next += count;
        }
    }
    numbered
}

fn name(request: &PlaceLine, number: u64) -> String {
    format!("{}-{}", request.name, number + 1)
}

fn volume(question: &Question<'_>, class: usize, number: u64) -> VolumePlaced {
    let request = &question.requests[class];
    VolumePlaced {
        name: name(request, number),
        request: request.name.clone(),
        group: request.apart.as_ref().map(|_| number % groups(request) + 1),
    }
}

fn commands(question: &Question<'_>, held: &Held) -> Vec<Vec<String>> {
    let one = |&(class, number): &(usize, u64)| {
        let request = &question.requests[class];
        let mut words = request.command.clone();
        words.extend(["-n".to_string(), name(request, number)]);
        words
    };
    held.iter().map(one).collect()
}
