//! `--trusted`: what a pull request can change about tenants and policy, and the effect.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that finds another document has to stop")]

mod people;

use serde_json::Value;

use crate::story;
use crate::support::{Output, Sandbox};

/// The base branch: four people hold a license, and one of them may lose it at a time.
const BASE: &str = r"apiVersion: reseat/v1
tenants:
  wiki: { vendor: generic, adapter: { file: { path: state.yaml } } }
people:
  ceo@acme.example: { aliases: [chief@acme.example], accounts: { wiki: u-1 } }
groups:
  board: { members: [ceo@acme.example] }
policy:
  limits: { losses: { percent: null, count: 1 } }
assignments:
  - license: wiki/seat
    to: [ceo@acme.example, bo@acme.example, cy@acme.example, di@acme.example]
";

const STATE: &str = r"apiVersion: reseat/v1
kind: observation
tenant: wiki
vendor: generic
observed_at: 2026-11-21T10:00:00Z
complete: true
pools: [{ license: seat, total: 9 }]
accounts:
  - { id: u-1, email: ceo@acme.example, holdings: [{ license: seat }] }
  - { id: u-2, email: bo@acme.example, holdings: [{ license: seat }] }
  - { id: u-3, email: cy@acme.example, holdings: [{ license: seat }] }
  - { id: u-4, email: di@acme.example, holdings: [{ license: seat }] }
";

/// The base branch, and a pull request in which each first text is replaced by the second.
fn pull_request(changes: &[(&str, &str)]) -> Sandbox {
    let mut text = BASE.to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "{old} is not in the manifest");
        text = text.replacen(old, new, 1);
    }
    Sandbox::new().write("base/reseat.yaml", BASE).write("base/state.yaml", STATE).write("pr/reseat.yaml", text)
}

const PLAN: [&str; 6] = ["plan", "pr", "--trusted", "base", "--format", "json"];

fn document(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", output.render()))
}

/// Returns code and message of each difference.
fn differences(output: &Output) -> Vec<String> {
    let document = document(output);
    let findings = document["findings"].as_array().unwrap();
    let told = findings
        .iter()
        .map(|finding| format!("{} {}", finding["code"].as_str().unwrap(), finding["message"].as_str().unwrap()));
    told.filter(|told| told.starts_with("P41")).collect()
}

#[test]
fn manifest_trusted_by_itself_has_no_differences() {
    let sandbox = pull_request(&[]).write("pr/state.yaml", STATE);
    for trusted in ["base", "pr"] {
        let output = sandbox.run(&["plan", "pr", "--trusted", trusted, "--format", "json"]);
        assert_eq!((output.status, differences(&output)), (0, Vec::new()), "{}", output.render());
        let alone = document(&sandbox.run(&["plan", "base", "--format", "json"]));
        assert_eq!(document(&output)["content"], alone["content"]);
    }
}

#[test]
fn policy_of_a_pull_request_does_not_permit_its_removals() {
    let sandbox = pull_request(&[
        ("count: 1", "count: 100"),
        ("vendor: generic", "vendor: generic, pools: { seat: { total: 5 } }"),
        ("to: [ceo@acme.example, bo@acme.example, cy@acme.example, di@acme.example]", "to: [ceo@acme.example]"),
    ])
    .write("pr/state.yaml", STATE);
    assert_eq!(sandbox.run(&["plan", "pr"]).status, 0, "without a trusted folder the pull request decides");
    let mut output = sandbox.run(&["plan", "pr", "--trusted", "base"]);
    // The digest covers everything, and is irrelevant here.
    output.stdout = output.stdout.lines().skip(1).fold(String::new(), |text, line| text + line + "\n");
    story("trusted-plan", &output);
    story("trusted-validate", &sandbox.run(&["validate", "pr", "--trusted", "base"]));
    let why = sandbox.run(&["why", "bo@acme.example", "-m", "pr", "--trusted", "base"]);
    assert!(why.stderr.contains("are ignored (2 differences)"), "{}", why.render());
}

#[test]
fn waiver_of_a_pull_request_lifts_nothing() {
    let waiver =
        "waivers:\n  - { rule: losses, license: wiki/seat, count: 9, owner: me, reason: because, until: 2026-12-31 }\n";
    let sandbox = pull_request(&[
        ("assignments:", &format!("{waiver}assignments:")),
        ("to: [ceo@acme.example, bo@acme.example, cy@acme.example, di@acme.example]", "to: [ceo@acme.example]"),
    ]);
    let output = sandbox.run(&PLAN);
    assert_eq!((output.status, document(&output)["summary"]["held"].as_u64()), (4, Some(3)), "{}", output.render());
    let told = differences(&output);
    assert!(told.len() == 1 && told[0].starts_with("P415 the waiver `{count: 9, license: wiki/seat,"), "{told:?}");
    assert!(document(&output)["findings"].as_array().unwrap().iter().all(|finding| finding["waived_until"].is_null()));
}

#[test]
fn waivers_are_matched_by_scope() {
    let waiver = |license: &str, count: u64| {
        format!(
            "  - {{ rule: losses, license: wiki/{license}, count: {count}, owner: it, reason: A-1, until: 2026-12-31 }}\n"
        )
    };
    let base = format!("{BASE}waivers:\n{}{}{}", waiver("seat", 2), waiver("a", 2), waiver("b", 2));
    let reviewed = format!("{BASE}waivers:\n{}{}{}", waiver("c", 2), waiver("a", 2), waiver("seat", 3));
    let sandbox = pull_request(&[]).write("base/reseat.yaml", base).write("pr/reseat.yaml", reviewed);
    let mut told = differences(&sandbox.run(&PLAN));
    told.sort();
    let codes: Vec<&str> = told.iter().map(|told| &told[..4]).collect();
    assert_eq!(codes, ["P415", "P416", "P417"], "{told:?}");
    assert_eq!(told[2], "P417 `waivers[losses wiki/seat].count` is `3` here; `2` is effective");
}

#[test]
fn rule_deleted_by_a_pull_request_still_denies_it() {
    let rule = "  rules:\n    - { name: no-cy, on: assignment, when: 'person.email == \"cy@acme.example\"', message: '\"not for cy\"' }\n";
    let base = BASE.replace("policy:\n", &format!("policy:\n{rule}"));
    let sandbox = pull_request(&[]).write("base/reseat.yaml", base);
    let output = sandbox.run(&PLAN);
    assert_eq!(output.status, 4, "{}", output.render());
    let found = document(&output);
    let denied = found["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == "no-cy").unwrap();
    assert_eq!(denied["people"][0], "cy@acme.example");
    let told = differences(&output);
    assert!(told.iter().any(|told| told.starts_with("P411 `policy.rules.no-cy.when` is not set here;")), "{told:?}");
    let checked = sandbox.run(&["validate", "pr", "--trusted", "base"]).stdout;
    assert_eq!(checked.matches("the rule `no-cy` has no cases").count(), 1, "{checked}");
    assert_eq!(sandbox.run(&["policy", "test", "pr"]).status, 0, "there is no rule in the pull request");
    assert_eq!(sandbox.run(&["policy", "test", "pr", "--trusted", "base"]).status, 3, "the rule in force has no cases");
}

#[test]
fn adapter_of_a_pull_request_is_not_used() {
    let elsewhere = "api: { base_url: \"https://evil.example\", key: { env: WIKI_KEY } }";
    let sandbox = pull_request(&[("file: { path: state.yaml }", elsewhere)]);
    let output = sandbox.run(&PLAN);
    assert_eq!(output.status, 0, "{}", output.render());
    let told = differences(&output);
    assert!(
        told.contains(
            &"P412 `tenants.wiki.adapter.api.base_url` is `https://evil.example` here; it is effectively not set"
                .to_owned()
        ),
        "{told:?}"
    );
    assert!(
        told.contains(&"P412 `tenants.wiki.adapter.file.path` is not set here; `state.yaml` is effective".to_owned())
    );
    let observed = sandbox.run(&["observe", "wiki", "-m", "pr", "--trusted", "base"]);
    assert!(observed.status == 0 && observed.stdout.contains("u-1"), "{}", observed.render());
    let applied = sandbox.run(&["apply", "pr", "--trusted", "base", "--yes"]);
    assert_eq!(applied.status, 0, "{}", applied.render());
}

#[test]
fn renamed_tenant_is_unknown() {
    let sandbox = pull_request(&[("  wiki: {", "  docs: {"), ("wiki: u-1", "docs: u-1"), ("wiki/seat", "docs/seat")]);
    let output = sandbox.run(&["validate", "pr", "--trusted", "base", "--format", "json"]);
    assert_eq!(output.status, 3);
    let told = differences(&output);
    assert_eq!(told.iter().map(|told| &told[..4]).collect::<Vec<_>>(), ["P413", "P414"], "{told:?}");
    let document = document(&output);
    let unknown: Vec<_> =
        document["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == "R101").collect();
    assert_eq!(unknown.len(), 2, "{}", output.render());
    assert_eq!(unknown[0]["help"], "use one of `wiki`; tenants come from the trusted folder");
}

#[test]
fn fault_in_the_trusted_folder_stops_everything() {
    let sandbox =
        pull_request(&[]).write("base/policy.yaml", "apiVersion: reseat/v1\npolicy:\n  protect: [group:bord]\n");
    for verb in ["validate", "plan", "diff", "apply"] {
        let output = sandbox.run(&[verb, "pr", "--trusted", "base", "--format", "json"]);
        if verb == "apply" {
            assert_eq!(output.status, 2, "there is no terminal to ask on");
            continue;
        }
        let document = document(&output);
        let finding = &document["findings"][0];
        assert_eq!((output.status, finding["code"].as_str()), (3, Some("R102")), "{}", output.render());
        assert_eq!(finding["source"]["file"], "trusted://policy.yaml");
        assert_eq!((finding["source"]["line"].as_u64(), finding["source"]["column"].as_u64()), (Some(3), Some(13)));
    }
    let milder = sandbox
        .write("base/policy.yaml", "apiVersion: reseat/v1\npolicy: { tenants: { wiki: { data_loss: warn } } }\n");
    let output = milder.run(&PLAN);
    let finding = &document(&output)["findings"][0];
    assert_eq!((output.status, finding["code"].as_str()), (3, Some("P421")), "{}", output.render());
    assert_eq!(finding["source"]["file"], "trusted://policy.yaml");
    let sandbox = pull_request(&[]);
    let missing = sandbox.run(&["plan", "pr", "--trusted", "nowhere"]);
    assert!(missing.status == 3 && missing.stderr.contains("`nowhere` is unreadable"), "{}", missing.render());
    let empty = sandbox.write("void/notes.txt", "").run(&["plan", "pr", "--trusted", "void"]);
    assert!(empty.status == 3 && empty.stderr.contains("`void` contains no manifest"), "{}", empty.render());
}

#[test]
fn error_in_an_ignored_section_stops_nothing_and_leaks_nothing() {
    let sandbox = pull_request(&[
        (
            "file: { path: state.yaml }",
            "api: { base_url: \"https://me:hunter2@wiki.example\", key: hunter3, token: hunter4 }",
        ),
        ("count: 1", "count: [hunter5]"),
    ]);
    let output = sandbox.run(&PLAN);
    assert_eq!((output.status, differences(&output).len()), (0, 5), "{}", output.render());
    assert!(!output.render().contains("hunter"), "{}", output.render());
    // As a finding, the faulty line is shown as usual; the list of differences does not quote it.
    let told = sandbox.run(&["plan", "pr", "--trusted", "base"]);
    assert!(told.stdout.contains("5 differences") && !told.stdout.contains("hunter"), "{}", told.render());
    let checked = sandbox.run(&["validate", "pr", "--trusted", "base"]);
    assert!(checked.status == 0 && !checked.render().contains("errors"), "{}", checked.render());
}

#[test]
fn trusted_plan_is_applied_with_the_same_trusted_folder() {
    let sandbox = pull_request(&[(", di@acme.example]", "]")]);
    let made = sandbox.run(&["plan", "pr", "--trusted", "base", "--out", "plan.json"]);
    assert_eq!(made.stderr, "wrote plan.json; apply it with `reseat apply plan.json --trusted base`\n");
    // The policy is the same, but the files differ.
    let alone = sandbox.write("pr/state.yaml", STATE);
    assert_eq!(alone.run(&["apply", "plan.json", "-m", "pr"]).status, 5);
    assert_eq!(alone.run(&["apply", "plan.json", "-m", "pr", "--trusted", "base"]).status, 0);
    assert_eq!(
        (alone.read("base/state.yaml").contains("license: seat"), alone.read("pr/state.yaml")),
        (true, STATE.to_owned())
    );
}

#[test]
fn change_of_the_trusted_folder_makes_a_plan_stale() {
    let sandbox = pull_request(&[(", di@acme.example]", "]")]);
    assert_eq!(sandbox.run(&["plan", "pr", "--trusted", "base", "--out", "plan.json"]).status, 0);
    let changed = sandbox.write("base/reseat.yaml", BASE.replace("count: 1", "count: 2"));
    assert_eq!(changed.run(&["apply", "plan.json", "-m", "pr", "--trusted", "base"]).status, 5);
}

#[test]
fn checkout_paths_do_not_matter() {
    let changed = [("count: 1", "count: 2"), (", di@acme.example]", "]")];
    let one = document(&pull_request(&changed).run(&PLAN));
    let elsewhere = pull_request(&changed);
    let moved = elsewhere.shell("mkdir -p far/away && mv base far/away/main && mv pr far/away/head");
    assert_eq!(moved.status, 0);
    let far = elsewhere.shell("cd far && reseat plan away/head --trusted \"$PWD/away/main\" --format json");
    let far = document(&far);
    for part in ["content", "inputs", "findings", "operations"] {
        assert_eq!(one[part], far[part], "{part}");
    }
}

#[test]
fn manifest_under_review_is_never_trusted() {
    let waiver = "apiVersion: reseat/v1\nwaivers:\n  - { rule: losses, count: 9, owner: me, reason: because, until: 2026-12-31 }\n";
    let assignment = "apiVersion: reseat/v1\nassignments: [{ license: wiki/seat, to: [ceo@acme.example] }]\n";
    // The pull request is checked out inside the folder of the base branch.
    let sandbox = Sandbox::new()
        .write("reseat.yaml", BASE)
        .write("state.yaml", STATE)
        .write("pr/w.yaml", waiver)
        .write("pr/a.yaml", assignment);
    let output = sandbox.run(&["plan", "pr", "--trusted", ".", "--format", "json"]);
    assert_eq!((output.status, document(&output)["summary"]["held"].as_u64()), (4, Some(3)), "{}", output.render());
    // The base branch is checked out inside the folder of the pull request.
    let sandbox = pull_request(&[]);
    let nested = sandbox.shell("mv base pr/base && reseat plan pr --trusted pr/base --format json");
    assert_eq!((nested.status, differences(&nested)), (0, Vec::new()), "{}", nested.render());
}

#[test]
fn many_differences_are_counted() {
    let pools: Vec<String> = (0..500).map(|number| format!("p{number}: {{ total: 1 }}")).collect();
    let pools = format!("vendor: generic, pools: {{ {} }}", pools.join(", "));
    let sandbox = pull_request(&[("vendor: generic", &pools)]);
    let output = sandbox.run(&["plan", "pr", "--trusted", "base"]);
    assert!(output.stdout.contains("are ignored (500 differences)"), "{}", output.stdout);
    assert!(output.stdout.contains("P419  300 more differences"), "{}", output.stdout);
}

#[test]
fn plan_file_shows_differences_separately() {
    let sandbox = pull_request(&[("count: 1", "count: 2")]);
    assert_eq!(sandbox.run(&["plan", "pr", "--trusted", "base", "--out", "plan.json"]).status, 0);
    let shown = sandbox.run(&["show", "plan.json"]).stdout;
    assert!(
        shown
            .contains("are ignored (1 difference)\n  P411  `policy.limits.losses.count` is `2` here; `1` is effective"),
        "{shown}"
    );
    assert!(shown.contains("the effective value: trusted://reseat.yaml:9:"), "{shown}");
    assert!(!shown.contains("Findings"), "{shown}");
}
