//! Guards the shape of the source tree: which room may know of which.

use std::fs;
use std::path::{Path, PathBuf};

/// Compiles `src/core` by itself. It cannot reach another room: here there is none.
#[allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "compiled only to prove it can be"
)]
#[path = "../../src/core/mod.rs"]
mod core;

mod circles;
mod imports;
mod package;
mod tokens;

/// What each room may use. This table is the architecture.
const MAY_USE: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("greedy", &["core"]),
    ("search", &["core"]),
    ("ip", &["core"]),
    ("solve", &["core", "greedy", "search", "ip"]),
    ("capacity", &["core", "solve"]),
    ("rearrange", &["core", "search", "ip", "solve"]),
    ("generate", &["core", "lvm"]),
    ("json", &["core"]),
    ("show", &["core"]),
    ("lvm", &["core", "greedy"]),
    ("scenario", &["core", "capacity", "json", "lvm"]),
    (
        "ask",
        &[
            "core",
            "solve",
            "capacity",
            "rearrange",
            "json",
            "show",
            "lvm",
            "scenario",
        ],
    ),
    (
        "fleet",
        &["ask", "core", "json", "lvm", "search", "show", "solve"],
    ),
    (
        "cli",
        &[
            "ask",
            "core",
            "fleet",
            "greedy",
            "guide",
            "search",
            "ip",
            "solve",
            "capacity",
            "rearrange",
            "generate",
            "json",
            "show",
            "lvm",
            "scenario",
        ],
    ),
    ("guide", &[]),
    ("main", &["cli"]),
];

/// Words that `src/core` does not say, not even in a comment.
const FOREIGN: &[&str] = &[
    "pv", "vg", "lv", "lvm", "lvm2", "sector", "sectors", "mib", "serde",
];

#[test]
fn rooms_use_only_what_the_table_grants() {
    let mut wrong = Vec::new();
    for file in rust_files(Path::new("src")) {
        let room = room_of(&file);
        let granted = match MAY_USE.iter().find(|(name, _)| *name == room) {
            Some((_, granted)) => *granted,
            None if room == "lib" => continue,
            None => panic!("`{room}` has no line in MAY_USE: say what it may use"),
        };
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            let here = format!("{}:{}", file.display(), number + 1);
            if line.contains("crate::{") || line.contains("extentplan::{") {
                wrong.push(format!(
                    "{here}: one `use` line per room, so that each can be seen"
                ));
            }
            if line.contains("super::") && !line.contains("use super::*;") {
                wrong.push(format!("{here}: say `crate::room::…` instead of `super::`"));
            }
            for prefix in ["crate::", "extentplan::"] {
                for (at, _) in line.match_indices(prefix) {
                    let used = word_at(&line[at + prefix.len()..]);
                    let is_room = MAY_USE.iter().any(|(name, _)| *name == used);
                    if is_room && used != room && !granted.contains(&used) {
                        wrong.push(format!("{here}: `{room}` may not use `{used}`"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn files_import_each_other_in_no_circle() {
    let sources: Vec<(String, String)> = rust_files(Path::new("src"))
        .iter()
        .filter(|file| !file.ends_with("tests.rs"))
        .map(|file| {
            let name = file.strip_prefix("src").unwrap().display().to_string();
            (name, fs::read_to_string(file).unwrap())
        })
        .collect();
    let circles = circles::circles(&imports::imports(&sources));
    assert!(circles.is_empty(), "\n{}", circles.join("\n\n"));
}

/// Where floating point numbers may stand: solvers compute with them, and a plan file says how many
/// seconds it took, and a number of a report is kept as its text. Everything that decides something counts in
/// integers.
const FLOATS: &[&str] = &["src/ip/backend/", "src/json", "src/lvm/report/fields.rs"];

#[test]
fn nothing_is_decided_by_floating_point() {
    let mut wrong = Vec::new();
    for file in rust_files(Path::new("src")) {
        let path = file.display().to_string();
        if FLOATS.iter().any(|allowed| path.starts_with(allowed)) {
            continue;
        }
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            let mut words = code.split(|letter: char| !letter.is_ascii_alphanumeric());
            if words.any(|word| word == "f32" || word == "f64") {
                wrong.push(format!("{path}:{}", number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The clock that a caller may start, and that planners are then asked to look at.
const CLOCK: &str = "src/core/limits.rs";

#[test]
fn only_the_command_line_reads_a_clock_and_whoever_starts_one() {
    let mut wrong = Vec::new();
    for file in rust_files(Path::new("src")) {
        if room_of(&file) == "cli" || file == Path::new(CLOCK) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or(&text);
        for (number, line) in code.lines().enumerate() {
            let is_example = line.trim_start().starts_with("//");
            if !is_example && (line.contains("Instant") || line.contains("SystemTime")) {
                wrong.push(format!("{}:{}: a clock", file.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Who may name threads: what shares work out, so that no library of a process has to wait for threads of another.
const THREADS: &str = "src/search/parallel.rs";

#[test]
fn work_is_shared_out_in_one_place() {
    for file in rust_files(Path::new("src")) {
        let text = fs::read_to_string(&file).unwrap();
        let path = file.display().to_string();
        let names = text.contains("rayon");
        assert!(!names || path == THREADS, "{path}: say `search::parallel`");
    }
}

#[test]
fn core_says_no_foreign_word() {
    let mut wrong = Vec::new();
    for file in rust_files(Path::new("src/core")) {
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            let line = line.to_ascii_lowercase();
            let mut words = line.split(|letter: char| !letter.is_ascii_alphanumeric());
            if let Some(word) = words.find(|word| FOREIGN.contains(word)) {
                wrong.push(format!("{}:{}: `{word}`", file.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The first folder or file below `src`, without its ending.
fn room_of(file: &Path) -> String {
    let below_src = file.strip_prefix("src").unwrap();
    let first = below_src
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_str()
        .unwrap();
    first.trim_end_matches(".rs").to_string()
}

fn word_at(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    &text[..end.unwrap_or(text.len())]
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
