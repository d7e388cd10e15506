//! Sums of rows in whole numbers that are violated by all that has some decisions.

use crate::ip::backend::relaxation::Multipliers;
use crate::ip::formula::gcd;
use crate::ip::proof::ground::{Ground, Literal, Reason};

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

/// Per column the bits that are decided.
#[derive(Clone)]
pub(crate) struct Decided {
    pub(crate) ones: Vec<u64>,
    zeros: Vec<u64>,
}

impl Decided {
    pub(crate) fn none(columns: usize) -> Decided {
        Decided {
            ones: vec![0; columns],
            zeros: vec![0; columns],
        }
    }

    /// Makes a decision, or takes it back; between which values the column is then.
    pub(crate) fn set(&mut self, ground: &Ground, literal: Literal, is_made: bool) -> (i64, i64) {
        let column = literal.column;
        let of = if literal.is_one {
            &mut self.ones
        } else {
            &mut self.zeros
        };
        of[column] = of[column] & !(1 << literal.bit) | u64::from(is_made) << literal.bit;
        let upper = self
            .left(ground, column)
            .min(ground.inequalities.columns[column].range);
        (
            i64::try_from(self.ones[column])
                .unwrap_or(i64::MAX)
                .min(upper),
            upper,
        )
    }

    /// The most that the bits of a column may be.
    fn left(&self, ground: &Ground, column: usize) -> i64 {
        let (first, end) = ground.bits[column];
        let all = (1_u64 << (end - first)) - 1;
        i64::try_from(all & !self.zeros[column]).unwrap_or(i64::MAX)
    }

    /// The highest bit of a column that is not decided.
    pub(crate) fn next_bit(&self, ground: &Ground, column: usize) -> Option<u32> {
        let (first, end) = ground.bits[column];
        let all = (1_u64 << (end - first)) - 1;
        (all & !self.zeros[column] & !self.ones[column]).checked_ilog2()
    }

    /// The most that a column adds to a sum, and whether that needs the row of its upper bound.
    fn most(&self, ground: &Ground, column: usize, by: i128) -> (i128, bool) {
        if by <= 0 {
            return (by.saturating_mul(self.ones[column].into()), false);
        }
        let left = self.left(ground, column);
        let range = ground.inequalities.columns[column].range;
        let by_row = ground.uppers[column].is_some() && range < left;
        let most = if by_row { range } else { left };
        (by.saturating_mul(most.into()), by_row)
    }
}

/// Reasons with multipliers.
type Sum = Vec<(Reason, i64)>;

/// Reasons with whole multipliers whose sum is violated by all that has the decisions, and those of the decisions that it
/// needs.
pub(crate) fn violated(
    ground: &Ground,
    multipliers: &Multipliers,
    decided: &Decided,
    decisions: &[Literal],
) -> Option<(Sum, Vec<Literal>)> {
    SCALES.into_iter().find_map(|scale| {
        [true, false].into_iter().find_map(|by_objective| {
            let (rows, objective) = multipliers.whole(scale, by_objective);
            needed(ground, rows, objective, decided, decisions)
        })
    })
}

/// What the rows behind the `first` come to together, each once, where the objective and the first rows bound it from above as
/// often as all that they speak of is left: Lagrangian multipliers need no solver where each row is priced by one number.
pub(crate) fn paid(ground: &Ground, first: usize) -> Option<(Sum, Vec<Literal>)> {
    let inequalities = &ground.inequalities;
    let mut totals = vec![0_i128; inequalities.columns.len()];
    let shown = inequalities.rows[first..].iter();
    for (column, by) in shown.flat_map(|row| &row.terms) {
        totals[*column] = totals[*column].checked_add(*by)?;
    }
    // `sign` is 1 where the terms are at most something, and -1 where the opposite of them is.
    let mut take = |terms: &[(usize, i128)], sign: i128| -> Option<i64> {
        let times = terms.iter().map(|&(column, by)| match by * sign {
            by @ 1.. => totals[column].max(0) / by,
            _ => 0,
        });
        let times = i64::try_from(times.min()?).ok()?;
        for &(column, by) in terms {
            totals[column] -= by * sign * i128::from(times);
        }
        Some(times)
    };
    let objective = match &inequalities.objective {
        Some((terms, _)) => take(terms, 1)?,
        None => 0,
    };
    let mut rows: Vec<(usize, i64)> = (first..inequalities.rows.len())
        .map(|row| (row, 1))
        .collect();
    for (index, row) in inequalities.rows[..first].iter().enumerate() {
        if let Some(times @ 1..) = take(&row.terms, -1) {
            rows.push((index, times));
        } else if row.is_equal
            && let Some(times @ 1..) = take(&row.terms, 1)
        {
            rows.push((index, -times));
        }
    }
    let decided = Decided::none(inequalities.columns.len());
    needed(ground, rows, objective, &decided, &[])
}

/// A row, or what is said of the objective, that is violated by all that has the decisions.
pub(crate) fn violated_row(
    ground: &Ground,
    decided: &Decided,
    decisions: &[Literal],
) -> Option<(Sum, Vec<Literal>)> {
    let rows = 0..ground.inequalities.rows.len();
    let rows = rows.flat_map(|row| [(vec![(row, 1)], 0), (vec![(row, -1)], 0)]);
    let mut alone = rows.chain([(Vec::new(), 1)]);
    alone.find_map(|(rows, objective)| needed(ground, rows, objective, decided, decisions))
}

fn needed(
    ground: &Ground,
    mut rows: Vec<(usize, i64)>,
    objective: i64,
    decided: &Decided,
    decisions: &[Literal],
) -> Option<(Sum, Vec<Literal>)> {
    let inequalities = &ground.inequalities;
    // Only an equality may be taken the other way round.
    rows.retain(|&(row, by)| by > 0 || inequalities.rows[row].is_equal);
    let mut totals = vec![0_i128; inequalities.columns.len()];
    let mut right = 0_i128;
    for &(row, by) in &rows {
        let row = &inequalities.rows[row];
        for &(column, coefficient) in &row.terms {
            totals[column] = totals[column].checked_add(coefficient.checked_mul(by.into())?)?;
        }
        right = right.checked_add(row.right.checked_mul(by.into())?)?;
    }
    if let (Some((terms, most)), 1..) = (&inequalities.objective, objective) {
        for &(column, coefficient) in terms {
            totals[column] =
                totals[column].checked_sub(coefficient.checked_mul(objective.into())?)?;
        }
        right = right.checked_sub(most.checked_mul(objective.into())?)?;
    }
    let used: Vec<usize> = (0..totals.len())
        .filter(|column| totals[*column] != 0)
        .collect();
    let most = used
        .iter()
        .map(|&column| decided.most(ground, column, totals[column]).0);
    let mut slack = right - most.fold(0, i128::saturating_add);
    if slack <= 0 {
        return None;
    }
    let mut decided = decided.clone();
    let mut clause = Vec::new();
    // The last decisions first: what none below a node needs is not to be decided there.
    for &literal in decisions.iter().rev() {
        let column = literal.column;
        let before = decided.most(ground, column, totals[column]).0;
        decided.set(ground, literal, false);
        let cost = decided.most(ground, column, totals[column]).0 - before;
        if cost < slack {
            slack -= cost;
        } else {
            decided.set(ground, literal, true);
            clause.push(literal);
        }
    }
    clause.sort_unstable();
    let mut sum: Sum = rows
        .into_iter()
        .map(|(row, by)| (Reason::Row(row), by))
        .collect();
    if objective > 0 {
        sum.push((Reason::Objective, objective));
    }
    for column in used {
        if decided.most(ground, column, totals[column]).1 {
            sum.push((Reason::Upper(column), i64::try_from(totals[column]).ok()?));
        }
    }
    let common = sum
        .iter()
        .fold(0, |common, (_, by)| gcd(common, i128::from(*by).abs()));
    let common = i64::try_from(common).unwrap_or(1).max(1);
    sum.iter_mut().for_each(|(_, by)| *by /= common);
    Some((sum, clause))
}
