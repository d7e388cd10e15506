//! Plans what was asked, part after part.

use std::sync::Arc;
use std::time::Duration;

use crate::ask::apart::safest;
use crate::ask::fault::{Fault, Result};
use crate::ask::faults::Faults;
use crate::ask::parts::Rest;
use crate::ask::pictures::pictures;
use crate::ask::planned::{AllPlanned, Beside, Planned};
use crate::ask::rearrange::offer;
use crate::ask::task::Task;
use crate::ask::with_commands::{WithCommands, with_commands};
use crate::core::{Answer, Limits, StopReason};
use crate::lvm;
use crate::show::MapStyle;
use crate::solve::{Strategy, solve};

/// Plans every part on what those before it leave. `planned` plans one behind others: [`plan_part`], perhaps with more
/// around it.
///
/// What is planned last has no plan, or is the last; what [`Rest::first`] says then is not planned.
///
/// # Errors
/// Those of `planned`, and if a command is wrong for the group.
pub fn plan<E: From<Fault>>(
    first: Task,
    rest: &mut Rest,
    mut planned: impl FnMut(&Arc<Task>, &AllPlanned, &Rest) -> Result<Planned, E>,
) -> Result<AllPlanned, E> {
    let mut done = AllPlanned {
        are_several: rest.first().is_some(),
        start: rest.start.clone(),
        ..AllPlanned::default()
    };
    let mut task = Arc::new(first);
    loop {
        let part = planned(&task, &done, rest)?;
        let after = match rest.first() {
            Some(_) => group_after(&part)?,
            None => None,
        };
        done.parts.push(part);
        let Some(group) = after else {
            done.settle_faults()?;
            return Ok(done);
        };
        let (next, notes) = rest.next_part(group, None)?;
        done.notes.extend(notes);
        task = Arc::new(next);
    }
}

/// Plans one part; `took` says how long that took, and more with it.
///
/// # Errors
/// If the answer is wrong.
pub fn plan_part(
    task: &Arc<Task>,
    strategy: &Strategy,
    limits: &Limits<'_>,
    took: &dyn Fn() -> Duration,
) -> Result<Planned> {
    let strategy = Strategy {
        walks_on: true,
        ..*strategy
    };
    let (task, answer) = safest(task, |task| solve(&task.problem, &strategy, limits))?;
    Planned::of(&task, answer, took)
}

impl Planned {
    /// An answer with what builds it.
    ///
    /// # Errors
    /// If LVM2's own layout shows that the answer is wrong.
    pub fn of(task: &Arc<Task>, answer: Answer, took: &dyn Fn() -> Duration) -> Result<Planned> {
        let WithCommands {
            answer,
            commands,
            lvm2,
            faults,
        } = with_commands(task, answer)?;
        Ok(Planned {
            task: Arc::clone(task),
            answer,
            commands,
            took: took(),
            beside: Beside {
                lvm2,
                faults,
                ..Beside::default()
            },
        })
    }

    /// What is known of a part that a limit ended: how LVM2 could be made to build its plan takes a search of its own, and
    /// is said to be missing.
    #[must_use]
    pub fn so_far(task: Arc<Task>, answer: Answer, stopped: StopReason, took: Duration) -> Planned {
        let missing = (task.group.is_some() && answer.plan().is_some())
            .then(|| Err(format!("{} before they were found", stopped.as_end())));
        Planned {
            task,
            answer,
            commands: missing,
            took,
            beside: Beside::default(),
        }
    }

    /// Adds pictures of the sources before and after to the text.
    pub fn draw(&mut self, style: MapStyle) {
        self.beside.pictures = pictures(&self.task, &self.answer, style);
    }

    /// Adds which moves make room to the text, where there is no plan in a volume group; `words` are those that ask for
    /// them.
    pub fn offer(&mut self, rest: &Rest, words: &[String], limits: &Limits<'_>) {
        if let (Answer::Impossible { .. }, Some(group)) = (&self.answer, &self.task.group) {
            let steps = rest.steps.clone();
            self.beside.offer = offer(&group.group, &group.settings, steps, words, limits);
        }
    }
}

impl AllPlanned {
    /// Leaves of what is unsafe behind a part what is so behind all of them.
    fn settle_faults(&mut self) -> Result<()> {
        let [first, rest @ .., last] = self.parts.as_slice() else {
            return Ok(());
        };
        let (Some(start), Some(end)) = (&first.task.group, group_after(last)?) else {
            return Ok(());
        };
        let later = rest.iter().chain([last]);
        let later = later.filter_map(|part| part.task.group.as_ref());
        let later = later.flat_map(|group| group.before.iter().chain(&group.behind));
        let mut all = Faults::new(&lvm::with_new_names(&start.original, later), &end);
        for part in &mut self.parts {
            part.beside.faults.retain(&all);
            all = all.without(&part.beside.faults);
        }
        // What a later part calls otherwise.
        if let Some(last) = self.parts.last_mut() {
            last.beside.faults.extend(all);
        }
        Ok(())
    }
}

/// The group once a part is built; none where it is not, and nothing can be planned on it.
fn group_after(part: &Planned) -> Result<Option<lvm::VolumeGroup>> {
    let (Some(group), Some(Ok(commands))) = (&part.task.group, &part.commands) else {
        return Ok(None);
    };
    commands.after(group).map(Some).map_err(Fault::of)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::ask::audit::sentence;
    use crate::ask::{InOrder, Parts, Pool, Requests, Typed};
    use crate::lvm::{Settings, Severity, VolumeGroup};

    /// What is planned first of a script, or with what a volume is made something else.
    const SCRIPTS: [&str; 25] = [
        "lvrename V vg0/other",
        "lvcreate -s -l 2 -n fresh V; lvrename vg0/fresh vg0/other",
        "lvcreate -s -l 2 -n fresh V; lvremove -f vg0/fresh",
        "lvremove -f V",
        "lvextend -l +2 V",
        "lvcreate -s -l 2 -n fresh V",
        "lvconvert -m 0 V",
        "lvconvert --type raid1 -m 1 V",
        "lvconvert --type raid1 -m 1 V_tdata",
        "lvconvert --type raid1 -m 1 V_tmeta",
        "lvconvert --type raid1 -m 1 V_tdata; lvconvert --type raid1 -m 1 V_tmeta",
        "lvconvert --type raid1 -m 1 V_cdata",
        "lvchange --cachemode writeback V",
        "lvconvert --uncache V",
        "lvconvert --type thin-pool V",
        "lvcreate -l 2 -n fresh vg0; lvconvert -s V fresh",
        "lvcreate --type raid1 -m 1 -l 2 -n fresh vg0; lvconvert -s V fresh",
        "lvcreate -l 2 -n fresh vg0; lvconvert --type thin-pool --poolmetadata fresh V",
        "lvcreate --type raid1 -m 1 -l 2 -n fresh vg0; lvconvert --type thin-pool --poolmetadata fresh V",
        "lvcreate -l 4 -n fresh vg0; lvconvert --type cache --cachemode writeback --cachevol fresh V",
        "lvcreate -l 4 -n fresh vg0; lvconvert --type cache --cachemode writethrough --cachevol fresh V",
        "lvcreate -l 4 -n fresh vg0; lvconvert --type cache --cachemode writeback --cachepool fresh V",
        "lvcreate -an -l 4 -n fresh vg0; lvchange -an V; lvconvert --type writecache --cachevol fresh V",
        "lvcreate --type raid1 -m 1 --alloc anywhere -l 20 -n fresh vg0",
        "lvcreate --type raid6 --alloc anywhere -i 3 -l 6 -n fresh vg0",
    ];

    /// What is unsafe in a group.
    fn unsafe_in(group: &VolumeGroup) -> BTreeSet<String> {
        let findings = lvm::audit(group, &[]).findings.into_iter();
        let findings = findings.filter(|finding| finding.severity() == Severity::Unsafe);
        let bytes = Some(group.extent_bytes());
        findings.map(|finding| sentence(&finding, bytes)).collect()
    }

    fn planned(group: &VolumeGroup, script: &str) -> Result<AllPlanned> {
        let settings = Settings::default();
        let typed = script.split("; ").map(|line| {
            let words: Vec<String> = line.split(' ').map(String::from).collect();
            Typed::of_words(&words, &settings)
        });
        let typed = typed.collect::<Result<Vec<_>>>()?.concat();
        let pool = Pool::Group(group.clone());
        let in_order = InOrder::of(pool, None, settings.clone()).expect("without a scenario");
        let parts = Parts::of("pool", in_order, Requests::Commands(typed), Vec::new())?;
        let (mut rest, strategy) = (parts.rest, Strategy::default());
        let clock = Limits::within(Duration::from_secs(20));
        plan(parts.first, &mut rest, |task, _, _| {
            plan_part(task, &strategy, &clock.limits(), &|| Duration::ZERO)
        })
    }

    #[test]
    fn faults_are_what_an_audit_finds_behind_a_plan_and_did_not_before() {
        let (mut built, mut made_unsafe) = (0, 0);
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models/lvm2");
        for name in [
            "linear",
            "raid1",
            "raid5",
            "mirror",
            "snapshot",
            "thin-pool",
            "cache",
            "cache-volume",
        ] {
            let text = std::fs::read_to_string(format!("{folder}/{name}.vg")).expect("a model");
            let group = lvm::read(&text).expect("it is right");
            let volumes = group.logical_volumes.iter().filter(|one| one.is_visible());
            for (volume, script) in volumes.flat_map(|one| SCRIPTS.map(|script| (one, script))) {
                let script = script.replace("V", &format!("vg0/{}", volume.name));
                let Ok(done) = planned(&group, &script) else {
                    continue;
                };
                let last = done.parts.last().expect("a part");
                let Some(after) = group_after(last).expect("simulated") else {
                    continue;
                };
                built += 1;
                let parts = done
                    .parts
                    .iter()
                    .filter_map(|part| part.task.group.as_ref());
                let steps = parts.flat_map(|part| part.before.iter().chain(&part.behind));
                let before = unsafe_in(&lvm::with_new_names(&group, steps));
                let faults: BTreeSet<String> =
                    done.faults().into_iter().map(String::from).collect();
                let new: BTreeSet<String> =
                    unsafe_in(&after).difference(&before).cloned().collect();
                assert_eq!(faults, new, "{name}: {script}");
                made_unsafe += usize::from(!new.is_empty());
                let (text, json) = (done.text(), done.json());
                let commands = text.split("\ncommands\n").nth(1).expect("commands");
                let shell = done.script().expect("it is built");
                for fault in &faults {
                    assert!(
                        commands.contains(fault.as_str()),
                        "{name}: {script}: {text}"
                    );
                    assert!(
                        json.contains(&format!("    \"{fault}\"")),
                        "{name}: {script}: {json}"
                    );
                    assert!(
                        shell.contains(&format!("#   {fault}\n")),
                        "{name}: {script}: {shell}"
                    );
                }
            }
        }
        assert!(built > 80 && made_unsafe > 30, "{built}, {made_unsafe}");
    }
}
