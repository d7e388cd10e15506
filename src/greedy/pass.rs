//! One pass: candidates are collected from the sources, sorted, and the best are taken.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::core::Policy;
use crate::greedy::Refusal;
use crate::greedy::allocate::{Run, Slot};
use crate::greedy::flags::Flags;
use crate::greedy::usable::{Look, Usable};

/// What a pass has collected.
#[derive(Clone, Copy, Debug, Default)]
struct Collected {
    /// Candidates for any leg.
    found: usize,
    /// Candidates that are bound to a leg.
    preferred: usize,
}

impl Run<'_> {
    /// Step 4. Allocates a chunk, or nothing.
    ///
    /// # Errors
    /// Where the whole call fails for good.
    pub(crate) fn pass(
        &mut self,
        flags: &Flags,
        want: u32,
        avoid: Option<&BTreeSet<usize>>,
    ) -> Result<(), Refusal> {
        self.maps.reset();
        self.slots.clear();
        let look = Look {
            flags,
            want,
            log_round: false,
            positions: self.positions(flags),
        };
        if flags.clings() && self.log_needed == 0 {
            self.pass_over_matches(look, avoid)
        } else if self.is_whole(flags, want) && avoid.is_none() {
            self.pass_over_whole(look)
        } else if self.is_plain(flags, want) {
            self.pass_over_longest(look, avoid)
        } else {
            self.pass_over_all(look, avoid)
        }
    }

    /// Step 4.2.
    fn positions(&self, flags: &Flags) -> usize {
        let previous = self.call.previous.as_ref();
        if !flags.positional {
            0
        } else if flags.contiguous || flags.cling_previous {
            previous.map_or(0, |previous| previous.legs)
        } else {
            // Parity legs are not counted, so that this can never be enough for them.
            self.call.legs as usize
        }
    }

    /// The pass as it is written down: every source is looked at.
    fn pass_over_all(
        &mut self,
        mut look: Look,
        avoid: Option<&BTreeSet<usize>>,
    ) -> Result<(), Refusal> {
        let all = self.call.all_legs() + self.log_needed as usize;
        let anywhere = look.flags.policy == Policy::Anywhere;
        let mut collected = Collected::default();
        loop {
            let before = collected.found;
            let maps: Vec<usize> = self.maps.active.iter().copied().collect();
            for map in maps {
                if !self.is_passed_over(&look, &collected, map, avoid) {
                    self.maps.warm_up(map);
                    self.collect(&look, map, &mut collected);
                }
                if self.has_enough(&look, &collected, all) {
                    break;
                }
            }
            if anywhere && collected.found != before && collected.found < all {
                continue;
            }
            // A log may lie with the legs where nothing else is left.
            if look.flags.policy == Policy::Normal
                && collected.preferred == look.positions
                && !self.call.own_sources
                && collected.found >= self.call.all_legs()
                && collected.found < all
                && !look.log_round
            {
                look.log_round = true;
                continue;
            }
            break;
        }
        self.choose(look, collected)
    }

    /// The same where only sources can match that are known beforehand.
    fn pass_over_matches(
        &mut self,
        look: Look,
        avoid: Option<&BTreeSet<usize>>,
    ) -> Result<(), Refusal> {
        let all = self.call.all_legs();
        let mut collected = Collected::default();
        for map in self.matching_maps(look.flags) {
            if self.is_passed_over(&look, &collected, map, avoid) {
                continue;
            }
            if look.flags.positional {
                // What is bound to a leg is not reserved.
                self.maps.catch_up(map);
            } else {
                self.maps.warm_up(map);
            }
            self.collect(&look, map, &mut collected);
            if self.has_enough(&look, &collected, all) {
                break;
            }
        }
        self.choose(look, collected)
    }

    /// Maps that lie where something else lies, or share a tag with it.
    fn matching_maps(&self, flags: &Flags) -> BTreeSet<usize> {
        let mut maps: BTreeSet<usize> = BTreeSet::new();
        let pairs = self.call.previous.iter();
        let pairs = pairs.flat_map(|previous| previous.first.iter().chain(&previous.last));
        if flags.matches {
            for pair in pairs {
                maps.extend(self.maps.of_source.get(&pair.source));
                if flags.by_tags {
                    for tag in self.tags.of_source(pair.source) {
                        maps.extend(self.tags.maps_with(tag));
                    }
                }
            }
        }
        if flags.cling_placed {
            maps.extend(self.legs_on.keys());
            if flags.by_tags {
                for tag in self.leg_tags.iter().flatten() {
                    maps.extend(self.tags.maps_with(*tag));
                }
            }
        }
        maps.retain(|map| self.maps.active.contains(map));
        maps
    }

    /// Whether each leg needs an area that holds all of it, which any source may have.
    fn is_whole(&self, flags: &Flags, want: u32) -> bool {
        let multiple = self.call.multiple;
        !flags.can_split
            && flags.policy <= Policy::Normal
            && !flags.clings()
            && !flags.partition
            && !flags.positional
            && self.call.logs == 0
            && want == self.remaining()
            && want.is_multiple_of(multiple)
            && want / multiple >= self.call.companion.max(1)
            && self.maps.warm.is_empty()
            && self.maps.longest_cold().checked_mul(multiple).is_some()
    }

    /// The pass where each leg needs an area that holds all of it: all candidates are equally good, so
    /// the first sources that have such an area get the legs, and the call ends.
    fn pass_over_whole(&mut self, look: Look) -> Result<(), Refusal> {
        let legs = self.call.all_legs();
        let enough = look.want / self.call.multiple;
        let mut long = Vec::new();
        let mut from = 0;
        while long.len() < legs
            && let Some(map) = self.maps.longest.next_at_least(from, enough)
        {
            long.push(map);
            from = map + 1;
        }
        if long.len() < legs {
            return Ok(());
        }
        let mut collected = Collected::default();
        for map in long {
            self.maps.warm_up(map);
            self.collect(&look, map, &mut collected);
        }
        self.choose(look, collected)
    }

    /// Whether a pass needs only the longest area of each source where that is too short for a leg.
    fn is_plain(&self, flags: &Flags, want: u32) -> bool {
        let multiple = self.call.multiple;
        let longest = self.maps.longest_cold();
        flags.can_split
            && flags.policy <= Policy::Normal
            && !flags.partition
            && self.log_needed == 0
            && self.call.companion <= want / multiple
            && longest.checked_mul(multiple).is_some()
    }

    /// The same where any source will do, without looking at each.
    ///
    /// A source whose areas are all too short for a whole leg offers the first of them, and a source
    /// that has a long enough one offers the whole leg. So the best are those with a long enough
    /// area, in order, then the others by length.
    fn pass_over_longest(
        &mut self,
        look: Look,
        avoid: Option<&BTreeSet<usize>>,
    ) -> Result<(), Refusal> {
        let legs = self.call.all_legs();
        let enough = look.want.div_ceil(self.call.multiple).max(1);
        if let Some(avoid) = avoid {
            let all: Vec<usize> = self.maps.active.iter().copied().collect();
            for map in all {
                if self.is_avoided(map, avoid) {
                    self.maps.warm_up(map);
                }
            }
        }
        let mut collected = Collected::default();
        let warm: Vec<usize> = self.maps.warm.iter().copied().collect();
        for map in warm {
            if !self.is_passed_over(&look, &collected, map, avoid) {
                self.collect(&look, map, &mut collected);
            }
        }
        let whole = look.want / self.call.multiple;
        let slots = self.slots.iter().flatten();
        let full = slots.filter(|slot| slot.used == whole).count();
        // Where there are legs enough, the call ends with this chunk, and what else a pass does to
        // other sources is of no consequence.
        let is_last = look.want == self.remaining();
        let most = if is_last { legs } else { usize::MAX };
        let mut long = Vec::new();
        let mut from = 0;
        while long.len() < most
            && let Some(map) = self.maps.longest.next_at_least(from, enough)
        {
            long.push(map);
            from = map + 1;
        }
        let is_done = is_last && full + long.len() >= legs;
        for map in long {
            self.maps.warm_up(map);
            self.collect(&look, map, &mut collected);
        }
        let mut short = Vec::new();
        if !is_done {
            if collected.found + self.maps.cold() < legs {
                self.maps.visit_cold();
                return Ok(());
            }
            while short.len() < legs
                && let Some((map, count)) = self.maps.longest.first_largest()
            {
                self.maps.longest.set(map, 0);
                short.push((map, count));
            }
        }
        self.best_of(look, collected, short);
        let result = self.take(look.want, 0);
        self.maps.visit_cold();
        result
    }

    /// Leaves the best candidates in the slots, among those collected and short cold sources.
    fn best_of(&mut self, look: Look, mut collected: Collected, short: Vec<(usize, u32)>) {
        let legs = self.call.all_legs();
        let mut ranked: Vec<(Reverse<u32>, usize, Option<Slot>)> = Vec::new();
        for slot in self.slots.drain(..).flatten() {
            ranked.push((Reverse(slot.used), slot.map, Some(slot)));
        }
        for (map, count) in &short {
            ranked.push((Reverse(*count), *map, None));
        }
        ranked.sort_unstable_by_key(|(used, map, _)| (*used, *map));
        // What is not chosen stays cold.
        for (Reverse(count), map, slot) in ranked.iter().skip(legs) {
            if slot.is_none() {
                self.maps.longest.set(*map, *count);
            }
        }
        ranked.truncate(legs);
        let mut chosen = Vec::with_capacity(legs);
        for (_, map, slot) in ranked {
            let slot = slot.or_else(|| {
                self.maps.warm_up(map);
                let at = collected.found;
                self.collect(&look, map, &mut collected);
                self.slot(at)
            });
            chosen.push(slot);
        }
        self.slots = chosen;
    }

    /// Whether a source is not looked at in this round.
    fn is_passed_over(
        &self,
        look: &Look,
        collected: &Collected,
        map: usize,
        avoid: Option<&BTreeSet<usize>>,
    ) -> bool {
        if look.flags.policy == Policy::Anywhere {
            return false;
        }
        if !look.log_round {
            return avoid.is_some_and(|avoid| self.is_avoided(map, avoid));
        }
        let slots = self.call.all_legs()..collected.found + look.positions;
        slots
            .into_iter()
            .any(|index| self.slot(index).is_some_and(|slot| slot.map == map))
    }

    fn is_avoided(&self, map: usize, avoid: &BTreeSet<usize>) -> bool {
        let source = self.maps.maps[map].source;
        avoid.contains(&source) || avoid.iter().any(|other| self.tags.share(*other, source))
    }

    /// The end of a round before its last source, step 4.3 point 4.
    fn has_enough(&self, look: &Look, collected: &Collected, all: usize) -> bool {
        let anywhere = look.flags.policy == Policy::Anywhere;
        (anywhere && collected.found + look.positions >= all)
            || (collected.preferred == look.positions && look.positions == all)
    }

    /// Step 4.3 point 3: the areas of one source. Reservations move areas back in the list, and the
    /// walk goes on behind the new place; the last candidate counts.
    fn collect(&mut self, look: &Look, map: usize, collected: &mut Collected) {
        let anywhere = look.flags.policy == Policy::Anywhere;
        let legs = self.call.all_legs();
        let mut already = false;
        let mut at = 0;
        while let Some(&piece) = self.maps.maps[map].list.get(at) {
            match self.usable(look, map, piece, already) {
                Usable::SkipArea => {}
                Usable::SkipSource => return,
                Usable::Preferred => {
                    collected.preferred += 1;
                    return;
                }
                Usable::Yes => {
                    if !already || anywhere {
                        collected.found += 1;
                        already = true;
                    }
                    let index = collected.found + look.positions - 1;
                    let whole = look.want / self.call.multiple;
                    let request = if anywhere {
                        if index >= legs {
                            self.call.companion
                        } else {
                            whole
                        }
                    } else {
                        whole.max(self.call.companion)
                    };
                    let used = request.min(self.maps.pieces[piece].free);
                    at = self.maps.reserve(map, at, used);
                    *self.slot_mut(index) = Some(Slot { map, piece, used });
                }
            }
            at += 1;
        }
    }

    /// Steps 4.6 to 4.11: whether there is enough, who comes first, and where the log goes.
    fn choose(&mut self, look: Look, collected: Collected) -> Result<(), Refusal> {
        let legs = self.call.all_legs();
        let logs = self.log_needed as usize;
        let (mut found, preferred) = (collected.found, collected.preferred);
        let mut positions = look.positions;
        if (preferred < positions && !look.flags.cling_placed && found == 0)
            || found + preferred < legs + logs
        {
            return Ok(());
        }

        // Equal ones keep their order.
        let longest_first = |slot: &Option<Slot>| Reverse(slot.map_or(0, |slot| slot.used));
        let length = (found + positions + 1).max(legs + 1).max(self.slots.len());
        self.slots.resize(length, None);
        if look.log_round {
            if found > legs + 1 {
                self.slots[legs..found].sort_by_key(longest_first);
            }
        } else if found > 1 {
            self.slots[positions..positions + found].sort_by_key(longest_first);
        }

        // Legs without a match get the next best.
        if 0 < preferred && preferred < positions {
            for leg in 0..legs {
                if self.slot(leg).is_none() {
                    let next = self.slot_mut(positions).take();
                    *self.slot_mut(leg) = next;
                    positions += 1;
                }
            }
        }

        let mut log_at = 0;
        if logs > 0 {
            let end = positions + found;
            let small = self.too_small_for_log(end);
            let all_too_small = self.call.own_sources && small > 0 && small >= legs;
            if all_too_small || end < small + logs {
                return Ok(());
            }
            log_at = end - small - logs;
        }
        if found + positions < legs {
            return Ok(());
        }
        if look.flags.partition && positions == 0 {
            found = self.partition(log_at);
            let mut behind = 0;
            if logs > 0 {
                let small = self.too_small_for_log(found);
                if found < small + logs {
                    return Ok(());
                }
                log_at = found - small - logs;
                behind = logs + small;
            }
            if found < legs + behind {
                return Ok(());
            }
        }
        self.take(look.want, log_at)
    }

    /// How many slots before `end`, counted from the back, are too small for a log.
    fn too_small_for_log(&self, end: usize) -> usize {
        let is_small =
            |index: &usize| self.slot(*index).map_or(0, |slot| slot.used) < self.call.companion;
        (0..end).rev().take_while(is_small).count()
    }

    /// Step 4.10: drops every candidate that shares a tag with one before it; returns how many stay.
    fn partition(&mut self, log_at: usize) -> usize {
        let mut kept = 0;
        let mut seen: BTreeSet<u32> = BTreeSet::new();
        let mut index = 0;
        while let Some(slot) = self.slot(index) {
            index += 1;
            if kept == log_at {
                seen.clear();
            }
            let source = self.maps.maps[slot.map].source;
            if self.tags.of_source(source).any(|tag| seen.contains(&tag)) {
                continue;
            }
            seen.extend(self.tags.of_source(source));
            *self.slot_mut(kept) = Some(slot);
            kept += 1;
        }
        *self.slot_mut(kept) = None;
        kept
    }
}
