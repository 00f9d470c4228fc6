//! `validate`: findings of valid and invalid manifests.

use crate::support::Sandbox;
use crate::{document, story};

#[test]
fn valid_manifest_is_summarized_in_one_line() {
    story("validate-good", &Sandbox::new().copy_example("quickstart").run(&["validate", "quickstart"]));
}

#[test]
fn every_error_is_shown_with_its_line() {
    let sandbox = Sandbox::new().write(
        "teams/sales.yaml",
        "apiVersion: reseat/v1\nassignments:\n  - lisence: phones/X4\n    to: [ana@acme.example, nobody]\n",
    );
    story("validate-bad", &sandbox.run(&["validate", "teams"]));
}

#[test]
fn findings_are_printed_as_json() {
    let sandbox = Sandbox::new().write("a.yaml", "apiVersion: reseat/v1\nasignments: []\n");
    story("validate-json", &sandbox.run(&["validate", "--format", "json"]));
}

/// A finding with one location, one with two, a warning, and text that imitates markup.
fn faulty() -> Sandbox {
    let text = "apiVersion: reseat/v1\n\
        tenants: { wiki: { vendor: generic, adapter: { runbook: {} } } }\n\
        groups: { unused: { members: ['a@acme.example'] } }\n\
        assignments:\n  - { lisence: wiki/x, to: [] }\n  - { license: '[x](https://evil.example)::%0A{0}', to: [] }\n";
    let twice = "apiVersion: reseat/v1\ngroups: { unused: { members: [] } }\n";
    Sandbox::new().write("teams/a b,c.yaml", text).write("teams/second.yaml", twice)
}

#[test]
fn findings_render_as_github_annotations() {
    story("validate-github", &faulty().run(&["validate", "teams", "--format", "github"]));
}

#[test]
fn findings_render_as_junit() {
    story("validate-junit", &faulty().run(&["validate", "teams", "--format", "junit"]));
}

#[test]
fn findings_render_as_sarif() {
    document("validate.sarif", &faulty().run(&["validate", "teams", "--format", "sarif"]));
}

#[test]
fn missing_manifest_is_an_input_error() {
    story("validate-missing", &Sandbox::new().run(&["validate", "nowhere"]));
}

#[test]
fn two_manifests_are_a_usage_error() {
    story("validate-twice", &Sandbox::new().run(&["validate", "one", "-m", "two"]));
}
