//! Numbers for problems made at random, and how many problems are made.

/// The generator of Steele, Lea, Flood (OOPSLA 2014): the same problems on every machine.
pub struct Random(pub u64);

impl Random {
    /// A number from 0 to one less than `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most - least + 1)
    }
}

/// How many problems a test makes: `EXTENTPLAN_CASES` times as many where that is set.
pub fn cases(count: u64) -> u64 {
    let times = std::env::var("EXTENTPLAN_CASES").ok();
    count * times.and_then(|times| times.parse().ok()).unwrap_or(1)
}
