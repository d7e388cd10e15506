//! From which level to which: at once, by another one first, or not at all. Found by asking 2.03.16
//! for each level with each.

use crate::lvm::simulate::images::levels::level::{Level, Parity};

/// How a volume gets to a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Direct,
    /// To this one instead.
    Instead(&'static str),
    /// It has that level.
    Same,
    /// Data moves within the images.
    Reshape,
    /// To this one instead, by moving data.
    ReshapeInstead(&'static str),
    /// Images have to come first, by moving data.
    ThreeStripesFirst,
    /// Not known.
    Unknown,
    /// Stripes would have to go.
    TwoStripesFirst,
    /// Images would have to go.
    TwoImagesFirst,
    /// Copies do not become parity.
    StripesFirst,
}

/// Another word for a level, as messages add it.
pub(crate) fn alias(word: &str) -> Option<&'static str> {
    match word {
        "raid5" => Some("raid5_ls"),
        "raid5_ls" => Some("raid5"),
        "raid6" => Some("raid6_zr"),
        "raid6_zr" => Some("raid6"),
        "raid10" => Some("raid10_near"),
        "raid10_near" => Some("raid10"),
        _ => None,
    }
}

fn is_plain(word: &str) -> bool {
    matches!(word, "striped" | "raid0" | "raid0_meta")
}

/// How a volume of a level gets to another.
pub(crate) fn way(from: &Level, to: &str) -> Way {
    if from.word == to {
        return Way::Same;
    }
    let (is_five, is_six) = (to.starts_with("raid5"), to.starts_with("raid6"));
    let has_three = from.stripes >= 3;
    let is_plain_or_copied = matches!(from.parity, Parity::None | Parity::Copies | Parity::Mirror);
    if to == "mirror" && !is_plain_or_copied {
        return Way::Unknown;
    }
    match from.parity {
        Parity::None => match to {
            "raid4" | "raid5_n" | "raid10" => Way::Direct,
            "raid6_n_6" if has_three => Way::Direct,
            _ if is_plain(to) => Way::Direct,
            _ if is_six && has_three => Way::Instead("raid6_n_6"),
            _ => Way::Instead("raid5_n"),
        },
        Parity::First | Parity::Last if from.stripes >= 2 => match to {
            _ if is_plain(to) => Way::Direct,
            "raid6_n_6" if has_three => Way::Direct,
            "raid10" => Way::Instead("raid0_meta"),
            "linear" | "raid1" => Way::TwoStripesFirst,
            _ if is_six && has_three => Way::Instead("raid6_n_6"),
            _ if is_six => Way::ThreeStripesFirst,
            "raid4" | "raid5_n" => Way::Reshape,
            _ if from.parity == Parity::Last => Way::Reshape,
            _ => Way::ReshapeInstead("raid5_n"),
        },
        Parity::Rotating if from.stripes >= 2 => match to {
            "linear" | "raid1" => Way::TwoStripesFirst,
            _ if is_six && has_three => match from.six() {
                Some(six) if six == to => Way::Direct,
                Some(six) => Way::Instead(six),
                None => Way::Unknown,
            },
            _ if is_six => Way::ThreeStripesFirst,
            _ if is_five => Way::Reshape,
            _ => Way::ReshapeInstead("raid5_n"),
        },
        Parity::LastTwo => match to {
            _ if is_plain(to) => Way::Direct,
            "raid4" | "raid5_n" => Way::Direct,
            "linear" => Way::Instead("raid5_n"),
            "raid10" => Way::Instead("raid0_meta"),
            _ if is_five => Way::Instead("raid5_n"),
            _ if is_six => Way::Reshape,
            _ => Way::ReshapeInstead("raid6_ls_6"),
        },
        Parity::RotatingAndLast => match from.five() {
            Some(five) if five == to => Way::Direct,
            Some(five) if is_five => Way::Instead(five),
            _ if is_six => Way::Reshape,
            _ if to == "raid1" => Way::ReshapeInstead("raid6_ls_6"),
            _ => Way::ReshapeInstead("raid6_n_6"),
        },
        Parity::RotatingTwice if is_six => Way::Reshape,
        Parity::RotatingTwice => Way::ReshapeInstead(match to {
            "raid5" | "raid5_ls" | "raid1" => "raid6_ls_6",
            "raid5_rs" => "raid6_rs_6",
            "raid5_la" => "raid6_la_6",
            "raid5_ra" => "raid6_ra_6",
            _ => "raid6_n_6",
        }),
        Parity::Copies => match to {
            _ if is_plain(to) => Way::Direct,
            "raid1" => Way::StripesFirst,
            _ => Way::Instead("raid0_meta"),
        },
        Parity::Mirror if from.images != 2 => Way::TwoImagesFirst,
        Parity::Mirror => match to {
            "raid4" => Way::Direct,
            _ if is_five => Way::Direct,
            _ if is_six => Way::Instead("raid5_ls"),
            _ => Way::Instead("raid5_n"),
        },
        Parity::First | Parity::Last | Parity::Rotating => Way::Unknown,
    }
}
