//! What a command asks of LVM2's allocator as requests.

use std::collections::{BTreeSet, HashMap};

use crate::core::{
    Area, Avoidance, Companion, Cuts, Log, Place, Policy, Request, Separation, Shape, Size,
};
use crate::greedy::Parallel;
use crate::lvm::import::go_by;
use crate::lvm::simulate::SimulationError;
use crate::lvm::simulate::allocator::Ask;
use crate::lvm::{SegmentType, VolumeGroup};

/// What the requests are about.
pub(crate) struct Ground<'g> {
    pub(crate) group: &'g VolumeGroup,
    /// The tags that keep apart, or together.
    pub(crate) tags: BTreeSet<String>,
    /// What lies where nothing is placed yet, by its first extent.
    pub(crate) names: HashMap<u64, &'g str>,
    /// The physical volumes under the volume that is converted.
    pub(crate) own: BTreeSet<usize>,
}

/// What is asked for.
pub(crate) struct Asked {
    pub(crate) requests: Vec<Request>,
    /// Those of them whose legs policy `anywhere` would let share disks with others, each with these kept apart.
    pub(crate) apart: Vec<(usize, Request)>,
    /// Per request which of the asks it stands for.
    pub(crate) parts: Vec<Vec<usize>>,
}

/// The requests of asks.
pub(crate) fn requests(ground: &Ground, asks: &[Ask]) -> Result<Asked, SimulationError> {
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let mut apart: Option<usize> = None;
    for (index, ask) in asks.iter().enumerate() {
        match apart.filter(|_| ask.apart) {
            Some(part) => parts[part].push(index),
            None => {
                if ask.apart {
                    apart = Some(parts.len());
                }
                parts.push(vec![index]);
            }
        }
    }
    let mut requests: Vec<Request> = Vec::new();
    let mut kept_apart = Vec::new();
    for part in &parts {
        let asks: Vec<&Ask> = part.iter().map(|&index| &asks[index]).collect();
        let mut request = request(ground, &asks)?;
        let is_taken = |name: &str| requests.iter().any(|other| other.name == name);
        let name = request.name.clone();
        let mut number = 1;
        while is_taken(&request.name) {
            number += 1;
            request.name = format!("{name}_{number}");
        }
        let strict = with_legs_apart(ground, asks[0], &request);
        kept_apart.extend(strict.map(|strict| (requests.len(), strict)));
        requests.push(request);
    }
    Ok(Asked {
        requests,
        apart: kept_apart,
        parts,
    })
}

/// The request with its legs apart from each other and from those that the volume has, where policy `anywhere` does not
/// ask for that and copies or parity are lost with what they share.
fn with_legs_apart(ground: &Ground, ask: &Ask, request: &Request) -> Option<Request> {
    let is_striped = matches!(ask.kind, SegmentType::Raid0 | SegmentType::Raid0Meta);
    let is_redundant = ask.legs > 0 && !is_striped && request.separation == Separation::Leg;
    (is_redundant && request.policy == Policy::Anywhere).then(|| Request {
        policy: Policy::Normal,
        avoid: avoidances(ground, ask, request.leg_extents()),
        ..request.clone()
    })
}

/// Asks that differ in nothing but that each is another leg.
fn request(ground: &Ground, asks: &[&Ask]) -> Result<Request, SimulationError> {
    let ask = asks[0];
    let stand_in = ground.group.physical_volumes.len();
    let is_log = ask.legs == 0;
    let extents = if is_log { ask.logs.1 } else { ask.leg_extents };
    let mut request = Request::linear(&name(ground, asks), extents.saturating_mul(ask.stripes));
    if ask.approximate {
        request.size = Size::AtMost(request.size.wanted());
    }
    let legs = if is_log { 1 } else { ask.legs };
    request.shape = Shape {
        stripes: ask.stripes,
        copies: (legs / ask.stripes).saturating_mul(asks.len() as u64),
        parity: 0,
    };
    if ask.kind.is_raid() || ask.kind == SegmentType::Mirror || asks.len() > 1 {
        request.separation = Separation::Leg;
    }
    if ask.stripes > 1 {
        request.cuts = Cuts::Together;
    }
    go_by(&mut request, ground.group, ask.policy, ground.tags.clone());
    if is_log || ask.in_one_piece {
        request.policy = Policy::Contiguous;
    }
    if ask.apart {
        // That holds under every policy.
        request.policy = Policy::Normal;
    }
    if ask.leg_metadata > 0 {
        request.metadata = Some(Companion {
            extents: ask.leg_metadata,
            place: Place::Front,
        });
    }
    if !is_log && ask.logs.0 > 0 && ask.logs.1 > 0 {
        request.log = Some(Log {
            extents: ask.logs.1,
            count: ask.logs.0,
            place: if ask.own_sources {
                Place::OwnSource
            } else {
                Place::AnySource
            },
        });
    }
    // What goes with a volume that the command has just made may lie beside it alone.
    let is_beside = ask.avoid.is_empty() && !ask.apart && !ask.allowed.is_empty();
    if is_beside && ask.allowed.iter().all(|entry| entry.volume == stand_in) {
        return Err(SimulationError::unsupported(
            "what lies on a volume that the same command makes; make that by a command of its own",
        ));
    }
    let volumes = &ground.group.physical_volumes;
    let is_usable = |volume: usize| {
        let one = volumes.get(volume);
        one.is_some_and(|one| one.allocatable && !one.missing)
    };
    let allowed = ask.allowed.iter().filter(|entry| is_usable(entry.volume));
    let is_whole = |&&(volume, ref ranges): &&(usize, Option<Vec<Area>>)| {
        let whole = Area::new(0, volumes[volume].extents);
        ranges.as_deref() == whole.as_slice().into()
    };
    let allowed: Vec<(usize, Option<Vec<Area>>)> = allowed
        .map(|entry| (entry.volume, Some(entry.ranges.clone())))
        .collect();
    let all: Vec<usize> = (0..volumes.len()).collect();
    let order: Vec<usize> = allowed.iter().map(|(volume, _)| *volume).collect();
    let is_all = order == all && allowed.iter().filter(is_whole).count() == all.len();
    request.allowed = (!is_all).then_some(allowed);
    if let Some(grows) = &ask.grows {
        if grows
            .iter()
            .flatten()
            .any(|segment| segment.source >= stand_in)
        {
            return Err(SimulationError::unsupported(
                "new images and the space for a reshape by one command; what is best for one depends on the other",
            ));
        }
        request.grows = Some(grows.clone());
        // A leg that goes on is bound by what it has.
        request.partition_by_tags.clear();
    }
    if !is_log && request.separation() != Separation::None {
        request.avoid = avoidances(ground, ask, request.leg_extents());
    }
    Ok(request)
}

/// What the legs keep away from, at which offsets: what the volume lies on, and all that shares a tag with that.
fn avoidances(ground: &Ground, ask: &Ask, leg_extents: u64) -> Vec<Avoidance> {
    let volumes = &ground.group.physical_volumes;
    let with_tags = |sources: BTreeSet<usize>| -> BTreeSet<usize> {
        let tags = sources.iter().filter_map(|&source| volumes.get(source));
        let tags: BTreeSet<&String> = tags
            .flat_map(|volume| volume.tags.intersection(&ground.tags))
            .collect();
        let shares = |source: &usize| volumes[*source].tags.iter().any(|tag| tags.contains(tag));
        let mut all: BTreeSet<usize> = sources;
        if !tags.is_empty() {
            all.extend((0..volumes.len()).filter(shares));
        }
        all
    };
    let real = |sources: &BTreeSet<usize>| -> BTreeSet<usize> {
        let real = sources.iter().filter(|source| **source < volumes.len());
        real.copied().collect()
    };
    let whole = || Area::new(0, leg_extents);
    let entry = |entry: &Parallel| {
        let (start, end) = (
            u64::from(entry.start),
            u64::from(entry.start) + u64::from(entry.count),
        );
        let offsets = if ask.avoid.len() == 1 {
            whole()
        } else {
            Area::between(
                start / ask.stripes,
                end.div_ceil(ask.stripes).min(leg_extents),
            )
        };
        let mut sources = with_tags(real(&entry.sources));
        if ask.kind.is_raid() {
            // LVM2 passes over some where images have several segments, and over their metadata.
            sources.extend(&ground.own);
        }
        offsets.map(|offsets| Avoidance { offsets, sources })
    };
    let all = ask.avoid.iter().filter_map(entry);
    all.filter(|avoidance| !avoidance.sources.is_empty())
        .collect()
}

/// The names of what the legs become, as far as there are few.
fn name(ground: &Ground, asks: &[&Ask]) -> String {
    let first = |ask: &&Ask| {
        let chunk = ask.placement.chunks.first();
        let pieces = chunk.map_or(&ask.placement.logs, |chunk| &chunk.pieces);
        let names = pieces.iter().map(|(_, range)| u64::from(range.start));
        let names = names.filter_map(|start| ground.names.get(&start).copied());
        names.map(str::to_string).collect::<Vec<String>>()
    };
    let mut names: Vec<String> = asks.iter().flat_map(first).collect();
    names.dedup();
    match names.as_slice() {
        [] => "new".to_string(),
        [one] => one.clone(),
        [one, .., last] => format!("{one}..{last}"),
    }
}
