//! Adding to a manifest file without touching what stands in it.
//!
//! The text is edited and not written anew, so that comments, order and spelling stay as people wrote them. It stands apart
//! from reading, for nothing here knows what a wish means. What must hold: pure; the new text, read again, says what the
//! old one said and what was added, and nothing else, or there is no new text; what cannot be done at one place is
//! left to the caller, who has other places.

mod lines;
mod scalar;
mod verify;

use std::sync::Arc;

use smol_str::SmolStr;

use self::lines::TextLines;
use super::yaml::{self, YamlNode, YamlValue};
use crate::diagnostic::{FileId, Location};
use crate::model::API_VERSION;

pub use scalar::scalar;

/// The longest line that a list in brackets may become; a longer one is better written below each other.
const LINE_MAX: usize = 120;

/// A new entry of `assignments`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// The license, `tenant/license`.
    pub license: String,
    /// The keys of the people, in the order in which they are written.
    pub to: Vec<SmolStr>,
    /// Comments above it, a line each.
    pub comments: Vec<String>,
}

/// A new entry of `people`: whose account is whose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson {
    /// The key.
    pub key: SmolStr,
    /// The tenant.
    pub tenant: SmolStr,
    /// The id of the account there.
    pub account: SmolStr,
}

/// One file that is added to.
pub struct ManifestEditor<'a> {
    text: &'a str,
    lines: TextLines<'a>,
    root: Option<YamlNode>,
    /// What is put in, and where: byte offsets, in the order given.
    insertions: Vec<(usize, String)>,
    /// Additions to lists that are there, by the place of the entry.
    additions: Vec<(Location, Vec<SmolStr>)>,
    entries: Vec<NewEntry>,
    people: Vec<NewPerson>,
    line_break: &'static str,
}

/// The beginning of a new manifest file; `schema` is where its schema lies, as seen from the file.
pub fn new_file(schema: &str) -> String {
    format!("# yaml-language-server: $schema={schema}\napiVersion: {API_VERSION}\n")
}

impl<'a> ManifestEditor<'a> {
    /// An editor for that text; `None` where it cannot be read.
    pub fn new(text: &'a str) -> Option<Self> {
        let root = parse(text)?;
        let break_ = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Some(Self {
            text,
            lines: TextLines::new(text),
            root,
            insertions: Vec::new(),
            additions: Vec::new(),
            entries: Vec::new(),
            people: Vec::new(),
            line_break: break_,
        })
    }

    /// Whether new entries and people can be written into it.
    pub fn accepts_entries(&self) -> bool {
        self.end_of("assignments").is_some() && self.end_of("people").is_some()
    }

    /// The value of a key at the top.
    fn section(&self, name: &str) -> Option<(&YamlNode, &YamlNode)> {
        let Some(YamlNode { value: YamlValue::Map(sections), .. }) = &self.root else { return None };
        let is_it = |(key, _): &&(YamlNode, YamlNode)| matches!(&key.value, YamlValue::Text(text) if text == name);
        sections.iter().find(is_it).map(|(key, value)| (key, value))
    }

    /// Where a section ends and how its items are indented; at the end of the file, where there is no such section.
    fn end_of(&self, name: &str) -> Option<(usize, Option<String>)> {
        let Some((key, value)) = self.section(name) else { return Some((self.text.len(), None)) };
        let last = match &value.value {
            YamlValue::List(items) => items.last().map(|item| (item.at, "- "))?,
            YamlValue::Map(entries) => entries.last().map(|(key, _)| (key.at, ""))?,
            _ => return None,
        };
        let indent = self.lines.indent(last.0, last.1)?;
        let Some(YamlNode { value: YamlValue::Map(sections), .. }) = &self.root else { return None };
        let next = sections.iter().map(|(other, _)| other.at.line).filter(|line| *line > key.at.line).min();
        Some((self.lines.end_of_content(next), Some(indent.to_owned())))
    }

    /// Names more people in the `to` of the entry at that place; false where that cannot be done there.
    pub fn add_people(&mut self, entry: Location, keys: &[SmolStr]) -> bool {
        let Some(pieces) = self.people_insertions(entry, keys) else { return false };
        self.insertions.extend(pieces);
        self.additions.push((entry, keys.to_vec()));
        true
    }

    fn people_insertions(&self, entry: Location, keys: &[SmolStr]) -> Option<Vec<(usize, String)>> {
        let (_, list) = self.section("assignments")?;
        let YamlValue::List(entries) = &list.value else { return None };
        let found = entries.iter().find(|other| (other.at.line, other.at.column) == (entry.line, entry.column))?;
        let YamlValue::Map(fields) = &found.value else { return None };
        let is_text = |node: &YamlNode, word: &str| matches!(&node.value, YamlValue::Text(text) if text == word);
        // Reason, priority and dates are said of those who stand there, and not of whoever comes.
        if !fields.iter().all(|(key, _)| is_text(key, "license") || is_text(key, "to")) {
            return None;
        }
        let (_, to) = fields.iter().find(|(key, _)| is_text(key, "to"))?;
        let YamlValue::List(items) = &to.value else { return None };
        let start = self.lines.offset(to.at)?;
        if self.text[start..].starts_with('[') {
            self.flow_list_insertions(start, items, keys)
        } else {
            self.block_list_insertions(items, keys)
        }
    }

    /// `to: [ana@acme.example]`
    fn flow_list_insertions(&self, start: usize, items: &[YamlNode], keys: &[SmolStr]) -> Option<Vec<(usize, String)>> {
        let written: Vec<String> = keys.iter().map(|key| scalar(key)).collect();
        let written = written.join(", ");
        let (at, written) = match items.last() {
            None => (start + 1, written),
            Some(YamlNode { value: YamlValue::Text(_), at }) if at.length > 0 => {
                (self.lines.offset(*at)? + self.lines.bytes(*at)?, format!(", {written}"))
            }
            Some(_) => return None,
        };
        let line = self.lines.line_at(at);
        (line.chars().count() + written.chars().count() <= LINE_MAX).then(|| vec![(at, written)])
    }

    /// Items below each other. Where they are sorted, they stay so.
    fn block_list_insertions(&self, items: &[YamlNode], keys: &[SmolStr]) -> Option<Vec<(usize, String)>> {
        let mut there: Vec<(SmolStr, u32)> = Vec::new();
        let mut indent: Option<&str> = None;
        for item in items {
            indent = Some(self.lines.indent(item.at, "- ")?);
            match &item.value {
                YamlValue::Text(text) if item.at.length > 0 => there.push((text.clone(), item.at.line)),
                YamlValue::Run(run) => {
                    there.extend(run.items(self.text).map(|(text, at)| (SmolStr::new(text), at.line)));
                }
                _ => return None,
            }
        }
        let (indent, last) = (indent?, there.last()?.1);
        let is_sorted = there.windows(2).all(|pair| pair[0].0 <= pair[1].0);
        let mut pieces: Vec<(usize, String)> = Vec::new();
        for key in keys {
            let before = there.iter().rev().find(|(other, _)| other < key).map(|(_, line)| *line);
            let at = match before {
                Some(line) if is_sorted => self.lines.end(line),
                None if is_sorted => self.lines.start(there.first()?.1),
                _ => self.lines.end(last),
            };
            pieces.push((at, format!("{indent}- {}{}", scalar(key), self.line_break)));
        }
        Some(pieces)
    }

    /// Adds an entry; false where that cannot be done.
    pub fn add_entry(&mut self, entry: NewEntry) -> bool {
        let Some((at, indent)) = self.end_of("assignments") else { return false };
        let mut written = String::new();
        if indent.is_none() && self.entries.is_empty() {
            written.push_str(self.line_break);
            written.push_str("assignments:");
            written.push_str(self.line_break);
        }
        let indent = indent.unwrap_or_else(|| "  ".to_owned());
        let mut line = |text: String| {
            written.push_str(&indent);
            written.push_str(&text);
            written.push_str(self.line_break);
        };
        for comment in &entry.comments {
            line(format!("# {comment}"));
        }
        line(format!("- license: {}", scalar(&entry.license)));
        line("  to:".to_owned());
        for key in &entry.to {
            line(format!("    - {}", scalar(key)));
        }
        self.insertions.push((at, written));
        self.entries.push(entry);
        true
    }

    /// Says whose an account is; false where that cannot be done.
    pub fn add_person(&mut self, person: NewPerson) -> bool {
        let Some((at, indent)) = self.end_of("people") else { return false };
        let mut written = String::new();
        if indent.is_none() && self.people.is_empty() {
            written.push_str(self.line_break);
            written.push_str("people:");
            written.push_str(self.line_break);
        }
        let indent = indent.unwrap_or_else(|| "  ".to_owned());
        let NewPerson { key, tenant, account } = &person;
        let (key, tenant, account) = (scalar(key), scalar(tenant), scalar(account));
        written.push_str(&format!("{indent}{key}: {{ accounts: {{ {tenant}: {account} }} }}{}", self.line_break));
        self.insertions.push((at, written));
        self.people.push(person);
        true
    }

    /// The new text; `None` where, read again, it would not say what it should.
    pub fn finish(self) -> Option<String> {
        if self.insertions.is_empty() {
            return Some(self.text.to_owned());
        }
        let mut pieces = self.insertions;
        // A stable sort: what goes to one place stays in the order given.
        pieces.sort_by_key(|(at, _)| *at);
        let mut text = String::with_capacity(self.text.len() + 64 * pieces.len());
        let mut copied = 0;
        for (at, piece) in &pieces {
            text.push_str(self.text.get(copied..*at)?);
            let is_line = piece.ends_with('\n');
            if is_line && !text.is_empty() && !text.ends_with('\n') {
                text.push_str(self.line_break);
            }
            text.push_str(piece);
            copied = *at;
        }
        text.push_str(self.text.get(copied..)?);
        let after = parse(&text)??;
        verify::is_expected_edit(
            (self.root.as_ref(), self.text),
            (&after, &text),
            &self.additions,
            &self.entries,
            &self.people,
        )
        .then_some(text)
    }
}

/// The tree of a text: `None` where there is a fault in it, `Some(None)` where it holds nothing.
fn parse(text: &str) -> Option<Option<YamlNode>> {
    let mut faults = Vec::new();
    let root = yaml::tree(text, FileId(0), &Arc::from(""), &mut faults);
    faults.is_empty().then_some(root)
}

#[cfg(test)]
mod tests;
