//! What the judges of solvers share.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file compiles this for itself and uses some of it"
)]

pub mod generate;
pub mod judge;
pub mod oracle;
pub mod random;
pub mod tiny;
