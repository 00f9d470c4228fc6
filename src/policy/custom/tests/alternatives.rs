//! Custom rules on alternatives of entries, compared with a check of every license of every entry.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{TENANTS, codes, load, on_manifest, rule};

/// What rules say of people and licenses: person, license, whether it is an alternative.
fn found(manifest: &str) -> Vec<(String, String, bool)> {
    let mut found: Vec<_> = on_manifest(manifest)
        .into_iter()
        .map(|violation| {
            let license = format!("{}/{}", violation.tenant.unwrap(), violation.license.unwrap());
            let finding = violation.finding;
            assert_eq!(finding.values["assignment.license"], license.as_str());
            let change = finding.smallest_change.unwrap();
            let is_alternative = finding.values["assignment.alternative"].as_bool().unwrap();
            assert_eq!(change.starts_with(&format!("remove `{license}` from the alternatives")), is_alternative);
            (finding.people[0].to_string(), license, is_alternative)
        })
        .collect();
    found.sort();
    found
}

#[test]
fn rule_also_forbids_alternatives() {
    let manifest = |entry: &str| {
        format!(
            "{TENANTS}assignments:\n  - {{ license: wiki/reader, to: [ana@a.example]{entry} }}\n{}",
            rule(
                "assignment",
                r#"assignment.license == "wiki/power" && assignment.ensure == "present""#,
                "person.email + \" could get \" + assignment.name"
            )
        )
    };
    let violations = on_manifest(&manifest(", alternatives: [wiki/editor, wiki/power]"));
    assert_eq!(codes(&violations), ["P401"]);
    assert_eq!(violations[0].license.as_deref(), Some("power"));
    let finding = &violations[0].finding;
    assert_eq!(finding.message, "ana@a.example could get power");
    assert_eq!(
        finding.smallest_change.as_deref(),
        Some("remove `wiki/power` from the alternatives of the entry for `wiki/reader`")
    );
    for entry in [
        "",
        ", alternatives: [wiki/editor]",
        ", alternatives: [wiki/power], expires: 2026-11-22",
        ", alternatives: [wiki/power], ensure: absent",
    ] {
        assert_eq!(codes(&on_manifest(&manifest(entry))), [""; 0], "{entry}");
    }
}

#[test]
fn entry_without_alternatives_has_one_frame() {
    let entry = |more: &str| format!("  - {{ license: wiki/reader, to: [ana@a.example]{more} }}\n");
    let count = |entries: &str| {
        let loaded = load(&format!("{TENANTS}assignments:\n{entries}"));
        super::Candidates::assignments(&loaded.desired, super::TODAY).frames.len()
    };
    assert_eq!(count(&entry("").repeat(3)), 3);
    assert_eq!(count(&format!("{0}{1}{0}", entry(""), entry(", alternatives: [wiki/a, wiki/b]"))), 5);
}

/// An entry as it is generated.
#[derive(Clone, Debug)]
struct Written {
    tenant: usize,
    license: usize,
    alternatives: Vec<usize>,
    people: BTreeSet<usize>,
    absent: bool,
    over: bool,
}

const TENANT_NAMES: [&str; 2] = ["desk", "wiki"];
const LICENSES: usize = 4;

fn written() -> impl Strategy<Value = Written> {
    let alternatives = prop::collection::btree_set(0..LICENSES, 0..LICENSES);
    let people = prop::collection::btree_set(0..3_usize, 1..3);
    let rarely = || prop::bool::weighted(0.2);
    (0..2_usize, 0..LICENSES, alternatives, people, rarely(), rarely()).prop_map(
        |(tenant, license, alternatives, people, absent, over)| {
            let alternatives = alternatives.into_iter().filter(|other| *other != license).collect();
            Written { tenant, license, alternatives, people, absent, over }
        },
    )
}

fn in_yaml(entry: &Written) -> String {
    let tenant = TENANT_NAMES[entry.tenant];
    let listed = |list: Vec<String>| list.join(", ");
    format!(
        "  - {{ license: {tenant}/l{}, alternatives: [{}], to: [{}]{}{} }}\n",
        entry.license,
        listed(entry.alternatives.iter().map(|license| format!("{tenant}/l{license}")).collect()),
        listed(entry.people.iter().map(|person| format!("p{person}@a.example")).collect()),
        if entry.absent { ", ensure: absent" } else { "" },
        if entry.over { ", expires: 2026-11-01" } else { "" },
    )
}

/// Whether a rule forbids an entry at a license.
type Forbids = fn(&Written, usize) -> bool;

const RULES: [(&str, Forbids); 5] = [
    (r#"assignment.license == "wiki/l0""#, |entry, license| entry.tenant == 1 && license == 0),
    (r#"assignment.name in ["l1", "l2"]"#, |_, license| license == 1 || license == 2),
    ("assignment.alternative", |entry, license| license != entry.license),
    (r#"!assignment.alternative && "desk/l3" in assignment.alternatives"#, |entry, license| {
        license == entry.license && entry.tenant == 0 && entry.alternatives.contains(&3)
    }),
    ("size(assignment.alternatives) > 1", |entry, _| entry.alternatives.len() > 1),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_license_of_an_entry_is_checked(
        entries in prop::collection::vec(written(), 1..6),
        number in 0..RULES.len(),
    ) {
        let (when, forbids) = RULES[number];
        // A finding contains the values that the rule reads.
        let when = format!("{when} && assignment.license != person.email && assignment.alternative in [true, false]");
        let manifest = format!(
            "{TENANTS}  desk: {{ vendor: generic, adapter: {{ runbook: {{}} }} }}\nassignments:\n{}{}",
            entries.iter().map(in_yaml).collect::<String>(),
            rule("assignment", &when, "\"x\"")
        );
        let mut expected = Vec::new();
        for entry in entries.iter().filter(|entry| !entry.over) {
            let others = entry.alternatives.iter().filter(|_| !entry.absent);
            for license in [&entry.license].into_iter().chain(others).filter(|license| forbids(entry, **license)) {
                let name = format!("{}/l{license}", TENANT_NAMES[entry.tenant]);
                expected.extend(
                    entry.people.iter().map(|p| (format!("p{p}@a.example"), name.clone(), *license != entry.license)),
                );
            }
        }
        expected.sort();
        prop_assert_eq!(found(&manifest), expected, "{}", manifest);
    }
}
