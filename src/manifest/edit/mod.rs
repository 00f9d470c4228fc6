//! Editor that adds people and entries to a manifest file.
//!
//! It inserts text, so that comments, order and spelling stay as they are. The new text is parsed again: it must contain
//! exactly the old content and the additions.

mod lines;
mod scalar;
mod verify;

use std::sync::Arc;

use smol_str::SmolStr;

use self::lines::TextLines;
use super::yaml::{self, YamlNode, YamlValue};
use crate::diagnostic::{FileId, Location};
use crate::model::API_VERSION;

pub(crate) use scalar::{double_quoted, is_invisible, scalar};

/// The longest line after an insertion into a list in brackets.
const LINE_MAX: usize = 120;

/// A new entry of `assignments`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// The license, `tenant/license`.
    pub license: String,
    /// The keys of the people, in the order written.
    pub to: Vec<SmolStr>,
    /// Comments above it, one per line.
    pub comments: Vec<String>,
}

/// A new entry of `people`, which links an account to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson {
    /// The person's key.
    pub key: SmolStr,
    /// The tenant.
    pub tenant: SmolStr,
    /// The id of the account.
    pub account: SmolStr,
}

/// Adds to one file.
pub struct ManifestEditor<'a> {
    text: &'a str,
    lines: TextLines<'a>,
    root: Option<YamlNode>,
    /// Byte offsets and texts, in the order of the additions.
    insertions: Vec<(usize, String)>,
    /// People added to existing entries, by the location of the entry.
    additions: Vec<(Location, Vec<SmolStr>)>,
    entries: Vec<NewEntry>,
    people: Vec<NewPerson>,
    line_break: &'static str,
}

/// Returns the beginning of a new manifest file; `schema` is the path of its schema, relative to the file.
pub fn new_file(schema: &str) -> String {
    format!("# yaml-language-server: $schema={schema}\napiVersion: {API_VERSION}\n")
}

impl<'a> ManifestEditor<'a> {
    /// Creates an editor; `None` if the text is invalid.
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

    /// Whether new entries and people can be added.
    pub fn accepts_entries(&self) -> bool {
        self.end_of("assignments").is_some() && self.end_of("people").is_some()
    }

    /// Returns the key and value of a top-level section.
    fn section(&self, name: &str) -> Option<(&YamlNode, &YamlNode)> {
        let Some(YamlNode { value: YamlValue::Map(sections), .. }) = &self.root else { return None };
        let is_it = |(key, _): &&(YamlNode, YamlNode)| matches!(&key.value, YamlValue::Text(text) if text == name);
        sections.iter().find(is_it).map(|(key, value)| (key, value))
    }

    /// Returns the end of a section and the indentation of its items; the end of the file for a missing section.
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

    /// Adds people to the `to` of an entry; returns false if that is impossible.
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
        // Reason, priority and dates would also apply to the added people.
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

    /// Adds to a flow list, such as `to: [ana@acme.example]`.
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

    /// Adds to a block list, and keeps a sorted list sorted.
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
        let mut insertions: Vec<(usize, String)> = Vec::new();
        for key in keys {
            let before = there.iter().rev().find(|(other, _)| other < key).map(|(_, line)| *line);
            let at = match before {
                Some(line) if is_sorted => self.lines.end(line),
                None if is_sorted => self.lines.start(there.first()?.1),
                _ => self.lines.end(last),
            };
            insertions.push((at, format!("{indent}- {}{}", scalar(key), self.line_break)));
        }
        Some(insertions)
    }

    /// Adds an entry; returns false if that is impossible.
    pub fn add_entry(&mut self, entry: NewEntry) -> bool {
        let Some((at, indent)) = self.end_of("assignments") else { return false };
        let mut lines: Vec<String> = entry.comments.iter().map(|comment| format!("# {comment}")).collect();
        lines.push(format!("- license: {}", scalar(&entry.license)));
        lines.push("  to:".to_owned());
        lines.extend(entry.to.iter().map(|key| format!("    - {}", scalar(key))));
        let header = (indent.is_none() && self.entries.is_empty()).then_some("assignments:");
        let written = self.section_lines(header, indent, &lines);
        self.insertions.push((at, written));
        self.entries.push(entry);
        true
    }

    /// Adds a person; returns false if that is impossible.
    pub fn add_person(&mut self, person: NewPerson) -> bool {
        let Some((at, indent)) = self.end_of("people") else { return false };
        let NewPerson { key, tenant, account } = &person;
        let line = format!("{}: {{ accounts: {{ {}: {} }} }}", scalar(key), scalar(tenant), scalar(account));
        let header = (indent.is_none() && self.people.is_empty()).then_some("people:");
        let written = self.section_lines(header, indent, &[line]);
        self.insertions.push((at, written));
        self.people.push(person);
        true
    }

    /// Joins indented lines, after the header of a new section.
    fn section_lines(&self, header: Option<&str>, indent: Option<String>, lines: &[String]) -> String {
        let indent = indent.unwrap_or_else(|| "  ".to_owned());
        let header = header.map(|header| ["", header].map(str::to_owned)).into_iter().flatten();
        let lines = header.chain(lines.iter().map(|line| format!("{indent}{line}")));
        lines.map(|line| line + self.line_break).collect()
    }

    /// Returns the new text; `None` if it would not parse as intended.
    pub fn finish(self) -> Option<String> {
        if self.insertions.is_empty() {
            return Some(self.text.to_owned());
        }
        let mut pieces = self.insertions;
        // A stable sort keeps the order of insertions at one offset.
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

/// Parses a text: `None` if it has a fault, `Some(None)` if it is empty.
fn parse(text: &str) -> Option<Option<YamlNode>> {
    let mut faults = Vec::new();
    let root = yaml::tree(text, FileId(0), &Arc::from(""), &mut faults);
    faults.is_empty().then_some(root)
}

#[cfg(test)]
mod tests;
