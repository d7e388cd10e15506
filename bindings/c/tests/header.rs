//! The committed header is the one that the sources make.

use std::env;
use std::fs;
use std::path::Path;

#[test]
fn the_committed_header_is_the_one_that_the_sources_make() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = folder.join("include/alloc.h");
    let mut made = Vec::new();
    cbindgen::generate(folder).unwrap().write(&mut made);
    let made = old_comments(&String::from_utf8(made).unwrap());
    if env::var_os("WRITE_HEADER").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == made,
        "include/alloc.h is out of date; WRITE_HEADER=1 cargo test -p liballoc --test header"
    );
}

/// A text of C with its comments in the form that every compiler takes, C89's too: those on lines of their own, and one behind
/// a directive.
fn old_comments(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let comment = |index: usize| lines.get(index)?.trim_start().strip_prefix("//");
    let mut made = String::new();
    for (index, line) in lines.iter().enumerate() {
        match comment(index) {
            Some(words) => {
                let indent = &line[..line.len() - line.trim_start().len()];
                let is_first = index == 0 || comment(index - 1).is_none();
                let begins = if is_first { "/*" } else { " *" };
                let ends = comment(index + 1).map_or(" */", |_| "");
                made.push_str(&format!("{indent}{begins}{words}{ends}\n"));
            }
            None => match line.split_once("// ") {
                Some((code, words)) => made.push_str(&format!("{code}/* {words} */\n")),
                None => made.push_str(&format!("{line}\n")),
            },
        }
    }
    made
}
