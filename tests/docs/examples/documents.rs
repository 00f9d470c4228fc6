//! The files of the examples, validated against the committed schemas.

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;

use crate::support::Sandbox;

/// The examples with valid manifests.
const GOOD: [&str; 8] = [
    "8x8-change-of-role",
    "avaya-runbook",
    "avaya-spaces",
    "exec-shell",
    "guarded",
    "offboarding",
    "officeseries-reallocation",
    "quickstart",
];

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the validator of a committed schema.
pub(crate) fn schema(name: &str) -> Validator {
    let text = fs::read_to_string(root().join(format!("schemas/{name}.schema.json"))).unwrap();
    // Editors validate formats, such as dates.
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    options.build(&serde_json::from_str(&text).unwrap()).unwrap()
}

/// Reads a YAML or JSON file as JSON, with another parser than the program's.
pub(crate) fn value(path: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_yaml::from_str(&text).map_err(|error| error.to_string())
}

/// Returns the YAML and JSON files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "json") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn complaints(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn is_observation(value: &Value) -> bool {
    value.get("kind").is_some_and(|kind| kind == "observation")
}

#[test]
fn files_of_the_examples_satisfy_their_schemas() {
    let (manifest, observation) = (schema("manifest"), schema("observation"));
    let mut counts = (0, 0);
    for path in GOOD.iter().flat_map(|name| files(&root().join("examples").join(name))) {
        let value = value(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let validator = if is_observation(&value) {
            counts.1 += 1;
            &observation
        } else {
            counts.0 += 1;
            &manifest
        };
        assert_eq!(complaints(validator, &value), Vec::<String>::new(), "{}", path.display());
    }
    assert!(counts.0 > 10 && counts.1 > 5, "{counts:?} manifests and observations are too few to be all");
}

#[test]
fn yaml_files_name_their_schema_for_the_editor() {
    const HINT: &str = "# yaml-language-server: $schema=";
    for path in files(&root().join("examples")).iter().filter(|path| path.extension().is_some_and(|e| e == "yaml")) {
        let text = fs::read_to_string(path).unwrap();
        let target = text.lines().next().and_then(|line| line.strip_prefix(HINT));
        let target = target.unwrap_or_else(|| panic!("{}: no schema in the first line", path.display()));
        let schema = path.parent().unwrap().join(target);
        assert!(schema.is_file(), "{}: {target} leads nowhere", path.display());
        let observed = text.lines().any(|line| line == "kind: observation");
        assert_eq!(target.contains("observation"), observed, "{}: another format's schema", path.display());
    }
}

#[test]
fn json_output_satisfies_the_schemas() {
    for name in GOOD {
        let sandbox = Sandbox::new().copy_example(name);
        let plan = sandbox.run(&["plan", name, "--allow-exec", "--format", "json"]);
        let value: Value =
            serde_json::from_str(&plan.stdout).unwrap_or_else(|e| panic!("{name}: {e}\n{}", plan.render()));
        assert_eq!(complaints(&schema("plan"), &value), Vec::<String>::new(), "{name}");
        for tenant in value["inputs"]["observations"].as_object().unwrap().keys() {
            let observed = sandbox.run(&["observe", tenant, "--manifest", name, "--allow-exec", "--format", "json"]);
            let value: Value = serde_json::from_str(&observed.stdout).unwrap_or_else(|e| panic!("{tenant}: {e}"));
            assert_eq!(complaints(&schema("observation"), &value), Vec::<String>::new(), "{name}: {tenant}");
        }
    }
}
