//! Settings of LVM2 that decide where extents go, with the defaults that LVM2 ships.

use std::collections::BTreeSet;

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

/// A version of LVM2: 2.03 and the number behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u32);

impl Version {
    /// The newest that is known.
    pub const NEWEST: Version = Version(40);
}
