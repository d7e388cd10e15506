//! The allocator written to be read: every list walked from its head, every pass over all sources.

use std::collections::BTreeSet;

use extentplan::core::Policy;
use extentplan::greedy::{
    Call, Chunk, Overlap, Pair, Placement, Range, Refusal, Settings, TagRule,
};

/// Places one request.
///
/// # Errors
/// The [`Refusal`] that LVM2 would give.
pub(crate) fn allocate(call: &Call, settings: &Settings) -> Result<Placement, Refusal> {
    let all_legs = all_legs(call);
    let mut state = State::new(call, settings);
    if state.allocated >= call.target && call.logs == 0 {
        return Ok(state.finish());
    }
    let wanted = call.target.wrapping_sub(state.allocated);
    if call.multiple > 1 && !wanted.is_multiple_of(call.multiple) {
        return Err(Refusal::NotDivisible {
            extents: wanted,
            multiple: call.multiple,
        });
    }
    let sources = call.offers.len();
    let is_anywhere = call.policy == Policy::Anywhere;
    let needs = all_legs + call.logs as usize;
    if sources > 0 && sources < needs && !is_anywhere && call.own_sources {
        return Err(Refusal::TooFewSources);
    }
    if sources == 0 && call.previous.is_none() && settings.refuses_without_sources {
        return Err(Refusal::NoSources);
    }

    let can_split = call.policy != Policy::Contiguous;
    let mut policy_in_force = match call.policy {
        Policy::Cling => Policy::ClingByTags,
        other => other,
    };
    for policy in [
        Policy::Contiguous,
        Policy::Cling,
        Policy::ClingByTags,
        Policy::Normal,
        Policy::Anywhere,
    ] {
        if policy > policy_in_force {
            break;
        }
        if policy == Policy::ClingByTags && call.tag_rule.is_none() {
            continue;
        }
        if !call.approximate {
            state.check_sufficient()?;
        }
        let before = state.allocated;
        state.run(policy, can_split)?;
        if state.allocated == call.target
            && state.log_needed > 0
            && policy_in_force < Policy::Normal
        {
            policy_in_force = Policy::Normal;
            continue;
        }
        let done = state.allocated == call.target && state.log_needed == 0;
        if done || (!can_split && state.allocated != before) {
            break;
        }
    }
    state.verdict(can_split)?;
    Ok(state.finish())
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    start: u32,
    count: u32,
    free: u32,
}

struct Map {
    source: usize,
    /// Indices into `State::pieces`, in list order.
    list: Vec<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    map: usize,
    piece: usize,
    used: u32,
}

#[derive(Clone, Copy, Debug)]
struct Flags {
    policy: Policy,
    matches: bool,
    cont: bool,
    cling_prev: bool,
    cling_done: bool,
    positional: bool,
    by_tags: bool,
    partition: bool,
    split_ok: bool,
}

enum Verdict {
    SkipArea,
    SkipSource,
    Preferred,
    Use,
}

struct State<'a> {
    call: &'a Call<'a>,
    settings: &'a Settings,
    pieces: Vec<Piece>,
    maps: Vec<Map>,
    allocated: u32,
    log_needed: u32,
    metadata_placed: bool,
    chunk_lengths: u32,
    /// Sources per leg.
    leg_sources: Vec<Vec<usize>>,
    slots: Vec<Option<Slot>>,
    placement: Placement,
}

impl<'a> State<'a> {
    fn new(call: &'a Call<'a>, settings: &'a Settings) -> State<'a> {
        let mut state = State {
            call,
            settings,
            pieces: Vec::new(),
            maps: Vec::new(),
            allocated: call.existing,
            log_needed: call.logs,
            metadata_placed: false,
            chunk_lengths: 0,
            leg_sources: vec![Vec::new(); all_legs(call)],
            slots: Vec::new(),
            placement: Placement::default(),
        };
        for (map, offer) in call.offers.iter().enumerate() {
            state.maps.push(Map {
                source: offer.source,
                list: Vec::new(),
            });
            for range in &offer.areas {
                state.pieces.push(Piece {
                    start: range.start,
                    count: range.count,
                    free: range.count,
                });
                let piece = state.pieces.len() - 1;
                state.insert(map, piece, range.count);
            }
        }
        state
    }

    fn finish(self) -> Placement {
        Placement {
            reached: self.allocated,
            ..self.placement
        }
    }

    /// In front of the first member with a smaller count than the key; returns the position.
    fn insert(&mut self, map: usize, piece: usize, key: u32) -> usize {
        let list = &self.maps[map].list;
        let found = list
            .iter()
            .position(|member| key > self.pieces[*member].count);
        let at = found.unwrap_or(list.len());
        self.maps[map].list.insert(at, piece);
        at
    }

    fn remaining(&self) -> u32 {
        self.call.target.wrapping_sub(self.allocated)
    }

    fn check_sufficient(&self) -> Result<(), Refusal> {
        let call = self.call;
        let share = |legs: u32| self.remaining().wrapping_mul(legs) / call.multiple;
        let mut needed = share(call.legs).wrapping_add(share(call.parity));
        if !call.front {
            needed = needed.wrapping_add(call.metadata);
        }
        if self.log_needed > 0 {
            needed = needed.wrapping_add(call.companion);
        }
        let lists = self.maps.iter().flat_map(|map| &map.list);
        let available = lists.fold(0u32, |sum, piece| {
            sum.wrapping_add(self.pieces[*piece].count)
        });
        if needed > available {
            return Err(Refusal::TooFewExtents { needed, available });
        }
        Ok(())
    }

    fn verdict(&mut self, can_split: bool) -> Result<(), Refusal> {
        let call = self.call;
        if self.allocated != call.target {
            if !call.approximate {
                return Err(Refusal::MoreRequired {
                    contiguous: !can_split,
                    extents: self.remaining().wrapping_mul(call.legs) / call.multiple,
                });
            }
            if self.allocated == 0 {
                return Err(Refusal::NothingFound {
                    contiguous: !can_split,
                });
            }
            if self.settings.refuses_short_legs && call.front && self.chunk_lengths < call.legs {
                return Err(Refusal::ShortLegs {
                    found: self.chunk_lengths,
                    required: call.legs,
                });
            }
        }
        if self.log_needed > 0 {
            return Err(Refusal::NoRoomForLog);
        }
        Ok(())
    }

    /// Steps 3.3 and 3.4.
    fn run(&mut self, policy: Policy, can_split: bool) -> Result<(), Refusal> {
        let call = self.call;
        let clings = matches!(policy, Policy::Cling | Policy::ClingByTags);
        let matches = call
            .previous
            .as_ref()
            .is_some_and(|previous| previous.legs == all_legs(call));
        let maximise = self.settings.maximise_cling;
        let cont = matches && policy == Policy::Contiguous;
        let cling_prev = matches && clings;
        let prefers_done = maximise && policy == Policy::Normal && self.allocated != call.target;
        let mut flags = Flags {
            policy,
            matches,
            cont,
            cling_prev,
            cling_done: (!matches && clings) || prefers_done,
            positional: cont || clings,
            by_tags: policy == Policy::ClingByTags,
            partition: policy == Policy::Contiguous && call.tag_rule.is_some(),
            split_ok: can_split,
        };
        loop {
            let (want, avoid) = self.wanted();
            let before = (self.allocated, self.log_needed);
            self.pass(&flags, want, &avoid)?;
            if self.allocated == before.0 && self.log_needed == before.1 {
                if maximise && flags.cling_prev && flags.positional {
                    flags.positional = false;
                } else if policy == Policy::Normal && flags.cling_done {
                    flags.cling_done = false;
                } else {
                    return Ok(());
                }
            } else if maximise && policy == Policy::Normal && !flags.cling_done {
                flags.cling_done = true;
            }
            let has_areas = self.maps.iter().any(|map| !map.list.is_empty());
            let again = policy != Policy::Contiguous
                && self.allocated != call.target
                && flags.split_ok
                && (!call.approximate || has_areas);
            if !again {
                return Ok(());
            }
        }
    }

    /// Step 3.4: how much to look for, and what to keep away from.
    fn wanted(&self) -> (u32, BTreeSet<usize>) {
        let call = self.call;
        let want = self.remaining();
        let base = call.previous.as_ref().map_or(0, |previous| previous.end);
        let next = base.wrapping_add(self.allocated / call.multiple);
        let end = |start: u32, count: u32| start.wrapping_add(count);
        let entry = call
            .parallel
            .iter()
            .find(|entry| next < end(entry.start, entry.count));
        let Some(entry) = entry else {
            return (want, BTreeSet::new());
        };
        let extra = if call.front && !self.metadata_placed {
            call.companion
        } else {
            0
        };
        let reach = want.wrapping_add(self.allocated).wrapping_sub(extra);
        let limit = end(entry.start, entry.count).wrapping_mul(call.multiple);
        let want = if reach > limit {
            limit.wrapping_sub(self.allocated).wrapping_add(extra)
        } else {
            want
        };
        (want, entry.sources.clone())
    }

    /// Step 4.1.
    fn reset(&mut self) {
        self.slots.clear();
        for map in 0..self.maps.len() {
            let mut at = 0;
            while at < self.maps[map].list.len() {
                let piece = self.maps[map].list[at];
                if self.pieces[piece].free != self.pieces[piece].count {
                    let count = self.pieces[piece].count;
                    self.pieces[piece].free = count;
                    self.maps[map].list.remove(at);
                    at = self.insert(map, piece, count);
                }
                at += 1;
            }
        }
    }

    fn slot_mut(&mut self, index: usize) -> &mut Option<Slot> {
        if self.slots.len() <= index {
            self.slots.resize(index + 1, None);
        }
        &mut self.slots[index]
    }

    fn slot(&self, index: usize) -> Option<Slot> {
        self.slots.get(index).copied().flatten()
    }

    /// Step 4.
    #[allow(clippy::too_many_lines, reason = "one pass, told from top to bottom")]
    fn pass(&mut self, flags: &Flags, want: u32, avoid: &BTreeSet<usize>) -> Result<(), Refusal> {
        self.reset();
        let call = self.call;
        let legs = all_legs(call);
        let log_needed = self.log_needed as usize;
        let anywhere = flags.policy == Policy::Anywhere;
        let previous_legs = call.previous.as_ref().map_or(0, |previous| previous.legs);
        let mut positions = if !flags.positional {
            0
        } else if flags.cont || flags.cling_prev {
            previous_legs
        } else {
            call.legs as usize
        };
        let mut found = 0;
        let mut preferred = 0;
        let mut log_round = false;
        loop {
            let found_before = found;
            'maps: for map in 0..self.maps.len() {
                if self.maps[map].list.is_empty() {
                    continue;
                }
                let source = self.maps[map].source;
                let skip = !anywhere
                    && if log_round {
                        (legs..found + positions)
                            .any(|index| self.slot(index).is_some_and(|slot| slot.map == map))
                    } else {
                        let near = |other: &usize| {
                            *other == source
                                || share(&counting_tags(call, *other), &counting_tags(call, source))
                        };
                        avoid.iter().any(near)
                    };
                if !skip {
                    let mut already = false;
                    let mut at = 0;
                    while at < self.maps[map].list.len() {
                        let piece = self.maps[map].list[at];
                        match self.check(flags, want, log_round, map, piece, already, positions) {
                            Verdict::SkipArea => {}
                            Verdict::SkipSource => break,
                            Verdict::Preferred => {
                                preferred += 1;
                                break;
                            }
                            Verdict::Use => {
                                if !already || anywhere {
                                    found += 1;
                                    already = true;
                                }
                                let index = found + positions - 1;
                                let mut request = want / call.multiple;
                                if anywhere {
                                    if index >= legs {
                                        request = call.companion;
                                    }
                                } else {
                                    request = request.max(call.companion);
                                }
                                let free = self.pieces[piece].free;
                                if request >= free {
                                    request = free;
                                    self.pieces[piece].free = 0;
                                } else {
                                    self.pieces[piece].free = free - request;
                                    self.maps[map].list.remove(at);
                                    at = self.insert(map, piece, free - request);
                                }
                                *self.slot_mut(index) = Some(Slot {
                                    map,
                                    piece,
                                    used: request,
                                });
                            }
                        }
                        at += 1;
                    }
                }
                let all = legs + log_needed;
                if (anywhere && found + positions >= all)
                    || (preferred == positions && positions == all)
                {
                    break 'maps;
                }
            }
            let all = legs + log_needed;
            if anywhere && found != found_before && found < all {
                continue;
            }
            if flags.policy == Policy::Normal
                && preferred == positions
                && !call.own_sources
                && found >= legs
                && found < all
                && !log_round
            {
                log_round = true;
                continue;
            }
            break;
        }

        // Step 4.6.
        if (preferred < positions && !flags.cling_done && found == 0)
            || found + preferred < legs + log_needed
        {
            return Ok(());
        }

        // Step 4.7. Equal ones keep their order.
        let descending = |slot: &Option<Slot>| std::cmp::Reverse(slot.map_or(0, |slot| slot.used));
        self.slots.resize(
            self.slots.len().max(found + positions + 1).max(legs + 1),
            None,
        );
        if log_round {
            if found > legs + 1 {
                self.slots[legs..found].sort_by_key(descending);
            }
        } else if found > 1 {
            self.slots[positions..positions + found].sort_by_key(descending);
        }

        // Step 4.8.
        if 0 < preferred && preferred < positions {
            for index in 0..legs {
                if self.slot(index).is_none() {
                    let next = self.slot_mut(positions).take();
                    *self.slot_mut(index) = next;
                    positions += 1;
                }
            }
        }

        // Step 4.9.
        let mut log_at = 0;
        if log_needed > 0 {
            let end = positions + found;
            let small = self.count_small(end);
            if (call.own_sources && small > 0 && small >= legs) || end < small + log_needed {
                return Ok(());
            }
            log_at = end - small - log_needed;
        }
        if found + positions < legs {
            return Ok(());
        }

        // Step 4.10.
        if flags.partition && positions == 0 {
            let mut kept = 0;
            let mut seen: BTreeSet<&str> = BTreeSet::new();
            let mut index = 0;
            while let Some(slot) = self.slot(index) {
                index += 1;
                if kept == log_at {
                    seen.clear();
                }
                let tags = counting_tags(call, self.maps[slot.map].source);
                if share(&tags, &seen) {
                    found -= 1;
                    continue;
                }
                seen.extend(tags);
                *self.slot_mut(kept) = Some(slot);
                kept += 1;
            }
            *self.slot_mut(kept) = None;
            let mut logs = 0;
            if log_needed > 0 {
                let small = self.count_small(found);
                if found < small + log_needed {
                    return Ok(());
                }
                log_at = found - small - log_needed;
                logs = log_needed + small;
            }
            if found < legs + logs {
                return Ok(());
            }
        }
        self.take(want, log_at)
    }

    /// How many slots before `end`, counted from the back, are too small for a log.
    fn count_small(&self, end: usize) -> usize {
        let is_small =
            |index: &usize| self.slot(*index).map_or(0, |slot| slot.used) < self.call.companion;
        (0..end).rev().take_while(is_small).count()
    }

    /// Step 4.4.
    #[allow(clippy::too_many_arguments, reason = "what the rule looks at")]
    fn check(
        &mut self,
        flags: &Flags,
        want: u32,
        log_round: bool,
        map: usize,
        piece: usize,
        already: bool,
        positions: usize,
    ) -> Verdict {
        let call = self.call;
        let area = self.pieces[piece];
        let source = self.maps[map].source;
        if area.free == 0 {
            return Verdict::SkipArea;
        }
        let hit = if flags.positional {
            Verdict::Preferred
        } else {
            Verdict::Use
        };
        if !log_round && (flags.cont || flags.cling_prev || flags.cling_done) {
            let slot = Slot {
                map,
                piece,
                used: area.count,
            };
            let loose = self.settings.maximise_cling && flags.matches;
            let (first, last): (&[Pair], &[Pair]) = match &call.previous {
                None => (&[], &[]),
                Some(previous) => (&previous.first, &previous.last),
            };
            let clung = if self.settings.maximise_cling {
                first
            } else {
                last
            };
            let behind = |pair: &Pair| {
                pair.source == source
                    && pair.range.start.wrapping_add(pair.range.count) == area.start
            };
            if (flags.cont || loose) && self.fill(flags, positions, last, behind, slot) {
                return hit;
            }
            if flags.cont {
                return Verdict::SkipArea;
            }
            if (flags.cling_prev || loose)
                && self.fill(flags, positions, clung, |pair| pair.source == source, slot)
            {
                return hit;
            }
            if flags.cling_done && self.fill_done(flags, |other| other == source, slot) {
                return hit;
            }
            if !flags.by_tags || call.tag_rule.is_none() {
                return Verdict::SkipSource;
            }
            let own = counting_tags(call, source);
            let alike = |other: usize| share(&own, &counting_tags(call, other));
            let found = if flags.matches {
                self.fill(flags, positions, clung, |pair| alike(pair.source), slot)
            } else {
                self.fill_done(flags, alike, slot)
            };
            return if found { hit } else { Verdict::SkipSource };
        }
        if area.free.wrapping_mul(call.multiple) < want
            && ((!flags.split_ok && call.logs == 0)
                || (already && flags.policy != Policy::Anywhere))
        {
            return Verdict::SkipSource;
        }
        hit
    }

    fn fill(
        &mut self,
        flags: &Flags,
        positions: usize,
        pairs: &[Pair],
        matches: impl Fn(&Pair) -> bool,
        slot: Slot,
    ) -> bool {
        for pair in pairs {
            if flags.positional && self.slot(pair.leg).is_some() {
                continue;
            }
            if !matches(pair) {
                continue;
            }
            if flags.positional {
                if pair.leg >= positions {
                    continue;
                }
                *self.slot_mut(pair.leg) = Some(slot);
            }
            return true;
        }
        false
    }

    fn fill_done(&mut self, flags: &Flags, matches: impl Fn(usize) -> bool, slot: Slot) -> bool {
        if self.log_needed > 0 {
            return false;
        }
        for leg in 0..self.call.legs as usize {
            if flags.positional && self.slot(leg).is_some() {
                continue;
            }
            if self.leg_sources[leg].iter().any(|source| matches(*source)) {
                if flags.positional {
                    *self.slot_mut(leg) = Some(slot);
                }
                return true;
            }
        }
        false
    }

    /// Step 5.
    fn take(&mut self, want: u32, log_at: usize) -> Result<(), Refusal> {
        let call = self.call;
        let mut length = want / call.multiple;
        for leg in 0..all_legs(call) {
            let slot = self.slot(leg).ok_or(Refusal::MissingArea)?;
            length = length.min(slot.used);
        }
        let splits = call.front && !self.metadata_placed;
        let mut chunk = Chunk::default();
        for leg in 0..all_legs(call) {
            let slot = self.slot(leg).ok_or(Refusal::MissingArea)?;
            let mut data = length;
            if splits {
                if call.companion > self.pieces[slot.piece].count {
                    return Err(Refusal::CompanionDoesNotFit);
                }
                let piece = self.consume(slot, call.companion)?;
                self.placement.metadata.push(piece);
                data = length.wrapping_sub(call.companion);
            }
            if data > 0 {
                let piece = self.consume(slot, data)?;
                chunk.pieces.push(piece);
                self.leg_sources[leg].push(piece.0);
            }
        }
        for index in log_at..log_at + self.log_needed as usize {
            let slot = self.slot(index).ok_or(Refusal::MissingArea)?;
            let data = self.pieces[slot.piece].count;
            let is_free = self.maps[slot.map].list.contains(&slot.piece);
            let (source, log) = self.consume_again(slot, call.companion)?;
            self.placement.logs.push((source, log));
            if !is_free {
                self.placement.overlap = Some(Overlap { source, log, data });
            }
        }
        if !chunk.pieces.is_empty() {
            self.placement.chunks.push(chunk);
        }
        self.metadata_placed = true;
        self.log_needed = 0;
        self.chunk_lengths = self.chunk_lengths.wrapping_add(length);
        self.allocated = self
            .allocated
            .wrapping_add(length.wrapping_mul(call.multiple));
        Ok(())
    }

    fn consume(&mut self, slot: Slot, count: u32) -> Result<(usize, Range), Refusal> {
        if self.maps[slot.map].list.contains(&slot.piece) {
            self.consume_again(slot, count)
        } else {
            Err(Refusal::Aborts)
        }
    }

    fn consume_again(&mut self, slot: Slot, count: u32) -> Result<(usize, Range), Refusal> {
        let list = &mut self.maps[slot.map].list;
        let piece = &mut self.pieces[slot.piece];
        if count > piece.count {
            return Err(Refusal::Aborts);
        }
        // A piece that was taken as a whole is on no list, and can be taken from again.
        list.retain(|member| *member != slot.piece);
        let taken = Range {
            start: piece.start,
            count,
        };
        let left = piece.count - count;
        if left > 0 {
            piece.start += count;
            piece.count = left;
            piece.free = left;
            self.insert(slot.map, slot.piece, left);
        }
        Ok((self.maps[slot.map].source, taken))
    }
}

fn share(left: &BTreeSet<&str>, right: &BTreeSet<&str>) -> bool {
    left.intersection(right).next().is_some()
}

/// All legs, parity included.
fn all_legs(call: &Call) -> usize {
    call.legs.wrapping_add(call.parity) as usize
}

/// Tags of a source that count under the call's rule; none without a rule.
fn counting_tags<'a>(call: &'a Call, source: usize) -> BTreeSet<&'a str> {
    let tags = call.tags.get(source).into_iter().flatten();
    let counts = |tag: &&String| match &call.tag_rule {
        None => false,
        Some(TagRule::Any) => true,
        Some(TagRule::Listed(listed)) => listed.contains(*tag),
    };
    tags.filter(counts).map(String::as_str).collect()
}
