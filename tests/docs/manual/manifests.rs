//! Every YAML block on a page satisfies its schema.

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::manual::{all_pages, blocks, text};
use crate::support::Sandbox;

/// Pages that are generated from bad examples, which have tests of their own.
const GENERATED: [&str; 2] = ["docs/policy-rules.md", "docs/findings.md"];

/// The first lines of YAML for other programs.
const FOREIGN: [&str; 1] = ["repos:"];

fn schema(name: &str) -> Validator {
    let text = text(&format!("schemas/{name}.schema.json"));
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    options.build(&serde_json::from_str(&text).unwrap()).unwrap()
}

/// Returns the schema of a block: its own hint, its kind, or the manifest's schema.
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
fn yaml_on_the_pages_satisfies_the_schemas() {
    let mut breaches = Vec::new();
    let mut count = 0;
    for path in all_pages().iter().filter(|path| !GENERATED.contains(&path.as_str())) {
        for (line, _, block) in blocks(&text(path)).iter().filter(|(_, language, _)| language == "yaml") {
            if FOREIGN.iter().any(|first| block.starts_with(first)) {
                continue;
            }
            let mut value: Value = match serde_yaml::from_str(block) {
                Ok(value) => value,
                Err(error) => {
                    breaches.push(format!("{path}:{line}: {error}"));
                    continue;
                }
            };
            let name = kind(block, &value);
            // A fragment of a manifest needs no `apiVersion`.
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

#[test]
fn example_of_every_key_is_valid() {
    let page = text("docs/reference/manifest.md");
    let longest = blocks(&page).into_iter().map(|(_, _, block)| block).max_by_key(String::len).unwrap();
    let sandbox = Sandbox::new()
        .write("company.yaml", &longest)
        .write("people.csv", "email,department,country\nbo@acme.example,Sales,DE\n");
    // A manifest with `owners` needs a CODEOWNERS file.
    let output = sandbox.shell("reseat codeowners --write && reseat validate");
    assert_eq!(output.status, 0, "{}", output.render());
    let schema: Value = serde_json::from_str(&text("schemas/manifest.schema.json")).unwrap();
    let shown: Value = serde_yaml::from_str(&longest).unwrap();
    let missing: Vec<_> =
        schema["properties"].as_object().unwrap().keys().filter(|key| shown.get(*key).is_none()).collect();
    assert_eq!(missing, ["approvals"], "the example has every section, but what only an approver writes");
}
