//! Tests with programs in shell. They need a POSIX shell.
#![cfg(unix)]

mod faults;
mod life;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use smol_str::SmolStr;
use tempfile::TempDir;

use super::*;
use crate::adapter::file::state::tests::settings;
use crate::adapter::protocol::request::OperationOrder;
use crate::adapter::{AccessOptions, AdapterError, ErrorKind, OperationHandle, Receipt};
use crate::env::Clock;
use crate::model::{
    ChangeId, Digest, Effect, ExecSettings, Expects, Operation, OperationId, OperationKind, SecretRef, TenantSettings,
};
use crate::profile::Rules;

/// The response to `describe` of a valid program.
const HELLO: &str = r#"{"id":1,"describe":{"protocol":1,"name":"tool","version":"2.1","can":["observe","account","execute","poll","busy","health"]}}"#;

/// A program in shell with a folder of its own.
struct Program {
    folder: TempDir,
    exec: ExecSettings,
}

impl Program {
    /// Runs the script for each request: `$n` is its id and `$line` its text.
    fn of(body: &str) -> Self {
        Self::raw(&format!(
            "while read -r line; do n=$(printf '%s' \"$line\" | sed 's/^{{\"id\":\\([0-9]*\\).*/\\1/')\n{body}\ndone\n"
        ))
    }

    fn raw(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("tool.sh"), script).unwrap();
        let exec = ExecSettings {
            command: vec!["sh".to_owned(), "tool.sh".to_owned()],
            folder: folder.path().to_owned(),
            secrets: BTreeMap::new(),
            timeout: Duration::from_secs(20),
            memory: None,
        };
        Self { folder, exec }
    }

    fn within(mut self, time: Duration) -> Self {
        self.exec.timeout = time;
        self
    }

    fn secret(mut self, text: &str) -> Self {
        let path = self.folder.path().join("secret");
        std::fs::write(&path, text).unwrap();
        self.exec.secrets.insert("TOOL_TOKEN".into(), SecretRef::File(path));
        self
    }

    fn connect(&self) -> Connection {
        let settings = TenantSettings { adapter: AdapterSettings::Exec(self.exec.clone()), ..settings("wiki") };
        let rules = Rules::resolve(&settings).unwrap();
        let access = AccessOptions::read_write(Clock::System).allow_exec(true);
        connect(&ConnectionConfig { settings: &settings, rules: &rules, access }).unwrap()
    }

    /// Waits for a file and returns its text.
    fn wait_for(&self, name: &str) -> String {
        let start = Instant::now();
        loop {
            match std::fs::read_to_string(self.folder.path().join(name)) {
                Ok(text) if text.ends_with('\n') => return text,
                _ => assert!(start.elapsed() < Duration::from_secs(20), "{name} is missing"),
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Returns a script that answers all requests after the first with that line.
fn answers(second: &str) -> String {
    format!("case $n in 1) echo '{HELLO}';; *) printf '%s\\n' '{second}';; esac")
}

fn operation() -> Operation {
    Operation {
        id: OperationId("op-1".into()),
        change: ChangeId("ch-1".into()),
        kind: OperationKind::Assign,
        effect: Effect::Gain,
        tenant: "wiki".into(),
        person: "ana@acme.example".into(),
        account: "u-1".into(),
        license: "editor".into(),
        to: None,
        after: Vec::new(),
        parked: false,
        loses: Vec::new(),
        keeps: Vec::new(),
        follow_ups: Vec::new(),
        memberships: Vec::new(),
        expects: Expects { holdings: Digest::of_bytes(b"") },
        on_failure: None,
        why: String::new(),
        source: None,
    }
}

async fn failure(program: &Program) -> AdapterError {
    program.connect().observe.observe().await.unwrap_err()
}

async fn lost_write(program: &Program) -> AdapterError {
    program.connect().execute.unwrap().execute(&operation()).await.unwrap_err()
}

#[tokio::test]
async fn pages_form_one_observation_and_the_program_runs_in_the_manifest_folder() {
    let program = Program::of(&format!(
        r#"pwd > where
case "$line" in
*'"do":"describe"'*) echo '{HELLO}';;
*'"cursor":null'*) echo '{{"id":'$n',"observe":{{"pools":[{{"license":"editor","total":3}}],"accounts":[{{"id":"1","email":"a@b.example","holdings":[{{"license":"editor"}}]}}],"next":"p2"}}}}';;
*'"cursor":"p2"'*) echo '{{"id":'$n',"observe":{{"accounts":[{{"id":"2","email":"c@b.example"}}],"busy":"cleaning"}}}}';;
esac"#
    ));
    let observation = program.connect().observe.observe().await.unwrap();
    assert!(observation.complete);
    assert_eq!((observation.accounts.len(), observation.pools.len()), (2, 1));
    assert_eq!(observation.busy.as_deref(), Some("cleaning"));
    let here = program.folder.path().canonicalize().unwrap();
    assert_eq!(Path::new(program.wait_for("where").trim()), here);
}

#[tokio::test]
async fn failing_page_makes_the_observation_incomplete_and_a_failing_first_page_is_an_error() {
    let unavailable = r#"{"id":'$n',"error":{"kind":"unavailable","message":"nobody is at home","retry_after":0.01}}"#;
    let program = Program::of(&format!(
        r#"case "$line" in
*describe*) echo '{HELLO}';;
*'"cursor":null'*) echo '{{"id":'$n',"observe":{{"accounts":[{{"id":"1","email":"a@b.example"}}],"next":"p2"}}}}';;
*health*) echo '{{"id":'$n',"health":{{"role":"admin"}}}}';;
*) echo '{unavailable}';;
esac"#
    ));
    let connection = program.connect();
    let observation = connection.observe.observe().await.unwrap();
    assert!(!observation.complete);
    assert_eq!(observation.accounts.len(), 1);
    let health = connection.observe.health().await.unwrap();
    assert!(health.notes.iter().any(|note| note.message.contains("nobody is at home")), "{health:?}");
    let program =
        Program::of(&format!("case \"$line\" in *describe*) echo '{HELLO}';; *) echo '{unavailable}';; esac"));
    assert_eq!(failure(&program).await.kind, ErrorKind::Unavailable);
}

#[tokio::test]
async fn accepted_operation_is_polled_by_its_handle() {
    let program = Program::of(&format!(
        r#"case "$line" in
*'"do":"describe"'*) echo '{HELLO}';;
*'"do":"execute"'*) printf '%s\n' "$line" > sent; echo '{{"id":'$n',"execute":{{"state":"accepted","handle":"job-9"}}}}';;
*'"handle":"job-9"'*) echo '{{"id":'$n',"poll":{{"state":"done"}}}}';;
esac"#
    ));
    let connection = program.connect();
    let execute = connection.execute.unwrap();
    let handle = OperationHandle::new("job-9").unwrap();
    assert_eq!(execute.execute(&operation()).await.unwrap(), Receipt::Accepted(Some(handle.clone())));
    assert_eq!(connection.observe.poll(&operation(), &handle).await.unwrap(), Receipt::Done);
    assert_eq!(
        program.wait_for("sent").trim(),
        r#"{"id":2,"do":"execute","operation":{"name":"op-1","kind":"assign","account":"u-1","person":"ana@acme.example","license":"editor","to":null}}"#
    );
}

#[tokio::test]
async fn licenses_have_the_vendor_names_in_messages() {
    let mut program = Program::of(&answers(r#"{"id":2,"execute":{"state":"done"}}"#));
    let mut named = settings("wiki");
    named.pools.entry("editor".into()).or_default().name = Some("EDIT-1".into());
    program.exec.timeout = Duration::from_secs(20);
    let order = OperationOrder::for_operation(&operation(), &named);
    assert_eq!(order.license, SmolStr::new("EDIT-1"));
    let line =
        r#"{"id":2,"observe":{"accounts":[{"id":"1","email":"a@b.example","holdings":[{"license":"EDIT-1"}]}]}}"#;
    let program = Program::of(&answers(line));
    let settings = TenantSettings { adapter: AdapterSettings::Exec(program.exec.clone()), ..named };
    let rules = Rules::resolve(&settings).unwrap();
    let access = AccessOptions::read_only(Clock::System).allow_exec(true);
    let connection = connect(&ConnectionConfig { settings: &settings, rules: &rules, access }).unwrap();
    let observation = connection.observe.observe().await.unwrap();
    assert_eq!(observation.accounts[0].holdings[0].license, "editor");
}
