//! JSON reports: what they hold is read as the metadata says it, what they lack is named.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use extentplan::lvm::{
    Part, ReportError, VolumeGroup, audit, looks_like_metadata, looks_like_report, read,
    read_reports,
};

/// A folder of metadata and reports from other machines, where `EXTENTPLAN_SAMPLES` names one.
fn samples() -> Option<PathBuf> {
    let folder = std::env::var_os("EXTENTPLAN_SAMPLES");
    if folder.is_none() {
        eprintln!("skipped: EXTENTPLAN_SAMPLES names no folder");
    }
    folder.map(PathBuf::from)
}

fn model(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/lvm2");
    fs::read_to_string(folder.join(name)).expect("a model")
}

fn only_group(text: &str) -> VolumeGroup {
    let mut groups = read_reports(text).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(groups.len(), 1);
    groups.remove(0)
}

/// Free extents per physical volume, as `first-last` runs.
fn free(group: &VolumeGroup) -> Vec<String> {
    let runs = |areas: &extentplan::core::Areas| {
        let runs: Vec<String> = areas.iter().map(|area| area.to_string()).collect();
        runs.join(" ")
    };
    group.free().iter().map(runs).collect()
}

/// What metadata and report both hold, one line per volume and segment, by name.
fn told(group: &VolumeGroup) -> Vec<String> {
    let name = |part: &Part| match part {
        Part::Physical { volume, start } => {
            format!("{}:{start}", group.physical_volumes[*volume].device)
        }
        Part::Logical { volume, start } => format!("{volume}:{start}"),
    };
    let mut told = vec![format!(
        "{} {} {} {} {:?} {}",
        group.name,
        group.id,
        group.seqno,
        group.extent_size_sectors,
        group.tags,
        group.policy.name()
    )];
    for (volume, free) in group.physical_volumes.iter().zip(free(group)) {
        told.push(format!(
            "{} {} {} {} {} {:?} {free}",
            volume.device,
            volume.id,
            volume.extents,
            volume.allocatable,
            volume.missing,
            volume.tags
        ));
    }
    for volume in &group.logical_volumes {
        told.push(format!(
            "{} {} {} {:?} {}",
            volume.name,
            volume.id,
            volume.policy.name(),
            volume.tags,
            volume.is_visible()
        ));
        for segment in &volume.segments {
            let parts: Vec<String> = segment.parts.iter().map(name).collect();
            told.push(format!(
                "{} {} {} {} {} {:?}",
                volume.name,
                segment.start_extent,
                segment.extent_count,
                segment.segment_type,
                parts.join(" "),
                segment.numbers.get("region_size")
            ));
        }
    }
    told.sort();
    told
}

#[test]
fn a_full_report_says_what_the_metadata_says() {
    // Sizes in sectors without a unit; in units for people.
    for name in ["raid1-shared-disk", "tags-and-policies"] {
        let report = model(&format!("{name}.json"));
        assert!(looks_like_report(&report) && !looks_like_metadata(&report));
        let metadata = read(&model(&format!("{name}.vg"))).expect("valid");
        assert_eq!(told(&only_group(&report)), told(&metadata), "{name}");
    }
}

#[test]
fn physical_segments_alone_say_what_is_free() {
    let metadata = read(&model("segments.vg")).expect("valid");
    let group = only_group(&model("segments.json"));
    assert_eq!(free(&group), free(&metadata));
    assert_eq!(group.extent_size_sectors, 8192);
    assert_eq!(group.status, metadata.status);
    let grown = group.logical_volume("grown").expect("it is in the report");
    assert_eq!(
        grown.segments,
        metadata.logical_volume("grown").expect("there").segments
    );
}

#[test]
fn tables_as_people_post_them_say_what_the_metadata_says() {
    let mut metadata = read(&model("raid5.vg")).expect("valid");
    // What no column shows.
    (metadata.id, metadata.seqno) = (String::new(), 0);
    for disk in &mut metadata.physical_volumes {
        disk.id.clear();
    }
    for volume in &mut metadata.logical_volumes {
        volume.id.clear();
        for segment in &mut volume.segments {
            segment.numbers.remove("region_size");
        }
    }
    let tables = model("raid5.txt");
    assert!(looks_like_report(&tables));
    let group = only_group(&tables);
    assert_eq!(free(&group), free(&metadata));
    assert_eq!(told(&group), told(&metadata));
    assert_eq!(group.extent_size_sectors, metadata.extent_size_sectors);
    // Whoever copies from a terminal loses the blanks in front of the first line.
    let (prompts, plain): (Vec<&str>, Vec<&str>) =
        tables.lines().partition(|line| line.starts_with("root@"));
    let copied = plain.join("\n");
    assert_eq!(
        (prompts.len(), told(&only_group(copied.trim()))),
        (2, told(&metadata))
    );
    // The physical segments alone say what is free, and which name holds the rest.
    let pieces = tables
        .split("root@host:~# lvs")
        .next()
        .expect("the first table");
    assert_eq!(free(&only_group(pieces)), free(&metadata));
}

/// Without a column for the number of legs.
const RAID1_TABLES: &str = "\
  VG     #PV #LV #SN Attr   VSize   VFree   Ext
  orc_vg   2   1   0 wz--n- 800.00m 632.00m 4.00m

  PV                           VG     Fmt  Attr PSize   PFree   Start SSize LV             Start Type   PE Ranges
  /dev/mapper/storage-array-p0 orc_vg lvm2 a--  400.00m 316.00m     0     1 [mir_rmeta_0]      0 linear /dev/mapper/storage-array-p0:0-0
  /dev/mapper/storage-array-p0 orc_vg lvm2 a--  400.00m 316.00m     1    20 [mir_rimage_0]     0 linear /dev/mapper/storage-array-p0:1-20
  /dev/mapper/storage-array-p0 orc_vg lvm2 a--  400.00m 316.00m    21    79                    0 free
  /dev/mapper/storage-array-p1 orc_vg lvm2 a--  400.00m 316.00m     0     1 [mir_rmeta_1]      0 linear /dev/mapper/storage-array-p1:0-0
  /dev/mapper/storage-array-p1 orc_vg lvm2 a--  400.00m 316.00m     1    20 [mir_rimage_1]     0 linear /dev/mapper/storage-array-p1:1-20
  /dev/mapper/storage-array-p1 orc_vg lvm2 a--  400.00m 316.00m    21    79                    0 free

  LV             VG     Attr       Type   Start SSize Devices                         Metadata Devs
  mir            orc_vg rwi---r--- raid1      0    20 mir_rimage_0(0),mir_rimage_1(0) mir_rmeta_0(0),mir_rmeta_1(0)
  [mir_rimage_0] orc_vg Iwi---r--- linear     0    20 /dev/mapper/storage-array-p0(1)
  [mir_rimage_1] orc_vg Iwi---r--- linear     0    20 /dev/mapper/storage-array-p1(1)
  [mir_rmeta_0]  orc_vg ewi---r--- linear     0     1 /dev/mapper/storage-array-p0(0)
  [mir_rmeta_1]  orc_vg ewi---r--- linear     0     1 /dev/mapper/storage-array-p1(0)
";

#[test]
fn legs_and_their_metadata_are_told_apart_where_no_column_counts_them() {
    let group = only_group(RAID1_TABLES);
    let mirrored = group.logical_volume("mir").expect("it is there");
    assert_eq!(mirrored.segments[0].numbers.get("device_count"), Some(&2));
    assert!(audit(&group, &[]).findings.is_empty());
}

#[test]
fn images_and_metadata_are_paired_by_their_names_where_no_column_lists_the_metadata() {
    let column = " mir_rmeta_0(0),mir_rmeta_1(0)";
    let plain = RAID1_TABLES
        .replace(column, "")
        .replace(" Metadata Devs", "");
    assert_eq!(told(&only_group(&plain)), told(&only_group(RAID1_TABLES)));
    // Names that are not in the report tell nothing, and half of the images are never taken for metadata.
    let unnamed: Vec<&str> = plain
        .lines()
        .filter(|line| !line.contains("mir_rmeta"))
        .collect();
    let error = read_reports(&unnamed.join("\n")).expect_err("no metadata");
    let text = error.to_string();
    assert!(
        text.contains("the metadata of the images of `mir` (add it with `-o +metadata_devices`)"),
        "{text}"
    );
}

#[test]
fn what_is_almost_a_table_is_told_how_it_becomes_one() {
    use extentplan::lvm::almost_table;
    let first = "PV,VG,Fmt,Attr,PSize,PFree\n/dev/p0,vg0,lvm2,a--,800.00m,424.00m\n";
    let quoted = "> PV VG Fmt Attr PSize\n> /dev/p0 vg0 lvm2 a-- 1.00g\n";
    let bare = "  data vg0 -wi-a----- 40.00m\n";
    for (text, what) in [
        (first, "--separator"),
        (quoted, "quotation"),
        (bare, "--noheadings"),
    ] {
        let found = almost_table(text).expect(text);
        assert!(found.contains(what), "{found}");
    }
    assert_eq!(almost_table("vg0 {\nid = \"x\"\n"), None);
    // Exact sizes without a count of extents leave the size of these open, and are not called rounded.
    let exact =
        "PV      VG  Fmt  Attr PSize      PFree\n/dev/p0 vg0 lvm2 a--  838860800B 444596224B\n";
    let error = read_reports(exact).expect_err("no extent size");
    let text = error.to_string();
    assert!(
        text.contains("its extent size (add it with `-o +vg_extent_size`)"),
        "{text}"
    );
}

/// With `report/mark_hidden_devices=0`: as [`RAID1_TABLES`], at the places that are left where no name has brackets.
fn without_brackets(tables: &str) -> String {
    let lines = tables.lines().map(|line| {
        let plain: String = line
            .chars()
            .filter(|letter| !"[]".contains(*letter))
            .collect();
        match line.find(']') {
            // The cell is as wide as before.
            Some(end) => format!("{}  {}\n", &plain[..end - 1], &plain[end - 1..]),
            None => format!("{plain}\n"),
        }
    });
    lines.collect()
}

#[test]
fn hidden_volumes_are_known_by_their_names_where_nothing_marks_them() {
    let marked = only_group(RAID1_TABLES);
    let unmarked = only_group(&without_brackets(RAID1_TABLES));
    assert_eq!(told(&unmarked), told(&marked));
    assert_eq!(
        unmarked
            .logical_volume("mir_rimage_0")
            .map(|one| one.is_visible()),
        Some(false)
    );
}

/// What LVM2 2.03.16 prints of a group with a mirror, a linear volume and a snapshot of it.
const LISTS: &str = "\
# vgs -v
  VG     Attr   Ext   #PV #LV #SN VSize   VFree   VG UUID                                VProfile
  orc_vg wz--n- 4.00m   3   3   1 948.00m 708.00m orcVG0-0000-0000-0000-0000-0000-000001

# pvs
  PV      VG     Fmt  Attr PSize   PFree
  /dev/p0 orc_vg lvm2 a--  240.00m  44.00m
  /dev/p1 orc_vg lvm2 u--  308.00m 308.00m
  /dev/p2 orc_vg lvm2 a--  400.00m 356.00m

# lvs -a -o+devices
  LV              VG     Attr       LSize   Pool Origin Data%  Meta%  Move Log Cpy%Sync Convert Devices
  data            orc_vg rwi---r---  40.00m                                                     data_rimage_0(0),data_rimage_1(0)
  [data_rimage_0] orc_vg Iwi---r---  40.00m                                                     /dev/p0(1)
  [data_rimage_1] orc_vg Iwi---r---  40.00m                                                     /dev/p2(1)
  [data_rmeta_0]  orc_vg ewi---r---   4.00m                                                     /dev/p0(0)
  [data_rmeta_1]  orc_vg ewi---r---   4.00m                                                     /dev/p2(0)
  lin             orc_vg owi---s--- 132.00m                                                     /dev/p0(11)
  snap            orc_vg swi---s---  20.00m      lin                                            /dev/p0(44)
";

#[test]
fn lists_of_volumes_with_their_devices_say_what_is_free_where_their_sizes_leave_no_doubt() {
    let group = only_group(LISTS);
    assert_eq!(free(&group), ["49-59", "0-76", "11-99"]);
    let linear = group.logical_volume("lin").expect("it is there");
    assert_eq!((linear.extents(), linear.segments[0].start_extent), (33, 0));
    // A volume that is not listed, and a size that is rounded: what is free cannot be told.
    let hidden = LISTS.lines().filter(|line| !line.contains("rmeta_1]"));
    let hidden: String = hidden.map(|line| format!("{line}\n")).collect();
    let rounded = LISTS.replace("356.00m", "  <0.4g");
    for (text, disk) in [(hidden, "/dev/p2"), (rounded, "/dev/p2")] {
        let error = read_reports(&text)
            .expect_err("it is not enough")
            .to_string();
        let expected = format!(
            "who holds which extents of `{disk}` (add it with `pvs --segments -o +lv_name`)"
        );
        assert!(error.contains(&expected), "{error}");
    }
}

#[test]
fn what_a_report_says_twice_has_to_agree() {
    let place = |text: &str, word: &str, nth: usize| {
        let at = text.match_indices(word).nth(nth).expect(word).0;
        let before = &text[..at];
        let column = at - before.rfind('\n').map_or(0, |end| end + 1) + 1;
        format!(
            "line {}, column {column}: ",
            before.matches('\n').count() + 1
        )
    };
    let group = "the report of volume group `orc_vg` contradicts itself: ";
    for (from, to, said) in [
        (
            "316.00m    21",
            "320.00m    21",
            "`pv_free` of `/dev/mapper/storage-array-p0` is `320.00m`, and by the segments in the report it is 79 extents (331350016B)",
        ),
        (
            "632.00m 4.00m",
            "636.00m 4.00m",
            "`vg_free` of `orc_vg` is `636.00m`, and by the segments in the report it is 158 extents (662700032B)",
        ),
        (
            "800.00m 632",
            "804.00m 632",
            "`vg_size` of `orc_vg` is `804.00m`, and by the segments in the report it is 200 extents (838860800B)",
        ),
        (
            "400.00m 316",
            "404.00m 316",
            "`pv_size` of `/dev/mapper/storage-array-p0` is `404.00m`, and by the segments in the report it is 100 extents (419430400B)",
        ),
        (
            "79                    0 free",
            "79                    0 linear",
            "extents 21-99 are `linear`, and no volume holds them",
        ),
        (
            "[mir_rmeta_0]      0 linear",
            "[mir_rmeta_0]      0 free  ",
            "extents 0-0 are `free`, and the volume `[mir_rmeta_0]` holds them",
        ),
        (
            "[mir_rimage_0]     0 linear",
            "[mir_rmeta_0]      0 linear",
            "extents 1-20 of `/dev/mapper/storage-array-p0` are held by `mir_rmeta_0`, and 1-20 by `mir_rimage_0`",
        ),
    ] {
        let text = RAID1_TABLES.replacen(from, to, 1);
        assert_ne!(text, RAID1_TABLES, "{from}");
        let error = read_reports(&text).expect_err(said).to_string();
        assert!(error.contains(&format!("{group}{said}")), "{error}\n{said}");
        assert!(error.starts_with("line "), "{error}");
    }
    let larger = RAID1_TABLES.replacen("632.00m", "640.00m", 1);
    let error = read_reports(&larger).expect_err("it differs").to_string();
    assert!(error.starts_with(&place(&larger, "640.00m", 0)), "{error}");
}

#[test]
fn a_table_whose_words_stand_elsewhere_or_that_lacks_something_is_refused() {
    let tables = model("raid5.txt");
    let pieces = tables
        .split("root@host:~# lvs")
        .next()
        .expect("the first table");
    let moved = pieces.replacen("lvm2 a--", "lvm2  a--", 2);
    let of_line = |text: &str, line: usize| text.lines().nth(line).map(str::to_string);
    let moved_line = of_line(&moved, 2).expect("a row");
    let headings = of_line(pieces, 1).expect("headings");
    let only_pieces = headings.find("LV ").expect("a column");
    let without_holders: String = pieces
        .lines()
        .skip(1)
        .map(|line| format!("{}\n", line.get(..only_pieces).unwrap_or(line).trim_end()))
        .collect();
    for (text, message) in [
        (moved, format!("line 3: found `{}`", moved_line.trim())),
        (
            format!("{pieces}nothing of LVM2\n"),
            "found `nothing of LVM2`".to_string(),
        ),
        (
            without_holders,
            "(add it with `pvs --segments -o +lv_name`)".to_string(),
        ),
        (
            tables
                .split_once("root@host:~# lvs")
                .map(|(_, lvs)| lvs.split_once('\n').expect("a table").1.to_string())
                .expect("a second table"),
            "does not hold its physical volumes".to_string(),
        ),
    ] {
        let error = read_reports(&text).expect_err(&message).to_string();
        assert!(error.contains(&message), "{error}\nexpected: {message}");
    }
}

#[test]
fn the_same_report_in_other_units_and_in_json_std_is_the_same_group() {
    let report = model("raid1-shared-disk.json");
    let expected = only_group(&report);
    let bytes = with_sizes(&report, |sectors| (sectors * 512).to_string());
    let suffixed = with_sizes(&report, |sectors| {
        format!("{}.{:02}m", sectors / 2048, sectors % 2048 * 100 / 2048)
    });
    let mut numbers: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    as_json_std(&mut numbers);
    let numbers = numbers.to_string();
    assert!(numbers.contains("\"pvseg_start\":0") && numbers.contains("\"lv_tags\":[]"));
    for text in [bytes, suffixed, numbers] {
        assert_eq!(only_group(&text), expected);
    }
}

/// A report in sectors with all its sizes written otherwise.
fn with_sizes(report: &str, written: impl Fn(u64) -> String) -> String {
    let mut report: serde_json::Value = serde_json::from_str(report).expect("JSON");
    let lists = report["report"][0].as_object_mut().expect("lists");
    let rows = lists.values_mut().filter_map(|rows| rows.as_array_mut());
    for row in rows.flatten() {
        for (name, field) in row.as_object_mut().expect("a row") {
            let is_size = name == "pe_start"
                || ["_size", "_free", "_used"]
                    .iter()
                    .any(|end| name.ends_with(end));
            let sectors = field.as_str().and_then(|text| text.parse().ok());
            if let Some(sectors) = sectors.filter(|_| is_size && name != "pvseg_size") {
                *field = written(sectors).into();
            }
        }
    }
    report.to_string()
}

/// Counts as numbers, tags and roles as lists, nothing as null: what `json_std` changes.
fn as_json_std(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Array(items) => items.iter_mut().for_each(as_json_std),
        serde_json::Value::Object(fields) => {
            for (name, field) in fields {
                let Some(text) = field.as_str().map(str::to_string) else {
                    as_json_std(field);
                    continue;
                };
                if name.ends_with("_tags") || name == "lv_role" {
                    *field = text.split(',').filter(|tag| !tag.is_empty()).collect();
                } else if let Ok(number) = text.parse::<u64>() {
                    *field = number.into();
                } else if text.is_empty() && !name.starts_with("lv_uuid") {
                    *field = serde_json::Value::Null;
                }
            }
        }
        _ => {}
    }
}

#[test]
fn messages_in_front_and_inside_are_skipped() {
    let report = model("segments.json");
    let expected = only_group(&report);
    let mixed = format!(
        "  WARNING: Device /dev/sdx not initialized in udev database.\n{}\n  File descriptor 3 leaked.\n",
        report.replace(
            "[\n",
            "[\n  WARNING: VG vg0 was previously updated: \"odd\" {\n"
        )
    );
    assert!(looks_like_report(&mixed) && !looks_like_metadata(&mixed));
    assert_eq!(only_group(&mixed), expected);
}

#[test]
fn other_json_does_not_look_like_a_report() {
    for text in [
        "{}",
        "[]",
        "{ \"sources\": [ { \"name\": \"report\", \"tags\": [\"report\"] } ] }",
        "{ \"report_of\": [] }",
        "tags = [\"report\"]",
    ] {
        assert!(!looks_like_report(text), "{text}");
    }
    assert!(looks_like_report("{\n \"report\" : [] }"));
}

#[test]
fn several_groups_and_several_reports_are_read_together() {
    let Some(folder) = samples() else { return };
    let text = fs::read_to_string(folder.join("hansmi_multivg.json")).expect("a sample");
    let groups = read_reports(&text).unwrap_or_else(|error| panic!("{error}"));
    let told: Vec<_> = groups
        .iter()
        .map(|group| (group.name.as_str(), free(group)))
        .collect();
    assert_eq!(
        told,
        [
            ("vgbbb", vec!["31-248".to_string()]),
            ("vgaaa", vec!["1-248".to_string()])
        ]
    );

    // Four reports of one machine, none of them enough alone, one behind the other.
    let reports = ["pvs.pv_all", "pvs.pvseg_all", "vgs.vg_all", "lvs.lv_all"];
    let text: String = reports
        .iter()
        .map(|name| {
            fs::read_to_string(folder.join(format!("admintoolkit_{name}.json"))).expect(name)
        })
        .collect();
    let groups = read_reports(&text).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(groups.len(), 2);
    let disks: Vec<_> = groups
        .iter()
        .flat_map(|group| group.physical_volumes.iter().zip(group.free()))
        .map(|(disk, free)| (disk.device.as_str(), disk.extents, free.total()))
        .collect();
    // Extents in all less allocated ones, as `pv_pe_alloc_count` has them.
    assert_eq!(
        disks,
        [
            ("/dev/md127", 472_846, 472_846 - 383_990),
            ("/dev/sda3", 29_776, 29_776 - 16_281),
            ("/dev/sdb3", 29_776, 29_776 - 14_041)
        ]
    );
    assert!(groups.iter().all(|group| group.extent_size_sectors >= 8192));
}

#[test]
fn every_sample_is_read_or_lacks_something_that_has_an_option() {
    let Some(folder) = samples() else { return };
    let mut read_samples = 0;
    let mut lacking = 0;
    for entry in fs::read_dir(&folder).expect("the samples") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a sample");
        assert!(looks_like_report(&text), "{}", path.display());
        match read_reports(&text) {
            Ok(_) => read_samples += 1,
            Err(ReportError::Missing { fields, .. }) => {
                assert!(fields.iter().all(|field| !field.option.is_empty()));
                lacking += 1;
            }
            Err(ReportError::NoVolumeGroup) => lacking += 1,
            Err(other) => panic!("{}: {other}", path.display()),
        }
    }
    assert!(
        read_samples >= 1 && lacking >= 20,
        "{read_samples} read, {lacking} not"
    );
}

#[test]
fn what_a_report_lacks_is_named_with_the_option_that_adds_it() {
    let full = model("segments.json");
    let without = |field: &str| {
        let mut report: serde_json::Value = serde_json::from_str(&full).expect("JSON");
        for row in report["report"][0]["pvseg"].as_array_mut().expect("rows") {
            row.as_object_mut().expect("a row").remove(field);
        }
        read_reports(&report.to_string())
            .map(|_| ())
            .expect_err(field)
            .to_string()
    };
    for (field, missing) in [
        (
            "vg_extent_size",
            "its extent size (add it with `-o +vg_extent_size`)",
        ),
        (
            "pv_attr",
            "the state of `/dev/sda`, `/dev/sdb`, `/dev/sdc` (add it with `-o +pv_attr`)",
        ),
        (
            "pvseg_start",
            "the number of extents of `/dev/sda`, `/dev/sdb`, `/dev/sdc` (add it with `-o +pv_pe_count`)",
        ),
        (
            "pv_name",
            "the physical volume of each physical segment (add it with `-o +pv_name`)",
        ),
    ] {
        let error = without(field);
        assert_eq!(
            error,
            format!("the report of volume group `vg0` does not hold {missing}")
        );
    }
    assert!(without("vg_name").contains("`-o +vg_name`"));
    // Nobody says who holds what, and no count says that the rest is free.
    let mut report: serde_json::Value = serde_json::from_str(&full).expect("JSON");
    for row in report["report"][0]["pvseg"].as_array_mut().expect("rows") {
        row.as_object_mut()
            .expect("a row")
            .retain(|field, _| !field.starts_with("lv_") && field != "segtype");
    }
    let error = read_reports(&report.to_string()).expect_err("who holds what is missing");
    assert!(
        error
            .to_string()
            .contains("who holds which extents of `/dev/sda`"),
        "{error}"
    );
}

#[test]
fn reports_that_contradict_themselves_or_are_rounded_are_refused() {
    let pieces = model("segments.json");
    let full = model("tags-and-policies.json");
    for (text, message) in [
        (
            pieces.replace("4194304B", "<4.00m"),
            "it is rounded: add `--units b`",
        ),
        (
            pieces.replace("4194304B", "1.00U"),
            "its unit cannot be told: add `--units b`",
        ),
        (
            pieces.replace(
                "\"pvseg_start\":\"45\", \"pvseg_size\":\"5\"",
                "\"pvseg_start\":\"45\", \"pvseg_size\":\"4\"",
            ),
            "does not hold all physical segments of `/dev/sda`",
        ),
        (
            full.replacen(
                "\"pv_pe_alloc_count\":\"30\"",
                "\"pv_pe_alloc_count\":\"29\"",
                1,
            ),
            "`/dev/sda` has 29 allocated extents, and segments that hold 30",
        ),
        (
            full.replace("/dev/sda:0-19", "/dev/sda:50-69"),
            "`contiguous` holds extents 50-69 of `/dev/sda`, which has 60",
        ),
        (
            full.replace("/dev/sda:0-19", "/dev/sda:30-49"),
            "extents 0-19 of `/dev/sda` are held by `contiguous`, and no segment of `contiguous` has them",
        ),
        (
            full.replace("/dev/sda:0-19", "/dev/sda:10-29"),
            "extents of `/dev/sda` are held by `contiguous` (10-29) and by `anywhere` (20-29)",
        ),
        (
            full.replace("\"pv_pe_count\":\"60\"", "\"pv_pe_count\":\"99999999999\""),
            "found `99999999999` for `pv_pe_count`",
        ),
        (
            pieces.replace("\"report\"", "\"other\""),
            "an object without `report`",
        ),
        (pieces[..pieces.len() / 2].to_string(), "not JSON"),
        ("{\"report\": 5}".to_string(), "found a number as `report`"),
        (
            "{\"report\": [{\"pv\": [[]]}]}".to_string(),
            "found a list as a row",
        ),
        (String::new(), "found no report"),
        ("{\"report\": []}".to_string(), "found no report"),
        (
            "{\"report\": [{\"pv\": []}]}".to_string(),
            "names no volume group",
        ),
        ("[".repeat(100_000), "not JSON"),
    ] {
        let error = read_reports(&text).expect_err(message).to_string();
        assert!(error.contains(message), "{error}\nexpected: {message}");
    }
}

proptest! {
    #[test]
    fn damaged_reports_are_read_or_refused(
        name in prop::sample::select(vec!["segments.json", "raid1-shared-disk.json", "tags-and-policies.json"]),
        at in any::<prop::sample::Index>(),
        length in 0..40_usize,
        with in prop::sample::select(vec!["", "\"", "{", "]", "-1", "99999999999999999999", "[unknown]", "é", "\0"]),
    ) {
        let mut bytes = model(name).into_bytes();
        let at = at.index(bytes.len());
        let end = bytes.len().min(at + length);
        bytes.splice(at..end, with.bytes());
        if let Ok(groups) = read_reports(&String::from_utf8_lossy(&bytes)) {
            for group in groups {
                let held: u64 = group.logical_volumes.iter().flat_map(|volume| &volume.segments)
                    .flat_map(|segment| segment.physical()).map(|(_, area)| area.count()).sum();
                let free: u64 = group.free().iter().map(|areas| areas.total()).sum();
                let all: u64 = group.physical_volumes.iter().map(|volume| volume.extents).sum();
                prop_assert_eq!(held + free, all);
                let _ = audit(&group, &[]);
            }
        }
    }
}
