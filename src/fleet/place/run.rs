//! Places requests: bound, placement, layouts.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

use crate::ask::{AllPlanned, Fault};
use crate::core::Limits;
use crate::fleet::place::answer::{HostPlaced, Placement, RequestPlaced, VolumePlaced};
use crate::fleet::place::book::{Book, Question, Then, domain, groups};
use crate::fleet::place::build::built;
use crate::fleet::place::choose::{filled, gathered, mended, orders, renewed, rounded};
use crate::fleet::place::hosts::{PlaceHost, command};
use crate::fleet::place::prices::priced;
use crate::fleet::place::told::{fills, unplaced};
use crate::fleet::{Manner, PlaceLine};
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
    manner: &Manner<'_>,
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
    // Where few hosts are wanted, spreading first and emptying then may end with fewer than filling one after another.
    let ways: &[Then] = match then {
        Then::Hosts => &[Then::Hosts, Then::Even],
        Then::Even => &[Then::Even],
    };
    for order in orders(&question) {
        for &way in ways {
            let mut book = Book::new(&question);
            filled(&mut book, &order, way);
            if then == Then::Hosts {
                gathered(&mut book, limits);
            }
            let has_fewer = then == Then::Hosts && book.hosts_used() < best.hosts_used();
            if book.value > best.value || book.value == best.value && has_fewer {
                best = book;
            }
        }
        if best.value == question.alone() {
            break;
        }
    }
    let mut bound = question.alone();
    if best.value < bound {
        let priced = priced(&question, best.value, limits);
        bound = priced.bound.min(bound);
        let mut other = rounded(&question, &priced.choices, then);
        mended(&mut best, bound, limits);
        mended(&mut other, bound, limits);
        if other.value > best.value {
            best = other;
        }
        renewed(&mut best, &priced.prices, bound, limits);
    }
    if then == Then::Hosts {
        gathered(&mut best, limits);
    }
    let layouts = laid_out(&mut best, manner, limits)?;
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
            unplaced: unplaced(&best, class),
        });
    let stopped = limits.is_over().then(|| limits.ran_out());
    let numbers = (
        small(best.value),
        small(bound.max(best.value)),
        small(wanted),
    );
    let mut placement = Placement::new(numbers, told.collect(), layouts, stopped);
    placement.fills = fills(&best);
    Ok(placement)
}

/// Names the volumes, lays out each host that has some, and lets what has no layout go elsewhere, or nowhere.
fn laid_out(
    book: &mut Book<'_, '_>,
    manner: &Manner<'_>,
    limits: &Limits<'_>,
) -> Result<Vec<HostPlaced>, Fault> {
    let question = book.question;
    let mut names = Names::of(book);
    let mut done: BTreeMap<usize, AllPlanned> = BTreeMap::new();
    let mut open: BTreeSet<usize> = names.held.keys().copied().collect();
    // A host that a volume did not fit on is not asked for that again.
    let mut refused: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut failures: BTreeMap<usize, u32> = BTreeMap::new();
    while !open.is_empty() && !limits.is_over() {
        let hosts: Vec<usize> = std::mem::take(&mut open).into_iter().collect();
        let planned = map(&hosts, |host| {
            let commands = commands(question, &names.held[host]);
            built(&question.hosts[*host], &commands, manner, limits)
        });
        let mut homeless = Vec::new();
        for (host, planned) in hosts.into_iter().zip(planned) {
            if let Some(planned) = planned? {
                done.insert(host, planned);
                continue;
            }
            // One makes way, then two, then four: what is worth least for its extents.
            let failed = failures.entry(host).or_default();
            for _ in 0..1_u64 << (*failed).min(16) {
                let density = |class: &usize| {
                    let demand = question.demand(host, *class);
                    let weight = demand.map_or(1, |demand| demand.weights[0].max(1));
                    (u128::from(question.values[*class]) << 64) / u128::from(weight)
                };
                let classes = book.counts[host].keys().copied();
                let Some(least) = classes.min_by_key(density) else {
                    break;
                };
                book.take(host, least, 1);
                names.take(host, least);
                refused.insert((host, least));
                homeless.push(least);
            }
            *failed += 1;
            if !book.counts[host].is_empty() {
                open.insert(host);
            }
        }
        for class in homeless {
            let hosts = 0..book.counts.len();
            let mut others: Vec<usize> = hosts
                .filter(|&host| !refused.contains(&(host, class)) && book.fitting(host, class) > 0)
                .collect();
            others.sort_by_key(|&host| (Reverse(book.room[host][0]), host));
            if let Some(host) = others
                .into_iter()
                .find(|&host| names.put(question, host, class))
            {
                book.put(host, class, 1);
                done.remove(&host);
                open.insert(host);
            }
        }
    }
    // What has no layout by then is not placed.
    for host in open {
        book.clear(host);
        done.remove(&host);
    }
    let told = done.into_iter().map(|(host, planned)| {
        let own = &question.hosts[host];
        let held = names.held[&host].iter();
        let volumes = held.map(|&(class, number)| volume(question, class, number));
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

/// By request which of it.
type Held = BTreeSet<(usize, u64)>;

/// Which volumes the hosts have, by number. Those of one number modulo the groups of a request belong together and lie
/// apart.
struct Names {
    held: BTreeMap<usize, Held>,
    /// By request the numbers that nobody has.
    unused: Vec<BTreeSet<u64>>,
}

impl Names {
    /// Numbers for what each host has. They are counted domain by domain: then no more of them than there are groups follow
    /// one another in each.
    fn of(book: &Book<'_, '_>) -> Names {
        let question = book.question;
        let mut held: BTreeMap<usize, Held> = BTreeMap::new();
        let mut unused = Vec::new();
        for (class, request) in question.requests.iter().enumerate() {
            let having = book.counts.iter().enumerate();
            let having = having.filter_map(|(host, held)| Some((host, *held.get(&class)?)));
            let mut hosts: Vec<(usize, u64)> = having.collect();
            hosts.sort_by_key(|(host, _)| (domain(&question.hosts[*host], request), *host));
            let mut next = 0;
            for (host, count) in hosts {
                let own = (next..next + count).map(|number| (class, number));
                held.entry(host).or_default().extend(own);
                next += count;
            }
            unused.push((next..request.count).collect());
        }
        Names { held, unused }
    }

    /// Takes one volume of a request from a host.
    fn take(&mut self, host: usize, class: usize) {
        let held = self.held.get_mut(&host).expect("it has some");
        let of_class = held.range((class, 0)..=(class, u64::MAX));
        let last = *of_class.last().expect("one of the request");
        held.remove(&last);
        self.unused[class].insert(last.1);
    }

    /// Gives a host one volume of a request, if there is one that belongs to none in its domain.
    fn put(&mut self, question: &Question<'_>, host: usize, class: usize) -> bool {
        let request = &question.requests[class];
        let mut taken: BTreeSet<u64> = BTreeSet::new();
        if request.apart.is_some() {
            let own = domain(&question.hosts[host], request);
            let near = self.held.iter();
            let near = near.filter(|(other, _)| domain(&question.hosts[**other], request) == own);
            let numbers = near.flat_map(|(_, held)| held.range((class, 0)..=(class, u64::MAX)));
            taken.extend(numbers.map(|(_, number)| number % groups(request)));
        }
        let mut unused = self.unused[class].iter();
        let number = unused.find(|number| !taken.contains(&(**number % groups(request))));
        let Some(&number) = number else {
            return false;
        };
        self.unused[class].remove(&number);
        self.held.entry(host).or_default().insert((class, number));
        true
    }
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
