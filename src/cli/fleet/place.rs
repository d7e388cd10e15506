//! `extentplan fleet place`: which host for which volume.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

use crate::ask::Outcome;
use crate::cli::fleet::arguments::HowOptions;
use crate::cli::made::made;
use crate::cli::{input, output};
use crate::fleet::{
    Item, Manner, PlaceHost, PlaceQuestion, Sources, Then, place, place_hosts, read_requests,
};
use crate::search::in_order;
use crate::show;

/// Chooses hosts for volumes: which host for which, and the layout there
///
/// REQUESTS has an object on each line: `name`, `command` (an lvcreate in words, with a size), `count`, `value` (what each
/// is worth), `tags` that its hosts must have, and `apart`: {"of": 3} for three that belong together and lie on different
/// hosts, {"of": 3, "tag": "rack"} on hosts whose tags that begin with `rack` differ. `extentplan generate fleet
/// --requests` prints some, `extentplan schema fleet-request` says what they may hold.
///
/// As much value as can be is placed, and it is said what no placement can exceed; then on few hosts, or evenly. The layout
/// of each host is planned and checked as `extentplan plan` does.
///
/// Exit codes: 0 everything is placed; 1 proven that not everything can be; 3 not everything is, and a placement of all may
/// exist.
#[derive(Debug, Args)]
pub(crate) struct PlaceArguments {
    /// The fleet, as all questions take it, and the requests, which come last
    #[arg(value_names = ["POOLS", "REQUESTS"], num_args = 2.., required = true)]
    paths: Vec<PathBuf>,
    /// What is good where the value is the same
    #[arg(long, value_name = "WHAT", default_value = "hosts")]
    then: ThenArgument,
    #[command(flatten)]
    how: HowOptions,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: PlaceFormat,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Leave out the commands of each host in text
    #[arg(long)]
    summary: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ThenArgument {
    /// Few hosts.
    Hosts,
    /// Hosts that are evenly full.
    Even,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PlaceFormat {
    /// For people.
    Text,
    /// For programs: one JSON object.
    Json,
    /// A page with all of it.
    Html,
}

pub(crate) fn run(arguments: &PlaceArguments) -> anyhow::Result<Outcome> {
    /// Pools that are read ahead.
    const WINDOW: usize = 1024;
    let how = &arguments.how;
    let Some((path, pools)) = arguments.paths.split_last() else {
        bail!("expected POOLS and REQUESTS");
    };
    let requests = read_requests(&input::read_text(path)?, &input::name(path))?;
    let sources = Sources::new(pools)?;
    let conf = how.settings.conf()?;
    let settings = how.settings.question(conf.as_ref());
    let strategy = how.strategy.strategy();
    let started = Instant::now();
    let clock = || started.elapsed();
    let manner = Manner {
        settings: &settings,
        strategy: &strategy,
        time: how.each,
        clock: &clock,
        mirrors: None,
    };
    let limits = how.limits.limits();
    let mut hosts: Vec<PlaceHost> = Vec::new();
    let mut errors: Vec<String> = Vec::new();
    let read = |item: Item| place_hosts(item, &requests, &settings);
    in_order(
        how.limits.threads().unwrap_or(0),
        WINDOW,
        sources,
        read,
        |read| {
            match read {
                Ok(mut read) => hosts.append(&mut read),
                Err(fault) => errors.push(fault.in_one_line()),
            }
            if limits.is_over() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        },
    )
    .context("cannot start the worker threads")?;
    if limits.is_over() {
        output::remark(&format!(
            "{} before all was read",
            limits.ran_out().as_end()
        ));
        return Ok(Outcome::LimitRanOut);
    }
    if hosts.is_empty() {
        let first = errors.first().map_or("there is none", String::as_str);
        bail!("no host could be read: {first}");
    }
    let asked_for = PlaceQuestion {
        hosts: &hosts,
        requests: &requests,
        then: match arguments.then {
            ThenArgument::Hosts => Then::Hosts,
            ThenArgument::Even => Then::Even,
        },
    };
    let mut placement = how
        .limits
        .run(|limits| Ok(place(&asked_for, &manner, limits)?))?;
    placement.errors = errors;
    let format = match arguments.json {
        true => PlaceFormat::Json,
        false => arguments.format,
    };
    output::print(&match format {
        PlaceFormat::Json => placement.json(),
        PlaceFormat::Text => placement.text(!arguments.summary),
        PlaceFormat::Html => show::page(&placement.report(&made())),
    })?;
    Ok(placement.outcome())
}
