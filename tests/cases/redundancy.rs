//! What a failure costs is judged by all that a volume stands on.

use crate::run;

#[test]
fn a_pool_whose_metadata_is_held_once_does_not_survive_its_disk() {
    let survive = run("capacity @data/raid5-thin.vg --survive 1");
    assert_eq!(survive.code, Some(1), "{}", survive.out);
    let lost = "/dev/sdb fails: DATA LOST: thin_vg, lvol";
    assert!(survive.words().contains(lost), "{}", survive.out);
    let kept = "/dev/sdc fails: repaired in place: thin_vg_tdata";
    // The other disks hold one leg each; there is a fifth disk's worth of room nowhere.
    assert!(!survive.words().contains("none of"), "{}", survive.out);
    assert!(
        survive.words().contains(kept) || survive.words().contains("/dev/sdc fails: no room"),
        "{}",
        survive.out
    );
}

#[test]
fn what_is_held_once_beside_copies_of_the_rest_is_unsafe() {
    for (file, claim) in [
        (
            "thin-raid-data-linear-meta",
            "pool (thin-pool) is lost with /dev/sdc",
        ),
        (
            "writecache-on-one-ssd",
            "data (writecache) is lost with /dev/sdc",
        ),
        ("raid5-thin", "thin_vg (thin-pool) is lost with /dev/sdb"),
        ("snapshot-of-raid", "snap (snapshot) is lost with /dev/sdc"),
    ] {
        let audit = run(&format!("audit @data/{file}.vg"));
        assert_eq!(audit.code, Some(1), "{file}: {}", audit.out);
        assert!(
            audit.words().contains("unsafe: 1,"),
            "{file}: {}",
            audit.out
        );
        assert!(audit.words().contains(claim), "{file}: {}", audit.out);
    }
}

#[test]
fn a_cache_loses_data_only_where_it_holds_some_alone() {
    let text =
        std::fs::read_to_string("tests/cases/data/writecache-on-one-ssd.vg").expect("a file");
    let folder = tempfile::tempdir().expect("a folder");
    for (mode, code) in [("writethrough", 0), ("writeback", 1)] {
        let cache = format!(
            "type = \"cache+CACHE_USES_CACHEVOL\"\ncache_pool = \"fast_cvol\"\ncache_mode = \"{mode}\"\n\
             chunk_size = 128"
        );
        let from = text.find("type = \"writecache\"").expect("its type");
        let end = from + text[from..].find("origin = ").expect("its origin");
        let text = format!("{}{cache}\n{}", &text[..from], &text[end..]);
        let path = folder.path().join(mode);
        std::fs::write(&path, text).expect("written");
        let audit = run(&format!("audit {}", path.display()));
        assert_eq!(audit.code, Some(code), "{mode}: {}{}", audit.out, audit.err);
    }
}

#[test]
fn a_cache_pool_whose_metadata_is_held_once_takes_along_what_only_it_holds() {
    let text = std::fs::read_to_string("tests/cases/data/cache-metadata-on-one.vg");
    let text = text.expect("a file");
    let folder = tempfile::tempdir().expect("a folder");
    for (mode, code) in [("writethrough", 0), ("passthrough", 0), ("writeback", 1)] {
        let path = folder.path().join(mode);
        std::fs::write(&path, text.replace("writethrough", mode)).expect("written");
        let audit = run(&format!("audit {}", path.display()));
        assert_eq!(audit.code, Some(code), "{mode}: {}{}", audit.out, audit.err);
        let survived = run(&format!("capacity {} --survive 1", path.display()));
        assert_eq!(
            survived.out.contains("DATA LOST: slow"),
            code == 1,
            "{mode}: {}",
            survived.out
        );
    }
}

#[test]
fn a_report_without_hidden_volumes_is_not_judged_and_the_option_is_named() {
    for words in [
        "capacity @data/report-without-hidden.json --survive 1",
        "capacity @data/report-raid10-without-hidden.json --survive 1",
        "capacity @data/report-segments-raid1-shared-disk.json --survive 1",
        "audit @data/report-without-hidden.json",
        "audit @data/report-raid10-without-hidden.json",
        "audit @data/report-segments-raid1-shared-disk.json",
        "plan @data/report-raid10-without-hidden.json -- lvextend -l +4 vg0/data",
        "plan @data/report-without-hidden.json -- lvextend -l +4 lvmr5/thin_vg",
    ] {
        let asked = run(words);
        assert_eq!(asked.code, Some(2), "{words}: {}", asked.out);
        assert!(asked.err.contains("--all"), "{words}: {}", asked.err);
        assert!(!asked.out.contains("none of"), "{words}: {}", asked.out);
    }
}

#[test]
fn a_tag_that_no_disk_has_is_an_error() {
    for words in [
        "capacity models/lvm2/raid5.vg --survive 1 --domain rack1",
        "audit models/lvm2/raid5.vg --tag rack9",
        "audit models/lvm2/tags-and-policies.vg --tag @rack99",
    ] {
        let asked = run(words);
        assert_eq!((asked.code, asked.out.as_str()), (Some(2), ""), "{words}");
        assert!(asked.err.contains("has the tag @rack"), "{}", asked.err);
    }
}

#[test]
fn where_nothing_is_redundant_a_failure_is_not_survived() {
    let survive = run("capacity models/lvm2/linear.vg --survive 1");
    assert_eq!(survive.code, Some(1), "{}", survive.out);
    assert!(
        survive.out.starts_with("no volume is redundant"),
        "{}",
        survive.out
    );
    assert!(
        survive.words().contains("no copy or parity of it"),
        "{}",
        survive.out
    );
}

#[test]
fn what_is_lost_for_one_cause_is_found_once() {
    let audited = run("audit @data/writecache-below-pool.vg");
    let words = audited.words();
    assert!(words.contains("unsafe: 1,"), "{words}");
    let cause = "d2_tdata (writecache) is lost with /dev/p4, whatever copies there are of the rest: fast_cvol is held once";
    assert!(words.contains(cause), "{words}");
    assert!(words.contains("lost d2"), "{words}");
}
