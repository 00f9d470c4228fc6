//! The sections that `--trusted` takes from elsewhere, as they are written: key paths with values and places.
//!
//! They are compared as text over a tree and not as what they mean, so that whatever may stand in a policy tomorrow is
//! told without anybody thinking of it here. What must hold: a secret that was written out by mistake is not repeated,
//! nor is anything else that does not fit where it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use smol_str::SmolStr;

use super::yaml::{Node, Value};
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{Finding, Location};

/// Where a fault was found: line and column.
type Spot = (u32, u32);

/// What does not fit in one file.
#[derive(Debug, Default)]
pub(super) struct Misfits {
    keys: BTreeSet<Spot>,
    values: BTreeSet<Spot>,
}

impl Misfits {
    /// The places of those findings that make a value unfit to be shown.
    pub(super) fn of(findings: &[Finding]) -> Self {
        let mut misfits = Self::default();
        for finding in findings {
            let Some(at) = &finding.source else { continue };
            let spot = (at.line, at.column);
            if [codes::UNKNOWN_KEY.id, codes::UNKNOWN_WORD.id].contains(&finding.code.as_str()) {
                misfits.keys.insert(spot);
            }
            if [codes::WRONG_TYPE.id, codes::UNKNOWN_WORD.id, codes::LITERAL_SECRET.id].contains(&finding.code.as_str())
            {
                misfits.values.insert(spot);
            }
        }
        misfits
    }

    fn key(&self, at: Location) -> bool {
        self.keys.contains(&(at.line, at.column))
    }

    fn value(&self, at: Location) -> bool {
        self.values.contains(&(at.line, at.column))
    }
}

/// What stands at the end of a key path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Leaf {
    /// A value, as it would be typed on one line.
    Value(String),
    /// The items of a list of values.
    Items(Vec<String>),
    /// Something that does not fit, or holds a password.
    Hidden,
}

/// The keys that lead to a value.
pub(super) type Path = Vec<SmolStr>;

/// Values by key path, each with where it stands.
pub(super) type Leaves = BTreeMap<Path, (Leaf, Location)>;

/// An entry of a list of entries, such as a waiver.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// What it is called in messages, such as `losses phones/X4`.
    pub(super) label: String,
    /// All of it on one line, with its keys sorted.
    pub(super) line: String,
    /// What it says.
    pub(super) leaves: Leaves,
    /// Where it stands.
    pub(super) at: Location,
}

/// The sections of all files.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Of the sections that are maps, what they say.
    pub(super) leaves: Leaves,
    /// The names of the tenants, each with where it stands.
    pub(super) tenants: BTreeMap<SmolStr, Location>,
    /// Of the sections that are lists, their entries.
    pub(super) entries: BTreeMap<SmolStr, Vec<Entry>>,
}

impl Written {
    /// Adds the sections of one file, whose text is given for the lists that are left in it.
    pub(super) fn add(&mut self, sections: &[(Node, Node)], text: &Arc<str>, misfits: &Misfits) {
        let reader = Reader { text, misfits };
        for (key, value) in sections {
            let Value::Text(name) = &key.value else { continue };
            match &value.value {
                Value::Map(tenants) if name == "tenants" => {
                    for (tenant, _) in tenants {
                        if let Value::Text(text) = &tenant.value {
                            self.tenants.entry(text.clone()).or_insert(tenant.at);
                        }
                    }
                    reader.walk(&mut vec![name.clone()], key.at, value, &mut self.leaves);
                }
                Value::List(items) => {
                    let entries = items.iter().map(|item| reader.entry(item));
                    self.entries.entry(name.clone()).or_default().extend(entries);
                }
                Value::Null => {}
                _ => reader.walk(&mut vec![name.clone()], key.at, value, &mut self.leaves),
            }
        }
    }
}

struct Reader<'a> {
    text: &'a Arc<str>,
    misfits: &'a Misfits,
}

impl Reader<'_> {
    fn entry(&self, item: &Node) -> Entry {
        let mut leaves = Leaves::new();
        self.walk(&mut Path::new(), item.at, item, &mut leaves);
        let part = |key: &str| match leaves.get(&[SmolStr::new(key)][..]) {
            Some((Leaf::Value(text), _)) => Some(text.as_str()),
            _ => None,
        };
        let label: Vec<&str> = ["rule", "tenant", "license"].into_iter().filter_map(part).collect();
        Entry { label: label.join(" "), line: self.line(item), leaves, at: item.at }
    }

    /// Collects the values below a node; `key` is where its key stands.
    fn walk(&self, path: &mut Path, key: Location, node: &Node, leaves: &mut Leaves) {
        let leaf = match &node.value {
            _ if self.misfits.key(key) || self.misfits.value(node.at) => Leaf::Hidden,
            Value::Map(entries) if !entries.is_empty() => {
                for (key, value) in entries {
                    let Value::Text(name) = &key.value else { continue };
                    path.push(name.clone());
                    self.walk(path, key.at, value, leaves);
                    path.pop();
                }
                return;
            }
            Value::List(items) if !items.is_empty() && items.iter().all(|item| name_of(item).is_some()) => {
                let mut seen: BTreeMap<&SmolStr, usize> = BTreeMap::new();
                for (item, name) in items.iter().filter_map(|item| Some((item, name_of(item)?))) {
                    let number = seen.entry(name).or_default();
                    *number += 1;
                    path.push(if *number == 1 { name.clone() } else { format!("{name} #{number}").into() });
                    self.walk(path, item.at, item, leaves);
                    path.pop();
                }
                return;
            }
            Value::List(items) if items.iter().all(is_plain) => {
                Leaf::Items(items.iter().flat_map(|item| self.plain(item)).collect())
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Map(_)
            | Value::Run(_) => Leaf::Value(self.line(node)),
        };
        // The same key in two files is a fault; the first one counts here.
        leaves.entry(path.clone()).or_insert((leaf, node.at));
    }

    /// The values of a list's item: one, or many where they were left in the text.
    fn plain(&self, item: &Node) -> Vec<String> {
        match &item.value {
            Value::Run(run) => run.items(self.text).map(|(item, _)| item.to_owned()).collect(),
            _ => vec![self.line(item)],
        }
    }

    /// A value on one line, with the keys of maps sorted.
    fn line(&self, node: &Node) -> String {
        match &node.value {
            _ if self.misfits.value(node.at) => "...".to_owned(),
            Value::Null => "null".to_owned(),
            Value::Bool(truth) => truth.to_string(),
            Value::Number(text) | Value::Text(text) => text.to_string(),
            Value::Run(_) => self.plain(node).join(", "),
            Value::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.line(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Map(entries) => {
                let mut shown: Vec<_> = entries
                    .iter()
                    .map(|(key, value)| {
                        let hidden = self.misfits.key(key.at);
                        let value = if hidden { "...".to_owned() } else { self.line(value) };
                        format!("{}: {value}", self.line(key))
                    })
                    .collect();
                shown.sort();
                format!("{{{}}}", shown.join(", "))
            }
        }
    }
}

/// The name of an entry that has one, such as a rule.
fn name_of(item: &Node) -> Option<&SmolStr> {
    let Value::Map(entries) = &item.value else { return None };
    entries.iter().find_map(|(key, value)| match (&key.value, &value.value) {
        (Value::Text(key), Value::Text(name)) if key == "name" => Some(name),
        _ => None,
    })
}

fn is_plain(item: &Node) -> bool {
    !matches!(item.value, Value::List(_) | Value::Map(_))
}
