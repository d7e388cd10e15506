//! Ranges of one physical volume as a command names them, of which no two may meet.

use std::collections::BTreeMap;

use crate::core::Area;

/// Ranges so far. Commands for full disks name tens of thousands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disjoint {
    /// The ranges by their start.
    ranges: BTreeMap<u64, Area>,
}

impl Disjoint {
    /// Adds a range, unless it meets one of those so far; returns whether it did not.
    pub(crate) fn add(&mut self, range: Area) -> bool {
        let before = self.ranges.range(..range.end()).next_back();
        let is_apart = before.is_none_or(|(_, other)| other.intersection(range).is_none());
        if is_apart {
            self.ranges.insert(range.start(), range);
        }
        is_apart
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_refused_where_it_meets_one_and_only_there() {
        const SIZE: u64 = 5;
        let all: Vec<Area> = (0..SIZE)
            .flat_map(|start| (start + 1..=SIZE).filter_map(move |end| Area::between(start, end)))
            .collect();
        for one in &all {
            for two in &all {
                for three in &all {
                    let (mut ranges, mut plain): (_, Vec<Area>) = (Disjoint::default(), Vec::new());
                    for range in [one, two, three] {
                        let clash = plain.iter().find(|old| old.intersection(*range).is_some());
                        assert_eq!(ranges.add(*range), clash.is_none(), "{plain:?} {range}");
                        if clash.is_none() {
                            plain.push(*range);
                        }
                    }
                }
            }
        }
    }
}
