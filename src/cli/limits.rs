//! Options that bound a run.

use std::time::Duration;

use anyhow::Context;
use clap::Args;

use crate::cli::progress::Progress;
use crate::cli::watch::{self, Bounds};
use crate::core::{Bound, Cost, Limits, Plan, Problem};
use crate::search::on_threads;

/// Options that bound a run of any command, from its start to its last output.
#[derive(Clone, Debug, Args)]
pub(crate) struct RunOptions {
    /// Stop after this time with the best so far: `10s`, `500ms`, `2m`
    #[arg(long, value_name = "TIME", value_parser = parse_time, global = true)]
    time_limit: Option<Duration>,
    /// Stop with the best so far where more memory would be taken: `512m`, `4g` [default: none; 4g for
    /// tables and programs]
    #[arg(long, value_name = "SIZE", value_parser = parse_memory, global = true)]
    memory_limit: Option<u64>,
    /// Say nothing beside the result but errors: no notes, no progress
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say what was tried: each better plan and bound, and when it was found
    #[arg(long, short, global = true)]
    verbose: bool,
}

impl RunOptions {
    /// How much is said beside the result: -1, 0 or 1.
    pub(crate) fn loudness(&self) -> i8 {
        i8::from(self.verbose) - i8::from(self.quiet)
    }

    /// What bounds the run as a whole.
    pub(crate) fn bounds(&self) -> Bounds {
        Bounds {
            time: self.time_limit,
            memory: self.memory_limit,
        }
    }
}

/// Options that bound a search, and do not depend on the machine.
#[derive(Clone, Debug, Args)]
pub(crate) struct LimitOptions {
    /// Nodes that one exact search may visit
    #[arg(long, value_name = "COUNT", default_value_t = Limits::none().nodes)]
    node_limit: u64,
    /// Chooses which candidate layouts are tried where there are too many to try all
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::none().seed)]
    seed: u64,
    /// Threads to use; the plan does not depend on it [default: all cores]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

impl LimitOptions {
    /// These limits and those of the run.
    pub(crate) fn limits(&self) -> Limits<'static> {
        Limits {
            nodes: self.node_limit,
            seed: self.seed,
            ..watch::limits()
        }
    }

    /// Threads to use, where that is said.
    pub(crate) fn threads(&self) -> Option<usize> {
        self.threads.map(usize::from)
    }

    /// Runs `work` under these limits and those of the run.
    ///
    /// # Errors
    /// If the threads cannot be set up, and those of `work`.
    pub(crate) fn run<T: Send>(
        &self,
        work: impl FnOnce(&Limits<'_>) -> anyhow::Result<T> + Send,
    ) -> anyhow::Result<T> {
        let progress = Progress::new();
        let found = |problem: &Problem, _: &Plan, cost: &Cost| progress.hear(problem, cost);
        let bounded = |problem: &Problem, bound: &Bound| progress.hear_bound(problem, bound);
        let asking = |method: &'static str| progress.hear_method(method);
        let limits = Limits {
            found: &found,
            bounded: &bounded,
            asking: &asking,
            ..self.limits()
        };
        on_threads(self.threads().unwrap_or(0), || work(&limits))
            .context("cannot start the worker threads")?
    }
}

/// A time with its unit, as a whole or decimal number; finer than a millisecond is cut off.
pub(crate) fn parse_time(word: &str) -> Result<Duration, String> {
    let expected =
        || format!("found `{word}`; expected a number with a unit, such as `10s`, `500ms` or `2m`");
    let number = word.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let thousandths_per_unit = match &word[number.len()..] {
        "ms" => 1,
        "s" | "" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err(expected()),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let is_number =
        |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return Err(expected());
    }
    // Thousandths of the unit: three decimals say all that a millisecond can.
    let decimals: String = fraction.chars().chain("000".chars()).take(3).collect();
    let whole: u64 = whole.parse().map_err(|_| expected())?;
    let decimals: u64 = decimals.parse().map_err(|_| expected())?;
    let milliseconds = whole
        .checked_mul(thousandths_per_unit)
        .and_then(|sum| sum.checked_add(decimals * thousandths_per_unit / 1_000));
    milliseconds.map(Duration::from_millis).ok_or_else(expected)
}

/// The least memory that leaves some for an input and an answer beside the program.
const LEAST_MEMORY: u64 = 16 << 20;

/// A size in bytes with an optional binary unit.
fn parse_memory(word: &str) -> Result<u64, String> {
    let expected = "expected bytes with an optional unit k, m, g or t, such as `512m`";
    let digits = word.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let shift = match word[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kib" => 10,
        "m" | "mib" => 20,
        "g" | "gib" => 30,
        "t" | "tib" => 40,
        other => return Err(format!("unknown unit `{other}`; {expected}")),
    };
    let number: u64 = digits.parse().map_err(|_| expected.to_string())?;
    let bytes = number
        .checked_mul(1 << shift)
        .ok_or_else(|| format!("`{word}` is more than 2^64 - 1 bytes; {expected}"))?;
    if bytes < LEAST_MEMORY {
        return Err(format!(
            "the program itself takes some ten MiB; expected at least {}m",
            LEAST_MEMORY >> 20
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_need_units_that_exist() {
        assert_eq!(parse_time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_time("1.5m"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_time("3"), Ok(Duration::from_secs(3)));
        assert_eq!(parse_time("0.25s"), Ok(Duration::from_millis(250)));
        for wrong in [
            "",
            "s",
            "-1s",
            "5 parsecs",
            "1e4s",
            "nan",
            "1.s",
            "99999999999999999h",
        ] {
            assert!(parse_time(wrong).is_err(), "{wrong}");
        }
        assert_eq!(parse_memory("16m"), Ok(16 << 20));
        assert_eq!(parse_memory("20000k"), Ok(20_000 << 10));
        for wrong in [
            "",
            "m",
            "-1",
            "1x",
            "99999999999t",
            "0",
            "1k",
            "15m",
            "16777215",
        ] {
            assert!(parse_memory(wrong).is_err(), "{wrong}");
        }
    }
}
