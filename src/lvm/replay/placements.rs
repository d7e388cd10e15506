//! The placements of a recording: every `lvcreate` and `lvextend` with the group that it met.

use std::io::Read;

use crate::lvm::replay::layout::first_group;
use crate::lvm::replay::recording::{RecordingError, read_recording};
use crate::lvm::replay::report::{id, words};
use crate::lvm::simulate::{
    Activity, Refusal, SimulationError, read_recorded, simulate, simulate_step,
};
use crate::lvm::{LvCommand, Settings, Step, Verb, Version, VolumeGroup, read_settings};

/// A command that asks for extents.
#[derive(Clone, Debug)]
pub struct RecordedPlacement {
    /// The scenario.
    pub scenario: String,
    /// The step, counted from 1.
    pub step: usize,
    /// The group before.
    pub group: VolumeGroup,
    /// The command.
    pub command: LvCommand,
    /// How LVM2 is configured.
    pub settings: Settings,
    /// The group afterwards, or the refusal.
    pub outcome: Result<VolumeGroup, Refusal>,
}

/// The placements of a recording, as a version of LVM2 does them.
///
/// The steps of a scenario follow each other; what is not simulated ends the scenario.
///
/// # Errors
/// [`RecordingError`], once the first line that cannot be read is met.
pub fn placements(
    file: impl Read + 'static,
    version: Version,
) -> Result<impl Iterator<Item = Result<RecordedPlacement, RecordingError>>, RecordingError> {
    let records = read_recording(file)?;
    Ok(records.flat_map(move |record| match record {
        Err(error) => vec![Err(error)],
        Ok(record) => {
            let mut found = Vec::new();
            let scenario = &record.scenario;
            let Ok(settings) = read_settings(scenario.config.as_ref()) else {
                return found;
            };
            let settings = Settings {
                version,
                ..settings
            };
            let mut group = first_group(scenario);
            let mut activity = Activity::all(scenario.active);
            for (index, step) in scenario.steps.iter().enumerate() {
                let is_there = |name: &String| group.logical_volume(name).is_some();
                if !step.if_exists.as_ref().is_none_or(is_there) {
                    continue;
                }
                let Ok(read) = read_recorded(&words(&group.name, step, scenario.active), &settings)
                else {
                    break;
                };
                let outcome = match &read.step {
                    Step::Volume(command) => simulate(&group, command, &settings),
                    _ => simulate_step(&group, &read, &settings, &mut activity),
                };
                let outcome = match outcome {
                    Ok(after) => Ok(after),
                    Err(SimulationError::Refused(refusal)) => Err(refusal),
                    Err(SimulationError::Unsupported { .. }) => break,
                };
                let after = match &outcome {
                    Ok(after) => after.clone(),
                    Err(refusal) => match &refusal.left {
                        Some(left) => (**left).clone(),
                        None => group.clone(),
                    },
                };
                if let Step::Volume(command) = read.step
                    && matches!(command.verb, Verb::Create | Verb::Extend)
                {
                    found.push(Ok(RecordedPlacement {
                        scenario: id(scenario),
                        step: index + 1,
                        group,
                        command,
                        settings: settings.clone(),
                        outcome,
                    }));
                }
                group = after;
            }
            found
        }
    }))
}
