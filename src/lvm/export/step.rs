//! One command at a time: what to offer LVM2 so that it places one interval as planned.

use crate::core::{Area, Segment};
use crate::lvm::export::cut::Interval;
use crate::lvm::export::forms::{arguments, arguments_by_volume, forms, in_any_order};
use crate::lvm::export::goal::{Difference, Goal, Legs, legs_of};
use crate::lvm::simulate::ledger::{FreeExtents, Ledger, Mark};
use crate::lvm::simulate::{SimulationError, run_on};
use crate::lvm::{
    AllocationPolicy, Entry, EntryPart, ExportError, LvCommand, PvArgument, SegmentType, Settings,
    VolumeGroup, existing,
};

/// The group as the commands so far leave it, and the commands.
#[derive(Clone, Debug)]
pub(crate) struct Builder<'a> {
    settings: &'a Settings,
    ledger: Ledger,
    commands: Vec<LvCommand>,
    order: Order,
}

/// How far LVM2 may build a plan otherwise than it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Not at all.
    AsPlanned,
    /// The stripes of an interval may be in another order.
    AnyStripes,
    /// So may the areas of each leg, too.
    AnyAreas,
}

/// A place in the history of a builder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage {
    ledger: Mark,
    commands: usize,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(group: &VolumeGroup, settings: &'a Settings, order: Order) -> Builder<'a> {
        Builder {
            settings,
            ledger: Ledger::new(group.clone()),
            commands: Vec::new(),
            order,
        }
    }

    pub(crate) fn order(&self) -> Order {
        self.order
    }

    pub(crate) fn stage(&self) -> Stage {
        Stage {
            ledger: self.ledger.mark(),
            commands: self.commands.len(),
        }
    }

    /// Takes back all commands since.
    pub(crate) fn back_to(&mut self, stage: Stage) {
        self.ledger.back_to(stage.ledger);
        self.commands.truncate(stage.commands);
    }

    pub(crate) fn into_commands(self) -> Vec<LvCommand> {
        self.commands
    }

    pub(crate) fn group(&self) -> &VolumeGroup {
        self.ledger.group()
    }

    pub(crate) fn group_name(&self) -> &str {
        &self.group().name
    }

    pub(crate) fn extent_size_sectors(&self) -> u64 {
        self.group().extent_size_sectors
    }

    /// The policy that is stored with a volume.
    pub(crate) fn stored_policy(&self, name: &str) -> Option<AllocationPolicy> {
        let volume = self.group().logical_volume(name)?;
        Some(volume.policy)
    }

    pub(crate) fn source_count(&self) -> usize {
        self.group().physical_volumes.len()
    }

    /// Whether an existing volume has to be told how many stripes to go on with.
    pub(crate) fn other_stripes(&self, entry: &Entry) -> bool {
        let may_vary = matches!(
            entry.demand.kind,
            SegmentType::Linear | SegmentType::Striped
        );
        may_vary
            && existing(self.group(), &entry.name)
                .is_ok_and(|grown| !grown.is_uniform || grown.stripes != entry.demand.stripes)
    }

    /// The policies to try when a volume is made. What is given is stored with the volume, so nothing
    /// else is tried; only a group that is `anywhere` may have to be named again for RAID legs that
    /// share a physical volume.
    pub(crate) fn policies_to_create(&self, command: &LvCommand) -> Vec<Option<AllocationPolicy>> {
        let mut policies = vec![command.policy];
        let is_inherited = matches!(command.policy, None | Some(AllocationPolicy::Inherit));
        if is_inherited && self.group().policy == AllocationPolicy::Anywhere {
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
    /// legs as they are built.
    ///
    /// # Errors
    /// [`ExportError::NotBuilt`] with what the plain form would build instead.
    pub(crate) fn build(
        &mut self,
        command: &LvCommand,
        policies: &[Option<AllocationPolicy>],
        goal: &Goal,
    ) -> Result<Legs, ExportError> {
        let offers: Vec<Segment> = goal.offers();
        let forms = forms(&self.ledger, command, &offers);
        let before = goal.existing(self.group());
        let wanted = goal.legs();
        let may_reorder = self.order != Order::AsPlanned && self.may_reorder(goal);
        let mut first_failure = None;
        let mut reordered_by = None;
        for (size, arguments) in forms {
            for policy in policies {
                let mut command = command.clone();
                command.size = size;
                command.policy = *policy;
                command.physical_volumes = self.arguments(&arguments);
                let stage = self.stage();
                let difference = match self.simulate(&command) {
                    Ok(()) => match goal.compare(self.group(), before.as_ref(), &wanted) {
                        Ok(()) => {
                            self.commands.push(command);
                            return Ok(wanted);
                        }
                        Err(difference) => difference,
                    },
                    Err(difference) => difference,
                };
                if may_reorder && reordered_by.is_none() {
                    let legs = goal.reordered(self.group());
                    reordered_by = legs.map(|legs| (command.clone(), legs));
                }
                self.back_to(stage);
                first_failure.get_or_insert((command, difference));
            }
        }
        if let Some((command, legs)) = reordered_by
            && self.simulate(&command).is_ok()
        {
            self.commands.push(command);
            return Ok(legs);
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

    /// Tries to build several intervals with one command, whose areas LVM2 takes the longest first.
    /// Gives the legs as they are built, if they are those of the intervals.
    pub(crate) fn build_run(
        &mut self,
        command: &LvCommand,
        policies: &[Option<AllocationPolicy>],
        run: &[Interval],
        goal: &Goal,
    ) -> Option<Legs> {
        let (first, rest) = run.split_first()?;
        let first = Goal {
            interval: first,
            ..*goal
        };
        let mut offers = first.offers();
        let logs = offers.split_off(offers.len() - goal.logs.len());
        offers.extend(rest.iter().flat_map(|interval| interval.pieces.clone()));
        offers.extend(logs);
        let before = goal.existing(self.group());
        let wanted = legs_of(run);
        for policy in policies {
            let mut command = command.clone();
            command.policy = *policy;
            command.physical_volumes = arguments_by_volume(self.group(), &offers);
            let stage = self.stage();
            if self.simulate(&command).is_ok() {
                if goal.compare(self.group(), before.as_ref(), &wanted).is_ok() {
                    self.commands.push(command);
                    return Some(wanted);
                }
                if self.order == Order::AnyAreas
                    && let Some(legs) = goal.permuted(self.group(), before.as_ref(), &wanted)
                {
                    self.commands.push(command);
                    return Some(legs);
                }
            }
            self.back_to(stage);
        }
        None
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
    ) -> Result<Legs, ExportError> {
        let legs = legs_of(intervals);
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
        let before = goal.existing(self.group());
        let stage = self.stage();
        let built = self
            .simulate(&command)
            .and_then(|()| goal.compare(self.group(), before.as_ref(), &legs));
        if let Err(difference) = built {
            self.back_to(stage);
            return Err(ExportError::NotBuilt {
                name: goal.entry.name.clone(),
                what: difference.what,
                from: 0,
                to: intervals.iter().map(Interval::extents).sum(),
                command: Box::new(command),
                instead: difference.instead,
            });
        }
        self.commands.push(command);
        Ok(legs)
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
        let before = goal.existing(self.group());
        for order in orders {
            let mut command = command.clone();
            command.physical_volumes = self.arguments(&order);
            let stage = self.stage();
            if self.simulate(&command).is_ok()
                && goal
                    .compare(self.group(), before.as_ref(), &goal.legs())
                    .is_ok()
                && suits(self.group())
            {
                self.commands.push(command);
                return true;
            }
            self.back_to(stage);
        }
        false
    }

    /// Runs a command whose outcome the caller compares.
    ///
    /// # Errors
    /// What keeps LVM2 from running it.
    pub(crate) fn run(&mut self, command: LvCommand) -> Result<(), String> {
        self.simulate(&command)
            .map_err(|difference| difference.instead)?;
        self.commands.push(command);
        Ok(())
    }

    /// Ranges as arguments.
    pub(crate) fn arguments(&self, offers: &[Segment]) -> Vec<PvArgument> {
        arguments(self.group(), offers)
    }

    /// Whether the pieces of an interval may go to other legs: stripes of one volume are all alike,
    /// and under policy `anywhere` nothing keeps a leg where it is.
    fn may_reorder(&self, goal: &Goal) -> bool {
        let entry = goal.entry;
        let stored = existing(self.group(), &entry.name).ok();
        let stored = stored.and_then(|grown| self.group().logical_volume(&grown.data_name));
        let inherit = AllocationPolicy::Inherit;
        let policies = [
            entry.command.policy.unwrap_or(inherit),
            stored.map_or(inherit, |volume| volume.policy),
            self.group().policy,
        ];
        let policy = policies.into_iter().find(|policy| *policy != inherit);
        let is_free = policy == Some(AllocationPolicy::Anywhere);
        let has_companions = !goal.metadata.is_empty() || !goal.logs.is_empty();
        !has_companions && (is_free || entry.demand.kind == SegmentType::Striped)
    }

    /// Runs a command on the ledger.
    fn simulate(&mut self, command: &LvCommand) -> Result<(), Difference> {
        run_on(&mut self.ledger, command, self.settings).map_err(|error| Difference {
            what: "anything".to_string(),
            instead: match error {
                SimulationError::Refused(refusal) => format!("is refused: {refusal}"),
                SimulationError::Unsupported { what } => {
                    format!("cannot be predicted: {what}")
                }
            },
        })
    }
}

#[cfg(test)]
mod tests;
