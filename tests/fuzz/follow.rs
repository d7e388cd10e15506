//! What goes on after a text was read: every room that would see it, on small limits.

use std::time::{Duration, Instant};

use extentplan::ask::{Made, Pool, pool_report};
use extentplan::core::{Answer, Limits, Plan, Problem, check, cost, explain};
use extentplan::ip::{self, Formulation};
use extentplan::lvm::{self, LvCommand, Settings, VolumeGroup};
use extentplan::show::{self, Holding, MapStyle};
use extentplan::solve::{Strategy, solve, verify};
use extentplan::{greedy, json};

use crate::random::Random;

/// Legs times areas up to which a problem is solved: past it a construction alone may take its time.
const MOST_PLACES: u128 = 600;
const MAP: MapStyle = MapStyle {
    width: 80,
    has_blocks: false,
    is_coloured: false,
};

/// Commands that are asked for of whatever group was read.
const COMMANDS: [&str; 14] = [
    "lvcreate -l 3 -n new",
    "lvcreate -l 100%FREE -n new",
    "lvcreate -i 2 -l 8 -n new",
    "lvcreate -i 2 -l 50%VG -n new",
    "lvcreate --type raid1 -m 1 -l 5 -n new",
    "lvcreate --type raid5 -i 2 -l 40%PVS -n new",
    "lvcreate --type raid10 -i 2 -m 1 -l 4 -n new",
    "lvcreate --type mirror -m 1 -l 4 -n new",
    "lvcreate --alloc contiguous -l 9 -n new",
    "lvcreate --alloc cling -l 2 -n new",
    "lvcreate --type thin-pool -L 64M -n new",
    "lvcreate --type cache-pool -L 1G -n new",
    "lvcreate -L 16E -n new",
    "lvcreate --alloc anywhere -i 2 -l 10 -n new",
];

/// A volume group that was read.
pub(crate) fn group(group: &VolumeGroup, random: &mut Random) {
    let sources = lvm::sources(group);
    let free: u128 = group
        .free()
        .iter()
        .map(|areas| u128::from(areas.total()))
        .sum();
    let all = group
        .physical_volumes
        .iter()
        .map(|volume| u128::from(volume.extents));
    assert!(free <= all.sum::<u128>());
    let _ = lvm::audit(group, &[]);
    for volume in &group.logical_volumes {
        let _ = lvm::existing(group, &volume.name);
    }
    let _ = show::map(&sources, &[], MAP);
    let report = pool_report(&Pool::Group(group.clone()), String::new(), &Made::default());
    let _ = (show::drawing(&report), show::page(&report));
    let _ = show::bytes(group.free_count(), group.extent_bytes());
    let mut texts = vec![(*random.pick(&COMMANDS)).to_string()];
    if let Some(volume) = group
        .logical_volumes
        .iter()
        .find(|volume| volume.is_visible())
        && random.below(2) == 0
    {
        texts.push(format!(
            "lvextend -l +{} {}",
            1 + random.below(9),
            volume.name
        ));
    }
    let commands: Vec<LvCommand> = texts
        .iter()
        .filter_map(|text| lvm::read_commands(text).ok())
        .flatten()
        .map(|(_, command)| command)
        .collect();
    self::commands(group, &commands, &Settings::default(), random);
}

/// Commands on a volume group: imported, planned, exported, and tried on the simulated LVM2.
pub(crate) fn commands(
    group: &VolumeGroup,
    commands: &[LvCommand],
    settings: &Settings,
    random: &mut Random,
) {
    let mut simulated = group.clone();
    for command in commands {
        match lvm::simulate::simulate(&simulated, command, settings) {
            Ok(after) => simulated = after,
            Err(refusal) => drop(refusal.to_string()),
        }
    }
    match lvm::import(group, commands, settings) {
        Err(error) => drop(error.to_string()),
        Ok((problem, dictionary)) => {
            let Some(plan) = self::problem(&problem, Some(group.extent_bytes()), random) else {
                return;
            };
            match lvm::arranged(group, &dictionary, &plan) {
                Ok((plan, commands)) => {
                    assert_eq!(check(&problem, &plan), []);
                    let _ = lvm::script(group, &dictionary, &commands);
                }
                Err(error) => drop(error.to_string()),
            }
        }
    }
}

/// A problem that was read: written and read again, shown, planned on small limits, written as a program.
pub(crate) fn problem(
    problem: &Problem,
    extent_bytes: Option<u64>,
    random: &mut Random,
) -> Option<Plan> {
    let text = json::write_problem(problem, extent_bytes);
    let again = json::read_document(&text).expect("what is written is read");
    assert_eq!(
        (&again.problem, again.extent_bytes),
        (problem, extent_bytes)
    );
    let _ = show::map(problem.sources(), &[], MAP);
    let pool = Pool::Native(again);
    let report = pool_report(&pool, String::new(), &Made::default());
    let _ = (show::drawing(&report), show::page(&report));
    if places(problem) > MOST_PLACES {
        return None;
    }
    if random.below(4) == 0 {
        for formulation in [Formulation::Areas, Formulation::Counted] {
            if let Ok(program) = ip::compile(problem, formulation, None) {
                for write in [ip::write_lp, ip::write_mps, ip::write_opb] {
                    drop(write(&program, 0));
                }
            }
        }
    }
    let started = Instant::now();
    let remaining = move || Some(Duration::from_millis(500).saturating_sub(started.elapsed()));
    let limits = Limits {
        remaining: &remaining,
        nodes: 300,
        memory_bytes: 32 << 20,
        ..Limits::none()
    };
    let strategy = Strategy {
        greedy: Some(greedy::Settings::default()),
        search: true,
        program: (random.below(16) == 0).then(ip::Backend::default),
        walks_on: false,
        certify: true,
    };
    let answer = solve(problem, &strategy, &limits).expect("no room contradicts another");
    answered(problem, &answer);
    answer.plan().cloned()
}

/// Legs and logs times areas.
fn places(problem: &Problem) -> u128 {
    let areas: usize = problem
        .sources()
        .iter()
        .map(|source| source.free.len())
        .sum();
    let legs = problem.requests().iter().map(|request| {
        let logs = request.log.map_or(0, |log| log.count);
        request.legs() as u128 + u128::from(logs)
    });
    (areas + problem.sources().len()) as u128 * legs.sum::<u128>()
}

/// An answer: written, read again, and judged.
fn answered(problem: &Problem, answer: &Answer) {
    let text = json::write_answer(problem, answer, None);
    let document = json::read_plan(&text, problem).expect("what is written is read");
    assert_eq!(document.plan.as_ref(), answer.plan());
    match answer {
        Answer::Best { plan, cost, .. } | Answer::Found { plan, cost, .. } => {
            assert_eq!(check(problem, plan), []);
            assert_eq!(extentplan::core::cost(problem, plan), *cost);
            assert!(answer.lower_bound().0 <= cost.0, "a bound above the cost");
            let _ = show::layout(problem, plan, Some(4 << 20), &["tmeta"]);
            let holdings = plan.segments().map(|segment| Holding {
                source: segment.source,
                area: segment.area,
                mark: 'a',
            });
            let _ = show::map(problem.sources(), &holdings.collect::<Vec<_>>(), MAP);
        }
        Answer::Impossible { why } => {
            assert_eq!(verify(problem, why), Ok(()));
            let _ = explain(problem, why);
        }
        Answer::Unknown { .. } => {}
    }
}

/// A plan that was read beside its problem.
pub(crate) fn plan(problem: &Problem, document: &json::PlanDocument) {
    if let Some(plan) = &document.plan {
        let violations = check(problem, plan);
        violations
            .iter()
            .for_each(|violation| drop(violation.to_string()));
        if violations.is_empty() {
            let _ = cost(problem, plan);
            let _ = show::layout(problem, plan, None, &[]);
        }
    }
    if let Some(why) = &document.why
        && verify(problem, why).is_ok()
    {
        let _ = explain(problem, why);
    }
}
