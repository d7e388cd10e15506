//! Prices on the requests, moved until what all hosts choose at them bounds the fleet tightly.
//!
//! # Source
//! Barahona, Anbil: The volume algorithm, Mathematical Programming 87 (2000): steps from the best prices so far along what
//! was chosen on average, longer where that gains, shorter where it does not.

use std::collections::HashMap;

use crate::core::Limits;
use crate::fleet::place::book::Question;
use crate::fleet::place::knapsack::{Choice, Offer, best};
use crate::search::map;

/// Prices are whole numbers of these parts of a unit of value.
pub(crate) const SCALE: i128 = 1 << 16;

/// What the prices have shown.
pub(crate) struct Priced {
    /// No placement is worth more.
    pub(crate) bound: u128,
    /// The best prices, in parts of [`SCALE`]: by request, then by domain.
    pub(crate) prices: Vec<i128>,
    /// By host what it chooses at the best prices.
    pub(crate) choices: Vec<Vec<(usize, u64)>>,
}

/// Hosts in the same state: what one chooses all do.
struct State {
    /// One of them.
    host: usize,
    count: u64,
}

/// What all hosts choose at some prices.
struct Round {
    choices: Vec<Choice>,
    /// In parts of [`SCALE`].
    bound: i128,
    /// What is left of each capacity; below 0 where more is chosen than there is.
    slack: Vec<i128>,
}

/// Moves prices; ends where the bound meets `known`, the value of a placement, or nothing is gained any more.
pub(crate) fn priced(question: &Question<'_>, known: u128, limits: &Limits<'_>) -> Priced {
    /// Rounds without a gain before steps get shorter.
    const PATIENCE: u64 = 10;
    /// Rounds in all: some hundred bring the bound within a thousandth of where it converges to.
    const ROUNDS: u64 = 300;
    /// Nodes of the searches of all rounds: some ten seconds where all are used up.
    const NODES: u64 = 240_000_000;
    /// Steps are so many parts of the gap.
    const STEPS: i128 = 1024;
    /// Averages are kept in such parts.
    const PARTS: i128 = 256;
    let (states, of_host) = states(question);
    // Small fleets are searched to the end at each price.
    let nodes = (NODES / ROUNDS / states.len().max(1) as u64).clamp(16, 20_000);
    let ask = |prices: &[i128]| {
        let choices = map(&states, |state| choose(question, state.host, prices, nodes));
        let paid = prices.iter().zip(&question.capacity);
        let paid: i128 = paid.map(|(price, count)| price * i128::from(*count)).sum();
        let chosen = states.iter().zip(&choices);
        let chosen = chosen.map(|(state, choice)| choice.bound * i128::from(state.count));
        let bound = paid + chosen.sum::<i128>();
        let slack = question.capacity.iter().map(|count| i128::from(*count));
        let mut slack: Vec<i128> = slack.collect();
        for (host, state) in of_host.iter().enumerate() {
            for &(class, count) in &choices[*state].counts {
                for row in question.counts_in(host, class) {
                    slack[row] -= i128::from(count);
                }
            }
        }
        Round {
            choices,
            bound,
            slack,
        }
    };
    let known = i128::try_from(known).unwrap_or(i128::MAX / SCALE);
    let mut prices: Vec<i128> = vec![0; question.capacity.len()];
    let mut best = ask(&prices);
    let mut average: Vec<i128> = best.slack.iter().map(|slack| slack * PARTS).collect();
    let mut step = STEPS / 2;
    let mut idle = 0;
    for _ in 0..ROUNDS {
        // A bound is a whole value: less than one above what is known there is nothing to be shown.
        if best.bound / SCALE <= known || step < STEPS / 256 || limits.is_over() {
            break;
        }
        let moving = prices.iter().zip(&average);
        let moving = moving.filter(|(price, slack)| **price > 0 || **slack < 0);
        let length: i128 = moving.map(|(_, slack)| slack * slack).sum();
        if length == 0 {
            // Everything that is chosen can be had, and what is paid for is used up.
            break;
        }
        let gap = best.bound - known * SCALE;
        let moved = prices.iter().zip(&average);
        let moved = moved.map(|(price, slack)| {
            let change = gap * step / STEPS * slack / length * PARTS;
            (price - change).max(0)
        });
        let moved: Vec<i128> = moved.collect();
        let round = ask(&moved);
        for (average, slack) in average.iter_mut().zip(&round.slack) {
            *average = (9 * *average + slack * PARTS) / 10;
        }
        if round.bound < best.bound {
            prices = moved;
            best = round;
            step = (step * 11 / 10).min(2 * STEPS);
            idle = 0;
        } else {
            idle += 1;
        }
        if idle >= PATIENCE {
            step = step * 2 / 3;
            idle = 0;
        }
    }
    let choices = of_host.iter();
    Priced {
        prices,
        bound: u128::try_from(best.bound / SCALE).unwrap_or(0),
        choices: choices
            .map(|state| best.choices[*state].counts.clone())
            .collect(),
    }
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
    best(&question.hosts[host].rows, offers.collect(), &[], nodes)
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
