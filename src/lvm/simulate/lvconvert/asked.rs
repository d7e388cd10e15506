//! What `lvconvert` is asked for.

use crate::lvm::simulate::given::{Given, plain};
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::size::read_sectors;
use crate::lvm::{AllocationPolicy, MirrorLog, PvArgument, Sign};

/// Sectors in a mebibyte, the unit of region sizes.
const MEBIBYTE_SECTORS: u64 = 2048;

/// What `lvconvert` is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conversion {
    /// The volume.
    pub(crate) name: String,
    /// `--type`.
    pub(crate) kind: Option<String>,
    /// `-m`: copies beside the first, or how many more or fewer.
    pub(crate) mirrors: Option<(Sign, u64)>,
    /// `-i`.
    pub(crate) stripes: Option<u64>,
    /// `--mirrorlog`.
    pub(crate) log: Option<MirrorLog>,
    /// `-R`.
    pub(crate) region_sectors: Option<u64>,
    /// `--alloc`.
    pub(crate) policy: Option<AllocationPolicy>,
    /// The physical volumes, in order.
    pub(crate) volumes: Vec<PvArgument>,
    /// All options and arguments as they were typed.
    pub(crate) given: Given,
}

/// What the options and arguments come to.
///
/// # Errors
/// A refusal where LVM2 would refuse the arguments; unsupported where they cannot be simulated.
pub(crate) fn conversion(given: &Given) -> Result<Conversion, SimulationError> {
    let mirrors = match given.get("mirrors") {
        None => None,
        Some(text) => Some(match (text.strip_prefix('+'), text.strip_prefix('-')) {
            (Some(more), _) => (Sign::Plus, count(more)?),
            (None, Some(fewer)) => (Sign::Minus, count(fewer)?),
            (None, None) => (Sign::Absolute, count(text)?),
        }),
    };
    if given.has("mirrorlog") && given.has("corelog") {
        let line = "--mirrorlog and --corelog are incompatible.";
        return Err(Refusal::lines([
            line.to_string(),
            "Run `lvconvert --help' for more information.".to_string(),
        ])
        .into());
    }
    let log = match (given.get("mirrorlog"), given.get("corelog")) {
        (None, None) => None,
        (Some("core"), _) | (None, Some(_)) => Some(MirrorLog::Core),
        (Some("disk"), _) => Some(MirrorLog::Disk),
        (Some(other), _) => {
            return Err(SimulationError::unsupported(format!("--mirrorlog {other}")));
        }
    };
    let region = given
        .get("regionsize")
        .map(|text| read_sectors(text, MEBIBYTE_SECTORS));
    let region = region
        .transpose()
        .map_err(|expected| Refusal::new(format!("--regionsize: expected {expected}")))?;
    Ok(Conversion {
        name: argument(given).or_else(|error| named_by_option(given).ok_or(error))?,
        kind: given.get("type").map(str::to_string),
        mirrors,
        stripes: given.get("stripes").map(count).transpose()?,
        log,
        region_sectors: region,
        policy: policy(given)?,
        volumes: volumes(given.arguments.get(1..).unwrap_or_default())?,
        given: given.clone(),
    })
}

/// `--thinpool` and `--cachepool` name what they are about.
fn named_by_option(given: &Given) -> Option<String> {
    let name = given.get("thinpool").or_else(|| given.get("cachepool"));
    name.map(plain)
}

fn argument(given: &Given) -> Result<String, SimulationError> {
    let first = given.arguments.first().map(|name| plain(name));
    first.ok_or_else(|| SimulationError::unsupported("lvconvert without a volume"))
}

fn policy(given: &Given) -> Result<Option<AllocationPolicy>, SimulationError> {
    let Some(word) = given.get("alloc") else {
        return Ok(None);
    };
    let policy = AllocationPolicy::from_name(word);
    let policy =
        policy.ok_or_else(|| Refusal::new(format!("Invalid argument for --alloc: {word}")))?;
    Ok(Some(policy))
}

fn volumes(arguments: &[String]) -> Result<Vec<PvArgument>, SimulationError> {
    let read = |text: &String| {
        PvArgument::read(text)
            .map_err(|expected| Refusal::new(format!("{text}: expected {expected}")).into())
    };
    arguments.iter().map(read).collect()
}

/// A count of stripes or images. Of more than 31 bits LVM2 makes numbers of its own.
fn count(text: &str) -> Result<u64, SimulationError> {
    let wrong = || SimulationError::unsupported(format!("the number {text}"));
    let count: Option<i32> = text.parse().ok();
    count
        .and_then(|count| u64::try_from(count).ok())
        .ok_or_else(wrong)
}
