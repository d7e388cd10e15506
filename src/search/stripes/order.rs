//! What is decided first while a number of intervals is refuted.

/// What is decided first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Which sources are left out.
    Sources,
    /// The lengths of intervals, as long as they are wide open: whole sources tell more of them than single
    /// areas, where sources are many and intervals few.
    Lengths,
}

impl Order {
    /// The orders that are worth it, the better one for a bound that is far off first.
    pub(crate) fn worth_it(count: usize, sources: usize) -> &'static [Order] {
        /// Intervals, and sources for each.
        const MOST_COUNT: usize = 6;
        const SOURCES: usize = 5;
        if count <= MOST_COUNT && sources > SOURCES * count {
            &[Order::Lengths, Order::Sources]
        } else {
            &[Order::Sources]
        }
    }

    /// Whether counting what sources serve says enough of wide boxes, and prices would take longer than they
    /// save.
    pub(crate) fn is_counted_only(self, count: usize) -> bool {
        /// Intervals.
        const MOST_COUNT: usize = 2;
        self == Order::Lengths && count <= MOST_COUNT
    }
}
