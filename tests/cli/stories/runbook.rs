//! Manual steps: previews, handover, verification by a later export, and conflicts.

use crate::support::{Output, Sandbox, check};

/// A tenant whose console assigns one license to many people at once.
const SPACES: &str = "apiVersion: reseat/v1
tenants:
  spaces:
    vendor: avaya-spaces
    adapter: { runbook: { export: exports/spaces.csv } }
    pools: { business: { total: 3 }, power: { total: 2 } }
assignments:
  - license: spaces/power
    to: [bo@acme.example, cy@acme.example]
  - license: spaces/business
    to: [ana@acme.example, di@acme.example]
policy: { limits: { losses: null } }
";

/// The initial holders: power is full, and a seat must be freed before anyone gets one.
const BEFORE: [(&str, &str); 5] =
    [("ana", "Power"), ("bo", "Business"), ("cy", "Business"), ("di", "Essential"), ("ed", "Power")];

fn export(people: &[(&str, &str)]) -> String {
    let rows = people.iter().map(|(name, license)| format!("{name}@acme.example;{license};ACTIVE\n"));
    format!("E-Mail;License Type;Status\n{}", rows.collect::<String>())
}

fn spaces() -> Sandbox {
    Sandbox::new().write("m/manifest.yaml", SPACES).write("m/exports/spaces.csv", export(&BEFORE))
}

/// The same sandbox with a new export.
fn exported(sandbox: Sandbox, people: &[(&str, &str)]) -> Sandbox {
    sandbox.write("m/exports/spaces.csv", export(people))
}

fn apply(sandbox: &Sandbox, more: &[&str]) -> Output {
    let arguments: Vec<&str> = ["apply", "m", "--yes"].iter().chain(more).copied().collect();
    sandbox.run(&arguments)
}

/// Returns the outcomes of a run in the order of the plan.
fn outcomes(output: &Output) -> Vec<String> {
    let run: serde_json::Value = serde_json::from_str(&output.stdout).unwrap_or_default();
    let outcome = |one: &serde_json::Value| one["outcome"].as_str().map(str::to_owned);
    run["outcomes"].as_array().into_iter().flatten().filter_map(outcome).collect()
}

const PHONES: &str = "apiVersion: reseat/v1
tenants:
  phones:
    vendor: 8x8
    release_seats: true
    adapter: { runbook: { export: phones.csv } }
    pools: { X2: { name: X2-SKU-US, total: 3 }, X4: { name: X4-SKU-US, total: 2 }, fax: { total: 9, add_on: true } }
assignments:
  - license: phones/X4
    to: [ana@acme.example, cy@acme.example]
  - license: phones/X2
    to: [bo@acme.example]
  - license: phones/fax
    to: [cy@acme.example]
acknowledgements:
  - { tenant: phones, people: [ana@acme.example, bo@acme.example], note: 'voicemail exported, ADM-121' }
policy: { data_loss: warn, limits: { losses: null } }
";
const PHONES_LIST: &str = "User ID,Email,License,Ring groups
u-1,ana@acme.example,X2-SKU-US,\"sales, night\"
u-2,bo@acme.example,X4-SKU-US,
u-3,cy@acme.example,,
u-4,di@acme.example,X2-SKU-US,
";

const OFFICE: &str = "apiVersion: reseat/v1
tenants:
  office:
    vendor: officeseries
    adapter: { runbook: { export: office.csv } }
    pools: { main/timesheet: { total: 2 }, main/projects: { total: 5 }, lab/timesheet: { total: 1 } }
assignments:
  - { license: office/main/timesheet, to: [ana@acme.example, cy@acme.example] }
  - { license: office/main/projects, to: [ana@acme.example, bo@acme.example] }
  - { license: office/lab/timesheet, to: [ana@acme.example] }
policy: { limits: { losses: null } }
";
const OFFICE_LIST: &str = "Email,Subscription,Products
ana@acme.example,main,timesheet
bo@acme.example,main,timesheet; projects
bo@acme.example,lab,timesheet
cy@acme.example,main,projects
";

/// Masks the digits of digests, which depend on the version.
fn masked(text: &str) -> String {
    let mut pieces = text.split("sha256:");
    let mut masked = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_hexdigit).count();
        masked.push_str(&format!("sha256:{}{}", "x".repeat(12), &piece[digits..]));
    }
    masked
}

#[test]
fn any_plan_renders_as_a_runbook() {
    for (name, manifest, file, list) in [
        ("spaces", SPACES, "exports/spaces.csv", &*export(&BEFORE)),
        ("phones", PHONES, "phones.csv", PHONES_LIST),
        ("office", OFFICE, "office.csv", OFFICE_LIST),
    ] {
        let sandbox = Sandbox::new().write("m/manifest.yaml", manifest).write(&format!("m/{file}"), list);
        let output = sandbox.run(&["plan", "m", "--out", "plan.json", "--format", "runbook"]);
        assert_eq!(output.status, 0, "{}", output.render());
        check(&format!("tests/cli/golden/runbook-{name}.md"), &masked(&output.stdout));
        let shown = sandbox.run(&["show", "plan.json", "-m", "m", "--format", "runbook"]);
        assert_eq!(shown.stdout, output.stdout);
    }
    let output = spaces().run(&["validate", "m", "--format", "runbook"]);
    assert_eq!(output.status, 2, "{}", output.render());
}

#[test]
fn later_exports_verify_handed_over_steps() {
    let sandbox = spaces();
    let output = apply(&sandbox, &[]);
    check("tests/cli/golden/runbook-apply.txt", &masked(&output.render()));
    assert_eq!(output.status, 7);
    let runbook = sandbox.read("runbook-spaces.md");
    assert!(runbook.contains("by `run-") && runbook.contains("- [ ] "), "{runbook}");
    // The export has not changed: reseat asks for no step twice, and keeps the document with its check marks.
    let output = apply(&sandbox, &[]);
    check("tests/cli/golden/runbook-again.txt", &masked(&output.render()));
    assert_eq!(output.status, 7);
    assert_eq!(sandbox.read("runbook-spaces.md"), runbook);
    // Some of the steps are done.
    let sandbox = exported(
        sandbox,
        &[("ana", "Power"), ("bo", "Business"), ("cy", "Business"), ("di", "Business"), ("ed", "Essential")],
    );
    let output = sandbox.run(&["resume", "-m", "m"]);
    check("tests/cli/golden/runbook-partly.txt", &masked(&output.render()));
    assert_eq!(output.status, 7);
    let sandbox = exported(
        sandbox,
        &[("ana", "Business"), ("bo", "Power"), ("cy", "Power"), ("di", "Business"), ("ed", "Essential")],
    );
    let output = apply(&sandbox, &[]);
    check("tests/cli/golden/runbook-settled.txt", &masked(&output.render()));
    assert_eq!(output.status, 0);
    let output = sandbox.run(&["plan", "m", "--detailed-exitcode"]);
    assert_eq!(output.status, 0, "{}", output.render());
}

#[test]
fn second_plan_is_not_handed_over_before_the_first_is_done() {
    let sandbox = spaces();
    assert_eq!(apply(&sandbox, &[]).status, 7);
    let changed = SPACES.replace("[ana@acme.example, di@acme.example]", "[ana@acme.example]");
    let sandbox = sandbox.write("m/manifest.yaml", changed);
    let output = apply(&sandbox, &[]);
    check("tests/cli/golden/runbook-in-the-way.txt", &masked(&output.render()));
    assert_eq!(output.status, 7);
    // With `--runbook FILE`, a second document is written.
    let output = apply(&sandbox, &["--runbook", "other.md"]);
    assert_eq!(output.status, 7, "{}", output.render());
    assert!(sandbox.read("other.md").contains("# Avaya Spaces"));
    // reseat never overwrites the first one; after it is done, the export differs.
    let sandbox = exported(
        sandbox,
        &[("ana", "Business"), ("bo", "Power"), ("cy", "Business"), ("di", "Essential"), ("ed", "Essential")],
    );
    let output = apply(&sandbox, &[]);
    assert_eq!(output.status, 7, "{}", output.render());
    assert!(output.stderr.contains("next:"), "{}", output.render());
}

#[test]
fn existing_runbook_is_not_overwritten() {
    let sandbox = spaces().write("notes.md", "# Notes\n").write("runbook-spaces.md", "# My own notes\n");
    let output = apply(&sandbox, &["--runbook", "notes.md"]);
    check("tests/cli/golden/runbook-not-over.txt", &masked(&output.render()));
    assert_eq!((output.status, &*sandbox.read("notes.md")), (3, "# Notes\n"));
    let output = apply(&sandbox, &[]);
    assert_eq!(output.status, 7, "{}", output.render());
    assert_eq!(sandbox.read("runbook-spaces.md"), "# My own notes\n");
    let names = sandbox.shell("ls runbook-spaces-*.md").stdout;
    assert_eq!(names.lines().count(), 1, "{names}");
}

#[test]
fn changed_people_and_their_dependents_are_left_out() {
    let sandbox = spaces();
    assert_eq!(sandbox.run(&["plan", "m", "--out", "plan.json"]).status, 0);
    // Another administrator assigned Ed a license whose seat the others need.
    let sandbox = exported(
        sandbox,
        &[("ana", "Power"), ("bo", "Business"), ("cy", "Business"), ("di", "Essential"), ("ed", "Business")],
    );
    let output = sandbox.run(&["apply", "plan.json", "-m", "m", "--format", "json"]);
    assert_eq!(output.status, 6, "{}", output.render());
    let outcomes = outcomes(&output);
    assert!(outcomes.contains(&"skipped".to_owned()), "{outcomes:?}");
    let runbook = sandbox.shell("cat runbook-spaces.md 2>/dev/null || true").stdout;
    assert!(!runbook.contains("`ed@acme.example`"), "{runbook}");
}

#[test]
fn manual_run_is_undone_manually() {
    let sandbox = spaces();
    assert_eq!(apply(&sandbox, &[]).status, 7);
    let after = [("ana", "Business"), ("bo", "Power"), ("cy", "Power"), ("di", "Business"), ("ed", "Essential")];
    let sandbox = exported(sandbox, &after);
    assert_eq!(apply(&sandbox, &[]).status, 0);
    let history: serde_json::Value =
        serde_json::from_str(&sandbox.run(&["history", "-m", "m", "--format", "json"]).stdout).unwrap();
    let first = history.as_array().or_else(|| history["runs"].as_array()).unwrap().last().unwrap()["run"].clone();
    let output = sandbox.run(&["undo", first.as_str().unwrap(), "-m", "m", "--yes"]);
    assert_eq!(output.status, 7, "{}", output.render());
    let output = sandbox.shell("cat runbook-spaces-*.md");
    assert!(output.stdout.contains("`ana@acme.example`: from **Business**"), "{}", output.render());
}

#[test]
fn invalid_export_is_reported_with_location_and_reason() {
    let shown = |export: &str| {
        let sandbox = Sandbox::new().write("m/manifest.yaml", SPACES).write("m/exports/spaces.csv", export);
        let output = sandbox.run(&["plan", "m"]);
        assert_eq!(output.status, 3, "{}", output.render());
        output.render()
    };
    check("tests/cli/golden/runbook-A302.txt", &shown("E-Mail;License\nana@acme.example;\"Pow"));
    check("tests/cli/golden/runbook-A303.txt", &shown("Name;Plan\nana@acme.example;Power\n"));
    check("tests/cli/golden/runbook-A304.txt", &shown("E-Mail;License\nana;Power\n"));
    let sandbox = Sandbox::new().write("m/manifest.yaml", SPACES.replace("export: exports/spaces.csv", ""));
    let output = sandbox.run(&["plan", "m"]);
    assert_eq!(output.status, 3);
    check("tests/cli/golden/runbook-A301.txt", &output.render());
    let output = spaces().shell("rm m/exports/spaces.csv; reseat plan m");
    assert_ne!(output.status, 0);
    check("tests/cli/golden/runbook-missing.txt", &output.render());
}

#[test]
fn runbook_needs_a_manual_tenant() {
    let sandbox = Sandbox::new().copy_example("avaya-spaces");
    let output = sandbox.run(&["apply", "avaya-spaces", "--yes", "--runbook", "x.md"]);
    assert_eq!(output.status, 2, "{}", output.render());
    let output = sandbox.run(&["plan", "avaya-spaces", "--format", "runbook"]);
    assert!(output.stdout.contains("## Visit 1 of"), "{}", output.render());
}
