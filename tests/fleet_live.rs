//! Generated fleets are read by the real LVM2, where it is installed: `EXTENTPLAN_LIVE_CASES` hosts, 40 if it is not set.

#[allow(unreachable_pub, reason = "shared by several test files")]
mod support;

use std::path::Path;

use assert_cmd::Command;
use support::ready_oracle;

#[test]
fn the_real_lvm2_reads_a_generated_fleet_as_it_was_meant() {
    if ready_oracle().is_none() {
        return;
    }
    let hosts = std::env::var("EXTENTPLAN_LIVE_CASES").unwrap_or("40".to_string());
    let mut command = Command::cargo_bin("extentplan").expect("the program");
    let made = command.args(["generate", "fleet", "--hosts", &hosts, "--unsafe", "100"]);
    let fleet = made.output().expect("it runs").stdout;
    let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lvm2/read_fleet.py");
    let mut command = Command::new("python3");
    let output = command.arg(reader).write_stdin(fleet).output();
    let output = output.expect("python3 starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text, format!("{hosts} as they were meant\n"), "{output:?}");
}
