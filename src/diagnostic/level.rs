//! Levels of policy rules.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Severity;

/// The level of a policy rule, from the least to the most strict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Reports a warning.
    Warn,
    /// Requires a named approver; otherwise nothing of the plan is applied.
    Approve,
    /// Denies the plan: nothing of it is applied.
    Deny,
}

impl Level {
    /// Returns the name used in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Approve => "approve",
            Self::Deny => "deny",
        }
    }

    /// Returns the severity of a finding that is neither waived nor approved.
    pub fn severity(self) -> Severity {
        match self {
            Self::Deny | Self::Approve => Severity::Error,
            Self::Warn => Severity::Warning,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
