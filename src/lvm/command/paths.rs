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
    let path = text.strip_prefix("/dev/").unwrap_or(text);
    let (group, name) = match path.split_once('/') {
        Some((group, name)) => (Some(group), name),
        None => (None, path),
    };
    // Behind `:` stand ranges of a physical volume; no name has one.
    let is_odd = path.starts_with('@') || path.contains(':');
    if name.is_empty() || name.contains('/') || group == Some("") || is_odd {
        return Err(bad());
    }
    Ok((group.map(str::to_string), name.to_string()))
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
