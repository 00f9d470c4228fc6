//! Conversion of the YAML reader's errors to findings.

use std::sync::Arc;

use serde_saphyr::Error;

use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{Code, Finding, Source};

/// Converts an error.
pub(super) fn finding(error: &Error, name: &Arc<str>) -> Finding {
    let source = error.location().map(|at| Source {
        file: Arc::clone(name),
        line: u32::try_from(at.line()).unwrap_or(u32::MAX),
        column: u32::try_from(at.column()).unwrap_or(u32::MAX),
    });
    let (code, message, help) = describe(error);
    let source = source.unwrap_or_else(|| Source { file: Arc::clone(name), line: 1, column: 1 });
    Finding { help, ..Finding::error(code, message).at(source) }
}

/// Returns code, message and help of an error.
fn describe(error: &Error) -> (&'static Code, String, Option<String>) {
    match error {
        Error::AliasError { error, .. } | Error::WithSnippet { error, .. } => describe(error),
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().unwrap_or("?");
            (&codes::DUPLICATE_KEY, format!("duplicate key `{key}`"), Some("remove one of the two".to_owned()))
        }
        Error::MultipleDocuments { .. } => (
            &codes::SEVERAL_DOCUMENTS,
            "another YAML document starts here".to_owned(),
            Some("put each document into a file of its own".to_owned()),
        ),
        Error::MergeKeyNotAllowed { .. } => {
            (&codes::MERGE_KEY, "`<<` is not YAML 1.2".to_owned(), Some("write the keys out".to_owned()))
        }
        Error::Budget { .. }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => (
            &codes::LIMIT_EXCEEDED,
            "the file is nested too deeply, or its aliases expand to too much".to_owned(),
            Some("replace the aliases by their values".to_owned()),
        ),
        Error::QuotingRequired { value, .. } => (
            &codes::WRONG_TYPE,
            format!("expected a string, found `{value}`"),
            Some(format!("write `\"{value}\"`, in quotes")),
        ),
        Error::SerdeUnknownField { field, expected, .. } => {
            (&codes::UNKNOWN_KEY, format!("unknown key `{field}`"), crate::diagnostic::did_you_mean(field, expected))
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => (
            &codes::UNKNOWN_VALUE,
            format!("unknown value `{variant}`"),
            Some(format!("use one of `{}`", expected.join("`, `"))),
        ),
        Error::SerdeMissingField { field, .. } => {
            (&codes::MISSING_KEY, format!("missing key `{field}`"), Some(format!("add `{field}:`")))
        }
        Error::InvalidBooleanStrict { .. } => {
            (&codes::WRONG_TYPE, "expected `true` or `false`".to_owned(), Some("write `true` or `false`".to_owned()))
        }
        Error::NullIntoString { .. } => {
            (&codes::WRONG_TYPE, "expected a string, found null".to_owned(), Some("write a string".to_owned()))
        }
        Error::InvalidScalar { ty, .. } => (&codes::WRONG_TYPE, format!("expected {ty}"), None),
        Error::SerdeInvalidType { unexpected, expected, .. }
        | Error::SerdeInvalidValue { unexpected, expected, .. } => {
            (&codes::WRONG_TYPE, format!("expected {expected}, found {unexpected}"), None)
        }
        Error::Message { msg, .. } => (&codes::SYNTAX, one_line(msg), None),
        other => (&codes::SYNTAX, one_line(&render(other)), None),
    }
}

/// Returns the reader's message, without source excerpt and location.
fn render(error: &Error) -> String {
    error.render_with_formatter(&serde_saphyr::UserMessageFormatter)
}

/// Returns the first line, with a lower-case initial and without a period.
pub(super) fn one_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim();
    let line = line.trim_end_matches('.');
    let line = line.find(" at line ").map_or(line, |at| &line[..at]);
    let mut characters = line.chars();
    match characters.next() {
        Some(first) if !characters.as_str().starts_with(|next: char| next.is_ascii_uppercase()) => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => line.to_owned(),
    }
}
