//! What to buy: new sources of given sizes or of any, as few or as little as will do.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use crate::capacity::ask::{Asker, Layout, Verdict};
use crate::capacity::bounds;
use crate::capacity::edit::{Edit, edited};
use crate::capacity::remedy::{Remedy, Repair, capacity};
use crate::capacity::smallest::smallest;
use crate::core::{Plan, Problem};
use crate::solve::SolveError;

/// Most new sources of one purchase.
const MOST_NEW: u64 = 256;

/// Most new sources where their size is not given: each number is a search of its own.
const MOST_NEW_OF_ANY_SIZE: usize = 16;

/// Most purchases that are asked about in search of the least capacity.
const MOST_PURCHASES: usize = 512;

/// What may be bought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purchase {
    /// Extents of the sources on offer; empty: any size.
    pub sizes: Vec<u64>,
    /// Tags of every new source.
    pub tags: BTreeSet<String>,
}

/// New sources.
pub(crate) fn bought(
    problem: &Problem,
    purchase: &Purchase,
    asker: &Asker<'_>,
) -> Result<Vec<Repair>, SolveError> {
    if purchase.sizes.is_empty() {
        return of_any_size(problem, purchase, asker);
    }
    let mut sizes = purchase.sizes.clone();
    sizes.sort_unstable_by_key(|&size| Reverse(size));
    sizes.dedup();
    let shop = Shop {
        problem,
        sizes,
        purchase,
        asker,
    };
    let Some(fewest) = shop.fewest()? else {
        return Ok(Vec::new());
    };
    let cheaper = shop.least_capacity(&fewest)?;
    let mut repairs = vec![fewest.into_repair(purchase, asker)?];
    if let Some(cheaper) = cheaper {
        repairs.push(cheaper.into_repair(purchase, asker)?);
    }
    Ok(repairs)
}

/// One, two, ... new sources of one size each, as small as will do, while more of them make the whole
/// smaller.
fn of_any_size(
    problem: &Problem,
    purchase: &Purchase,
    asker: &Asker<'_>,
) -> Result<Vec<Repair>, SolveError> {
    let Some(most) = bounds::all_needed(problem) else {
        return Ok(Vec::new());
    };
    let legs = problem.requests().iter().map(|request| request.legs());
    let legs = legs.max().unwrap_or(1).min(MOST_NEW_OF_ANY_SIZE);
    let mut repairs: Vec<Repair> = Vec::new();
    for count in 1..=legs {
        let at = |extents: u64| with_new(problem, &vec![extents; count], purchase);
        let Some(found) = smallest(asker, most, &at)? else {
            continue;
        };
        let capacity = found.amount.saturating_mul(count as u64);
        let known = repairs.last().map(|repair| repair.remedy.extents());
        if known.is_none_or(|known| capacity < known) {
            repairs.push(Repair {
                remedy: Remedy::Add {
                    extents: vec![found.amount; count],
                    tags: purchase.tags.clone(),
                },
                is_smallest: found.is_proven,
                layout: asker.layout(found.problem, found.plan)?,
            });
        }
        if asker.is_over() {
            break;
        }
    }
    Ok(repairs)
}

/// The problem with new sources, named `new1`, `new2`, ...
fn with_new(problem: &Problem, sizes: &[u64], purchase: &Purchase) -> Option<Problem> {
    let is_taken = |name: &str| problem.sources().iter().any(|source| source.name == name);
    let names = (1u64..).map(|number| format!("new{number}"));
    let free = names.filter(|name| !is_taken(name));
    let edits: Vec<Edit> = sizes
        .iter()
        .zip(free)
        .map(|(&extents, source)| Edit::AddSource {
            source,
            extents,
            tags: purchase.tags.clone(),
        })
        .collect();
    edited(problem, &edits).ok()
}

/// Sources on offer, and the problem that they are bought for.
struct Shop<'a> {
    problem: &'a Problem,
    /// The largest first, each once.
    sizes: Vec<u64>,
    purchase: &'a Purchase,
    asker: &'a Asker<'a>,
}

/// The first purchase that is enough, if any, and whether all before it are proven not to be.
struct FirstThatFits {
    basket: Option<Basket>,
    is_proven: bool,
}

/// A purchase that is enough.
struct Basket {
    /// The largest first.
    extents: Vec<u64>,
    is_smallest: bool,
    problem: Problem,
    plan: Plan,
}

impl Basket {
    fn into_repair(self, purchase: &Purchase, asker: &Asker<'_>) -> Result<Repair, SolveError> {
        let layout: Layout = asker.layout(self.problem, self.plan)?;
        Ok(Repair {
            remedy: Remedy::Add {
                extents: self.extents,
                tags: purchase.tags.clone(),
            },
            is_smallest: self.is_smallest,
            layout,
        })
    }
}

impl Shop<'_> {
    /// The fewest sources, and of as many those with the least capacity.
    fn fewest(&self) -> Result<Option<Basket>, SolveError> {
        let Some(&largest) = self.sizes.first() else {
            return Ok(None);
        };
        let of_largest = |count: u64| {
            let count = usize::try_from(count).ok()?;
            with_new(self.problem, &vec![largest; count], self.purchase)
        };
        let Some(found) = smallest(self.asker, MOST_NEW, &of_largest)? else {
            return Ok(None);
        };
        let count = usize::try_from(found.amount).expect("at most a few hundred");
        let all_largest = Basket {
            extents: vec![largest; count],
            is_smallest: false,
            problem: found.problem,
            plan: found.plan,
        };
        let capacity = largest.saturating_mul(found.amount);
        let smaller = self.first_that_fits(capacity, Some(count))?;
        let mut basket = match smaller.basket {
            Some(basket) => basket,
            None => all_largest,
        };
        basket.is_smallest = found.is_proven && smaller.is_proven;
        Ok(Some(basket))
    }

    /// The least capacity, if that is less than the fewest sources have.
    fn least_capacity(&self, fewest: &Basket) -> Result<Option<Basket>, SolveError> {
        let found = self.first_that_fits(capacity(&fewest.extents), None)?;
        Ok(found.basket)
    }

    /// The first purchase by capacity that is enough, below a capacity, of so many sources.
    fn first_that_fits(
        &self,
        below: u64,
        count: Option<usize>,
    ) -> Result<FirstThatFits, SolveError> {
        let mut refused: Vec<Vec<u64>> = Vec::new();
        let mut asked = 0;
        let mut is_proven = true;
        for extents in self.baskets(count) {
            if capacity(&extents) >= below {
                break;
            }
            if refused.iter().any(|known| is_no_better(&extents, known)) {
                continue;
            }
            let Some(problem) = with_new(self.problem, &extents, self.purchase) else {
                break;
            };
            if !bounds::may_fit(&problem) {
                continue;
            }
            if asked >= MOST_PURCHASES || self.asker.is_over() {
                is_proven = false;
                break;
            }
            asked += 1;
            match self.asker.fits(&problem)? {
                Verdict::Fits(plan) => {
                    let basket = Some(Basket {
                        extents,
                        is_smallest: is_proven,
                        problem,
                        plan,
                    });
                    return Ok(FirstThatFits { basket, is_proven });
                }
                Verdict::Never(_) => refused.push(extents),
                Verdict::Open => is_proven = false,
            }
        }
        let basket = None;
        Ok(FirstThatFits { basket, is_proven })
    }

    /// Purchases by capacity; of equals the one with fewer sources first. With a count only those of
    /// so many sources.
    fn baskets(&self, count: Option<usize>) -> impl Iterator<Item = Vec<u64>> + '_ {
        // Each purchase is ascending positions in `sizes` from the smallest; two successors reach
        // every one once: the last position larger, or one more source at the smallest size not
        // below the last... so sources are listed from small to large.
        let mut ascending = self.sizes.clone();
        ascending.reverse();
        let mut heap = BinaryHeap::new();
        let start = vec![0usize; count.unwrap_or(1)];
        fn sum(ascending: &[u64], basket: &[usize]) -> u64 {
            let sizes: Vec<u64> = basket.iter().map(|&at| ascending[at]).collect();
            capacity(&sizes)
        }
        heap.push(Reverse((sum(&ascending, &start), start.len(), start)));
        let mut seen: BTreeSet<Vec<usize>> = BTreeSet::new();
        std::iter::from_fn(move || {
            let Reverse((_, _, basket)) = heap.pop()?;
            let mut push = |next: Vec<usize>| {
                if seen.len() < MOST_PURCHASES * 64 && seen.insert(next.clone()) {
                    heap.push(Reverse((sum(&ascending, &next), next.len(), next)));
                }
            };
            for position in 0..basket.len() {
                let is_last_of_equals = basket.get(position + 1) != Some(&basket[position]);
                if is_last_of_equals && basket[position] + 1 < ascending.len() {
                    let mut larger = basket.clone();
                    larger[position] += 1;
                    larger.sort_unstable();
                    push(larger);
                }
            }
            if count.is_none() && (basket.len() as u64) < MOST_NEW {
                let mut longer = vec![0];
                longer.extend(&basket);
                push(longer);
            }
            Some(basket.iter().rev().map(|&at| ascending[at]).collect())
        })
    }
}

/// Whether each source of one purchase has its match in the other, at least as large. Both are sorted,
/// the largest first.
fn is_no_better(one: &[u64], other: &[u64]) -> bool {
    one.len() <= other.len() && one.iter().zip(other).all(|(one, other)| one <= other)
}
