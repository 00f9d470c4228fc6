//! The built program, killed at random moments and obstructed in other ways: the next run
//! continues, no write takes effect twice, and the final state is always the same.
//!
//! A printed seed chooses the moments; `RESEAT_KILL_SEED` and `RESEAT_KILL_SECONDS` try other seeds, for longer.
#![cfg(unix)]
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot set up its world has to stop")]
#![expect(clippy::print_stdout, reason = "the seed, and skipped cases, are for the log")]

mod hindrances;
mod moments;
mod world;
