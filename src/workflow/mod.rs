//! The flow of every command, one file per verb.
//!
//! `plan` loads the manifest ([`manifest`]), reads the current state ([`observe`]) and calls the planner; `apply`
//! continues with [`execution`]. A workflow prints and asks through [`Ui`] and returns an [`Exit`] or a
//! [`WorkflowError`].

pub mod apply;
mod atomic_file;
pub mod audit;
pub mod codeowners;
pub mod comment;
mod connection;
mod consents;
pub mod current_state;
pub mod diff;
pub mod doctor;
pub mod emulate;
pub mod error;
mod event_file;
pub mod execution;
pub mod exit;
pub mod explain;
pub mod graph;
pub mod history;
pub mod import;
pub mod init;
pub mod isolation;
pub mod manifest;
pub mod observe;
mod pending;
pub mod plan;
pub mod plan_file;
pub mod policy_test;
mod preconditions;
pub mod resume;
mod reviewed;
pub mod runbook;
pub mod schema;
pub mod session;
mod signals;
pub mod state_files;
pub mod ui;
pub mod undo;
mod unfinished;
pub mod validate;
pub mod why;

pub use error::WorkflowError;
pub use exit::Exit;
pub use session::Session;
pub use ui::Ui;
