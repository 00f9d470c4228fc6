//! Reading a tenant: pages, partial lists and expired scrolls.

use super::stand_in::{Asked, Inner, Said};
use super::*;
use crate::adapter::Observe as _;

fn five() -> Vec<Value> {
    let mut users: Vec<Value> =
        (1..=5).map(|number| user(&format!("u-{number}"), &[license(&format!("l-{number}"), "X2-SKU-US")])).collect();
    users[0]["serviceInfo"]["licenses"].as_array_mut().unwrap().push(license("d-1", "UC DID-7"));
    users[0]["assignmentInfo"]["ringGroups"] = json!([{ "id": "rg-1", "name": "Reception" }]);
    users[4]["serviceInfo"] = json!({ "licenses": [] });
    users
}

fn is_scroll(asked: &Asked) -> bool {
    asked.path.contains("scrollId=")
}

async fn observe(
    users: Vec<Value>,
    hook: impl FnMut(&Asked, &mut Inner) -> Option<Said> + Send + 'static,
) -> (Observation, Vec<String>) {
    let stand_in = StandIn::with(users, hook).await;
    let observation = phones(&stand_in).observe().await.unwrap();
    (observation, stand_in.paths())
}

#[tokio::test]
async fn pages_are_read_in_order_with_the_scroll_id_only() {
    let (observation, paths) = observe(five(), |_, _| None).await;
    assert!(observation.complete);
    assert_eq!(holders(&observation), ["u-1: UC DID-7 (derived), X2", "u-2: X2", "u-3: X2", "u-4: X2", "u-5: "]);
    assert_eq!(observation.accounts[0].memberships, ["ring-group/rg-1"]);
    assert_eq!(paths, ["GET /users?pageSize=1000", "GET /users?scrollId=from-2", "GET /users?scrollId=from-4"]);
    let pools: Vec<_> = observation.pools.iter().map(|pool| (&*pool.license, pool.total, pool.used)).collect();
    assert_eq!(pools, [("X2", None, Some(4))]);
}

#[tokio::test]
async fn refused_page_size_is_reduced() {
    let (observation, paths) = observe(five(), |asked, _| {
        asked.path.contains("pageSize").then(|| Said::problem(400, "INVALID_PAGE_SIZE", "too large"))
    })
    .await;
    assert!(observation.complete && observation.accounts.len() == 5);
    assert_eq!(paths[..3], ["GET /users?pageSize=1000", "GET /users?pageSize=100", "GET /users"]);
}

#[tokio::test]
async fn failed_page_makes_the_observation_incomplete() {
    for fault in [
        Said::problem(500, "UNKNOWN", "no"),
        Said::problem(503, "SERVICE_UNAVAILABLE", "no"),
        Said::problem(403, "FORBIDDEN", "no"),
        Said { status: 200, headers: Vec::new(), body: b"{\"data\": [".to_vec() },
        Said { status: 200, headers: Vec::new(), body: b"<html>".to_vec() },
        Said::json(200, &json!({ "data": null, "pagination": { "hasMore": false } })),
        Said::json(200, &json!({ "data": "nobody", "pagination": { "hasMore": false } })),
        Said { headers: vec![("location", "http://127.0.0.1:9/".to_owned())], ..Said::json(302, &json!({})) },
    ] {
        let broken = fault.clone();
        let (observation, _) = observe(five(), move |asked, _| is_scroll(asked).then(|| broken.clone())).await;
        assert!(!observation.complete, "{fault:?}");
        assert_eq!(observation.accounts.len(), 2, "{fault:?}");
        assert_eq!(observation.pools[0].used, None, "who was not seen may hold one");
    }
}

#[tokio::test]
async fn failed_first_page_is_an_error() {
    for (fault, kind) in [
        (Said::problem(401, "FORBIDDEN", "no such key"), ErrorKind::AccessDenied),
        (Said::problem(403, "FORBIDDEN", "CustomerId mismatch: a vs b"), ErrorKind::AccessDenied),
        (Said::problem(500, "UNKNOWN", "no"), ErrorKind::Unavailable),
        (Said { status: 404, headers: Vec::new(), body: b"no route".to_vec() }, ErrorKind::Malformed),
        (Said { status: 200, headers: Vec::new(), body: b"<html>".to_vec() }, ErrorKind::Malformed),
        (Said::json(200, &json!({})), ErrorKind::Malformed),
    ] {
        let stand_in = StandIn::with(five(), move |_, _| Some(fault.clone())).await;
        let error = phones(&stand_in).observe().await.unwrap_err();
        assert_eq!(error.kind, kind, "{error:?}");
        assert!(!error.maybe_in_effect && !format!("{error:?}").contains(KEY));
    }
}

#[tokio::test]
async fn list_without_a_reported_end_is_incomplete() {
    for pagination in [
        json!(null),
        json!({}),
        json!({ "hasMore": null }),
        json!({ "hasMore": true }),
        json!({ "hasMore": true, "nextScrollId": "" }),
        json!({ "hasMore": true, "nextScrollId": null }),
    ] {
        let said = json!({ "data": [user("u-1", &[])], "pagination": pagination });
        let (observation, paths) = observe(five(), move |_, _| Some(Said::json(200, &said))).await;
        assert!(!observation.complete, "{pagination}");
        assert_eq!((observation.accounts.len(), paths.len()), (1, 1), "{pagination}");
    }
}

#[tokio::test]
async fn cycle_of_pages_ends() {
    let (observation, paths) = observe(five(), |_, inner| {
        let data: Vec<&Value> = inner.users.values().collect();
        Some(Said::json(200, &json!({ "data": data, "pagination": { "hasMore": true, "nextScrollId": "again" } })))
    })
    .await;
    assert!(!observation.complete && observation.accounts.len() == 5);
    assert!(paths.len() <= 5, "{paths:?}");
}

#[tokio::test]
async fn constant_scroll_id_is_not_a_cycle() {
    let mut place = 0;
    let (observation, _) = observe(five(), move |_, inner| {
        let data: Vec<&Value> = inner.users.values().skip(place).take(2).collect();
        place += 2;
        let more = place < inner.users.len();
        Some(Said::json(200, &json!({ "data": data, "pagination": { "hasMore": more, "nextScrollId": "the-one" } })))
    })
    .await;
    assert!(observation.complete && observation.accounts.len() == 5);
}

#[tokio::test]
async fn expired_scroll_restarts_a_few_times() {
    for status in [400, 404, 410] {
        let mut left = 2;
        let (observation, _) = observe(five(), move |asked, _| {
            left -= i32::from(is_scroll(asked));
            (is_scroll(asked) && left >= 0).then(|| Said::problem(status, "BAD_REQUEST", "scroll expired"))
        })
        .await;
        assert!(observation.complete && observation.accounts.len() == 5, "{status}");
        let (observation, paths) = observe(five(), move |asked, _| {
            is_scroll(asked).then(|| Said::problem(status, "BAD_REQUEST", "scroll expired"))
        })
        .await;
        assert!(!observation.complete && observation.accounts.len() == 2, "{status}");
        assert_eq!(paths.len(), 8, "once, and three times again: {paths:?}");
    }
}

#[tokio::test]
async fn user_on_two_pages_counts_once_as_seen_last() {
    let (observation, _) = observe(five(), |asked, inner| {
        if !is_scroll(asked) {
            return None;
        }
        let mut moved = inner.users["u-1"].clone();
        moved["serviceInfo"]["licenses"] = json!([license("l-9", "X4-SKU-US")]);
        let page = json!({ "data": [moved, user("u-3", &[])], "pagination": { "hasMore": false } });
        Some(Said::json(200, &page))
    })
    .await;
    assert_eq!(holders(&observation), ["u-1: X4", "u-2: X2", "u-3: "]);
}

#[tokio::test]
async fn invalid_user_makes_the_list_incomplete_and_spares_others() {
    let (observation, _) = observe(five(), |_, inner| {
        let data = json!([inner.users["u-1"], { "basicInfo": { "userId": 7 } }, inner.users["u-2"], null]);
        Some(Said::json(200, &json!({ "data": data, "pagination": { "hasMore": false } })))
    })
    .await;
    assert!(!observation.complete);
    assert_eq!(observation.accounts.len(), 2);
}

#[tokio::test]
async fn partially_listed_user_is_read_separately() {
    let thin = |asked: &Asked, inner: &mut Inner| {
        let is_list = asked.path.starts_with("/users?");
        is_list.then(|| {
            let mut data: Vec<Value> = inner.users.values().cloned().collect();
            data[0].as_object_mut().unwrap().remove("assignmentInfo");
            data[1]["serviceInfo"] = Value::Null;
            data[2]["serviceInfo"]["licenses"] = Value::Null;
            for one in &mut data {
                one.as_object_mut().unwrap().remove("assignmentInfo");
            }
            Said::json(200, &json!({ "data": data, "pagination": { "hasMore": false } }))
        })
    };
    let (observation, paths) = observe(five(), thin).await;
    assert!(observation.complete);
    assert_eq!(holders(&observation), ["u-1: UC DID-7 (derived), X2", "u-2: X2", "u-3: X2", "u-4: X2", "u-5: "]);
    assert_eq!(observation.accounts[0].memberships, ["ring-group/rg-1"]);
    // Memberships of a user without a license are not needed.
    assert_eq!(paths[1..], ["GET /users/u-1", "GET /users/u-2", "GET /users/u-3", "GET /users/u-4"]);
    let (observation, _) = observe(five(), move |asked, inner| match &*asked.path {
        "/users/u-2" | "/users/u-4" => Some(Said::problem(500, "UNKNOWN", "no")),
        _ => thin(asked, inner),
    })
    .await;
    assert!(!observation.complete);
    assert_eq!(holders(&observation), ["u-1: UC DID-7 (derived), X2", "u-3: X2", "u-4: X2", "u-5: "]);
}

#[tokio::test]
async fn account_is_absent_only_if_the_vendor_says_so() {
    let stand_in = StandIn::with(five(), |asked, _| match &*asked.path {
        "/users/u-3" => Some(Said { status: 404, headers: Vec::new(), body: b"<html>not found</html>".to_vec() }),
        "/users/u-4" => Some(Said::json(200, &user("u-5", &[]))),
        _ => None,
    })
    .await;
    let phones = phones(&stand_in);
    assert_eq!(held(&phones.account("u-1").await.unwrap().unwrap()), "u-1: UC DID-7 (derived), X2");
    assert_eq!(held(&phones.account("u-5").await.unwrap().unwrap()), "u-5: ");
    assert_eq!(phones.account("u-9").await.unwrap(), None);
    for id in ["u-3", "u-4", "", ".."] {
        assert_eq!(phones.account(id).await.unwrap_err().kind, ErrorKind::Malformed, "{id}");
    }
    assert_eq!(stand_in.paths().len(), 5, "the manifest names all licenses, so that no list was needed");
}

#[tokio::test]
async fn health_reports_clock_and_quota() {
    let stand_in = StandIn::with(five(), |asked, inner| {
        let headers = vec![
            ("date", "Sun, 22 Nov 2026 10:00:00 GMT".to_owned()),
            ("x-ratelimit-limit", "100".to_owned()),
            ("x-ratelimit-remaining", "42".to_owned()),
        ];
        Some(Said { headers, ..inner.answer(asked) })
    })
    .await;
    let health = crate::adapter::Observe::health(&phones(&stand_in)).await.unwrap();
    assert_eq!(health.server_time, Some("2026-11-22T10:00:00Z".parse().unwrap()));
    assert_eq!(health.quota.map(|quota| (quota.remaining, quota.limit)), Some((42, Some(100))));
    assert_eq!(stand_in.paths(), ["GET /users?pageSize=1"]);
    std::fs::write(stand_in.key_file(), "wrong-key").unwrap();
    let error = crate::adapter::Observe::health(&phones(&stand_in)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::AccessDenied);
}
