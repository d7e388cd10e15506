//! The grammar of LVM2's configuration text: comments, sections, keys and values, each with its span.
//!
//! Checked against the real lexer (2.03.16): a bare word runs up to white space, `#`, `=` or a brace,
//! so lists hold numbers and quoted strings only; a list may end with a comma; a leading zero means
//! octal. Nothing here knows what a volume group is.

use std::borrow::Cow;

use crate::core::is_printable;
use crate::lvm::text::error::{Fault, Span, TextProblem};

/// Sections in sections. LVM2 itself needs four levels; the limit bounds the stack that a hostile
/// text can use.
pub(crate) const DEEPEST: usize = 64;

/// What stands between two braces, or the whole text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Section<'t> {
    pub(crate) entries: Vec<Entry<'t>>,
    /// Where something missing would have stood: the closing brace, or the end of the text.
    pub(crate) end: Span,
}

/// A key with its value, or the name of a section with the section.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry<'t> {
    pub(crate) key: Cow<'t, str>,
    pub(crate) key_span: Span,
    pub(crate) content: Content<'t>,
}

/// What follows a key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content<'t> {
    Section(Section<'t>),
    Value(Value<'t>),
}

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Value<'t> {
    pub(crate) kind: ValueKind<'t>,
    pub(crate) span: Span,
}

impl PartialEq for Value<'_> {
    /// The same value, wherever it stands.
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// The kinds of value that the grammar tells apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ValueKind<'t> {
    Integer(i64),
    /// A number with a point, as written. Nothing that is planned with has one.
    Decimal(&'t str),
    Text(Cow<'t, str>),
    /// Numbers and strings.
    List(Vec<Value<'t>>),
}

/// The sections and values of a whole text, which they borrow from: a text of some tens of MiB has
/// millions of names.
///
/// # Errors
/// The first place that does not follow the grammar, and what was left open there.
pub(crate) fn file(text: &str) -> Result<Section<'_>, Fault> {
    let mut reader = Reader::new(text);
    let read = reader.entries().and_then(|entries| {
        let is_over = reader.at == text.len();
        is_over
            .then_some(entries)
            .ok_or_else(|| reader.unexpected("a key or the end of the text"))
    });
    let end = text.len()..text.len();
    match read {
        Ok(entries) => Ok(Section { entries, end }),
        Err(unexpected) => Err(fault(text, unexpected, reader.opened.last())),
    }
}

/// Whether the first thing behind comments is a key that is followed by `=` or `{`.
pub(crate) fn sets_out(text: &str) -> bool {
    let mut reader = Reader::new(text);
    reader.blank();
    let key = reader.key();
    reader.blank();
    matches!(key, Ok(Some(_))) && matches!(reader.next(), Some(b'=' | b'{'))
}

/// A place at which the text goes on in a way the grammar does not allow.
#[derive(Debug)]
struct Unexpected {
    at: usize,
    expected: &'static str,
    /// Set where the reason is not what stands there.
    problem: Option<Box<TextProblem>>,
}

type Parsed<T> = Result<T, Unexpected>;

/// Reads a text by recursive descent: what comes next is told by its first byte, and nothing is read twice.
struct Reader<'t> {
    text: &'t str,
    /// Bytes read so far.
    at: usize,
    /// Where each section and list was opened that is not closed yet.
    opened: Vec<Span>,
    /// The entries of all open sections so far, those of the innermost last. Each section takes its
    /// own off the end, with no more room than it needs: there are millions of short ones, and lists
    /// that grow one by one would leave the memory in shreds.
    entries: Vec<Entry<'t>>,
    /// The same for lists.
    items: Vec<Value<'t>>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Reader<'t> {
        Reader {
            text,
            at: 0,
            opened: Vec::new(),
            entries: Vec::new(),
            items: Vec::new(),
        }
    }

    /// What is still to be read.
    fn rest(&self) -> &'t [u8] {
        &self.text.as_bytes()[self.at..]
    }

    /// The byte that comes next.
    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes on by so many bytes, and gives these.
    fn take(&mut self, length: usize) -> &'t str {
        let start = self.at;
        self.at += length;
        &self.text[start..self.at]
    }

    /// Goes over this byte, if it comes next.
    fn skip(&mut self, byte: u8) -> bool {
        let is_next = self.next() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn unexpected(&self, expected: &'static str) -> Unexpected {
        Unexpected {
            at: self.at,
            expected,
            problem: None,
        }
    }

    /// The keys of a section with what they stand for, up to what is no key.
    fn entries(&mut self) -> Parsed<Vec<Entry<'t>>> {
        let first = self.entries.len();
        loop {
            self.blank();
            let start = self.at;
            let Some(key) = self.key()? else {
                break;
            };
            let key_span = start..self.at;
            self.blank();
            let content = self.content()?;
            self.entries.push(Entry {
                key,
                key_span,
                content,
            });
        }
        Ok(self.entries.drain(first..).collect())
    }

    fn content(&mut self) -> Parsed<Content<'t>> {
        match self.next() {
            Some(b'=') => {
                self.at += 1;
                self.blank();
                self.value().map(Content::Value)
            }
            Some(b'{') => self.section().map(Content::Section),
            Some(_) | None => Err(self.unexpected("`=` or `{`")),
        }
    }

    /// A name: a quoted string, or a word that does not set out like a list.
    fn key(&mut self) -> Parsed<Option<Cow<'t, str>>> {
        match self.next() {
            Some(b'"' | b'\'') => {
                let start = self.at;
                let name = self.quoted()?;
                if name.is_empty() {
                    self.at = start;
                }
                Ok(Some(name).filter(|name| !name.is_empty()))
            }
            Some(b'[' | b']' | b',') => Ok(None),
            Some(_) | None => Ok(self.word().map(Cow::Borrowed)),
        }
    }

    fn section(&mut self) -> Parsed<Section<'t>> {
        if self.opened.len() == DEEPEST {
            let problem = Some(Box::new(TextProblem::TooDeep { limit: DEEPEST }));
            return Err(Unexpected {
                problem,
                ..self.unexpected("")
            });
        }
        self.open();
        let entries = self.entries()?;
        let end = self.at..self.at + 1;
        if !self.skip(b'}') {
            return Err(self.unexpected("a key or `}`"));
        }
        self.opened.pop();
        Ok(Section { entries, end })
    }

    /// Goes over the byte that opens a section or a list.
    fn open(&mut self) {
        self.opened.push(self.at..self.at + 1);
        self.at += 1;
    }

    fn value(&mut self) -> Parsed<Value<'t>> {
        if self.next() == Some(b'[') {
            return self.list();
        }
        self.scalar()?.ok_or_else(|| self.unexpected("a value"))
    }

    fn list(&mut self) -> Parsed<Value<'t>> {
        let start = self.at;
        self.open();
        self.blank();
        let first = self.items.len();
        // A comma may end the list, so each one is followed by a value or by nothing.
        while let Some(item) = self.scalar()? {
            self.items.push(item);
            self.blank();
            if !self.skip(b',') {
                break;
            }
            self.blank();
        }
        let items: Vec<Value<'t>> = self.items.drain(first..).collect();
        if !self.skip(b']') {
            return Err(self.unexpected(if items.is_empty() {
                "a value or `]`"
            } else {
                "`,` or `]`"
            }));
        }
        self.opened.pop();
        Ok(Value {
            kind: ValueKind::List(items),
            span: start..self.at,
        })
    }

    /// A string or a number; nothing where neither sets out.
    fn scalar(&mut self) -> Parsed<Option<Value<'t>>> {
        let start = self.at;
        let kind = match self.next() {
            Some(b'"' | b'\'') => Some(ValueKind::Text(self.quoted()?)),
            Some(b'0'..=b'9' | b'+' | b'-' | b'.') => self.number()?,
            Some(b'[' | b']' | b',') => None,
            Some(_) | None => self.word().map(|word| ValueKind::Text(Cow::Borrowed(word))),
        };
        Ok(kind.map(|kind| Value {
            kind,
            span: start..self.at,
        }))
    }

    /// A string in quotes. In double ones a backslash takes away the meaning of `"` and `\`.
    fn quoted(&mut self) -> Parsed<Cow<'t, str>> {
        let start = self.at;
        let quote = self.rest()[0];
        self.at += 1;
        let mut string = Cow::Borrowed("");
        loop {
            let mut rest = self.rest().iter();
            let Some(length) = rest.position(|byte| *byte == quote || *byte == b'\\') else {
                // The end of the text says nothing: what matters is where the string was opened.
                return Err(Unexpected {
                    at: start,
                    expected: "",
                    problem: Some(Box::new(TextProblem::Unclosed { opened: "string" })),
                });
            };
            // Most have no backslash: they are what stands between the quotes.
            string += self.take(length);
            if self.skip(quote) {
                return Ok(string);
            }
            self.at += 1;
            let meant = self.next().filter(|byte| matches!(byte, b'"' | b'\\'));
            let meant = meant.filter(|_| quote == b'"');
            self.at += usize::from(meant.is_some());
            string.to_mut().push(char::from(meant.unwrap_or(b'\\')));
        }
    }

    /// `-1`, `4096`, `017` (octal), `1.5`.
    fn number(&mut self) -> Parsed<Option<ValueKind<'t>>> {
        let bytes = self.rest();
        let mut length = usize::from(matches!(bytes[0], b'+' | b'-'));
        let (mut digits, mut points) = (0, 0);
        while let Some(byte) = bytes.get(length) {
            match byte {
                b'0'..=b'9' => digits += 1,
                b'.' => points += 1,
                _ => break,
            }
            length += 1;
        }
        if digits == 0 {
            return Ok(None);
        }
        let wrong = self.unexpected("a number");
        let text = self.take(length);
        match points {
            0 => match whole_number(text) {
                Some(number) => Ok(Some(ValueKind::Integer(number))),
                None => {
                    let found = text.to_string();
                    Err(Unexpected {
                        problem: Some(Box::new(TextProblem::NotANumber { found })),
                        ..wrong
                    })
                }
            },
            1 => Ok(Some(ValueKind::Decimal(text))),
            _ => Err(wrong),
        }
    }

    /// A word without quotes; nothing where none sets out.
    fn word(&mut self) -> Option<&'t str> {
        let bytes = self.rest();
        let is_end = |byte: &u8| KINDS[usize::from(*byte)] != Kind::InWord;
        let length = bytes.iter().position(is_end).unwrap_or(bytes.len());
        (length > 0).then(|| self.take(length))
    }

    /// Goes over white space and comments.
    fn blank(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            if KINDS[usize::from(byte)] == Kind::Space {
                self.at += 1;
            } else if byte == b'#' {
                let rest = &bytes[self.at..];
                let end = rest.iter().position(|byte| *byte == b'\n');
                self.at += end.unwrap_or(rest.len());
            } else {
                break;
            }
        }
    }
}

/// What a byte is to a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A part of it. All bytes of letters of several are.
    InWord,
    /// White space behind it.
    Space,
    /// Something else behind it.
    End,
}

/// The kinds of all bytes.
static KINDS: [Kind; 256] = {
    let mut kinds = [Kind::InWord; 256];
    let (spaces, ends) = (b" \t\n\r\x0b\x0c", b"#={}");
    let mut index = 0;
    while index < spaces.len() {
        kinds[spaces[index] as usize] = Kind::Space;
        index += 1;
    }
    index = 0;
    while index < ends.len() {
        kinds[ends[index] as usize] = Kind::End;
        index += 1;
    }
    kinds
};

/// A whole number as C reads it, or nothing where it does not fit 64 bits or has a digit too large.
fn whole_number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let radix = if digits.starts_with('0') { 8 } else { 10 };
    i64::from_str_radix(text, radix).ok()
}

/// What a place that does not follow the grammar says to the user.
fn fault(text: &str, unexpected: Unexpected, open: Option<&Span>) -> Fault {
    let found = Found::at(text, unexpected.at);
    let problem = unexpected.problem.unwrap_or_else(|| {
        Box::new(TextProblem::Syntax {
            found: found.words,
            expected: unexpected.expected,
        })
    });
    let mut fault = Fault::new(found.span, *problem);
    if unexpected.at == text.len() {
        fault.related = open.map(|opened| (opened.clone(), "opened here and never closed"));
    }
    fault
}

/// What stands at a place, in words.
struct Found {
    words: String,
    span: Span,
}

impl Found {
    fn at(text: &str, at: usize) -> Found {
        let rest = &text[at..];
        let Some(first) = rest.chars().next() else {
            return Found {
                words: "the end of the text".to_string(),
                span: at..at,
            };
        };
        let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
        let length = if is_word(first) {
            rest.find(|letter| !is_word(letter)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        Found {
            words: format!("`{}`", shortened(&rest[..length])),
            span: at..at + length,
        }
    }
}

/// A text that is not longer than a message can carry.
pub(crate) fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    let short: String = text
        .chars()
        .take(MOST)
        .map(|letter| if is_printable(letter) { letter } else { '␀' })
        .collect();
    if text.chars().nth(MOST).is_some() {
        format!("{short}…")
    } else {
        short
    }
}
