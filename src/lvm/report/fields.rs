//! The fields of a row that anyone asks for, as strings, whatever JSON makes of them.
//!
//! The format `json` writes strings; `json_std` has numbers, lists and null as such.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The fields that the reader knows, the shortest names first. All others are passed over.
const KNOWN: [&str; 59] = [
    "max_lv",
    "max_pv",
    "origin",
    "data_lv",
    "devices",
    "lv_attr",
    "lv_name",
    "lv_role",
    "lv_size",
    "lv_tags",
    "lv_uuid",
    "pool_lv",
    "pv_attr",
    "pv_free",
    "pv_name",
    "pv_size",
    "pv_tags",
    "pv_used",
    "pv_uuid",
    "segtype",
    "stripes",
    "vg_attr",
    "vg_free",
    "vg_name",
    "vg_size",
    "vg_tags",
    "vg_uuid",
    "pe_start",
    "seg_size",
    "vg_seqno",
    "cache_mode",
    "chunk_size",
    "mirror_log",
    "pv_missing",
    "pvseg_size",
    "data_copies",
    "metadata_lv",
    "origin_uuid",
    "pv_pe_count",
    "pvseg_start",
    "region_size",
    "seg_size_pe",
    "stripe_size",
    "vg_exported",
    "lv_full_name",
    "lv_when_full",
    "seg_start_pe",
    "seg_pe_ranges",
    "vg_extendable",
    "vg_free_count",
    "pv_allocatable",
    "reshape_len_le",
    "vg_extent_size",
    "vg_extent_count",
    "metadata_devices",
    "lv_autoactivation",
    "pv_pe_alloc_count",
    "lv_allocation_policy",
    "vg_allocation_policy",
];

/// The number of a field, if it is one that is kept.
pub(crate) fn number_of(name: &str) -> Option<u8> {
    let key = (name.len(), name);
    let number = KNOWN.binary_search_by(|known| (known.len(), *known).cmp(&key));
    let number = number.ok();
    number.and_then(|number| u8::try_from(number).ok())
}

/// A field of a row: its number, and its text without white space around it.
#[derive(Clone, Debug)]
pub(crate) enum Field<'t> {
    /// As it stands in the report.
    There(u8, &'t str),
    /// Made of what stands there.
    Made(u8, Box<str>),
}

impl Field<'_> {
    pub(crate) fn number(&self) -> u8 {
        match self {
            Field::There(number, _) | Field::Made(number, _) => *number,
        }
    }

    pub(crate) fn text(&self) -> &str {
        match self {
            Field::There(_, text) => text,
            Field::Made(_, text) => text,
        }
    }
}

/// The fields of one row that are kept; of one that stands there twice the last.
pub(crate) struct Kept<'t>(pub(crate) Vec<Field<'t>>);

impl<'de> Deserialize<'de> for Kept<'de> {
    fn deserialize<D: Deserializer<'de>>(row: D) -> Result<Self, D::Error> {
        struct OfRow;

        impl<'de> Visitor<'de> for OfRow {
            type Value = Kept<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut row: A) -> Result<Kept<'de>, A::Error> {
                let mut fields: Vec<Field<'de>> = Vec::with_capacity(KNOWN.len());
                while let Some(Name(number)) = row.next_key()? {
                    let Some(number) = number else {
                        row.next_value::<IgnoredAny>()?;
                        continue;
                    };
                    let field = match row.next_value()? {
                        Text::There(text) => Field::There(number, text.trim()),
                        Text::Made(text) => Field::Made(number, text.trim().into()),
                    };
                    let mut earlier = fields.iter_mut();
                    match earlier.find(|earlier| earlier.number() == number) {
                        Some(earlier) => *earlier = field,
                        None => fields.push(field),
                    }
                }
                fields.shrink_to_fit();
                Ok(Kept(fields))
            }
        }

        row.deserialize_map(OfRow)
    }
}

/// The number of the field of a name.
struct Name(Option<u8>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(name: D) -> Result<Self, D::Error> {
        struct OfName;

        impl Visitor<'_> for OfName {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a field")
            }

            fn visit_str<E>(self, name: &str) -> Result<Name, E> {
                Ok(Name(number_of(name)))
            }
        }

        name.deserialize_str(OfName)
    }
}

/// A value as a string.
enum Text<'t> {
    There(&'t str),
    Made(String),
}

impl Text<'_> {
    fn as_str(&self) -> &str {
        match self {
            Text::There(text) => text,
            Text::Made(text) => text,
        }
    }
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        struct OfValue;

        impl<'de> Visitor<'de> for OfValue {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text::There(text))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text::Made(text.to_string()))
            }

            fn visit_bool<E>(self, is_true: bool) -> Result<Text<'de>, E> {
                Ok(Text::There(if is_true { "1" } else { "" }))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Text<'de>, E> {
                Ok(Text::Made(number.to_string()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Text<'de>, E> {
                Ok(Text::Made(number.to_string()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Text<'de>, E> {
                Ok(Text::Made(serde_json::Value::from(number).to_string()))
            }

            fn visit_unit<E>(self) -> Result<Text<'de>, E> {
                Ok(Text::There(""))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Text<'de>, A::Error> {
                let mut all = Vec::new();
                while let Some(item) = items.next_element::<Text<'_>>()? {
                    all.push(item.as_str().to_string());
                }
                Ok(Text::Made(all.join(",")))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Text<'de>, A::Error> {
                while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text::There(""))
            }
        }

        value.deserialize_any(OfValue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_fields_are_in_order() {
        assert!(KNOWN.is_sorted_by(|one, next| (one.len(), one) < (next.len(), next)));
    }

    #[test]
    fn a_row_keeps_what_is_asked_for_as_the_string_format_has_it() {
        let row = r#"{"pv_name": " /dev/sda ", "other": {"a": [1]}, "pv_size": 17, "lv_tags": ["a", "b\u0041"],
            "pv_missing": null, "pv_allocatable": true, "vg_name": "v\u0067", "pv_size": 18, "lv_attr": {}}"#;
        let Kept(fields) = serde_json::from_str(row).expect("a row");
        let of = |name: &str| {
            let number = number_of(name).expect("known");
            let mut fields = fields.iter();
            let found = fields.find(|field| field.number() == number);
            found.map(|field| field.text().to_string())
        };
        let expected = [
            ("pv_name", "/dev/sda"),
            ("pv_size", "18"),
            ("lv_tags", "a,bA"),
            ("pv_missing", ""),
            ("pv_allocatable", "1"),
            ("vg_name", "vg"),
            ("lv_attr", ""),
        ];
        for (name, text) in expected {
            assert_eq!(of(name).as_deref(), Some(text), "{name}");
        }
        assert_eq!(of("lv_name"), None);
        assert_eq!(fields.len(), expected.len());
    }

    #[test]
    fn every_field_that_is_asked_for_is_kept() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/lvm/report");
        let mut asked = 0;
        for name in ["assemble", "disk", "group", "related", "segment", "status"] {
            let text = std::fs::read_to_string(format!("{folder}/{name}.rs")).expect("a file");
            for word in text.split('"') {
                let is_field =
                    ["vg_", "pv_", "lv_", "seg_", "pvseg_", "max_"]
                        .iter()
                        .any(|front| {
                            word.strip_prefix(front)
                                .is_some_and(|rest| !rest.is_empty())
                        })
                        && word
                            .bytes()
                            .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                if is_field {
                    asked += 1;
                    assert!(number_of(word).is_some(), "{name}.rs asks for `{word}`");
                }
            }
        }
        assert!(asked > 30, "{asked} fields found");
    }
}
