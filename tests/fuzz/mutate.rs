//! Spoils texts so that many of them are still read: by tokens, by lines and by bytes.

use crate::random::Random;

/// Numbers at which sums, products, casts and 32-bit counts break.
const NUMBERS: [&str; 20] = [
    "0",
    "1",
    "2",
    "3",
    "7",
    "255",
    "4096",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "70368744177664",
    "4611686018427387904",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551614",
    "18446744073709551615",
    "18446744073709551616",
];

/// Words and signs that mean something to one reader or another.
const WORDS: [&str; 48] = [
    "{",
    "}",
    "[",
    "]",
    "=",
    ",",
    ":",
    "\"",
    "'",
    "#",
    "\\",
    "-",
    "+",
    "%",
    "@",
    "/",
    "\n",
    "\r",
    "\0",
    "\u{1b}[31m",
    "\u{feff}",
    "é",
    "null",
    "true",
    "-1",
    "1.5",
    "1e9",
    "0x10",
    "100%FREE",
    "50%VG",
    "12m",
    "4T",
    "1k",
    "99999999999E",
    "--type",
    "raid5",
    "raid10",
    "mirror",
    "striped",
    "-m",
    "-i",
    "pv0",
    "segment1 {",
    "\"VISIBLE\"",
    "contiguous",
    "cling_by_tags",
    "anywhere",
    "largest_area",
];

/// A text that was spoiled in one to five ways, mostly a few; `corpus` lends it pieces.
///
/// Other numbers leave a text readable, so half of the ways are these: what is read gets further.
pub(crate) fn mutated(random: &mut Random, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut text = random.pick(corpus).clone();
    let ways = *random.pick(&[1, 1, 1, 2, 2, 3, 5]);
    for _ in 0..ways {
        match random.below(24) {
            0..=11 => number(random, &mut text),
            12 => swap_tokens(random, &mut text),
            13..=15 => copy_token(random, &mut text, corpus),
            16 => flip(random, &mut text),
            17 => delete(random, &mut text),
            18 => repeat(random, &mut text),
            19 => insert(random, &mut text),
            20 => lines(random, &mut text),
            21 => splice(random, &mut text, corpus),
            22 => nest(random, &mut text),
            _ => one_token(random, &mut text),
        }
    }
    text
}

/// Where the tokens of a text are: numbers, words, and every other byte by itself.
fn tokens(text: &[u8]) -> Vec<(usize, usize)> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = if is_word(text[at]) {
            at + text[at..].iter().take_while(|byte| is_word(**byte)).count()
        } else {
            at + 1
        };
        if !text[at].is_ascii_whitespace() {
            tokens.push((at, end));
        }
        at = end;
    }
    tokens
}

/// Another number in place of one: a border, or one close by.
fn number(random: &mut Random, text: &mut Vec<u8>) {
    let all = tokens(text);
    let is_number =
        |&&(start, end): &&(usize, usize)| text[start..end].iter().all(u8::is_ascii_digit);
    let numbers: Vec<(usize, usize)> = all.iter().filter(is_number).copied().collect();
    if numbers.is_empty() {
        return insert(random, text);
    }
    let (start, end) = *random.pick(&numbers);
    let old = String::from_utf8_lossy(&text[start..end])
        .parse::<u128>()
        .unwrap_or(0);
    let new = match random.below(8) {
        0..=1 => (*random.pick(&NUMBERS)).to_string(),
        2 => (old + 1).to_string(),
        3 => old.saturating_sub(1).to_string(),
        4 => old.saturating_mul(2).to_string(),
        5 => (old / 2).to_string(),
        6 => random.below(12).to_string(),
        _ => {
            let (start, end) = *random.pick(&numbers);
            String::from_utf8_lossy(&text[start..end]).into_owned()
        }
    };
    text.splice(start..end, new.into_bytes());
}

fn swap_tokens(random: &mut Random, text: &mut Vec<u8>) {
    let all = tokens(text);
    if all.is_empty() {
        return;
    }
    let (one, other) = (*random.pick(&all), *random.pick(&all));
    let ((start, end), (later, last)) = (one.min(other), one.max(other));
    let (first, second) = (text[start..end].to_vec(), text[later..last].to_vec());
    text.splice(later..last, first);
    text.splice(start..end, second);
}

fn copy_token(random: &mut Random, text: &mut Vec<u8>, corpus: &[Vec<u8>]) {
    let lender = random.pick(corpus);
    let (from, to) = (tokens(lender), tokens(text));
    if from.is_empty() || to.is_empty() {
        return;
    }
    let (start, end) = *random.pick(&to);
    let (first, last) = *random.pick(&from);
    text.splice(start..end, lender[first..last].iter().copied());
}

/// A token gone, or twice.
fn one_token(random: &mut Random, text: &mut Vec<u8>) {
    let all = tokens(text);
    if all.is_empty() {
        return;
    }
    let (start, end) = *random.pick(&all);
    if random.below(2) == 0 {
        text.drain(start..end);
    } else {
        let mut copy = text[start..end].to_vec();
        copy.push(b' ');
        text.splice(start..start, copy);
    }
}

fn flip(random: &mut Random, text: &mut [u8]) {
    if !text.is_empty() {
        let at = random.index(text.len());
        text[at] ^= 1 << random.below(8);
    }
}

/// A place and another one at most `longest` behind it.
fn range(random: &mut Random, text: &[u8], longest: usize) -> (usize, usize) {
    let start = random.index(text.len() + 1);
    let end = (start + random.index(longest + 1)).min(text.len());
    (start, end)
}

fn delete(random: &mut Random, text: &mut Vec<u8>) {
    let (start, end) = range(random, text, 40);
    text.drain(start..end);
}

fn repeat(random: &mut Random, text: &mut Vec<u8>) {
    let (start, end) = range(random, text, 200);
    let piece = text[start..end].to_vec();
    text.splice(end..end, piece);
}

fn insert(random: &mut Random, text: &mut Vec<u8>) {
    let at = random.index(text.len() + 1);
    let word = if random.below(3) == 0 {
        *random.pick(&NUMBERS)
    } else {
        *random.pick(&WORDS)
    };
    text.splice(at..at, word.bytes());
}

/// A line twice, gone, or elsewhere.
fn lines(random: &mut Random, text: &mut Vec<u8>) {
    let mut lines: Vec<Vec<u8>> = text
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    let at = random.index(lines.len());
    match random.below(3) {
        0 => lines.insert(at, lines[at].clone()),
        1 => drop(lines.remove(at)),
        _ => {
            let line = lines.remove(at);
            lines.insert(random.index(lines.len() + 1), line);
        }
    }
    *text = lines.join(&b'\n');
}

/// The front of one text and the back of another.
fn splice(random: &mut Random, text: &mut Vec<u8>, corpus: &[Vec<u8>]) {
    let other = random.pick(corpus);
    text.truncate(random.index(text.len() + 1));
    text.extend_from_slice(&other[random.index(other.len() + 1)..]);
}

/// Brackets in brackets, a few or very many.
fn nest(random: &mut Random, text: &mut Vec<u8>) {
    let open = *random.pick(&["[", "{", "{\"a\":", "a {\n", "[["]);
    let depth = *random.pick(&[1, 2, 3, 130, 5_000]);
    let at = random.index(text.len() + 1);
    text.splice(at..at, open.repeat(depth).into_bytes());
}
