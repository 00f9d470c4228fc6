//! Who asked: the place in the manifest that wants something, and the reason that is written there.
//!
//! It stands apart from a plain place because a reviewer reads the reason and a finding has none.
//! What must hold: it is never a part of what a plan does, so that a reason can be reworded without a new review.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::Source;

/// A place in the manifest that asks for something, with the reason that is given there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestSource {
    /// Path relative to the manifest's folder.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The `reason` of the entry, cut to 200 characters; missing where the entry has none, and where somebody loses
    /// something because no entry names them any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Arc<str>>,
}

impl RequestSource {
    /// The most characters of a reason: an entry may name thousands, and each of their operations repeats it.
    pub const REASON_MAX: usize = 200;

    /// What asks at that place.
    pub fn new(place: Source, reason: Option<Arc<str>>) -> Self {
        let Source { file, line, column } = place;
        Self { file, line, column, reason }
    }

    /// The place alone.
    pub fn location(&self) -> Source {
        Source { file: Arc::clone(&self.file), line: self.line, column: self.column }
    }

    /// A reason as it is kept: what is longer ends in `…`.
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
