//! Rolling limits: removals that are split over several plans still add up.

use crate::story;
use crate::support::{Output, Sandbox};

/// Six people hold a seat.
const PEOPLE: [&str; 6] = ["ana", "bo", "cy", "di", "ed", "fo"];

fn state(license: &str) -> String {
    let accounts: String = PEOPLE
        .iter()
        .map(|name| format!("  - {{ id: {name}, email: {name}@acme.example, holdings: [{{ license: {license} }}] }}\n"))
        .collect();
    format!(
        "apiVersion: reseat/v1\nkind: observation\ntenant: wiki\nvendor: generic\nobserved_at: 2026-11-21T10:00:00Z\n\
         complete: true\npools: [{{ license: {license}, total: 9 }}]\naccounts:\n{accounts}"
    )
}

/// A manifest with these holders, which allows three losses a week.
fn manifest(holders: &[&str]) -> String {
    let holders: Vec<_> = holders.iter().map(|name| format!("{name}@acme.example")).collect();
    format!(
        "apiVersion: reseat/v1\ntenants:\n  wiki: {{ vendor: generic, adapter: {{ file: {{ path: state.yaml }} }} }}\n\
         assignments:\n  - {{ license: wiki/editor, to: [{}] }}\npolicy:\n  limits:\n    losses: {{ percent: null, \
         count: null, window: {{ days: 7, count: 3 }} }}\n",
        holders.join(", ")
    )
}

/// Everyone except these people.
fn without(gone: &[&str]) -> Vec<&'static str> {
    PEOPLE.into_iter().filter(|name| !gone.contains(name)).collect()
}

fn wiki(holders: &[&str]) -> Sandbox {
    Sandbox::new().write("m/reseat.yaml", manifest(holders)).write("m/state.yaml", state("editor"))
}

fn holders(sandbox: &Sandbox) -> usize {
    sandbox.read("m/state.yaml").matches("license: editor").count() - 1
}

/// Two plans with two losses each, both made before either is applied; the manifest is that of the second one.
fn split() -> Sandbox {
    let sandbox = wiki(&without(&["ana", "bo"]));
    assert_eq!(sandbox.run(&["plan", "m", "--out", "one.json"]).status, 0);
    let sandbox = sandbox.write("m/reseat.yaml", manifest(&without(&["cy", "di"])));
    assert_eq!(sandbox.run(&["plan", "m", "--out", "two.json"]).status, 0);
    let sandbox = sandbox.write("m/reseat.yaml", manifest(&without(&["ana", "bo"])));
    assert_eq!(sandbox.run(&["apply", "one.json", "-m", "m"]).status, 0);
    sandbox.write("m/reseat.yaml", manifest(&without(&["cy", "di"])))
}

#[test]
fn plans_made_at_once_are_counted_when_applied() {
    let sandbox = split();
    story("window-apply", &sandbox.run(&["apply", "two.json", "-m", "m"]));
    assert_eq!(holders(&sandbox), 4, "nothing was sent");
    let held = sandbox.run(&["plan", "m"]);
    assert_eq!(held.status, 4, "{}", held.render());
    assert!(held.stdout.contains("P102"), "{}", held.stdout);
}

#[test]
fn clock_and_plan_day_cannot_hide_losses() {
    let sandbox = split();
    for clock in ["1795000000", "1600000000"] {
        let refused = sandbox.run_with(&["apply", "two.json", "-m", "m"], &[("SOURCE_DATE_EPOCH", clock)], "");
        assert_eq!(refused.status, 4, "{}", refused.render());
    }
    let planned = sandbox.run(&["plan", "m", "--at", "2027-06-01"]);
    assert_eq!(planned.status, 4, "{}", planned.render());
    assert_eq!(holders(&sandbox), 4);
    // Eight days later the window has moved.
    let later = sandbox.run_with(&["apply", "two.json", "-m", "m"], &[("SOURCE_DATE_EPOCH", "1795953600")], "");
    assert_eq!(later.status, 0, "{}", later.render());
}

#[test]
fn waiver_lifts_the_window_and_is_recorded() {
    let waived = |count: u64| {
        let waiver = format!(
            "waivers: [{{ rule: losses, license: wiki/editor, count: {count}, owner: it@acme.example, reason: ADM-1, until: 2026-12-01 }}]\n"
        );
        let sandbox = wiki(&without(&["ana", "bo"]));
        assert_eq!(sandbox.run(&["apply", "m", "--yes"]).status, 0);
        sandbox.write("m/reseat.yaml", manifest(&without(&["ana", "bo", "cy", "di"])) + &waiver)
    };
    let too_few = waived(3);
    assert_eq!(too_few.run(&["apply", "m", "--yes"]).status, 4);
    assert_eq!(holders(&too_few), 4);
    let enough = waived(4);
    let applied = enough.run(&["apply", "m", "--yes"]);
    assert_eq!(applied.status, 0, "{}", applied.render());
    assert_eq!(holders(&enough), 2);
    story("history-waiver", &enough.run(&["history", "-m", "m"]));
    let history = enough.run(&["history", "-m", "m", "--format", "json"]).stdout;
    let history: serde_json::Value = serde_json::from_str(&history).unwrap();
    let consent = &history["runs"][0]["consents"][0];
    assert_eq!((&consent["kind"], &consent["owner"]), (&"waiver".into(), &"it@acme.example".into()));
    assert_eq!(history["runs"][1]["consents"], serde_json::json!([]));
}

#[test]
fn renamed_license_keeps_its_count() {
    let named = |license: &str, holders: &[&str]| {
        manifest(holders)
            .replace("wiki/editor", &format!("wiki/{license}"))
            .replace("vendor: generic,", &format!("vendor: generic, pools: {{ {license}: {{ name: SKU-1 }} }},"))
    };
    let sandbox = Sandbox::new()
        .write("m/reseat.yaml", named("editor", &without(&["ana", "bo"])))
        .write("m/state.yaml", state("SKU-1"));
    assert_eq!(sandbox.run(&["apply", "m", "--yes"]).status, 0);
    let sandbox = sandbox.write("m/reseat.yaml", named("author", &without(&["ana", "bo", "cy", "di"])));
    let held = sandbox.run(&["plan", "m"]);
    assert!(held.status == 4 && held.stdout.contains("P102"), "{}", held.render());
}

#[test]
fn renamed_person_keeps_the_count() {
    let sandbox = wiki(&without(&["ana", "bo"]));
    assert_eq!(sandbox.run(&["apply", "m", "--yes"]).status, 0);
    // The people who lost a seat have other addresses now, and so do those who lose one next.
    let renamed = sandbox.read("m/state.yaml").replace("ana@", "ana.poe@").replace("cy@", "cy.roe@");
    let sandbox = sandbox.write("m/state.yaml", renamed).write("m/reseat.yaml", manifest(&["ed", "fo"]));
    let held = sandbox.run(&["plan", "m"]);
    assert!(held.status == 4 && held.stdout.contains("P102"), "{}", held.render());
}

/// Applies a plan with a limit of three changes a week.
fn change(sandbox: &Sandbox, holders: &[&str]) -> Output {
    let limited = manifest(holders).replace(
        "losses: { percent: null, count: null, window: { days: 7, count: 3 } }",
        "changes: { window: { days: 7, count: 3 } }",
    );
    assert!(std::fs::write(sandbox.path().join("m/reseat.yaml"), limited).is_ok());
    sandbox.run(&["apply", "m", "--yes"])
}

#[test]
fn change_window_counts_gains() {
    let sandbox = wiki(&PEOPLE);
    assert_eq!(change(&sandbox, &without(&["ana", "bo"])).status, 0);
    assert_eq!(change(&sandbox, &without(&["bo"])).status, 0, "a gain is never held");
    let held = change(&sandbox, &without(&["bo", "cy"]));
    assert!(held.status == 4 && held.stdout.contains("held"), "{}", held.render());
}

/// Plans two more losses after two, and allows that number of removals.
fn allowed(number: &str) -> (Sandbox, Output) {
    let sandbox = wiki(&without(&["ana", "bo"]));
    assert_eq!(sandbox.run(&["apply", "m", "--yes"]).status, 0);
    let sandbox = sandbox.write("m/reseat.yaml", manifest(&without(&["ana", "bo", "cy", "di"])));
    let planned = sandbox.run(&["plan", "m", "--out", "plan.json", "--allow-removals", number]);
    (sandbox, planned)
}

#[test]
fn allowed_removals_pass_and_are_recorded() {
    let (sandbox, planned) = allowed("2");
    assert_eq!(planned.status, 0, "{}", planned.render());
    let applied = sandbox.run(&["apply", "plan.json", "-m", "m"]);
    assert_eq!(applied.status, 0, "{}", applied.render());
    assert_eq!(holders(&sandbox), 2);
    let history = sandbox.run(&["history", "-m", "m"]).stdout;
    assert!(history.contains("allowance of `losses` for 2 removals (command-line)"), "{history}");
    let (sandbox, planned) = allowed("3");
    assert_eq!(planned.status, 4, "{}", planned.render());
    assert_eq!(sandbox.run(&["apply", "plan.json", "-m", "m"]).status, 4, "what is held is held");
    assert_eq!(holders(&sandbox), 4);
}

#[test]
fn wrong_number_of_removals_permits_nothing_later() {
    let sandbox = wiki(&without(&["cy", "di"]));
    assert_eq!(sandbox.run(&["plan", "m", "--out", "two.json", "--allow-removals", "2"]).status, 0);
    let sandbox = sandbox.write("m/reseat.yaml", manifest(&without(&["ana", "bo"])));
    assert_eq!(sandbox.run(&["apply", "m", "--yes"]).status, 0);
    let sandbox = sandbox.write("m/reseat.yaml", manifest(&without(&["cy", "di"])));
    let refused = sandbox.run(&["apply", "two.json", "-m", "m"]);
    assert_eq!(refused.status, 4, "{}", refused.render());
    assert_eq!(holders(&sandbox), 4);
}

#[test]
fn move_to_the_floor_is_a_loss() {
    let manifest = |holders: &[&str]| {
        manifest(holders).replace("vendor: generic,", "vendor: avaya-spaces,").replace("wiki/editor", "wiki/power")
    };
    let state = state("power")
        .replace("vendor: generic", "vendor: avaya-spaces")
        .replace("pools: [", "pools: [{ license: essential, total: null }, ");
    let sandbox =
        Sandbox::new().write("m/reseat.yaml", manifest(&without(&["ana", "bo"]))).write("m/state.yaml", state);
    let applied = sandbox.run(&["apply", "m", "--yes"]);
    assert_eq!(applied.status, 0, "{}", applied.render());
    let sandbox = sandbox.write("m/reseat.yaml", manifest(&without(&["ana", "bo", "cy", "di"])));
    let held = sandbox.run(&["plan", "m"]);
    assert!(held.status == 4 && held.stdout.contains("P102"), "{}", held.render());
}

#[test]
fn approval_of_a_run_is_recorded() {
    let manifest = manifest(&without(&["ana"])).replace("vendor: generic,", "vendor: generic, loses: [drafts],")
        + "  data_loss: approve\n  approvers: [cto@acme.example]\n";
    let sandbox = Sandbox::new().write("m/reseat.yaml", manifest).write("m/state.yaml", state("editor"));
    let planned = sandbox.run(&["plan", "m", "--format", "json"]);
    let plan: serde_json::Value = serde_json::from_str(&planned.stdout).unwrap();
    let mut digests = plan["findings"].as_array().unwrap().iter().filter_map(|finding| finding["approval"].as_str());
    let digest = digests.next_back().unwrap().to_owned();
    let approved = ["apply", "m", "--yes", "--approve", &digest, "--approved-by", "cto@acme.example"];
    let applied = sandbox.run(&approved);
    assert_eq!(applied.status, 0, "{}", applied.render());
    let history = sandbox.run(&["history", "-m", "m", "--format", "json"]).stdout;
    let history: serde_json::Value = serde_json::from_str(&history).unwrap();
    let expected = serde_json::json!({
        "kind": "approval", "rule": "data-loss", "scope": null, "owner": "cto@acme.example", "reason": null,
        "digest": digest, "until": null, "origin": "command-line",
    });
    assert_eq!(history["runs"][0]["consents"], serde_json::json!([expected]));
}
