//! Plans, runs and findings as text and data; made from documents, never from an adapter.

pub mod audit;
pub mod catalog;
pub mod comment;
pub mod diff;
pub mod doctor;
pub mod drift;
pub mod escape;
pub mod findings;
pub mod graph;
pub mod history;
pub mod history_run;
pub mod html;
pub mod import;
pub mod json;
mod junit;
mod look;
pub mod markdown;
pub mod places;
pub mod plan;
pub mod policy_test;
pub mod review;
pub mod run;
pub mod runbook;
pub mod summary;
mod table;
pub mod why;
pub(crate) mod words;

pub use look::{Look, Tone};
