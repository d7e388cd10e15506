//! A tree that shows that inequalities have no solution: at each node a variable that is 0 or 1, at each leaf rows whose
//! sum is violated whatever the rest is.
//!
//! Land and Doig, "An Automatic Method of Solving Discrete Programming Problems", 1960; each leaf by Farkas 1902, added up
//! in whole numbers.

use crate::core::Limits;
use crate::ip::backend::relaxation::{Inequalities, Relaxed, multipliers, relaxed};
use crate::ip::formula::gcd;

/// How far down a tree may go: its nodes are visited by recursion.
const DEEPEST: usize = 500;

/// What multipliers are scaled to, the smallest first: short numbers make short proofs.
const SCALES: [i64; 18] = [
    1,
    2,
    3,
    4,
    6,
    12,
    24,
    60,
    120,
    840,
    10_000,
    1 << 17,
    1 << 20,
    1 << 24,
    1 << 28,
    1 << 32,
    1 << 36,
    1 << 40,
];

/// A step of the proof.
pub(crate) enum Step {
    /// Rows with multipliers: their sum is violated by all that has the decisions.
    Leaf {
        decisions: Vec<(usize, bool)>,
        sum: Vec<(usize, i64)>,
    },
    /// Both branches below these decisions are closed.
    Closed { decisions: Vec<(usize, bool)> },
}

/// The steps in the order in which they follow from each other, or nothing where a limit ran out or the relaxation does not
/// say enough.
pub(crate) fn refute(inequalities: &Inequalities, limits: &Limits) -> Option<Vec<Step>> {
    let mut tree = Tree {
        inequalities,
        limits,
        uses: uses(inequalities),
        fixed: vec![None; inequalities.variables],
        decisions: Vec::new(),
        steps: Vec::new(),
        nodes: 0,
    };
    tree.close()?;
    Some(tree.steps)
}

/// In how many rows each variable stands.
fn uses(inequalities: &Inequalities) -> Vec<u64> {
    let mut uses = vec![0; inequalities.variables];
    for (terms, _) in &inequalities.rows {
        for (variable, _) in terms {
            uses[*variable] += 1;
        }
    }
    uses
}

struct Tree<'i> {
    inequalities: &'i Inequalities,
    limits: &'i Limits<'i>,
    uses: Vec<u64>,
    fixed: Vec<Option<bool>>,
    decisions: Vec<(usize, bool)>,
    steps: Vec<Step>,
    nodes: u64,
}

impl Tree<'_> {
    /// Closes all that has the decisions.
    fn close(&mut self) -> Option<()> {
        self.nodes += 1;
        let is_over = self.limits.is_over() || !self.limits.allow_nodes(self.nodes);
        if is_over || self.decisions.len() > DEEPEST {
            return None;
        }
        let values = match relaxed(self.inequalities, &self.fixed, self.limits) {
            Relaxed::Unknown => return None,
            Relaxed::Infeasible => {
                let sum = self.violated()?;
                let decisions = self.decisions.clone();
                self.steps.push(Step::Leaf { decisions, sum });
                return Some(());
            }
            Relaxed::Values(values) => values,
        };
        let (branch, value) = self.branch(&values)?;
        for is_one in [value >= 500, value < 500] {
            self.fixed[branch] = Some(is_one);
            self.decisions.push((branch, is_one));
            let closed = self.close();
            self.decisions.pop();
            self.fixed[branch] = None;
            closed?;
        }
        let decisions = self.decisions.clone();
        self.steps.push(Step::Closed { decisions });
        Some(())
    }

    /// The variable to decide, with its value: far from both ends, and in many rows.
    fn branch(&self, values: &[u32]) -> Option<(usize, u32)> {
        let free = values.iter().enumerate();
        let free = free.filter(|(variable, _)| self.fixed[*variable].is_none());
        let weighed = free.map(|(variable, &value)| {
            let distance = value.min(1000 - value);
            let weight = u64::from(distance) * self.uses[variable];
            (weight, std::cmp::Reverse(variable), value)
        });
        let (weight, variable, value) = weighed.max()?;
        (weight > 0).then_some((variable.0, value))
    }

    /// Rows with whole multipliers whose sum is violated whatever the free variables are.
    fn violated(&self) -> Option<Vec<(usize, i64)>> {
        let multipliers = multipliers(self.inequalities, &self.fixed, self.limits)?;
        let largest = *multipliers.iter().max()?;
        let scaled = SCALES.into_iter().map(|scale| {
            let scaled = |by: &i64| {
                let exact = i128::from(*by) * i128::from(scale);
                let half = i128::from(largest) / 2;
                i64::try_from((exact + half) / i128::from(largest)).unwrap_or(0)
            };
            let rows = multipliers.iter().map(scaled).enumerate();
            rows.filter(|(_, by)| *by > 0).collect::<Vec<_>>()
        });
        let sum = scaled.into_iter().find(|sum| self.is_violated(sum))?;
        let common = sum
            .iter()
            .fold(0, |common, (_, by)| gcd(common, i128::from(*by)));
        let common = i64::try_from(common).unwrap_or(1).max(1);
        Some(
            sum.into_iter()
                .map(|(row, by)| (row, by / common))
                .collect(),
        )
    }

    /// Whether a sum of rows is violated whatever the free variables are.
    fn is_violated(&self, sum: &[(usize, i64)]) -> bool {
        let mut total = vec![0_i128; self.inequalities.variables];
        let mut right = 0_i128;
        for &(row, by) in sum {
            let (terms, least) = &self.inequalities.rows[row];
            let by = i128::from(by);
            for (variable, coefficient) in terms {
                let Some(product) = coefficient.checked_mul(by) else {
                    return false;
                };
                total[*variable] = total[*variable].saturating_add(product);
            }
            let Some(product) = least.checked_mul(by) else {
                return false;
            };
            right = right.saturating_add(product);
        }
        let most = total
            .iter()
            .zip(&self.fixed)
            .map(|(by, fixed)| match fixed {
                Some(true) => *by,
                Some(false) => 0,
                None => (*by).max(0),
            });
        most.fold(0_i128, i128::saturating_add) < right
    }
}
