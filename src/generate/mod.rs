//! Planning problems, and fleets of volume groups, made by rule and seed, for benchmarks and for tests of other solvers.
//!
//! The same settings give the same on every machine.

mod family;
mod fleet;
mod random;
mod settings;
mod sources;

use std::fmt;

pub use fleet::{FleetHost, FleetRequest, FleetSettings, fleet_requests, host};
pub use settings::{Family, Settings};

use crate::core::{Defects, Problem};
use random::Random;

/// Why settings make no problem.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GenerateError {
    /// A number that is too small or too large.
    OutOfRange {
        /// Which one.
        what: &'static str,
        /// What it is.
        found: u64,
        /// The least that it may be.
        least: u64,
        /// The most that it may be.
        most: u64,
    },
    /// Numbers that are each in range, but do not go together.
    Defects {
        /// Why not.
        defects: Defects,
    },
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GenerateError::OutOfRange {
                what,
                found,
                least,
                most,
            } => write!(f, "{what} is {found}; expected {least} to {most}"),
            GenerateError::Defects { defects } => {
                f.write_str("these numbers make no problem:")?;
                for defect in defects.iter() {
                    write!(f, "\n{defect}")?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for GenerateError {}

/// Makes a problem.
///
/// # Errors
/// [`GenerateError`] if numbers are out of range or do not go together.
pub fn generate(settings: &Settings) -> Result<Problem, GenerateError> {
    /// Enough for any benchmark, and still only some hundred megabytes.
    const MANY: u64 = 100_000;
    let Settings {
        sources,
        areas,
        legs,
        requests,
        racks,
        both,
        profiles,
        each,
        load,
        smallest,
        largest,
        slack,
        ..
    } = *settings;
    // What is planted has as many sources as its legs need.
    let most_legs = match settings.family {
        Family::Planted | Family::Triplets => 1_000,
        Family::Racks => racks.min(sources).min(1_000),
        Family::Raid
        | Family::Contiguous
        | Family::Stripes
        | Family::Batch
        | Family::Profiles
        | Family::Full => sources.min(1_000),
    };
    // A source stands in two racks only if there are two.
    let most_both = if racks > 1 { sources } else { 0 };
    // Each source of a planted leg has an extent for each of its areas, and its rule room to choose.
    let least_largest = match settings.family {
        Family::Planted | Family::Triplets => 1_000,
        Family::Raid
        | Family::Contiguous
        | Family::Stripes
        | Family::Racks
        | Family::Batch
        | Family::Profiles
        | Family::Full => 1,
    };
    for (what, found, least, most) in [
        ("the number of sources", sources, 1, MANY),
        ("the number of areas", areas, 1, 1_000),
        ("the number of legs", legs, 1, most_legs),
        ("the number of requests", requests, 1, MANY),
        ("the number of racks", racks, 1, MANY),
        ("the number of sources in two racks", both, 0, most_both),
        ("the number of profiles", profiles, 1, MANY),
        ("the number of sources for a leg", each, 1, 100),
        ("the load", load, 1, 1_000),
        ("the slack", slack, 0, 1 << 32),
        ("the largest source", largest, least_largest, 1 << 32),
        ("the smallest source", smallest, areas, largest),
    ] {
        if found < least || found > most {
            return Err(GenerateError::OutOfRange {
                what,
                found,
                least,
                most,
            });
        }
    }
    let mut random = Random::new(settings.seed);
    let parts = family::parts(settings, &mut random);
    Problem::new(parts.sources, parts.requests, parts.objective)
        .map_err(|defects| GenerateError::Defects { defects })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_makes_problems_and_the_same_ones_again() {
        for family in Family::ALL {
            for seed in 0..20 {
                let settings = Settings::new(family, seed);
                let problem = generate(&settings).expect("the numbers go together");
                assert_eq!(Ok(&problem), generate(&settings).as_ref());
                let other = generate(&Settings::new(family, seed + 1));
                assert_ne!(Ok(&problem), other.as_ref(), "{family:?} {seed}");
            }
        }
    }

    #[test]
    fn what_is_planted_adds_up_and_what_is_left_over_is_the_slack() {
        for (slack, moved) in [(0, 0), (0, 1), (7, 0)] {
            let settings = Settings {
                slack,
                moved,
                each: 3,
                ..Settings::new(Family::Planted, 5)
            };
            let problem = generate(&settings).expect("the numbers go together");
            let free: u64 = problem.sources().iter().map(|s| s.free.total()).sum();
            let request = &problem.requests()[0];
            let wanted = request.leg_extents() * 4;
            assert_eq!(problem.sources().len(), 12);
            assert_eq!(free, wanted + slack);
        }
    }

    #[test]
    fn as_many_sources_as_wanted_stand_in_two_racks() {
        let settings = Settings {
            both: 5,
            ..Settings::new(Family::Racks, 1)
        };
        let problem = generate(&settings).expect("the numbers go together");
        let racks = problem.sources().iter().map(|source| source.tags.len());
        assert_eq!(racks.clone().filter(|count| *count == 2).count(), 5);
        assert_eq!(racks.max(), Some(2));
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        let settings = Settings {
            legs: 0,
            ..Settings::new(Family::Stripes, 1)
        };
        assert!(matches!(
            generate(&settings),
            Err(GenerateError::OutOfRange { found: 0, .. })
        ));
    }
}
