//! How a problem is put into columns and rows, by name.

use std::fmt;
use std::str::FromStr;

use crate::core::Problem;
use crate::ip::compile::bundle_keys;

/// How a problem is put into columns and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formulation {
    /// The definition: whether a leg is on a place during a step. Takes every problem.
    Areas,
    /// The same, but contiguous legs that are alike are counted instead of told apart: how many legs
    /// of a request are on a place. Takes every problem.
    Counted,
    /// How many of its largest areas a source gives to which leg, with sources that look alike
    /// counted instead of told apart. Takes one request with whole legs.
    Bundles,
}

impl Formulation {
    /// Every formulation there is.
    pub const ALL: [Formulation; 3] = [
        Formulation::Areas,
        Formulation::Counted,
        Formulation::Bundles,
    ];

    /// The smallest formulation that takes the problem.
    #[must_use]
    pub fn of(problem: &Problem) -> Formulation {
        if bundle_keys::fit(problem) {
            Formulation::Bundles
        } else {
            Formulation::Counted
        }
    }

    /// Whether the formulation takes the problem.
    #[must_use]
    pub fn takes(self, problem: &Problem) -> bool {
        match self {
            Formulation::Areas | Formulation::Counted => true,
            Formulation::Bundles => bundle_keys::fit(problem),
        }
    }

    /// The name in files and on command lines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Formulation::Areas => "areas",
            Formulation::Counted => "counted",
            Formulation::Bundles => "bundles",
        }
    }
}

impl fmt::Display for Formulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Formulation {
    type Err = String;

    /// # Errors
    /// A sentence with the word found and the names expected.
    fn from_str(word: &str) -> Result<Formulation, String> {
        let found = Formulation::ALL.into_iter().find(|one| one.name() == word);
        found.ok_or_else(|| {
            let names: Vec<&str> = Formulation::ALL
                .into_iter()
                .map(Formulation::name)
                .collect();
            format!(
                "unknown formulation `{word}`; expected one of {}",
                names.join(", ")
            )
        })
    }
}
