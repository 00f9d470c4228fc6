//! Refusals of a change: what they mean, and whether it may be in effect.

use axum::http::Method;

use super::stand_in::Said;
use super::*;
use crate::adapter::{AdapterError, Execute as _};

async fn refused(said: Said) -> AdapterError {
    let stand_in =
        StandIn::with([user("u-1", &[])], move |asked, _| (asked.method == Method::PUT).then(|| said.clone())).await;
    let error = phones(&stand_in).execute(&operation(OperationKind::Assign, "u-1", "X4")).await.unwrap_err();
    assert_eq!(stand_in.puts().len(), 1, "a change is sent once");
    assert!(!format!("{error:?}").contains(KEY), "{error:?}");
    error
}

#[tokio::test]
async fn refusal_has_a_kind_and_a_remedy() {
    for (status, code, message, kind, doubtful, help) in [
        (
            400,
            "VALIDATION_ERROR",
            "No licenses are available of X4",
            ErrorKind::NoSeat,
            false,
            "purchase a new license",
        ),
        (409, "NO_LICENSE_AVAILABLE", "sold out", ErrorKind::NoSeat, false, "purchase a new license"),
        (400, "BAD_REQUEST", "Insufficient subscriptions", ErrorKind::NoSeat, false, "purchase a new license"),
        (400, "VALIDATION_ERROR", "License type X4 not found", ErrorKind::NotFound, false, "`pools`"),
        (400, "VALIDATION_ERROR", "size must be between 2 and 30", ErrorKind::Conflict, false, ""),
        (401, "UNAUTHORIZED", "no such key", ErrorKind::AccessDenied, false, "check the key"),
        (403, "FORBIDDEN", "not allowed", ErrorKind::AccessDenied, false, "role includes permission"),
        (403, "FORBIDDEN", "CustomerId mismatch: a vs b", ErrorKind::AccessDenied, false, "right admin account"),
        (404, "NOT_FOUND", "User not found", ErrorKind::NotFound, false, ""),
        (405, "BAD_REQUEST", "not a method", ErrorKind::Unsupported, false, "runbook"),
        (501, "UNKNOWN", "updating users is not implemented", ErrorKind::Unsupported, false, "runbook"),
        (400, "BAD_REQUEST", "Update is not yet implemented", ErrorKind::Unsupported, false, "runbook"),
        (408, "REQUEST_TIMEOUT", "late", ErrorKind::Unavailable, true, ""),
        (409, "CONFLICT", "another operation of this user is in progress", ErrorKind::Unavailable, false, ""),
        (409, "CONFLICT", "odd", ErrorKind::Conflict, false, ""),
        (424, "UNKNOWN", "behind", ErrorKind::Unavailable, true, ""),
        (429, "TOO_MANY_REQUESTS", "slow", ErrorKind::Throttled, false, ""),
        (429, "RATE_LIMIT_EXCEEDED", "slow", ErrorKind::Throttled, false, ""),
        (500, "UNKNOWN", "oh no", ErrorKind::Unavailable, true, ""),
        (503, "SERVICE_UNAVAILABLE", "Service unavailable", ErrorKind::Unavailable, true, ""),
        (418, "TEAPOT", "new code", ErrorKind::Malformed, false, ""),
    ] {
        let error = refused(Said::problem(status, code, message)).await;
        assert_eq!((error.kind, error.maybe_in_effect), (kind, doubtful), "{status} {message}: {error:?}");
        assert!(error.help.clone().unwrap_or_default().contains(help), "{status} {message}: {error:?}");
        assert_eq!(error.status, Some(status));
        assert_eq!(error.retry_after.is_some(), status == 429, "{error:?}");
    }
}

#[tokio::test]
async fn unsupported_update_is_distinguished_from_a_missing_user() {
    let gateway = Said { status: 404, headers: Vec::new(), body: b"{\"message\":\"no Route matched\"}".to_vec() };
    assert_eq!(refused(gateway).await.kind, ErrorKind::Unsupported);
    assert_eq!(
        refused(Said::json(404, &json!({ "status": 404, "title": "Not Found" }))).await.kind,
        ErrorKind::NotFound
    );
}

#[tokio::test]
async fn immediately_failed_operation_is_an_error() {
    let body = json!({ "operationId": "op_1", "status": "FAILED",
        "error": { "status": 409, "title": "No licenses available", "errors": [{ "code": "CONFLICT" }] } });
    let error = refused(Said::json(202, &body)).await;
    assert_eq!((error.kind, error.maybe_in_effect, error.status), (ErrorKind::NoSeat, false, None));
}

#[tokio::test]
async fn vendor_message_is_truncated_and_sanitized() {
    let error = refused(Said::problem(400, "VALIDATION_ERROR", &format!("\u{1b}[2J`{}", "long ".repeat(1000)))).await;
    assert!(error.message.len() < 500 && !error.message.contains(['\u{1b}', '`']), "{error:?}");
}
