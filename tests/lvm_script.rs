//! The printed scripts, run by a real shell with tools that write down what they are told.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use assert_cmd::cargo::cargo_bin_cmd;
use tempfile::TempDir;

/// The script for some commands on a pool.
#[track_caller]
fn script(pool: &str, commands: &[&[&str]]) -> String {
    let mut words = vec!["plan", pool, "--format=commands"];
    for command in commands {
        words.push("--");
        words.extend(*command);
    }
    let mut command = cargo_bin_cmd!("extentplan");
    let command = command.current_dir(env!("CARGO_MANIFEST_DIR")).args(&words);
    let output = command.output().expect("the program runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {error}");
    let text = String::from_utf8(output.stdout).expect("text");
    let check = Command::new("sh").args(["-n", "-c", &text]).status();
    assert!(check.expect("a shell").success(), "{text}");
    text
}

/// More commands than any script here has.
const NONE: usize = 9_999;

/// What came of a run: the words of each command but `vgs`, what the script said, how it ended.
struct Run {
    commands: Vec<Vec<String>>,
    said: String,
    is_ok: bool,
}

/// Runs a script whose group is as it expects, and whose command number `failing`, from 0, fails half done.
fn run(text: &str, failing: usize) -> Run {
    run_until(text, failing, true)
}

/// The same, where that command is refused and has changed nothing.
fn refused(text: &str, failing: usize) -> Run {
    run_until(text, failing, false)
}

fn run_until(text: &str, failing: usize, half_done: bool) -> Run {
    let folder = TempDir::new().expect("a folder");
    let tool = |name: &str, body: &str| {
        let path = folder.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("a temporary file");
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&path, executable).expect("a file of ours");
    };
    let expected = |what: &str| {
        let line = text.split(&format!("-o {what} ")).nth(1);
        let line = line.and_then(|rest| rest.split("!= ").nth(1));
        let number = line.and_then(|rest| rest.split(' ').next());
        number.expect("a guard").to_string()
    };
    let log = folder.path().join("log");
    // Each command that changes the group counts.
    let answers = format!(
        "count=$(grep -c '^\\$' {log} 2>/dev/null); count=${{count:-0}}\n\
         case \"$*\" in *vg_seqno*) [ \"$count\" -le {failing} ] || count=$((count - {refused}))\n\
         echo $(({} + count));; *) echo {};; esac",
        expected("vg_seqno"),
        expected("vg_free_count"),
        log = log.display(),
        refused = u8::from(!half_done),
    );
    tool("vgs", &answers);
    for name in [
        "lvcreate",
        "lvextend",
        "lvconvert",
        "lvchange",
        "lvremove",
        "lvreduce",
        "lvrename",
        "pvchange",
    ] {
        let body = format!(
            "count=$(grep -c '^\\$' {log} 2>/dev/null); printf '$\\n%s\\n' {name} >> {log}\n\
             for word; do printf '%s\\n' \"$word\" >> {log}; done\n\
             [ \"${{count:-0}}\" -ne {failing} ]",
            log = log.display()
        );
        tool(name, &body);
    }
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let output = Command::new("sh")
        .args(["-c", text])
        .env("PATH", path)
        .current_dir(folder.path())
        .output()
        .expect("a shell");
    let written = fs::read_to_string(Path::new(&log)).unwrap_or_default();
    let commands = written.split("$\n").skip(1);
    Run {
        commands: commands
            .map(|words| words.lines().map(str::to_string).collect())
            .collect(),
        said: String::from_utf8_lossy(&output.stderr).to_string(),
        is_ok: output.status.success(),
    }
}

/// The commands of a script, each as its words.
fn all_commands(text: &str) -> Vec<Vec<String>> {
    let run = run(text, NONE);
    assert!(run.is_ok, "{}", run.said);
    run.commands
}

/// Words of a script that would lose what somebody wrote.
fn destroys(text: &str) -> bool {
    let mut lines = text.lines();
    lines.any(|line| {
        let asks = !line.contains(" -f") && !line.contains(" -y");
        (line.contains("lvreduce") || line.contains("lvremove")) && !asks
    })
}

const LINEAR: &str = "models/lvm2/linear.vg";
const STRIPED: &str = "models/lvm2/striped.vg";

#[test]
fn a_file_system_that_grows_is_never_cut_off() {
    // What is left has to be striped in two intervals.
    let first = ["lvextend", "-l", "+15", "vg0/three"];
    let second = ["lvextend", "-r", "-l", "+20", "vg0/two"];
    let text = script(STRIPED, &[&first, &second]);
    let commands = all_commands(&text);
    assert_eq!(commands.len(), 3, "{text}");
    let resizing = |words: &Vec<String>| words.iter().any(|word| word == "-r");
    let (last, before) = commands.split_last().expect("commands");
    assert!(resizing(last) && !before.iter().any(resizing), "{text}");
    let head: Vec<&str> = text
        .lines()
        .take_while(|line| line.starts_with('#'))
        .collect();
    let head = head.join("\n");
    assert!(!head.contains("lvreduce -l 80 vg0/two"), "{head}");
    assert!(
        head.contains("Cannot be taken back:\n#   vg0/two: "),
        "{head}"
    );
    // Before the file system is touched there is a way back; from then on, even after a failure, none.
    let early = run(&text, commands.len() - 2);
    let late = run(&text, commands.len() - 1);
    assert_eq!(early.commands.len(), commands.len() - 1);
    assert!(!early.is_ok && !late.is_ok);
    assert!(!late.said.contains("vg0/two\n"), "{}", late.said);
    assert!(
        late.said.contains("Cannot be taken back:\nvg0/two: "),
        "{}",
        late.said
    );
    assert!(
        early.said.contains("lvreduce -l 90 vg0/three"),
        "{}",
        early.said
    );
    assert!(!destroys(&text), "{text}");
}

#[test]
fn a_file_system_that_grows_takes_away_the_way_back_of_its_own_volume_and_no_other() {
    let first = ["lvextend", "-l", "+5", "vg0/second"];
    let between = ["lvextend", "-l", "+2", "vg0/two_disks"];
    let last = ["lvextend", "-r", "-l", "+5", "vg0/second"];
    let text = script(LINEAR, &[&first, &between, &last]);
    let commands = all_commands(&text);
    assert_eq!(commands.len(), 3, "{text}");
    let late = run(&text, commands.len() - 1);
    for said in [text.split("set -eu").next().unwrap_or_default(), &late.said] {
        assert!(!said.contains("lvreduce -l 40 vg0/second"), "{said}");
        assert!(said.contains("lvreduce -l 90 vg0/two_disks"), "{said}");
    }
}

#[test]
fn a_file_system_that_grows_takes_away_the_way_back_however_many_growths_came_before() {
    // What is left has to be striped in three intervals, round three disks.
    let growing = ["lvextend", "-r", "-l", "+30", "vg0/two"];
    let disks = ["/dev/sda", "/dev/sdb", "/dev/sdc:30-39"];
    let text = script(STRIPED, &[&[&growing[..], &disks].concat()]);
    let commands = all_commands(&text);
    assert_eq!(commands.len(), 3, "{text}");
    let late = run(&text, commands.len() - 1);
    for said in [text.split("set -eu").next().unwrap_or_default(), &late.said] {
        assert!(!said.contains("lvreduce"), "{said}");
        assert!(said.contains("vg0/two: its file system grows"), "{said}");
    }
}

#[test]
fn two_growths_of_one_volume_keep_what_the_second_says_of_its_file_system() {
    let first = ["lvextend", "-l", "+20", "vg0/second"];
    let second = ["lvextend", "--resizefs", "-l", "+45", "vg0/second"];
    let commands = all_commands(&script(LINEAR, &[&first, &second]));
    let last = commands.last().expect("commands");
    assert!(last.contains(&"--resizefs".to_string()), "{commands:?}");
}

#[test]
fn what_is_made_or_added_is_taken_back_by_commands_that_ask_first() {
    let growing = ["lvextend", "-l", "+40", "vg0/second"];
    let making = ["lvcreate", "-l", "20", "-n", "new"];
    let text = script(LINEAR, &[&growing, &making]);
    let count = all_commands(&text).len();
    let run = run(&text, count - 1);
    assert!(!run.is_ok);
    assert!(
        run.said.contains("To take back what was done:\n"),
        "{}",
        run.said
    );
    assert!(
        run.said.contains("lvreduce -l 40 vg0/second\n"),
        "{}",
        run.said
    );
    assert!(
        text.contains("#   lvremove vg0/new\n#   lvreduce -l 40 vg0/second\n"),
        "{text}"
    );
    assert!(!destroys(&text), "{text}");
    assert!(!text.contains("Cannot be taken back:\n#"), "{text}");
}

#[test]
fn a_pool_that_grows_cannot_be_taken_back() {
    let text = script(
        "models/lvm2/thin-pool.vg",
        &[&["lvextend", "-l", "+4", "vg0/pool"]],
    );
    let head: Vec<&str> = text
        .lines()
        .take_while(|line| line.starts_with('#'))
        .collect();
    assert!(!text.contains("lvreduce"), "{text}");
    assert!(
        head.join("\n")
            .contains("Cannot be taken back:\n#   vg0/pool: "),
        "{text}"
    );
}

#[test]
fn what_grows_behind_a_new_name_is_cut_off_under_it() {
    let commands: [&[&str]; 3] = [
        &["lvrename", "vg0/second", "vg0/newer"],
        &["lvextend", "-l", "+5", "vg0/newer"],
        &["lvextend", "-l", "+5", "vg0/newer"],
    ];
    let text = script(LINEAR, &commands);
    let back = "#   lvreduce -l 40 vg0/newer\n#   lvrename vg0/newer vg0/second\n";
    assert!(text.contains(back), "{text}");
    assert_eq!(text.matches("#   lvreduce").count(), 1, "{text}");
}

#[test]
fn what_was_made_renamed_and_removed_on_the_way_is_taken_back_as_far_as_it_is_there() {
    let commands: [&[&str]; 7] = [
        &["lvcreate", "-l", "5", "-n", "gone", "vg0"],
        &["lvcreate", "-l", "5", "-n", "new", "vg0"],
        &["lvrename", "vg0/new", "vg0/newer"],
        &["lvextend", "-l", "+5", "vg0/newer"],
        &["lvremove", "vg0/gone"],
        &["pvchange", "-x", "n", "/dev/sdb"],
        &["lvextend", "-l", "+5", "vg0/second"],
    ];
    let text = script(LINEAR, &commands);
    let head: Vec<&str> = text
        .lines()
        .take_while(|line| line.starts_with('#'))
        .collect();
    let head = head.join("\n");
    assert!(
        head.contains(
            "#   lvreduce -l 40 vg0/second\n#   lvrename vg0/newer vg0/new\n#   lvremove vg0/new\n"
        ),
        "{head}"
    );
    assert!(!head.contains("lvremove vg0/gone\n#   lv"), "{head}");
    assert!(head.contains("(all that vg0/gone holds is lost)"), "{head}");
    let count = all_commands(&text).len();
    // Before it is gone it is to be removed; behind that it is not.
    let before = run(&text, 3);
    assert!(
        before.said.contains("lvremove vg0/gone\n"),
        "{}",
        before.said
    );
    let last = run(&text, count - 1);
    let (back, kept) = last
        .said
        .split_once("Cannot be taken back:\n")
        .expect("both");
    assert!(
        back.ends_with("lvrename vg0/newer vg0/new\nlvremove vg0/new\n"),
        "{back}"
    );
    assert!(
        kept.contains("lvremove -y vg0/gone: all that vg0/gone holds is lost\n")
            && kept.contains("pvchange -x n /dev/sdb\n"),
        "{kept}"
    );
}

#[test]
fn a_command_that_was_refused_has_lost_nothing_and_taken_no_way_back() {
    let commands: [&[&str]; 3] = [
        &["lvcreate", "-l", "5", "-n", "new", "vg0"],
        &["lvremove", "vg0/new"],
        &["lvremove", "vg0/second"],
    ];
    let text = script(LINEAR, &commands);
    let [kept, half, all] = [refused(&text, 1), run(&text, 1), refused(&text, 2)];
    assert!(!kept.said.contains("Cannot be taken back"), "{}", kept.said);
    assert!(kept.said.contains("lvremove vg0/new\n"), "{}", kept.said);
    assert!(
        half.said.contains("all that vg0/new holds is lost"),
        "{}",
        half.said
    );
    assert!(!half.said.contains("To take back"), "{}", half.said);
    assert!(
        all.said.contains("all that vg0/new holds is lost") && !all.said.contains("vg0/second"),
        "{}",
        all.said
    );
}

#[test]
fn nothing_that_failed_at_once_is_to_be_taken_back() {
    let text = script(LINEAR, &[&["lvcreate", "-l", "20", "-n", "new"]]);
    let run = run(&text, 0);
    assert_eq!(run.commands.len(), 1);
    assert!(
        run.said.contains("Nothing was done before it."),
        "{}",
        run.said
    );
    assert!(!run.said.contains("lvremove"), "{}", run.said);
}

#[test]
fn devices_of_any_name_reach_lvm2_as_they_are() {
    let names = [
        "/dev/a b",
        "/dev/it's",
        "/dev/$(touch owned)`touch owned`",
        "/dev/x;touch owned&",
        "/dev/by-path/pci-0:1@2",
        "/dev/by-label/a\\x20b",
        "/dev/#\"*?~",
        "/dev/Größe",
    ];
    let sources =
        names.map(|name| serde_json::json!({ "name": name, "extents": 12, "free": [[0, 12]] }));
    let problem = serde_json::json!({
        "schema": "extentplan/problem/1", "extent_bytes": 4_194_304, "requests": [],
        "objective": ["segments"], "sources": sources,
    });
    let folder = TempDir::new().expect("a folder");
    let pool = folder.path().join("pool.json");
    fs::write(&pool, problem.to_string()).expect("a temporary file");
    // More than any seven of the disks hold: LVM2 alone does not find it.
    let striped = ["lvcreate", "-i", "7", "-l", "91", "-n", "new"];
    let text = script(&pool.display().to_string(), &[&striped]);
    let commands = all_commands(&text);
    let told: Vec<String> = commands.iter().flatten().cloned().collect();
    for name in names {
        // LVM2 has a backslash in front of what is part of the name.
        let escaped = name.replace(':', "\\:").replace('@', "\\@");
        let is_told = told
            .iter()
            .any(|word| word.starts_with(&format!("{escaped}:")));
        assert!(is_told, "{name}: {told:?}");
    }
}
