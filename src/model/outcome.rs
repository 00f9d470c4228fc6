//! Outcomes of operations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The outcome of one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Applied and read back.
    Applied,
    /// Already in effect before anything was sent.
    Already,
    /// Accepted by the vendor but not in effect yet.
    Pending,
    /// Not sent: the person changed since the plan, or an operation that it depends on did not succeed.
    Skipped,
    /// Refused, or certainly without effect.
    Failed,
    /// Sent, with an unknown result.
    Unknown,
}

impl Outcome {
    /// Returns the name in the format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Already => "already",
            Self::Pending => "pending",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the effect is in place, so that dependent operations may proceed.
    pub fn is_success(self) -> bool {
        match self {
            Self::Applied | Self::Already => true,
            Self::Pending | Self::Skipped | Self::Failed | Self::Unknown => false,
        }
    }

    /// Parses the name in the format.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Applied, Self::Already, Self::Pending, Self::Skipped, Self::Failed, Self::Unknown]
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
    }
}

/// Counts of operations by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutcomeSummary {
    /// Done, and read back.
    pub applied: u64,
    /// So before anything was sent.
    pub already: u64,
    /// Accepted, not in effect yet.
    pub pending: u64,
    /// Not sent.
    pub skipped: u64,
    /// Refused, or surely without effect.
    pub failed: u64,
    /// Sent; the result is unknown.
    pub unknown: u64,
}

impl OutcomeSummary {
    /// Counts one outcome.
    pub fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Applied => self.applied += 1,
            Outcome::Already => self.already += 1,
            Outcome::Pending => self.pending += 1,
            Outcome::Skipped => self.skipped += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Unknown => self.unknown += 1,
        }
    }

    /// Whether the effect of every operation is in place.
    pub fn is_complete(&self) -> bool {
        let Self { applied: _, already: _, pending, skipped, failed, unknown } = *self;
        pending + skipped + failed + unknown == 0
    }
}
