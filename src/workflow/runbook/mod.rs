//! Manual steps: runbooks of a plan, written to files or walked through on the terminal.

mod document;
mod session;
mod source;
mod visit_text;
mod walkthrough;

pub(super) use session::RunbookSession;
pub(super) use source::is_manual;
pub use source::{preview, show};
