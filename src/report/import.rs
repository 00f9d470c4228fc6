//! What an import wrote, and what it could not express, as text and as data.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;

use super::escape::escape;
use super::format::pluralize;

/// The most people that a line of text names.
const MAX_PEOPLE_SHOWN: usize = 5;

/// What `import` did, or would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImportReport {
    /// The tenant.
    pub tenant: SmolStr,
    /// Files that are new or changed, with their whole new text.
    pub files: Vec<ImportedFile>,
    /// The schema that editors are told of, where it was not there before.
    pub schema: Option<String>,
    /// How many licenses are named that were not named before.
    pub licenses: u64,
    /// How many people are named for a license for which they were not named before, counted once for each license.
    pub people: u64,
    /// What the files do not say.
    pub left_out: Vec<ImportOmission>,
}

/// A file that an import writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImportedFile {
    /// Its path.
    pub path: String,
    /// Whether it was not there before.
    pub created: bool,
    /// Its text.
    pub text: String,
}

/// Something that the state says and the manifest does not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct ImportOmission {
    /// The license, without its tenant; null where it is about accounts.
    pub license: Option<SmolStr>,
    /// What it is, in a sentence.
    pub message: String,
    /// Whom it is about, by address or account.
    pub people: Vec<SmolStr>,
}

impl ImportOmission {
    /// As a line: the license, how many people, and what it is.
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

/// What was done, for people: what was written, and what was not expressed.
pub fn text(import: &ImportReport, dry: bool) -> String {
    let mut text = String::new();
    let would = if dry { "would have " } else { "" };
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
        let _ = writeln!(text, "nothing is missing in the manifest: nothing was written");
    } else if import.people > 0 {
        let (people, licenses) = (import.people, import.licenses);
        let _ = writeln!(
            text,
            "{would}named {} for a license, and {} that {} not named before",
            pluralize(number(people), "person", "people"),
            pluralize(number(licenses), "license", "licenses"),
            if licenses == 1 { "was" } else { "were" },
        );
    }
    if !import.left_out.is_empty() {
        text.push_str("not expressed:\n");
        for left_out in &import.left_out {
            let _ = writeln!(text, "  {}", left_out.to_line());
        }
    }
    text
}

fn number(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
