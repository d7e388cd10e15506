//! Is there a layout at all: 2,000 random requests of whole legs, decided one after another.
//!
//! `cargo bench --bench feasible [-- CASES [SECONDS [FIRST]]]` prints how many are decided within so many
//! seconds each, how long that takes, and the recipe of each case that stays open.

use std::time::{Duration, Instant};

use extentplan::core::{Answer, Limits, Measure};
use extentplan::generate::{Family, Settings, generate};
use extentplan::search;

/// Parts of the longest leg there could be, in thousandths; the last asks for every extent.
const LOADS: [u64; 10] = [600, 700, 800, 850, 900, 950, 970, 990, 1_000, 1_000];

/// Case `number`: 5 to 200 sources of 1 to 6 areas, 2 to 16 legs; every fourth has sources of nearly
/// the same size.
fn settings(number: u64) -> Settings {
    // Multipliers without a common factor go through all combinations (Weyl 1916).
    let draw = |step: u64, from: u64, to: u64| from + number * step / 1_024 % (to - from + 1);
    let load = LOADS[usize::try_from(number).unwrap_or(0) % LOADS.len()];
    let sources = draw(633_283, 5, 200);
    let family = if load == 1_000 {
        Family::Full
    } else {
        Family::Raid
    };
    let usual = Settings::new(family, number + 1);
    let (smallest, largest) = if number % 4 == 3 {
        (200_000, 260_000)
    } else {
        (20_000, 500_000)
    };
    Settings {
        sources,
        areas: draw(420_187, 1, 6),
        legs: draw(917_711, 2, 16.min(sources)),
        load,
        smallest,
        largest,
        ..usual
    }
}

fn main() {
    let mut numbers = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok());
    let cases: u64 = numbers.next().unwrap_or(2_000);
    let seconds: u64 = numbers.next().unwrap_or(1);
    let first: u64 = numbers.next().unwrap_or(0);
    let mut spent = Vec::new();
    let (mut plans, mut refused, mut open) = (0, 0, 0);
    for number in first..first + cases {
        let settings = settings(number);
        let problem = generate(&settings).expect("the numbers go together");
        // Every plan of a request of exact size meets this measure.
        let problem = problem
            .with_objective(vec![Measure::Shortfall])
            .expect("one measure");
        let start = Instant::now();
        let end = start + Duration::from_secs(seconds);
        let limits = Limits {
            remaining: &|| Some(end.saturating_duration_since(Instant::now())),
            ..Limits::none()
        };
        match search::plan(&problem, None, &limits) {
            Answer::Best { .. } | Answer::Found { .. } => plans += 1,
            Answer::Impossible { .. } => refused += 1,
            Answer::Unknown { .. } => {
                open += 1;
                println!("open: case {number}, {settings:?}");
            }
        }
        spent.push(start.elapsed());
    }
    spent.sort_unstable();
    let at = |part: usize| spent[(spent.len() - 1) * part / 1_000];
    println!(
        "{cases} cases: {plans} have a plan, {refused} have none, {open} open after {seconds} s"
    );
    println!(
        "time: median {:?}, 90 % {:?}, 99 % {:?}, 99.5 % {:?}, most {:?}",
        at(500),
        at(900),
        at(990),
        at(995),
        at(1_000)
    );
}
