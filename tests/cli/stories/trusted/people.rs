//! `--trusted` and people: the trusted folder decides who is protected, who may approve, and whom a waiver covers.

use super::{BASE, PLAN, STATE, differences, document, pull_request};
use crate::support::Output;

#[test]
fn waiver_does_not_follow_a_name_to_another_person() {
    let base = BASE
        .replace("vendor: generic,", "vendor: generic, loses: [drafts],")
        .replace("losses: { percent: null, count: 1 }", "losses: { percent: null, count: null }");
    let base = format!(
        "{base}waivers:\n  - {{ rule: data-loss, people: [bo@acme.example], owner: it, reason: A-1, until: 2026-12-31 }}\n"
    );
    let without = |who: &str, text: &str| text.replace(&format!(" {who}@acme.example,"), "");
    let plan = |reviewed: &str| {
        let sandbox = pull_request(&[]).write("base/reseat.yaml", &base).write("pr/reseat.yaml", reviewed);
        sandbox.run(&PLAN)
    };
    assert_eq!(plan(&without("bo", &base)).status, 0, "the waiver is for this loss");
    assert_eq!(plan(&without("cy", &base)).status, 4, "and not for this one");
    let alias = without("cy", &without("bo", &base))
        .replace("people:\n", "people:\n  bo@acme.example: { accounts: { wiki: u-3 } }\n");
    let stolen = plan(&alias);
    assert_eq!(stolen.status, 4, "{}", stolen.render());
    assert_eq!(
        differences(&stolen),
        ["P417 the waiver of `data-loss` does not apply to `bo@acme.example`, whose names differ here"]
    );
}

/// The base branch with a protected board, and a pull request against it.
fn protected(changes: &[(&str, &str)]) -> Output {
    let base = BASE.replace("policy:\n", "policy:\n  protect: [group:board]\n");
    let mut text = base.clone();
    for (old, new) in changes {
        assert!(text.contains(old), "{old} is not in the manifest");
        text = text.replacen(old, new, 1);
    }
    pull_request(&[]).write("base/reseat.yaml", base).write("pr/reseat.yaml", text).run(&PLAN)
}

/// The pull request removes the license of the protected person.
const STRIPPED: (&str, &str) = ("to: [ceo@acme.example, ", "to: [");

#[track_caller]
fn is_denied(output: &Output) {
    let found = document(output);
    let denied: Vec<_> =
        found["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == "protect").collect();
    assert_eq!((output.status, denied.len()), (4, 1), "{}", output.render());
    assert_eq!(
        (denied[0]["severity"].as_str(), denied[0]["people"][0].as_str()),
        (Some("error"), Some("ceo@acme.example")),
        "{}",
        output.render()
    );
}

#[test]
fn pull_request_cannot_weaken_a_protection() {
    let people = "  ceo@acme.example: { aliases: [chief@acme.example], accounts: { wiki: u-1 } }\n";
    let cases: [&[(&str, &str)]; 9] = [
        // With the protection, and without it.
        &[STRIPPED],
        &[STRIPPED, ("  protect: [group:board]\n", "")],
        &[STRIPPED, ("protect: [group:board]", "protect: []")],
        // The group is emptied, deleted, or has other members.
        &[STRIPPED, ("members: [ceo@acme.example]", "members: []")],
        &[STRIPPED, ("groups:\n  board: { members: [ceo@acme.example] }\n", ""), ("  protect: [group:board]\n", "")],
        &[STRIPPED, ("members: [ceo@acme.example]", "members: [bo@acme.example]")],
        // The description of the person is deleted.
        &[STRIPPED, (people, "  bo@acme.example: {}\n"), ("members: [ceo@acme.example]", "members: [bo@acme.example]")],
        // An alias or the account moves to another person.
        &[
            STRIPPED,
            (people, "  eve@acme.example: { aliases: [ceo@acme.example, chief@acme.example] }\n"),
            ("members: [ceo@acme.example]", "members: []"),
        ],
        &[
            STRIPPED,
            (people, "  eve@acme.example: { accounts: { wiki: u-1 } }\n"),
            ("members: [ceo@acme.example]", "members: []"),
        ],
    ];
    for changes in cases {
        is_denied(&protected(changes));
    }
}

#[test]
fn protected_account_with_another_address_is_protected() {
    // The account has another address at the vendor, and only the base branch knows its person.
    let state = STATE.replace("email: ceo@acme.example", "email: c.e.o@vendor.example");
    let base = BASE.replace("policy:\n", "policy:\n  protect: [group:board]\n");
    let text = base.replace("to: [ceo@acme.example, ", "to: [").replace(
        "  ceo@acme.example: { aliases: [chief@acme.example], accounts: { wiki: u-1 } }\n",
        "  bo@acme.example: {}\n",
    );
    let sandbox = pull_request(&[])
        .write("base/reseat.yaml", &base)
        .write("base/state.yaml", state)
        .write("pr/reseat.yaml", text);
    is_denied(&sandbox.run(&PLAN));
}

#[test]
fn new_name_of_a_protected_person_is_protected_too() {
    // The account has a new address, and the pull request names its person.
    let state = STATE.replace("id: u-1, email: ceo@acme.example", "id: u-9, email: president@acme.example");
    let base = BASE.replace("policy:\n", "policy:\n  protect: [group:board]\n");
    let text = base
        .replace("to: [ceo@acme.example, ", "to: [")
        .replace("aliases: [chief@acme.example], accounts: { wiki: u-1 }", "aliases: [president@acme.example]");
    let sandbox = pull_request(&[])
        .write("base/reseat.yaml", &base)
        .write("base/state.yaml", state)
        .write("pr/reseat.yaml", text);
    is_denied(&sandbox.run(&PLAN));
}

#[test]
fn approver_named_by_a_pull_request_may_not_approve() {
    let base = BASE
        .replace("policy:\n", "policy:\n  data_loss: approve\n  approvers: [group:board]\n")
        .replace("vendor: generic,", "vendor: generic, loses: [drafts],");
    let text = base
        .replace(", di@acme.example]", "]")
        .replace("aliases: [chief@acme.example]", "aliases: [chief@acme.example, eve@acme.example]")
        .replace("members: [ceo@acme.example]", "members: [ceo@acme.example, mal@acme.example]")
        .replace("approvers: [group:board]", "approvers: [mal@acme.example, eve@acme.example]");
    let sandbox = pull_request(&[]).write("base/reseat.yaml", base).write("pr/reseat.yaml", text);
    let open = document(&sandbox.run(&PLAN));
    let needs = open["findings"].as_array().unwrap().iter().find(|finding| finding["level"] == "approve").unwrap();
    let digest = needs["approval"].as_str().unwrap();
    for (by, status) in
        [("mal@acme.example", 4), ("eve@acme.example", 4), ("ceo@acme.example", 0), ("Chief@acme.example", 0)]
    {
        let arguments = [&PLAN[..], &["--approve", digest, "--approved-by", by]].concat();
        let output = sandbox.run(&arguments);
        assert_eq!(output.status, status, "{by}: {}", output.render());
    }
    // The author does not approve, under any name.
    let arguments =
        [&PLAN[..], &["--approve", digest, "--approved-by", "ceo@acme.example", "--author", "chief@acme.example"]]
            .concat();
    assert_eq!(sandbox.run(&arguments).status, 4);
}

#[test]
fn approval_in_a_pull_request_does_not_count() {
    let base = BASE
        .replace("policy:\n", "policy:\n  data_loss: approve\n  approvers: [group:board]\n")
        .replace("vendor: generic,", "vendor: generic, loses: [drafts],");
    let text = base.replace(", di@acme.example]", "]");
    let sandbox = pull_request(&[]).write("base/reseat.yaml", &base).write("pr/reseat.yaml", &text);
    let open = document(&sandbox.run(&PLAN));
    let needs = open["findings"].as_array().unwrap().iter().find(|finding| finding["level"] == "approve").unwrap();
    let approvals = format!(
        "approvals:\n  - {{ findings: [\"{}\"], by: ceo@acme.example, until: 2026-12-31 }}\n",
        needs["approval"].as_str().unwrap()
    );
    let inside = sandbox.write("pr/reseat.yaml", format!("{text}{approvals}"));
    let output = inside.run(&PLAN);
    assert_eq!(output.status, 4, "{}", output.render());
    assert_eq!(differences(&output).iter().filter(|told| told.starts_with("P418")).count(), 1, "{}", output.render());
    let outside = inside.write("base/reseat.yaml", format!("{base}{approvals}"));
    assert_eq!(outside.run(&PLAN).status, 0);
}

#[test]
fn approved_loss_does_not_cover_another_account() {
    let base = BASE
        .replace("policy:\n", "policy:\n  data_loss: approve\n  approvers: [group:board]\n")
        .replace("vendor: generic,", "vendor: generic, loses: [drafts],");
    let asked = base.replace(", di@acme.example]", "]");
    let sandbox = pull_request(&[]).write("base/reseat.yaml", &base).write("pr/reseat.yaml", &asked);
    let open = document(&sandbox.run(&PLAN));
    let needs = open["findings"].as_array().unwrap().iter().find(|finding| finding["level"] == "approve").unwrap();
    let given =
        [&PLAN[..], &["--approve", needs["approval"].as_str().unwrap(), "--approved-by", "ceo@acme.example"]].concat();
    assert_eq!(sandbox.run(&given).status, 0);
    // The next pull request assigns another person's account to the person whose loss was approved.
    let stolen = asked
        .replace("people:\n", "people:\n  di@acme.example: { accounts: { wiki: u-2 } }\n")
        .replace("bo@acme.example, ", "");
    let output = sandbox.write("pr/reseat.yaml", stolen).run(&given);
    assert_eq!(output.status, 4, "{}", output.render());
}
