//! In which ways an area can be taken whole: the sets of lengths that add up to it.

use crate::core::Limits;
use crate::search::bin_packing::batch::Batch;
use crate::search::parallel;

/// Pieces by length, and the areas that some of them fill to the last extent.
pub(crate) struct Ways {
    /// The lengths of pieces that there are, longest first.
    pub(crate) lengths: Vec<u64>,
    /// How many pieces of each length there are.
    pub(crate) counts: Vec<u64>,
    /// By class the index of its length.
    pub(crate) of_class: Vec<usize>,
    /// The areas that can be taken whole, in the order of the bins.
    pub(crate) areas: Vec<WaysOfArea>,
}

/// The ways to take one area whole.
pub(crate) struct WaysOfArea {
    pub(crate) bin: usize,
    pub(crate) extents: u64,
    /// Sets of pieces that fill it, each a list of lengths with how many of each.
    pub(crate) sets: Vec<Vec<(usize, u64)>>,
    /// Whether these are all.
    pub(crate) is_complete: bool,
}

/// Steps of the search for the sets of one area.
const MOST_STEPS: usize = 1 << 14;
/// Sets of one area, and of all of them together.
const MOST_SETS: usize = 256;
const MOST_SETS_OF_ALL: usize = 1 << 18;
/// Bits of the table of sums.
const MOST_BITS: u64 = 1 << 28;

impl Ways {
    /// The ways of those bins for which `is_whole` says that they are free areas, not parts of some.
    /// `None` if the time is over.
    pub(crate) fn of(batch: &Batch, is_whole: &[bool], limits: &Limits<'_>) -> Option<Ways> {
        let mut lengths: Vec<u64> = batch.classes.iter().map(|class| class.length).collect();
        lengths.dedup();
        let index = |length: u64| lengths.partition_point(|&other| other > length);
        let of_class: Vec<usize> = batch.classes.iter().map(|c| index(c.length)).collect();
        let mut counts = vec![0; lengths.len()];
        for (class, &index) in batch.classes.iter().zip(&of_class) {
            counts[index] += class.count as u64;
        }
        let bins = batch.bins.iter().enumerate();
        let bins: Vec<usize> = bins.map(|(bin, _)| bin).filter(|&b| is_whole[b]).collect();
        let longest = bins.iter().map(|&bin| batch.bins[bin].area.count()).max();
        let sums = Sums::of(&lengths, &counts, longest.unwrap_or(0), limits);
        if limits.is_over() {
            return None;
        }
        let most_sets = (MOST_SETS_OF_ALL / bins.len().max(1)).clamp(4, MOST_SETS);
        let areas = parallel::map(&bins, |&bin| {
            let extents = batch.bins[bin].area.count();
            let mut search = Search {
                lengths: &lengths,
                most: most_on(batch, batch.bins[bin].source, &of_class, lengths.len()),
                sums: sums.as_ref(),
                set: Vec::new(),
                sets: Vec::new(),
                steps: 0,
                most_sets,
                is_complete: true,
            };
            search.add(0, extents);
            let Search {
                sets, is_complete, ..
            } = search;
            (!is_complete || !sets.is_empty()).then_some(WaysOfArea {
                bin,
                extents,
                sets,
                is_complete,
            })
        });
        let areas = areas.into_iter().flatten().collect();
        Some(Ways {
            lengths,
            counts,
            of_class,
            areas,
        })
    }
}

/// By length how many pieces may lie on the source.
fn most_on(batch: &Batch, source: usize, of_class: &[usize], lengths: usize) -> Vec<u64> {
    let mut most = vec![0; lengths];
    for (class, &index) in batch.classes.iter().zip(of_class) {
        if class.welcome[source] {
            most[index] += if class.apart { 1 } else { class.count as u64 };
        }
    }
    most
}

/// Sums that the lengths from some index on can have: a row of bits for each index.
struct Sums {
    /// What all lengths are a multiple of; sums are counted in it.
    unit: u64,
    rows: Vec<Vec<u64>>,
}

impl Sums {
    /// The sums up to `longest`, or `None` if the table would be too large.
    fn of(lengths: &[u64], counts: &[u64], longest: u64, limits: &Limits<'_>) -> Option<Sums> {
        let unit = lengths.iter().copied().reduce(greatest_divisor)?;
        let bits = longest / unit + 1;
        let most = MOST_BITS.min(limits.memory_bytes);
        if bits.checked_mul(lengths.len() as u64 + 1)? > most {
            return None;
        }
        let words = usize::try_from(bits.div_ceil(64)).ok()?;
        let mut row = vec![0u64; words];
        row[0] = 1;
        let mut rows = vec![row.clone()];
        for (&length, &count) in lengths.iter().zip(counts).rev() {
            if limits.is_over() {
                return None;
            }
            // Any number of pieces is a sum of some of these: 1, 2, 4, .. and what is left. Where a part is
            // too long for every area, all shorter numbers of pieces are there already.
            let (mut left, mut part) = (count, 1);
            while left > 0 {
                let taken = part.min(left);
                let Some(shift) = (length / unit).checked_mul(taken).filter(|s| *s < bits) else {
                    break;
                };
                add_shifted(&mut row, shift);
                left -= taken;
                part *= 2;
            }
            rows.push(row.clone());
        }
        rows.reverse();
        Some(Sums { unit, rows })
    }

    fn holds(&self, from: usize, extents: u64) -> bool {
        let sum = extents / self.unit;
        let word = usize::try_from(sum / 64).ok();
        let word = word.and_then(|word| self.rows[from].get(word));
        extents.is_multiple_of(self.unit) && word.is_some_and(|word| word >> (sum % 64) & 1 == 1)
    }
}

fn greatest_divisor(a: u64, b: u64) -> u64 {
    if b == 0 {
        a
    } else {
        greatest_divisor(b, a % b)
    }
}

/// Adds to a set of sums each of them with so much more.
fn add_shifted(row: &mut [u64], shift: u64) {
    let words = usize::try_from(shift / 64).unwrap_or(row.len());
    let bits = shift % 64;
    for at in (words..row.len()).rev() {
        let mut moved = row[at - words] << bits;
        if bits > 0 && at > words {
            moved |= row[at - words - 1] >> (64 - bits);
        }
        row[at] |= moved;
    }
}

struct Search<'a> {
    lengths: &'a [u64],
    /// By length how many pieces there can be.
    most: Vec<u64>,
    sums: Option<&'a Sums>,
    set: Vec<(usize, u64)>,
    sets: Vec<Vec<(usize, u64)>>,
    steps: usize,
    most_sets: usize,
    is_complete: bool,
}

impl Search<'_> {
    /// All sets over the lengths from `from` on that fill `space`.
    fn add(&mut self, from: usize, space: u64) {
        if space == 0 {
            if self.sets.len() == self.most_sets {
                self.is_complete = false;
            } else {
                self.sets.push(self.set.clone());
            }
            return;
        }
        self.steps += 1;
        if self.steps > MOST_STEPS {
            self.is_complete = false;
        }
        let next = from + self.lengths[from..].partition_point(|&length| length > space);
        let can_fill = self.sums.is_none_or(|sums| sums.holds(next, space));
        if !self.is_complete || next == self.lengths.len() || !can_fill {
            return;
        }
        let length = self.lengths[next];
        for count in (0..=(space / length).min(self.most[next])).rev() {
            if count > 0 {
                self.set.push((next, count));
            }
            self.add(next + 1, space - count * length);
            if count > 0 {
                self.set.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_some_of_the_pieces() {
        let (lengths, counts) = ([70, 26, 6], [2, 5, 3]);
        let sums = Sums::of(&lengths, &counts, 300, &Limits::none()).expect("small");
        for from in 0..=3 {
            let mut all = vec![0];
            for index in from..3 {
                let (length, most) = (lengths[index], counts[index]);
                let with = |sum: u64| (0..=most).map(move |n| sum + n * length);
                all = all.into_iter().flat_map(with).collect::<Vec<u64>>();
            }
            for extents in 0..=300 {
                assert_eq!(
                    sums.holds(from, extents),
                    all.contains(&extents),
                    "{extents}"
                );
            }
        }
    }
}
