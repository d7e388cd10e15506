//! Where results and errors are written.

use std::borrow::Cow;
use std::fs;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, bail};
use clap::ValueEnum;

use crate::ask::Fault;
use crate::cli::{input, terminal, voice};
use crate::core::{is_printable, printable};
use crate::show;

/// Forms in which an answer can be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people, as wide as the terminal, and 100 columns elsewhere.
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
    // What takes long is done before: what is being written is written to its end.
    let text = harmless(text);
    voice::speak(|| write_as_is(&text))
}

/// Writes a result to standard output, whoever may write by now.
///
/// # Errors
/// As [`print`].
pub(crate) fn write(text: &str) -> anyhow::Result<()> {
    write_as_is(&harmless(text))
}

fn write_as_is(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(problem) if problem.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}

/// Standard output for what is no text.
#[cfg(feature = "parquet")]
pub(crate) struct Bytes(());

#[cfg(feature = "parquet")]
impl Bytes {
    /// Standard output, for `what`.
    ///
    /// # Errors
    /// If it is a terminal, which takes text only.
    pub(crate) fn new(what: &str) -> anyhow::Result<Bytes> {
        use std::io::IsTerminal;
        if std::io::stdout().is_terminal() {
            bail!("standard output is a terminal, expected a file or a pipe for {what}: `> FILE`");
        }
        Ok(Bytes(()))
    }
}

#[cfg(feature = "parquet")]
impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        voice::speak(|| std::io::stdout().lock().write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        voice::speak(|| std::io::stdout().lock().flush())
    }
}

/// Writes an error and what led to it to standard error.
pub(crate) fn error(error: &anyhow::Error) {
    let alone = error.chain().count() == 1;
    let text = match error.downcast_ref::<Fault>().filter(|_| alone) {
        Some(fault) => fault.shown(),
        None => format!("error: {}", printable(&format!("{error:#}"))),
    };
    remark(&text);
}

/// Whether a file may be written: it is none of those that were read, and there is a folder for it.
///
/// # Errors
/// If it may not; the error names the file, or the folder.
pub(crate) fn may_save(path: &Path) -> anyhow::Result<()> {
    if input::was_read(path) {
        bail!(
            "{} is what was read, and is not written over; expected another name",
            path.display()
        );
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        bail!(
            "cannot write {}: there is no folder {}",
            path.display(),
            folder.display()
        );
    }
    Ok(())
}

/// Writes a file: all of it, or nothing.
///
/// # Errors
/// As [`may_save`], and if it cannot be written; the error names the file.
pub(crate) fn save(path: &Path, text: &str) -> anyhow::Result<()> {
    may_save(path)?;
    let failed = || format!("cannot write {}", path.display());
    // Of something that is no file, such as a pipe, there is no half to be left behind.
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return fs::write(path, text).with_context(failed);
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What is left of it helps nobody; where even this fails there is nothing of it.
        let _ = fs::remove_file(&beside);
    }
    written.with_context(failed)
}

/// Writes a note to standard error, in a sentence; nothing where the user wants to hear of none.
pub(crate) fn note(words: &str) {
    if terminal::is_quiet() {
        return;
    }
    if std::io::stderr().is_terminal() {
        let text = show::wrapped("note: ", " ", words.split(' ').map(str::to_string));
        remark(text.trim_end());
    } else {
        remark(&format!("note: {words}"));
    }
}

/// Writes a remark to standard error.
pub(crate) fn remark(text: &str) {
    // Nothing more can be done where even this fails.
    let _ = writeln!(std::io::stderr(), "{}", harmless(text));
}

/// What is written, whoever wrote it: nothing in it acts on a terminal but line ends, tabs and this
/// program's own colours. In JSON the escapes are those of the format.
fn harmless(text: &str) -> Cow<'_, str> {
    /// Bytes that are looked at together.
    const BLOCK: usize = 64;
    let is_harmless = |letter: char| is_printable(letter) || matches!(letter, '\n' | '\t');
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    let is_plain_block = |block: &[u8]| block.iter().fold(true, |all, byte| all & is_plain(byte));
    if text.as_bytes().chunks(BLOCK).all(is_plain_block) {
        return Cow::Borrowed(text);
    }
    if text.chars().all(is_harmless) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let length = letter.len_utf8();
        if let Some(style) = show::style_at(rest) {
            shown.push_str(style);
            rest = &rest[style.len()..];
        } else if is_harmless(letter) {
            shown.push(letter);
            rest = &rest[length..];
        } else {
            shown.push_str(&printable(&rest[..length]));
            rest = &rest[length..];
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_acts_on_no_terminal() {
        let style = "\u{1b}[32m";
        assert_eq!(harmless("a\n\tb"), "a\n\tb");
        assert_eq!(harmless(&format!("{style}a")), format!("{style}a"));
        assert_eq!(
            harmless("\u{1b}[2J\u{1b}]0;x\u{7}\r\u{9b}8m"),
            r"\u001b[2J\u001b]0;x\u0007\r\u009b8m"
        );
    }
}
