//! Findings: what is wrong, where, and what to type instead.
//!
//! Every complaint of the program about something from outside is a [`Finding`] with a code of the catalog. It
//! stands apart from the rules that make findings, so that all of them look alike in every format.
//! What must hold: a code never changes its meaning; a message has one source; a finding never holds a secret.

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
