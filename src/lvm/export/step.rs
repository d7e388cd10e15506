//! One command at a time: what to offer LVM2 so that it places one interval as planned.

use crate::core::{Area, Segment, joined};
use crate::lvm::export::cut::{Interval, with_front};
use crate::lvm::export::forms::{arguments, forms, in_any_order};
use crate::lvm::simulate::{SimulationError, simulate};
use crate::lvm::{
    AllocationPolicy, Entry, EntryPart, ExportError, LvCommand, PvArgument, SegmentType, Settings,
    VolumeGroup, existing,
};

/// The group as the commands so far leave it, and the commands.
#[derive(Clone, Debug)]
pub(crate) struct Builder<'a> {
    settings: &'a Settings,
    group: VolumeGroup,
    commands: Vec<LvCommand>,
    stripes: Stripes,
}

/// What to do where LVM2 would put the stripes of an interval in another order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stripes {
    /// It is an error.
    AsPlanned,
    /// Take LVM2's order.
    AsBuilt,
}

/// What one command has to build.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) interval: &'a Interval,
    /// Per leg the metadata in front of it; empty if this command makes none.
    pub(crate) metadata: &'a [Segment],
    /// The log that this command makes.
    pub(crate) logs: &'a [Segment],
}

/// What would be built instead.
struct Difference {
    what: String,
    instead: String,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(
        group: &VolumeGroup,
        settings: &'a Settings,
        stripes: Stripes,
    ) -> Builder<'a> {
        Builder {
            settings,
            group: group.clone(),
            commands: Vec::new(),
            stripes,
        }
    }

    pub(crate) fn into_commands(self) -> Vec<LvCommand> {
        self.commands
    }

    pub(crate) fn group(&self) -> &VolumeGroup {
        &self.group
    }

    pub(crate) fn group_name(&self) -> &str {
        &self.group.name
    }

    pub(crate) fn extent_size_sectors(&self) -> u64 {
        self.group.extent_size_sectors
    }

    /// The policy that is stored with a volume.
    pub(crate) fn stored_policy(&self, name: &str) -> Option<AllocationPolicy> {
        let volume = self.group.logical_volume(name)?;
        Some(volume.policy)
    }

    pub(crate) fn source_count(&self) -> usize {
        self.group.physical_volumes.len()
    }

    /// Whether an existing volume has to be told how many stripes to go on with.
    pub(crate) fn other_stripes(&self, entry: &Entry) -> bool {
        let may_vary = matches!(
            entry.demand.kind,
            SegmentType::Linear | SegmentType::Striped
        );
        may_vary
            && existing(&self.group, &entry.name)
                .is_ok_and(|grown| !grown.is_uniform || grown.stripes != entry.demand.stripes)
    }

    /// The policies to try when a volume is made. What is given is stored with the volume, so nothing
    /// else is tried; only a group that is `anywhere` may have to be named again for RAID legs that
    /// share a physical volume.
    pub(crate) fn policies_to_create(&self, command: &LvCommand) -> Vec<Option<AllocationPolicy>> {
        let mut policies = vec![command.policy];
        let is_inherited = matches!(command.policy, None | Some(AllocationPolicy::Inherit));
        if is_inherited && self.group.policy == AllocationPolicy::Anywhere {
            policies.push(Some(AllocationPolicy::Anywhere));
        }
        policies
    }

    /// The policies to try when a volume grows; here they are not stored.
    pub(crate) fn policies_to_extend(&self, entry: &Entry) -> Vec<Option<AllocationPolicy>> {
        let asked = match entry.part {
            EntryPart::Grown | EntryPart::Metadata => entry.command.policy,
            EntryPart::Created | EntryPart::Spare => None,
        };
        let mut policies = vec![None];
        let others = [
            asked,
            Some(AllocationPolicy::Normal),
            Some(AllocationPolicy::Anywhere),
        ];
        for policy in others {
            if !policies.contains(&policy) {
                policies.push(policy);
            }
        }
        policies
    }

    /// Finds a form of the command that builds the goal, and runs it on the simulated group. Gives the
    /// interval as it is built.
    ///
    /// # Errors
    /// [`ExportError::NotBuilt`] with what the plain form would build instead.
    pub(crate) fn build(
        &mut self,
        command: &LvCommand,
        policies: &[Option<AllocationPolicy>],
        goal: &Goal,
    ) -> Result<Interval, ExportError> {
        let offers: Vec<Segment> = goal.offers();
        let forms = forms(&self.group, command, &offers);
        let mut first_failure = None;
        let mut tried = Vec::new();
        for (size, arguments) in forms {
            for policy in policies {
                let mut command = command.clone();
                command.size = size;
                command.policy = *policy;
                command.physical_volumes = self.arguments(&arguments);
                let outcome = self.simulated(&command);
                let difference = match outcome {
                    Ok(after) => match self.compare_interval(&after, goal) {
                        Ok(()) => {
                            self.group = after;
                            self.commands.push(command);
                            return Ok(goal.interval.clone());
                        }
                        Err(difference) => {
                            tried.push((command.clone(), after));
                            difference
                        }
                    },
                    Err(difference) => difference,
                };
                first_failure.get_or_insert((command, difference));
            }
        }
        if self.stripes == Stripes::AsBuilt && self.may_reorder(goal) {
            for (command, after) in tried {
                if let Some(interval) = reordered(&after, goal) {
                    self.group = after;
                    self.commands.push(command);
                    return Ok(interval);
                }
            }
        }
        let (command, difference) = first_failure.expect("the plain form is always tried");
        Err(ExportError::NotBuilt {
            name: goal.entry.name.clone(),
            what: difference.what,
            from: goal.interval.offset,
            to: goal.interval.offset + goal.interval.extents(),
            command: Box::new(command),
            instead: difference.instead,
        })
    }

    /// The same for a volume with all its intervals at once.
    ///
    /// # Errors
    /// [`ExportError::NotBuilt`].
    pub(crate) fn build_whole(
        &mut self,
        command: &LvCommand,
        intervals: &[Interval],
        goal: &Goal,
    ) -> Result<(), ExportError> {
        let legs = (0..goal.interval.pieces.len()).map(|leg| {
            let pieces = intervals.iter().map(|interval| interval.pieces[leg]);
            joined(&pieces.collect::<Vec<_>>())
        });
        let legs: Vec<Vec<Segment>> = legs.collect();
        let mut command = command.clone();
        let mut offers: Vec<Segment> = goal.offers();
        offers.truncate(legs.len());
        for leg in &legs {
            offers.extend(leg.iter().skip(1));
        }
        offers.extend(goal.logs);
        // The first runs are as long as they are, not as the first interval.
        for (offer, leg) in offers.iter_mut().zip(&legs) {
            let front = Area::between(offer.area.start(), leg[0].area.end());
            offer.area = front.expect("a run does not end before its first interval");
        }
        command.physical_volumes = self.arguments(&offers);
        let failed = |difference: Difference| ExportError::NotBuilt {
            name: goal.entry.name.clone(),
            what: difference.what,
            from: 0,
            to: intervals.iter().map(Interval::extents).sum(),
            command: Box::new(command.clone()),
            instead: difference.instead,
        };
        let after = self.simulated(&command).map_err(failed)?;
        self.compare(&after, goal, &legs).map_err(failed)?;
        self.group = after;
        self.commands.push(command);
        Ok(())
    }

    /// Tries a command with the offers of the goal, and more, in whatever order builds the goal and
    /// suits the caller besides. Says whether one did.
    pub(crate) fn build_in_any_order(
        &mut self,
        command: &LvCommand,
        goal: &Goal,
        more: &[Segment],
        suits: impl Fn(&VolumeGroup) -> bool,
    ) -> bool {
        let orders = in_any_order([more, &goal.offers()].concat());
        for order in orders {
            let mut command = command.clone();
            command.physical_volumes = self.arguments(&order);
            if let Ok(after) = self.simulated(&command)
                && self.compare_interval(&after, goal).is_ok()
                && suits(&after)
            {
                self.group = after;
                self.commands.push(command);
                return true;
            }
        }
        false
    }

    /// Runs a command whose outcome the caller compares.
    ///
    /// # Errors
    /// What keeps LVM2 from running it.
    pub(crate) fn run(&mut self, command: LvCommand) -> Result<(), String> {
        let after = self
            .simulated(&command)
            .map_err(|difference| difference.instead)?;
        self.group = after;
        self.commands.push(command);
        Ok(())
    }

    /// Ranges as arguments.
    pub(crate) fn arguments(&self, offers: &[Segment]) -> Vec<PvArgument> {
        arguments(&self.group, offers)
    }

    /// Compares what was built with the interval that was wanted.
    fn compare_interval(&self, after: &VolumeGroup, goal: &Goal) -> Result<(), Difference> {
        let pieces = goal.interval.pieces.iter();
        let legs: Vec<Vec<Segment>> = pieces.map(|piece| vec![*piece]).collect();
        self.compare(after, goal, &legs)
    }

    /// Whether the pieces of an interval may go to other legs: stripes of one volume are all alike,
    /// and under policy `anywhere` nothing keeps a leg where it is.
    fn may_reorder(&self, goal: &Goal) -> bool {
        let entry = goal.entry;
        let stored = existing(&self.group, &entry.name).ok();
        let stored = stored.and_then(|grown| self.group.logical_volume(&grown.data_name));
        let inherit = AllocationPolicy::Inherit;
        let policies = [
            entry.command.policy.unwrap_or(inherit),
            stored.map_or(inherit, |volume| volume.policy),
            self.group.policy,
        ];
        let policy = policies.into_iter().find(|policy| *policy != inherit);
        let is_free = policy == Some(AllocationPolicy::Anywhere);
        let has_companions = !goal.metadata.is_empty() || !goal.logs.is_empty();
        !has_companions && (is_free || entry.demand.kind == SegmentType::Striped)
    }

    fn simulated(&self, command: &LvCommand) -> Result<VolumeGroup, Difference> {
        simulate(&self.group, command, self.settings).map_err(|error| Difference {
            what: "anything".to_string(),
            instead: match error {
                SimulationError::Refused(refusal) => format!("is refused: {refusal}"),
                SimulationError::Unsupported { what } => {
                    format!("cannot be predicted: {what}")
                }
            },
        })
    }

    /// Compares what a volume has afterwards with what it had and should have got.
    fn compare(
        &self,
        after: &VolumeGroup,
        goal: &Goal,
        legs: &[Vec<Segment>],
    ) -> Result<(), Difference> {
        let name = &data_name(goal.entry);
        let lost = |error: &dyn std::fmt::Display| Difference {
            what: "anything".to_string(),
            instead: format!("makes a volume that cannot be read: {error}"),
        };
        let made = existing(after, name).map_err(|error| lost(&error))?;
        // What was there counts only where it has as many legs: else LVM2 begins anew.
        let before = existing(&self.group, name).ok();
        let before = before.filter(|before| before.legs.len() == legs.len());
        for (leg, added) in legs.iter().enumerate() {
            let had = before.iter().flat_map(|before| before.legs[leg].iter());
            let expected: Vec<Segment> = had.map(segment).chain(added.iter().copied()).collect();
            let found: Vec<Segment> = made
                .legs
                .get(leg)
                .into_iter()
                .flatten()
                .map(segment)
                .collect();
            if joined(&expected) != joined(&found) {
                let what = format!("leg {leg} ({})", goal.entry.leg_name(leg));
                return Err(self.difference(what, &found));
            }
        }
        for (leg, expected) in goal.metadata.iter().enumerate() {
            let found: Vec<Segment> = made
                .metadata
                .get(leg)
                .into_iter()
                .flatten()
                .map(segment)
                .collect();
            if found != [*expected] {
                let what = format!("metadata of leg {leg} ({})", goal.entry.metadata_name(leg));
                return Err(self.difference(what, &found));
            }
        }
        for expected in goal.logs {
            let log = goal.entry.log_name();
            let found = existing(after, &log).map_err(|error| lost(&error))?;
            let found: Vec<Segment> = found.legs.iter().flatten().map(segment).collect();
            if found != [*expected] {
                return Err(self.difference(format!("the log ({log})"), &found));
            }
        }
        Ok(())
    }

    fn difference(&self, what: String, found: &[Segment]) -> Difference {
        let places: Vec<String> = self
            .arguments(found)
            .iter()
            .map(PvArgument::to_string)
            .collect();
        let instead = format!("puts it on {}", places.join(" "));
        Difference { what, instead }
    }
}

impl Goal<'_> {
    /// The extents to offer: each leg's piece with the metadata in front of it, then the logs.
    fn offers(&self) -> Vec<Segment> {
        let pieces = self.interval.pieces.iter().enumerate();
        let legs = pieces.map(|(leg, piece)| with_front(self.metadata.get(leg), piece));
        legs.chain(self.logs.iter().copied()).collect()
    }
}

/// The name of the volume that the legs belong to: of a new pool that of its data.
fn data_name(entry: &Entry) -> String {
    if entry.demand.kind.is_pool() {
        entry.leg_name(0)
    } else {
        entry.name.clone()
    }
}

fn segment(&(source, area): &(usize, Area)) -> Segment {
    Segment { source, area }
}

/// The interval that a command made, if that is the one wanted with its pieces in another order.
fn reordered(after: &VolumeGroup, goal: &Goal) -> Option<Interval> {
    let wanted = &goal.interval.pieces;
    let made = existing(after, &data_name(goal.entry)).ok()?;
    let pieces = made.legs.iter().map(|leg| {
        // What is new may have been joined with what it follows.
        let (source, last) = *leg.last()?;
        let start = last.end().checked_sub(goal.interval.extents())?;
        let area = Area::between(start.max(last.start()), last.end())?;
        Some(Segment { source, area })
    });
    let pieces: Vec<Segment> = pieces.collect::<Option<_>>()?;
    let sorted = |pieces: &[Segment]| {
        let mut pieces = pieces.to_vec();
        pieces.sort_unstable();
        pieces
    };
    let offset = goal.interval.offset;
    (sorted(&pieces) == sorted(wanted)).then_some(Interval { offset, pieces })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lvm::{import, read, read_commands};

    /// Three empty disks, and one of the volumes that a line makes there, with where LVM2 puts it.
    fn made(line: &str) -> (VolumeGroup, Entry, VolumeGroup) {
        let text = include_str!("../../../models/lvm2/three-disks.vg");
        let group = read(text).expect("metadata text");
        let command = read_commands(line).expect("a command")[0].1.clone();
        let settings = Settings::default();
        let commands = [command.clone()];
        let (_, dictionary) = import(&group, &commands, &settings).expect("a problem");
        let after = simulate(&group, &command, &settings).expect("there is room");
        (group, dictionary.entries[0].clone(), after)
    }

    fn piece(source: usize, start: u64, count: u64) -> Segment {
        let area = Area::new(start, count).expect("not empty");
        Segment { source, area }
    }

    /// What the comparison says of a volume that is to have these pieces.
    fn compared(
        line: &str,
        pieces: &[Segment],
        metadata: &[Segment],
        logs: &[Segment],
    ) -> Result<(), String> {
        let (group, entry, after) = made(line);
        let settings = Settings::default();
        let builder = Builder::new(&group, &settings, Stripes::AsPlanned);
        let interval = Interval {
            offset: 0,
            pieces: pieces.to_vec(),
        };
        let goal = Goal {
            entry: &entry,
            interval: &interval,
            metadata,
            logs,
        };
        let compared = builder.compare_interval(&after, &goal);
        compared.map_err(|difference| difference.what)
    }

    #[test]
    fn legs_metadata_and_logs_that_lie_elsewhere_are_told() {
        let raid = "lvcreate --type raid1 -m 1 -l 10 -n safe";
        let legs = [piece(0, 1, 10), piece(1, 1, 10)];
        let metadata = [piece(0, 0, 1), piece(1, 0, 1)];
        assert_eq!(compared(raid, &legs, &metadata, &[]), Ok(()));
        let elsewhere = [legs[0], piece(1, 2, 10)];
        let told = compared(raid, &elsewhere, &metadata, &[]).expect_err("another leg");
        assert!(told.contains("leg 1 (safe_rimage_1)"), "{told}");
        for wrong in [piece(1, 40, 1), piece(1, 0, 2), piece(2, 0, 1)] {
            let told = compared(raid, &legs, &[metadata[0], wrong], &[]);
            let told = told.expect_err("other metadata");
            assert!(told.contains("metadata of leg 1 (safe_rmeta_1)"), "{told}");
        }

        let mirror = "lvcreate --type mirror -m 1 --mirrorlog disk -l 10 -n old";
        let legs = [piece(0, 0, 10), piece(1, 0, 10)];
        assert_eq!(compared(mirror, &legs, &[], &[piece(2, 0, 1)]), Ok(()));
        let told = compared(mirror, &legs, &[], &[piece(2, 1, 1)]).expect_err("another log");
        assert!(told.contains("the log (old_mlog)"), "{told}");
    }
}
