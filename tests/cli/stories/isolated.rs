//! `--isolated`, and credentials that a command never reads: canaries are in every place that names a credential.

use crate::story;
use crate::support::{Output, Sandbox};

const STATE: &str = "\
apiVersion: reseat/v1
kind: observation
tenant: phones
vendor: 8x8
observed_at: 2026-11-21T10:00:00Z
complete: true
accounts: [{ id: u-1, email: ana@acme.example, holdings: [{ license: X2 }] }]
";

const TENANTS: &str = "\
apiVersion: reseat/v1
tenants:
  phones:
    vendor: 8x8
    adapter: { api: { base_url: \"https://phones.example\", key: { env: PHONES_KEY }, write_key: { env: PHONES_WRITE_KEY } } }
  wiki: { vendor: generic, adapter: { exec: { command: [./bridge], secrets: { TOKEN: { file: wiki-token } } } } }
";

const ENTRIES: &str = "assignments: [{ license: phones/X2, to: [ana@acme.example] }]\n";

fn sandbox() -> Sandbox {
    Sandbox::new().write("base/reseat.yaml", format!("{TENANTS}{ENTRIES}")).write("state/phones.yaml", STATE)
}

/// Runs the arguments with `--isolated` and the variables.
fn isolated(sandbox: &Sandbox, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--isolated"]).collect();
    sandbox.run_with(&arguments, variables, "")
}

const OFFLINE: [&str; 4] = ["plan", "base", "--state", "state"];
const KEY: (&str, &str) = ("PHONES_KEY", "canary-read");
const WRITE_KEY: (&str, &str) = ("PHONES_WRITE_KEY", "canary-write");

#[test]
fn offline_plan_refuses_every_credential_and_shows_none() {
    let sandbox = sandbox().write("base/wiki-token", "canary-file");
    let output = isolated(
        &sandbox,
        &[&OFFLINE[..], &["--store", "postgres://reseat:canary-store@db.example/reseat", "-m", "base"]].concat(),
        &[KEY, WRITE_KEY, ("GITHUB_TOKEN", "canary-forge"), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "canary-id")],
    );
    assert!(!output.render().replace(&output.command, "").contains("canary"), "{}", output.render());
    story("isolated-plan", &output);
}

#[test]
fn command_without_unneeded_credentials_starts() {
    let sandbox = sandbox();
    let output = isolated(&sandbox, &OFFLINE, &[("PHONES_KEY", ""), ("GITHUB_TOKEN", "")]);
    assert_eq!(output.status, 0, "an empty variable, as a CI server sets it, is no credential: {}", output.render());
    for arguments in [&["validate", "base"][..], &["schema", "plan"], &["explain", "A221"], &["policy", "test", "base"]]
    {
        let clean = isolated(&sandbox, arguments, &[]);
        assert_eq!(clean.status, 0, "{}", clean.render());
        let refused = isolated(&sandbox, arguments, &[("RESEAT_FORGE_TOKEN", "canary")]);
        assert_eq!(refused.status, 2, "{}", refused.render());
    }
}

#[test]
fn variable_isolates_like_the_flag() {
    let sandbox = sandbox();
    let run = |value| sandbox.run_with(&OFFLINE, &[KEY, ("RESEAT_ISOLATED", value)], "").status;
    assert_eq!((run("1"), run("true"), run("0"), run("")), (2, 2, 0, 0));
}

#[test]
fn read_only_command_refuses_write_keys_and_keys_of_other_tenants() {
    let sandbox = sandbox();
    // Nothing listens there; the attempt shows that reseat refused nothing.
    let observe = ["observe", "phones", "-m", "base"];
    let told = |variables: &[(&str, &str)]| isolated(&sandbox, &observe, variables);
    assert_eq!(told(&[WRITE_KEY, KEY]).status, 2);
    let refused = told(&[WRITE_KEY, KEY]).stderr;
    assert!(refused.contains("PHONES_WRITE_KEY") && !refused.contains("PHONES_KEY"), "{refused}");
    let other = isolated(&sandbox, &["observe", "wiki", "-m", "base"], &[KEY]);
    assert_eq!(other.status, 2, "{}", other.render());
    assert!(other.stderr.contains("A221"), "{}", other.stderr);
}

#[test]
fn trusted_and_untrusted_credentials_are_both_refused() {
    let renamed = format!("{TENANTS}{ENTRIES}").replace("PHONES_KEY", "OTHER_KEY");
    let sandbox = sandbox().write("pr/reseat.yaml", renamed);
    let arguments = ["plan", "pr", "--trusted", "base", "--state", "state"];
    for variable in ["PHONES_KEY", "PHONES_WRITE_KEY", "OTHER_KEY"] {
        let output = isolated(&sandbox, &arguments, &[(variable, "canary")]);
        assert_eq!(output.status, 2, "{}", output.render());
        assert!(output.stderr.contains(variable) && !output.stderr.contains("canary"), "{}", output.stderr);
    }
    assert_eq!(isolated(&sandbox, &arguments, &[]).status, 0);
}

#[test]
fn findings_are_printed_as_json() {
    let output = isolated(&sandbox(), &["validate", "base", "--format", "json"], &[KEY]);
    assert_eq!(output.status, 2);
    let document: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(document["findings"][0]["code"], "A221");
}

#[test]
fn untrusted_programs_and_files_are_neither_run_nor_read() {
    // Running the program would leave a trace, reading the pipe would block, and reading the file would fail.
    let stranger = "\
apiVersion: reseat/v1
tenants:
  phones:
    vendor: 8x8
    adapter: { api: { base_url: \"https://phones.example\", key: { command: [touch, ../trace] }, write_key: { file: pipe } } }
  wiki: { vendor: generic, adapter: { exec: { command: [touch, ../trace], secrets: { A: { file: gone }, B: { command: [touch, ../trace] } } } } }
  chat: { vendor: generic, adapter: { runbook: { export: export.csv } } }
";
    let sandbox = sandbox().write("pr/reseat.yaml", format!("{stranger}{ENTRIES}"));
    assert_eq!(sandbox.shell("mkfifo pr/pipe pr/other.yaml && rm pr/other.yaml").status, 0);
    for arguments in [
        &["validate", "pr"][..],
        &["plan", "pr", "--state", "state", "--out", "plan.json"],
        &["plan", "pr", "--state", "state", "--format", "runbook"],
        &["plan", "pr", "--state", "state", "--trusted", "pr"],
        &["diff", "pr", "--state", "state"],
        &["why", "ana@acme.example", "-m", "pr", "--state", "state"],
        &["import", "phones", "-m", "pr", "--state", "state/phones.yaml", "--dry-run"],
        &["show", "plan.json"],
        &["policy", "test", "pr"],
    ] {
        for leave in [&[][..], &["--allow-exec"], &["--isolated"]] {
            let output = sandbox.run(&[arguments, leave].concat());
            assert!([0, 3].contains(&output.status), "{}", output.render());
            assert!(!sandbox.path().join("trace").exists(), "{}", output.render());
        }
    }
    assert_eq!(sandbox.run(&["plan", "pr", "--state", "state"]).status, 0);
}

#[cfg(unix)]
#[test]
fn untrusted_store_is_not_opened() {
    let sandbox = sandbox()
        .write("pr/reseat.yaml", format!("{TENANTS}{ENTRIES}"))
        .write("pr/.reseat/store.db", "this is no database");
    let alone = sandbox.run(&["plan", "pr", "--state", "state"]);
    assert_eq!(alone.status, 3, "without `--trusted` the manifest is its owner's: {}", alone.render());
    let trusted = sandbox.run(&["plan", "pr", "--state", "state", "--trusted", "base"]);
    assert_eq!(trusted.status, 0, "{}", trusted.render());
}
