//! A placement by numbers: greedily, at first, then mended host by host.

use std::collections::BTreeMap;

use crate::core::Limits;
use crate::fleet::place::book::{Book, Question, Then};
use crate::fleet::place::knapsack::{Offer, best};
use crate::fleet::place::prices::SCALE;
use crate::search::random::Random;

/// Nodes of a search for the best that one host can have.
const NODES: u64 = 5_000;

/// Everything that fits, the requests in this order, each volume where `then` wants it.
pub(crate) fn filled(book: &mut Book<'_, '_>, order: &[usize], then: Then) {
    for &class in order {
        let hosts = 0..book.question.hosts.len();
        let mut open: Vec<usize> = hosts
            .filter(|&host| book.fitting(host, class) > 0)
            .collect();
        while book.left[class] > 0 {
            let wanted = open
                .iter()
                .copied()
                .min_by_key(|&host| rank(book, host, class, then));
            let Some(host) = wanted else { break };
            book.put(host, class, 1);
            // What is in a domain of it may be full with this one, too.
            open.retain(|&host| book.fitting(host, class) > 0);
        }
    }
}

/// Who gets the next volume: the least.
fn rank(book: &Book<'_, '_>, host: usize, class: usize, then: Then) -> (bool, u64, usize) {
    let tight = book.room[host][0];
    match then {
        Then::Hosts => (book.counts[host].is_empty(), tight, host),
        Then::Even => {
            let all = book.question.hosts[host].extents.max(1);
            let demand = book
                .question
                .demand(host, class)
                .map_or(0, |demand| demand.weights[0]);
            let after = u128::from(tight.saturating_sub(demand)) * 1_000_000 / u128::from(all);
            (
                false,
                1_000_000 - u64::try_from(after).unwrap_or(0).min(1_000_000),
                host,
            )
        }
    }
}

/// Orders of the requests that are worth a try: by value for extents, by value, by extents, the largest first.
pub(crate) fn orders(question: &Question<'_>) -> Vec<Vec<usize>> {
    // What a volume takes, as most hosts see it.
    let weight = |class: usize| {
        let hosts = 0..question.hosts.len();
        let known = hosts.filter_map(|host| question.demand(host, class));
        known
            .map(|demand| demand.weights[0])
            .next()
            .unwrap_or(1)
            .max(1)
    };
    let weights: Vec<u64> = (0..question.requests.len()).map(weight).collect();
    let sorted = |key: &dyn Fn(usize) -> u128| {
        let mut order: Vec<usize> = (0..question.requests.len()).collect();
        order.sort_by_key(|&class| (std::cmp::Reverse(key(class)), class));
        order
    };
    let value = |class: usize| u128::from(question.values[class]);
    vec![
        sorted(&|class| (value(class) << 64) / u128::from(weights[class])),
        sorted(&value),
        sorted(&|class| u128::from(weights[class])),
    ]
}

/// What the hosts choose at the best prices, as far as it can be had, and the rest as it fits.
pub(crate) fn rounded<'q, 'h>(
    question: &'q Question<'h>,
    choices: &[Vec<(usize, u64)>],
    then: Then,
) -> Book<'q, 'h> {
    let mut book = Book::new(question);
    // Those that choose most come first.
    let value = |host: usize| -> u128 {
        let held = choices[host].iter();
        held.map(|&(class, count)| u128::from(question.values[class]) * u128::from(count))
            .sum()
    };
    let mut hosts: Vec<usize> = (0..choices.len()).collect();
    hosts.sort_by_key(|&host| (std::cmp::Reverse(value(host)), host));
    for host in hosts {
        for &(class, count) in &choices[host] {
            let count = count.min(book.fitting(host, class));
            book.put(host, class, count);
        }
    }
    filled(&mut book, &orders(question)[0], then);
    book
}

/// Lets one host after another choose anew among what it has and what nobody has, until none gains; on small fleets also
/// behind a volume that goes elsewhere.
pub(crate) fn mended(book: &mut Book<'_, '_>, bound: u128, limits: &Limits<'_>) {
    /// Pairs of hosts and volumes up to which each move is tried.
    const FEW: usize = 20_000;
    let question = book.question;
    let hosts = question.hosts.len();
    loop {
        let before = book.value;
        for host in 0..hosts {
            if book.value >= bound || limits.is_over() {
                return;
            }
            anew(book, host);
        }
        if book.value > before {
            continue;
        }
        let held: usize = book.counts.iter().map(BTreeMap::len).sum();
        if held * hosts > FEW || !moved(book, bound, limits) {
            return;
        }
    }
}

/// The best for a host of what it has and what is left.
fn anew(book: &mut Book<'_, '_>, host: usize) {
    let question = book.question;
    let mut classes = 0..question.requests.len();
    let has_more =
        classes.any(|class| book.left[class] > 0 && question.demand(host, class).is_some());
    if !has_more {
        return;
    }
    let before = book.value;
    let held = book.clear(host);
    fill(book, host, |_| 0);
    if book.value <= before {
        book.clear(host);
        for (class, count) in held {
            book.put(host, class, count);
        }
    }
}

/// Moves one volume to another host, or exchanges two, so that either host gains by choosing anew; whether one did.
fn moved(book: &mut Book<'_, '_>, bound: u128, limits: &Limits<'_>) -> bool {
    let hosts = book.question.hosts.len();
    let mut has_gained = false;
    for from in 0..hosts {
        let classes: Vec<usize> = book.counts[from].keys().copied().collect();
        for class in classes {
            for to in 0..hosts {
                if book.value >= bound || limits.is_over() {
                    return has_gained;
                }
                if to == from || !book.counts[from].contains_key(&class) {
                    continue;
                }
                has_gained |=
                    try_move(book, from, to, class) || try_exchange(book, from, to, class);
            }
        }
    }
    has_gained
}

fn try_move(book: &mut Book<'_, '_>, from: usize, to: usize, class: usize) -> bool {
    let kept = Kept::of(book, &[from, to]);
    book.take(from, class, 1);
    if book.fitting(to, class) == 0 {
        book.put(from, class, 1);
        return false;
    }
    book.put(to, class, 1);
    anew(book, from);
    kept.gained(book)
}

fn try_exchange(book: &mut Book<'_, '_>, from: usize, to: usize, class: usize) -> bool {
    let others: Vec<usize> = book.counts[to].keys().copied().collect();
    for other in others {
        if other == class || !book.counts[from].contains_key(&class) {
            continue;
        }
        let kept = Kept::of(book, &[from, to]);
        book.take(from, class, 1);
        book.take(to, other, 1);
        let fits = book.fitting(to, class) > 0 && book.fitting(from, other) > 0;
        if fits {
            book.put(to, class, 1);
            if book.fitting(from, other) > 0 {
                book.put(from, other, 1);
            }
            anew(book, from);
            anew(book, to);
        }
        if kept.gained(book) {
            return true;
        }
    }
    false
}

/// What some hosts had.
struct Kept {
    hosts: Vec<(usize, BTreeMap<usize, u64>)>,
    value: u128,
}

impl Kept {
    fn of(book: &Book<'_, '_>, hosts: &[usize]) -> Kept {
        let held = hosts.iter().map(|&host| (host, book.counts[host].clone()));
        Kept {
            hosts: held.collect(),
            value: book.value,
        }
    }

    /// Whether it is worth more by now; else it is as it was.
    fn gained(self, book: &mut Book<'_, '_>) -> bool {
        let has_gained = book.value > self.value;
        if !has_gained {
            self.restore(book);
        }
        has_gained
    }

    fn restore(self, book: &mut Book<'_, '_>) {
        for (host, _) in &self.hosts {
            book.clear(*host);
        }
        for (host, held) in self.hosts {
            for (class, count) in held {
                book.put(host, class, count);
            }
        }
    }
}

/// Empties a few hosts and fills them anew, again and again, and keeps what is worth no less. All but the last of them
/// choose at a part of the prices, and so leave to others what these are short of.
///
/// # Source
/// Shaw: Using constraint programming and local search methods to solve vehicle routing problems, CP 1998.
pub(crate) fn renewed(book: &mut Book<'_, '_>, prices: &[i128], bound: u128, limits: &Limits<'_>) {
    /// Some thousand find the best of fleets of 20 hosts, in a second or two.
    const ROUNDS: u64 = 6_000;
    let count = book.question.hosts.len();
    let mut random = Random::of(limits, 0);
    for _ in 0..ROUNDS {
        if book.value >= bound || limits.is_over() {
            return;
        }
        let mut hosts: Vec<usize> = (0..2 + random.position(3))
            .map(|_| random.position(count))
            .collect();
        hosts.dedup();
        hosts.sort_unstable();
        hosts.dedup();
        let first = random.position(hosts.len());
        hosts.rotate_left(first);
        let kept = Kept::of(book, &hosts);
        for &host in &hosts {
            book.clear(host);
        }
        for (index, &host) in hosts.iter().enumerate() {
            let quarters = if index + 1 < hosts.len() {
                i128::from(random.below(5))
            } else {
                0
            };
            fill(book, host, |class| prices[class] * quarters / 4);
        }
        for &host in &hosts {
            anew(book, host);
        }
        if book.value < kept.value {
            kept.restore(book);
        }
    }
}

/// Fills an empty host with what is worth most there beyond what it costs.
fn fill(book: &mut Book<'_, '_>, host: usize, cost: impl Fn(usize) -> i128) {
    let question = book.question;
    let offers = (0..question.requests.len()).filter_map(|class| {
        let demand = question.demand(host, class)?;
        Some(Offer {
            class,
            price: i128::from(question.values[class]) * SCALE - cost(class),
            weights: &demand.weights,
            most: book.fitting(host, class),
        })
    });
    let conflicts = &book.conflicts[host];
    let choice = best(
        &question.hosts[host].rows,
        offers.collect(),
        conflicts,
        NODES,
    );
    for (class, count) in choice.counts {
        book.put(host, class, count);
    }
}

/// Empties hosts into others that have something already, those with least first, until none can be.
pub(crate) fn gathered(book: &mut Book<'_, '_>, limits: &Limits<'_>) {
    loop {
        let before = book.hosts_used();
        gather(book, limits);
        if book.hosts_used() == before || limits.is_over() {
            return;
        }
    }
}

/// Tries each host once.
fn gather(book: &mut Book<'_, '_>, limits: &Limits<'_>) {
    let mut hosts: Vec<usize> = (0..book.counts.len())
        .filter(|&host| !book.counts[host].is_empty())
        .collect();
    let taken =
        |book: &Book<'_, '_>, host: usize| book.question.hosts[host].rows[0] - book.room[host][0];
    hosts.sort_by_key(|&host| (taken(book, host), host));
    for host in hosts.clone() {
        if limits.is_over() {
            return;
        }
        let held = book.clear(host);
        let mut placed: Vec<(usize, usize)> = Vec::new();
        let fits_elsewhere = held.iter().all(|(&class, &count)| {
            (0..count).all(|_| {
                let others = hosts.iter().copied();
                let others =
                    others.filter(|&other| other != host && !book.counts[other].is_empty());
                let tightest = others
                    .filter(|&other| book.fitting(other, class) > 0)
                    .min_by_key(|&other| (book.room[other][0], other));
                tightest.is_some_and(|other| {
                    book.put(other, class, 1);
                    placed.push((other, class));
                    true
                })
            })
        });
        if !fits_elsewhere {
            for (other, class) in placed {
                book.take(other, class, 1);
            }
            for (class, count) in held {
                book.put(host, class, count);
            }
        }
    }
}
