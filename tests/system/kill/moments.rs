//! Kills at random moments, repeatedly, until a last run completes.

use std::collections::{BTreeMap, BTreeSet};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::kill::world::{Held, World, licenses, told};

/// The default duration.
const SECONDS: u64 = 15;
/// The maximum number of kills of one company.
const KILLS: u64 = 4;

#[expect(clippy::disallowed_methods, reason = "these variables choose another seed, or more of them")]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// The progress of each account: it never returns to what it had left, except by a rollback
/// after the new license failed for certain.
fn check_steps(seen: &mut BTreeMap<String, Vec<Vec<String>>>, held: &Held, seed: u64) {
    for (account, licenses) in held {
        let path = seen.entry(account.clone()).or_default();
        if path.last() == Some(licenses) {
            continue;
        }
        if path.first() == Some(licenses) {
            path.truncate(1);
            continue;
        }
        assert!(!path.contains(licenses), "seed {seed}: {account} went back to {licenses:?}: {path:?}");
        path.push(licenses.clone());
    }
}

/// No operation of a plan was found applied by two runs.
fn check_journal(world: &World, seed: u64) {
    let history = world.run(&["history", "--format", "json", "--limit", "100"]);
    let document: Value = serde_json::from_slice(&history.stdout).expect("a history is JSON");
    let mut applied = BTreeSet::new();
    for run in document["runs"].as_array().into_iter().flatten() {
        for one in run["outcomes"].as_array().into_iter().flatten().filter(|one| one["outcome"] == "applied") {
            let (plan, id) = (run["plan"].to_string(), one["id"].to_string());
            assert!(applied.insert((plan, id.clone())), "seed {seed}: {id} was applied twice: {document:#}");
        }
    }
}

/// One company, killed a few times, then left to complete.
fn round(seed: u64, undisturbed: &[Undisturbed; 2]) {
    let mut random = fastrand::Rng::with_seed(seed);
    let is_slow = random.u8(0..8) == 0;
    let world = if is_slow { World::new() } else { World::prompt() };
    let Undisturbed { whole, end } = &undisturbed[usize::from(is_slow)];
    let mut seen = BTreeMap::new();
    check_steps(&mut seen, &world.held(), seed);
    // A new plan gives up what only the first plan knows.
    let plans_anew = random.bool();
    for turn in 0..=random.u64(0..KILLS) {
        let again: &[&str] = if turn > 0 && !plans_anew { &["resume"] } else { &["apply", "--yes"] };
        let mut child = world.start(again);
        sleep(whole.mul_f64(random.f64()));
        // A run that ended by itself is as good.
        drop(child.kill());
        child.wait().expect("a killed program ends");
        check_steps(&mut seen, &world.held(), seed);
    }
    if plans_anew {
        assert_eq!(licenses(&world.converge(&["apply", "--yes"])), licenses(end), "seed {seed}");
    } else {
        // A run that died before it had a name leaves nothing to resume.
        drop(world.run(&["resume"]));
        assert_eq!(world.converge(&["apply", "--yes"]), *end, "seed {seed}");
    }
    check_journal(&world, seed);
}

/// Measures an undisturbed run: its duration, and its final state.
struct Undisturbed {
    whole: Duration,
    end: Held,
}

impl Undisturbed {
    fn of(world: &World) -> Self {
        let began = Instant::now();
        assert!(world.run(&["apply", "--yes"]).status.success());
        let whole = began.elapsed();
        check_journal(world, 0);
        Self { whole, end: world.converge(&["apply", "--yes"]) }
    }
}

#[test]
fn killed_runs_always_reach_the_same_state() {
    let began = Instant::now();
    let undisturbed = [Undisturbed::of(&World::prompt()), Undisturbed::of(&World::new())];
    let seed = number("RESEAT_KILL_SEED").unwrap_or_else(|| fastrand::u64(..));
    let limit = Duration::from_secs(number("RESEAT_KILL_SECONDS").unwrap_or(SECONDS));
    let mut rounds = 0;
    println!("seed {seed}: RESEAT_KILL_SEED={seed} cargo test --test system kill");
    while rounds < 2 || began.elapsed() < limit {
        round(seed.wrapping_add(rounds), &undisturbed);
        rounds += 1;
    }
    println!("{rounds} worlds");
}

/// Returns the name of the newest run, if any.
fn newest(world: &World) -> Option<String> {
    let history = world.run(&["history", "--format", "json"]);
    let document: Value = serde_json::from_slice(&history.stdout).expect("a history is JSON");
    document["runs"].get(0)?["run"].as_str().map(str::to_owned)
}

#[test]
fn killed_run_can_be_undone_and_restores_everyone() {
    let began = Instant::now();
    let whole = Undisturbed::of(&World::prompt()).whole;
    let seed = number("RESEAT_KILL_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("seed {seed}: RESEAT_KILL_SEED={seed} cargo test --test system kill");
    let mut random = fastrand::Rng::with_seed(seed);
    let limit = Duration::from_secs(number("RESEAT_KILL_SECONDS").unwrap_or(SECONDS) / 2);
    let mut undone = 0;
    while undone < 2 || began.elapsed() < limit {
        let world = World::prompt();
        let before = world.held();
        let mut child = world.start(&["apply", "--yes"]);
        sleep(whole.mul_f64(random.f64()));
        drop(child.kill());
        child.wait().expect("a killed program ends");
        let Some(run) = newest(&world) else { continue };
        let output = world.run(&["undo", &run, "--yes"]);
        assert!(output.status.success(), "seed {seed}: {}", told(&output));
        assert_eq!(licenses(&world.held()), licenses(&before), "seed {seed}: {}", told(&output));
        let again = told(&world.run(&["undo", &run, "--yes"]));
        assert!(again.contains("nothing to undo"), "seed {seed}: {again}");
        undone += 1;
    }
    println!("{undone} runs");
}
