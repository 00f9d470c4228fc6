//! The adapters of synthetic contracts, from the manifest to the emulator and back: after each apply, a plan is empty.

use reseat::emulator::config::{DropPoint, EmulatorConfig, FaultEffect, FaultRule, Jobs, RateConfig};
use reseat::emulator::{Emulator, EmulatorSettings, TenantAction};
use reseat::model::HoldingState;
use serde_json::Value;

use crate::emulator::client;
use crate::support::{Output, Sandbox};

/// What no output may hold.
const KEY: &str = "s3cret-of-the-bridge";

/// A tenant behind an emulator, and a manifest that leads there.
struct Rehearsal {
    sandbox: Sandbox,
    emulator: Emulator,
}

impl Rehearsal {
    /// The starter tenant of that vendor, and what people are to hold.
    async fn of(vendor: &str, tenant: &str, knobs: EmulatorConfig, assignments: &str) -> Self {
        let knobs = EmulatorConfig {
            key: Some(KEY.to_owned()),
            rates: RateConfig { limits: Some(Vec::new()), ..knobs.rates },
            ..knobs
        };
        let emulator = Emulator::start(EmulatorSettings { config: knobs, ..EmulatorSettings::for_vendor(vendor) })
            .await
            .expect("an emulator");
        let base = emulator.base_url();
        let manifest = format!(
            "apiVersion: reseat/v1\ntenants:\n  {tenant}:\n    vendor: {vendor}\n    \
             adapter: {{ api: {{ base_url: \"{base}\", key: {{ env: KEY }} }} }}\nassignments:\n{assignments}"
        );
        Self { sandbox: Sandbox::new().write("m/reseat.yaml", manifest), emulator }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let output = self.sandbox.run_with(arguments, &[("KEY", KEY)], "");
        assert!(!output.stdout.contains(KEY) && !output.stderr.contains(KEY), "the key is told: {}", output.render());
        output
    }

    /// Applies, expects that exit code, and where all is done that nothing is left.
    fn apply(&self, expected: i32) -> String {
        let output = self.run(&["apply", "m", "--yes", "--wait", "20s"]);
        assert_eq!(output.status, expected, "{}\n{:#?}", output.render(), self.emulator.requests());
        if expected == 0 {
            let plan = self.run(&["plan", "m", "--detailed-exitcode"]);
            assert_eq!(plan.status, 0, "{}", plan.render());
        }
        output.render()
    }

    fn observed(&self, tenant: &str) -> Value {
        let output = self.run(&["observe", tenant, "-m", "m", "--format", "json"]);
        assert_eq!(output.status, 0, "{}", output.render());
        serde_json::from_str(&output.stdout).expect("JSON")
    }

    /// What somebody holds: licenses with their states.
    fn held(&self, id: &str) -> Vec<String> {
        let state = self.emulator.state();
        let account = state.accounts.iter().find(|account| account.id == id).expect("an account");
        let mut held: Vec<String> =
            account.holdings.iter().map(|held| format!("{} {}", held.license, held.state.as_str())).collect();
        held.sort();
        held
    }
}

fn fault(on: &str, nth: u64, then: FaultEffect) -> FaultRule {
    FaultRule { on: on.to_owned(), nth, times: 1, percent: 100, then }
}

/// One product of the office moves from one person to another, and somebody gains another one.
const OFFICE: &str = "  - { license: office/main/projects, to: [di@acme.example] }
  - { license: office/main/timesheet, to: [ana@acme.example, bo@acme.example, di@acme.example] }
";

async fn office(knobs: EmulatorConfig) -> Rehearsal {
    Rehearsal::of("officeseries", "office", knobs, OFFICE).await
}

fn assert_office(rehearsal: &Rehearsal) {
    assert_eq!(rehearsal.held("u-1"), ["main/timesheet active"]);
    assert_eq!(rehearsal.held("u-4"), ["main/projects active", "main/timesheet active"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn products_move_from_one_to_another() {
    let rehearsal =
        office(EmulatorConfig { page_size: Some(2), extra_fields: true, ..EmulatorConfig::default() }).await;
    rehearsal.apply(0);
    assert_office(&rehearsal);
    assert_eq!(rehearsal.held("u-3"), ["branch/timesheet active"], "what nobody names is left alone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_change_in_a_row_meanwhile_is_kept() {
    let license = || "main/extra".into();
    let buy = TenantAction::Pool { license: license(), total: Some(9), status: None, expires: None };
    let give = TenantAction::Give { id: "u-4".into(), license: license() };
    let faults = vec![fault("PUT *u-4", 1, FaultEffect::Before(vec![buy, give]))];
    let rehearsal = office(EmulatorConfig { faults, ..EmulatorConfig::default() }).await;
    rehearsal.apply(0);
    assert!(rehearsal.emulator.requests().iter().any(|request| request.status == Some(412)));
    assert_eq!(rehearsal.held("u-4"), ["main/extra active", "main/projects active", "main/timesheet active"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_answers_faults_and_limits_change_nothing_of_the_end() {
    let refuse = |status| FaultEffect::Refuse { status, code: None, wait: Some(1), dialect: None };
    for then in [
        FaultEffect::Drop(DropPoint::After),
        FaultEffect::Drop(DropPoint::Before),
        FaultEffect::Truncate { bytes: 40 },
        refuse(429),
        refuse(503),
    ] {
        let rehearsal =
            office(EmulatorConfig { faults: vec![fault("PUT", 1, then.clone())], ..EmulatorConfig::default() }).await;
        // What surely had no effect may be left to the next run.
        let first = rehearsal.run(&["apply", "m", "--yes", "--wait", "20s"]);
        assert!([0, 6].contains(&first.status), "{then:?}: {}", first.render());
        rehearsal.apply(0);
        assert_office(&rehearsal);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stolen_seat_leaves_everything_as_it_was() {
    let steal = TenantAction::Steal { license: "main/projects".into(), seats: 1 };
    let faults = vec![fault("PUT *u-1", 1, FaultEffect::After(vec![steal]))];
    let rehearsal = office(EmulatorConfig { faults, ..EmulatorConfig::default() }).await;
    let output = rehearsal.apply(6);
    assert!(output.contains("no seat of `main/projects` is free"), "{output}");
    assert_eq!(rehearsal.held("u-4"), ["main/timesheet active"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn role_that_may_not_write_is_told_with_the_roles_that_may() {
    let rehearsal = office(EmulatorConfig { wrong_role: true, ..EmulatorConfig::default() }).await;
    let before = rehearsal.emulator.state().accounts;
    let output = rehearsal.apply(8);
    assert!(output.contains("Subscription Administrator"), "{output}");
    assert_eq!(rehearsal.emulator.state().accounts, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn list_that_moves_while_it_is_read_is_read_again() {
    let delete = TenantAction::Delete { id: "u-2".into() };
    let on = "GET */main/license-assignments";
    let faults = vec![fault(on, 1, FaultEffect::After(vec![delete]))];
    let rehearsal = office(EmulatorConfig { page_size: Some(2), faults, ..EmulatorConfig::default() }).await;
    let observed = rehearsal.observed("office");
    assert_eq!((observed["accounts"].as_array().expect("a list").len(), &observed["complete"]), (3, &true.into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn page_that_fails_makes_the_reading_incomplete_and_nobody_loses_by_it() {
    let refuse = FaultEffect::Refuse { status: 500, code: None, wait: None, dialect: None };
    let faults = vec![FaultRule { times: 0, ..fault("GET */main/license-assignments", 2, refuse) }];
    let rehearsal = office(EmulatorConfig { page_size: Some(2), faults, ..EmulatorConfig::default() }).await;
    assert_eq!(rehearsal.observed("office")["complete"], false);
    // Counting begins anew.
    rehearsal.emulator.set_config(rehearsal.emulator.config()).expect("knobs that make sense");
    let plan = rehearsal.run(&["plan", "m", "--detailed-exitcode"]);
    assert!([0, 10].contains(&plan.status), "{}", plan.render());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_that_nobody_knows_are_no_permission() {
    let rehearsal = office(EmulatorConfig { unknown_words: true, ..EmulatorConfig::default() }).await;
    let observed = rehearsal.observed("office");
    assert_eq!(observed["pools"][0]["status"], "suspended");
    let spaces = spaces(EmulatorConfig { unknown_words: true, ..quick() }).await;
    assert_eq!(spaces.observed("spaces")["complete"], false);
    let plan = spaces.run(&["plan", "m", "--detailed-exitcode"]);
    assert_eq!(plan.status, 0, "nobody could be read, so nobody is changed: {}", plan.render());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_that_expires_and_answers_that_make_no_sense_stop_everything() {
    let garbled = EmulatorConfig {
        faults: vec![FaultRule { times: 0, ..fault("GET", 1, FaultEffect::Garble) }],
        ..EmulatorConfig::default()
    };
    let elsewhere = FaultEffect::Redirect { to: "http://127.0.0.1:9/".to_owned(), status: 302 };
    let redirected = EmulatorConfig {
        faults: vec![FaultRule { times: 0, ..fault("GET", 1, elsewhere) }],
        ..EmulatorConfig::default()
    };
    let mismatch = EmulatorConfig { wrong_account: true, ..EmulatorConfig::default() };
    let expired = EmulatorConfig { key_requests: Some(3), ..EmulatorConfig::default() };
    for (knobs, expected) in [(garbled, 3), (redirected, 3), (mismatch, 8), (expired, 8)] {
        let rehearsal = office(knobs).await;
        let before = rehearsal.emulator.state().accounts;
        rehearsal.apply(expected);
        assert_eq!(rehearsal.emulator.state().accounts, before);
    }
}

/// Somebody gains, somebody loses, somebody's trial becomes the real thing.
const SPACES: &str = "  - { license: spaces/business, to: [bo@acme.example, ana@acme.example] }
  - { license: spaces/power, to: [di@acme.example] }
";

/// Rows that are done soon.
fn quick() -> EmulatorConfig {
    EmulatorConfig { jobs: Some(Jobs { row_ms: 30, audit_ms: 100, ..Jobs::default() }), ..EmulatorConfig::default() }
}

async fn spaces(knobs: EmulatorConfig) -> Rehearsal {
    Rehearsal::of("avaya-spaces", "spaces", knobs, SPACES).await
}

fn assert_spaces(rehearsal: &Rehearsal) {
    assert_eq!(rehearsal.held("u-1"), ["business active"]);
    assert_eq!(rehearsal.held("u-3"), ["essential active"]);
    assert_eq!(rehearsal.held("u-4"), ["power active"]);
    assert_eq!(rehearsal.held("u-5"), ["business active"], "who belongs to a group is left alone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_are_followed_until_their_rows_are_done() {
    let rehearsal = spaces(EmulatorConfig { page_size: Some(2), extra_fields: true, ..quick() }).await;
    rehearsal.apply(0);
    assert_spaces(&rehearsal);
    assert!(rehearsal.emulator.requests().iter().any(|request| request.path.starts_with("/spaces/license-jobs/job-")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn job_whose_answer_was_lost_is_seen_and_not_sent_again() {
    let faults = vec![fault("POST /spaces/license-jobs", 1, FaultEffect::Drop(DropPoint::After))];
    let rehearsal = spaces(EmulatorConfig { faults, ..quick() }).await;
    rehearsal.apply(0);
    assert_spaces(&rehearsal);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn busy_vendor_is_waited_for() {
    let rehearsal = spaces(quick()).await;
    let reason = Some("Avaya Spaces user audit".to_owned());
    rehearsal.emulator.apply_actions(&[TenantAction::Busy { reason, seconds: Some(2) }]).expect("a busy vendor");
    rehearsal.apply(0);
    assert_spaces(&rehearsal);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancel_is_for_one_person_though_the_vendor_cancels_the_whole_job() {
    for audit_after_cancel in [false, true] {
        let jobs = Jobs { row_ms: 3_600_000, audit_ms: 100, audit_after_cancel, misspelled: true, ..Jobs::default() };
        let knobs = EmulatorConfig { jobs: Some(jobs), ..EmulatorConfig::default() };
        let wishes = "  - { license: spaces/power, to: [cy@acme.example, di@acme.example] }\n";
        let rehearsal = Rehearsal::of("avaya-spaces", "spaces", knobs, wishes).await;
        // Somebody asked for both by hand; the manifest wants one of them only.
        let body = r#"{ "changes": [{ "userId": "u-1", "to": "Business" }, { "userId": "u-4", "to": "Power" }] }"#;
        let reply = client()
            .post(format!("{}/spaces/license-jobs", rehearsal.emulator.base_url()))
            .header("authorization", format!("Bearer {KEY}"))
            .body(body)
            .send()
            .await
            .expect("an answer");
        assert_eq!(reply.status(), 202);
        let manifest =
            rehearsal.sandbox.read("m/reseat.yaml") + "  - { license: spaces/business, to: [bo@acme.example] }\n";
        std::fs::write(rehearsal.sandbox.path().join("m/reseat.yaml"), manifest).expect("a file");
        rehearsal.apply(0);
        assert_eq!(rehearsal.held("u-1"), ["essential active"]);
        assert_eq!(rehearsal.held("u-4"), ["business active", "power pending"], "queued again");
        let state = rehearsal.emulator.state();
        assert!(!state.accounts.iter().flat_map(|one| &one.holdings).any(|held| held.state == HoldingState::Cancelled));
    }
}
