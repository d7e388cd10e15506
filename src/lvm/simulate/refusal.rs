//! What LVM2 says when it does not do what it was asked.

use std::fmt;

use crate::greedy::Refusal as Unplaced;
use crate::lvm::names::{Reserved, reserved};
use crate::lvm::owners::too_many;
use crate::lvm::{DemandError, Settings, VolumeGroup};

/// LVM2 refuses a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its error messages, one a line, without warnings. Empty where it dies without a word.
    pub messages: Vec<String>,
    /// What it has changed all the same: a pool's metadata may grow before its data does not.
    pub left: Option<Box<VolumeGroup>>,
}

impl Refusal {
    /// A refusal with one message.
    pub(crate) fn new(message: impl Into<String>) -> Refusal {
        Refusal::lines([message.into()])
    }

    pub(crate) fn lines(messages: impl IntoIterator<Item = String>) -> Refusal {
        Refusal {
            messages: messages.into_iter().collect(),
            left: None,
        }
    }

    /// That a volume has the size already that is asked for.
    pub(crate) fn is_of_same_size(&self) -> bool {
        let mut lines = self.messages.iter();
        lines.any(|line| line.contains("matches existing size") || line == "No size change.")
    }

    /// What the allocator's refusal reads like; `name` is the volume that it was to place.
    pub(crate) fn of_allocator(refusal: Unplaced, name: &str) -> Refusal {
        let contiguously = |contiguous| if contiguous { "contiguous " } else { "" };
        let lines = match refusal {
            Unplaced::NotDivisible { extents, multiple } => vec![format!(
                "Number of extents requested ({extents}) needs to be divisible by {multiple}."
            )],
            Unplaced::TooFewSources => vec![
                "Not enough PVs with free space available for parallel allocation.".to_string(),
                "Consider --alloc anywhere if desperate.".to_string(),
            ],
            Unplaced::NoSources => vec!["Couldn't allocate areas array.".to_string()],
            Unplaced::TooFewExtents { needed, available } => vec![format!(
                "Insufficient free space: {needed} extents needed, but only {available} available"
            )],
            Unplaced::MoreRequired {
                contiguous,
                extents,
            } => vec![format!(
                "Insufficient suitable {}allocatable extents for logical volume {name}: {extents} \
                 more required",
                contiguously(contiguous)
            )],
            Unplaced::NothingFound { contiguous } => vec![format!(
                "Insufficient suitable {}allocatable extents found for logical volume {name}.",
                contiguously(contiguous)
            )],
            Unplaced::ShortLegs { found, required } => vec![format!(
                "Insufficient suitable allocatable extents for logical volume {name}: {found} \
                 extents found but at least {required} required (1 extent per data image)."
            )],
            Unplaced::NoRoomForLog => vec![format!(
                "Insufficient free space for log allocation for logical volume {name}."
            )],
            Unplaced::CompanionDoesNotFit => {
                vec!["Metadata does not fit on a single PV.".to_string()]
            }
            Unplaced::MissingArea => {
                vec!["Missing PV area for parallel allocation.".to_string()]
            }
            Unplaced::Aborts | Unplaced::Stopped => Vec::new(),
        };
        Refusal::lines(lines)
    }

    /// The refusal with more said behind it.
    pub(crate) fn and(mut self, message: impl Into<String>) -> Refusal {
        self.messages.push(message.into());
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.messages.is_empty() {
            return f.write_str("(ends itself without a message)");
        }
        f.write_str(&self.messages.join("\n"))
    }
}

impl std::error::Error for Refusal {}

/// Why a command has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SimulationError {
    /// LVM2 refuses it.
    Refused(Refusal),
    /// Nobody knows: the simulation does not cover this.
    Unsupported {
        /// What is not covered.
        what: String,
    },
}

impl SimulationError {
    pub(crate) fn unsupported(what: impl Into<String>) -> SimulationError {
        SimulationError::Unsupported { what: what.into() }
    }
}

impl From<Refusal> for SimulationError {
    fn from(refusal: Refusal) -> SimulationError {
        SimulationError::Refused(refusal)
    }
}

/// A refusal of a size in the words of a version of LVM2.
pub(crate) fn refused(error: &DemandError, settings: &Settings) -> SimulationError {
    match error {
        DemandError::SameSize { .. } if settings.version.is_after_2_03_16() => {
            Refusal::new("No size change.").into()
        }
        // LVM2 says nothing at all.
        DemandError::OtherStripes { asked: 1, .. } => Refusal::lines([]).into(),
        DemandError::UnsupportedType { .. }
        | DemandError::UnsupportedLayout { .. }
        | DemandError::TooLarge { .. }
        | DemandError::NoSuchLogicalVolume { .. } => {
            SimulationError::unsupported(error.to_string())
        }
        DemandError::OtherGroup { .. }
        | DemandError::GroupLocked { .. }
        | DemandError::Name(_)
        | DemandError::NoSuchVolume { .. }
        | DemandError::RangePastEnd { .. }
        | DemandError::RangesOverlap { .. }
        | DemandError::NoVolumes { .. }
        | DemandError::NoVolumeYet
        | DemandError::Empty { .. }
        | DemandError::NoRoomForPool { .. }
        | DemandError::TooFewDevices { .. }
        | DemandError::BadChunkSize { .. }
        | DemandError::PlacesNothing
        | DemandError::NameTaken { .. }
        | DemandError::Internal { .. }
        | DemandError::NoThinPool { .. }
        | DemandError::OtherType { .. }
        | DemandError::OtherMirrors
        | DemandError::OtherStripes { .. }
        | DemandError::StripesUnknown
        | DemandError::NoOrigin
        | DemandError::NotLarger { .. }
        | DemandError::OtherTerms { .. }
        | DemandError::SameSize { .. } => Refusal::new(error.to_string()).into(),
    }
}

impl fmt::Display for SimulationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SimulationError::Refused(refusal) => refusal.fmt(f),
            SimulationError::Unsupported { what } => write!(f, "not simulated: {what}"),
        }
    }
}

impl std::error::Error for SimulationError {}

/// What was done, or, where LVM2 said something, that as a refusal that leaves what was done.
pub(crate) fn partly(
    group: &VolumeGroup,
    after: VolumeGroup,
    messages: Vec<String>,
) -> Result<VolumeGroup, SimulationError> {
    if messages.is_empty() {
        return Ok(after);
    }
    let mut refusal = Refusal::lines(messages);
    refusal.left = (after != *group).then(|| Box::new(after));
    Err(refusal.into())
}

/// A refusal that leaves what was done before it.
pub(crate) fn leaving(
    error: SimulationError,
    left: impl FnOnce() -> VolumeGroup,
) -> SimulationError {
    match error {
        SimulationError::Refused(refusal) => SimulationError::Refused(Refusal {
            left: Some(Box::new(left())),
            ..refusal
        }),
        SimulationError::Unsupported { .. } => error,
    }
}

/// What commands say about a volume that is not there.
pub(crate) fn not_there(group: &VolumeGroup, name: &str) -> Refusal {
    Refusal::new(format!(
        "Failed to find logical volume \"{}/{name}\"",
        group.name
    ))
}

/// What LVM2 says of images that come or go while one of them is followed.
pub(crate) fn tracking(group: &str, name: &str) -> Refusal {
    Refusal::new(format!(
        "Conversion of tracking raid1 LV {group}/{name} is not supported."
    ))
}

/// Refuses a name that something has, or has had.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_free_name(group: &VolumeGroup, name: &str) -> Result<(), Refusal> {
    match group.holder_of_name(name) {
        None => Ok(()),
        Some(by) => Err(Refusal::new(format!(
            "{by} \"{name}\" already exists in volume group \"{}\"",
            group.name
        ))),
    }
}

/// Refuses names that LVM2 keeps for its own.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_reserved(name: &str, program: &str) -> Result<(), Refusal> {
    let (how, word) = match reserved(name) {
        None => return Ok(()),
        Some(Reserved::Beginning(word)) => ("starting", word),
        Some(Reserved::Part(word)) => ("including", word),
    };
    Err(Refusal::lines([
        format!("Names {how} \"{word}\" are reserved. Please choose a different LV name."),
        format!("Run `{program} --help' for more information."),
    ]))
}

/// Refuses one volume more than the group may have. What LVM2 hides at once counts as it is made; images do not.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_count(group: &VolumeGroup) -> Result<(), Refusal> {
    too_many(group, 0).map_or(Ok(()), |message| Err(Refusal::new(message)))
}
