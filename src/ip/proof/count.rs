//! How many of some bits can be 1, by what each adds to a sum that is bounded.
//!
//! Chvatal, "Edmonds polytopes and a hierarchy of combinatorial problems", Discrete Mathematics 4 (1973): all are taken for the
//! least of them, and what is left is divided and rounded down.

use crate::ip::backend::relaxation::Inequality;
use crate::ip::proof::ground::Ground;

/// Bits that have a price each, of which only so many can be paid.
pub(crate) struct Count {
    prices: Vec<(usize, i128)>,
    cheapest: i128,
    /// No more of them can be paid.
    pub(crate) most: i128,
}

impl Count {
    /// Of columns of one bit whose sum is at most a number; nothing where the sum says as much by itself.
    pub(crate) fn of(ground: &Ground, terms: &[(usize, i128)], most: i128) -> Option<Count> {
        let is_choice = |&(column, by): &(usize, i128)| {
            let (first, end) = ground.bits[column];
            end - first == 1 && by > 0
        };
        let cheapest = terms.iter().map(|(_, by)| *by).min()?;
        let dearest = terms.iter().map(|(_, by)| *by).max()?;
        if cheapest == dearest || !terms.iter().all(is_choice) {
            return None;
        }
        Some(Count {
            prices: terms.to_vec(),
            cheapest,
            most: most.div_euclid(cheapest),
        })
    }

    /// Each of the bits as often.
    pub(crate) fn terms(&self, by: i128) -> Vec<(usize, i128)> {
        self.prices
            .iter()
            .map(|(column, _)| (*column, by))
            .collect()
    }

    /// That there are no more of them.
    pub(crate) fn row(&self) -> Inequality {
        Inequality {
            terms: self.terms(-1),
            is_equal: false,
            right: -self.most,
        }
    }

    /// How that follows from what is assumed of the sum, as the checker reads it.
    pub(crate) fn divided(&self, ground: &Ground) -> String {
        let mut words = ground.of_objective.to_string();
        for (column, price) in &self.prices {
            if *price > self.cheapest {
                let bit = ground.bits[*column].0;
                words.push_str(&format!(" x{bit} {} * +", price - self.cheapest));
            }
        }
        words.push_str(&format!(" {} d", self.cheapest));
        words
    }
}
