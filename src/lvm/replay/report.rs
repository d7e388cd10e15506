//! Replays recordings and counts how often simulation and LVM2 agree.

use std::collections::BTreeMap;
use std::io::Read;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::lvm::replay::layout::{difference, first_group, group_of, layout_of};
use crate::lvm::replay::recording::{
    Record, RecordedLayout, RecordedStep, RecordingError, Scenario, StepOutcome, read_recording,
};
use crate::lvm::simulate::{Activity, Refusal, SimulationError, simulate_recorded};
use crate::lvm::{Settings, Version, VolumeGroup, read_settings};

/// How many steps of one kind came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tally {
    /// Steps that were run.
    pub steps: usize,
    /// The outcome is the same, and so is the layout afterwards.
    pub agree: usize,
    /// It is not.
    pub differ: usize,
    /// Not simulated.
    pub unsupported: usize,
    /// Steps that both refuse.
    pub refused: usize,
    /// Of these, those whose messages are the same, word for word.
    pub same_text: usize,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.steps += other.steps;
        self.agree += other.agree;
        self.differ += other.differ;
        self.unsupported += other.unsupported;
        self.refused += other.refused;
        self.same_text += other.same_text;
    }
}

/// A step that did not come out the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Difference {
    /// The scenario.
    pub scenario: String,
    /// The step, counted from 1.
    pub step: usize,
    /// The command.
    pub command: String,
    /// What LVM2 did, and the simulation did not; or what is not simulated.
    pub what: String,
}

/// What came of a replay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Report {
    /// The sum of the rows.
    pub total: Tally,
    /// By command and segment type.
    pub rows: BTreeMap<String, BTreeMap<String, Tally>>,
    /// The steps that differ.
    pub differences: Vec<Difference>,
    /// The steps that are not simulated.
    pub unsupported: Vec<Difference>,
    /// The refusals with other messages.
    pub texts: Vec<Difference>,
}

impl Report {
    /// Whether everything was simulated and nothing differs.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.total.differ == 0 && self.total.unsupported == 0
    }

    fn count(&mut self, command: &str, kind: &str, tally: Tally) {
        self.total.add(tally);
        let row = self.rows.entry(command.to_string()).or_default();
        row.entry(kind.to_string()).or_default().add(tally);
    }
}

/// Replays a recording that a version of LVM2 made.
///
/// Each step starts from what the steps before left; after a step that differs or is not simulated,
/// from what LVM2 left.
///
/// # Errors
/// [`RecordingError`] for the first line that cannot be read.
pub fn replay(file: impl Read + 'static, version: Version) -> Result<Report, RecordingError> {
    let mut report = Report::default();
    let mut is_empty = true;
    for record in read_recording(file)? {
        is_empty = false;
        replay_record(&record?, version, &mut report);
    }
    if is_empty {
        return Err(RecordingError::Empty);
    }
    Ok(report)
}

fn replay_record(record: &Record, version: Version, report: &mut Report) {
    let scenario = &record.scenario;
    let settings = read_settings(scenario.config.as_ref()).map(|settings| Settings {
        version,
        ..settings
    });
    let mut group = first_group(scenario);
    let mut real = layout_of(&group);
    let mut activity = Activity::all(scenario.active);
    for (index, (step, outcome)) in scenario.steps.iter().zip(&record.result.steps).enumerate() {
        if outcome.skipped {
            continue;
        }
        if let Some(layout) = &outcome.layout {
            real = layout.clone();
        }
        let place = Difference {
            scenario: id(scenario),
            step: index + 1,
            command: told(step),
            what: String::new(),
        };
        let simulated = match &settings {
            Err(what) => Err(SimulationError::Unsupported { what: what.clone() }),
            Ok(settings) => {
                let words = words(&group.name, step, scenario.active);
                simulate_recorded(&group, &words, settings, &mut activity)
            }
        };
        let kind = kind(&group, step, &real);
        let (tally, after) = judge(&group, simulated, outcome, &real, place, report);
        report.count(&step.cmd, &kind, tally);
        group = after;
    }
}

/// Compares one step, and says with which group to go on.
fn judge(
    group: &VolumeGroup,
    simulated: Result<VolumeGroup, SimulationError>,
    outcome: &StepOutcome,
    real: &RecordedLayout,
    mut place: Difference,
    report: &mut Report,
) -> (Tally, VolumeGroup) {
    let mut tally = Tally {
        steps: 1,
        ..Tally::default()
    };
    let (after, refusal) = match simulated {
        Ok(after) => (after, None),
        Err(SimulationError::Refused(refusal)) => {
            let left = refusal.left.clone().map(|left| *left);
            (left.unwrap_or_else(|| group.clone()), Some(refusal))
        }
        Err(SimulationError::Unsupported { what }) => {
            tally.unsupported = 1;
            place.what = what;
            report.unsupported.push(place);
            return (tally, group_of(group, real));
        }
    };
    let what = match (&refusal, outcome.ok) {
        (None, false) => Some(format!("refuses: {}", messages(outcome).join(" / "))),
        (Some(refusal), true) => Some(format!("places it; simulated: {}", one_line(refusal))),
        (None, true) | (Some(_), false) => difference(&layout_of(&after), real),
    };
    if let Some(what) = what {
        tally.differ = 1;
        place.what = what;
        report.differences.push(place);
        return (tally, group_of(group, real));
    }
    tally.agree = 1;
    if let Some(refusal) = refusal {
        tally.refused = 1;
        if refusal.messages == messages(outcome) {
            tally.same_text = 1;
        } else {
            place.what = format!(
                "{}; simulated: {}",
                messages(outcome).join(" / "),
                one_line(&refusal)
            );
            report.texts.push(place);
        }
    }
    (tally, after)
}

fn one_line(refusal: &Refusal) -> String {
    refusal.to_string().replace('\n', " / ")
}

/// The error messages of a step: what it said, without warnings.
fn messages(outcome: &StepOutcome) -> Vec<String> {
    let lines = outcome.stderr.lines();
    // A failed assertion names a line of LVM2's source; it dies without a message of its own.
    let is_error = |line: &&str| {
        let warnings = ["WARNING:", "THIS MAY DESTROY", "THIS WILL DESTROY"];
        let is_warning = warnings.iter().any(|warning| line.starts_with(warning));
        !is_warning && !line.contains("Assertion `")
    };
    let errors = lines.filter(is_error);
    errors.map(str::to_string).collect()
}

pub(crate) fn id(scenario: &Scenario) -> String {
    match &scenario.id {
        Value::String(id) => id.clone(),
        other => other.to_string(),
    }
}

fn told(step: &RecordedStep) -> String {
    let volumes = step.pvs.iter().flatten();
    let words = step.args.iter().chain(volumes).cloned();
    let words: Vec<String> = std::iter::once(step.cmd.clone()).chain(words).collect();
    words.join(" ")
}

/// The words of the command as the oracle runs it, but for `-y`.
///
/// Where volumes are not active, the oracle makes new ones so, too.
pub(crate) fn words(group: &str, step: &RecordedStep, is_active: bool) -> Vec<String> {
    let device = |word: &String| match word.strip_prefix("@PV:") {
        Some(name) => format!("/dev/{}", name.replacen('@', "", 1)),
        None => word.replace("@VG@", group),
    };
    let mut args: Vec<String> = step.args.iter().map(device).collect();
    let in_group = format!("{group}/");
    match (step.cmd.as_str(), args.last_mut()) {
        // The last argument may name a pool or an origin in the group.
        ("lvcreate", Some(last)) if last.starts_with(&in_group) => {}
        ("lvcreate" | "vgchange" | "vgck" | "vgextend" | "vgreduce", _) => {
            args.push(group.to_string())
        }
        (
            "lvextend" | "lvresize" | "lvreduce" | "lvremove" | "lvconvert" | "lvchange"
            | "lvrename",
            Some(last),
        ) if !step.raw && !last.starts_with('-') && !last.contains('/') => {
            *last = format!("{group}/{last}");
        }
        _ => {}
    }
    let mut words = vec![step.cmd.clone()];
    if step.cmd == "lvcreate" && !is_active && !step.raw {
        words.push("-an".to_string());
        let is_pool = |word: &String| word == "thin-pool" || word == "cache-pool";
        if !step.args.iter().any(is_pool) {
            words.extend(["-Zn", "-Wn"].map(str::to_string));
        }
    }
    words.extend(args);
    let volumes = step.pvs.iter().flatten();
    words.extend(volumes.map(|volume| match volume.starts_with('@') {
        true => volume.clone(),
        false => format!("/dev/{volume}"),
    }));
    words
}

/// The segment type that a step is about: what it makes, or what it works on.
fn kind(group: &VolumeGroup, step: &RecordedStep, real: &RecordedLayout) -> String {
    let value = |option: &str| {
        let at = step.args.iter().position(|word| word == option)?;
        step.args.get(at + 1).cloned()
    };
    if let Some(kind) = value("--type") {
        return kind;
    }
    let name = step.args.last().cloned().unwrap_or_default();
    let existing = group.logical_volume(&name);
    let existing = existing.and_then(|volume| volume.segments.last());
    if let Some(segment) = existing {
        let is_linear = segment.segment_type == "striped" && segment.parts.len() == 1;
        return if is_linear {
            "linear".to_string()
        } else {
            segment.segment_type.clone()
        };
    }
    if step.cmd == "lvcreate" {
        let made = value("-n").and_then(|name| real.lvs.get(&name));
        let made = made.and_then(|volume| volume.segments.first());
        let is_linear = |segment: &&crate::lvm::replay::recording::RecordedSegment| {
            segment.segtype == "striped" && segment.stripes.len() == 1
        };
        return match made {
            Some(segment) if is_linear(&segment) => "linear".to_string(),
            Some(segment) => segment.segtype.clone(),
            None => "linear".to_string(),
        };
    }
    "-".to_string()
}
