//! The state of the store and the tenants as text and data.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;

use super::escape::escape;
use super::format::wrap_from_column;
use super::style::{TextStyle, Tone};

/// The column of a message, after status and topic.
const MESSAGE_COLUMN: usize = 2 + 7 + 2 + 10 + 2;

/// The result of `doctor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Diagnosis {
    /// The program and its version.
    pub tool: String,
    /// The store.
    pub store: DiagnosisTarget,
    /// The tenants, by name.
    pub tenants: Vec<DiagnosisTarget>,
}

/// The store or a tenant, with its checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DiagnosisTarget {
    /// The tenant's name; `store` for the store.
    pub name: SmolStr,
    /// The store's address, or the vendor and the adapter.
    pub place: String,
    /// The checks, in the order of execution.
    pub checks: Vec<HealthCheck>,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HealthCheck {
    /// The subject.
    pub topic: CheckTopic,
    /// The status.
    pub verdict: CheckStatus,
    /// The result in one sentence.
    pub message: String,
    /// The remedy in steps; empty if the check passed.
    pub remedy: Vec<String>,
}

/// The subject of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckTopic {
    /// Whether the tenant can be read, and with which credential.
    Reading,
    /// Whether the tenant can be changed, and with which credential.
    Writing,
    /// The role of the credential.
    Role,
    /// The difference between the vendor's clock and the local clock.
    Clock,
    /// The remaining request quota.
    Quota,
    /// Whether the vendor currently rejects changes.
    Busy,
    /// Whether the observation is complete.
    Complete,
    /// The version of the adapter, the vendor or the store.
    Version,
    /// Whether another run holds the lock.
    Lock,
    /// A message from the adapter.
    Note,
}

impl CheckTopic {
    fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Writing => "writing",
            Self::Role => "role",
            Self::Clock => "clock",
            Self::Quota => "quota",
            Self::Busy => "busy",
            Self::Complete => "complete",
            Self::Version => "version",
            Self::Lock => "lock",
            Self::Note => "note",
        }
    }
}

/// The status of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// Passed.
    Ok,
    /// Passed, with a remark.
    Note,
    /// Works, but needs attention.
    Warning,
    /// Does not work.
    Error,
}

impl CheckStatus {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    fn tone(self) -> Tone {
        match self {
            Self::Ok | Self::Note => Tone::Gain,
            Self::Warning => Tone::Notice,
            Self::Error => Tone::Danger,
        }
    }
}

impl HealthCheck {
    /// Returns a check with its result.
    pub fn new(topic: CheckTopic, verdict: CheckStatus, message: impl Into<String>) -> Self {
        Self { topic, verdict, message: message.into(), remedy: Vec::new() }
    }

    /// Adds a remedy, if there is one.
    #[must_use]
    pub fn with_remedy(mut self, help: impl Into<Option<String>>) -> Self {
        self.remedy.extend(help.into());
        self
    }
}

/// Renders the diagnosis.
pub fn text(diagnosis: &Diagnosis, style: TextStyle) -> String {
    let mut text = format!("{}\n", escape(&diagnosis.tool));
    for examined in std::iter::once(&diagnosis.store).chain(&diagnosis.tenants) {
        // Writing to a string cannot fail, here and below.
        let _ =
            writeln!(text, "\n{}  {}", style.paint(Tone::Heading, &escape(&examined.name)), escape(&examined.place));
        for check in &examined.checks {
            let verdict = style.paint(check.verdict.tone(), &format!("{:<7}", check.verdict.as_str()));
            let _ = write!(text, "  {verdict}  {:<10}  ", check.topic.as_str());
            text.push_str(&wrap_from_column(&escape(&check.message), MESSAGE_COLUMN, MESSAGE_COLUMN, style.width));
            for step in &check.remedy {
                let help = format!("help: {}", escape(step));
                text.push_str(&super::format::wrap(&help, MESSAGE_COLUMN, style.width));
            }
        }
    }
    text
}
