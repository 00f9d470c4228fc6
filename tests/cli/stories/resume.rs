//! Resuming an unfinished run.

use crate::story;
use crate::support::{Output, Sandbox};

const STATE: &str = "\
apiVersion: reseat/v1
kind: observation
tenant: wiki
vendor: generic
observed_at: 2026-11-21T10:00:00Z
complete: true
busy: null
pools: [{ license: editor, total: 5 }]
accounts:
  - { id: a, email: ana@acme.example, holdings: [] }
  - { id: b, email: bo@acme.example, holdings: [] }
";

const MANIFEST: &str = "\
apiVersion: reseat/v1
tenants:
  wiki: { vendor: generic, adapter: { file: { path: wiki.yaml } } }
assignments:
  - { license: wiki/editor, to: [ana@acme.example, bo@acme.example] }
";

fn world() -> Sandbox {
    Sandbox::new().write("m/reseat.yaml", MANIFEST).write("m/wiki.yaml", STATE)
}

/// Creates a run that did nothing because the vendor was busy.
fn stopped() -> Sandbox {
    let sandbox = world().write("m/wiki.yaml", STATE.replace("busy: null", "busy: user audit"));
    expect(&sandbox.run(&["apply", "m", "--yes", "--wait", "0s"]), 7);
    sandbox
}

#[track_caller]
fn expect(output: &Output, status: i32) {
    assert_eq!(output.status, status, "{}", output.render());
}

const RESUME: [&str; 3] = ["resume", "-m", "m"];

#[test]
fn nothing_to_resume_exits_0() {
    let sandbox = world();
    story("resume-no-run", &sandbox.run(&RESUME));
    expect(&sandbox.run(&["apply", "m", "--yes"]), 0);
    story("resume-complete", &sandbox.run(&RESUME));
    let json = sandbox.run(&["resume", "-m", "m", "--format", "json"]);
    expect(&json, 0);
    assert!(json.stdout.contains("\"outcomes\": []"), "{}", json.render());
}

#[test]
fn resume_completes_what_a_busy_vendor_delayed() {
    let sandbox = stopped().write("m/wiki.yaml", STATE);
    story("resume", &sandbox.run(&RESUME));
    expect(&sandbox.run(&["plan", "m", "--detailed-exitcode"]), 0);
    let history = sandbox.run(&["history", "-m", "m", "--format", "json"]);
    assert!(history.stdout.contains("\"resumes\": \"run-20261121-120000-1\""), "{}", history.stdout);
}

#[test]
fn changed_manifest_makes_the_run_stale() {
    let sandbox = stopped().write("m/wiki.yaml", STATE).write("m/more.yaml", "apiVersion: reseat/v1\n");
    story("resume-stale", &sandbox.run(&RESUME));
    assert_eq!(sandbox.read("m/wiki.yaml"), STATE);
}

#[test]
fn superseded_run_is_not_resumed() {
    let sandbox = stopped().write("m/wiki.yaml", STATE).write("m/more.yaml", "apiVersion: reseat/v1\n");
    expect(&sandbox.run(&["apply", "m", "--yes"]), 0);
    let overtaken = sandbox.run(&["resume", "run-20261121-120000-1", "-m", "m"]);
    expect(&overtaken, 5);
    assert!(overtaken.stderr.contains("X123"), "{}", overtaken.render());
    expect(&sandbox.run(&["resume", "run-1", "-m", "m"]), 3);
}

#[test]
fn events_are_written_as_they_happen() {
    let sandbox = world();
    expect(&sandbox.run(&["apply", "m", "--yes", "--events", "events.jsonl"]), 0);
    let events = sandbox.read("events.jsonl");
    let names: Vec<String> = events
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("each line is JSON"))
        .inspect(|event| assert_eq!(event["run"], "run-20261121-120000-1"))
        .map(|event| event["event"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!((names.first().map(String::as_str), names.last().map(String::as_str)), (Some("started"), Some("ended")));
    assert_eq!(names.iter().filter(|name| *name == "done").count(), 2, "{events}");
    expect(&sandbox.run(&["apply", "m", "--yes", "--events", "-"]), 0);
    let refused = world();
    expect(&refused.run(&["apply", "m", "--yes", "--events", "-"]), 2);
    expect(&refused.run(&["apply", "m", "--yes", "--events", "missing/events.jsonl"]), 1);
    assert_eq!(refused.read("m/wiki.yaml"), STATE, "nothing is sent when nobody could be told of it");
}

#[test]
fn resumed_run_is_undone_with_the_first_one() {
    let busy = |busy: &str| STATE.replace("tenant: wiki", "tenant: blog").replace("busy: null", busy);
    let manifest = MANIFEST.replace("assignments:", "  blog: { vendor: generic, adapter: { file: { path: blog.yaml } } }\nassignments:\n  - { license: blog/editor, to: [ana@acme.example] }");
    let sandbox = world().write("m/reseat.yaml", manifest).write("m/blog.yaml", busy("busy: user audit"));
    expect(&sandbox.run(&["apply", "m", "--yes", "--wait", "0s"]), 7);
    let sandbox = sandbox.write("m/blog.yaml", busy("busy: null"));
    expect(&sandbox.run(&RESUME), 0);
    let undone = sandbox.run(&["undo", "run-20261121-120000-2", "-m", "m", "--yes"]);
    expect(&undone, 0);
    assert!(undone.stdout.contains("L306"), "{}", undone.render());
    assert!(
        !sandbox.read("m/wiki.yaml").contains("license: editor\n    state"),
        "what the first run gave is taken back"
    );
    assert!(!sandbox.read("m/blog.yaml").contains("license: editor\n    state"), "{}", sandbox.read("m/blog.yaml"));
}
