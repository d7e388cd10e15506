//! Proofs for VeriPB: of the easy models, checked by `veripb` where it is installed.

use std::fs;
use std::path::Path;
use std::process::Command;

use extentplan::core::{Answer, Conflict, Limits, Problem, explain, verify};
use extentplan::ip::{self, Backend, Claim, Formulation};
use extentplan::json::read_document;
use extentplan::solve::{Strategy, solve};

/// The easy models by name.
fn models() -> Vec<(String, Problem)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models/easy");
    let entries = fs::read_dir(folder).expect("the models");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .filter(|name| name.ends_with(".json") && !name.contains(".answer."))
        .collect();
    names.sort();
    names
        .into_iter()
        .map(|name| {
            let text = fs::read_to_string(format!("{folder}/{name}")).expect("a model");
            let document = read_document(&text).expect("a problem");
            (name, document.problem)
        })
        .collect()
}

/// All that an answer claims: each measure of what is best, and of the first that there is not less than one less; or that
/// there is no plan.
fn bounds(answer: &Answer) -> Vec<Vec<u64>> {
    match answer {
        Answer::Best { cost, .. } => {
            let mut bounds: Vec<Vec<u64>> = (1..=cost.0.len())
                .map(|count| cost.0[..count].to_vec())
                .collect();
            bounds.extend(cost.0[0].checked_sub(1).map(|less| vec![less]));
            bounds
        }
        Answer::Impossible { .. } => vec![Vec::new()],
        Answer::Found { .. } | Answer::Unknown { .. } => panic!("the models are easy"),
    }
}

/// Runs the checker: what it says of a proof, or nothing where it refuses it.
fn checked(folder: &Path, formula: &str, proof: &str) -> Option<String> {
    let (formula_at, proof_at) = (folder.join("p.opb"), folder.join("p.pbp"));
    fs::write(&formula_at, formula).expect("written");
    fs::write(&proof_at, proof).expect("written");
    let checked = Command::new("veripb")
        .args([&formula_at, &proof_at])
        .output();
    let checked = checked.expect("it is installed");
    let is_right = checked.status.success();
    is_right.then(|| String::from_utf8_lossy(&checked.stdout).into_owned())
}

fn conflict(answer: &Answer) -> &Conflict {
    match answer {
        Answer::Impossible { why } => why,
        _ => panic!("it has a plan, or may have one"),
    }
}

/// Makes a proof wrong.
type Spoil = fn(&str) -> String;

#[test]
fn the_easy_models_are_proven_to_another_program() {
    let has_checker = Command::new("veripb").arg("--version").output().is_ok();
    if !has_checker {
        eprintln!(
            "veripb is not installed (cargo install veripb --locked): proofs are written and not checked"
        );
    }
    let folder = tempfile::TempDir::new().expect("a folder");
    let limits = Limits {
        nodes: 2_000,
        ..Limits::none()
    };
    let mut open = Vec::new();
    let (mut all, mut written) = (0, 0);
    let spoils: [(&str, Spoil); 7] = [
        ("a conclusion of one more", one_more),
        ("without its sums of rows", without_sums),
        ("without the first row of each sum", without_first_rows),
        ("without the step that closes the tree", without_last_step),
        ("without its first leaf", without_first_leaf),
        ("a decision the other way round", another_sign),
        ("another multiplier in each sum", another_multiplier),
    ];
    // Of those that could be spoiled, and were refused.
    let mut refused = [(0, 0); 7];
    for (name, problem) in models() {
        let answer = solve(&problem, &Strategy::default(), &Limits::none()).expect("an answer");
        for bound in bounds(&answer) {
            let claim = match answer.plan() {
                Some(plan) => Claim::Least {
                    position: bound.len() - 1,
                    bound: &bound,
                    plan,
                    certificate: answer
                        .certificates()
                        .get(bound.len() - 1)
                        .and_then(Option::as_ref),
                },
                None => Claim::Impossible {
                    why: conflict(&answer),
                },
            };
            all += 1;
            let formulation = Formulation::of(&problem);
            let logged = ip::prove(&problem, claim, formulation, Backend::default(), &limits);
            let Ok(Some(logged)) = logged else {
                open.push(format!("{name} {bound:?}"));
                continue;
            };
            written += 1;
            if !has_checker {
                continue;
            }
            let said = checked(folder.path(), &logged.formula, &logged.proof);
            let said = said.unwrap_or_else(|| panic!("{name} {bound:?} is refused"));
            assert!(said.contains("VERIFIED BOUNDS"), "{name} {bound:?}: {said}");
            let is_best = answer.cost().is_none_or(|best| best.0.starts_with(&bound));
            // A bound of less than the best may be true of one more.
            let spoils = spoils.iter().zip(&mut refused).skip(usize::from(!is_best));
            for ((_, spoil), refused) in spoils.filter(|_| all % 3 == 0) {
                let spoiled = spoil(&logged.proof);
                if spoiled != logged.proof {
                    refused.0 += 1;
                    let is_refused = checked(folder.path(), &logged.formula, &spoiled).is_none();
                    refused.1 += usize::from(is_refused);
                }
            }
        }
    }
    assert!(
        written * 40 > all * 39,
        "{written} of {all}; open: {open:?}"
    );
    eprintln!("{written} of {all} proofs, open: {open:?}");
    for ((kind, _), (tried, refused)) in spoils.iter().zip(refused) {
        eprintln!("{kind}: {refused} of {tried} refused");
        // Some follow from the formula by unit propagation alone.
        assert!(!has_checker || refused > 0, "{kind}");
    }
    assert_eq!(
        refused[0].0, refused[0].1,
        "one more than the best is never true"
    );
}

/// The proof without its sums of rows.
fn without_sums(proof: &str) -> String {
    let lines = proof.lines().filter(|line| !line.starts_with("pol"));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The proof with a conclusion of one more.
fn one_more(proof: &str) -> String {
    let line = |line: &str| {
        let Some(rest) = line.strip_prefix("conclusion BOUNDS ") else {
            return format!("{line}\n");
        };
        let (bound, rest) = rest.split_once(' ').expect("a bound");
        match bound.parse::<i64>() {
            Ok(bound) => format!("conclusion BOUNDS {} {rest}\n", bound + 1),
            Err(_) => format!("{line}\n"),
        }
    };
    proof.lines().map(line).collect()
}

/// The proof without the first row of each sum of several.
fn without_first_rows(proof: &str) -> String {
    let line = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["pol", _, _, "*", second, by, "*", "+", rest @ ..]
            | ["pol", _, _, "*", second, by, "*", rest @ ..] => {
                format!("pol {second} {by} * {}\n", rest.join(" "))
            }
            _ => format!("{line}\n"),
        }
    };
    proof.lines().map(line).collect()
}

/// The proof without what closes it at the root.
fn without_last_step(proof: &str) -> String {
    let lines = proof.lines();
    let lines = lines.filter(|line| !line.starts_with("rup >= 1 :"));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The proof of a tree without its first leaf: the sum, and what follows from it.
fn without_first_leaf(proof: &str) -> String {
    let lines: Vec<&str> = proof.lines().collect();
    let first = lines.iter().position(|line| line.starts_with("pol"));
    let is_tree = proof.matches("\npol").count() > 1;
    let leaf = first.filter(|_| is_tree).map(|first| first..first + 2);
    let kept = lines.iter().enumerate();
    let kept = kept.filter(|(index, _)| !leaf.as_ref().is_some_and(|leaf| leaf.contains(index)));
    kept.map(|(_, line)| format!("{line}\n")).collect()
}

/// The proof with the first decision of its first leaf the other way round.
fn another_sign(proof: &str) -> String {
    match proof.split_once("\nrup +1 ~") {
        Some((before, after)) => format!("{before}\nrup +1 {after}"),
        None => proof.to_string(),
    }
}

/// The proof with half of the first multiplier of each sum.
fn another_multiplier(proof: &str) -> String {
    let line = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["pol", row, by, "*", rest @ ..] => {
                let half = by.parse::<i64>().map_or(1, |by| by / 2);
                format!("pol {row} {half} * {}\n", rest.join(" "))
            }
            _ => format!("{line}\n"),
        }
    };
    proof.lines().map(line).collect()
}

/// What `models/PROOFS.md` reads line by line is what is written.
#[test]
fn the_page_about_proofs_shows_what_is_written() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/models");
    let read = |name: &str| fs::read_to_string(format!("{root}/{name}")).expect("it is there");
    let document = read_document(&read("easy/linear-fewest-areas.json")).expect("a problem");
    let problem = document.problem;
    let answer = solve(&problem, &Strategy::default(), &Limits::none()).expect("an answer");
    let (cost, plan) = (answer.cost().expect("a plan"), answer.plan());
    let claim = Claim::Least {
        position: 0,
        bound: &cost.0[..1],
        plan: plan.expect("a plan"),
        certificate: None,
    };
    let formulation = Formulation::of(&problem);
    let logged = ip::prove(
        &problem,
        claim,
        formulation,
        Backend::default(),
        &Limits::none(),
    );
    let logged = logged.expect("a program").expect("a proof");
    let page = read("PROOFS.md");
    let block = |text: &str| {
        let lines = text.lines().map(|line| format!("    {line}\n"));
        lines.collect::<String>()
    };
    assert!(page.contains(&block(&logged.proof)), "{}", logged.proof);
    let formula = logged.formula.split_once("* one = 1\n").expect("columns").1;
    assert!(page.contains(&block(formula)), "{formula}");
}

/// What each leg costs is shown first where the whole is too much for one tree: the proof stands on that.
#[test]
fn larger_proofs_stand_on_what_single_legs_cost() {
    let has_checker = Command::new("veripb").arg("--version").output().is_ok();
    let folder = tempfile::TempDir::new().expect("a folder");
    for (name, legs) in [("a-12-s16-a5-l5-w950", 5), ("f-13-s30-a6-k4-l4-w950", 4)] {
        let path = format!("{}/models/medium/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let document = read_document(&fs::read_to_string(path).expect("it is there"));
        let problem = document.expect("a problem").problem;
        let answer = solve(&problem, &Strategy::default(), &Limits::none()).expect("an answer");
        let (cost, plan) = (answer.cost().expect("a plan"), answer.plan());
        let proven = |certificate, nodes| {
            let claim = Claim::Least {
                position: 0,
                bound: &cost.0[..1],
                plan: plan.expect("a plan"),
                certificate,
            };
            let limits = Limits::none().with_nodes(nodes);
            let formulation = Formulation::of(&problem);
            let logged = ip::prove(&problem, claim, formulation, Backend::default(), &limits);
            logged.expect("a program")
        };
        assert_eq!(proven(None, 5_000), None, "{name}: one tree is enough");
        let logged = proven(answer.certificates()[0].as_ref(), 100_000).expect("a proof");
        let shown = logged.proof.matches(" : subproof\n").count();
        assert_eq!(shown, legs + 1, "{name}: the legs, and the whole");
        if has_checker {
            let said = checked(folder.path(), &logged.formula, &logged.proof);
            assert!(
                said.is_some_and(|said| said.contains("VERIFIED BOUNDS")),
                "{name}"
            );
            let (head, rest) = logged.proof.split_once("pbc").expect("a leg");
            let (_, rest) = rest.split_once("qed pbc : -1 ;\n").expect("its end");
            let spoiled = format!("{head}{rest}");
            let said = checked(folder.path(), &logged.formula, &spoiled);
            assert_eq!(said, None, "{name} without its first leg");
        }
    }
}

/// With next to nothing to spare a source that completes no leg is refuted by prices, and so are groups of sources by those
/// of their tags; both are proven to another program, too.
#[test]
fn what_completes_no_leg_is_refuted_by_prices() {
    let has_checker = Command::new("veripb").arg("--version").output().is_ok();
    let mut counted = 0;
    let folder = tempfile::TempDir::new().expect("a folder");
    for (name, says) in [
        (
            "medium/t-12-l8-m1",
            "has to be used to the last extent: no leg is filled so by source `s00`",
        ),
        (
            "medium/p-12-l6-e4-m1",
            "has to be used to the last extent: no leg is filled so by source `s00`",
        ),
        (
            "hard/z-22-s24-a3-l6",
            "5 extents can be left over: no leg is filled so by source `s00`",
        ),
        (
            "hard/d-23-s200-r40-l16-w970",
            "on different tags; with 7 tags at 2, 33 tags at 1 priced",
        ),
    ] {
        let path = format!("{}/models/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let document = read_document(&fs::read_to_string(path).expect("it is there"));
        let problem = document.expect("a problem").problem;
        let answer = solve(&problem, &Strategy::default(), &Limits::none()).expect("an answer");
        let why = conflict(&answer);
        let told = explain(&problem, why);
        assert!(told.contains(says), "{name}: {told}");
        assert_eq!(verify(&problem, why), Ok(()), "{name}");
        let mut spoiled = why.clone();
        if let Conflict::Prices {
            prices,
            tags,
            cover,
            ..
        } = &mut spoiled
        {
            // The prices then come to what the legs cost.
            prices.iter_mut().for_each(|(_, price)| *price += *cover);
            tags.iter_mut().for_each(|(_, price)| *price += *cover);
        }
        assert!(verify(&problem, &spoiled).is_err(), "{name}: {spoiled:?}");
        let claim = Claim::Impossible { why };
        let formulation = Formulation::of(&problem);
        let limits = Limits::none();
        let logged = ip::prove(&problem, claim, formulation, Backend::default(), &limits);
        let logged = logged.expect("a program").expect("a proof");
        if has_checker {
            let said = checked(folder.path(), &logged.formula, &logged.proof);
            let is_proven = said.is_some_and(|said| said.contains("VERIFIED BOUNDS INF"));
            assert!(is_proven, "{name}");
            if let Some(spoiled) = divided_by_more(&logged.proof) {
                let said = checked(folder.path(), &logged.formula, &spoiled);
                assert_eq!(said, None, "{name} with a count that does not follow");
                counted += 1;
            }
        }
    }
    assert!(counted > 0 || !has_checker, "no proof counts");
}

/// A proof in which the first count is divided by twice as much, if it counts.
fn divided_by_more(proof: &str) -> Option<String> {
    let line = proof.lines().find(|line| line.ends_with(" d ;"))?;
    let (rest, by) = line.strip_suffix(" d ;")?.rsplit_once(' ')?;
    let by: u64 = by.parse().ok()?;
    Some(proof.replacen(line, &format!("{rest} {} d ;", 2 * by), 1))
}

#[test]
fn every_measure_has_files_of_its_own_and_nothing_is_left_of_an_answer_before() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let base = folder.path().join("two words");
    let write = |model: &str| {
        let path = format!("{}/models/easy/{model}", env!("CARGO_MANIFEST_DIR"));
        let mut program = Command::new(env!("CARGO_BIN_EXE_extentplan"));
        let planned = program.args(["plan", &path, "--proof"]).arg(&base).output();
        let planned = planned.expect("it runs");
        assert!(matches!(planned.status.code(), Some(0 | 1)), "{planned:?}");
        String::from_utf8(planned.stderr).expect("text")
    };
    let said = write("linear-fewest-areas.json");
    for ending in ["opb", "pbp", "sources.opb", "sources.pbp"] {
        assert!(base.with_extension(ending).exists(), "{ending}");
    }
    let quoted = format!("veripb '{0}.opb' '{0}.pbp'", base.display());
    assert!(said.contains(&quoted), "{said}");
    write("batch-too-much.json");
    assert!(base.with_extension("opb").exists());
    assert!(!base.with_extension("sources.opb").exists());
}

#[test]
fn nothing_is_written_over_that_is_no_proof() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let model = format!(
        "{}/models/easy/linear-fewest-areas.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let refused = |words: &[&str], says: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_extentplan"));
        let ran = program
            .current_dir(folder.path())
            .args(["plan", &model])
            .args(words)
            .output()
            .expect("it runs");
        let said = String::from_utf8(ran.stderr).expect("text");
        assert_eq!(ran.status.code(), Some(2), "{words:?}: {said}");
        assert!(said.contains(says), "{words:?}: {said}");
        assert!(ran.stdout.is_empty(), "{words:?}");
    };
    fs::write(at("mine.opb"), "* #variable= 0 #constraint= 0\n").expect("written");
    fs::write(at("mine.sources.pbp"), "precious").expect("written");
    refused(&["--proof", "mine"], "mine.sources.pbp is there");
    assert!(
        at("mine.opb").exists(),
        "nothing is removed before all is looked at"
    );
    let kept = fs::read_to_string(at("mine.sources.pbp")).expect("it is there");
    assert_eq!(kept, "precious");
    let both = ["--proof", "both", "--problem-out", "./both.opb"];
    refused(&both, "--problem-out and --proof both write both.opb");
    assert!(!at("both.opb").exists());
    refused(&["--proof", "./"], "found a folder");
}
