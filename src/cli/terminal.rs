//! The terminal that results go to, and how much is said beside them.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicI8, Ordering};

use crate::show::{self, MapStyle};

/// Fewest and most columns that are used of a terminal.
const COLUMNS: (usize, usize) = (60, 200);

/// How much is said beside results: less than nothing leaves out notes and progress, more says what was tried.
static LOUDNESS: AtomicI8 = AtomicI8::new(0);

/// Says how much is said, and fits results to the terminal that they go to.
pub(crate) fn set_up(loudness: i8) {
    LOUDNESS.store(loudness, Ordering::Relaxed);
    if let Some(columns) = columns() {
        show::fit(columns);
    }
}

/// Whether nothing is said beside results but errors.
pub(crate) fn is_quiet() -> bool {
    LOUDNESS.load(Ordering::Relaxed) < 0
}

/// Whether it is said what was tried.
pub(crate) fn is_verbose() -> bool {
    LOUDNESS.load(Ordering::Relaxed) > 0
}

/// Whether progress may move: on a terminal, and not behind what a pager shows on the same one.
pub(crate) fn shows_progress() -> bool {
    !is_quiet()
        && !is_verbose()
        && std::io::stdout().is_terminal()
        && std::io::stderr().is_terminal()
}

/// Columns of the terminal that results go to, as far as they are used.
fn columns() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let said = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.trim().parse().ok());
    let found = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    said.or_else(found)
        .map(|columns| columns.clamp(COLUMNS.0, COLUMNS.1))
}

/// How pictures are drawn on standard output: coloured on terminals where `NO_COLOR` is not set, with blocks on those
/// that write UTF-8.
pub(crate) fn style() -> MapStyle {
    let is_set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let is_terminal = std::io::stdout().is_terminal();
    // The first of these that is set says which letters there are; the console of Linux lacks most of them.
    let language = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(is_set)
        .unwrap_or_default();
    let language = language.to_ascii_lowercase().replace('-', "");
    let terminal = is_set("TERM").unwrap_or_default();
    MapStyle {
        width: show::width(),
        is_coloured: is_terminal && is_set("NO_COLOR").is_none() && terminal != "dumb",
        has_blocks: is_terminal
            && language.contains("utf8")
            && !["linux", "dumb"].contains(&terminal.as_str()),
    }
}
