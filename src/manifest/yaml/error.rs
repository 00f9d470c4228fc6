//! The reader's errors in our words.

use std::sync::Arc;

use serde_saphyr::Error;

use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{Code, Finding, Source};

/// The finding for an error of the reader.
pub(super) fn finding(error: &Error, name: &Arc<str>) -> Finding {
    let source = error.location().map(|at| Source {
        file: Arc::clone(name),
        line: u32::try_from(at.line()).unwrap_or(u32::MAX),
        column: u32::try_from(at.column()).unwrap_or(u32::MAX),
    });
    let (code, message, help) = describe(error);
    let finding = Finding::error(code, message)
        .at(source.or_else(|| Some(Source { file: Arc::clone(name), line: 1, column: 1 })));
    match help {
        Some(help) => finding.help(help),
        None => finding,
    }
}

/// Code, message and help of an error.
fn describe(error: &Error) -> (&'static Code, String, Option<String>) {
    match error {
        Error::AliasError { error, .. } | Error::WithSnippet { error, .. } => describe(error),
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().unwrap_or("?");
            (&codes::DUPLICATE_KEY, format!("the key `{key}` stands twice"), Some("remove one of the two".to_owned()))
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
            "the file nests too deeply, or its aliases stand for too much".to_owned(),
            Some("write out what the aliases stand for".to_owned()),
        ),
        Error::QuotingRequired { value, .. } => (
            &codes::WRONG_TYPE,
            format!("expected a text, found `{value}`"),
            Some(format!("write `\"{value}\"`, in quotes")),
        ),
        Error::SerdeUnknownField { field, expected, .. } => {
            (&codes::UNKNOWN_KEY, format!("unknown key `{field}`"), crate::diagnostic::did_you_mean(field, expected))
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => (
            &codes::UNKNOWN_VALUE,
            format!("`{variant}` is not one of the words that may stand here"),
            Some(format!("write one of: {}", expected.join(", "))),
        ),
        Error::SerdeMissingField { field, .. } => {
            (&codes::MISSING_KEY, format!("the key `{field}` is missing"), Some(format!("add `{field}:`")))
        }
        Error::InvalidBooleanStrict { .. } => (
            &codes::WRONG_TYPE,
            "expected `true` or `false`".to_owned(),
            Some("write `true` or `false`; other words are texts".to_owned()),
        ),
        Error::NullIntoString { .. } => {
            (&codes::WRONG_TYPE, "expected a text, found nothing".to_owned(), Some("write a text".to_owned()))
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

/// The reader's own words without its picture of the source and without the place, which stands beside the message.
fn render(error: &Error) -> String {
    error.render_with_formatter(&serde_saphyr::UserMessageFormatter)
}

/// The first line, in lower case and without a full stop.
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
