//! The built program, killed from outside at any moment, and hindered in every other way: whatever happens, the next run
//! goes on, no write takes effect twice, and the end is always the same.
//!
//! Moments are drawn from a seed that is printed; `RESEAT_KILL_SEED` and `RESEAT_KILL_SECONDS` try others, for longer.
#![cfg(unix)]
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot set up its world has to stop")]
#![expect(clippy::print_stdout, reason = "the seed, and what was not run, are for whoever reads the log")]

mod hindrances;
mod moments;
mod world;
