//! `codeowners`, and `validate` when the file is outdated.

use crate::story;
use crate::support::{Output, Sandbox};

const TENANTS: &str = "\
apiVersion: reseat/v1
tenants:
  phones: { vendor: 8x8, adapter: { file: { path: state/phones.yaml } } }
  wiki: { vendor: generic, adapter: { file: { path: state/wiki.yaml } } }
owners:
  - { paths: [people.csv, /.github/], owners: [\"@acme/it\"] }
  - { tenants: [phones], owners: [\"@acme/voice\"] }
  - { licenses: [phones/X4], owners: [cfo@acme.example] }
";

fn repository() -> Sandbox {
    let entry = |license: &str| format!("apiVersion: reseat/v1\nassignments: [{{ license: {license}, to: [] }}]\n");
    Sandbox::new()
        .write("licenses/tenants.yaml", TENANTS)
        .write("licenses/phones/small.yaml", entry("phones/X2"))
        .write("licenses/phones/large.yaml", entry("phones/X4"))
        .write("licenses/wiki.yaml", entry("wiki/editor"))
        .write(".git/HEAD", "ref: refs/heads/main\n")
        .write(".github/CODEOWNERS", "* @acme/all\n")
}

fn validate(sandbox: &Sandbox) -> Output {
    sandbox.run(&["validate", "licenses"])
}

#[test]
fn owners_of_tenants_and_licenses_own_the_files_that_name_them() {
    story("codeowners", &repository().run(&["codeowners", "licenses"]));
}

#[test]
fn section_is_written_between_markers_and_is_current() {
    let sandbox = repository();
    story("codeowners-stale", &validate(&sandbox));
    let written = sandbox.run(&["codeowners", "licenses", "--write"]);
    assert_eq!((written.status, written.stderr.as_str()), (0, "wrote [SANDBOX]/.github/CODEOWNERS\n"));
    assert!(sandbox.read(".github/CODEOWNERS").starts_with("* @acme/all\n# reseat begin"));
    assert_eq!(validate(&sandbox).status, 0);
    assert_eq!(sandbox.run(&["codeowners", "licenses", "--write"]).stderr, "", "nothing changes twice");
    // A new file in an owned folder has no owner yet.
    let text = sandbox.read("licenses/phones/large.yaml");
    let sandbox = sandbox.write("licenses/more.yaml", text);
    assert_eq!(validate(&sandbox).status, 3);
}

#[test]
fn line_after_the_section_is_reported() {
    let sandbox = repository();
    assert_eq!(sandbox.run(&["codeowners", "licenses", "--write"]).status, 0);
    let text = sandbox.read(".github/CODEOWNERS");
    let harmless = sandbox.write(".github/CODEOWNERS", format!("{text}\n# the end\n"));
    assert_eq!(validate(&harmless).status, 0);
    let sandbox = harmless.write(".github/CODEOWNERS", format!("{text}* @stranger\n"));
    let output = validate(&sandbox);
    assert_eq!(output.status, 3);
    assert!(output.stdout.contains("overrides it"), "{}", output.stdout);
}

#[test]
fn every_codeowners_location_is_checked() {
    let sandbox = repository();
    assert_eq!(sandbox.run(&["codeowners", "licenses", "--write"]).status, 0);
    let sandbox = sandbox.write("docs/CODEOWNERS", "* @stranger\n");
    assert_eq!(validate(&sandbox).status, 3);
    // After `owners` is deleted, the generated section is obsolete.
    let sandbox = repository();
    assert_eq!(sandbox.run(&["codeowners", "licenses", "--write"]).status, 0);
    let without = TENANTS.split("owners:").next().unwrap_or_default().to_owned();
    assert_eq!(validate(&sandbox.write("licenses/tenants.yaml", without)).status, 3);
}

#[test]
fn file_name_with_pattern_characters_is_refused() {
    let text = "apiVersion: reseat/v1\nassignments: [{ license: phones/X4, to: [] }]\n";
    for name in ["licenses/phones/*.yaml", "licenses/a b.yaml", "licenses/x\n* @stranger.yaml"] {
        let sandbox = repository().write(name, text);
        for arguments in
            [&["codeowners", "licenses"][..], &["codeowners", "licenses", "--write"], &["validate", "licenses"]]
        {
            let output = sandbox.run(arguments);
            assert_eq!(output.status, 3, "{}", output.render());
            assert!(!output.stdout.contains("\n* @stranger"), "{}", output.render());
        }
        assert_eq!(sandbox.read(".github/CODEOWNERS"), "* @acme/all\n");
    }
}

#[cfg(unix)]
#[test]
fn symlinks_are_not_followed() {
    use std::os::unix::fs::symlink;
    let outside = Sandbox::new().write("CODEOWNERS", "secret\n");
    let sandbox = repository();
    std::fs::remove_dir_all(sandbox.path().join(".github")).expect("the folder goes");
    symlink(outside.path(), sandbox.path().join(".github")).expect("a link");
    let output = sandbox.run(&["codeowners", "licenses", "--write"]);
    assert_eq!(output.status, 1, "{}", output.render());
    symlink(outside.path().join("CODEOWNERS"), sandbox.path().join("CODEOWNERS")).expect("a link");
    let output = validate(&sandbox);
    assert_eq!(output.status, 3);
    assert!(!output.render().contains("secret"), "{}", output.render());
    assert_eq!(outside.read("CODEOWNERS"), "secret\n");
}

#[test]
fn manifest_without_owners_needs_no_codeowners() {
    let sandbox = Sandbox::new().copy_example("quickstart").write("CODEOWNERS", "* @acme/all\n");
    assert_eq!(sandbox.run(&["validate", "quickstart"]).status, 0);
    assert_eq!(sandbox.run(&["codeowners", "quickstart"]).status, 3);
}
