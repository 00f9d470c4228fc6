//! `validate`: what is said of good and of bad manifests.

use crate::support::Sandbox;
use crate::{document, story};

#[test]
fn good_manifest_is_summed_up_in_a_line() {
    story("validate-good", &Sandbox::new().copy_example("quickstart").run(&["validate", "quickstart"]));
}

#[test]
fn every_fault_is_shown_with_its_line() {
    let sandbox = Sandbox::new().write(
        "teams/sales.yaml",
        "apiVersion: reseat/v1\nassignments:\n  - lisence: phones/X4\n    to: [ana@acme.example, nobody]\n",
    );
    story("validate-bad", &sandbox.run(&["validate", "teams"]));
}

#[test]
fn findings_are_data_for_programs() {
    let sandbox = Sandbox::new().write("a.yaml", "apiVersion: reseat/v1\nasignments: []\n");
    story("validate-json", &sandbox.run(&["validate", "--format", "json"]));
}

/// A fault with a place, one with two places, a warning, and text that wants to be something else.
fn faulty() -> Sandbox {
    let text = "apiVersion: reseat/v1\n\
        tenants: { wiki: { vendor: generic, adapter: { runbook: {} } } }\n\
        groups: { unused: { members: ['a@acme.example'] } }\n\
        assignments:\n  - { lisence: wiki/x, to: [] }\n  - { license: '[x](https://evil.example)::%0A{0}', to: [] }\n";
    let twice = "apiVersion: reseat/v1\ngroups: { unused: { members: [] } }\n";
    Sandbox::new().write("teams/a b,c.yaml", text).write("teams/second.yaml", twice)
}

#[test]
fn findings_are_annotations_on_github() {
    story("validate-github", &faulty().run(&["validate", "teams", "--format", "github"]));
}

#[test]
fn findings_are_cases_for_ci_servers() {
    story("validate-junit", &faulty().run(&["validate", "teams", "--format", "junit"]));
}

#[test]
fn findings_are_results_for_code_scanning() {
    document("validate.sarif", &faulty().run(&["validate", "teams", "--format", "sarif"]));
}

#[test]
fn missing_manifest_is_an_input_error() {
    story("validate-missing", &Sandbox::new().run(&["validate", "nowhere"]));
}

#[test]
fn manifest_given_twice_is_a_usage_error() {
    story("validate-twice", &Sandbox::new().run(&["validate", "one", "-m", "two"]));
}
