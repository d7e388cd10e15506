//! The formulation `bundles`: how many of its largest areas each source gives to which leg.
//!
//! For one request whose legs share nothing that bundles have. A leg that takes several areas of a
//! source may as well take its largest, so it is enough to choose how many; and sources that look
//! alike need no names, so it is enough to count them. That leaves no trace of positions, areas or
//! symmetries, which is why it is so much smaller than the definition.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Allocation, Area, Measure, Plan, Problem, Request, Segment};
use crate::ip::IpError;
use crate::ip::compile::bundle_keys::keys;
use crate::ip::compile::numbers::{MOST_COLUMNS, bound, whole};
use crate::ip::program::{Kind, Objective, Program, Sense, Sum};

/// What a bundle gives in one: an area, or all areas of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    areas: Vec<Segment>,
    extents: u64,
}

/// What belongs to one leg at most: a source, or all sources with a tag of the partition.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bundle {
    /// The largest first.
    items: Vec<Item>,
    longest: u64,
}

/// Bundles that look alike.
#[derive(Clone, Debug)]
struct Class {
    members: Vec<Bundle>,
    /// Extents, as far as a leg can want them, of the one, two, .. largest items.
    totals: Vec<u64>,
    longest: u64,
}

/// The bundles of a problem, and the columns that speak of them.
#[derive(Clone, Debug)]
pub(crate) struct Bundles {
    classes: Vec<Class>,
    /// Per class, leg and number of items: the column, unless another leg is served first.
    columns: Vec<Vec<Vec<usize>>>,
}

/// The bundles of a problem that [`fit`]s, in classes.
fn classes(problem: &Problem, request: &Request) -> Vec<Class> {
    let keys = keys(problem, request).unwrap_or_default();
    let by_area = problem.objective().contains(&Measure::Segments);
    let mut bundles: BTreeMap<(Option<&String>, usize), Vec<Item>> = BTreeMap::new();
    for ((source, areas), (_, tag)) in problem.offered(request).into_iter().zip(keys) {
        let segments: Vec<Segment> = areas.iter().map(|area| Segment { source, area }).collect();
        let items = if by_area {
            segments.into_iter().map(|segment| vec![segment]).collect()
        } else {
            vec![segments]
        };
        let key = (tag, if tag.is_some() { 0 } else { source });
        let list = bundles.entry(key).or_default();
        list.extend(items.into_iter().map(|areas| Item {
            extents: areas.iter().map(|segment| segment.area.count()).sum(),
            areas,
        }));
    }
    let need = need(request);
    let mut classes: BTreeMap<(Vec<u64>, u64), Vec<Bundle>> = BTreeMap::new();
    for mut items in bundles.into_values() {
        items.sort_by_key(|item| Reverse(item.extents));
        let areas = items.iter().flat_map(|item| &item.areas);
        let longest = areas.map(|segment| segment.area.count()).max().unwrap_or(0);
        let mut totals = Vec::new();
        let mut total = 0u64;
        for item in &items {
            if total >= need {
                break;
            }
            total = need.min(total.saturating_add(item.extents));
            totals.push(total);
        }
        // Whether metadata fits in front is all that the longest area matters for.
        let holds_front = u64::from(longest > request.front_extents());
        classes
            .entry((totals, holds_front))
            .or_default()
            .push(Bundle { items, longest });
    }
    // Largest first: the legs are numbered by the first class that they use.
    let list = classes
        .into_iter()
        .rev()
        .map(|((totals, _), members)| Class {
            longest: members
                .iter()
                .map(|bundle| bundle.longest)
                .min()
                .unwrap_or(0),
            members,
            totals,
        });
    list.collect()
}

/// Extents of a leg with its metadata.
fn need(request: &Request) -> u64 {
    request
        .leg_extents()
        .saturating_add(request.front_extents())
}

/// Compiles a problem that [`fit`]s.
///
/// # Errors
/// [`IpError::TooLarge`].
pub(crate) fn compile(problem: &Problem) -> Result<(Program, Bundles), IpError> {
    let request = &problem.requests()[0];
    let legs = request.legs();
    let classes = classes(problem, request);
    let counts: u64 = classes.iter().map(|class| class.totals.len() as u64).sum();
    let found = counts.saturating_mul(legs as u64);
    if found > MOST_COLUMNS {
        return Err(IpError::TooLarge {
            what: "columns".to_string(),
            found,
            most: MOST_COLUMNS,
        });
    }
    let mut program = Program::new();
    let mut columns: Vec<Vec<Vec<usize>>> = Vec::new();
    let mut before = 0;
    for (number, class) in classes.iter().enumerate() {
        let upper = bound("bundles", class.members.len() as u64)?;
        before += class.members.len();
        let mut of_class = Vec::new();
        for leg in 0..legs {
            // Symmetry: legs in the order of their first bundle. The first `leg` legs use `leg`
            // bundles, so leg number `leg` begins no later than bundle number `leg`.
            let counts = if leg < before { class.totals.len() } else { 0 };
            let mut column = |count: usize| {
                let name = format!("gives_c{number}_l{leg}_n{}", count + 1);
                program.column(name, 0, upper, Kind::Integer)
            };
            of_class.push((0..counts).map(&mut column).collect());
        }
        columns.push(of_class);
    }
    for (number, (class, of_class)) in classes.iter().zip(&columns).enumerate() {
        let all: Sum = of_class.iter().flatten().copied().collect();
        let most = Sum::number(whole("bundles", class.members.len() as u64)?);
        program.row(format!("bundles_c{number}"), all, Sense::AtMost, most);
    }
    let need = Sum::number(whole("extents of a leg", need(request))?);
    for leg in 0..legs {
        let mut given = Sum::default();
        let mut fronts = Sum::default();
        for (class, of_class) in classes.iter().zip(&columns) {
            for (total, &column) in class.totals.iter().zip(&of_class[leg]) {
                given.add(column, whole("extents of a leg", *total)?);
                if class.longest > request.front_extents() {
                    fronts.add(column, 1);
                }
            }
        }
        program.row(format!("cover_l{leg}"), given, Sense::AtLeast, need.clone());
        if request.front_extents() > 0 {
            let name = format!("front_l{leg}");
            program.row(name, fronts, Sense::AtLeast, Sum::number(1));
        }
    }
    for &measure in problem.objective() {
        // With areas as items a bundle is a source; with sources as items nothing else is asked.
        let per_item = measure == Measure::Segments || problem.objective().len() == 1;
        let mut sum = Sum::default();
        for of_leg in columns.iter().flatten() {
            for (count, &column) in (1..).zip(of_leg) {
                sum.add(column, if per_item { count } else { 1 });
            }
        }
        let terms = sum.into_measure();
        program.objectives.push(Objective { measure, terms });
    }
    program.legend = legend(problem, &classes);
    Ok((program, Bundles { classes, columns }))
}

fn legend(problem: &Problem, classes: &[Class]) -> Vec<String> {
    let name = |bundle: &Bundle| {
        let mut sources: Vec<usize> = bundle
            .items
            .iter()
            .flat_map(|item| &item.areas)
            .map(|s| s.source)
            .collect();
        sources.sort_unstable();
        sources.dedup();
        let names = sources
            .into_iter()
            .map(|source| problem.sources()[source].name.clone());
        names.collect::<Vec<_>>().join("+")
    };
    let lines = classes.iter().enumerate().map(|(number, class)| {
        let members: Vec<String> = class.members.iter().map(name).collect();
        format!("c{number}: {}", members.join(", "))
    });
    lines.collect()
}

impl Bundles {
    /// Per leg its columns, each with what a leg pays that has a bundle of the class: for all sources of it, and for the tag
    /// that they share. No other leg can have it, so that no more is paid than there are prices.
    pub(crate) fn charges(
        &self,
        of_source: impl Fn(usize) -> i128,
        of_tag: impl Fn(usize) -> i128,
    ) -> Vec<Vec<(usize, i128)>> {
        let of_bundle = |bundle: &Bundle| {
            let areas = bundle.items.iter().flat_map(|item| &item.areas);
            let sources: BTreeSet<usize> = areas.map(|segment| segment.source).collect();
            let tag = sources.iter().map(|source| of_tag(*source)).max();
            let paid: i128 = sources.iter().map(|source| of_source(*source)).sum();
            paid + tag.unwrap_or(0)
        };
        let legs = self.columns.first().map_or(0, Vec::len);
        let mut charges = vec![Vec::new(); legs];
        for (class, of_class) in self.classes.iter().zip(&self.columns) {
            let least = class.members.iter().map(of_bundle).min().unwrap_or(0);
            for (charges, columns) in charges.iter_mut().zip(of_class) {
                charges.extend(columns.iter().map(|column| (*column, least)));
            }
        }
        charges
    }

    /// The plan that whole values stand for. The values satisfy every row.
    pub(crate) fn decode(&self, problem: &Problem, values: &[i32]) -> Plan {
        let request = &problem.requests()[0];
        let mut areas: Vec<Vec<Segment>> = vec![Vec::new(); request.legs()];
        for (class, of_class) in self.classes.iter().zip(&self.columns) {
            let mut members = class.members.iter();
            for (leg, counts) in of_class.iter().enumerate() {
                for (number, &column) in counts.iter().enumerate() {
                    for bundle in members
                        .by_ref()
                        .take(usize::try_from(values[column]).unwrap_or(0))
                    {
                        let items = bundle.items.iter().take(number + 1);
                        areas[leg].extend(items.flat_map(|item| item.areas.iter().copied()));
                    }
                }
            }
        }
        let front = request.front_extents();
        let mut allocation = Allocation::default();
        for mut own in areas {
            // The longest first: metadata goes in front of it, and what is trimmed is the shortest.
            own.sort_by_key(|segment| (Reverse(segment.area.count()), *segment));
            let mut left = need(request);
            let mut leg = Vec::new();
            for (number, segment) in own.into_iter().enumerate() {
                let Some(mut area) =
                    Area::new(segment.area.start(), segment.area.count().min(left))
                else {
                    break;
                };
                left -= area.count();
                let source = segment.source;
                if number == 0 && front > 0 {
                    let (metadata, rest) = area.split(front);
                    allocation.metadata.push(Segment {
                        source,
                        area: metadata,
                    });
                    area = rest.expect("the longest area has room behind the metadata");
                }
                leg.push(Segment { source, area });
            }
            allocation.legs.push(leg);
        }
        Plan {
            allocations: vec![Some(allocation)],
        }
    }

    /// Values of columns that stand for a plan at least as good as `plan`.
    pub(crate) fn hint(&self, plan: &Plan) -> Vec<(usize, i32)> {
        let Some(Some(allocation)) = plan.allocations.first() else {
            return Vec::new();
        };
        // Per leg its classes with the number of items, ascending.
        let mut legs: Vec<Vec<(usize, usize)>> = allocation
            .legs
            .iter()
            .map(|leg| {
                let bundles = self.classes.iter().enumerate().flat_map(|(number, class)| {
                    class.members.iter().map(move |bundle| (number, bundle))
                });
                let used = bundles.filter_map(|(number, bundle)| {
                    let is_touched = |item: &&Item| {
                        item.areas.iter().any(|area| {
                            leg.iter().any(|segment| {
                                segment.source == area.source && area.area.contains(segment.area)
                            })
                        })
                    };
                    let count = bundle.items.iter().filter(is_touched).count();
                    let most = self.classes[number].totals.len();
                    (count > 0).then_some((number, count.min(most)))
                });
                used.collect()
            })
            .collect();
        legs.sort();
        let mut values: BTreeMap<usize, i32> = BTreeMap::new();
        for column in self.columns.iter().flatten().flatten() {
            values.insert(*column, 0);
        }
        for (leg, used) in legs.into_iter().enumerate() {
            for (number, count) in used {
                if let Some(column) = self.columns[number][leg].get(count - 1) {
                    *values.entry(*column).or_default() += 1;
                }
            }
        }
        values.into_iter().collect()
    }
}
