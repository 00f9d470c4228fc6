//! How the store and the tenants are, as text and as data.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;

use super::escape::escape;
use super::format::wrap_from_column;
use super::style::{TextStyle, Tone};

/// The columns before a message: verdict and topic, with two blanks before each.
const MESSAGE_COLUMN: usize = 2 + 7 + 2 + 10 + 2;

/// What `doctor` found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Diagnosis {
    /// The program and its version.
    pub tool: String,
    /// The store.
    pub store: DiagnosisTarget,
    /// The tenants, by name.
    pub tenants: Vec<DiagnosisTarget>,
}

/// What was looked at, and what was found there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DiagnosisTarget {
    /// The tenant's name; `store` for the store.
    pub name: SmolStr,
    /// Where it is: the store's address, or the vendor and the adapter.
    pub place: String,
    /// What was found, in the order of looking.
    pub checks: Vec<HealthCheck>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HealthCheck {
    /// What.
    pub topic: CheckTopic,
    /// How it is.
    pub verdict: CheckStatus,
    /// What was found, in a sentence.
    pub message: String,
    /// What to do, a step each; nothing where all is well.
    pub remedy: Vec<String>,
}

/// What can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckTopic {
    /// Whether it can be read, with which credential.
    Reading,
    /// Whether it can be changed, with which credential.
    Writing,
    /// The role of the credential.
    Role,
    /// The vendor's clock against ours.
    Clock,
    /// How many requests are left.
    Quota,
    /// Whether changes are refused just now.
    Busy,
    /// Whether everything could be read.
    Complete,
    /// Versions of what answers, or of the store.
    Version,
    /// Whether another run holds the lock.
    Lock,
    /// What the other side says of itself.
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

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// As it should be.
    Ok,
    /// Good to know.
    Note,
    /// It works, and may not work for long.
    Warning,
    /// It does not work.
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
    /// A check with what was found.
    pub fn new(topic: CheckTopic, verdict: CheckStatus, message: impl Into<String>) -> Self {
        Self { topic, verdict, message: message.into(), remedy: Vec::new() }
    }

    /// The same with one more thing to do.
    #[must_use]
    pub fn with_remedy(mut self, help: impl Into<Option<String>>) -> Self {
        self.remedy.extend(help.into());
        self
    }
}

/// The diagnosis for people.
pub fn text(diagnosis: &Diagnosis, look: TextStyle) -> String {
    let mut text = format!("{}\n", escape(&diagnosis.tool));
    for examined in std::iter::once(&diagnosis.store).chain(&diagnosis.tenants) {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "\n{}  {}", look.paint(Tone::Heading, &escape(&examined.name)), escape(&examined.place));
        for check in &examined.checks {
            let verdict = look.paint(check.verdict.tone(), &format!("{:<7}", check.verdict.as_str()));
            let _ = write!(text, "  {verdict}  {:<10}  ", check.topic.as_str());
            text.push_str(&wrap_from_column(&escape(&check.message), MESSAGE_COLUMN, MESSAGE_COLUMN, look.width));
            for step in &check.remedy {
                let help = format!("help: {}", escape(step));
                text.push_str(&super::format::wrap(&help, MESSAGE_COLUMN, look.width));
            }
        }
    }
    text
}
