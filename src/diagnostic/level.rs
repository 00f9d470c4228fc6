//! How much weight a rule of the policy has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Severity;

/// How much weight a rule of the policy has; the order is from the mildest to the strictest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It is said.
    Warn,
    /// A named person has to approve; without that nothing is applied.
    Approve,
    /// Nothing of the plan is applied.
    Deny,
}

impl Level {
    /// The word of the formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Approve => "approve",
            Self::Deny => "deny",
        }
    }

    /// The severity of a finding of this level that nobody waived or approved.
    pub fn severity(self) -> Severity {
        match self {
            Self::Deny | Self::Approve => Severity::Error,
            Self::Warn => Severity::Warning,
        }
    }
}
