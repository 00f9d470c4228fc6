//! Changes of licenses and memberships: requests and results.

use super::stand_in::Said;
use super::*;
use crate::adapter::{AdapterError, Execute as _, Observe as _, OperationHandle};

/// Ana with an X2, a number, a recording license and two memberships.
fn ana() -> Value {
    let licenses = [license("l-1", "X2-SKU-US"), license("d-1", "UC DID-7"), license("l-2", "Recording")];
    let mut ana = user("u-1", &licenses);
    ana["assignmentInfo"] = json!({
        "ringGroups": [{ "id": "rg-1", "name": "Reception" }],
        "ucCallQueues": [{ "id": "q-1", "name": "Sales", "memberType": "SECONDARY" }],
    });
    ana["loyalty"] = json!({ "level": 3 });
    ana
}

/// Sends an operation and polls until it ends.
async fn carry_out(phones: &EightByEightTenant, operation: &Operation) -> Result<Receipt, AdapterError> {
    let mut receipt = phones.execute(operation).await?;
    for _ in 0..20 {
        let Receipt::Accepted(Some(handle)) = &receipt else { return Ok(receipt) };
        receipt = phones.poll(operation, &handle.clone()).await?;
    }
    panic!("it never ends");
}

#[tokio::test]
async fn license_change_is_two_puts_and_memberships_are_restored() {
    let stand_in = StandIn::start([ana()]).await;
    let phones = phones(&stand_in);
    let before = phones.observe().await.unwrap();
    assert_eq!(before.accounts[0].memberships, ["call-queue/q-1/SECONDARY", "ring-group/rg-1"]);

    assert_eq!(carry_out(&phones, &operation(OperationKind::Remove, "u-1", "X2")).await.unwrap(), Receipt::Done);
    let removed = &stand_in.puts()[0];
    assert_eq!(removed["serviceInfo"], json!({ "licenses": [license("l-2", "Recording")], "extensions": [] }));
    assert_eq!(removed["loyalty"], json!({ "level": 3 }));
    assert_eq!((&removed["basicInfo"]["costCenter"], &removed["basicInfo"]["userId"]), (&json!(17), &Value::Null));
    let between = phones.account("u-1").await.unwrap().unwrap();
    assert_eq!(held(&between), "u-1: Recording, UC DID-7 (derived)");
    assert_eq!(between.memberships, Vec::<SmolStr>::new());

    assert_eq!(carry_out(&phones, &operation(OperationKind::Assign, "u-1", "X4")).await.unwrap(), Receipt::Done);
    let assigned = &stand_in.puts()[1]["serviceInfo"]["licenses"];
    assert_eq!(*assigned, json!([license("l-2", "Recording"), { "name": "X4-SKU-US", "country": "US" }]));

    // Another process restores them from the plan alone.
    let mut restore = operation(OperationKind::Restore, "u-1", "X4");
    restore.memberships = before.accounts[0].memberships.clone();
    let other = phones_of(&settings(&stand_in));
    assert_eq!(carry_out(&other, &restore).await.unwrap(), Receipt::Done);
    let after = phones.observe().await.unwrap();
    assert_eq!(holders(&after), ["u-1: Recording, UC DID-7 (derived), X4"]);
    assert_eq!(after.accounts[0].memberships, before.accounts[0].memberships);

    let puts = stand_in.puts().len();
    for done in [operation(OperationKind::Remove, "u-1", "X2"), operation(OperationKind::Assign, "u-1", "X4"), restore]
    {
        assert_eq!(phones.execute(&done).await.unwrap(), Receipt::Already, "{}", done.kind.as_str());
    }
    assert_eq!(stand_in.puts().len(), puts, "nothing is sent for what is already in effect");
}

#[tokio::test]
async fn every_put_follows_a_fresh_read() {
    let stand_in = StandIn::start([ana(), user("u-2", &[])]).await;
    let phones = phones(&stand_in);
    phones.observe().await.unwrap();
    stand_in.inner().users.get_mut("u-1").unwrap()["directoryInfo"]["department"] = "Support".into();
    phones.execute(&operation(OperationKind::Remove, "u-1", "X2")).await.unwrap();
    assert_eq!(stand_in.paths()[1..], ["GET /users/u-1", "PUT /users/u-1"]);
    assert_eq!(stand_in.puts()[0]["directoryInfo"]["department"], "Support");
}

#[tokio::test]
async fn one_user_is_changed_by_one_task_at_a_time() {
    let stand_in = StandIn::start([ana()]).await;
    let phones = phones(&stand_in);
    let (one, other) = (operation(OperationKind::Assign, "u-1", "X4"), operation(OperationKind::Assign, "u-1", "Fax"));
    let (one, other) = tokio::join!(phones.execute(&one), phones.execute(&other));
    assert!(one.is_ok() && other.is_ok());
    let users: Vec<String> = stand_in.paths().into_iter().filter(|path| path.contains("/users/")).collect();
    assert_eq!(users, ["GET /users/u-1", "PUT /users/u-1", "GET /users/u-1", "PUT /users/u-1"]);
    assert!(phones.user_locks.lock().unwrap().is_empty());
}

#[tokio::test]
async fn unsupported_operation_has_a_remedy() {
    let stand_in = StandIn::start([ana()]).await;
    let phones = phones(&stand_in);
    for (kind, help) in [
        (OperationKind::Release, "request a partial cancellation"),
        (OperationKind::Change, "remove the old one and assign the new one"),
        (OperationKind::Cancel, "wait"),
    ] {
        let error = phones.execute(&operation(kind, "u-1", "X2")).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unsupported);
        assert!(error.help.as_ref().unwrap().contains(help), "{error:?}");
    }
    let mut restore = operation(OperationKind::Restore, "u-1", "X4");
    restore.memberships = vec!["sales".into()];
    assert_eq!(phones.execute(&restore).await.unwrap_err().kind, ErrorKind::Unsupported);
    let number = phones.execute(&operation(OperationKind::Assign, "u-1", "UC DID-9")).await.unwrap_err();
    assert_eq!(number.kind, ErrorKind::Forbidden);
    let nobody = phones.execute(&operation(OperationKind::Remove, "u-9", "X2")).await.unwrap_err();
    assert_eq!(nobody.kind, ErrorKind::NotFound);
    assert!(stand_in.puts().is_empty());
}

#[tokio::test]
async fn put_response_determines_the_receipt() {
    for (said, expected) in [
        (
            Said::json(202, &json!({ "operationId": "op_7", "status": "PENDING" })),
            Receipt::Accepted(OperationHandle::new("op_7")),
        ),
        (
            Said::json(202, &json!({ "operationId": "op_7", "status": "WARP" })),
            Receipt::Accepted(OperationHandle::new("op_7")),
        ),
        (Said::json(202, &json!({ "operationId": "op_7" })), Receipt::Accepted(OperationHandle::new("op_7"))),
        (Said::json(202, &json!({ "operationId": "op_7", "status": "COMPLETED" })), Receipt::Done),
        (Said::json(202, &json!({ "operationId": "a\nb", "status": "PENDING" })), Receipt::Accepted(None)),
        (Said::json(202, &json!({ "status": "PENDING" })), Receipt::Accepted(None)),
        (Said::json(202, &json!([])), Receipt::Accepted(None)),
        (Said { status: 200, headers: Vec::new(), body: b"<html>".to_vec() }, Receipt::Accepted(None)),
        (Said { status: 204, headers: Vec::new(), body: Vec::new() }, Receipt::Accepted(None)),
    ] {
        let answer = said.clone();
        let stand_in =
            StandIn::with([ana()], move |asked, _| (asked.method == axum::http::Method::PUT).then(|| answer.clone()))
                .await;
        let receipt = phones(&stand_in).execute(&operation(OperationKind::Remove, "u-1", "X2")).await.unwrap();
        assert_eq!(receipt, expected, "{said:?}");
    }
}

#[tokio::test]
async fn poll_response_determines_the_result() {
    let failed = |status: u16, code: &str, message: &str| {
        json!({ "operationId": "op_7", "status": "FAILED",
                "error": { "status": status, "errors": [{ "code": code, "message": message }] } })
    };
    let at_work = Ok(Receipt::Accepted(OperationHandle::new("op_7")));
    for (said, expected) in [
        (Said::json(200, &json!({ "status": "PENDING" })), at_work.clone()),
        (Said::json(200, &json!({ "status": "IN_PROGRESS", "shard": 3 })), at_work),
        (Said::json(200, &json!({ "status": "COMPLETED" })), Ok(Receipt::Done)),
        // The person must be read back.
        (Said::json(200, &json!({ "status": "UNKNOWN" })), Err((ErrorKind::Malformed, false))),
        (Said::json(200, &json!({ "status": "WARMING_UP" })), Err((ErrorKind::Malformed, false))),
        (Said::json(200, &json!({ "status": null })), Err((ErrorKind::Malformed, false))),
        (Said::json(200, &json!([])), Err((ErrorKind::Malformed, false))),
        (Said::problem(404, "NOT_FOUND", "Operation not found"), Err((ErrorKind::NotFound, false))),
        (Said::problem(403, "FORBIDDEN", "no"), Err((ErrorKind::AccessDenied, false))),
        (Said::problem(503, "SERVICE_UNAVAILABLE", "no"), Err((ErrorKind::Unavailable, false))),
        (Said::json(200, &failed(409, "CONFLICT", "No licenses are available of X4")), Err((ErrorKind::NoSeat, false))),
        (Said::json(200, &failed(400, "LICENSE_NOT_AVAILABLE", "no")), Err((ErrorKind::NoSeat, false))),
        (Said::json(200, &failed(400, "VALIDATION_ERROR", "odd")), Err((ErrorKind::Conflict, false))),
        (Said::json(200, &failed(403, "FORBIDDEN", "no")), Err((ErrorKind::Forbidden, false))),
        (Said::json(200, &failed(500, "UNKNOWN", "oh no")), Err((ErrorKind::Conflict, true))),
        (Said::json(200, &json!({ "status": "FAILED", "error": null })), Err((ErrorKind::Conflict, false))),
    ] {
        let answer = said.clone();
        let stand_in = StandIn::with([ana()], move |_, _| Some(answer.clone())).await;
        let handle = OperationHandle::new("op_7").unwrap();
        let fate = phones(&stand_in).poll(&operation(OperationKind::Assign, "u-1", "X4"), &handle).await;
        let fate = fate.map_err(|error| (error.kind, error.maybe_in_effect));
        assert_eq!(fate, expected, "{said:?}");
        let asked = stand_in.inner().asked[0].0.clone();
        assert_eq!((&*asked.path, &*asked.accept), ("/operations/op_7", "application/vnd.operations.v1+json"));
    }
}

#[tokio::test]
async fn recent_unknown_operation_is_in_progress() {
    let stand_in = StandIn::with([ana()], |asked, _| {
        asked.path.starts_with("/operations").then(|| Said::problem(404, "NOT_FOUND", "Operation not found"))
    })
    .await;
    let phones = phones(&stand_in);
    let removal = operation(OperationKind::Remove, "u-1", "X2");
    let Receipt::Accepted(Some(handle)) = phones.execute(&removal).await.unwrap() else { panic!("no handle") };
    assert_eq!(phones.poll(&removal, &handle).await.unwrap(), Receipt::Accepted(Some(handle)));
}

#[tokio::test]
async fn eleventh_operation_waits_for_capacity() {
    let users = (1..=11).map(|number| user(&format!("u-{number}"), &[license(&format!("l-{number}"), "X2-SKU-US")]));
    let stand_in = StandIn::start(users).await;
    let phones = phones(&stand_in);
    for number in 1..=11 {
        phones.execute(&operation(OperationKind::Remove, &format!("u-{number}"), "X2")).await.unwrap();
    }
    let paths = stand_in.paths();
    let put = paths.iter().position(|path| path == "PUT /users/u-11").unwrap();
    let polls = paths[..put].iter().filter(|path| path.starts_with("GET /operations")).count();
    assert!(polls >= 2, "{paths:?}");
}
