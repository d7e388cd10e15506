//! The shape of a scenario file: keys, types, defaults. The JSON Schema is made from these types.

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};

/// A number of extents, or a size in words such as `500G`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum RawSize {
    /// Extents.
    Extents(u64),
    /// A size with a unit, and where it says so a percentage.
    Words(String),
}

impl<'de> Deserialize<'de> for RawSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RawSize, D::Error> {
        struct Size;
        impl Visitor<'_> for Size {
            type Value = RawSize;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number of extents, or a size with its unit such as \"500G\"")
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<RawSize, E> {
                Ok(RawSize::Extents(value))
            }
            fn visit_i64<E: Error>(self, value: i64) -> Result<RawSize, E> {
                let found = serde::de::Unexpected::Signed(value);
                let extents = u64::try_from(value).map_err(|_| E::invalid_value(found, &self))?;
                Ok(RawSize::Extents(extents))
            }
            fn visit_str<E: Error>(self, value: &str) -> Result<RawSize, E> {
                Ok(RawSize::Words(value.to_string()))
            }
        }
        deserializer.deserialize_any(Size)
    }
}

/// The name and version of the format.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) enum ScenarioFormat {
    #[serde(rename = "extentplan/scenario/1")]
    One,
}

/// What if: changes to a pool, made in the order of these keys, and growth to look ahead at.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, expecting = "a scenario")]
pub(crate) struct RawScenario {
    /// The name and version of the format; may be left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) schema: Option<ScenarioFormat>,
    /// Logical volumes that go, with all that lies on them; requests of a problem.
    pub(crate) drop: Vec<String>,
    /// New disks, empty, at the end of the list.
    pub(crate) add: Vec<RawAdd>,
    /// Disks that get another size: extents come or go at their end, where nothing may lie.
    pub(crate) resize: Vec<RawResize>,
    /// Disks that get other tags.
    pub(crate) retag: Vec<RawRetag>,
    /// Disks that may be allocated from again.
    pub(crate) open: Vec<String>,
    /// Disks that are taken away; nothing may lie on them.
    pub(crate) remove: Vec<String>,
    /// Disks on which nothing more is to be placed.
    pub(crate) close: Vec<String>,
    /// Disks that are gone with what they hold.
    pub(crate) fail: Vec<String>,
    /// Logical volumes that get larger, placed where LVM2 itself would; requests of a problem.
    pub(crate) grow: Vec<RawGrow>,
    /// How much is added month by month; asked about by `capacity --when`.
    pub(crate) growth: Vec<RawGrowth>,
}

/// A new disk.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a disk {\"disk\": .., \"size\": ..}")]
pub(crate) struct RawAdd {
    /// The name of the device.
    pub(crate) disk: String,
    /// Extents, or the size of the device; of that, LVM2 keeps 1 MiB for itself.
    pub(crate) size: RawSize,
    /// Its tags.
    #[serde(default)]
    pub(crate) tags: BTreeSet<String>,
}

/// A disk with another size.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a disk {\"disk\": .., \"size\": ..}")]
pub(crate) struct RawResize {
    /// The device.
    pub(crate) disk: String,
    /// Extents afterwards, or the size of the device; of that, LVM2 keeps 1 MiB for itself.
    pub(crate) size: RawSize,
}

/// A disk with other tags.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a disk {\"disk\": .., \"tags\": ..}")]
pub(crate) struct RawRetag {
    /// The device.
    pub(crate) disk: String,
    /// All of its tags afterwards.
    pub(crate) tags: BTreeSet<String>,
}

/// A volume that gets larger.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "a volume {\"volume\": .., \"by\": ..}"
)]
pub(crate) struct RawGrow {
    /// The logical volume.
    pub(crate) volume: String,
    /// By how much: logical extents, a size, or a percentage of what it has, such as `20%`.
    pub(crate) by: RawSize,
}

/// What is added every month.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "growth {\"per_month\": ..}")]
pub(crate) struct RawGrowth {
    /// The logical volume; left out, the pool grows by new volumes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) volume: Option<String>,
    /// How much: logical extents, a size, or a percentage of what there is at the start of each month,
    /// such as `2.5%`.
    pub(crate) per_month: RawSize,
    /// Without a volume: what new volumes look like, as the arguments of `lvcreate` without a size, such
    /// as `--type raid1 -m 1`; linear if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) shape: Option<String>,
}
