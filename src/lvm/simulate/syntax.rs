//! Options that a command does not take, as `lvm help` lists them: said before anything else is looked at.

use crate::lvm::simulate::given::Given;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{LvCommand, Program, SegmentType, Step, TypedStep};

/// Options that belong to some types of new volumes alone.
const OF_TYPES: [&str; 17] = [
    "corelog",
    "cachemetadataformat",
    "cachemode",
    "cachepolicy",
    "cachesettings",
    "chunksize",
    "discards",
    "errorwhenfull",
    "maxrecoveryrate",
    "minrecoveryrate",
    "mirrorlog",
    "poolmetadatasize",
    "poolmetadataspare",
    "raidintegrity",
    "regionsize",
    "stripesize",
    "virtualsize",
];

/// Refuses options that the command does not take.
///
/// # Errors
/// LVM2's refusal, or that what comes of such options is not covered.
pub(crate) fn check_syntax(typed: &TypedStep) -> Result<(), SimulationError> {
    match (&typed.step, typed.program) {
        (_, Program::LvCreate) if typed.given.is_layer() => check_layer(&typed.given),
        (Step::Volume(command), Program::LvCreate) => Ok(check_new(command, &typed.given)?),
        (_, Program::LvExtend | Program::LvResize) => Ok(check_size(typed)?),
        (_, Program::LvChange) => check_change(&typed.given),
        _ => Ok(()),
    }
}

fn check_new(command: &LvCommand, given: &Given) -> Result<(), Refusal> {
    let kind = command.created_type();
    let is_typed = given.has("type");
    let takes: &[&str] = match kind {
        SegmentType::Linear if !given.has("stripes") => &[],
        SegmentType::Linear | SegmentType::Striped => &["stripesize"],
        SegmentType::ThinPool => &[
            "stripesize",
            "chunksize",
            "discards",
            "errorwhenfull",
            "poolmetadatasize",
            "poolmetadataspare",
        ],
        SegmentType::CachePool => &[
            "stripesize",
            "chunksize",
            "cachemetadataformat",
            "cachemode",
            "cachepolicy",
            "cachesettings",
            "poolmetadatasize",
            "poolmetadataspare",
        ],
        SegmentType::Mirror
        | SegmentType::Raid0
        | SegmentType::Raid0Meta
        | SegmentType::Raid1
        | SegmentType::Raid4
        | SegmentType::Raid5
        | SegmentType::Raid6
        | SegmentType::Raid10 => &[
            "stripesize",
            "regionsize",
            "minrecoveryrate",
            "maxrecoveryrate",
        ],
    };
    let has_log = kind == SegmentType::Mirror || (!is_typed && given.has("mirrors"));
    let has_checksums = kind.is_raid() && is_typed;
    let is_taken = |option: &str| match option {
        "corelog" | "mirrorlog" => has_log,
        "raidintegrity" => has_checksums,
        _ => takes.contains(&option),
    };
    let lines = OF_TYPES.iter().filter_map(|option| {
        let value = given.get(option).filter(|_| !is_taken(option))?;
        Some(match *option {
            "corelog" => not_taken("mirrorlog", ""),
            _ => not_taken(option, value),
        })
    });
    let lines: Vec<String> = lines.collect();
    if !lines.is_empty() {
        return Err(Refusal::lines(lines));
    }
    let log = ["mirrorlog", "corelog"]
        .into_iter()
        .find(|option| given.has(option));
    if let Some(log) = log.filter(|_| kind != SegmentType::Mirror) {
        if let Some(stripes) = given.get("stripes") {
            return Err(Refusal::new(not_taken("stripes", stripes)));
        }
        return Err(Refusal::lines([
            format!("--{log} is supported only with mirrors."),
            "Run `lvcreate --help' for more information.".to_string(),
        ]));
    }
    if kind == SegmentType::CachePool && given.get("permission") == Some("r") {
        return Err(Refusal::lines([
            "Cannot create read-only cache pool.".to_string(),
            "Run `lvcreate --help' for more information.".to_string(),
        ]));
    }
    // Without a rate at the most that is 0.
    if given.has("minrecoveryrate") && !given.has("maxrecoveryrate") {
        return Err(Refusal::lines([
            "Minimum recovery rate cannot be higher than maximum.".to_string(),
            "Run `lvcreate --help' for more information.".to_string(),
        ]));
    }
    Ok(())
}

/// What LVM2 says of an option that a command does not take.
pub(crate) fn not_taken(option: &str, value: &str) -> String {
    let value = if value.is_empty() {
        String::new()
    } else {
        format!(" {value}")
    };
    format!("Command does not accept option: --{option}{value}.")
}

/// Another size needs a size, or physical volumes that are taken whole.
fn check_size(typed: &TypedStep) -> Result<(), Refusal> {
    let given = &typed.given;
    let sizes = ["size", "extents", "poolmetadatasize", "usepolicies"];
    if given.arguments.len() > 1 || sizes.iter().any(|option| given.has(option)) {
        return Ok(());
    }
    Err(Refusal::new(format!(
        "No command with matching syntax recognised.  Run '{} --help' for more information.",
        typed.program.name()
    )))
}

/// What is done to a volume as it runs goes with no other change.
fn check_change(given: &Given) -> Result<(), SimulationError> {
    let beside = [
        "yes",
        "force",
        "test",
        "verbose",
        "quiet",
        "autobackup",
        "noudevsync",
    ];
    let others: Vec<&str> = given
        .options
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !beside.contains(name))
        .collect();
    let skips = others.contains(&"ignoreactivationskip");
    if skips && others.len() > 1 && !given.has("activate") {
        return Err(Refusal::new(not_taken("ignoreactivationskip", "")).into());
    }
    if given.has("contiguous") && given.has("alloc") {
        let line = "Command does not accept option combination: --contiguous  with --alloc";
        return Err(Refusal::new(line).into());
    }
    let alone = [
        "refresh",
        "resync",
        "contiguous",
        "persistent",
        "monitor",
        "poll",
    ];
    match others.iter().find(|name| alone.contains(name)) {
        Some(name) if others.len() > 1 => Err(SimulationError::unsupported(format!(
            "lvchange --{name} with other changes"
        ))),
        Some(_) | None => Ok(()),
    }
}

/// What lies on others takes no options of images, of caches or of pools unless it is one.
fn check_layer(given: &Given) -> Result<(), SimulationError> {
    let is_cache = ["cache", "cachepool", "cachevol"]
        .iter()
        .any(|name| given.has(name))
        || given.get("type").is_some_and(|kind| kind.contains("cache"));
    let is_thin = ["thin", "thinpool"].iter().any(|name| given.has(name))
        || given
            .get("type")
            .is_some_and(|kind| kind.starts_with("thin"));
    let is_odd = |name: &str| match name {
        "cachemode" | "cachepolicy" | "cachesettings" => !is_cache,
        "discards" | "errorwhenfull" => !is_thin,
        "maxrecoveryrate" | "minrecoveryrate" => !given.has("raidintegrity"),
        "mirrorlog" | "corelog" => true,
        _ => false,
    };
    match given.options.iter().find(|(name, _)| is_odd(name)) {
        Some((name, _)) => Err(SimulationError::unsupported(format!(
            "--{name} for what lies on others"
        ))),
        None => Ok(()),
    }
}
