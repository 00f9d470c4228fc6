//! The cost of a plan, in text and in the document.

use serde_json::json;

use crate::story;
use crate::support::Sandbox;

const STATE: &str = "\
apiVersion: reseat/v1
kind: observation
tenant: wiki
vendor: generic
observed_at: 2026-11-21T10:00:00Z
complete: true
pools: [{ license: editor, total: 30 }, { license: reader, total: 3 }, { license: board, total: 9 }]
accounts:
  - { id: a, email: ana@acme.example, holdings: [{ license: editor }] }
  - { id: b, email: bo@acme.example, holdings: [{ license: reader }] }
  - { id: c, email: cy@acme.example, holdings: [] }
";

/// Two pools have a price in one currency, per month and per year; the third has none.
const MANIFEST: &str = "\
apiVersion: reseat/v1
tenants:
  wiki:
    vendor: generic
    pools:
      editor: { cost: { amount: \"1044.50\", currency: USD, per: month } }
      reader: { cost: { amount: \"100.00\", currency: USD, per: year } }
    adapter: { file: { path: state.yaml } }
assignments:
  - { license: wiki/editor, to: [ana@acme.example, cy@acme.example] }
  - { license: wiki/reader, to: [bo@acme.example, cy@acme.example] }
  - { license: wiki/board, to: [ana@acme.example] }
";

fn wiki(manifest: &str) -> Sandbox {
    Sandbox::new().write("m/reseat.yaml", manifest).write("m/state.yaml", STATE)
}

#[test]
fn plan_shows_cost_and_unused_seats() {
    story("plan-cost", &wiki(MANIFEST).run(&["plan", "m"]));
}

#[test]
fn document_has_the_cost_by_currency_and_pool() {
    let output = wiki(MANIFEST).run(&["plan", "m", "--format", "json"]);
    let plan: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let sum = json!({ "before": "1052.83", "after": "2105.67", "delta": "1052.83", "unused": "29254.33" });
    assert_eq!(plan["summary"]["cost"], json!({ "USD": sum }));
    let pool =
        |license: &str| plan["pools"].as_array().unwrap().iter().find(|pool| pool["license"] == license).unwrap();
    assert_eq!(pool("reader")["cost_per_seat"], json!({ "amount": "100.00", "currency": "USD", "per": "year" }));
    let cost = json!({ "before": "8.33", "after": "16.67", "delta": "8.33", "unused": "8.33" });
    assert_eq!((&pool("reader")["cost"], &pool("reader")["unused"]), (&cost, &json!(1)));
    assert_eq!((pool("board").get("cost"), &pool("board")["unused"]), (None, &json!(8)));
}

#[test]
fn plan_without_prices_shows_no_cost() {
    let manifest: String =
        MANIFEST.lines().filter(|line| !line.contains("cost:")).map(|line| line.to_owned() + "\n").collect();
    let sandbox = wiki(&manifest.replace("    pools:\n", ""));
    let text = sandbox.run(&["plan", "m"]).stdout;
    assert!(!text.contains("ost per month") && text.contains("unused"), "{text}");
    let plan: serde_json::Value =
        serde_json::from_str(&sandbox.run(&["plan", "m", "--format", "json"]).stdout).unwrap();
    assert_eq!(plan["summary"].get("cost"), None);
}

#[test]
fn cost_with_too_many_digits_is_an_error() {
    let manifest = MANIFEST.replace("1044.50", "999999999999999.99");
    let state = STATE.replace("total: 30", "total: 18446744073709551615");
    let output = wiki(&manifest).write("m/state.yaml", state).run(&["plan", "m"]);
    assert_eq!(output.status, 4, "{}", output.render());
    assert!(output.stdout.contains("error P233"), "{}", output.stdout);
}

#[test]
fn tenant_budget_applies_in_addition_to_the_global_one() {
    let with = |policy: &str| {
        let manifest = MANIFEST.to_owned() + "policy:\n  budget: { USD: { total: \"2105.67\" } }\n" + policy;
        wiki(&manifest).run(&["plan", "m"])
    };
    let fits = with("");
    assert_eq!(fits.status, 0, "{}", fits.render());
    let over = with("  tenants: { wiki: { budget: { USD: { increase: \"1052.83\" } } } }\n");
    assert_eq!(over.status, 4, "a third of a cent is over: {}", over.render());
    assert!(over.stdout.contains("the seats of `wiki` would add USD 1052.83 per month"), "{}", over.stdout);
    assert_eq!(with("  tenants: { wiki: { budget: { USD: { increase: \"1052.84\" } } } }\n").status, 0);
}
