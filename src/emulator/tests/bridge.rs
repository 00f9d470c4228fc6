//! The bridge protocol for several vendors.

use serde_json::{Value, json};

use super::super::config::{FaultEffect, OperationConfig, OperationFailure};
use super::*;
use crate::model::PoolStatus;

async fn start(vendor: &str, config: EmulatorConfig) -> (Emulator, Caller) {
    let emulator = Emulator::start(EmulatorSettings { config, ..EmulatorSettings::for_vendor(vendor) }).await.unwrap();
    let caller = Caller::of(&emulator);
    (emulator, caller)
}

/// Returns a configuration in which operations take a second.
fn slow() -> EmulatorConfig {
    let operations = OperationConfig { min_ms: 1000, max_ms: 1000, ..OperationConfig::default() };
    EmulatorConfig { operations: Some(operations), ..EmulatorConfig::default() }
}

/// Sends a request and returns its result, or its error.
async fn ask(caller: &Caller, name: &str, arguments: Value) -> Result<Value, Value> {
    let mut request = arguments;
    request["id"] = 7.into();
    request["do"] = name.into();
    let got = caller.send("POST", &format!("/{name}"), Some(&request), &[]).await.unwrap();
    assert_eq!(got.body["id"], 7, "{}", got.body);
    match got.body.get("error") {
        Some(error) => Err(error.clone()),
        None => Ok(got.body[name].clone()),
    }
}

async fn execute(caller: &Caller, kind: &str, account: &str, license: &str, to: Option<&str>) -> Result<Value, Value> {
    ask(caller, "execute", json!({ "operation": order(kind, account, license, to) })).await
}

fn order(kind: &str, account: &str, license: &str, to: Option<&str>) -> Value {
    json!({ "name": "op-1", "kind": kind, "account": account, "person": "a@b.example", "license": license, "to": to })
}

async fn poll(caller: &Caller, handle: &Value) -> Result<Value, Value> {
    let operation = order("change", "u-1", "essential", Some("business"));
    ask(caller, "poll", json!({ "operation": operation, "handle": handle })).await
}

async fn holdings(caller: &Caller, account: &str) -> Vec<String> {
    let answer = ask(caller, "account", json!({ "account": account })).await.unwrap();
    let holdings = answer["account"]["holdings"].as_array().unwrap().clone();
    holdings
        .iter()
        .map(|held| format!("{} {}", held["license"].as_str().unwrap(), held["state"].as_str().unwrap()))
        .collect()
}

fn second() -> TenantAction {
    TenantAction::Advance { seconds: 1 }
}

#[tokio::test]
async fn every_vendor_without_an_own_api_serves_a_sample_tenant() {
    for vendor in vendors() {
        let (emulator, caller) = start(vendor, EmulatorConfig::default()).await;
        if emulator.adapter() == "api" {
            continue;
        }
        let description =
            ask(&caller, "describe", json!({ "protocols": [1], "tenant": "t", "vendor": vendor, "writes": true }))
                .await;
        assert_eq!(description.unwrap()["protocol"], 1, "{vendor}");
        let page = ask(&caller, "observe", json!({ "cursor": null })).await.unwrap();
        assert_eq!(page["accounts"].as_array().unwrap().len(), 6, "{vendor}");
        assert!(page["pools"].as_array().unwrap().len() >= 2, "{vendor}");
        assert_eq!(page["next"], Value::Null, "{vendor}");
    }
}

#[tokio::test]
async fn accepted_change_is_pending_until_it_is_due() {
    let (emulator, caller) = start("avaya-spaces", slow()).await;
    let accepted = execute(&caller, "change", "u-1", "essential", Some("business")).await.unwrap();
    assert_eq!(accepted["state"], "accepted");
    assert_eq!(poll(&caller, &accepted["handle"]).await.unwrap()["state"], "accepted");
    assert_eq!(holdings(&caller, "u-1").await, ["essential active", "business pending"]);
    emulator.apply_actions(&[second()]).unwrap();
    assert_eq!(poll(&caller, &accepted["handle"]).await.unwrap()["state"], "done");
    assert_eq!(holdings(&caller, "u-1").await, ["business active"]);
    assert_eq!(execute(&caller, "change", "u-1", "essential", Some("business")).await.unwrap()["state"], "already");
}

#[tokio::test]
async fn pending_upgrade_can_be_cancelled() {
    let (_emulator, caller) = start("avaya-spaces", slow()).await;
    execute(&caller, "change", "u-1", "essential", Some("power")).await.unwrap();
    assert_eq!(execute(&caller, "cancel", "u-1", "power", None).await.unwrap()["state"], "done");
    assert_eq!(holdings(&caller, "u-1").await, ["essential active"]);
}

#[tokio::test]
async fn refusals_of_the_simulator_keep_their_kind() {
    let (emulator, caller) = start("avaya-spaces", slow()).await;
    emulator.apply_actions(&[TenantAction::Steal { license: "power".into(), seats: 1 }]).unwrap();
    for (account, to, kind) in [
        ("u-1", "power", "no-seat"),
        ("u-5", "power", "forbidden"),
        ("u-6", "power", "forbidden"),
        ("u-9", "power", "not-found"),
    ] {
        let error = execute(&caller, "change", account, "essential", Some(to)).await.unwrap_err();
        assert_eq!(error["kind"], kind, "{account}: {error}");
    }
    emulator.apply_actions(&[TenantAction::Busy { reason: Some("user audit".to_owned()), seconds: Some(5) }]).unwrap();
    assert_eq!(ask(&caller, "busy", json!({})).await.unwrap()["reason"], "user audit");
    assert_eq!(execute(&caller, "change", "u-1", "essential", Some("business")).await.unwrap_err()["kind"], "busy");
    emulator.apply_actions(&[TenantAction::Advance { seconds: 5 }]).unwrap();
    assert_eq!(ask(&caller, "busy", json!({})).await.unwrap()["reason"], Value::Null);
}

#[tokio::test]
async fn expired_license_yields_the_floor() {
    let (emulator, caller) = start("avaya-spaces", quick()).await;
    let expired = Some(PoolStatus::Expired);
    emulator
        .apply_actions(&[TenantAction::Pool { license: "power".into(), total: None, status: expired, expires: None }])
        .unwrap();
    execute(&caller, "change", "u-2", "business", Some("power")).await.unwrap();
    assert_eq!(holdings(&caller, "u-2").await, ["essential active"]);
}

#[tokio::test]
async fn immediate_vendor_answers_done() {
    let (_emulator, caller) = start("officeseries", slow()).await;
    assert_eq!(execute(&caller, "assign", "u-1", "main/timesheet", None).await.unwrap()["state"], "done");
    assert_eq!(holdings(&caller, "u-1").await, ["main/timesheet active"]);
}

#[tokio::test]
async fn generic_tenant_follows_the_configured_rules() {
    let exclusive = vec![vec!["editor".into(), "reader".into()]];
    let config = EmulatorConfig { exclusive, floor: Some("reader".into()), ..quick() };
    let (_emulator, caller) = start("generic", config).await;
    execute(&caller, "change", "u-2", "editor", Some("reader")).await.unwrap();
    assert_eq!(holdings(&caller, "u-2").await, ["reader active"]);
    let error = execute(&caller, "remove", "u-2", "reader", None).await.unwrap_err();
    assert_eq!(error["kind"], "forbidden", "{error}");
    let restore = json!({ "operation": { "name": "op-1", "kind": "restore", "account": "u-2", "person": "a@b.example",
        "license": "reader", "to": null, "memberships": ["club"] } });
    assert_eq!(ask(&caller, "execute", restore).await.unwrap()["state"], "done");
}

#[tokio::test]
async fn pages_neither_repeat_nor_skip_an_account() {
    let (emulator, caller) = start("generic", EmulatorConfig { page_size: Some(2), ..quick() }).await;
    let first = ask(&caller, "observe", json!({ "cursor": null })).await.unwrap();
    emulator.apply_actions(&[TenantAction::Delete { id: "u-1".into() }]).unwrap();
    let second = ask(&caller, "observe", json!({ "cursor": first["next"] })).await.unwrap();
    let ids: Vec<&Value> = second["accounts"].as_array().unwrap().iter().map(|account| &account["id"]).collect();
    assert_eq!(ids, ["u-3", "u-4"]);
    assert_eq!((first["pools"].as_array().unwrap().len(), second["pools"].as_array().unwrap().len()), (2, 0));
}

#[tokio::test]
async fn operations_fail_as_the_fault_says() {
    for (failure, kind, takes_effect) in [
        (OperationFailure::NoSeat, Some("no-seat"), false),
        (OperationFailure::Failed, Some("conflict"), false),
        (OperationFailure::Stuck, None, false),
        (OperationFailure::Unknown, Some("unavailable"), true),
        (OperationFailure::Forgotten, Some("not-found"), true),
    ] {
        let faults = vec![fault("POST /execute", 1, FaultEffect::End(failure))];
        let (emulator, caller) = start("avaya-spaces", EmulatorConfig { faults, ..slow() }).await;
        let accepted = execute(&caller, "change", "u-1", "essential", Some("business")).await.unwrap();
        emulator.apply_actions(&[second()]).unwrap();
        let result = poll(&caller, &accepted["handle"]).await;
        assert_eq!(result.as_ref().err().map(|error| error["kind"].as_str().unwrap()), kind, "{failure:?}: {result:?}");
        assert_eq!(holdings(&caller, "u-1").await == ["business active"], takes_effect, "{failure:?}");
    }
}

#[tokio::test]
async fn operations_in_flight_are_limited() {
    let operations = OperationConfig { min_ms: 60_000, max_ms: 60_000, in_flight: 1, ..OperationConfig::default() };
    let config = EmulatorConfig { operations: Some(operations), ..EmulatorConfig::default() };
    let (_emulator, caller) = start("avaya-spaces", config).await;
    execute(&caller, "change", "u-1", "essential", Some("business")).await.unwrap();
    let error = execute(&caller, "change", "u-4", "essential", Some("business")).await.unwrap_err();
    assert_eq!((&error["kind"], &error["retry_after"]), (&json!("throttled"), &json!(1.0)));
}

#[tokio::test]
async fn invalid_requests_are_errors() {
    let (_emulator, caller) = start("generic", quick()).await;
    let invalid = caller.send("POST", "/observe", Some(&json!({ "id": 1, "do": "dance" })), &[]).await.unwrap();
    assert_eq!((invalid.status, &invalid.body["error"]["kind"]), (400, &json!("conflict")));
    let elsewhere = caller.send("POST", "/busy", Some(&json!({ "id": 1, "do": "pools" })), &[]).await.unwrap();
    assert_eq!((elsewhere.status, &elsewhere.body["id"]), (404, &json!(1)));
    assert_eq!(caller.get("/pools").await.status, 400);
}
