//! What a generated problem is like.

use std::str::FromStr;

/// A rule that makes problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `a`: one RAID request, each leg on sources of its own, one extent of metadata per leg.
    Raid,
    /// `b`: a batch, each leg one contiguous area.
    Contiguous,
    /// `c`: one striped request, a cut in one leg cuts all.
    Stripes,
    /// `d`: one request, no two legs in one rack.
    Racks,
    /// `e`: a batch, in each request every leg on sources of its own.
    Batch,
    /// `f`: as `a`, with few kinds of sources.
    Profiles,
    /// `p`: sources that fill the legs exactly, each leg so many of them, then disturbed.
    Planted,
    /// `t`: as `p` with three sources for each leg, each between a quarter and a half of it.
    Triplets,
    /// `z`: the longest legs that the free extents allow at all.
    Full,
}

impl Family {
    /// Every family there is.
    pub const ALL: [Family; 9] = [
        Family::Raid,
        Family::Contiguous,
        Family::Stripes,
        Family::Racks,
        Family::Batch,
        Family::Profiles,
        Family::Planted,
        Family::Triplets,
        Family::Full,
    ];

    /// The letter on command lines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Family::Raid => "a",
            Family::Contiguous => "b",
            Family::Stripes => "c",
            Family::Racks => "d",
            Family::Batch => "e",
            Family::Profiles => "f",
            Family::Planted => "p",
            Family::Triplets => "t",
            Family::Full => "z",
        }
    }
}

impl FromStr for Family {
    type Err = String;

    /// # Errors
    /// A sentence with the word found and the letters expected.
    fn from_str(word: &str) -> Result<Family, String> {
        let found = Family::ALL.into_iter().find(|family| family.name() == word);
        found.ok_or_else(|| {
            let names: Vec<&str> = Family::ALL.into_iter().map(Family::name).collect();
            format!(
                "unknown family `{word}`; expected one of {}",
                names.join(", ")
            )
        })
    }
}

/// What a generated problem is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Which rule makes it.
    pub family: Family,
    /// Different seeds give different problems.
    pub seed: u64,
    /// How many sources; families `p` and `t` have as many as their legs need.
    pub sources: u64,
    /// Most areas of a source.
    pub areas: u64,
    /// Legs of the one request; families `b` and `e` draw one to five for each of theirs.
    pub legs: u64,
    /// Requests of a batch, in families `b` and `e`.
    pub requests: u64,
    /// Tags that sources share, in family `d`.
    pub racks: u64,
    /// Sources that stand in two racks, in family `d`.
    pub both: u64,
    /// Kinds of sources, in family `f`.
    pub profiles: u64,
    /// Sources that fill a leg, in family `p`; in family `t` it is three.
    pub each: u64,
    /// How much is asked for, in thousandths of what a simple bound allows: all free extents in `b` and
    /// `e`, else the longest leg. Families `p`, `t` and `z` ask for everything.
    pub load: u64,
    /// Least free extents of a source; families `p` and `t` have a rule of their own.
    pub smallest: u64,
    /// Most free extents of a source; in families `p` and `t` the extents of a leg.
    pub largest: u64,
    /// Extents that are left over, in families `p` and `t`.
    pub slack: u64,
    /// Extents that are moved from one source to another after planting, in families `p` and `t`.
    pub moved: u64,
}

impl Settings {
    /// A problem of middle size.
    #[must_use]
    pub fn new(family: Family, seed: u64) -> Settings {
        let areas = match family {
            Family::Planted | Family::Triplets => 1,
            Family::Raid
            | Family::Contiguous
            | Family::Stripes
            | Family::Racks
            | Family::Batch
            | Family::Profiles
            | Family::Full => 4,
        };
        Settings {
            family,
            seed,
            sources: 12,
            areas,
            legs: 4,
            requests: 6,
            racks: 4,
            both: 0,
            profiles: 4,
            each: 4,
            load: 900,
            smallest: 20_000,
            largest: 500_000,
            slack: 0,
            moved: 0,
        }
    }
}
