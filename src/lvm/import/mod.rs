//! A volume group and commands as a problem: physical volumes become sources, commands requests.

pub(crate) mod error;
mod extend;
pub(crate) mod growth;
pub(crate) mod spare;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use crate::core::{
    Areas, Companion, Cuts, Log, Place, Policy, Problem, Request, Separation, Shape, Size, Source,
};
use crate::lvm::allowed::{AllowedVolume, allowed_volumes, find_volume};
use crate::lvm::closed::closed;
use crate::lvm::demand::create_demand_after;
use crate::lvm::import::spare::{Allowed, WantedSpare};
use crate::lvm::names::check_pair;
use crate::lvm::owners::too_many;
use crate::lvm::{
    AllocationPolicy, Demand, DemandError, Dictionary, Entry, EntryPart, ImportError, LvCommand,
    PhysicalVolume, PvArgument, SegmentType, Settings, Verb, VolumeGroup, check_names,
};

/// Translates commands for a volume group into a problem, and says what stands for what.
///
/// * Every physical volume is a source, in the order of the group. Those that LVM2 may not allocate
///   from are among no request's allowed sources.
/// * A command is one request. A percentage (other than `%LV`, and what LVM2 itself takes for exact)
///   asks for "at most" what LVM2 would ask for; it counts what is free once the commands before it
///   have what they ask for.
/// * Later commands about the same logical volume are added to the first: all are planned as one.
/// * Images of mirrors and RAID volumes keep apart by leg, with their metadata; stripes at every
///   offset. Under policy `anywhere` neither does.
/// * A RAID image's metadata lies in front of its first area, since LVM2 puts it nowhere else. A
///   mirror's log, and the metadata of a pool, lie in one area anywhere, or on a source of their own
///   if the settings ask for it.
/// * A thin pool that grows is two requests where LVM2 lets its metadata grow, too: where the command
///   says so, or where it names no physical volumes and more data needs more.
/// * The spare for pool metadata, if one is missing or too small, is a request of its own, in one
///   area.
/// * What grows keeps to the sources of its legs as its policy says. `cling` means all physical
///   volumes that a leg has, where LVM2 looks at its first segment only.
///
/// # Errors
/// [`ImportError`]. Too little room is no error but an answer that solving gives.
pub fn import(
    group: &VolumeGroup,
    commands: &[LvCommand],
    settings: &Settings,
) -> Result<(Problem, Dictionary), ImportError> {
    Ground::new(Cow::Borrowed(group))?.import(commands, settings)
}

/// A volume group of which nothing is asked, as a problem without requests.
///
/// # Errors
/// [`ImportError`] about a name, or the physical volumes together.
pub fn import_nothing(
    group: &VolumeGroup,
    settings: &Settings,
) -> Result<(Problem, Dictionary), ImportError> {
    Ground::new(Cow::Borrowed(group))?.import_any(&[], settings)
}

/// A volume group with what every import from it needs, found out once: a large group is asked about
/// with many sizes.
#[derive(Debug)]
pub(crate) struct Ground<'g> {
    pub(crate) group: Cow<'g, VolumeGroup>,
    /// Its physical volumes as sources, and no request.
    sources: Problem,
    /// Every tag of the sources.
    tags: BTreeSet<String>,
    /// Per source what is free.
    free: Vec<Areas>,
}

impl<'g> Ground<'g> {
    /// What the group comes to before anything is asked of it.
    ///
    /// # Errors
    /// [`ImportError`] about a name, or the physical volumes together.
    pub(crate) fn new(group: Cow<'g, VolumeGroup>) -> Result<Ground<'g>, ImportError> {
        check_names(&group).map_err(ImportError::Name)?;
        let sources = sources(&group);
        let tags = sources.iter().flat_map(|source| &source.tags);
        Ok(Ground {
            tags: tags.cloned().collect(),
            free: sources.iter().map(|source| source.free.clone()).collect(),
            sources: Problem::new(sources, Vec::new(), Vec::new()).map_err(ImportError::Defects)?,
            group,
        })
    }

    /// As [`import`].
    ///
    /// # Errors
    /// As [`import`].
    pub(crate) fn import(
        &self,
        commands: &[LvCommand],
        settings: &Settings,
    ) -> Result<(Problem, Dictionary), ImportError> {
        if commands.is_empty() {
            return Err(ImportError::NoCommands);
        }
        self.import_any(commands, settings)
    }

    fn import_any(
        &self,
        commands: &[LvCommand],
        settings: &Settings,
    ) -> Result<(Problem, Dictionary), ImportError> {
        let import = Import {
            group: &self.group,
            settings,
            tags: &self.tags,
            requests: Vec::new(),
            entries: Vec::new(),
            notes: group_notes(&self.group),
            free: &self.free,
            taken: 0,
            spare: None,
        };
        import.all(&self.sources, commands)
    }
}

/// Physical volumes as sources: named by device where that is clear, else by key.
#[must_use]
pub fn sources(group: &VolumeGroup) -> Vec<Source> {
    let volumes = &group.physical_volumes;
    let mut holders: HashMap<&str, usize> = HashMap::with_capacity(volumes.len());
    for volume in volumes {
        *holders.entry(&volume.device).or_default() += 1;
    }
    let is_clear = |device: &str| !device.is_empty() && holders.get(device) == Some(&1);
    let pairs = volumes.iter().zip(group.free());
    let source = |(volume, free): (&PhysicalVolume, _)| Source {
        name: if is_clear(&volume.device) {
            volume.device.clone()
        } else {
            volume.key.clone()
        },
        extents: volume.extents,
        free,
        tags: volume.tags.clone(),
        ..Source::default()
    };
    pairs.map(source).collect()
}

fn group_notes(group: &VolumeGroup) -> Vec<String> {
    let missing = group
        .physical_volumes
        .iter()
        .filter(|volume| volume.missing);
    let note = |volume: &PhysicalVolume| {
        format!(
            "physical volume {} is missing: LVM2 refuses most of what changes `{}` before it is back or removed",
            volume.device, group.name
        )
    };
    missing.map(note).collect()
}

/// Whether a command names its group and its physical volumes as LVM2 itself wants them named.
#[must_use]
pub fn is_in_full(group: &VolumeGroup, command: &LvCommand) -> bool {
    let named = command.volume_group.as_deref();
    let named = named.map(|name| name.strip_prefix("/dev/").unwrap_or(name));
    let is_device = |argument: &PvArgument| match argument {
        PvArgument::Device { name, .. } => {
            let found = find_volume(group, name);
            found.is_none_or(|found| group.physical_volumes[found].device == *name)
        }
        PvArgument::Tag(_) => true,
    };
    named == Some(&group.name) && command.physical_volumes.iter().all(is_device)
}

/// A command for this group: an argument that `lvcreate` could only take for a group's name may be
/// the first physical volume, where the group is left out.
pub(crate) fn fitted(
    group: &VolumeGroup,
    command: &LvCommand,
    settings: &Settings,
) -> Result<LvCommand, DemandError> {
    let mut command = command.clone();
    if let Some(message) = closed(group, settings) {
        return Err(DemandError::GroupLocked { message });
    }
    if let Some(named) = command.volume_group.take() {
        let plain = named.strip_prefix("/dev/").unwrap_or(&named);
        if plain != group.name {
            if command.verb != Verb::Create || find_volume(group, &named).is_none() {
                return Err(DemandError::OtherGroup {
                    found: plain.to_string(),
                    expected: group.name.clone(),
                });
            }
            let first = PvArgument::Device {
                name: named,
                ranges: Vec::new(),
            };
            command.physical_volumes.insert(0, first);
        }
    }
    command.volume_group = Some(group.name.clone());
    Ok(command)
}

/// The problem while it is put together.
pub(crate) struct Import<'a> {
    pub(crate) group: &'a VolumeGroup,
    pub(crate) settings: &'a Settings,
    /// Every tag of the sources.
    pub(crate) tags: &'a BTreeSet<String>,
    pub(crate) requests: Vec<Request>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) notes: Vec<String>,
    /// Per source what is free.
    pub(crate) free: &'a [Areas],
    /// Extents that the commands so far ask for.
    pub(crate) taken: u64,
    /// The spare that the largest new pool wants.
    pub(crate) spare: Option<WantedSpare>,
}

impl Import<'_> {
    /// The problem that the commands make of the sources, and what stands for what.
    fn all(
        mut self,
        sources: &Problem,
        commands: &[LvCommand],
    ) -> Result<(Problem, Dictionary), ImportError> {
        for (position, command) in commands.iter().enumerate() {
            let added =
                fitted(self.group, command, self.settings).and_then(|command| self.add(command));
            added.map_err(|error| ImportError::Command {
                position,
                command: command.to_string(),
                error,
            })?;
        }
        if let Some(wanted) = self.spare.take() {
            let added = spare::request(self.group, &wanted);
            if let Some((request, entry)) = added {
                self.requests.push(request);
                self.entries.push(entry);
            }
        }
        let names = sources.sources().iter().map(|source| source.name.clone());
        let problem = sources.with_requests(self.requests, Vec::new());
        let dictionary = Dictionary {
            sources: names.collect(),
            entries: self.entries,
            settings: self.settings.clone(),
            notes: self.notes,
        };
        let problem = problem.map_err(ImportError::Defects)?;
        Ok((problem, dictionary))
    }

    fn add(&mut self, command: LvCommand) -> Result<(), DemandError> {
        let earlier = command.name.as_ref().and_then(|name| {
            let mut entries = self.entries.iter();
            entries.position(|entry| entry.name == *name)
        });
        match (command.verb, earlier) {
            (Verb::Create, None) => {
                let added = self.create(command)?;
                self.push(added);
                Ok(())
            }
            (Verb::Extend, None) => self.extend(command),
            (Verb::Create, Some(_)) => Err(DemandError::NameTaken {
                by: "Logical Volume",
                name: command.name.unwrap_or_default(),
                group: self.group.name.clone(),
            }),
            (Verb::Extend, Some(index)) => self.extend_again(&command, index),
            (Verb::Convert | Verb::Change, _) => Err(DemandError::PlacesNothing),
        }
    }

    pub(crate) fn push(&mut self, (request, entry): (Request, Entry)) {
        let total = request.total_extents().unwrap_or(u64::MAX);
        self.taken = self.taken.saturating_add(total);
        self.requests.push(request);
        self.entries.push(entry);
    }

    fn create(&mut self, mut command: LvCommand) -> Result<(Request, Entry), DemandError> {
        let name = command.name.clone().unwrap_or_else(|| self.new_name());
        if let Some(by) = self.group.holder_of_name(&name) {
            let group = self.group.name.clone();
            return Err(DemandError::NameTaken { by, name, group });
        }
        self.check_count()?;
        command.name = Some(name.clone());
        let demand =
            create_demand_after(self.group, &command, self.settings, self.free, self.taken)?;
        let policy = command.policy.unwrap_or(AllocationPolicy::Inherit);
        let allowed = self.allowed(&command)?;
        let mut request = self.request(&name, &demand, policy);
        request.allowed = allowed;
        if demand.leg_metadata_extents > 0 {
            request.metadata = Some(Companion {
                extents: demand.leg_metadata_extents,
                place: Place::Front,
            });
        }
        request.log = self.log(&demand);
        if demand.wants_spare {
            let wanted = WantedSpare {
                extents: demand.pool_metadata_extents,
                allowed: request.allowed.clone(),
                command: command.clone(),
            };
            let kept = self.spare.take();
            let is_smaller = |kept: &WantedSpare| kept.extents < wanted.extents;
            self.spare = Some(match kept {
                Some(kept) if !is_smaller(&kept) => kept,
                Some(_) | None => wanted,
            });
        }
        let entry = Entry {
            name,
            part: EntryPart::Created,
            command,
            demand,
            existing_extents: 0,
        };
        check_lengths(self.group, &entry)?;
        Ok((request, entry))
    }

    /// Refuses one volume more than the group may have: those that users see, and those asked for before.
    fn check_count(&self) -> Result<(), DemandError> {
        let is_new = |entry: &&Entry| entry.part == EntryPart::Created;
        let asked = self.entries.iter().filter(is_new).count();
        match too_many(self.group, asked as u64) {
            Some(message) => Err(DemandError::GroupLocked { message }),
            None => Ok(()),
        }
    }

    /// A request as its type and policy make it, anywhere in the group.
    pub(crate) fn request(&self, name: &str, demand: &Demand, policy: AllocationPolicy) -> Request {
        let mut request = Request::linear(name, demand.extents);
        request.size = size(demand);
        request.shape = Shape {
            stripes: demand.stripes,
            copies: demand.copies,
            parity: demand.parity(),
        };
        let keeps_apart = demand.kind.is_raid() || demand.kind == SegmentType::Mirror;
        if keeps_apart {
            request.separation = Separation::Leg;
        }
        // The stripes of a mirror's image are one volume and are cut together.
        if demand.stripes > 1 && !demand.kind.is_raid() {
            request.cuts = Cuts::Together;
        }
        go_by(
            &mut request,
            self.group,
            policy,
            self.settings.cling_tags(self.tags),
        );
        request
    }

    /// The log of a mirror, or the metadata of a pool.
    fn log(&self, demand: &Demand) -> Option<Log> {
        let settings = self.settings;
        let (extents, has_own) = match demand.kind {
            SegmentType::ThinPool => (
                demand.pool_metadata_extents,
                settings.thin_pool_metadata_require_separate_pvs,
            ),
            SegmentType::CachePool => (
                demand.pool_metadata_extents,
                settings.cache_pool_metadata_require_separate_pvs,
            ),
            SegmentType::Mirror => (
                demand.log_extents,
                settings.mirror_logs_require_separate_pvs,
            ),
            SegmentType::Linear
            | SegmentType::Striped
            | SegmentType::Raid0
            | SegmentType::Raid0Meta
            | SegmentType::Raid1
            | SegmentType::Raid4
            | SegmentType::Raid5
            | SegmentType::Raid6
            | SegmentType::Raid10 => (0, false),
        };
        let place = if has_own {
            Place::OwnSource
        } else {
            Place::AnySource
        };
        (extents > 0).then_some(Log {
            extents,
            count: 1,
            place,
        })
    }

    /// The sources that a command may use; `None` where these are all.
    pub(crate) fn allowed(&self, command: &LvCommand) -> Result<Allowed, DemandError> {
        let volumes = &self.group.physical_volumes;
        let is_usable = |entry: &AllowedVolume| {
            let volume = &volumes[entry.volume];
            volume.allocatable && !volume.missing
        };
        let allowed = allowed_volumes(self.group, command)?;
        if command.physical_volumes.is_empty() && allowed.iter().all(is_usable) {
            return Ok(None);
        }
        let usable = allowed.into_iter().filter(is_usable);
        Ok(Some(
            usable.map(|entry| (entry.volume, entry.ranges)).collect(),
        ))
    }

    /// The name that LVM2 gives a volume without one: `lvol` and one more than the highest number
    /// that begins the rest of such a name.
    fn new_name(&self) -> String {
        let there = self
            .group
            .logical_volumes
            .iter()
            .map(|volume| volume.name.as_str());
        let planned = self.entries.iter().map(|entry| entry.name.as_str());
        spare::next_name(there.chain(planned))
    }
}

/// The hidden volumes below a new one have the longest names.
fn check_lengths(group: &VolumeGroup, entry: &Entry) -> Result<(), DemandError> {
    let last = usize::try_from(entry.demand.legs()).unwrap_or(usize::MAX);
    check_pair(&group.name, &entry.leg_name(last.saturating_sub(1)))?;
    Ok(())
}

/// Lets a request go by a policy of LVM2 and the tags of its `cling_tag_list`.
pub(crate) fn go_by(
    request: &mut Request,
    group: &VolumeGroup,
    policy: AllocationPolicy,
    tags: BTreeSet<String>,
) {
    let policy = match policy {
        AllocationPolicy::Inherit => group.policy,
        given => given,
    };
    request.policy = match policy {
        AllocationPolicy::Contiguous => Policy::Contiguous,
        AllocationPolicy::Cling | AllocationPolicy::ClingByTags if tags.is_empty() => Policy::Cling,
        AllocationPolicy::Cling | AllocationPolicy::ClingByTags => Policy::ClingByTags,
        AllocationPolicy::Normal | AllocationPolicy::Inherit => Policy::Normal,
        AllocationPolicy::Anywhere => Policy::Anywhere,
    };
    match request.policy {
        Policy::Contiguous => request.partition_by_tags = tags,
        Policy::ClingByTags => request.cling_tags = tags,
        Policy::Cling | Policy::Normal | Policy::Anywhere => {}
    }
}

pub(crate) fn size(demand: &Demand) -> Size {
    if demand.approximate {
        Size::AtMost(demand.extents)
    } else {
        Size::Exactly(demand.extents)
    }
}
