//! Each step by itself: whom it takes for what, and in which order.

use super::*;
use crate::lvm::export::goal::added;
use crate::lvm::simulate::simulate;
use crate::lvm::{Existing, import, read, read_commands};

/// One of the volumes that a line makes on three empty disks, with where LVM2 puts it.
fn made(line: &str) -> (Entry, VolumeGroup) {
    let text = include_str!("../../../../models/lvm2/three-disks.vg");
    let group = read(text).expect("metadata text");
    let command = read_commands(line).expect("a command")[0].1.clone();
    let settings = Settings::default();
    let commands = [command.clone()];
    let (_, dictionary) = import(&group, &commands, &settings).expect("a problem");
    let after = simulate(&group, &command, &settings).expect("there is room");
    (dictionary.entries[0].clone(), after)
}

fn piece(source: usize, start: u64, count: u64) -> Segment {
    let area = Area::new(start, count).expect("not empty");
    Segment { source, area }
}

/// What the comparison says of a volume that is to have these pieces.
fn compared(
    line: &str,
    pieces: &[Segment],
    metadata: &[Segment],
    logs: &[Segment],
) -> Result<(), String> {
    let (entry, after) = made(line);
    let interval = Interval {
        offset: 0,
        pieces: pieces.to_vec(),
    };
    let goal = Goal {
        entry: &entry,
        interval: &interval,
        metadata,
        logs,
    };
    let compared = goal.compare(&after, None, &goal.legs());
    compared.map_err(|difference| difference.what)
}

#[test]
fn legs_metadata_and_logs_that_lie_elsewhere_are_told() {
    let raid = "lvcreate --type raid1 -m 1 -l 10 -n safe";
    let legs = [piece(0, 1, 10), piece(1, 1, 10)];
    let metadata = [piece(0, 0, 1), piece(1, 0, 1)];
    assert_eq!(compared(raid, &legs, &metadata, &[]), Ok(()));
    let elsewhere = [legs[0], piece(1, 2, 10)];
    let told = compared(raid, &elsewhere, &metadata, &[]).expect_err("another leg");
    assert!(told.contains("leg 1 (safe_rimage_1)"), "{told}");
    for wrong in [piece(1, 40, 1), piece(1, 0, 2), piece(2, 0, 1)] {
        let told = compared(raid, &legs, &[metadata[0], wrong], &[]);
        let told = told.expect_err("other metadata");
        assert!(told.contains("metadata of leg 1 (safe_rmeta_1)"), "{told}");
    }

    let mirror = "lvcreate --type mirror -m 1 --mirrorlog disk -l 10 -n old";
    let legs = [piece(0, 0, 10), piece(1, 0, 10)];
    assert_eq!(compared(mirror, &legs, &[], &[piece(2, 0, 1)]), Ok(()));
    let told = compared(mirror, &legs, &[], &[piece(2, 1, 1)]).expect_err("another log");
    assert!(told.contains("the log (old_mlog)"), "{told}");
}

const NORMAL: Option<AllocationPolicy> = Some(AllocationPolicy::Normal);
const CLING: Option<AllocationPolicy> = Some(AllocationPolicy::Cling);
const ANYWHERE: Option<AllocationPolicy> = Some(AllocationPolicy::Anywhere);

#[test]
fn a_new_volume_is_made_under_its_policy_and_that_of_an_anywhere_group_by_name() {
    const INHERIT: Option<AllocationPolicy> = Some(AllocationPolicy::Inherit);
    let settings = Settings::default();
    for (of_group, given, tried) in [
        (AllocationPolicy::Normal, None, vec![None]),
        (AllocationPolicy::Normal, CLING, vec![CLING]),
        (AllocationPolicy::Anywhere, None, vec![None, ANYWHERE]),
        (AllocationPolicy::Anywhere, INHERIT, vec![INHERIT, ANYWHERE]),
        (AllocationPolicy::Anywhere, CLING, vec![CLING]),
    ] {
        let (entry, mut group) = made("lvcreate -l 1 -n x");
        group.policy = of_group;
        let builder = Builder::new(&group, &settings, Order::AsPlanned);
        let mut command = entry.command;
        command.policy = given;
        let policies = builder.policies_to_create(&command);
        assert_eq!(policies, tried, "{of_group:?} {given:?}");
    }
}

#[test]
fn a_volume_grows_under_its_policy_what_is_asked_or_a_weaker_one_each_tried_once() {
    let (mut entry, group) = made("lvcreate -l 1 -n x");
    let settings = Settings::default();
    let builder = Builder::new(&group, &settings, Order::AsPlanned);
    for (part, asked, tried) in [
        (EntryPart::Grown, None, vec![None, NORMAL, ANYWHERE]),
        (EntryPart::Grown, CLING, vec![None, CLING, NORMAL, ANYWHERE]),
        (EntryPart::Metadata, NORMAL, vec![None, NORMAL, ANYWHERE]),
        // What a new volume is asked to have is stored with it.
        (EntryPart::Created, CLING, vec![None, NORMAL, ANYWHERE]),
    ] {
        entry.part = part;
        entry.command.policy = asked;
        assert_eq!(builder.policies_to_extend(&entry), tried, "{part:?}");
    }
}

#[test]
fn only_stripes_that_lvm2_would_not_go_on_with_are_said_again() {
    let settings = Settings::default();
    let says = |entry: &Entry, group: &VolumeGroup| {
        Builder::new(group, &settings, Order::AsPlanned).other_stripes(entry)
    };
    let (mut entry, group) = made("lvcreate -i 2 -l 20 -n x");
    assert!(!says(&entry, &group));
    entry.demand.stripes = 3;
    assert!(says(&entry, &group), "it has two");
    entry.demand.kind = SegmentType::Raid1;
    assert!(!says(&entry, &group), "images cannot become more");

    let (mut entry, group) = made("lvcreate -i 2 -l 20 -n x");
    let command = read_commands("lvextend -i 1 -l +5 vg0/x").expect("a command")[0]
        .1
        .clone();
    let mixed = simulate(&group, &command, &settings).expect("there is room");
    entry.demand.stripes = 1;
    assert!(says(&entry, &mixed), "it has both");
}

#[test]
fn pieces_change_legs_only_where_legs_are_alike_and_have_no_companions() {
    let settings = Settings::default();
    let interval = Interval {
        offset: 0,
        pieces: vec![piece(0, 0, 5), piece(1, 0, 5)],
    };
    let companion = [piece(2, 0, 1)];
    let none: &[Segment] = &[];
    let may = |entry: &Entry, group: &VolumeGroup, metadata: &[Segment], logs: &[Segment]| {
        let builder = Builder::new(group, &settings, Order::AnyAreas);
        let interval = &interval;
        builder.may_reorder(&Goal {
            entry,
            interval,
            metadata,
            logs,
        })
    };
    let (mut entry, mut group) = made("lvcreate -i 2 -l 20 -n x");
    assert!(may(&entry, &group, none, none), "stripes are alike");
    assert!(!may(&entry, &group, &companion, none));
    assert!(!may(&entry, &group, none, &companion));
    entry.demand.kind = SegmentType::Raid1;
    assert!(!may(&entry, &group, none, none), "images are not");

    // The command's policy comes first, then that of the volume, then the group's.
    let inherit = AllocationPolicy::Inherit;
    let (cling, anywhere) = (AllocationPolicy::Cling, AllocationPolicy::Anywhere);
    for (asked, stored, of_group, is_free) in [
        (None, inherit, anywhere, true),
        (Some(inherit), anywhere, cling, true),
        (Some(anywhere), cling, cling, true),
        (Some(cling), anywhere, anywhere, false),
        (None, cling, anywhere, false),
        (None, inherit, cling, false),
    ] {
        entry.command.policy = asked;
        group.logical_volumes[0].policy = stored;
        group.policy = of_group;
        assert_eq!(
            may(&entry, &group, none, none),
            is_free,
            "{asked:?} {stored:?} {of_group:?}"
        );
    }
}

#[test]
fn a_volume_that_grew_is_compared_with_what_it_had_and_should_have_got() {
    let settings = Settings::default();
    let (mut entry, before) = made("lvcreate -l 10 -n x vg0 /dev/sda");
    entry.part = EntryPart::Grown;
    let line = "lvextend -l +5 vg0/x /dev/sdb:20-24";
    let command = read_commands(line).expect("a command")[0].1.clone();
    let after = simulate(&before, &command, &settings).expect("there is room");
    let had = existing(&before, "x").expect("it is there");
    let compared = |before: Option<&Existing>, added: Segment| {
        let interval = Interval {
            offset: 10,
            pieces: vec![added],
        };
        let goal = Goal {
            entry: &entry,
            interval: &interval,
            metadata: &[],
            logs: &[],
        };
        goal.compare(&after, before, &goal.legs()).is_ok()
    };
    assert!(compared(Some(&had), piece(1, 20, 5)));
    assert!(!compared(Some(&had), piece(1, 21, 5)));
    assert!(!compared(None, piece(1, 20, 5)), "it has more than that");
}

#[test]
fn what_was_added_is_told_apart_from_what_it_was_joined_with() {
    let settings = Settings::default();
    let (_, before) = made("lvcreate -l 10 -n x vg0 /dev/sda");
    let line = "lvextend -l +8 vg0/x /dev/sda:10-14:20-22";
    let command = read_commands(line).expect("a command")[0].1.clone();
    let after = simulate(&before, &command, &settings).expect("there is room");
    let had = existing(&before, "x").expect("it is there");
    let has = existing(&after, "x").expect("it is there");
    let more = added(Some(&had), &has, 1);
    assert_eq!(more, Some(vec![vec![piece(0, 10, 5), piece(0, 20, 3)]]));
    let all = added(None, &has, 1);
    assert_eq!(all, Some(vec![vec![piece(0, 0, 15), piece(0, 20, 3)]]));
    assert_eq!(added(Some(&had), &has, 2), None, "it has one leg");
}

#[test]
fn legs_that_a_command_made_in_another_order_are_those_it_made() {
    let settings = Settings::default();
    let (entry, group) = made("lvcreate -i 2 -l 20 -n x vg0 /dev/sda /dev/sdb");
    let line = "lvextend -l +10 vg0/x /dev/sda:10-14 /dev/sdb:30-34";
    let command = read_commands(line).expect("a command")[0].1.clone();
    let after = simulate(&group, &command, &settings).expect("there is room");
    let told = |pieces: &[Segment]| {
        let interval = Interval {
            offset: 10,
            pieces: pieces.to_vec(),
        };
        let goal = Goal {
            entry: &entry,
            interval: &interval,
            metadata: &[],
            logs: &[],
        };
        goal.reordered(&after)
    };
    // The first stripe goes on where it was, so its new piece has been joined with the old one.
    let built = [piece(0, 10, 5), piece(1, 30, 5)];
    let legs: Legs = built.iter().map(|piece| vec![*piece]).collect();
    assert_eq!(told(&built), Some(legs.clone()));
    assert_eq!(told(&[built[1], built[0]]), Some(legs));
    assert_eq!(told(&[piece(1, 31, 5), built[0]]), None);
    assert_eq!(told(&[built[0], piece(2, 30, 5)]), None);
}

#[test]
fn offers_are_tried_in_other_orders_until_the_goal_is_built_and_the_caller_is_content() {
    let settings = Settings::default();
    let (entry, _) = made("lvcreate -l 5 -n x");
    let group = read(include_str!("../../../../models/lvm2/three-disks.vg")).expect("metadata");
    let mut command = entry.command.clone();
    command.volume_group = Some(group.name.clone());
    let interval = Interval {
        offset: 0,
        pieces: vec![piece(0, 5, 5)],
    };
    let goal = Goal {
        entry: &entry,
        interval: &interval,
        metadata: &[],
        logs: &[],
    };
    // What is offered first is taken first: here by what is to stay free.
    let more = [piece(1, 0, 5)];
    let build = |suits: &dyn Fn(&VolumeGroup) -> bool| {
        let mut builder = Builder::new(&group, &settings, Order::AsPlanned);
        let is_built = builder.build_in_any_order(&command, &goal, &more, suits);
        let lies = existing(builder.group(), "x").map(|made| made.legs).ok();
        (is_built, lies, builder.into_commands().len())
    };
    let planned = Area::new(5, 5).expect("not empty");
    assert_eq!(build(&|_| true), (true, Some(vec![vec![(0, planned)]]), 1));
    assert_eq!(
        build(&|_| false),
        (false, None, 0),
        "nothing is left behind"
    );
}
