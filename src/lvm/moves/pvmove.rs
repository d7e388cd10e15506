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
