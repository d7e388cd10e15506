//! Step 4.4: whether an area may serve as a candidate, and for which leg.

use crate::core::Policy;
use crate::greedy::allocate::{Run, Slot};
use crate::greedy::flags::Flags;
use crate::greedy::{Call, Pair};

/// What is to be done with an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Usable {
    /// Nothing; on to the next area of the source.
    SkipArea,
    /// Nothing; on to the next source.
    SkipSource,
    /// It has been put into the slot of the leg that it matches.
    Preferred,
    /// It is a candidate for any leg.
    Yes,
}

/// What the test looks at beside the area.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look<'a> {
    pub(crate) flags: &'a Flags,
    pub(crate) want: u32,
    /// The second round, which looks for logs on the sources of the legs.
    pub(crate) log_round: bool,
    /// How many slots are bound to legs.
    pub(crate) positions: usize,
}

impl<'a> Run<'a> {
    /// Whether a piece may be used; `already` says that one of the same source has been.
    pub(crate) fn usable(
        &mut self,
        look: &Look,
        map: usize,
        piece: usize,
        already: bool,
    ) -> Usable {
        let area = self.maps.pieces[piece];
        let flags = look.flags;
        if area.free == 0 {
            return Usable::SkipArea;
        }
        let yes = if flags.positional {
            Usable::Preferred
        } else {
            Usable::Yes
        };
        if !look.log_round && flags.clings() {
            let slot = Slot {
                map,
                piece,
                used: area.count,
            };
            return if self.matches_something(look, slot) {
                yes
            } else if flags.contiguous {
                Usable::SkipArea
            } else {
                Usable::SkipSource
            };
        }
        let is_short = area.free.wrapping_mul(self.call.multiple) < look.want;
        let has_to_fit = (!flags.can_split && self.call.logs == 0)
            || (already && flags.policy != Policy::Anywhere);
        if is_short && has_to_fit {
            return Usable::SkipSource;
        }
        yes
    }

    /// Whether an area lies where something else lies. There is no test of its size.
    fn matches_something(&mut self, look: &Look, slot: Slot) -> bool {
        let flags = look.flags;
        let maximise = self.settings.maximise_cling;
        let source = self.maps.maps[slot.map].source;
        let start = self.maps.pieces[slot.piece].start;
        let loose = maximise && flags.matches;
        let call: &'a Call<'a> = self.call;
        let (first, last): (&'a [Pair], &'a [Pair]) = match &call.previous {
            None => (&[], &[]),
            Some(previous) => (&previous.first, &previous.last),
        };
        let legs_of = |pairs: &'a [Pair]| pairs.iter().filter(move |pair| pair.source == source);
        if flags.contiguous || loose {
            let ends_here = |pair: &&Pair| pair.range.start.wrapping_add(pair.range.count) == start;
            let legs = legs_of(last).filter(ends_here).map(|pair| pair.leg);
            if self.fill(look, legs, slot) {
                return true;
            }
        }
        if flags.contiguous {
            return false;
        }
        // The first segment alone is asked where staying is maximised, the last one otherwise.
        let clung = if maximise { first } else { last };
        if (flags.cling_previous || loose)
            && self.fill(look, legs_of(clung).map(|pair| pair.leg), slot)
        {
            return true;
        }
        if flags.cling_placed && self.fill_placed(look, slot, false) {
            return true;
        }
        if !flags.by_tags {
            return false;
        }
        if !flags.matches {
            return self.fill_placed(look, slot, true);
        }
        let tags = &self.tags;
        let alike = clung.iter().filter(|pair| tags.share(pair.source, source));
        let legs: Vec<usize> = alike.map(|pair| pair.leg).collect();
        self.fill(look, legs.into_iter(), slot)
    }

    /// Puts an area into the slot of the first of the legs that it matches, and that has none yet;
    /// where legs do not count, any match will do.
    fn fill(&mut self, look: &Look, legs: impl Iterator<Item = usize>, slot: Slot) -> bool {
        for leg in legs {
            if !look.flags.positional {
                return true;
            }
            if leg < look.positions && self.slot(leg).is_none() {
                *self.slot_mut(leg) = Some(slot);
                return true;
            }
        }
        false
    }

    /// The same with what this call has placed. While a log is missing nothing matches.
    fn fill_placed(&mut self, look: &Look, slot: Slot, by_tags: bool) -> bool {
        if self.log_needed > 0 {
            return false;
        }
        let source = self.maps.maps[slot.map].source;
        let legs = 0..self.leg_tags.len();
        let is_there = |run: &Self, leg: usize| {
            if by_tags {
                let mut tags = run.tags.of_source(source);
                tags.any(|tag| run.leg_tags[leg].contains(&tag))
            } else {
                let legs = run.legs_on.get(&slot.map);
                legs.is_some_and(|legs| legs.contains(&leg))
            }
        };
        if !look.flags.positional {
            return legs.into_iter().any(|leg| is_there(self, leg));
        }
        for leg in legs {
            if self.slot(leg).is_none() && is_there(self, leg) {
                *self.slot_mut(leg) = Some(slot);
                return true;
            }
        }
        false
    }
}
