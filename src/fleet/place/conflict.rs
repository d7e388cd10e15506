//! What a host turned out not to hold, and the smallest part of that which it cannot.

use std::collections::BTreeMap;

use crate::ask::Fault;

/// How many volumes of each request.
pub(crate) type Counts = BTreeMap<usize, u64>;

/// Whether all of `part` is in `whole`.
#[cfg(test)]
pub(crate) fn is_within(part: &Counts, whole: &Counts) -> bool {
    part.iter()
        .all(|(class, count)| whole.get(class).is_some_and(|held| held >= count))
}

/// What of some volumes can be held, and what of them cannot be held together.
pub(crate) struct Split {
    /// Nothing that was left out can be added, as far as it was tried.
    pub(crate) held: Counts,
    /// None of it can be left out, as far as it was tried.
    pub(crate) conflict: Counts,
}

/// Splits volumes that cannot be held together; the first are kept before the last. Where more than `questions` would have to
/// be asked the parts are larger, or smaller, than they might be.
///
/// # Source
/// Junker: QuickXplain: preferred explanations and relaxations for over-constrained problems, AAAI 2004.
///
/// # Errors
/// As `fits`.
pub(crate) fn split(
    volumes: &[usize],
    questions: usize,
    fits: &mut dyn FnMut(&Counts) -> Result<bool, Fault>,
) -> Result<Split, Fault> {
    let mut asked = Asked {
        fits,
        left: questions,
    };
    let mut held: Vec<usize> = Vec::new();
    let mut rest = volumes;
    let mut conflict = None;
    while !rest.is_empty() && asked.left > 0 {
        // The longest part in front that can be held beside what is held.
        let (mut least, mut most) = (0, rest.len());
        if conflict.is_some() && asked.holds(&[&held, rest])? {
            least = most;
        } else {
            most -= 1;
        }
        while least < most {
            let middle = least + (most - least).div_ceil(2);
            if asked.holds(&[&held, &rest[..middle]])? {
                least = middle;
            } else {
                most = middle - 1;
            }
        }
        held.extend(&rest[..least]);
        let Some((&next, behind)) = rest[least..].split_first() else {
            break;
        };
        if conflict.is_none() {
            let mut found = asked.explain(&[next], &held, true)?;
            found.push(next);
            conflict = Some(found);
        }
        rest = behind;
    }
    Ok(Split {
        held: counts(&held),
        conflict: counts(&conflict.unwrap_or_else(|| volumes.to_vec())),
    })
}

fn counts(volumes: &[usize]) -> Counts {
    let mut counts = Counts::new();
    for class in volumes {
        *counts.entry(*class).or_default() += 1;
    }
    counts
}

struct Asked<'f> {
    fits: &'f mut dyn FnMut(&Counts) -> Result<bool, Fault>,
    left: usize,
}

impl Asked<'_> {
    /// Whether all these can be held; no where nothing is asked any more.
    fn holds(&mut self, volumes: &[&[usize]]) -> Result<bool, Fault> {
        if self.left == 0 {
            return Ok(false);
        }
        self.left -= 1;
        (self.fits)(&counts(&volumes.concat()))
    }

    /// The least of `volumes` that cannot be held beside `background`; nothing where that cannot be held itself.
    fn explain(
        &mut self,
        background: &[usize],
        volumes: &[usize],
        is_new: bool,
    ) -> Result<Vec<usize>, Fault> {
        if is_new && self.left > 0 && !self.holds(&[background])? {
            return Ok(Vec::new());
        }
        if volumes.len() < 2 {
            return Ok(volumes.to_vec());
        }
        let (first, second) = volumes.split_at(volumes.len() / 2);
        let of_second = self.explain(&[background, first].concat(), second, !first.is_empty())?;
        let of_first = self.explain(
            &[background, &of_second].concat(),
            first,
            !of_second.is_empty(),
        )?;
        Ok([of_first, of_second].concat())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_held_is_as_much_as_can_be_and_what_conflicts_as_little(
            weights in proptest::collection::vec(1..9_u64, 4),
            volumes in proptest::collection::vec(0..4_usize, 1..9),
            room in 0..30_u64,
        ) {
            let weigh = |counts: &Counts| counts.iter().map(|(class, count)| weights[*class] * count).sum::<u64>();
            prop_assume!(weigh(&counts(&volumes)) > room);
            let split = split(&volumes, 1_000, &mut |counts| Ok(weigh(counts) <= room)).expect("no fault");
            prop_assert!(weigh(&split.held) <= room);
            for class in &volumes {
                let all = volumes.iter().filter(|other| *other == class).count() as u64;
                let held = split.held.get(class).copied().unwrap_or(0);
                prop_assert!(held == all || weigh(&split.held) + weights[*class] > room);
            }
            prop_assert!(is_within(&split.conflict, &counts(&volumes)));
            prop_assert!(weigh(&split.conflict) > room);
            for class in split.conflict.keys() {
                prop_assert!(weigh(&split.conflict) - weights[*class] <= room);
            }
        }
    }
}
