//! One diagnostic: a stable code, how bad it is, where it is, what is wrong and what to type instead.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::code::Code;
use super::location::Source;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing goes on until it is mended.
    Error,
    /// It goes on, and probably not as meant.
    Warning,
    /// Good to know.
    Note,
}

/// Another place that has to do with a finding, such as the first of two equal keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Related {
    /// What is there.
    pub message: String,
    /// Where it is, if that is known.
    pub source: Option<Source>,
}

/// One diagnostic. It has this shape in every document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The stable code, such as `M101`; `reseat explain M101` tells more.
    pub code: SmolStr,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong: one sentence in lower case without a full stop.
    pub message: String,
    /// What to type instead, if that is known.
    pub help: Option<String>,
    /// Where it is, if it is somewhere.
    pub source: Option<Source>,
    /// Other places that have to do with it.
    pub related: Vec<Related>,
}

impl Finding {
    /// A finding of that code and severity, without a place.
    pub fn new(code: &'static Code, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code: SmolStr::new_static(code.id),
            severity,
            message: message.into(),
            help: None,
            source: None,
            related: Vec::new(),
        }
    }

    /// An error of that code.
    pub fn error(code: &'static Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A warning of that code.
    pub fn warning(code: &'static Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// A note of that code.
    pub fn note(code: &'static Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, message)
    }

    /// The same finding with what to type instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same finding at that place.
    #[must_use]
    pub fn at(mut self, source: impl Into<Option<Source>>) -> Self {
        self.source = source.into();
        self
    }

    /// The same finding with one more place that has to do with it.
    #[must_use]
    pub fn related(mut self, message: impl Into<String>, source: impl Into<Option<Source>>) -> Self {
        self.related.push(Related { message: message.into(), source: source.into() });
        self
    }
}

/// Sorts findings by place, then severity, code and message, and drops those said twice.
pub fn sort(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| {
        (&a.source, a.severity, &a.code, &a.message, &a.help, &a.related)
            .cmp(&(&b.source, b.severity, &b.code, &b.message, &b.help, &b.related))
    });
    findings.dedup();
}

/// Whether any of them is an error.
pub fn has_error(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}
