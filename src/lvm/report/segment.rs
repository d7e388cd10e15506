//! The segments of logical volumes, as the rows of a report describe them.

use crate::lvm::report::MissingField;
use crate::lvm::report::group::{Members, without_brackets};
use crate::lvm::report::rows::Row;
use crate::lvm::report::size::{self, Plain};
use crate::lvm::{ByKey, LARGEST, LvSegment, Part};

/// What the rows of a group say about segments, and how to understand them.
pub(crate) struct Names<'m, 'r> {
    pub(crate) physical: &'m Members<'r>,
    pub(crate) logical: &'m Members<'r>,
    pub(crate) plain: Plain,
    pub(crate) extent_sectors: u64,
}

/// A segment type that stands for extents of which only the holder is known.
pub(crate) const UNKNOWN_TYPE: &str = "unknown";

impl Names<'_, '_> {
    /// The segment of a logical volume that a row describes, or nothing where it does not hold enough
    /// for that. `behind` is where the one of the row before ends, `is_only` whether no other row is about
    /// the volume; `missing` is told what only a column that is not there says.
    pub(crate) fn segment(
        &self,
        row: &Row<'_>,
        owner: usize,
        behind: u64,
        is_only: bool,
        missing: &mut Vec<MissingField>,
    ) -> Option<LvSegment> {
        let reported_type = match row.get("segtype") {
            Some(kind) => Some(kind).filter(|kind| !matches!(*kind, "" | "free"))?,
            None => self.guessed_type(row)?,
        };
        let start_extent = match row.filled("seg_start_pe") {
            Some(start) => start.parse().ok()?,
            // The rows of a table are in order.
            None if row.get("pvseg_start").is_none() => behind,
            None => return None,
        };
        let segment_type = match reported_type {
            // The metadata has one word for both.
            "linear" => "striped",
            other => other,
        };
        let ranges = row.filled("seg_pe_ranges").map(ranges);
        let ranges = ranges.unwrap_or_default();
        let count = row
            .filled("seg_size_pe")
            .and_then(|count| count.parse().ok());
        let extent_count = match count {
            Some(count) => count,
            None if reported_type == "linear"
                && ranges.is_empty()
                && row.get("pvseg_size").is_some() =>
            {
                return self.piece(row, start_extent);
            }
            None if segment_type == "striped" && !ranges.is_empty() => ranges
                .iter()
                .try_fold(0_u64, |sum, range| sum.checked_add(range.count))?,
            None => self.extents(row, is_only)?,
        };
        let mut images: Vec<(&str, u64)> = ranges
            .iter()
            .map(|range| (range.name, range.start))
            .collect();
        if images.is_empty() {
            images = row.filled("devices").map(devices).unwrap_or_default();
        }
        let metadata = row.filled("metadata_devices").map(devices);
        let mut strings = self.strings(owner, segment_type);
        if let Some(mode) = row.filled("cache_mode") {
            strings.insert("cache_mode".to_string(), mode.to_string());
        }
        let parts = match segment_type {
            "striped" | "mirror" | "raid0" => self.parts(&images),
            raid if raid.starts_with("raid") => {
                let metadata = metadata.filter(|metadata| metadata.len() == images.len());
                let metadata = metadata.or_else(|| self.metadata_of(&images));
                if metadata.is_none() && self.are_known(&images) {
                    let name = self.logical.field(owner, "lv_name").unwrap_or("");
                    let (what, option) = ("the metadata of the images", "-o +metadata_devices");
                    MissingField::note(missing, what, without_brackets(name), option);
                }
                self.parts(&in_turn(&metadata.unwrap_or_default(), &images))
            }
            other => {
                // In metadata these name what they lie on under a key of its own.
                if let (Some(key), [(name, _)]) = (below_key(other), images.as_slice()) {
                    strings.insert(key.to_string(), without_brackets(name).to_string());
                }
                Vec::new()
            }
        };
        Some(LvSegment {
            start_extent,
            extent_count,
            segment_type: segment_type.to_string(),
            numbers: self.numbers(row, segment_type, images.len()),
            strings,
            parts,
        })
    }

    /// The type of what lies on one device: nothing else can be told where no column says it.
    fn guessed_type(&self, row: &Row<'_>) -> Option<&'static str> {
        let devices = row.filled("devices").map(devices).unwrap_or_default();
        let ranges = row.filled("seg_pe_ranges").map(ranges).unwrap_or_default();
        let on_range = ranges.first().map(|range| range.name);
        let name = devices.first().map(|(name, _)| *name).or(on_range)?;
        let is_alone = devices.len().max(ranges.len()) == 1;
        (is_alone && self.physical.named(name).is_some()).then_some("linear")
    }

    /// The extents of the segment that a row is about, by its size, or by that of a volume of one segment.
    fn extents(&self, row: &Row<'_>, is_only: bool) -> Option<u64> {
        let of_volume = || row.filled("lv_size").filter(|_| is_only);
        let size = row.filled("seg_size").or_else(of_volume)?;
        size::extents(size, self.plain, self.extent_sectors)
    }

    /// The extents of a volume by its size.
    pub(crate) fn volume_extents(&self, volume: usize) -> Option<u64> {
        let size = self.logical.field(volume, "lv_size")?;
        size::extents(size, self.plain, self.extent_sectors)
    }

    /// The linear segment that a row about a physical segment describes.
    fn piece(&self, row: &Row<'_>, start_extent: u64) -> Option<LvSegment> {
        let start = row.filled("pvseg_start")?.parse().ok()?;
        let volume = self.physical.find(row).or(self.physical.only())?;
        Some(LvSegment {
            start_extent,
            extent_count: row.filled("pvseg_size")?.parse().ok()?,
            segment_type: "striped".to_string(),
            parts: vec![Part::Physical { volume, start }],
            numbers: ByKey::from([("stripe_count", 1)]),
            strings: ByKey::new(),
        })
    }

    /// The legs, with their metadata where there is some; none where one of them is not in the report.
    fn parts(&self, named: &[(&str, u64)]) -> Vec<Part> {
        let part = |&(name, start): &(&str, u64)| {
            if let Some(volume) = self.physical.named(name) {
                return Some(Part::Physical { volume, start });
            }
            self.logical.named(name).map(|_| Part::Logical {
                volume: without_brackets(name).to_string(),
                start,
            })
        };
        named
            .iter()
            .map(part)
            .collect::<Option<_>>()
            .unwrap_or_default()
    }

    /// The metadata of these images by the names that LVM2 gives both, where no column says it.
    fn metadata_of(&self, images: &[(&str, u64)]) -> Option<Vec<(&str, u64)>> {
        let metadata = |(image, _): &(&str, u64)| {
            let (volume, number) = without_brackets(image).rsplit_once("_rimage_")?;
            let index = self.logical.named(&format!("{volume}_rmeta_{number}"))?;
            Some((self.logical.field(index, "lv_name")?, 0))
        };
        images.iter().map(metadata).collect()
    }

    /// Whether these are there and in the report.
    fn are_known(&self, images: &[(&str, u64)]) -> bool {
        !images.is_empty() && !self.parts(images).is_empty()
    }

    /// The numbers of a segment of so many legs: how many there are need not stand in a column of its own.
    fn numbers(&self, row: &Row<'_>, segment_type: &str, legs: usize) -> ByKey<u64> {
        let mut numbers = ByKey::new();
        let count_key = match segment_type {
            "striped" | "raid0" | "raid0_meta" => Some("stripe_count"),
            "mirror" => Some("mirror_count"),
            raid if raid.starts_with("raid") => Some("device_count"),
            _ => None,
        };
        let count = row.filled("stripes").and_then(|count| count.parse().ok());
        let count = count.or(Some(legs as u64).filter(|count| *count > 0));
        if let (Some(key), Some(count)) = (count_key, count) {
            numbers.insert(key.to_string(), count);
        }
        for key in ["stripe_size", "region_size"] {
            if let Some(sectors) = self.sectors(row.filled(key)) {
                numbers.insert(key.to_string(), sectors);
            }
        }
        // Those of snapshots belong to what joins them with their origin.
        let has_chunks = matches!(segment_type, "thin-pool" | "cache-pool" | "cache");
        if let Some(sectors) = self
            .sectors(row.filled("chunk_size"))
            .filter(|_| has_chunks)
        {
            numbers.insert("chunk_size".to_string(), sectors);
        }
        let number = |field: &str| row.filled(field).and_then(|text| text.parse().ok());
        if let Some(copies) = number("data_copies").filter(|_| segment_type == "raid10") {
            numbers.insert("data_copies".to_string(), copies);
        }
        // The report has the sum of all legs.
        let legs = if segment_type == "striped" {
            1
        } else {
            legs as u64
        };
        let reshaped: Option<u64> = number("reshape_len_le").map(|all: u64| all / legs.max(1));
        if let Some(count) = reshaped.filter(|count| (1..=LARGEST).contains(count)) {
            numbers.insert("reshape_count".to_string(), count);
        }
        numbers
    }

    /// A size in sectors, where it is said and not 0.
    pub(crate) fn sectors(&self, size: Option<&str>) -> Option<u64> {
        let sectors = size::sectors(size?, self.plain).ok()?;
        (sectors > 0).then_some(sectors)
    }

    /// The other volumes of a segment, under the keys that the metadata has for them.
    fn strings(&self, owner: usize, segment_type: &str) -> ByKey<String> {
        let keys: &[(&str, &str)] = match segment_type {
            "thin-pool" => &[("data_lv", "pool"), ("metadata_lv", "metadata")],
            "cache-pool" => &[("data_lv", "data"), ("metadata_lv", "metadata")],
            "thin" => &[("pool_lv", "thin_pool"), ("origin", "origin")],
            "cache" => &[("pool_lv", "cache_pool"), ("origin", "origin")],
            "writecache" => &[("pool_lv", "writecache"), ("origin", "origin")],
            "integrity" => &[("metadata_lv", "meta_dev"), ("origin", "origin")],
            "vdo" => &[("pool_lv", "vdo_pool")],
            "vdo-pool" => &[("data_lv", "data")],
            "mirror" => &[("mirror_log", "mirror_log")],
            _ => &[],
        };
        keys.iter()
            .filter_map(|(field, key)| {
                let name = without_brackets(self.logical.field(owner, field)?);
                Some(((*key).to_string(), name.to_string()))
            })
            .collect()
    }
}

/// Each image behind its metadata; none where there is no metadata to go with each.
fn in_turn<'t>(metadata: &[(&'t str, u64)], images: &[(&'t str, u64)]) -> Vec<(&'t str, u64)> {
    if metadata.len() != images.len() {
        return Vec::new();
    }
    let pairs = metadata.iter().zip(images);
    pairs
        .flat_map(|(metadata, image)| [*metadata, *image])
        .collect()
}

/// The key under which a segment of this type names the one volume that its extents lie on.
fn below_key(segment_type: &str) -> Option<&'static str> {
    match segment_type {
        "thin-pool" => Some("pool"),
        "cache-pool" => Some("data"),
        "cache" | "writecache" | "integrity" => Some("origin"),
        _ => None,
    }
}

/// Extents of a volume: `NAME:first-last`.
#[derive(Debug, PartialEq)]
struct Range<'t> {
    name: &'t str,
    start: u64,
    count: u64,
}

/// `NAME:first-last` for each leg, by blanks or commas. Names of devices may hold a colon themselves.
fn ranges(text: &str) -> Vec<Range<'_>> {
    let range = |word: &'_ str| -> Option<(usize, u64, u64)> {
        let (name, range) = word.rsplit_once(':')?;
        let (first, last) = range.split_once('-')?;
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        Some((name.len(), first, last.checked_sub(first)?.checked_add(1)?))
    };
    words(text)
        .map(|word| {
            range(word).map(|(length, start, count)| Range {
                name: &word[..length],
                start,
                count,
            })
        })
        .collect::<Option<Vec<_>>>()
        .unwrap_or_default()
}

/// `NAME(first)` for each leg.
fn devices(text: &str) -> Vec<(&str, u64)> {
    words(text)
        .map(|word| {
            let (name, start) = word.strip_suffix(')')?.rsplit_once('(')?;
            Some((name, start.parse().ok()?))
        })
        .collect::<Option<Vec<_>>>()
        .unwrap_or_default()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ',']).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legs_are_read_in_both_notations() {
        let expected = [("/dev/disk/by-path/pci-0:1", 5, 10), ("lv_rimage_1", 0, 1)];
        let read = ranges("/dev/disk/by-path/pci-0:1:5-14 lv_rimage_1:0-0");
        let read: Vec<_> = read
            .iter()
            .map(|range| (range.name, range.start, range.count))
            .collect();
        assert_eq!(read, expected);
        assert_eq!(
            devices("/dev/sda(5),lv_rimage_1(0)"),
            [("/dev/sda", 5), ("lv_rimage_1", 0)]
        );
        assert_eq!(ranges("nonsense /dev/sda:0-1"), []);
        assert_eq!(ranges("/dev/sda:5-4"), []);
    }
}
