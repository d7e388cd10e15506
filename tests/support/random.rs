//! Numbers, volume groups, commands and layouts at random, each from a seed.

use extentplan::core::{
    Allocation, Area, Areas, Plan, Policy, Problem, Request, Segment, Separation, Size,
};
use serde_json::{Value, json};

use crate::support::{array, number};

/// Numbers at random: SplitMix64.
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    /// Any number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.next() % (most.max(least) - least + 1)
    }

    /// Whether something happens that does so `percent` times in a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let index = self.next() % items.len() as u64;
        &items[usize::try_from(index).expect("an index")]
    }

    /// Puts items into any order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = usize::try_from(self.between(0, last as u64)).expect("an index");
            items.swap(last, other);
        }
    }
}

/// A volume group with holes and tags, and steps that make volumes in it.
pub fn scenario(random: &mut Random) -> Value {
    let count = *random.pick(&[2, 3, 3, 4, 4, 5, 6, 7, 9, 12]);
    let size = *random.pick(&[12, 20, 40, 40, 80, 150]);
    let is_tagged = random.chance(35);
    let is_empty = random.chance(25);
    let volumes: Vec<Value> = (0..count)
        .map(|index| {
            let extents = random.between(size / 2, size + size / 2);
            let mut volume = json!({ "name": format!("p{index}"), "extents": extents });
            if !is_empty && random.chance(80) {
                volume["used"] = used(random, extents);
            }
            if is_tagged && random.chance(80) {
                let mut tags = vec![*random.pick(&["a", "b", "c"])];
                if random.chance(20) {
                    tags.push("d");
                }
                volume["tags"] = json!(tags);
            }
            if random.chance(3) {
                volume["allocatable"] = json!(false);
            }
            volume
        })
        .collect();
    let kib = *random.pick(&[4096, 4096, 1024, 64, 16384]);
    let mut scenario = json!({ "extent_size_kib": kib, "pvs": volumes });
    if random.chance(15) {
        scenario["vg_alloc"] = json!(random.pick(&["contiguous", "cling", "normal", "anywhere"]));
    }
    if random.chance(25) {
        scenario["config"] = settings(random);
    }
    let setup: Vec<Value> = (0..random.between(0, 3))
        .flat_map(|index| setup_steps(random, &format!("old{index}"), count, size))
        .collect();
    scenario["steps"] = json!(setup);
    scenario
}

/// What `lvm.conf` says about placement, where it says something.
fn settings(random: &mut Random) -> Value {
    let mut settings = json!({});
    if random.chance(50) {
        let lists = [
            json!(["@a", "@b"]),
            json!(["@*"]),
            json!(["@a", "@b", "@c"]),
        ];
        settings["allocation/cling_tag_list"] = random.pick(&lists).clone();
    }
    for key in [
        "mirror_logs_require_separate_pvs",
        "thin_pool_metadata_require_separate_pvs",
    ] {
        if random.chance(25) {
            settings[format!("allocation/{key}")] = json!(1);
        }
    }
    if random.chance(25) {
        settings["allocation/maximise_cling"] = json!(0);
    }
    settings
}

fn used(random: &mut Random, extents: u64) -> Value {
    let mut ranges = Vec::new();
    let mut at = random.between(0, extents / 3);
    while at < extents && ranges.len() < 5 {
        let length = random.between(1, (extents / 6).max(1)).min(extents - at);
        ranges.push(json!([at, length]));
        at += length + random.between(1, extents / 2);
    }
    json!(ranges)
}

/// The options that make a type, and how many legs and data legs it has.
pub fn shape(random: &mut Random, volumes: u64) -> (Vec<String>, u64, u64) {
    let kinds = [
        "linear",
        "linear",
        "striped",
        "striped",
        "raid0",
        "raid0_meta",
        "raid1",
        "raid1",
        "raid4",
        "raid5",
        "raid6",
        "raid10",
        "mirror",
        "mirror",
        "thin-pool",
        "cache-pool",
    ];
    loop {
        let kind = *random.pick(&kinds);
        let named = match kind {
            "raid5" => *random.pick(&["raid5", "raid5", "raid5_la", "raid5_n"]),
            "raid6" => *random.pick(&["raid6", "raid6", "raid6_nc", "raid6_zr"]),
            other => other,
        };
        let few = random.between(2, 4);
        let (options, legs, data): (Vec<String>, u64, u64) = match kind {
            "striped" | "raid0" | "raid0_meta" => (vec!["-i".into(), few.to_string()], few, few),
            "raid4" | "raid5" => (vec!["-i".into(), few.to_string()], few + 1, few),
            "raid6" => (vec!["-i".into(), "3".into()], 5, 3),
            "raid10" => (vec!["-i".into(), "2".into()], 4, 2),
            "raid1" => {
                let mirrors = random.between(1, 2);
                (vec!["-m".into(), mirrors.to_string()], mirrors + 1, 1)
            }
            "mirror" => {
                let mirrors = random.between(1, 2);
                let mut options = vec!["-m".into(), mirrors.to_string()];
                if random.chance(40) {
                    options.extend(["--mirrorlog".into(), "core".into()]);
                }
                if random.chance(15) {
                    options.extend(["-i".into(), "2".into()]);
                    (options, 2 * (mirrors + 1), 2)
                } else {
                    (options, mirrors + 1, 1)
                }
            }
            "thin-pool" if random.chance(30) => (vec!["-i".into(), "2".into()], 2, 2),
            _ => (Vec::new(), 1, 1),
        };
        if legs <= volumes {
            let typed = vec!["--type".to_string(), named.to_string()];
            return (typed.into_iter().chain(options).collect(), legs, data);
        }
    }
}

fn setup_steps(random: &mut Random, name: &str, volumes: u64, size: u64) -> Vec<Value> {
    let (mut args, _, data) = shape(random, volumes);
    if random.chance(15) {
        let policy = *random.pick(&["contiguous", "cling", "normal", "anywhere"]);
        args.extend(["--alloc".to_string(), policy.to_string()]);
    }
    let extents = random.between(1, size / 2) * data;
    args.extend(["-l", &extents.to_string(), "-n", name].map(str::to_string));
    let mut steps = vec![json!({ "cmd": "lvcreate", "args": args })];
    for _ in 0..random.between(0, 2) {
        let more = format!("+{}", random.between(1, size / 3) * data);
        let args = ["-l", &more, name];
        steps.push(json!({ "cmd": "lvextend", "args": args, "if_exists": name }));
    }
    steps
}

/// Lines that ask for new volumes, and for more of those that a layout has.
pub fn requests(random: &mut Random, scenario: &Value, layout: &Value) -> Vec<String> {
    let extents: Vec<u64> = array(&scenario["pvs"])
        .map(|volume| number(&volume["extents"]))
        .collect();
    let kib = scenario["extent_size_kib"].as_u64().expect("a number");
    let count = extents.len() as u64;
    let total: u64 = extents.iter().sum();
    let mut existing: Vec<&String> = layout["lvs"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, volume)| array(&volume["status"]).any(|word| word == "VISIBLE"))
        .filter(|(_, volume)| volume["segments"][0]["segtype"] != "cache-pool")
        .map(|(name, _)| name)
        .collect();
    let mut lines = Vec::new();
    for index in 0..*random.pick(&[1, 1, 1, 2, 3]) {
        let volumes = arguments(random, &extents);
        if !existing.is_empty() && random.chance(50) {
            let at = usize::try_from(random.between(0, existing.len() as u64 - 1)).expect("index");
            let name = existing.remove(at);
            let is_pool = layout["lvs"][name]["segments"][0]["segtype"] == "thin-pool";
            let mut words = vec!["lvextend".to_string()];
            if is_pool && random.chance(30) {
                let more = random.between(1, 8) * kib;
                words.extend(["--poolmetadatasize".to_string(), format!("+{more}k")]);
            } else {
                words.extend(larger(random, total, kib));
            }
            policy(random, &mut words);
            words.push(format!("orc_vg/{name}"));
            words.extend(volumes);
            lines.push(words.join(" "));
        } else {
            let (options, legs, data) = shape(random, count);
            let is_pool = options[1].ends_with("-pool");
            let mut words = vec!["lvcreate".to_string()];
            words.extend(options);
            words.extend(size(random, (total * data / legs / 2).max(1), kib));
            words.extend(["-n".to_string(), format!("new{index}")]);
            if is_pool && random.chance(25) {
                let metadata = random.between(1, 4) * 4096;
                words.extend(["--poolmetadatasize".to_string(), format!("{metadata}k")]);
            }
            if is_pool && random.chance(15) {
                words.extend(["--poolmetadataspare".to_string(), "n".to_string()]);
            }
            policy(random, &mut words);
            words.push("orc_vg".to_string());
            words.extend(volumes);
            lines.push(words.join(" "));
            // What is not there yet may grow, too.
            if !is_pool && random.chance(10) {
                let more = random.between(1, 20);
                lines.push(format!("lvextend -l +{more} orc_vg/new{index}"));
            }
        }
    }
    lines
}

/// How large a new volume is to be.
fn size(random: &mut Random, most: u64, kib: u64) -> [String; 2] {
    let little = random.between(1, most / 3 + 1);
    let much = random.between(1, most);
    let (option, value) = match random.between(0, 19) {
        0 => ("-l", format!("{}%FREE", random.pick(&[20, 50, 100]))),
        1 => ("-l", format!("{}%VG", random.pick(&[10, 30, 100]))),
        2 => ("-l", format!("{}%PVS", random.pick(&[25, 60, 100]))),
        3 | 4 => ("-L", format!("{}k", little * kib - kib / 2)),
        5..=9 => ("-l", little.to_string()),
        _ => ("-l", much.to_string()),
    };
    [option.to_string(), value]
}

/// By how much a volume is to grow, or how large it is to be.
fn larger(random: &mut Random, total: u64, kib: u64) -> [String; 2] {
    let more = random.between(1, total / 4 + 1);
    let (option, value) = match random.between(0, 19) {
        0 => ("-l", format!("+{}%FREE", random.pick(&[20, 50, 100]))),
        1 => ("-l", format!("+{}%VG", random.pick(&[5, 10, 30]))),
        2 => ("-l", format!("+{}%PVS", random.pick(&[10, 25, 60]))),
        3 => ("-l", format!("{}%VG", random.pick(&[40, 70, 100]))),
        4 => ("-l", format!("+{}%LV", random.pick(&[10, 50, 100]))),
        5 => ("-l", (more + total / 4).to_string()),
        6 | 7 => ("-L", format!("+{}k", more * kib - kib / 2)),
        _ => ("-l", format!("+{more}")),
    };
    [option.to_string(), value]
}

/// Physical volumes, now and then with ranges; mostly none.
fn arguments(random: &mut Random, extents: &[u64]) -> Vec<String> {
    if !random.chance(20) {
        return Vec::new();
    }
    let count = extents.len() as u64;
    let mut indices: Vec<usize> = (0..extents.len()).collect();
    random.shuffle(&mut indices);
    indices.truncate(usize::try_from(random.between(count.min(3), count)).expect("a count"));
    let argument = |index: usize| {
        let middle = random.between(1, extents[index] - 1);
        match random.between(0, 5) {
            0 => format!("/dev/p{index}:{middle}-"),
            1 => format!("/dev/p{index}:0-{}", middle - 1),
            2 => format!("/dev/p{index}:{middle}-:0-{}", middle - 1),
            _ => format!("/dev/p{index}"),
        }
    };
    indices.into_iter().map(argument).collect()
}

fn policy(random: &mut Random, words: &mut Vec<String>) {
    if random.chance(30) {
        let policies = [
            "contiguous",
            "cling",
            "normal",
            "normal",
            "anywhere",
            "inherit",
        ];
        words.extend(["--alloc".to_string(), (*random.pick(&policies)).to_string()]);
    }
}

/// Some layout that the problem allows, far from the best, if one is stumbled on.
pub fn layout(problem: &Problem, random: &mut Random) -> Option<Plan> {
    let mut free: Vec<Areas> = problem
        .sources()
        .iter()
        .map(|source| source.free.clone())
        .collect();
    let mut allocations = Vec::new();
    for request in problem.requests() {
        let mut found = None;
        for _ in 0..8 {
            let mut left = free.clone();
            if let Some(allocation) = allocation(problem, request, &mut left, random) {
                found = Some((allocation, left));
                break;
            }
        }
        let (allocation, left) = found?;
        free = left;
        allocations.push(Some(allocation));
    }
    let plan = Plan { allocations };
    extentplan::core::check(problem, &plan)
        .is_empty()
        .then_some(plan)
}

fn allocation(
    problem: &Problem,
    request: &Request,
    free: &mut [Areas],
    random: &mut Random,
) -> Option<Allocation> {
    let stripes = request.shape.stripes;
    let legs = request.legs();
    let length = match request.size {
        Size::Exactly(extents) => extents / stripes,
        Size::AtMost(extents) => random.between(1, (extents / stripes).min(30)),
    };
    let offered = problem.offered(request);
    let mut offered: Vec<Areas> = (0..free.len())
        .map(|source| {
            let entry = offered.iter().find(|(index, _)| *index == source);
            entry.map_or_else(Areas::none, |(_, areas)| areas.intersection(&free[source]))
        })
        .collect();
    let mut result = Allocation {
        legs: vec![Vec::new(); legs],
        ..Allocation::default()
    };
    // Which leg a source is for, where legs keep apart.
    let mut owner: Vec<Option<usize>> = vec![None; free.len()];
    if request.separation() == Separation::Leg {
        for source in &mut owner {
            *source = Some(usize::try_from(random.between(0, legs as u64 - 1)).expect("a leg"));
        }
        for (leg, previous) in request.grows.iter().flatten().enumerate() {
            for segment in previous {
                owner[segment.source] = Some(leg);
            }
        }
    }
    let front = request.front_extents();
    let mut done = 0;
    while done < length {
        let need = if done == 0 { front } else { 0 };
        let mut wanted = if random.chance(60) {
            length - done
        } else {
            random.between(1, length - done)
        };
        let mut chosen: Vec<(usize, Area)> = Vec::new();
        for leg in 0..legs {
            let mut places: Vec<(usize, Area)> = Vec::new();
            for (source, areas) in offered.iter().enumerate() {
                let is_mine = owner[source].is_none_or(|owner| owner == leg);
                let is_taken = chosen.iter().any(|(other, _)| *other == source);
                if is_mine && (!is_taken || request.separation() == Separation::None) {
                    let is_clear = |area: &Area| !chosen.contains(&(source, *area));
                    let areas = areas
                        .iter()
                        .filter(|area| area.count() > need)
                        .filter(is_clear);
                    places.extend(areas.map(|area| (source, area)));
                }
            }
            let previous = result.legs[leg].last().copied();
            let grown = request
                .grows
                .as_ref()
                .and_then(|grown| grown[leg].last().copied());
            let last = previous.or(grown);
            let follows = |place: &&(usize, Area)| {
                last.is_some_and(|last| {
                    last.source == place.0 && last.area.end() == place.1.start()
                })
            };
            let going_on = places.iter().find(follows).copied();
            let place = match (request.policy, going_on) {
                (Policy::Contiguous, Some(place)) => place,
                (_, Some(place)) if random.chance(50) => place,
                _ if places.is_empty() => return None,
                _ => *random.pick(&places),
            };
            wanted = wanted.min(place.1.count() - need);
            chosen.push(place);
        }
        for (leg, (source, area)) in chosen.into_iter().enumerate() {
            let mut rest = area;
            if need > 0 {
                let (metadata, behind) = rest.split(need);
                result.metadata.push(Segment {
                    source,
                    area: metadata,
                });
                rest = behind.expect("it is longer than the metadata");
            }
            // Not always from the front of a free area.
            let slack = rest.count() - wanted;
            let skip = if need == 0 && request.policy != Policy::Contiguous && random.chance(25) {
                random.between(0, slack)
            } else {
                0
            };
            let start = rest.start() + skip;
            let piece = Area::new(start, wanted).expect("not empty");
            result.legs[leg].push(Segment {
                source,
                area: piece,
            });
            let taken: Areas = [area.split(need.max(1)).0, piece]
                .into_iter()
                .filter(|a| need > 0 || *a == piece)
                .collect();
            offered[source] = offered[source].difference(&taken);
            free[source] = free[source].difference(&taken);
        }
        done += wanted;
    }
    for _ in 0..request.log.map_or(0, |log| log.count) {
        let extents = request.log.map_or(0, |log| log.extents);
        let places: Vec<(usize, Area)> = offered
            .iter()
            .enumerate()
            .flat_map(|(source, areas)| areas.iter().map(move |area| (source, area)))
            .filter(|(_, area)| area.count() >= extents)
            .collect();
        if places.is_empty() {
            return None;
        }
        let (source, area) = *random.pick(&places);
        let start = area.start() + random.between(0, area.count() - extents);
        let area = Area::new(start, extents)?;
        result.logs.push(Segment { source, area });
        free[source] = free[source].difference(&Areas::from(area));
    }
    Some(result)
}
