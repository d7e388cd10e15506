//! LVM2's text metadata, as `vgcfgbackup` writes it and as it lies on disks, to a [`VolumeGroup`].
//!
//! Three steps: `grammar` turns the text into sections and values that know their place, `import`
//! reads a volume group out of them, `holdings` checks that no extent is held twice. What LVM2 2.03.16
//! refuses to restore is refused here; where it lets a contradiction pass (extents held twice, names
//! given twice, numbers that it would cut to 32 bits), this reader does not.

mod error;
mod fields;
mod grammar;
mod holdings;
mod import;
mod names;
mod parts;
mod segment;

pub use error::{TextError, TextProblem};

use crate::lvm::text::error::Fault;
use crate::lvm::{NameError, VolumeGroup};

/// Reads the metadata of one volume group.
///
/// A byte order mark is skipped, line ends may be those of any system, and a NUL ends the text, as
/// it does on disks.
///
/// # Errors
/// What is wrong first: a [`TextError`] with line, column, what was found and what was expected.
///
/// # Example
/// ```
/// let text = std::fs::read_to_string("models/lvm2/three-disks.vg").unwrap();
/// let group = extentplan::lvm::read(&text).unwrap();
/// assert_eq!(group.physical_volumes.len(), 3);
/// assert_eq!(group.free()[0].total(), 80);
/// ```
pub fn read(text: &str) -> Result<VolumeGroup, TextError> {
    let text = significant(text);
    grammar::file(text)
        .and_then(|file| import::import(text, file))
        .map_err(|fault| TextError::new(text, fault))
}

/// The error that a name is none, with the place where the text has it; `None` where it has it nowhere.
#[must_use]
pub fn misnamed(text: &str, error: &NameError) -> Option<TextError> {
    let text = significant(text);
    let file = grammar::file(text).ok()?;
    let span = names::span_of(&file, &error.name)?;
    let fault = Fault::new(span, TextProblem::BadName(error.clone()));
    Some(TextError::new(text, fault))
}

/// Whether a text sets out as LVM2 metadata does: with `key = value` or `name {`, behind comments.
///
/// Says nothing about whether [`read`] can read it; broken metadata is metadata.
#[must_use]
pub fn looks_like_metadata(text: &str) -> bool {
    grammar::sets_out(significant(text))
}

/// The text without its byte order mark and up to its first NUL.
fn significant(text: &str) -> &str {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.split('\0').next().unwrap_or(text)
}
