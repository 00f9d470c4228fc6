//! `directory`: people from a table.

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

/// Most columns of a table.
const COLUMNS_MAX: usize = 1_000;

/// Reads one table; what is wrong in it is reported at its row.
pub(super) fn read(scope: &mut Resolver, source: DirectoryEntry, digests: &mut Vec<(String, Digest)>) {
    let Some(csv) = source.csv.into_inner() else { return };
    let Some(path) = scope.resolve_path(&csv) else { return };
    if !path.is_file() {
        let message = format!("`{}` is not there", excerpt(&csv.value));
        scope.error(&codes::NOT_A_FILE, message, "correct the path", csv.at);
        return;
    }
    let name = scope.folder.name(&path);
    if let Some(file) = scope.files.by_name(&name) {
        let message = format!("`{}` is read already", excerpt(&file.name));
        scope.error(&codes::DUPLICATE_KEY, message, "name each file once", csv.at);
        return;
    }
    let Some(bytes) = read_bytes(&path, &name, &mut scope.findings) else { return };
    let Some(text) = yaml::decode_text(&bytes, &name, &mut scope.findings) else { return };
    digests.push((name.to_string(), Digest::of_bytes(&bytes)));
    let file = scope.files.add(Arc::clone(&name), path, text);
    DirectoryTable { scope, file, seen: BTreeMap::new() }.read(text);
}

struct DirectoryTable<'s, 'a> {
    scope: &'s mut Resolver<'a>,
    file: FileId,
    /// Who stands in this table, and where.
    seen: BTreeMap<PersonId, Location>,
}

impl DirectoryTable<'_, '_> {
    fn location(&self, line: u64) -> Location {
        Location { file: self.file, line: u32::try_from(line).unwrap_or(u32::MAX), column: 1, length: 0 }
    }

    fn report_row(&mut self, line: u64, message: String, help: &str) {
        let at = self.location(line);
        self.scope.error(&codes::INVALID_CSV, message, help, at);
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
                    self.report_row(line, "the row cannot be read".to_owned(), "mend its quotes");
                    break;
                }
            }
            let line = record.position().map_or(1, csv::Position::line);
            if columns.is_empty() {
                match parse_header(&record) {
                    Ok(names) => columns = names,
                    Err(message) => {
                        let help = "name the columns in the first row, `email` first";
                        return self.report_row(line, message, help);
                    }
                }
            } else if record.len() != columns.len() {
                let message = format!("the row has {} fields, and the header {}", record.len(), columns.len());
                self.report_row(line, message, "put a field with a comma into quotes");
            } else {
                self.row(&record, &columns, line);
            }
        }
        if columns.is_empty() {
            self.report_row(1, "the table has no header row".to_owned(), "name the columns in the first row");
        }
    }

    fn row(&mut self, record: &csv::StringRecord, columns: &[SmolStr], line: u64) {
        let at = self.location(line);
        let email = record.get(0).unwrap_or_default();
        let Some(person) = self.scope.person(email, at) else { return };
        if let Some(first) = self.seen.insert(person, at) {
            let finding = duplicate_key(&excerpt(email), at, first, &self.scope.files);
            return self.scope.push(finding);
        }
        let known = self.scope.people.description(person);
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
            let message = format!("the attribute `{}` has another value elsewhere", excerpt(name));
            let help = "remove one of the two";
            self.scope.error(&reference::CONFLICTING_ATTRIBUTE, message, help, at);
        }
        self.scope.people.describe(person, Person { attributes, source });
    }
}

/// The names of the columns; `email` is the first, in any letter case.
fn parse_header(record: &csv::StringRecord) -> Result<Vec<SmolStr>, String> {
    let names: Vec<SmolStr> = record.iter().map(|name| SmolStr::new(name.trim())).collect();
    if names.len() > COLUMNS_MAX {
        return Err(format!("the table has more than {COLUMNS_MAX} columns"));
    }
    if !names.first().is_some_and(|name| name.eq_ignore_ascii_case("email")) {
        return Err("the first column is not `email`".to_owned());
    }
    let mut sorted: Vec<_> = names.iter().collect();
    sorted.sort();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("the column `{}` stands twice", excerpt(pair[0])));
    }
    if names.iter().any(SmolStr::is_empty) {
        return Err("a column has no name".to_owned());
    }
    Ok(names)
}
