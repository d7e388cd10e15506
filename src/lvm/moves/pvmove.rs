//! `pvmove` of one range to another, both given: what LVM2 carries out exactly, or refuses.

use std::fmt;

use crate::core::Area;
use crate::lvm::{AllocationPolicy, PeRange, PvArgument, shell_quoted};

/// `pvmove -n NAME SOURCE:a-b TARGET:c-d`, the ranges equally long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PvMove {
    /// `-n`, without its volume group.
    pub name: Option<String>,
    /// `--alloc`.
    pub policy: Option<AllocationPolicy>,
    /// The device that extents are moved from, and which.
    pub from: (String, Area),
    /// Where they are moved to.
    pub to: (String, Area),
}

impl PvMove {
    /// The command of some words behind the program's name, if it is one of this form.
    pub(crate) fn read(words: &[String]) -> Option<PvMove> {
        let (mut name, mut policy, mut ends) = (None, None, Vec::new());
        let mut words = words.iter().map(String::as_str);
        while let Some(word) = words.next() {
            match word {
                "-n" | "--name" => name = Some(words.next()?.rsplit('/').next()?.to_string()),
                "--alloc" => policy = Some(AllocationPolicy::from_name(words.next()?)?),
                "-y" | "--yes" => {}
                _ if word.starts_with('-') => return None,
                _ => ends.push(end(word)?),
            }
        }
        let [from, to] = <[(String, Area); 2]>::try_from(ends).ok()?;
        (from.1.count() == to.1.count()).then_some(PvMove {
            name,
            policy,
            from,
            to,
        })
    }

    /// The words of the command behind the program's name.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        let mut words = Vec::new();
        if let Some(policy) = self.policy {
            words.extend(["--alloc".to_string(), policy.name().to_string()]);
        }
        if let Some(name) = &self.name {
            words.extend(["-n".to_string(), name.clone()]);
        }
        words.extend([&self.from, &self.to].map(|(device, area)| argument(device, *area)));
        words
    }
}

/// A device and its one range, with both ends.
fn end(word: &str) -> Option<(String, Area)> {
    let PvArgument::Device { name, ranges } = PvArgument::read(word).ok()? else {
        return None;
    };
    let [range] = ranges.as_slice() else {
        return None;
    };
    let area = Area::between(range.first, range.last?.checked_add(1)?)?;
    Some((name, area))
}

/// A device with a range.
fn argument(device: &str, area: Area) -> String {
    let range = PeRange {
        first: area.start(),
        last: Some(area.end() - 1),
    };
    let argument = PvArgument::Device {
        name: device.to_string(),
        ranges: vec![range],
    };
    argument.to_string()
}

impl fmt::Display for PvMove {
    /// One line for a shell.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pvmove")?;
        let words = self.arguments();
        words
            .iter()
            .try_for_each(|word| write!(f, " {}", shell_quoted(word)))
    }
}
