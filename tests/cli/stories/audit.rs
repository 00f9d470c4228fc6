//! `audit` and `history show`: the record of a run, and a trail that was altered.

#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has to stop")]

use serde_json::Value;
use sqlx::{Connection as _, Executor as _};

use crate::story;
use crate::support::{Output, Sandbox};

const MANIFEST: &str = "\
apiVersion: reseat/v1
tenants:
  wiki: { vendor: generic, adapter: { file: { path: state.yaml } } }
assignments:
  - { license: wiki/editor, to: [ana@acme.example] }
";

const STATE: &str = "\
apiVersion: reseat/v1
kind: observation
tenant: wiki
vendor: generic
observed_at: 2026-11-21T10:00:00Z
complete: true
pools: [{ license: editor, total: 5 }]
accounts:
  - { id: a, email: ana@acme.example, holdings: [] }
";

/// Creates a store with one run.
fn applied() -> Sandbox {
    let sandbox = Sandbox::new().write("m/reseat.yaml", MANIFEST).write("m/state.yaml", STATE);
    assert_eq!(sandbox.run(&["apply", "m", "--yes"]).status, 0);
    sandbox
}

/// Alters the store directly.
fn alter(sandbox: &Sandbox, statement: &'static str) {
    let url = format!("sqlite:{}", sandbox.path().join("m/.reseat/store.db").display());
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        sqlx::SqliteConnection::connect(&url).await.unwrap().execute(statement).await.unwrap();
    });
}

/// Returns the head that `audit verify` prints.
fn head(sandbox: &Sandbox) -> String {
    let output = sandbox.run(&["audit", "verify", "-m", "m", "--format", "json"]);
    let document: Value = serde_json::from_str(&output.stdout).unwrap();
    document["head"].as_str().unwrap().to_owned()
}

/// Masks hashes, which depend on the program's version.
fn without_hashes(mut output: Output) -> Output {
    let is_hash = |word: &str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let words: Vec<_> = output.stdout.split(['"', ':', '\n', ' ']).filter(|word| is_hash(word)).collect();
    let shown = words.iter().fold(output.stdout.clone(), |text, word| text.replace(word, "[HASH]"));
    output.stdout = shown;
    output
}

#[test]
fn intact_trail_matches_the_recorded_head() {
    let sandbox = applied();
    story("audit-verify", &without_hashes(sandbox.run(&["audit", "verify", "-m", "m"])));
    let kept = head(&sandbox);
    assert_eq!(sandbox.run(&["apply", "m", "--yes"]).status, 0);
    assert_eq!(sandbox.run(&["audit", "verify", "-m", "m", "--expect", &kept]).status, 0);
}

#[test]
fn changed_record_and_truncated_tail_are_detected() {
    let sandbox = applied();
    let kept = head(&sandbox);
    alter(&sandbox, "update reseat_records set operation = 'op-2' where seq = 2");
    story("audit-changed", &sandbox.run(&["audit", "verify", "-m", "m"]));
    let sandbox = applied();
    alter(
        &sandbox,
        "delete from reseat_usage; delete from reseat_records where seq > 2; update reseat_store set head = 0",
    );
    assert_eq!(sandbox.run(&["audit", "verify", "-m", "m"]).status, 0, "without a head that was kept nobody can know");
    let mut output = sandbox.run(&["audit", "verify", "-m", "m", "--expect", &kept]);
    output.command = output.command.replace(&kept, "[HEAD]");
    story("audit-cut", &output);
}

#[test]
fn missing_store_does_not_match_the_recorded_head() {
    let sandbox = applied();
    let kept = head(&sandbox);
    std::fs::remove_dir_all(sandbox.path().join("m/.reseat")).unwrap();
    assert_eq!(sandbox.run(&["audit", "verify", "-m", "m", "--expect", &kept]).status, 3);
    assert_eq!(sandbox.run(&["audit", "verify", "-m", "m"]).status, 0);
    assert_eq!(sandbox.run(&["audit", "verify", "-m", "m", "--expect", "7:abc"]).status, 2);
}

#[test]
fn records_are_json_lines_that_satisfy_the_schema() {
    let sandbox = applied();
    let output = sandbox.run(&["audit", "export", "-m", "m"]);
    let schema = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/audit.schema.json")).unwrap();
    let schema = jsonschema::draft202012::new(&serde_json::from_str(&schema).unwrap()).unwrap();
    let records: Vec<Value> = output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for record in &records {
        schema.validate(record).unwrap_or_else(|error| panic!("{error}: {record}"));
    }
    let events: Vec<_> = records.iter().map(|record| record["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["run-began", "sent", "answered", "outcome", "run-ended"]);
    assert_eq!(records[0]["who"], "ana@acme.example");
    assert_eq!(records[1]["operation"]["person"], "ana@acme.example");
    assert_eq!(head(&sandbox), format!("5:{}", records[4]["hash"].as_str().unwrap()));

    let lines = |arguments: &[&str]| {
        let output = sandbox.run(&[&["audit", "export", "-m", "m"], arguments].concat());
        (output.status, output.stdout.lines().count())
    };
    assert_eq!(lines(&["--since", "2026-11-21"]), (0, 5));
    assert_eq!(lines(&["--since", "2026-11-21T12:00:01Z"]), (0, 0));
    assert_eq!(lines(&["--run", "run-20261121-120000-1"]), (0, 5));
    assert_eq!(lines(&["--since", "yesterday"]).0, 2);
    story("audit-unknown-run", &sandbox.run(&["audit", "export", "-m", "m", "--run", "run-1"]));
}

#[test]
fn history_shows_the_complete_run() {
    let sandbox = applied();
    story("history-show", &sandbox.run(&["history", "show", "run-20261121-120000-1", "-m", "m"]));
    let output = sandbox.run(&["history", "show", "run-20261121-120000-1", "-m", "m", "--format", "json"]);
    let run: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!((&run["who"], &run["state"]), (&"ana@acme.example".into(), &"complete".into()));
    assert_eq!(run["operations"][0]["replies"][0]["reply"], "accepted");
    assert_eq!(sandbox.run(&["history", "show", "run-1", "-m", "m"]).status, 3);
}
