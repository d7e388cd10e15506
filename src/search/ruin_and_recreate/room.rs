//! What is free on each source while requests come and go.

use crate::core::{Allocation, Area, Areas, Problem, Segment};

/// The free extents by source.
#[derive(Clone)]
pub(crate) struct Room {
    areas: Vec<Areas>,
    total: Vec<u64>,
    longest: Vec<u64>,
}

impl Room {
    pub(crate) fn of(problem: &Problem) -> Room {
        let areas: Vec<Areas> = problem.sources().iter().map(|s| s.free.clone()).collect();
        Room {
            total: areas.iter().map(Areas::total).collect(),
            longest: areas.iter().map(Areas::longest).collect(),
            areas,
        }
    }

    pub(crate) fn areas(&self, source: usize) -> &Areas {
        &self.areas[source]
    }

    pub(crate) fn total(&self, source: usize) -> u64 {
        self.total[source]
    }

    pub(crate) fn longest(&self, source: usize) -> u64 {
        self.longest[source]
    }

    pub(crate) fn take(&mut self, source: usize, area: Area) {
        self.change(source, |free| free.difference(&area.into()));
    }

    pub(crate) fn give_back(&mut self, segments: &[Segment]) {
        for segment in segments {
            self.change(segment.source, |free| free.union(&segment.area.into()));
        }
    }

    pub(crate) fn take_all(&mut self, allocation: &Allocation) {
        for segment in allocation.segments() {
            self.take(segment.source, segment.area);
        }
    }

    pub(crate) fn give_back_all(&mut self, allocation: &Allocation) {
        for segment in allocation.segments() {
            self.give_back(&[*segment]);
        }
    }

    fn change(&mut self, source: usize, change: impl Fn(&Areas) -> Areas) {
        let areas = change(&self.areas[source]);
        self.total[source] = areas.total();
        self.longest[source] = areas.longest();
        self.areas[source] = areas;
    }
}
