//! Sizes as LVM2 writes them, as arguments of our own.

use anyhow::anyhow;

use crate::lvm;

/// Bytes a second; more than none.
pub(crate) fn parse_rate(word: &str) -> Result<u64, String> {
    match sectors(word).map_err(|error| error.to_string())? {
        0 => Err(format!("found `{word}`; expected more than 0 a second")),
        sectors => Ok(sectors.saturating_mul(512)),
    }
}

/// A size without a sign, in sectors.
pub(crate) fn sectors(word: &str) -> anyhow::Result<u64> {
    let expected = |expected: String| anyhow!("found `{word}`; expected {expected}");
    let size = lvm::SizeArgument::read_size(word).map_err(expected)?;
    match size {
        lvm::SizeArgument {
            sign: lvm::Sign::Absolute,
            amount: lvm::Amount::Sectors(sectors),
        } => Ok(sectors),
        _ => Err(expected("a size such as 150M, without a sign".to_string())),
    }
}
