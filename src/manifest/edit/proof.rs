//! Whether an edited text says what the old one said, and what was added, and nothing else.

use smol_str::SmolStr;

use super::{NewEntry, NewPerson};
use crate::diagnostic::{FileId, Location};
use crate::manifest::yaml::{Node, Value};

/// Where nothing is: trees are compared without places.
const NOWHERE: Location = Location { file: FileId(0), line: 0, column: 0, length: 0 };

fn node(value: Value) -> Node {
    Node { value, at: NOWHERE }
}

fn text(text: &str) -> Node {
    node(Value::Text(SmolStr::new(text)))
}

/// Whether `after` is `before` with those additions; each tree comes with its text.
pub(super) fn holds(
    before: (Option<&Node>, &str),
    after: (&Node, &str),
    named: &[(Location, Vec<SmolStr>)],
    entries: &[NewEntry],
    people: &[NewPerson],
) -> bool {
    let mut touched = Vec::new();
    let mut expected = match before.0 {
        Some(root) => {
            touched = places(root, named);
            bare(root, before.1)
        }
        None => node(Value::Map(Vec::new())),
    };
    let Value::Map(sections) = &mut expected.value else { return false };
    for (index, keys) in &touched {
        let Some(Value::List(list)) = section(sections, "assignments", Value::List(Vec::new())) else { return false };
        let Some(to) = list.get_mut(*index).and_then(to_of) else { return false };
        to.extend(keys.iter().map(|key| text(key)));
    }
    if !entries.is_empty() {
        let Some(Value::List(list)) = section(sections, "assignments", Value::List(Vec::new())) else { return false };
        list.extend(entries.iter().map(|entry| {
            let to = entry.to.iter().map(|key| text(key)).collect();
            let fields = vec![(text("license"), text(&entry.license)), (text("to"), node(Value::List(to)))];
            node(Value::Map(fields))
        }));
    }
    if !people.is_empty() {
        let Some(Value::Map(all)) = section(sections, "people", Value::Map(Vec::new())) else { return false };
        all.extend(people.iter().map(|person| {
            let account = vec![(text(&person.tenant), text(&person.account))];
            let accounts = vec![(text("accounts"), node(Value::Map(account)))];
            (text(&person.key), node(Value::Map(accounts)))
        }));
    }
    let mut found = bare(after.0, after.1);
    for tree in [&mut expected, &mut found] {
        let Value::Map(sections) = &mut tree.value else { return false };
        // In which order sections and people of a list stand means nothing, and people may have been put among the others.
        sections.sort_by_key(|(key, _)| word(key));
        for (index, _) in &touched {
            if let Some(Value::List(list)) = section(sections, "assignments", Value::List(Vec::new()))
                && let Some(to) = list.get_mut(*index).and_then(to_of)
            {
                to.sort_by_key(word);
            }
        }
    }
    expected == found
}

fn word(node: &Node) -> SmolStr {
    match &node.value {
        Value::Text(text) => text.clone(),
        _ => SmolStr::default(),
    }
}

/// The numbers of the entries that are added to.
fn places(root: &Node, named: &[(Location, Vec<SmolStr>)]) -> Vec<(usize, Vec<SmolStr>)> {
    let Value::Map(sections) = &root.value else { return Vec::new() };
    let entries = sections.iter().find(|(key, _)| word(key) == "assignments").map(|(_, value)| &value.value);
    let Some(Value::List(entries)) = entries else { return Vec::new() };
    let index =
        |at: &Location| entries.iter().position(|entry| (entry.at.line, entry.at.column) == (at.line, at.column));
    named.iter().filter_map(|(at, keys)| Some((index(at)?, keys.clone()))).collect()
}

/// A section, made where there is none.
fn section<'a>(sections: &'a mut Vec<(Node, Node)>, name: &str, empty: Value) -> Option<&'a mut Value> {
    let index = sections.iter().position(|(key, _)| word(key) == name).unwrap_or_else(|| {
        sections.push((text(name), node(empty)));
        sections.len() - 1
    });
    sections.get_mut(index).map(|(_, value)| &mut value.value)
}

/// The list of people of an entry.
fn to_of(entry: &mut Node) -> Option<&mut Vec<Node>> {
    let Value::Map(fields) = &mut entry.value else { return None };
    match fields.iter_mut().find(|(key, _)| word(key) == "to").map(|(_, value)| &mut value.value) {
        Some(Value::List(list)) => Some(list),
        _ => None,
    }
}

/// The tree without places, and with every item of its runs.
fn bare(tree: &Node, source: &str) -> Node {
    node(match &tree.value {
        Value::List(items) => {
            let mut all = Vec::with_capacity(items.len());
            for item in items {
                match &item.value {
                    Value::Run(run) => all.extend(run.items(source).map(|(item, _)| text(item))),
                    _ => all.push(bare(item, source)),
                }
            }
            Value::List(all)
        }
        Value::Map(entries) => {
            Value::Map(entries.iter().map(|(key, value)| (bare(key, source), bare(value, source))).collect())
        }
        other => other.clone(),
    })
}
