//! Typed access to the keys of a section; each refusal says where, what was found, what was expected.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use crate::lvm::LARGEST;
use crate::lvm::text::error::{Fault, Span, TextProblem};
use crate::lvm::text::grammar::{Content, Entry, Section, Value, ValueKind, shortened};

/// The names of a section and of those around it; put together only where a message needs it.
#[derive(Clone, Copy)]
pub(crate) struct Path<'s> {
    around: Option<&'s Path<'s>>,
    name: &'s str,
}

impl<'s> Path<'s> {
    /// The path of a section that stands in no other.
    pub(crate) fn of(name: &'s str) -> Path<'s> {
        Path { around: None, name }
    }

    /// The path of a section in this one.
    pub(crate) fn to(&'s self, name: &'s str) -> Path<'s> {
        Path {
            around: Some(self),
            name,
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.around {
            None => f.write_str(self.name),
            Some(around) => write!(f, "{around}/{}", shortened(self.name)),
        }
    }
}

/// A section with the path to it, for messages.
pub(crate) struct Fields<'s> {
    pub(crate) path: Path<'s>,
    pub(crate) section: &'s Section<'s>,
}

impl<'s> Fields<'s> {
    pub(crate) fn new(path: Path<'s>, section: &'s Section<'s>) -> Fields<'s> {
        Fields { path, section }
    }

    /// The sections in this one, with their names.
    pub(crate) fn sections(&self) -> impl Iterator<Item = (&Entry<'_>, Fields<'_>)> {
        self.section.entries.iter().filter_map(|entry| {
            let Content::Section(section) = &entry.content else {
                return None;
            };
            Some((entry, Fields::new(self.path.to(&entry.key), section)))
        })
    }

    /// The values in this section, with their keys.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&'s str, &'s Value<'s>)> {
        self.section.entries.iter().filter_map(|entry| {
            let Content::Value(value) = &entry.content else {
                return None;
            };
            Some((entry.key.as_ref(), value))
        })
    }

    fn entry(&self, key: &str) -> Option<&'s Entry<'s>> {
        self.section.entries.iter().find(|entry| entry.key == key)
    }

    fn value(&self, key: &str) -> Option<&'s Value<'s>> {
        self.values()
            .find(|(other, _)| *other == key)
            .map(|(_, value)| value)
    }

    fn required(&self, key: &str, expected: &'static str) -> Result<&'s Value<'s>, Fault> {
        self.value(key).ok_or_else(|| self.missing(key, expected))
    }

    fn missing(&self, key: &str, expected: &'static str) -> Fault {
        Fault::new(
            self.section.end.clone(),
            TextProblem::Missing {
                key: key.to_string(),
                section: self.path.to_string(),
                expected,
            },
        )
    }

    /// The section of a name, or nothing.
    pub(crate) fn optional_section<'f>(
        &'f self,
        name: &'f str,
    ) -> Result<Option<Fields<'f>>, Fault> {
        match self.entry(name) {
            None => Ok(None),
            Some(entry) => match &entry.content {
                Content::Section(section) => Ok(Some(Fields::new(self.path.to(name), section))),
                Content::Value(value) => Err(self.wrong(name, value, "a section")),
            },
        }
    }

    /// The section of a name.
    pub(crate) fn required_section<'f>(&'f self, name: &'f str) -> Result<Fields<'f>, Fault> {
        self.optional_section(name)?
            .ok_or_else(|| self.missing(name, "a section"))
    }

    /// A whole number from `least` to what LVM2 can hold, with its place.
    pub(crate) fn number(&self, key: &str, least: u64) -> Result<(u64, Span), Fault> {
        let value = self.required(key, "a whole number")?;
        Ok((self.whole(key, value, least, LARGEST)?, value.span.clone()))
    }

    /// A value as a whole number.
    pub(crate) fn whole(
        &self,
        key: &str,
        value: &Value<'_>,
        least: u64,
        most: u64,
    ) -> Result<u64, Fault> {
        let ValueKind::Integer(number) = value.kind else {
            return Err(self.wrong(key, value, "a whole number"));
        };
        u64::try_from(number)
            .ok()
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| {
                Fault::new(
                    value.span.clone(),
                    TextProblem::OutOfRange {
                        key: key.to_string(),
                        section: self.path.to_string(),
                        found: number,
                        least,
                        most,
                    },
                )
            })
    }

    /// A string.
    pub(crate) fn text(&self, key: &str) -> Result<&'s str, Fault> {
        let value = self.required(key, "a string")?;
        self.string(key, value)
    }

    /// A string, or nothing where there is no such key.
    pub(crate) fn optional_text(&self, key: &str) -> Result<Option<&'s str>, Fault> {
        self.value(key)
            .map(|value| self.string(key, value))
            .transpose()
    }

    /// A value as a string.
    pub(crate) fn string(&self, key: &str, value: &'s Value<'s>) -> Result<&'s str, Fault> {
        match &value.kind {
            ValueKind::Text(text) => Ok(text),
            ValueKind::Integer(_) | ValueKind::Decimal(_) | ValueKind::List(_) => {
                Err(self.wrong(key, value, "a string"))
            }
        }
    }

    /// A set of words; a single one may stand without brackets, as LVM2 reads it.
    pub(crate) fn words(&self, key: &str) -> Result<BTreeSet<String>, Fault> {
        let value = self.required(key, "a list of strings")?;
        self.as_words(key, value)
    }

    /// A set of words, empty where there is no such key.
    pub(crate) fn optional_words(&self, key: &str) -> Result<BTreeSet<String>, Fault> {
        self.value(key)
            .map_or(Ok(BTreeSet::new()), |value| self.as_words(key, value))
    }

    fn as_words(&self, key: &str, value: &'s Value<'s>) -> Result<BTreeSet<String>, Fault> {
        let items = match &value.kind {
            ValueKind::List(items) => items.as_slice(),
            ValueKind::Text(_) | ValueKind::Integer(_) | ValueKind::Decimal(_) => {
                std::slice::from_ref(value)
            }
        };
        items
            .iter()
            .map(|item| self.string(key, item).map(str::to_string))
            .collect()
    }

    /// A list, with its place.
    pub(crate) fn list(&self, key: &str) -> Result<(&'s [Value<'s>], Span), Fault> {
        let value = self.required(key, "a list")?;
        match &value.kind {
            ValueKind::List(items) => Ok((items, value.span.clone())),
            ValueKind::Text(_) | ValueKind::Integer(_) | ValueKind::Decimal(_) => {
                Err(self.wrong(key, value, "a list"))
            }
        }
    }

    /// Whether there is such a key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    fn wrong(&self, key: &str, value: &Value<'_>, expected: &'static str) -> Fault {
        let found = match &value.kind {
            ValueKind::Integer(number) => format!("the number {number}"),
            ValueKind::Decimal(text) => format!("the number {}", shortened(text)),
            ValueKind::Text(text) => format!("the string \"{}\"", shortened(text)),
            ValueKind::List(items) => format!("a list of {}", items.len()),
        };
        Fault::new(
            value.span.clone(),
            TextProblem::WrongKind {
                key: key.to_string(),
                section: self.path.to_string(),
                found,
                expected,
            },
        )
    }
}

/// Refuses a name that stands twice in a section or in one below it, unless as the same value.
pub(crate) fn refuse_duplicates(path: &Path<'_>, section: &Section<'_>) -> Result<(), Fault> {
    /// Entries up to which looking at all before one is quicker than a table of them.
    const FEW: usize = 16;
    let few = section.entries.len() <= FEW;
    let mut seen: HashMap<&str, &Entry<'_>> = HashMap::new();
    // Of a few names hardly two have the same length and the same first letter.
    let mut lengths_and_letters = 0_u64;
    for (index, entry) in section.entries.iter().enumerate() {
        let earlier = if few {
            let letter = entry.key.bytes().next().unwrap_or_default();
            let bit = 1 << ((entry.key.len() * 29 + usize::from(letter)) % 64);
            let may_be_there = lengths_and_letters & bit != 0;
            lengths_and_letters |= bit;
            let before = &section.entries[..if may_be_there { index } else { 0 }];
            before.iter().rev().find(|earlier| earlier.key == entry.key)
        } else {
            seen.insert(&entry.key, entry)
        };
        if let Some(earlier) = earlier {
            let is_harmless = match (&earlier.content, &entry.content) {
                (Content::Value(first), Content::Value(second)) => first == second,
                (Content::Section(_) | Content::Value(_), _) => false,
            };
            if !is_harmless {
                let problem = TextProblem::Duplicate {
                    name: shortened(&entry.key),
                    section: path.to_string(),
                };
                return Err(Fault::new(entry.key_span.clone(), problem)
                    .related(earlier.key_span.clone(), "the first one"));
            }
        }
        if let Content::Section(inner) = &entry.content {
            refuse_duplicates(&path.to(&entry.key), inner)?;
        }
    }
    Ok(())
}
