//! Results on a terminal: as wide as it is, in its letters and colours; and what is said beside them.

use std::process::Command;

use assert_cmd::Command as Program;

const PROGRAM: &str = env!("CARGO_BIN_EXE_extentplan");

/// What a terminal of so many columns gets, without line ends of its own; `None` where there is no `script`.
fn shown(words: &str, columns: usize, language: &str) -> Option<String> {
    let line = format!("stty cols {columns} rows 50; exec {PROGRAM} {words} 2>/dev/null");
    let mut script = Command::new("script");
    script
        .args(["-qec", &line, "/dev/null"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH")?);
    script.env("TERM", "xterm").env("LANG", language);
    let Ok(out) = script.output() else {
        eprintln!("`script` is not installed: no terminal is tried");
        return None;
    };
    Some(
        String::from_utf8(out.stdout)
            .expect("UTF-8")
            .replace('\r', ""),
    )
}

/// The text without what colours it, and what moves a cursor.
fn bare(text: &str) -> String {
    let mut bare = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => {
                // An introducer, then parameters up to a letter.
                let _ = letters
                    .by_ref()
                    .skip(1)
                    .find(|letter| letter.is_ascii_alphabetic());
            }
            other => bare.push(other),
        }
    }
    bare
}

const QUESTIONS: [&str; 4] = [
    "show models/lvm2/raid5.vg",
    "plan models/lvm2/three-disks.vg -- lvcreate -i 2 -l 240 -n data",
    "audit models/lvm2/raid1-shared-disk.vg",
    "capacity models/lvm2/three-disks.vg -- lvcreate --type raid5 -i 2 -n data",
];

#[test]
fn lines_are_as_wide_as_the_terminal() {
    for question in QUESTIONS {
        let mut widest = Vec::new();
        for columns in [60, 100, 200] {
            let Some(text) = shown(question, columns, "C.UTF-8") else {
                return;
            };
            let text = bare(&text);
            assert!(!text.contains("error"), "{text}");
            // Commands are on one line each: they are to be copied.
            let lines = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("lv"));
            let longest = lines
                .max_by_key(|line| line.chars().count())
                .unwrap_or_default();
            let width = longest.chars().count();
            assert!(
                width <= columns,
                "{question} at {columns}: {width}\n{longest}\n{text}"
            );
            widest.push(width);
        }
        assert!(
            widest[0] <= widest[1] && widest[1] <= widest[2],
            "{question}: {widest:?}"
        );
    }
}

#[test]
fn blocks_are_for_terminals_that_have_them_and_colours_for_all() {
    let question = "plan models/lvm2/three-disks.vg -- lvcreate -i 2 -l 240 -n data";
    let Some(blocks) = shown(question, 100, "de_DE.UTF-8") else {
        return;
    };
    assert!(
        blocks.contains('\u{2591}') && blocks.contains("\u{1b}[3"),
        "{blocks}"
    );
    let plain = shown(question, 100, "C").expect("there is a terminal");
    assert!(
        bare(&plain).is_ascii() && plain.contains("\u{1b}[3"),
        "{plain}"
    );
    let out = Program::new(PROGRAM)
        .args(question.split(' '))
        .env("LANG", "C.UTF-8")
        .output()
        .expect("it runs");
    assert!(out.stdout.is_ascii() && !out.stdout.contains(&0x1b));
    assert!(
        out.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
}

#[test]
fn the_user_says_how_much_is_said_beside_results() {
    let run = |words: &str| {
        let out = Program::new(PROGRAM)
            .args(words.split(' '))
            .output()
            .expect("it runs");
        (
            String::from_utf8(out.stdout).expect("UTF-8"),
            String::from_utf8(out.stderr).expect("UTF-8"),
        )
    };
    let question = "plan models/lvm2/three-disks.vg --json -- lvcreate -i 2 -l 240 -n data";
    let (_, said) = run(&question.replacen("plan", "plan -v", 1));
    assert!(said.contains("ms  a plan: segments 3, sources 3"), "{said}");
    let noted = "plan models/lvm2/raid1-shared-disk.json -- lvcreate -l 1 -n new";
    assert!(run(noted).1.contains("note: "), "{}", run(noted).1);
    assert_eq!(run(&noted.replacen("plan", "plan -q", 1)).1, "");
    let (_, wrong) = run("plan -q -v models/lvm2/three-disks.vg");
    assert!(wrong.contains("cannot be used with"), "{wrong}");
}
