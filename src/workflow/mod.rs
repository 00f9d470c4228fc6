//! The one place that names the whole flow.
//!
//! Data flows one way: [`manifest`] (files to desired state, policy and rules) → [`observe`] (tenants or state files
//! to current state) → [`make`] (both to a plan) → [`carry_out`] (a plan to
//! outcomes). [`compare`] and [`reasons`] look
//! at the way from the side, for `diff` and `why`.
//! What must hold: nothing here asks a terminal, prints, or chooses an exit code; every way to fail is a [`Problem`].

pub mod audit;
pub mod carry_out;
pub mod codeowners;
pub mod comment;
pub mod compare;
mod consents;
pub mod doctor;
pub mod error;
pub mod history;
pub mod import;
pub mod init;
pub mod isolation;
pub mod make;
pub mod manifest;
pub mod observe;
pub mod pending;
pub mod plan_file;
pub mod preconditions;
pub mod reasons;
pub mod resume;
pub mod reviewed;
pub mod rule_cases;
pub mod runbook;
pub mod schema;
pub mod state_files;
pub mod undo;

pub use error::{WorkflowError, WorkflowErrorKind};
