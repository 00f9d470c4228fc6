//! Reports of plans, runs and findings as text and data.

pub mod audit;
pub mod catalog;
pub mod comment;
pub mod diff;
pub mod doctor;
pub mod escape;
pub mod findings;
pub(crate) mod format;
pub mod import;
pub mod json;
mod junit;
pub mod plan;
pub mod policy_test;
pub mod review;
pub mod review_mismatch;
pub mod run;
pub mod runbook;
pub mod source_path;
mod style;
pub mod summary;
mod table;
pub mod why;

pub use style::{TextStyle, Tone};
