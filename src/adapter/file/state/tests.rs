//! State files: reading in both encodings, validation, and writing in the same encoding.

use std::path::PathBuf;

use jiff::Timestamp;

use super::*;
use crate::diagnostic::{FileId, Location};
use crate::model::{AdapterSettings, HoldingState, Mode, PoolSettings, RunbookSettings};

/// A tenant of the generic vendor.
pub(crate) fn settings(tenant: &str) -> TenantSettings {
    TenantSettings {
        name: tenant.into(),
        vendor: "generic".into(),
        mode: Mode::Full,
        concurrency: None,
        rates: Vec::new(),
        own_account: None,
        release_seats: false,
        pools: std::collections::BTreeMap::new(),
        exclusive: Vec::new(),
        change: None,
        floor: None,
        loses: Vec::new(),
        adapter: AdapterSettings::Runbook(RunbookSettings::default()),
        source: Location { file: FileId(0), line: 1, column: 1, length: 0 },
    }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

fn open_for(path: &Path, settings: &TenantSettings) -> Result<StateFile, Vec<Finding>> {
    open(path, settings, &Rules::resolve(settings).unwrap())
}

/// Code, line and column of every finding.
fn faults(name: &str, text: &str) -> Vec<(String, u32, u32)> {
    let folder = Folder::new();
    let findings = open_for(&folder.file(name, text), &settings("wiki")).unwrap_err();
    findings
        .into_iter()
        .map(|finding| {
            let source = finding.source.unwrap();
            (finding.code.to_string(), source.line, source.column)
        })
        .collect()
}

fn fault(name: &str, text: &str) -> (String, u32, u32) {
    let mut all = faults(name, text);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn at(code: &str, line: u32, column: u32) -> (String, u32, u32) {
    (code.to_owned(), line, column)
}

const HEAD: &str = "apiVersion: reseat/v1\nkind: observation\ntenant: wiki\nvendor: generic\nobserved_at: 2026-11-21T10:00:00Z\ncomplete: true\n";
const JSON: &str = r#"{"apiVersion":"reseat/v1","kind":"observation","tenant":"wiki","vendor":"generic","observed_at":"2026-11-21T10:00:00Z","complete":true,"busy":null,"pools":[{"license":"editor","total":2,"status":"active"}],"accounts":[{"id":"u-1","email":"Ana@acme.example","login":"12","origin":"managed","memberships":["yes"],"holdings":[{"license":"editor","state":"pending","origin":"group:no","trial":true,"expires":"2027-03-01","due":"2026-11-22T00:00:00Z"}]}]}"#;

#[test]
fn json_and_yaml_round_trip() {
    let folder = Folder::new();
    let read = open_for(&folder.file("a.json", JSON), &settings("wiki")).unwrap();
    assert_eq!(read.encoding, StateFileEncoding::Json { pretty: false });
    let moment = read.observation.observed_at;
    for form in [
        StateFileEncoding::Json { pretty: false },
        StateFileEncoding::Json { pretty: true },
        StateFileEncoding::Yaml { header: "# kept by reseat\n".to_owned() },
    ] {
        let text = encode(&read.observation, moment, &form, &read.spelling).unwrap();
        let again = open_for(&folder.file("b", std::str::from_utf8(&text).unwrap()), &settings("wiki")).unwrap();
        assert_eq!((&again.observation, &again.encoding), (&read.observation, &form));
        assert_eq!(encode(&again.observation, moment, &again.encoding, &again.spelling).unwrap(), text);
    }
    let compact = encode(&read.observation, moment, &read.encoding, &read.spelling).unwrap();
    assert_eq!(std::str::from_utf8(&compact).unwrap().trim_end(), JSON);
}

#[test]
fn unusual_texts_round_trip_through_yaml() {
    let folder = Folder::new();
    let mut read = open_for(&folder.file("a.json", JSON), &settings("wiki")).unwrap();
    let template = read.observation.accounts[0].clone();
    let odd = [
        "no",
        "~",
        "null",
        "true",
        "1.10",
        "012",
        "0x1F",
        "0o17",
        "1e3",
        "1_000",
        ".inf",
        ".nan",
        "-",
        "- a",
        "a: b",
        "a #b",
        "#",
        "'",
        "\"",
        "2026-11-21",
        "12:30:45",
        "+1",
        "=",
        "<<",
        "!x",
        "&x",
        "*x",
        "?",
        "@x",
        "`x",
        "%x",
        "|",
        ">",
        " a",
        "a ",
        "a\nb",
        "\u{1f}",
        "\u{85}",
        "\u{2028}",
        "\u{202e}yl",
        "\u{1b}[2J",
        "é",
        "𝄞",
        "{",
        "[",
        ",",
        "---",
        "...",
    ];
    let mut lost = Vec::new();
    for text in odd {
        read.observation.accounts[0] = crate::model::Account { login: Some(text.into()), ..template.clone() };
        let form = StateFileEncoding::Yaml { header: String::new() };
        let bytes = encode(&read.observation, read.observation.observed_at, &form, &read.spelling).unwrap();
        let path = folder.file("b.yaml", std::str::from_utf8(&bytes).unwrap());
        if open_for(&path, &settings("wiki")).ok().is_none_or(|again| again.observation != read.observation) {
            lost.push(text);
        }
    }
    assert_eq!(lost, [""; 0]);
}

#[test]
fn yaml_escapes_control_and_bidirectional_characters() {
    let folder = Folder::new();
    let mut read = open_for(&folder.file("a.json", JSON), &settings("wiki")).unwrap();
    read.observation.accounts[0].login = Some("a\u{202e}\u{2067}\u{61c}\u{1b}\u{9b}b".into());
    let form = StateFileEncoding::Yaml { header: String::new() };
    let bytes = encode(&read.observation, read.observation.observed_at, &form, &read.spelling).unwrap();
    let text = std::str::from_utf8(&bytes).unwrap();
    assert!(text.contains(r#""a\u202e\u2067\u061c\u001b\u009bb""#), "{text}");
}

#[test]
fn vendor_names_are_translated_and_restored() {
    let folder = Folder::new();
    let mut settings = settings("wiki");
    for (ours, theirs) in [("X4", "X4-SKU-US"), ("X2", "X2-SKU-US")] {
        settings.pools.insert(ours.into(), PoolSettings { name: Some(theirs.into()), ..PoolSettings::default() });
    }
    let text = format!(
        "{HEAD}pools:\n- license: X4-SKU-US\naccounts:\n- id: a\n  email: a@x\n  holdings:\n  - license: X4-SKU-US\n  - license: X2\n"
    );
    let file = open_for(&folder.file("a.yaml", &text), &settings).unwrap();
    let names = |observation: &Observation| -> Vec<String> {
        let holdings = observation.accounts[0].holdings.iter().map(|holding| holding.license.to_string());
        observation.pools.iter().map(|pool| pool.license.to_string()).chain(holdings).collect()
    };
    assert_eq!(names(&file.observation), ["X4", "X4", "X2"]);
    let bytes = encode(&file.observation, Timestamp::UNIX_EPOCH, &file.encoding, &file.spelling).unwrap();
    let raw = read_any(&folder.file("b.yaml", std::str::from_utf8(&bytes).unwrap())).unwrap();
    assert_eq!(names(&raw), ["X4-SKU-US", "X4-SKU-US", "X2"], "a file with the manifest's name keeps it");
}

#[test]
fn both_spellings_of_a_license_are_a_duplicate_pool() {
    let folder = Folder::new();
    let mut settings = settings("wiki");
    settings.pools.insert("X4".into(), PoolSettings { name: Some("SKU".into()), ..PoolSettings::default() });
    let path = folder.file("a.yaml", &format!("{HEAD}pools:\n  - license: SKU\n  - license: X4\n"));
    let findings = open_for(&path, &settings).unwrap_err();
    assert_eq!((&*findings[0].code, findings[0].source.as_ref().unwrap().line), ("A104", 9));
    assert_eq!(findings[0].related[0].source.as_ref().unwrap().line, 8);
}

#[test]
fn every_fault_is_reported_at_its_location() {
    let text = format!(
        "{}pools:\n  - license: editor\n  - license: editor\naccounts:\n  - id: b\n    email: b@x\n    holdings:\n      - license: editor\n        state: actvie\n      - license: editor\n      - license: editor\n  - id: b\n    email: c@x\n",
        HEAD.replace("wiki", "wki").replace("generic", "genric")
    );
    assert_eq!(
        faults("a.yaml", &text),
        [
            at("A101", 3, 9),
            at("A102", 4, 9),
            at("A104", 9, 14),
            at("A103", 18, 9),
            at("A105", 15, 16),
            at("A108", 17, 18)
        ]
    );
    let json = "{\n \"apiVersion\": \"reseat/v1\", \"kind\": \"observation\", \"tenant\": \"wiki\", \"vendor\": \"generic\",\n \"observed_at\": \"2026-11-21T10:00:00Z\", \"complete\": true,\n \"accounts\": [{\"id\": \"u\", \"email\": \"\u{e9}\", \"holdings\": [{\"license\": \"a\", \"state\": \"x\"}]}]}";
    assert_eq!(fault("a.json", json), at("A105", 4, 80));
}

#[test]
fn shape_and_syntax_faults_have_different_codes() {
    assert_eq!(fault("a.yaml", &format!("{HEAD}acounts: []\n")), at("A004", 7, 1));
    assert_eq!(fault("a.json", &JSON.replace("\"busy\"", "\"bsy\"")).0, "A004");
    assert_eq!(fault("a.json", "{\n\"tenant\": \"\u{e9}\", \"tenant\": 1}"), at("A003", 1, 1));
    assert_eq!(fault("a.json", &JSON[..200]).0, "A002");
    assert_eq!(fault("a.json", "{}"), at("A003", 1, 1));
    assert_eq!(fault("a.yaml", "apiVersion: reseat/v1\ntenants: {}\n"), at("A003", 1, 1));
    assert_eq!(fault("a.yaml", &HEAD.replace("reseat/v1", "reseat/v2")), at("A003", 1, 1));
    assert_eq!(fault("a.yaml", ""), at("A003", 1, 1));
    assert_eq!(fault("a.yaml", &format!("{HEAD}pools: [\n")).0, "A002");
    let flow = format!("{{ {} }}", HEAD.trim_end().replace('\n', ", "));
    let folder = Folder::new();
    assert!(open_for(&folder.file("a.yaml", &flow), &settings("wiki")).is_ok(), "flow YAML begins with a brace");
}

#[test]
fn json_errors_are_rephrased() {
    let folder = Folder::new();
    let findings = read_any(&folder.file("a.json", &JSON.replace("\"busy\"", "\"bsy\""))).unwrap_err();
    assert_eq!(findings[0].message, "unknown key `bsy`");
    assert_eq!(findings[0].help.as_deref(), Some("did you mean `busy`?"));
    let findings = read_any(&folder.file("a.json", &JSON.replace("\"managed\"", "\"mnged\""))).unwrap_err();
    assert_eq!(findings[0].message, "found string \"mnged\", expected `managed`, `vendor-local`, or `group:NAME`");
    assert_eq!((&*findings[0].code, findings[0].source.as_ref().unwrap().line), ("A004", 1));
}

#[test]
fn missing_file_and_folder_are_unreadable() {
    let folder = Folder::new();
    for path in [folder.0.path().join("none.json"), folder.0.path().to_owned()] {
        assert_eq!(read_any(&path).unwrap_err()[0].code, "A001");
    }
}

#[test]
fn only_the_first_faults_are_shown() {
    let accounts: String = (0..150).map(|_| "  - { id: a, email: a@x }\n").collect();
    let all = faults("a.yaml", &format!("{HEAD}accounts:\n{accounts}"));
    assert_eq!(all.len(), 101);
    assert_eq!(all.last().unwrap().0, "A109");
}

#[test]
fn vendor_spellings_of_states_are_translated() {
    let folder = Folder::new();
    let text =
        format!("{HEAD}accounts: [{{ id: a, email: a@x, holdings: [{{ license: b, state: UDPATE_CANCELLED }}] }}]\n");
    let path = folder.file("a.yaml", &text);
    assert_eq!(open_for(&path, &settings("wiki")).unwrap_err()[0].code, "A105");
    for profile in crate::profile::PROFILES.iter().filter(|profile| !profile.states.is_empty()) {
        let (word, state) = &profile.states[0];
        let license = profile.starter.licenses[0];
        let text = text.replace("UDPATE_CANCELLED", word).replace("license: b", &format!("license: {license}"));
        let path = folder.file("b.yaml", &text.replace("vendor: generic", &format!("vendor: {}", profile.name)));
        let settings = TenantSettings { vendor: profile.name.into(), ..settings("wiki") };
        let file = open_for(&path, &settings).unwrap();
        assert_eq!(file.observation.accounts[0].holdings[0].state, *state);
    }
    assert_eq!(HoldingState::parse("active"), HoldingState::Active);
}
