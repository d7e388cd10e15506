//! Sources with who holds what, once or before and after, as lines that can be drawn.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Area, Source};
use crate::show::quantity::{bytes, extents};
use crate::show::report::grouped::{Group, groups};
use crate::show::report::ink::{COLOUR_COUNT, Ink};
use crate::show::report::ticks::{Scale, fill};
use crate::show::report::words::Table;

/// Sources with who holds what, once or before and after.
#[derive(Clone, Debug, Default)]
pub struct Pictures {
    /// Who is told apart.
    pub holders: Vec<Holder>,
    /// The states, each of the same sources in the same order.
    pub states: Vec<State>,
    /// Sources that are drawn one by one even where there are many.
    pub touched: BTreeSet<usize>,
    /// Bytes of an extent, if they are known.
    pub extent_bytes: Option<u64>,
}

/// Somebody who holds extents.
#[derive(Clone, Debug)]
pub struct Holder {
    /// What it is called.
    pub name: String,
}

/// Sources at one time.
#[derive(Clone, Debug)]
pub struct State {
    /// What it is called.
    pub heading: String,
    /// The sources, with what is free at that time.
    pub sources: Vec<Source>,
    /// Who holds what of the rest.
    pub held: Vec<Held>,
}

/// Extents of a source that somebody holds.
#[derive(Clone, Debug)]
pub struct Held {
    /// Index of the source.
    pub source: usize,
    /// The extents.
    pub area: Area,
    /// Index of the holder; `None` for one that is not told apart.
    pub holder: Option<usize>,
    /// The leg, by number.
    pub leg: usize,
    /// Whether it is what goes with a leg.
    pub is_companion: bool,
    /// What lies there.
    pub name: String,
}

/// Most sources that are drawn one by one.
pub(crate) const MOST_SOURCES: usize = 60;
/// Most holders that the description of a bar names.
const MOST_NAMED: usize = 8;

/// A bar with what stands beside it.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) figures: String,
    pub(crate) tags: String,
    /// The whole length, in extents.
    pub(crate) length: u64,
    /// How long a bar from end to end is.
    pub(crate) scale: u64,
    pub(crate) pieces: Vec<Piece>,
}

impl Line {
    /// The line in words, with who holds most of it.
    pub(crate) fn description(&self, holders: &[Holder]) -> String {
        let mut held: BTreeMap<usize, u64> = BTreeMap::new();
        for piece in &self.pieces {
            if let Some(holder) = piece.holder {
                *held.entry(holder).or_default() += piece.count;
            }
        }
        let mut words = vec![format!("{}: {}", self.name, self.figures)];
        let mut by_size: Vec<(usize, u64)> = held.into_iter().collect();
        by_size.sort_by_key(|&(holder, count)| (std::cmp::Reverse(count), holder));
        let more = by_size.len().saturating_sub(MOST_NAMED);
        let named = by_size.iter().take(MOST_NAMED);
        words.extend(named.map(|&(holder, count)| format!("{} {count}", holders[holder].name)));
        if more > 0 {
            words.push(format!("{more} more"));
        }
        words.join("; ")
    }
}

/// A stretch of a bar.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) start: u64,
    pub(crate) count: u64,
    pub(crate) ink: Ink,
    pub(crate) holder: Option<usize>,
    pub(crate) title: String,
}

/// What is drawn below each other.
#[derive(Debug)]
pub(crate) enum Item {
    /// A source.
    One(Line),
    /// Sources that are alike, with a line for all of them.
    Many { line: Line, members: Vec<usize> },
}

/// Lines below each other, and the scale below them.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) items: Vec<Item>,
    pub(crate) scale: Scale,
}

impl Pictures {
    /// Per holder its colour: the largest have one of their own, in the order of the holders; `None` shares one.
    pub(crate) fn colours(&self) -> Vec<Option<usize>> {
        let totals = self.totals();
        let mut by_size: Vec<usize> = (0..self.holders.len()).collect();
        by_size.sort_by_key(|&holder| (std::cmp::Reverse(totals[holder]), holder));
        let own: BTreeSet<usize> = by_size.into_iter().take(COLOUR_COUNT).collect();
        let mut colours = vec![None; self.holders.len()];
        for (colour, holder) in own.into_iter().enumerate() {
            colours[holder] = Some(colour);
        }
        colours
    }

    /// Per holder its extents in the last state that has some.
    pub(crate) fn totals(&self) -> Vec<u64> {
        let mut totals = vec![0u64; self.holders.len()];
        for state in &self.states {
            let mut own = vec![0u64; self.holders.len()];
            for held in &state.held {
                if let Some(holder) = held.holder {
                    own[holder] += held.area.count();
                }
            }
            for (total, own) in totals.iter_mut().zip(own) {
                if own > 0 {
                    *total = own;
                }
            }
        }
        totals
    }

    /// Extents of the largest source.
    fn largest(&self) -> u64 {
        let sources = self.states.iter().flat_map(|state| &state.sources);
        sources
            .map(|source| source.extents)
            .max()
            .unwrap_or(0)
            .max(1)
    }

    /// A count as it is shown.
    pub(crate) fn size(&self, count: u64) -> String {
        self.extent_bytes
            .map_or_else(|| extents(count, None), |size| bytes(count, size))
    }

    /// What a state shows: of few sources each has a line, of many those that are alike share one, on a scale of its own.
    pub(crate) fn blocks(&self, state: &State) -> Vec<Block> {
        let all = 0..state.sources.len();
        let is_touched = |source: &usize| self.touched.contains(source);
        let (touched, left): (Vec<usize>, Vec<usize>) = all.clone().partition(is_touched);
        let (one_by_one, grouped) = if state.sources.len() <= MOST_SOURCES {
            (all.collect(), vec![])
        } else if touched.len() <= MOST_SOURCES {
            (touched, vec![("", left)])
        } else {
            (vec![], vec![("changed, ", touched), ("", left)])
        };
        let ones = self.lines(state, &one_by_one).into_iter().map(Item::One);
        // Alike in the first state, so that before and after can be compared.
        let first = &self.states[0].sources;
        let groups = grouped.into_iter().flat_map(|(prefix, members)| {
            let groups = groups(first, &members).into_iter();
            groups.map(move |group| Item::Many {
                line: self.line_of_many(state, prefix, &group),
                members: group.members,
            })
        });
        let ones = Block {
            items: ones.collect(),
            scale: self.scale(),
        };
        let groups = Block {
            items: groups.collect(),
            scale: Scale::of_shares(),
        };
        let blocks = [ones, groups].into_iter();
        blocks.filter(|block| !block.items.is_empty()).collect()
    }

    /// The scale that all sources share.
    pub(crate) fn scale(&self) -> Scale {
        Scale::of_extents(self.largest(), self.extent_bytes)
    }

    /// The lines of some sources, on one scale.
    pub(crate) fn lines(&self, state: &State, members: &[usize]) -> Vec<Line> {
        let colours = self.colours();
        let mut pieces = self.pieces(state, members, &colours);
        let scale = self.largest();
        let line = |&source: &usize| {
            let pieces = pieces.remove(&source).unwrap_or_default();
            let source = &state.sources[source];
            Line {
                name: source.name.clone(),
                figures: self.figures(source.extents, source.free.total()),
                tags: tags(source),
                length: source.extents,
                scale,
                pieces,
            }
        };
        members.iter().map(line).collect()
    }

    fn figures(&self, extents: u64, free: u64) -> String {
        format!(
            "{}, {} free, {} % full",
            self.size(extents),
            self.size(free),
            fill(extents, free)
        )
    }

    /// Per source its stretches: what is held, what is free, what holders have.
    fn pieces(
        &self,
        state: &State,
        members: &[usize],
        colours: &[Option<usize>],
    ) -> BTreeMap<usize, Vec<Piece>> {
        let mut pieces: BTreeMap<usize, Vec<Piece>> = BTreeMap::new();
        for &member in members {
            let source = &state.sources[member];
            let own = pieces.entry(member).or_default();
            if source.extents > 0 {
                own.push(Piece {
                    start: 0,
                    count: source.extents,
                    ink: Ink::Held,
                    holder: None,
                    title: "in use".to_string(),
                });
            }
            own.extend(source.free.iter().map(|area| Piece {
                start: area.start(),
                count: area.count(),
                ink: Ink::Free,
                holder: None,
                title: format!("free {area}"),
            }));
        }
        for held in &state.held {
            let Some(own) = pieces.get_mut(&held.source) else {
                continue;
            };
            let ink = match held.holder {
                None => Ink::Held,
                Some(holder) => Ink::of(colours[holder], held.leg, held.is_companion),
            };
            own.push(Piece {
                start: held.area.start(),
                count: held.area.count(),
                ink,
                holder: held.holder,
                title: format!("{} {}", held.name, held.area),
            });
        }
        pieces
    }

    /// One line for sources that are alike: which share of their sum is held by whom.
    fn line_of_many(&self, state: &State, prefix: &str, group: &Group) -> Line {
        let colours = self.colours();
        let mut by_ink: BTreeMap<(Option<usize>, Ink), u64> = BTreeMap::new();
        let (mut length, mut free) = (0u64, 0u64);
        for (member, pieces) in self.pieces(state, &group.members, &colours) {
            length = length.saturating_add(state.sources[member].extents);
            free = free.saturating_add(state.sources[member].free.total());
            for piece in pieces.iter().filter(|piece| piece.holder.is_some()) {
                let key = (piece.holder.and_then(|holder| colours[holder]), piece.ink);
                *by_ink.entry(key).or_default() += piece.count;
            }
        }
        let mut names: BTreeMap<usize, &str> = BTreeMap::new();
        for (holder, colour) in self.holders.iter().zip(&colours) {
            if let Some(colour) = colour {
                names.insert(*colour, &holder.name);
            }
        }
        let mut pieces = vec![Piece {
            start: 0,
            count: length,
            ink: Ink::Held,
            holder: None,
            title: "in use".to_string(),
        }];
        // Those with colours first, then the others.
        let mut sums: Vec<((Option<usize>, Ink), u64)> = by_ink.into_iter().collect();
        sums.sort_by_key(|((colour, ink), _)| (colour.is_none(), *colour, *ink));
        let mut start = 0;
        for ((colour, ink), count) in sums {
            let name = colour.and_then(|colour| names.get(&colour)).copied();
            let name = name.unwrap_or("others");
            pieces.push(Piece {
                start,
                count,
                ink,
                holder: colours
                    .iter()
                    .position(|one| *one == colour)
                    .filter(|_| colour.is_some()),
                title: format!("{name}: {}", self.size(count)),
            });
            start += count;
        }
        pieces.push(Piece {
            start: length - free,
            count: free,
            ink: Ink::Free,
            holder: None,
            title: format!("free: {}", self.size(free)),
        });
        let count = group.members.len();
        let noun = if count == 1 { "source" } else { "sources" };
        Line {
            name: format!("{count} {noun}: {prefix}{}", group.name),
            figures: format!("sum {}", self.figures(length, free)),
            tags: String::new(),
            length,
            scale: length.max(1),
            pieces,
        }
    }

    /// The same as rows of words.
    pub(crate) fn table(&self) -> Table {
        let mut header = vec!["Source".to_string(), "Tags".to_string(), "Size".to_string()];
        for state in &self.states {
            let when = if self.states.len() > 1 {
                format!(" {}", state.heading)
            } else {
                String::new()
            };
            header.extend([format!("Free{when}"), format!("Full{when}")]);
        }
        header.push("Who holds what".to_string());
        let count = self.states.first().map_or(0, |state| state.sources.len());
        let mut held: Vec<BTreeMap<usize, u64>> = vec![BTreeMap::new(); count];
        for one in self.states.last().map_or(&[][..], |state| &state.held) {
            if let (Some(own), Some(holder)) = (held.get_mut(one.source), one.holder) {
                *own.entry(holder).or_default() += one.area.count();
            }
        }
        let row = |(at, held): (usize, BTreeMap<usize, u64>)| {
            let source = &self.states[0].sources[at];
            let mut row = vec![source.name.clone(), tags(source), self.size(source.extents)];
            for state in &self.states {
                let (extents, free) = (state.sources[at].extents, state.sources[at].free.total());
                row.extend([self.size(free), format!("{} %", fill(extents, free))]);
            }
            let words = held.iter().map(|(&holder, &count)| {
                format!("{} {}", self.holders[holder].name, self.size(count))
            });
            row.push(words.collect::<Vec<_>>().join(", "));
            row
        };
        Table {
            caption: "The sources, and who holds what of them".to_string(),
            header,
            rows: held.into_iter().enumerate().map(row).collect(),
            is_behind: true,
        }
    }
}

fn tags(source: &Source) -> String {
    let words: Vec<String> = source.tags.iter().map(|tag| format!("@{tag}")).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_sources_have_a_scale_of_their_own_shares() {
        let source = |at: usize| Source {
            name: format!("s{at}"),
            extents: 100,
            free: Area::new(40, 60).into_iter().collect(),
            ..Source::default()
        };
        let state = |count: usize| State {
            heading: "now".to_string(),
            sources: (0..count).map(source).collect(),
            held: Vec::new(),
        };
        let pictures = |count: usize| Pictures {
            states: vec![state(count)],
            touched: [3].into(),
            ..Pictures::default()
        };
        let few = pictures(MOST_SOURCES);
        let [block] = &few.blocks(&few.states[0])[..] else {
            panic!("expected one block");
        };
        assert_eq!((block.items.len(), block.scale.words), (MOST_SOURCES, ""));
        let many = pictures(101);
        let [ones, groups] = &many.blocks(&many.states[0])[..] else {
            panic!("expected those that are touched, and the others");
        };
        assert_eq!((ones.items.len(), ones.scale.whole), (1, 100));
        assert_eq!(groups.scale.words, "share of each group's sum");
        let [Item::Many { line, members }] = &groups.items[..] else {
            panic!("expected one group: {groups:?}");
        };
        assert_eq!(
            (members.len(), line.length, line.scale),
            (100, 10_000, 10_000)
        );
        assert_eq!(
            line.figures,
            "sum 10000 extents, 6000 extents free, 40 % full"
        );
    }
}
