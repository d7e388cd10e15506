//! Names for people's eyes: nothing in them moves a cursor, ends a line or hides a letter.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a letter shows as itself, wherever it is printed.
///
/// Control characters do not (C0 with line ends and tabs, DEL, C1), nor do letters that have no width
/// or change the direction of what stands around them (Unicode Standard, sections 23.2 and 23.7).
#[must_use]
pub fn is_printable(letter: char) -> bool {
    let hides = matches!(letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    !letter.is_control() && !hides
}

/// The text on one line, with what is not printable written as JSON writes it: `\n`, `\u001b`.
///
/// # Example
/// ```
/// use extentplan::core::printable;
/// assert_eq!(printable("/dev/sda"), "/dev/sda");
/// assert_eq!(printable("a\n\u{1b}[2J"), r"a\n\u001b[2J");
/// ```
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_printable) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            _ if is_printable(letter) => shown.push(letter),
            _ => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    write!(shown, "\\u{unit:04x}").expect("writing to a string does not fail");
                }
            }
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_a_cursor_or_hides_is_escaped_and_the_rest_is_kept() {
        for (text, shown) in [
            ("Größe 名 ~", "Größe 名 ~"),
            ("a\r\n\tb", r"a\r\n\tb"),
            ("\u{7}\u{7f}\u{9b}2J", r"\u0007\u007f\u009b2J"),
            ("x\u{202e}y\u{200b}z", r"x\u202ey\u200bz"),
            ("\u{e0041}", r"\udb40\udc41"),
        ] {
            assert_eq!(printable(text), shown);
            assert!(printable(text).chars().all(is_printable));
        }
    }
}
