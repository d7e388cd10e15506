//! Words of a shell: how scripts are cut into them, and how one is quoted.

use crate::lvm::CommandError;

/// A command of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShellCommand {
    /// The line it starts on, counted from 1.
    pub(crate) line: usize,
    pub(crate) words: Vec<String>,
    /// When it runs.
    pub(crate) runs: Runs,
    /// The first thing in it that only a running shell knows, with its line.
    pub(crate) fault: Option<(usize, String)>,
    /// What is run in its place, or read by it: substitutions and here-documents.
    pub(crate) hidden: String,
}

/// When a command runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Runs {
    /// Behind the one before.
    #[default]
    Always,
    /// Where the one before it succeeds.
    Behind,
    /// Where the one before it fails.
    Instead,
}

/// Cuts a script into commands.
///
/// Understands quotes, backslashes, comments, lines that go on, here-documents, the heads of functions, and the separators
/// `;`, `&&`, `||` and `|`. Of what only a running shell knows (variables, substitutions, pipes), each command has the first.
///
/// # Errors
/// The line, and [`CommandError::Shell`]: what would make it doubtful where commands begin and end.
pub(crate) fn commands(text: &str) -> Result<Vec<ShellCommand>, (usize, CommandError)> {
    let mut cut = Cut::default();
    // The word being read; `None` between words, so that '' is a word.
    let mut word: Option<String> = None;
    let mut line = 1;
    // Here-documents that begin behind this line.
    let mut documents: Vec<String> = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if cut.words.is_empty() && word.is_none() {
            cut.first_line = line;
        }
        match letter {
            '&' if letters.next_if_eq(&'>').is_some() => {
                cut.words.extend(word.take());
                redirected(&mut letters);
            }
            '\n' | ';' | '&' => {
                if letter == '&' && letters.next() != Some('&') {
                    return refused(line, "`&`".to_string());
                }
                if letter == '\n' {
                    for end in documents.drain(..) {
                        let text = document(&mut letters, &end);
                        line += text.matches('\n').count();
                        cut.hidden.push_str(&text);
                    }
                }
                cut.words.extend(word.take());
                // An operator at the end of a line holds for the next.
                if letter != '\n' || !cut.words.is_empty() {
                    cut.end(match letter {
                        '&' => Runs::Behind,
                        _ => Runs::Always,
                    });
                }
                line += usize::from(letter == '\n');
            }
            '|' => {
                let is_or = letters.next_if_eq(&'|').is_some();
                cut.words.extend(word.take());
                if !is_or {
                    cut.fault(line, "`|`");
                }
                cut.end(if is_or { Runs::Instead } else { Runs::Always });
                if !is_or {
                    cut.fault(line, "`|`");
                }
            }
            '#' if word.is_none() => while letters.next_if(|&next| next != '\n').is_some() {},
            '\\' => match letters.next() {
                Some('\n') => line += 1,
                Some('\r') if letters.peek() == Some(&'\n') => {
                    letters.next();
                    line += 1;
                }
                Some(escaped) => word.get_or_insert_default().push(escaped),
                None => return refused(line, "a backslash at the end".to_string()),
            },
            '\'' | '"' => {
                let opened = line;
                let word = word.get_or_insert_default();
                loop {
                    match letters.next() {
                        None => {
                            let found = format!("{letter} without a second one");
                            return Err((opened, CommandError::Shell { found }));
                        }
                        Some(next) if next == letter => break,
                        Some('\\') if letter == '"' => match letters.next() {
                            Some('\n') => line += 1,
                            Some(escaped @ ('"' | '\\' | '$' | '`')) => word.push(escaped),
                            Some(plain) => word.extend(['\\', plain]),
                            None => {}
                        },
                        Some(next @ ('$' | '`')) if letter == '"' => {
                            let text = cut.expanded(&mut letters, next, line)?;
                            line += text.matches('\n').count();
                            word.push_str(&text);
                        }
                        Some(next) => {
                            line += usize::from(next == '\n');
                            word.push(next);
                        }
                    }
                }
            }
            '$' | '`' => {
                let text = cut.expanded(&mut letters, letter, line)?;
                line += text.matches('\n').count();
                word.get_or_insert_default().push_str(&text);
            }
            '<' if letters.next_if_eq(&'<').is_some() => {
                cut.words.extend(word.take());
                cut.fault(line, "`<<`");
                if letters.next_if_eq(&'<').is_none() {
                    letters.next_if_eq(&'-');
                    let end = target(&mut letters);
                    documents.push(end.replace(['\'', '"', '\\'], ""));
                }
            }
            '(' if word.is_some() && cut.words.is_empty() && letters.next_if_eq(&')').is_some() => {
                // What a function does is a command, or several between braces, of its own.
                cut.words
                    .extend(word.take().map(|name| format!("{name}()")));
                cut.end(Runs::Always);
            }
            '(' | ')' => return refused(line, format!("`{letter}`")),
            '>' => {
                // Where what it says goes is nothing to a plan: `2>&1`, `>>log`.
                let is_number = |word: &String| word.chars().all(|digit| digit.is_ascii_digit());
                let before = word.take().filter(|word| !is_number(word));
                cut.words.extend(before);
                redirected(&mut letters);
            }
            '<' => {
                cut.words.extend(word.take());
                letters.next_if_eq(&'&');
                // Questions are answered in the commands that are printed.
                if target(&mut letters) != "/dev/null" {
                    cut.fault(line, "`<`");
                }
            }
            '*' | '?' => {
                cut.fault(line, &format!("`{letter}`"));
                word.get_or_insert_default().push(letter);
            }
            _ if letter.is_whitespace() => cut.words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    cut.words.extend(word.take());
    cut.end(Runs::Always);
    Ok(cut.commands)
}

/// A script while it is cut.
#[derive(Default)]
struct Cut {
    commands: Vec<ShellCommand>,
    words: Vec<String>,
    first_line: usize,
    runs: Runs,
    fault: Option<(usize, String)>,
    hidden: String,
}

type Letters<'t> = std::iter::Peekable<std::str::Chars<'t>>;

impl Cut {
    /// Reads what a shell puts something else in place of, up to where a name, or a command, in it ends.
    fn expanded(
        &mut self,
        letters: &mut Letters<'_>,
        sign: char,
        line: usize,
    ) -> Result<String, (usize, CommandError)> {
        let found = expansion(sign, letters.clone());
        self.fault(line, &found);
        if sign == '$' && letters.peek() != Some(&'(') {
            return Ok(sign.to_string());
        }
        let unfinished = || (line, CommandError::Shell { found });
        let text = substituted(letters, sign).ok_or_else(unfinished)?;
        self.hidden.push_str(&text);
        Ok(format!("{sign}{text}"))
    }

    fn fault(&mut self, line: usize, found: &str) {
        self.fault.get_or_insert_with(|| (line, found.to_string()));
    }

    /// The command ends; and when the next runs.
    fn end(&mut self, next: Runs) {
        let words = std::mem::take(&mut self.words);
        let fault = self.fault.take();
        let hidden = std::mem::take(&mut self.hidden);
        if !words.is_empty() {
            self.commands.push(ShellCommand {
                line: self.first_line,
                words,
                runs: self.runs,
                fault,
                hidden,
            });
        }
        self.runs = next;
    }
}

/// Where output goes is nothing to a plan: what stands behind `>`.
fn redirected(letters: &mut Letters<'_>) {
    letters.next_if_eq(&'>');
    letters.next_if_eq(&'&');
    target(letters);
}

/// The word behind a sign that redirects.
fn target(letters: &mut Letters<'_>) -> String {
    while letters.next_if(|next| matches!(next, ' ' | '\t')).is_some() {}
    let is_target = |next: &char| !next.is_whitespace() && !";&|<>()`".contains(*next);
    let mut word = String::new();
    while let Some(letter) = letters.next_if(is_target) {
        word.push(letter);
    }
    word
}

/// The lines up to one that says that the document ends.
fn document(letters: &mut Letters<'_>, end: &str) -> String {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        for letter in letters.by_ref() {
            line.push(letter);
            if letter == '\n' {
                break;
            }
        }
        let is_last = line.trim() == end || letters.peek().is_none();
        text.push_str(&line);
        if is_last {
            return text;
        }
    }
}

/// A substitution up to its end: `(..)` behind `$`, or what stands before the next backtick.
fn substituted(letters: &mut Letters<'_>, sign: char) -> Option<String> {
    let mut text = String::new();
    let mut depth = 0_usize;
    let mut quote = None;
    loop {
        let letter = letters.next()?;
        text.push(letter);
        match (letter, quote) {
            ('\\', None | Some('"')) => text.extend(letters.next()),
            ('`', None) if sign == '`' => return Some(text),
            ('\'' | '"', None) => quote = Some(letter),
            (_, Some(open)) if letter == open => quote = None,
            ('(', None) => depth += 1,
            (')', None) => {
                depth = depth.checked_sub(1)?;
                if depth == 0 && sign == '$' {
                    return Some(text);
                }
            }
            _ => {}
        }
    }
}

fn refused<T>(line: usize, found: String) -> Result<T, (usize, CommandError)> {
    Err((line, CommandError::Shell { found }))
}

/// What a shell would put in place of itself, as the message names it.
fn expansion(sign: char, rest: impl Iterator<Item = char>) -> String {
    let is_named = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '{');
    let name: String = rest.take_while(is_named).take(32).collect();
    format!("`{sign}{name}`")
}

/// A word so that a shell reads it as it is.
#[must_use]
pub fn shell_quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-+=./:,@%".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_string()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
        let commands = commands(text).expect("a script");
        commands.into_iter().map(|command| command.words).collect()
    }

    #[test]
    fn a_script_is_cut_as_a_shell_cuts_it() {
        assert_eq!(
            words("a  b\t'c d' \"e \\\" f\" g\\ h"),
            [["a", "b", "c d", "e \" f", "g h"]]
        );
        assert_eq!(words("a # b\n# c\n\n d#e ''"), [vec!["a"], vec!["d#e", ""]]);
        assert_eq!(
            words("a \\\n b; c && d\r\n"),
            [vec!["a", "b"], vec!["c"], vec!["d"]]
        );
    }

    #[test]
    fn what_a_shell_puts_in_place_of_something_stays_as_it_is_typed() {
        let text = "A=$(b \"$C\" ')') d \"`e f`\" $? *\nf() { g; }\nh";
        assert_eq!(
            words(text),
            [
                vec!["A=$(b \"$C\" ')')", "d", "`e f`", "$?", "*"],
                vec!["f()"],
                vec!["{", "g"],
                vec!["}"],
                vec!["h"]
            ]
        );
        let found = commands("a <<'E' && b\n$x\nE\nc <<<d").expect("a script");
        let lines: Vec<usize> = found.iter().map(|command| command.line).collect();
        assert_eq!(lines, [1, 1, 4]);
        assert_eq!(words("a <<E\nb\nE\nc &>d </dev/null"), [["a"], ["c"]]);
        assert!(commands("a $(b").is_err() && commands("(a)").is_err());
    }

    #[test]
    fn commands_know_their_line() {
        let commands = commands("# one\n\na 'x\ny' \\\n b\nc").expect("a script");
        let lines: Vec<usize> = commands.iter().map(|command| command.line).collect();
        assert_eq!(lines, [3, 6]);
    }

    #[test]
    fn what_only_a_shell_knows_is_refused() {
        for (text, line, found) in [
            ("a &", 1, "`&`"),
            ("\n'a\n", 2, "' without a second one"),
            ("a \\", 1, "a backslash at the end"),
        ] {
            let found = found.to_string();
            assert_eq!(
                commands(text),
                Err((line, CommandError::Shell { found })),
                "{text}"
            );
        }
    }

    #[test]
    fn what_a_command_has_that_only_a_shell_knows_is_kept_with_it() {
        for (text, line, found) in [
            ("a\nb $VG", 2, "`$VG`"),
            ("a \"${VG}\"", 1, "`${VG`"),
            ("a | b", 1, "`|`"),
            ("a <b", 1, "`<`"),
        ] {
            let commands = commands(text).expect("a script");
            let faults: Vec<_> = commands.into_iter().filter_map(|one| one.fault).collect();
            assert_eq!(faults[0], (line, found.to_string()), "{text}");
        }
        let commands = commands("a || b\nc &&\nd ||\n e").expect("a script");
        let are: Vec<Runs> = commands.iter().map(|one| one.runs).collect();
        let (always, behind, instead) = (Runs::Always, Runs::Behind, Runs::Instead);
        assert_eq!(are, [always, instead, always, behind, instead]);
    }

    #[test]
    fn where_output_goes_is_left_out() {
        assert_eq!(
            words("a b >/dev/null 2>&1; c>>'log' && d"),
            [vec!["a", "b"], vec!["c"], vec!["d"]]
        );
        assert_eq!(words("a 7 > 8 9"), [["a", "7", "9"]]);
    }

    #[test]
    fn a_quoted_word_reads_back() {
        for word in ["data", "a b", "it's", "", "$x", "/dev/sda:0-9", "a\nb", "#"] {
            assert_eq!(words(&shell_quoted(word)), [[word]], "{word}");
        }
    }
}
