//! Numbers for candidate layouts that differ; the same ones for the same seed, on every machine.

use crate::core::Limits;

/// A small generator (Marsaglia, "Xorshift RNGs", Journal of Statistical Software 2003).
pub(crate) struct Random(u64);

impl Random {
    /// The numbers of one of several candidates under the seed of the limits.
    pub(crate) fn of(limits: &Limits<'_>, candidate: u64) -> Random {
        Random::new(candidate ^ (mixed(limits.seed) >> 1))
    }

    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number from 0 to one less than `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % end.max(1)
    }

    /// A position in a list of `count`; 0 if the list is empty.
    pub(crate) fn position(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).expect("less than a count of this machine")
    }
}

/// A number that looks like none near it. Zero stays zero.
///
/// The finaliser of Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
pub(crate) fn mixed(seed: u64) -> u64 {
    let mut mixed = seed;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(seed: u64, candidate: u64) -> Vec<u64> {
        let limits = Limits {
            seed,
            ..Limits::none()
        };
        let mut random = Random::of(&limits, candidate);
        (0..20).map(|_| random.below(1_000)).collect()
    }

    #[test]
    fn seeds_and_candidates_have_numbers_of_their_own() {
        assert_eq!(numbers(7, 3), numbers(7, 3));
        assert_ne!(numbers(7, 3), numbers(7, 4));
        assert_ne!(numbers(7, 3), numbers(8, 3));
        assert!(
            numbers(u64::MAX, u64::MAX)
                .iter()
                .all(|&number| number < 1_000)
        );
    }

    #[test]
    fn a_position_is_one_of_the_list() {
        let mut random = Random::new(1);
        let mut seen = [false; 5];
        (0..200).for_each(|_| seen[random.position(5)] = true);
        assert_eq!(seen, [true; 5]);
        assert_eq!(random.position(0), 0);
    }
}
