//! Adding to a manifest file without touching what stands in it.
//!
//! The text is edited and not written anew, so that comments, order and spelling stay as people wrote them. It stands apart
//! from reading, for nothing here knows what a wish means. What must hold: pure; the new text, read again, says what the
//! old one said and what was added, and nothing else, or there is no new text; what cannot be done at one place is
//! left to the caller, who has other places.

mod place;
mod proof;
mod scalar;

use std::sync::Arc;

use smol_str::SmolStr;

use self::place::Lines;
use super::yaml::{self, Node, Value};
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
pub struct Editor<'a> {
    text: &'a str,
    lines: Lines<'a>,
    root: Option<Node>,
    /// What is put in, and where: byte offsets, in the order given.
    pieces: Vec<(usize, String)>,
    /// Additions to lists that are there, by the place of the entry.
    named: Vec<(Location, Vec<SmolStr>)>,
    entries: Vec<NewEntry>,
    people: Vec<NewPerson>,
    break_: &'static str,
}

/// The beginning of a new manifest file; `schema` is where its schema lies, as seen from the file.
pub fn new_file(schema: &str) -> String {
    format!("# yaml-language-server: $schema={schema}\napiVersion: {API_VERSION}\n")
}

impl<'a> Editor<'a> {
    /// An editor for that text; `None` where it cannot be read.
    pub fn new(text: &'a str) -> Option<Self> {
        let root = read(text)?;
        let break_ = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Some(Self {
            text,
            lines: Lines::of(text),
            root,
            pieces: Vec::new(),
            named: Vec::new(),
            entries: Vec::new(),
            people: Vec::new(),
            break_,
        })
    }

    /// Whether new entries and people can be written into it.
    pub fn is_open(&self) -> bool {
        self.end_of("assignments").is_some() && self.end_of("people").is_some()
    }

    /// The value of a key at the top.
    fn section(&self, name: &str) -> Option<(&Node, &Node)> {
        let Some(Node { value: Value::Map(sections), .. }) = &self.root else { return None };
        let is_it = |(key, _): &&(Node, Node)| matches!(&key.value, Value::Text(text) if text == name);
        sections.iter().find(is_it).map(|(key, value)| (key, value))
    }

    /// Where a section ends and how its items are indented; at the end of the file, where there is no such section.
    fn end_of(&self, name: &str) -> Option<(usize, Option<String>)> {
        let Some((key, value)) = self.section(name) else { return Some((self.text.len(), None)) };
        let last = match &value.value {
            Value::List(items) => items.last().map(|item| (item.at, "- "))?,
            Value::Map(entries) => entries.last().map(|(key, _)| (key.at, ""))?,
            _ => return None,
        };
        let indent = self.lines.indent(last.0, last.1)?;
        let Some(Node { value: Value::Map(sections), .. }) = &self.root else { return None };
        let next = sections.iter().map(|(other, _)| other.at.line).filter(|line| *line > key.at.line).min();
        Some((self.lines.end_of_content(next), Some(indent.to_owned())))
    }

    /// Names more people in the `to` of the entry at that place; false where that cannot be done there.
    pub fn name(&mut self, entry: Location, keys: &[SmolStr]) -> bool {
        let Some(pieces) = self.named_in(entry, keys) else { return false };
        self.pieces.extend(pieces);
        self.named.push((entry, keys.to_vec()));
        true
    }

    fn named_in(&self, entry: Location, keys: &[SmolStr]) -> Option<Vec<(usize, String)>> {
        let (_, list) = self.section("assignments")?;
        let Value::List(entries) = &list.value else { return None };
        let found = entries.iter().find(|other| (other.at.line, other.at.column) == (entry.line, entry.column))?;
        let Value::Map(fields) = &found.value else { return None };
        let is_text = |node: &Node, word: &str| matches!(&node.value, Value::Text(text) if text == word);
        // Reason, priority and dates are said of those who stand there, and not of whoever comes.
        if !fields.iter().all(|(key, _)| is_text(key, "license") || is_text(key, "to")) {
            return None;
        }
        let (_, to) = fields.iter().find(|(key, _)| is_text(key, "to"))?;
        let Value::List(items) = &to.value else { return None };
        let start = self.lines.offset(to.at)?;
        if self.text[start..].starts_with('[') { self.in_brackets(start, items, keys) } else { self.below(items, keys) }
    }

    /// `to: [ana@acme.example]`
    fn in_brackets(&self, start: usize, items: &[Node], keys: &[SmolStr]) -> Option<Vec<(usize, String)>> {
        let written: Vec<String> = keys.iter().map(|key| scalar(key)).collect();
        let written = written.join(", ");
        let (at, written) = match items.last() {
            None => (start + 1, written),
            Some(Node { value: Value::Text(_), at }) if at.length > 0 => {
                (self.lines.offset(*at)? + self.lines.bytes(*at)?, format!(", {written}"))
            }
            Some(_) => return None,
        };
        let line = self.lines.line_at(at);
        (line.chars().count() + written.chars().count() <= LINE_MAX).then(|| vec![(at, written)])
    }

    /// Items below each other. Where they are sorted, they stay so.
    fn below(&self, items: &[Node], keys: &[SmolStr]) -> Option<Vec<(usize, String)>> {
        let mut there: Vec<(SmolStr, u32)> = Vec::new();
        let mut indent: Option<&str> = None;
        for item in items {
            indent = Some(self.lines.indent(item.at, "- ")?);
            match &item.value {
                Value::Text(text) if item.at.length > 0 => there.push((text.clone(), item.at.line)),
                Value::Run(run) => {
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
            pieces.push((at, format!("{indent}- {}{}", scalar(key), self.break_)));
        }
        Some(pieces)
    }

    /// Adds an entry; false where that cannot be done.
    pub fn entry(&mut self, entry: NewEntry) -> bool {
        let Some((at, indent)) = self.end_of("assignments") else { return false };
        let mut written = String::new();
        if indent.is_none() && self.entries.is_empty() {
            written.push_str(self.break_);
            written.push_str("assignments:");
            written.push_str(self.break_);
        }
        let indent = indent.unwrap_or_else(|| "  ".to_owned());
        let mut line = |text: String| {
            written.push_str(&indent);
            written.push_str(&text);
            written.push_str(self.break_);
        };
        for comment in &entry.comments {
            line(format!("# {comment}"));
        }
        line(format!("- license: {}", scalar(&entry.license)));
        line("  to:".to_owned());
        for key in &entry.to {
            line(format!("    - {}", scalar(key)));
        }
        self.pieces.push((at, written));
        self.entries.push(entry);
        true
    }

    /// Says whose an account is; false where that cannot be done.
    pub fn person(&mut self, person: NewPerson) -> bool {
        let Some((at, indent)) = self.end_of("people") else { return false };
        let mut written = String::new();
        if indent.is_none() && self.people.is_empty() {
            written.push_str(self.break_);
            written.push_str("people:");
            written.push_str(self.break_);
        }
        let indent = indent.unwrap_or_else(|| "  ".to_owned());
        let NewPerson { key, tenant, account } = &person;
        let (key, tenant, account) = (scalar(key), scalar(tenant), scalar(account));
        written.push_str(&format!("{indent}{key}: {{ accounts: {{ {tenant}: {account} }} }}{}", self.break_));
        self.pieces.push((at, written));
        self.people.push(person);
        true
    }

    /// The new text; `None` where, read again, it would not say what it should.
    pub fn finish(self) -> Option<String> {
        if self.pieces.is_empty() {
            return Some(self.text.to_owned());
        }
        let mut pieces = self.pieces;
        // A stable sort: what goes to one place stays in the order given.
        pieces.sort_by_key(|(at, _)| *at);
        let mut text = String::with_capacity(self.text.len() + 64 * pieces.len());
        let mut copied = 0;
        for (at, piece) in &pieces {
            text.push_str(self.text.get(copied..*at)?);
            let is_line = piece.ends_with('\n');
            if is_line && !text.is_empty() && !text.ends_with('\n') {
                text.push_str(self.break_);
            }
            text.push_str(piece);
            copied = *at;
        }
        text.push_str(self.text.get(copied..)?);
        let after = read(&text)??;
        proof::holds((self.root.as_ref(), self.text), (&after, &text), &self.named, &self.entries, &self.people)
            .then_some(text)
    }
}

/// The tree of a text: `None` where there is a fault in it, `Some(None)` where it holds nothing.
fn read(text: &str) -> Option<Option<Node>> {
    let mut faults = Vec::new();
    let root = yaml::tree(text, FileId(0), &Arc::from(""), &mut faults);
    faults.is_empty().then_some(root)
}

#[cfg(test)]
mod tests;
