//! What LVM2 says of options before anything else is looked at.

use crate::lvm::demand::pool::MAX_CHUNK_SECTORS;
use crate::lvm::simulate::device_number;
use crate::lvm::simulate::forms::check_form;
use crate::lvm::simulate::given::{Given, shown_size};
use crate::lvm::simulate::{Refusal, SimulationError};
use crate::lvm::size::read_sectors;
use crate::lvm::{LvCommand, Program, SegmentType, Step, TypedStep};

/// Refuses options that the command does not take.
///
/// # Errors
/// LVM2's refusal, or that what comes of such options is not covered.
pub(crate) fn check_syntax(typed: &TypedStep) -> Result<(), SimulationError> {
    let metadata = typed.given.get("poolmetadatasize").unwrap_or_default();
    if typed.program == Program::LvConvert && metadata.starts_with(['+', '-']) {
        return Err(Refusal::lines([
            "Size may not be relative/signed.".to_string(),
            format!("Invalid argument for --poolmetadatasize: {metadata}"),
            "Error during parsing of command line.".to_string(),
        ])
        .into());
    }
    check_form(typed.program, &typed.given)?;
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
            let makes_pool = typed.given.has("virtualsize")
                && (typed.given.has("size") || typed.given.has("extents"));
            if makes_pool {
                check_chunk(&typed.given, SegmentType::ThinPool)
                    .map_err(|refusal| refusal.and(help("lvcreate")))?;
            }
            Ok(())
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
    let log = ["mirrorlog", "corelog"]
        .into_iter()
        .find(|option| given.has(option));
    let of_log = given.options.iter();
    let of_log = of_log.filter(|(option, _)| matches!(*option, "mirrorlog" | "corelog"));
    if given.get("type") == Some("raid1") && log.is_some() {
        // That it is in memory is to LVM2 a value of the other.
        let value = given.get("mirrorlog").unwrap_or_default();
        return Err(Refusal::lines(
            of_log.map(|_| not_taken("mirrorlog", value)),
        ));
    }
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
    let pools = match kind {
        SegmentType::CachePool => Some("cache pools"),
        SegmentType::ThinPool => Some("thin pools"),
        _ => None,
    };
    let odd = match (pools, kind) {
        (Some(_), _) if given.has("wipesignatures") && given.has("type") => Some("wipesignatures"),
        (_, SegmentType::CachePool) if given.has("zero") => Some("zero"),
        _ => None,
    };
    if let (Some(pools), Some(option)) = (pools, odd) {
        let line = format!("Option --{option} is unsupported with {pools}.");
        return Err(Refusal::new(line).and(help("lvcreate")));
    }
    device_number::check_new(given, Some(kind))?;
    check_chunk(given, kind).map_err(|refusal| refusal.and(help("lvcreate")))?;
    check_checksums(given, "lvcreate")?;
    if given.has("nosync") && matches!(kind, SegmentType::Linear | SegmentType::Striped) {
        return Err(Refusal::lines([
            "--nosync is supported only with mirrors or raids.".to_string(),
            "Run `lvcreate --help' for more information.".to_string(),
        ]));
    }
    let mut rates = ["minrecoveryrate", "maxrecoveryrate"].iter();
    if let (false, Some(option)) = (kind.is_raid(), rates.find(|option| given.has(option))) {
        let line = format!("--{option} is supported only with raids.");
        return Err(Refusal::new(line).and(help("lvcreate")));
    }
    let has_regions = kind == SegmentType::Mirror || kind.is_raid();
    if given.has("regionsize") && !has_regions {
        let line = "--regionsize is supported only with mirrors or raids.";
        return Err(Refusal::new(line).and(help("lvcreate")));
    }
    if given.get("mirrors") == Some("0")
        || matches!(kind, SegmentType::Raid0 | SegmentType::Raid0Meta)
    {
        // That these are too few is said first, and where nothing is rebuilt no rate is looked at.
        return Ok(());
    }
    // Without a rate at the most that is 0.
    let rate = |option| {
        let sectors = given.get(option).map(|text| read_sectors(text, 2));
        sectors.and_then(Result::ok).unwrap_or(0)
    };
    if rate("minrecoveryrate") > rate("maxrecoveryrate") {
        return Err(Refusal::lines([
            "Minimum recovery rate cannot be higher than maximum.".to_string(),
            "Run `lvcreate --help' for more information.".to_string(),
        ]));
    }
    Ok(())
}

fn help(program: &str) -> String {
    format!("Run `{program} --help' for more information.")
}

/// Refuses chunks that pools cannot have.
///
/// # Errors
/// LVM2's refusal.
pub(crate) fn check_chunk(given: &Given, kind: SegmentType) -> Result<(), Refusal> {
    let chunk = given.get("chunksize").map(|text| read_sectors(text, 2));
    let Some(Ok(chunk)) = chunk else {
        return Ok(());
    };
    let (what, unit) = match kind {
        SegmentType::ThinPool => ("Thin pool", 128),
        SegmentType::CachePool => ("Cache", 64),
        _ => return Ok(()),
    };
    let (size, least) = (shown_size(chunk), shown_size(unit));
    let most = shown_size(MAX_CHUNK_SECTORS);
    let mut lines = Vec::new();
    if !(unit..=MAX_CHUNK_SECTORS).contains(&chunk) {
        lines.push(format!(
            "{what} chunk size {size} is not in the range {least} to {most}."
        ));
    }
    if !chunk.is_multiple_of(unit) {
        lines.push(format!(
            "{what} chunk size {size} must be a multiple of {least}."
        ));
    }
    match lines.is_empty() {
        true => Ok(()),
        false => Err(Refusal::lines(lines)),
    }
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

/// What is linear has no stripes.
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
    Ok(())
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
    if given.has("minor") || given.has("major") || given.get("persistent") == Some("y") {
        return device_number::check_change(given, &others);
    }
    if given.has("contiguous") && given.has("alloc") {
        let line = "Command does not accept option combination: --contiguous  with --alloc";
        return Err(Refusal::new(line).into());
    }
    Ok(())
}
