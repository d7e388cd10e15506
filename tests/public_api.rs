//! What the library offers is listed in `tests/public_api.txt`, so that a change of it is seen: `UPDATE_API=1 cargo test
//! --test public_api` writes the list anew.
//!
//! What is `pub` is reachable, which a lint sees to, and the source is laid out by rustfmt. So a walk over its lines finds
//! everything, and the paths are those of the rooms.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Something that is offered: the room, what it belongs to, and its signature.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Item {
    room: String,
    of: String,
    signature: String,
}

#[test]
fn what_is_public_is_what_is_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("tests/public_api.txt");
    let listed = written(&items(&root.join("src")));
    if env::var_os("UPDATE_API").is_some() {
        fs::write(&path, &listed).expect("written");
    }
    let before = fs::read_to_string(&path).unwrap_or_default();
    let [before, now] = [&before, &listed].map(|text| text.lines().collect::<BTreeSet<_>>());
    let gone: Vec<_> = before.difference(&now).collect();
    let new: Vec<_> = now.difference(&before).collect();
    assert!(
        gone.is_empty() && new.is_empty(),
        "no longer offered: {gone:#?}\noffered now: {new:#?}\nif that is meant, say it in CHANGELOG.md, and \
         `UPDATE_API=1 cargo test --test public_api` lists it"
    );
}

#[test]
fn the_walk_finds_what_there_is() {
    let text = "
pub use one::{Two, Three};
pub(crate) fn hidden() {}
/// Words.
#[derive(Clone)]
#[non_exhaustive]
pub enum Kind {
    /// Words.
    Plain,
    Tuple(u64, String),
    Struct {
        /// Words.
        first: u64,
        second: u64,
    },
}
pub struct Held {
    pub seen: u64,
    unseen: u64,
}
impl Held {
    /// Words.
    #[must_use]
    pub fn long(
        &self,
        other: u64,
    ) -> u64 {
        pub_is_no_word_here
    }
    fn hidden() {}
}
impl fmt::Display for Held {
    fn fmt() {}
}
impl fmt::Display for Hidden {
    fn fmt() {}
}
#[cfg(test)]
mod tests {
    pub struct NotThis;
}
";
    let found: Vec<String> = walk("room", text).iter().map(line).collect();
    let expected = [
        "room: pub use one::{Two, Three}",
        "room: #[derive(Clone)] #[non_exhaustive] pub enum Kind",
        "room: enum Kind: Plain",
        "room: enum Kind: Tuple(u64, String)",
        "room: enum Kind: Struct { first: u64, second: u64 }",
        "room: pub struct Held",
        "room: struct Held: pub seen: u64",
        "room: impl Held: pub fn long(&self, other: u64) -> u64",
        "room: impl fmt::Display for Held",
        "room: impl fmt::Display for Hidden",
    ];
    assert_eq!(found, expected);
    assert!(!written(&walk("room", text)).contains("Hidden"));
}

fn line(item: &Item) -> String {
    let of = match item.of.is_empty() {
        true => String::new(),
        false => format!("{}: ", item.of),
    };
    format!("{}: {of}{}", item.room, item.signature)
}

/// The list, a line for each, without what is implemented for types that are not offered.
fn written(items: &[Item]) -> String {
    let mut types: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for item in items.iter().filter(|item| item.of.is_empty()) {
        let mut words = item.signature.split([' ', '<', '(', ';']);
        let kinds = ["enum", "struct", "trait", "type", "union"];
        if words.any(|word| kinds.contains(&word)) {
            types.entry(&item.room).or_default().extend(words.next());
        }
    }
    let is_offered = |item: &&Item| match item.signature.split_once(" for ") {
        Some((start, of)) if start.starts_with("impl") => {
            let name = of.split(['<', ' ']).next().unwrap_or(of);
            types[item.room.as_str()].contains(name)
        }
        Some(_) | None => true,
    };
    let lines: BTreeSet<String> = items.iter().filter(is_offered).map(line).collect();
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// All that is offered, by the files of the library.
fn items(src: &Path) -> Vec<Item> {
    let mut items = Vec::new();
    for file in rust_files(src) {
        let below = file.strip_prefix(src).expect("below it");
        let room = below.iter().next().expect("a name").to_string_lossy();
        if room == "main.rs" {
            continue;
        }
        let text = fs::read_to_string(&file).expect("readable");
        items.extend(walk(room.trim_end_matches(".rs"), &text));
    }
    items
}

/// What a file offers.
fn walk(room: &str, text: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut of = String::new();
    let mut attributes = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == "#[cfg(test)]" {
            break;
        }
        let depth = line.len() - line.trim_start().len();
        let words = line.trim();
        if depth == 0 && words.starts_with("#[") {
            attributes += &format!("{words} ");
            continue;
        }
        let is_item = match depth {
            0 => words.starts_with("pub ") || words.starts_with("impl"),
            4 if of.starts_with("enum") => words.starts_with(char::is_uppercase),
            4 if of.starts_with("trait") => words.starts_with("fn "),
            4 => !of.is_empty() && words.starts_with("pub "),
            _ => false,
        };
        if !is_item {
            if depth == 0 && !words.is_empty() && !words.starts_with("//") {
                attributes.clear();
                of.clear();
            }
            continue;
        }
        // A variant ends where its braces do, all else where a body begins.
        let is_variant = depth == 4 && of.starts_with("enum");
        let ends = |words: &str| match is_variant {
            true => words.ends_with(','),
            false => words.ends_with(['{', ';', ',', '}']),
        };
        let mut signature = words.to_string();
        let is_open = |signature: &str| {
            let count = |sign: char| signature.matches(sign).count();
            count('(') > count(')') || is_variant && count('{') > count('}')
        };
        while !ends(&signature) || is_open(&signature) {
            let Some(next) = lines.next() else { break };
            let next = next.trim();
            if !next.starts_with("//") && !next.starts_with("#[") {
                signature += &format!(" {next}");
            }
        }
        let has_body = signature.ends_with('{');
        let end = signature.trim_end_matches([' ', '{', ';', ',']);
        let mut signature = if is_variant {
            signature.trim_end_matches(',')
        } else {
            end
        }
        .to_string();
        // As if it stood in one line.
        for (laid_out, joined) in [("( ", "("), (", )", ")"), (", }", " }")] {
            signature = signature.replace(laid_out, joined);
        }
        if depth > 0 {
            items.push(item(room, &of, signature));
            continue;
        }
        let header = signature.trim_start_matches("pub ").to_string();
        let is_inherent = signature.starts_with("impl") && !signature.contains(" for ");
        let kept = attributes.split_inclusive("] ");
        let kept = kept.filter(|word| word.starts_with("#[derive") || word.contains("exhaustive"));
        signature = kept.collect::<String>() + &signature;
        attributes.clear();
        if !is_inherent {
            items.push(item(room, "", signature));
        }
        of = if has_body { header } else { String::new() };
    }
    items
}

fn item(room: &str, of: &str, signature: String) -> Item {
    Item {
        room: room.to_string(),
        of: of.to_string(),
        signature,
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
