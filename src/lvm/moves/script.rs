//! Moves as a script for a shell that can be started again, and loses nothing wherever it stops.

use crate::core::Goal;
use crate::lvm::moves::export::MoveStep;
use crate::lvm::moves::stages::{Stage, stages};
use crate::lvm::{PvArgument, VolumeGroup, pvresize, shell_quoted};

/// What the goals ask of the group once everything has moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AfterMoves {
    /// The command, as a line of a shell.
    pub line: String,
    /// What is true of the group as long as it is not done, as a condition of a shell.
    pub(crate) open: String,
    /// A line that stops where it is done, and not as was promised.
    pub(crate) promise: Option<String>,
}

impl AfterMoves {
    /// `vgreduce` for what is empty, `pvresize` for what is shrunk.
    #[must_use]
    pub fn of(group: &VolumeGroup, goals: &[Goal]) -> Vec<AfterMoves> {
        let device = |source: usize| group.physical_volumes[source].device.as_str();
        let mut lines = Vec::new();
        for goal in goals {
            match *goal {
                Goal::Drain { source } => lines.push(reduce(group, device(source))),
                Goal::Shrink { source, extents } => {
                    if extents < group.physical_volumes[source].extents {
                        lines.push(shrink(group, device(source), extents));
                    }
                }
                Goal::Clear { .. }
                | Goal::Spare { .. }
                | Goal::Heal
                | Goal::Lie { .. }
                | Goal::Runs { .. }
                | Goal::Level { .. } => {}
            }
        }
        lines
    }
}

/// A device as an argument.
fn argument(device: &str) -> String {
    let argument = PvArgument::Device {
        name: device.to_string(),
        ranges: Vec::new(),
    };
    argument.to_string()
}

fn reduce(group: &VolumeGroup, device: &str) -> AfterMoves {
    let device = shell_quoted(&argument(device));
    AfterMoves {
        line: format!("vgreduce {} {device}", shell_quoted(&group.name)),
        open: format!("[ \"$(group_of {device})\" = \"$group\" ]"),
        promise: None,
    }
}

fn shrink(group: &VolumeGroup, device: &str, extents: u64) -> AfterMoves {
    let device = shell_quoted(&argument(device));
    AfterMoves {
        line: pvresize(group, &device, extents),
        open: format!("[ \"$(extents_of {device})\" -gt {extents} ]"),
        promise: None,
    }
}

/// The script: it looks at the group first, tries each move before it makes it, and looks whether it landed.
///
/// Started again it goes on where it stopped: after each number of moves other extents are held, and which number that is
/// it reads off the group. A group that is neither as it was nor somewhere on the way is left alone. `owners` are the
/// volumes that hold what the moves move.
#[must_use]
pub fn move_script(group: &VolumeGroup, moves: &[MoveStep], after: &[AfterMoves]) -> String {
    let name = &group.name;
    let quoted = shell_quoted(name);
    let mut lines = vec![
        "#!/bin/sh".to_string(),
        format!(
            "# Moves what volume group {name} holds: {} moves.",
            moves.len()
        ),
        "# Can be stopped and started again: what is done is passed over. Nothing is removed or reduced".to_string(),
        "# before everything has moved.".to_string(),
        "set -eu".to_string(),
        String::new(),
        format!("group={quoted}"),
        format!("total={}", moves.len()),
        format!("planned_seqno={}", group.seqno),
        format!("planned_free={}", group.free_count()),
    ];
    lines.push(FUNCTIONS.to_string());
    let stages = stages(moves);
    let rows: Vec<String> = moves.iter().map(row).collect();
    for (row, stages) in rows.iter().zip(&stages) {
        let stages: Vec<String> = stages.iter().map(Stage::to_string).collect();
        lines.push(format!("look {row} {}", stages.join(" ")));
    }
    // Without moves it is what follows them that tells how far this got.
    lines.push("begun=".to_string());
    for step in after.iter().filter(|_| moves.is_empty()) {
        lines.push(format!("if {}; then :; else begun=1; fi", step.open));
    }
    lines.push(READY.to_string());
    for (number, (step, row)) in moves.iter().zip(&rows).enumerate() {
        lines.push(format!("if [ \"$made\" -eq {number} ]; then"));
        let words = step.command.arguments();
        let words: Vec<String> = words.iter().map(|word| shell_quoted(word)).collect();
        let words = words.join(" ");
        lines.push(format!("    pvmove -t {words} </dev/null >/dev/null"));
        lines.push(format!("    pvmove {words} </dev/null"));
        lines.push(format!("    landed {row}"));
        lines.push("fi".to_string());
    }
    for step in after {
        lines.push(format!("if {}; then", step.open));
        lines.push(format!("    {} </dev/null", step.line));
        lines.push("fi".to_string());
        lines.extend(step.promise.clone());
    }
    lines.push(String::new());
    lines.join("\n")
}

/// What a move is to the functions of the script.
fn row(step: &MoveStep) -> String {
    let end = |(device, area): &(String, crate::core::Area)| {
        let device = shell_quoted(device);
        format!("{device} {} {}", area.start(), area.end() - 1)
    };
    format!(
        "{} {} {} {}",
        shell_quoted(&step.owner),
        end(&step.command.from),
        end(&step.command.to),
        step.logical
    )
}

/// The parts that look at the group. `held` counts the extents of a range
/// that hold the same of a volume as a move takes there.
const FUNCTIONS: &str = "\
made=0
number=0
ended() {
    status=$?
    if [ \"$status\" -ne 0 ]; then
        echo \"Stopped: $made of $total moves are made. Nothing is lost; this can be started again.\" >&2
    fi
    exit \"$status\"
}
trap ended EXIT
stop() {
    echo \"$1\" >&2
    exit 1
}
value() {
    vgs --noheadings -o \"$1\" \"$group\" | tr -d '[:space:]'
}
extents_of() {
    pvs --noheadings -o pv_pe_count \"$1\" | tr -d '[:space:]'
}
group_of() {
    pvs --noheadings -o vg_name \"$1\" | tr -d '[:space:]'
}
held() {
    pvs --noheadings --segments -o pvseg_start,pvseg_size,lv_name,seg_start_pe,stripes \"$2\" |
        LV=\"$1\" awk -v first=\"$3\" -v last=\"$4\" -v logical=\"$5\" '
            { name = $3; gsub(/[][]/, \"\", name) }
            name == ENVIRON[\"LV\"] && $4 - logical == ($1 - first) * $5 {
                from = $1 > first ? $1 : first
                to = $1 + $2 - 1 < last ? $1 + $2 - 1 : last
                if (to >= from) sum += to - from + 1
            }
            END { print sum + 0 }'
}
has() {
    lvs \"$group/$1\" >/dev/null 2>&1
}
sectors_of() {
    lvs --noheadings --nosuffix --units s -o lv_size \"$group/$1\" | tr -d '[:space:]'
}
promised() {
    name=$1
    sectors=$(sectors_of \"$name\")
    shift
    for promise; do
        [ \"$sectors\" != \"$promise\" ] || return 0
    done
    stop \"$name is there, and not as large as was planned. Nothing more was done; plan again.\"
}
policy_of() {
    lvs --noheadings -o lv_allocation_policy \"$group/$1\" | tr -d '[:space:]'
}
least=0
most=$total
look() {
    number=$((number + 1))
    there=$(held \"$1\" \"$2\" \"$3\" \"$4\" \"$8\")
    arrived=$(held \"$1\" \"$5\" \"$6\" \"$7\" \"$8\")
    whose=\"$1 holds neither all of $2:$3-$4 nor all of $5:$6-$7\"
    shift 8
    for stage; do
        case $stage in
            *:\"$there\":\"$arrived\")
                stage=${stage%%:*}
                from=${stage%-*}
                until=${stage#*-}
                if [ \"$from\" -le \"$most\" ] && [ \"$until\" -ge \"$least\" ]; then
                    [ \"$from\" -lt \"$least\" ] || least=$from
                    [ \"$until\" -gt \"$most\" ] || most=$until
                    return
                fi ;;
        esac
    done
    stop \"Move $number: $whose, as it should. Nothing was done; plan again.\"
}
landed() {
    count=$(($4 - $3 + 1))
    if [ \"$(held \"$1\" \"$5\" \"$6\" \"$7\" \"$8\")\" != \"$count\" ]; then
        stop \"$1 is not on $5:$6-$7, as it should be.\"
    fi
    made=$((made + 1))
    echo \"$made of $total moves are made.\"
}
if lvs -a --noheadings -o lv_name \"$group\" | grep -q '^[[:space:]]*\\[*pvmove[0-9]'; then
    stop \"A pvmove was interrupted: run pvmove (where volumes are inactive, vgchange -ay $group first), then this again.\"
fi";

/// What has to hold before the first move. Moves keep the number of free extents, and seqno tells whether anyone else
/// was here before the first.
const READY: &str = "\
made=$least
if [ \"$made\" != \"$total\" ] && [ \"$(value vg_free_count)\" != \"$planned_free\" ]; then
    stop \"$group has other free extents than were planned for ($planned_free). Nothing was done; plan again.\"
fi
if [ \"$made\" = 0 ] && [ -z \"$begun\" ] && [ \"$planned_seqno\" != 0 ] && [ \"$(value vg_seqno)\" != \"$planned_seqno\" ]; then
    stop \"$group has changed since it was planned for (seqno is not $planned_seqno). Nothing was done; plan again.\"
fi
if [ \"$made\" != 0 ]; then
    echo \"$made of $total moves are made already.\"
fi";
