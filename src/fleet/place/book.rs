//! Who holds what while a placement is made, and what is left.

use std::collections::BTreeMap;

use crate::fleet::PlaceLine;
use crate::fleet::place::conflict::Counts;
use crate::fleet::place::hosts::{Demand, PlaceHost};

/// What is good where the value is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Few hosts.
    Hosts,
    /// Hosts that are as full as others.
    Even,
}

/// What is asked, in numbers.
pub(crate) struct Question<'h> {
    pub(crate) hosts: &'h [PlaceHost],
    pub(crate) requests: &'h [PlaceLine],
    /// What each volume of a request is worth.
    pub(crate) values: Vec<u64>,
    /// By request the largest number that a volume with its name has already, on any host.
    pub(crate) last: Vec<u64>,
    /// How many of each request are wanted, then how many may lie in each domain.
    pub(crate) capacity: Vec<u64>,
    /// By host and request the domain that it counts in, by its place in `capacity`.
    domains: Vec<Vec<Option<usize>>>,
}

impl<'h> Question<'h> {
    /// Gathers the domains: the hosts that share a tag, or are pools of one host.
    pub(crate) fn new(hosts: &'h [PlaceHost], requests: &'h [PlaceLine]) -> Question<'h> {
        let mut capacity: Vec<u64> = requests.iter().map(|request| request.count).collect();
        let most =
            |host: &PlaceHost, class: usize| host.demands[class].as_ref().map_or(0, |one| one.most);
        let mut domains = vec![vec![None; requests.len()]; hosts.len()];
        for (class, request) in requests.iter().enumerate() {
            if request.apart.is_none() {
                let all = hosts.iter().map(|host| most(host, class));
                capacity[class] = all.fold(0, u64::saturating_add).min(request.count);
                continue;
            }
            let mut known: BTreeMap<&str, usize> = BTreeMap::new();
            let mut held: BTreeMap<usize, u64> = BTreeMap::new();
            for (host, own) in hosts.iter().zip(&mut domains) {
                let row = *known.entry(domain(host, request)).or_insert_with(|| {
                    capacity.push(groups(request));
                    capacity.len() - 1
                });
                own[class] = Some(row);
                let held = held.entry(row).or_default();
                *held = held.saturating_add(most(host, class)).min(groups(request));
            }
            // No more than all domains together can have.
            capacity[class] = held.values().sum::<u64>().min(request.count);
        }
        let last = |class: usize| hosts.iter().map(|host| host.last[class]).max();
        Question {
            hosts,
            requests,
            last: (0..requests.len())
                .map(|class| last(class).unwrap_or(0))
                .collect(),
            values: requests.iter().map(|request| request.value).collect(),
            capacity,
            domains,
        }
    }

    /// What one volume takes of a host, if it can have one.
    pub(crate) fn demand(&self, host: usize, class: usize) -> Option<&'h Demand> {
        self.hosts[host].demands[class].as_ref()
    }

    /// The places in `capacity` that a volume counts in.
    pub(crate) fn counts_in(&self, host: usize, class: usize) -> impl Iterator<Item = usize> {
        std::iter::once(class).chain(self.domains[host][class])
    }

    /// The value of everything.
    pub(crate) fn wanted(&self) -> u128 {
        let all = self.requests.iter();
        all.map(|request| u128::from(request.value) * u128::from(request.count))
            .sum()
    }

    /// The value of everything that each request could have if it were alone.
    pub(crate) fn alone(&self) -> u128 {
        let all = self.values.iter().zip(&self.capacity);
        all.map(|(value, count)| u128::from(*value) * u128::from(*count))
            .sum()
    }
}

/// Where no two that belong together lie: what a tag of the host says, else the host.
pub(crate) fn domain<'h>(host: &'h PlaceHost, request: &PlaceLine) -> &'h str {
    let prefix = request
        .apart
        .as_ref()
        .and_then(|apart| apart.tag.as_deref());
    let tag = prefix.and_then(|prefix| host.tags.iter().find(|tag| tag.starts_with(prefix)));
    tag.unwrap_or(&host.name)
}

/// How many groups of volumes that belong together a request has: so many may lie in one domain.
pub(crate) fn groups(request: &PlaceLine) -> u64 {
    let of = request
        .apart
        .as_ref()
        .map(|apart| apart.of.unwrap_or(request.count));
    of.map_or(request.count, |of| request.count.div_ceil(of))
}

/// A placement by numbers: how many volumes of each request each host has.
#[derive(Clone)]
pub(crate) struct Book<'q, 'h> {
    pub(crate) question: &'q Question<'h>,
    /// By host, by request.
    pub(crate) counts: Vec<Counts>,
    /// By host what is left of its rows.
    pub(crate) room: Vec<Vec<u64>>,
    /// What is left of each capacity.
    pub(crate) left: Vec<u64>,
    pub(crate) value: u128,
    /// By host what it turned out not to hold together.
    pub(crate) conflicts: Vec<Vec<Counts>>,
}

impl<'q, 'h> Book<'q, 'h> {
    pub(crate) fn new(question: &'q Question<'h>) -> Book<'q, 'h> {
        Book {
            counts: vec![BTreeMap::new(); question.hosts.len()],
            room: question
                .hosts
                .iter()
                .map(|host| host.rows.clone())
                .collect(),
            left: question.capacity.clone(),
            value: 0,
            conflicts: vec![Vec::new(); question.hosts.len()],
            question,
        }
    }

    /// Hosts that have something.
    pub(crate) fn hosts_used(&self) -> usize {
        let used = self.counts.iter().filter(|held| !held.is_empty());
        used.count()
    }

    /// Whether a host can have one volume of a request, as far as is known.
    pub(crate) fn can_hold(&self, host: usize, class: usize) -> bool {
        let alone = Counts::from([(class, 1)]);
        self.question.demand(host, class).is_some() && !self.conflicts[host].contains(&alone)
    }

    /// How many more a host could take.
    pub(crate) fn fitting(&self, host: usize, class: usize) -> u64 {
        let Some(demand) = self.question.demand(host, class) else {
            return 0;
        };
        let has = self.counts[host].get(&class).copied().unwrap_or(0);
        let rows = self.room[host].iter().zip(&demand.weights);
        let by_rows = rows
            .filter_map(|(room, weight)| room.checked_div(*weight))
            .min();
        let by_capacity = self
            .question
            .counts_in(host, class)
            .map(|row| self.left[row])
            .min();
        let most = demand.most.saturating_sub(has);
        let most = most.min(by_rows.unwrap_or(0)).min(by_capacity.unwrap_or(0));
        let by_conflicts = self.conflicts[host].iter().filter_map(|conflict| {
            let needed = conflict.get(&class)?;
            let held = &self.counts[host];
            let others = conflict.iter().filter(|(other, _)| **other != class);
            let is_last = others
                .into_iter()
                .all(|(other, count)| held.get(other) >= Some(count));
            is_last.then(|| (needed - 1).saturating_sub(has))
        });
        by_conflicts.min().map_or(most, |others| others.min(most))
    }

    pub(crate) fn put(&mut self, host: usize, class: usize, count: u64) {
        if count == 0 {
            return;
        }
        let demand = self.question.demand(host, class).expect("it fits");
        for (room, weight) in self.room[host].iter_mut().zip(&demand.weights) {
            *room -= weight * count;
        }
        for row in self.question.counts_in(host, class) {
            self.left[row] -= count;
        }
        *self.counts[host].entry(class).or_default() += count;
        self.value += u128::from(self.question.values[class]) * u128::from(count);
    }

    pub(crate) fn take(&mut self, host: usize, class: usize, count: u64) {
        if count == 0 {
            return;
        }
        let demand = self.question.demand(host, class).expect("it was put there");
        for (room, weight) in self.room[host].iter_mut().zip(&demand.weights) {
            *room += weight * count;
        }
        for row in self.question.counts_in(host, class) {
            self.left[row] += count;
        }
        let held = self.counts[host].get_mut(&class).expect("it is there");
        *held -= count;
        if *held == 0 {
            self.counts[host].remove(&class);
        }
        self.value -= u128::from(self.question.values[class]) * u128::from(count);
    }

    /// Takes everything of a host; returns it.
    pub(crate) fn clear(&mut self, host: usize) -> BTreeMap<usize, u64> {
        let held = self.counts[host].clone();
        for (&class, &count) in &held {
            self.take(host, class, count);
        }
        held
    }
}
