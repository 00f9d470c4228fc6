//! Deserialization of string enums without allocation.

use std::fmt;

use serde::de::{self, Visitor};

/// Parses a string without storing it; an observation has a million of them.
pub(super) struct StringEnumVisitor<T>(pub(super) &'static str, pub(super) fn(&str) -> Option<T>);

impl<T> Visitor<'_> for StringEnumVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<T, E> {
        (self.1)(word).ok_or_else(|| E::invalid_value(de::Unexpected::Str(word), &self))
    }
}
