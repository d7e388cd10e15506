//! What the hosts of a fleet can hold, as far as sums over their sources tell.

use std::collections::BTreeSet;

use crate::ask::{Fault, Pool, SettingsQuestion};
use crate::core::{Areas, Policy, Problem, Request, Separation};
use crate::fleet::{Item, PlaceLine, PoolText};
use crate::lvm::{self, VolumeGroup};

/// Rows that are kept of a host: one for all of its sources, and one for all but the `t` with most free extents.
const MOST_ROWS: usize = 6;

/// A volume group that takes requests.
#[derive(Clone, Debug)]
pub struct PlaceHost {
    /// The host.
    pub name: String,
    /// Its tags.
    pub tags: BTreeSet<String>,
    /// The volume group.
    pub group: String,
    /// The pool, as a text.
    pub(crate) text: String,
    /// What messages call it.
    pub(crate) place: String,
    /// Extents that are free: of all sources, then of all but the `t` that have most.
    pub(crate) rows: Vec<u64>,
    /// Extents of all sources.
    pub(crate) extents: u64,
    /// By request the largest number that a volume with its name has already.
    pub(crate) last: Vec<u64>,
    /// By request whether the host has the tags that it must have.
    pub(crate) has_tags: Vec<bool>,
    /// By request what one volume of it takes of each row; `None` where it cannot have one.
    pub(crate) demands: Vec<Option<Demand>>,
}

/// What one volume of a request takes of a host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Demand {
    /// Extents of each row, at least.
    pub(crate) weights: Vec<u64>,
    /// No more than so many fit.
    pub(crate) most: u64,
}

/// The hosts of an item, or what is wrong with it.
///
/// # Errors
/// If it cannot be read.
pub fn place_hosts(
    item: Item,
    requests: &[PlaceLine],
    settings: &SettingsQuestion<'_>,
) -> Result<Vec<PlaceHost>, Fault> {
    let text = item.text?;
    let place = match item.line {
        Some(line) => format!("{}: line {line}", item.file),
        None => item.file.to_string(),
    };
    let pool = match item.line {
        Some(_) => {
            PoolText::of_line(&text).map_err(|fault| Fault::of(format!("{place}: {fault}")))?
        }
        None => PoolText {
            host: None,
            tags: BTreeSet::new(),
            text: text.as_str().into(),
        },
    };
    let name = pool.host.as_deref().unwrap_or(&item.host).to_string();
    let mut hosts = Vec::new();
    for one in Pool::read_all(&pool.text, &place)? {
        one.check_names(&pool.text, &place)?;
        let (settings, _) = settings.settings(&pool.text)?;
        let group = one.into_group(&place)?;
        let demands = demands(&group, &pool.tags, requests, &settings)
            .map_err(|fault| Fault::of(format!("{place}: {fault}")))?;
        let free: Vec<u64> = open_areas(&group).iter().map(Areas::total).collect();
        hosts.push(PlaceHost {
            name: name.clone(),
            tags: pool.tags.clone(),
            rows: rows(free),
            last: requests.iter().map(|one| last(&group, one)).collect(),
            extents: group.extent_count(),
            has_tags: requests
                .iter()
                .map(|request| request.tags.is_subset(&pool.tags))
                .collect(),
            group: group.name,
            text: pool.text.to_string(),
            place: place.clone(),
            demands,
        });
    }
    Ok(hosts)
}

/// The largest number that a volume of the name of a request has in a group; 0 where there is none.
fn last(group: &VolumeGroup, request: &PlaceLine) -> u64 {
    let names = group.logical_volumes.iter().map(|volume| &volume.name);
    let numbers = names.filter_map(|name| {
        let number = name.strip_prefix(&request.name)?.strip_prefix('-')?;
        number.parse::<u32>().ok()
    });
    numbers.max().map_or(0, u64::from)
}

/// What is free on the disks that may be allocated from.
fn open_areas(group: &VolumeGroup) -> Vec<Areas> {
    let disks = group.free().into_iter().zip(&group.physical_volumes);
    disks
        .filter(|(_, disk)| disk.allocatable && !disk.missing)
        .map(|(free, _)| free)
        .collect()
}

/// All of it, then without the one largest, and so on.
fn rows(mut free: Vec<u64>) -> Vec<u64> {
    free.sort_unstable_by(|left, right| right.cmp(left));
    let mut left: u64 = free.iter().sum();
    let mut rows = vec![left];
    for most in free.into_iter().take(MOST_ROWS - 1) {
        left -= most;
        rows.push(left);
    }
    rows.resize(MOST_ROWS, 0);
    rows
}

/// By request what one volume takes.
fn demands(
    group: &VolumeGroup,
    tags: &BTreeSet<String>,
    requests: &[PlaceLine],
    settings: &lvm::Settings,
) -> Result<Vec<Option<Demand>>, Fault> {
    if let Some(refusal) = lvm::missing(group) {
        return Err(Fault::of(refusal));
    }
    let free = open_areas(group);
    let mut demands = Vec::with_capacity(requests.len());
    for (index, request) in requests.iter().enumerate() {
        if !request.tags.is_subset(tags) {
            demands.push(None);
            continue;
        }
        let mut command = request.create(&format!("request{index}"))?;
        lvm::name_type(&mut command, settings);
        // What the group refuses for other reasons than room it does not hold.
        let imported = lvm::import(group, &[command], settings);
        let problem: Option<Problem> = imported.ok().map(|(problem, _)| problem);
        let asked = problem
            .as_ref()
            .and_then(|problem| problem.requests().first());
        demands.push(asked.and_then(|asked| demand(asked, &free, request.count)));
    }
    Ok(demands)
}

/// What one volume takes, and how many fit at most.
fn demand(request: &Request, free: &[Areas], wanted: u64) -> Option<Demand> {
    let legs = request.legs() as u64;
    let front = request.front_extents();
    let leg = request.leg_extents() + front;
    let elsewhere = request
        .total_extents()?
        .checked_sub(leg.checked_mul(legs)?)?;
    let is_apart = request.separation() != Separation::None;
    // However few sources are left out, as many legs lie outside them as there are more legs than that.
    let weights = (0..MOST_ROWS as u64).map(|left_out| match left_out {
        0 => leg * legs + elsewhere,
        _ if is_apart => leg * legs.saturating_sub(left_out),
        _ => 0,
    });
    let weights: Vec<u64> = weights.collect();
    // Of one volume no source holds more than one leg; of so many no more than as many legs.
    let per_source = if is_apart { 1 } else { legs };
    let fits = |count: u64| {
        let each = u128::from(leg) * u128::from(count * per_source);
        let held = free.iter().map(|free| u128::from(free.total()).min(each));
        held.sum::<u128>() >= u128::from(leg) * u128::from(count * legs)
    };
    let whole = |areas: u64| areas / legs;
    let pieces = match request.policy {
        Policy::Contiguous => {
            let areas = free.iter().flat_map(Areas::iter);
            whole(areas.map(|area| area.count() / leg).sum())
        }
        Policy::Cling => whole(free.iter().map(|free| free.total() / leg).sum()),
        Policy::ClingByTags | Policy::Normal | Policy::Anywhere => wanted,
    };
    let (mut least, mut most) = (0, wanted.min(pieces));
    while least < most {
        let middle = least + (most - least).div_ceil(2);
        if fits(middle) {
            least = middle;
        } else {
            most = middle - 1;
        }
    }
    (least > 0).then_some(Demand {
        weights,
        most: least,
    })
}
