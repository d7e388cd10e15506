//! The names of groups and logical volumes, in all ways in which commands spell them.

use crate::lvm::CommandError;

/// `LV`, `VG/LV`, `/dev/VG/LV` or `/dev/mapper/VG-LV`.
///
/// # Errors
/// [`CommandError::BadArgument`].
pub(crate) fn group_and_name(text: &str) -> Result<(Option<String>, String), CommandError> {
    let bad = || CommandError::BadArgument {
        found: text.to_string(),
        expected: "a logical volume, as NAME or GROUP/NAME".to_string(),
    };
    if let Some(mapped) = text.strip_prefix("/dev/mapper/") {
        let (group, name) = mapped_names(mapped).ok_or_else(bad)?;
        return Ok((Some(group), name));
    }
    let below = text.strip_prefix("/dev/").map(slashes_left_out);
    let path = below.unwrap_or(text);
    let (group, name) = match path.split_once('/') {
        Some((group, name)) => (Some(group), slashes_left_out(name)),
        // A device, or a group: no volume lies there.
        None if below.is_some() => {
            return Err(CommandError::Lvm2 {
                message: format!("\"{text}\": Invalid path for Logical Volume."),
            });
        }
        None => (None, path),
    };
    // Behind `:` stand ranges of a physical volume; no name has one.
    let is_odd = path.starts_with('@') || path.contains(':');
    if name.is_empty() || name.contains('/') || group == Some("") || is_odd {
        return Err(bad());
    }
    Ok((group.map(str::to_string), name.to_string()))
}

/// Where names meet, several slashes are one.
fn slashes_left_out(path: &str) -> &str {
    path.trim_start_matches('/')
}

/// A group's name as it is, without the folder of its devices; one with dashes is spelled with two of each below
/// `/dev/mapper`.
pub(crate) fn bare(text: &str) -> String {
    let path = text.strip_prefix("/dev/").map(slashes_left_out);
    let mapped = text.strip_prefix("/dev/mapper/");
    // A single one would stand in front of a volume.
    let is_group = |mapped: &&str| mapped.contains("--") && !mapped.replace("--", "").contains('-');
    match mapped.filter(is_group) {
        Some(mapped) => mapped.replace("--", "-"),
        None => path.unwrap_or(text).to_string(),
    }
}

/// A volume's name without its group, however it is spelled.
pub(crate) fn plain(text: &str) -> String {
    match group_and_name(text) {
        Ok((_, name)) => name,
        Err(_) => text.rsplit('/').next().unwrap_or(text).to_string(),
    }
}

/// The group and the volume of a name below `/dev/mapper`: a dash stands between them, and for one in a name
/// stand two.
fn mapped_names(mapped: &str) -> Option<(String, String)> {
    let mut names = vec![String::new()];
    let mut letters = mapped.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '-' && letters.next_if_eq(&'-').is_none() {
            names.push(String::new());
        } else {
            names.last_mut()?.push(letter);
        }
    }
    match <[String; 2]>::try_from(names).ok()? {
        [group, name]
            if group.is_empty() || name.is_empty() || mapped.contains(['/', ':', '@']) =>
        {
            None
        }
        [group, name] => Some((group, name)),
    }
}

/// Puts a group in place of none; another one is an error.
///
/// # Errors
/// [`CommandError::BadArgument`].
pub(crate) fn set_group(
    known: &mut Option<String>,
    group: Option<String>,
) -> Result<(), CommandError> {
    let Some(group) = group else { return Ok(()) };
    match known.replace(group.clone()) {
        Some(other) if other != group => Err(CommandError::BadArgument {
            found: other,
            expected: format!("volume group `{group}`, which the name says"),
        }),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_every_spelling_that_lvm2_takes() {
        for text in [
            "/dev/my-vg/data",
            "/dev//my-vg/data",
            "/dev/my-vg//data",
            "my-vg//data",
            "/dev/mapper/my--vg-data",
        ] {
            let read = group_and_name(text).map_err(|error| error.to_string());
            let wanted = (Some("my-vg".to_string()), "data".to_string());
            assert_eq!(read, Ok(wanted), "{text}");
        }
        for text in ["/dev/dm-0", "/dev/sda"] {
            let error = group_and_name(text).expect_err("no volume").to_string();
            assert_eq!(
                error,
                format!("\"{text}\": Invalid path for Logical Volume.")
            );
        }
        for text in ["my-vg", "/dev/my-vg", "/dev//my-vg", "/dev/mapper/my--vg"] {
            assert_eq!(bare(text), "my-vg");
        }
    }
}
