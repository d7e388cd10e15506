//! Sources to fill, and the requests that want to: what is packed jointly.

use crate::core::{Problem, Request};

/// Sources to fill, and who wants to.
pub(crate) struct Joint {
    /// Free extents by source.
    pub(crate) capacities: Vec<u64>,
    /// By request.
    pub(crate) groups: Vec<Group>,
    /// The request of each leg, ascending.
    pub(crate) legs: Vec<usize>,
}

/// What one request wants.
pub(crate) struct Group {
    /// How many legs, each on sources of its own.
    pub(crate) legs: usize,
    /// Extents of a leg, metadata in front included.
    pub(crate) extents: u64,
    /// By source whether the request may use it; `None` if it may use all.
    pub(crate) allowed: Option<Vec<bool>>,
}

/// Per leg its pieces: a source and the extents on it.
pub(crate) type Packing = Vec<Vec<(usize, u64)>>;

impl Joint {
    pub(crate) fn of(problem: &Problem) -> Joint {
        let sources = problem.sources();
        let group = |request: &Request| Group {
            legs: request.legs(),
            extents: request.leg_extents() + request.front_extents(),
            allowed: request.allowed.as_ref().map(|allowed| {
                let mut may = vec![false; sources.len()];
                for (source, _) in allowed {
                    may[*source] = true;
                }
                may
            }),
        };
        let groups: Vec<Group> = problem.requests().iter().map(group).collect();
        let of_group = |(index, group): (usize, &Group)| vec![index; group.legs];
        Joint {
            capacities: sources.iter().map(|source| source.free.total()).collect(),
            legs: groups.iter().enumerate().flat_map(of_group).collect(),
            groups,
        }
    }

    /// Extents that a leg needs.
    pub(crate) fn extents(&self, leg: usize) -> u64 {
        self.groups[self.legs[leg]].extents
    }

    /// Whether a request may use a source.
    pub(crate) fn may_use(&self, request: usize, source: usize) -> bool {
        let allowed = self.groups[request].allowed.as_ref();
        allowed.is_none_or(|allowed| allowed[source])
    }

    /// Pieces that each request needs at least, even if it had all sources to itself.
    pub(crate) fn least_pieces(&self) -> u64 {
        let of_request = |request: usize| {
            let group = &self.groups[request];
            let gives = |(source, &free): (usize, &u64)| {
                let may = self.may_use(request, source);
                may.then_some(free.min(group.extents))
            };
            let all = self.capacities.iter().enumerate();
            let mut gains: Vec<u64> = all.filter_map(gives).collect();
            gains.sort_unstable_by(|a, b| b.cmp(a));
            let wanted = u128::from(group.extents) * group.legs as u128;
            let (mut held, mut count) = (0u128, 0usize);
            for gain in gains {
                if held >= wanted {
                    break;
                }
                held += u128::from(gain);
                count += 1;
            }
            count.max(group.legs) as u64
        };
        (0..self.groups.len()).map(of_request).sum()
    }
}
