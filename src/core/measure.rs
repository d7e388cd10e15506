//! A number that is read off a plan, by name.

use std::fmt;
use std::str::FromStr;

/// One number read off a plan; smaller is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Measure {
    /// Sum of the values of optional requests that are left out.
    Unserved,
    /// Logical extents by which "at most" requests fall short of what they asked for.
    Shortfall,
    /// Extents of legs on other sources than those that their request prefers, summed over the requests
    /// that prefer some.
    Elsewhere,
    /// Intervals where cuts are together, else areas over all legs; summed over the requests.
    ///
    /// Neighbours are joined first, also with the segment that a growing leg continues. Companions
    /// are not counted.
    Segments,
    /// Different sources that the new extents of the legs touch, summed over the requests.
    Sources,
    /// Highest fill of any source afterwards: parts per million of its extents that are not free,
    /// rounded down.
    Balance,
    /// Free areas that are left, over all sources.
    Fragments,
    /// Extents by which the largest free area of all sources has become shorter.
    LargestArea,
}

impl Measure {
    /// Every measure there is.
    pub const ALL: [Measure; 8] = [
        Measure::Unserved,
        Measure::Shortfall,
        Measure::Elsewhere,
        Measure::Segments,
        Measure::Sources,
        Measure::Balance,
        Measure::Fragments,
        Measure::LargestArea,
    ];

    /// Whether it is read off each request by itself and added up; the others are read off what all
    /// requests together leave free.
    #[must_use]
    pub fn adds_up(self) -> bool {
        match self {
            Measure::Unserved
            | Measure::Shortfall
            | Measure::Elsewhere
            | Measure::Segments
            | Measure::Sources => true,
            Measure::Balance | Measure::Fragments | Measure::LargestArea => false,
        }
    }

    /// What is counted, as users read it.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Measure::Unserved => "the values of the optional requests that are left out, added up",
            Measure::Shortfall => {
                "extents by which requests of \"at most\" fall short of what they ask for"
            }
            Measure::Elsewhere => {
                "extents of legs that lie on other sources than their request prefers (`cling_sources`); \
                 metadata and logs do not count"
            }
            Measure::Segments => {
                "the areas of all legs, added up, where neighbours count as one; where all legs are cut at the \
                 same offsets (striped volumes) the intervals between cuts; metadata and logs do not count"
            }
            Measure::Sources => {
                "the sources that the new extents of each request's legs lie on, added up over the requests: a \
                 source that two requests take extents of counts twice; metadata and logs do not count"
            }
            Measure::Balance => {
                "the highest fill of any source afterwards, in parts per million of its extents, rounded down"
            }
            Measure::Fragments => "the free areas that are left, over all sources",
            Measure::LargestArea => {
                "extents by which the largest free area of all sources becomes shorter"
            }
        }
    }

    /// The name in files and on command lines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Measure::Unserved => "unserved",
            Measure::Shortfall => "shortfall",
            Measure::Elsewhere => "elsewhere",
            Measure::Segments => "segments",
            Measure::Sources => "sources",
            Measure::Balance => "balance",
            Measure::Fragments => "fragments",
            Measure::LargestArea => "largest_area",
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Measure {
    type Err = String;

    /// # Errors
    /// A sentence with the word found and the names expected.
    fn from_str(word: &str) -> Result<Measure, String> {
        let found = Measure::ALL
            .into_iter()
            .find(|measure| measure.name() == word);
        found.ok_or_else(|| {
            let names: Vec<&str> = Measure::ALL.into_iter().map(Measure::name).collect();
            format!(
                "unknown measure `{word}`; expected one of {}",
                names.join(", ")
            )
        })
    }
}
