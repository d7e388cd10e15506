//! Choices that are wrong on purpose now and then, so that another try is another one.

use crate::search::random::Random;

/// How choices are made, so that another try is another one.
pub(crate) struct Noise {
    pub(crate) random: Random,
    /// By how many hundredths a choice is wrong at most.
    pub(crate) hundredths: u64,
    /// How many of a hundred cells are overlooked (the "blinks" of Christiaens and Vanden Berghe,
    /// "Slack Induction by String Removals for Vehicle Routing Problems", Transportation Science 2020).
    pub(crate) blinks: u64,
}

impl Noise {
    /// A key that is up to so many hundredths too high.
    pub(crate) fn spoil(&mut self, key: u64) -> u128 {
        let noise = match self.hundredths {
            0 => 0,
            most => self.random.below(most),
        };
        u128::from(key) * u128::from(100 + noise)
    }

    pub(crate) fn overlooks(&mut self) -> bool {
        self.blinks > 0 && self.random.below(100) < self.blinks
    }

    pub(crate) fn happens(&mut self, percent: u64) -> bool {
        self.hundredths > 0 && self.random.below(100) < percent
    }
}
