//! Which column of an export holds what.

use std::collections::BTreeMap;

use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Finding, did_you_mean};
use crate::model::TenantSettings;
use crate::profile::Rules;
use crate::profile::console::HEADERS;
use crate::profile::profile::Column;

use super::table::{Cell, Table};

/// Headers that are looked for.
pub(super) struct Columns {
    /// Those that the manifest names; there is no other for such a column.
    named: BTreeMap<Column, String>,
    /// Those that the vendor's console may have, then those that any list may have.
    usual: Vec<(Column, &'static [&'static str])>,
}

/// The places of columns in a table.
pub(super) type Places = BTreeMap<Column, usize>;

/// A header without what people write in one way or another.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl Columns {
    pub(super) fn new(rules: &Rules, settings: &TenantSettings) -> Self {
        let named = match &settings.adapter {
            crate::model::AdapterSettings::Runbook(runbook) => runbook
                .columns
                .iter()
                .filter_map(|(name, header)| Some((Column::parse(name)?, header.to_string())))
                .collect(),
            _ => BTreeMap::new(),
        };
        let own = rules.profile().procedure.export.columns;
        Self { named, usual: own.iter().chain(HEADERS).copied().collect() }
    }

    /// Finds the columns in the header.
    pub(super) fn find(&self, table: &Table<'_>) -> Result<Places, Vec<Finding>> {
        let headers: Vec<String> = table.header.iter().map(plain).collect();
        let mut places = Places::new();
        let mut findings = Vec::new();
        for (column, header) in &self.named {
            let wanted = plain(header);
            let mut found = headers.iter().enumerate().filter(|(_, header)| **header == wanted).map(|(place, _)| place);
            match (found.next(), found.next()) {
                (Some(place), None) => {
                    places.insert(*column, place);
                }
                (Some(_), Some(second)) => {
                    let message = format!("the export has two columns `{header}`");
                    findings.push(table.fault(&codes::EXPORT_COLUMN, message, Cell::of_header(second)));
                }
                (None, _) => {
                    let message = format!("the export has no column `{header}` for `{}`", column.as_str());
                    let finding = table.fault(&codes::EXPORT_COLUMN, message, Cell::of_header(0));
                    findings.push(finding.help(table.headers_help(header)));
                }
            }
        }
        for (column, usual) in &self.usual {
            if self.named.contains_key(column) || places.contains_key(column) {
                continue;
            }
            let is_taken = |place: &usize| places.values().any(|taken| taken == place);
            let found = usual.iter().find_map(|usual| {
                let wanted = plain(usual);
                headers.iter().position(|header| *header == wanted).filter(|place| !is_taken(place))
            });
            if let Some(place) = found {
                places.insert(*column, place);
            }
        }
        for (column, name) in Column::NAMED {
            if column.is_required() && !places.contains_key(&column) && !self.named.contains_key(&column) {
                let message = format!("the export has no column that looks like `{name}`");
                let finding = table.fault(&codes::EXPORT_COLUMN, message, Cell::of_header(0));
                let help =
                    format!("name it in the manifest: `columns: {{ {name}: HEADER }}`; {}", table.headers_help(""));
                findings.push(finding.help(help));
            }
        }
        if findings.is_empty() { Ok(places) } else { Err(findings) }
    }
}

impl Table<'_> {
    /// Which columns there are.
    fn headers_help(&self, wanted: &str) -> String {
        let there: Vec<&str> =
            self.header.iter().map(|header| header.trim()).filter(|header| !header.is_empty()).collect();
        let there = format!("the export has `{}`", there.join("`, `"));
        match did_you_mean(wanted, &there_names(&self.header)).filter(|_| !wanted.is_empty()) {
            Some(help) if help.starts_with("did you mean") => format!("{help}; {there}"),
            _ => there,
        }
    }
}

fn there_names(header: &csv::StringRecord) -> Vec<&str> {
    header.iter().collect()
}
