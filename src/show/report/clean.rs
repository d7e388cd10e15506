//! What a drawing or a page may hold.

use crate::core::is_printable;

/// The markup with what is not printable replaced: names come from files, and XML knows no control characters.
pub(crate) fn clean(markup: String) -> String {
    let is_fine = |letter: char| is_printable(letter) || letter == '\n';
    if markup.chars().all(is_fine) {
        return markup;
    }
    let letters = markup.chars();
    letters
        .map(|letter| if is_fine(letter) { letter } else { '\u{fffd}' })
        .collect()
}
