//! One diagnostic: a stable code, how bad it is, where it is, what is wrong and what to type instead.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use smol_str::SmolStr;

use super::code::Code;
use super::level::Level;
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
    /// Policy: the rule that says it, such as `losses`, or the name of a custom rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<SmolStr>,
    /// Policy: how much weight the rule has, whatever was waived or approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Policy: the people whom it is about, by their keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<SmolStr>,
    /// Policy: the values that it was decided by, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<SmolStr, Value>,
    /// Policy: the smallest change that would satisfy the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smallest_change: Option<String>,
    /// Policy, level `approve`: the digest that an approval names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<SmolStr>,
    /// Policy, level `approve`: who approved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<SmolStr>,
    /// Policy: the last day of the waiver that lifts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived_until: Option<Date>,
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

    /// The same finding with the people whom it is about, sorted and each once.
    #[must_use]
    pub fn people(mut self, people: impl IntoIterator<Item = SmolStr>) -> Self {
        self.people = people.into_iter().collect();
        self.people.sort();
        self.people.dedup();
        self
    }

    /// The same finding with one more value that it was decided by.
    #[must_use]
    pub fn value(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.values.insert(SmolStr::new_static(name), value.into());
        self
    }

    /// The same finding with the smallest change that would satisfy its rule.
    #[must_use]
    pub fn smallest_change(mut self, change: impl Into<String>) -> Self {
        self.smallest_change = Some(change.into());
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
        (&a.source, a.severity, &a.code, &a.message, &a.help, &a.related, &a.people)
            .cmp(&(&b.source, b.severity, &b.code, &b.message, &b.help, &b.related, &b.people))
    });
    findings.dedup();
}

/// Whether any of them is an error.
pub fn has_error(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}
