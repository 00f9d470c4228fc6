//! Faults, keys, roles, rate limits and delayed visibility.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::TenantAction;
use super::super::config::{DropPoint, EmulatorConfig, FaultEffect, FaultRule, RetryHint};
use super::{client, fault, licenses, phones, quick, with_licenses};

#[tokio::test]
async fn fault_affects_the_counted_request() {
    let refuse = FaultEffect::Refuse { status: 503, code: None, wait: Some(7), dialect: Some(RetryHint::Seconds) };
    let knobs = EmulatorConfig {
        faults: vec![fault("GET /users/*", 2, refuse), fault("PUT", 1, FaultEffect::Drop(DropPoint::After))],
        ..quick()
    };
    let (emulator, caller) = phones(knobs).await;
    let user = caller.get("/users/u-2").await.body;
    let refused = caller.get("/users/u-2").await;
    assert_eq!((refused.status, refused.headers["retry-after"].to_str().unwrap()), (503, "7"));
    assert_eq!(refused.body["errors"][0]["code"], "SERVICE_UNAVAILABLE");
    assert!(caller.send("PUT", "/users/u-2", Some(&with_licenses(&user, &[])), &[]).await.is_none());
    assert_eq!(licenses(&caller.get("/users/u-2").await.body), [""; 0], "the lost answer had its effect");
    let statuses: Vec<_> = emulator.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [Some(200), Some(503), None, Some(200)]);
}

#[tokio::test]
async fn responses_are_truncated_garbled_and_enlarged() {
    let knobs = EmulatorConfig {
        faults: vec![
            fault("GET", 1, FaultEffect::Truncate { bytes: 150 }),
            fault("GET", 2, FaultEffect::Garble),
            fault("GET", 3, FaultEffect::Huge { bytes: 3_000_000 }),
            fault("GET", 4, FaultEffect::Redirect { to: "http://127.0.0.1:9/".to_owned(), status: 302 }),
            fault("GET", 5, FaultEffect::Drip { bytes_per_second: 20_000 }),
        ],
        ..quick()
    };
    let (_emulator, caller) = phones(knobs).await;
    assert!(caller.send("GET", "/users", None, &[]).await.is_none());
    let garbled = caller.get("/users").await;
    assert_eq!((garbled.status, garbled.body), (200, Value::Null));
    let huge = caller.get("/users").await;
    assert_eq!(huge.headers["content-length"], "3000000");
    assert_eq!(caller.get("/users").await.headers["location"], "http://127.0.0.1:9/");
    let start = std::time::Instant::now();
    assert!(caller.get("/users").await.body["data"].is_array());
    assert!(start.elapsed() > Duration::from_millis(100), "{:?}", start.elapsed());
}

#[tokio::test]
async fn documented_rate_limits_apply_and_name_the_reset() {
    let (emulator, caller) = phones(EmulatorConfig::default()).await;
    for left in (0..20).rev() {
        let got = caller.get("/users?pageSize=1").await;
        assert_eq!(got.status, 200);
        assert_eq!(got.headers["x-ratelimit-remaining"], left.to_string());
    }
    let refused = caller.get("/users?pageSize=1").await;
    assert_eq!((refused.status, &refused.body["errors"][0]["code"]), (429, &json!("TOO_MANY_REQUESTS")));
    assert!(!refused.headers.contains_key("retry-after"));
    let reset: i64 = refused.headers["x-ratelimit-reset"].to_str().unwrap().parse().unwrap();
    let now = emulator.state().observed_at.as_second();
    assert!((now..=now + 11).contains(&reset), "{reset} at {now}");
    emulator.apply_actions(&[TenantAction::Advance { seconds: 10 }]).unwrap();
    assert_eq!(caller.get("/users?pageSize=1").await.status, 200);
}

#[tokio::test]
async fn keys_expire_and_wrong_roles_and_customers_are_rejected() {
    let (emulator, caller) = phones(EmulatorConfig { key_requests: Some(1), ..quick() }).await;
    assert_eq!(caller.get("/users").await.status, 200);
    assert_eq!(caller.get("/users").await.status, 401);
    let bare = client().get(format!("{}/users", emulator.base_url())).send().await.unwrap();
    assert_eq!(bare.status(), 401);
    emulator.set_config(EmulatorConfig { wrong_role: true, ..quick() }).unwrap();
    let user = caller.get("/users/u-1").await.body;
    assert_eq!(caller.put("/users/u-1", &user).await.status, 403);
    emulator.set_config(EmulatorConfig { wrong_account: true, ..quick() }).unwrap();
    assert_eq!(caller.get("/users").await.status, 403);
    emulator.set_config(EmulatorConfig { key: Some("other".to_owned()), ..quick() }).unwrap();
    assert_eq!(caller.get("/users").await.status, 401);
    let requests = emulator.requests();
    assert!(requests.iter().any(|request| !request.key) && requests.iter().any(|request| request.key));
}

#[tokio::test]
async fn writes_become_visible_late() {
    let (emulator, caller) = phones(EmulatorConfig { visible_after_ms: 60_000, ..quick() }).await;
    let user = caller.get("/users/u-2").await.body;
    assert_eq!(caller.put("/users/u-2", &with_licenses(&user, &[])).await.status, 202);
    assert_eq!(licenses(&caller.get("/users/u-2").await.body), ["X4-SYNTHETIC-US"]);
    emulator.apply_actions(&[TenantAction::Advance { seconds: 61 }]).unwrap();
    assert_eq!(licenses(&caller.get("/users/u-2").await.body), [""; 0]);
}

#[tokio::test]
async fn seat_is_stolen_between_removal_and_assignment() {
    let steal = TenantAction::Steal { license: "X8-SYNTHETIC-US".into(), seats: 1 };
    let (_emulator, caller) =
        phones(EmulatorConfig { faults: vec![fault("PUT", 1, FaultEffect::After(vec![steal]))], ..quick() }).await;
    let user = caller.get("/users/u-4").await.body;
    assert_eq!(caller.put("/users/u-4", &with_licenses(&user, &[])).await.status, 202);
    let put = caller.put("/users/u-4", &with_licenses(&user, &["X8-SYNTHETIC-US"])).await;
    let operation = put.body["operationId"].as_str().unwrap().to_owned();
    assert_eq!(caller.get(&format!("/operations/{operation}")).await.body["status"], "FAILED");
}

#[tokio::test]
async fn same_seed_gives_the_same_responses() {
    let mut told = Vec::new();
    for _ in 0..2 {
        let mut knobs = quick();
        knobs.seed = 7;
        let refuse = FaultEffect::Refuse { status: 500, code: None, wait: None, dialect: None };
        knobs.faults = vec![FaultRule { times: 0, percent: 40, ..fault("GET", 1, refuse) }];
        let (emulator, caller) = phones(knobs).await;
        for _ in 0..30 {
            caller.get("/users/u-1").await;
        }
        told.push(emulator.requests().iter().map(|request| request.status).collect::<Vec<_>>());
    }
    assert_eq!(told[0], told[1]);
    assert!(told[0].contains(&Some(500)) && told[0].contains(&Some(200)));
}
