//! `extentplan generate`: planning problems, and fleets, made by rule and seed.

mod fleet;

use anyhow::bail;
use clap::{Args, Subcommand};

use crate::ask::Outcome;
use crate::cli::generate::fleet::FleetArguments;
use crate::cli::output;
use crate::generate::{Family, Settings, generate};
use crate::json;

/// Prints a problem of a family, the same one for the same numbers
///
/// `extentplan generate fleet` makes fleets of volume groups. The families, with what they count:
///
///   a  one RAID request, each leg on sources of its own, with metadata; segments, sources
///   b  a batch of contiguous requests of one to five legs; segments
///   c  one striped request, at each offset its legs on different sources, where a cut in one leg cuts
///      all; segments, sources
///   d  one request, no two legs in one rack; sources
///   e  a batch of one to five legs each, in each request every leg on sources of its own; sources
///   f  as a, with few kinds of sources; segments, sources
///   p  planted: so many sources fill each leg exactly, then disturbed; segments, sources
///   t  as p with three sources per leg, each between a quarter and a half of it (Falkenauer's triplets)
///   z  the longest legs that the free extents allow at all; segments, sources
///
/// Planted problems have a plan unless extents are moved; whether others have one is not known.
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    subcommand_negates_reqs = true,
    args_conflicts_with_subcommands = true
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    kind: Option<Kind>,
    /// The family: a, b, c, d, e, f, p, t or z
    #[arg(value_name = "FAMILY", required = true, value_parser = family)]
    family: Option<Family>,
    /// Different seeds give different problems
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Sources, 12 if not given; p and t have as many as their legs need
    #[arg(long, value_name = "N")]
    sources: Option<u64>,
    /// Most areas of a source, 4 if not given, in p and t 1
    #[arg(long, value_name = "N")]
    areas: Option<u64>,
    /// Legs of the one request, 4 if not given; not for b and e
    #[arg(long, value_name = "N")]
    legs: Option<u64>,
    /// Requests of a batch in b and e, 6 if not given
    #[arg(long, value_name = "N")]
    requests: Option<u64>,
    /// Racks in d, 4 if not given
    #[arg(long, value_name = "N")]
    racks: Option<u64>,
    /// Sources that stand in two racks in d, 0 if not given
    #[arg(long, value_name = "N")]
    both: Option<u64>,
    /// Kinds of sources in f, 4 if not given
    #[arg(long, value_name = "N")]
    profiles: Option<u64>,
    /// Sources that fill a leg in p, 4 if not given
    #[arg(long, value_name = "N")]
    each: Option<u64>,
    /// How much is asked for, in thousandths of all free extents (b, e) or of the longest leg that a
    /// simple bound allows (a, c, d, f); 900 if not given
    #[arg(long, value_name = "PERMILLE")]
    load: Option<u64>,
    /// Least free extents of a source, 20000 if not given; not for p and t
    #[arg(long, value_name = "EXTENTS")]
    smallest: Option<u64>,
    /// Most free extents of a source, 500000 if not given; in p and t the extents of a leg
    #[arg(long, value_name = "EXTENTS")]
    largest: Option<u64>,
    /// Extents left over in p and t, 0 if not given
    #[arg(long, value_name = "EXTENTS")]
    slack: Option<u64>,
    /// Extents moved from one source to another in p and t, 0 if not given
    #[arg(long, value_name = "EXTENTS")]
    moved: Option<u64>,
}

fn family(word: &str) -> Result<Family, String> {
    word.parse()
        .map_err(|error| format!("{error}; `fleet` makes a fleet"))
}

#[derive(Debug, Subcommand)]
enum Kind {
    Fleet(FleetArguments),
}

/// The options that some families know and others do not: each with the letters of those that do.
const OPTIONS: [(&str, &str); 11] = [
    ("--sources", "abcdefz"),
    ("--legs", "acdfptz"),
    ("--requests", "be"),
    ("--racks", "d"),
    ("--both", "d"),
    ("--profiles", "f"),
    ("--each", "p"),
    ("--load", "abcdef"),
    ("--smallest", "abcdefz"),
    ("--slack", "pt"),
    ("--moved", "pt"),
];

/// Refuses what the family does not know: it would change nothing.
fn refuse_unused(arguments: &Arguments, family: Family) -> anyhow::Result<()> {
    let given = [
        arguments.sources,
        arguments.legs,
        arguments.requests,
        arguments.racks,
        arguments.both,
        arguments.profiles,
        arguments.each,
        arguments.load,
        arguments.smallest,
        arguments.slack,
        arguments.moved,
    ];
    let family = family.name();
    for ((option, families), value) in OPTIONS.iter().zip(given) {
        if value.is_some() && !families.contains(family) {
            let known: Vec<String> = families.chars().map(String::from).collect();
            bail!(
                "family {family} has no use for {option}, which is for {}",
                known.join(", ")
            );
        }
    }
    Ok(())
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let family = match (&arguments.kind, arguments.family) {
        (Some(Kind::Fleet(arguments)), _) => return fleet::run(arguments),
        (None, Some(family)) => family,
        (None, None) => bail!("expected a family or `fleet`"),
    };
    refuse_unused(arguments, family)?;
    let usual = Settings::new(family, arguments.seed);
    let largest = arguments.largest.unwrap_or(usual.largest);
    let settings = Settings {
        sources: arguments.sources.unwrap_or(usual.sources),
        areas: arguments.areas.unwrap_or(usual.areas),
        legs: arguments.legs.unwrap_or(usual.legs),
        requests: arguments.requests.unwrap_or(usual.requests),
        racks: arguments.racks.unwrap_or(usual.racks),
        both: arguments.both.unwrap_or(usual.both),
        profiles: arguments.profiles.unwrap_or(usual.profiles),
        each: arguments.each.unwrap_or(usual.each),
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
