//! `extentplan generate`: planning problems made by rule and seed.

use clap::Args;

use crate::cli::Outcome;
use crate::cli::output;
use crate::generate::{Family, Settings, generate};
use crate::json;

/// Prints a problem of a family, the same one for the same numbers
///
/// Families: a - one RAID request, each leg on sources of its own, with metadata; b - a batch of
/// contiguous requests; c - stripes, where a cut in one leg cuts all; d - no two legs in one rack;
/// e - a batch with each leg on sources of its own; f - as a, with few kinds of sources; p - sources
/// that fill the legs exactly, then disturbed; t - as p with three sources per leg; z - the longest
/// legs that the free extents allow at all.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The family: a, b, c, d, e, f, p, t or z
    #[arg(value_name = "FAMILY")]
    family: Family,
    /// Different seeds give different problems
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Sources, but in p and t there are so many as the legs need
    #[arg(long, value_name = "N")]
    sources: Option<u64>,
    /// Most areas of a source; in p the sources that fill a leg
    #[arg(long, value_name = "N")]
    areas: Option<u64>,
    /// Legs of the one request
    #[arg(long, value_name = "N")]
    legs: Option<u64>,
    /// Requests of a batch
    #[arg(long, value_name = "N")]
    requests: Option<u64>,
    /// Racks in d
    #[arg(long, value_name = "N")]
    racks: Option<u64>,
    /// Kinds of sources in f
    #[arg(long, value_name = "N")]
    profiles: Option<u64>,
    /// How much is asked for, in thousandths of what a simple bound allows
    #[arg(long, value_name = "PERMILLE")]
    load: Option<u64>,
    /// Least free extents of a source
    #[arg(long, value_name = "EXTENTS")]
    smallest: Option<u64>,
    /// Most free extents of a source; in p and t the extents of a leg
    #[arg(long, value_name = "EXTENTS")]
    largest: Option<u64>,
    /// Extents left over in p and t
    #[arg(long, value_name = "EXTENTS")]
    slack: Option<u64>,
    /// Extents moved from one source to another in p and t
    #[arg(long, value_name = "EXTENTS")]
    moved: Option<u64>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let usual = Settings::new(arguments.family, arguments.seed);
    let largest = arguments.largest.unwrap_or(usual.largest);
    let settings = Settings {
        sources: arguments.sources.unwrap_or(usual.sources),
        areas: arguments.areas.unwrap_or(usual.areas),
        legs: arguments.legs.unwrap_or(usual.legs),
        requests: arguments.requests.unwrap_or(usual.requests),
        racks: arguments.racks.unwrap_or(usual.racks),
        profiles: arguments.profiles.unwrap_or(usual.profiles),
        load: arguments.load.unwrap_or(usual.load),
        smallest: arguments.smallest.unwrap_or(usual.smallest.min(largest)),
        largest,
        slack: arguments.slack.unwrap_or(usual.slack),
        moved: arguments.moved.unwrap_or(usual.moved),
        ..usual
    };
    let problem = generate(&settings)?;
    output::print(&json::write_problem(&problem, None))?;
    Ok(Outcome::Yes)
}
