//! A pool as commands: one `lvcreate` where that builds it, else a volume for its data, one for its
//! metadata, and `lvconvert` to join them.

use crate::core::{Allocation, Segment, joined};
use crate::lvm::export::create::create_from;
use crate::lvm::export::cut::{Interval, intervals};
use crate::lvm::export::goal::{Goal, Legs};
use crate::lvm::export::step::Builder;
use crate::lvm::{
    Demand, Dictionary, Entry, EntryPart, ExportError, LvCommand, LvSegment, OtherOption,
    SegmentType, SizeArgument, TypeArgument, Verb, VolumeGroup,
};

/// Makes a pool, and the spare along with it where this is the pool that does.
pub(crate) fn create(
    builder: &mut Builder,
    dictionary: &Dictionary,
    entry: &Entry,
    allocation: &Allocation,
    spare: Option<(&Entry, &Allocation)>,
) -> Result<Legs, ExportError> {
    let cut = intervals(entry, allocation, builder.source_count())?;
    let offers: Vec<Segment> = match spare {
        Some((spare, allocation)) => {
            let cut = intervals(spare, allocation, builder.source_count())?;
            let pieces = cut.iter().flat_map(|interval| interval.pieces.clone());
            pieces.collect()
        }
        None => Vec::new(),
    };
    if let [interval] = &cut[..]
        && create_at_once(builder, entry, allocation, interval, &offers)
    {
        return Ok(allocation.legs.clone());
    }
    let data = plain(
        entry,
        &entry.name,
        entry.demand.stripes,
        entry.demand.extents,
    );
    let whole = Allocation {
        legs: allocation.legs.clone(),
        metadata: Vec::new(),
        logs: Vec::new(),
    };
    let built = create_from(builder, &data, &data.command, &cut, &whole)?;

    let metadata_name = free_name(builder.group(), dictionary, &entry.name);
    let metadata = plain(entry, &metadata_name, 1, entry.demand.pool_metadata_extents);
    let pieces = allocation.logs.clone();
    let interval = Interval { offset: 0, pieces };
    let whole = Allocation::default();
    create_from(builder, &metadata, &metadata.command, &[interval], &whole)?;

    let convert = conversion(builder, entry, &metadata_name, &offers);
    let failed = |instead: String| ExportError::NotBuilt {
        name: entry.name.clone(),
        what: "the pool".to_string(),
        from: 0,
        to: entry.demand.leg_extents(),
        command: Box::new(convert.clone()),
        instead,
    };
    let had = spare_of(builder.group());
    builder.run(convert.clone()).map_err(failed)?;
    let has = spare_of(builder.group());
    if joined(&has) != joined(&[had, offers].concat()) {
        return Err(failed("puts the spare elsewhere".to_string()));
    }
    // What lvconvert is given becomes a hidden volume, and so do its tags.
    let tags = entry.command.other.iter().filter(|option| is_tag(option));
    let mut change = LvCommand::new(Verb::Change);
    change.volume_group = Some(builder.group_name().to_string());
    change.name = Some(entry.name.clone());
    change.other = tags.cloned().collect();
    if !change.other.is_empty() {
        builder.run(change).map_err(failed)?;
    }
    Ok(built)
}

/// Tries a single `lvcreate`: it makes the spare first, then places data and metadata by rules of its
/// own, which the order of the arguments may or may not satisfy.
fn create_at_once(
    builder: &mut Builder,
    entry: &Entry,
    allocation: &Allocation,
    interval: &Interval,
    spare: &[Segment],
) -> bool {
    let mut command = entry.command.clone();
    command.volume_group = Some(builder.group_name().to_string());
    command.name = Some(entry.name.clone());
    let extents = interval.extents().saturating_mul(entry.demand.stripes);
    command.size = Some(SizeArgument::extents(extents));
    let goal = Goal {
        entry,
        interval,
        metadata: &[],
        logs: &allocation.logs,
    };
    let expected = joined(&[spare_of(builder.group()), spare.to_vec()].concat());
    builder.build_in_any_order(&command, &goal, spare, |after| {
        joined(&spare_of(after)) == expected
    })
}

/// The entry of a linear or striped volume that is to become part of a pool.
fn plain(pool: &Entry, name: &str, stripes: u64, extents: u64) -> Entry {
    let kind = if stripes > 1 {
        SegmentType::Striped
    } else {
        SegmentType::Linear
    };
    let mut command = LvCommand::new(Verb::Create);
    command.volume_group = pool.command.volume_group.clone();
    command.name = Some(name.to_string());
    command.policy = pool.command.policy;
    if stripes > 1 {
        command.stripes = Some(stripes);
        command.stripe_size_sectors = pool.command.stripe_size_sectors;
    }
    command.other = pool.command.other.clone();
    command
        .other
        .retain(|option| !is_of_pools(option) && !is_tag(option));
    Entry {
        name: name.to_string(),
        part: EntryPart::Created,
        command,
        demand: Demand {
            kind,
            stripes,
            copies: 1,
            extents,
            pool_metadata_extents: 0,
            chunk_size_sectors: 0,
            wants_spare: false,
            ..pool.demand.clone()
        },
        existing_extents: 0,
    }
}

/// Options that say something about a pool, not about the volumes that it is made of.
fn is_of_pools(option: &OtherOption) -> bool {
    matches!(
        option.name,
        "zero"
            | "discards"
            | "errorwhenfull"
            | "cachemode"
            | "cachepolicy"
            | "cachesettings"
            | "cachemetadataformat"
    )
}

fn is_tag(option: &OtherOption) -> bool {
    option.name == "addtag"
}

fn conversion(
    builder: &Builder,
    entry: &Entry,
    metadata_name: &str,
    spare: &[Segment],
) -> LvCommand {
    let mut convert = LvCommand::new(Verb::Convert);
    convert.volume_group = Some(builder.group_name().to_string());
    convert.name = Some(entry.name.clone());
    convert.segment_type = Some(TypeArgument::plain(entry.demand.kind));
    convert.pool_metadata_volume = Some(metadata_name.to_string());
    convert.chunk_size_sectors = entry.command.chunk_size_sectors;
    convert.pool_metadata_spare = entry.command.pool_metadata_spare;
    // It asks whether what is in the two volumes may go; they are new.
    convert.other.push(OtherOption {
        name: "yes",
        words: vec!["-y".to_string()],
    });
    let of_pools = entry
        .command
        .other
        .iter()
        .filter(|option| is_of_pools(option));
    convert.other.extend(of_pools.cloned());
    convert.physical_volumes = builder.arguments(spare);
    convert
}

/// A name for the metadata before it is metadata.
fn free_name(group: &VolumeGroup, dictionary: &Dictionary, pool: &str) -> String {
    let is_taken = |name: &str| {
        group.logical_volume(name).is_some()
            || dictionary.entries.iter().any(|entry| entry.name == name)
    };
    let plain = format!("{pool}_meta");
    let numbered = (1..).map(|number| format!("{pool}_meta{number}"));
    let mut names = std::iter::once(plain).chain(numbered);
    names
        .find(|name| !is_taken(name))
        .expect("there are more numbers than names")
}

/// Where the spare lies.
fn spare_of(group: &VolumeGroup) -> Vec<Segment> {
    let segments = group.metadata_spare().into_iter();
    let stretches = segments.flat_map(|spare| &spare.segments);
    let stretches = stretches.flat_map(LvSegment::physical);
    stretches
        .map(|(source, area)| Segment { source, area })
        .collect()
}
