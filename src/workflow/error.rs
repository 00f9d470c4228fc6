//! Why a command stopped early, with its exit code.

use std::io;

use thiserror::Error;

use super::exit::Exit;
use crate::diagnostic::{Files, Finding, sort};
use crate::store::StoreError;

/// A command that stopped early.
#[derive(Debug, Error)]
pub enum WorkflowError {
    /// Invalid input or a refused step.
    #[error("{}", headline(findings))]
    Findings {
        /// The exit code.
        exit: Exit,
        /// At least one finding, sorted by source.
        findings: Vec<Finding>,
        /// The files that the findings refer to.
        files: Box<Files>,
    },
    /// An error without a finding code, such as an invalid command line.
    #[error("{message}")]
    Message {
        /// The exit code.
        exit: Exit,
        /// The message, in lower case and without a final period.
        message: String,
        /// The remedy, if there is one.
        help: Option<String>,
    },
}

impl WorkflowError {
    /// Returns an error with several findings in files that were read.
    pub fn new(exit: Exit, mut findings: Vec<Finding>, files: Files) -> Self {
        sort(&mut findings);
        Self::Findings { exit, findings, files: Box::new(files) }
    }

    /// Returns an error with one finding outside of any file.
    pub fn from_finding(exit: Exit, finding: Finding) -> Self {
        Self::Findings { exit, findings: vec![finding], files: Box::default() }
    }

    /// Returns an error without a finding.
    pub fn message(exit: Exit, message: impl Into<String>) -> Self {
        Self::Message { exit, message: message.into(), help: None }
    }

    /// Returns a usage error.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::message(Exit::Usage, message)
    }

    /// Adds a remedy to a message.
    #[must_use]
    pub fn with_help(self, text: impl Into<String>) -> Self {
        match self {
            Self::Message { exit, message, .. } => Self::Message { exit, message, help: Some(text.into()) },
            findings @ Self::Findings { .. } => findings,
        }
    }

    /// Returns the exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Findings { exit, .. } | Self::Message { exit, .. } => *exit,
        }
    }

    /// Returns the findings; none for a message.
    pub fn into_findings(self) -> Vec<Finding> {
        match self {
            Self::Findings { findings, .. } => findings,
            Self::Message { .. } => Vec::new(),
        }
    }
}

fn headline(findings: &[Finding]) -> &str {
    findings.first().map_or("unknown error", |finding| &finding.message)
}

impl From<StoreError> for WorkflowError {
    fn from(error: StoreError) -> Self {
        let exit = match &error {
            StoreError::InvalidUrl(_)
            | StoreError::InvalidAddress(_)
            | StoreError::InvalidActor(_)
            | StoreError::NotAStore(..) => Exit::Input,
            StoreError::Locked { .. } | StoreError::LockLost => Exit::Locked,
            StoreError::UnsupportedVersion { .. }
            | StoreError::Replaced(_)
            | StoreError::Io(..)
            | StoreError::Database(_)
            | StoreError::Unreachable(..)
            | StoreError::AccessDenied(..)
            | StoreError::ReadOnly
            | StoreError::Corrupted(_) => Exit::Internal,
        };
        Self::from_finding(exit, error.finding())
    }
}

impl From<io::Error> for WorkflowError {
    fn from(error: io::Error) -> Self {
        Self::message(Exit::Internal, format!("writing the output failed: {error}"))
    }
}

impl From<serde_json::Error> for WorkflowError {
    fn from(error: serde_json::Error) -> Self {
        Self::message(Exit::Internal, format!("serializing a document failed: {error}"))
    }
}
