//! Invalid responses cause no panic, end in bounded time, and never lead to a loss.

use std::time::Instant;

use axum::http::Method;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::stand_in::Said;
use super::*;
use crate::adapter::{Execute as _, Observe as _};

/// Any small JSON.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z]{1,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Every place in a value.
fn places(value: &Value, at: String, all: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                places(inner, format!("{at}/{key}"), all);
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                places(inner, format!("{at}/{index}"), all);
            }
        }
        _ => {}
    }
    all.push(at);
}

#[tokio::test]
async fn invalid_page_never_yields_a_complete_observation_with_losses() {
    let good = json!({
        "data": [user("u-1", &[license("l-1", "X2-SKU-US")]), user("u-2", &[license("l-2", "X4-SKU-US")])],
        "pagination": { "hasMore": false, "nextScrollId": null },
    });
    let mut all = Vec::new();
    places(&good, String::new(), &mut all);
    let mut runner = TestRunner::deterministic();
    for place in all.iter().filter(|place| !place.contains("/directoryInfo") && !place.contains("/extensions")) {
        for _ in 0..3 {
            let wrong = json_value().new_tree(&mut runner).unwrap().current();
            let mut page = good.clone();
            *page.pointer_mut(place).unwrap() = wrong.clone();
            let body = page.to_string();
            let server = StandIn::with([], move |asked, _| {
                asked.path.starts_with("/users?").then(|| Said {
                    status: 200,
                    headers: Vec::new(),
                    body: body.clone().into_bytes(),
                })
            })
            .await;
            let Ok(observation) = phones(&server).observe().await else { continue };
            if observation.complete {
                // All of it was understood: both are there, or the answer itself says otherwise.
                let told = page["data"].as_array().map_or(0, Vec::len);
                assert!(observation.accounts.len() <= told, "{place} = {wrong}");
                let wholly = page["pagination"]["hasMore"] == json!(false);
                assert!(wholly, "{place} = {wrong}: wrongly complete");
            }
        }
    }
}

#[tokio::test]
async fn invalid_user_is_sent_unchanged_or_not_at_all() {
    let good = user("u-1", &[license("l-1", "X2-SKU-US"), license("d-1", "UC DID")]);
    let mut all = Vec::new();
    places(&good, String::new(), &mut all);
    let mut runner = TestRunner::deterministic();
    for place in &all {
        let wrong = json_value().new_tree(&mut runner).unwrap().current();
        let mut broken = good.clone();
        *broken.pointer_mut(place).unwrap() = wrong.clone();
        let shown = broken.clone();
        let server = StandIn::with([good.clone()], move |asked, _| {
            (asked.method == Method::GET && asked.path == "/users/u-1").then(|| Said::json(200, &shown))
        })
        .await;
        let answer = phones(&server).execute(&operation(OperationKind::Assign, "u-1", "X4")).await;
        for put in server.puts() {
            assert!(put["serviceInfo"]["licenses"].as_array().is_some_and(|all| !all.is_empty()), "{place} = {wrong}");
            for part in ["directoryInfo", "assignmentInfo"] {
                assert_eq!(put[part], broken[part], "{place} = {wrong}");
            }
        }
        if let Err(error) = answer {
            assert!(!error.maybe_in_effect || !server.puts().is_empty(), "{place} = {wrong}: {error:?}");
        }
    }
}

#[tokio::test]
async fn endless_and_deep_responses_are_bounded() {
    let start = Instant::now();
    let deep =
        format!("{{\"data\": {}{}, \"pagination\": {{\"hasMore\": false}}}}", "[".repeat(100_000), "]".repeat(100_000));
    let many = format!("{{\"data\": [{}0], \"pagination\": {{\"hasMore\": false}}}}", "0,".repeat(400_000));
    let huge = format!("{{\"data\": [], \"junk\": \"{}\"}}", "x".repeat(2 << 20));
    for body in [deep, many, huge] {
        let server = StandIn::with([], move |_, _| {
            Some(Said { status: 200, headers: Vec::new(), body: body.clone().into_bytes() })
        })
        .await;
        let phones = phones(&server);
        match phones.observe().await {
            Ok(observation) => assert!(!observation.complete && observation.accounts.is_empty()),
            Err(error) => assert_eq!(error.kind, ErrorKind::Malformed),
        }
        assert_eq!(phones.account("u-1").await.unwrap_err().kind, ErrorKind::Malformed);
        let removal = operation(OperationKind::Remove, "u-1", "X2");
        assert_eq!(phones.execute(&removal).await.unwrap_err().kind, ErrorKind::Malformed);
        assert!(server.puts().is_empty());
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[tokio::test]
async fn endless_list_is_bounded() {
    let mut page = 0_u64;
    let server = StandIn::with([], move |_, _| {
        page += 1;
        let next = format!("page-{page}");
        Some(Said::json(200, &json!({ "data": [], "pagination": { "hasMore": true, "nextScrollId": next } })))
    })
    .await;
    let observation = phones(&server).observe().await.unwrap();
    assert!(!observation.complete && server.paths().len() < 10);
}

#[tokio::test]
async fn change_without_a_response_may_be_in_effect() {
    let server = StandIn::with([user("u-1", &[license("l-1", "X2-SKU-US")])], |asked, inner| {
        (asked.method == Method::PUT).then(|| {
            inner.replace("u-1", asked.body.clone());
            Said::problem(504, "UNKNOWN", "the answer was lost")
        })
    })
    .await;
    let phones = phones(&server);
    let error = phones.execute(&operation(OperationKind::Remove, "u-1", "X2")).await.unwrap_err();
    assert!(error.maybe_in_effect);
    assert_eq!(held(&phones.account("u-1").await.unwrap().unwrap()), "u-1: ");
}
