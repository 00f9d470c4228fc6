//! Why a verb could not do its work, and which exit code that gives.

use std::io;

use super::exit::Exit;
use crate::diagnostic::{Files, Finding};
use crate::workflow::{WorkflowError, WorkflowErrorKind};

/// A verb that ended early.
#[derive(Debug)]
pub enum CliError {
    /// Something from outside is wrong; each finding says what, where, and what to type instead.
    Findings {
        /// The exit code.
        exit: Exit,
        /// Sorted by place.
        findings: Vec<Finding>,
        /// The files they point into.
        files: Box<Files>,
    },
    /// One sentence tells it all.
    Message {
        /// The exit code.
        exit: Exit,
        /// In lower case, without a full stop.
        message: String,
        /// How to mend it, if that is known.
        help: Option<String>,
    },
}

impl CliError {
    /// A failure of that kind, told in one sentence.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self::Message { exit, message: message.into(), help: None }
    }

    /// The command line makes no sense.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The exit code of a kind of problem.
    pub fn exit_for(kind: WorkflowErrorKind) -> Exit {
        match kind {
            WorkflowErrorKind::Internal => Exit::Internal,
            WorkflowErrorKind::Input => Exit::Input,
            WorkflowErrorKind::Denied => Exit::Denied,
            WorkflowErrorKind::Stale => Exit::Stale,
            WorkflowErrorKind::Busy => Exit::Pending,
            WorkflowErrorKind::Unreachable => Exit::Unreachable,
            WorkflowErrorKind::Locked => Exit::Locked,
            WorkflowErrorKind::Interrupted => Exit::Failed,
        }
    }

    /// The same failure with how to mend it.
    #[must_use]
    pub fn with_help(self, text: impl Into<String>) -> Self {
        match self {
            Self::Message { exit, message, .. } => Self::Message { exit, message, help: Some(text.into()) },
            findings @ Self::Findings { .. } => findings,
        }
    }
}

impl From<WorkflowError> for CliError {
    fn from(problem: WorkflowError) -> Self {
        let exit = Self::exit_for(problem.kind);
        Self::Findings { exit, findings: problem.findings, files: problem.files }
    }
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        Self::new(Exit::Internal, format!("writing the output failed: {error}"))
    }
}

impl From<serde_json::Error> for CliError {
    fn from(error: serde_json::Error) -> Self {
        Self::new(Exit::Internal, format!("a document has no JSON form: {error}"))
    }
}
