//! The executor in thousands of faulty worlds, in virtual time, each determined by one number.
//!
//! `cargo test --test system simulation` runs several thousand, `cargo bench --bench simulation -- 1000000` as many as you like.
//! `RESEAT_SEED=42 cargo test --test system simulation one_world -- --nocapture` prints the story of one. A seed that failed
//! is kept in `seeds.txt` with a sentence on what it found.
#![expect(clippy::expect_used, reason = "tests state their assumptions")]
#![expect(clippy::print_stderr, reason = "the seed and the story are for debugging")]

mod crowd;
mod faults;
mod lot;
mod story;
mod vendor;
mod witness;
mod world;

use reseat::env::variable;

use crowd::Crowd;
use witness::Marks;

/// The default number of worlds.
const WORLDS: u64 = 2_000;
/// The events that must happen in that many worlds.
const HAPPENINGS: [&str; 22] = [
    "accepted and forgotten",
    "answer lost",
    "busy",
    "clock jump",
    "denied",
    "done later",
    "restored",
    "hangs",
    "kill",
    "lock loss",
    "meddling",
    "partial page",
    "read failed",
    "refused",
    "refused later",
    "request lost",
    "seat theft",
    "stale read",
    "stop",
    "stranded",
    "throttled",
    "unreachable",
];
/// The maximum number of failures to print.
const TOLD: usize = 5;

/// Reads a number from an environment variable.
fn number(name: &str) -> Option<u64> {
    variable::read(name).map(|text| text.trim().parse().expect("the variable is a number"))
}

fn assert_all_well(seeds: &[u64]) -> Marks {
    let Crowd { failures, marks } = crowd::run(seeds);
    for (seed, ending) in failures.iter().take(TOLD) {
        eprintln!("seed {seed}: {}", ending.violations.join("; "));
    }
    assert!(
        failures.is_empty(),
        "{} of {} worlds failed; `RESEAT_SEED={} cargo test --test system simulation one_world -- --nocapture` tells the story",
        failures.len(),
        seeds.len(),
        failures[0].0
    );
    marks
}

/// The seeds that once failed.
fn kept() -> Vec<u64> {
    let lines = include_str!("seeds.txt").lines();
    let numbers = lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_whitespace().next());
    numbers.map(|word| word.parse().expect("a line begins with a seed")).collect()
}

#[test]
fn worlds_that_once_failed_survive() {
    assert_all_well(&kept());
}

#[test]
fn thousands_of_worlds_survive() {
    let first = number("RESEAT_SEED").unwrap_or(0);
    let count = number("RESEAT_WORLDS").unwrap_or(WORLDS);
    eprintln!("seeds {first} to {}", first.saturating_add(count));
    let marks = assert_all_well(&(first..first.saturating_add(count)).collect::<Vec<_>>());
    eprintln!("{marks:?}");
    // A fault that never happens tests nothing.
    if count >= WORLDS {
        let missing: Vec<_> = HAPPENINGS.iter().filter(|what| !marks.contains_key(*what)).collect();
        assert!(missing.is_empty(), "it never happened: {missing:?}");
    }
}

#[test]
fn one_world_has_one_story() {
    let seed = number("RESEAT_SEED");
    for seed in seed.map_or(0..30, |seed| seed..seed + 1) {
        let (one, two) = (story::tell(seed), story::tell(seed));
        eprintln!("seed {seed}\n{}\n", one.lines.join("\n"));
        assert_eq!(one.lines, two.lines, "seed {seed} does not decide everything");
        assert_eq!(one.violations, Vec::<String>::new(), "seed {seed}");
    }
}
