//! Offered where requests do not fit as it stands: the moves after which they do, where these are found quickly.

use crate::ask::rearrange::subject::Subject;
use crate::ask::task::Typed;
use crate::core::{Limits, MoveCost};
use crate::lvm::{self, MoveOptions, VolumeGroup, shell_quoted};
use crate::show;
use crate::solve::Strategy;

/// Physical volumes up to which moves are looked for.
const MOST_DISKS: usize = 200;
/// Pieces of volumes up to which they are.
const MOST_PIECES: usize = 2_000;
/// Nodes of each search on the way.
const MOST_NODES: u64 = 1 << 14;

/// Moves that make room, in a sentence, with the command line that prints them.
pub(crate) fn offer(
    group: &VolumeGroup,
    settings: &lvm::Settings,
    typed: Vec<Typed>,
    question: &[String],
    limits: &Limits<'_>,
) -> Option<String> {
    let segments = group
        .logical_volumes
        .iter()
        .flat_map(|volume| &volume.segments);
    let pieces = segments.map(|segment| segment.parts.len()).sum::<usize>();
    if group.physical_volumes.len() > MOST_DISKS || pieces > MOST_PIECES {
        return None;
    }
    let options = MoveOptions {
        keep_policy: true,
        ..MoveOptions::default()
    };
    let subject = Subject {
        moves: lvm::move_state(group, Vec::new(), &options).ok()?,
        group: group.clone(),
        settings: settings.clone(),
        room: typed,
        open_sizes: Vec::new(),
        balances: false,
        defragments: None,
        budget: None,
        is_changed: false,
        rate: None,
        notes: Vec::new(),
    };
    let strategy = Strategy {
        program: None,
        certify: false,
        ..Strategy::default()
    };
    let limits = Limits {
        found: &|_, _, _| {},
        bounded: &|_, _| {},
        ..limits.with_nodes(MOST_NODES)
    };
    let room = subject.make_room(&strategy, &limits).ok()?;
    let moves = room.answer.moves().filter(|moves| !moves.is_empty())?;
    let mut names: Vec<&str> = moves
        .iter()
        .map(|step| subject.moves.names[step.volume][step.leg].0.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    let of = match names.as_slice() {
        [some @ .., last] if names.len() <= 4 && !some.is_empty() => {
            format!("{} and {last}", some.join(", "))
        }
        [one] => (*one).to_string(),
        all => format!("{} volumes", all.len()),
    };
    let copied = show::extents(MoveCost::of(moves).copied, Some(group.extent_bytes()));
    let question: Vec<String> = question.iter().map(|word| shell_quoted(word)).collect();
    Some(format!(
        "it fits if {copied} of {of} move:\n  extentplan rearrange {}\n",
        question.join(" ")
    ))
}
