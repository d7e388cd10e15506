//! What single legs and requests cost at the least, which is shown first, each by its own rows alone.
//!
//! The prices of a certificate say what to show: that what a leg adds to the measures and pays is at least so much. What all of
//! them come to, and that nothing is taken twice, is then a sum. Lagrangian decomposition: Fisher, "The Lagrangian relaxation
//! method for solving integer programming problems", Management Science 27 (1981).

use std::collections::BTreeMap;

use crate::core::{Certificate, Conflict, Prices, Problem, Request, least_of_requests};
use crate::ip::compile::{Columns, Compiled, Meaning, RequestColumns};
use crate::ip::program::{Program, Sum};

/// A sum of columns that is at least a number, by the rows of some columns alone.
pub(crate) struct Lemma {
    pub(crate) terms: Vec<(usize, i128)>,
    /// Nothing where the relaxation says it.
    pub(crate) least: Option<i128>,
    /// Per column whether its rows are looked at.
    pub(crate) is_inside: Vec<bool>,
}

/// Why something is true.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Why<'a> {
    Certificate(Option<&'a Certificate>),
    Conflict(&'a Conflict),
}

/// What to show first of the measure behind those that are `pinned`.
pub(crate) fn lemmas(
    problem: &Problem,
    compiled: &Compiled,
    pinned: &[u64],
    why: Why<'_>,
) -> Vec<Lemma> {
    let program = &compiled.program;
    let owners = program.columns.iter().map(|column| owner(&column.name));
    let blocks = Blocks {
        problem,
        program,
        meaning: &compiled.meaning,
        owners: owners.collect(),
    };
    match why {
        Why::Conflict(Conflict::Prices {
            request,
            prices,
            tags,
            cover,
        }) => blocks.of_cover(*request, prices, tags, *cover),
        Why::Certificate(Some(Certificate::Prices(prices))) => blocks.of_prices(pinned, prices),
        Why::Certificate(_) => blocks.of_measure(pinned.len()),
        Why::Conflict(_) => Vec::new(),
    }
}

/// The request, and the leg of it, that a column is named for; bundles are those of the one request there is.
fn owner(name: &str) -> Option<(usize, Option<usize>)> {
    let number = |letter: char| {
        let mut words = name.split('_');
        words.find_map(|word| word.strip_prefix(letter)?.parse().ok())
    };
    let request = number('r').or_else(|| name.starts_with("gives_").then_some(0));
    Some((request?, number('l')))
}

struct Blocks<'a> {
    problem: &'a Problem,
    program: &'a Program,
    meaning: &'a Meaning,
    /// Per column whose it is.
    owners: Vec<Option<(usize, Option<usize>)>>,
}

impl Blocks<'_> {
    /// That the sources and tags of each leg cost as much as a conflict says.
    fn of_cover(
        &self,
        request: usize,
        prices: &[(usize, u64)],
        tags: &[(String, u64)],
        cover: u64,
    ) -> Vec<Lemma> {
        // A source with one of the tags does not count by itself.
        let borne = |source: usize| &self.problem.sources()[source].tags;
        let tag_of = |source: usize| tags.iter().find(|(tag, _)| borne(source).contains(tag));
        let mut by_leg = Vec::new();
        match self.meaning {
            Meaning::Areas(columns) => {
                let Some(of) = columns.requests.get(request) else {
                    return Vec::new();
                };
                for leg in 0..of.touches.len() {
                    let mut sum = Weighed::default();
                    for &(source, price) in prices.iter().filter(|(of, _)| tag_of(*of).is_none()) {
                        sum.add(&of.touch(leg, source), price.into());
                    }
                    for (tag, touch) in of.tagged.get(leg).into_iter().flatten() {
                        let price = tags.iter().find(|(other, _)| other == tag);
                        sum.add(touch, price.map_or(0, |(_, price)| (*price).into()));
                    }
                    by_leg.push(sum);
                }
            }
            Meaning::Bundles(bundles) => {
                let of_source = |source: usize| {
                    let priced = prices.iter().find(|(other, _)| *other == source);
                    let priced = priced.filter(|_| tag_of(source).is_none());
                    priced.map_or(0, |(_, price)| (*price).into())
                };
                let of_tag = |source: usize| {
                    let priced = tag_of(source);
                    priced.map_or(0, |(_, price)| i128::from(*price))
                };
                let charges = bundles.charges(of_source, of_tag).into_iter();
                by_leg.extend(charges.map(Weighed::of));
            }
        }
        let legs = by_leg.into_iter().enumerate();
        let lemmas = legs.map(|(leg, sum)| self.lemma(request, Some(leg), sum, Some(cover.into())));
        lemmas.collect()
    }

    /// That each leg, and then each request, has as much of a measure as its relaxation says, rounded up.
    fn of_measure(&self, position: usize) -> Vec<Lemma> {
        let mut lemmas = Vec::new();
        for (index, request) in self.problem.requests().iter().enumerate() {
            let legs = (0..request.legs()).filter(|_| request.legs() > 1);
            for leg in legs.map(Some).chain([None]) {
                let sum = self.measured(position, index, leg);
                lemmas.push(self.lemma(index, leg, sum, None));
            }
        }
        lemmas.retain(|lemma| !lemma.terms.is_empty());
        lemmas
    }

    /// That each leg, or where legs share what they pay for each request, costs as much as prices say.
    fn of_prices(&self, pinned: &[u64], prices: &Prices) -> Vec<Lemma> {
        let Ok(least) = least_of_requests(self.problem, pinned, prices) else {
            return Vec::new();
        };
        let mut lemmas = Vec::new();
        for (index, (request, least)) in self.problem.requests().iter().zip(least).enumerate() {
            let mut shared = Weighed::default();
            let mut by_leg = vec![Weighed::default(); request.legs()];
            for (objective, &weight) in self.program.objectives.iter().zip(&prices.weights) {
                for &(column, by) in &objective.terms {
                    let sum = match self.owners[column] {
                        Some((of, Some(leg))) if of == index => &mut by_leg[leg],
                        Some((of, None)) if of == index => &mut shared,
                        Some(_) | None => continue,
                    };
                    sum.one(column, i128::from(by) * i128::from(weight));
                }
            }
            match self.meaning {
                Meaning::Areas(columns) => {
                    let of = &columns.requests[index];
                    if of.cells.is_empty() {
                        continue;
                    }
                    let paid = Paid {
                        index,
                        request,
                        columns,
                        of,
                    };
                    paid.add(self.problem, prices, &mut by_leg, &mut shared);
                }
                Meaning::Bundles(bundles) => {
                    let touches = prices.touches.iter();
                    let touches: BTreeMap<usize, i128> = touches
                        .map(|(_, source, price)| (*source, (*price).into()))
                        .collect();
                    let of_source = |source: usize| touches.get(&source).copied().unwrap_or(0);
                    let of_tag = |source: usize| {
                        let borne = &self.problem.sources()[source].tags;
                        let tags = prices.tags.iter().filter(|(_, tag, _)| borne.contains(tag));
                        tags.map(|(_, _, price)| i128::from(*price))
                            .max()
                            .unwrap_or(0)
                    };
                    let charges = bundles.charges(of_source, of_tag);
                    for (sum, charges) in by_leg.iter_mut().zip(charges) {
                        sum.join(Weighed::of(charges));
                    }
                }
            }
            let legs = request.legs() as i128;
            if least <= 0 {
                continue;
            }
            if shared.is_nothing() && request.grows.is_none() && least % legs == 0 {
                let legs_and_sums = by_leg.into_iter().enumerate();
                lemmas.extend(
                    legs_and_sums
                        .map(|(leg, sum)| self.lemma(index, Some(leg), sum, Some(least / legs))),
                );
            } else {
                by_leg.into_iter().for_each(|sum| shared.join(sum));
                lemmas.push(self.lemma(index, None, shared, Some(least)));
            }
        }
        lemmas
    }

    /// What a request, or a leg of it, has of a measure.
    fn measured(&self, position: usize, request: usize, leg: Option<usize>) -> Weighed {
        let mut sum = Weighed::default();
        for &(column, by) in &self.program.objectives[position].terms {
            let is_own = self.owners[column]
                .is_some_and(|(of, own)| of == request && (leg.is_none() || own == leg));
            if is_own {
                sum.one(column, by.into());
            }
        }
        sum
    }

    fn lemma(
        &self,
        request: usize,
        leg: Option<usize>,
        sum: Weighed,
        least: Option<i128>,
    ) -> Lemma {
        let is_inside = self.owners.iter().map(|owner| {
            owner.is_some_and(|(of, own)| {
                of == request && (leg.is_none() || own.is_none() || own == leg)
            })
        });
        let below =
            |(column, by): (&usize, &i128)| by * i128::from(self.program.columns[*column].lower);
        let constant = sum.constant + sum.terms.iter().map(below).sum::<i128>();
        Lemma {
            terms: sum.terms.into_iter().filter(|(_, by)| *by != 0).collect(),
            least: least.map(|least| least - constant),
            is_inside: is_inside.collect(),
        }
    }
}

/// A request whose legs pay for where they lie.
struct Paid<'a> {
    index: usize,
    request: &'a Request,
    columns: &'a Columns,
    of: &'a RequestColumns,
}

impl Paid<'_> {
    /// What the legs of a request pay.
    fn add(
        &self,
        problem: &Problem,
        prices: &Prices,
        by_leg: &mut [Weighed],
        shared: &mut Weighed,
    ) {
        let (index, request, columns) = (self.index, self.request, self.of);
        let areas = prices.areas.iter();
        let areas: BTreeMap<(usize, u64), u64> = areas
            .map(|(source, start, price)| ((*source, *start), *price))
            .collect();
        let shares = prices.shares.iter().filter(|(of, ..)| *of == index);
        let shares: BTreeMap<usize, u64> =
            shares.map(|(_, source, price)| (*source, *price)).collect();
        let of_area = |place: usize| -> i128 {
            let place = self.columns.places.list[place];
            let mut free = problem.sources()[place.source].free.meeting(place.area);
            let price = free
                .next()
                .and_then(|area| areas.get(&(place.source, area.start())));
            price.copied().unwrap_or(0).into()
        };
        let of_share = |place: usize| -> i128 {
            let price = shares.get(&self.columns.places.list[place].source);
            price.copied().unwrap_or(0).into()
        };
        let front = i128::from(request.front_extents());
        for (leg, sum) in by_leg.iter_mut().enumerate() {
            for cell in columns.cells[leg].iter().flatten() {
                sum.one(cell.extents, of_area(cell.place) + of_share(cell.place));
            }
            for &(place, column) in columns.fronts.get(leg).into_iter().flatten() {
                sum.one(column, front * (of_area(place) + of_share(place)));
            }
            let metadata = request
                .metadata
                .map_or(0, |metadata| metadata.extents.into());
            for &(place, column) in columns.metadata.get(leg).into_iter().flatten() {
                sum.one(column, of_area(place) * metadata);
            }
            let touches = prices.touches.iter().filter(|(of, ..)| *of == index);
            for (_, source, price) in touches {
                sum.add(&columns.touch(leg, *source), (*price).into());
            }
            for (_, tag, price) in prices.tags.iter().filter(|(of, ..)| *of == index) {
                let tagged = columns.tagged.get(leg).into_iter().flatten();
                for (_, touch) in tagged.filter(|(other, _)| other == tag) {
                    sum.add(touch, (*price).into());
                }
            }
        }
        let log = request.log.map_or(0, |log| i128::from(log.extents));
        for &(place, column) in &columns.logs {
            shared.one(column, of_area(place) * log);
        }
    }
}

/// A sum of columns.
#[derive(Clone, Default)]
struct Weighed {
    terms: BTreeMap<usize, i128>,
    constant: i128,
}

impl Weighed {
    fn of(terms: Vec<(usize, i128)>) -> Weighed {
        let mut sum = Weighed::default();
        terms
            .into_iter()
            .for_each(|(column, by)| sum.one(column, by));
        sum
    }

    fn one(&mut self, column: usize, by: i128) {
        *self.terms.entry(column).or_default() += by;
    }

    fn add(&mut self, sum: &Sum, by: i128) {
        for &(column, times) in sum.terms() {
            self.one(column, by * i128::from(times));
        }
        self.constant += by * i128::from(sum.constant());
    }

    fn join(&mut self, other: Weighed) {
        self.constant += other.constant;
        other
            .terms
            .into_iter()
            .for_each(|(column, by)| self.one(column, by));
    }

    fn is_nothing(&self) -> bool {
        self.constant == 0 && self.terms.values().all(|by| *by == 0)
    }
}
