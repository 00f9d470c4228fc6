//! Why the flow could not go on.

use crate::diagnostic::{Files, Finding, sort};
use crate::store::StoreError;

/// What kind of problem it is; closed, for each kind has an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkflowErrorKind {
    /// Ours, or reading and writing failed.
    Internal,
    /// The manifest or another input is wrong or missing.
    Input,
    /// Policy denies it.
    Denied,
    /// The plan is stale.
    Stale,
    /// A vendor takes no changes.
    Busy,
    /// A vendor cannot be reached, or does not let us in.
    Unreachable,
    /// Another run holds the lock.
    Locked,
    /// Somebody ended the run while operations were under way.
    Interrupted,
}

/// Why the flow could not go on: findings, with the files they point into.
#[derive(Debug)]
pub struct WorkflowError {
    /// Its kind.
    pub kind: WorkflowErrorKind,
    /// At least one, sorted by place.
    pub findings: Vec<Finding>,
    /// What was read before.
    pub files: Box<Files>,
}

impl WorkflowError {
    /// Several findings about files that were read.
    pub fn new(kind: WorkflowErrorKind, mut findings: Vec<Finding>, files: Files) -> Self {
        sort(&mut findings);
        Self { kind, findings, files: Box::new(files) }
    }

    /// One finding that is in no file.
    pub fn from_finding(kind: WorkflowErrorKind, finding: Finding) -> Self {
        Self { kind, findings: vec![finding], files: Box::default() }
    }
}

impl From<StoreError> for WorkflowError {
    fn from(error: StoreError) -> Self {
        let kind = match &error {
            StoreError::InvalidUrl(_)
            | StoreError::InvalidAddress(_)
            | StoreError::InvalidActor(_)
            | StoreError::NotAStore(..) => WorkflowErrorKind::Input,
            StoreError::Locked { .. } | StoreError::LockLost => WorkflowErrorKind::Locked,
            StoreError::UnsupportedVersion { .. }
            | StoreError::Replaced(_)
            | StoreError::Io(..)
            | StoreError::Database(_)
            | StoreError::Unreachable(..)
            | StoreError::AccessDenied(..)
            | StoreError::ReadOnly
            | StoreError::Corrupted(_) => WorkflowErrorKind::Internal,
        };
        Self::from_finding(kind, error.finding())
    }
}
