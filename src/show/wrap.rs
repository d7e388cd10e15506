//! Long lists on lines of bounded width.

/// Columns that a line of text output may have.
pub const WIDTH: usize = 100;

/// The words behind `head`, put together with `separator`, on as many lines as they need; lines after
/// the first are indented as far as the head reaches. A word longer than a line has one for itself.
#[must_use]
pub fn wrapped(head: &str, separator: &str, words: impl Iterator<Item = String>) -> String {
    let indent = " ".repeat(head.chars().count().min(WIDTH / 2));
    let mut text = String::new();
    let mut line = head.to_string();
    let mut columns = line.chars().count();
    let mut is_first = true;
    // What ends a line that is not the last.
    let end = separator.trim_end().chars().count();
    for word in words {
        let length = word.chars().count();
        let gap = if is_first { "" } else { separator };
        if !is_first && columns + gap.chars().count() + length + end > WIDTH {
            text.push_str((line + gap).trim_end());
            text.push('\n');
            line = indent.clone() + &word;
            columns = indent.len() + length;
        } else {
            line = line + gap + &word;
            columns += gap.chars().count() + length;
        }
        is_first = false;
    }
    text.push_str(line.trim_end());
    text.push('\n');
    text
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
}
