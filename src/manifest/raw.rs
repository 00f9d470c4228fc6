//! The sections that `--trusted` takes from elsewhere, as they are written: key paths with values and places.
//!
//! They are compared as text over a tree and not as what they mean, so that whatever may stand in a policy tomorrow is
//! told without anybody thinking of it here. What must hold: a secret that was written out by mistake is not repeated,
//! nor is anything else that does not fit where it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use smol_str::SmolStr;

use super::yaml::{YamlNode, YamlValue};
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{Finding, Location};

/// The sections that a trusted manifest replaces; all others come from the manifest under review.
pub(super) const TRUSTED_SECTIONS: [&str; 4] = ["tenants", "policy", "waivers", "approvals"];

/// Where a fault was found: line and column.
type LineColumn = (u32, u32);

/// What does not fit in one file.
#[derive(Debug, Default)]
pub(super) struct InvalidLocations {
    keys: BTreeSet<LineColumn>,
    values: BTreeSet<LineColumn>,
}

impl InvalidLocations {
    /// The places of those findings that make a value unfit to be shown.
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

/// What stands at the end of a key path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RawValue {
    /// A value, as it would be typed on one line.
    Scalar(String),
    /// The items of a list of values.
    List(Vec<String>),
    /// Something that does not fit, or holds a password.
    Redacted,
}

/// The keys that lead to a value.
pub(super) type KeyPath = Vec<SmolStr>;

/// Values by key path, each with where it stands.
pub(super) type RawValues = BTreeMap<KeyPath, (RawValue, Location)>;

/// An entry of a list of entries, such as a waiver.
#[derive(Clone, Debug)]
pub(super) struct RawEntry {
    /// What it is called in messages, such as `losses phones/X4`.
    pub(super) label: String,
    /// All of it on one line, with its keys sorted.
    pub(super) line: String,
    /// What it says.
    pub(super) values: RawValues,
    /// Where it stands.
    pub(super) location: Location,
}

/// The sections of all files.
#[derive(Debug, Default)]
pub(super) struct RawSections {
    /// Of the sections that are maps, what they say.
    pub(super) values: RawValues,
    /// The names of the tenants, each with where it stands.
    pub(super) tenants: BTreeMap<SmolStr, Location>,
    /// Of the sections that are lists, their entries.
    pub(super) entries: BTreeMap<SmolStr, Vec<RawEntry>>,
}

impl RawSections {
    /// Adds the sections of one file, whose text is given for the lists that are left in it.
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

    /// Collects the values below a node; `key` is where its key stands.
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
        // The same key in two files is a fault; the first one counts here.
        leaves.entry(path.clone()).or_insert((leaf, node.at));
    }

    /// The values of a list's item: one, or many where they were left in the text.
    fn list_items(&self, item: &YamlNode) -> Vec<String> {
        match &item.value {
            YamlValue::Run(run) => run.items(self.text).map(|(item, _)| item.to_owned()).collect(),
            _ => vec![self.one_line(item)],
        }
    }

    /// A value on one line, with the keys of maps sorted.
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

/// The name of an entry that has one, such as a rule.
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
