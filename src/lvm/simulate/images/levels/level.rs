//! RAID levels, and where they keep what they are safe by.

use crate::lvm::LvSegment;
use crate::lvm::parts::{image_multiple, images};

/// Where a level keeps what it is safe by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parity {
    None,
    First,
    Last,
    Rotating,
    LastTwo,
    RotatingAndLast,
    RotatingTwice,
    Copies,
    Mirror,
}

/// The level of a volume.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) word: String,
    pub(crate) parity: Parity,
    /// Images that hold data, not counting copies.
    pub(crate) stripes: u64,
    pub(crate) images: u64,
}

impl Level {
    pub(crate) fn of(segment: &LvSegment) -> Option<Level> {
        let word = segment.base_type();
        let parity = match word {
            "striped" | "raid0" | "raid0_meta" => Parity::None,
            "raid4" => Parity::First,
            "raid5_n" => Parity::Last,
            "raid6_n_6" => Parity::LastTwo,
            "raid10" | "raid10_near" => Parity::Copies,
            "raid1" => Parity::Mirror,
            _ if word.starts_with("raid5") => Parity::Rotating,
            "raid6_ls_6" | "raid6_rs_6" | "raid6_la_6" | "raid6_ra_6" => Parity::RotatingAndLast,
            _ if word.starts_with("raid6") => Parity::RotatingTwice,
            _ => return None,
        };
        Some(Level {
            word: word.to_string(),
            parity,
            stripes: image_multiple(segment),
            images: images(segment).len() as u64,
        })
    }

    /// The level with one parity image more, its parity rotating as it does here.
    pub(crate) fn six(&self) -> Option<&'static str> {
        match self.word.as_str() {
            "raid5" | "raid5_ls" => Some("raid6_ls_6"),
            "raid5_rs" => Some("raid6_rs_6"),
            "raid5_la" => Some("raid6_la_6"),
            "raid5_ra" => Some("raid6_ra_6"),
            _ => None,
        }
    }

    /// The level with one parity image less.
    pub(crate) fn five(&self) -> Option<&'static str> {
        match self.word.as_str() {
            "raid6_ls_6" => Some("raid5_ls"),
            "raid6_rs_6" => Some("raid5_rs"),
            "raid6_la_6" => Some("raid5_la"),
            "raid6_ra_6" => Some("raid5_ra"),
            _ => None,
        }
    }
}
