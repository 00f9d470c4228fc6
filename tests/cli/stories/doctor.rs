//! `reseat doctor`: problems and their remedies.

use crate::story;
use crate::support::Sandbox;

const STATE: &str = "\
apiVersion: reseat/v1
kind: observation
tenant: wiki
vendor: generic
observed_at: 2026-11-21T10:00:00Z
complete: true
busy: nightly cleaning
pools: [{ license: reader, total: 5 }]
accounts: [{ id: u-1, email: ana@acme.example }]
";

/// A bridge that answers `describe`, and then each request with one of the lines.
fn bridge(describe: &str, answers: &[&str]) -> String {
    let mut script = format!("read -r line; echo '{{\"id\":1,{describe}}}'\n");
    for (index, answer) in answers.iter().enumerate() {
        script.push_str(&format!("read -r line; echo '{{\"id\":{},{answer}}}'\n", index + 2));
    }
    script + "read -r line\n"
}

const WELL: &str = r#""describe":{"protocol":1,"name":"bridge","version":"2.0","can":["observe","execute","health"]}"#;

fn world(bridge: String) -> Sandbox {
    let manifest = "\
apiVersion: reseat/v1
tenants:
  phones: { vendor: 8x8, adapter: { exec: { command: [sh, bridge.sh] } } }
  wiki: { vendor: generic, adapter: { file: { path: state/wiki.yaml } } }
";
    Sandbox::new().write("reseat.yaml", manifest).write("state/wiki.yaml", STATE).write("bridge.sh", bridge)
}

#[test]
fn warnings_have_a_remedy_and_exit_0() {
    let health = r#""health":{"time":"2026-11-21T12:05:00Z","role":"user manager","quota":{"left":0,"of":100},"notes":["the token ends in 3 days"]}"#;
    let world = world(bridge(WELL, &[health, r#""observe":{"accounts":[{"id":"1","email":"ana@acme.example"}]}"#]));
    let run = world.run(&["doctor", "--allow-exec"]);
    assert_eq!(run.status, 0, "{}", run.render());
    story("doctor", &run);
    let run = world.run(&["doctor", "--allow-exec", "--format", "json"]);
    let found: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON on stdout");
    let schema = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/doctor.schema.json"));
    let schema = serde_json::from_str(&schema.expect("the schema is stored")).expect("a schema is JSON");
    let faults: Vec<String> = jsonschema::draft202012::new(&schema)
        .expect("it is a schema")
        .iter_errors(&found)
        .map(|fault| fault.to_string())
        .collect();
    assert_eq!(faults, Vec::<String>::new(), "{}", run.render());
}

#[test]
fn denied_access_shows_the_remedy_and_the_other_tenants() {
    let denied = r#""error":{"kind":"denied","message":"the key was revoked"}"#;
    let run = world(bridge(denied, &[])).run(&["doctor", "--allow-exec"]);
    assert_eq!(run.status, 8, "{}", run.render());
    story("doctor-denied", &run);
}

#[test]
fn invalid_input_outweighs_an_unreachable_vendor() {
    let world = world(bridge(WELL, &[]));
    let run = world.run(&["doctor"]);
    assert_eq!(run.status, 3, "{}", run.render());
    assert!(run.stdout.contains("--allow-exec") && run.stdout.contains("nightly cleaning"), "{}", run.render());
    let run = world.run(&["doctor", "wiki"]);
    assert_eq!(run.status, 0, "{}", run.render());
    let world = world.write("state/wiki.yaml", STATE.replace("tenant: wiki", "tenant: crm"));
    assert_eq!(world.run(&["doctor", "wiki"]).status, 3);
    assert_eq!(world.run(&["doctor", "crm"]).status, 3);
    assert_eq!(world.run(&["doctor", "wiki", "--store", "mysql://x"]).status, 3);
    let reader = WELL.replace(r#","execute""#, "");
    let world = world.write("bridge.sh", bridge(&reader, &[r#""health":{}"#, r#""observe":{}"#]));
    let run = world.run(&["doctor", "phones", "--allow-exec"]);
    assert!(run.status == 3 && run.stdout.contains("manage: observe"), "{}", run.render());
}

#[test]
fn invalid_store_is_an_error_and_doctor_creates_nothing() {
    let world = world(bridge(WELL, &[])).write("other.db", "this is no database, and long enough to be looked at");
    let run = world.run(&["doctor", "wiki", "--store", "sqlite:other.db"]);
    assert_ne!(run.status, 0, "{}", run.render());
    assert!(run.stdout.contains("error"), "{}", run.render());
    let run = world.run(&["doctor", "wiki"]);
    assert!(run.stdout.contains("no store yet"), "{}", run.render());
    assert!(!world.path().join(".reseat").exists());
}
