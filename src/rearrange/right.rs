//! The judge's word on moves before anyone hears of them.

use crate::core::{Move, MoveFault, Rearrangement, check_moves};
use crate::rearrange::RearrangeError;

/// Whether moves reach the goals. What is not modelled where they are looked for is no fault of theirs: policies of
/// stripes and of what is cut, and room that is to be spared.
///
/// # Errors
/// [`RearrangeError::Wrong`] where they break what is.
pub(crate) fn is_right(state: &Rearrangement, moves: &[Move]) -> Result<bool, RearrangeError> {
    let violations = check_moves(state, moves);
    let is_open = |fault: &MoveFault| match fault {
        MoveFault::Torn { .. }
        | MoveFault::Spread { .. }
        | MoveFault::NotSpared { .. }
        | MoveFault::TooFull { .. } => true,
        MoveFault::NotThere { .. }
        | MoveFault::OtherLength { .. }
        | MoveFault::NotHeld { .. }
        | MoveFault::Locked { .. }
        | MoveFault::NotFree { .. }
        | MoveFault::Together { .. }
        | MoveFault::Left { .. }
        | MoveFault::NotHealed { .. }
        | MoveFault::Elsewhere { .. }
        | MoveFault::Scattered { .. } => false,
    };
    if violations.is_empty() {
        return Ok(true);
    }
    if violations.iter().all(|violation| is_open(&violation.fault)) {
        return Ok(false);
    }
    Err(RearrangeError::Wrong { violations })
}
