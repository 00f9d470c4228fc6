//! Exports as consoles and spreadsheets write them.

use std::fs;
use std::time::{Duration, SystemTime};

use super::*;
use crate::adapter::file::state::tests::settings;
use crate::adapter::{AccessOptions, connect as reach};
use crate::model::{AccountOrigin, HoldingState, PoolSettings, RunbookSettings};
use crate::profile::{PROFILES, definition::VisitBy};

struct Desk {
    folder: tempfile::TempDir,
    settings: TenantSettings,
}

/// A vendor whose console is organized that way.
fn vendor(visit: VisitBy) -> &'static str {
    PROFILES.iter().find(|profile| profile.procedure.visit == visit).unwrap().name
}

impl Desk {
    fn new(visit: VisitBy) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = TenantSettings {
            vendor: vendor(visit).into(),
            adapter: AdapterSettings::Runbook(RunbookSettings {
                export: Some(folder.path().join("export.csv")),
                columns: std::collections::BTreeMap::new(),
            }),
            ..settings("desk")
        };
        Self { folder, settings }
    }

    fn columns(mut self, columns: &[(&str, &str)]) -> Self {
        if let AdapterSettings::Runbook(runbook) = &mut self.settings.adapter {
            runbook.columns = columns.iter().map(|(name, header)| ((*name).into(), (*header).into())).collect();
        }
        self
    }

    fn pool(mut self, license: &str, name: &str, total: u64) -> Self {
        let pool = PoolSettings { name: Some(name.into()), total: Some(total), ..PoolSettings::default() };
        self.settings.pools.insert(license.into(), pool);
        self
    }

    fn write(&self, text: impl AsRef<[u8]>) {
        fs::write(self.folder.path().join("export.csv"), text).unwrap();
    }

    fn reach(&self) -> Result<Connection, Vec<Finding>> {
        let rules = Rules::resolve(&self.settings).unwrap();
        reach(&ConnectionConfig {
            settings: &self.settings,
            rules: &rules,
            access: AccessOptions::read_write(Clock::System),
        })
    }

    fn read(&self, text: impl AsRef<[u8]>) -> Result<Observation, AdapterError> {
        self.write(text);
        let tenant = self.reach().unwrap().observe;
        tokio::runtime::Runtime::new().unwrap().block_on(tenant.observe())
    }

    /// Code, line, column and message of everything that is wrong.
    fn faults(&self, text: impl AsRef<[u8]>) -> Vec<String> {
        let error = self.read(text).unwrap_err();
        assert!(!error.findings.is_empty(), "{error}");
        let line = |finding: &Finding| {
            let at = finding.source.as_ref().unwrap();
            format!("{} {}:{} {}", finding.code, at.line, at.column, finding.message)
        };
        error.findings.iter().map(line).collect()
    }
}

/// Everybody with what they hold: `ana power pending`.
fn held(observation: &Observation) -> Vec<String> {
    let mut lines = Vec::new();
    for account in &observation.accounts {
        let mut line = account.email.split('@').next().unwrap().to_owned();
        for holding in &account.holdings {
            line.push_str(&format!(" {}", holding.license));
            if holding.trial {
                line.push_str(" trial");
            }
            if holding.state != HoldingState::Active {
                line.push_str(&format!(" {}", holding.state.as_str()));
            }
        }
        if account.origin != AccountOrigin::Managed {
            line.push_str(&format!(" [{}]", account.origin));
        }
        lines.push(line);
    }
    lines
}

#[test]
fn one_row_per_person_is_read_with_trials_states_and_groups() {
    let text = "\u{feff}User Name;E-Mail;License Type;Status;LDAP Group\r\n\
                ana;Ana@acme.example;Essential;ACTIVE;\r\n\
                bo;bo@acme.example;Power (Trial);;\r\n\
                cy;cy@acme.example;business;In progress;\r\n\
                di;di@acme.example;Trial Business;UDPATE_CANCELLED;\r\n\
                ed;ed@acme.example;POWER;Update-Cancelled;\r\n\
                fay;fay@acme.example;Essential;ACTIVE;CN=Field\r\n";
    let observation = Desk::new(VisitBy::License).read(text).unwrap();
    assert_eq!(
        held(&observation),
        [
            format!("ana {}", observation.accounts[0].holdings[0].license),
            "bo power trial".to_owned(),
            "cy business pending".to_owned(),
            "di business trial".to_owned(),
            "ed power cancelled".to_owned(),
            format!("fay {} [group:CN=Field]", observation.accounts[0].holdings[0].license),
        ]
    );
    assert!(observation.complete);
    assert_eq!(observation.accounts[0].id, "ana@acme.example");
}

#[test]
fn several_rows_and_license_lists_are_merged_per_person() {
    let desk = Desk::new(VisitBy::PersonInSubscription).pool("main/timesheet", "Main/Time, all day", 3);
    let text = "email,subscription,licenses\n\
                ana@acme.example,main,\"projects; wiki\"\n\
                bo@acme.example,Main,\"Time, all day\"\n\
                ana@acme.example,lab,projects\n\
                cy@acme.example,main,\n";
    let observation = desk.read(text).unwrap();
    assert_eq!(held(&observation), ["ana main/projects main/wiki lab/projects", "bo main/timesheet", "cy"]);
    let pools: Vec<_> =
        observation.counted_pools().iter().map(|pool| (pool.license.to_string(), pool.total, pool.used)).collect();
    assert!(pools.contains(&("main/timesheet".to_owned(), Some(3), Some(1))), "{pools:?}");
    assert!(pools.contains(&("main/projects".to_owned(), None, Some(1))), "{pools:?}");
}

#[test]
fn manifest_names_columns_and_licenses() {
    let desk = Desk::new(VisitBy::Person)
        .columns(&[("id", "UID"), ("email", "Who"), ("license", "Plan"), ("memberships", "Rings")])
        .pool("X2", "X2-SKU-US", 5);
    let text = "UID\tWho\temail\tPlan\tRings\n\
                u-1\tAna Poe <ana@acme.example>\told@acme.example\tX2-SKU-US\trg-b, rg-a\n";
    let observation = desk.read(text).unwrap();
    assert_eq!(held(&observation), ["ana X2"]);
    assert_eq!(observation.accounts[0].id, "u-1");
    assert_eq!(observation.accounts[0].memberships, ["rg-a", "rg-b"]);
}

#[test]
fn declared_delimiter_is_used() {
    let observation = Desk::new(VisitBy::Person).read("sep=;\nemail;license\n\nana@acme.example;X2\n").unwrap();
    assert_eq!(held(&observation), ["ana X2"]);
    let faults = Desk::new(VisitBy::Person).faults("sep=;\nemail;license\n\nana;X2\n");
    assert_eq!(faults, ["A304 4:1 invalid email `ana`"]);
}

#[test]
fn fault_is_located_at_its_cell() {
    let desk = Desk::new(VisitBy::License);
    let text = "email,license,status,expires,trial\n\
                ana@acme.example,\"Pow\ner\",ACTIVE,,\n\
                bo@acme.example,power,NEARLY,,\n\
                cy@acme.example,power,,soon,maybe\n\
                bo@acme.example,power,,,\n\
                ,power,,,\n";
    let mut faults = desk.faults(text);
    faults.sort();
    assert_eq!(
        faults,
        [
            "A105 4:23 unknown holding state `NEARLY`",
            "A106 2:18 the vendor has no license `Pow`",
            "A106 2:18 the vendor has no license `er`",
            "A304 5:24 invalid date `soon`",
            "A304 5:29 invalid trial value `maybe`",
            "A304 7:1 the row has no email",
        ]
    );
    let twice = "email,license\nbo@acme.example,power\nana@acme.example,business\nBo@acme.example,Power\n";
    assert_eq!(desk.faults(twice), ["A108 4:17 duplicate holding of `power`"]);
    let both = "email,license\nana@acme.example,power\nana@acme.example,business\n";
    assert_eq!(
        desk.faults(both),
        ["A304 2:1 `ana@acme.example` holds both `power` and `business`, which exclude each other"]
    );
}

#[test]
fn missing_and_unknown_columns_list_the_headers() {
    let faults = Desk::new(VisitBy::License).faults("name,plan\nana,power\n");
    assert_eq!(
        faults,
        ["A303 1:1 the export has no column for `email`", "A303 1:1 the export has no column for `license`"]
    );
    let desk = Desk::new(VisitBy::License).columns(&[("license", "Lizens")]);
    let error = desk.read("email,Lizenz,email\nana@acme.example,power,x\n").unwrap_err();
    assert!(error.findings[0].message.contains("no column `Lizens` for `license`"), "{error}");
    let help = error.findings[0].help.as_ref().unwrap();
    assert!(help.contains("`Lizenz`") && help.contains("the export has"), "{help}");
    let desk = Desk::new(VisitBy::License).columns(&[("emial", "x")]);
    let findings = desk.reach().err().unwrap();
    assert_eq!((&*findings[0].code, &*findings[0].message), ("A303", "unknown key `emial` in `columns`"));
}

#[test]
fn truncated_export_is_an_error() {
    let whole = "email,license\nana@acme.example,\"power\"\nbo@acme.example,\"business\"\n";
    let desk = Desk::new(VisitBy::License);
    assert_eq!(desk.read(whole).unwrap().accounts.len(), 2);
    for end in 0..whole.len() {
        // Truncation between rows cannot be detected.
        let is_whole = [
            "email,license\nana@acme.example,\"power\"",
            "email,license\nana@acme.example,\"power\"\n",
            whole.trim_end(),
        ];
        if is_whole.contains(&&whole[..end]) {
            continue;
        }
        assert!(desk.read(&whole[..end]).is_err(), "{:?}", &whole[..end]);
    }
    for (bytes, message) in [
        (&b"PK\x03\x04 and so on"[..], "A302 1:1 the export is a spreadsheet, not CSV"),
        (b"\xff\xfee\0m\0", "A302 1:1 the export is UTF-16"),
        (b"email,license\nana@acme.example,\xe9\n", "A302 2:1 the export is not UTF-8"),
        (
            b"email,license\nana@acme.example,power\n\0\0\0",
            "A302 1:1 the export contains zero bytes, like a file that is being written",
        ),
        (b"email,license\nana@acme.example,power,x\n", "A302 2:1 the row has 3 cells, but the header has 2"),
        (b"email,license\n", "A302 1:1 the export has no rows"),
    ] {
        assert_eq!(desk.faults(bytes), [message]);
    }
}

#[test]
fn missing_export_explains_how_to_create_it() {
    for profile in PROFILES {
        let mut desk = Desk::new(VisitBy::Person);
        desk.settings.vendor = profile.name.into();
        desk.settings.adapter = AdapterSettings::Runbook(RunbookSettings::default());
        let findings = desk.reach().err().unwrap();
        assert_eq!(findings[0].code, "A301");
        let help = findings[0].help.as_ref().unwrap();
        assert!(help.contains("xport") && help.contains("`email` and `license`") && !help.contains("**"), "{help}");
    }
}

#[tokio::test]
async fn new_export_is_read() {
    let desk = Desk::new(VisitBy::License);
    desk.write("email,license\nana@acme.example,power\n");
    let tenant = desk.reach().unwrap();
    assert!(tenant.execute.is_none());
    let before = tenant.observe.account("ana@acme.example").await.unwrap().unwrap();
    assert_eq!(before.holdings[0].license, "power");
    desk.write("email,license\nana@acme.example,business\n");
    let path = desk.folder.path().join("export.csv");
    let earlier = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    fs::File::options().write(true).open(&path).unwrap().set_modified(earlier).unwrap();
    let after = tenant.observe.observe().await.unwrap();
    assert_eq!(after.accounts[0].holdings[0].license, "business");
    assert_eq!(after.observed_at, Timestamp::try_from(earlier).unwrap());
    fs::remove_file(&path).unwrap();
    let error = tenant.observe.account("ana@acme.example").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Io);
    assert!(error.help.as_ref().is_some_and(|help| help.contains("export")), "{error:?}");
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "(email|license|status)[,;\t](email|license)\n[a-z@\",;\n\t\r (){}|]{0,80}", bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..60)) {
        let desk = Desk::new(VisitBy::License);
        drop(desk.read(text));
        drop(desk.read(bytes));
    }
}
