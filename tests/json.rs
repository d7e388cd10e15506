//! The native format: what is written is read back, and what is wrong is refused where it stands.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use extentplan::cli::JSON_FORMATS;
use extentplan::core::{
    Allocation, Answer, Area, Bound, Certificate, Conflict, Cost, Cuts, Measure, Method, Plan,
    Problem, Proof, Segment, Separation, Size, StopReason,
};
use extentplan::json::{
    Allocator, BesideAnswer, PlanDocument, ReadError, Status, read_document, read_plan,
    read_problem, read_requests, write_answer, write_answer_with, write_problem,
};

/// Every key that there is.
const FULL: &str = r#"{ "schema": "extentplan/problem/1",
  "extent_bytes": 4194304,
  "sources": [
    { "name": "sda", "extents": 2560, "free": [[300, 2260], [0, 100]], "tags": ["rack1", "fast"] },
    { "name": "sdb", "extents": 2560, "free": [[0, 100], [100, 50], [200, 2360]] },
    { "name": "sdc", "extents": 2560, "free": [[0, 100, ["new", "near"]], [100, 100, ["new"]], [200, 2360]],
      "area_tags": ["new", "gone"] } ],
  "requests": [
    { "name": "plain", "extents": 10, "cling_sources": ["sdc", "sda"], "area_tags": ["new", "fast", "gone"] },
    { "name": "woven", "extents": 10, "stripes": 2 },
    { "name": "raid", "extents": 600, "stripes": 2, "copies": 1, "parity": 1, "metadata": 1 },
    { "name": "odd", "extents": 12, "size": "at_most", "stripes": 1, "copies": 2,
      "metadata": 1, "metadata_place": "own_source", "log": { "extents": 1, "count": 1, "place": "own_source" },
      "policy": "cling_by_tags", "separation": "none", "cuts": "apart",
      "partition_by_tags": ["rack1"], "cling_tags": ["fast"],
      "grows": [[["sda", 100, 50]], [["sdb", 150, 20], ["sdb", 170, 5]]],
      "sources": ["sdb", "sda"], "ranges": [["sda", 0, 50], ["sda", 400, 50]],
      "avoid": [[2, 3, ["sda", "sdb"]]], "value": 7 } ],
  "objective": ["segments", "largest_area"] }"#;

/// Two sources and a mirror.
const SMALL: &str = r#"{ "schema": "extentplan/problem/1",
  "sources": [ { "name": "a", "extents": 9, "free": [[0, 9]] },
               { "name": "b", "extents": 9, "free": [[0, 9]] } ],
  "requests": [ { "name": "data", "extents": 4, "copies": 2 } ] }"#;

fn area(start: u64, count: u64) -> Area {
    Area::new(start, count).expect("not empty")
}

fn segment(source: usize, start: u64, count: u64) -> Segment {
    let area = area(start, count);
    Segment { source, area }
}

#[test]
fn every_key_means_what_the_format_says() {
    let document = read_document(FULL).expect("right");
    assert_eq!(document.extent_bytes, Some(4_194_304));
    let problem = document.problem;
    let free: Vec<Area> = problem.sources()[1].free.iter().collect();
    assert_eq!(
        free,
        [area(0, 150), area(200, 2360)],
        "touching areas are one"
    );
    let [plain, woven, raid, odd] = problem.requests() else {
        panic!("four requests");
    };
    let third = &problem.sources()[2];
    let free: Vec<Area> = third.free.iter().collect();
    assert_eq!(free, [area(0, 100), area(100, 100), area(200, 2360)]);
    assert!(third.has_tag(free[0], "near") && !third.has_tag(free[1], "near"));
    assert_eq!(third.area_tags["new"], area(0, 200).into());
    assert_eq!(plain.cling_sources, [0, 2].into());
    assert!(third.area_tags["gone"].is_empty());
    assert_eq!(
        plain.area_tags,
        ["fast", "gone", "new"].map(String::from).into()
    );
    assert_eq!(plain.separation, Separation::Segment);
    assert_eq!(
        (plain.cuts, woven.cuts, raid.cuts),
        (Cuts::Apart, Cuts::Together, Cuts::Apart)
    );
    assert_eq!(raid.separation, Separation::Leg);
    assert_eq!(
        (raid.legs(), raid.leg_extents(), raid.front_extents()),
        (3, 300, 1)
    );
    assert_eq!(odd.size, Size::AtMost(12));
    assert_eq!(odd.front_extents(), 0);
    assert_eq!(
        odd.grows,
        Some(vec![
            vec![segment(0, 100, 50)],
            vec![segment(1, 150, 20), segment(1, 170, 5)]
        ])
    );
    assert_eq!(
        odd.allowed,
        Some(vec![(1, None), (0, Some(vec![area(0, 50), area(400, 50)]))])
    );
    assert_eq!(odd.avoid[0].offsets, area(2, 3));
    assert_eq!(odd.value, Some(7));
    let names: Vec<&str> = problem.objective().iter().map(|m| m.name()).collect();
    let completed = [
        "unserved",
        "shortfall",
        "elsewhere",
        "segments",
        "largest_area",
    ];
    assert_eq!(names, completed);
}

#[test]
fn ranges_alone_say_which_sources_in_the_order_of_mention() {
    let text = SMALL.replace(
        "\"copies\": 2",
        "\"copies\": 2, \"ranges\": [[\"b\", 4, 5], [\"a\", 0, 9], [\"b\", 0, 2]]",
    );
    let problem = read_problem(&text).expect("right");
    let expected = vec![
        (1, Some(vec![area(4, 5), area(0, 2)])),
        (0, Some(vec![area(0, 9)])),
    ];
    assert_eq!(problem.requests()[0].allowed, Some(expected));
}

#[test]
fn a_written_problem_is_read_back() {
    for text in [FULL, SMALL] {
        let document = read_document(text).expect("right");
        let written = write_problem(&document.problem, document.extent_bytes);
        assert_eq!(read_document(&written).as_ref(), Ok(&document), "{written}");
    }
}

#[test]
fn requests_can_stand_alone() {
    let sources = read_problem(SMALL).expect("right").sources().to_vec();
    let text = r#"{"schema": "extentplan/problem/1", "requests": [{"name": "x", "extents": 3}]}"#;
    let problem = read_requests(text, sources).expect("right");
    assert_eq!((problem.sources().len(), problem.requests().len()), (2, 1));
}

/// The message for `SMALL` with one part replaced.
fn refusal(part: &str, by: &str) -> String {
    assert!(SMALL.contains(part), "`{part}` is not in the text");
    let text = SMALL.replacen(part, by, 1);
    match read_problem(&text) {
        Ok(_) => panic!("was read: {text}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_wrong_is_refused_with_its_place_and_what_was_expected() {
    let whole = "expected a whole number from 0 to 18446744073709551615";
    for (part, by, expected) in [
        ("\"extents\": 9", "\"extents\": -9",
         format!("line 2, column 42: `sources[0].extents`: found -9; {whole}")),
        ("\"extents\": 9", "\"extents\": 9.0",
         format!("line 2, column 42: `sources[0].extents`: found 9.0; {whole}")),
        ("\"extents\": 9", "\"extents\": 18446744073709551616",
         format!("line 2, column 42: `sources[0].extents`: found 18446744073709551616; {whole}")),
        ("\"extents\": 9", "\"extents\": \"9\"",
         format!("line 2, column 42: `sources[0].extents`: found \"9\"; {whole}")),
        ("[[0, 9]]", "[[0, 9], [0]]",
         "line 2, column 62: `sources[0].free[1]`: found [0]; expected an area [start, length], or [start, length, [tags]]".into()),
        ("[[0, 9]]", "[[0, 9, 1]]",
         "line 2, column 61: `sources[0].free[0][2]`: found 1; expected a sequence".into()),
        ("[[0, 9]]", "[[0, 9, [\"t\"], 1]]",
         "line 2, column 54: `sources[0].free[0]`: found [0, 9, [\"t\"], 1], which has too many items".into()),
        ("\"copies\": 2", "\"copies\": 2, \"cling_sources\": [\"a\", \"c\"]",
         "line 4, column 85: `requests[0].cling_sources[1]`: there is no source `c`; expected the name of \
          a source".into()),
        ("\"copies\": 2", "\"copies\": 2, \"area_tags\": [\"new\"]",
         "request `data`: no source and no free area has the tag `new`".into()),
        ("[[0, 9]]", "[[0, 0]]",
         "line 2, column 54: `sources[0].free[0]`: found a length of 0; expected at least 1".into()),
        ("[[0, 9]]", "[[4, 5], [7, 1], [0, 4]]",
         "line 2, column 62: `sources[0].free[1]`: extents 7-7 of source `a` overlap the free area 4-8".into()),
        ("[[0, 9]]", "[[18446744073709551615, 2]]",
         "line 2, column 54: `sources[0].free[0]`: 2 extents from 18446744073709551615 on end past \
          2^64 - 1, the last number there is".into()),
        ("\"copies\": 2", "\"sources\": [\"a\", \"c\"]",
         "line 4, column 66: `requests[0].sources[1]`: there is no source `c`; expected the name of \
          a source".into()),
        ("\"copies\": 2", "\"sources\": [\"a\"], \"ranges\": [[\"b\", 0, 1]]",
         "line 4, column 79: `requests[0].ranges[0][0]`: source `b` is not among the `sources` of the \
          request".into()),
        ("problem/1", "problem/2",
         "line 1, column 13: `schema`: unknown variant `extentplan/problem/2`, expected \
          `extentplan/problem/1`".into()),
        ("[[0, 9]]", "[[0, 10]]", "source `a`: a free area ends at 10, past its 9 extents".into()),
    ] {
        assert_eq!(refusal(part, by), expected);
    }
}

#[test]
fn unknown_missing_and_duplicate_keys_are_named() {
    let unknown = refusal("\"copies\": 2", "\"copys\": 2");
    assert!(
        unknown.starts_with(
            "line 4, column 58: `requests[0].copys`: unknown field `copys`, expected one of `name`"
        ),
        "{unknown}"
    );
    let missing = refusal("\"extents\": 4, ", "");
    assert_eq!(
        missing,
        "line 4, column 17: `requests[0]`: missing field `extents`"
    );
    let twice = refusal("\"copies\": 2", "\"copies\": 2, \"copies\": 2");
    assert!(
        twice.contains("requests[0]") && twice.ends_with("duplicate field `copies`"),
        "{twice}"
    );
    let word = refusal("\"copies\": 2", "\"policy\": \"nomal\"");
    assert!(
        word.contains(
            "`requests[0].policy`: unknown variant `nomal`, expected one of `contiguous`"
        ),
        "{word}"
    );
}

#[test]
fn what_is_no_json_is_refused_where_it_stops_to_be() {
    for (text, line) in [
        ("", 1),
        ("{", 1),
        ("\u{feff}{}", 1),
        ("contents = \"Text\"", 1),
        ("[1,\n2,]", 2),
    ] {
        match read_problem(text) {
            Err(ReadError::Syntax { position, .. }) => assert_eq!(position.line, line, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    let trailing = format!("{SMALL} x");
    let error = read_problem(&trailing).expect_err("something behind the end");
    assert!(error.to_string().contains("trailing characters"), "{error}");
    let deep = "[".repeat(100_000);
    assert!(read_problem(&deep).is_err());
}

#[test]
fn all_defects_are_shown_and_long_lists_of_faults_are_cut() {
    let text = SMALL.replacen(
        "\"extents\": 4, \"copies\": 2",
        "\"extents\": 0, \"copies\": 0, \"cling_tags\": [\"x\"]",
        1,
    );
    let error = read_problem(&text).expect_err("three defects");
    assert_eq!(error.to_string().lines().count(), 3, "{error}");
    let many = SMALL.replacen(
        "[[0, 9]]",
        &format!("[{}[0, 0]]", "[0, 0], ".repeat(1000)),
        1,
    );
    let error = read_problem(&many).expect_err("1001 faults");
    assert_eq!(error.to_string().lines().count(), 21, "{error}");
    assert!(error.to_string().ends_with("and 981 more"), "{error}");
}

/// A plan for `SMALL`.
fn small_plan() -> Plan {
    let legs = vec![
        vec![segment(0, 0, 4)],
        vec![segment(1, 0, 3), segment(1, 5, 1)],
    ];
    let allocation = Allocation {
        legs,
        ..Allocation::default()
    };
    Plan {
        allocations: vec![Some(allocation)],
    }
}

#[test]
fn written_answers_are_read_back() {
    let problem = read_problem(SMALL).expect("right");
    let (plan, cost) = (small_plan(), Cost(vec![3, 2]));
    let best = Answer::Best {
        plan: plan.clone(),
        cost: cost.clone(),
        method: Method::Greedy,
        proof: Proof::BoundMet,
        certificates: vec![Some(Certificate::Counting { worth: 0 }), None],
    };
    let text = write_answer(&problem, &best, Some(std::time::Duration::from_millis(250)));
    assert_eq!(
        text,
        r#"{ "schema": "extentplan/plan/1",
  "status": "best",
  "cost": {"segments":3,"sources":2},
  "bound": {"segments":3,"sources":2},
  "method": "greedy",
  "proof": {"segments":{"kind":"counting","worth":0},"sources":{"kind":"search","ended":"bound met"}},
  "seconds": 0.25,
  "allocations": [
    {"request":"data","legs":[[["a",0,4]],[["b",0,3],["b",5,1]]]}
  ] }
"#
    );
    let document = read_plan(&text, &problem).expect("right");
    assert_eq!(document.status, Status::Best);
    assert_eq!(document.plan, Some(plan.clone()));
    let counting = Some(Certificate::Counting { worth: 0 });
    let proof = vec![(Measure::Segments, counting), (Measure::Sources, None)];
    assert_eq!(document.proof, proof);
    let reason = "two legs on one disk".to_string();
    for (commands, key) in [
        (
            Ok(vec!["one".to_string()]),
            "\"commands\": [\n    \"one\"\n  ],",
        ),
        (Err(reason), "\"no_commands\": \"two legs on one disk\","),
    ] {
        let beside = BesideAnswer {
            faults: vec!["one disk takes both".to_string()],
            took: None,
            commands: Some(commands),
            allocator: Some(Allocator {
                name: "LVM2 2.03.40".to_string(),
                refusal: None,
                unknown: None,
                faults: vec!["it hangs by a thread".to_string()],
                broken: None,
                cost: Some(vec![(Measure::Segments, 3)]),
                is_plan: false,
            }),
        };
        let text = write_answer_with(&problem, &best, beside);
        let allocator = r#""allocator": {"name":"LVM2 2.03.40","faults":["it hangs by a thread"],"cost":{"segments":3},"is_plan":false} }"#;
        assert!(text.contains(allocator), "{text}");
        assert!(text.contains(key), "{text}");
        let document = read_plan(&text, &problem).expect("right");
        assert_eq!(document.plan, Some(plan.clone()));
    }
    let bound = Bound(vec![2]);
    let (method, stopped) = (Method::Candidates, StopReason::Time);
    let found = Answer::Found {
        plan,
        cost,
        bound: bound.clone(),
        method,
        stopped,
        certificates: Vec::new(),
    };
    let document = read_plan(&write_answer(&problem, &found, None), &problem).expect("right");
    assert_eq!(document.status, Status::Found);
    assert_eq!((document.cost.len(), document.bound.len()), (2, 1));
    let unknown = write_answer(&problem, &Answer::Unknown { bound, stopped }, None);
    let document = read_plan(&unknown, &problem).expect("right");
    assert_eq!((document.status, document.plan), (Status::Unknown, None));
}

#[test]
fn every_conflict_is_written_with_a_sentence_and_read_back() {
    let problem = read_problem(SMALL).expect("right");
    let (requests, whole) = (vec![0], vec![1]);
    for (why, sentence) in [
        (
            Conflict::Cut {
                requests: requests.clone(),
                whole: whole.clone(),
                needed: 20,
                reachable: 18,
            },
            "request `data` needs 20 extents; 18 are within reach: all that source `b` can offer, while 1 \
          other source can hold one leg of each request at most",
        ),
        (
            Conflict::Cut {
                requests: requests.clone(),
                whole: vec![0, 1],
                needed: 20,
                reachable: 18,
            },
            "request `data` needs 20 extents; all sources together offer 18",
        ),
        (
            Conflict::Room {
                requests: requests.clone(),
                length: 10,
                pieces: 2,
                places: 1,
            },
            "request `data` needs 2 legs of at least 10 extents in one area; there is room for 1 leg of \
          that length",
        ),
        (
            Conflict::Units {
                requests,
                unit: 3,
                whole,
                needed: 4,
                reachable: 2,
            },
            "in whole units of 3 extents request `data` needs 4 in one piece per leg; the areas hold 2, \
          where 1 other source can hold one leg of each request at most",
        ),
        (
            Conflict::Prices {
                request: 0,
                prices: vec![(0, 2), (1, 1)],
                tags: Vec::new(),
                cover: 2,
            },
            "request `data` needs 2 legs on different sources; with 1 source at 2, 1 source at 1 priced, \
          any sources that hold a leg cost at least 2, so the legs cost 4, but all prices together are 3",
        ),
        (
            Conflict::Prices {
                request: 0,
                prices: Vec::new(),
                tags: vec![("fast".to_string(), 3)],
                cover: 2,
            },
            "request `data` needs 2 legs on different tags; with 1 tag at 3 priced, any tags that hold a leg cost at \
          least 2, so the legs cost 4, but all prices together are 3",
        ),
        (
            Conflict::Prices {
                request: 0,
                prices: vec![(0, 1), (1, 1)],
                tags: Vec::new(),
                cover: 2,
            },
            "request `data` needs 2 legs on different sources; each leg takes at least 2 sources of 2, so \
          the legs take 4",
        ),
        (
            Conflict::PiecePrices {
                prices: vec![(0, 5)],
                worth: 10,
                holdable: 9,
            },
            "with the pieces of request `data` priced, all pieces that have to be placed are worth \
             10, but the areas can hold pieces worth 9 at most",
        ),
        (
            Conflict::Exhausted { nodes: 12 },
            "every possibility was tried (12 search nodes)",
        ),
        (
            Conflict::Program {
                rows: 3,
                columns: 1,
            },
            "the integer program has no solution (3 rows, 1 column)",
        ),
    ] {
        let text = write_answer(&problem, &Answer::Impossible { why: why.clone() }, None);
        assert!(text.contains(sentence), "{text}\n{sentence}");
        let document = read_plan(&text, &problem).expect("right");
        let PlanDocument {
            status,
            plan,
            why: read,
            ..
        } = document;
        assert_eq!((status, plan, read), (Status::Impossible, None, Some(why)));
    }
}

#[test]
fn a_plan_for_another_problem_is_refused_by_name() {
    let problem = read_problem(SMALL).expect("right");
    let answer = Answer::Found {
        plan: small_plan(),
        cost: Cost(vec![3, 2]),
        bound: Bound(vec![]),
        method: Method::Greedy,
        stopped: StopReason::MethodEnds,
        certificates: Vec::new(),
    };
    let text = write_answer(&problem, &answer, None);
    for (part, by, expected) in [
        (
            "\"data\"",
            "\"date\"",
            "line 8, column 16: `allocations[0].request`: the problem has no request `date`; \
          the plan is for another problem",
        ),
        (
            "\"a\"",
            "\"c\"",
            "line 8, column 33: `allocations[0].legs[0][0][0]`: there is no source `c`; expected \
          the name of a source",
        ),
        (
            "found",
            "impossible",
            "line 7, column 18: `allocations`: there are allocations, but the status says that \
          there is no plan",
        ),
    ] {
        let spoiled = text.replacen(part, by, 1);
        let error = read_plan(&spoiled, &problem).expect_err("spoiled");
        assert_eq!(error.to_string(), expected);
    }
}

/// Set `UPDATE_SCHEMAS=1` to write them anew.
#[test]
fn the_committed_schemas_are_those_of_the_types() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/schema");
    for format in JSON_FORMATS {
        let path = folder.join(format!("{}.schema.json", format.name));
        let schema = (format.schema)();
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            fs::create_dir_all(&folder).expect("models can be written");
            fs::write(&path, &schema).expect("models can be written");
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == schema,
            "{} is out of date: UPDATE_SCHEMAS=1",
            path.display()
        );
    }
}

#[test]
fn ten_thousand_sources_are_read_in_linear_time() {
    use std::fmt::Write as _;
    let problem_of = |count: u64| {
        let mut text =
            String::from("{\"schema\":\"extentplan/problem/1\",\"requests\":[],\"sources\":[");
        for source in 0..count {
            let comma = if source == 0 { "" } else { "," };
            write!(
                text,
                "{comma}{{\"name\":\"s{source}\",\"extents\":400,\"free\":["
            )
            .expect("a string");
            for area in 0..20 {
                let comma = if area == 0 { "" } else { "," };
                write!(text, "{comma}[{},{}]", area * 20, 7).expect("a string");
            }
            text.push_str("]}");
        }
        text + "]}"
    };
    let time = |text: &str| -> (Problem, Duration) {
        let start = Instant::now();
        let problem = read_problem(text).expect("right");
        (problem, start.elapsed())
    };
    let (_, small) = time(&problem_of(1_000));
    let (problem, large) = time(&problem_of(10_000));
    assert_eq!(problem.sources().len(), 10_000);
    // Ten times the input; quadratic reading would take a hundred times as long.
    assert!(
        large < small * 40 + Duration::from_millis(200),
        "{small:?} {large:?}"
    );
    eprintln!("200,000 areas read in {large:?}");
}
