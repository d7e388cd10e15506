//! The grammar of LVM2's configuration text: comments, sections, keys and values, each with its span.
//!
//! Checked against the real lexer (2.03.16): a bare word runs up to white space, `#`, `=` or a brace,
//! so lists hold numbers and quoted strings only; a list may end with a comma; a leading zero means
//! octal. Nothing here knows what a volume group is.

use std::borrow::Cow;

use winnow::combinator::{cut_err, eof, fail, opt, preceded, terminated};
use winnow::error::{AddContext, ErrMode, ModalResult, ParserError};
use winnow::stream::{AsBStr, Location, Stateful, Stream};
use winnow::token::{literal, one_of, take_till};
use winnow::{LocatingSlice, Parser};

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

/// The text still to be read, and what is not closed yet.
type Input<'t> = Stateful<LocatingSlice<&'t str>, Unclosed<'t>>;

/// The sections and lists that are not closed yet.
#[derive(Debug, Default)]
struct Unclosed<'t> {
    /// Where each was opened.
    opened: Vec<Span>,
    /// The entries of all of them so far, those of the innermost section last. Each section takes its
    /// own off the end, with no more room than it needs: there are millions of short ones, and lists
    /// that grow one by one would leave the memory in shreds.
    entries: Vec<Entry<'t>>,
    /// The same for lists.
    items: Vec<Value<'t>>,
}

type Parsed<T> = ModalResult<T, Unexpected>;

/// A place at which the text goes on in a way the grammar does not allow.
#[derive(Debug)]
struct Unexpected {
    at: usize,
    expected: Option<&'static str>,
    /// Set where the reason is not what stands there.
    problem: Option<Box<TextProblem>>,
}

impl ParserError<Input<'_>> for Unexpected {
    type Inner = Unexpected;

    fn from_input(input: &Input<'_>) -> Unexpected {
        Unexpected {
            at: input.current_token_start(),
            expected: None,
            problem: None,
        }
    }

    fn into_inner(self) -> Result<Unexpected, Unexpected> {
        Ok(self)
    }
}

impl AddContext<Input<'_>> for Unexpected {
    /// The innermost expectation is the most precise one and stays.
    fn add_context(
        mut self,
        _input: &Input<'_>,
        _start: &<Input<'_> as Stream>::Checkpoint,
        expected: &'static str,
    ) -> Unexpected {
        self.expected.get_or_insert(expected);
        self
    }
}

/// The sections and values of a whole text, which they borrow from: a text of some tens of MiB has
/// millions of names.
///
/// # Errors
/// The first place that does not follow the grammar, and what was left open there.
pub(crate) fn file(text: &str) -> Result<Section<'_>, Fault> {
    let mut input = Input {
        input: LocatingSlice::new(text),
        state: Unclosed::default(),
    };
    let end = text.len()..text.len();
    match terminated(entries, end_of_text).parse_next(&mut input) {
        Ok(entries) => Ok(Section { entries, end }),
        Err(ErrMode::Backtrack(unexpected) | ErrMode::Cut(unexpected)) => {
            Err(fault(text, unexpected, input.state.opened.last()))
        }
        Err(ErrMode::Incomplete(_)) => unreachable!("the whole text is at hand"),
    }
}

/// Whether the first thing behind comments is a key that is followed by `=` or `{`.
pub(crate) fn sets_out(text: &str) -> bool {
    let mut input = Input {
        input: LocatingSlice::new(text),
        state: Unclosed::default(),
    };
    (blank, key, blank, one_of(['=', '{']))
        .parse_next(&mut input)
        .is_ok()
}

/// The byte that comes next. What follows is chosen by it: a text has millions of places where one of several things may
/// stand, and to try them one after another is several times as much work.
fn next(input: &Input<'_>) -> Option<u8> {
    input.as_bstr().first().copied()
}

fn entries<'t>(input: &mut Input<'t>) -> Parsed<Vec<Entry<'t>>> {
    let first = input.state.entries.len();
    loop {
        blank.parse_next(input)?;
        if matches!(next(input), None | Some(b'}')) {
            break;
        }
        let Some(entry) = opt(entry).parse_next(input)? else {
            break;
        };
        input.state.entries.push(entry);
    }
    Ok(input.state.entries.drain(first..).collect())
}

fn entry<'t>(input: &mut Input<'t>) -> Parsed<Entry<'t>> {
    let (key, key_span) = key.with_span().parse_next(input)?;
    let content = cut_err(preceded(blank, content))
        .context("`=` or `{`")
        .parse_next(input)?;
    Ok(Entry {
        key,
        key_span,
        content,
    })
}

fn content<'t>(input: &mut Input<'t>) -> Parsed<Content<'t>> {
    match next(input) {
        Some(b'=') => preceded(('=', blank), cut_err(value))
            .map(Content::Value)
            .parse_next(input),
        Some(b'{') => section.map(Content::Section).parse_next(input),
        Some(_) | None => fail.parse_next(input),
    }
}

/// A name: a quoted string, or a word that does not set out like a list.
fn key<'t>(input: &mut Input<'t>) -> Parsed<Cow<'t, str>> {
    match next(input) {
        Some(b'"' | b'\'') => quoted
            .verify(|name: &Cow<'_, str>| !name.is_empty())
            .parse_next(input),
        Some(b'[' | b']' | b',') => fail.parse_next(input),
        Some(_) | None => word.map(Cow::Borrowed).parse_next(input),
    }
}

fn section<'t>(input: &mut Input<'t>) -> Parsed<Section<'t>> {
    let (_, opened) = '{'.with_span().parse_next(input)?;
    if input.state.opened.len() == DEEPEST {
        return Err(ErrMode::Cut(Unexpected {
            at: opened.start,
            expected: None,
            problem: Some(Box::new(TextProblem::TooDeep { limit: DEEPEST })),
        }));
    }
    input.state.opened.push(opened);
    let entries = entries.parse_next(input)?;
    let (_, end) = cut_err(preceded(blank, '}'.with_span()))
        .context("a key or `}`")
        .parse_next(input)?;
    input.state.opened.pop();
    Ok(Section { entries, end })
}

fn value<'t>(input: &mut Input<'t>) -> Parsed<Value<'t>> {
    let of_kind = |input: &mut Input<'t>| match next(input) {
        Some(b'[') => list.parse_next(input),
        Some(_) | None => scalar.parse_next(input),
    };
    of_kind.context("a value").parse_next(input)
}

fn list<'t>(input: &mut Input<'t>) -> Parsed<Value<'t>> {
    let (_, opened) = '['.with_span().parse_next(input)?;
    input.state.opened.push(opened.clone());
    blank.parse_next(input)?;
    let first = input.state.items.len();
    // A comma may end the list, so each one is followed by a value or by nothing.
    while let Some(item) = opt(terminated(scalar, blank)).parse_next(input)? {
        input.state.items.push(item);
        if opt((',', blank)).parse_next(input)?.is_none() {
            break;
        }
    }
    let items: Vec<Value<'t>> = input.state.items.drain(first..).collect();
    let expected = if items.is_empty() {
        "a value or `]`"
    } else {
        "`,` or `]`"
    };
    let (_, closed) = cut_err(']'.with_span())
        .context(expected)
        .parse_next(input)?;
    input.state.opened.pop();
    Ok(Value {
        kind: ValueKind::List(items),
        span: opened.start..closed.end,
    })
}

fn scalar<'t>(input: &mut Input<'t>) -> Parsed<Value<'t>> {
    let of_kind = |input: &mut Input<'t>| match next(input) {
        Some(b'"' | b'\'') => quoted.map(ValueKind::Text).parse_next(input),
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => number.parse_next(input),
        Some(b'[' | b']' | b',') => fail.parse_next(input),
        Some(_) | None => word
            .map(|word| ValueKind::Text(Cow::Borrowed(word)))
            .parse_next(input),
    };
    let (kind, span) = of_kind.with_span().parse_next(input)?;
    Ok(Value { kind, span })
}

/// A string in quotes. In double ones a backslash takes away the meaning of `"` and `\`.
fn quoted<'t>(input: &mut Input<'t>) -> Parsed<Cow<'t, str>> {
    // Most have no backslash: they are what stands between the quotes.
    if let [quote @ (b'"' | b'\''), rest @ ..] = input.as_bstr() {
        let end = rest.iter().position(|byte| byte == quote || *byte == b'\\');
        if let Some(end) = end.filter(|&end| rest[end] == *quote) {
            let plain = input.next_slice(end + 2);
            return Ok(Cow::Borrowed(&plain[1..=end]));
        }
    }
    let start = input.checkpoint();
    let at = input.current_token_start();
    let quote = one_of(['"', '\'']).parse_next(input)?;
    let mut string = Cow::Borrowed("");
    loop {
        let plain: &'t str =
            take_till(0.., |letter| letter == quote || letter == '\\').parse_next(input)?;
        string += plain;
        let escape: Option<&str> = opt(literal("\\")).parse_next(input)?;
        if escape.is_some() {
            let meant = opt(one_of(['"', '\\']).verify(|_| quote == '"')).parse_next(input)?;
            string.to_mut().push(meant.unwrap_or('\\'));
        } else if opt(quote).parse_next(input)?.is_some() {
            return Ok(string);
        } else {
            // The end of the text says nothing: what matters is where the string was opened.
            input.reset(&start);
            return Err(ErrMode::Cut(Unexpected {
                at,
                expected: None,
                problem: Some(Box::new(TextProblem::Unclosed { opened: "string" })),
            }));
        }
    }
}

/// `-1`, `4096`, `017` (octal), `1.5`.
fn number<'t>(input: &mut Input<'t>) -> Parsed<ValueKind<'t>> {
    let at = input.current_token_start();
    let bytes = input.as_bstr();
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let is_part = |byte: &&u8| byte.is_ascii_digit() || **byte == b'.';
    let length = sign + bytes[sign..].iter().take_while(is_part).count();
    if !bytes[..length].iter().any(u8::is_ascii_digit) {
        return fail.parse_next(input);
    }
    let text = input.next_slice(length);
    match text.matches('.').count() {
        0 => whole_number(text)
            .map(ValueKind::Integer)
            .ok_or_else(|| Unexpected {
                at,
                expected: None,
                problem: Some(Box::new(TextProblem::NotANumber {
                    found: text.to_string(),
                })),
            })
            .map_err(ErrMode::Cut),
        1 => Ok(ValueKind::Decimal(text)),
        _ => Err(ErrMode::Cut(Unexpected {
            at,
            expected: Some("a number"),
            problem: None,
        })),
    }
}

/// A whole number as C reads it, or nothing where it does not fit 64 bits or has a digit too large.
fn whole_number(text: &str) -> Option<i64> {
    let digits = text.trim_start_matches(['+', '-']);
    let radix = if digits.starts_with('0') { 8 } else { 10 };
    i64::from_str_radix(text, radix).ok()
}

/// A word without quotes.
fn word<'t>(input: &mut Input<'t>) -> Parsed<&'t str> {
    // None of these is a part of a letter of several bytes.
    let is_end = |byte: &u8| is_space(*byte) || matches!(byte, b'#' | b'=' | b'{' | b'}');
    let bytes = input.as_bstr();
    match bytes.iter().position(is_end).unwrap_or(bytes.len()) {
        0 => fail.parse_next(input),
        length => Ok(input.next_slice(length)),
    }
}

/// White space and comments.
fn blank(input: &mut Input<'_>) -> Parsed<()> {
    let bytes = input.as_bstr();
    let mut length = 0;
    while let Some(&byte) = bytes.get(length) {
        length += match byte {
            b'#' => {
                let rest = &bytes[length..];
                let end = rest.iter().position(|byte| *byte == b'\n');
                end.unwrap_or(rest.len())
            }
            byte if is_space(byte) => 1,
            _ => break,
        };
    }
    input.next_slice(length);
    Ok(())
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0xb
}

fn end_of_text(input: &mut Input<'_>) -> Parsed<()> {
    preceded(blank, eof)
        .context("a key or the end of the text")
        .void()
        .parse_next(input)
}

/// What a place that does not follow the grammar says to the user.
fn fault(text: &str, unexpected: Unexpected, open: Option<&Span>) -> Fault {
    let found = Found::at(text, unexpected.at);
    let problem = unexpected.problem.unwrap_or_else(|| {
        Box::new(TextProblem::Syntax {
            found: found.words,
            expected: unexpected.expected.unwrap_or("a key or a value"),
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
