//! Sources for tests: all free, in areas of given lengths.

use crate::core::{Area, Source};

/// Sources with free areas of these lengths, and no more.
pub(crate) fn sources(lengths: &[&[u64]]) -> Vec<Source> {
    let source = |(index, lengths): (usize, &&[u64])| {
        let mut start = 0;
        let areas = lengths.iter().filter_map(|&length| {
            let area = Area::new(start, length);
            start += length + 1;
            area
        });
        let free = areas.collect();
        Source {
            name: format!("s{index}"),
            extents: start,
            free,
            tags: Default::default(),
            ..Source::default()
        }
    };
    lengths.iter().enumerate().map(source).collect()
}
