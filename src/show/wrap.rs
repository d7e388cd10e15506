//! Long lists on lines of bounded width.

use std::sync::atomic::{AtomicUsize, Ordering};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that a line of text may have where nothing else is said.
pub const WIDTH: usize = 100;

/// Columns that a line of text may have: one number for a process, as is the terminal that it writes to.
static FITTED: AtomicUsize = AtomicUsize::new(WIDTH);

/// Has lines of text from now on so many columns.
pub fn fit(columns: usize) {
    FITTED.store(columns, Ordering::Relaxed);
}

/// Columns that a line of text may have.
#[must_use]
pub fn width() -> usize {
    FITTED.load(Ordering::Relaxed)
}

/// Whether half a line is left behind `head`: then all lines of [`wrapped`] begin where it ends.
#[must_use]
pub fn leaves_room(head: &str) -> bool {
    columns(head) <= width() / 2
}

/// The words behind `head`, put together with `separator`, on as many lines as they need; lines after
/// the first are indented as far as the head reaches. A word longer than a line has one for itself.
#[must_use]
pub fn wrapped(head: &str, separator: &str, words: impl Iterator<Item = String>) -> String {
    let width = width();
    let indent = " ".repeat(columns(head).min(width / 2));
    let mut text = String::new();
    let mut line = head.to_string();
    let mut used = columns(&line);
    let mut is_first = true;
    // What ends a line that is not the last.
    let end = columns(separator.trim_end());
    for word in words {
        let length = columns(&word);
        let gap = if is_first { "" } else { separator };
        // A head that leaves no room for a word has a line for itself.
        let is_alone = is_first && !line.trim().is_empty() && used + length + end > width;
        if is_alone && indent.len() + length + end <= width && indent.len() < used {
            text.push_str(line.trim_end());
            text.push('\n');
            line = indent.clone() + &word;
            used = indent.len() + length;
        } else if !is_first && used + columns(gap) + length + end > width {
            text.push_str((line + gap).trim_end());
            text.push('\n');
            line = indent.clone() + &word;
            used = indent.len() + length;
        } else {
            line = line + gap + &word;
            used += columns(gap) + length;
        }
        is_first = false;
    }
    text.push_str(line.trim_end());
    text.push('\n');
    text
}

/// The name, cut in the middle if it is longer than `width` columns.
pub(crate) fn shortened(name: &str, width: usize) -> String {
    if columns(name) <= width {
        return name.to_string();
    }
    let room = width.saturating_sub(1);
    let start = fitting(name.chars(), room / 2);
    let end: Vec<char> = fitting(name.chars().rev(), room - room / 2)
        .chars()
        .collect();
    let end: String = end.into_iter().rev().collect();
    format!("{start}~{end}")
}

/// The text in lines of at most `width` columns, broken between words, and where a word is longer inside of it.
pub(crate) fn lines_of(width: usize, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word = word;
        if !line.is_empty() && columns(&line) + 1 + columns(word) > width {
            lines.push(std::mem::take(&mut line));
        }
        while columns(word) > width {
            let part = fitting(word.chars(), width.max(2));
            word = &word[part.len()..];
            lines.push(part);
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// As many letters from the front as fit.
fn fitting(letters: impl Iterator<Item = char>, width: usize) -> String {
    let mut used = 0;
    let fits = |letter: &char| {
        used += letter.width().unwrap_or(0);
        used <= width
    };
    letters.take_while(fits).collect()
}

/// Columns of a text in letters of one width.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// The text, with blanks behind it up to so many columns.
pub(crate) fn padded(text: &str, width: usize) -> String {
    let blanks = width.saturating_sub(columns(text));
    format!("{text}{}", " ".repeat(blanks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_none_is_lost() {
        let words: Vec<String> = (100..160).map(|number| number.to_string()).collect();
        let text = wrapped("  head  ", ", ", words.iter().cloned());
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
        assert!(
            text.lines()
                .skip(1)
                .all(|line| line.starts_with("        1"))
        );
        let found: Vec<&str> = text
            .split(|letter: char| !letter.is_ascii_digit())
            .filter(|word| !word.is_empty())
            .collect();
        assert_eq!(found, words);
    }

    #[test]
    fn what_is_too_long_is_cut_in_the_middle_or_broken() {
        assert_eq!(shortened("abcdefghij", 5), "ab~ij");
        assert_eq!(shortened("abc", 3), "abc");
        assert_eq!(
            lines_of(5, "ab cd efghijklm n"),
            ["ab cd", "efghi", "jklm", "n"]
        );
        assert!(
            lines_of(10, "\u{4e00}\u{4e8c}\u{4e09} \u{56db}\u{4e94}")
                .iter()
                .all(|line| columns(line) <= 10)
        );
    }
}
