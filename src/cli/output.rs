//! Where results and errors are written.

use std::io::{ErrorKind, IsTerminal, Write};

use anyhow::Context;
use clap::ValueEnum;

/// Forms in which an answer can be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people, at most 100 columns wide.
    Text,
    /// For programs: one JSON object.
    Json,
    /// A shell script of LVM2 commands.
    Commands,
    /// A drawing.
    Svg,
    /// A page with the drawing and the text.
    Html,
}

/// Writes a result to standard output.
///
/// A reader that closes the pipe early has seen what it wanted: that is no error.
///
/// # Errors
/// If standard output cannot be written for another reason.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(problem) if problem.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}

/// An error that is already laid out for people, with its source line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Rendered(pub(crate) String);

/// Writes an error and what led to it to standard error.
pub(crate) fn error(error: &anyhow::Error) {
    // Nothing more can be done where even this fails.
    let _ = match error.downcast_ref::<Rendered>() {
        Some(Rendered(text)) => writeln!(std::io::stderr(), "{}", text.trim_end()),
        None => writeln!(std::io::stderr(), "error: {error:#}"),
    };
}

/// Writes a remark to standard error.
pub(crate) fn remark(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Whether results may carry colours: standard output is a terminal and `NO_COLOR` is not set.
pub(crate) fn is_coloured() -> bool {
    let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stdout().is_terminal() && !forbidden
}
