//! Runs a reader over many spoiled texts: no panic, no hang, and memory within bounds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::mutate::mutated;
use crate::random::Random;

/// Inputs of a reader in an ordinary run; `EXTENTPLAN_FUZZ_INPUTS` says another number.
const INPUTS: u64 = 200;
/// No input takes longer than this, on a loaded machine and without optimisation.
const LONGEST: Duration = Duration::from_secs(60);
/// What the whole test program may take in memory, in KiB: all readers run at once.
const MOST_MEMORY_KIB: u64 = 3 << 20;
/// Failures after which a reader has failed enough.
const MOST_FAILURES: usize = 5;

/// How far an input got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    /// It was refused.
    Refused,
    /// It was read, and what follows was done.
    Read,
}

fn number(variable: &str, default: u64) -> u64 {
    let given = std::env::var(variable).ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The texts of a folder of the corpus, and of other files.
pub(crate) fn corpus(folder: &str, others: &[&str]) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = root.join("tests/fuzz/corpus").join(folder);
    let own = std::fs::read_dir(own).expect("a folder of the corpus");
    let mut files: Vec<_> = own.map(|entry| entry.expect("an entry").path()).collect();
    files.extend(others.iter().map(|other| root.join(other)));
    files.sort();
    let texts = files
        .iter()
        .map(|file| std::fs::read(file).expect("a text"));
    texts.collect()
}

/// Feeds a reader the texts of the corpus as they are, and then spoiled ones; the reader is told whether what was
/// read is to go on through the rooms behind.
///
/// # Panics
/// If it panics on any of them, takes too much memory, or refuses nearly all. What it panics on is kept in
/// the folder for temporary files.
pub(crate) fn fuzz(
    reader: &'static str,
    corpus: &[Vec<u8>],
    mut read: impl FnMut(&[u8], &mut Random, bool) -> Reached,
) {
    let inputs = number("EXTENTPLAN_FUZZ_INPUTS", INPUTS);
    let seed = number("EXTENTPLAN_FUZZ_SEED", 20_261);
    let first = number("EXTENTPLAN_FUZZ_FIRST", 0);
    let followed = number("EXTENTPLAN_FUZZ_FOLLOWED", 1).max(1);
    let watched = watch(reader);
    let mut failures = Vec::new();
    let (mut accepted, mut slowest) = (0u64, Duration::ZERO);
    for text in corpus {
        assert_eq!(
            read(text, &mut Random::of(seed, 0), true),
            Reached::Read,
            "{reader}: the corpus has a text that is refused:\n{}",
            String::from_utf8_lossy(text)
        );
    }
    for input in first..first + inputs {
        let mut random = Random::of(seed, input);
        let text = mutated(&mut random, corpus);
        watched.store(input + 1, Ordering::Relaxed);
        let started = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| {
            read(&text, &mut random, input.is_multiple_of(followed))
        })) {
            Ok(Reached::Read) => accepted += 1,
            Ok(Reached::Refused) => {}
            Err(_) => {
                let file = std::env::temp_dir().join(format!("fuzz-{reader}-{seed}-{input}"));
                std::fs::write(&file, &text).expect("the input is kept");
                failures.push(format!("seed {seed}, input {input}: {}", file.display()));
            }
        }
        slowest = slowest.max(started.elapsed());
        if failures.len() == MOST_FAILURES {
            break;
        }
    }
    watched.store(u64::MAX, Ordering::Relaxed);
    let memory_kib = peak_memory_kib();
    eprintln!(
        "{reader}: {inputs} inputs, {accepted} read, slowest {slowest:?}, peak {memory_kib} KiB"
    );
    assert!(
        failures.is_empty(),
        "{reader} panicked at\n{}",
        failures.join("\n")
    );
    assert!(memory_kib < MOST_MEMORY_KIB, "{reader}: {memory_kib} KiB");
    // Inputs that are all refused at the door prove nothing about the rooms behind it.
    assert!(
        accepted * 20 >= inputs,
        "{reader}: {accepted} of {inputs} read"
    );
}

/// Ends the program where one input takes too long: a hang cannot be caught otherwise.
fn watch(reader: &'static str) -> Arc<AtomicU64> {
    let current = Arc::new(AtomicU64::new(0));
    let watched = Arc::clone(&current);
    std::thread::spawn(move || {
        let (mut last, mut since) = (0, Instant::now());
        loop {
            std::thread::sleep(Duration::from_millis(200));
            let now = watched.load(Ordering::Relaxed);
            if now == u64::MAX {
                return;
            }
            if now != last {
                (last, since) = (now, Instant::now());
            } else if now > 0 && since.elapsed() > LONGEST {
                eprintln!("{reader}: input {} takes longer than {LONGEST:?}", now - 1);
                std::process::abort();
            }
        }
    });
    current
}

/// The most memory that the test program ever had, where the system says so.
fn peak_memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|text| text.trim().trim_end_matches("kB").trim().parse().ok());
    peak.unwrap_or(0)
}
