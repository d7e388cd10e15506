//! Device numbers that a volume is to keep: `--persistent`, `--minor` and `--major`.

use crate::lvm::simulate::given::Given;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{LogicalVolume, SegmentType};

/// Metadata word of a volume whose minor number stays.
pub(crate) const FIXED_MINOR: &str = "FIXED_MINOR";

/// The largest minor number that there is.
const LARGEST: i64 = (1 << 20) - 1;

/// Notes on a new volume that its number stays: a minor number says so by itself.
pub(crate) fn note(volume: &mut LogicalVolume, given: &Given) {
    if given.has("minor") {
        volume.status.insert(FIXED_MINOR.to_string());
    }
}

/// Refuses numbers that a new volume of a type cannot have.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_new(given: &Given, kind: Option<SegmentType>) -> Result<(), Refusal> {
    let help = || "Run `lvcreate --help' for more information.".to_string();
    let minor = minor(given)?;
    let pools = match kind {
        Some(SegmentType::ThinPool) => Some("thin pools"),
        Some(SegmentType::CachePool) => Some("cache pools"),
        Some(_) | None => None,
    };
    if let (Some(pools), true) = (pools, minor.is_some()) {
        let line = format!("Option --minor is unsupported with {pools}.");
        return Err(Refusal::lines([line, help()]));
    }
    let stays = given.get("persistent");
    if stays == Some("n") && (minor.is_some() || given.has("major")) {
        let line = "Options --major and --minor are incompatible with -Mn.";
        return Err(Refusal::new(line));
    }
    if stays == Some("y") && minor.is_none() {
        let line = "Please specify minor number with --minor when using -My.";
        return Err(Refusal::new(line));
    }
    in_range(minor)
}

/// Refuses what `lvchange` does not take beside a number.
///
/// # Errors
/// LVM2's refusal, or that what else is asked for is not covered.
pub(crate) fn check_change(given: &Given, others: &[&str]) -> Result<(), SimulationError> {
    let stays = given.get("persistent");
    let minor = minor(given)?;
    let is_number = |name: &&&str| matches!(**name, "persistent" | "minor" | "major");
    if stays == Some("n") && minor.is_some()
        || others.iter().filter(is_number).count() < others.len()
    {
        return Err(Refusal::new("Command does not accept option: --minor.").into());
    }
    if stays != Some("y") || minor.is_none() {
        let line = "No command with matching syntax recognised.  Run 'lvchange --help' for more information.";
        let refusal = Refusal::new(line);
        return Err(refusal.and("Nearest similar command has syntax:").into());
    }
    Ok(in_range(minor)?)
}

/// The minor number as LVM2 reads it, up to what fits 31 bits.
fn minor(given: &Given) -> Result<Option<i64>, Refusal> {
    let Some(text) = given.get("minor") else {
        return Ok(None);
    };
    if text.is_empty() || !text.bytes().all(|letter| letter.is_ascii_digit()) {
        return Err(Refusal::lines([
            format!("Invalid argument for --minor: {text}"),
            "Error during parsing of command line.".to_string(),
        ]));
    }
    let most = i64::from(i32::MAX);
    Ok(Some(
        text.parse::<i64>().map_or(most, |number| number.min(most)),
    ))
}

fn in_range(minor: Option<i64>) -> Result<(), Refusal> {
    match minor.filter(|&minor| minor > LARGEST) {
        Some(minor) => Err(Refusal::new(format!(
            "Minor number {minor} outside range 0-{LARGEST}."
        ))),
        None => Ok(()),
    }
}
