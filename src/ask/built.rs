//! What builds a plan: commands about volumes, or a conversion.

use crate::ask::task::GroupTask;
use crate::lvm::{self, Interlude};

/// What builds a plan.
#[derive(Clone, Debug)]
pub(crate) enum Built {
    /// Commands that make volumes, or make them larger.
    Commands(Vec<lvm::LvCommand>),
    /// A conversion or the like.
    Step(Box<BuiltStep>),
}

/// A conversion as it is printed.
#[derive(Clone, Debug)]
pub(crate) struct BuiltStep {
    pub(crate) interlude: Interlude,
    /// The group that it leaves.
    pub(crate) after: lvm::VolumeGroup,
}

impl Built {
    /// The group once it is done.
    ///
    /// # Errors
    /// What LVM2 says, or that what it does is not known.
    pub(crate) fn after(
        &self,
        group: &GroupTask,
    ) -> Result<lvm::VolumeGroup, lvm::simulate::SimulationError> {
        match self {
            Built::Commands(commands) => {
                lvm::simulate::simulate_all(&group.group, commands, &group.settings)
            }
            Built::Step(step) => Ok(step.after.clone()),
        }
    }
}

impl BuiltStep {
    pub(crate) fn of(group: &GroupTask, typed: &lvm::TypedStep, after: lvm::VolumeGroup) -> Self {
        BuiltStep {
            interlude: lvm::conversion_done(&group.group, &after, typed),
            after,
        }
    }
}
