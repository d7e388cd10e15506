//! Lengths of intervals, longest first, each within limits: what a branch of a refutation assumes.

/// Least and greatest length of each interval, in extents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Boxes {
    pub(crate) low: Vec<i64>,
    pub(crate) high: Vec<i64>,
}

impl Boxes {
    /// Any lengths up to the most that each interval can have.
    pub(crate) fn below(most: &[i64]) -> Boxes {
        Boxes {
            low: vec![1; most.len()],
            high: most.to_vec(),
        }
    }

    /// Draws the conclusions of order and sum; `false` if nothing is left.
    ///
    /// Intervals may be taken to have `extents` exactly: what is too much is cut off.
    pub(crate) fn tighten(&mut self, extents: i64) -> bool {
        /// The conclusions hold after any pass; later passes find little.
        const PASSES: usize = 4;
        let count = self.low.len();
        for _ in 0..PASSES {
            let before = self.clone();
            for rank in 1..count {
                self.high[rank] = self.high[rank].min(self.high[rank - 1]);
            }
            for rank in (1..count).rev() {
                self.low[rank - 1] = self.low[rank - 1].max(self.low[rank]);
            }
            let low: i64 = self.low.iter().sum();
            let high: i64 = self.high.iter().sum();
            for rank in 0..count {
                let others = (low - self.low[rank], high - self.high[rank]);
                self.low[rank] = self.low[rank].max(extents - others.1);
                self.high[rank] = self.high[rank].min(extents - others.0);
            }
            if self
                .low
                .iter()
                .zip(&self.high)
                .any(|(low, high)| low > high)
            {
                return false;
            }
            if *self == before {
                break;
            }
        }
        self.low.iter().sum::<i64>() <= extents && self.high.iter().sum::<i64>() >= extents
    }

    /// How far the lengths are open, all together.
    pub(crate) fn width(&self) -> i64 {
        self.high.iter().sum::<i64>() - self.low.iter().sum::<i64>()
    }

    /// The interval whose length is open widest, the longer one of two; `None` if all are fixed.
    pub(crate) fn widest(&self) -> Option<usize> {
        let width = |rank: &usize| self.high[*rank] - self.low[*rank];
        let widest = (0..self.low.len()).max_by_key(|rank| (width(rank), usize::MAX - rank));
        widest.filter(|rank| width(rank) > 0)
    }

    /// With the length of one interval at most `middle`, and above it.
    pub(crate) fn split(&self, rank: usize, middle: i64) -> (Boxes, Boxes) {
        let (mut lower, mut upper) = (self.clone(), self.clone());
        lower.high[rank] = middle;
        upper.low[rank] = middle + 1;
        (lower, upper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No lengths in order with the right sum are lost, and an empty box has none.
    #[test]
    fn tightening_loses_no_lengths() {
        let boxes = Boxes {
            low: vec![2, 1, 1],
            high: vec![9, 5, 4],
        };
        for extents in 1..=20 {
            let mut tight = boxes.clone();
            let is_open = tight.tighten(extents);
            for first in 2..=9 {
                for second in 1..=5i64.min(first) {
                    let third = extents - first - second;
                    if (1..=4.min(second)).contains(&third) {
                        assert!(is_open, "{extents}: {first} {second} {third}");
                        for (rank, length) in [first, second, third].into_iter().enumerate() {
                            assert!((tight.low[rank]..=tight.high[rank]).contains(&length));
                        }
                    }
                }
            }
        }
    }
}
