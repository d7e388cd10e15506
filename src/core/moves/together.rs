//! Which legs may meet where: those that met there from the start.
//!
//! What fails takes at no step two legs with it that it would not have taken both before the first: no step makes a volume
//! survive less than it did. It says nothing about how much of a leg is there: what loses a part of a leg loses the leg.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{Area, Areas, Failing, HeldVolume, Rearrangement, Separation};

/// Where legs of several columns met from the start: by volume and place the offsets that each had there.
#[derive(Clone, Debug, Default)]
pub struct Together<'s> {
    met: BTreeMap<(usize, Failing<'s>), BTreeMap<usize, Areas>>,
    separations: Vec<Separation>,
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
        Together {
            met,
            separations: separations.collect(),
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
            let found = places.filter(|(place, legs)| {
                let mut pairs = legs
                    .iter()
                    .flat_map(|one| legs.iter().map(move |two| (one, two)));
                pairs.any(|((&one, areas), (&two, others))| {
                    let common = match volume.separation {
                        Separation::Segment => areas.intersection(others),
                        Separation::Leg | Separation::None => areas.clone(),
                    };
                    let mut common = common.iter();
                    volume.legs[one].column != volume.legs[two].column
                        && common
                            .any(|area| !self.may_meet(number, *place, (one, area), (two, area)))
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
        let Some(legs) = self.met.get(&(volume, place)) else {
            return false;
        };
        let had = |leg: usize| match (self.separations[volume], legs.get(&leg)) {
            (_, None) => false,
            (Separation::Segment, Some(had)) => had.contains(meeting),
            (Separation::Leg | Separation::None, Some(_)) => true,
        };
        had(leg) && had(other)
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
    for (number, leg) in volume.legs.iter().enumerate() {
        for piece in &leg.pieces {
            for place in state.failing_with(piece.place.source) {
                let own = held.entry(place).or_default().entry(number).or_default();
                own.extend(piece.offsets());
            }
        }
    }
    held.retain(|_, legs| {
        let columns = legs.keys().map(|&leg| volume.legs[leg].column);
        columns.collect::<BTreeSet<usize>>().len() > 1
    });
    let joined = |legs: BTreeMap<usize, Vec<Area>>| {
        let legs = legs.into_iter();
        legs.map(|(leg, areas)| (leg, areas.into_iter().collect()))
            .collect()
    };
    held.into_iter()
        .map(|(place, legs)| (place, joined(legs)))
        .collect()
}
