//! Tables of keys from a JSON Schema.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

/// The prefix of a reference to a definition.
const DEFINITIONS: &str = "#/$defs/";

/// The tables of one schema: its definitions, each with the keys that lead to it.
pub(crate) struct Tables<'a> {
    schema: &'a Value,
    /// The definitions in order of first use, each with all paths of keys that use it.
    uses: Vec<(String, Vec<String>)>,
    /// Whether the page has a section for each definition.
    deep: bool,
}

impl<'a> Tables<'a> {
    /// For a page with a section for each definition.
    pub(crate) fn deep(schema: &'a Value) -> Self {
        let mut tables = Self { schema, uses: Vec::new(), deep: true };
        tables.walk(schema, "", &mut BTreeSet::new());
        tables
    }

    /// For a page with only the keys of the root.
    pub(crate) fn shallow(schema: &'a Value) -> Self {
        Self { schema, uses: Vec::new(), deep: false }
    }

    fn definition(&self, name: &str) -> &'a Value {
        &self.schema["$defs"][name]
    }

    /// Records the definitions that a schema uses, and recurses into new ones.
    fn walk(&mut self, schema: &'a Value, path: &str, above: &mut BTreeSet<String>) {
        if let Some(name) = schema["$ref"].as_str().and_then(|target| target.strip_prefix(DEFINITIONS)) {
            match self.uses.iter_mut().find(|(known, _)| known == name) {
                Some((_, paths)) => paths.push(path.to_owned()),
                None => self.uses.push((name.to_owned(), vec![path.to_owned()])),
            }
            if above.insert(name.to_owned()) {
                self.walk(self.definition(name), path, above);
                above.remove(name);
            }
        }
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            self.walk(property, &below, above);
        }
        if schema["additionalProperties"].is_object() {
            self.walk(&schema["additionalProperties"], &format!("{path}.NAME"), above);
        }
        if schema["items"].is_object() {
            self.walk(&schema["items"], &format!("{path}[]"), above);
        }
        for several in ["oneOf", "anyOf"] {
            for one in schema[several].as_array().into_iter().flatten() {
                self.walk(one, path, above);
            }
        }
    }

    /// Returns the heading of a definition: its path, or a name if several paths use it.
    fn heading(&self, name: &str) -> String {
        let paths: BTreeSet<&String> =
            self.uses.iter().filter(|(known, _)| known == name).flat_map(|(_, paths)| paths).collect();
        match paths.iter().next() {
            Some(path) if paths.len() == 1 && self.is_table(name) => format!("`{path}`"),
            _ => called(name),
        }
    }

    fn is_table(&self, name: &str) -> bool {
        let definition = self.definition(name);
        definition["properties"].is_object() || definition["oneOf"][0]["properties"].is_object()
    }

    /// Describes the type of a value in words.
    fn kind(&self, schema: &Value) -> String {
        if let Some(name) = schema["$ref"].as_str().and_then(|target| target.strip_prefix(DEFINITIONS)) {
            if let Some(words) = plain_words(self.definition(name)) {
                return words;
            }
            if !self.deep {
                return self.plain_kind(self.definition(name));
            }
            let heading = self.heading(name);
            return format!("[{}](#{})", heading.trim_matches('`').trim_end_matches("[]"), anchor(&heading));
        }
        if let Some(value) = schema["const"].as_str() {
            return format!("`{value}`");
        }
        if let Some(several) = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()) {
            return several.iter().map(|one| self.kind(one)).collect::<Vec<_>>().join(" or ");
        }
        if let Some(words) = plain_words(schema) {
            return words;
        }
        let kinds: Vec<&str> = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            Value::String(kind) => vec![kind],
            _ => return "any value".to_owned(),
        };
        let said = kinds.iter().map(|kind| match *kind {
            "array" => format!("list of {}", plural(&self.kind(&schema["items"]))),
            "object" if schema["additionalProperties"].is_object() => {
                format!("by name: {}", self.kind(&schema["additionalProperties"]))
            }
            "object" => "table".to_owned(),
            "string" => match schema["format"].as_str() {
                Some("date") => "date".to_owned(),
                Some("date-time") => "time".to_owned(),
                _ => "text".to_owned(),
            },
            "integer" | "number" => "number".to_owned(),
            "boolean" => "`true` or `false`".to_owned(),
            "null" => "`null`".to_owned(),
            other => other.to_owned(),
        });
        said.collect::<Vec<_>>().join(" or ")
    }

    /// Describes a definition without a section.
    fn plain_kind(&self, definition: &Value) -> String {
        match definition["oneOf"].as_array().and_then(|one_of| one_of.first()) {
            _ if definition["properties"].is_object() => "table".to_owned(),
            Some(first) if first["properties"].is_object() => "table".to_owned(),
            _ => self.kind(definition),
        }
    }

    /// Returns the kinds of lines of a stream, by their tag.
    pub(crate) fn lines(&self, page: &mut String, schema: &Value) {
        let lines = schema["oneOf"].as_array().map_or(&[][..], Vec::as_slice);
        for (index, line) in lines.iter().enumerate() {
            let properties = line["properties"].as_object().into_iter().flatten();
            let (words, others): (Vec<_>, Vec<_>) = properties.partition(|(_, property)| property["const"].is_string());
            let (key, word) = words.first().expect("a word tells the lines of a stream apart");
            if index == 0 {
                writeln!(page, "\n| `{key}` | has also | means |\n|---|---|---|").expect("a string can be written to");
            }
            let others: Vec<_> = others.iter().map(|(key, _)| format!("`{key}`")).collect();
            let (word, about) = (word["const"].as_str().unwrap_or_default(), line["description"].as_str());
            writeln!(page, "| `{word}` | {} | {} |", others.join(", "), cell(about.unwrap_or_default()))
                .expect("a string can be written to");
        }
    }

    /// Returns the keys of a table.
    pub(crate) fn keys(&self, page: &mut String, schema: &Value) {
        let required: BTreeSet<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        writeln!(page, "| key | is | means |\n|---|---|---|").expect("a string can be written to");
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            let must = if required.contains(key.as_str()) { " (required)" } else { "" };
            let about = cell(property["description"].as_str().unwrap_or_default());
            writeln!(page, "| `{key}`{must} | {} | {about} |", self.kind(property))
                .expect("a string can be written to");
        }
    }

    /// Returns every definition with a section: those with one path first, in order of first use.
    pub(crate) fn sections(&self, page: &mut String) {
        let names = self.uses.iter().map(|(name, _)| name.as_str());
        let names: Vec<&str> = names.filter(|name| plain_words(self.definition(name)).is_none()).collect();
        let mut headings: BTreeMap<String, &str> = BTreeMap::new();
        let (of_one_place, shared): (Vec<&str>, Vec<&str>) =
            names.into_iter().partition(|name| self.heading(name).starts_with('`'));
        for name in of_one_place.into_iter().chain(shared) {
            let heading = self.heading(name);
            let other = headings.insert(anchor(&heading), name);
            assert!(other.is_none(), "`{name}` and `{other:?}` have the same heading `{heading}`");
            self.section(page, name, &heading).expect("a string can be written to");
        }
    }

    fn section(&self, page: &mut String, name: &str, heading: &str) -> std::fmt::Result {
        let definition = self.definition(name);
        let about = definition["description"].as_str().unwrap_or_default().replace('\n', " ");
        writeln!(page, "\n## {heading}\n\n{about}\n")?;
        let one_of = definition["oneOf"].as_array();
        if definition["properties"].is_object() {
            self.keys(page, definition);
        } else if let Some(one_of) = one_of {
            writeln!(page, "| one of | is | means |\n|---|---|---|")?;
            for one in one_of {
                let about = cell(one["description"].as_str().unwrap_or_default());
                match one["properties"].as_object().and_then(|keys| keys.iter().next()) {
                    Some((key, value)) => writeln!(page, "| `{key}` | {} | {about} |", self.kind(value))?,
                    None => writeln!(page, "| {} | text | {about} |", self.kind(one))?,
                }
            }
        } else {
            writeln!(page, "It is a {}.", self.kind(definition))?;
        }
        Ok(())
    }
}

/// Returns the values of a definition that consists of undocumented constants.
fn plain_words(schema: &Value) -> Option<String> {
    let words = schema["enum"].as_array()?;
    Some(words.iter().map(|word| format!("`{}`", word.as_str().unwrap_or("null"))).collect::<Vec<_>>().join(" or "))
}

/// Returns the name of a definition, without the suffixes of its Rust type.
fn called(name: &str) -> String {
    let stem = ["Entry", "Word", "Ref", "List"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let mut said = String::new();
    for letter in stem.chars() {
        if letter.is_uppercase() && !said.is_empty() {
            said.push(' ');
        }
        let first = said.is_empty();
        said.extend(if first { letter.to_uppercase().collect::<Vec<_>>() } else { letter.to_lowercase().collect() });
    }
    said
}

fn plural(kind: &str) -> String {
    match kind {
        "text" | "number" | "table" => format!("{kind}s"),
        other => other.strip_prefix("list of ").map_or_else(|| other.to_owned(), |inner| format!("lists of {inner}")),
    }
}

/// Returns the anchor of a heading, as forges generate it.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    kept.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// Escapes a text as a cell of a table.
pub(crate) fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}
