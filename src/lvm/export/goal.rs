//! What one command has to build, and how what it built differs from that.

use crate::core::{Area, Segment, joined};
use crate::lvm::export::cut::{Interval, with_front};
use crate::lvm::export::forms::arguments;
use crate::lvm::{Entry, Existing, PvArgument, VolumeGroup, existing};

/// Per leg the segments that were built, in order.
pub(crate) type Legs = Vec<Vec<Segment>>;

/// What one command has to build.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) interval: &'a Interval,
    /// Per leg the metadata in front of it; empty if this command makes none.
    pub(crate) metadata: &'a [Segment],
    /// The log that this command makes.
    pub(crate) logs: &'a [Segment],
}

/// What would be built instead.
pub(crate) struct Difference {
    pub(crate) what: String,
    pub(crate) instead: String,
}

impl Goal<'_> {
    /// The legs that are wanted: of each its piece.
    pub(crate) fn legs(&self) -> Legs {
        let pieces = self.interval.pieces.iter();
        pieces.map(|piece| vec![*piece]).collect()
    }

    /// The extents to offer: each leg's piece with the metadata in front of it, then the logs.
    pub(crate) fn offers(&self) -> Vec<Segment> {
        let pieces = self.interval.pieces.iter().enumerate();
        let legs = pieces.map(|(leg, piece)| with_front(self.metadata.get(leg), piece));
        legs.chain(self.logs.iter().copied()).collect()
    }

    /// The volume of the goal, if it is there.
    pub(crate) fn existing(&self, group: &VolumeGroup) -> Option<Existing> {
        existing(group, &self.entry.data_name()).ok()
    }

    /// Compares what the volume has in the group `after` with what it had and should have got.
    pub(crate) fn compare(
        &self,
        after: &VolumeGroup,
        before: Option<&Existing>,
        legs: &[Vec<Segment>],
    ) -> Result<(), Difference> {
        let entry = self.entry;
        let lost = |error: &dyn std::fmt::Display| Difference {
            what: "anything".to_string(),
            instead: format!("makes a volume that cannot be read: {error}"),
        };
        let made = existing(after, &entry.data_name()).map_err(|error| lost(&error))?;
        // What was there counts only where it has as many legs: else LVM2 begins anew.
        let before = before.filter(|before| before.legs.len() == legs.len());
        for (leg, added) in legs.iter().enumerate() {
            let had = before.iter().flat_map(|before| before.legs[leg].iter());
            let expected: Vec<Segment> = had.map(segment).chain(added.iter().copied()).collect();
            let found = segments(made.legs.get(leg));
            if joined(&expected) != joined(&found) {
                let what = format!("leg {leg} ({})", entry.leg_name(leg));
                return Err(difference(after, what, &found));
            }
        }
        for (leg, expected) in self.metadata.iter().enumerate() {
            let found = segments(made.metadata.get(leg));
            if found != [*expected] {
                let what = format!("metadata of leg {leg} ({})", entry.metadata_name(leg));
                return Err(difference(after, what, &found));
            }
        }
        for expected in self.logs {
            let log = entry.log_name();
            let found = existing(after, &log).map_err(|error| lost(&error))?;
            let found = segments(&found.legs);
            if found != [*expected] {
                return Err(difference(after, format!("the log ({log})"), &found));
            }
        }
        Ok(())
    }

    /// The legs that the volume got, if each has the areas wanted in one order or another.
    pub(crate) fn permuted(
        &self,
        after: &VolumeGroup,
        before: Option<&Existing>,
        wanted: &Legs,
    ) -> Option<Legs> {
        let built = added(before, &self.existing(after)?, wanted.len())?;
        let sorted = |legs: &Legs| -> Legs {
            let sort = |leg: &Vec<Segment>| {
                let mut leg = leg.clone();
                leg.sort_unstable();
                joined(&leg)
            };
            legs.iter().map(sort).collect()
        };
        if sorted(&built) != sorted(wanted) {
            return None;
        }
        self.compare(after, before, &built).ok()?;
        Some(built)
    }

    /// The legs that the volume got, if they are those wanted with the pieces in another order.
    pub(crate) fn reordered(&self, after: &VolumeGroup) -> Option<Legs> {
        let wanted = &self.interval.pieces;
        let made = self.existing(after)?;
        let pieces = made.legs.iter().map(|leg| {
            // What is new may have been joined with what it follows.
            let (source, last) = *leg.last()?;
            let start = last.end().checked_sub(self.interval.extents())?;
            let area = Area::between(start.max(last.start()), last.end())?;
            Some(Segment { source, area })
        });
        let pieces: Vec<Segment> = pieces.collect::<Option<_>>()?;
        let sorted = |pieces: &[Segment]| {
            let mut pieces = pieces.to_vec();
            pieces.sort_unstable();
            pieces
        };
        let legs = || pieces.iter().map(|piece| vec![*piece]).collect();
        (sorted(&pieces) == sorted(wanted)).then(legs)
    }
}

/// The legs that intervals make.
pub(crate) fn legs_of(intervals: &[Interval]) -> Legs {
    let count = intervals.first().map_or(0, |first| first.pieces.len());
    let leg = |leg: usize| {
        let pieces = intervals.iter().map(|interval| interval.pieces[leg]);
        joined(&pieces.collect::<Vec<_>>())
    };
    (0..count).map(leg).collect()
}

/// Per leg what a volume has beyond what it had.
pub(crate) fn added(before: Option<&Existing>, made: &Existing, legs: usize) -> Option<Legs> {
    if made.legs.len() != legs {
        return None;
    }
    let before = before.filter(|before| before.legs.len() == legs);
    let one = |leg: usize| {
        let all = segments(made.legs.get(leg));
        let had = before.map_or(0, |before| before.legs[leg].len());
        let mut added = all.get(had..)?.to_vec();
        if let Some(last) = before.and_then(|before| before.legs[leg].last()) {
            // What continues the last segment has been joined with it.
            let grown = all.get(had - 1)?;
            if let Some(area) = Area::between(last.1.end(), grown.area.end()) {
                added.insert(0, Segment { area, ..*grown });
            }
        }
        Some(added)
    };
    (0..legs).map(one).collect()
}

fn difference(group: &VolumeGroup, what: String, found: &[Segment]) -> Difference {
    let places: Vec<String> = arguments(group, found)
        .iter()
        .map(PvArgument::to_string)
        .collect();
    let instead = format!("puts it on {}", places.join(" "));
    Difference { what, instead }
}

fn segments<'a>(legs: impl IntoIterator<Item = &'a Vec<(usize, Area)>>) -> Vec<Segment> {
    legs.into_iter().flatten().map(segment).collect()
}

fn segment(&(source, area): &(usize, Area)) -> Segment {
    Segment { source, area }
}
