//! How large a request can be, and at which smaller size its layout gets simpler.

use std::ops::RangeInclusive;

use crate::capacity::ask::{Asker, Layout, Refusal, Verdict};
use crate::capacity::bounds;
use crate::capacity::{Change, Model};
use crate::core::{Limits, Measure, Plan, Policy, Problem, Size, cost};
use crate::solve::{SolveError, Strategy};

/// How large a request can be.
#[derive(Clone, Debug)]
pub struct Largest {
    /// Logical extents; 0 if not even one extent for each leg fits.
    pub extents: u64,
    /// No plan exists for more logical extents than this; equal to `extents` if that is proven.
    pub bound: u64,
    /// The layout at that size; `None` for size 0.
    pub layout: Option<Layout>,
    /// Why one extent more for each leg does not fit, where that makes a problem and is proven.
    pub beyond: Option<Refusal>,
    /// The largest sizes at which the layout is simpler, the larger first.
    pub simpler: Vec<Simpler>,
}

impl Largest {
    /// Whether nothing larger fits.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.extents == self.bound
    }
}

/// A smaller size with fewer segments.
#[derive(Clone, Debug)]
pub struct Simpler {
    /// Logical extents.
    pub extents: u64,
    /// Whether no larger size has so few segments.
    pub is_proven: bool,
    /// Segments of its layout, as [`Measure::Segments`] counts them.
    pub segments: u64,
    /// Its layout.
    pub layout: Layout,
}

/// The largest size at which a request fits beside all others of the model.
///
/// Sizes between two [`Model::drops`] are searched by bisection, from the largest down: what fits
/// with more extents fits with fewer, by cutting the ends of the legs off. Sums over the sources bracket the
/// search, so that most questions need one plan and one refusal.
///
/// # Errors
/// [`SolveError`].
pub fn largest(
    model: &dyn Model,
    request: usize,
    strategy: &Strategy,
    limits: &Limits<'_>,
) -> Result<Largest, SolveError> {
    let asker = Asker { strategy, limits };
    let sizes = Sizes::new(model, request, Vec::new());
    let found = sizes.search(&asker)?;
    let mut largest = Largest {
        extents: found.extents,
        bound: found.bound,
        layout: None,
        beyond: found.beyond,
        simpler: Vec::new(),
    };
    if let Some((problem, plan)) = found.shown {
        let layout = asker.layout(problem, plan)?;
        largest.simpler = simpler(model, request, &largest, &layout, &asker)?;
        largest.layout = Some(layout);
    }
    Ok(largest)
}

/// The largest size, without what else there is to say about it.
pub(crate) fn largest_size(
    model: &dyn Model,
    request: usize,
    asker: &Asker<'_>,
) -> Result<Found, SolveError> {
    Sizes::new(model, request, Vec::new()).search(asker)
}

/// What a search over sizes comes to.
pub(crate) struct Found {
    /// Logical extents that fit; 0 for none.
    pub(crate) extents: u64,
    /// Nothing above this fits.
    pub(crate) bound: u64,
    /// The problem at that size and a plan for it.
    pub(crate) shown: Option<(Problem, Plan)>,
    beyond: Option<Refusal>,
}

/// A request at every size, with other changes to it beside.
struct Sizes<'a> {
    model: &'a dyn Model,
    request: usize,
    changes: Vec<Change>,
    /// Logical extents per extent of a leg.
    stripes: u64,
}

/// What is known of one size.
enum Known {
    Fits(Problem, Plan),
    Never(Option<Refusal>),
    Open,
}

impl<'a> Sizes<'a> {
    fn new(model: &'a dyn Model, request: usize, changes: Vec<Change>) -> Sizes<'a> {
        let stripes = model.problem().requests()[request].shape.stripes;
        Sizes {
            model,
            request,
            changes,
            stripes,
        }
    }

    /// The problem with legs of so many extents.
    fn at(&self, leg: u64) -> Option<Problem> {
        let mut changes = self.changes.clone();
        changes.push(Change::Extents(leg.checked_mul(self.stripes)?));
        self.model.changed(self.request, &changes)
    }

    fn may_fit(&self, leg: u64) -> bool {
        self.at(leg)
            .is_some_and(|problem| bounds::may_fit(&problem))
    }

    fn decide(&self, leg: u64, asker: &Asker<'_>) -> Result<Known, SolveError> {
        let Some(problem) = self.at(leg) else {
            return Ok(Known::Never(None));
        };
        Ok(match asker.fits(&problem)? {
            Verdict::Fits(plan) => Known::Fits(problem, plan),
            Verdict::Never(why) => Known::Never(Some(Refusal { problem, why })),
            Verdict::Open => Known::Open,
        })
    }

    /// Leg lengths between which companions only grow, the longest first.
    fn ranges(&self) -> Vec<RangeInclusive<u64>> {
        let problem = self.model.problem();
        let offered = problem.offered(&problem.requests()[self.request]);
        // No leg is longer than all that there is: only under `anywhere` can it be as long.
        let most: u64 = offered.iter().map(|(_, areas)| areas.total()).sum();
        // Nobody asks beyond a size "at most".
        let most = match problem.requests()[self.request].size {
            Size::Exactly(_) => most,
            Size::AtMost(extents) => most.min(extents / self.stripes),
        };
        let drops = self.model.drops(self.request).into_iter();
        let starts = drops.map(|extents| extents.div_ceil(self.stripes));
        let mut starts: Vec<u64> = starts.filter(|start| (2..=most).contains(start)).collect();
        starts.insert(0, 1);
        starts.dedup();
        let mut ranges = Vec::new();
        let mut end = most;
        for start in starts.into_iter().rev() {
            ranges.push(start..=end);
            end = start - 1;
        }
        ranges
    }

    fn search(&self, asker: &Asker<'_>) -> Result<Found, SolveError> {
        let mut found = Found {
            extents: 0,
            bound: 0,
            shown: None,
            beyond: None,
        };
        for range in self.ranges() {
            let (start, end) = (*range.start(), *range.end());
            // The longest leg that the sums allow.
            let most = last_true(start, end, |leg| self.may_fit(leg));
            let Some(most) = most else {
                if start == 1 && found.beyond.is_none() {
                    found.beyond = self.refusal(1, asker)?;
                }
                continue;
            };
            let inside = self.search_range(start, most, asker)?;
            let refused = inside.never.as_ref().map_or(end, |never| never.leg - 1);
            let proven_end = refused.min(most);
            found.bound = found.bound.max(proven_end.saturating_mul(self.stripes));
            let is_fit = inside.fits.is_some();
            found.beyond = match inside.never {
                Some(never) => never.refusal,
                None if is_fit => self.refusal(most.saturating_add(1), asker)?,
                None => None,
            };
            if let Some((leg, problem, plan)) = inside.fits {
                found.extents = leg * self.stripes;
                found.shown = Some((problem, plan));
            }
            if is_fit || asker.is_over() {
                break;
            }
        }
        Ok(found)
    }

    fn refusal(&self, leg: u64, asker: &Asker<'_>) -> Result<Option<Refusal>, SolveError> {
        Ok(match self.decide(leg, asker)? {
            Known::Never(refusal) => refusal,
            Known::Fits(..) | Known::Open => None,
        })
    }

    /// The longest leg in a range in which whatever fits also fits with less.
    ///
    /// It is asked from the end in growing steps, since the sums are mostly tight, then by bisection.
    fn search_range(&self, start: u64, end: u64, asker: &Asker<'_>) -> Result<Range, SolveError> {
        let mut range = Range::default();
        let mut undecided = None;
        let mut step = 1;
        let mut probe = end;
        loop {
            match self.decide(probe, asker)? {
                Known::Fits(problem, plan) => range.fits = Some((probe, problem, plan)),
                Known::Never(refusal) => {
                    range.never = Some(Never {
                        leg: probe,
                        refusal,
                    });
                    // Whatever was open above is decided now.
                    undecided = None;
                }
                Known::Open => undecided = Some(probe),
            }
            if asker.is_over() {
                break;
            }
            let never = range.never.as_ref().map(|never| never.leg);
            let above = undecided.or(never).unwrap_or(end.saturating_add(1));
            let fits = range.fits.as_ref().map(|(leg, ..)| *leg);
            probe = match fits {
                Some(fits) if fits.saturating_add(1) >= above => break,
                Some(fits) => fits + (above - fits) / 2,
                None if above <= start => break,
                None => {
                    let next = above.saturating_sub(step).max(start);
                    step = step.saturating_mul(4);
                    next
                }
            };
        }
        Ok(range)
    }
}

/// What is known of a range of leg lengths.
#[derive(Default)]
struct Range {
    fits: Option<(u64, Problem, Plan)>,
    never: Option<Never>,
}

struct Never {
    leg: u64,
    refusal: Option<Refusal>,
}

/// The largest number in a range for which a question that is true up to some number and false
/// above it is true; `None` if it is true of none.
pub(crate) fn last_true(start: u64, end: u64, mut is_true: impl FnMut(u64) -> bool) -> Option<u64> {
    if start > end || !is_true(start) {
        return None;
    }
    if is_true(end) {
        return Some(end);
    }
    let (mut yes, mut no) = (start, end);
    while yes + 1 < no {
        let middle = yes + (no - yes) / 2;
        if is_true(middle) {
            yes = middle;
        } else {
            no = middle;
        }
    }
    Some(yes)
}

/// The largest size with fewer segments than the largest layout, and the largest of all with one
/// segment for each leg.
fn simpler(
    model: &dyn Model,
    request: usize,
    largest: &Largest,
    layout: &Layout,
    asker: &Asker<'_>,
) -> Result<Vec<Simpler>, SolveError> {
    let segments = segments(layout);
    let mut list = Vec::new();
    let is_contiguous = layout.problem.requests()[request].policy == Policy::Contiguous;
    if is_contiguous {
        return Ok(list);
    }
    // A contiguous leg is one segment, and one segment is contiguous.
    let whole = Sizes::new(model, request, vec![Change::Policy(Policy::Contiguous)]);
    let found = whole.search(asker)?;
    let Some((_, plan)) = found.shown else {
        return Ok(list);
    };
    if found.extents >= largest.extents {
        return Ok(list);
    }
    let sizes = Sizes::new(model, request, Vec::new());
    let Some(problem) = sizes.at(found.extents / sizes.stripes) else {
        return Ok(list);
    };
    let one_each = asker.layout(problem, plan)?;
    let fewest = self::segments(&one_each);
    if let Some(next) = fewer(&sizes, segments, found.extents, largest.extents, asker)?
        && next.extents > found.extents
    {
        list.push(next);
    }
    if fewest < segments {
        list.push(Simpler {
            extents: found.extents,
            is_proven: found.extents == found.bound,
            segments: fewest,
            layout: one_each,
        });
    }
    Ok(list)
}

/// The largest size between two that is known to need fewer than `segments`.
fn fewer(
    sizes: &Sizes<'_>,
    segments: u64,
    from: u64,
    to: u64,
    asker: &Asker<'_>,
) -> Result<Option<Simpler>, SolveError> {
    let mut best: Option<Simpler> = None;
    let (mut yes, mut no) = (from / sizes.stripes, to / sizes.stripes);
    let mut is_proven = true;
    while yes + 1 < no && !asker.is_over() {
        let leg = yes + (no - yes) / 2;
        let Some(problem) = sizes.at(leg) else {
            no = leg;
            continue;
        };
        let counted = problem
            .clone()
            .with_objective(vec![Measure::Segments])
            .expect("an objective of one measure is one");
        let answer = asker.look(&counted)?;
        let is_fewer = answer.cost().is_some_and(|cost| cost.0[0] < segments);
        if is_fewer {
            yes = leg;
            let layout = Layout {
                problem: counted,
                answer,
            };
            best = Some(Simpler {
                extents: leg * sizes.stripes,
                is_proven: false,
                segments: self::segments(&layout),
                layout,
            });
        } else {
            let bound = answer.lower_bound();
            is_proven = bound.0.first().is_some_and(|&least| least >= segments);
            no = leg;
        }
    }
    if let Some(best) = &mut best {
        best.is_proven = is_proven && yes + 1 == no;
    }
    Ok(best)
}

/// Segments of a layout, summed over its requests.
fn segments(layout: &Layout) -> u64 {
    let counted = layout
        .problem
        .clone()
        .with_objective(vec![Measure::Segments])
        .expect("an objective of one measure is one");
    cost(&counted, layout.plan())
        .0
        .first()
        .copied()
        .unwrap_or(0)
}
