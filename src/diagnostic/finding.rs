//! A finding: one diagnostic.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use smol_str::SmolStr;

use super::code::Code;
use super::level::Level;
use super::location::Source;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Must be fixed before the command can continue.
    Error,
    /// Probably unintended; the command continues.
    Warning,
    /// Information only.
    Note,
}

/// A related location of a finding, such as the first of two duplicate keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Related {
    /// How it is related.
    pub message: String,
    /// The location, if known.
    pub source: Option<Source>,
}

/// One diagnostic, with the same fields in every document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The stable code, such as `M101`, which `reseat explain M101` describes.
    pub code: SmolStr,
    /// The severity.
    pub severity: Severity,
    /// What is wrong: one sentence in lower case, without a period.
    pub message: String,
    /// How to fix it, if known.
    pub help: Option<String>,
    /// The location in a file, if any.
    pub source: Option<Source>,
    /// Related locations.
    pub related: Vec<Related>,
    /// Policy: the rule, such as `losses`, or the name of a custom rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<SmolStr>,
    /// Policy: the level of the rule, without waivers and approvals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Policy: the keys of the people concerned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<SmolStr>,
    /// Policy: the values that the rule used, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<SmolStr, Value>,
    /// Policy: the smallest change that satisfies the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smallest_change: Option<String>,
    /// Policy, level `approve`: the digest that an approval must name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<SmolStr>,
    /// Policy, level `approve`: the approver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<SmolStr>,
    /// Policy: the last day of the waiver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived_until: Option<Date>,
}

impl Finding {
    /// Creates a finding without a location.
    pub fn new(code: &'static Code, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code: SmolStr::new_static(code.id),
            severity,
            message: message.into(),
            help: None,
            source: None,
            related: Vec::new(),
            rule: None,
            level: None,
            people: Vec::new(),
            values: BTreeMap::new(),
            smallest_change: None,
            approval: None,
            approved_by: None,
            waived_until: None,
        }
    }

    /// Creates an error.
    pub fn error(code: &'static Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// Creates a warning.
    pub fn warning(code: &'static Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// Creates a note.
    pub fn note(code: &'static Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, message)
    }

    /// Sets the help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Sets the location.
    #[must_use]
    pub fn at(mut self, source: impl Into<Option<Source>>) -> Self {
        self.source = source.into();
        self
    }

    /// Sets the people concerned, sorted and without duplicates.
    #[must_use]
    pub fn people(mut self, people: impl IntoIterator<Item = SmolStr>) -> Self {
        self.people = people.into_iter().collect();
        self.people.sort();
        self.people.dedup();
        self
    }

    /// Adds a value that the rule used.
    #[must_use]
    pub fn value(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.values.insert(SmolStr::new_static(name), value.into());
        self
    }

    /// Sets the smallest change that satisfies the rule.
    #[must_use]
    pub fn smallest_change(mut self, change: impl Into<String>) -> Self {
        self.smallest_change = Some(change.into());
        self
    }

    /// Adds a related location.
    #[must_use]
    pub fn related(mut self, message: impl Into<String>, source: impl Into<Option<Source>>) -> Self {
        self.related.push(Related { message: message.into(), source: source.into() });
        self
    }
}

/// Sorts findings by location, severity, code and message, and removes duplicates.
pub fn sort(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| {
        (&a.source, a.severity, &a.code, &a.message, &a.help, &a.related, &a.people)
            .cmp(&(&b.source, b.severity, &b.code, &b.message, &b.help, &b.related, &b.people))
    });
    findings.dedup();
}

/// Whether any finding is an error.
pub fn has_error(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}
