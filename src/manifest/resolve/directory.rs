//! `directory`: people from CSV files.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::resolver::Resolver;
use crate::diagnostic::catalog::{manifest as codes, reference};
use crate::diagnostic::{FileId, Location};
use crate::manifest::files::read_bytes;
use crate::manifest::schema::DirectoryEntry;
use crate::manifest::sections::duplicate_key;
use crate::manifest::yaml::{self, excerpt};
use crate::model::{Digest, Person, PersonId};

/// The maximum number of columns.
const COLUMNS_MAX: usize = 1_000;

/// Reads one file; reports faults at their row.
pub(super) fn read(resolver: &mut Resolver, source: DirectoryEntry, digests: &mut Vec<(String, Digest)>) {
    let Some(csv) = source.csv.into_inner() else { return };
    let Some(path) = resolver.resolve_path(&csv) else { return };
    if !path.is_file() {
        let message = format!("`{}` does not exist", excerpt(&csv.value));
        resolver.error(&codes::NOT_A_FILE, message, "correct the path", csv.at);
        return;
    }
    let name = resolver.folder.name(&path);
    if let Some(file) = resolver.files.by_name(&name) {
        let message = format!("`{}` is listed twice", excerpt(&file.name));
        resolver.error(&codes::DUPLICATE_KEY, message, "list each file once", csv.at);
        return;
    }
    let Some(bytes) = read_bytes(&path, &name, &mut resolver.findings) else { return };
    let Some(text) = yaml::decode_text(&bytes, &name, &mut resolver.findings) else { return };
    digests.push((name.to_string(), Digest::of_bytes(&bytes)));
    let file = resolver.files.add(Arc::clone(&name), path, text);
    DirectoryTable { resolver, file, seen: BTreeMap::new() }.read(text);
}

struct DirectoryTable<'s, 'a> {
    resolver: &'s mut Resolver<'a>,
    file: FileId,
    /// The people in this file, with locations.
    seen: BTreeMap<PersonId, Location>,
}

impl DirectoryTable<'_, '_> {
    fn location(&self, line: u64) -> Location {
        Location { file: self.file, line: u32::try_from(line).unwrap_or(u32::MAX), column: 1, length: 0 }
    }

    fn report_row(&mut self, line: u64, message: String, help: &str) {
        let at = self.location(line);
        self.resolver.error(&codes::INVALID_CSV, message, help, at);
    }

    fn read(&mut self, text: &str) {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        let mut columns: Vec<SmolStr> = Vec::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    let line = error.position().map_or(1, csv::Position::line);
                    self.report_row(line, "unreadable row".to_owned(), "check its quotes");
                    break;
                }
            }
            let line = record.position().map_or(1, csv::Position::line);
            if columns.is_empty() {
                match parse_header(&record) {
                    Ok(names) => columns = names,
                    Err(message) => {
                        let help = "put the column names in the first row, starting with `email`";
                        return self.report_row(line, message, help);
                    }
                }
            } else if record.len() != columns.len() {
                let message = format!("the row has {} cells, the header has {}", record.len(), columns.len());
                self.report_row(line, message, "quote cells that contain a comma");
            } else {
                self.row(&record, &columns, line);
            }
        }
        if columns.is_empty() {
            self.report_row(1, "missing header row".to_owned(), "put the column names in the first row");
        }
    }

    fn row(&mut self, record: &csv::StringRecord, columns: &[SmolStr], line: u64) {
        let at = self.location(line);
        let email = record.get(0).unwrap_or_default();
        let Some(person) = self.resolver.person(email, at) else { return };
        if let Some(first) = self.seen.insert(person, at) {
            let finding = duplicate_key(&excerpt(email), at, first, &self.resolver.files);
            return self.resolver.push(finding);
        }
        let known = self.resolver.people.description(person);
        let source = known.map_or(Some(at), |known| known.source);
        let mut attributes = known.map(|known| known.attributes.clone()).unwrap_or_default();
        let mut contradictions = Vec::new();
        for (name, value) in columns.iter().zip(record.iter()).skip(1) {
            if value.trim().is_empty() {
                continue;
            }
            let value = serde_json::Value::from(value);
            if attributes.get(name).is_some_and(|other| *other != value) {
                contradictions.push(name);
            } else {
                attributes.insert(name.clone(), value);
            }
        }
        for name in contradictions {
            let message = format!("the attribute `{}` has a different value elsewhere", excerpt(name));
            let help = "remove one of the two";
            self.resolver.error(&reference::CONFLICTING_ATTRIBUTE, message, help, at);
        }
        self.resolver.people.describe(person, Person { attributes, source });
    }
}

/// Returns the column names. The first one must be `email`, in any letter case.
fn parse_header(record: &csv::StringRecord) -> Result<Vec<SmolStr>, String> {
    let names: Vec<SmolStr> = record.iter().map(|name| SmolStr::new(name.trim())).collect();
    if names.len() > COLUMNS_MAX {
        return Err(format!("more than {COLUMNS_MAX} columns"));
    }
    if !names.first().is_some_and(|name| name.eq_ignore_ascii_case("email")) {
        return Err("the first column is not `email`".to_owned());
    }
    let mut sorted: Vec<_> = names.iter().collect();
    sorted.sort();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("duplicate column `{}`", excerpt(pair[0])));
    }
    if names.iter().any(SmolStr::is_empty) {
        return Err("a column has no name".to_owned());
    }
    Ok(names)
}
