//! The catalog of finding codes as text and data.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Look, Tone, words};
use crate::diagnostic::Code;

/// One code as data.
#[derive(Debug, Serialize)]
pub struct Entry {
    code: &'static str,
    summary: &'static str,
    cause: &'static str,
    remedy: &'static str,
}

impl Entry {
    /// The entry of a code.
    pub fn of(code: &Code) -> Self {
        Self { code: code.id, summary: code.summary, cause: code.cause, remedy: code.remedy }
    }
}

/// Codes as data.
pub fn entries<'a>(codes: impl Iterator<Item = &'a Code>) -> Vec<Entry> {
    codes.map(Entry::of).collect()
}

/// Codes as text, one a line.
pub fn list<'a>(codes: impl Iterator<Item = &'a Code>, look: Look) -> String {
    let mut text = String::new();
    for code in codes {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "{}  {}", look.paint(Tone::Heading, code.id), code.summary);
    }
    text
}

/// One code as text: what it means, how it comes about, and what to do.
pub fn entry(code: &Code, look: Look) -> String {
    let mut text = format!("{}  {}\n", look.paint(Tone::Heading, code.id), code.summary);
    for (title, part) in [("Cause", code.cause), ("Remedy", code.remedy)] {
        let _ = write!(text, "\n{}\n{}", look.paint(Tone::Heading, title), words::wrap(part, 2, look.width));
    }
    text
}
