//! The decoder of one node, which reports faults at the node's location.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use serde::de::{self, DeserializeSeed};

use super::FINDINGS_MAX;
use super::node::{YamlNode, YamlValue};
use super::tree::excerpt;
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{Code, Finding, Location, Source, did_you_mean};

/// Collects the findings of a document.
pub(super) struct FindingSink {
    name: Arc<str>,
    findings: RefCell<Vec<Finding>>,
}

impl FindingSink {
    pub(super) fn new(name: &Arc<str>) -> Self {
        Self { name: Arc::clone(name), findings: RefCell::default() }
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings.into_inner()
    }

    pub(super) fn report(
        &self,
        at: Location,
        code: &'static Code,
        message: String,
        help: Option<String>,
    ) -> DecodeError {
        let mut findings = self.findings.borrow_mut();
        if findings.len() < FINDINGS_MAX {
            let source = Source { file: Arc::clone(&self.name), line: at.line, column: at.column };
            findings.push(Finding { help, ..Finding::error(code, message).at(source) });
        }
        DecodeError::Reported
    }
}

/// Why a value was left out.
#[derive(Debug, thiserror::Error)]
pub(super) enum DecodeError {
    /// The sink contains the finding.
    #[error("a reported fault")]
    Reported,
    /// A type refused the value; the decoder reports it at its node.
    #[error("{1}")]
    Unlocated(&'static Code, String, Option<String>),
}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Unlocated(&codes::WRONG_TYPE, message.to_string(), None)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Unlocated(&codes::MISSING_KEY, format!("missing key `{field}`"), Some(format!("add `{field}:`")))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let message = format!("unknown value `{}`", excerpt(variant));
        Self::Unlocated(&codes::UNKNOWN_VALUE, message, did_you_mean(variant, expected))
    }
}

/// A node and where its faults go.
#[derive(Clone, Copy)]
pub(super) struct NodeDecoder<'n> {
    pub(super) node: &'n YamlNode,
    pub(super) sink: &'n FindingSink,
}

impl<'n> NodeDecoder<'n> {
    /// Decodes the node.
    pub(super) fn decode_seed<'de, T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, DecodeError>
    where
        'n: 'de,
        Self: de::Deserializer<'de, Error = DecodeError>,
    {
        self.report_at_node(seed.deserialize(self))
    }

    /// Reports an error without a location at this node.
    pub(super) fn report_at_node<T>(self, result: Result<T, DecodeError>) -> Result<T, DecodeError> {
        result.map_err(|error| match error {
            DecodeError::Reported => DecodeError::Reported,
            DecodeError::Unlocated(code, message, help) => self.sink.report(self.node.at, code, message, help),
        })
    }

    /// Reports a value of the wrong type.
    pub(super) fn type_error(self, expected: &str) -> DecodeError {
        let help = match &self.node.value {
            YamlValue::Number(text) if expected == "a string" => {
                Some(format!("write `\"{}\"`, in quotes", excerpt(text)))
            }
            YamlValue::Bool(value) if expected == "a string" => Some(format!("write `\"{value}\"`, in quotes")),
            YamlValue::Text(_) if expected == "a Boolean" => Some("write `true` or `false`".to_owned()),
            YamlValue::Text(_) if expected.contains("number") => Some("write digits, without quotes".to_owned()),
            YamlValue::Text(_) if expected == "a list" => Some("put it into brackets, `[...]`".to_owned()),
            _ => None,
        };
        let message = format!("expected {expected}, found {}", self.node.value.kind());
        self.sink.report(self.node.at, &codes::WRONG_TYPE, message, help)
    }

    pub(super) fn text(self) -> Result<&'n str, DecodeError> {
        match &self.node.value {
            YamlValue::Text(text) => Ok(text),
            _ => Err(self.type_error("a string")),
        }
    }

    pub(super) fn number<T: std::str::FromStr>(self, expected: &str) -> Result<T, DecodeError> {
        let YamlValue::Number(text) = &self.node.value else { return Err(self.type_error(expected)) };
        let digits = text.strip_prefix('+').unwrap_or(text);
        // A leading zero is ambiguous: octal in YAML 1.1, decimal in 1.2.
        let unsigned = digits.strip_prefix('-').unwrap_or(digits);
        let octal = unsigned.len() > 1 && unsigned.starts_with('0') && unsigned.as_bytes()[1].is_ascii_digit();
        match digits.parse() {
            Ok(number) if !octal => Ok(number),
            _ => {
                let message = format!("expected {expected}, found `{}`", excerpt(text));
                Err(self.sink.report(self.node.at, &codes::WRONG_TYPE, message, None))
            }
        }
    }
}
