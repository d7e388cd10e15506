//! Which rooms are asked, and how.

use crate::greedy;
use crate::ip;

/// Which rooms are asked, and how.
///
/// They are asked in this order, each knowing the best plan so far, until one proves its answer.
#[derive(Clone, Debug)]
pub struct Strategy {
    /// The step-by-step allocator, for a first plan.
    pub greedy: Option<greedy::Settings>,
    /// Bounds, constructions and exact search.
    pub search: bool,
    /// The integer program and who solves it.
    pub program: Option<ip::Backend>,
    /// Whether walks for a plan go on until the clock runs out, where there is a clock and no method found one.
    pub walks_on: bool,
    /// Whether certificates of the bounds are looked for in the end.
    pub certify: bool,
}

impl Default for Strategy {
    /// Everything there is, the integer program by the solver that is always there.
    fn default() -> Strategy {
        Strategy {
            greedy: Some(greedy::Settings::default()),
            search: true,
            program: Some(ip::Backend::default()),
            walks_on: false,
            certify: true,
        }
    }
}
