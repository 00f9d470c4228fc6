//! The `bridge` adapter against its emulator: after each apply, a plan is empty.

use reseat::emulator::config::{DropPoint, FaultEffect, FaultRule, OperationConfig, RateConfig};
use reseat::emulator::{Emulator, EmulatorConfig, EmulatorSettings, TenantAction};
use serde_json::Value;

use crate::support::{Output, Sandbox};

/// A key that no output may contain.
const KEY: &str = "s3cret-of-the-bridge";

/// A tenant behind an emulator, and a manifest for it.
struct Rehearsal {
    sandbox: Sandbox,
    emulator: Emulator,
}

impl Rehearsal {
    /// Starts the sample tenant of a vendor.
    async fn of(vendor: &str, tenant: &str, config: EmulatorConfig, assignments: &str) -> Self {
        let rates = RateConfig { limits: Some(Vec::new()), ..config.rates };
        let config = EmulatorConfig { key: Some(KEY.to_owned()), rates, ..config };
        let settings = EmulatorSettings { config, ..EmulatorSettings::for_vendor(vendor) };
        let emulator = Emulator::start(settings).await.expect("an emulator");
        let url = emulator.base_url();
        // One operation at a time, so that the first request is always the same one.
        let manifest = format!(
            "apiVersion: reseat/v1\ntenants:\n  {tenant}:\n    vendor: {vendor}\n    concurrency: 1\n    \
             adapter: {{ bridge: {{ url: \"{url}\", key: {{ env: KEY }} }} }}\nassignments:\n{assignments}"
        );
        Self { sandbox: Sandbox::new().write("m/reseat.yaml", manifest), emulator }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let output = self.sandbox.run_with(arguments, &[("KEY", KEY)], "");
        assert!(!output.stdout.contains(KEY) && !output.stderr.contains(KEY), "the key is shown: {}", output.render());
        output
    }

    /// Applies, and expects the exit code; if it is 0, also that nothing is left to do.
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

    /// Returns the licenses and states of an account.
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

fn refuse(status: u16, wait: Option<u32>) -> FaultEffect {
    FaultEffect::Refuse { status, code: None, wait, dialect: None }
}

/// A license moves from one person to another, and a third person gains one.
const OFFICE: &str = "  - { license: office/main/projects, to: [di@acme.example] }
  - { license: office/main/timesheet, to: [bo@acme.example, ana@acme.example] }
";

async fn office(config: EmulatorConfig) -> Rehearsal {
    Rehearsal::of("officeseries", "office", config, OFFICE).await
}

fn assert_office(rehearsal: &Rehearsal) {
    assert_eq!(rehearsal.held("u-1"), ["main/timesheet active"]);
    assert_eq!(rehearsal.held("u-3"), [""; 0]);
    assert_eq!(rehearsal.held("u-4"), ["main/projects active"]);
    assert_eq!(rehearsal.held("u-5"), ["main/timesheet active"], "an account of a group stays as it is");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn license_moves_to_another_person() {
    let rehearsal = office(EmulatorConfig { page_size: Some(2), ..EmulatorConfig::default() }).await;
    rehearsal.apply(0);
    assert_office(&rehearsal);
    let doctor = rehearsal.run(&["doctor", "-m", "m"]);
    assert!(doctor.stdout.contains("reseat-emulator") && doctor.stdout.contains("protocol 1"), "{}", doctor.render());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_and_lost_responses_do_not_change_the_result() {
    for then in [
        FaultEffect::Drop(DropPoint::After),
        FaultEffect::Drop(DropPoint::Before),
        FaultEffect::Truncate { bytes: 40 },
        FaultEffect::Body("{}".to_owned()),
        FaultEffect::Redirect { to: "/bridge/execute".to_owned(), status: 302 },
        refuse(404, None),
        refuse(429, Some(1)),
        refuse(503, Some(1)),
    ] {
        let faults = vec![fault("POST /execute", 1, then.clone())];
        let rehearsal = office(EmulatorConfig { faults, ..EmulatorConfig::default() }).await;
        // An operation that certainly had no effect may be left to the next run.
        let first = rehearsal.run(&["apply", "m", "--yes", "--wait", "20s"]);
        assert!([0, 6].contains(&first.status), "{then:?}: {}", first.render());
        rehearsal.apply(0);
        assert_office(&rehearsal);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stolen_seat_is_reported_and_nobody_else_is_affected() {
    let steal = TenantAction::Steal { license: "main/projects".into(), seats: 2 };
    let faults = vec![fault("POST /execute", 1, FaultEffect::After(vec![steal]))];
    let rehearsal = office(EmulatorConfig { faults, ..EmulatorConfig::default() }).await;
    let output = rehearsal.apply(6);
    assert!(output.contains("main/projects"), "{output}");
    assert_eq!(rehearsal.held("u-4"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn denied_role_is_reported_with_the_required_roles() {
    let rehearsal = office(EmulatorConfig { wrong_role: true, ..EmulatorConfig::default() }).await;
    let before = rehearsal.emulator.state().accounts;
    let output = rehearsal.apply(8);
    assert!(output.contains("Subscription Administrator"), "{output}");
    assert_eq!(rehearsal.emulator.state().accounts, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_that_is_deleted_during_reading_is_missing_without_a_gap() {
    let delete = TenantAction::Delete { id: "u-2".into() };
    let faults = vec![fault("POST /observe", 1, FaultEffect::After(vec![delete]))];
    let rehearsal = office(EmulatorConfig { page_size: Some(1), faults, ..EmulatorConfig::default() }).await;
    let observed = rehearsal.observed("office");
    assert_eq!((observed["accounts"].as_array().expect("a list").len(), &observed["complete"]), (5, &true.into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_page_makes_the_observation_incomplete_and_nobody_loses_a_license() {
    let faults = vec![FaultRule { times: 0, ..fault("POST /observe", 2, refuse(500, None)) }];
    let rehearsal = office(EmulatorConfig { page_size: Some(2), faults, ..EmulatorConfig::default() }).await;
    assert_eq!(rehearsal.observed("office")["complete"], false);
    // Restart the fault's counter.
    rehearsal.emulator.set_config(rehearsal.emulator.config()).expect("a valid configuration");
    let plan = rehearsal.run(&["plan", "m", "--detailed-exitcode"]);
    assert!([0, 10].contains(&plan.status), "{}", plan.render());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transient_failure_of_a_page_is_retried() {
    let faults = vec![fault("POST /observe", 1, refuse(502, None)), fault("POST /observe", 2, refuse(429, Some(1)))];
    let rehearsal = office(EmulatorConfig { faults, ..EmulatorConfig::default() }).await;
    assert_eq!(rehearsal.observed("office")["complete"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expired_keys_and_invalid_responses_stop_the_run() {
    let config = |then| EmulatorConfig {
        faults: vec![FaultRule { times: 0, ..fault("POST", 1, then) }],
        ..EmulatorConfig::default()
    };
    let garbled = config(FaultEffect::Garble);
    let huge = config(FaultEffect::Huge { bytes: 17 << 20 });
    let redirected = config(FaultEffect::Redirect { to: "http://127.0.0.1:9/".to_owned(), status: 302 });
    let elsewhere = config(refuse(404, None));
    let other_id =
        config(FaultEffect::Body(r#"{"id":99,"describe":{"protocol":1,"name":"x","can":["observe"]}}"#.to_owned()));
    let mismatch = EmulatorConfig { wrong_account: true, ..EmulatorConfig::default() };
    let expired = EmulatorConfig { key_requests: Some(3), ..EmulatorConfig::default() };
    for (config, expected) in
        [(garbled, 3), (huge, 3), (redirected, 3), (elsewhere, 3), (other_id, 3), (mismatch, 8), (expired, 8)]
    {
        let rehearsal = office(config).await;
        let before = rehearsal.emulator.state().accounts;
        rehearsal.apply(expected);
        assert_eq!(rehearsal.emulator.state().accounts, before);
    }
}

/// One person gains a license, one loses one, and the others keep what they have.
const SPACES: &str = "  - { license: spaces/business, to: [bo@acme.example, ana@acme.example] }
  - { license: spaces/power, to: [di@acme.example] }
";

/// Returns a configuration with short operations.
fn quick() -> EmulatorConfig {
    let operations = OperationConfig { min_ms: 30, max_ms: 30, ..OperationConfig::default() };
    EmulatorConfig { operations: Some(operations), ..EmulatorConfig::default() }
}

async fn spaces(config: EmulatorConfig) -> Rehearsal {
    Rehearsal::of("avaya-spaces", "spaces", config, SPACES).await
}

fn assert_spaces(rehearsal: &Rehearsal) {
    assert_eq!(rehearsal.held("u-1"), ["business active"]);
    assert_eq!(rehearsal.held("u-3"), ["essential active"]);
    assert_eq!(rehearsal.held("u-4"), ["power active"]);
    assert_eq!(rehearsal.held("u-5"), ["business active"], "an account of a group stays as it is");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accepted_operations_are_polled_until_they_are_done() {
    let rehearsal = spaces(EmulatorConfig { page_size: Some(2), ..quick() }).await;
    rehearsal.apply(0);
    assert_spaces(&rehearsal);
    assert!(rehearsal.emulator.requests().iter().any(|request| request.path == "/poll"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forgotten_operation_is_read_back_and_not_sent_again() {
    let forget = FaultEffect::End(reseat::emulator::config::OperationFailure::Forgotten);
    let faults = vec![FaultRule { times: 0, ..fault("POST /execute", 1, forget) }];
    let rehearsal = spaces(EmulatorConfig { faults, ..quick() }).await;
    rehearsal.apply(0);
    assert_spaces(&rehearsal);
    let executed = rehearsal.emulator.requests().iter().filter(|request| request.path == "/execute").count();
    assert_eq!(executed, 3);
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
async fn pending_upgrade_is_cancelled() {
    let operations = OperationConfig { min_ms: 3_600_000, max_ms: 3_600_000, ..OperationConfig::default() };
    let config = EmulatorConfig { operations: Some(operations), ..EmulatorConfig::default() };
    let rehearsal = spaces(config).await;
    let applied = rehearsal.run(&["apply", "m", "--yes", "--wait", "1s"]);
    assert_eq!(applied.status, 7, "{}", applied.render());
    assert_eq!(rehearsal.held("u-1"), ["business pending", "essential active"]);
    let manifest =
        rehearsal.sandbox.read("m/reseat.yaml").replace("bo@acme.example, ana@acme.example", "bo@acme.example");
    std::fs::write(rehearsal.sandbox.path().join("m/reseat.yaml"), manifest).expect("a file");
    let applied = rehearsal.run(&["apply", "m", "--yes", "--wait", "1s"]);
    assert!([0, 7].contains(&applied.status), "{}", applied.render());
    assert_eq!(rehearsal.held("u-1"), ["essential active"]);
}
