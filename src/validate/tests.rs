//! Tests of the rules about the desired state.

use jiff::civil::date;

use super::*;
use crate::manifest;

fn findings(text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let head = "apiVersion: reseat/v1
tenants:
  phones: { vendor: 8x8, pools: { fax: { add_on: true } }, adapter: { runbook: {} } }
  spaces: { vendor: avaya-spaces, adapter: { runbook: {} } }
assignments:
";
    std::fs::write(folder.path().join("a.yaml"), format!("{head}{text}")).unwrap();
    let loaded = manifest::load(folder.path());
    assert_eq!(loaded.findings, []);
    let now = Now::at("2026-11-22T10:00:00Z".parse().unwrap()).with_day(date(2026, 11, 22));
    check(&loaded.desired, now)
        .iter()
        .map(|finding| {
            let line = finding.source.as_ref().map_or(0, |at| at.line);
            let related = finding.related.first().and_then(|other| other.source.as_ref()).map_or(0, |at| at.line);
            format!("{} {line} {related}", finding.code)
        })
        .collect()
}

const NOTHING: [&str; 0] = [];

#[test]
fn exclusive_assignments_are_an_error_with_both_locations() {
    let text = "  - { license: phones/X2, to: [a@x.example] }\n  - { license: phones/X4, to: [a@x.example] }\n";
    assert_eq!(findings(text), ["M306 7 6"]);
}

#[test]
fn assignments_that_overlap_only_in_the_past_or_never_are_valid() {
    for (first, second) in [
        ("expires: 2026-12-01", "starts: 2026-12-01"),
        ("expires: 2026-11-22", "reason: over"),
        ("starts: 2027-01-01, expires: 2027-02-01", "starts: 2026-12-01, expires: 2027-01-01"),
    ] {
        let text = format!(
            "  - {{ license: phones/X2, to: [a@x.example], {first} }}\n  - {{ license: phones/X4, to: [a@x.example], {second} }}\n"
        );
        let errors: Vec<_> = findings(&text).into_iter().filter(|finding| !finding.starts_with("M311")).collect();
        assert_eq!(errors, NOTHING, "{first} {second}");
    }
    let beside = "  - { license: phones/X2, to: [a@x.example] }\n  - { license: phones/fax, to: [a@x.example] }\n";
    assert_eq!(findings(beside), NOTHING);
    let twice = "  - { license: phones/X2, to: [a@x.example] }\n  - { license: phones/X2, to: [A@x.example] }\n";
    assert_eq!(findings(twice), NOTHING);
}

#[test]
fn short_assignment_does_not_hide_a_long_one() {
    let text = "  - { license: phones/X2, to: [a@x.example], starts: 2027-01-01 }
  - { license: phones/X3, to: [a@x.example], starts: 2026-12-01, expires: 2026-12-05 }
  - { license: phones/X3, to: [a@x.example], starts: 2027-02-01, expires: 2027-02-05 }
  - { license: phones/X2, to: [a@x.example], starts: 2027-03-01, expires: 2027-03-05 }
";
    assert_eq!(findings(text), ["M306 8 6"]);
}

#[test]
fn assigning_and_removing_one_license_is_an_error() {
    let text = "  - { license: phones/X2, to: [a@x.example] }
  - { license: phones/X2, to: [a@x.example], ensure: absent }
  - { license: phones/X4, to: [a@x.example], ensure: absent }
";
    assert_eq!(findings(text), ["M307 7 6"]);
}

#[test]
fn removing_the_floor_is_an_error() {
    assert_eq!(findings("  - { license: spaces/essential, to: [] }\n"), ["M305 6 0"]);
    assert_eq!(findings("  - { license: spaces/essential, to: [a@x.example], ensure: absent }\n"), ["M305 6 0"]);
    assert_eq!(findings("  - { license: spaces/power, to: [] }\n"), NOTHING);
}

#[test]
fn many_claims_of_one_person_are_compared_quickly() {
    let mut text = String::new();
    for number in 0..5_000 {
        text += &format!("  - {{ license: phones/X{number}, to: [a@x.example] }}\n");
    }
    assert_eq!(findings(&text).len(), 1_000);
}
