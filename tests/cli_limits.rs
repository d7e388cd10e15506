//! Limits of a run as its user sees them: every command takes them, from start to end.

use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use assert_cmd::Command;

fn model(name: &str) -> String {
    let models = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("models");
    models.join(name).display().to_string()
}

fn run(words: &[&str]) -> Output {
    let mut command = Command::cargo_bin("extentplan").expect("the program is built");
    command.args(words).output().expect("the program runs")
}

/// The words of each command on a small input.
fn commands() -> Vec<Vec<String>> {
    let group = model("lvm2/raid5.vg");
    let problem = model("easy/avoid-everywhere.json");
    let list = [
        vec!["show", &group],
        vec!["audit", &group],
        vec!["export", &problem],
        vec!["generate", "a"],
        vec!["plan", &problem],
        vec!["compare", &group, "--", "lvcreate", "-l", "9", "-n", "new"],
        vec!["capacity", &group, "--survive", "1"],
        vec!["rearrange", &group, "--shrink", "/dev/sda"],
        vec![
            "capacity", &group, "--count", "--", "lvcreate", "-l", "9", "-n", "new",
        ],
        vec!["capacity", &group, "--", "lvcreate", "-i", "2", "-n", "new"],
    ];
    let owned = |words: Vec<&str>| words.into_iter().map(str::to_string).collect();
    list.into_iter().map(owned).collect()
}

/// The command with an option in front of what stands behind `--`.
fn with(words: &[String], option: &[&'static str]) -> Output {
    let at = words.iter().position(|word| word == "--");
    let (front, back) = words.split_at(at.unwrap_or(words.len()));
    let front = front.iter().map(String::as_str);
    let all = front.chain(option.iter().copied());
    let all: Vec<&str> = all.chain(back.iter().map(String::as_str)).collect();
    run(&all)
}

#[test]
fn every_command_takes_a_time_limit() {
    for words in commands() {
        let output = with(&words, &["--time-limit", "1h"]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_ne!(output.status.code(), Some(2), "{words:?}: {error}");
        assert_ne!(output.status.code(), Some(3), "{words:?}: {error}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_memory_limit_that_no_process_can_keep_is_refused_at_the_door() {
    for words in commands() {
        let output = with(&words, &["--memory-limit", "1"]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{words:?}: {error}");
        assert!(output.stdout.is_empty(), "{words:?}");
        assert!(
            error.contains("'1' for '--memory-limit"),
            "{words:?}: {error}"
        );
        assert!(error.contains("at least 16m"), "{words:?}: {error}");
    }
}

/// What a run says that is interrupted while it waits for its input: exit code, results, remarks.
#[cfg(target_os = "linux")]
fn interrupted(words: &[&str]) -> (Option<i32>, String, String) {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_extentplan"))
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    // The input stays open: only a signal ends the wait. The handler is set once a second thread runs.
    let threads = format!("/proc/{}/task", child.id());
    while std::fs::read_dir(&threads).is_ok_and(|threads| threads.count() < 3) {
        std::thread::sleep(Duration::from_millis(1));
    }
    let stdin = child.stdin.take();
    let number = child.id().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-INT", &number])
        .status();
    assert!(sent.expect("kill runs").success());
    let output = child.wait_with_output().expect("the program ends");
    drop(stdin);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_run_says_that_it_was_interrupted_and_names_no_limit() {
    for words in [
        vec!["show", "-"],
        vec!["audit", "-"],
        vec!["plan", "-"],
        vec!["plan", "-", "--json"],
        vec!["compare", "-", "--json", "--", "lvcreate", "-l", "1"],
        vec!["capacity", "-", "--json", "--", "lvcreate", "-l", "1"],
        vec!["capacity", "-", "--", "lvcreate", "-l", "1"],
        vec!["export", "-", "--time-limit", "1h"],
        vec!["plan", "-", "--format", "html"],
        vec!["plan", "-", "--format", "svg"],
        vec![
            "compare", "-", "--format", "html", "--", "lvcreate", "-l", "1",
        ],
        vec![
            "capacity", "-", "--format", "html", "--", "lvcreate", "-l", "1",
        ],
        vec!["rearrange", "-", "--format", "html", "--balance"],
    ] {
        let (code, results, remarks) = interrupted(&words);
        assert_eq!(code, Some(3), "{words:?}: {results}{remarks}");
        let said = format!("{results}{remarks}");
        assert!(said.contains("interrupted"), "{words:?}: {said}");
        assert!(!said.contains(" limit"), "{words:?}: {said}");
        if words.contains(&"--json") {
            let answer: serde_json::Value = serde_json::from_str(&results).expect("JSON");
            assert_eq!(answer["stopped"], "interrupted", "{words:?}");
        }
        if words.contains(&"html") {
            assert!(results.starts_with("<!DOCTYPE html>"), "{words:?}");
        }
        if words.contains(&"svg") {
            assert!(results.starts_with("<svg"), "{words:?}");
        }
    }
}

#[test]
fn repairs_that_were_not_looked_at_are_not_said_to_be_possible() {
    let group = model("lvm2/raid5.vg");
    let output = run(&["capacity", &group, "--survive", "1", "--time-limit", "0s"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(!text.contains("none of"), "{text}");
}
