//! The one place that names the whole flow: manifest, desired, current, changes, plan, outcomes.

pub mod history;
pub mod manifest;
pub mod plan_file;
pub mod problem;
pub mod schema;
pub mod starter;

pub use problem::{Kind, Problem};
