//! Which volumes the hosts have: numbers for what was counted so far.

use std::collections::{BTreeMap, BTreeSet};

use crate::fleet::place::answer::VolumePlaced;
use crate::fleet::place::book::{Book, Question, domain, groups};

/// By request which of it.
pub(crate) type Held = BTreeSet<(usize, u64)>;

/// Numbers for what each host has. Those of one number modulo the groups of a request belong together and lie apart: they are
/// counted domain by domain, so that no more of them than there are groups follow one another in each.
pub(crate) fn named(book: &Book<'_, '_>) -> BTreeMap<usize, Held> {
    let question = book.question;
    let mut held: BTreeMap<usize, Held> = BTreeMap::new();
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
    }
    held
}

fn name(question: &Question<'_>, class: usize, number: u64) -> String {
    let number = question.last[class] + number + 1;
    format!("{}-{number}", question.requests[class].name)
}

/// What a volume is to whoever asked.
pub(crate) fn volume(question: &Question<'_>, class: usize, number: u64) -> VolumePlaced {
    let request = &question.requests[class];
    VolumePlaced {
        name: name(question, class, number),
        request: request.name.clone(),
        group: request.apart.as_ref().map(|_| number % groups(request) + 1),
    }
}

/// The commands that create what a host has.
pub(crate) fn commands(question: &Question<'_>, held: &Held) -> Vec<Vec<String>> {
    let one = |&(class, number): &(usize, u64)| {
        let request = &question.requests[class];
        let mut words = request.command.clone();
        words.extend(["-n".to_string(), name(question, class, number)]);
        words
    };
    held.iter().map(one).collect()
}
