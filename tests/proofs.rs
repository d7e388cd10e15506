//! Certificates of bounds: whatever they say, none that holds is above the best that an exhaustive search
//! finds.

mod common;

use std::fs;
use std::process::Command;

use common::oracle;
use common::random::{Random, cases};
use common::tiny;
use extentplan::core::{
    Answer, Bound, BranchReason, Branches, Certificate, Conflict, Limits, Measure, Prices, Problem,
    Separation, verify_bound,
};
use extentplan::ip;
use extentplan::json::{read_plan, read_problem, write_answer};
use extentplan::solve::{Strategy, solve};

/// Certificates of nothing in particular: what they come to has to be true all the same.
fn any_certificate(random: &mut Random, problem: &Problem, position: usize) -> Certificate {
    if random.below(4) == 0 {
        return Certificate::Counting {
            worth: random.below(4),
        };
    }
    if random.below(3) == 0 {
        return Certificate::Degrees {
            removed: random.below(2),
            piece: random.below(8),
            own: random.below(8),
            parts: 1 + random.below(3),
        };
    }
    let is_counted = |measure: Measure| measure.adds_up();
    let objective = problem.objective()[..position].iter();
    let weights = objective.map(|measure| match is_counted(*measure) {
        true => random.below(3) * random.below(20),
        false => 0,
    });
    let mut weights: Vec<u64> = weights.collect();
    weights.push(12);
    let mut prices = Prices {
        weights,
        ..Prices::default()
    };
    let most = 1 + random.below(8);
    for (source, of) in problem.sources().iter().enumerate() {
        for area in of.free.iter() {
            let price = random.below(most + 1);
            prices.areas.push((source, area.start(), price));
        }
    }
    for (index, request) in problem.requests().iter().enumerate() {
        for source in 0..problem.sources().len() {
            if random.below(3) == 0 {
                prices.shares.push((index, source, random.below(most + 1)));
            }
        }
        if request.separation() == Separation::Leg && random.below(2) == 0 {
            for source in 0..problem.sources().len() {
                if request.grows.is_none() {
                    prices.touches.push((index, source, random.below(8)));
                }
            }
        }
        for tag in request
            .partition_by_tags
            .iter()
            .filter(|_| request.grows.is_none())
        {
            prices.tags.push((index, tag.clone(), random.below(8)));
        }
    }
    Certificate::Prices(prices)
}

#[test]
fn no_certificate_holds_for_more_than_the_best() {
    let (mut met, mut all) = (0, 0);
    for seed in 0..cases(3_000) {
        let problem = tiny::problem(seed);
        let Some(best) = oracle::best(&problem) else {
            continue;
        };
        let mut random = Random(seed);
        for (position, measure) in problem.objective().iter().enumerate() {
            let mut claim = best.0[..=position].to_vec();
            let mut is_met = false;
            for _ in 0..8 {
                let certificate = any_certificate(&mut random, &problem, position);
                claim[position] = best.0[position] + 1;
                let above = verify_bound(&problem, &Bound(claim.clone()), position, &certificate);
                assert!(
                    above.is_err(),
                    "seed {seed}: {measure} {} is best, not more: {certificate:?}\n{problem:?}",
                    best.0[position]
                );
                claim[position] = best.0[position];
                is_met |=
                    verify_bound(&problem, &Bound(claim.clone()), position, &certificate).is_ok();
            }
            all += 1;
            met += u32::from(is_met);
        }
    }
    assert!(met * 2 > all, "{met} of {all}");
    println!("{met} of {all}");
}

/// A tree with something else in it: a decision or a row more or less, other multipliers, other steps.
fn spoiled(random: &mut Random, branches: &Branches) -> Branches {
    let mut branches = branches.clone();
    let steps = branches.steps.len() as u64;
    let at = usize::try_from(random.below(steps)).expect("an index");
    if steps > 1 && random.below(6) == 0 {
        branches.steps.remove(at);
        return branches;
    }
    let step = &mut branches.steps[at];
    if !step.decisions.is_empty() && random.below(2) == 0 {
        let count = step.decisions.len() as u64;
        let of = usize::try_from(random.below(count)).expect("an index");
        match random.below(3) {
            0 => drop(step.decisions.remove(of)),
            1 => step.decisions[of].is_one ^= true,
            _ => step.decisions[of].bit += 1,
        }
        return branches;
    }
    match &mut step.reason {
        BranchReason::Both([one, other]) => match random.below(2) {
            0 => *one = *other,
            _ => *other = at,
        },
        BranchReason::Sum { rows, bound } => match random.below(3) {
            _ if rows.is_empty() => *bound += 1,
            0 => drop(rows.pop()),
            1 => *bound = 0,
            _ => {
                let of = usize::try_from(random.below(rows.len() as u64)).expect("an index");
                rows[of].1 = i64::try_from(random.below(9)).expect("small") - 3;
            }
        },
    }
    branches
}

#[test]
fn answers_of_tiny_problems_carry_certificates_and_no_tree_holds_for_more_than_the_best() {
    let (mut best, mut certain, mut impossible, mut shown, mut trees) = (0, 0, 0, 0, 0);
    for seed in 0..cases(600) {
        let problem = tiny::problem(seed);
        let answer = solve(&problem, &Strategy::default(), &Limits::none()).expect("an answer");
        let text = write_answer(&problem, &answer, None);
        let read = read_plan(&text, &problem).expect("what is written is read");
        let mut random = Random(seed);
        match &answer {
            Answer::Impossible { why } => {
                impossible += 1;
                let by_search =
                    matches!(why, Conflict::Exhausted { .. } | Conflict::Program { .. });
                shown += u32::from(!by_search);
                assert_eq!(read.why.as_ref(), Some(why), "seed {seed}");
                ip::verify(&problem, why).expect("it holds");
            }
            Answer::Best { cost, .. } => {
                best += 1;
                let certificates = answer.certificates();
                certain += u32::from(certificates.iter().all(Option::is_some));
                for (position, certificate) in certificates.iter().enumerate() {
                    let measure = problem.objective()[position];
                    let found = read.proof.iter().find(|(of, _)| *of == measure);
                    assert_eq!(
                        found.map(|found| &found.1),
                        Some(certificate),
                        "seed {seed}"
                    );
                    let Some(Certificate::Branches(branches)) = certificate else {
                        continue;
                    };
                    trees += 1;
                    let mut claim = Bound(cost.0[..=position].to_vec());
                    ip::verify_bound(&problem, &claim, position, certificate.as_ref().unwrap())
                        .expect("it holds");
                    claim.0[position] += 1;
                    for _ in 0..20 {
                        let spoiled = Certificate::Branches(spoiled(&mut random, branches));
                        let refuted = ip::verify_bound(&problem, &claim, position, &spoiled);
                        assert!(refuted.is_err(), "seed {seed}: {spoiled:?}");
                    }
                }
            }
            Answer::Found { .. } | Answer::Unknown { .. } => {}
        }
    }
    println!("best {certain} of {best}, impossible {shown} of {impossible}, {trees} trees");
    assert!(trees > 0);
    assert!(certain * 100 >= best * 95, "{certain} of {best}");
    assert!(shown * 100 >= impossible * 95, "{shown} of {impossible}");
}

/// A problem of the library, with its answer, each measure of which has a certificate of `kind` or by counting.
fn certified(model: &str, kind: &str) -> (Problem, Bound, usize, Certificate) {
    let path = format!("{}/models/{model}.json", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).expect("the model is there");
    let problem = read_problem(&text).expect("a problem");
    let answer = solve(&problem, &Strategy::default(), &Limits::none()).expect("no contradiction");
    let position = answer.certificates().iter().position(|certificate| {
        let certificate = certificate.as_ref();
        certificate.is_some_and(|certificate| certificate.name() == kind)
    });
    let position = position.unwrap_or_else(|| panic!("{model} has none by {kind}"));
    let certificate = answer.certificates()[position].clone();
    let bound = answer.lower_bound();
    (problem, bound, position, certificate.expect("looked for"))
}

fn must_be_refused(model: &str, kind: &str, spoil: &dyn Fn(&mut Certificate, &mut Bound)) {
    let (problem, mut bound, position, mut certificate) = certified(model, kind);
    verify_bound(&problem, &bound, position, &certificate).expect("it holds");
    spoil(&mut certificate, &mut bound);
    let refuted = verify_bound(&problem, &bound, position, &certificate);
    assert!(refuted.is_err(), "{model}: {certificate:?}");
}

fn prices(certificate: &mut Certificate) -> &mut Prices {
    match certificate {
        Certificate::Prices(prices) => prices,
        Certificate::Counting { .. } | Certificate::Degrees { .. } | Certificate::Branches(_) => {
            panic!("no prices")
        }
    }
}

#[test]
fn a_spoiled_certificate_is_refused() {
    let (sets, tags, cuts) = (
        "medium/a-11-s12-a4-l4",
        "medium/d-12-s24-r6-l3-w600-b4",
        "medium/c-11-s5-a2-l2",
    );
    must_be_refused("easy/three-disks", "counting", &|_, bound| {
        bound.0[1] += 1;
    });
    must_be_refused(sets, "prices", &|certificate, _| {
        prices(certificate).touches[0].2 += 10_000;
    });
    must_be_refused(sets, "prices", &|certificate, _| {
        prices(certificate).touches.clear();
    });
    must_be_refused(sets, "prices", &|certificate, _| {
        let touches = &mut prices(certificate).touches;
        touches.push(touches[0]);
    });
    must_be_refused(sets, "prices", &|certificate, _| {
        prices(certificate).weights[0] = 0;
    });
    must_be_refused(sets, "prices", &|certificate, _| {
        prices(certificate).weights.clear();
    });
    must_be_refused(tags, "prices", &|certificate, _| {
        prices(certificate).tags[0].2 += 10_000;
    });
    must_be_refused(tags, "prices", &|certificate, _| {
        prices(certificate).tags[0].1.push('x');
    });
    must_be_refused(cuts, "degrees", &|_, bound| {
        bound.0[0] += 1;
    });
    must_be_refused(cuts, "degrees", &|certificate, _| {
        if let Certificate::Degrees { parts, .. } = certificate {
            *parts = 0;
        }
    });
    must_be_refused(cuts, "degrees", &|certificate, _| {
        if let Certificate::Degrees { removed, .. } = certificate {
            *removed += 2;
        }
    });
}

/// Legs that keep apart take no more of the one large area than one of them has. At a price of 1 for its extents one leg pays
/// 12 and a segment, the other 4 and three segments; all that may be had of it is worth 12.
#[test]
fn what_legs_share_of_a_source_has_a_price() {
    let text = r#"{ "schema": "extentplan/problem/1",
        "sources": [{"name": "a", "extents": 100, "free": [[0, 100]]}, {"name": "b", "extents": 4, "free": [[0, 4]]},
            {"name": "c", "extents": 4, "free": [[0, 4]]}, {"name": "d", "extents": 4, "free": [[0, 4]]}],
        "requests": [{"name": "r", "copies": 2, "extents": 12, "separation": "leg"}],
        "objective": ["segments"] }"#;
    let problem = read_problem(text).expect("a problem");
    let holds = |bound: u64, shares: &[(usize, usize, u64)]| {
        let certificate = Certificate::Prices(Prices {
            weights: vec![12],
            shares: shares.to_vec(),
            ..Prices::default()
        });
        verify_bound(&problem, &Bound(vec![bound]), 0, &certificate).is_ok()
    };
    assert!(holds(4, &[(0, 0, 1)]));
    assert!(!holds(5, &[(0, 0, 1)]), "too much");
    assert!(!holds(4, &[]), "no price");
    assert!(!holds(4, &[(0, 0, 1_000)]), "a price too high");
    assert!(!holds(4, &[(0, 0, 1), (0, 0, 1)]), "priced twice");
    assert!(!holds(4, &[(1, 0, 1)]), "no such request");
    assert!(!holds(4, &[(0, 4, 1)]), "no such source");
}

/// Of an area of which some extents alone may be used a leg takes several runs: that is one source all the same.
#[test]
fn a_leg_in_several_runs_of_one_area_is_on_one_source() {
    let text = r#"{ "schema": "extentplan/problem/1",
        "sources": [{"name": "a", "extents": 3, "free": [[0, 3]]}, {"name": "b", "extents": 3, "free": [[0, 3]]}],
        "requests": [{"name": "r", "extents": 2, "ranges": [["a", 0, 1], ["a", 2, 1], ["b", 2, 1]]}],
        "objective": ["sources"] }"#;
    let problem = read_problem(text).expect("a problem");
    let certificate = Certificate::Prices(Prices {
        weights: vec![12],
        areas: vec![(0, 0, 3), (1, 0, 1)],
        ..Prices::default()
    });
    assert!(verify_bound(&problem, &Bound(vec![2]), 0, &certificate).is_err());
}

#[test]
fn check_adds_up_the_certificates_of_an_answer_file() {
    let program = || Command::new(env!("CARGO_BIN_EXE_extentplan"));
    let model = format!(
        "{}/models/medium/a-11-s12-a4-l4.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let planned = program().args(["plan", &model, "--json"]).output();
    let text = String::from_utf8(planned.expect("it runs").stdout).expect("text");
    let folder = tempfile::tempdir().expect("a folder");
    let check = |text: &str| {
        let path = folder.path().join("answer.json");
        fs::write(&path, text).expect("it can be written");
        let checked = program().arg("check").arg(&model).arg(&path).output();
        let checked = checked.expect("it runs");
        let said = String::from_utf8(checked.stdout).expect("text");
        (checked.status.code(), said)
    };
    let (code, said) = check(&text);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(": holds by prices"), "{said}");
    let spoiled = text.replacen(",2816]", ",912816]", 1);
    assert_ne!(spoiled, text);
    let (code, said) = check(&spoiled);
    assert_ne!(code, Some(0), "{said}");
    let unproven = text.replace("\"kind\":\"prices\"", "\"kind\":\"counting\"");
    assert_ne!(check(&unproven).0, Some(0), "other keys");
}
