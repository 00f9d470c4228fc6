//! Finds the columns of an export by their headers.

use std::collections::BTreeMap;

use super::table::{CellRef, ExportTable};
use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Finding, did_you_mean};
use crate::model::{AdapterSettings, TenantSettings};
use crate::profile::Rules;
use crate::profile::console::COMMON_HEADERS;
use crate::profile::definition::ExportColumn;

/// The headers of each column.
pub(super) struct ColumnMatcher {
    /// Headers from the manifest; such a column has no other.
    declared: BTreeMap<ExportColumn, String>,
    /// Headers of the vendor's console, then common ones.
    defaults: Vec<(ExportColumn, &'static [&'static str])>,
}

/// The index of each column in a table.
pub(super) type ColumnIndexes = BTreeMap<ExportColumn, usize>;

/// Reduces a header to its letters and digits, in lower case.
fn normalize(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl ColumnMatcher {
    pub(super) fn new(rules: &Rules, settings: &TenantSettings) -> Self {
        let declared = match &settings.adapter {
            AdapterSettings::Runbook(runbook) => runbook
                .columns
                .iter()
                .filter_map(|(name, header)| Some((ExportColumn::parse(name)?, header.to_string())))
                .collect(),
            _ => BTreeMap::new(),
        };
        let own = rules.profile().procedure.export.columns;
        Self { declared, defaults: own.iter().chain(COMMON_HEADERS).copied().collect() }
    }

    /// Returns the index of each column that the table has.
    pub(super) fn locate(&self, table: &ExportTable<'_>) -> Result<ColumnIndexes, Vec<Finding>> {
        let headers: Vec<String> = table.header.iter().map(normalize).collect();
        let mut indexes = ColumnIndexes::new();
        let mut findings = Vec::new();
        let mut report = |message: String, column: usize, help: Option<String>| {
            let finding = table.finding(&codes::EXPORT_COLUMN, message, CellRef::of_header(column));
            findings.push(Finding { help, ..finding });
        };
        for (column, header) in &self.declared {
            let wanted = normalize(header);
            let mut matches = (0..headers.len()).filter(|index| headers[*index] == wanted);
            match (matches.next(), matches.next()) {
                (Some(index), None) => {
                    indexes.insert(*column, index);
                }
                (Some(_), Some(second)) => report(format!("the export has two columns `{header}`"), second, None),
                (None, _) => {
                    let message = format!("the export has no column `{header}` for `{}`", column.as_str());
                    report(message, 0, Some(headers_help(table, header)));
                }
            }
        }
        for (column, names) in &self.defaults {
            if self.declared.contains_key(column) || indexes.contains_key(column) {
                continue;
            }
            let is_free = |index: &usize| !indexes.values().any(|used| used == index);
            let index = names.iter().find_map(|name| {
                let wanted = normalize(name);
                headers.iter().position(|header| *header == wanted).filter(is_free)
            });
            if let Some(index) = index {
                indexes.insert(*column, index);
            }
        }
        for (column, name) in ExportColumn::NAMED {
            if column.is_required() && !indexes.contains_key(&column) && !self.declared.contains_key(&column) {
                let help = headers_help(table, "");
                let help = format!("name it in the manifest: `columns: {{ {name}: HEADER }}`; {help}");
                report(format!("the export has no column for `{name}`"), 0, Some(help));
            }
        }
        if findings.is_empty() { Ok(indexes) } else { Err(findings) }
    }
}

/// Lists the headers of the table, and suggests the one that is most like `wanted`.
fn headers_help(table: &ExportTable<'_>, wanted: &str) -> String {
    let headers: Vec<&str> = table.header.iter().map(str::trim).filter(|header| !header.is_empty()).collect();
    let list = format!("the export has `{}`", headers.join("`, `"));
    match did_you_mean(wanted, &headers).filter(|_| !wanted.is_empty()) {
        Some(help) if help.starts_with("did you mean") => format!("{help}; {list}"),
        _ => list,
    }
}
