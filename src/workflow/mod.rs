//! The one place that names the whole flow.
//!
//! Data flows one way: [`manifest`] (files to desired state, policy and rules) → [`observe`] (tenants or state files
//! to current state) → [`plan`] (both to a plan) → [`execution`] (a plan to
//! outcomes). [`diff`] and [`why`] look
//! at the way from the side, for `diff` and `why`.
//! What must hold: nothing here asks a terminal, prints, or chooses an exit code; every way to fail is a [`Problem`].

pub mod audit;
pub mod codeowners;
pub mod comment;
mod consents;
pub mod diff;
pub mod doctor;
pub mod error;
pub mod execution;
pub mod history;
pub mod import;
pub mod init;
pub mod isolation;
pub mod manifest;
pub mod observe;
pub mod pending;
pub mod plan;
pub mod plan_file;
pub mod policy_test;
pub mod preconditions;
pub mod resume;
pub mod reviewed;
pub mod runbook;
pub mod schema;
pub mod state_files;
pub mod undo;
pub mod why;

pub use error::{WorkflowError, WorkflowErrorKind};
