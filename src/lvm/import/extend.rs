//! What volumes get more as requests: existing ones, and those that earlier commands asked for.

use crate::core::{Request, counted};
use crate::lvm::demand::extend::{extend_demand_after, has_snapshot, metadata_demand};
use crate::lvm::import::growth::shared_volumes;
use crate::lvm::import::{Import, size};
use crate::lvm::{
    AllocationPolicy, Amount, Demand, DemandError, Entry, EntryPart, Existing, LvCommand,
    OtherOption, PercentOf, Sign, VolumeGroup,
};

impl Import<'_> {
    /// Adds what an existing volume gets more: of a pool its data, its metadata, or both.
    pub(crate) fn extend(&mut self, command: LvCommand) -> Result<(), DemandError> {
        let mut more = 0;
        if command.size.is_some() || command.pool_metadata.is_none() {
            let taken = self.taken;
            let (demand, grown) =
                extend_demand_after(self.group, &command, self.settings, self.free, taken)?;
            more = demand.extents;
            let name = command.name.clone().unwrap_or_default();
            let added = self.growth(name, EntryPart::Grown, &command, demand, &grown);
            self.push(added?);
        }
        self.extend_metadata(&command, more)
    }

    /// Adds what the metadata of a pool gets more as the pool gets `more` extents, in place of what an
    /// earlier command came to.
    fn extend_metadata(&mut self, command: &LvCommand, more: u64) -> Result<(), DemandError> {
        let found = metadata_demand(self.group, command, more, self.settings)?;
        let Some((demand, grown)) = found else {
            return Ok(());
        };
        let name = grown.data_name.clone();
        let earlier = self.entries.iter().position(|entry| entry.name == name);
        if let Some(index) = earlier {
            let is_asked = |command: &LvCommand| command.pool_metadata.is_some();
            if is_asked(command) || is_asked(&self.entries[index].command) {
                return Err(DemandError::OtherTerms {
                    name,
                    what: "metadata sizes",
                });
            }
            self.requests[index].size = size(&demand);
            self.entries[index].demand = demand;
            return Ok(());
        }
        if let Some(spare) = self.group.metadata_spare()
            && spare.extents() < grown.extents.saturating_add(demand.extents)
        {
            self.notes.push(format!(
                "the spare for pool metadata, `{}`, keeps its {}, fewer than `{name}` gets: \
                 LVM2 lets it grow only where it chooses the physical volumes",
                spare.name,
                counted(spare.extents(), "extent")
            ));
        }
        let added = self.growth(name, EntryPart::Metadata, command, demand, &grown);
        self.push(added?);
        Ok(())
    }

    /// A request for what a volume gets more.
    fn growth(
        &mut self,
        name: String,
        part: EntryPart,
        command: &LvCommand,
        demand: Demand,
        grown: &Existing,
    ) -> Result<(Request, Entry), DemandError> {
        let stored = self.group.logical_volume(&grown.data_name);
        let stored = stored.map_or(AllocationPolicy::Inherit, |volume| volume.policy);
        let policy = command.policy.unwrap_or(AllocationPolicy::Inherit);
        let policy = match policy {
            AllocationPolicy::Inherit => stored,
            given => given,
        };
        let mut request = self.request(&name, &demand, policy);
        request.allowed = self.allowed(command)?;
        if grown.legs.len() as u64 == demand.legs() {
            request.grows = Some(grown.stretches());
            // A leg that goes on is bound by what it has, not by the tags of a first allocation.
            request.partition_by_tags.clear();
        }
        if has_snapshot(self.group, &name) {
            let group = &self.group.name;
            self.notes.push(format!(
                "`{name}` has a snapshot: LVM2 lets it grow only while it is inactive (lvchange -an {group}/{name})"
            ));
        }
        self.notes.extend(shared_volumes(
            self.group,
            &name,
            grown,
            request.separation(),
        ));
        let entry = Entry {
            name,
            part,
            command: command.clone(),
            demand,
            existing_extents: grown.extents,
        };
        Ok((request, entry))
    }

    /// Adds to a request what a later command wants of the same volume.
    pub(crate) fn extend_again(
        &mut self,
        command: &LvCommand,
        index: usize,
    ) -> Result<(), DemandError> {
        let entry = &self.entries[index];
        let differs = |what| {
            Err(DemandError::OtherTerms {
                name: entry.name.clone(),
                what,
            })
        };
        let first = &entry.command;
        // What a new volume is made with is kept with it; what one grows by holds for that once.
        let is_kept = entry.part == EntryPart::Created;
        if command.policy != first.policy && !(is_kept && command.policy.is_none()) {
            return differs("policy");
        }
        let is_same = command.stripes == Some(entry.demand.stripes)
            || command.stripes.is_none() && (is_kept || first.stripes.is_none());
        if !is_same {
            return differs("stripes");
        }
        if command.physical_volumes != first.physical_volumes {
            return differs("physical volumes");
        }
        if entry.demand.approximate {
            return differs("sizes than plain ones");
        }
        if command.pool_metadata.is_some() {
            return differs("metadata sizes");
        }
        let has = entry.existing_extents.saturating_add(entry.demand.extents);
        let Some(target) = target_extents(self.group, command, has) else {
            return differs("sizes than plain ones");
        };
        let more = target
            .saturating_sub(has)
            .next_multiple_of(entry.demand.stripes);
        if more == 0 {
            let existing = has;
            let found = target;
            return Err(DemandError::NotLarger { found, existing });
        }
        let request = &mut self.requests[index];
        let entry = &mut self.entries[index];
        if entry.part == EntryPart::Grown {
            // What the later command says beside its size holds for all that is planned as one.
            let is_new = |option: &&OtherOption| {
                let mut own = entry.command.other.iter();
                own.all(|other| other.name != option.name)
            };
            let more: Vec<OtherOption> = command.other.iter().filter(is_new).cloned().collect();
            entry.command.other.extend(more);
        }
        let before = request.total_extents().unwrap_or(u64::MAX);
        let too_large = || DemandError::TooLarge {
            name: entry.name.clone(),
        };
        let total = entry.demand.extents.checked_add(more);
        entry.demand.extents = total.ok_or_else(too_large)?;
        request.size = size(&entry.demand);
        let after = request.total_extents().unwrap_or(u64::MAX);
        self.taken = self.taken.saturating_add(after.saturating_sub(before));
        if entry.part == EntryPart::Grown {
            let first = entry.command.clone();
            let more = entry.demand.extents;
            return self.extend_metadata(&first, more);
        }
        Ok(())
    }
}

/// How many extents a volume that has `has` shall have; `None` for a share of the group.
fn target_extents(group: &VolumeGroup, command: &LvCommand, has: u64) -> Option<u64> {
    let size = command.size?;
    let count = match size.amount {
        Amount::Extents(extents) => extents,
        Amount::Sectors(sectors) => sectors.div_ceil(group.extent_size_sectors),
        Amount::Percent {
            percent,
            of: PercentOf::LogicalVolume,
        } => has.checked_mul(percent)?.div_ceil(100),
        Amount::Percent { .. } => return None,
    };
    match size.sign {
        Sign::Plus => has.checked_add(count),
        Sign::Absolute | Sign::Minus => Some(count),
    }
}
