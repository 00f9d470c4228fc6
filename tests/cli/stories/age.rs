//! Limits on the age of a plan and its inputs: `plan` reports them, and `apply` enforces them by its own clock.

use crate::story;
use crate::support::{Output, Sandbox};

/// Observed at 2026-11-21T10:00:00Z.
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

/// The organization allows a week, and the tenant only two days.
const MANIFEST: &str = "\
apiVersion: reseat/v1
tenants:
  wiki: { vendor: generic, adapter: { file: { path: state.yaml } } }
assignments:
  - { license: wiki/editor, to: [ana@acme.example] }
policy:
  age: { plan: 7d, observations: 24h }
  tenants:
    wiki: { age: { plan: 5d } }
";

/// 2026-11-21T12:00:00Z.
const MADE: u64 = 1_795_262_400;
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

fn wiki(manifest: &str) -> Sandbox {
    Sandbox::new().write("m/reseat.yaml", manifest).write("m/state.yaml", STATE).write("old.yaml", STATE)
}

fn at(sandbox: &Sandbox, clock: u64, arguments: &[&str]) -> Output {
    sandbox.run_with(arguments, &[("SOURCE_DATE_EPOCH", &clock.to_string())], "")
}

const APPLY: [&str; 4] = ["apply", "plan.json", "-m", "m"];

#[test]
fn plan_over_its_age_limit_is_stale_and_a_newer_one_is_applied() {
    let sandbox = wiki(&MANIFEST.replace(", observations: 24h", ""));
    assert_eq!(at(&sandbox, MADE, &["plan", "m", "--out", "plan.json"]).status, 0);
    story("age-plan", &at(&sandbox, MADE + 5 * DAY + 1, &APPLY));
    assert_eq!(sandbox.read("m/state.yaml"), STATE);
    assert_eq!(at(&sandbox, MADE + 5 * DAY, &APPLY).status, 0);
    let again = at(&sandbox, MADE + 9 * DAY, &APPLY);
    assert_eq!(again.status, 0, "what was applied already sends nothing: {}", again.render());
}

#[test]
fn plan_from_an_old_observation_warns_and_is_stale() {
    let sandbox = wiki(MANIFEST);
    let state = ["--state", "old.yaml"];
    let young = at(&sandbox, MADE, &["plan", "m", "--out", "plan.json", state[0], state[1]]);
    assert!(!young.stdout.contains("P242"), "{}", young.render());
    let refused = at(&sandbox, MADE + 23 * HOUR, &APPLY);
    assert_eq!(refused.status, 5, "{}", refused.render());
    story("age-observation", &at(&sandbox, MADE + 2 * DAY, &["apply", "m", "--yes", state[0], state[1]]));
    assert_eq!(sandbox.read("m/state.yaml"), STATE);
    let fresh = at(&sandbox, MADE + 2 * DAY, &["apply", "m", "--yes"]);
    assert_eq!(fresh.status, 0, "the tenant itself is queried again: {}", fresh.render());
}

#[test]
fn clock_set_back_ages_nothing() {
    let sandbox = wiki(MANIFEST);
    assert_eq!(at(&sandbox, MADE, &["plan", "m", "--out", "plan.json"]).status, 0);
    assert_eq!(at(&sandbox, MADE - 30 * DAY, &APPLY).status, 0);
}

#[test]
fn waiver_lifts_the_limit_until_it_ends() {
    for (until, status) in [("2026-11-30", 0), ("2026-11-22", 5)] {
        let waived = format!(
            "{MANIFEST}waivers: [{{ rule: age, tenant: wiki, owner: it@acme.example, reason: ADM-1, until: {until} }}]\n"
        );
        let sandbox = wiki(&waived);
        assert_eq!(at(&sandbox, MADE, &["plan", "m", "--out", "plan.json"]).status, 0);
        let applied = at(&sandbox, MADE + 6 * DAY, &APPLY);
        assert_eq!(applied.status, status, "{until}: {}", applied.render());
    }
}

#[test]
fn tenant_limit_can_only_be_tighter() {
    let looser = wiki(&MANIFEST.replace("plan: 5d", "plan: 8d")).run(&["validate", "m"]);
    assert_eq!(looser.status, 3, "{}", looser.render());
    assert!(looser.stderr.contains("P421") || looser.stdout.contains("P421"), "{}", looser.render());
    let nonsense = wiki(&MANIFEST.replace("24h", "soon")).run(&["validate", "m"]);
    assert!(nonsense.render().contains("M108"), "{}", nonsense.render());
}
