//! What the documents say a command prints is what it prints.
//!
//! Of README.md and the guide each `console` block is run in order, in a folder with the examples: `$ ` begins a
//! command, what stands below is what it prints, `...` stands for lines left out and `[..]` for the rest of a word or a
//! line that differs from run to run. A block `toml FILE` or `sh FILE` is that file. Of the helps and manual pages each
//! example is run. `UPDATE_DOCUMENTS=1` writes what is printed into the documents, but where something was left out.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use extentplan::guide::{EXAMPLES, TASKS};
use snapbox::IntoData;
use tempfile::TempDir;

/// A command and what it is said to print.
struct Step<'a> {
    command: &'a str,
    expected: String,
    /// The line of the command in the document, from 0.
    line: usize,
}

/// What a block of a document is.
enum Block<'a> {
    Console(Vec<Step<'a>>),
    File { name: &'a str, text: String },
}

fn blocks(document: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = document.lines().enumerate();
    while let Some((_, opening)) = lines.next() {
        let Some(kind) = opening.strip_prefix("```") else {
            continue;
        };
        let within: Vec<(usize, &str)> = lines
            .by_ref()
            .take_while(|(_, line)| *line != "```")
            .collect();
        let mut words = kind.split(' ');
        match (words.next(), words.next()) {
            (Some("console"), None) => blocks.push(Block::Console(steps(&within))),
            (Some("toml" | "sh"), Some(name)) => {
                let text = within.iter().map(|(_, line)| format!("{line}\n")).collect();
                blocks.push(Block::File { name, text });
            }
            _ => {
                let command = within.iter().find(|(_, line)| line.contains("extentplan "));
                assert!(
                    command.is_none(),
                    "not run, in a block `{kind}`: {command:?}"
                );
            }
        }
    }
    blocks
}

fn steps<'a>(lines: &[(usize, &'a str)]) -> Vec<Step<'a>> {
    let mut steps: Vec<Step<'a>> = Vec::new();
    for &(line, text) in lines {
        match (text.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step {
                command,
                expected: String::new(),
                line,
            }),
            (None, Some(step)) => {
                let _ = writeln!(step.expected, "{text}");
            }
            (None, None) => panic!("line {}: a block of console begins with `$ `", line + 1),
        }
    }
    steps
}

/// A folder with the examples and the models, in which commands are run.
struct Room {
    folder: TempDir,
    path: String,
}

impl Room {
    fn new() -> Room {
        let folder = tempfile::tempdir().expect("a folder");
        let program = Path::new(env!("CARGO_BIN_EXE_extentplan"));
        let beside = program.parent().expect("a folder").display().to_string();
        let path = format!("{beside}:{}", std::env::var("PATH").unwrap_or_default());
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
        std::os::unix::fs::symlink(models, folder.path().join("models")).expect("a link");
        let room = Room { folder, path };
        let (code, text) = room.run("extentplan examples");
        assert_eq!(code, Some(0), "{text}");
        room
    }

    /// What a shell makes of it: exit code, and what a terminal would show.
    fn run(&self, command: &str) -> (Option<i32>, String) {
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1\n{command}")])
            .current_dir(self.folder.path())
            .env("PATH", &self.path)
            .output()
            .expect("a shell");
        (
            output.status.code(),
            String::from_utf8(output.stdout).expect("text"),
        )
    }

    fn has(&self, program: &str) -> bool {
        self.run(&format!("command -v {program}")).0 == Some(0)
    }
}

/// Runs a document; what is printed otherwise than it says, and the document as it should be.
fn differences(document: &str) -> (String, String) {
    let room = Room::new();
    let mut wrong = String::new();
    let mut lines: Vec<String> = document.lines().map(str::to_string).collect();
    // From behind, so that lines keep their numbers.
    let mut printed: Vec<(usize, usize, String)> = Vec::new();
    for block in blocks(document) {
        let steps = match block {
            Block::File { name, text } => {
                fs::write(room.folder.path().join(name), text).expect("a file");
                continue;
            }
            Block::Console(steps) => steps,
        };
        for Step {
            command,
            expected,
            line,
        } in steps
        {
            let program = command.split(' ').next().unwrap_or_default();
            if program != "extentplan" && !room.has(program) {
                println!("{program} is not installed: `{command}` is not run");
                continue;
            }
            let (code, text) = room.run(command);
            let is_error = expected.contains("error: ");
            if (code == Some(2)) != is_error {
                let _ = writeln!(
                    wrong,
                    "line {}: {command}\nexit code {code:?}\n{text}",
                    line + 1
                );
            }
            let compared = snapbox::Assert::new()
                .action(snapbox::assert::Action::Verify)
                .try_eq(None, text.clone().into_data(), expected.clone().into_data());
            if let Err(difference) = compared {
                let _ = writeln!(wrong, "line {}: {command}\n{difference}", line + 1);
                if !expected.contains("...\n") && !expected.contains("[..]") {
                    printed.push((line + 1, expected.lines().count(), text));
                }
            }
        }
    }
    for (first, count, text) in printed.into_iter().rev() {
        lines.splice(first..first + count, text.lines().map(str::to_string));
    }
    (wrong, lines.join("\n") + "\n")
}

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = TASKS.iter();
    let pages = pages.map(|task| root.join("src/guide").join(task.name).with_extension("md"));
    [root.join("README.md")].into_iter().chain(pages).collect()
}

#[test]
fn documents_say_what_is_printed() {
    let mut wrong = String::new();
    for path in documents() {
        let document = fs::read_to_string(&path).expect("a document");
        let (differences, mended) = differences(&document);
        if !differences.is_empty() {
            let _ = writeln!(wrong, "{}\n{differences}", path.display());
            if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
                fs::write(&path, mended).expect("a document");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn each_subcommand_has_examples_that_run() {
    for (subcommand, examples) in EXAMPLES {
        let own = format!("extentplan {subcommand}");
        assert!(
            examples
                .iter()
                .any(|example| example.command.contains(&own)),
            "{own}"
        );
        let room = Room::new();
        for example in *examples {
            let command = example.command;
            // Two columns in front of it, in lines of 100.
            assert!(command.len() <= 98, "{command} would be wrapped");
            if command.starts_with("lvm ") {
                continue;
            }
            let (code, text) = room.run(command);
            assert!(matches!(code, Some(0 | 1)), "{command}: {code:?}\n{text}");
        }
    }
    let (_, help) = Room::new().run("extentplan --help");
    let listed = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty());
    let listed = listed
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next());
    for name in listed {
        assert!(
            EXAMPLES.iter().any(|(known, _)| *known == name),
            "`{name}` has no example"
        );
    }
}
