//! One command at a time: what to offer LVM2 so that it places one interval as planned.

use crate::core::{Area, Segment, joined};
use crate::lvm::export_cut::{Interval, with_front};
use crate::lvm::simulate::{SimulationError, simulate};
use crate::lvm::{
    AllocationPolicy, Amount, Entry, EntryPart, ExportError, LvCommand, PeRange, PercentOf,
    PvArgument, SegmentType, Settings, Sign, SizeArgument, Verb, VolumeGroup, existing,
};

/// Most orders of arguments that are tried for one command.
const MAX_ORDERS: usize = 24;

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

/// A size and what to offer for it.
type Form = (Option<SizeArgument>, Vec<Segment>);

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
        let forms = self.forms(command, &offers);
        let mut first_failure = None;
        for (size, arguments) in forms {
            for policy in policies {
                let mut command = command.clone();
                command.size = size;
                command.policy = *policy;
                command.physical_volumes = self.arguments(&arguments);
                match self.attempt(&command, goal) {
                    Ok(after) => {
                        self.group = after;
                        self.commands.push(command);
                        return Ok(goal.interval.clone());
                    }
                    Err(difference) => {
                        first_failure.get_or_insert((command, difference));
                    }
                }
            }
        }
        if self.stripes == Stripes::AsBuilt && goal.entry.demand.kind == SegmentType::Striped {
            for policy in policies {
                let mut command = command.clone();
                command.policy = *policy;
                command.physical_volumes = self.arguments(&offers);
                if let Some((after, interval)) = self.reordered(&command, goal) {
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
        let mut orders = Vec::new();
        permutations([more, &goal.offers()].concat(), &mut orders);
        for order in orders {
            let mut command = command.clone();
            command.physical_volumes = self.arguments(&order);
            if let Ok(after) = self.attempt(&command, goal)
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
        let argument = |offer: &Segment| PvArgument::Device {
            name: self.group.physical_volumes[offer.source].device.clone(),
            ranges: vec![PeRange {
                first: offer.area.start(),
                last: Some(offer.area.end() - 1),
            }],
        };
        offers.iter().map(argument).collect()
    }

    /// The sizes and offers that are worth a try: the plain ones first.
    ///
    /// Where every offer is on another physical volume, LVM2 keeps to the order of the arguments.
    /// Where some share one, what it does hangs on the order, on whether neighbours are offered as
    /// one, and on whether two areas are equally long: before it comes to policy `anywhere` it has
    /// tried one of the two in place of the other, and forgets to give one back. That does not
    /// happen where one is longer by an extent, which is not used; nor where more is asked for than
    /// either can hold, "as far as there is room", which only a percentage can say.
    fn forms(&self, command: &LvCommand, offers: &[Segment]) -> Vec<Form> {
        let plain = (command.size, offers.to_vec());
        let is_shared = offers.iter().enumerate().any(|(index, offer)| {
            let before = &offers[..index];
            before.iter().any(|other| other.source == offer.source)
        });
        if !is_shared {
            return vec![plain];
        }
        let mut orders = Vec::new();
        permutations(offers.to_vec(), &mut orders);
        let mut sorted = offers.to_vec();
        sorted.sort_unstable();
        let merged = joined(&sorted);
        if merged.len() < offers.len() {
            permutations(merged, &mut orders);
        }
        let exact = orders.iter().cloned().map(|order| (command.size, order));
        let longer = orders.iter().flat_map(|order| self.longer(order));
        let longer = longer.map(|order| (command.size, order));
        let more = self.more_than_fits(command, offers);
        let in_percent = orders.iter().cloned().map(|order| (Some(more), order));
        exact.chain(longer).chain(in_percent).collect()
    }

    /// The offers with one of them longer by an extent, where it is free.
    fn longer(&self, offers: &[Segment]) -> Vec<Vec<Segment>> {
        let free = self.group.free();
        let mut orders = Vec::new();
        for (index, offer) in offers.iter().enumerate() {
            let longer = Area::new(offer.area.start(), offer.area.count() + 1);
            let Some(longer) = longer.filter(|area| free[offer.source].contains(*area)) else {
                continue;
            };
            let is_clear = offers.iter().enumerate().all(|(at, other)| {
                at == index
                    || other.source != offer.source
                    || other.area.intersection(longer).is_none()
            });
            if is_clear {
                let mut order = offers.to_vec();
                order[index].area = longer;
                orders.push(order);
            }
        }
        orders
    }

    /// A percentage of what is free that comes to twice what is offered, or more.
    fn more_than_fits(&self, command: &LvCommand, offers: &[Segment]) -> SizeArgument {
        let offered: u64 = offers.iter().map(|offer| offer.area.count()).sum();
        // For mirrored volumes LVM2 divides the percentage by the copies.
        let copies = command.mirrors.unwrap_or(1).saturating_add(1);
        let wanted = offered.saturating_mul(2).saturating_mul(copies);
        let times = wanted.div_ceil(self.group.free_count().max(1));
        SizeArgument {
            sign: match command.verb {
                Verb::Create => Sign::Absolute,
                Verb::Extend | Verb::Convert | Verb::Change => Sign::Plus,
            },
            amount: Amount::Percent {
                percent: times.saturating_mul(100),
                of: PercentOf::Free,
            },
        }
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

    /// The group after a command, and the interval that it makes, if that is the one wanted with its
    /// stripes in another order.
    fn reordered(&self, command: &LvCommand, goal: &Goal) -> Option<(VolumeGroup, Interval)> {
        let after = self.simulated(command).ok()?;
        let name = &goal.entry.name;
        let wanted = &goal.interval.pieces;
        let made = existing(&after, name).ok()?;
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
        if sorted(&pieces) != sorted(wanted) {
            return None;
        }
        let offset = goal.interval.offset;
        Some((after, Interval { offset, pieces }))
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

/// The offers in every order, up to a bound.
fn permutations(offers: Vec<Segment>, orders: &mut Vec<Vec<Segment>>) {
    // Heap's way of going through all orders, each one swap away from the one before.
    let count = offers.len();
    let most = orders.len() + MAX_ORDERS;
    let mut counters = vec![0; count];
    orders.push(offers.clone());
    let mut order = offers;
    let mut level = 0;
    while level < count && orders.len() < most {
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
