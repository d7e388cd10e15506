//! The program as its user sees it: one file per subcommand, and the one place where errors become
//! exit codes.

mod audit;
mod capacity;
mod check;
mod compare;
mod completions;
mod examples;
mod export;
mod first_steps;
mod fleet;
mod generate;
mod help;
mod input;
mod limits;
mod local;
mod made;
mod manual;
mod options;
mod output;
mod plan;
mod pool;
mod progress;
mod proof;
mod rearrange;
mod replay;
mod schema;
mod settings;
mod show;
mod sizes;
mod so_far;
mod strategy;
mod task_arguments;
mod terminal;
mod voice;
mod watch;

pub use schema::{JSON_FORMATS, JsonFormat};

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Instant;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::ask::Outcome;
use crate::core::printable;
use crate::guide::EXAMPLES;

/// Plans storage layouts: finds the best placement of extents and proves it best, or proves that
/// there is none.
///
/// Exit codes: 0 a plan, or: it holds; 1 a proven no, or: it differs; 2 the input or the command line
/// is wrong; 3 a limit ran out before an answer, or what `check` reads rests on a search alone.
#[derive(Debug, Parser)]
#[command(name = "extentplan", version, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    limits: limits::RunOptions,
}

#[derive(Debug, Subcommand)]
enum Command {
    Show(show::Arguments),
    Plan(plan::Arguments),
    Compare(compare::Arguments),
    Capacity(capacity::Arguments),
    Rearrange(Box<rearrange::Arguments>),
    Audit(audit::Arguments),
    Check(check::Arguments),
    Replay(replay::Arguments),
    Export(export::Arguments),
    Fleet(fleet::FleetArguments),
    Shard(fleet::ShardArguments),
    Generate(generate::Arguments),
    Schema(schema::Arguments),
    Examples(examples::Arguments),
    Help(help::Arguments),
    Completions(completions::Arguments),
    Manual(manual::Arguments),
}

/// Runs the program: the words of the command line, the first being the program's own name.
///
/// Results go to standard output, everything else to standard error.
pub fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let started = Instant::now();
    let words: Vec<OsString> = words.into_iter().collect();
    if words.len() <= 1 {
        output::remark(first_steps::WITHOUT_ARGUMENTS);
        return ExitCode::from(2);
    }
    let arguments = match read(&words) {
        Ok(arguments) => arguments,
        Err(problem) => return unread(&words, &problem),
    };
    let Arguments { command, limits } = arguments;
    terminal::set_up(limits.loudness());
    let result = watch::run(started, limits.bounds(), move || command.run());
    match result {
        Ok(Outcome::Yes) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(1),
        Ok(Outcome::LimitRanOut) => ExitCode::from(3),
        Err(error) => {
            output::error(&error);
            output::remark(&first_steps::after_an_error(&words));
            ExitCode::from(2)
        }
    }
}

/// The program with its subcommands, each with its examples.
fn program() -> clap::Command {
    let named = EXAMPLES.iter().map(|(name, _)| *name);
    named.fold(Arguments::command(), |program, name| {
        let words: Vec<&'static str> = name.split(' ').collect();
        with_text(program, &words, first_steps::examples_of(name))
    })
}

/// The program with a text below the help of the subcommand that these words lead to.
fn with_text(program: clap::Command, words: &[&'static str], text: String) -> clap::Command {
    match words.split_first() {
        None => program.after_long_help(text),
        Some((first, rest)) => {
            program.mut_subcommand(*first, |within| with_text(within, rest, text))
        }
    }
}

fn read(
    words: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<Arguments, clap::Error> {
    let mut matches = program().try_get_matches_from(words)?;
    Arguments::from_arg_matches_mut(&mut matches)
}

/// Help and version are no errors; clap knows the difference, and where to print.
fn unread(words: &[OsString], problem: &clap::Error) -> ExitCode {
    let code = u8::try_from(problem.exit_code()).unwrap_or(2);
    if !problem.use_stderr() {
        return match problem.print() {
            Ok(()) => ExitCode::from(code),
            Err(_) => ExitCode::from(2),
        };
    }
    // The message quotes words: what is wrong with them is wrong with them as they can be shown, too.
    let shown = words
        .iter()
        .map(|word| printable(&word.to_string_lossy()).into_owned());
    let again = read(shown).err();
    let message = again.as_ref().unwrap_or(problem).render().to_string();
    match undivided(words) {
        // What is said of its options would lead nowhere.
        Some(command) => output::remark(&format!("error: {}", input::not_divided(command))),
        None => {
            let message = in_our_words(message.trim_end());
            output::remark(negative(words).as_deref().unwrap_or(&message));
        }
    }
    ExitCode::from(code)
}

/// What the standard library says of numbers says not what was expected.
fn in_our_words(message: &str) -> String {
    message
        .replace("invalid digit found in string", "expected a whole number")
        .replace(
            "cannot parse integer from empty string",
            "expected a whole number",
        )
        .replace(
            "number too large to fit in target type",
            "expected a smaller number",
        )
}

/// That an option has a value below 0, which looks like an option.
fn negative(words: &[OsString]) -> Option<String> {
    let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    let ours = words.split(|word| *word == "--").next()?;
    let is_number = |word: &str| {
        let digits = word.strip_prefix('-');
        digits.is_some_and(|digits| digits.starts_with(|first: char| first.is_ascii_digit()))
    };
    let mut pairs = ours.windows(2);
    let pair = pairs.find(|pair| pair[0].starts_with("--") && is_number(pair[1]))?;
    let (option, value) = (printable(pair[0]), printable(pair[1]));
    Some(format!(
        "error: invalid value `{value}` for `{option}`: expected none below 0"
    ))
}

/// A command of LVM2 that stands among the arguments, where `--` is missing in front of it.
fn undivided(words: &[OsString]) -> Option<&str> {
    let mut words = words.iter().filter_map(|word| word.to_str());
    let found =
        words.find(|word| *word == "--" || crate::lvm::Program::from_word(word).is_some())?;
    (found != "--").then_some(found)
}

impl Command {
    fn run(&self) -> anyhow::Result<Outcome> {
        match self {
            Command::Show(arguments) => show::run(arguments),
            Command::Plan(arguments) => plan::run(arguments),
            Command::Compare(arguments) => compare::run(arguments),
            Command::Capacity(arguments) => capacity::run(arguments),
            Command::Rearrange(arguments) => rearrange::run(arguments),
            Command::Audit(arguments) => audit::run(arguments),
            Command::Check(arguments) => check::run(arguments),
            Command::Replay(arguments) => replay::run(arguments),
            Command::Export(arguments) => export::run(arguments),
            Command::Fleet(arguments) => fleet::run(arguments),
            Command::Shard(arguments) => fleet::run_shard(arguments),
            Command::Generate(arguments) => generate::run(arguments),
            Command::Schema(arguments) => schema::run(arguments),
            Command::Examples(arguments) => examples::run(arguments),
            Command::Help(arguments) => help::run(arguments, program()),
            Command::Completions(arguments) => completions::run(arguments, program()),
            Command::Manual(arguments) => manual::run(arguments, program()),
        }
    }
}
