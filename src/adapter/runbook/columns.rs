//! Which column of an export holds what.

use std::collections::BTreeMap;

use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Finding, did_you_mean};
use crate::model::TenantSettings;
use crate::profile::Rules;
use crate::profile::console::COMMON_HEADERS;
use crate::profile::profile::ExportColumn;

use super::table::{CellRef, ExportTable};

/// Headers that are looked for.
pub(super) struct ColumnMatcher {
    /// Those that the manifest names; there is no other for such a column.
    declared: BTreeMap<ExportColumn, String>,
    /// Those that the vendor's console may have, then those that any list may have.
    defaults: Vec<(ExportColumn, &'static [&'static str])>,
}

/// The places of columns in a table.
pub(super) type ColumnIndexes = BTreeMap<ExportColumn, usize>;

/// A header without what people write in one way or another.
pub(super) fn normalize(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl ColumnMatcher {
    pub(super) fn new(rules: &Rules, settings: &TenantSettings) -> Self {
        let named = match &settings.adapter {
            crate::model::AdapterSettings::Runbook(runbook) => runbook
                .columns
                .iter()
                .filter_map(|(name, header)| Some((ExportColumn::parse(name)?, header.to_string())))
                .collect(),
            _ => BTreeMap::new(),
        };
        let own = rules.profile().procedure.export.columns;
        Self { declared: named, defaults: own.iter().chain(COMMON_HEADERS).copied().collect() }
    }

    /// Finds the columns in the header.
    pub(super) fn locate(&self, table: &ExportTable<'_>) -> Result<ColumnIndexes, Vec<Finding>> {
        let headers: Vec<String> = table.header.iter().map(normalize).collect();
        let mut places = ColumnIndexes::new();
        let mut findings = Vec::new();
        for (column, header) in &self.declared {
            let wanted = normalize(header);
            let mut found = headers.iter().enumerate().filter(|(_, header)| **header == wanted).map(|(place, _)| place);
            match (found.next(), found.next()) {
                (Some(place), None) => {
                    places.insert(*column, place);
                }
                (Some(_), Some(second)) => {
                    let message = format!("the export has two columns `{header}`");
                    findings.push(table.finding(&codes::EXPORT_COLUMN, message, CellRef::of_header(second)));
                }
                (None, _) => {
                    let message = format!("the export has no column `{header}` for `{}`", column.as_str());
                    let finding = table.finding(&codes::EXPORT_COLUMN, message, CellRef::of_header(0));
                    findings.push(finding.help(table.headers_help(header)));
                }
            }
        }
        for (column, usual) in &self.defaults {
            if self.declared.contains_key(column) || places.contains_key(column) {
                continue;
            }
            let is_taken = |place: &usize| places.values().any(|taken| taken == place);
            let found = usual.iter().find_map(|usual| {
                let wanted = normalize(usual);
                headers.iter().position(|header| *header == wanted).filter(|place| !is_taken(place))
            });
            if let Some(place) = found {
                places.insert(*column, place);
            }
        }
        for (column, name) in ExportColumn::NAMED {
            if column.is_required() && !places.contains_key(&column) && !self.declared.contains_key(&column) {
                let message = format!("the export has no column that looks like `{name}`");
                let finding = table.finding(&codes::EXPORT_COLUMN, message, CellRef::of_header(0));
                let help =
                    format!("name it in the manifest: `columns: {{ {name}: HEADER }}`; {}", table.headers_help(""));
                findings.push(finding.help(help));
            }
        }
        if findings.is_empty() { Ok(places) } else { Err(findings) }
    }
}

impl ExportTable<'_> {
    /// Which columns there are.
    fn headers_help(&self, wanted: &str) -> String {
        let there: Vec<&str> =
            self.header.iter().map(|header| header.trim()).filter(|header| !header.is_empty()).collect();
        let there = format!("the export has `{}`", there.join("`, `"));
        match did_you_mean(wanted, &header_names(&self.header)).filter(|_| !wanted.is_empty()) {
            Some(help) if help.starts_with("did you mean") => format!("{help}; {there}"),
            _ => there,
        }
    }
}

fn header_names(header: &csv::StringRecord) -> Vec<&str> {
    header.iter().collect()
}
