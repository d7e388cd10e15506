//! Recorded runs of the real LVM2, which simulation has to repeat to the last extent.

use std::fs::File;
use std::path::Path;

use extentplan::lvm::replay::{Report, replay};

/// Replays a recording beside the project; `None` where it is not there.
fn recorded(name: &str, version: &str) -> Option<Report> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/lvm2/oracle")
        .join(name);
    let Ok(file) = File::open(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    };
    let version = version.parse().expect("a version");
    Some(replay(file, version).expect("a recording"))
}

fn assert_clean(report: Option<Report>) {
    let Some(report) = report else { return };
    assert!(report.total.steps > 0);
    assert!(
        report.is_clean(),
        "{:?}\n{:#?}\n{:#?}",
        report.total,
        report.differences,
        report.unsupported
    );
}

#[test]
fn hand_made_scenarios_come_out_as_2_03_16_did_them() {
    assert_clean(recorded("recorded.jsonl.gz", "2.03.16"));
}

#[test]
fn hand_made_scenarios_come_out_as_2_03_40_did_them() {
    assert_clean(recorded("recorded-lvm2-2.03.40.jsonl.gz", "2.03.40"));
}

#[test]
fn random_scenarios_come_out_as_2_03_16_did_them() {
    assert_clean(recorded("random-2000.jsonl.gz", "2.03.16"));
}

#[test]
fn random_scenarios_come_out_as_2_03_40_did_them() {
    assert_clean(recorded("random-2000-lvm2-2.03.40.jsonl.gz", "2.03.40"));
}
