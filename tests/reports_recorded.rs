//! Reports and tables of groups with every kind of volume, as the real LVM2 printed them: they are read as what its
//! metadata says, and every question gets the answer of the metadata.
//!
//! What no report tells, and no table, stands in [`said`].

use std::collections::BTreeMap;
use std::time::Duration;

use extentplan::ask::{self, InOrder, Parts, Pool, Requests, Typed};
use extentplan::core::Limits;
use extentplan::lvm::{LogicalVolume, Part, Settings, VolumeGroup, read, read_reports};
use extentplan::solve::Strategy;
use serde_json::Value;

#[allow(dead_code, unreachable_pub, reason = "shared by several test files")]
mod recordings;

/// Numbers of segments that reports tell.
const NUMBERS: [&str; 8] = [
    "chunk_size",
    "data_copies",
    "device_count",
    "mirror_count",
    "region_size",
    "reshape_count",
    "stripe_count",
    "stripe_size",
];

/// Names and modes of segments that they do not tell.
const NOT_TOLD: [&str; 4] = ["discards", "internal_hash", "mode", "policy"];

/// One group.
struct Recorded {
    name: String,
    metadata: VolumeGroup,
    /// The same group by its report and by its tables.
    read: [(&'static str, VolumeGroup); 2],
}

fn recorded() -> Vec<Recorded> {
    let group = |line: String| {
        let line: Value = serde_json::from_str(&line).expect("JSON");
        let text = |key: &str| line[key].as_str().expect("text");
        let name = text("name").to_string();
        let read_as = |kind, report: &str| {
            let groups = read_reports(report);
            let mut groups = groups.unwrap_or_else(|error| panic!("{name}, {kind}: {error}"));
            assert_eq!(groups.len(), 1);
            (kind, groups.remove(0))
        };
        let of_report = read_as("report", &line["report"].to_string());
        let of_tables = read_as("tables", text("tables"));
        Recorded {
            metadata: read(text("metadata")).expect("what LVM2 wrote"),
            read: [of_report, of_tables],
            name,
        }
    };
    recordings::lines("reports.jsonl.gz").map(group).collect()
}

/// What a group is but for what no report tells: the order of the logical volumes, the names of the hidden ones that
/// join snapshots and origins, those of disks that are gone, the ids and counts that pools and moves have, what an
/// image is rebuilt by, and where in the volume of a running move what is moved lies.
fn said(group: &VolumeGroup) -> Vec<String> {
    let disk = |index: usize| {
        let disk = &group.physical_volumes[index];
        if disk.missing { "gone" } else { &disk.device }
    };
    let part = |part: &Part| match part {
        Part::Physical { volume, start } => format!("{}:{start}", disk(*volume)),
        Part::Logical { volume, .. } if volume.starts_with("pvmove") => volume.clone(),
        Part::Logical { volume, start } => format!("{volume}:{start}"),
    };
    let mut lines = vec![format!(
        "{} {} {:?} {} {} {} {:?}",
        group.name,
        group.extent_size_sectors,
        group.status,
        group.max_volumes,
        group.max_disks,
        group.policy.name(),
        group.tags
    )];
    for (index, volume) in group.physical_volumes.iter().enumerate() {
        lines.push(format!(
            "{} {} {} {} {:?} {:?}",
            disk(index),
            volume.extents,
            volume.allocatable,
            volume.missing,
            volume.tags,
            group.free()[index]
        ));
    }
    for volume in &group.logical_volumes {
        let name = name_of(volume);
        let status = volume.status.iter();
        let status: Vec<_> = status.filter(|word| *word != "REBUILD").collect();
        lines.push(format!(
            "{name} {status:?} {} {:?}",
            volume.policy.name(),
            volume.tags
        ));
        for segment in &volume.segments {
            let flag = segment
                .segment_type
                .contains("CACHEVOL")
                .then_some("+CACHEVOL");
            let parts: Vec<String> = segment.parts.iter().map(part).collect();
            let numbers = segment.numbers.iter();
            let numbers: Vec<_> = numbers.filter(|(key, _)| NUMBERS.contains(key)).collect();
            let strings = segment.strings.iter();
            let strings: Vec<_> = strings.filter(|(key, _)| !NOT_TOLD.contains(key)).collect();
            lines.push(format!(
                "{name} {}+{} {}{} {} {numbers:?} {strings:?}",
                segment.start_extent,
                segment.extent_count,
                segment.base_type(),
                flag.unwrap_or_default(),
                parts.join(" ")
            ));
        }
    }
    lines.sort();
    lines
}

/// The name of a volume; what joins a snapshot with its origin by that of the volume that holds the copies.
fn name_of(volume: &LogicalVolume) -> String {
    let first = volume.segments.first();
    let first = first.filter(|first| first.base_type() == "snapshot");
    let copies = first.and_then(|first| {
        let strings = &first.strings;
        strings
            .get("cow_store")
            .or_else(|| strings.get("merging_store"))
    });
    match copies {
        Some(copies) => format!("join of {copies}"),
        None => volume.name.clone(),
    }
}

#[test]
fn reports_and_tables_are_read_as_the_metadata() {
    let all = recorded();
    assert!(all.len() >= 23, "{}", all.len());
    for Recorded {
        name,
        metadata,
        read,
    } in &all
    {
        let kinds = metadata.logical_volumes.iter();
        let kinds = kinds.flat_map(|one| one.segments.iter().map(|segment| segment.base_type()));
        assert!(kinds.count() > 0, "{name}");
        for (kind, group) in read {
            assert_eq!(said(group), said(metadata), "{name}, {kind}");
        }
    }
}

#[test]
fn an_audit_of_them_finds_what_one_of_the_metadata_finds() {
    let mut unsafe_ones = 0;
    for Recorded {
        name,
        metadata,
        read,
    } in recorded()
    {
        // Where what a running move moves lies, they do not tell.
        if name.starts_with("moving") {
            continue;
        }
        let found = findings(&metadata);
        if name == "merging" {
            // The origin is lost with what has not come back yet, and called by its name.
            let lost = |line: &String| line.starts_with("Unsafe WeakLink { volume: \"mirrored\"");
            assert!(found.keys().any(lost), "{found:?}");
        }
        unsafe_ones += found.keys().filter(|line| line.contains("Unsafe")).count();
        for (kind, group) in &read {
            assert_eq!(findings(group), found, "{name}, {kind}");
        }
    }
    assert!(unsafe_ones >= 5, "{unsafe_ones}");
}

/// How often an audit says what.
fn findings(group: &VolumeGroup) -> BTreeMap<String, usize> {
    findings_or(group).expect("it is whole")
}

/// The same where nothing need be left out.
fn findings_or(group: &VolumeGroup) -> Result<BTreeMap<String, usize>, ask::Fault> {
    let audit = ask::audit(&in_order(group), &[])?;
    ask::audit_outcome("pool", &audit)?;
    let mut counts = BTreeMap::new();
    for finding in &audit.findings {
        let line = format!("{:?} {finding:?}", finding.severity());
        *counts.entry(line).or_default() += 1;
    }
    Ok(counts)
}

#[test]
fn every_command_gets_the_answer_that_the_metadata_gets() {
    let (mut planned, mut refused) = (0, 0);
    for Recorded {
        name,
        metadata,
        read,
    } in recorded()
    {
        let metadata = in_order(&metadata);
        let read = read.map(|(kind, group)| (kind, in_order(&group)));
        for command in commands(&metadata) {
            let expected = answer(&metadata, &command);
            match expected {
                Ok(_) => planned += 1,
                Err(_) => refused += 1,
            }
            for (kind, group) in &read {
                assert_eq!(
                    answer(group, &command),
                    expected,
                    "{name}, {kind}: {command}"
                );
            }
        }
    }
    assert!(planned > 500 && refused > 1000, "{planned}, {refused}");
}

/// Commands about each volume that users see.
fn commands(group: &VolumeGroup) -> Vec<String> {
    const FORMS: [&str; 19] = [
        "lvextend -l +3 VOLUME",
        "lvextend -l +40 VOLUME",
        "lvextend --poolmetadatasize +4m VOLUME",
        "lvreduce -f -l -1 VOLUME",
        "lvremove -f VOLUME",
        "lvrename VOLUME fresh",
        "lvcreate -s -l 2 -n fresh VOLUME",
        "lvconvert --type raid1 -m 1 VOLUME",
        "lvconvert -m 0 VOLUME",
        "lvconvert --type raid5 VOLUME",
        "lvconvert --stripes 3 VOLUME",
        "lvconvert --raidintegrity y VOLUME",
        "lvconvert --raidintegrity n VOLUME",
        "lvconvert --splitmirrors 1 -n fresh VOLUME",
        "lvconvert --splitcache VOLUME",
        "lvconvert --type thin-pool VOLUME",
        "lvconvert --merge VOLUME",
        "lvconvert --uncache VOLUME",
        "lvchange -pr VOLUME",
    ];
    let owners = extentplan::lvm::owners(group);
    let volumes = group.logical_volumes.iter().zip(owners);
    let seen = volumes.filter(|(volume, owners)| owners.contains(&volume.name));
    let seen = seen.flat_map(|(volume, _)| {
        let full = format!("{}/{}", group.name, volume.name);
        FORMS.map(|form| form.replace("VOLUME", &full))
    });
    let new = [
        "lvcreate -l 100%FREE -n fresh",
        "lvcreate --type raid1 -m 1 -l 7 -n fresh",
    ];
    let new = new.map(|form| format!("{form} {}", group.name));
    seen.chain(new).collect()
}

/// The answer to a command, or why there is none.
fn answer(group: &VolumeGroup, command: &str) -> Result<String, String> {
    let settings = Settings {
        version: "2.03.16".parse().expect("a version"),
        ..Settings::default()
    };
    let words: Vec<String> = command.split(' ').map(String::from).collect();
    let answered = || -> Result<String, ask::Fault> {
        let typed = Typed::of_words(&words, &settings)?;
        let pool = Pool::Group(group.clone());
        let in_order = InOrder::of(pool, None, settings.clone()).expect("without a scenario");
        let parts = Parts::of("pool", in_order, Requests::Commands(typed), Vec::new())?;
        let mut rest = parts.rest;
        let (strategy, clock) = (Strategy::default(), Limits::within(Duration::from_secs(20)));
        let limits = clock.limits();
        let planned = ask::plan(parts.first, &mut rest, |task, _, _| {
            ask::plan_part(task, &strategy, &limits, &|| Duration::ZERO)
        })?;
        Ok(format!("{}\n{}", planned.text(), parts.notes.join("\n")))
    };
    answered().map_err(|fault| fault.to_string())
}

/// What LVM2 2.03.16 prints of a RAID volume with a snapshot, its physical segments first.
const SEGMENTS: &str = "\
  PV       VG  Fmt  Attr PSize  PFree  Start SSize LV              Start Type   PE Ranges
  /dev/sda vg0 lvm2 a--  80.00m 48.00m     0     1 [data_rmeta_0]      0 linear /dev/sda:0-0
  /dev/sda vg0 lvm2 a--  80.00m 48.00m     1     2 [data_rimage_0]     0 linear /dev/sda:1-2
  /dev/sda vg0 lvm2 a--  80.00m 48.00m     3     2 old                 0 linear /dev/sda:3-4
  /dev/sda vg0 lvm2 a--  80.00m 48.00m     5     3 other               0 linear /dev/sda:5-7
  /dev/sda vg0 lvm2 a--  80.00m 48.00m     8    12                     0 free
  /dev/sdb vg0 lvm2 a--  80.00m 68.00m     0     1 [data_rmeta_1]      0 linear /dev/sdb:0-0
  /dev/sdb vg0 lvm2 a--  80.00m 68.00m     1     2 [data_rimage_1]     0 linear /dev/sdb:1-2
  /dev/sdb vg0 lvm2 a--  80.00m 68.00m     3    17                     0 free
  /dev/sdc vg0 lvm2 a--  80.00m 68.00m     0     1 [data_rmeta_2]      0 linear /dev/sdc:0-0
  /dev/sdc vg0 lvm2 a--  80.00m 68.00m     1     2 [data_rimage_2]     0 linear /dev/sdc:1-2
  /dev/sdc vg0 lvm2 a--  80.00m 68.00m     3    17                     0 free
";

/// `lvs -a -o+devices`: no column says that `data` is a raid5.
const WITHOUT_TYPES: &str = "
  LV              VG  Attr       LSize  Pool Origin Data%  Meta%  Move Log Cpy%Sync Convert Devices
  data            vg0 owi-a-r--- 16.00m                                    100.00           data_rimage_0(0),data_rimage_1(0),data_rimage_2(0)
  [data_rimage_0] vg0 iwi-aor---  8.00m                                                     /dev/sda(1)
  [data_rimage_1] vg0 iwi-aor---  8.00m                                                     /dev/sdb(1)
  [data_rimage_2] vg0 iwi-aor---  8.00m                                                     /dev/sdc(1)
  [data_rmeta_0]  vg0 ewi-aor---  4.00m                                                     /dev/sda(0)
  [data_rmeta_1]  vg0 ewi-aor---  4.00m                                                     /dev/sdb(0)
  [data_rmeta_2]  vg0 ewi-aor---  4.00m                                                     /dev/sdc(0)
  old             vg0 swi-a-s---  8.00m      data   0.00                                    /dev/sda(3)
  other           vg0 -wi-a----- 12.00m                                                     /dev/sda(5)
";

/// `lvs -a -o lv_name,vg_name,lv_attr,lv_size,segtype,devices,metadata_devices`: none says whose snapshot `old` is.
const WITHOUT_ORIGINS: &str = "
  LV              VG  Attr       LSize  Type   Devices                                            Metadata Devs
  data            vg0 owi-a-r--- 16.00m raid5  data_rimage_0(0),data_rimage_1(0),data_rimage_2(0) data_rmeta_0(0),data_rmeta_1(0),data_rmeta_2(0)
  [data_rimage_0] vg0 iwi-aor---  8.00m linear /dev/sda(1)
  [data_rimage_1] vg0 iwi-aor---  8.00m linear /dev/sdb(1)
  [data_rimage_2] vg0 iwi-aor---  8.00m linear /dev/sdc(1)
  [data_rmeta_0]  vg0 ewi-aor---  4.00m linear /dev/sda(0)
  [data_rmeta_1]  vg0 ewi-aor---  4.00m linear /dev/sdb(0)
  [data_rmeta_2]  vg0 ewi-aor---  4.00m linear /dev/sdc(0)
  old             vg0 swi-a-s---  8.00m linear /dev/sda(3)
  other           vg0 -wi-a----- 12.00m linear /dev/sda(5)
";

#[test]
fn nothing_is_planned_with_a_snapshot_whose_origin_is_not_said_and_the_column_is_named() {
    let without_origins = format!("{SEGMENTS}{WITHOUT_ORIGINS}");
    // A merging snapshot is hidden.
    let without_snapshots = WITHOUT_TYPES.lines();
    let without_snapshots: Vec<&str> = without_snapshots
        .filter(|line| !line.contains(" old "))
        .collect();
    let without_snapshots = format!("{SEGMENTS}{}\n", without_snapshots.join("\n"));
    let commands = [
        "lvremove -f vg0/data",
        "lvreduce -f -l -1 vg0/data",
        "lvconvert --type thin-pool vg0/data",
        "lvextend -l +40 vg0/old",
    ];
    for (tables, commands) in [
        (without_origins, &commands[..]),
        (without_snapshots, &commands[..3]),
    ] {
        let group = read_reports(&tables).expect("enough for new").remove(0);
        for command in commands {
            let refused = answer(&group, command).expect_err(command);
            let names_it = "metadata_devices, origin and reshape_len_le";
            assert!(refused.contains(names_it), "{refused}");
        }
        for command in ["lvcreate -l 12 -n fresh vg0", "lvextend -l +1 vg0/other"] {
            answer(&group, command).unwrap_or_else(|error| panic!("{command}: {error}"));
        }
        assert!(findings_or(&group).is_err());
    }
}

#[test]
fn volumes_that_stand_on_themselves_and_two_of_a_name_are_refused() {
    let mut lines = recordings::lines("reports.jsonl.gz");
    let line = lines.find(|line| line.starts_with("{\"name\":\"cache\""));
    let line: Value = serde_json::from_str(&line.expect("it is there")).expect("JSON");
    let report = line["report"].to_string();
    let circle = report
        .replace("\"data_corig(0)\"", "\"mirrored(0)\"")
        .replace("data_corig:0-29", "mirrored:0-29")
        .replace("\"mirrored_corig(0)\"", "\"data(0)\"")
        .replace("mirrored_corig:0-9", "data:0-9");
    let group = read_reports(&circle).expect("it is a report").remove(0);
    for command in [
        "lvremove -f vg0/data",
        "lvchange --cachemode writeback vg0/data",
    ] {
        let refused = answer(&group, command).expect_err(command);
        assert!(refused.contains("a volume stands on itself"), "{refused}");
    }
    let twice = report.replace("\"waits\"", "\"data\"");
    let error = read_reports(&twice).expect_err("two of a name").to_string();
    assert!(
        error.ends_with("there are two logical volumes `data`"),
        "{error}"
    );
}

#[test]
fn roles_and_ids_say_whose_snapshot_a_volume_is_where_nothing_else_does() {
    let lines = recordings::lines("reports.jsonl.gz");
    let mut lines = lines.map(|line| serde_json::from_str::<Value>(&line).expect("JSON"));
    let mut line = lines
        .find(|line| line["name"] == "snapshot")
        .expect("there");
    let metadata = read(line["metadata"].as_str().expect("text")).expect("right");
    let joins = |group: &VolumeGroup| -> Vec<String> {
        let lines = said(group).into_iter();
        lines.filter(|line| line.contains(" snapshot ")).collect()
    };
    let rows = &mut line["report"]["report"][0]["lv"];
    for row in rows.as_array_mut().expect("rows") {
        let row = row.as_object_mut().expect("a row");
        row.retain(|field, _| field != "lv_attr" && field != "origin");
    }
    let groups = read_reports(&line["report"].to_string()).expect("enough");
    assert_eq!(joins(&groups[0]), joins(&metadata));
    assert_eq!(joins(&metadata).len(), 4);
}

#[test]
fn nothing_is_planned_with_a_volume_whose_type_is_not_said() {
    let mut groups = read_reports(&format!("{SEGMENTS}{WITHOUT_TYPES}")).expect("enough for new");
    let group = groups.remove(0);
    let data = group.logical_volume("data").expect("it is there");
    assert_eq!(data.extents(), 4);
    for command in [
        "lvcreate -s -l 2 -n fresh vg0/data",
        "lvextend -l +2 vg0/data",
        "lvremove -f vg0/data",
        "lvconvert --type thin-pool vg0/data",
    ] {
        let refused = answer(&group, command).expect_err(command);
        assert!(
            refused.contains("a table of `lvs -a` needs segtype"),
            "{refused}"
        );
    }
    assert!(answer(&group, "lvcreate -l 12 -n fresh vg0").is_ok());
}

/// The group with its volumes by name, and one name for each disk that is gone and for each volume that joins a snapshot
/// with its origin.
fn in_order(group: &VolumeGroup) -> VolumeGroup {
    let mut group = group.clone();
    let gone = group.physical_volumes.iter_mut().filter(|one| one.missing);
    for (number, disk) in gone.enumerate() {
        disk.device = format!("gone{number}");
    }
    group.logical_volumes.sort_by_key(name_of);
    let joining = group.logical_volumes.iter_mut();
    let joining = joining.filter(|volume| name_of(volume) != volume.name);
    for (number, volume) in joining.enumerate() {
        volume.name = format!("snapshot{number}");
    }
    group
}
