//! Reports of runs: one run, the history of runs, and one earlier run in detail.

pub mod details;
pub mod history;
mod text;

pub use self::text::{count_operations, next_commands, operations_are, summarize_left_out, summarize_outcomes, text};
