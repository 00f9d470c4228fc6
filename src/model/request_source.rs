//! The manifest location that requests an operation, with the reason given there.
//!
//! It is never part of what a plan does, so a reason can be reworded without a new review.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::Source;

/// A manifest location that requests something, with the reason given there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestSource {
    /// The path relative to the manifest's folder.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The `reason` of the entry, at most 200 characters; absent if the entry has none, and for a loss because no
    /// entry names the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Arc<str>>,
}

impl RequestSource {
    /// The maximum length of a reason in characters. An entry may name thousands of people, and each operation
    /// repeats it.
    pub const REASON_MAX: usize = 200;

    /// Returns the source at a location.
    pub fn new(place: Source, reason: Option<Arc<str>>) -> Self {
        let Source { file, line, column } = place;
        Self { file, line, column, reason }
    }

    /// Returns the location.
    pub fn location(&self) -> Source {
        Source { file: Arc::clone(&self.file), line: self.line, column: self.column }
    }

    /// Shortens a long reason, which then ends in `…`.
    pub fn shorten_reason(reason: &str) -> Arc<str> {
        match reason.char_indices().nth(Self::REASON_MAX) {
            None => Arc::from(reason),
            Some(_) => {
                let cut: String = reason.chars().take(Self::REASON_MAX - 1).chain(['…']).collect();
                Arc::from(cut)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_reason_is_cut_between_characters_and_ends_in_an_ellipsis() {
        assert_eq!(&*RequestSource::shorten_reason("ADM-118"), "ADM-118");
        let whole = "ä".repeat(RequestSource::REASON_MAX);
        assert_eq!(&*RequestSource::shorten_reason(&whole), whole);
        let cut = RequestSource::shorten_reason(&format!("{whole}x"));
        assert_eq!((cut.chars().count(), cut.ends_with("ä…")), (RequestSource::REASON_MAX, true));
    }
}
