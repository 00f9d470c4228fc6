//! Imports of random tenants: the plan is empty, and a second import changes nothing.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use proptest::prelude::*;
use smol_str::SmolStr;
use tempfile::TempDir;

use super::*;
use crate::adapter::file::state;
use crate::diagnostic::Severity;
use crate::model::{API_VERSION, Account, AccountOrigin, Holding, HoldingOrigin, HoldingState, Plan, Pool, PoolStatus};
use crate::workflow::manifest;
use crate::workflow::plan::{PlanGoal, PlanInputs, make_plan};

const VENDORS: [(&str, &str, &[&str]); 4] = [
    (
        "generic",
        "    exclusive: [[reader, editor, owner], [a b, \"no\"]]\n    floor: reader\n    change: remove-then-assign\n",
        &["reader", "editor", "owner", "a b", "no", "#1: x"],
    ),
    ("avaya-spaces", "", &["essential", "business", "power"]),
    ("8x8", "    pools: { fax: { add_on: true }, X2: { name: \"SKU 2\" } }\n", &["X1", "X2", "X4", "fax"]),
    ("officeseries", "", &["main/timesheet", "main/projects", "branch/timesheet"]),
];

const EMAILS: [&str; 14] = [
    "ana@acme.example",
    "Bo.Poe@ACME.example",
    "cy@acme.example",
    "cy@acme.example",
    "1st@acme.example",
    "o'neil@acme.example",
    "zoë@acme.example",
    "",
    "not an address",
    "group:sales@acme.example",
    "a,b@acme.example",
    "{x}@acme.example",
    "ed#1@acme.example",
    "fay:x@acme.example",
];

fn now() -> Now {
    Now::at("2026-11-21T12:00:00Z".parse::<Timestamp>().unwrap())
}

/// A random state with every unusual kind of holding.
fn observation(random: &mut fastrand::Rng, vendor: &str, licenses: &[&str]) -> Observation {
    let holding = |random: &mut fastrand::Rng| {
        let states = [HoldingState::Pending, HoldingState::Removing, HoldingState::Cancelled, HoldingState::Suspended];
        let origins = [HoldingOrigin::Auto, HoldingOrigin::Derived, HoldingOrigin::Group("CN=Sales, x".into())];
        Holding {
            license: SmolStr::new(licenses[random.usize(..licenses.len())]),
            state: if random.u8(..6) == 0 { states[random.usize(..4)].clone() } else { HoldingState::Active },
            origin: if random.u8(..6) == 0 { origins[random.usize(..3)].clone() } else { HoldingOrigin::Direct },
            trial: random.u8(..12) == 0,
            expires: None,
            due: None,
        }
    };
    let mut accounts = Vec::new();
    for number in 0..random.usize(..14) {
        let mut holdings: Vec<Holding> = Vec::new();
        let most = if random.u8(..5) == 0 { 4 } else { 2 };
        for _ in 0..random.usize(..most) {
            let next = holding(random);
            if !holdings.iter().any(|held| held.license == next.license) {
                holdings.push(next);
            }
        }
        let email = EMAILS[random.usize(..EMAILS.len())];
        accounts.push(Account {
            id: SmolStr::new(if random.bool() { format!("{number}") } else { format!("u {number}: \"x\"") }),
            email: SmolStr::new(if random.bool() { email.to_owned() } else { format!("p{number}@acme.example") }),
            login: (random.u8(..4) == 0).then(|| SmolStr::new(format!("login{}", random.u8(..3)))),
            origin: match random.u8(..8) {
                0 => AccountOrigin::VendorLocal,
                1 => AccountOrigin::Group("CN=All".into()),
                _ => AccountOrigin::Managed,
            },
            memberships: Vec::new(),
            holdings,
        });
    }
    let pools = licenses.iter().map(|license| Pool {
        license: SmolStr::new(license),
        total: random.bool().then(|| random.u64(..6)),
        used: None,
        expires: (random.u8(..5) == 0).then(|| "2026-01-01".parse().unwrap()),
        status: if random.u8(..6) == 0 { PoolStatus::Inactive } else { PoolStatus::Active },
    });
    Observation {
        api_version: API_VERSION.into(),
        kind: "observation".into(),
        tenant: "phones".into(),
        vendor: SmolStr::new(vendor),
        observed_at: now().time,
        complete: true,
        busy: None,
        pools: pools.collect(),
        accounts,
    }
}

struct ImportFixture {
    folder: TempDir,
}

impl ImportFixture {
    fn new(vendor: &str, settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "apiVersion: reseat/v1\ntenants:\n  phones:\n    vendor: {vendor}\n{settings}    adapter: {{ runbook: {{}} }}\n"
        );
        fs::write(folder.path().join("tenants.yaml"), text).unwrap();
        Self { folder }
    }

    fn load(&self) -> Manifest {
        manifest::load(self.folder.path(), None, now()).unwrap_or_else(|problem| panic!("{problem:?}"))
    }

    fn import(&self, observation: &Observation) -> Imported {
        let imported = prepare(&self.load(), observation, None, now()).unwrap_or_else(|problem| panic!("{problem:?}"));
        files::write(&imported.drafts).unwrap();
        imported
    }

    fn plan(&self, observation: &Observation) -> Plan {
        let manifest = self.load();
        let observations = BTreeMap::from([("phones".into(), observation.clone())]);
        let goal = PlanGoal { desired: &manifest.desired, undoes: None };
        let past = crate::model::UsageHistory::default();
        make_plan(&manifest, goal, &observations, &past, &PlanInputs::default(), now()).unwrap()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }
}

fn validated(world: &ImportFixture, mut observation: Observation) -> Option<Observation> {
    let manifest = world.load();
    let (settings, rules) = manifest.tenant("phones").unwrap();
    let (findings, _) = state::validate_file(&mut observation, Path::new(""), settings, rules);
    findings.is_empty().then_some(observation)
}

#[track_caller]
fn assert_no_changes(plan: &Plan, world: &ImportFixture) {
    let errors: Vec<_> = plan.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    let file = world.read("assignments/phones.yaml");
    assert!(plan.operations.is_empty(), "{:#?}\n{file}", plan.operations);
    assert!(errors.is_empty(), "{errors:#?}\n{file}");
    assert!(plan.waiting.is_empty() && plan.held.is_empty(), "{file}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn plan_after_import_is_empty_and_second_import_writes_nothing(seed in any::<u64>()) {
        let mut random = fastrand::Rng::with_seed(seed);
        let (vendor, settings, licenses) = VENDORS[random.usize(..VENDORS.len())];
        let world = ImportFixture::new(vendor, settings);
        let observed = observation(&mut random, vendor, licenses);
        let Some(observed) = validated(&world, observed) else { return Ok(()) };
        world.import(&observed);
        assert_no_changes(&world.plan(&observed), &world);
        let before = world.read("assignments/phones.yaml");
        let again = world.import(&observed);
        prop_assert!(again.drafts.is_empty(), "{:?}", again.report);
        prop_assert_eq!(world.read("assignments/phones.yaml"), before);
    }

    #[test]
    fn later_import_adds_new_people_and_keeps_existing_text(seed in any::<u64>()) {
        let mut random = fastrand::Rng::with_seed(seed);
        let (vendor, settings, licenses) = VENDORS[random.usize(..VENDORS.len())];
        let world = ImportFixture::new(vendor, settings);
        let observed = observation(&mut random, vendor, licenses);
        let Some(observed) = validated(&world, observed) else { return Ok(()) };
        let mut early = observed.clone();
        early.accounts.retain(|_| random.bool());
        world.import(&early);
        assert_no_changes(&world.plan(&early), &world);
        let before = world.read("assignments/phones.yaml");
        world.import(&observed);
        let after = world.read("assignments/phones.yaml");
        for line in before.lines() {
            prop_assert!(after.lines().any(|other| other == line), "{line}\n{after}");
        }
        let again = world.import(&observed);
        prop_assert!(again.drafts.is_empty(), "{:?}", again.report);
    }
}

fn held(id: &str, email: &str, licenses: &[&str]) -> Account {
    let holdings = licenses.iter().map(|license| serde_json::json!({ "license": license })).collect::<Vec<_>>();
    serde_json::from_value(serde_json::json!({ "id": id, "email": email, "holdings": holdings })).unwrap()
}

fn phones(accounts: Vec<Account>) -> Observation {
    Observation { accounts, ..observation(&mut fastrand::Rng::with_seed(0), "8x8", &["X1"]) }
}

#[test]
fn entries_are_sorted_and_comment_on_omissions() {
    let world = ImportFixture::new("8x8", "");
    let mut trial = held("3", "cy@acme.example", &["fax"]);
    trial.holdings[0].origin = HoldingOrigin::Group("Sales".into());
    let observed = phones(vec![
        held("2", "bo@acme.example", &["X4"]),
        held("1", "Ana@acme.example", &["X4"]),
        held("4", "di@acme.example", &["X2"]),
        held("5", "", &["X2"]),
        trial,
    ]);
    let imported = world.import(&observed);
    assert_eq!(
        world.read("assignments/phones.yaml"),
        "# yaml-language-server: $schema=../manifest.schema.json\napiVersion: reseat/v1\n\nassignments:\n  - license: phones/X2\n    to:\n      - 5@phones.invalid\n      - di@acme.example\n  - license: phones/X4\n    to:\n      - ana@acme.example\n      - bo@acme.example\n\npeople:\n  5@phones.invalid: { accounts: { phones: \"5\" } }\n"
    );
    assert!(world.read("manifest.schema.json").starts_with('{'));
    let left_out = &imported.report.left_out;
    assert!(
        left_out
            .iter()
            .any(|left| left.to_line() == "fax: held through the group `Sales`: change the group (cy@acme.example)"),
        "{left_out:?}"
    );
    assert_eq!((imported.report.licenses, imported.report.people), (2, 4));
}

#[test]
fn hand_written_files_are_extended_in_place() {
    let world = ImportFixture::new("8x8", "");
    let own = "apiVersion: reseat/v1\nassignments:\n  - license: phones/X4 # the big one\n    to:\n      - bo@acme.example # boss\n  - license: phones/X2\n    to: [di@acme.example]\n    reason: ADM-1\n";
    fs::write(world.folder.path().join("team.yaml"), own).unwrap();
    let observed = phones(vec![
        held("1", "ana@acme.example", &["X4"]),
        held("2", "bo@acme.example", &["X4"]),
        held("3", "di@acme.example", &["X2"]),
        held("4", "ed@acme.example", &["X2"]),
    ]);
    world.import(&observed);
    assert_eq!(world.read("team.yaml"), own.replace("      - bo", "      - ana@acme.example\n      - bo"));
    // The entry with a reason is not extended: the reason is not that of the new person.
    let new = world.read("assignments/phones.yaml");
    assert!(new.contains("license: phones/X2\n    to:\n      - ed@acme.example\n"), "{new}");
    assert_no_changes(&world.plan(&observed), &world);
}

#[test]
fn conflicting_assignments_are_left_out_and_reported() {
    let world = ImportFixture::new("8x8", "");
    let own = "apiVersion: reseat/v1\nassignments:\n  - license: phones/X4\n    to: [ana@acme.example]\n  - { license: phones/fax, ensure: absent, to: [ana@acme.example] }\n";
    fs::write(world.folder.path().join("team.yaml"), own).unwrap();
    let observed = phones(vec![held("1", "ana@acme.example", &["X2"])]);
    let imported = world.import(&observed);
    assert!(imported.drafts.is_empty());
    assert_eq!(
        imported.report.left_out[0].to_line(),
        "X2: held, but the manifest assigns `X4` instead (ana@acme.example)"
    );
}

#[test]
fn incomplete_state_is_not_imported() {
    let world = ImportFixture::new("8x8", "");
    let observed = Observation { complete: false, ..phones(Vec::new()) };
    let error = prepare(&world.load(), &observed, None, now()).err().unwrap();
    let findings = error.into_findings();
    assert_eq!(findings[0].code, codes::IMPORT_INCOMPLETE.id);
}

#[test]
fn path_outside_the_manifest_is_refused() {
    let world = ImportFixture::new("8x8", "");
    let observed = phones(vec![held("1", "ana@acme.example", &["X2"])]);
    let elsewhere = tempfile::tempdir().unwrap();
    for out in [elsewhere.path().join("x.yaml"), world.folder.path().join(".hidden/x.yaml"), "/x.yaml".into()] {
        let error = prepare(&world.load(), &observed, Some(&out), now()).err().unwrap();
        let findings = error.into_findings();
        assert_eq!(findings[0].code, codes::IMPORT_OUTSIDE_MANIFEST.id, "{}", out.display());
    }
    let inside = world.folder.path().join("a/b/c.yml");
    let imported = prepare(&world.load(), &observed, Some(&inside), now()).unwrap();
    assert!(
        imported
            .report
            .files
            .iter()
            .any(|file| file.text.starts_with("# yaml-language-server: $schema=../../manifest"))
    );
}

#[test]
fn unsupported_file_layout_changes_nothing() {
    let world = ImportFixture::new("8x8", "");
    fs::create_dir(world.folder.path().join("assignments")).unwrap();
    let own = "apiVersion: reseat/v1\nassignments: [{ license: phones/X4, to: [bo@acme.example], reason: x }]\n";
    fs::write(world.folder.path().join("assignments/phones.yaml"), own).unwrap();
    let observed = phones(vec![held("1", "ana@acme.example", &["X2"])]);
    let error = prepare(&world.load(), &observed, None, now()).err().unwrap();
    let findings = error.into_findings();
    assert_eq!(findings[0].code, codes::IMPORT_UNSUPPORTED_FILE.id);
    assert!(findings[0].help.as_ref().unwrap().contains("phones/X2"));
}

#[test]
fn concurrently_changed_file_rolls_back_earlier_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("a.yaml"), "old").unwrap();
    fs::write(path("c.yaml"), "changed").unwrap();
    let draft = |name: &str, old: Option<&str>| FileDraft {
        path: path(name),
        old: old.map(|old| old.as_bytes().to_vec()),
        new: b"new".to_vec(),
    };
    let drafts = [draft("a.yaml", Some("old")), draft("b.yaml", None), draft("c.yaml", Some("old"))];
    assert!(files::write(&drafts).is_err());
    assert_eq!(fs::read_to_string(path("a.yaml")).unwrap(), "old");
    assert!(!path("b.yaml").exists());
    assert_eq!(fs::read_to_string(path("c.yaml")).unwrap(), "changed");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}
