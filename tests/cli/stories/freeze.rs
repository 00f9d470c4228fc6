//! Freeze windows: `plan` reports them, and `apply` enforces them by its own clock.

use crate::story;
use crate::support::{Output, Sandbox};

const STATE: &str = "\
apiVersion: reseat/v1
kind: observation
tenant: wiki
vendor: generic
observed_at: 2026-11-21T10:00:00Z
complete: true
pools: [{ license: editor, total: 5 }]
accounts: [{ id: a, email: ana@acme.example, holdings: [] }]
";

/// Two tenants and two adjacent windows; Tokyo is nine hours ahead of UTC.
const MANIFEST: &str = "\
apiVersion: reseat/v1
tenants:
  wiki: { vendor: generic, adapter: { file: { path: state.yaml } } }
  other: { vendor: generic, adapter: { file: { path: other.yaml } } }
assignments:
  - { license: wiki/editor, to: [ana@acme.example] }
policy:
  freeze:
    - { name: closing, from: 2026-12-20T00:00, until: 2026-12-24T00:00, time_zone: Asia/Tokyo, tenants: [wiki] }
    - { name: holidays, from: 2026-12-23T15:00, until: 2027-01-02T00:00, time_zone: UTC, reason: nobody is there }
";

/// 2026-12-19T14:59:59Z, one second before the first window starts in Tokyo.
const BEFORE: &str = "1797692399";
/// 2026-12-19T15:00:00Z.
const FIRST: &str = "1797692400";
/// 2027-01-01T23:59:59Z.
const LAST: &str = "1798847999";
/// 2027-01-02T00:00:00Z.
const AFTER: &str = "1798848000";

fn wiki(manifest: &str) -> Sandbox {
    Sandbox::new()
        .write("m/reseat.yaml", manifest)
        .write("m/state.yaml", STATE)
        .write("m/other.yaml", STATE.replace("wiki", "other"))
}

fn at(sandbox: &Sandbox, clock: &str, arguments: &[&str]) -> Output {
    sandbox.run_with(arguments, &[("SOURCE_DATE_EPOCH", clock)], "")
}

const APPLY: [&str; 3] = ["apply", "m", "--yes"];

#[test]
fn plan_during_a_freeze_is_made_with_a_warning() {
    let sandbox = wiki(MANIFEST);
    story("freeze-plan", &at(&sandbox, FIRST, &["plan", "m"]));
    assert!(!at(&sandbox, BEFORE, &["plan", "m"]).stdout.contains("P241"));
}

#[test]
fn apply_during_a_freeze_sends_nothing_and_names_the_end() {
    let sandbox = wiki(MANIFEST);
    story("freeze-apply", &at(&sandbox, FIRST, &APPLY));
    assert_eq!(at(&sandbox, LAST, &APPLY).status, 4);
    assert_eq!(sandbox.read("m/state.yaml"), STATE);
    assert_eq!(at(&sandbox, AFTER, &APPLY).status, 0);
    assert_eq!(at(&wiki(MANIFEST), BEFORE, &APPLY).status, 0);
}

#[test]
fn plan_file_is_refused_during_the_freeze_and_applied_after() {
    let sandbox = wiki(MANIFEST);
    assert_eq!(at(&sandbox, BEFORE, &["plan", "m", "--out", "plan.json"]).status, 0);
    let refused = at(&sandbox, FIRST, &["apply", "plan.json", "-m", "m"]);
    assert_eq!(refused.status, 4, "{}", refused.render());
    assert!(refused.stderr.contains("2027-01-02 00:00 UTC"), "{}", refused.stderr);
    assert_eq!(sandbox.read("m/state.yaml"), STATE);
    assert_eq!(at(&sandbox, AFTER, &["apply", "plan.json", "-m", "m"]).status, 0);
    let again = at(&sandbox, FIRST, &["apply", "plan.json", "-m", "m"]);
    assert_eq!(again.status, 0, "what was applied already sends nothing: {}", again.render());
}

#[test]
fn plan_day_does_not_change_the_clock_of_the_run() {
    let sandbox = wiki(MANIFEST);
    let refused = at(&sandbox, FIRST, &["apply", "m", "--yes", "--at", "2027-06-01"]);
    assert_eq!(refused.status, 4, "{}", refused.render());
    assert_eq!(sandbox.read("m/state.yaml"), STATE);
    let waived = MANIFEST.to_owned()
        + "waivers: [{ rule: freeze, tenant: wiki, owner: it@acme.example, reason: ADM-1, until: 2026-12-18 }]\n";
    let ended = at(&wiki(&waived), FIRST, &["apply", "m", "--yes", "--at", "2026-12-18"]);
    assert_eq!(ended.status, 4, "a waiver that has ended is not brought back: {}", ended.render());
}

#[test]
fn waiver_lifts_a_freeze_for_its_scope() {
    let waiver = |scope: &str| {
        format!(
            "{MANIFEST}waivers: [{{ rule: freeze, {scope} owner: it@acme.example, reason: ADM-1, until: 2026-12-21 }}]\n"
        )
    };
    for (scope, status) in [
        ("", 0),
        ("tenant: wiki,", 0),
        ("license: wiki/editor,", 0),
        ("tenant: other,", 4),
        ("license: wiki/reader,", 4),
    ] {
        let sandbox = wiki(&waiver(scope));
        let applied = at(&sandbox, FIRST, &APPLY);
        assert_eq!(applied.status, status, "{scope}: {}", applied.render());
        assert_eq!(sandbox.read("m/state.yaml") == STATE, status == 4, "{scope}");
    }
}

#[test]
fn frozen_tenant_stops_the_plan_but_not_the_other_tenants_alone() {
    // Only the second, later window freezes the other tenant.
    let other = MANIFEST.replace("license: wiki/editor", "license: other/editor");
    assert_eq!(at(&wiki(&other), FIRST, &APPLY).status, 0);
    let both = MANIFEST.replace("policy:", "  - { license: other/editor, to: [ana@acme.example] }\npolicy:");
    let sandbox = wiki(&both);
    assert_eq!(at(&sandbox, FIRST, &APPLY).status, 4);
    assert_eq!(sandbox.read("m/other.yaml"), STATE.replace("wiki", "other"));
}

#[test]
fn warn_level_freeze_stops_nothing() {
    let warned = MANIFEST.replace("tenants: [wiki] }", "tenants: [wiki], level: warn }");
    let applied = at(&wiki(&warned), FIRST, &APPLY);
    assert_eq!(applied.status, 0, "{}", applied.render());
    assert!(applied.stdout.contains("warning P241"), "{}", applied.stdout);
}

#[test]
fn empty_run_is_allowed_during_a_freeze() {
    let nothing = MANIFEST.replace("to: [ana@acme.example]", "to: []");
    assert_eq!(at(&wiki(&nothing), FIRST, &APPLY).status, 0);
}
