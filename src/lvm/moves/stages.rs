//! What the ends of each move hold after how many moves, so that a script can tell how far it got.

use std::collections::HashMap;
use std::fmt;

use crate::core::Area;
use crate::lvm::moves::export::MoveStep;

/// From one number of moves that are made to another, both included: what the volume of a move holds at its two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stage {
    from: usize,
    until: usize,
    /// Extents held where it moves from.
    there: u64,
    /// Extents held where it moves to.
    arrived: u64,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}-{}:{}:{}",
            self.from, self.until, self.there, self.arrived
        )
    }
}

/// By move its stages. Only moves of the same extents of the same volume change what of them is at its ends.
pub(crate) fn stages(moves: &[MoveStep]) -> Vec<Vec<Stage>> {
    let mut by_owner: HashMap<&str, Vec<usize>> = HashMap::new();
    for (number, step) in moves.iter().enumerate() {
        by_owner.entry(&step.owner).or_default().push(number);
    }
    let at = |number: usize| {
        let own = &moves[number];
        let others: Vec<usize> = by_owner
            .get(own.owner.as_str())
            .into_iter()
            .flatten()
            .copied()
            .filter(|&other| shared_rows(own, &moves[other]) > 0)
            .collect();
        let counts = |end: &(String, Area), now: u64| -> Vec<(usize, u64)> {
            let change = |other: usize| {
                let step = &moves[other];
                let of = |one: &(String, Area)| match is_same_place((own, end), (step, one)) {
                    true => shared_rows(own, step),
                    false => 0,
                };
                (of(&step.command.from), of(&step.command.to))
            };
            // Just before the move all of it is known to be at one end, and nothing at the other.
            let mut first = now;
            for &other in others.iter().take_while(|other| **other < number) {
                let (left, came) = change(other);
                first = (first + left).saturating_sub(came);
            }
            let mut count = first;
            let steps = others.iter().map(|&other| {
                let (left, came) = change(other);
                count = (count + came).saturating_sub(left);
                (other + 1, count)
            });
            std::iter::once((0, first)).chain(steps).collect()
        };
        let (from, to) = (&own.command.from, &own.command.to);
        let pairs = counts(from, from.1.count()).into_iter().zip(counts(to, 0));
        let mut stages: Vec<Stage> = Vec::new();
        for (position, ((from, there), (_, arrived))) in pairs.enumerate() {
            let until = others.get(position).copied().unwrap_or(moves.len());
            match stages.last_mut() {
                Some(last) if (last.there, last.arrived) == (there, arrived) => last.until = until,
                Some(_) | None => stages.push(Stage {
                    from,
                    until,
                    there,
                    arrived,
                }),
            }
        }
        stages
    };
    (0..moves.len()).map(at).collect()
}

/// How many logical extents two moves have in common.
fn shared_rows(one: &MoveStep, other: &MoveStep) -> u64 {
    let rows = |step: &MoveStep| {
        let count = step.command.from.1.count().saturating_mul(step.stride);
        Area::new(step.logical, count)
    };
    let is_alike = one.owner == other.owner
        && one.stride == other.stride
        && one.logical % one.stride.max(1) == other.logical % one.stride.max(1);
    let shared = rows(one).zip(rows(other)).filter(|_| is_alike);
    let shared = shared.and_then(|(one, other)| one.intersection(other));
    shared.map_or(0, |area| area.count() / one.stride.max(1))
}

/// Whether the same logical extents lie at the same place at two ends.
fn is_same_place(
    (one, end): (&MoveStep, &(String, Area)),
    (other, other_end): (&MoveStep, &(String, Area)),
) -> bool {
    let shift = |step: &MoveStep, area: Area| {
        i128::from(area.start()) * i128::from(step.stride) - i128::from(step.logical)
    };
    end.0 == other_end.0 && shift(one, end.1) == shift(other, other_end.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lvm::PvMove;

    fn step(logical: u64, from: (&str, u64), to: (&str, u64)) -> MoveStep {
        let end = |(device, start): (&str, u64)| {
            (device.to_string(), Area::new(start, 4).expect("not empty"))
        };
        MoveStep {
            command: PvMove {
                name: None,
                policy: None,
                from: end(from),
                to: end(to),
            },
            owner: "data".to_string(),
            logical,
            stride: 1,
        }
    }

    #[test]
    fn what_moves_twice_is_told_from_what_takes_its_place() {
        let moves = [
            step(0, ("a", 0), ("b", 0)),
            step(4, ("c", 0), ("a", 0)),
            step(0, ("b", 0), ("c", 0)),
        ];
        let words =
            |stages: &Vec<Stage>| -> Vec<String> { stages.iter().map(Stage::to_string).collect() };
        let found: Vec<Vec<String>> = stages(&moves).iter().map(words).collect();
        let expected = [
            ["0-0:4:0", "1-2:0:4", "3-3:0:0"].as_slice(),
            &["0-1:4:0", "2-3:0:4"],
            &["0-0:0:0", "1-2:4:0", "3-3:0:4"],
        ];
        assert_eq!(found, expected);
    }
}
