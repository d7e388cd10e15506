//! A command of a recording, from its words to the group that it leaves.

use crate::lvm::moves::pvmove::PvMove;
use crate::lvm::simulate::{Activity, Relocation, SimulationError, read_recorded, simulate_step};
use crate::lvm::{Settings, VolumeGroup};

/// The volume group after a command. What is active by then is noted.
///
/// # Errors
/// LVM2's refusal, or that the command is not covered.
pub(crate) fn simulate_recorded(
    group: &VolumeGroup,
    words: &[String],
    settings: &Settings,
    activity: &mut Activity,
) -> Result<VolumeGroup, SimulationError> {
    match words {
        [program, words @ ..] if program == "pvmove" => {
            let what = "pvmove of anything but one range to one as long";
            let command = PvMove::read(words).ok_or_else(|| SimulationError::unsupported(what))?;
            let mut relocation = Relocation::new(group.clone());
            relocation.run(&command, settings)?;
            Ok(relocation.into_group())
        }
        _ => simulate_step(group, &read_recorded(words, settings)?, settings, activity),
    }
}
