//! Pages and drawings as a browser shows them: nothing is cut off, in the way, too small or too pale.

mod chromium;
mod groups;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

use groups::{Kind, metadata};

/// What the program prints, whatever it means.
fn printed(folder: &Path, words: &str) -> String {
    let mut command = Command::cargo_bin("extentplan").expect("the program");
    command
        .current_dir(folder)
        .env("SOURCE_DATE_EPOCH", "1767225600");
    let out = command.args(words.split(' ')).output().expect("it runs");
    assert_ne!(
        out.status.code(),
        Some(2),
        "{words}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8(out.stdout).expect("UTF-8")
}

const GROWTH: &str = "[[growth]]\nshape = '--type raid1 -m 1'\nper_month = '6G'\n";

/// Groups of many sizes, and what is asked of each.
fn pages() -> Vec<(Kind, &'static [&'static str])> {
    const PLAIN: Kind = Kind {
        disks: 4,
        volumes: 6,
        tags: 1,
        has_long_names: false,
        seed: 1,
    };
    vec![
        (
            PLAIN,
            &[
                "show POOL",
                "audit POOL --tag tag0_1",
                "plan POOL -- lvcreate --type raid5 -i 2 -L 2g -n data",
                "plan POOL -- lvcreate --type raid1 -m 1 -L 2000g -n data",
                "plan POOL -- lvcreate --type raid10 -i 2 -m 1 -L 1g -n one -- lvcreate -L 1g -n two -- lvcreate -i 3 -L 1g -n three",
                "compare POOL -- lvcreate --type raid5 -i 2 -L 2g -n data",
                "compare POOL -- lvcreate --type raid1 -m 1 -L 2000g -n data",
                "capacity POOL -- lvcreate --type raid5 -i 2 -n data",
                "capacity POOL --why -- lvcreate --type raid1 -m 1 -L 2000g -n data",
                "capacity POOL --survive 1",
                "capacity POOL --scenario growth.toml --when",
                "capacity POOL --scenario slowly.toml --when",
                "rearrange POOL --drain /dev/sd1",
                "rearrange POOL --shrink /dev/sd1 --shrink /dev/sd0",
            ],
        ),
        (
            Kind {
                disks: 40,
                volumes: 250,
                seed: 2,
                ..PLAIN
            },
            &[
                "show POOL",
                "audit POOL",
                "plan POOL --time-limit 1s -- lvcreate --type raid6 -i 4 -L 9g -n data",
            ],
        ),
        (
            Kind {
                disks: 200,
                volumes: 500,
                tags: 3,
                seed: 3,
                ..PLAIN
            },
            &[
                "show POOL",
                "plan POOL --time-limit 1s -- lvcreate --type raid10 -i 3 -L 99g -n data",
                "capacity POOL --time-limit 1s --scenario growth.toml --when",
                "capacity POOL --time-limit 1s --why -- lvcreate --type raid1 -m 1 -L 9000g -n data",
            ],
        ),
        (
            Kind {
                disks: 5,
                volumes: 12,
                tags: 12,
                has_long_names: true,
                seed: 4,
            },
            &[
                "show POOL",
                "plan POOL -- lvcreate --type raid5 -i 2 -L 2g -n another-volume-with-a-name-that-goes-on-for-long",
            ],
        ),
        (
            Kind {
                disks: 1,
                volumes: 1,
                tags: 0,
                ..PLAIN
            },
            &["show POOL", "audit POOL"],
        ),
        (
            Kind {
                disks: 1_000,
                volumes: 1_500,
                tags: 2,
                seed: 5,
                ..PLAIN
            },
            &["show POOL"],
        ),
    ]
}

#[test]
fn pages_and_drawings_can_be_read_at_every_width_in_both_schemes() {
    let Some(browser) = chromium::browser() else {
        eprintln!("chromium is not installed: pages are not measured");
        return;
    };
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("growth.toml"), GROWTH).expect("written");
    let slowly = GROWTH.replace("6G", "600M");
    fs::write(folder.path().join("slowly.toml"), slowly).expect("written");
    let mut names = Vec::new();
    for (kind, questions) in pages() {
        let pool = format!("{}-{}.vg", kind.disks, kind.seed);
        fs::write(folder.path().join(&pool), metadata(kind)).expect("written");
        for question in questions {
            for format in ["html", "svg"] {
                let words = question.replacen("POOL", &format!("{pool} --format {format}"), 1);
                let verb = words.split(' ').next().unwrap_or_default();
                let name = format!("{verb}-{}-{}.{format}", kind.disks, names.len());
                fs::write(folder.path().join(&name), printed(folder.path(), &words))
                    .expect("written");
                names.push(name);
            }
        }
    }
    let (fleet, requests) = ("fleet.jsonl", "requests.jsonl");
    for (name, words) in [(fleet, "--seed 5"), (requests, "--seed 5 --requests 300")] {
        let text = printed(folder.path(), &format!("generate fleet --hosts 60 {words}"));
        fs::write(folder.path().join(name), text).expect("written");
    }
    let words = format!("fleet place {fleet} {requests} --format html");
    fs::write(
        folder.path().join("placement.html"),
        printed(folder.path(), &words),
    )
    .expect("written");
    names.push("placement.html".to_string());
    let recording =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lvm2/recordings/recorded.jsonl.gz");
    let words = format!(
        "compare {} --lvm2 2.03.16 --format html",
        recording.display()
    );
    fs::write(
        folder.path().join("recording.html"),
        printed(folder.path(), &words),
    )
    .expect("written");
    names.push("recording.html".to_string());
    let measured = |is_dark| chromium::faults(browser, folder.path(), &names, is_dark);
    let (dark, light) = std::thread::scope(|scope| {
        let dark = scope.spawn(|| measured(true));
        let light = measured(false);
        (dark.join().expect("the dark pages are measured"), light)
    });
    let of = |scheme: &str, faults: Vec<String>| {
        faults
            .into_iter()
            .map(|fault| format!("{scheme}: {fault}"))
            .collect::<Vec<_>>()
    };
    let faults = [of("dark", dark), of("light", light)].concat();
    if !faults.is_empty() {
        // They can be looked at.
        let kept = folder.keep();
        let shown = faults
            .iter()
            .take(40)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n");
        panic!("{} faults, in {}\n{shown}", faults.len(), kept.display());
    }
}

#[test]
fn a_page_needs_nothing_beside_itself_and_escapes_what_it_is_told() {
    let folder = TempDir::new().expect("a folder");
    let problem = r#"{"schema": "extentplan/problem/1", "sources": [{"name": "<b>&\"'", "extents": 9, "free": [[0, 9]]}],
        "requests": [{"name": "</title><script>alert(1)</script>", "extents": 3}]}"#;
    fs::write(folder.path().join("p.json"), problem).expect("written");
    for format in ["html", "svg"] {
        let text = printed(folder.path(), &format!("plan p.json --format {format}"));
        assert!(
            !text.contains("<b>") && !text.contains("<script>alert"),
            "{text}"
        );
        assert!(text.contains("&lt;b&gt;&amp;&quot;"), "{text}");
        for beside in ["src=", "href=", "@import", "url(http", "fetch("] {
            assert!(!text.contains(beside), "{beside}");
        }
    }
}

#[test]
fn what_measures_is_seen_to_say_no() {
    let Some(browser) = chromium::browser() else {
        eprintln!("chromium is not installed: pages are not measured");
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let page = "<!DOCTYPE html><html lang=en><title>Spoiled</title><main><h1>Spoiled</h1>\
        <p style=\"width:5000px\">too wide</p><p style=\"font-size:9px\">too small</p><p style=\"color:#bbb\">too pale</p>\
        <p>below</p><p style=\"margin-top:-2.2em\">above</p><p style=\"margin-left:-2em\">outside</p>\
        <svg width=100 height=20><text x=80 y=15>cut off at the end</text></svg><button></button></main>";
    fs::write(folder.path().join("spoiled.html"), page).expect("written");
    let names = ["spoiled.html".to_string()];
    let of = |is_dark| chromium::faults(browser, folder.path(), &names, is_dark).join("\n");
    let faults = of(false);
    for expected in [
        "wider than 400",
        "smaller than 11 px",
        "contrast",
        "in the way",
        "at the edge",
        "by its drawing",
    ] {
        assert!(faults.contains(expected), "{expected}\n{faults}");
    }
    if chromium::axe().is_some() {
        let faults = of(true);
        assert!(faults.contains("axe: button-name"), "{faults}");
    }
}
