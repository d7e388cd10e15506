//! What has extents to give.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Area, Areas};

/// Something that has extents to give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Unique among the sources of a problem.
    pub name: String,
    /// How many extents it has in all, free or not; extents are numbered from 0.
    pub extents: u64,
    /// The extents that may be given away.
    pub free: Areas,
    /// Words that policies and partitions refer to: a rack, a speed, a site.
    pub tags: BTreeSet<String>,
    /// By word the free extents that carry it beside the words of the whole source. Where free extents that
    /// touch carry different words, two areas meet: a segment lies in one of them.
    pub area_tags: BTreeMap<String, Areas>,
}

impl Source {
    /// The words that a free area carries: those of the source, and its own.
    pub fn tags_of(&self, area: Area) -> impl Iterator<Item = &String> {
        self.tags.iter().chain(self.own_tags_of(area))
    }

    /// The words that a free area carries beside those of the source.
    pub fn own_tags_of(&self, area: Area) -> impl Iterator<Item = &String> {
        let of_areas = self.area_tags.iter();
        let own = of_areas.filter(move |(_, areas)| areas.meeting(area).next().is_some());
        own.map(|(tag, _)| tag)
    }

    /// Whether a free area carries a word, of its own or of the source.
    #[must_use]
    pub fn has_tag(&self, area: Area, tag: &str) -> bool {
        let of_areas = self.area_tags.get(tag);
        self.tags.contains(tag) || of_areas.is_some_and(|own| own.meeting(area).next().is_some())
    }

    /// The words that some free area carries beside those of the source.
    pub(crate) fn tags_of_areas(&self) -> impl Iterator<Item = &String> {
        let of_areas = self.area_tags.iter();
        of_areas
            .filter(|(_, areas)| !areas.is_empty())
            .map(|(tag, _)| tag)
    }

    /// What is free that is in one of two parts of it, with the borders between its areas.
    #[must_use]
    pub fn united(&self, one: &Areas, other: &Areas) -> Areas {
        let united = one.union(other);
        if self.area_tags.is_empty() {
            return united;
        }
        united.intersection(&self.free)
    }

    /// The source with borders where the words of its free extents change. What is not free carries none, and a
    /// word of the source is no area's own. A word of which no extent is left stays known.
    pub(crate) fn with_borders(mut self) -> Source {
        if self.area_tags.is_empty() {
            return self;
        }
        for areas in self.area_tags.values_mut() {
            // United with nothing: the borders in what is free are not those of this word.
            *areas = areas.intersection(&self.free).union(&Areas::none());
        }
        let own = &self.tags;
        self.area_tags.retain(|tag, _| !own.contains(tag));
        let edges = self.area_tags.values().flat_map(Areas::iter);
        let edges = edges.flat_map(|area| [area.start(), area.end()]).collect();
        self.free = self.free.cut_at(&edges);
        self
    }
}
