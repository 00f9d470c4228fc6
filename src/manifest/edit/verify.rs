//! Verification that an edited text contains exactly the old content and the additions.

use smol_str::SmolStr;

use super::{NewEntry, NewPerson};
use crate::diagnostic::{FileId, Location};
use crate::manifest::yaml::{YamlNode, YamlValue};

/// Trees are compared without locations.
const NOWHERE: Location = Location { file: FileId(0), line: 0, column: 0, length: 0 };

fn node(value: YamlValue) -> YamlNode {
    YamlNode { value, at: NOWHERE }
}

fn text_node(text: &str) -> YamlNode {
    node(YamlValue::Text(SmolStr::new(text)))
}

/// Whether `after` is `before` with the additions; each tree comes with its text.
pub(super) fn is_expected_edit(
    before: (Option<&YamlNode>, &str),
    after: (&YamlNode, &str),
    named: &[(Location, Vec<SmolStr>)],
    entries: &[NewEntry],
    people: &[NewPerson],
) -> bool {
    let mut touched = Vec::new();
    let mut expected = match before.0 {
        Some(root) => {
            touched = entry_indexes(root, named);
            without_locations(root, before.1)
        }
        None => node(YamlValue::Map(Vec::new())),
    };
    let YamlValue::Map(sections) = &mut expected.value else { return false };
    for (index, keys) in &touched {
        let Some(YamlValue::List(list)) = section_mut(sections, "assignments", YamlValue::List(Vec::new())) else {
            return false;
        };
        let Some(to) = list.get_mut(*index).and_then(people_mut) else { return false };
        to.extend(keys.iter().map(|key| text_node(key)));
    }
    if !entries.is_empty() {
        let Some(YamlValue::List(list)) = section_mut(sections, "assignments", YamlValue::List(Vec::new())) else {
            return false;
        };
        list.extend(entries.iter().map(|entry| {
            let to = entry.to.iter().map(|key| text_node(key)).collect();
            let fields =
                vec![(text_node("license"), text_node(&entry.license)), (text_node("to"), node(YamlValue::List(to)))];
            node(YamlValue::Map(fields))
        }));
    }
    if !people.is_empty() {
        let Some(YamlValue::Map(all)) = section_mut(sections, "people", YamlValue::Map(Vec::new())) else {
            return false;
        };
        all.extend(people.iter().map(|person| {
            let account = vec![(text_node(&person.tenant), text_node(&person.account))];
            let accounts = vec![(text_node("accounts"), node(YamlValue::Map(account)))];
            (text_node(&person.key), node(YamlValue::Map(accounts)))
        }));
    }
    let mut found = without_locations(after.0, after.1);
    for tree in [&mut expected, &mut found] {
        let YamlValue::Map(sections) = &mut tree.value else { return false };
        // The order of sections and people has no meaning, and people may be inserted anywhere in their list.
        sections.sort_by_key(|(key, _)| text_of(key));
        for (index, _) in &touched {
            if let Some(YamlValue::List(list)) = section_mut(sections, "assignments", YamlValue::List(Vec::new()))
                && let Some(to) = list.get_mut(*index).and_then(people_mut)
            {
                to.sort_by_key(text_of);
            }
        }
    }
    expected == found
}

fn text_of(node: &YamlNode) -> SmolStr {
    match &node.value {
        YamlValue::Text(text) => text.clone(),
        _ => SmolStr::default(),
    }
}

/// Returns the indexes of the entries with additions.
fn entry_indexes(root: &YamlNode, named: &[(Location, Vec<SmolStr>)]) -> Vec<(usize, Vec<SmolStr>)> {
    let YamlValue::Map(sections) = &root.value else { return Vec::new() };
    let entries = sections.iter().find(|(key, _)| text_of(key) == "assignments").map(|(_, value)| &value.value);
    let Some(YamlValue::List(entries)) = entries else { return Vec::new() };
    let index =
        |at: &Location| entries.iter().position(|entry| (entry.at.line, entry.at.column) == (at.line, at.column));
    named.iter().filter_map(|(at, keys)| Some((index(at)?, keys.clone()))).collect()
}

/// Returns a section, created on demand.
fn section_mut<'a>(
    sections: &'a mut Vec<(YamlNode, YamlNode)>,
    name: &str,
    empty: YamlValue,
) -> Option<&'a mut YamlValue> {
    let index = sections.iter().position(|(key, _)| text_of(key) == name).unwrap_or_else(|| {
        sections.push((text_node(name), node(empty)));
        sections.len() - 1
    });
    sections.get_mut(index).map(|(_, value)| &mut value.value)
}

/// Returns the list of people of an entry.
fn people_mut(entry: &mut YamlNode) -> Option<&mut Vec<YamlNode>> {
    let YamlValue::Map(fields) = &mut entry.value else { return None };
    match fields.iter_mut().find(|(key, _)| text_of(key) == "to").map(|(_, value)| &mut value.value) {
        Some(YamlValue::List(list)) => Some(list),
        _ => None,
    }
}

/// Returns the tree without locations, with the items of its runs.
fn without_locations(tree: &YamlNode, source: &str) -> YamlNode {
    node(match &tree.value {
        YamlValue::List(items) => {
            let mut all = Vec::with_capacity(items.len());
            for item in items {
                match &item.value {
                    YamlValue::Run(run) => all.extend(run.items(source).map(|(item, _)| text_node(item))),
                    _ => all.push(without_locations(item, source)),
                }
            }
            YamlValue::List(all)
        }
        YamlValue::Map(entries) => YamlValue::Map(
            entries
                .iter()
                .map(|(key, value)| (without_locations(key, source), without_locations(value, source)))
                .collect(),
        ),
        other => other.clone(),
    })
}
