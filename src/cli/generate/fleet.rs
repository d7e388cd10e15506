//! `extentplan generate fleet`: hosts with volume groups, and requests for them.

use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use crate::ask::Outcome;
use crate::cli::{output, watch};
use crate::fleet::{PlaceLine, PoolLine, Spread};
use crate::generate::{FleetHost, FleetRequest, FleetSettings, fleet_requests, host};
use crate::lvm;
use crate::search::in_order;

/// Prints a fleet, the same one for the same numbers: a volume group for each host, a line each
///
/// Each group has a history of creates, extends, removes and added disks, placed where LVM2 places them, so that the
/// holes lie where LVM2 leaves them. Disks are as they are sold, the same on most hosts; one host in twenty has three
/// times as many. A third of the hosts is half full. Tags of a host are its rack (20 hosts), its zone (10 racks, three
/// zones in turn) and `ssd` or `hdd`.
#[derive(Debug, Args)]
pub(crate) struct FleetArguments {
    /// How many hosts
    #[arg(long, value_name = "N")]
    hosts: u64,
    /// Different seeds give different fleets
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Disks of most hosts
    #[arg(long, value_name = "N", default_value_t = 8)]
    disks: u64,
    /// How many of a thousand hosts are unsafe: with two images of a RAID volume on one disk, or a disk that is missing
    #[arg(long = "unsafe", value_name = "PERMILLE", default_value_t = 30)]
    unsafe_hosts: u64,
    /// Write a file HOST.vg for each host in this folder, in place of lines
    #[arg(long, value_name = "FOLDER", conflicts_with = "requests")]
    to: Option<PathBuf>,
    /// Print requests for so many volumes in place of the hosts, for `extentplan fleet place`
    #[arg(long, value_name = "M", value_parser = clap::value_parser!(u64).range(1..))]
    requests: Option<u64>,
    /// Classes of requests: the first have most of all, the last are the largest
    #[arg(long, value_name = "N", default_value_t = 20, requires = "requests", value_parser = clap::value_parser!(u64).range(1..))]
    classes: u64,
    /// Threads to use; the fleet does not depend on it [default: all cores]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

pub(crate) fn run(arguments: &FleetArguments) -> anyhow::Result<Outcome> {
    /// Hosts that are made ahead of those that are written.
    const WINDOW: usize = 1024;
    /// Bytes that are written together.
    const BLOCK: usize = 1 << 16;
    let settings = FleetSettings {
        disks: arguments.disks,
        unsafe_hosts: arguments.unsafe_hosts,
        ..FleetSettings::new(arguments.hosts, arguments.seed)
    };
    settings.check()?;
    if let Some(count) = arguments.requests {
        let requests = fleet_requests(&settings, count, arguments.classes);
        output::print(&requests.into_iter().map(request_line).collect::<String>())?;
        return Ok(Outcome::Yes);
    }
    if let Some(folder) = &arguments.to {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let threads = arguments.threads.map_or(0, usize::from);
    let limits = watch::limits();
    let mut text = String::new();
    let mut ended: anyhow::Result<Outcome> = Ok(Outcome::Yes);
    let made = |index| made(arguments, &host(&settings, index));
    in_order(threads, WINDOW, 0..settings.hosts, made, |line| {
        let written = line.and_then(|line| {
            text.push_str(&line);
            if text.len() < BLOCK {
                return Ok(());
            }
            output::print(&std::mem::take(&mut text))
        });
        match written {
            Err(error) => ended = Err(error),
            Ok(()) if limits.is_over() => ended = Ok(Outcome::LimitRanOut),
            Ok(()) => return ControlFlow::Continue(()),
        }
        ControlFlow::Break(())
    })
    .context("cannot start the worker threads")?;
    output::print(&text)?;
    ended
}

/// The line of a host, or nothing where it has a file.
fn made(arguments: &FleetArguments, host: &FleetHost) -> anyhow::Result<String> {
    let metadata = lvm::write(&host.group);
    if let Some(folder) = &arguments.to {
        let path = folder.join(format!("{}.vg", host.name));
        fs::write(&path, metadata).with_context(|| format!("cannot write {}", path.display()))?;
        return Ok(String::new());
    }
    let line = PoolLine {
        host: Some(host.name.as_str().into()),
        tags: host.tags.clone(),
        metadata: Some(metadata.into()),
        pool: None,
    };
    Ok(serde_json::to_string(&line)? + "\n")
}

fn request_line(request: FleetRequest) -> String {
    let line = PlaceLine {
        name: request.name,
        command: request.command,
        count: request.count,
        value: request.value,
        tags: request.tag.into_iter().collect(),
        apart: request.apart.map(|(of, under)| Spread {
            of: Some(of),
            tag: under.map(str::to_string),
        }),
    };
    serde_json::to_string(&line).expect("keys are texts") + "\n"
}
