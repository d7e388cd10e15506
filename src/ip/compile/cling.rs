//! The rows of clinging legs: on one source, or on sources that hang together by tags.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Policy, Problem, Request, Segment};
use crate::ip::IpError;
use crate::ip::compile::columns::RequestColumns;
use crate::ip::compile::draft::Draft;
use crate::ip::compile::numbers::bound;
use crate::ip::program::{Kind, Sense, Sum};

/// Adds the rows of a request whose policy makes its legs cling.
///
/// A leg that grows under policy cling has columns on its own sources only, and needs no row.
pub(crate) fn add(
    draft: &mut Draft,
    index: usize,
    request: &Request,
    columns: &RequestColumns,
) -> Result<(), IpError> {
    match request.policy {
        Policy::Contiguous | Policy::Normal | Policy::Anywhere => {}
        Policy::Cling if request.grows.is_some() => {}
        Policy::Cling => {
            for (leg, touches) in columns.touches.iter().enumerate() {
                let mut all = Sum::default();
                for (_, touch) in touches {
                    all.add_sum(touch, 1);
                }
                let name = format!("cling_r{index}_l{leg}");
                draft
                    .program
                    .row(name, all, Sense::AtMost, columns.presence.clone());
            }
        }
        Policy::ClingByTags => {
            for leg in 0..request.legs() {
                by_tags(draft, index, request, leg, columns)?;
            }
        }
    }
    Ok(())
}

/// The sources that hang together with the previous segments of a leg, over any number of tags.
pub(crate) fn within_reach(
    problem: &Problem,
    request: &Request,
    previous: &[Segment],
) -> BTreeSet<usize> {
    let mut reached: BTreeSet<usize> = previous.iter().map(|segment| segment.source).collect();
    loop {
        let next: BTreeSet<usize> = direct(problem, request, &reached);
        if next == reached {
            return reached;
        }
        reached = next;
    }
}

/// The sources and those that share a cling tag with one of them.
fn direct(problem: &Problem, request: &Request, held: &BTreeSet<usize>) -> BTreeSet<usize> {
    let tags: BTreeSet<&String> = held
        .iter()
        .flat_map(|&source| cling_tags(problem, request, source))
        .collect();
    let others = (0..problem.sources().len())
        .filter(|&source| cling_tags(problem, request, source).any(|tag| tags.contains(tag)));
    held.iter().copied().chain(others).collect()
}

fn cling_tags<'a>(
    problem: &'a Problem,
    request: &'a Request,
    source: usize,
) -> impl Iterator<Item = &'a String> {
    problem.sources()[source]
        .tags
        .intersection(&request.cling_tags)
}

/// Rows `cling` by tags.
fn by_tags(
    draft: &mut Draft,
    index: usize,
    request: &Request,
    leg: usize,
    columns: &RequestColumns,
) -> Result<(), IpError> {
    let problem = draft.problem;
    let touches = &columns.touches[leg];
    let home: Option<BTreeSet<usize>> = request
        .grows
        .as_ref()
        .map(|legs| legs[leg].iter().map(|segment| segment.source).collect());
    match &home {
        Some(home) => {
            let near = direct(problem, request, home);
            if touches.iter().all(|(source, _)| near.contains(source)) {
                return Ok(());
            }
        }
        None => {
            if let Some(groups) = cliques(problem, request, touches) {
                one_group(draft, &format!("r{index}_l{leg}"), &groups, columns);
                return Ok(());
            }
        }
    }
    connected(draft, index, request, leg, home.as_ref(), columns)
}

/// The touched sources in groups, if in each group any two share a tag and no two groups do.
fn cliques(
    problem: &Problem,
    request: &Request,
    touches: &[(usize, Sum)],
) -> Option<Vec<Vec<Sum>>> {
    let mut groups: Vec<(BTreeSet<&String>, Vec<Sum>)> = Vec::new();
    for (source, touch) in touches {
        let tags: BTreeSet<&String> = cling_tags(problem, request, *source).collect();
        // One tag each is the case that is common; more of them make groups overlap.
        if tags.len() > 1 {
            return None;
        }
        match groups
            .iter_mut()
            .find(|(group, _)| !tags.is_empty() && *group == tags)
        {
            Some((_, list)) => list.push(touch.clone()),
            None => groups.push((tags, vec![touch.clone()])),
        }
    }
    Some(groups.into_iter().map(|(_, list)| list).collect())
}

/// Rows `cling_group`: the leg is on the sources of one group.
fn one_group(draft: &mut Draft, id: &str, groups: &[Vec<Sum>], columns: &RequestColumns) {
    let mut all = Sum::default();
    for (number, touches) in groups.iter().enumerate() {
        let chosen = match touches.as_slice() {
            [only] => only.clone(),
            several => {
                let column = draft.program.choice(format!("group_{id}_{number}"));
                for (position, touch) in several.iter().enumerate() {
                    let name = format!("cling_group_{id}_{number}_{position}");
                    draft
                        .program
                        .row(name, touch.clone(), Sense::AtMost, Sum::of(column));
                }
                Sum::of(column)
            }
        };
        all.add_sum(&chosen, 1);
    }
    let name = format!("cling_{id}");
    draft
        .program
        .row(name, all, Sense::AtMost, columns.presence.clone());
}

/// Rows `cling_flow`: one unit flows to every touched source, from the first one or from home, over
/// touched sources and the tags that they share.
fn connected(
    draft: &mut Draft,
    index: usize,
    request: &Request,
    leg: usize,
    home: Option<&BTreeSet<usize>>,
    columns: &RequestColumns,
) -> Result<(), IpError> {
    let problem = draft.problem;
    let id = format!("r{index}_l{leg}");
    let mut sources: BTreeSet<usize> = columns.touches[leg].iter().map(|(s, _)| *s).collect();
    sources.extend(home.into_iter().flatten());
    let most = bound("sources", sources.len() as u64)?;
    let mut balance: BTreeMap<&String, Sum> = BTreeMap::new();
    let mut roots = Sum::default();
    for &source in &sources {
        let touch = columns.touch(leg, source);
        let is_home = home.is_some_and(|home| home.contains(&source));
        let mut arrives = Sum::default();
        let mut leaves = Sum::default();
        for (number, tag) in request.cling_tags.iter().enumerate() {
            if !problem.sources()[source].tags.contains(tag) {
                continue;
            }
            let mut flow = |way: &str| {
                let name = format!("flow_{way}_{id}_s{source}_t{number}");
                draft.program.column(name, 0, most, Kind::Follows)
            };
            let (to_tag, from_tag) = (flow("up"), flow("down"));
            leaves.add(to_tag, 1);
            arrives.add(from_tag, 1);
            let at_tag = balance.entry(tag).or_default();
            at_tag.add(to_tag, 1);
            at_tag.add(from_tag, -1);
        }
        let mut surplus = arrives;
        surplus.subtract(&leaves);
        if is_home || home.is_none() {
            let name = format!("supply_{id}_s{source}");
            let supply = draft.program.column(name, 0, most, Kind::Follows);
            surplus.add(supply, 1);
            if !is_home {
                let root = draft.program.choice(format!("root_{id}_s{source}"));
                roots.add(root, 1);
                let name = format!("cling_root_{id}_s{source}");
                let limit = Sum::times(root, i64::from(most));
                draft
                    .program
                    .row(name, Sum::of(supply), Sense::AtMost, limit);
            }
        }
        let name = format!("cling_flow_{id}_s{source}");
        draft
            .program
            .row(name, surplus, Sense::Equal, touch.clone());
        if !is_home {
            // Only a source that is really used hands on, or begins.
            let name = format!("cling_relay_{id}_s{source}");
            let limit = touch.scaled(i64::from(most));
            draft.program.row(name, leaves, Sense::AtMost, limit);
            let here = columns.cells[leg].iter().flatten();
            let extents: Sum = here
                .filter(|cell| draft.places.list[cell.place].source == source)
                .map(|cell| cell.extents)
                .collect();
            let name = format!("cling_used_{id}_s{source}");
            draft.program.row(name, extents, Sense::AtLeast, touch);
        }
    }
    for (number, (_, at_tag)) in balance.into_iter().enumerate() {
        let name = format!("cling_tag_{id}_t{number}");
        draft
            .program
            .row(name, at_tag, Sense::Equal, Sum::default());
    }
    if home.is_none() {
        let name = format!("cling_{id}");
        draft
            .program
            .row(name, roots, Sense::AtMost, columns.presence.clone());
    }
    Ok(())
}
