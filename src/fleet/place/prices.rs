//! Prices on the requests, moved until what all hosts choose at them bounds the fleet tightly.
//!
//! # Source
//! Held, Wolfe, Crowder: Validation of subgradient optimization, Mathematical Programming 6 (1974): steps by the gap to a
//! known value, halved where nothing is gained.

use std::collections::HashMap;

use crate::core::Limits;
use crate::fleet::place::book::Question;
use crate::fleet::place::knapsack::{Choice, Offer, best};
use crate::search::map;

/// Prices are whole numbers of these parts of a unit of value.
const SCALE: i128 = 1 << 16;

/// What the prices have shown.
pub(crate) struct Priced {
    /// No placement is worth more.
    pub(crate) bound: u128,
    /// By host what it chooses at the best prices.
    pub(crate) choices: Vec<Vec<(usize, u64)>>,
}

/// Hosts in the same state: what one chooses all do.
struct State {
    /// One of them.
    host: usize,
    count: u64,
}

/// Moves prices; ends where the bound meets `known`, the value of a placement, or nothing is gained any more.
pub(crate) fn priced(question: &Question<'_>, known: u128, limits: &Limits<'_>) -> Priced {
    /// Rounds without a gain before steps are halved.
    const PATIENCE: u64 = 8;
    /// Rounds in all: a few hundred bring the bound within a thousandth of where it converges to.
    const ROUNDS: u64 = 300;
    /// Steps are so many parts of [`STEPS`] of the gap.
    const STEPS: i128 = 1024;
    let (states, of_host) = states(question);
    // Small fleets are searched to the end at each price.
    let nodes = (4_000_000 / states.len().max(1) as u64).clamp(64, 20_000);
    let mut prices: Vec<i128> = vec![0; question.capacity.len()];
    let mut step = 2 * STEPS;
    let mut idle = 0;
    let mut best_bound: Option<i128> = None;
    let mut best_choices: Vec<Choice> = Vec::new();
    for _ in 0..ROUNDS {
        let choices = map(&states, |state| {
            choose(question, state.host, &prices, nodes)
        });
        let paid = prices.iter().zip(&question.capacity);
        let paid: i128 = paid.map(|(price, count)| price * i128::from(*count)).sum();
        let chosen = states.iter().zip(&choices);
        let chosen = chosen.map(|(state, choice)| choice.bound * i128::from(state.count));
        let bound = paid + chosen.sum::<i128>();
        let is_better = best_bound.is_none_or(|best| bound < best);
        if is_better {
            best_bound = Some(bound);
            best_choices.clone_from(&choices);
            idle = 0;
        } else {
            idle += 1;
        }
        if idle >= PATIENCE {
            step /= 2;
            idle = 0;
        }
        // A bound is a whole value: less than one above what is known there is nothing to be shown.
        let gap = bound - i128::try_from(known).unwrap_or(i128::MAX) * SCALE;
        if step == 0
            || limits.is_over()
            || best_bound.is_some_and(|best| best / SCALE <= known_value(known))
        {
            break;
        }
        let mut slack: Vec<i128> = question
            .capacity
            .iter()
            .map(|count| i128::from(*count))
            .collect();
        for (host, state) in of_host.iter().enumerate() {
            for &(class, count) in &choices[*state].counts {
                for row in question.counts_in(host, class) {
                    slack[row] -= i128::from(count);
                }
            }
        }
        let moving = prices.iter().zip(&slack);
        let length: i128 = moving
            .filter(|(price, slack)| **price > 0 || **slack < 0)
            .map(|(_, slack)| slack * slack)
            .sum();
        if length == 0 {
            // Everything that is chosen can be had, and what is paid for is used up.
            break;
        }
        for (price, slack) in prices.iter_mut().zip(&slack) {
            let change = gap.max(SCALE) * step / STEPS * slack / length;
            *price = (*price - change).max(0);
        }
    }
    let choices = of_host.iter();
    Priced {
        bound: best_bound.map_or(question.wanted(), |bound| {
            u128::try_from(bound / SCALE).unwrap_or(0)
        }),
        choices: choices
            .map(|state| {
                best_choices
                    .get(*state)
                    .map_or(Vec::new(), |choice| choice.counts.clone())
            })
            .collect(),
    }
}

fn known_value(known: u128) -> i128 {
    i128::try_from(known).unwrap_or(i128::MAX)
}

/// What a host chooses at some prices.
fn choose(question: &Question<'_>, host: usize, prices: &[i128], nodes: u64) -> Choice {
    let offers = (0..question.requests.len()).filter_map(|class| {
        let demand = question.demand(host, class)?;
        let paid: i128 = question.counts_in(host, class).map(|row| prices[row]).sum();
        let most = question
            .counts_in(host, class)
            .map(|row| question.capacity[row]);
        Some(Offer {
            class,
            price: i128::from(question.values[class]) * SCALE - paid,
            weights: &demand.weights,
            most: most.min().unwrap_or(0).min(demand.most),
        })
    });
    best(&question.hosts[host].rows, offers.collect(), nodes)
}

/// The different states of hosts, and for each host which it is in.
fn states(question: &Question<'_>) -> (Vec<State>, Vec<usize>) {
    let mut states: Vec<State> = Vec::new();
    let mut known: HashMap<Vec<u64>, usize> = HashMap::new();
    let mut of_host = Vec::with_capacity(question.hosts.len());
    for (host, own) in question.hosts.iter().enumerate() {
        let mut key = own.rows.clone();
        for class in 0..question.requests.len() {
            match question.demand(host, class) {
                None => key.push(u64::MAX),
                Some(demand) => {
                    key.push(demand.most);
                    key.extend(&demand.weights);
                    key.extend(question.counts_in(host, class).map(|row| row as u64));
                }
            }
        }
        let state = *known.entry(key).or_insert_with(|| {
            states.push(State { host, count: 0 });
            states.len() - 1
        });
        states[state].count += 1;
        of_host.push(state);
    }
    (states, of_host)
}
