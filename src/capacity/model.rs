//! A problem that can be asked again with one thing changed: how else to ask "how large"?

use crate::capacity::ask::rebuilt;
use crate::core::{Policy, Problem, Request, Size};

/// Something about a request that a question changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Exactly so many logical extents, a multiple of the stripes.
    Extents(u64),
    /// Another policy.
    Policy(Policy),
    /// Another number of stripes; the size is rounded up to whole stripes.
    Stripes(u64),
}

/// A problem as a function of what is asked.
///
/// What goes along with a request (metadata, logs, spares) may depend on its size, so only whoever
/// made the problem can say what it is after a change.
pub trait Model {
    /// The problem as it was asked.
    fn problem(&self) -> &Problem;

    /// The problem with changes to the request of that index. Its sources stay as they are; requests
    /// that go along with others may come and go behind the ones that were asked for.
    ///
    /// `None` if the changes make no problem: a number of stripes that there cannot be, say.
    fn changed(&self, request: usize, changes: &[Change]) -> Option<Problem>;

    /// The problem with so many of the request in place of one; `None` if they make no problem.
    fn repeated(&self, request: usize, count: u64) -> Option<Problem>;

    /// Sizes in logical extents, ascending, at which what goes along with the request is less than
    /// for one size smaller. Everywhere else a larger size needs no less.
    fn drops(&self, request: usize) -> Vec<u64> {
        let _ = request;
        Vec::new()
    }

    /// The fewest stripes that the request may have.
    fn fewest_stripes(&self, request: usize) -> u64 {
        let shape = self.problem().requests()[request].shape;
        if shape.parity > 0 {
            shape.parity + 1
        } else if shape.copies > 1 {
            shape.stripes.min(2)
        } else {
            1
        }
    }
}

/// A problem whose companions have one size, whatever the size of the request.
#[derive(Clone, Debug)]
pub struct Fixed(pub Problem);

impl Model for Fixed {
    fn problem(&self) -> &Problem {
        &self.0
    }

    fn changed(&self, request: usize, changes: &[Change]) -> Option<Problem> {
        let mut requests = self.0.requests().to_vec();
        for change in changes {
            apply(requests.get_mut(request)?, *change)?;
        }
        rebuilt(&self.0, requests)
    }

    fn repeated(&self, request: usize, count: u64) -> Option<Problem> {
        let one = self.0.requests().get(request)?;
        let mut requests = self.0.requests().to_vec();
        if count == 0 {
            requests.remove(request);
        }
        for number in 2..=count {
            let mut copy = one.clone();
            copy.name = free_name(&requests, &one.name, number);
            requests.push(copy);
        }
        rebuilt(&self.0, requests)
    }
}

/// Changes a request; `None` if it cannot be so.
pub(crate) fn apply(request: &mut Request, change: Change) -> Option<()> {
    match change {
        Change::Extents(extents) => request.size = Size::Exactly(extents),
        Change::Policy(policy) => request.policy = policy,
        Change::Stripes(stripes) => {
            if stripes == 0 || request.grows.is_some() {
                return None;
            }
            request.shape.stripes = stripes;
            let round = |extents: u64| extents.checked_next_multiple_of(stripes);
            request.size = match request.size {
                Size::Exactly(extents) => Size::Exactly(round(extents)?),
                Size::AtMost(extents) => Size::AtMost(extents - extents % stripes),
            };
        }
    }
    Some(())
}

/// `NAME_2`, or with a higher number where that is taken.
fn free_name(requests: &[Request], name: &str, number: u64) -> String {
    let mut number = number;
    loop {
        let candidate = format!("{name}_{number}");
        if requests.iter().all(|request| request.name != candidate) {
            return candidate;
        }
        number += 1;
    }
}
