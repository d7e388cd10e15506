//! Choosing columns a whole number of times: branch and bound over exact relaxations.
//!
//! A relaxation bounds what every choice costs. Columns whose excess would exceed what is allowed are
//! left out for good (reduced-cost fixing), which leaves few of them. Of a column that is chosen a
//! broken number of times every whole number is tried, from the nearest outwards: the bound is convex
//! in that number, so the first that costs too much ends its direction.

use crate::core::Limits;
use crate::search::bin_covering::simplex::{Column, Relaxed, relax};

/// A choice to be made.
pub(crate) struct Choice<'a> {
    pub(crate) columns: &'a [Column],
    /// Most that may be taken of each resource.
    pub(crate) room: &'a [i64],
    /// How many columns are to be chosen.
    pub(crate) count: i64,
}

/// What looking for a choice came to.
pub(crate) enum Chosen {
    /// Columns, and how often each.
    Found(Vec<(usize, i64)>),
    /// There is none.
    None {
        /// Relaxations that showed it.
        nodes: u64,
    },
    /// It ended before it knew.
    Open,
}

/// Relaxations that are solved for one question.
const MOST_NODES: u64 = 20_000;

impl Choice<'_> {
    /// A bound on the cost of every choice, and the columns that a choice of cost `most` or less may
    /// use; `None` if it is out of range.
    pub(crate) fn bound(&self, usable: &[usize], most: i64) -> Option<(i64, Vec<usize>)> {
        let relaxed = relax(self.columns, usable, self.room, self.count)?;
        let least = relaxed.value.div_euclid(relaxed.scale)
            + i128::from(relaxed.value.rem_euclid(relaxed.scale) > 0);
        let usable = within(self.columns, usable, &relaxed, i128::from(most))?;
        Some((i64::try_from(least).ok()?, usable))
    }

    /// A choice of cost `most` or less.
    pub(crate) fn at_most(&self, usable: &[usize], most: i64, limits: &Limits<'_>) -> Chosen {
        let limits = limits.with_nodes(MOST_NODES);
        let mut search = Search {
            columns: self.columns,
            limits: &limits,
            nodes: 0,
            is_open: false,
            chosen: Vec::new(),
        };
        match search.visit(usable, self.room.to_vec(), self.count, most) {
            Visit::Found => Chosen::Found(search.chosen),
            Visit::TooDear | Visit::Exhausted if search.is_open => Chosen::Open,
            Visit::TooDear | Visit::Exhausted => Chosen::None {
                nodes: search.nodes,
            },
        }
    }
}

/// The columns whose excess leaves the cost at `most`, if their takings are known.
fn within(
    columns: &[Column],
    usable: &[usize],
    relaxed: &Relaxed,
    most: i128,
) -> Option<Vec<usize>> {
    let gap = most
        .checked_mul(relaxed.scale)?
        .checked_sub(relaxed.value)?;
    let mut kept = Vec::new();
    for &index in usable {
        if relaxed.excess(&columns[index])? <= gap {
            kept.push(index);
        }
    }
    Some(kept)
}

struct Search<'a> {
    columns: &'a [Column],
    limits: &'a Limits<'a>,
    nodes: u64,
    is_open: bool,
    chosen: Vec<(usize, i64)>,
}

/// What is below a node.
enum Visit {
    Found,
    /// Already the relaxation costs too much, or there is no room.
    TooDear,
    Exhausted,
}

impl Search<'_> {
    fn visit(&mut self, usable: &[usize], room: Vec<i64>, count: i64, most: i64) -> Visit {
        if count < 0 || most < 0 || room.iter().any(|left| *left < 0) {
            return Visit::TooDear;
        }
        if count == 0 {
            return Visit::Found;
        }
        if !self.limits.allow_nodes(self.nodes.saturating_add(1)) || self.limits.is_over() {
            self.is_open = true;
            return Visit::Exhausted;
        }
        self.nodes += 1;
        let mut usable = usable.to_vec();
        let mut is_first = true;
        let relaxed = loop {
            let Some(relaxed) = relax(self.columns, &usable, &room, count) else {
                self.is_open = true;
                return Visit::Exhausted;
            };
            let allowed = i128::from(most).checked_mul(relaxed.scale);
            if allowed.is_none_or(|allowed| relaxed.value > allowed) {
                // Only the relaxation of all columns is convex.
                return if is_first {
                    Visit::TooDear
                } else {
                    Visit::Exhausted
                };
            }
            let before = usable.len();
            usable.retain(|&index| {
                let takes = &self.columns[index].takes;
                takes.iter().zip(&room).all(|(takes, left)| takes <= left)
            });
            if usable.len() == before {
                break relaxed;
            }
            is_first = false;
        };
        if relaxed.is_whole() {
            for &(index, amount) in &relaxed.amounts {
                let times = i64::try_from(amount / relaxed.scale).unwrap_or(0);
                self.chosen.push((index, times));
            }
            return Visit::Found;
        }
        let Some(kept) = within(self.columns, &usable, &relaxed, i128::from(most)) else {
            self.is_open = true;
            return Visit::Exhausted;
        };
        self.branch(&relaxed, &kept, &room, count, most)
    }

    /// Tries every number of times that one column may be chosen.
    fn branch(
        &mut self,
        relaxed: &Relaxed,
        kept: &[usize],
        room: &[i64],
        count: i64,
        most: i64,
    ) -> Visit {
        let broken = relaxed.amounts.iter();
        let broken = broken.filter(|(_, amount)| amount % relaxed.scale != 0);
        let &(index, amount) = broken
            .max_by_key(|&&(index, amount)| (amount, std::cmp::Reverse(index)))
            .expect("asked for only where an amount is broken");
        let column = &self.columns[index];
        let rest: Vec<usize> = kept.iter().copied().filter(|&kept| kept != index).collect();
        let below = i64::try_from(amount / relaxed.scale).unwrap_or(i64::MAX);
        let (mut up, mut down) = (Some(below + 1), Some(below));
        // The nearer of the two first; ties go up, where less is left to choose.
        let mut is_up = 2 * (amount % relaxed.scale) >= relaxed.scale;
        while up.is_some() || down.is_some() {
            if self.nodes == 0 {
                self.is_open = true;
                break;
            }
            let next = if is_up { up } else { down };
            if let Some(times) = next {
                let taken = column.takes.iter().map(|takes| takes * times);
                let left = room.iter().zip(taken).map(|(left, taken)| left - taken);
                let depth = self.chosen.len();
                self.chosen.push((index, times));
                let visit = self.visit(
                    &rest,
                    left.collect(),
                    count - times,
                    most - column.cost * times,
                );
                match visit {
                    Visit::Found => return Visit::Found,
                    Visit::TooDear if is_up => up = None,
                    Visit::TooDear => down = None,
                    Visit::Exhausted if is_up => up = Some(times + 1),
                    Visit::Exhausted => down = times.checked_sub(1).filter(|times| *times >= 0),
                }
                self.chosen.truncate(depth);
            }
            is_up = !is_up;
        }
        Visit::Exhausted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::random::Random;

    fn small(random: &mut Random, end: u64) -> i64 {
        i64::try_from(random.below(end)).expect("small")
    }

    /// The least cost of all choices, tried one by one.
    fn least(columns: &[Column], room: &[i64], count: i64) -> Option<i64> {
        let Some((column, rest)) = columns.split_first() else {
            return (count == 0).then_some(0);
        };
        let of_times = |times: i64| {
            let left = room.iter().zip(&column.takes);
            let left: Vec<i64> = left.map(|(left, takes)| left - takes * times).collect();
            if left.iter().any(|left| *left < 0) {
                return None;
            }
            Some(least(rest, &left, count - times)? + column.cost * times)
        };
        (0..=count).filter_map(of_times).min()
    }

    #[test]
    fn what_is_chosen_costs_least_of_all_choices() {
        let (mut found, mut none, mut broken) = (0, 0, 0);
        for seed in 0..400 {
            let mut random = Random::new(seed);
            let columns: Vec<Column> = (0..3 + random.below(4))
                .map(|_| Column {
                    cost: 1 + small(&mut random, 9),
                    takes: (0..3).map(|_| small(&mut random, 4)).collect(),
                })
                .collect();
            let room: Vec<i64> = (0..3).map(|_| 3 + small(&mut random, 6)).collect();
            let count = 1 + small(&mut random, 5);
            let choice = Choice {
                columns: &columns,
                room: &room,
                count,
            };
            let usable: Vec<usize> = (0..columns.len()).collect();
            let (bound, _) = choice.bound(&usable, 0).expect("small numbers");
            let Some(wanted) = least(&columns, &room, count) else {
                let chosen = choice.at_most(&usable, 1_000, &Limits::none());
                assert!(matches!(chosen, Chosen::None { .. }), "seed {seed}");
                none += 1;
                continue;
            };
            assert!(bound <= wanted, "seed {seed}: {bound} above {wanted}");
            broken += i32::from(bound < wanted);
            for cost in bound - 1..wanted {
                let chosen = choice.at_most(&usable, cost, &Limits::none());
                assert!(matches!(chosen, Chosen::None { .. }), "seed {seed}");
            }
            let (_, usable) = choice.bound(&usable, wanted).expect("small numbers");
            let chosen = choice.at_most(&usable, wanted, &Limits::none());
            let Chosen::Found(chosen) = chosen else {
                panic!("seed {seed}: a choice costs {wanted}");
            };
            assert_eq!(chosen.iter().map(|(_, times)| times).sum::<i64>(), count);
            let cost = chosen.iter().map(|&(at, times)| columns[at].cost * times);
            assert!(cost.sum::<i64>() <= wanted);
            for (row, room) in room.iter().enumerate() {
                let takes = chosen
                    .iter()
                    .map(|&(at, times)| columns[at].takes[row] * times);
                assert!(takes.sum::<i64>() <= *room);
            }
            found += 1;
        }
        assert!(
            found > 100 && none > 20 && broken > 10,
            "{found} {none} {broken}"
        );
    }
}
