//! The words and signs of a source file that the program is made of: no comment, no string, no test.

/// A word, `::`, or a sign.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) text: String,
    /// From 1.
    pub(crate) line: usize,
}

/// What stands before the tests at the bottom of a file.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut rest = text.split("#[cfg(test)]").next().unwrap_or(text);
    let mut line = 1;
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        let left_out = comment_or_string(rest);
        let length = match left_out {
            Some(length) => length,
            None if rest.starts_with("::") => 2,
            None if is_word(first) => end_at(rest, |letter| !is_word(letter)),
            None => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        if left_out.is_none() && !first.is_whitespace() {
            tokens.push(Token {
                text: token.to_string(),
                line,
            });
        }
        line += token.matches('\n').count();
        rest = after;
    }
    tokens
}

impl Token {
    pub(crate) fn is_word(&self) -> bool {
        self.text.starts_with(is_word)
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The length of the comment, string or character that the text begins with.
fn comment_or_string(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(end_at(text, |letter| letter == '\n'));
    }
    if text.starts_with("/*") {
        return Some(text.find("*/").map_or(text.len(), |end| end + 2));
    }
    let quoted = text.strip_prefix('b').unwrap_or(text);
    let raw = quoted
        .strip_prefix('r')
        .map(|raw| raw.trim_start_matches('#'));
    if let Some(raw) = raw.filter(|raw| raw.starts_with('"')) {
        let hashes = quoted.len() - 1 - raw.len();
        let closing = format!("\"{}", "#".repeat(hashes));
        let end = raw[1..]
            .find(&closing)
            .map_or(raw.len(), |end| 1 + end + closing.len());
        return Some(text.len() - raw.len() + end);
    }
    let quote = quoted.chars().next().filter(|sign| "\"'".contains(*sign))?;
    let mut escaped = false;
    let end = quoted.char_indices().skip(1).find(|&(_, letter)| {
        let closes = letter == quote && !escaped;
        escaped = letter == '\\' && !escaped;
        closes
    });
    let length = end.map_or(quoted.len(), |(at, _)| at + 1);
    let is_lifetime =
        quote == '\'' && !quoted[1..].starts_with('\\') && quoted[..length].chars().count() != 3;
    (!is_lifetime).then_some(text.len() - quoted.len() + length)
}

fn end_at(text: &str, end: impl Fn(char) -> bool) -> usize {
    text.find(end).unwrap_or(text.len())
}
