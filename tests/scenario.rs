//! What if: scenario files on volume groups and on problems, and what they refuse.

use std::fs;
use std::path::Path;

use extentplan::core::{Problem, Request};
use extentplan::lvm::{self, Settings, VolumeGroup, owners};
use extentplan::scenario::{self, Growing, Rate};

fn group(name: &str) -> VolumeGroup {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("models/lvm2")
        .join(name);
    lvm::read(&fs::read_to_string(path).expect("it is there")).expect("it is metadata")
}

fn after(name: &str, scenario: &str) -> Result<VolumeGroup, String> {
    let scenario = scenario::read(scenario).map_err(|error| error.to_string())?;
    let changed = scenario.applied_to_group(&group(name), &Settings::default());
    changed.map_err(|error| error.to_string())
}

fn names(group: &VolumeGroup) -> Vec<&str> {
    let names = group.logical_volumes.iter();
    names.map(|volume| volume.name.as_str()).collect()
}

#[test]
fn toml_and_json_say_the_same() {
    let toml = r#"
        drop = ["small"]
        close = ["/dev/sdc"]
        [[add]]
        disk = "/dev/sdx"
        size = "1G"
        tags = ["@rack3"]
        [[resize]]
        disk = "/dev/sda"
        size = 100
    "#;
    let json = r#"{
        "schema": "extentplan/scenario/1",
        "drop": ["vg0/small"],
        "close": ["sdc"],
        "add": [{"disk": "/dev/sdx", "size": "1G", "tags": ["rack3"]}],
        "resize": [{"disk": "/dev/sda", "size": 100}]
    }"#;
    let changed = after("segments.vg", toml).expect("it can be made");
    assert_eq!(after("segments.vg", json), Ok(changed.clone()));
    assert_eq!(names(&changed), ["grown"]);
    let disks: Vec<(u64, bool)> = changed
        .physical_volumes
        .iter()
        .map(|disk| (disk.extents, disk.allocatable))
        .collect();
    // Of 1 GiB, 256 extents, LVM2 keeps 1 MiB for itself.
    assert_eq!(disks, [(100, true), (60, true), (60, false), (255, true)]);
    assert!(changed.physical_volumes[3].tags.contains("rack3"));
    assert_eq!(changed.free_count(), 113 + 7 + 40 + 255);
}

#[test]
fn a_volume_goes_with_what_lies_on_it_and_what_only_it_lies_on() {
    let left = |name: &str, volume: &str| {
        let changed = after(name, &format!("drop = ['{volume}']")).expect("it is there");
        let left: Vec<String> = names(&changed).iter().map(ToString::to_string).collect();
        (left, changed.extent_count() - changed.free_count())
    };
    let none = Vec::<String>::new();
    assert_eq!(left("raid5.vg", "data"), (none.clone(), 0));
    assert_eq!(left("cache.vg", "data"), (none.clone(), 0));
    assert_eq!(left("integrity.vg", "data").1, 0);
    assert_eq!(left("snapshot.vg", "origin"), (none, 0));
    assert_eq!(
        left("snapshot.vg", "before"),
        (vec!["origin".to_string()], 50)
    );
    let (pools, held) = left("thin-pool.vg", "pool");
    assert!(
        pools.contains(&"striped_pool_tdata".to_string()),
        "{pools:?}"
    );
    assert!(
        !pools.iter().any(|name| name.starts_with("pool")),
        "{pools:?}"
    );
    // The other pool with its metadata, and the spare.
    assert_eq!(held, 40 + 1 + 2);
}

#[test]
fn whoever_holds_extents_is_named_as_users_know_it() {
    let named = |file: &str| {
        let group = group(file);
        let pairs = group.logical_volumes.iter().zip(owners(&group));
        let mut names: Vec<String> = pairs
            .filter(|(volume, _)| volume.segments.iter().any(|one| one.physical().count() > 0))
            .flat_map(|(_, owners)| owners)
            .collect();
        names.sort();
        names.dedup();
        names
    };
    assert_eq!(named("raid5.vg"), ["data"]);
    assert_eq!(named("integrity.vg"), ["data"]);
    assert_eq!(named("snapshot.vg"), ["before", "origin"]);
    assert_eq!(
        named("thin-pool.vg"),
        ["lvol0_pmspare", "pool", "striped_pool"]
    );
}

#[test]
fn disks_go_only_when_nothing_is_on_them_and_those_behind_move_up() {
    let refused = after("segments.vg", "remove = ['/dev/sda']").expect_err("it is in use");
    assert_eq!(
        refused,
        "line 1, column 11: `remove[0]`: /dev/sda holds extents of grown, small; expected an empty \
         physical volume"
    );
    let moved = after("snapshot.vg", "remove = ['/dev/sdb']").expect("it is empty");
    assert_eq!(moved.physical_volumes.len(), 1);
    let freed = after("segments.vg", "drop = ['grown', 'small']\nremove = ['sda']");
    assert_eq!(freed.map(|group| group.free_count()), Ok(120));
    let shrunk = after("segments.vg", "[[resize]]\ndisk = 'sda'\nsize = 50\n");
    let message = shrunk.expect_err("its end is in use");
    assert!(
        message.contains("line 2") && message.contains("in use up to 57, by small"),
        "{message}"
    );
}

#[test]
fn a_thin_volume_grows_without_an_extent() {
    let grown = after("thin-pool.vg", "[[grow]]\nvolume = 'thin'\nby = '100M'\n");
    let grown = grown.expect("it takes none");
    assert_eq!(grown.free_count(), 135);
    let thin = grown.logical_volume("thin").expect("it is there");
    assert_eq!(thin.extents(), 125);
}

#[test]
fn a_volume_grows_where_lvm2_would_put_it() {
    let unknown = after("segments.vg", "[[grow]]\nvolume = 'smal'\nby = '10%'\n");
    let message = unknown.expect_err("there is no such volume");
    assert!(
        message.ends_with("there is no logical volume `smal`; there are grown, small"),
        "{message}"
    );
    let grown =
        after("segments.vg", "[[grow]]\nvolume = 'small'\nby = 3\n").expect("there is room");
    let small = grown.logical_volume("small").expect("it is there");
    assert_eq!((small.extents(), small.segments.len()), (10, 1));
    let grown = after("segments.vg", "[[grow]]\nvolume = 'small'\nby = '40M'\n");
    assert_eq!(grown.expect("there is room").free_count(), 103);
    let refused = after("segments.vg", "[[grow]]\nvolume = 'small'\nby = '40G'\n");
    let message = refused.expect_err("there is no room");
    assert!(
        message
            .starts_with("line 2, column 10: `grow[0].volume`: LVM2 does not grow `small`: Insuf"),
        "{message}"
    );
}

#[test]
fn problems_change_by_the_same_keys() {
    let problem = extentplan::json::read_problem(
        r#"{"schema": "extentplan/problem/1",
            "sources": [{"name": "a", "extents": 10, "free": [[0, 10]]},
                        {"name": "b", "extents": 10, "free": [[0, 5]]}],
            "requests": [{"name": "r", "extents": 4, "stripes": 2}, {"name": "s", "extents": 2}]}"#,
    )
    .expect("well formed");
    let scenario = scenario::read(
        "drop = ['s']\nclose = ['b']\n[[add]]\ndisk = 'c'\nsize = 7\n[[grow]]\nvolume = 'r'\nby = '30%'\n",
    )
    .expect("well formed");
    let changed = scenario.applied_to_problem(&problem, None);
    let changed: Problem = changed.expect("it can be made");
    let free: Vec<u64> = changed.sources().iter().map(|s| s.free.total()).collect();
    assert_eq!(free, [10, 0, 7]);
    // 30 % of 4 is 2 extents begun, and 6 is a multiple of the stripes.
    let requests: Vec<&Request> = changed.requests().iter().collect();
    assert_eq!((requests.len(), requests[0].size.wanted()), (1, 6));
    for (text, expected) in [
        (
            "open = ['a']",
            "line 1, column 9: `open[0]`: expected nothing here",
        ),
        (
            "fail = ['x']",
            "line 1, column 9: `fail[0]`: there is no source `x`",
        ),
        (
            "[[add]]\ndisk = 'c'\nsize = '7G'",
            "line 3, column 8: `add[0].size`: found \"7G\"; expected extents",
        ),
    ] {
        let scenario = scenario::read(text).expect("well formed");
        let error = scenario.applied_to_problem(&problem, None);
        let error = error.expect_err("it is refused").to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn what_is_wrong_is_refused_with_its_place_and_what_was_expected() {
    for (text, expected) in [
        (
            "drop = 'x'",
            "line 1, column 8: `drop`: found 'x'; expected a sequence",
        ),
        (
            "drops = []",
            "line 1, column 1: `drops`: unknown field `drops`, expected one of",
        ),
        ("drop = [", "line 1, column 9: not TOML: "),
        ("{\"drop\": [}", "line 1, column 11: not JSON: "),
        (
            "{\"add\": [{\"disk\": \"x\", \"size\": -1}]}",
            "line 1, column 32: `add[0].size`: found -1; expected a whole number of extents, or a size",
        ),
        (
            "[[add]]\ndisk = 'x'\nsize = -1",
            "line 3, column 8: `add[0].size`: found -1; expected a whole number of extents, or a size",
        ),
        (
            "[[add]]\ndisk = 'x'\n",
            "line 1, column 1: `add[0]`: missing field `size`",
        ),
        (
            "[[add]]\ndisk = 'x'\nsize = '5 parsecs'",
            "line 3, column 8: `add[0].size`: found \"5 parsecs\"; expected a size such as",
        ),
        (
            "[[add]]\ndisk = '/dev/sda'\nsize = 5",
            "line 2, column 8: `add[0].disk`: there is a physical volume `/dev/sda` already",
        ),
        (
            "\nretag = [{disk = 'sdq', tags = []}]",
            "line 2, column 18: `retag[0].disk`: there is no physical volume `sdq`; there are /dev/sda, ",
        ),
    ] {
        let error = after("segments.vg", text).expect_err("it is refused");
        assert!(error.starts_with(expected), "{text}\n{error}");
    }
}

/// LVM2 counts extents in 32 bits, a problem of our own its sums in 64.
#[test]
fn disks_with_more_extents_than_are_counted_are_refused() {
    let disk = |extents: u64| format!("add = [{{disk = 'x', size = {extents}}}]");
    let resized = |extents: u64| format!("resize = [{{disk = '/dev/sda', size = {extents}}}]");
    for scenario in [disk, resized] {
        let largest = after("segments.vg", &scenario(u64::from(u32::MAX))).expect("it is counted");
        let counted = largest.extent_count() - u64::from(u32::MAX);
        assert!([120, 180].contains(&counted), "{counted}");
        // TOML has no whole numbers past 2^63 - 1.
        for extents in [1 << 32, i64::MAX as u64] {
            let refused = after("segments.vg", &scenario(extents)).expect_err("too many");
            assert!(
                refused.contains(&format!("would have {extents} extents")),
                "{refused}"
            );
        }
    }
    let source = extentplan::core::Source {
        name: "a".to_string(),
        extents: 1 << 63,
        free: extentplan::core::Areas::none(),
        tags: Default::default(),
        ..extentplan::core::Source::default()
    };
    let problem = Problem::new(vec![source], Vec::new(), Vec::new()).expect("no defects");
    let added = |extents: u64| {
        let scenario = scenario::read(&format!(
            r#"{{"add": [{{"disk": "x", "size": {extents}}}]}}"#
        ));
        scenario
            .expect("a scenario")
            .applied_to_problem(&problem, None)
    };
    assert!(added((1 << 63) - 1).is_ok());
    let refused = added(1 << 63).expect_err("2^64 extents").to_string();
    assert!(refused.contains("exceed 2^64 - 1"), "{refused}");
    assert!(added(u64::MAX).is_err());
}

#[test]
fn growth_is_a_count_a_size_or_a_percentage() {
    let read = |text: &str| {
        let scenario = scenario::read(text).map_err(|error| error.to_string())?;
        let growth = scenario.growth(Some(4 << 20));
        growth.map_err(|error| error.to_string())
    };
    let list = read(
        "[[growth]]\nvolume = 'a'\nper_month = '10M'\n[[growth]]\nper_month = '2.5%'\nshape = '-i 2'\n",
    )
    .expect("well formed");
    // 10 MiB are two extents and a half.
    let months: Vec<Option<u64>> = (1..4).map(|month| list[0].rate.after(0, month)).collect();
    assert_eq!(months, [Some(3), Some(5), Some(8)]);
    assert_eq!(list[1].rate, Rate::Share { parts: 2_500_000 });
    let shape = Some("-i 2".to_string());
    assert_eq!(list[1].what, Growing::Pool { shape });
    for (text, expected) in [
        (
            "[[growth]]\nper_month = 0",
            "line 2, column 13: `growth[0].per_month`: found 0; expected",
        ),
        (
            "[[growth]]\nper_month = 'x%'",
            "line 2, column 13: `growth[0].per_month`: found \"x%\"; exp",
        ),
        (
            "[[growth]]\nper_month = 5\nvolume = 'a'\nshape = '-i 2'",
            "line 4, column 9: `growth[0].shape`: a volume has a shape already",
        ),
    ] {
        let error = read(text).expect_err("it is refused");
        assert!(error.starts_with(expected), "{text}\n{error}");
    }
}
