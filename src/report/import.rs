//! The result of `import` as text and data.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;

use super::escape::escape;
use super::format::pluralize;

/// The maximum number of people named in one line.
const MAX_PEOPLE_SHOWN: usize = 5;

/// The result of `import`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImportReport {
    /// The tenant.
    pub tenant: SmolStr,
    /// New or changed files with their new content.
    pub files: Vec<ImportedFile>,
    /// The new editor schema, if it did not exist.
    pub schema: Option<String>,
    /// The number of newly named licenses.
    pub licenses: u64,
    /// The number of newly named people, counted once per license.
    pub people: u64,
    /// Parts of the state that the files do not express.
    pub left_out: Vec<ImportOmission>,
}

/// A file written by an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImportedFile {
    /// Its path.
    pub path: String,
    /// Whether the file is new.
    pub created: bool,
    /// Its content.
    pub text: String,
}

/// A part of the state that the manifest does not express.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct ImportOmission {
    /// The license without its tenant; null if it concerns accounts.
    pub license: Option<SmolStr>,
    /// The explanation in one sentence.
    pub message: String,
    /// The affected people, by address or account.
    pub people: Vec<SmolStr>,
}

impl ImportOmission {
    /// Renders one line: license, explanation and people.
    pub fn to_line(&self) -> String {
        let mut line = String::new();
        if let Some(license) = &self.license {
            // Writing to a string cannot fail, here and below.
            let _ = write!(line, "{}: ", escape(license));
        }
        line.push_str(&escape(&self.message));
        if !self.people.is_empty() {
            let shown: Vec<_> = self.people.iter().take(MAX_PEOPLE_SHOWN).map(|person| escape(person)).collect();
            let _ = write!(line, " ({}", shown.join(", "));
            if self.people.len() > MAX_PEOPLE_SHOWN {
                let _ = write!(line, " and {} more", self.people.len() - MAX_PEOPLE_SHOWN);
            }
            line.push(')');
        }
        line
    }
}

/// Renders what was written, and what was not expressed.
pub fn text(import: &ImportReport, dry: bool) -> String {
    let mut text = String::new();
    for file in &import.files {
        let verb = match (dry, file.created) {
            (true, true) => "would write",
            (true, false) => "would add to",
            (false, true) => "wrote",
            (false, false) => "added to",
        };
        let _ = writeln!(text, "{verb} {}", escape(&file.path));
    }
    if let Some(schema) = &import.schema {
        let _ = writeln!(text, "{} {}", if dry { "would write" } else { "wrote" }, escape(schema));
    }
    if import.files.is_empty() {
        let _ = writeln!(text, "the manifest is complete; nothing was written");
    } else if import.people > 0 {
        let assignments = pluralize(number(import.people), "assignment", "assignments");
        let licenses = pluralize(number(import.licenses), "license", "licenses");
        let _ = writeln!(text, "{} {assignments} and {licenses}", if dry { "would add" } else { "added" });
    }
    if !import.left_out.is_empty() {
        text.push_str("not imported:\n");
        for left_out in &import.left_out {
            let _ = writeln!(text, "  {}", left_out.to_line());
        }
    }
    text
}

fn number(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
