//! One command at a time: what to offer LVM2 so that it places one interval as planned.

use crate::core::{Area, Segment, joined};
use crate::lvm::export_cut::{Interval, with_front};
use crate::lvm::simulate::{SimulationError, simulate};
use crate::lvm::{
    AllocationPolicy, Entry, EntryPart, ExportError, LvCommand, PeRange, PvArgument, SegmentType,
    Settings, VolumeGroup, existing,
};

/// Most orders of arguments that are tried for one command.
const MAX_ORDERS: usize = 24;

/// The group as the commands so far leave it, and the commands.
#[derive(Clone, Debug)]
pub(crate) struct Builder<'a> {
    settings: &'a Settings,
    group: VolumeGroup,
    commands: Vec<LvCommand>,
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
    pub(crate) fn new(group: &VolumeGroup, settings: &'a Settings) -> Builder<'a> {
        Builder {
            settings,
            group: group.clone(),
            commands: Vec::new(),
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
            EntryPart::Grown => entry.command.policy,
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

    /// Finds a form of the command that builds the goal, and runs it on the simulated group.
    ///
    /// # Errors
    /// [`ExportError::NotBuilt`] with what the plain form would build instead.
    pub(crate) fn build(
        &mut self,
        command: &LvCommand,
        policies: &[Option<AllocationPolicy>],
        goal: &Goal,
    ) -> Result<(), ExportError> {
        let offers: Vec<Segment> = goal.offers();
        let mut first_failure = None;
        for arguments in self.arrangements(&offers) {
            for policy in policies {
                let mut command = command.clone();
                command.policy = *policy;
                command.physical_volumes = self.arguments(&arguments);
                match self.attempt(&command, goal) {
                    Ok(after) => {
                        self.group = after;
                        self.commands.push(command);
                        return Ok(());
                    }
                    Err(difference) => {
                        first_failure.get_or_insert((command, difference));
                    }
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
        let argument = |offer: &Segment| PvArgument::Device {
            name: self.group.physical_volumes[offer.source].device.clone(),
            ranges: vec![PeRange {
                first: offer.area.start(),
                last: Some(offer.area.end() - 1),
            }],
        };
        offers.iter().map(argument).collect()
    }

    /// The orders of the offers that are worth a try: the plain one first.
    ///
    /// Where every offer is on another physical volume, LVM2 keeps to the order of the arguments.
    /// Where some share one, what it does hangs on the order, and on whether two areas are equally
    /// long: then one that is longer by an extent, which is not used, tells them apart.
    fn arrangements(&self, offers: &[Segment]) -> Vec<Vec<Segment>> {
        let mut orders = vec![offers.to_vec()];
        let is_shared = offers.iter().enumerate().any(|(index, offer)| {
            let before = &offers[..index];
            before.iter().any(|other| other.source == offer.source)
        });
        if !is_shared {
            return orders;
        }
        permutations(offers.to_vec(), &mut orders);
        let plain = orders.clone();
        let free = self.group.free();
        for order in plain {
            for index in 0..order.len() {
                let offer = order[index];
                let longer = Area::new(offer.area.start(), offer.area.count() + 1);
                let Some(longer) = longer.filter(|area| free[offer.source].contains(*area)) else {
                    continue;
                };
                let is_clear = order.iter().enumerate().all(|(at, other)| {
                    at == index
                        || other.source != offer.source
                        || other.area.intersection(longer).is_none()
                });
                if is_clear {
                    let mut order = order.clone();
                    order[index].area = longer;
                    orders.push(order);
                }
            }
        }
        orders
    }

    /// The group after a command, if that is what the goal wants.
    fn attempt(&self, command: &LvCommand, goal: &Goal) -> Result<VolumeGroup, Difference> {
        let after = self.simulated(command)?;
        let pieces = goal.interval.pieces.iter();
        let legs: Vec<Vec<Segment>> = pieces.map(|piece| vec![*piece]).collect();
        self.compare(&after, goal, &legs)?;
        Ok(after)
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
        let name = &goal.entry.name;
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

fn segment(&(source, area): &(usize, Area)) -> Segment {
    Segment { source, area }
}

/// Other orders of the offers, by swapping, up to a bound.
fn permutations(offers: Vec<Segment>, orders: &mut Vec<Vec<Segment>>) {
    // Heap's way of going through all orders, each one swap away from the one before.
    let count = offers.len();
    let mut counters = vec![0; count];
    let mut order = offers;
    let mut level = 0;
    while level < count && orders.len() < MAX_ORDERS {
        if counters[level] < level {
            let other = if level % 2 == 0 { 0 } else { counters[level] };
            order.swap(other, level);
            orders.push(order.clone());
            counters[level] += 1;
            level = 0;
        } else {
            counters[level] = 0;
            level += 1;
        }
    }
}
