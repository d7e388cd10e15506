//! A command run on a group: with places from nobody, to know what it asks for, or from LVM2's allocator.

use crate::core::{Allocation, Area, Areas, Plan, Problem, Segment, joined};
use crate::greedy::Range;
use crate::lvm::placing::cache_mode::with_cache_mode;
use crate::lvm::placing::problem::Placing;
use crate::lvm::placing::reshaped::without_space;
use crate::lvm::simulate::allocator::{Allocator, Ask};
use crate::lvm::simulate::{Activity, SimulationError, simulate_all_by, step_by};
use crate::lvm::{LvCommand, PhysicalVolume, Settings, TypedStep, VolumeGroup};

/// What became of a command.
pub(crate) struct Run {
    pub(crate) after: VolumeGroup,
    /// What it placed, in order.
    pub(crate) asks: Vec<Ask>,
}

/// What LVM2 makes of a command.
#[derive(Clone, Debug)]
pub struct Made {
    /// The group afterwards.
    pub after: VolumeGroup,
    /// The plan that it comes to, where that can be said.
    pub plan: Option<Plan>,
}

/// Runs a command where everything has a place, on a physical volume behind all others.
pub(crate) fn run_without_places(
    group: &VolumeGroup,
    typed: &TypedStep,
    settings: &Settings,
) -> Result<Run, SimulationError> {
    let (with, stand_in) = with_stand_in(group);
    run(&with, typed, || Allocator::stand_in(settings, stand_in))
}

/// What commands make where everything has a place.
pub(crate) fn made_without_places(
    group: &VolumeGroup,
    commands: &[LvCommand],
    settings: &Settings,
) -> Result<VolumeGroup, SimulationError> {
    let (with, stand_in) = with_stand_in(group);
    simulate_all_by(&with, commands, &Allocator::stand_in(settings, stand_in))
}

/// The group with a physical volume behind all others on which everything has a place, and which that is.
fn with_stand_in(group: &VolumeGroup) -> (VolumeGroup, usize) {
    let mut with = group.clone();
    // It has no extents: nothing that is counted in the group is another number for it.
    with.physical_volumes.push(PhysicalVolume {
        key: String::new(),
        device: String::new(),
        id: String::new(),
        extents: 0,
        allocatable: false,
        missing: false,
        tags: std::collections::BTreeSet::new(),
    });
    (with, group.physical_volumes.len())
}

/// What LVM2's own allocator makes of a command, and of the requests that it is.
///
/// # Errors
/// LVM2's refusal, or that what the command does is not known.
pub fn placed_by_lvm2(
    group: &VolumeGroup,
    placing: &Placing,
    typed: &TypedStep,
    settings: &Settings,
) -> Result<Made, SimulationError> {
    let Run { after, asks } = run(group, typed, || Allocator::lvm2(settings))?;
    let freed = without_space(group, typed);
    let ground = freed.as_ref().unwrap_or(group);
    let plan = plan_of(&asks, placing).filter(|plan| {
        let added = newly_held(&ground.free(), &after.free());
        let taken: u64 = plan.segments().map(|segment| segment.area.count()).sum();
        added == taken
    });
    Ok(Made { after, plan })
}

/// The group after a command that places nothing, or where LVM2 places it.
pub(crate) fn after_step(
    group: &VolumeGroup,
    typed: &TypedStep,
    settings: &Settings,
) -> Result<VolumeGroup, SimulationError> {
    Ok(run(group, typed, || Allocator::lvm2(settings))?.after)
}

/// Metadata does not say what is active: where LVM2 refuses because of what is, it may not be.
fn run<'s>(
    group: &VolumeGroup,
    typed: &TypedStep,
    allocator: impl Fn() -> Allocator<'s>,
) -> Result<Run, SimulationError> {
    let under = |is_active: bool| {
        let allocator = allocator();
        let mut activity = Activity::all(is_active);
        let after = step_by(group, typed, &allocator, &mut activity)?;
        let after = with_cache_mode(group, after, typed);
        let asks = allocator.into_asks();
        Ok(Run { after, asks })
    };
    match under(true) {
        Err(SimulationError::Refused(refusal)) => {
            under(false).map_err(|_| SimulationError::Refused(refusal))
        }
        other => other,
    }
}

/// That LVM2 carries a command out only while something is inactive, in its own words.
pub(crate) fn only_inactive(
    group: &VolumeGroup,
    typed: &TypedStep,
    settings: &Settings,
) -> Option<String> {
    let (with, stand_in) = with_stand_in(group);
    let under = |is_active: bool| {
        let allocator = Allocator::stand_in(settings, stand_in);
        step_by(&with, typed, &allocator, &mut Activity::all(is_active))
    };
    let Err(SimulationError::Refused(refusal)) = under(true) else {
        return None;
    };
    under(false).ok()?;
    let why = refusal.messages.first()?;
    let why = why.strip_suffix('.').unwrap_or(why);
    Some(format!(
        "`{}` needs what it is about to be inactive, or LVM2 says: {why}",
        typed.line()
    ))
}

/// Extents that are held and were not.
fn newly_held(before: &[Areas], after: &[Areas]) -> u64 {
    let pairs = before.iter().zip(after);
    pairs
        .map(|(before, after)| before.difference(after).total())
        .sum()
}

/// What was placed, as a plan for the requests.
fn plan_of(asks: &[Ask], placing: &Placing) -> Option<Plan> {
    let count: usize = placing.parts.iter().map(Vec::len).sum();
    if count != asks.len() {
        return None;
    }
    let allocation = |part: &Vec<usize>| {
        let asks = part.iter().map(|&index| &asks[index]);
        let mut all = Allocation::default();
        for ask in asks {
            let one = allocation_of(ask)?;
            all.legs.extend(one.legs);
            all.metadata.extend(one.metadata);
            all.logs.extend(one.logs);
        }
        Some(Some(all))
    };
    let allocations = placing.parts.iter().map(allocation);
    Some(Plan {
        allocations: allocations.collect::<Option<_>>()?,
    })
}

fn allocation_of(ask: &Ask) -> Option<Allocation> {
    let placement = &ask.placement;
    let segment = |&(source, range): &(usize, Range)| {
        let area = Area::new(u64::from(range.start), u64::from(range.count))?;
        Some(Segment { source, area })
    };
    let segments = |list: &[(usize, Range)]| list.iter().map(segment).collect::<Option<Vec<_>>>();
    let legs = usize::try_from(ask.legs).ok()?;
    let leg = |leg: usize| {
        let pieces = placement
            .chunks
            .iter()
            .filter_map(|chunk| chunk.pieces.get(leg));
        let pieces = pieces.map(segment).collect::<Option<Vec<_>>>()?;
        Some(joined(&pieces))
    };
    let logs = segments(&placement.logs)?;
    if legs == 0 {
        // A log alone is planned as a volume.
        return Some(Allocation {
            legs: logs.into_iter().map(|log| vec![log]).collect(),
            ..Allocation::default()
        });
    }
    Some(Allocation {
        legs: (0..legs).map(leg).collect::<Option<_>>()?,
        metadata: segments(&placement.metadata)?,
        logs,
    })
}

/// Whether a layout of LVM2 is a right one, and as good as what is asked for.
pub(crate) fn is_as_good(problem: &Problem, plan: &Plan, price: &crate::core::Cost) -> bool {
    crate::core::check(problem, plan).is_empty() && crate::core::cost(problem, plan) <= *price
}
