//! `plan`, `diff`, `observe`, `why` and `show` on examples.

use crate::support::{Sandbox, check};
use crate::{document, story};

const STATE: &str = "\
apiVersion: reseat/v1
kind: observation
tenant: wiki
vendor: generic
observed_at: 2026-11-21T10:00:00Z
complete: true
pools: [{ license: editor, total: 5 }]
accounts:
  - { id: a, email: ana@acme.example, holdings: [{ license: editor }] }
";

fn example(name: &str) -> Sandbox {
    Sandbox::new().copy_example(name)
}

#[test]
fn plan_is_shown_and_written_and_shown_again() {
    let sandbox = example("quickstart");
    let planned = sandbox.run(&["plan", "-m", "quickstart", "--out", "plan.json"]);
    assert_eq!(planned.stderr, "wrote plan.json; apply it with `reseat apply plan.json`\n");
    let shown = sandbox.run(&["show", "plan.json"]);
    assert_eq!((planned.status, shown.status), (0, 0));
    // `show` has no manifest files, so its locations are those of the document; nothing else differs.
    let words = |text: &str| text.replace("quickstart/", "").split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words(&shown.stdout), words(&planned.stdout));
}

#[test]
fn denied_plan_is_still_written_and_shown() {
    let sandbox = Sandbox::new()
        .write("m/state.yaml", STATE)
        .write("m/reseat.yaml", "apiVersion: reseat/v1\ntenants:\n  wiki:\n    vendor: generic\n    loses: [drafts]\n    adapter: { file: { path: state.yaml } }\nassignments:\n  - { license: wiki/editor, to: [] }\n");
    story("plan-denied", &sandbox.run(&["plan", "m", "--out", "plan.json"]));
    assert_eq!(sandbox.run(&["show", "plan.json"]).status, 0);
}

#[test]
fn reason_is_shown_and_does_not_change_the_content() {
    let plan = |reason: &str| {
        let sandbox = Sandbox::new().write("m/state.yaml", STATE.replace("accounts:", "accounts:\n  - { id: b, email: bo@acme.example, holdings: [{ license: reader }] }\n  - { id: c, email: cy@acme.example, holdings: [] }"));
        let sandbox = sandbox.write("m/reseat.yaml", format!("apiVersion: reseat/v1\ntenants:\n  wiki: {{ vendor: generic, adapter: {{ file: {{ path: state.yaml }} }} }}\nassignments:\n  - {{ license: wiki/editor, to: [cy@acme.example], reason: {reason} }}\n  - {{ license: wiki/reader, to: [bo@acme.example], ensure: absent, reason: LEFT-1 }}\n"));
        let output = sandbox.run(&["plan", "m", "--format", "json"]);
        serde_json::from_str::<serde_json::Value>(&output.stdout).unwrap()
    };
    let (one, other) = (plan("ADM-1"), plan("ADM-2"));
    let reasons = |plan: &serde_json::Value| {
        let operations = plan["operations"].as_array().unwrap().iter();
        let of = |operation: &serde_json::Value| {
            (
                operation["person"].as_str().unwrap().to_owned(),
                operation["source"]["reason"].as_str().map(str::to_owned),
            )
        };
        operations.map(of).collect::<std::collections::BTreeMap<_, _>>()
    };
    let expected = [("ana", None), ("bo", Some("LEFT-1")), ("cy", Some("ADM-1"))];
    let expected = expected.map(|(name, reason)| (format!("{name}@acme.example"), reason.map(str::to_owned)));
    assert_eq!(reasons(&one), expected.into());
    assert_eq!(one["content"], other["content"]);
    assert_ne!(one["digest"], other["digest"]);
}

#[test]
fn plan_renders_as_markdown() {
    let sandbox = example("quickstart");
    let page = sandbox.run(&["plan", "quickstart", "--format", "markdown", "--out", "plan.json"]);
    assert_eq!(page.status, 0, "{}", page.render());
    // The golden file ends in `.md`, so a forge renders it.
    check("tests/cli/golden/plan.md", &page.stdout);
    let output = sandbox.run(&["show", "plan.json", "--format", "markdown", "--limit", "4096"]);
    assert!(output.stdout.len() <= 4_096 && output.stdout.contains("not listed here"), "{}", output.stdout);
    story("plan-limit-wrong", &sandbox.run(&["show", "plan.json", "--format", "markdown", "--limit", "10"]));
    story("plan-limit-alone", &sandbox.run(&["show", "plan.json", "--limit", "gitlab"]));
}

#[test]
fn equal_inputs_give_equal_bytes() {
    let sandbox = example("quickstart");
    let plan = |file: &str| {
        assert_eq!(sandbox.run(&["plan", "quickstart", "--out", file, "--format", "json"]).status, 0);
        sandbox.read(file)
    };
    assert_eq!(plan("one.json"), plan("two.json"));
}

#[test]
fn json_on_stdout_is_the_document() {
    let sandbox = example("quickstart");
    let output = sandbox.run(&["plan", "quickstart", "--format", "json", "--out", "plan.json"]);
    let printed: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let written: serde_json::Value = serde_json::from_str(&sandbox.read("plan.json")).unwrap();
    assert_eq!(printed, written);
}

#[test]
fn detailed_exit_codes_distinguish_losses_changes_and_nothing() {
    let sandbox = example("quickstart");
    let code = |arguments: &[&str]| sandbox.run(arguments).status;
    assert_eq!(code(&["plan", "quickstart", "--detailed-exitcode"]), 11);
    assert_eq!(code(&["diff", "quickstart", "--detailed-exitcode"]), 11);
    let started = Sandbox::new();
    assert_eq!(started.run(&["init"]).status, 0);
    assert_eq!(started.run(&["plan", "--detailed-exitcode"]).status, 0);
    assert_eq!(started.run(&["diff", "--detailed-exitcode"]).status, 0);
    let gain = started
        .read("reseat.yaml")
        .replace("members: [ana@acme.example]", "members: [ana@acme.example, bo@acme.example]");
    let started = started.write(
        "reseat.yaml",
        gain.replace("projects\n    to: [ana@acme.example]", "projects\n    to: [group:everyone]"),
    );
    assert_eq!(started.run(&["plan", "--detailed-exitcode"]).status, 10);
}

#[test]
fn starter_plans_to_nothing() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.run(&["init"]).status, 0);
    story("plan-starter", &sandbox.run(&["plan"]));
}

#[test]
fn altered_plan_file_is_refused() {
    let sandbox = example("quickstart");
    assert_eq!(sandbox.run(&["plan", "quickstart", "--out", "plan.json"]).status, 0);
    let altered = sandbox.read("plan.json").replacen("X4", "X8", 1);
    story("show-altered", &sandbox.write("plan.json", altered).run(&["show", "plan.json"]));
}

#[test]
fn diff_has_two_lines_per_person() {
    story("diff", &example("quickstart").run(&["diff", "quickstart"]));
}

#[test]
fn observation_is_a_state_file() {
    let sandbox = example("quickstart");
    let output = sandbox.run(&["observe", "spaces", "-m", "quickstart"]);
    let sandbox = sandbox.write("spaces.yaml", &output.stdout);
    assert_eq!((output.status, output.stderr.as_str()), (0, ""));
    assert_eq!(sandbox.run(&["plan", "quickstart", "--state", "spaces.yaml"]).status, 0);
}

#[test]
fn unknown_tenant_is_an_input_error_that_lists_the_known_ones() {
    story("observe-unknown", &example("quickstart").run(&["observe", "phone", "-m", "quickstart"]));
}

#[test]
fn why_traces_a_line_to_its_operation_or_reason() {
    let sandbox = example("quickstart");
    story("why", &sandbox.run(&["why", "ana@acme.example", "-m", "quickstart"]));
    story("why-waiting", &sandbox.run(&["why", "leo@acme.example", "phones/X4", "-m", "quickstart"]));
    story("why-pool", &sandbox.run(&["why", "--pool", "phones/X4", "-m", "quickstart"]));
    document("why-pool.json", &sandbox.run(&["why", "--pool", "phones/X4", "-m", "quickstart", "--format", "json"]));
    story("why-unknown", &sandbox.run(&["why", "nobody@acme.example", "-m", "quickstart"]));
}

#[test]
fn tenant_without_an_adapter_needs_a_state_file() {
    let manifest = "apiVersion: reseat/v1\ntenants:\n  wiki:\n    vendor: generic\n    adapter: { api: { base_url: \"https://wiki.example\" } }\n";
    let state = "{\"apiVersion\":\"reseat/v1\",\"kind\":\"observation\",\"tenant\":\"wiki\",\"vendor\":\"generic\",\
                 \"observed_at\":\"2026-11-21T10:00:00Z\",\"complete\":true}";
    let sandbox = Sandbox::new().write("m/reseat.yaml", manifest).write("state.json", state);
    assert_eq!(sandbox.run(&["plan", "m", "--state", "state.json"]).status, 0);
    story("plan-no-adapter", &sandbox.run(&["plan", "m"]));
}

#[test]
fn generated_company_can_be_planned() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.run(&["generate", "world", "--people", "500", "--files", "3", "--changes", "100"]).status, 0);
    let planned = sandbox.run(&["plan", "world/manifest", "--state", "world/state.json"]);
    assert_eq!(planned.status, 0, "{}", planned.stderr);
    assert!(planned.stdout.contains("moves"), "{}", planned.stdout);
    let again = sandbox.run(&["generate", "world"]);
    assert_eq!(again.status, 3, "a world is never written over");
}

#[test]
fn huge_number_of_days_is_handled() {
    let manifest = "apiVersion: reseat/v1\ntenants:\n  wiki: { vendor: generic, adapter: { file: { path: state.yaml } } }\nassignments:\n  - { license: wiki/editor, to: [] }\npolicy:\n  limits: { losses: { window: { days: 4294967295, count: 5 } } }\n  expiring: { days: 4294967295 }\nwaivers:\n  - { rule: losses, license: wiki/editor, count: 5, owner: it@acme.example, reason: ADM-1, until: 2026-12-01 }\n";
    let sandbox = Sandbox::new().write("m/state.yaml", STATE).write("m/reseat.yaml", manifest);
    assert_eq!(sandbox.run(&["apply", "m", "--yes"]).status, 0);
    assert_eq!(sandbox.run(&["plan", "m"]).status, 0);
}

/// Nested groups with exceptions, an entry that has not started, and too few seats.
fn nested() -> Sandbox {
    let company = "apiVersion: reseat/v1
tenants:
  wiki: { vendor: generic, adapter: { file: { path: wiki.json } } }
people:
  ana@acme.example: { attributes: { department: Sales } }
  bo@acme.example: { attributes: { department: Sales } }
groups:
  everyone: { members: [group:field, group:office] }
  field: { where: person.department == \"Sales\" }
  office:
    members:
      - cy@acme.example
      - di@acme.example
assignments:
  - { license: wiki/editor, to: [group:everyone], except: [di@acme.example], priority: 5 }
  - { license: wiki/editor, to: [ed@acme.example], priority: 10, expires: 2026-12-24 }
  - { license: wiki/editor, to: [fay@acme.example], starts: 2027-01-01 }
";
    let account = |name: &str, held: &str| {
        format!("{{ \"id\": \"{name}\", \"email\": \"{name}@acme.example\", \"holdings\": [{held}] }}")
    };
    let editor = "{ \"license\": \"editor\" }";
    let accounts = [("ana", ""), ("bo", editor), ("cy", ""), ("di", editor), ("ed", editor), ("fay", "")];
    let accounts: Vec<_> = accounts.map(|(name, held)| account(name, held)).into();
    let state = format!(
        "{{ \"apiVersion\": \"reseat/v1\", \"kind\": \"observation\", \"tenant\": \"wiki\", \"vendor\": \"generic\", \
         \"observed_at\": \"2026-11-21T10:00:00Z\", \"complete\": true, \
         \"pools\": [{{ \"license\": \"editor\", \"total\": 3 }}], \"accounts\": [{}] }}",
        accounts.join(",")
    );
    Sandbox::new().write("wiki.yaml", company).write("wiki.json", state)
}

#[test]
fn why_traces_groups_dates_and_ranks() {
    let sandbox = nested();
    for name in ["ana", "cy", "di", "fay"] {
        let why = ["why", &format!("{name}@acme.example"), "wiki/editor"];
        story(&format!("why-nested-{name}"), &sandbox.run(&why));
    }
    story("why-nested-pool", &sandbox.run(&["why", "--pool", "wiki/editor"]));
    document("why-nested.json", &sandbox.run(&["why", "cy@acme.example", "wiki/editor", "--format", "json"]));
    story("why-pool-unknown", &sandbox.run(&["why", "--pool", "wiki/editr"]));
    story("why-nobody", &sandbox.run(&["why"]));
}

#[test]
fn quiet_prints_only_errors_and_findings() {
    let sandbox = Sandbox::new().copy_example("quickstart");
    let output = sandbox.run(&["plan", "quickstart", "--out", "plan.json", "--quiet"]);
    assert_eq!(output.stderr, "");
    assert!(output.stdout.starts_with("Plan "), "{}", output.stdout);
    let output = sandbox.run(&["apply", "quickstart", "--yes", "--quiet", "--format", "json"]);
    assert!(!output.stderr.contains("converged") && !output.stderr.contains("0 of"), "{}", output.stderr);
    assert!(output.stdout.contains("\"applied\""), "{}", output.stdout);
    assert_ne!(sandbox.run(&["plan", "nowhere", "--quiet"]).stderr, "", "errors are always said");
}
