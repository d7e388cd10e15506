//! The numbers that a command comes to, against recorded runs of the real LVM2 2.03.16.

#[allow(dead_code, unreachable_pub, reason = "shared by several test files")]
mod recordings;
#[allow(unreachable_pub, reason = "shared by several test files")]
mod support;

use extentplan::lvm::{Settings, read_command};
use serde_json::Value;
use support::sizes::difference;
use support::{GROUP, array, first_group, group, text};

/// The words of a step as LVM2 got them.
fn words(step: &Value) -> Vec<String> {
    let mut words = vec![text(&step["cmd"]).to_string()];
    words.extend(array(&step["args"]).map(|word| match word {
        Value::String(word) => word.clone(),
        other => other.to_string(),
    }));
    if words[0] == "lvcreate" {
        words.push(GROUP.to_string());
    }
    words.extend(array(&step["pvs"]).map(|volume| match text(volume) {
        tag if tag.starts_with('@') => tag.to_string(),
        device => format!("/dev/{device}"),
    }));
    words
}

#[test]
fn every_recorded_size_is_the_one_that_lvm2_made() {
    let mut compared = 0;
    let mut wrong = Vec::new();
    for line in recordings::lines("random-2000.jsonl.gz") {
        let line: Value = serde_json::from_str(&line).expect("JSON");
        let scenario = &line["scenario"];
        let all_devices = &scenario["config"]["allocation/raid_stripe_all_devices"];
        let settings = Settings {
            raid_stripe_all_devices: all_devices == 1,
            ..Settings::default()
        };
        let mut now = first_group(scenario);
        for (step, result) in array(&scenario["steps"]).zip(array(&line["result"]["steps"])) {
            let before = now.clone();
            if let Some(layout) = result.get("layout") {
                now = group(scenario, layout);
            }
            if result["ok"] != true {
                continue;
            }
            let command = read_command(&words(step)).expect("LVM2 took it");
            compared += 1;
            if let Some(difference) = difference(&before, &now, &command, &settings) {
                wrong.push(format!("{}: {command}: {difference}", scenario["id"]));
            }
        }
    }
    assert!(compared > 2000, "only {compared} commands were compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
