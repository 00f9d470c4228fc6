//! The emulated API of 8x8: updates of whole users, operations, number licenses, scrolling.

use std::time::{Duration, Instant};

use serde_json::json;

use super::super::config::{EmulatorConfig, FaultEffect, NumberHandling, OperationConfig, OperationFailure};
use super::super::{Emulator, EmulatorSettings, TenantAction};
use super::{Caller, fault, licenses, phones, quick, with_licenses};
use crate::model::Account;

#[tokio::test]
async fn license_changes_in_two_operations_and_drops_memberships() {
    let (emulator, caller) = phones(quick()).await;
    let before = caller.get("/users/u-1").await.body;
    assert_eq!(licenses(&before), ["X2-SYNTHETIC-US", "DID-SYNTHETIC-US"]);
    assert_eq!(before["assignmentInfo"]["ringGroups"][0]["id"], "synthetic-reception");
    assert_eq!(before["assignmentInfo"]["ucCallQueues"][0]["memberType"], "PRIMARY");
    let at_once = caller.put("/users/u-1", &with_licenses(&before, &["X4-SYNTHETIC-US"])).await;
    assert_eq!(at_once.status, 400, "a change of type is never one call: {}", at_once.body);
    let removed = caller.put("/users/u-1", &with_licenses(&before, &[])).await;
    assert_eq!(removed.status, 202, "{}", removed.body);
    let operation = format!("/operations/{}", removed.body["operationId"].as_str().unwrap());
    assert_eq!(caller.get(&operation).await.body["status"], "COMPLETED");
    let between = caller.get("/users/u-1").await.body;
    assert_eq!(licenses(&between), ["DID-SYNTHETIC-US"]);
    assert_eq!(between["assignmentInfo"]["ringGroups"], json!([]));
    assert_eq!(caller.put("/users/u-1", &with_licenses(&between, &["X4-SYNTHETIC-US"])).await.status, 202);
    let mut after = caller.get("/users/u-1").await.body;
    assert_eq!(licenses(&after), ["DID-SYNTHETIC-US", "X4-SYNTHETIC-US"]);
    after["assignmentInfo"]["ringGroups"] = before["assignmentInfo"]["ringGroups"].clone();
    after["serviceInfo"]["licenses"].as_array_mut().unwrap().remove(0);
    assert_eq!(caller.put("/users/u-1", &after).await.status, 202);
    let restored = caller.get("/users/u-1").await.body;
    assert_eq!(restored["assignmentInfo"]["ringGroups"], before["assignmentInfo"]["ringGroups"]);
    let account = emulator.state().accounts[0].clone();
    assert_eq!(account.memberships, ["ring-group/synthetic-reception"]);
}

#[tokio::test]
async fn operation_without_a_free_seat_fails_and_changes_nothing() {
    let (emulator, caller) = phones(quick()).await;
    let before = emulator.state();
    let user = caller.get("/users/u-5").await.body;
    let put = caller.put("/users/u-5", &with_licenses(&user, &["X8-SYNTHETIC-US"])).await;
    let shown = caller.get(&format!("/operations/{}", put.body["operationId"].as_str().unwrap())).await.body;
    assert_eq!(shown["status"], "FAILED");
    assert!(shown["error"]["errors"][0]["message"].as_str().unwrap().contains("No licenses"), "{shown}");
    assert_eq!(emulator.state().accounts, before.accounts);
    emulator
        .set_config(EmulatorConfig {
            operations: Some(OperationConfig { seat_error_at_once: true, ..quick().operations.unwrap() }),
            ..quick()
        })
        .unwrap();
    assert_eq!(caller.put("/users/u-5", &with_licenses(&user, &["X8-SYNTHETIC-US"])).await.status, 400);
}

#[tokio::test]
async fn number_licenses_sent_back_are_rejected_or_duplicated() {
    let (emulator, caller) = phones(quick()).await;
    let user = caller.get("/users/u-1").await.body;
    assert_eq!(caller.put("/users/u-1", &user).await.status, 400);
    let knobs = EmulatorConfig {
        operations: Some(OperationConfig { numbers: NumberHandling::Duplicated, ..quick().operations.unwrap() }),
        ..quick()
    };
    emulator.set_config(knobs).unwrap();
    assert_eq!(caller.put("/users/u-1", &user).await.status, 202);
    let after = caller.get("/users/u-1").await.body;
    assert_eq!(licenses(&after).iter().filter(|name| name.starts_with("DID")).count(), 2);
}

#[tokio::test]
async fn put_deletes_omitted_fields() {
    let (_emulator, caller) = phones(EmulatorConfig { extra_fields: true, ..quick() }).await;
    let user = caller.get("/users/u-2").await.body;
    assert!(user["basicInfo"]["costCenter"].is_string());
    assert_eq!(caller.put("/users/u-2", &user).await.status, 202);
    assert_eq!(caller.get("/users/u-2").await.body["basicInfo"]["costCenter"], user["basicInfo"]["costCenter"]);
    let mut thin = user.clone();
    thin["basicInfo"].as_object_mut().unwrap().remove("costCenter");
    thin.as_object_mut().unwrap().remove("serviceInfo");
    assert_eq!(caller.put("/users/u-2", &thin).await.status, 202);
    let after = caller.get("/users/u-2").await.body;
    assert!(after["basicInfo"]["costCenter"].is_null());
    assert_eq!(licenses(&after), [""; 0], "also licenses that are not named");
}

#[tokio::test]
async fn list_continues_by_scrolling_until_it_expires() {
    let (emulator, caller) = phones(EmulatorConfig { page_size: Some(2), ..quick() }).await;
    let mut ids = Vec::new();
    let mut path = "/users?pageSize=1000".to_owned();
    let first = loop {
        let page = caller.get(&path).await.body;
        ids.extend(page["data"].as_array().unwrap().iter().map(|user| user["basicInfo"]["userId"].to_string()));
        let Some(next) = page["pagination"]["nextScrollId"].as_str() else { break path };
        path = format!("/users?scrollId={next}");
        if ids.len() == 2 {
            // Who comes while the list is read is not on it.
            let add = TenantAction::Add { id: "u-9".into(), email: "new@acme.example".into(), licenses: Vec::new() };
            emulator.apply_actions(&[add]).unwrap();
        }
    };
    assert_eq!(ids.len(), 5);
    assert_eq!(caller.get(&format!("{first}&pageSize=2")).await.status, 400);
    emulator.apply_actions(&[TenantAction::Advance { seconds: 61 }]).unwrap();
    assert_eq!(caller.get(&first).await.status, 400, "it has expired");
    assert_eq!(caller.get("/users?pageSize=0").await.status, 400);
    let filtered = caller.get("/users?filter=basicInfo.primaryEmail==bo@acme.example").await.body;
    assert_eq!(filtered["data"].as_array().unwrap().len(), 1);
    assert_eq!(caller.get("/users?filter=shoeSize==44").await.status, 400);
}

#[tokio::test]
async fn too_many_operations_in_flight_are_rejected() {
    let mut knobs = quick();
    knobs.operations =
        Some(OperationConfig { min_ms: 60_000, max_ms: 60_000, in_flight: 2, ..OperationConfig::default() });
    let (emulator, caller) = phones(knobs).await;
    for id in ["u-2", "u-3", "u-4"] {
        let user = caller.get(&format!("/users/{id}")).await.body;
        let expected = if id == "u-4" { 429 } else { 202 };
        assert_eq!(caller.put(&format!("/users/{id}"), &with_licenses(&user, &[])).await.status, expected, "{id}");
    }
    let user = caller.get("/users/u-2").await.body;
    assert_eq!(licenses(&user), ["X4-SYNTHETIC-US"], "accepted is not done");
    assert_eq!(caller.put("/users/u-2", &user).await.status, 409);
    assert_eq!(caller.get("/operations/op_1").await.body["status"], "PENDING");
    emulator.apply_actions(&[TenantAction::Advance { seconds: 30 }]).unwrap();
    assert_eq!(caller.get("/operations/op_1").await.body["status"], "IN_PROGRESS");
    emulator.apply_actions(&[TenantAction::Advance { seconds: 31 }]).unwrap();
    assert_eq!(caller.get("/operations/op_1").await.body["status"], "COMPLETED");
    assert_eq!(licenses(&caller.get("/users/u-2").await.body), [""; 0]);
}

#[tokio::test]
async fn operations_fail_as_the_fault_says() {
    for (ending, status, gone) in [
        (OperationFailure::NoSeat, json!("FAILED"), false),
        (OperationFailure::Failed, json!("FAILED"), false),
        (OperationFailure::Stuck, json!("IN_PROGRESS"), false),
        (OperationFailure::Unknown, json!("UNKNOWN"), true),
        (OperationFailure::Forgotten, json!(404), true),
    ] {
        let knobs = EmulatorConfig { faults: vec![fault("PUT", 1, FaultEffect::End(ending))], ..quick() };
        let (_emulator, caller) = phones(knobs).await;
        let user = caller.get("/users/u-2").await.body;
        let put = caller.put("/users/u-2", &with_licenses(&user, &[])).await;
        let path = format!("/operations/{}", put.body["operationId"].as_str().unwrap());
        assert_eq!(caller.get(&path).await.body["status"], status, "{ending:?}");
        assert_eq!(licenses(&caller.get("/users/u-2").await.body).is_empty(), gone, "{ending:?}");
    }
}

#[tokio::test]
async fn ten_thousand_users_are_listed_and_changed_in_seconds() {
    let (small, _) = phones(quick()).await;
    let mut state = small.state();
    let one = state.accounts[1].clone();
    state.accounts = (0..10_000)
        .map(|number| Account {
            id: format!("u-{number}").into(),
            email: format!("p{number}@acme.example").into(),
            ..one.clone()
        })
        .collect();
    state.pools[1].total = Some(10_000);
    let settings = EmulatorSettings { config: quick(), state: Some(state), ..EmulatorSettings::for_vendor("8x8") };
    let emulator = Emulator::start(settings).await.unwrap();
    let caller = Caller::of(&emulator);
    let start = Instant::now();
    let (mut path, mut people) = ("/users?pageSize=1000".to_owned(), 0);
    loop {
        let page = caller.get(&path).await.body;
        people += page["data"].as_array().unwrap().len();
        let Some(next) = page["pagination"]["nextScrollId"].as_str() else { break };
        path = format!("/users?scrollId={next}");
    }
    assert_eq!(people, 10_000);
    for number in 0..200 {
        let path = format!("/users/u-{}", number * 50);
        let user = caller.get(&path).await.body;
        assert_eq!(caller.put(&path, &with_licenses(&user, &[])).await.status, 202);
    }
    let held = emulator.state().accounts.iter().filter(|account| !account.holdings.is_empty()).count();
    assert_eq!(held, 9_800);
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}
