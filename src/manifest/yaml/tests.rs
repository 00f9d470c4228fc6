//! The YAML reader: locations, lenient reading and limits.

use serde::Deserialize;

use super::*;
use crate::diagnostic::Severity;
use crate::model::Observation;

fn fault<T: DeserializeOwned + std::fmt::Debug>(text: &str) -> Finding {
    let findings = parse::<T>(text, &Arc::from("a.yaml")).unwrap_err();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].severity, Severity::Error);
    findings.into_iter().next().unwrap()
}

fn place_of(finding: &Finding) -> (&str, u32, u32) {
    let source = finding.source.as_ref().unwrap();
    (&finding.code, source.line, source.column)
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Sample {
    name: String,
    #[serde(default)]
    on: bool,
}

const STATE: &str = "apiVersion: reseat/v1\r\nkind: observation\r\ntenant: phones\r\nvendor: 8x8\r\n\
    observed_at: 2026-11-21T10:00:00Z\r\ncomplete: true\r\nbusy: null\r\npools:\r\n  - { license: X4, total: 40, used: 39, expires: 2027-03-01 }\r\n\
    accounts:\r\n  - id: u-1\r\n    email: ana@acme.example\r\n    origin: \"group:CN=Sales\"\r\n    holdings:\r\n\
    \x20     - { license: X2, state: UDPATE_CANCELLED, origin: direct, trial: false, expires: null }\r\n";

#[test]
fn observation_is_read_with_windows_line_ends() {
    let state: Observation = parse(STATE, &Arc::from("a.yaml")).unwrap();
    assert_eq!(state.pools[0].total, Some(40));
    assert_eq!(state.accounts[0].holdings[0].license, "X2");
}

#[test]
fn json_is_read_as_yaml() {
    assert_eq!(
        parse::<Sample>("{\"name\": \"a\", \"on\": true}", &Arc::from("a")).unwrap(),
        Sample { name: "a".to_owned(), on: true }
    );
}

#[test]
fn yaml_1_1_words_are_strings() {
    assert_eq!(parse::<Sample>("name: no\n", &Arc::from("a")).unwrap().name, "no");
    assert_eq!(place_of(&fault::<Sample>("name: a\non: yes\n")), ("M103", 2, 5));
}

#[test]
fn number_in_place_of_a_string_needs_quotes() {
    for number in ["12", "1.10", "true", "012", "1e3"] {
        assert_eq!(place_of(&fault::<Sample>(&format!("name: {number}\n"))), ("M103", 1, 7), "{number}");
    }
    assert_eq!(parse::<Sample>("name: \"12\"\n", &Arc::from("a")).unwrap().name, "12");
}

#[test]
fn fault_is_located() {
    assert_eq!(place_of(&fault::<Sample>("name: a\nname: b\n")), ("M004", 2, 1));
    assert_eq!(place_of(&fault::<Sample>("name: a\nnmae: b\n")), ("M101", 2, 1));
    assert_eq!(place_of(&fault::<Sample>("on: true\n")), ("M102", 1, 1));
    assert_eq!(place_of(&fault::<Sample>("name: a\n---\nname: b\n")).0, "M006");
    assert_eq!(place_of(&fault::<Sample>("name: [a\n")).0, "M003");
    assert_eq!(place_of(&fault::<Sample>("name: a\n<<: {}\n")), ("M008", 2, 1));
    assert_eq!(place_of(&fault::<Sample>("name:\n\t- a\n")).0, "M003");
}

#[test]
fn alias_and_nesting_bombs_are_refused() {
    let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (this, last) in "bcdefghij".chars().zip("abcdefghi".chars()) {
        bomb += &format!("{this}: &{this} [{}]\n", vec![format!("*{last}"); 9].join(", "));
    }
    assert_eq!(place_of(&fault::<serde_json::Value>(&bomb)).0, "M005");
    let wide = format!("a: &a \"{}\"\nb: [{}]\n", "x".repeat(100_000), vec!["*a"; 20_000].join(", "));
    assert_eq!(place_of(&fault::<serde_json::Value>(&wide)).0, "M005");
    let deep = "[".repeat(200_000);
    assert!(["M003", "M005"].contains(&place_of(&fault::<serde_json::Value>(&deep)).0));
}

#[test]
fn large_file_is_within_the_budget() {
    let text: String = (0..200_000).map(|number| format!("- user{number}@example.com\n")).collect();
    assert_eq!(parse::<Vec<String>>(&text, &Arc::from("a")).unwrap().len(), 200_000);
}
