//! Places requests: bound, placement, layouts.

use crate::ask::Fault;
use crate::core::Limits;
use crate::fleet::place::answer::{Placement, RequestPlaced};
use crate::fleet::place::book::{Book, Question, Then};
use crate::fleet::place::choose::{filled, gathered, mended, orders, renewed, rounded};
use crate::fleet::place::hosts::PlaceHost;
use crate::fleet::place::layouts::{Chooser, laid_out};
use crate::fleet::place::prices::priced;
use crate::fleet::place::told::{fills, unplaced};
use crate::fleet::{Manner, PlaceLine};

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
        request.create("volume")?;
    }
    let question = Question::new(hosts, requests);
    let wanted = question.wanted();
    let is_better = |book: &Book<'_, '_>, other: &Book<'_, '_>| {
        let has_fewer = then == Then::Hosts && book.hosts_used() < other.hosts_used();
        book.value > other.value || book.value == other.value && has_fewer
    };
    // What is chosen has to be laid out, too.
    let (best, bound, prices) =
        limits.in_half_of_the_time(|limits| chosen(&question, then, &is_better, limits));
    let mut anew = |book: &mut Book<'_, '_>| {
        limits.in_half_of_the_time(|limits| {
            mended(book, bound, limits);
            renewed(book, &prices, bound, limits);
            if then == Then::Hosts {
                gathered(book, limits);
            }
        });
    };
    let mut chooser = Chooser {
        anew: &mut anew,
        is_better: &is_better,
    };
    let (best, layouts) = laid_out(best, &mut chooser, manner, limits)?;
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

/// A placement by sums, a bound on the value of any, and the prices that showed it.
fn chosen<'q, 'h>(
    question: &'q Question<'h>,
    then: Then,
    is_better: &dyn Fn(&Book<'q, 'h>, &Book<'q, 'h>) -> bool,
    limits: &Limits<'_>,
) -> (Book<'q, 'h>, u128, Vec<i128>) {
    let mut best = Book::new(question);
    // Where few hosts are wanted, spreading first and emptying then may end with fewer than filling one after another.
    let ways: &[Then] = match then {
        Then::Hosts => &[Then::Hosts, Then::Even],
        Then::Even => &[Then::Even],
    };
    for order in orders(question) {
        for &way in ways {
            let mut book = Book::new(question);
            filled(&mut book, &order, way);
            if then == Then::Hosts {
                gathered(&mut book, limits);
            }
            if is_better(&book, &best) {
                best = book;
            }
        }
        if best.value == question.alone() {
            break;
        }
    }
    let mut bound = question.alone();
    let mut prices = vec![0; question.capacity.len()];
    if best.value < bound {
        let priced = priced(question, best.value, limits);
        bound = priced.bound.min(bound);
        let mut other = rounded(question, &priced.choices, then);
        mended(&mut best, bound, limits);
        mended(&mut other, bound, limits);
        if other.value > best.value {
            best = other;
        }
        prices = priced.prices;
        renewed(&mut best, &prices, bound, limits);
    }
    if then == Then::Hosts {
        gathered(&mut best, limits);
    }
    (best, bound, prices)
}
