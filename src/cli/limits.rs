//! Options that bound a run, and the clock and the interrupt key behind them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;

use crate::core::Limits;

/// Set once the user presses Ctrl-C: the search ends with the best it has.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Options that bound a run.
#[derive(Clone, Debug, Args)]
pub(crate) struct LimitOptions {
    /// Stop after this time with the best plan so far: `10s`, `500ms`, `2m`
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    time_limit: Option<Duration>,
    /// Nodes that one exact search may visit
    #[arg(long, value_name = "COUNT", default_value_t = Limits::none().nodes)]
    node_limit: u64,
    /// Memory that tables and programs may take: `512m`, `4g`
    #[arg(long, value_name = "SIZE", default_value = "4g", value_parser = parse_memory)]
    memory_limit: u64,
    /// Chooses which candidate layouts are tried where there are too many to try all
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::none().seed)]
    seed: u64,
    /// Threads to use; the plan does not depend on it [default: all cores]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

impl LimitOptions {
    /// Runs `work` under these limits, with Ctrl-C as a stop.
    ///
    /// # Errors
    /// If the threads or the interrupt handler cannot be set up, and those of `work`.
    pub(crate) fn run<T: Send>(
        &self,
        work: impl FnOnce(&Limits<'_>) -> anyhow::Result<T> + Send,
    ) -> anyhow::Result<T> {
        ctrlc::set_handler(|| {
            // A second Ctrl-C does not wait for the search to notice the first.
            if INTERRUPTED.swap(true, Ordering::SeqCst) {
                std::process::exit(3);
            }
        })
        .context("cannot set up the interrupt handler")?;
        let end = self
            .time_limit
            .and_then(|limit| Instant::now().checked_add(limit));
        let remaining = move || {
            if INTERRUPTED.load(Ordering::Relaxed) {
                return Some(Duration::ZERO);
            }
            end.map(|end| end.saturating_duration_since(Instant::now()))
        };
        let limits = Limits {
            remaining: &remaining,
            nodes: self.node_limit,
            memory_bytes: self.memory_limit,
            seed: self.seed,
        };
        let threads = self.threads.map_or(0, usize::from);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.context("cannot start the worker threads")?
            .install(|| work(&limits))
    }
}

/// A time with its unit, as a whole or decimal number; finer than a millisecond is cut off.
fn parse_time(word: &str) -> Result<Duration, String> {
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
    number
        .checked_mul(1 << shift)
        .ok_or_else(|| format!("`{word}` is more than 2^64 - 1 bytes; {expected}"))
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
        assert_eq!(parse_memory("2k"), Ok(2048));
        for wrong in ["", "m", "-1", "1x", "99999999999t"] {
            assert!(parse_memory(wrong).is_err(), "{wrong}");
        }
    }
}
