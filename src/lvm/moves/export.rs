//! Moves as commands, each of which was tried on the simulated LVM2 first.

use crate::core::Move;
use crate::lvm::moves::error::MoveError;
use crate::lvm::moves::pvmove::PvMove;
use crate::lvm::moves::state::MoveState;
use crate::lvm::simulate::{Relocation, SimulationError};
use crate::lvm::{AllocationPolicy, Settings, VolumeGroup};

/// One `pvmove` for each move. `--alloc anywhere` lifts what LVM2 refuses without it: it stands where it is needed,
/// and only then, as the moves themselves keep legs apart.
///
/// # Errors
/// [`MoveError::NotCarriedOut`] for the first that LVM2 would refuse either way, or that is not simulated.
pub fn move_commands(
    group: &VolumeGroup,
    state: &MoveState,
    moves: &[Move],
    settings: &Settings,
) -> Result<Vec<PvMove>, MoveError> {
    let mut simulated = Relocation::new(group.clone());
    let device = |source: usize| group.physical_volumes[source].device.clone();
    let mut commands = Vec::with_capacity(moves.len());
    for step in moves {
        let (_, told) = &state.names[step.volume][step.leg];
        let mut command = PvMove {
            name: Some(told.clone()),
            policy: None,
            from: (device(step.from.source), step.from.area),
            to: (device(step.to.source), step.to.area),
        };
        let mut done = simulated.run(&command, settings);
        if let Err(SimulationError::Refused(_)) = done {
            command.policy = Some(AllocationPolicy::Anywhere);
            done = simulated.run(&command, settings);
        }
        done.map_err(|error| MoveError::NotCarriedOut {
            command: Box::new(command.clone()),
            why: error.to_string(),
        })?;
        commands.push(command);
    }
    Ok(commands)
}
