//! Which host for which volume: against everything that could be tried, and as the user runs it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use assert_cmd::Command;
use serde_json::{Value, json};

fn run(words: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("extentplan").expect("the program");
    let output = command.args(words).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)) % end
    }
}

/// A host by the free extents of its disks.
struct Host {
    disks: Vec<u64>,
    rack: u64,
}

/// A kind of volume: linear of some extents, or raid1 of twice as many.
struct Class {
    is_mirrored: bool,
    extents: u64,
    count: u64,
    value: u64,
    /// No two of it in one rack.
    is_apart: bool,
}

/// Whether some volumes fit on two disks: linear ones can be cut anywhere, a mirror has a leg, with an extent of metadata, on
/// each.
fn fits(disks: &[u64], held: &[(u64, &Class)]) -> bool {
    let of = |is_mirrored: bool| -> u64 {
        let same = held
            .iter()
            .filter(|(_, class)| class.is_mirrored == is_mirrored);
        let extents = |class: &Class| class.extents + u64::from(is_mirrored);
        same.map(|(count, class)| count * extents(class)).sum()
    };
    let (mirrored, linear) = (of(true), of(false));
    disks.iter().all(|disk| *disk >= mirrored) && 2 * mirrored + linear <= disks.iter().sum::<u64>()
}

/// The most value, by trying every way to share the volumes out.
fn most(hosts: &[Host], classes: &[Class]) -> u64 {
    /// All that one host could have, with its value.
    fn choices(host: &Host, classes: &[Class]) -> Vec<Vec<u64>> {
        let mut all = vec![vec![]];
        for class in classes {
            let most = if class.is_apart { 1 } else { class.count };
            all = all
                .into_iter()
                .flat_map(|held: Vec<u64>| {
                    (0..=most.min(class.count))
                        .map(move |count| [held.clone(), vec![count]].concat())
                })
                .collect();
        }
        all.retain(|held| {
            let pairs: Vec<(u64, &Class)> = held.iter().copied().zip(classes).collect();
            fits(&host.disks, &pairs)
        });
        all
    }
    // What is left of each class, and the racks that have one, to the most value so far.
    type State = (Vec<u64>, BTreeSet<(usize, u64)>);
    let start: State = (
        classes.iter().map(|class| class.count).collect(),
        BTreeSet::new(),
    );
    let mut states: BTreeMap<State, u64> = BTreeMap::from([(start, 0)]);
    for host in hosts {
        let mut after: BTreeMap<State, u64> = BTreeMap::new();
        for ((left, racks), value) in &states {
            for held in choices(host, classes) {
                let enough = left.iter().zip(&held).all(|(left, held)| held <= left);
                let apart: Vec<(usize, u64)> = (0..classes.len())
                    .filter(|&class| classes[class].is_apart && held[class] > 0)
                    .map(|class| (class, host.rack))
                    .collect();
                if !enough || apart.iter().any(|one| racks.contains(one)) {
                    continue;
                }
                let left = left
                    .iter()
                    .zip(&held)
                    .map(|(left, held)| left - held)
                    .collect();
                let racks = racks.iter().copied().chain(apart).collect();
                let gain: u64 = held
                    .iter()
                    .zip(classes)
                    .map(|(held, class)| held * class.value)
                    .sum();
                let best = after.entry((left, racks)).or_default();
                *best = (*best).max(value + gain);
            }
        }
        states = after;
    }
    states.into_values().max().unwrap_or(0)
}

#[test]
fn tiny_fleets_get_as_much_value_as_there_is_and_the_bound_is_never_below_it() {
    let cases: u64 =
        std::env::var("EXTENTPLAN_CASES").map_or(25, |count| count.parse().expect("a number"));
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (mut best, mut met) = (0, 0);
    for case in 0..cases {
        let mut random = Random(case);
        let hosts: Vec<Host> = (0..3)
            .map(|host| Host {
                disks: (0..2).map(|_| 4 + random.below(16)).collect(),
                rack: host / 2,
            })
            .collect();
        let classes: Vec<Class> = (0..3)
            .map(|_| Class {
                is_mirrored: random.below(2) == 0,
                extents: 3 + random.below(10),
                count: 1 + random.below(3),
                value: 1 + random.below(20),
                is_apart: random.below(4) == 0,
            })
            .collect();
        let lines = hosts.iter().enumerate().map(|(index, host)| {
            let sources = host.disks.iter().enumerate().map(|(disk, extents)| {
                json!({"name": format!("sd{disk}"), "extents": extents, "free": [[0, extents]]})
            });
            let sources: Vec<Value> = sources.collect();
            let pool = json!({"schema": "extentplan/problem/1", "extent_bytes": 4_194_304, "sources": sources, "requests": []});
            json!({"host": format!("h{index}"), "tags": [format!("rack{}", host.rack)], "pool": pool}).to_string() + "\n"
        });
        fs::write(path("fleet"), lines.collect::<String>()).expect("a file");
        let lines = classes.iter().enumerate().map(|(index, class)| {
            let extents = class.extents.to_string();
            let command = if class.is_mirrored {
                json!(["lvcreate", "--type", "raid1", "-m", "1", "-l", extents])
            } else {
                json!(["lvcreate", "-l", extents])
            };
            let mut line = json!({"name": format!("c{index}"), "command": command, "count": class.count, "value": class.value});
            if class.is_apart {
                line["apart"] = json!({"tag": "rack"});
            }
            line.to_string() + "\n"
        });
        fs::write(path("requests"), lines.collect::<String>()).expect("a file");
        let (code, out, err) = run(&[
            "fleet",
            "place",
            &path("fleet"),
            &path("requests"),
            "--json",
        ]);
        assert_eq!(err, "", "case {case}");
        let placed: Value = serde_json::from_str(&out).expect("JSON");
        let number = |key: &str| placed[key].as_u64().expect("a number");
        let most = most(&hosts, &classes);
        assert!(number("value") <= most, "case {case}: more than there is");
        assert!(number("bound") >= most, "case {case}: a bound below {most}");
        let expected = if number("value") == number("wanted") {
            Some(0)
        } else if number("bound") < number("wanted") {
            Some(1)
        } else {
            Some(3)
        };
        assert_eq!(code, expected, "case {case}");
        best += u64::from(number("value") == most);
        met += u64::from(number("bound") == most);
        // No two that lie apart are in one rack.
        for (index, class) in classes
            .iter()
            .enumerate()
            .filter(|(_, class)| class.is_apart)
        {
            let mut racks = BTreeSet::new();
            for host in placed["hosts"].as_array().expect("hosts") {
                let volumes = host["volumes"].as_array().expect("volumes").iter();
                let name = format!("c{index}");
                for _ in volumes.filter(|volume| volume["request"] == name.as_str()) {
                    let at: usize = host["host"].as_str().expect("a name")[1..]
                        .parse()
                        .expect("h0");
                    assert!(
                        racks.insert(hosts[at].rack),
                        "case {case}: {} of {}",
                        index,
                        class.count
                    );
                }
            }
        }
    }
    assert!(best * 100 >= cases * 98, "{best} of {cases} are best");
    assert!(met * 100 >= cases * 60, "{met} of {cases} bounds are met");
}

#[test]
fn a_generated_fleet_is_placed_with_layouts_and_commands() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (_, fleet, _) = run(&["generate", "fleet", "--hosts", "30", "--seed", "4"]);
    let (_, requests, _) = run(&[
        "generate",
        "fleet",
        "--hosts",
        "30",
        "--seed",
        "4",
        "--requests",
        "40",
        "--classes",
        "8",
    ]);
    fs::write(path("fleet"), fleet).expect("a file");
    fs::write(path("requests"), &requests).expect("a file");
    let question = ["fleet", "place", &path("fleet"), &path("requests")];
    let (_, text, err) = run(&[&question[..], &["--summary"]].concat());
    assert_eq!(err, "");
    insta::assert_snapshot!(text);
    let mut used = Vec::new();
    for then in ["hosts", "even"] {
        let (_, out, _) = run(&[&question[..], &["--json", "--then", then]].concat());
        let placed: Value = serde_json::from_str(&out).expect("JSON");
        let mut names = BTreeSet::new();
        for host in placed["hosts"].as_array().expect("hosts") {
            let plan = &host["plan"];
            assert!(["best", "found"].contains(&plan["status"].as_str().expect("a status")));
            let volumes = host["volumes"].as_array().expect("volumes");
            assert_eq!(
                plan["allocations"].as_array().map(Vec::len),
                Some(volumes.len())
            );
            assert!(
                host["commands"]
                    .as_array()
                    .is_some_and(|one| one.len() >= volumes.len())
            );
            for volume in volumes {
                assert!(names.insert(volume["name"].as_str().expect("a name").to_string()));
            }
        }
        used.push(placed["hosts_used"].as_u64().expect("a number"));
    }
    assert!(used[0] < used[1], "on {used:?} hosts");
}

#[test]
fn who_wants_few_hosts_gets_no_more_than_who_wants_even_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    for seed in ["5", "6"] {
        let words = ["generate", "fleet", "--hosts", "100", "--seed", seed];
        fs::write(path("fleet"), run(&words).1).expect("a file");
        let words = [&words[..], &["--requests", "200"]].concat();
        fs::write(path("requests"), run(&words).1).expect("a file");
        let used = ["hosts", "even"].map(|then| {
            let (fleet, requests) = (path("fleet"), path("requests"));
            let words = [
                "fleet", "place", &fleet, &requests, "--json", "--then", then,
            ];
            let placed: Value = serde_json::from_str(&run(&words).1).expect("JSON");
            placed["hosts_used"].as_u64().expect("a number")
        });
        assert!(used[0] <= used[1], "seed {seed}: {used:?}");
    }
}

#[test]
fn what_is_wrong_with_requests_is_said_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (_, fleet, _) = run(&["generate", "fleet", "--hosts", "1"]);
    fs::write(path("fleet"), fleet).expect("a file");
    for (text, says) in [
        ("", "has no request"),
        (
            "{\"name\":\"a\"}",
            "line 1: column 1: missing field `command`",
        ),
        (
            "\n{\"name\":\"a\",\"command\":[\"lvcreate\",\"-l\",\"5\"],\"size\":1}",
            "line 2: column 52: `size`: unknown field `size`",
        ),
        (
            "{\"name\":\"a\",\"command\":[\"lvcreate\",\"-l\",\"5\"],\"count\":0}",
            "`count` is 0; expected 1",
        ),
        (
            "{\"name\":\"a\",\"command\":[\"lvcreate\",\"-l\",\"50%FREE\"]}",
            "requests: line 1: request `a`: expected an lvcreate with a size",
        ),
        (
            "{\"name\":\"a\",\"command\":[\"lvcreate\",\"-l\",\"5\",\"vg0\"]}",
            "requests: line 1: request `a`: expected no volume group",
        ),
        (
            "{\"name\":\"a\",\"command\":[\"lvcreate\",\"-Q\"]}",
            "requests: line 1: request `a`: ",
        ),
    ] {
        fs::write(path("requests"), text).expect("a file");
        let (code, out, err) = run(&["fleet", "place", &path("fleet"), &path("requests")]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{text}");
        assert!(err.contains(says), "{text}: {err}");
    }
}

#[test]
fn what_is_not_placed_has_its_reason_in_text_json_and_on_the_page() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = |name: &str| {
        folder
            .path()
            .join(name)
            .to_str()
            .expect("a path")
            .to_string()
    };
    let (fleet, requests) = (path("fleet.jsonl"), path("requests.jsonl"));
    let (_, pools, _) = run(&["generate", "fleet", "--hosts", "30", "--seed", "5"]);
    fs::write(&fleet, pools).expect("written");
    let lines = [
        json!({"name": "nowhere", "command": ["lvcreate", "-L", "1g"], "count": 2, "value": 5, "tags": ["no-such-tag"]}),
        json!({"name": "giant", "command": ["lvcreate", "-L", "900t"], "count": 1, "value": 9}),
        json!({"name": "apart", "command": ["lvcreate", "-L", "1g"], "count": 99, "value": 2, "apart": {"of": 99}}),
        json!({"name": "small", "command": ["lvcreate", "-L", "1g"], "count": 3, "value": 1}),
    ];
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    fs::write(&requests, text.join("\n")).expect("written");
    let reasons = [
        "no host has the tags no-such-tag",
        "none of the 28 hosts can hold one",
        "were it alone, apart on ",
    ];
    let (code, out, _) = run(&["fleet", "place", &fleet, &requests, "--summary"]);
    assert_eq!(code, Some(1), "{out}");
    let (_, told, _) = run(&["fleet", "place", &fleet, &requests, "--json"]);
    let told: Value = serde_json::from_str(&told).expect("JSON");
    let (_, page, _) = run(&["fleet", "place", &fleet, &requests, "--format", "html"]);
    for (index, reason) in reasons.iter().enumerate() {
        assert!(out.contains(reason), "{reason}\n{out}");
        let said = told["requests"][index]["unplaced"]
            .as_str()
            .expect("a reason");
        assert!(said.contains(reason), "{said}");
        assert!(page.contains(reason), "{reason}");
    }
    assert_eq!(told["requests"][3].get("unplaced"), None);
    for heading in [
        "Requests",
        "What is not placed",
        "Hosts by fill",
        "Which host for which volume",
    ] {
        assert!(page.contains(&format!("<h2>{heading}</h2>")), "{heading}");
    }
}

/// Fleets of a few small disks, whose sums say of more volumes that they fit than have a layout. The values are the optima of
/// CP-SAT for a program that places every leg of every volume.
#[test]
fn what_a_host_turns_out_not_to_hold_is_chosen_anew_around() {
    for (number, optimum) in [(1, 100), (2, 54)] {
        let hosts = format!("tests/fleet/tight-{number}.jsonl");
        let requests = format!("tests/fleet/tight-{number}-requests.jsonl");
        let (_, out, err) = run(&["fleet", "place", &hosts, &requests, "--json"]);
        let placement: Value =
            serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {err}"));
        assert_eq!(placement["value"], optimum, "{hosts}");
        assert!(placement["bound"].as_u64() >= Some(optimum), "{hosts}");
        for host in placement["hosts"].as_array().expect("hosts") {
            let volumes = host["volumes"].as_array().expect("volumes").len();
            let laid_out = host["plan"]["allocations"]
                .as_array()
                .expect("a layout")
                .len();
            assert_eq!(volumes, laid_out, "{host}");
        }
    }
}

/// The exit code and the text of a request that is placed on one host.
fn placed_on_one(metadata: &str, request: &Value) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let host = json!({"host": "a", "metadata": metadata});
    fs::write(path("hosts"), host.to_string()).expect("written");
    fs::write(path("requests"), request.to_string()).expect("written");
    let (code, out, err) = run(&["fleet", "place", &path("hosts"), &path("requests")]);
    (code, out + &err)
}

#[test]
fn disks_that_are_closed_to_allocation_hold_nothing() {
    let text = fs::read_to_string("models/lvm2/three-disks.vg").expect("it is there");
    let closed = text.replace("\"ALLOCATABLE\"", "");
    assert_ne!(text, closed);
    let request = json!({"name": "r", "command": ["lvcreate", "-l", "3"], "count": 1, "value": 5});
    let (code, out) = placed_on_one(&closed, &request);
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("none of the 1 hosts can hold one"), "{out}");
}

/// Who places the same requests again gets other volumes.
#[test]
fn numbers_go_on_behind_those_of_volumes_that_are_there() {
    let text = fs::read_to_string("models/lvm2/linear.vg").expect("it is there");
    let volume = text.split("logical_volumes {").nth(1).expect("volumes");
    let volume = volume.split_whitespace().next().expect("a name");
    let taken = text.replacen(&format!("{volume} {{"), "data-7 {", 1);
    let request = json!({"name": "data", "command": ["lvcreate", "-l", "1"], "count": 2});
    let (code, out) = placed_on_one(&taken, &request);
    assert_eq!(code, Some(0), "{out}");
    for name in ["data-8", "data-9"] {
        assert!(out.contains(&format!("-n {name} ")), "{out}");
    }
}
