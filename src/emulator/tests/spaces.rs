//! Jobs with rows, and cancels that are for all of them.

use serde_json::{Value, json};

use super::super::config::Jobs;
use super::super::{Emulator, EmulatorConfig, EmulatorSettings, TenantAction};
use super::Caller;
use crate::model::{HoldingState, PoolStatus};

async fn spaces(jobs: Jobs) -> (Emulator, Caller) {
    let knobs = EmulatorConfig { jobs: Some(jobs), ..EmulatorConfig::default() };
    let emulator = Emulator::start(EmulatorSettings { config: knobs, ..EmulatorSettings::for_vendor("avaya-spaces") })
        .await
        .unwrap();
    let caller = Caller::of(&emulator);
    (emulator, caller)
}

/// Rows that take a second each.
fn slow() -> Jobs {
    Jobs { row_ms: 1000, ..Jobs::default() }
}

async fn begin(caller: &Caller, changes: &[(&str, &str)]) -> String {
    let changes: Vec<Value> = changes.iter().map(|(user, to)| json!({ "userId": user, "to": to })).collect();
    let body = json!({ "changes": changes });
    let reply = caller.send("POST", "/spaces/license-jobs", Some(&body), &[]).await.unwrap();
    assert_eq!(reply.status, 202, "{}", reply.body);
    reply.body["jobId"].as_str().unwrap().to_owned()
}

async fn post(caller: &Caller, path: &str) -> (u16, Value) {
    let reply = caller.send("POST", path, Some(&json!({})), &[]).await.unwrap();
    (reply.status, reply.body["code"].clone())
}

async fn rows(caller: &Caller, job: &str) -> (String, Vec<String>) {
    let job = caller.get(&format!("/spaces/license-jobs/{job}")).await.body;
    let rows = job["rows"].as_array().unwrap().iter();
    (job["state"].as_str().unwrap().to_owned(), rows.map(|row| row["status"].as_str().unwrap().to_owned()).collect())
}

async fn user(caller: &Caller, id: &str) -> (String, String, Value) {
    let user = caller.get(&format!("/spaces/users/{id}")).await.body;
    let text = |key: &str| user[key].as_str().unwrap().to_owned();
    (text("license"), text("status"), user["requested"].clone())
}

fn second() -> TenantAction {
    TenantAction::Advance { seconds: 1 }
}

#[tokio::test]
async fn rows_of_a_job_go_one_after_the_other() {
    let (emulator, caller) = spaces(slow()).await;
    let job = begin(&caller, &[("u-1", "Business"), ("u-3", "Business")]).await;
    assert_eq!(rows(&caller, &job).await, ("RUNNING".into(), vec!["IN_PROGRESS".into(), "TO_BE_PROCESSED".into()]));
    assert_eq!(user(&caller, "u-1").await, ("Essential".into(), "IN_PROGRESS".into(), json!("Business")));
    emulator.apply_actions(&[second()]).unwrap();
    assert_eq!(rows(&caller, &job).await, ("RUNNING".into(), vec!["ACTIVE".into(), "IN_PROGRESS".into()]));
    emulator.apply_actions(&[second()]).unwrap();
    assert_eq!(rows(&caller, &job).await.0, "DONE");
    assert_eq!(user(&caller, "u-3").await, ("Business".into(), "ACTIVE".into(), Value::Null));
}

#[tokio::test]
async fn cancel_is_for_the_whole_job_and_only_for_upgrades() {
    let (emulator, caller) = spaces(slow()).await;
    emulator
        .apply_actions(&[TenantAction::Pool {
            license: "business".into(),
            total: Some(9),
            status: None,
            expires: None,
        }])
        .unwrap();
    let job = begin(&caller, &[("u-1", "Business"), ("u-4", "Business"), ("u-3", "Essential")]).await;
    emulator.apply_actions(&[second()]).unwrap();
    assert_eq!(post(&caller, &format!("/spaces/license-jobs/{job}/cancel")).await.0, 202);
    assert_eq!(
        rows(&caller, &job).await.1,
        ["ACTIVE", "CANCELLED", "TO_BE_PROCESSED"],
        "done stays done, and down goes on"
    );
    assert_eq!(user(&caller, "u-4").await, ("Business".into(), "UPDATE_CANCELLED".into(), json!("Business")));
    let kept = &emulator.state().accounts[3].holdings;
    assert!(kept.iter().any(|holding| holding.trial) && kept.iter().any(|held| held.state == HoldingState::Cancelled));
    assert_eq!(post(&caller, "/spaces/users/u-4/resume").await.0, 202);
    emulator.apply_actions(&[second(), second()]).unwrap();
    assert_eq!(user(&caller, "u-4").await, ("Business".into(), "ACTIVE".into(), Value::Null));
    assert_eq!(user(&caller, "u-3").await.0, "Essential");
    assert_eq!(post(&caller, "/spaces/users/u-4/confirm-cancel").await, (409, json!("NOT_CANCELLED")));
}

#[tokio::test]
async fn cancelled_upgrade_waits_for_an_audit_and_may_be_misspelled() {
    let (emulator, caller) = spaces(Jobs { misspelled: true, audit_after_cancel: true, ..slow() }).await;
    let job = begin(&caller, &[("u-1", "Power")]).await;
    assert_eq!(post(&caller, "/spaces/audit").await, (409, json!("JOB_RUNNING")));
    assert_eq!(post(&caller, &format!("/spaces/license-jobs/{job}/cancel")).await.0, 202);
    assert_eq!(user(&caller, "u-1").await.1, "UDPATE_CANCELLED");
    assert_eq!(post(&caller, "/spaces/users/u-1/confirm-cancel").await, (409, json!("AUDIT_REQUIRED")));
    assert_eq!(post(&caller, "/spaces/audit").await.0, 202);
    assert_eq!(post(&caller, "/spaces/users/u-1/confirm-cancel").await, (409, json!("SYNC_IN_PROGRESS")));
    emulator.apply_actions(&[second(), second()]).unwrap();
    assert_eq!(post(&caller, "/spaces/users/u-1/confirm-cancel").await.0, 202);
    assert_eq!(user(&caller, "u-1").await, ("Essential".into(), "ACTIVE".into(), Value::Null));
}

#[tokio::test]
async fn rows_fail_for_people_and_licenses_that_cannot_be() {
    let (emulator, caller) = spaces(Jobs { row_ms: 0, ..Jobs::default() }).await;
    emulator.apply_actions(&[TenantAction::Steal { license: "power".into(), seats: 1 }]).unwrap();
    let job = begin(
        &caller,
        &[
            ("u-1", "Power"),
            ("u-4", "Essential"),
            ("u-5", "Power"),
            ("u-6", "Power"),
            ("u-9", "Power"),
            ("u-1", "Gold"),
        ],
    )
    .await;
    let job = caller.get(&format!("/spaces/license-jobs/{job}")).await.body;
    let codes: Vec<&str> = job["rows"].as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap()).collect();
    assert_eq!(
        codes,
        ["NO_LICENSE_AVAILABLE", "NOT_ALLOWED", "NOT_ALLOWED", "NOT_ALLOWED", "UNKNOWN_USER", "UNKNOWN_LICENSE"]
    );
}

#[tokio::test]
async fn expired_license_gives_the_floor_without_a_word() {
    let (emulator, caller) = spaces(Jobs { row_ms: 0, ..Jobs::default() }).await;
    let expired = Some(PoolStatus::Expired);
    emulator
        .apply_actions(&[TenantAction::Pool { license: "power".into(), total: None, status: expired, expires: None }])
        .unwrap();
    let job = begin(&caller, &[("u-2", "Power")]).await;
    assert_eq!(rows(&caller, &job).await, ("DONE".into(), vec!["ACTIVE".into()]));
    assert_eq!(user(&caller, "u-2").await.0, "Essential");
}

#[tokio::test]
async fn nothing_is_changed_while_the_vendor_is_busy() {
    let (emulator, caller) = spaces(slow()).await;
    emulator
        .apply_actions(&[TenantAction::Busy { reason: Some("LDAP synchronization".into()), seconds: Some(5) }])
        .unwrap();
    assert_eq!(caller.get("/spaces/status").await.body["busy"], "LDAP synchronization");
    assert_eq!(post(&caller, "/spaces/license-jobs").await, (409, json!("SYNC_IN_PROGRESS")));
    emulator.apply_actions(&[TenantAction::Advance { seconds: 5 }]).unwrap();
    assert_eq!(caller.get("/spaces/status").await.body["busy"], Value::Null);
}
