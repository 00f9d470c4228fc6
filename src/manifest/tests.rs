//! Loading of manifests: resolved values, and the location of every fault.

use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::diagnostic::Severity;
use crate::model::{Ensure, Mode};

/// Writes a manifest into a temporary folder.
fn world(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn load_text(text: &str) -> LoadedManifest {
    load(world(&[("reseat.yaml", text)]).path())
}

/// Code, file, line and column of each finding.
fn places(loaded: &LoadedManifest) -> Vec<String> {
    loaded
        .findings
        .iter()
        .map(|finding| match &finding.source {
            Some(at) => format!("{} {}:{}:{}", finding.code, at.file, at.line, at.column),
            None => finding.code.to_string(),
        })
        .collect()
}

/// The keys of everybody who is named for a license.
fn named(loaded: &LoadedManifest, tenant: &str, license: &str) -> Vec<String> {
    let tenant = &loaded.desired.tenants[tenant];
    let mut keys: Vec<_> = tenant
        .claims
        .iter()
        .filter(|claim| tenant.entries[claim.entry as usize].license == license)
        .map(|claim| loaded.desired.people.key(claim.person).to_string())
        .collect();
    keys.sort();
    keys
}

const TENANTS: &str = "apiVersion: reseat/v1
tenants:
  spaces: { vendor: avaya-spaces, adapter: { file: { path: state/spaces.yaml, delay: 10m } } }
  phones:
    vendor: 8x8
    adapter: { api: { base_url: https://api.8x8.com/admin-provisioning, key: { env: EIGHTXEIGHT_API_KEY } } }
    manage: add-only
    pools:
      X4: { name: X4-SKU-US, total: 40, reserve: 2, expires: 2027-03-01, cost: { amount: \"44.00\", currency: USD, per: month } }
      X2: { total: 100, manage: observe }
  office: { vendor: officeseries, adapter: { runbook: { export: exports/office.csv } } }
  tool: { vendor: generic, exclusive: [[reader, editor]], change: atomic, floor: reader, loses: [drafts], adapter: { exec: { command: [./tool, a] } } }
";

#[test]
fn every_section_is_read() {
    let text = format!(
        "{TENANTS}
people:
  ana@acme.example: {{ attributes: {{ department: Sales, level: 3 }}, aliases: [ana.poe@acme.example], accounts: {{ phones: apoe }} }}
  di@acme.example: {{ attributes: {{ department: Sales, country: DE }} }}
  ed@acme.example: {{}}
groups:
  sales: {{ members: [ana@acme.example, bo@acme.example] }}
  field: {{ where: 'person.department == \"Sales\" && person.country == \"DE\"', except: [cy@acme.example] }}
  all: {{ members: [group:sales, group:field] }}
assignments:
  - license: phones/X4
    to: [Ana.Poe@acme.example, group:sales]
    except: [bo@acme.example]
    reason: ADM-118
    priority: 10
    starts: 2026-12-01
    expires: 2027-01-31
    alternatives: [phones/X2]
  - license: spaces/power
    to: []
  - license: office/main/timesheet
    ensure: absent
    to: [group:all]
acknowledgements:
  - {{ tenant: phones, people: [bo@acme.example], note: exported, until: 2026-12-31 }}
policy:
  limits: {{ losses: {{ percent: null, count: 5, window: {{ days: 7, count: 10 }} }} }}
  data_loss: warn
  expiring: {{ days: 10, level: warn }}
waivers:
  - {{ rule: losses, license: phones/X4, count: 120, owner: it@acme.example, reason: ADM-130, until: 2026-12-15 }}
"
    );
    let loaded = load_text(&text);
    assert_eq!(loaded.findings, []);
    assert_eq!(named(&loaded, "phones", "X4"), ["ana@acme.example"]);
    assert_eq!(named(&loaded, "office", "main/timesheet"), ["ana@acme.example", "bo@acme.example", "di@acme.example"]);
    assert_eq!(loaded.desired.tenants["spaces"].entries[0].license, "power");
    assert_eq!(loaded.desired.tenants["office"].entries[0].ensure, Ensure::Absent);
    let phones = &loaded.desired.tenants["phones"];
    assert_eq!(phones.settings.mode_for("X2"), Mode::Observe);
    assert_eq!(phones.entries[0].alternatives, ["X2"]);
    assert_eq!(phones.entries[0].priority, 10);
    assert_eq!(loaded.desired.people.by_handle("phones", "apoe"), loaded.desired.people.find("ana@acme.example"));
    assert_eq!(loaded.policy.waivers[0].count, Some(120));
    assert_eq!(loaded.desired.acknowledgements[0].people.len(), 1);
}

#[test]
fn one_run_reports_every_fault_at_its_location() {
    let loaded = load_text(
        "apiVersion: reseat/v1
tenants:
  phones: { vendor: 8x8, adapter: { file: { path: ../state.yaml } } }
  spaces: { vendor: avaya-spaces, adapter: { api: { base_url: https://a:b@c.example, key: hunter2 } }, mange: full }
assignments:
  - license: phone/X4
    to: [ana, group:nobody, 12]
  - licence: phones/X4
    to: []
  - license: phones/X4
    to:
    starts: 2026-13-40
    priority: high
",
    );
    assert_eq!(
        places(&loaded),
        [
            "M201 reseat.yaml:3:51",
            "M112 reseat.yaml:4:63",
            "M105 reseat.yaml:4:91",
            "M101 reseat.yaml:4:104",
            "R101 reseat.yaml:6:14",
            "M109 reseat.yaml:7:10",
            "R102 reseat.yaml:7:15",
            "M103 reseat.yaml:7:29",
            "M101 reseat.yaml:8:5",
            "M102 reseat.yaml:8:5",
            "M103 reseat.yaml:11:7",
            "M107 reseat.yaml:12:13",
            "M103 reseat.yaml:13:15",
        ]
    );
    assert!(loaded.findings.iter().all(|finding| finding.severity == Severity::Error));
    assert!(loaded.findings.iter().all(|finding| !format!("{finding:?}").contains("hunter2")));
}

#[test]
fn files_are_merged_and_a_duplicate_key_shows_both_locations() {
    let folder = world(&[
        ("a.yaml", "apiVersion: reseat/v1\ngroups:\n  sales: { members: [a@x.example] }\n"),
        ("b/c.yml", "apiVersion: reseat/v1\ngroups:\n  sales: { members: [b@x.example] }\n"),
        (".hidden/d.yaml", "no manifest: ["),
        ("empty.yaml", "# nothing\n"),
        ("state.yaml", "apiVersion: reseat/v1\nkind: observation\ntenant: a\n"),
        ("readme.md", "no manifest: ["),
    ]);
    let loaded = load(folder.path());
    assert_eq!(places(&loaded), ["M004 b/c.yml:3:3"]);
    let first = loaded.findings[0].related[0].source.as_ref().unwrap();
    assert_eq!((&*first.file, first.line, first.column), ("a.yaml", 3, 3));
}

#[test]
fn long_lists_resolve_equally_with_and_without_the_fast_path() {
    let mut text = String::from(
        "apiVersion: reseat/v1\r\ntenants: { a: { vendor: generic, adapter: { runbook: {} } } }\r\nassignments:\r\n  - license: a/x\r\n    to:\r\n",
    );
    for number in 0..100 {
        text += &format!("      - User{number}@acme.example\r\n");
    }
    text += "      - group:nobody\r\n";
    let loaded = load_text(&text);
    assert_eq!(places(&loaded), ["R102 reseat.yaml:106:9"]);
    let quoted = load_text(&text.replace("- User", "- \"User").replace("example\r", "example\"\r"));
    assert_eq!(places(&quoted), places(&loaded));
    let tenant = &loaded.desired.tenants["a"];
    assert_eq!(tenant.claims.len(), 100);
    for (plain, quoted) in tenant.claims.iter().zip(&quoted.desired.tenants["a"].claims) {
        assert_eq!((plain.source.line, plain.source.column), (quoted.source.line, quoted.source.column));
        assert_eq!(plain.person, quoted.person);
    }
    assert_eq!(tenant.claims[99].source.line, 105);
    assert_eq!(tenant.claims[99].source.column, 9);
}

#[test]
fn list_items_in_a_block_text_are_ignored() {
    let lines: String = (0..20).map(|number| format!("      - user{number}@acme.example\n")).collect();
    let pad = "# ".to_owned() + &"x".repeat(600) + "\n";
    let loaded = load_text(&format!(
        "{pad}apiVersion: reseat/v1\ntenants: {{ a: {{ vendor: generic, adapter: {{ runbook: {{}} }} }} }}\nassignments:\n  - license: a/x\n    to: []\n    reason: |\n{lines}"
    ));
    assert_eq!(loaded.findings, []);
    assert_eq!(loaded.desired.people.len(), 0);
    assert!(loaded.desired.tenants["a"].entries[0].reason.as_ref().unwrap().contains("user19@"));
}

#[test]
fn digest_covers_names_and_contents_but_not_state_files() {
    let text = "apiVersion: reseat/v1\n";
    let one = load(world(&[("a.yaml", text)]).path()).digest;
    assert_eq!(one, load(world(&[("a.yaml", text), ("s.yaml", "kind: observation\n")]).path()).digest);
    assert_ne!(one, load(world(&[("b.yaml", text)]).path()).digest);
    assert_ne!(one, load(world(&[("a.yaml", "apiVersion: reseat/v1 # x\n")]).path()).digest);
}

#[test]
fn missing_path_is_one_finding() {
    assert_eq!(places(&load(Path::new("/nonexistent/manifest"))), ["M001"]);
    assert_eq!(places(&load(world(&[]).path())), ["M001"]);
}

#[test]
fn protected_people_are_found_by_all_their_names() {
    let loaded = load_text(
        "apiVersion: reseat/v1
tenants: { wiki: { vendor: generic, adapter: { runbook: {} } } }
people: { ceo@acme.example: { aliases: [chief@acme.example], accounts: { wiki: u-1 } } }
groups: { board: { members: [Chief@acme.example] } }
policy: { protect: [group:board, cfo@acme.example] }
",
    );
    assert_eq!(places(&loaded), Vec::<String>::new());
    let protect = loaded.policy.protect;
    assert_eq!(Vec::from_iter(protect.keys()), ["ceo@acme.example", "cfo@acme.example"]);
    assert_eq!(protect.find_by_own_name("chief@acme.example").unwrap(), "ceo@acme.example");
    let nobody = load_text("apiVersion: reseat/v1\npolicy: { protect: [group:bord] }\n");
    assert_eq!(places(&nobody), ["R102 reseat.yaml:2:21"]);
}

#[test]
fn too_many_alternatives_are_rejected() {
    let entry = |count: usize| {
        let others: Vec<String> = (0..count).map(|number| format!("wiki/l{number}")).collect();
        format!(
            "apiVersion: reseat/v1\ntenants:\n  wiki: {{ vendor: generic, adapter: {{ runbook: {{}} }} }}\nassignments:\n  \
             - {{ to: [ana@a.example], license: wiki/own, alternatives: [{}] }}\n",
            others.join(", ")
        )
    };
    assert_eq!(places(&load_text(&entry(100))), [""; 0]);
    let found = places(&load_text(&entry(101)));
    assert!(matches!(found.as_slice(), [one] if one.starts_with("M005 reseat.yaml:5:")), "{found:?}");
}
