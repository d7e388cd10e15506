//! Which legs may meet where: those that met there from the start.
//!
//! What fails takes at no step two legs with it that it would not have taken both before the first: no step makes a volume
//! survive less than it did. It says nothing about how much of a leg is there: what loses a part of a leg, or its metadata, loses
//! the whole column. Only where legs keep apart by offset it matters which offsets those are.

use std::collections::BTreeMap;

use crate::core::{Area, Areas, Failing, HeldVolume, Rearrangement, Separation};

/// Where several columns met from the start: by volume and place the offsets that each had there.
#[derive(Clone, Debug, Default)]
pub struct Together<'s> {
    met: BTreeMap<(usize, Failing<'s>), BTreeMap<usize, Areas>>,
    separations: Vec<Separation>,
    /// By volume the column of each leg.
    columns: Vec<Vec<usize>>,
}

impl<'s> Together<'s> {
    /// What lies together before anything has moved.
    #[must_use]
    pub fn of(state: &'s Rearrangement) -> Together<'s> {
        let mut met = BTreeMap::new();
        for (number, volume) in state.volumes.iter().enumerate() {
            if volume.separation != Separation::None {
                let places = shared(state, volume).into_iter();
                met.extend(places.map(|(place, legs)| ((number, place), legs)));
            }
        }
        let separations = state.volumes.iter().map(|volume| volume.separation);
        let columns = |volume: &HeldVolume| volume.legs.iter().map(|leg| leg.column).collect();
        Together {
            met,
            separations: separations.collect(),
            columns: state.volumes.iter().map(columns).collect(),
        }
    }

    /// The volumes of which legs lie together in another state that may not, with where.
    #[must_use]
    pub fn broken_by<'o>(&self, other: &'o Rearrangement) -> Vec<(usize, Failing<'o>)> {
        let mut broken = Vec::new();
        for (number, volume) in other.volumes.iter().enumerate() {
            if volume.separation == Separation::None {
                continue;
            }
            let places = shared(other, volume).into_iter();
            let found = places.filter(|(place, columns)| {
                let mut pairs = columns
                    .iter()
                    .flat_map(|one| columns.iter().map(move |two| (one, two)));
                pairs.any(|((&one, areas), (&two, others))| {
                    let common = match volume.separation {
                        Separation::Segment => areas.intersection(others),
                        Separation::Leg | Separation::None => areas.clone(),
                    };
                    let mut common = common.iter();
                    one != two
                        && common.any(|area| !self.columns_met(number, *place, (one, two), area))
                })
            });
            broken.extend(found.map(|(place, _)| (number, place)));
        }
        broken
    }

    /// Whether extents of a leg may come to a place where extents of another column's leg are.
    #[must_use]
    pub fn may_meet(
        &self,
        volume: usize,
        place: Failing<'_>,
        (leg, offsets): (usize, Area),
        (other, others): (usize, Area),
    ) -> bool {
        let Some(meeting) = self.meeting(volume, offsets, others) else {
            return true;
        };
        let columns = &self.columns[volume];
        self.columns_met(volume, place, (columns[leg], columns[other]), meeting)
    }

    /// Whether both columns had these offsets at the place from the start, or where offsets do not matter anything.
    fn columns_met(
        &self,
        volume: usize,
        place: Failing<'_>,
        (one, other): (usize, usize),
        meeting: Area,
    ) -> bool {
        let Some(columns) = self.met.get(&(volume, place)) else {
            return false;
        };
        let had = |column: usize| match (self.separations[volume], columns.get(&column)) {
            (_, None) => false,
            (Separation::Segment, Some(had)) => had.contains(meeting),
            (Separation::Leg | Separation::None, Some(_)) => true,
        };
        had(one) && had(other)
    }

    /// The offsets at which two legs keep apart.
    fn meeting(&self, volume: usize, offsets: Area, others: Area) -> Option<Area> {
        match self.separations[volume] {
            Separation::None => None,
            Separation::Leg => Some(offsets),
            Separation::Segment => offsets.intersection(others),
        }
    }
}

/// The places at which a volume has more than one column.
fn shared<'s>(
    state: &'s Rearrangement,
    volume: &HeldVolume,
) -> BTreeMap<Failing<'s>, BTreeMap<usize, Areas>> {
    let mut held: BTreeMap<Failing<'s>, BTreeMap<usize, Vec<Area>>> = BTreeMap::new();
    for leg in &volume.legs {
        for piece in &leg.pieces {
            for place in state.failing_with(piece.place.source) {
                let own = held.entry(place).or_default();
                let own = own.entry(leg.column).or_default();
                own.extend(piece.offsets());
            }
        }
    }
    held.retain(|_, columns| columns.len() > 1);
    let joined = |columns: BTreeMap<usize, Vec<Area>>| {
        let columns = columns.into_iter();
        columns
            .map(|(column, areas)| (column, areas.into_iter().collect()))
            .collect()
    };
    held.into_iter()
        .map(|(place, columns)| (place, joined(columns)))
        .collect()
}
