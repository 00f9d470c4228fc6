//! The stored schemas are the ones that the types give.

mod support;

use reseat::pipeline::schema::Format;

#[test]
fn stored_schemas_are_fresh() {
    for format in Format::ALL {
        support::check(&format!("schemas/{}.schema.json", format.name()), &format.text().expect("a schema is JSON"));
    }
}

#[test]
fn stored_schemas_are_schemas() {
    for format in Format::ALL {
        let schema = serde_json::from_str(&format.text().expect("a schema is JSON")).expect("a schema is JSON");
        jsonschema::draft202012::new(&schema).unwrap_or_else(|error| panic!("{}: {error}", format.name()));
    }
}

/// The official schema of SARIF 2.1.0; it comes from elsewhere, so that it is not kept here.
const SARIF_SCHEMA: &str = "RESEAT_TEST_SARIF_SCHEMA";

#[test]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "it says that it was skipped, and why")]
fn what_is_said_to_code_scanning_is_sarif() {
    let Some(path) = std::env::var_os(SARIF_SCHEMA) else {
        eprintln!("SKIPPED: {SARIF_SCHEMA} does not name the official schema of SARIF 2.1.0");
        return;
    };
    let schema = std::fs::read(path).expect("the schema");
    let mut schema: serde_json::Value = serde_json::from_slice(&schema).expect("the schema is JSON");
    // Its pattern for languages is no regular expression to a strict reader, and we write no language.
    for object in ["run", "toolComponent"] {
        schema["definitions"][object]["properties"]["language"].as_object_mut().expect("a property").remove("pattern");
    }
    let schema = jsonschema::draft7::new(&schema).expect("the schema is a schema");
    let sandbox = support::Sandbox::new().copy_example("bad").copy_example("guarded").copy_example("quickstart");
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
