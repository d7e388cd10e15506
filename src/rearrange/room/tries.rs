//! Windows for all that stays in one piece, choice after choice.

use crate::core::{Goal, Rearrangement, Segment};
use crate::rearrange::room::wanted::Wanted;
use crate::rearrange::room::windows::{Choices, Grounds, Window};

/// Choices of windows for several requests: all of the first, the cheapest beside that of the others.
pub(crate) struct Tries<'w> {
    state: &'w Rearrangement,
    windowed: Vec<&'w Wanted<'w>>,
    first: Option<Choices>,
    is_done: bool,
}

impl<'w> Tries<'w> {
    pub(crate) fn of(state: &'w Rearrangement, windowed: &[&'w Wanted<'w>]) -> Tries<'w> {
        let mut windowed = windowed.to_vec();
        windowed.sort_by_key(|one| (one.behind.is_none(), std::cmp::Reverse(one.length())));
        let grounds = Grounds::of(state);
        let first = windowed.first().filter(|one| one.behind.is_none());
        let first = first.map(|one| Choices::of(&grounds, one.request, &one.sources));
        Tries {
            state,
            windowed,
            first,
            is_done: false,
        }
    }

    /// The goals of the next choice, where it holds little enough to be worth a try.
    pub(crate) fn next(&mut self, worth: impl Fn(u64) -> bool) -> Option<Vec<Goal>> {
        if self.is_done {
            return None;
        }
        let mut state = self.state.clone();
        let mut goals = Vec::new();
        for at in 0..self.windowed.len() {
            let one = self.windowed[at];
            let windows: Vec<Segment> = match (&one.behind, at, &mut self.first) {
                (Some(behind), _, _) => behind.clone(),
                (None, 0, Some(first)) => {
                    if !first.bound().is_some_and(&worth) {
                        return None;
                    }
                    places(first.next()?)
                }
                (None, _, _) => {
                    let grounds = Grounds::of(&state);
                    places(Choices::of(&grounds, one.request, &one.sources).next()?)
                }
            };
            let clear = windows.into_iter().map(|place| Goal::Clear {
                source: place.source,
                area: place.area,
            });
            let clear: Vec<Goal> = clear.collect();
            state.goals.extend(&clear);
            goals.extend(clear);
        }
        self.is_done = self.first.is_none();
        Some(goals)
    }
}

fn places(windows: Vec<Window>) -> Vec<Segment> {
    windows.into_iter().map(|window| window.place).collect()
}
