//! Moves as commands, each of which was tried on the simulated LVM2 first.

use crate::core::Move;
use crate::lvm::moves::error::MoveError;
use crate::lvm::moves::pvmove::PvMove;
use crate::lvm::moves::state::MoveState;
use crate::lvm::simulate::{Relocation, SimulationError};
use crate::lvm::{AllocationPolicy, Settings, VolumeGroup};

/// A command with what a script has to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveStep {
    /// The command.
    pub command: PvMove,
    /// The logical volume that holds what moves.
    pub owner: String,
    /// The first logical extent of it in that volume.
    pub logical: u64,
    /// Logical extents from one extent of a device to the next: the stripes.
    pub stride: u64,
}

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
    let (steps, _) = carried_out(group, state, moves, settings)?;
    Ok(steps.into_iter().map(|step| step.command).collect())
}

/// As [`move_commands`], with what a script has to know.
///
/// # Errors
/// As [`move_commands`].
pub fn move_steps(
    group: &VolumeGroup,
    state: &MoveState,
    moves: &[Move],
    settings: &Settings,
) -> Result<Vec<MoveStep>, MoveError> {
    carried_out(group, state, moves, settings).map(|(steps, _)| steps)
}

/// The group once moves are made.
///
/// # Errors
/// As [`move_commands`].
pub fn group_after_moves(
    group: &VolumeGroup,
    state: &MoveState,
    moves: &[Move],
    settings: &Settings,
) -> Result<VolumeGroup, MoveError> {
    carried_out(group, state, moves, settings).map(|(_, group)| group)
}

fn carried_out(
    group: &VolumeGroup,
    state: &MoveState,
    moves: &[Move],
    settings: &Settings,
) -> Result<(Vec<MoveStep>, VolumeGroup), MoveError> {
    let mut simulated = Relocation::new(group.clone());
    let device = |source: usize| group.physical_volumes[source].device.clone();
    let mut commands = Vec::with_capacity(moves.len());
    for step in moves {
        let (owner, told) = &state.names[step.volume][step.leg];
        let mut command = PvMove {
            name: Some(told.clone()),
            policy: None,
            from: (device(step.from.source), step.from.area),
            to: (device(step.to.source), step.to.area),
        };
        let (logical, stride) = simulated.logical(owner, step.from).unwrap_or((0, 1));
        let mut done = simulated.run(&command, settings);
        if let Err(SimulationError::Refused(_)) = done {
            command.policy = Some(AllocationPolicy::Anywhere);
            done = simulated.run(&command, settings);
        }
        done.map_err(|error| MoveError::NotCarriedOut {
            command: Box::new(command.clone()),
            why: error.to_string(),
        })?;
        commands.push(MoveStep {
            command,
            owner: owner.clone(),
            logical,
            stride,
        });
    }
    Ok((commands, simulated.into_group()))
}
