//! The allocator that LVM2 has, step for step, for those who want to know what it would do.
//!
//! Its decisions are reproduced, not improved: which area of a source is tried, how ties are broken,
//! what a failed attempt leaves behind. Comments such as "step 4.3" number the steps as they follow
//! each other: 3 is the main loop, 4 one pass over the sources, 5 taking what the pass chose.

mod call;
mod literal;
mod plan;

pub use call::{
    Call, Chunk, Offer, Pair, Parallel, Placement, Previous, Range, Refusal, Settings, TagRule,
};
pub use literal::allocate;
pub use plan::plan;
