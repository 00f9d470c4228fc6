//! The bad examples: mistakes that a schema can detect fail at the expected location, and all others pass the schema.

use std::collections::BTreeMap;
use std::fs;

use crate::examples::documents::{root, schema, value};

/// The location in the document, and the schema keyword that fails there.
const SEEN_BY_THE_SCHEMA: [(&str, &str, &str); 7] = [
    ("literal-secret", "/tenants/phones/adapter", "oneOf"),
    ("no-api-version", "", "required"),
    ("not-a-date", "/assignments/0/expires", "format"),
    ("not-an-address", "/assignments/0/to/0", "pattern"),
    ("unknown-key", "/assignments/0", "additionalProperties"),
    ("unknown-mode", "/tenants/phones/manage", "oneOf"),
    ("wrong-type", "/assignments/0/priority", "type"),
];

/// Files that other YAML parsers cannot read.
const NOT_A_DOCUMENT: [&str; 3] = ["alias-bomb", "duplicate-key", "tab"];

#[test]
fn schema_errors_are_at_the_expected_location() {
    let validator = schema("manifest");
    let expected: BTreeMap<_, _> =
        SEEN_BY_THE_SCHEMA.iter().map(|(name, place, rule)| (*name, (*place, *rule))).collect();
    let mut seen = 0;
    for entry in fs::read_dir(root().join("examples/bad")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if path.extension().is_none_or(|extension| extension != "yaml") || NOT_A_DOCUMENT.contains(&name) {
            continue;
        }
        let value = value(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found: Vec<_> = validator
            .iter_errors(&value)
            .map(|error| (error.instance_path().to_string(), error.kind().keyword().to_owned()))
            .collect();
        match expected.get(name) {
            Some((place, rule)) => {
                assert!(found.contains(&((*place).to_owned(), (*rule).to_owned())), "{name}: {found:?}");
                seen += 1;
            }
            None => assert_eq!(found, [], "{name}: the schema sees it, the table does not say so"),
        }
    }
    assert_eq!(seen, expected.len(), "a file of the table is gone");
}

#[test]
fn every_bad_file_is_on_the_page() {
    let page = fs::read_to_string(root().join("examples/bad/README.md")).unwrap();
    for entry in fs::read_dir(root().join("examples/bad")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(name == "README.md" || page.contains(&format!("$ reseat validate {name}\n")), "{name} is not shown");
    }
}
