//! Situations from practice, as their users type them; the right values were seen on LVM2 2.03.16.

mod layouts;
mod redundancy;
mod spellings;
mod states;
mod verbs;

use assert_cmd::Command;

/// A run of the program: exit code, standard output, standard error.
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Runs the program on a file of `data`; `@` in front of a word stands for that folder.
fn run(words: &str) -> Run {
    run_words(&words.split_whitespace().collect::<Vec<_>>())
}

fn run_words(words: &[&str]) -> Run {
    let words = words.iter().map(|word| match word.strip_prefix("@data/") {
        Some(name) => format!("tests/cases/data/{name}"),
        None => (*word).to_string(),
    });
    let mut command = Command::cargo_bin("extentplan").expect("the program");
    let output = command.args(words).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Run {
        code: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

impl Run {
    /// Standard output without how its lines were broken.
    fn words(&self) -> String {
        self.out.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn written(name: &str, text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("written");
    let path = path.display().to_string();
    (folder, path)
}
