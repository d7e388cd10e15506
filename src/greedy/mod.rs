//! The allocator that LVM2 has, step for step, for those who want to know what it would do.
//!
//! Its decisions are reproduced, not improved: which area of a source is tried, how ties are broken,
//! what a failed attempt leaves behind. Comments such as "step 4.3" number the steps as they follow
//! each other: 3 is the main loop, 4 one pass over the sources, 5 taking what the pass chose.
//!
//! What is different is the work. LVM2 looks at every area of every source in every pass; here a pass
//! looks at the sources that can be chosen, and makes up later for what it would have done to the
//! others. `tests/literal` holds the plain version that this one is compared with.

mod allocate;
mod call;
mod flags;
mod maps;
mod pass;
mod plan;
mod tags;
mod tournament;
mod usable;

pub use allocate::allocate;
pub use call::{
    Call, Chunk, Offer, Overlap, Pair, Parallel, Placement, Previous, Range, Refusal, Settings,
    TagRule,
};
pub use plan::plan;
