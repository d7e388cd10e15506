//! A tree that shows that inequalities have no solution: at each node a bit that is 0 or 1, at each leaf rows whose sum is
//! violated whatever the rest is.
//!
//! Land and Doig, "An Automatic Method of Solving Discrete Programming Problems", 1960. Of each leaf only the decisions are kept
//! that its sum needs, and a node whose first branch does not need its decision has no second: Gaschnig, "Performance
//! measurement and analysis of certain search algorithms", 1979. Which bit: Benichou et al., "Experiments in mixed-integer linear
//! programming", Mathematical Programming 1 (1971).

use crate::core::Limits;
use crate::ip::backend::relaxation::{Relaxation, Relaxed};
use crate::ip::proof::ground::{Ground, Literal, Reason};
use crate::ip::proof::sums::{Decided, violated, violated_row};

/// How far down a tree may go: its nodes are visited by recursion.
const DEEPEST: usize = 500;

/// A step of the proof: that not all decisions of a clause are made.
pub(crate) struct Step {
    pub(crate) clause: Vec<Literal>,
    pub(crate) by: By,
}

/// What a step follows from.
pub(crate) enum By {
    /// A sum.
    Sum(Vec<(Reason, i64)>),
    /// Two steps before it, which differ in one decision.
    Steps([usize; 2]),
}

/// The steps in the order in which they follow from each other, or nothing where a limit ran out or the relaxation does not
/// say enough.
pub(crate) fn refute(ground: &Ground, limits: &Limits) -> Option<Vec<Step>> {
    let columns = ground.inequalities.columns.len();
    let height = ground.inequalities.rows.len() as u128;
    // The relaxation keeps the inverse of its basis.
    if !limits.allow_bytes(8 * height * height) {
        return None;
    }
    let mut tree = Tree {
        ground,
        limits,
        relaxation: Relaxation::of(&ground.inequalities),
        decided: Decided::none(columns),
        decisions: Vec::new(),
        gains: vec![[Gain::default(); 2]; columns],
        uses: uses(ground),
        steps: Vec::new(),
        nodes: 0,
        bytes: 0,
    };
    let last = tree.close(None)?;
    debug_assert!(tree.steps[last].clause.is_empty(), "nothing is decided");
    Some(tree.steps)
}

/// In how many rows each column stands.
fn uses(ground: &Ground) -> Vec<i64> {
    let mut uses = vec![0; ground.inequalities.columns.len()];
    for row in &ground.inequalities.rows {
        for (column, _) in &row.terms {
            uses[*column] += 1;
        }
    }
    uses
}

/// What a decision has added to the objective, in thousandths for each whole that the column was away.
#[derive(Clone, Copy, Default)]
struct Gain {
    sum: i64,
    count: i64,
}

/// What a node is decided by: the column, which way, how far its value was, and the objective before.
#[derive(Clone, Copy)]
struct Decision {
    column: usize,
    is_one: bool,
    thousandths: u32,
    objective: i64,
}

struct Tree<'g> {
    ground: &'g Ground,
    limits: &'g Limits<'g>,
    relaxation: Relaxation,
    decided: Decided,
    decisions: Vec<Literal>,
    gains: Vec<[Gain; 2]>,
    uses: Vec<i64>,
    steps: Vec<Step>,
    nodes: u64,
    /// What the steps take.
    bytes: u128,
}

impl Tree<'_> {
    /// Closes all that has the decisions; which step says so.
    fn close(&mut self, decision: Option<Decision>) -> Option<usize> {
        self.nodes += 1;
        let is_over = self.limits.is_over()
            || !self.limits.allow_nodes(self.nodes)
            || !self.limits.allow_bytes(self.bytes);
        if is_over || self.decisions.len() > DEEPEST {
            return None;
        }
        let (fractions, objective) = match self.ask() {
            Asked::Closed(step) => return Some(self.push(step)),
            Asked::Open(fractions, objective) => {
                if let Some(decision) = decision {
                    self.learn(decision, objective);
                }
                (fractions, objective)
            }
            // Numbers too far apart for the relaxation: what is left is decided bit by bit.
            Asked::Unknown => (Vec::new(), decision.map_or(0, |before| before.objective)),
        };
        let (column, bit, value) = self.branch(&fractions).or_else(|| self.any())?;
        let rest = value % 1000;
        let (column_bits, thousandths) = (self.ground.inequalities.columns[column].range, rest);
        let up_first = if column_bits == 1 {
            rest >= 500
        } else {
            value / 1000
                >= i64::try_from(self.decided.ones[column]).unwrap_or(i64::MAX) + (1 << bit)
        };
        let mut closed = Vec::new();
        for is_one in [up_first, !up_first] {
            let literal = Literal {
                column,
                bit,
                is_one,
            };
            let away = if is_one {
                1000 - thousandths
            } else {
                thousandths
            };
            let decision = Decision {
                column,
                is_one,
                thousandths: u32::try_from(away).unwrap_or(0),
                objective,
            };
            self.decide(literal, true);
            let step = self.close(Some(decision));
            self.decide(literal, false);
            let step = step?;
            if !self.steps[step].clause.contains(&literal) {
                return Some(step);
            }
            closed.push(step);
        }
        let steps = [closed[0], closed[1]];
        let both = steps.iter().flat_map(|step| &self.steps[*step].clause);
        let mut clause: Vec<Literal> = both
            .filter(|literal| (literal.column, literal.bit) != (column, bit))
            .copied()
            .collect();
        clause.sort_unstable();
        clause.dedup();
        let by = By::Steps(steps);
        Some(self.push(Step { clause, by }))
    }

    fn push(&mut self, step: Step) -> usize {
        let reasons = match &step.by {
            By::Sum(sum) => sum.len(),
            By::Steps(_) => 0,
        };
        let of_reasons = reasons * size_of::<(Reason, i64)>();
        let of_clause = step.clause.len() * size_of::<Literal>();
        self.bytes += (size_of::<Step>() + of_reasons + of_clause) as u128;
        self.steps.push(step);
        self.steps.len() - 1
    }

    /// Asks the relaxation, and once more from the beginning where what it says does not add up, and then each row.
    fn ask(&mut self) -> Asked {
        for is_again in [false, true] {
            if is_again {
                self.relaxation.renew();
            }
            match self.relaxation.ask(self.limits) {
                Relaxed::Unknown => {}
                Relaxed::Open {
                    fractions,
                    objective,
                } if !fractions.is_empty() => return Asked::Open(fractions, objective),
                Relaxed::Open { .. } => break,
                Relaxed::Closed(multipliers) => {
                    let sum = violated(self.ground, &multipliers, &self.decided, &self.decisions);
                    if let Some((sum, clause)) = sum {
                        let by = By::Sum(sum);
                        return Asked::Closed(Step { clause, by });
                    }
                }
            }
        }
        let of_row = violated_row(self.ground, &self.decided, &self.decisions);
        of_row.map_or(Asked::Unknown, |(sum, clause)| {
            let by = By::Sum(sum);
            Asked::Closed(Step { clause, by })
        })
    }

    /// A column to decide where the relaxation says nothing of any: one that stands in many rows, from its highest bit.
    fn any(&self) -> Option<(usize, u32, i64)> {
        let open = (0..self.uses.len()).filter_map(|column| {
            let bit = self.decided.next_bit(self.ground, column)?;
            Some((self.uses[column], std::cmp::Reverse(column), bit))
        });
        let (_, std::cmp::Reverse(column), bit) = open.max()?;
        Some((column, bit, 0))
    }

    /// Makes a decision, or takes it back.
    fn decide(&mut self, literal: Literal, is_made: bool) {
        if is_made {
            self.decisions.push(literal);
        } else {
            self.decisions.pop();
        }
        let (lower, upper) = self.decided.set(self.ground, literal, is_made);
        self.relaxation.bound(literal.column, lower, upper);
    }

    /// Keeps what a decision has done.
    fn learn(&mut self, decision: Decision, objective: i64) {
        let gained = (objective - decision.objective).max(0) * 1000;
        let gain = &mut self.gains[decision.column][usize::from(decision.is_one)];
        gain.sum += gained / i64::from(decision.thousandths.max(1));
        gain.count += 1;
    }

    /// The column to decide, with its highest bit that is not, and its value in thousandths.
    fn branch(&self, fractions: &[(usize, i64, u32)]) -> Option<(usize, u32, i64)> {
        let mut mean = [Gain::default(); 2];
        for gains in &self.gains {
            for (mean, gain) in mean.iter_mut().zip(gains) {
                mean.sum += gain.sum;
                mean.count += gain.count;
            }
        }
        let of = |gain: &Gain| gain.sum / gain.count.max(1);
        let expected = |column: usize, way: usize| match &self.gains[column][way] {
            Gain { count: 0, .. } => of(&mean[way]),
            gain => of(gain),
        };
        let weighed = fractions.iter().map(|&(column, down, rest)| {
            let is_choice = self.ground.inequalities.columns[column].range == 1;
            let rest = i64::from(rest);
            let gains = [
                expected(column, 0).saturating_mul(rest) / 1000 + 1,
                expected(column, 1).saturating_mul(1000 - rest) / 1000 + 1,
            ];
            let by_gain = i128::from(gains[0]) * i128::from(gains[1]);
            let by_use = i128::from(rest.min(1000 - rest) * self.uses[column]);
            let weight = (is_choice, by_gain, by_use, std::cmp::Reverse(column));
            (weight, down * 1000 + rest)
        });
        let ((.., column), value) = weighed.max()?;
        let bit = self.decided.next_bit(self.ground, column.0)?;
        Some((column.0, bit, value))
    }
}

/// What is known of a node.
enum Asked {
    Closed(Step),
    Open(Vec<(usize, i64, u32)>, i64),
    Unknown,
}
