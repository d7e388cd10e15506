//! Why there is no plan, with names instead of indices, both ways.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::core::{Conflict, Problem, explain};
use crate::json::branches::{RawBranchStep, export_branches, import_branches};
use crate::json::locate::{Faults, Path};
use crate::json::once::once;
use crate::json::problem::Names;
use crate::json::raw::Count;

/// Why there is no plan, for people and to be added up.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawWhy {
    /// The reason in words.
    pub(crate) sentence: String,
    /// The reason in numbers.
    pub(crate) certificate: RawConflict,
}

/// A reason that can be checked by adding up.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum RawConflict {
    /// Too little room, seen across a cut.
    Cut {
        /// The requests that do not fit.
        requests: Vec<String>,
        /// Sources counted with all they offer; the others with one leg for each request.
        whole: Vec<String>,
        /// Extents needed.
        needed: Count,
        /// Extents within reach.
        reachable: Count,
    },
    /// More unbreakable pieces of a length than there are places for.
    Room {
        /// The requests whose pieces are counted.
        requests: Vec<String>,
        /// The length that each of the pieces has at least.
        length: Count,
        /// Pieces there are.
        pieces: Count,
        /// Places there are.
        places: Count,
    },
    /// Too little room for unbreakable pieces, counted in whole units across a cut.
    Units {
        /// The requests that do not fit.
        requests: Vec<String>,
        /// Extents of one unit.
        unit: Count,
        /// Sources counted with all their areas; the others with one piece for each request.
        whole: Vec<String>,
        /// Units needed.
        needed: Count,
        /// Units within reach.
        reachable: Count,
    },
    /// Prices of sources that no layout can pay.
    Prices {
        /// The request.
        request: String,
        /// Price by source; 0 for a source that is not listed.
        #[serde(deserialize_with = "once")]
        prices: BTreeMap<String, Count>,
        /// Price by tag, of all sources with it together, which do not count by themselves.
        #[serde(
            default,
            deserialize_with = "once",
            skip_serializing_if = "BTreeMap::is_empty"
        )]
        tags: BTreeMap<String, Count>,
        /// Least price of a set of sources that holds a leg.
        cover: Count,
    },
    /// Prices of unbreakable pieces that the areas cannot earn.
    PiecePrices {
        /// Price of one piece by request.
        #[serde(deserialize_with = "once")]
        prices: BTreeMap<String, Count>,
        /// What all pieces are worth.
        worth: Count,
        /// Most that the areas can hold.
        holdable: Count,
    },
    /// More legs than can keep apart.
    Apart {
        /// The request.
        request: String,
        /// Tags, of each of which one leg may be.
        tags: Vec<String>,
        /// Sources without those tags, on each of which one leg may be at one offset.
        sources: Vec<String>,
        /// Legs of the request.
        legs: Count,
    },
    /// A tree over the integer program, none of whose leaves has a solution.
    Branches {
        /// From its leaves to its root, which is the last.
        steps: Vec<RawBranchStep>,
    },
    /// Every possibility was tried.
    Exhausted {
        /// Nodes of the search.
        nodes: Count,
    },
    /// The integer program has no solution.
    Program {
        /// Rows of the program.
        rows: Count,
        /// Columns of the program.
        columns: Count,
    },
}

pub(crate) fn export_why(problem: &Problem, conflict: &Conflict) -> RawWhy {
    RawWhy {
        sentence: explain(problem, conflict),
        certificate: export_conflict(problem, conflict),
    }
}

fn export_conflict(problem: &Problem, conflict: &Conflict) -> RawConflict {
    let request = |index: &usize| problem.requests()[*index].name.clone();
    let source = |index: &usize| problem.sources()[*index].name.clone();
    match conflict {
        Conflict::Cut {
            requests,
            whole,
            needed,
            reachable,
        } => RawConflict::Cut {
            requests: requests.iter().map(request).collect(),
            whole: whole.iter().map(source).collect(),
            needed: Count(*needed),
            reachable: Count(*reachable),
        },
        Conflict::Room {
            requests,
            length,
            pieces,
            places,
        } => RawConflict::Room {
            requests: requests.iter().map(request).collect(),
            length: Count(*length),
            pieces: Count(*pieces),
            places: Count(*places),
        },
        Conflict::Units {
            requests,
            unit,
            whole,
            needed,
            reachable,
        } => RawConflict::Units {
            requests: requests.iter().map(request).collect(),
            unit: Count(*unit),
            whole: whole.iter().map(source).collect(),
            needed: Count(*needed),
            reachable: Count(*reachable),
        },
        Conflict::Prices {
            request: index,
            prices,
            tags,
            cover,
        } => RawConflict::Prices {
            request: request(index),
            prices: prices
                .iter()
                .map(|(index, price)| (source(index), Count(*price)))
                .collect(),
            tags: tags
                .iter()
                .map(|(tag, price)| (tag.clone(), Count(*price)))
                .collect(),
            cover: Count(*cover),
        },
        Conflict::PiecePrices {
            prices,
            worth,
            holdable,
        } => RawConflict::PiecePrices {
            prices: prices
                .iter()
                .map(|(index, price)| (request(index), Count(*price)))
                .collect(),
            worth: Count(*worth),
            holdable: Count(*holdable),
        },
        Conflict::Apart {
            request: index,
            tags,
            sources,
            legs,
        } => RawConflict::Apart {
            request: request(index),
            tags: tags.clone(),
            sources: sources.iter().map(source).collect(),
            legs: Count(*legs),
        },
        Conflict::Branches(branches) => RawConflict::Branches {
            steps: export_branches(branches),
        },
        Conflict::Exhausted { nodes } => RawConflict::Exhausted {
            nodes: Count(*nodes),
        },
        Conflict::Program { rows, columns } => RawConflict::Program {
            rows: Count(*rows),
            columns: Count(*columns),
        },
    }
}

/// The conflict with indices, or faults for the names that the problem has not.
pub(crate) fn import_conflict(
    raw: &RawConflict,
    problem: &Problem,
    path: &Path,
    faults: &mut Faults,
) -> Option<Conflict> {
    let names = Names::of(problem.sources());
    let mut lookup = Lookup {
        problem,
        names: &names,
        path,
        faults,
    };
    let conflict = match raw {
        RawConflict::Cut {
            requests,
            whole,
            needed,
            reachable,
        } => Conflict::Cut {
            requests: lookup.requests(requests)?,
            whole: lookup.sources("whole", whole)?,
            needed: needed.0,
            reachable: reachable.0,
        },
        RawConflict::Room {
            requests,
            length,
            pieces,
            places,
        } => Conflict::Room {
            requests: lookup.requests(requests)?,
            length: length.0,
            pieces: pieces.0,
            places: places.0,
        },
        RawConflict::Units {
            requests,
            unit,
            whole,
            needed,
            reachable,
        } => Conflict::Units {
            requests: lookup.requests(requests)?,
            unit: unit.0,
            whole: lookup.sources("whole", whole)?,
            needed: needed.0,
            reachable: reachable.0,
        },
        RawConflict::Prices {
            request,
            prices,
            tags,
            cover,
        } => Conflict::Prices {
            request: lookup.request(request, &path.then_key("request"))?,
            prices: lookup.source_prices(prices)?,
            tags: tags
                .iter()
                .map(|(tag, price)| (tag.clone(), price.0))
                .collect(),
            cover: cover.0,
        },
        RawConflict::PiecePrices {
            prices,
            worth,
            holdable,
        } => Conflict::PiecePrices {
            prices: lookup.request_prices(prices)?,
            worth: worth.0,
            holdable: holdable.0,
        },
        RawConflict::Apart {
            request,
            tags,
            sources,
            legs,
        } => Conflict::Apart {
            request: lookup.requests(std::slice::from_ref(request))?[0],
            tags: tags.clone(),
            sources: lookup.sources("sources", sources)?,
            legs: legs.0,
        },
        RawConflict::Branches { steps } => Conflict::Branches(import_branches(steps)),
        RawConflict::Exhausted { nodes } => Conflict::Exhausted { nodes: nodes.0 },
        RawConflict::Program { rows, columns } => Conflict::Program {
            rows: rows.0,
            columns: columns.0,
        },
    };
    Some(conflict)
}

/// From names to ascending indices.
struct Lookup<'a> {
    problem: &'a Problem,
    names: &'a Names,
    path: &'a Path,
    faults: &'a mut Faults,
}

impl Lookup<'_> {
    fn request(&mut self, name: &str, path: &Path) -> Option<usize> {
        let mut requests = self.problem.requests().iter();
        let index = requests.position(|request| request.name == name);
        if index.is_none() {
            let message =
                format!("the problem has no request `{name}`; the plan is for another problem");
            self.faults.push(path.clone(), message);
        }
        index
    }

    fn requests(&mut self, names: &[String]) -> Option<Vec<usize>> {
        let list = self.path.then_key("requests");
        let indices: Option<Vec<usize>> = names
            .iter()
            .enumerate()
            .map(|(index, name)| self.request(name, &list.then_index(index)))
            .collect();
        indices.map(ascending)
    }

    fn sources(&mut self, key: &str, names: &[String]) -> Option<Vec<usize>> {
        let list = self.path.then_key(key);
        let indices: Option<Vec<usize>> = names
            .iter()
            .enumerate()
            .map(|(index, name)| {
                self.names
                    .source(name, &list.then_index(index), self.faults)
            })
            .collect();
        indices.map(ascending)
    }

    fn source_prices(&mut self, prices: &BTreeMap<String, Count>) -> Option<Vec<(usize, u64)>> {
        let list = self.path.then_key("prices");
        let price = |(name, price): (&String, &Count)| {
            let path = list.then_key(name);
            let source = self.names.source(name, &path, self.faults);
            Some((source?, price.0))
        };
        let pairs: Option<Vec<(usize, u64)>> = prices.iter().map(price).collect();
        pairs.map(ascending)
    }

    fn request_prices(&mut self, prices: &BTreeMap<String, Count>) -> Option<Vec<(usize, u64)>> {
        let list = self.path.then_key("prices");
        let price = |(name, price): (&String, &Count)| {
            let request = self.request(name, &list.then_key(name));
            Some((request?, price.0))
        };
        let pairs: Option<Vec<(usize, u64)>> = prices.iter().map(price).collect();
        pairs.map(ascending)
    }
}

fn ascending<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort_unstable();
    items
}
