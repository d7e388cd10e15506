//! Capacity questions on drawn volume groups and commands of every type: what an answer claims is asked again.
//!
//! `EXTENTPLAN_CAPACITY_CASES` says how many are drawn.

use std::collections::BTreeSet;

use extentplan::ask::GroupModel;
use extentplan::capacity::{self, Change, Fit, Held, Model, Part, Purchase, Remedy, WhyNot};
use extentplan::core::{Answer, Area, Limits, Measure, Problem, Source, check};
use extentplan::lvm::simulate::simulate;
use extentplan::lvm::{LvCommand, Settings, VolumeGroup, read_command};
use extentplan::solve::{Strategy, solve, verify};

/// Cases that are drawn without another word.
const CASES: u64 = 16;

fn cases() -> u64 {
    let given = std::env::var("EXTENTPLAN_CAPACITY_CASES").ok();
    given.map_or(CASES, |words| words.parse().expect("a number"))
}

/// Numbers that look random and are the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % sides
    }

    fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let at = self.roll(words.len() as u64);
        words[usize::try_from(at).expect("small")]
    }
}

/// Shapes of new volumes, each with the options that make it.
const SHAPES: [&str; 16] = [
    "",
    "-i 2",
    "-i 3",
    "--type raid0 -i 2",
    "--type raid1 -m 1",
    "--type raid1 -m 2",
    "--type raid4 -i 2",
    "--type raid5 -i 2",
    "--type raid5 -i 3",
    "--type raid6 -i 3",
    "--type raid10 -i 2 -m 1",
    "--type mirror -m 1",
    "--type mirror -m 1 --mirrorlog core",
    "--type thin-pool",
    "--type cache-pool",
    "--alloc anywhere -i 2",
];

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(String::from).collect()
}

fn command(line: &str) -> LvCommand {
    read_command(&words(line)).unwrap_or_else(|error| panic!("{line}: {error}"))
}

/// A volume group with used gaps and tags, and a command that asks for one extent of something.
struct Drawn {
    group: VolumeGroup,
    line: String,
}

fn drawn(seed: u64) -> Drawn {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let count = 2 + dice.roll(5);
    let sources: Vec<Source> = (0..count)
        .map(|index| {
            let mut free = Vec::new();
            let mut at = dice.roll(2);
            for _ in 0..1 + dice.roll(4) {
                let length = 1 + dice.roll(24);
                free.extend(Area::new(at, length));
                at += length + 1 + dice.roll(5);
            }
            Source {
                name: format!("/dev/d{index}"),
                extents: at + 2,
                free: free.into_iter().collect(),
                tags: [format!("rack{}", index % 3)].into(),
                ..Source::default()
            }
        })
        .collect();
    let mut group = VolumeGroup::of_sources(&sources, 4 << 20).expect("whole sectors");
    let shape = dice.one_of(&SHAPES);
    let policy = if shape.contains("--alloc") {
        ""
    } else {
        dice.one_of(&["", "", "", "--alloc contiguous", "--alloc cling"])
    };
    let volumes = match dice.roll(6) {
        0 => "@rack0 @rack1".to_string(),
        1 => format!(
            "/dev/d0:0-19 {}",
            (1..count)
                .map(|d| format!("/dev/d{d} "))
                .collect::<String>()
        ),
        _ => String::new(),
    };
    let created = format!("lvcreate {shape} -n v");
    let grows = dice.roll(3) == 0 && !shape.contains("pool");
    if grows {
        let first = command(&format!("{created} -l 3 pool"));
        if let Ok(after) = simulate(&group, &first, &Settings::default()) {
            group = after;
            let line = format!("lvextend {policy} -l +1 pool/v {volumes}");
            return Drawn { group, line };
        }
    }
    let line = format!("{created} {policy} -l 1 pool {volumes}");
    Drawn { group, line }
}

/// Any plan, or why there is none.
fn fits(problem: &Problem) -> Answer {
    let anything = vec![Measure::Shortfall];
    let problem = problem.clone().with_objective(anything).expect("a measure");
    solve(&problem, &Strategy::default(), &Limits::none()).expect("no contradiction")
}

fn model(drawn: &Drawn) -> Option<GroupModel> {
    let commands = [command(&drawn.line)];
    GroupModel::new(drawn.group.clone(), &commands, Settings::default()).ok()
}

fn largest(model: &dyn Model) -> capacity::Largest {
    capacity::largest(model, 0, &Strategy::default(), &Limits::none()).expect("no contradiction")
}

/// What the draws came to.
#[derive(Debug, Default)]
struct Tally {
    asked: usize,
    unproven: Vec<String>,
    open_conflicts: usize,
    remedies: BTreeSet<&'static str>,
}

#[test]
fn every_answer_about_drawn_groups_holds_when_it_is_asked_again() {
    let mut tally = Tally::default();
    for seed in 0..cases() {
        let drawn = drawn(seed);
        let Some(model) = model(&drawn) else {
            continue;
        };
        tally.asked += 1;
        let at = format!("seed {seed}: {}", drawn.line);
        let stripes = model.problem().requests()[0].shape.stripes;
        let found = largest(&model);
        holds_largest(&at, &model, &found, &mut tally);
        holds_many(
            &at,
            &model,
            found.extents / stripes / 3 * stripes,
            &mut tally,
        );
        let more = found.bound + stripes * (1 + seed % 3);
        holds_why(&at, &drawn, &model, more, &mut tally);
    }
    eprintln!(
        "asked {}, not proven {}, conflicts not known to be minimal {}, remedies {:?}",
        tally.asked,
        tally.unproven.len(),
        tally.open_conflicts,
        tally.remedies
    );
    for line in &tally.unproven {
        eprintln!("  {line}");
    }
    assert!(tally.unproven.len() * 10 <= tally.asked, "{tally:#?}");
    assert!(tally.open_conflicts * 10 <= tally.asked, "{tally:#?}");
    assert!(tally.remedies.len() >= 6, "{tally:#?}");
}

fn holds_largest(at: &str, model: &GroupModel, found: &capacity::Largest, tally: &mut Tally) {
    let stripes = model.problem().requests()[0].shape.stripes;
    if let Some(layout) = &found.layout {
        assert_eq!(
            layout.problem.requests()[0].size.wanted(),
            found.extents,
            "{at}"
        );
        assert_eq!(check(&layout.problem, layout.plan()), Vec::new(), "{at}");
    } else {
        assert_eq!(found.extents, 0, "{at}");
    }
    for simpler in &found.simpler {
        let layout = &simpler.layout;
        assert!(simpler.extents < found.extents, "{at}");
        assert_eq!(check(&layout.problem, layout.plan()), Vec::new(), "{at}");
    }
    if !found.is_proven() {
        tally
            .unproven
            .push(format!("{at}: {} of {}", found.extents, found.bound));
    } else if let Some(more) = model.changed(0, &[Change::Extents(found.extents + stripes)]) {
        let answer = fits(&more);
        assert!(
            matches!(answer, Answer::Impossible { .. }),
            "{at}: {answer:?}"
        );
    }
}

fn holds_many(at: &str, model: &GroupModel, extents: u64, tally: &mut Tally) {
    let sized = (extents > 0).then(|| model.resized(0, extents)).flatten();
    let Some(sized) = sized else { return };
    let found = capacity::how_many(&sized, 0, 20, &Strategy::default(), &Limits::none());
    let found = found.expect("no contradiction");
    if let Some(layout) = &found.layout {
        assert_eq!(check(&layout.problem, layout.plan()), Vec::new(), "{at}");
    }
    assert!(found.count <= found.bound, "{at}");
    if found.bound == u64::MAX {
        return;
    }
    if !found.is_proven() {
        let (count, bound) = (found.count, found.bound);
        tally
            .unproven
            .push(format!("{at}: {count} of {bound} times {extents}"));
    } else if let Some(more) = sized.repeated(0, found.count + 1) {
        let answer = fits(&more);
        assert!(
            answer.plan().is_none(),
            "{at}: one more than {} fits",
            found.count
        );
    }
}

fn holds_why(at: &str, drawn: &Drawn, model: &GroupModel, extents: u64, tally: &mut Tally) {
    let Some(sized) = model.resized(0, extents) else {
        return;
    };
    let held: Vec<Held> = held(&drawn.group);
    let purchase = Purchase::default();
    let fit = capacity::why_not(
        &sized,
        &held,
        &purchase,
        &Strategy::default(),
        &Limits::none(),
    );
    match fit.expect("no contradiction") {
        Fit::Fits => panic!("{at}: {extents} extents fit, which is above the bound"),
        Fit::Open => tally.open_conflicts += 1,
        Fit::Not(why) => {
            holds_conflict(at, sized.problem(), &why, tally);
            for repair in &why.repairs {
                let layout = &repair.layout;
                assert_eq!(check(&layout.problem, layout.plan()), Vec::new(), "{at}");
                assert!(
                    is_made(sized.problem(), &repair.remedy, &layout.problem),
                    "{at}"
                );
                tally.remedies.insert(kind(&repair.remedy));
            }
        }
    }
}

fn holds_conflict(at: &str, problem: &Problem, why: &WhyNot, tally: &mut Tally) {
    let conflict = &why.conflict;
    verify(&conflict.refusal.problem, &conflict.refusal.why).expect("it adds up");
    if !conflict.is_minimal {
        tally.open_conflicts += 1;
        return;
    }
    let kept: BTreeSet<Part> = conflict.parts.iter().copied().collect();
    for part in &conflict.parts {
        let mut fewer = kept.clone();
        fewer.remove(part);
        let lifted = capacity::restricted(problem, &fewer).expect("a problem");
        assert!(
            fits(&lifted).plan().is_some(),
            "{at}: {part:?} is not needed"
        );
    }
}

/// Whether a problem is another one with a remedy made: it has what the remedy says, and no more.
fn is_made(before: &Problem, remedy: &Remedy, after: &Problem) -> bool {
    let free =
        |problem: &Problem| -> u64 { problem.sources().iter().map(|s| s.free.total()).sum() };
    let more = free(after) - free(before);
    let wanted = |problem: &Problem| problem.requests()[0].size.wanted();
    match remedy {
        Remedy::Grow { .. } | Remedy::Add { .. } | Remedy::Free { .. } => {
            more == remedy.extents() && wanted(after) == wanted(before)
        }
        Remedy::GrowAny { extents, .. } => more == *extents,
        Remedy::Policy { to, .. } => more == 0 && after.requests()[0].policy == *to,
        Remedy::Stripes { to, .. } => more == 0 && after.requests()[0].shape.stripes == *to,
        Remedy::Shrink { from, to, .. } => {
            more == 0 && wanted(before) == *from && wanted(after) == *to
        }
        Remedy::Drop { .. } => after.requests().len() < before.requests().len(),
    }
}

fn kind(remedy: &Remedy) -> &'static str {
    match remedy {
        Remedy::Grow { .. } => "grow",
        Remedy::GrowAny { .. } => "grow any",
        Remedy::Add { .. } => "add",
        Remedy::Free { .. } => "free",
        Remedy::Policy { .. } => "policy",
        Remedy::Stripes { .. } => "stripes",
        Remedy::Shrink { .. } => "shrink",
        Remedy::Drop { .. } => "drop",
    }
}

fn held(group: &VolumeGroup) -> Vec<Held> {
    let volumes = group.logical_volumes.iter();
    let pieces = volumes.flat_map(|volume| {
        let segments = volume.segments.iter().flat_map(|one| one.physical());
        segments.map(|(source, area)| Held {
            holder: volume.name.clone(),
            source,
            areas: area.into(),
        })
    });
    pieces.collect()
}

#[test]
fn more_free_extents_never_lower_the_largest_size_or_the_count() {
    for seed in 0..cases() / 3 {
        let drawn = drawn(seed);
        let mut wider = Drawn {
            group: drawn.group.clone(),
            line: drawn.line.clone(),
        };
        let name = drawn.group.physical_volumes[0].device.clone();
        let extents = drawn.group.physical_volumes[0].extents + 1 + seed % 9;
        wider.group.resize_disk(&name, extents).expect("it grows");
        let (Some(before), Some(after)) = (model(&drawn), model(&wider)) else {
            continue;
        };
        let (small, large) = (largest(&before), largest(&after));
        assert!(
            small.extents <= large.extents,
            "seed {seed}: {}",
            drawn.line
        );
        let again = largest(&before);
        let plan = |one: &capacity::Largest| one.layout.as_ref().map(|l| l.plan().clone());
        assert_eq!(plan(&small), plan(&again), "seed {seed}: {}", drawn.line);
    }
}
