//! `extentplan capacity --survive`: could everything redundant be repaired in place after a failure?

use std::collections::{BTreeMap, BTreeSet};

use crate::ask::Outcome;
use crate::ask::capacity::answer_json::{self, Scale};
use crate::ask::capacity::answer_text::{ended_by, list, sentence};
use crate::ask::capacity::answers::ended;
use crate::ask::capacity::raw::{RawAnswers, RawFailure, RawState, RawSurvival};
use crate::ask::capacity::repairs::remedy_words;
use crate::ask::capacity::subject::{CapacityQuestion, shown};
use crate::ask::fault::{Result, fault};
use crate::ask::pool::{Pool, Settled};
use crate::ask::redundant::{self, WITHOUT_HIDDEN};
use crate::ask::task::Requests;
use crate::capacity::{self, Aftermath, Failure, Remedy, enough_for_each};
use crate::core::{Limits, Problem, StopReason, counted, explain};
use crate::lvm;
use crate::solve::Strategy;

/// What the failures of a volume group come to.
pub struct Survival {
    /// How many volumes are redundant.
    volumes: usize,
    failures: Vec<Failure>,
    /// Per failure.
    aftermath: Vec<Aftermath>,
    /// What else each failure costs.
    costs: Vec<Cost>,
    group: lvm::VolumeGroup,
    extent_bytes: u64,
    /// What ended the search, if a limit did.
    stopped: Option<StopReason>,
}

/// What a failure costs by all that volumes stand on.
struct Cost {
    /// Volumes that are lost although they stand on copies or parity.
    lost: Vec<String>,
    /// Volumes that are lost and never had any.
    unprotected: Vec<String>,
    /// Volumes of legs that lose some, and whose repair is not planned here.
    not_planned: Vec<String>,
}

/// What a failure costs, where `before` is what becomes of volumes without any.
fn cost(
    layers: &lvm::Layers<'_>,
    before: &[lvm::State],
    failure: &Failure,
    planned: &BTreeSet<&str>,
) -> Cost {
    let gone = failure.sources.iter().copied().collect();
    let after = layers.also_without(before, |_| false, &gone);
    let name = |volume: &usize| layers.group.logical_volumes[*volume].name.clone();
    let lost = after
        .changed()
        .filter(|(_, state)| *state == lvm::State::Lost);
    let lost = lost.flat_map(|(volume, _)| layers.shown(volume)).copied();
    let lost: BTreeSet<usize> = lost.collect();
    let (lost, unprotected): (Vec<usize>, Vec<usize>) = lost
        .iter()
        .partition(|&&volume| layers.is_redundant(volume));
    let touched = after
        .changed()
        .filter(|(volume, state)| *state == lvm::State::Degraded && layers.is_array(*volume));
    let touched = touched.map(|(volume, _)| name(&volume));
    Cost {
        lost: lost.iter().map(name).collect(),
        unprotected: unprotected.iter().map(name).collect(),
        not_planned: touched
            .filter(|name| !planned.contains(name.as_str()))
            .collect(),
    }
}

impl Cost {
    /// What a failure comes to, judged by all that volumes stand on.
    fn judged(&self, after: Aftermath) -> Aftermath {
        if !self.lost.is_empty() {
            let lost = self.lost.clone();
            return Aftermath::Lost { lost };
        }
        match after {
            Aftermath::Untouched | Aftermath::Repaired { .. } if !self.not_planned.is_empty() => {
                Aftermath::Open
            }
            Aftermath::Untouched
            | Aftermath::Repaired { .. }
            | Aftermath::Lost { .. }
            | Aftermath::NoRoom { .. }
            | Aftermath::Open => after,
        }
    }

    /// What is said beside that.
    fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if !self.not_planned.is_empty() {
            let names = self.not_planned.join(", ");
            words.push(format!(
                "degraded, and its repair is not planned here: {names}"
            ));
        }
        if !self.unprotected.is_empty() {
            let names = self.unprotected.join(", ");
            words.push(format!(
                "lost, as there is no copy or parity of it: {names}"
            ));
        }
        words
    }
}

/// What the failure of any one disk, or of all disks of any one of the domains, would come to; `disks` of some sizes,
/// with these tags, may be bought beforehand.
///
/// # Errors
/// If the pool is no volume group or leaves out what the answer rests on, or no physical volume has a tag.
pub fn survive(
    asked: Settled<'_>,
    domains: &[String],
    question: &CapacityQuestion,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Survival> {
    let name = asked.name;
    let Pool::Group(group) = asked.pool else {
        return Err(fault!(
            "{name}: --survive needs a volume group, which says what is redundant"
        ));
    };
    if !question.commands.is_empty() || !matches!(question.requests, Requests::None) {
        return Err(fault!(
            "--survive is about the volumes there are; it takes no requests"
        ));
    }
    let extent_bytes = group.extent_bytes();
    let purchase = question.purchase(Some(extent_bytes))?;
    shown(domains)?;
    let problem = Problem::new(lvm::sources(&group), Vec::new(), Vec::new())
        .map_err(|defects| fault!("{name}: {}", defects[0]))?;
    redundant::known_tags(&group, domains, "--domain")?;
    let layers = lvm::Layers::new(&group);
    if !layers.not_judged().is_empty() {
        return Err(fault!("{name}: {WITHOUT_HIDDEN}"));
    }
    let volumes = redundant::redundant(&group);
    let failures = redundant::failures(&group, domains);
    let aftermath = capacity::survive(&problem, &volumes, &failures, &purchase, strategy, limits)?;
    let planned: BTreeSet<&str> = volumes.iter().map(|volume| volume.name.as_str()).collect();
    let before = layers.without(|_| false);
    let costs = failures.iter();
    let costs = costs.map(|failure| cost(&layers, &before, failure, &planned));
    let costs: Vec<Cost> = costs.collect();
    let judged = aftermath.into_iter().zip(&costs);
    let all = layers.arrays().count();
    Ok(Survival {
        volumes: all,
        group,
        aftermath: judged.map(|(after, cost)| cost.judged(after)).collect(),
        costs,
        failures,
        extent_bytes,
        stopped: ended(limits),
    })
}

impl Survival {
    /// The failures as JSON.
    ///
    /// # Errors
    /// None that could be the user's fault.
    pub fn json(&self) -> Result<String> {
        answer_json::write(&RawAnswers {
            stopped: self.stopped.map(StopReason::name),
            ..self.export()?
        })
    }

    /// What the failures mean to the exit code: a no where one breaks what is redundant, or nothing is.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let is_open = |after: &Aftermath| matches!(after, Aftermath::Open);
        let unprotected = || self.costs.iter().any(|cost| !cost.unprotected.is_empty());
        if self.aftermath.iter().any(breaks) || self.volumes == 0 && unprotected() {
            Outcome::No
        } else if self.aftermath.iter().any(is_open) {
            Outcome::LimitRanOut
        } else {
            Outcome::Yes
        }
    }

    /// How many failures take volumes that have no copy.
    pub(crate) fn taking(&self) -> usize {
        let takes = |cost: &&Cost| !cost.unprotected.is_empty();
        self.costs.iter().filter(takes).count()
    }

    /// How many failures there are, by what becomes of what is redundant.
    pub(crate) fn numbers(&self) -> BTreeMap<&'static str, u64> {
        let mut counts = BTreeMap::from([("failures", self.failures.len() as u64)]);
        for after in &self.aftermath {
            let name = match after {
                Aftermath::Untouched => "untouched",
                Aftermath::Repaired { .. } => "repaired",
                Aftermath::Lost { .. } => "lost",
                Aftermath::NoRoom { .. } => "no_room",
                Aftermath::Open => "unknown",
            };
            *counts.entry(name).or_default() += 1;
        }
        counts.insert("redundant", self.volumes as u64);
        if self.taking() > 0 {
            counts.insert("take_unprotected", self.taking() as u64);
        }
        counts
    }

    /// The volume group.
    pub(crate) fn group(&self) -> &lvm::VolumeGroup {
        &self.group
    }

    /// Per failure what fails, what it comes to, what would help beforehand, and whether it takes what has no copy.
    pub(crate) fn told(&self) -> impl Iterator<Item = (&str, Vec<String>, &Aftermath, bool)> {
        let all = self.failures.iter().zip(&self.aftermath).zip(&self.costs);
        all.map(|((failure, after), cost)| {
            let words = std::iter::once(words_of(after)).chain(cost.words());
            let takes = !cost.unprotected.is_empty();
            (failure.name.as_str(), words.collect(), after, takes)
        })
    }

    /// A verdict, then a line or paragraph for each failure.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.verdict();
        let all = self.failures.iter().zip(&self.aftermath).zip(&self.costs);
        for ((failure, after), cost) in all {
            let head = format!("  {} fails: ", failure.name);
            text.push_str(&sentence(&head, &words_of(after)));
            if let Aftermath::NoRoom { add, .. } = after {
                text.push_str("  what to add beforehand, any one of\n");
                text.push_str(&list(add, Some(self.extent_bytes)));
            }
            for words in cost.words() {
                text.push_str(&sentence("    ", &words));
            }
        }
        text + &ended_by(self.stopped)
    }

    pub(crate) fn verdict(&self) -> String {
        let noun = if self.volumes == 1 {
            "volume"
        } else {
            "volumes"
        };
        let broken = self.aftermath.iter().filter(|after| breaks(after)).count();
        let is_open = |after: &&Aftermath| matches!(after, Aftermath::Open);
        let open = self.aftermath.iter().filter(is_open).count();
        let all = self.aftermath.len();
        let mut words = match (broken, open) {
            _ if self.volumes == 0 => {
                "no volume is redundant: there is nothing to repair".to_string()
            }
            (0, 0) => format!(
                "{} redundant {noun}; none of {all} failures breaks them",
                self.volumes
            ),
            (0, _) => format!("{} redundant {noun}", self.volumes),
            (_, _) => format!(
                "{} redundant {noun}; {broken} of {all} failures cannot be repaired in place",
                self.volumes
            ),
        };
        if open > 0 {
            words.push_str(&format!("; {open} of {all} failures are undecided"));
        }
        let taking = self.taking();
        if taking > 0 {
            let lost: BTreeSet<&str> = self
                .costs
                .iter()
                .flat_map(|cost| cost.unprotected.iter().map(String::as_str))
                .collect();
            words.push_str(&format!(
                "; {taking} of {all} failures take some of the {} without a copy",
                counted(lost.len() as u64, "volume")
            ));
        }
        let mut text = sentence("", &words);
        if let Some(remedy) = self.enough() {
            let words = remedy_words(&remedy, &[], Some(self.extent_bytes));
            text.push_str(&sentence("room for any one repair: ", &words));
        }
        text
    }

    /// One purchase that does for each failure by itself.
    fn enough(&self) -> Option<Remedy> {
        enough_for_each(&self.aftermath).map(|extents| Remedy::Add {
            extents,
            tags: Default::default(),
        })
    }

    /// The failures in the shape of the file.
    fn export(&self) -> Result<RawAnswers> {
        let pairs = self.failures.iter().zip(&self.aftermath);
        let scale = Scale(Some(self.extent_bytes));
        let failures: Result<Vec<RawFailure>> = pairs
            .zip(&self.costs)
            .map(|((failure, after), cost)| {
                let raw = exported(failure, after, scale)?;
                let unprotected = cost.unprotected.clone();
                Ok(RawFailure { unprotected, ..raw })
            })
            .collect();
        Ok(RawAnswers {
            survive: Some(RawSurvival {
                volumes: self.volumes as u64,
                broken: self.aftermath.iter().filter(|after| breaks(after)).count() as u64,
                enough: enough_for_each(&self.aftermath),
                failures: failures?,
            }),
            ..RawAnswers::default()
        })
    }
}

/// What a failure comes to, in a sentence.
fn words_of(after: &Aftermath) -> String {
    match after {
        Aftermath::Untouched => "no image of a redundant volume is there".to_string(),
        Aftermath::Repaired { repaired, .. } => {
            format!("repaired in place: {}", repaired.join(", "))
        }
        Aftermath::Lost { lost } => format!("DATA LOST: {}", lost.join(", ")),
        Aftermath::NoRoom {
            degraded, refusal, ..
        } => {
            let reason = explain(&refusal.problem, &refusal.why);
            let (all, whose) = match degraded.len() {
                1 => ("", "its"),
                _ => ("all of ", "their"),
            };
            let degraded = degraded.join(", ");
            format!(
                "no room to repair {all}{degraded} outside the disks of {whose} other legs: {reason}"
            )
        }
        Aftermath::Open => "unknown".to_string(),
    }
}

fn breaks(after: &Aftermath) -> bool {
    matches!(after, Aftermath::Lost { .. } | Aftermath::NoRoom { .. })
}

fn exported(failure: &Failure, after: &Aftermath, scale: Scale) -> Result<RawFailure> {
    let mut raw = RawFailure {
        failure: failure.name.clone(),
        state: RawState::Unknown,
        volumes: Vec::new(),
        unprotected: Vec::new(),
        reason: None,
        add: None,
        plan: None,
    };
    match after {
        Aftermath::Untouched => raw.state = RawState::Untouched,
        Aftermath::Repaired { repaired, layout } => {
            raw.state = RawState::Repaired;
            raw.volumes.clone_from(repaired);
            raw.plan = Some(answer_json::layout(layout)?);
        }
        Aftermath::Lost { lost } => {
            raw.state = RawState::Lost;
            raw.volumes.clone_from(lost);
        }
        Aftermath::NoRoom {
            degraded,
            refusal,
            add,
        } => {
            raw.state = RawState::NoRoom;
            raw.volumes.clone_from(degraded);
            raw.reason = Some(answer_json::words(refusal));
            raw.add = Some(scale.repairs(add)?);
        }
        Aftermath::Open => {}
    }
    Ok(raw)
}
