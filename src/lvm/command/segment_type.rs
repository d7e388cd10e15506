//! The segment types that differ in how they are allocated, and the words for them.

use std::fmt;

/// `--type` as given: several words may name one kind, such as `raid5` and `raid5_ls`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeArgument {
    /// What it comes to for an allocation.
    pub kind: SegmentType,
    /// The word, which also says how parity rotates.
    pub word: String,
}

impl TypeArgument {
    /// The type that goes by its plain name.
    #[must_use]
    pub fn plain(kind: SegmentType) -> TypeArgument {
        let word = kind.name().to_string();
        TypeArgument { kind, word }
    }

    /// The type that a word names, if it is one of those that can be planned.
    #[must_use]
    pub fn from_word(word: &str) -> Option<TypeArgument> {
        let kind = SegmentType::from_word(word)?;
        let word = word.to_string();
        Some(TypeArgument { kind, word })
    }
}

/// The segment types that differ in how they are allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SegmentType {
    /// One leg.
    Linear,
    /// Legs that share the data.
    Striped,
    /// Images that hold the same, and a log.
    Mirror,
    /// Stripes, each an image of its own, without metadata.
    Raid0,
    /// The same with metadata.
    Raid0Meta,
    /// Images that hold the same, each with metadata.
    Raid1,
    /// Stripes and one parity image.
    Raid4,
    /// The same, parity rotating.
    Raid5,
    /// Stripes and two parity images.
    Raid6,
    /// Stripes, each held twice.
    Raid10,
    /// Data and metadata of a thin pool.
    ThinPool,
    /// Data and metadata of a cache pool.
    CachePool,
}

/// Whether LVM2 has a segment type of this name; `lvm segtypes` lists them.
pub(crate) fn is_segment_type(word: &str) -> bool {
    const OTHERS: [&str; 9] = [
        "cache",
        "error",
        "integrity",
        "snapshot",
        "thin",
        "vdo",
        "vdo-pool",
        "writecache",
        "zero",
    ];
    OTHERS.contains(&word) || SegmentType::from_word(word).is_some()
}

impl SegmentType {
    /// Every type.
    pub const ALL: [SegmentType; 12] = [
        SegmentType::Linear,
        SegmentType::Striped,
        SegmentType::Mirror,
        SegmentType::Raid0,
        SegmentType::Raid0Meta,
        SegmentType::Raid1,
        SegmentType::Raid4,
        SegmentType::Raid5,
        SegmentType::Raid6,
        SegmentType::Raid10,
        SegmentType::ThinPool,
        SegmentType::CachePool,
    ];

    /// The plain name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            SegmentType::Linear => "linear",
            SegmentType::Striped => "striped",
            SegmentType::Mirror => "mirror",
            SegmentType::Raid0 => "raid0",
            SegmentType::Raid0Meta => "raid0_meta",
            SegmentType::Raid1 => "raid1",
            SegmentType::Raid4 => "raid4",
            SegmentType::Raid5 => "raid5",
            SegmentType::Raid6 => "raid6",
            SegmentType::Raid10 => "raid10",
            SegmentType::ThinPool => "thin-pool",
            SegmentType::CachePool => "cache-pool",
        }
    }

    /// The type that a word of a command or of metadata names; `lvm segtypes` lists them.
    #[must_use]
    pub fn from_word(word: &str) -> Option<SegmentType> {
        let plain = SegmentType::ALL
            .into_iter()
            .find(|kind| kind.name() == word);
        plain.or(match word {
            "raid5_n" | "raid5_la" | "raid5_ls" | "raid5_ra" | "raid5_rs" => {
                Some(SegmentType::Raid5)
            }
            "raid6_n_6" | "raid6_nc" | "raid6_nr" | "raid6_zr" | "raid6_ls_6" | "raid6_rs_6"
            | "raid6_la_6" | "raid6_ra_6" => Some(SegmentType::Raid6),
            "raid10_near" => Some(SegmentType::Raid10),
            _ => None,
        })
    }

    /// What `lvs` calls what goes with a volume of this type as a whole: the end of the name of that.
    #[must_use]
    pub fn log_word(self) -> &'static str {
        match self {
            SegmentType::ThinPool => "tmeta",
            SegmentType::CachePool => "cmeta",
            SegmentType::Linear
            | SegmentType::Striped
            | SegmentType::Mirror
            | SegmentType::Raid0
            | SegmentType::Raid0Meta
            | SegmentType::Raid1
            | SegmentType::Raid4
            | SegmentType::Raid5
            | SegmentType::Raid6
            | SegmentType::Raid10 => "mlog",
        }
    }

    /// Images that hold parity.
    #[must_use]
    pub fn parity(self) -> u64 {
        match self {
            SegmentType::Raid4 | SegmentType::Raid5 => 1,
            SegmentType::Raid6 => 2,
            SegmentType::Linear
            | SegmentType::Striped
            | SegmentType::Mirror
            | SegmentType::Raid0
            | SegmentType::Raid0Meta
            | SegmentType::Raid1
            | SegmentType::Raid10
            | SegmentType::ThinPool
            | SegmentType::CachePool => 0,
        }
    }

    /// The fewest stripes that `lvcreate` makes one with.
    #[must_use]
    pub fn fewest_stripes(self) -> u64 {
        match self {
            SegmentType::Raid0
            | SegmentType::Raid0Meta
            | SegmentType::Raid4
            | SegmentType::Raid5
            | SegmentType::Raid10 => 2,
            SegmentType::Raid6 => 3,
            SegmentType::Linear
            | SegmentType::Striped
            | SegmentType::Mirror
            | SegmentType::Raid1
            | SegmentType::ThinPool
            | SegmentType::CachePool => 1,
        }
    }

    /// Whether it is made of images that may be cut each on its own, with or without metadata.
    #[must_use]
    pub fn is_raid(self) -> bool {
        match self {
            SegmentType::Raid0
            | SegmentType::Raid0Meta
            | SegmentType::Raid1
            | SegmentType::Raid4
            | SegmentType::Raid5
            | SegmentType::Raid6
            | SegmentType::Raid10 => true,
            SegmentType::Linear
            | SegmentType::Striped
            | SegmentType::Mirror
            | SegmentType::ThinPool
            | SegmentType::CachePool => false,
        }
    }

    /// Whether it is a pool, which has metadata of its own and a spare beside it.
    #[must_use]
    pub fn is_pool(self) -> bool {
        matches!(self, SegmentType::ThinPool | SegmentType::CachePool)
    }
}

impl fmt::Display for SegmentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
