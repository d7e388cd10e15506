//! The words that the metadata has for the state of a logical volume, by the letters and the columns of a report.

use std::collections::BTreeSet;

use crate::lvm::report::group::Members;

/// The words of a volume.
///
/// The letters are those of `lvs`(8), "lv_attr bits". Where none says otherwise, a volume can be written to, as nearly
/// all can.
pub(crate) fn words(logical: &Members<'_>, volume: usize, is_hidden: bool) -> BTreeSet<String> {
    let field = |name: &str| logical.field(volume, name);
    let is_empty = |name: &str| logical.has(volume, name) && field(name).is_none();
    let letters = field("lv_attr").unwrap_or("").as_bytes();
    let letter = |place: usize| letters.get(place - 1).copied().map(char::from);
    let is_locked = |policy: char| policy.is_ascii_uppercase();
    let words = [
        ("READ", true),
        ("WRITE", letter(2) != Some('r')),
        ("VISIBLE", !is_hidden),
        ("NOTSYNCED", matches!(letter(1), Some('R' | 'M'))),
        ("PVMOVE", letter(1) == Some('p')),
        ("LOCKED", letter(3).is_some_and(is_locked)),
        ("FIXED_MINOR", letter(4) == Some('m')),
        ("WRITEMOSTLY", letter(9) == Some('w')),
        ("ACTIVATION_SKIP", letter(10) == Some('k')),
        ("NOAUTOACTIVATE", is_empty("lv_autoactivation")),
        ("ERROR_WHEN_FULL", field("lv_when_full") == Some("error")),
    ];
    let held = words.into_iter().filter(|(_, is_held)| *is_held);
    held.map(|(word, _)| word.to_string()).collect()
}
