//! The rows of clinging legs: on one source, or on sources that hang together by tags.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

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
    if problem.goes_by_area_tags(request) {
        let nodes = area_nodes(draft, index, request, leg, home.as_ref(), columns);
        return connected(draft, index, leg, nodes, home.is_some(), columns);
    }
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
    let nodes = source_nodes(draft, request, leg, home.as_ref(), columns);
    connected(draft, index, leg, nodes, home.is_some(), columns)
}

/// Something that a leg may lie on as far as clinging goes: a source, or an area.
struct Node {
    /// How it is called in names.
    name: String,
    /// 1 if the leg is there.
    touch: Sum,
    /// The new extents that it has there.
    extents: Sum,
    /// Whether the leg has it already.
    is_home: bool,
    /// What it hangs together by with others.
    links: Vec<Link>,
}

/// What hangs two nodes together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Link {
    /// A tag, by its place among those that count.
    Tag(usize),
    /// They are on one source.
    Source(usize),
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Link::Tag(number) => write!(f, "t{number}"),
            Link::Source(source) => write!(f, "on{source}"),
        }
    }
}

/// A node for each source, where tags are those of sources.
fn source_nodes(
    draft: &Draft,
    request: &Request,
    leg: usize,
    home: Option<&BTreeSet<usize>>,
    columns: &RequestColumns,
) -> Vec<Node> {
    let mut sources: BTreeSet<usize> = columns.touches[leg].iter().map(|(s, _)| *s).collect();
    sources.extend(home.into_iter().flatten());
    let node = |source: usize| {
        let tags = &draft.problem.sources()[source].tags;
        let listed = request.cling_tags.iter().enumerate();
        let links = listed.filter(|(_, tag)| tags.contains(*tag));
        Node {
            name: format!("s{source}"),
            touch: columns.touch(leg, source),
            extents: extents_where(columns, leg, |place| draft.source_of(place) == source),
            is_home: home.is_some_and(|home| home.contains(&source)),
            links: links.map(|(number, _)| Link::Tag(number)).collect(),
        }
    };
    sources.into_iter().map(node).collect()
}

/// A node for each place, and for each source that the leg has already, where areas have tags of their own.
fn area_nodes(
    draft: &mut Draft,
    index: usize,
    request: &Request,
    leg: usize,
    home: Option<&BTreeSet<usize>>,
    columns: &RequestColumns,
) -> Vec<Node> {
    let mut nodes = Vec::new();
    let listed = || request.cling_tags.iter().enumerate();
    for &source in home.into_iter().flatten() {
        let tags = &draft.problem.sources()[source].tags;
        let links = listed().filter(|(_, tag)| tags.contains(*tag));
        let links = links.map(|(number, _)| Link::Tag(number));
        nodes.push(Node {
            name: format!("s{source}"),
            touch: Sum::default(),
            extents: Sum::default(),
            is_home: true,
            links: links.chain([Link::Source(source)]).collect(),
        });
    }
    let mut uses: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for cell in columns.cells[leg].iter().flatten() {
        uses.entry(cell.place).or_default().push(cell.uses);
    }
    for (place, uses) in uses {
        let touch = match uses.as_slice() {
            [only] => Sum::of(*only),
            several => {
                let id = format!("r{index}_l{leg}_p{place}");
                let column = draft.program.choice(format!("touches_{id}"));
                for (number, uses) in several.iter().enumerate() {
                    let name = format!("touch_{id}_{number}");
                    draft
                        .program
                        .row(name, Sum::of(column), Sense::AtLeast, Sum::of(*uses));
                }
                Sum::of(column)
            }
        };
        let links = listed().filter(|(_, tag)| draft.has_tag(place, tag));
        let links = links.map(|(number, _)| Link::Tag(number));
        nodes.push(Node {
            name: format!("p{place}"),
            touch,
            extents: extents_where(columns, leg, |other| other == place),
            is_home: false,
            links: links
                .chain([Link::Source(draft.source_of(place))])
                .collect(),
        });
    }
    nodes
}

fn extents_where(columns: &RequestColumns, leg: usize, is_it: impl Fn(usize) -> bool) -> Sum {
    let cells = columns.cells[leg].iter().flatten();
    let here = cells.filter(|cell| is_it(cell.place));
    here.map(|cell| cell.extents).collect()
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

/// Rows `cling_flow`: one unit flows to every touched node, from the first one or from home, over
/// touched nodes and what hangs them together.
fn connected(
    draft: &mut Draft,
    index: usize,
    leg: usize,
    nodes: Vec<Node>,
    grows: bool,
    columns: &RequestColumns,
) -> Result<(), IpError> {
    let id = format!("r{index}_l{leg}");
    let most = bound("sources", nodes.len() as u64)?;
    let mut balance: BTreeMap<Link, Sum> = BTreeMap::new();
    let mut roots = Sum::default();
    for node in nodes {
        let (name, touch) = (&node.name, &node.touch);
        let mut arrives = Sum::default();
        let mut leaves = Sum::default();
        for link in &node.links {
            let mut flow = |way: &str| {
                let name = format!("flow_{way}_{id}_{name}_{link}");
                draft.program.column(name, 0, most, Kind::Follows)
            };
            let (to_link, from_link) = (flow("up"), flow("down"));
            leaves.add(to_link, 1);
            arrives.add(from_link, 1);
            let at_link = balance.entry(*link).or_default();
            at_link.add(to_link, 1);
            at_link.add(from_link, -1);
        }
        let mut surplus = arrives;
        surplus.subtract(&leaves);
        if node.is_home || !grows {
            let column = format!("supply_{id}_{name}");
            let supply = draft.program.column(column, 0, most, Kind::Follows);
            surplus.add(supply, 1);
            if !node.is_home {
                let root = draft.program.choice(format!("root_{id}_{name}"));
                roots.add(root, 1);
                let row = format!("cling_root_{id}_{name}");
                let limit = Sum::times(root, i64::from(most));
                draft
                    .program
                    .row(row, Sum::of(supply), Sense::AtMost, limit);
            }
        }
        let row = format!("cling_flow_{id}_{name}");
        draft.program.row(row, surplus, Sense::Equal, touch.clone());
        if !node.is_home {
            // Only what is really used hands on, or begins.
            let row = format!("cling_relay_{id}_{name}");
            let limit = touch.scaled(i64::from(most));
            draft.program.row(row, leaves, Sense::AtMost, limit);
            let row = format!("cling_used_{id}_{name}");
            draft
                .program
                .row(row, node.extents, Sense::AtLeast, node.touch);
        }
    }
    for (link, at_link) in balance {
        let row = format!("cling_tag_{id}_{link}");
        draft
            .program
            .row(row, at_link, Sense::Equal, Sum::default());
    }
    if !grows {
        let name = format!("cling_{id}");
        draft
            .program
            .row(name, roots, Sense::AtMost, columns.presence.clone());
    }
    Ok(())
}
