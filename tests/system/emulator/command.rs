//! `reseat emulate`: start, requests, saved state, end.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::emulator::client;
use crate::support::{Sandbox, check};

/// A running command; it is ended when the test is over, whatever became of it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn start(folder: &Path, arguments: &[&str]) -> (Running, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_reseat"))
        .args(["emulate", "--format", "json"])
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("the output is a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    (Running(child), serde_json::from_str(&line).expect("JSON"))
}

#[test]
fn misuse_is_reported() {
    let sandbox = Sandbox::new().write("knobs.yaml", "extra_fields: true\n").write("wrong.yaml", "latenzy: 5\n");
    let mut told = String::new();
    for arguments in [
        &["emulate", "8x8", "--listen", "0.0.0.0:0"][..],
        &["emulate", "unknown"],
        &["emulate", "generic", "--knobs", "knobs.yaml"],
        &["emulate", "8x8", "--knobs", "wrong.yaml"],
        &["emulate", "8x8", "--state", "nowhere.yaml"],
    ] {
        told.push_str(&sandbox.run(arguments).render());
    }
    check("tests/cli/golden/emulate-misuse.txt", &told);
}

const REMOVE: &str = r#"{"id":1,"do":"execute","operation":{"name":"op-1","kind":"remove","account":"u-2","person":"bo@acme.example","license":"main/timesheet","to":null}}"#;

#[cfg(unix)]
#[tokio::test]
async fn tenant_is_saved_in_a_file() {
    let sandbox = Sandbox::new().write("knobs.yaml", "# no limits\nrates: { limits: [] }\n");
    let arguments = ["officeseries", "--save", "office.yaml", "--knobs", "knobs.yaml"];
    let (mut running, told) = start(sandbox.path(), &arguments);
    assert_eq!((&told["vendor"], &told["adapter"]), (&"officeseries".into(), &"bridge".into()));
    let base = told["base_url"].as_str().expect("an address");
    let reply = client()
        .post(format!("{base}/execute"))
        .header("authorization", "Bearer k")
        .body(REMOVE)
        .send()
        .await
        .expect("an answer");
    assert_eq!(reply.status(), 200);
    let limit = Instant::now() + Duration::from_secs(20);
    let path = sandbox.path().join("office.yaml");
    let is_saved = || std::fs::read_to_string(&path).is_ok_and(|text| text.matches("main/timesheet").count() == 2);
    while !is_saved() {
        assert!(Instant::now() < limit, "the change was not saved: {:?}", std::fs::read_to_string(&path));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let id = running.0.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("a signal").success());
    assert_eq!(running.0.wait().expect("an end").code(), Some(0));
    // What was saved is a tenant to begin with.
    let (_again, told) = start(sandbox.path(), &["officeseries", "--state", "office.yaml"]);
    let control = told["control_url"].as_str().expect("an address");
    let state: Value =
        client().get(format!("{control}/state")).send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(state["accounts"][1]["holdings"], Value::Array(Vec::new()));
}
