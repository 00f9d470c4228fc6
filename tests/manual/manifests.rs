//! Every piece of YAML that a page shows is what the schema allows.

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::{all_pages, blocks, text};

/// Pages that are made from examples that are wrong on purpose, each with a test of its own.
const GENERATED: [&str; 2] = ["docs/policy-rules.md", "docs/findings.md"];

fn schema(name: &str) -> Validator {
    let text = text(&format!("schemas/{name}.schema.json"));
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    options.build(&serde_json::from_str(&text).unwrap()).unwrap()
}

/// The schema that a block is to keep: its own hint, its kind, or that of the manifest.
fn kind(block: &str, value: &Value) -> &'static str {
    if value["kind"] == "observation" {
        "observation"
    } else if block.starts_with("# vendor: ") {
        "knobs"
    } else {
        "manifest"
    }
}

#[test]
fn yaml_on_the_pages_is_what_the_schemas_allow() {
    let mut breaches = Vec::new();
    let mut count = 0;
    for path in all_pages().iter().filter(|path| !GENERATED.contains(&path.as_str())) {
        for (line, _, block) in blocks(&text(path)).iter().filter(|(_, language, _)| language == "yaml") {
            let mut value: Value = match serde_yaml::from_str(block) {
                Ok(value) => value,
                Err(error) => {
                    breaches.push(format!("{path}:{line}: {error}"));
                    continue;
                }
            };
            let name = kind(block, &value);
            // A piece of a manifest does without the line that says what it is.
            if let (Some(table), "manifest") = (value.as_object_mut(), name) {
                table.entry("apiVersion").or_insert(json!("reseat/v1"));
            }
            count += 1;
            for error in schema(name).iter_errors(&value) {
                breaches.push(format!("{path}:{line}: {}: {error}", error.instance_path()));
            }
        }
    }
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
    assert!(count > 20, "{count} pieces are too few to be all");
}
