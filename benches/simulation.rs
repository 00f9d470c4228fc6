//! Runs millions of simulated worlds and reports the rate and the failing seeds.
//!
//! `cargo bench --bench simulation -- 1000000` runs a million worlds from seed 0; a second number is the first seed. With a count
//! of 1, a failing world prints its full log.
#![expect(clippy::expect_used, reason = "a benchmark that cannot create its world must stop")]
#![expect(clippy::print_stdout, reason = "the figures are the output")]

#[path = "../tests/system/simulation/crowd.rs"]
mod crowd;
#[path = "../tests/system/simulation/faults.rs"]
mod faults;
#[path = "../tests/system/simulation/lot.rs"]
mod lot;
#[path = "../tests/system/simulation/story.rs"]
mod story;
#[path = "../tests/system/simulation/vendor.rs"]
mod vendor;
#[path = "../tests/system/simulation/witness.rs"]
mod witness;
#[path = "../tests/system/simulation/world.rs"]
mod world;

use std::time::Instant;

/// The number of worlds between progress messages.
const LOT: u64 = 10_000;

fn main() {
    let numbers: Vec<u64> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let count = numbers.first().copied().unwrap_or(LOT);
    let first = numbers.get(1).copied().unwrap_or(0);
    println!("{count} worlds from seed {first}");
    let began = Instant::now();
    let (mut done, mut failed) = (0, 0_usize);
    while done < count {
        let lot = LOT.min(count - done);
        let seeds: Vec<u64> = (first + done..first + done + lot).collect();
        for (seed, ending) in crowd::run(&seeds).failures {
            println!("seed {seed}: {}", ending.violations.join("; "));
            if count == 1 {
                println!("{}", ending.lines.join("\n"));
            }
            failed += 1;
        }
        done += lot;
        println!("{done} worlds, {failed} failed, {:.0} per second", done as f64 / began.elapsed().as_secs_f64());
    }
}
