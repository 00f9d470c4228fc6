//! The page of the exec protocol, line by line against a real bridge and the schemas.

use serde_json::Value;

use crate::examples::documents::schema;
use crate::support::Sandbox;

/// Returns the lines of the page's transcript with the given prefix, without it.
fn lines(mark: &str) -> Vec<String> {
    let page = std::fs::read_to_string(crate::examples::documents::root().join("docs/adapter-protocol.md")).unwrap();
    let transcript = page.split("```transcript\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    transcript.lines().filter_map(|line| line.strip_prefix(mark)).map(str::to_owned).collect()
}

#[test]
fn transcript_matches_the_shell_bridge() {
    let (requests, answers) = (lines("> "), lines("< "));
    assert!(!requests.is_empty());
    let sandbox = Sandbox::new().copy_example("exec-shell").write("requests", requests.join("\n") + "\n");
    let output = sandbox.shell("sh exec-shell/bridge.sh exec-shell/members.txt < requests");
    assert_eq!(output.stdout.lines().collect::<Vec<_>>(), answers, "{}", output.render());
}

#[test]
fn lines_of_the_transcript_satisfy_their_schemas() {
    for (mark, name) in [("> ", "exec-request"), ("< ", "exec-answer")] {
        let schema = schema(name);
        for line in lines(mark) {
            let value: Value = serde_json::from_str(&line).unwrap();
            let faults: Vec<String> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
            assert_eq!(faults, Vec::<String>::new(), "{line}");
        }
    }
}

#[test]
fn requests_to_the_bridges_satisfy_the_schema() {
    let sandbox = Sandbox::new().copy_example("exec-shell");
    let manifest = sandbox.read("exec-shell/vpn.yaml").replace("sh, bridge.sh", "sh, spy.sh");
    let spy = "tee -a requests | sh bridge.sh \"$1\"\n";
    let sandbox = sandbox.write("exec-shell/vpn.yaml", manifest).write("exec-shell/spy.sh", spy);
    let applied = sandbox.run(&["apply", "exec-shell", "--allow-exec", "--yes"]);
    assert_eq!(applied.status, 0, "{}", applied.render());
    let asked = sandbox.read("exec-shell/requests");
    assert!(asked.contains(r#""do":"execute""#), "{asked}");
    let schema = schema("exec-request");
    for line in asked.lines() {
        assert!(schema.is_valid(&serde_json::from_str(line).unwrap()), "{line}");
    }
}
