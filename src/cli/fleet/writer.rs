//! Where the rows of a fleet go.

use std::time::{Duration, Instant};

use crate::cli::output;
use crate::fleet::{Row, RowFormat};

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A line, or several, for each.
    Lines(RowFormat),
    /// A table in Parquet.
    #[cfg(feature = "parquet")]
    Parquet,
    /// Not at all.
    None,
}

/// Reads the name of a form.
///
/// # Errors
/// A sentence with the word found and those expected.
pub(crate) fn parse_form(word: &str) -> Result<Form, String> {
    match word {
        #[cfg(feature = "parquet")]
        "parquet" => Ok(Form::Parquet),
        #[cfg(not(feature = "parquet"))]
        "parquet" => Err("this program is built without Parquet (`--features parquet`); expected one of text, jsonl, csv".to_string()),
        _ => word.parse().map(Form::Lines).map_err(|error: String| match cfg!(feature = "parquet") {
            true => format!("{error}, parquet"),
            false => error,
        }),
    }
}

/// Writes rows, several together where that is quicker and nobody waits for them.
pub(crate) enum Writer {
    Lines(Lines),
    #[cfg(feature = "parquet")]
    Parquet(Box<crate::fleet::RowTable<output::Bytes>>),
    None,
}

impl Writer {
    /// A writer of rows, which writes each at once where they `are_flushed`.
    ///
    /// # Errors
    /// If standard output cannot be written, or is a terminal and the form is not for people.
    pub(crate) fn new(form: Form, are_flushed: bool) -> anyhow::Result<Writer> {
        Ok(match form {
            Form::Lines(format) => {
                let mut lines = Lines {
                    format,
                    are_flushed,
                    text: String::new(),
                    flushed: Instant::now(),
                };
                lines.put(&Row::head(format))?;
                Writer::Lines(lines)
            }
            #[cfg(feature = "parquet")]
            Form::Parquet => {
                let out = output::Bytes::new("a table in Parquet")?;
                Writer::Parquet(Box::new(crate::fleet::RowTable::new(out)?))
            }
            Form::None => Writer::None,
        })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub(crate) fn put(&mut self, row: Row) -> anyhow::Result<()> {
        match self {
            Writer::Lines(lines) => lines.put(&row.written(lines.format)),
            #[cfg(feature = "parquet")]
            Writer::Parquet(table) => Ok(table.put(row)?),
            Writer::None => Ok(()),
        }
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        match self {
            Writer::Lines(mut lines) => lines.flush(),
            #[cfg(feature = "parquet")]
            Writer::Parquet(table) => Ok(table.finish()?),
            Writer::None => Ok(()),
        }
    }
}

/// Rows as text.
pub(crate) struct Lines {
    format: RowFormat,
    are_flushed: bool,
    text: String,
    flushed: Instant,
}

impl Lines {
    fn put(&mut self, text: &str) -> anyhow::Result<()> {
        const BLOCK: usize = 1 << 16;
        const PAUSE: Duration = Duration::from_millis(100);
        if text.is_empty() {
            return Ok(());
        }
        self.text.push_str(text);
        let is_due =
            self.are_flushed || self.text.len() >= BLOCK || self.flushed.elapsed() >= PAUSE;
        if is_due { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        if !self.text.is_empty() {
            output::print(&self.text)?;
            self.text.clear();
        }
        self.flushed = Instant::now();
        Ok(())
    }
}
