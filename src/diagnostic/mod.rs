//! Findings: diagnostics with a stable code, a severity, a source position and help.
//!
//! reseat reports every fault of its input as a [`Finding`]. Invariants: a code never changes its meaning, and a finding
//! never contains a secret.

pub mod catalog;
mod code;
mod finding;
mod level;
mod location;
mod suggestion;

pub use code::Code;
pub use finding::{Finding, Related, Severity, has_error, sort};
pub use level::Level;
pub use location::{FileId, Files, Location, Source, SourceFile, portable_name};
pub use suggestion::{did_you_mean, nearest};
