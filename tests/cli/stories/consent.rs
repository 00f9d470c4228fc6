//! What policy permits and stops, from the view of a person who tries to bypass it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that finds another document has to stop")]

use serde_json::Value;

use crate::support::{Output, Sandbox};

/// A tenant where a removal destroys nothing.
const TENANTS: &str = "\
apiVersion: reseat/v1
tenants:
  wiki:
    vendor: generic
    adapter: { file: { path: state.yaml } }
";

/// The tenant and a number of editors, `p00@acme.example` and so on.
fn editors(number: usize) -> Sandbox {
    let accounts: String = (0..number)
        .map(|index| format!("  - {{ id: a{index:02}, login: l{index:02}, email: p{index:02}@acme.example, holdings: [{{ license: editor }}] }}\n"))
        .collect();
    let state = format!(
        "apiVersion: reseat/v1\nkind: observation\ntenant: wiki\nvendor: generic\nobserved_at: 2026-11-21T10:00:00Z\n\
         complete: true\npools: [{{ license: editor, total: 200 }}, {{ license: reader, total: 1 }}]\naccounts:\n{accounts}"
    );
    Sandbox::new().write("m/state.yaml", state).write("m/tenants.yaml", TENANTS)
}

fn write(sandbox: Sandbox, text: &str) -> Sandbox {
    sandbox.write("m/reseat.yaml", format!("apiVersion: reseat/v1\n{text}"))
}

fn document(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", output.render()))
}

fn plan(sandbox: &Sandbox, more: &[&str]) -> (i32, Value) {
    let output = sandbox.run(&[&["plan", "m", "--format", "json"], more].concat());
    (output.status, document(&output))
}

/// Returns the findings with the code.
fn of<'d>(document: &'d Value, code: &str) -> Vec<&'d Value> {
    document["findings"].as_array().into_iter().flatten().filter(|finding| finding["code"] == code).collect()
}

const NOBODY: &str = "assignments:\n  - { license: wiki/editor, to: [] }\n";

#[test]
fn held_removals_need_their_exact_number() {
    let sandbox = write(editors(60), NOBODY);
    let (status, held) = plan(&sandbox, &[]);
    assert_eq!((status, held["summary"]["held"].as_u64()), (4, Some(60)));
    let limit = of(&held, "P101")[0];
    assert_eq!((limit["rule"].as_str(), limit["people"].as_array().map(Vec::len)), (Some("losses"), Some(60)));
    assert_eq!(limit["smallest_change"], "remove 10 fewer");
    for wrong in ["59", "61", "0"] {
        let (status, document) = plan(&sandbox, &["--allow-removals", wrong]);
        assert_eq!((status, document["summary"]["held"].as_u64()), (4, Some(60)));
        assert_eq!(of(&document, "P106").len(), 1);
    }
    let (status, allowed) = plan(&sandbox, &["--allow-removals", "60"]);
    assert_eq!((status, allowed["summary"]["losses"].as_u64()), (0, Some(60)));
    assert_eq!((of(&allowed, "P105").len(), allowed["inputs"]["allow_removals"].as_u64()), (1, Some(60)));
}

#[test]
fn move_without_a_free_seat_counts_as_a_loss() {
    // Everyone should be a reader, but there is one seat: the others would only lose.
    let people: Vec<String> = (0..20).map(|index| format!("p{index:02}@acme.example")).collect();
    let to = people.join(", ");
    let text = format!(
        "assignments:\n  - {{ license: wiki/reader, to: [{to}] }}\n  - {{ license: wiki/editor, ensure: absent, to: [{to}] }}\n"
    );
    let sandbox = write(editors(20), &text).write(
        "m/tenants.yaml",
        TENANTS.replace("generic\n", "generic\n    exclusive: [[reader, editor]]\n    change: atomic\n"),
    );
    let (status, document) = plan(&sandbox, &[]);
    let losses = document["summary"]["losses"].as_u64().unwrap();
    assert!(losses == 0 && status == 4, "{losses} losses: {}", document["summary"]);
    assert_eq!(document["summary"]["held"], 19);
}

#[test]
fn protected_people_keep_their_licenses_under_every_name() {
    let protect = "policy: { protect: [group:board], limits: { losses: null } }\ngroups: { board: { members: [p00@acme.example] } }\n";
    for people in [
        "",
        "people: { boss@acme.example: { aliases: [p00@acme.example] } }\n",
        "people: { boss@acme.example: { accounts: { wiki: a00 } } }\n",
        "people: { p00@acme.example: { accounts: { wiki: l00 } } }\n",
    ] {
        let (status, document) = plan(&write(editors(2), &format!("{NOBODY}{protect}{people}")), &[]);
        assert_eq!((status, of(&document, "P202").len()), (4, 1), "{people}: {document}");
    }
}

#[test]
fn denied_manifest_is_valid_and_exits_with_4() {
    let text =
        "assignments:\n  - { license: wiki/editor, to: [p00@acme.example] }\npolicy: { require: { reason: deny } }\n";
    let sandbox = write(editors(1), text);
    let output = sandbox.run(&["validate", "m"]);
    assert_eq!(output.status, 4, "{}", output.render());
    assert!(output.stdout.contains("denied by policy"), "{}", output.stdout);
    let (status, document) = plan(&sandbox, &["--out", "plan.json"]);
    assert_eq!((status, of(&document, "P211").len()), (4, 1));
    assert_eq!(sandbox.run(&["apply", "plan.json", "-m", "m"]).status, 4);
}

#[test]
fn ended_waiver_alone_is_no_error() {
    let text = "assignments:\n  - { license: wiki/editor, to: [p00@acme.example] }\npolicy: { require: { reason: deny } }\n\
                waivers:\n  - { rule: require, license: wiki/editor, owner: it@acme.example, reason: ADM-1, until: 2026-12-20 }\n";
    let sandbox = write(editors(1), text);
    for (day, status, word) in [
        ("2026-11-10", 0, "waived by"),
        ("2026-12-01", 0, "P307"),
        ("2026-12-20", 0, "waived by"),
        ("2026-12-21", 0, "P305"),
    ] {
        let output = sandbox.run(&["validate", "m", "--at", day]);
        assert_eq!(output.status, status, "{day}: {}", output.render());
        assert!(output.stdout.contains(word), "{day}: {}", output.stdout);
    }
    assert_eq!(plan(&sandbox, &["--at", "2026-12-20"]).0, 0);
    assert_eq!(plan(&sandbox, &["--at", "2026-12-21"]).0, 4, "a plan is denied");
    let ended = write(editors(1), &text.replace("2026-12-20", "2026-11-20"));
    assert_eq!(plan(&ended, &["--at", "2026-11-19"]).0, 4, "a day in the past brings no waiver back");
}

/// Two people lose data without an acknowledgement; `boss` may approve it.
fn approvable(people: &[&str]) -> Sandbox {
    let keep: Vec<_> = ["p00", "p01", "p02"].into_iter().filter(|one| !people.contains(one)).collect();
    let to: Vec<_> = keep.iter().map(|one| format!("{one}@acme.example")).collect();
    let text = format!(
        "assignments:\n  - {{ license: wiki/editor, to: [{}] }}\npolicy: {{ data_loss: approve, approvers: [group:leads] }}\n\
         groups: {{ leads: {{ members: [boss@acme.example, chief@acme.example] }} }}\n\
         people: {{ boss@acme.example: {{ aliases: [b@acme.example] }} }}\n",
        to.join(", ")
    );
    write(editors(3), &text).write("m/tenants.yaml", TENANTS.replace("generic\n", "generic\n    loses: [drafts]\n"))
}

fn digests(document: &Value) -> Vec<String> {
    of(document, "P201").iter().map(|finding| finding["approval"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn approval_needs_an_approver_who_is_not_the_author() {
    let sandbox = approvable(&["p00", "p01"]);
    let (status, document) = plan(&sandbox, &["--out", "plan.json"]);
    let digests = digests(&document);
    assert_eq!((status, digests.len()), (4, 2));
    let apply = |arguments: &[&str]| sandbox.run(&[&["apply", "plan.json", "-m", "m"], arguments].concat());
    let denied = apply(&[]);
    assert_eq!(denied.status, 4, "{}", denied.render());
    assert!(denied.stderr.contains("X131") && denied.stderr.contains(&digests[0]), "{}", denied.stderr);
    let both = ["--approve", &digests[0], "--approve", &digests[1]];
    for (arguments, why) in [
        (vec!["--approve", &digests[0], "--approved-by", "boss@acme.example"], "one is missing"),
        ([&both[..], &["--approved-by", "eve@acme.example"]].concat(), "no approver"),
        ([&both[..], &["--approved-by", "boss@acme.example", "--author", "Boss@acme.example"]].concat(), "the author"),
        (
            [&both[..], &["--approved-by", "boss@acme.example", "--author", "b@acme.example"]].concat(),
            "by another name",
        ),
    ] {
        assert_eq!(apply(&arguments).status, 4, "{why}");
    }
    let done = apply(&[&both[..], &["--approved-by", "b@acme.example", "--author", "eve@acme.example"]].concat());
    assert_eq!(done.status, 0, "{}", done.render());
    assert_eq!(sandbox.run(&["plan", "m", "--detailed-exitcode"]).status, 0);
}

#[test]
fn approval_survives_fewer_findings_but_not_a_new_one() {
    let (_, first) = plan(&approvable(&["p00", "p01"]), &[]);
    let approvals = format!(
        "apiVersion: reseat/v1\napprovals:\n  - {{ findings: [{}], by: chief@acme.example, until: 2026-12-31, note: ADM-7 }}\n",
        digests(&first).iter().map(|digest| format!("\"{digest}\"")).collect::<Vec<_>>().join(", ")
    );
    for (people, status) in [(&["p00", "p01"][..], 0), (&["p01"], 0), (&["p00", "p01", "p02"], 4), (&["p02"], 4)] {
        let sandbox = approvable(people).write("m/approvals.yaml", &approvals);
        assert_eq!(plan(&sandbox, &[]).0, status, "{people:?}");
    }
    let late = approvable(&["p01"]).write("m/approvals.yaml", approvals.replace("2026-12-31", "2026-11-20"));
    let (status, document) = plan(&late, &[]);
    assert_eq!((status, of(&document, "P309").len()), (4, 1), "an approval that has ended does not count");
    let author = ["--author", "chief@acme.example"];
    let sandbox = approvable(&["p01"]).write("m/approvals.yaml", &approvals);
    assert_eq!(plan(&sandbox, &author).0, 4, "the author's own approval does not count");
}

#[test]
fn waiver_applies_only_to_its_people() {
    let policy = "policy: { protect: [p00@acme.example, p01@acme.example], limits: { losses: { percent: null } } }\nwaivers:\n  - { rule: protect, people: [p00@acme.example], owner: it@acme.example, reason: ADM-1, until: 2026-12-31 }\n";
    let (status, document) = plan(&write(editors(2), &format!("{NOBODY}{policy}")), &[]);
    let findings = of(&document, "P202");
    let severity = |index: usize| findings[index]["severity"].as_str();
    assert_eq!((status, findings.len()), (4, 2));
    let waived: Vec<_> = (0..2).filter(|index| severity(*index) == Some("note")).collect();
    assert_eq!(waived.len(), 1);
    assert_eq!(findings[waived[0]]["people"][0], "p00@acme.example");
    assert_eq!(findings[waived[0]]["waived_until"], "2026-12-31");
}

#[test]
fn tenant_layer_tightens_the_policy() {
    let policy = "groups: { sales: { members: [p00@acme.example, p01@acme.example] } }\npolicy:\n  teams: { sales: { limits: { losses: { count: 1 } } } }\n";
    let keep = "assignments:\n  - { license: wiki/editor, to: [p02@acme.example, p03@acme.example] }\n";
    let (status, document) = plan(&write(editors(4), &format!("{keep}{policy}")), &[]);
    assert_eq!((status, document["summary"]["held"].as_u64()), (4, Some(2)));
    assert!(document["held"][0]["message"].as_str().unwrap().contains("`sales`"));
    let others = "assignments:\n  - { license: wiki/editor, to: [p00@acme.example, p02@acme.example] }\n";
    let (status, document) = plan(&write(editors(4), &format!("{others}{policy}")), &[]);
    assert_eq!((status, document["summary"]["losses"].as_u64()), (0, Some(2)), "one of the team, and one of no team");
}

#[test]
fn plan_file_without_its_denial_is_still_denied() {
    let sandbox = write(
        editors(2),
        &format!("{NOBODY}policy: {{ protect: [p00@acme.example], limits: {{ losses: {{ percent: null }} }} }}\n"),
    );
    assert_eq!(sandbox.run(&["plan", "m", "--out", "plan.json"]).status, 4);
    let mut document: reseat::model::Plan = serde_json::from_str(&sandbox.read("plan.json")).unwrap();
    document.findings.clear();
    reseat::plan::seal(&mut document).unwrap();
    let sandbox = sandbox.write("plan.json", serde_json::to_string(&document).unwrap());
    let output = sandbox.run(&["apply", "plan.json", "-m", "m"]);
    assert!(output.status == 4 && output.stderr.contains("P202"), "{}", output.render());
}

#[test]
fn waiver_that_ended_after_the_plan_lifts_nothing() {
    let text = format!(
        "{NOBODY}policy: {{ protect: [p00@acme.example], limits: {{ losses: {{ percent: null }} }} }}\nwaivers:\n  - {{ rule: protect, \
         people: [p00@acme.example], owner: it@acme.example, reason: ADM-1, until: 2026-11-21 }}\n"
    );
    let sandbox = write(editors(2), &text);
    assert_eq!(sandbox.run(&["plan", "m", "--out", "plan.json"]).status, 0);
    let tomorrow = [("SOURCE_DATE_EPOCH", "1795348800")];
    let late = sandbox.run_with(&["apply", "plan.json", "-m", "m"], &tomorrow, "");
    assert!(late.status == 4 && late.stderr.contains("P202"), "{}", late.render());
}

#[test]
fn apply_keeps_the_author_of_the_plan() {
    let sandbox = approvable(&["p00"]);
    let (_, document) = plan(&sandbox, &["--out", "plan.json", "--author", "boss@acme.example"]);
    let digest = &digests(&document)[0];
    let apply =
        |by: &str| sandbox.run(&["apply", "plan.json", "-m", "m", "--approve", digest, "--approved-by", by]).status;
    assert_eq!((apply("boss@acme.example"), apply("chief@acme.example")), (4, 0));
    for nobody in ["boss", "@boss", "", "Boss <boss@acme.example>"] {
        assert_eq!(sandbox.run(&["plan", "m", "--author", nobody]).status, 2, "{nobody:?} is nobody");
    }
}

/// Approves everything in the first case, and returns the effect in the second.
fn approved_elsewhere(first: &str, second: &str) -> i32 {
    let world = |text: &str| write(editors(6), text);
    let approvers = "policy:\n  approvers: [boss@acme.example]\n";
    let (_, document) = plan(&world(&first.replace("policy:\n", approvers)), &[]);
    let digests: Vec<String> = document["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|finding| Some(finding["approval"].as_str()?.to_owned()))
        .collect();
    assert!(!digests.is_empty(), "{document}");
    let mut arguments = vec!["--approved-by", "boss@acme.example"];
    for digest in &digests {
        arguments.extend(["--approve", digest]);
    }
    assert_eq!(plan(&world(&first.replace("policy:\n", approvers)), &arguments).0, 0);
    plan(&world(&second.replace("policy:\n", approvers)), &arguments).0
}

#[test]
fn approval_covers_only_the_approved_findings() {
    let rule = |on: &str, when: &str| {
        format!(
            "policy:\n  limits: {{ losses: {{ percent: null }} }}\n  rules: [{{ name: mine, on: {on}, when: '{when}', level: approve, message: '\"no\"' }}]\n"
        )
    };
    let keep = |people: &[u8]| {
        let to: Vec<_> = people.iter().map(|index| format!("p{index:02}@acme.example")).collect();
        format!("assignments:\n  - {{ license: wiki/editor, to: [{}] }}\n", to.join(", "))
    };
    for (on, when) in
        [("plan", "plan.losses >= 2"), ("pool", "pool.used_after < 5"), ("operation", "operation.effect == \"loss\"")]
    {
        let world = |people: &[u8]| format!("{}{}", keep(people), rule(on, when));
        assert_eq!(approved_elsewhere(&world(&[0, 1, 2, 3]), &world(&[2, 3, 4, 5])), 4, "{on}: other people");
    }
    let entry = |more: &str| {
        format!(
            "assignments:\n  - {{ license: wiki/editor, to: [p00@acme.example, p01@acme.example, p02@acme.example, p03@acme.example, p04@acme.example, p05@acme.example]{more} }}\n"
        )
    };
    let of_entry = rule("assignment", "assignment.license == \"wiki/editor\"");
    let world = |more: &str| format!("{}{of_entry}", entry(more));
    assert_eq!(approved_elsewhere(&world(", expires: 2027-01-01"), &world(", expires: 2027-01-01")), 0);
    assert_eq!(approved_elsewhere(&world(", expires: 2027-01-01"), &world("")), 4, "for longer");
    assert_eq!(approved_elsewhere(&world(""), &world(", alternatives: [wiki/reader]")), 4, "another license");
}

#[test]
fn each_forbidden_license_is_reported_and_waived_separately() {
    let waived = |license: &str| {
        format!(
            "waivers:\n  - {{ rule: RULE, license: wiki/{license}, people: [p00@acme.example], owner: it@acme.example, reason: A-1, until: 2026-12-20 }}\n"
        )
    };
    let licenses = format!(
        "assignments:\n  - {{ license: wiki/editor, to: [p00@acme.example], alternatives: [wiki/reader] }}\n\
         policy: {{ licenses: [{{ where: 'person.email != \"\"', deny: [wiki/editor, wiki/reader] }}] }}\n{}",
        waived("editor").replace("RULE", "licenses")
    );
    let (status, document) = plan(&write(editors(1), &licenses), &[]);
    assert_eq!((status, of(&document, "P214").len()), (4, 2));
    let exclude = format!(
        "assignments:\n  - {{ license: wiki/editor, to: [p00@acme.example] }}\n  - {{ license: wiki/reader, to: [p00@acme.example] }}\n  \
         - {{ license: wiki/admin, to: [p00@acme.example] }}\npolicy: {{ exclude: [{{ licenses: [wiki/editor, wiki/reader, wiki/admin] }}] }}\n{}",
        waived("reader").replace("RULE", "exclude")
    );
    let (status, document) = plan(&write(editors(1), &exclude), &[]);
    assert_eq!((status, of(&document, "P212").len()), (4, 3));
}

#[test]
fn empty_policy_key_is_an_error() {
    for key in ["protect", "rules", "freeze", "require", "tenants"] {
        let output = write(editors(1), &format!("{NOBODY}policy:\n  {key}:\n")).run(&["validate", "m"]);
        assert!(output.status == 3 && output.stdout.contains("M103"), "{key}: {}", output.render());
    }
}
