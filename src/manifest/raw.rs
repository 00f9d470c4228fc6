//! The sections that `--trusted` replaces, as written: key paths with values and locations.
//!
//! They are compared as text in a tree, independent of their meaning, so that every future key of a policy is covered.
//! Invariant: values that do not fit, such as a literal secret, are never shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use smol_str::SmolStr;

use super::yaml::{YamlNode, YamlValue};
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{Finding, Location};

/// The sections that a trusted manifest replaces; all others come from the manifest under review.
pub(super) const TRUSTED_SECTIONS: [&str; 4] = ["tenants", "policy", "waivers", "approvals"];

/// The line and column of a fault.
type LineColumn = (u32, u32);

/// The locations of invalid keys and values in one file.
#[derive(Debug, Default)]
pub(super) struct InvalidLocations {
    keys: BTreeSet<LineColumn>,
    values: BTreeSet<LineColumn>,
}

impl InvalidLocations {
    /// Collects the locations of findings that make a value unfit to show.
    pub(super) fn from_findings(findings: &[Finding]) -> Self {
        let mut misfits = Self::default();
        for finding in findings {
            let Some(at) = &finding.source else { continue };
            let spot = (at.line, at.column);
            if [codes::UNKNOWN_KEY.id, codes::UNKNOWN_VALUE.id].contains(&finding.code.as_str()) {
                misfits.keys.insert(spot);
            }
            if [codes::WRONG_TYPE.id, codes::UNKNOWN_VALUE.id, codes::LITERAL_SECRET.id]
                .contains(&finding.code.as_str())
            {
                misfits.values.insert(spot);
            }
        }
        misfits
    }

    fn has_key(&self, at: Location) -> bool {
        self.keys.contains(&(at.line, at.column))
    }

    fn has_value(&self, at: Location) -> bool {
        self.values.contains(&(at.line, at.column))
    }
}

/// The value of a key path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RawValue {
    /// A value on one line.
    Scalar(String),
    /// The items of a list of scalars.
    List(Vec<String>),
    /// An invalid value, which may be a secret.
    Redacted,
}

/// The keys that lead to a value.
pub(super) type KeyPath = Vec<SmolStr>;

/// Values by key path, with locations.
pub(super) type RawValues = BTreeMap<KeyPath, (RawValue, Location)>;

/// An entry of a list of entries, such as a waiver.
#[derive(Clone, Debug)]
pub(super) struct RawEntry {
    /// The name in messages, such as `losses phones/X4`.
    pub(super) label: String,
    /// The entry on one line, with sorted keys.
    pub(super) line: String,
    /// The values.
    pub(super) values: RawValues,
    /// The location.
    pub(super) location: Location,
}

/// The raw sections of all files.
#[derive(Debug, Default)]
pub(super) struct RawSections {
    /// The values of sections that are maps.
    pub(super) values: RawValues,
    /// The names of tenants, with locations.
    pub(super) tenants: BTreeMap<SmolStr, Location>,
    /// The entries of sections that are lists.
    pub(super) entries: BTreeMap<SmolStr, Vec<RawEntry>>,
}

impl RawSections {
    /// Adds the sections of one file; `text` contains the long lists that were not parsed.
    pub(super) fn add(&mut self, sections: &[(YamlNode, YamlNode)], text: &Arc<str>, misfits: &InvalidLocations) {
        let reader = RawReader { text, misfits };
        for (key, value) in sections {
            let YamlValue::Text(name) = &key.value else { continue };
            match &value.value {
                YamlValue::Map(tenants) if name == "tenants" => {
                    for (tenant, _) in tenants {
                        if let YamlValue::Text(text) = &tenant.value {
                            self.tenants.entry(text.clone()).or_insert(tenant.at);
                        }
                    }
                    reader.collect(&mut vec![name.clone()], key.at, value, &mut self.values);
                }
                YamlValue::List(items) => {
                    let entries = items.iter().map(|item| reader.entry(item));
                    self.entries.entry(name.clone()).or_default().extend(entries);
                }
                YamlValue::Null => {}
                _ => reader.collect(&mut vec![name.clone()], key.at, value, &mut self.values),
            }
        }
    }
}

struct RawReader<'a> {
    text: &'a Arc<str>,
    misfits: &'a InvalidLocations,
}

impl RawReader<'_> {
    fn entry(&self, item: &YamlNode) -> RawEntry {
        let mut leaves = RawValues::new();
        self.collect(&mut KeyPath::new(), item.at, item, &mut leaves);
        let part = |key: &str| match leaves.get(&[SmolStr::new(key)][..]) {
            Some((RawValue::Scalar(text), _)) => Some(text.as_str()),
            _ => None,
        };
        let label: Vec<&str> = ["rule", "tenant", "license"].into_iter().filter_map(part).collect();
        RawEntry { label: label.join(" "), line: self.one_line(item), values: leaves, location: item.at }
    }

    /// Collects the values below a node; `key` is the location of its key.
    fn collect(&self, path: &mut KeyPath, key: Location, node: &YamlNode, leaves: &mut RawValues) {
        let leaf = match &node.value {
            _ if self.misfits.has_key(key) || self.misfits.has_value(node.at) => RawValue::Redacted,
            YamlValue::Map(entries) if !entries.is_empty() => {
                for (key, value) in entries {
                    let YamlValue::Text(name) = &key.value else { continue };
                    path.push(name.clone());
                    self.collect(path, key.at, value, leaves);
                    path.pop();
                }
                return;
            }
            YamlValue::List(items) if !items.is_empty() && items.iter().all(|item| entry_name(item).is_some()) => {
                let mut seen: BTreeMap<&SmolStr, usize> = BTreeMap::new();
                for (item, name) in items.iter().filter_map(|item| Some((item, entry_name(item)?))) {
                    let number = seen.entry(name).or_default();
                    *number += 1;
                    path.push(if *number == 1 { name.clone() } else { format!("{name} #{number}").into() });
                    self.collect(path, item.at, item, leaves);
                    path.pop();
                }
                return;
            }
            YamlValue::List(items) if items.iter().all(is_scalar) => {
                RawValue::List(items.iter().flat_map(|item| self.list_items(item)).collect())
            }
            YamlValue::Null
            | YamlValue::Bool(_)
            | YamlValue::Number(_)
            | YamlValue::Text(_)
            | YamlValue::List(_)
            | YamlValue::Map(_)
            | YamlValue::Run(_) => RawValue::Scalar(self.one_line(node)),
        };
        // A duplicate key is an error; the first one counts here.
        leaves.entry(path.clone()).or_insert((leaf, node.at));
    }

    /// Returns the values of a list item: one, or many for a run that was not parsed.
    fn list_items(&self, item: &YamlNode) -> Vec<String> {
        match &item.value {
            YamlValue::Run(run) => run.items(self.text).map(|(item, _)| item.to_owned()).collect(),
            _ => vec![self.one_line(item)],
        }
    }

    /// Returns a value on one line, with sorted keys.
    fn one_line(&self, node: &YamlNode) -> String {
        match &node.value {
            _ if self.misfits.has_value(node.at) => "...".to_owned(),
            YamlValue::Null => "null".to_owned(),
            YamlValue::Bool(truth) => truth.to_string(),
            YamlValue::Number(text) | YamlValue::Text(text) => text.to_string(),
            YamlValue::Run(_) => self.list_items(node).join(", "),
            YamlValue::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.one_line(item)).collect();
                format!("[{}]", items.join(", "))
            }
            YamlValue::Map(entries) => {
                let mut shown: Vec<_> = entries
                    .iter()
                    .map(|(key, value)| {
                        let hidden = self.misfits.has_key(key.at);
                        let value = if hidden { "...".to_owned() } else { self.one_line(value) };
                        format!("{}: {value}", self.one_line(key))
                    })
                    .collect();
                shown.sort();
                format!("{{{}}}", shown.join(", "))
            }
        }
    }
}

/// Returns the name of an entry that has one, such as a rule.
fn entry_name(item: &YamlNode) -> Option<&SmolStr> {
    let YamlValue::Map(entries) = &item.value else { return None };
    entries.iter().find_map(|(key, value)| match (&key.value, &value.value) {
        (YamlValue::Text(key), YamlValue::Text(name)) if key == "name" => Some(name),
        _ => None,
    })
}

fn is_scalar(item: &YamlNode) -> bool {
    !matches!(item.value, YamlValue::List(_) | YamlValue::Map(_))
}
