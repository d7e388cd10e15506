//! The largest size on recorded pools: never smaller than what LVM2's `100%FREE` reaches, and where it is
//! claimed proven, one row of stripes more is proven impossible.
//!
//! `EXTENTPLAN_RECORDED_CASES` says how many placements.

#[allow(dead_code, unreachable_pub, reason = "shared by several test files")]
mod recordings;

use extentplan::ask::GroupModel;
use extentplan::capacity::{self, Change, Model};
use extentplan::core::{Answer, Limits, Measure, Problem, check};
use extentplan::json::write_problem;
use extentplan::lvm::replay::{RecordedPlacement, placements};
use extentplan::lvm::simulate::simulate;
use extentplan::lvm::{LvCommand, SizeArgument, Verb, Version, VolumeGroup, existing};
use extentplan::solve::{Strategy, solve};

/// Placements that are asked about without another word.
const CASES: usize = 16;

fn cases() -> usize {
    let given = std::env::var("EXTENTPLAN_RECORDED_CASES").ok();
    given.map_or(CASES, |words| words.parse().expect("a number"))
}

/// Every so manyth placement of a recording.
fn recorded(name: &str, wanted: usize) -> Vec<RecordedPlacement> {
    let file = recordings::open(name);
    let all = placements(file, Version::NEWEST).expect("a recording");
    let all: Vec<RecordedPlacement> = all
        .map(|one| one.expect("a recording"))
        .filter(|one| one.command.size.is_some() && is_covered(one))
        .collect();
    let step = (all.len() / wanted.max(1)).max(1);
    all.into_iter().step_by(step).take(wanted).collect()
}

/// Linear, striped and RAID volumes; mirrors and pools have companions that LVM2 places by luck.
fn is_covered(placement: &RecordedPlacement) -> bool {
    match placement.command.verb {
        Verb::Create | Verb::Extend => true,
        Verb::Convert | Verb::Change => false,
    }
}

fn sized(command: &LvCommand, words: &str) -> LvCommand {
    let mut sized = command.clone();
    sized.size = Some(SizeArgument::read_extents(words).expect("a size"));
    sized
}

/// Logical extents that the volume of a command has got.
fn extents(group: &VolumeGroup, command: &LvCommand) -> u64 {
    let name = command.name.as_deref().unwrap_or("lvol0");
    let volume = group.logical_volume(name);
    volume.map_or(0, |volume| volume.extents())
}

/// What LVM2 reaches with `100%FREE`, 0 where it refuses, and whether that layout keeps the rules of plans.
fn reached(placement: &RecordedPlacement) -> (u64, bool) {
    let words = match placement.command.verb {
        Verb::Extend => "+100%FREE",
        Verb::Create | Verb::Convert | Verb::Change => "100%FREE",
    };
    let command = sized(&placement.command, words);
    let before = extents(&placement.group, &command);
    let Ok(after) = simulate(&placement.group, &command, &placement.settings) else {
        return (0, true);
    };
    let got = extents(&after, &command) - before;
    (got, keeps_rules(&after, &command))
}

/// Whether each leg's metadata lies right in front of its data. On disks of single extents LVM2 fills a whole
/// area with metadata and goes on elsewhere, which no command can be made to do.
fn keeps_rules(group: &VolumeGroup, command: &LvCommand) -> bool {
    let name = command.name.as_deref().unwrap_or("lvol0");
    let Ok(volume) = existing(group, name) else {
        return true;
    };
    let mut pairs = volume.metadata.iter().zip(&volume.legs);
    pairs.all(|(metadata, leg)| match (metadata.last(), leg.first()) {
        (Some((on, metadata)), Some((of, data))) => on == of && metadata.end() == data.start(),
        (_, _) => true,
    })
}

fn any_plan(problem: &Problem) -> Answer {
    let anything = vec![Measure::Shortfall];
    let problem = problem.clone().with_objective(anything).expect("a measure");
    solve(&problem, &Strategy::default(), &Limits::none()).expect("no contradiction")
}

/// What a run over placements came to.
#[derive(Debug, Default)]
struct Tally {
    asked: usize,
    passed_over: usize,
    larger: usize,
    outside: Vec<String>,
    unproven: Vec<String>,
}

fn ask(placement: &RecordedPlacement, tally: &mut Tally) {
    let at = format!("{} step {}", placement.scenario, placement.step);
    let smallest = match placement.command.verb {
        Verb::Extend => "+1",
        Verb::Create | Verb::Convert | Verb::Change => "1",
    };
    let command = sized(&placement.command, smallest);
    let group = placement.group.clone();
    let Ok(model) = GroupModel::new(group, &[command], placement.settings.clone()) else {
        tally.passed_over += 1;
        return;
    };
    let request = &model.problem().requests()[0];
    if request.log.is_some() || model.problem().requests().len() > 1 {
        tally.passed_over += 1;
        return;
    }
    let stripes = request.shape.stripes;
    let found = capacity::largest(&model, 0, &Strategy::default(), &Limits::none());
    let found = found.expect("no contradiction");
    let (reached, keeps_rules) = reached(placement);
    if found.extents < reached && !keeps_rules {
        tally
            .outside
            .push(format!("{at}: {} of {reached}", found.extents));
        return;
    }
    assert!(
        found.extents >= reached,
        "{at}: {} is less than the {reached} of LVM2: {}\n{}",
        found.extents,
        placement.command,
        write_problem(model.problem(), None)
    );
    if let Some(layout) = &found.layout {
        assert_eq!(check(&layout.problem, layout.plan()), Vec::new(), "{at}");
    }
    tally.asked += 1;
    tally.larger += usize::from(found.extents > reached);
    if !found.is_proven() {
        tally.unproven.push(format!(
            "{at}: {} of {}: {}",
            found.extents, found.bound, placement.command
        ));
    } else if let Some(more) = model.changed(0, &[Change::Extents(found.extents + stripes)]) {
        let answer = any_plan(&more);
        assert!(
            matches!(answer, Answer::Impossible { .. }),
            "{at}: one row more than {}: {answer:?}: {}",
            found.extents,
            placement.command
        );
    }
}

#[test]
fn the_largest_size_is_never_below_what_lvm2_reaches() {
    let mut tally = Tally::default();
    for name in [
        "recorded-lvm2-2.03.40.jsonl.gz",
        "random-2000-lvm2-2.03.40.jsonl.gz",
    ] {
        for placement in recorded(name, cases() / 2) {
            ask(&placement, &mut tally);
        }
    }
    eprintln!(
        "asked {}, passed over {}, larger than LVM2's {}, not proven {}, LVM2 outside the rules {}",
        tally.asked,
        tally.passed_over,
        tally.larger,
        tally.unproven.len(),
        tally.outside.len()
    );
    for line in tally.unproven.iter().chain(&tally.outside) {
        eprintln!("  {line}");
    }
    assert!(tally.unproven.len() * 10 <= tally.asked, "{tally:?}");
}
