//! What came of one operation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The fate of one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Done, and read back.
    Applied,
    /// It was so before anything was sent.
    Already,
    /// The vendor accepted it, and the effect is not there yet.
    Pending,
    /// Not sent: the person changed since the plan, or what it depends on did not succeed.
    Skipped,
    /// Refused, or surely without effect.
    Failed,
    /// Sent, and nobody knows what came of it.
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

    /// Whether the effect is there, so that what depends on the operation may go on.
    pub fn is_success(self) -> bool {
        match self {
            Self::Applied | Self::Already => true,
            Self::Pending | Self::Skipped | Self::Failed | Self::Unknown => false,
        }
    }

    /// The outcome of that word, if it is one.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Applied, Self::Already, Self::Pending, Self::Skipped, Self::Failed, Self::Unknown]
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
    }
}

/// How many operations came to which end.
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
    /// Sent, and nobody knows.
    pub unknown: u64,
}

impl OutcomeSummary {
    /// Counts one more.
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

    /// Whether every operation's effect is there.
    pub fn is_complete(&self) -> bool {
        let Self { applied: _, already: _, pending, skipped, failed, unknown } = *self;
        pending + skipped + failed + unknown == 0
    }
}
