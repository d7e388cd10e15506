//! Options that a command does not take, as `lvm help` lists them: said before anything else is looked at.

use crate::lvm::simulate::device_number;
use crate::lvm::simulate::given::Given;
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::{LvCommand, Program, SegmentType, Step, TypedStep};

/// Options that belong to some types of new volumes alone.
const OF_TYPES: [&str; 19] = [
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
    "raidintegrityblocksize",
    "raidintegritymode",
    "regionsize",
    "stripesize",
    "virtualsize",
];

/// Refuses options that the command does not take.
///
/// # Errors
/// LVM2's refusal, or that what comes of such options is not covered.
pub(crate) fn check_syntax(typed: &TypedStep) -> Result<(), SimulationError> {
    check_options(typed)?;
    if typed.program == Program::LvCreate && typed.given.has("setautoactivation") {
        check_autoactivation(&typed.given)?;
    }
    Ok(())
}

/// Volumes of these types are activated with the group, or not, as all are.
fn check_autoactivation(given: &Given) -> Result<(), Refusal> {
    let has = |options: &[&str]| options.iter().any(|option| given.has(option));
    let of_options = if has(&["thin", "thinpool", "virtualsize"]) {
        "thin"
    } else if has(&["snapshot"]) {
        "snapshot"
    } else if has(&["cache", "cachepool"]) {
        "cache"
    } else if given.get("mirrors").is_some_and(|count| count != "0") {
        "raid"
    } else {
        ""
    };
    let what = match given.get("type").unwrap_or(of_options) {
        "mirror" => "mirrors",
        "snapshot" => "snapshots",
        "thin" | "thin-pool" => "thins",
        "cache-pool" => "cache pools",
        "cache" => "cache",
        kind if kind.starts_with("raid") => "raids",
        _ => return Ok(()),
    };
    Err(Refusal::lines([
        format!("Option --setautoactivation is unsupported with {what}."),
        "Run `lvcreate --help' for more information.".to_string(),
    ]))
}

fn check_options(typed: &TypedStep) -> Result<(), SimulationError> {
    match (&typed.step, typed.program) {
        (_, Program::LvCreate) if typed.given.is_layer() => {
            device_number::check_new(&typed.given, None)?;
            check_layer(&typed.given)
        }
        (Step::Volume(command), Program::LvCreate) => Ok(check_new(command, &typed.given)?),
        (_, Program::LvConvert) => Ok(check_checksums(&typed.given, "")?),
        (_, Program::LvExtend | Program::LvResize | Program::LvReduce) => Ok(check_size(typed)?),
        (_, Program::LvChange) => check_change(&typed.given),
        _ => Ok(()),
    }
}

/// Refuses options that a new volume of its type does not take.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_new(command: &LvCommand, given: &Given) -> Result<(), Refusal> {
    let kind = command.created_type();
    let is_typed = given.has("type");
    if !given.has("size") && !given.has("extents") {
        let refusal = no_match(Program::LvCreate);
        return Err(match is_typed {
            true => refusal.and("Nearest similar command has syntax:"),
            false => refusal,
        });
    }
    let takes: &[&str] = match kind {
        SegmentType::Linear if given.has("mirrors") && !is_typed => &[
            "stripesize",
            "regionsize",
            "minrecoveryrate",
            "maxrecoveryrate",
        ],
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
        "raidintegrity" | "raidintegrityblocksize" | "raidintegritymode" => has_checksums,
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
    device_number::check_new(given, Some(kind))?;
    check_checksums(given, "lvcreate")?;
    // Without a rate at the most that is 0.
    if given.has("minrecoveryrate") && !given.has("maxrecoveryrate") {
        return Err(Refusal::lines([
            "Minimum recovery rate cannot be higher than maximum.".to_string(),
            "Run `lvcreate --help' for more information.".to_string(),
        ]));
    }
    Ok(())
}

/// Refuses what checksums are not kept as. What is said of the program follows where there is one.
fn check_checksums(given: &Given, program: &str) -> Result<(), Refusal> {
    let mode = given.get("raidintegritymode");
    if !matches!(mode, None | Some("journal" | "bitmap")) {
        let refusal = Refusal::new("Invalid raid integrity mode (use \"bitmap\" or \"journal\")");
        return Err(match program {
            "" => refusal,
            _ => refusal.and(format!("Run `{program} --help' for more information.")),
        });
    }
    let wanted = given.get("raidintegrity");
    match wanted.filter(|word| !matches!(*word, "y" | "n")) {
        Some(word) => Err(Refusal::lines([
            format!("Invalid argument for --raidintegrity: {word}"),
            "Error during parsing of command line.".to_string(),
        ])),
        None => Ok(()),
    }
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

/// That no command has such options.
fn no_match(program: Program) -> Refusal {
    Refusal::new(format!(
        "No command with matching syntax recognised.  Run '{program} --help' for more information."
    ))
}

/// Another size needs a size, or physical volumes that are taken whole.
fn check_size(typed: &TypedStep) -> Result<(), Refusal> {
    let given = &typed.given;
    let stripes = given.get("stripes").is_some_and(|stripes| stripes != "1");
    if stripes && given.get("type") == Some("linear") {
        return Err(Refusal::lines([
            "Cannot use stripes with linear type.".to_string(),
            format!(
                "Run `{} --help' for more information.",
                typed.program.name()
            ),
        ]));
    }
    let sizes = ["size", "extents", "poolmetadatasize", "usepolicies"];
    if given.arguments.len() > 1 || sizes.iter().any(|option| given.has(option)) {
        return Ok(());
    }
    let refusal = no_match(typed.program);
    Err(match typed.program {
        Program::LvReduce => refusal.and("Correct command syntax is:"),
        _ => refusal,
    })
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
    if given.has("minor") || given.has("major") || given.get("persistent") == Some("y") {
        return device_number::check_change(given, &others);
    }
    if given.has("contiguous") && given.has("alloc") {
        let line = "Command does not accept option combination: --contiguous  with --alloc";
        return Err(Refusal::new(line).into());
    }
    // What is done to a volume as it runs is no change of what it is like.
    let watched = ["poll", "monitor", "ignoremonitoring", "activate"];
    for running in ["resync", "refresh", "syncaction"] {
        let goes_with = |name: &&&str| **name == running || watched.contains(*name);
        if others.contains(&running) && others.iter().filter(goes_with).count() < others.len() {
            let value = given.get(running).unwrap_or_default();
            return Err(Refusal::new(not_taken(running, value)).into());
        }
    }
    Ok(())
}

/// What lies on others takes no options of images, of caches or of pools unless it is one.
fn check_layer(given: &Given) -> Result<(), SimulationError> {
    let is_cache = ["cache", "cachepool", "cachevol"]
        .iter()
        .any(|name| given.has(name))
        || given.get("type").is_some_and(|kind| kind.contains("cache"));
    let is_snapshot = given.has("snapshot");
    let is_thin = ["thin", "thinpool"].iter().any(|name| given.has(name))
        || given.has("virtualsize") && !is_snapshot && !given.has("type")
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
