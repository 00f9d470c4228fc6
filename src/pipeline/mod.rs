//! The one place that names the whole flow: manifest, desired, current, changes, plan, outcomes.

pub mod schema;
