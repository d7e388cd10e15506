//! The main loop: which policies are tried, in which order, and when it is enough.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Limits, Policy};
use crate::greedy::flags::Flags;
use crate::greedy::maps::Maps;
use crate::greedy::tags::Tags;
use crate::greedy::{Call, Chunk, Overlap, Placement, Range, Refusal, Settings};

/// A candidate: an area, and how many extents of it a leg would get.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) map: usize,
    pub(crate) piece: usize,
    pub(crate) used: u32,
}

/// A call under way.
pub(crate) struct Run<'a> {
    pub(crate) call: &'a Call<'a>,
    pub(crate) settings: &'a Settings,
    pub(crate) maps: &'a mut Maps,
    limits: &'a Limits<'a>,
    passes: u64,
    pub(crate) tags: Tags,
    pub(crate) allocated: u32,
    pub(crate) log_needed: u32,
    metadata_placed: bool,
    /// Sum of the lengths of the chunks, companions in front included.
    chunk_lengths: u32,
    /// Per map with areas left, the data legs that it holds pieces of, parity not counted.
    pub(crate) legs_on: BTreeMap<usize, BTreeSet<usize>>,
    /// Per data leg, the tags of the sources that it has pieces on.
    pub(crate) leg_tags: Vec<BTreeSet<u32>>,
    pub(crate) slots: Vec<Option<Slot>>,
    placement: Placement,
}

/// Places one request.
///
/// # Errors
/// The [`Refusal`] that LVM2 would give.
pub fn allocate(call: &Call, settings: &Settings) -> Result<Placement, Refusal> {
    allocate_on(
        &mut Maps::new(&call.offers),
        call,
        settings,
        &Limits::none(),
    )
}

/// The same where the maps of the offers are there already.
///
/// # Errors
/// As [`allocate`], and [`Refusal::Stopped`].
pub(crate) fn allocate_on(
    maps: &mut Maps,
    call: &Call,
    settings: &Settings,
    limits: &Limits<'_>,
) -> Result<Placement, Refusal> {
    let mut run = Run::new(call, settings, maps, limits);
    if run.allocated >= call.target && call.logs == 0 {
        return Ok(run.finish());
    }
    check_call(call, settings)?;
    let can_split = call.policy != Policy::Contiguous;
    // Cling takes tags into account wherever there is a list of them.
    let mut in_force = match call.policy {
        Policy::Cling => Policy::ClingByTags,
        other @ (Policy::Contiguous | Policy::ClingByTags | Policy::Normal | Policy::Anywhere) => {
            other
        }
    };
    for policy in [
        Policy::Contiguous,
        Policy::Cling,
        Policy::ClingByTags,
        Policy::Normal,
        Policy::Anywhere,
    ] {
        if policy > in_force {
            break;
        }
        if policy == Policy::ClingByTags && call.tag_rule.is_none() {
            continue;
        }
        if !call.approximate {
            run.check_sufficient()?;
        }
        let before = run.allocated;
        run.try_policy(policy, can_split)?;
        let is_full = run.allocated == call.target;
        if is_full && run.log_needed > 0 && in_force < Policy::Normal {
            // A log may leave the places that the legs are bound to.
            in_force = Policy::Normal;
            continue;
        }
        if (is_full && run.log_needed == 0) || (!can_split && run.allocated != before) {
            break;
        }
    }
    run.check_result(can_split)?;
    Ok(run.finish())
}

/// Step 3.1: what is refused before any area is looked at.
fn check_call(call: &Call, settings: &Settings) -> Result<(), Refusal> {
    let wanted = call.target.wrapping_sub(call.existing);
    if call.multiple > 1 && !wanted.is_multiple_of(call.multiple) {
        return Err(Refusal::NotDivisible {
            extents: wanted,
            multiple: call.multiple,
        });
    }
    let sources = call.offers.len();
    let needed = call.all_legs() + call.logs as usize;
    let may_share = call.policy == Policy::Anywhere || !call.own_sources;
    if sources > 0 && sources < needed && !may_share {
        return Err(Refusal::TooFewSources);
    }
    if sources == 0 && call.previous.is_none() && settings.refuses_without_sources {
        return Err(Refusal::NoSources);
    }
    Ok(())
}

impl<'a> Run<'a> {
    fn new(
        call: &'a Call<'a>,
        settings: &'a Settings,
        maps: &'a mut Maps,
        limits: &'a Limits<'a>,
    ) -> Run<'a> {
        Run {
            call,
            settings,
            maps,
            limits,
            passes: 0,
            tags: Tags::new(call),
            allocated: call.existing,
            log_needed: call.logs,
            metadata_placed: false,
            chunk_lengths: 0,
            legs_on: BTreeMap::new(),
            leg_tags: vec![BTreeSet::new(); call.legs as usize],
            slots: Vec::new(),
            placement: Placement::default(),
        }
    }

    fn finish(self) -> Placement {
        Placement {
            reached: self.allocated,
            ..self.placement
        }
    }

    pub(crate) fn remaining(&self) -> u32 {
        self.call.target.wrapping_sub(self.allocated)
    }

    /// Step 3.2 b: counts all free extents, however unusable.
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
        let available = self.maps.total;
        if needed > available {
            return Err(Refusal::TooFewExtents { needed, available });
        }
        Ok(())
    }

    /// The end of step 3.2.
    fn check_result(&self, can_split: bool) -> Result<(), Refusal> {
        let call = self.call;
        let contiguous = !can_split;
        if self.allocated != call.target {
            if !call.approximate {
                // Parity is not counted here.
                let extents = self.remaining().wrapping_mul(call.legs) / call.multiple;
                return Err(Refusal::MoreRequired {
                    contiguous,
                    extents,
                });
            }
            if self.allocated == 0 {
                return Err(Refusal::NothingFound { contiguous });
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

    /// Steps 3.3 and 3.4: passes under one policy until nothing more comes of it.
    fn try_policy(&mut self, policy: Policy, can_split: bool) -> Result<(), Refusal> {
        let call = self.call;
        let maximise = self.settings.maximise_cling;
        let is_full = self.allocated == call.target;
        let mut flags = Flags::new(call, policy, can_split, maximise && !is_full);
        loop {
            /// Passes between two looks at the limits: what few find is found where there is no time at all.
            const PER_LOOK: u64 = 64;
            self.passes += 1;
            if self.passes.is_multiple_of(PER_LOOK) && self.limits.is_over() {
                return Err(Refusal::Stopped);
            }
            let (want, avoid) = self.wanted();
            let before = (self.allocated, self.log_needed);
            self.pass(&flags, want, avoid)?;
            if (self.allocated, self.log_needed) == before {
                if maximise && flags.cling_previous && flags.positional {
                    flags.positional = false;
                } else if policy == Policy::Normal && flags.cling_placed {
                    flags.cling_placed = false;
                } else {
                    return Ok(());
                }
            } else if maximise && policy == Policy::Normal {
                flags.cling_placed = true;
            }
            let goes_on = policy != Policy::Contiguous
                && self.allocated != call.target
                && can_split
                && (!call.approximate || !self.maps.active.is_empty());
            if !goes_on {
                return Ok(());
            }
        }
    }

    /// Step 3.4: how much to look for, and which sources to keep away from.
    fn wanted(&self) -> (u32, Option<&'a BTreeSet<usize>>) {
        let call = self.call;
        let want = self.remaining();
        let base = call.previous.as_ref().map_or(0, |previous| previous.end);
        let next = base.wrapping_add(self.allocated / call.multiple);
        let ends = call
            .parallel
            .iter()
            .map(|entry| (entry, entry.start.wrapping_add(entry.count)));
        let mut ahead = ends.filter(|(_, end)| next < *end);
        let Some((entry, end)) = ahead.next() else {
            return (want, None);
        };
        // The companions are added once, not once per leg: with several legs the chunk ends early.
        let extra = if call.front && !self.metadata_placed {
            call.companion
        } else {
            0
        };
        let reach = want.wrapping_add(self.allocated).wrapping_sub(extra);
        let limit = end.wrapping_mul(call.multiple);
        let want = if reach > limit {
            limit.wrapping_sub(self.allocated).wrapping_add(extra)
        } else {
            want
        };
        (want, Some(&entry.sources))
    }

    /// Step 5: gives the areas in the slots to the legs, and those from `log_at` on to the logs.
    pub(crate) fn take(&mut self, want: u32, log_at: usize) -> Result<(), Refusal> {
        let call = self.call;
        let mut length = want / call.multiple;
        let mut chosen = Vec::with_capacity(call.all_legs());
        for leg in 0..call.all_legs() {
            let slot = self.slot(leg).ok_or(Refusal::MissingArea)?;
            length = length.min(slot.used);
            chosen.push(slot);
        }
        let splits = call.front && !self.metadata_placed;
        let mut chunk = Chunk::default();
        for (leg, slot) in chosen.into_iter().enumerate() {
            let mut data = length;
            if splits {
                if call.companion > self.maps.pieces[slot.piece].count {
                    return Err(Refusal::CompanionDoesNotFit);
                }
                let piece = self.consume(slot, call.companion)?;
                self.placement.metadata.push(piece);
                data = length.wrapping_sub(call.companion);
            }
            if data > 0 {
                let piece = self.consume(slot, data)?;
                chunk.pieces.push(piece);
                self.note(leg, slot.map);
            }
        }
        if !chunk.pieces.is_empty() {
            self.placement.chunks.push(chunk);
        }
        for index in log_at..log_at + self.log_needed as usize {
            let slot = self.slot(index).ok_or(Refusal::MissingArea)?;
            let data = self.maps.pieces[slot.piece].count;
            let is_free = self.maps.is_listed(slot.piece);
            let (source, log) = self.consume_again(slot, call.companion)?;
            self.placement.logs.push((source, log));
            if !is_free {
                self.placement.overlap = Some(Overlap { source, log, data });
                self.note_again(slot.map);
            }
        }
        self.metadata_placed = true;
        self.log_needed = 0;
        self.chunk_lengths = self.chunk_lengths.wrapping_add(length);
        let gained = length.wrapping_mul(call.multiple);
        self.allocated = self.allocated.wrapping_add(gained);
        Ok(())
    }

    /// Remembers that a data leg has a piece on a map.
    fn note(&mut self, leg: usize, map: usize) {
        if leg < self.leg_tags.len() {
            if self.maps.active.contains(&map) {
                self.legs_on.entry(map).or_default().insert(leg);
            }
            let tags = self.tags.of_source(self.maps.maps[map].source);
            self.leg_tags[leg].extend(tags);
        }
    }

    /// The same for all pieces so far, on a map that had no area left and now has one again.
    fn note_again(&mut self, map: usize) {
        let source = self.maps.maps[map].source;
        let pieces = self.placement.chunks.iter();
        let pieces = pieces.flat_map(|chunk| chunk.pieces.iter().enumerate());
        let legs = pieces.filter(|(_, piece)| piece.0 == source);
        let legs: Vec<usize> = legs.map(|(leg, _)| leg).collect();
        for leg in legs {
            self.note(leg, map);
        }
    }

    fn consume(&mut self, slot: Slot, count: u32) -> Result<(usize, Range), Refusal> {
        if self.maps.is_listed(slot.piece) {
            self.consume_again(slot, count)
        } else {
            Err(Refusal::Aborts)
        }
    }

    /// The same for a log, which may be cut from an area that a leg has just taken.
    fn consume_again(&mut self, slot: Slot, count: u32) -> Result<(usize, Range), Refusal> {
        self.maps.warm_up(slot.map);
        let range = self.maps.consume(slot.map, slot.piece, count);
        let range = range.ok_or(Refusal::Aborts)?;
        if !self.maps.active.contains(&slot.map) {
            self.legs_on.remove(&slot.map);
        }
        Ok((self.maps.maps[slot.map].source, range))
    }

    pub(crate) fn slot(&self, index: usize) -> Option<Slot> {
        self.slots.get(index).copied().flatten()
    }

    pub(crate) fn slot_mut(&mut self, index: usize) -> &mut Option<Slot> {
        if self.slots.len() <= index {
            self.slots.resize(index + 1, None);
        }
        &mut self.slots[index]
    }
}
