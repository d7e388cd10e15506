//! The circles in which files import each other: the strongly connected components of the imports.

use std::collections::{BTreeMap, BTreeSet};

use crate::imports::{Import, imports};

/// Each circle in words: its files, and the lines that close it.
pub(crate) fn circles(imports: &BTreeSet<Import>) -> Vec<String> {
    let mut graph = Graph::default();
    for import in imports {
        graph
            .next
            .entry(&import.from)
            .or_default()
            .insert(&import.to);
    }
    for &file in &graph.next.keys().copied().collect::<Vec<_>>() {
        if !graph.index.contains_key(file) {
            graph.visit(file);
        }
    }
    let circles = graph.components.iter().filter(|files| files.len() > 1);
    circles.map(|files| described(files, imports)).collect()
}

/// One line for each file and each that it imports from.
fn described(files: &BTreeSet<&str>, imports: &BTreeSet<Import>) -> String {
    let mut text = format!("{} files import each other in a circle:", files.len());
    let mut told = BTreeSet::new();
    for Import {
        from,
        to,
        line,
        name,
    } in imports
    {
        let is_inside = files.contains(from.as_str()) && files.contains(to.as_str());
        if is_inside && told.insert((from, to)) {
            text += &format!("\n  {from}:{line}: {name} ({to})");
        }
    }
    text
}

/// Depth-first search for strongly connected components.
///
/// # Source
/// R. E. Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1(2), 1972, section 4.
#[derive(Default)]
struct Graph<'a> {
    next: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// When each file was reached.
    index: BTreeMap<&'a str, usize>,
    /// Reached, and not yet in a component.
    stack: Vec<&'a str>,
    components: Vec<BTreeSet<&'a str>>,
}

impl<'a> Graph<'a> {
    /// Returns the lowest index on the stack that the file leads back to (`LOWLINK`).
    fn visit(&mut self, file: &'a str) -> usize {
        let index = self.index.len();
        self.index.insert(file, index);
        let depth = self.stack.len();
        self.stack.push(file);
        let mut low = index;
        for next in self.next.get(file).cloned().unwrap_or_default() {
            if !self.index.contains_key(next) {
                low = low.min(self.visit(next));
            } else if self.stack.contains(&next) {
                low = low.min(self.index[next]);
            }
        }
        if low == index {
            self.components.push(self.stack.drain(depth..).collect());
        }
        low
    }
}

fn circles_of(sources: &[(&str, &str)]) -> Vec<String> {
    let owned = |(path, text): &(&str, &str)| (path.to_string(), text.to_string());
    circles(&imports(&sources.iter().map(owned).collect::<Vec<_>>()))
}

#[test]
fn a_child_that_uses_what_its_caller_defines_closes_a_circle() {
    let circles = circles_of(&[
        ("lib.rs", "mod room;"),
        (
            "room/mod.rs",
            "mod child;\n\npub struct Thing;\n\nfn f() {\n    child::run();\n}",
        ),
        ("room/child.rs", "use super::{Thing};\n\npub fn run() {}"),
    ]);
    let expected = "2 files import each other in a circle:
  room/child.rs:1: super::Thing (room/mod.rs)
  room/mod.rs:6: child::run (room/child.rs)";
    assert_eq!(circles, [expected]);
}

#[test]
fn what_is_handed_on_is_imported_from_where_it_is_defined() {
    let circles = circles_of(&[
        ("lib.rs", "mod room;"),
        (
            "room/mod.rs",
            "mod one;\nmod two;\n\npub use one::One;\npub(crate) use two::{Two as Second};",
        ),
        ("room/one.rs", "use crate::room::Second;\n\npub struct One;"),
        (
            "room/two.rs",
            "pub struct Two;\n\nfn f() -> crate::room::One {}",
        ),
    ]);
    let expected = "2 files import each other in a circle:
  room/one.rs:1: crate::room::Second (room/two.rs)
  room/two.rs:3: crate::room::One (room/one.rs)";
    assert_eq!(circles, [expected]);
}

#[test]
fn a_mod_rs_that_uses_what_it_hands_on_imports_it() {
    let room = |code: &str| format!("mod one;\n\npub use one::One;\n\npub struct Room;\n\n{code}");
    let circles_with = |code: &str| {
        circles_of(&[
            ("lib.rs", "mod room;"),
            ("room/mod.rs", &room(code)),
            (
                "room/one.rs",
                "pub struct One(crate::room::Room, std::sync::Arc<u8>);",
            ),
        ])
    };
    assert_eq!(circles_with(""), [""; 0]);
    assert_eq!(circles_with("fn f(one: One) {}").len(), 1);
}

#[test]
fn what_is_declared_tested_or_only_talked_about_closes_no_circle() {
    let circles = circles_of(&[
        ("lib.rs", "pub mod room;\npub use room::run;"),
        (
            "room/mod.rs",
            "mod check;\nmod leaf;\n\npub use check::check;\npub use leaf::Leaf;\n\npub fn run() {\n    leaf::grow();\n}",
        ),
        (
            "room/check.rs",
            "use crate::room::{Leaf, leaf};\n\npub fn check<'a>(leaf: &'a Leaf) {\n    leaf::grow();\n}",
        ),
        (
            "room/leaf.rs",
            "// crate::room::run()\npub struct Leaf;\n\npub fn grow() -> &str {\n    \"crate::room::check()\"\n}\n\n#[cfg(test)]\nmod tests {\n    use crate::room::run;\n}",
        ),
    ]);
    assert_eq!(circles, [""; 0]);
}
