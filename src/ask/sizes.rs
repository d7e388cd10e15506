//! Sizes as LVM2 writes them, as arguments of our own.

use crate::ask::fault::{Result, fault};
use crate::lvm;

/// Bytes a second; more than none.
///
/// # Errors
/// If it is no such size.
pub fn rate(word: &str) -> Result<u64> {
    match sectors(word)? {
        0 => Err(fault!("found `{word}`; expected more than 0 a second")),
        sectors => Ok(sectors.saturating_mul(512)),
    }
}

/// A size without a sign, in sectors.
pub(crate) fn sectors(word: &str) -> Result<u64> {
    let expected = |expected: String| fault!("found `{word}`; expected {expected}");
    let size = lvm::SizeArgument::read_size(word).map_err(expected)?;
    match size {
        lvm::SizeArgument {
            sign: lvm::Sign::Absolute,
            amount: lvm::Amount::Sectors(sectors),
        } => Ok(sectors),
        _ => Err(expected("a size such as 150M, without a sign".to_string())),
    }
}
