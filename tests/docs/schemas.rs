//! The committed schemas match the types.

use reseat::workflow::schema::SCHEMA_FORMATS;

#[test]
fn committed_schemas_are_fresh() {
    for format in SCHEMA_FORMATS {
        crate::support::check(
            &format!("schemas/{}.schema.json", format.name),
            &format.to_json().expect("a schema is JSON"),
        );
    }
}

#[test]
fn every_committed_schema_belongs_to_a_format() {
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas")).expect("the schemas") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        assert!(
            SCHEMA_FORMATS.iter().any(|format| name == format!("{}.schema.json", format.name)),
            "{name}: no format"
        );
    }
}

#[test]
fn format_names_are_unique() {
    for (place, format) in SCHEMA_FORMATS.iter().enumerate() {
        assert!(SCHEMA_FORMATS[..place].iter().all(|other| other.name != format.name), "{}", format.name);
    }
}

#[test]
fn committed_schemas_are_valid() {
    for format in SCHEMA_FORMATS {
        let schema = serde_json::from_str(&format.to_json().expect("a schema is JSON")).expect("a schema is JSON");
        jsonschema::draft202012::new(&schema).unwrap_or_else(|error| panic!("{}: {error}", format.name));
    }
}

/// Names the file with the official schema of SARIF 2.1.0, which is not in this repository.
const SARIF_SCHEMA: &str = "RESEAT_TEST_SARIF_SCHEMA";

#[test]
#[expect(clippy::disallowed_methods, reason = "the path of the schema is for tests, not for the program")]
fn code_scanning_output_is_sarif() {
    let Some(path) = std::env::var_os(SARIF_SCHEMA) else {
        return;
    };
    let schema = std::fs::read(path).expect("the schema");
    let mut schema: serde_json::Value = serde_json::from_slice(&schema).expect("the schema is JSON");
    // Its pattern for languages is an invalid regular expression for a strict parser, and we write no language.
    for object in ["run", "toolComponent"] {
        schema["definitions"][object]["properties"]["language"].as_object_mut().expect("a property").remove("pattern");
    }
    let schema = jsonschema::draft7::new(&schema).expect("the schema is a schema");
    let sandbox = crate::support::Sandbox::new().copy_example("bad").copy_example("guarded").copy_example("quickstart");
    let bad = std::fs::read_dir(sandbox.path().join("bad")).expect("the bad examples");
    let mut manifests: Vec<_> =
        bad.map(|entry| format!("bad/{}", entry.expect("an entry").file_name().to_string_lossy())).collect();
    manifests.extend(["guarded", "quickstart", "nowhere"].map(str::to_owned));
    for manifest in manifests {
        let output = sandbox.run(&["validate", &manifest, "--format", "sarif"]);
        let log: serde_json::Value = serde_json::from_str(&output.stdout).expect("the log is JSON");
        let faults: Vec<_> =
            schema.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(faults, [""; 0], "{manifest}");
    }
    assert!(
        !schema.is_valid(&serde_json::json!({ "version": "2.1.0", "runs": [{ "tool": {} }] })),
        "it refuses nothing"
    );
}

/// A valid `content` digest of no plan.
const NOBODYS: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// Each command that prints JSON with the schema of its output, in an order in which they can run.
const PRINTS: [(&str, &str); 23] = [
    ("validate quickstart", "findings"),
    ("validate bad/tab.yaml", "findings"),
    ("diff quickstart", "diff"),
    ("observe phones -m quickstart", "observation"),
    ("plan quickstart --out plan.json", "plan"),
    ("plan bad/tab.yaml", "findings"),
    ("show plan.json", "plan"),
    ("comment plan.json --dry-run", "comment"),
    ("why ana@acme.example -m quickstart", "why"),
    ("why --pool phones/X4 -m quickstart", "why-pool"),
    ("doctor -m quickstart", "doctor"),
    ("history -m quickstart", "history"),
    ("audit verify -m quickstart", "audit-trail"),
    ("apply quickstart --reviewed $NOBODYS", "drift"),
    ("apply quickstart --yes", "run"),
    ("resume -m quickstart", "run"),
    ("history -m quickstart", "history"),
    ("history show $RUN -m quickstart", "history-run"),
    ("audit verify -m quickstart", "audit-trail"),
    ("policy test guarded", "policy-test"),
    ("explain", "explanation"),
    ("explain M101", "explanation"),
    ("explain losses", "explanation"),
];

#[test]
fn json_output_of_every_command_satisfies_its_schema() {
    let sandbox = crate::support::Sandbox::new().copy_example("quickstart").copy_example("bad").copy_example("guarded");
    let mut run = String::new();
    for (line, name) in PRINTS {
        let format = SCHEMA_FORMATS.iter().find(|format| format.name == name).expect("the format is in the table");
        let schema = serde_json::from_str(&format.to_json().expect("a schema is JSON")).expect("a schema is JSON");
        let schema = jsonschema::draft202012::new(&schema).expect("a schema");
        // Written to a file, because the terminal output is redacted.
        let line =
            format!("reseat {} --format json > out.json", line.replace("$RUN", &run).replace("$NOBODYS", NOBODYS));
        let _ = sandbox.shell(&line);
        let printed: serde_json::Value = serde_json::from_str(&sandbox.read("out.json")).expect(&line);
        let faults: Vec<_> =
            schema.iter_errors(&printed).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(faults, [""; 0], "{line}");
        if let Some(name) = printed["run"].as_str().filter(|name| !name.is_empty()) {
            run = name.to_owned();
        }
    }
}
