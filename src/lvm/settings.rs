//! Settings of LVM2 that decide where extents go, with the defaults that LVM2 ships.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::lvm::{SegmentType, Version, text};

/// What `lvm.conf` may say about allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `allocation/maximise_cling`.
    pub maximise_cling: bool,
    /// `allocation/cling_tag_list`, each entry with its `@`; `@*` stands for every tag.
    pub cling_tag_list: Vec<String>,
    /// `allocation/mirror_logs_require_separate_pvs`.
    pub mirror_logs_require_separate_pvs: bool,
    /// `allocation/thin_pool_metadata_require_separate_pvs`.
    pub thin_pool_metadata_require_separate_pvs: bool,
    /// `allocation/cache_pool_metadata_require_separate_pvs`.
    pub cache_pool_metadata_require_separate_pvs: bool,
    /// `allocation/raid_stripe_all_devices`.
    pub raid_stripe_all_devices: bool,
    /// `activation/raid_region_size`, which mirrors use, too.
    pub region_size_sectors: u64,
    /// `metadata/stripesize`.
    pub stripe_size_sectors: u64,
    /// `allocation/thin_pool_chunk_size`, where it is set.
    pub thin_pool_chunk_sectors: Option<u64>,
    /// Whether `allocation/thin_pool_chunk_size_policy` is `performance`: chunks are larger from the start.
    pub thin_pool_performs: bool,
    /// `allocation/thin_pool_crop_metadata`.
    pub thin_pool_crop_metadata: bool,
    /// `allocation/cache_pool_chunk_size`, where it is set.
    pub cache_pool_chunk_sectors: Option<u64>,
    /// `allocation/cache_pool_max_chunks`.
    pub cache_pool_most_chunks: u64,
    /// `global/mirror_segtype_default`: what `-m` makes of one stripe, raid1 or mirror.
    pub mirror_type: SegmentType,
    /// `global/raid10_segtype_default`: what `-m` makes of several stripes, raid10 or mirror.
    pub striped_mirror_type: SegmentType,
    /// `local/system_id` and `local/extra_system_ids`: the systems whose groups are not those of another one.
    pub system_ids: Vec<String>,
    /// `global/use_lvmlockd`: whether groups that hosts share may be changed.
    pub uses_lvmlockd: bool,
    /// Which LVM2.
    pub version: Version,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            maximise_cling: true,
            cling_tag_list: Vec::new(),
            mirror_logs_require_separate_pvs: false,
            thin_pool_metadata_require_separate_pvs: false,
            cache_pool_metadata_require_separate_pvs: false,
            raid_stripe_all_devices: false,
            region_size_sectors: 4096,
            stripe_size_sectors: 128,
            thin_pool_chunk_sectors: None,
            thin_pool_performs: false,
            thin_pool_crop_metadata: false,
            cache_pool_chunk_sectors: None,
            cache_pool_most_chunks: 1_000_000,
            mirror_type: SegmentType::Raid1,
            striped_mirror_type: SegmentType::Raid10,
            system_ids: Vec::new(),
            uses_lvmlockd: false,
            version: Version::NEWEST,
        }
    }
}

impl Settings {
    /// The tags of `cling_tag_list` among those that there are.
    ///
    /// As LVM2 does, entries without `@` or without a name are passed over.
    #[must_use]
    pub fn cling_tags(&self, there_are: &BTreeSet<String>) -> BTreeSet<String> {
        let entries = self.cling_tag_list.iter();
        let listed: BTreeSet<&str> = entries
            .filter_map(|entry| entry.strip_prefix('@'))
            .collect();
        let counts = |tag: &&String| listed.contains("*") || listed.contains(tag.as_str());
        there_are.iter().filter(counts).cloned().collect()
    }
}

impl Settings {
    /// Reads an `lvm.conf`, or a part of one: what bears on placement is taken, all else passed over.
    ///
    /// # Errors
    /// A text that LVM2 could not read; a setting that decides what is placed and whose value makes no sense.
    pub fn of_conf(text: &str) -> Result<Settings, String> {
        let mut read = Settings::default();
        for (key, value) in text::settings(text).map_err(|error| error.to_string())? {
            read.set(&key, &value)?;
        }
        Ok(read)
    }

    /// Reads settings as command lines give them: `allocation/maximise_cling=0`. A value is a number,
    /// a word, or words between commas: `allocation/cling_tag_list=@a,@b`, or as LVM2 itself writes it,
    /// `allocation/cling_tag_list=["@a", "@b"]`, or in sections, `allocation { maximise_cling = 0 }`.
    ///
    /// # Errors
    /// A sentence that names the setting, what was found and what is expected.
    pub fn read(words: &[String]) -> Result<Settings, String> {
        Settings::default().with(words)
    }

    /// These settings, changed as [`Settings::read`] reads words.
    ///
    /// # Errors
    /// As there.
    pub fn with(mut self, words: &[String]) -> Result<Settings, String> {
        for word in words {
            for (key, value) in one_or_more(word)? {
                let bears = [
                    "allocation/",
                    "activation/",
                    "global/",
                    "local/",
                    "metadata/",
                ];
                if !bears.iter().any(|section| key.starts_with(section)) {
                    return Err(format!("`{key}` is no setting that bears on placement"));
                }
                if self.set(&key, &value)? {
                    continue;
                }
                if key.starts_with("allocation/") {
                    return Err(unknown(&key));
                }
                if key.starts_with("global/") || key.starts_with("metadata/") {
                    return Err(format!("`{key}` is no setting that bears on placement"));
                }
            }
        }
        Ok(self)
    }
}

/// The settings of `allocation` that bear on placement, for those who misspell one.
const PLACING: [&str; 11] = [
    "allocation/maximise_cling",
    "allocation/cling_tag_list",
    "allocation/mirror_logs_require_separate_pvs",
    "allocation/thin_pool_metadata_require_separate_pvs",
    "allocation/cache_pool_metadata_require_separate_pvs",
    "allocation/raid_stripe_all_devices",
    "allocation/thin_pool_chunk_size",
    "allocation/thin_pool_chunk_size_policy",
    "allocation/thin_pool_crop_metadata",
    "allocation/cache_pool_chunk_size",
    "allocation/cache_pool_max_chunks",
];

/// That there is no setting of a name, and which one begins as it does.
fn unknown(key: &str) -> String {
    let shared = |name: &&str| {
        let pairs = name.bytes().zip(key.bytes());
        pairs.take_while(|(one, other)| one == other).count()
    };
    let section = key.find('/').map_or(0, |at| at + 1);
    let nearest = PLACING.iter().rev().max_by_key(|name| shared(name));
    let nearest = nearest.filter(|name| shared(name) > section);
    let hint = nearest.map_or(String::new(), |name| format!("; the nearest one is {name}"));
    format!("there is no setting `{key}` that is known here{hint}")
}

/// The settings of one word of a command line.
fn one_or_more(word: &str) -> Result<Vec<(String, Value)>, String> {
    if word.contains('{') {
        return text::settings(word).map_err(|error| format!("`{word}`: {error}"));
    }
    let Some((key, value)) = word.trim().split_once('=') else {
        return Err(format!(
            "found `{word}`; expected a setting and its value, such as allocation/maximise_cling=0"
        ));
    };
    Ok(vec![(
        key.trim().to_string(),
        value_of(word, value.trim())?,
    )])
}

/// The value of a setting, as words with or without brackets around them and quotes around each.
fn value_of(word: &str, text: &str) -> Result<Value, String> {
    if let Ok(number) = text.parse::<u64>() {
        return Ok(Value::from(number));
    }
    let wrong = |what: &str| {
        format!(
            "`{word}` has {what}; expected words such as @a,@b or a list such as [\"@a\", \"@b\"]"
        )
    };
    let list = match text.strip_prefix('[') {
        Some(rest) => rest
            .strip_suffix(']')
            .ok_or_else(|| wrong("a `[` without its `]`"))?,
        None => text,
    };
    // LVM2 lets a list end with a comma, and be empty.
    let list = list.trim();
    let list = list.strip_suffix(',').unwrap_or(list);
    if list.is_empty() {
        return Ok(Value::Array(Vec::new()));
    }
    let words = list.split(',').map(|entry| {
        let entry = entry.trim();
        let plain = match entry.strip_prefix('"') {
            Some(rest) => rest.strip_suffix('"'),
            None => Some(entry),
        };
        let is_plain = |plain: &&str| !plain.contains(['"', '[', ']', '{', '}']);
        let plain = plain.filter(is_plain);
        plain
            .map(Value::from)
            .ok_or_else(|| wrong("a quote or bracket too many"))
    });
    words.collect()
}

/// Reads settings given as `section/name` with their values.
///
/// Settings of sections that cannot bear on where extents go are passed over.
///
/// # Errors
/// A sentence that names a setting which is not simulated, or whose value makes no sense.
pub(crate) fn read_settings(
    settings: Option<&BTreeMap<String, Value>>,
) -> Result<Settings, String> {
    let mut read = Settings::default();
    for (key, value) in settings.into_iter().flatten() {
        let bears = ["allocation/", "metadata/"];
        if !read.set(key, value)? && bears.iter().any(|section| key.starts_with(section)) {
            return Err(unknown(key));
        }
    }
    Ok(read)
}

impl Settings {
    /// Sets what a setting of this name says; false where it says nothing about placement.
    ///
    /// # Errors
    /// A sentence where the value makes no sense.
    fn set(&mut self, key: &str, value: &Value) -> Result<bool, String> {
        let wrong = || format!("setting {key} cannot be {value}");
        let flag = || match value {
            Value::Bool(flag) => Ok(*flag),
            Value::Number(number) => Ok(number.as_u64().ok_or_else(wrong)? != 0),
            Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => Err(wrong()),
        };
        let sectors = || {
            let kibibytes = value.as_u64().filter(|kibibytes| *kibibytes > 0);
            let sectors = kibibytes.and_then(|kibibytes| kibibytes.checked_mul(2));
            sectors.ok_or_else(wrong)
        };
        let words = || match value {
            Value::String(word) => Ok(vec![word.clone()]),
            Value::Array(entries) => {
                let words = entries.iter().filter_map(Value::as_str);
                Ok(words.map(str::to_string).collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Err(wrong()),
        };
        // Of a command line a word is a list of one.
        let word = || match value {
            Value::String(word) => Ok(word.as_str()),
            Value::Array(words) if words.len() == 1 => words[0].as_str().ok_or_else(wrong),
            Value::Array(_)
            | Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Object(_) => Err(wrong()),
        };
        let one_of = |expected: &str| format!("{}; expected {expected}", wrong());
        match key {
            "local/system_id" | "local/extra_system_ids" => self.system_ids.extend(words()?),
            "global/use_lvmlockd" => self.uses_lvmlockd = flag()?,
            "allocation/maximise_cling" => self.maximise_cling = flag()?,
            "allocation/cling_tag_list" => self.cling_tag_list = words()?,
            "allocation/mirror_logs_require_separate_pvs" => {
                self.mirror_logs_require_separate_pvs = flag()?;
            }
            "allocation/thin_pool_metadata_require_separate_pvs" => {
                self.thin_pool_metadata_require_separate_pvs = flag()?;
            }
            "allocation/cache_pool_metadata_require_separate_pvs" => {
                self.cache_pool_metadata_require_separate_pvs = flag()?;
            }
            "allocation/raid_stripe_all_devices" => {
                self.raid_stripe_all_devices = flag()?;
            }
            "allocation/thin_pool_chunk_size" => {
                self.thin_pool_chunk_sectors = Some(sectors()?);
            }
            "allocation/thin_pool_chunk_size_policy" => {
                self.thin_pool_performs = match word()? {
                    "performance" => true,
                    "generic" => false,
                    _ => return Err(one_of("generic or performance")),
                };
            }
            "allocation/thin_pool_crop_metadata" => self.thin_pool_crop_metadata = flag()?,
            "allocation/cache_pool_chunk_size" => {
                self.cache_pool_chunk_sectors = Some(sectors()?);
            }
            "allocation/cache_pool_max_chunks" => {
                let count = value.as_u64().filter(|count| *count > 0);
                self.cache_pool_most_chunks = count.ok_or_else(wrong)?;
            }
            "global/mirror_segtype_default" => {
                self.mirror_type = match word()? {
                    "raid1" => SegmentType::Raid1,
                    "mirror" => SegmentType::Mirror,
                    _ => return Err(one_of("raid1 or mirror")),
                };
            }
            "global/raid10_segtype_default" => {
                self.striped_mirror_type = match word()? {
                    "raid10" => SegmentType::Raid10,
                    "mirror" => SegmentType::Mirror,
                    _ => return Err(one_of("raid10 or mirror")),
                };
            }
            "metadata/stripesize" => self.stripe_size_sectors = sectors()?,
            "activation/raid_region_size" | "activation/mirror_region_size" => {
                self.region_size_sectors = sectors()?;
            }
            // These only say where data may be wiped and how it is used later on.
            "allocation/wipe_signatures_when_zeroing_new_lvs"
            | "allocation/use_blkid_wiping"
            | "allocation/thin_pool_zero"
            | "allocation/thin_pool_discards"
            | "allocation/cache_mode"
            | "allocation/cache_policy"
            | "allocation/cache_metadata_format"
            | "allocation/physical_extent_size"
            | "allocation/zero_metadata"
            | "allocation/error_when_full" => {}
            _ if key.starts_with("allocation/cache_settings") => {}
            _ => return Ok(false),
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_setting_is_said_with_the_nearest_one() {
        for name in PLACING {
            let known = Settings::default().set(name, &Value::Null);
            assert_ne!(known, Ok(false), "{name}");
        }
        let said = |word: &str| Settings::read(&[word.to_string()]).expect_err("none");
        assert_eq!(
            said("allocation/maximise_clin=0"),
            "there is no setting `allocation/maximise_clin` that is known here; \
             the nearest one is allocation/maximise_cling"
        );
        assert_eq!(
            said("allocation/xyz=0"),
            "there is no setting `allocation/xyz` that is known here"
        );
    }

    #[test]
    fn a_list_is_read_as_lvm2_writes_it_and_as_words() {
        let tags = |value: &str| {
            let words = [format!("allocation/cling_tag_list={value}")];
            Settings::read(&words).map(|settings| settings.cling_tag_list)
        };
        for value in [
            "@a,@b",
            r#"["@a","@b"]"#,
            r#" [ "@a" , "@b" ] "#,
            "[@a,@b,]",
        ] {
            let expected = ["@a", "@b"].map(String::from).into_iter().collect();
            assert_eq!(tags(value), Ok(expected), "{value}");
        }
        let in_sections =
            ["allocation { cling_tag_list = [ \"@a\" ] maximise_cling = 0 }".to_string()];
        let read = Settings::read(&in_sections).expect("as LVM2 takes it");
        assert_eq!(
            (read.cling_tag_list, read.maximise_cling),
            (vec!["@a".to_string()], false)
        );
        assert_eq!(
            tags(r#""@a""#),
            Ok(["@a".to_string()].into_iter().collect())
        );
        assert_eq!(tags("[]"), Ok(Default::default()));
        for wrong in [r#"["@a""#, r#""@a"#, r#"[["@a"]]"#, r#"@a",@b"#] {
            let message = tags(wrong).expect_err("not a list");
            assert!(message.contains(wrong), "{message}");
        }
    }

    #[test]
    fn of_an_lvm_conf_only_what_bears_on_placement_is_read() {
        let conf = "# shipped\ndevices { filter = [ \"a|.*|\" ] scan = \"/dev\" }\nallocation {\n\
                    \tcling_tag_list = [ \"@a\", \"@b\" ]\n\traid_stripe_all_devices = 1\n\tcache_mode = \"writeback\"\n\
                    }\nactivation/raid_region_size = 512\nglobal { umask = 077 mirror_segtype_default = \"raid1\" }\n";
        let expected = Settings {
            cling_tag_list: vec!["@a".to_string(), "@b".to_string()],
            raid_stripe_all_devices: true,
            region_size_sectors: 1024,
            ..Settings::default()
        };
        assert_eq!(Settings::of_conf(conf), Ok(expected));
        for (wrong, message) in [
            (
                "global { mirror_segtype_default = \"raid5\" }",
                "mirror_segtype_default cannot be \"raid5\"; expected raid1 or mirror",
            ),
            (
                "allocation { maximise_cling = \"much\" }",
                "maximise_cling cannot be",
            ),
            ("allocation { cling_tag_list = [ \"@a\" ", "line 1, column "),
        ] {
            let error = Settings::of_conf(wrong).expect_err(message);
            assert!(error.contains(message), "{error}");
        }
    }
}
