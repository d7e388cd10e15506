//! Tags as numbers: those of each source that count, and the sources of each tag.

use std::collections::HashMap;

use crate::greedy::{Call, TagRule};

/// The tags that count under the rule of a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tags {
    /// By source, ascending.
    of_source: Vec<Vec<u32>>,
    /// By tag, the maps whose sources have it, in order.
    maps_with: Vec<Vec<usize>>,
}

impl Tags {
    pub(crate) fn new(call: &Call) -> Tags {
        let mut tags = Tags::default();
        let Some(rule) = &call.tag_rule else {
            return tags;
        };
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        for words in call.tags {
            let mut own = Vec::new();
            for word in words {
                let counts = match rule {
                    TagRule::Any => true,
                    TagRule::Listed(listed) => listed.contains(word),
                };
                if counts {
                    let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                    own.push(*numbers.entry(word).or_insert(next));
                }
            }
            own.sort_unstable();
            tags.of_source.push(own);
        }
        tags.maps_with = vec![Vec::new(); numbers.len()];
        for (map, offer) in call.offers.iter().enumerate() {
            for tag in tags.of_source.get(offer.source).into_iter().flatten() {
                tags.maps_with[*tag as usize].push(map);
            }
        }
        tags
    }

    /// The tags of a source.
    pub(crate) fn of_source(&self, source: usize) -> impl Iterator<Item = u32> + '_ {
        self.of_source.get(source).into_iter().flatten().copied()
    }

    /// The maps whose sources have a tag.
    pub(crate) fn maps_with(&self, tag: u32) -> &[usize] {
        self.maps_with
            .get(tag as usize)
            .map_or(&[], |maps| maps.as_slice())
    }

    /// Whether two sources share a tag.
    pub(crate) fn share(&self, one: usize, other: usize) -> bool {
        let theirs = self.of_source.get(other);
        let has = |tag: u32| theirs.is_some_and(|tags| tags.binary_search(&tag).is_ok());
        self.of_source(one).any(has)
    }
}
