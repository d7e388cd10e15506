//! An example or more of each subcommand, for its help and its manual page.

/// A command line, and what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// What it is for, in a few words.
    pub purpose: &'static str,
    /// What is typed, in a folder in which `extentplan examples` was typed before.
    pub command: &'static str,
}

const fn example(purpose: &'static str, command: &'static str) -> Example {
    Example { purpose, command }
}

/// The subcommands with their examples. Where one uses a file, an example before it has written that file.
pub const EXAMPLES: &[(&str, &[Example])] = &[
    (
        "show",
        &[
            example(
                "disks, free areas, volumes",
                "extentplan show examples/segments.vg",
            ),
            example(
                "a page for a report",
                "extentplan show examples/segments.vg --format html > segments.html",
            ),
            example(
                "this machine's group vg0, where there is one",
                "lvm fullreport --reportformat json --units s --nosuffix vg0 | extentplan show -",
            ),
        ],
    ),
    (
        "plan",
        &[
            example(
                "a stripe that LVM2 refuses",
                "extentplan plan examples/three-disks.vg -- lvcreate -i 2 -l 240 -n data",
            ),
            example(
                "two requests, planned together",
                "extentplan plan examples/raid5.vg -- lvcreate -L 100M -n a -- lvcreate -L 100M -n b",
            ),
            example(
                "the commands as a script that checks before it acts",
                "extentplan plan examples/three-disks.vg --format commands -- lvcreate -i 2 -l 240 -n a > a.sh",
            ),
            example(
                "with a proof that VeriPB checks, in data.opb and data.pbp",
                "extentplan plan examples/three-disks.vg --proof data -- lvcreate -i 2 -l 240 -n data",
            ),
        ],
    ),
    (
        "compare",
        &[
            example(
                "LVM2's layout beside the best",
                "extentplan compare examples/three-disks.vg -- lvcreate --type raid1 -m 1 -l 60 -n db",
            ),
            example(
                "as another version of LVM2 does it",
                "extentplan compare examples/three-disks.vg --lvm2 2.03.30 -- lvcreate -i 3 -l 90 -n data",
            ),
        ],
    ),
    (
        "capacity",
        &[
            example(
                "how large a volume can be",
                "extentplan capacity examples/segments.vg -- lvcreate -i 2 -n data",
            ),
            example(
                "how many more fit",
                "extentplan capacity examples/three-disks.vg --count -- lvcreate --type raid1 -m 1 -l 30 -n db",
            ),
            example(
                "what to add, in disks that can be bought",
                "extentplan capacity examples/raid5.vg --disk 1G -- lvcreate -i 2 -L 500M -n new",
            ),
            example(
                "could all RAID be repaired if one disk failed",
                "extentplan capacity examples/raid5.vg --survive 1",
            ),
        ],
    ),
    (
        "rearrange",
        &[
            example(
                "empty a disk and take it out",
                "extentplan rearrange examples/linear.vg --drain /dev/sda",
            ),
            example(
                "the smallest that a disk can be made",
                "extentplan rearrange examples/linear.vg --shrink /dev/sda",
            ),
            example(
                "room for what does not fit",
                "extentplan rearrange examples/segments.vg --room -- lvcreate -i 2 --alloc contiguous -l 100 -n new",
            ),
        ],
    ),
    (
        "audit",
        &[example(
            "two images of a RAID on one disk",
            "extentplan audit examples/raid1-shared-disk.vg",
        )],
    ),
    (
        "check",
        &[
            example(
                "a problem and its plan as files",
                "extentplan plan examples/linear.vg --problem-out p.json --json -- lvcreate -l 9 -n a > plan.json",
            ),
            example("the verdict on them", "extentplan check p.json plan.json"),
        ],
    ),
    (
        "replay",
        &[example(
            "a recorded run of the real LVM2",
            "extentplan replay examples/recording.jsonl",
        )],
    ),
    (
        "export",
        &[
            example(
                "a problem as a file",
                "extentplan generate a --seed 7 > problem.json",
            ),
            example(
                "its integer program",
                "extentplan export problem.json --format lp > problem.lp",
            ),
        ],
    ),
    (
        "fleet",
        &[
            example(
                "a fleet to try things on",
                "extentplan generate fleet --hosts 20 > fleet.jsonl",
            ),
            example(
                "what is unsafe in any of them",
                "extentplan fleet audit fleet.jsonl",
            ),
            example(
                "what each can still take",
                "extentplan fleet capacity fleet.jsonl --format csv -- lvcreate --type raid1 -m 1",
            ),
        ],
    ),
    (
        "fleet place",
        &[
            example(
                "a fleet to try things on",
                "extentplan generate fleet --hosts 20 > fleet.jsonl",
            ),
            example(
                "what is to be placed, for the same fleet",
                "extentplan generate fleet --hosts 20 --requests 30 > requests.jsonl",
            ),
            example(
                "evenly, as JSON",
                "extentplan fleet place fleet.jsonl requests.jsonl --then even --format json",
            ),
        ],
    ),
    (
        "shard",
        &[
            example(
                "a fleet to try things on",
                "extentplan generate fleet --hosts 20 > fleet.jsonl",
            ),
            example(
                "its parts, as a scheduler would be given them",
                "split -l 5 fleet.jsonl part.",
            ),
            example(
                "a job for each part",
                "for part in part.a?; do extentplan shard audit < $part > $part.rows; done",
            ),
        ],
    ),
    (
        "generate fleet",
        &[
            example(
                "a group for each host, a line each",
                "extentplan generate fleet --hosts 20 > fleet.jsonl",
            ),
            example(
                "a file for each host",
                "extentplan generate fleet --hosts 20 --to fleet",
            ),
        ],
    ),
    (
        "generate",
        &[
            example(
                "a problem of the family of stripes",
                "extentplan generate c --seed 7",
            ),
            example(
                "twenty volume groups, one a line",
                "extentplan generate fleet --hosts 20",
            ),
        ],
    ),
    (
        "schema",
        &[
            example("which formats there are", "extentplan schema"),
            example("the format of problems", "extentplan schema problem"),
        ],
    ),
    (
        "examples",
        &[example("into the folder examples", "extentplan examples")],
    ),
    (
        "help",
        &[
            example("what to do where LVM2 refuses", "extentplan help refused"),
            example("what a word means", "extentplan help cling"),
            example("all words", "extentplan help words"),
            example(
                "what the options of LVM2's commands are to a plan",
                "extentplan help options",
            ),
        ],
    ),
    (
        "completions",
        &[example(
            "for the shell that is running",
            "extentplan completions bash > extentplan.bash",
        )],
    ),
    (
        "manual",
        &[example(
            "the page of a subcommand",
            "extentplan manual plan > extentplan-plan.1",
        )],
    ),
];
