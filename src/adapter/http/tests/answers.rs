//! Lost, invalid and refusing responses, and whether a change may be in effect afterwards.

use super::server::{Act, Server, answer};
use super::*;
use crate::adapter::ErrorKind;

/// An answer whose head promises more than comes.
fn truncated(status: u16) -> Act {
    Act::Bytes(format!("HTTP/1.1 {status} X\r\ncontent-length: 100\r\n\r\n{{\"a\":").into_bytes())
}

#[tokio::test]
async fn refused_connection_has_no_effect() {
    let server = Server::start(|_, _| Act::Close).await;
    let url = server.url();
    drop(server);
    // The port is free once the aborted task ends.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let client = HttpClient::new(settings(&url)).unwrap();
    let error = put(&client).await.unwrap_err();
    assert_eq!((error.kind, error.maybe_in_effect), (ErrorKind::Unavailable, false));
    assert!(error.message.starts_with("`127.0.0.1` is unreachable: "), "{}", error.message);
    assert!(error.help.is_some());
}

#[tokio::test]
async fn unknown_host_has_no_effect() {
    let client = HttpClient::new(settings("http://no-such-host.invalid/api")).unwrap();
    let error = put(&client).await.unwrap_err();
    assert_eq!((error.kind, error.maybe_in_effect), (ErrorKind::Unavailable, false), "{error}");
}

#[tokio::test]
async fn connection_closed_after_the_request_may_have_an_effect() {
    for act in [
        Act::Close,
        Act::Hang,
        Act::Bytes(b"HTTP/1.1 2".to_vec()),
        Act::Bytes(b"hello, this is no HTTP\r\n\r\n".to_vec()),
        truncated(202),
        truncated(503),
    ] {
        let server = Server::start(move |_, _| act.clone()).await;
        let error = put(&client(&server)).await.unwrap_err();
        assert_eq!((error.kind, error.maybe_in_effect), (ErrorKind::Unavailable, true), "{error}");
        assert_eq!(server.requests().len(), 1, "a change is sent once");
    }
}

#[tokio::test]
async fn refused_change_stays_refused_with_a_truncated_or_long_body() {
    for act in [truncated(400), answer(409, "", vec![b'x'; 100 << 10])] {
        let server = Server::start(move |_, _| act.clone()).await;
        let reply = put(&client(&server)).await.unwrap();
        let error = classify(&reply, true);
        assert_eq!((error.kind, error.maybe_in_effect), (ErrorKind::Conflict, false));
    }
}

#[tokio::test]
async fn status_determines_whether_a_change_may_be_in_effect() {
    for (status, headers, kind, doubtful) in [
        (302, "", ErrorKind::Malformed, true),
        (307, "", ErrorKind::Malformed, false),
        (400, "", ErrorKind::Conflict, false),
        (401, "", ErrorKind::AccessDenied, false),
        (403, "", ErrorKind::AccessDenied, false),
        (404, "", ErrorKind::NotFound, false),
        (405, "", ErrorKind::Unsupported, false),
        (408, "", ErrorKind::Unavailable, true),
        (409, "", ErrorKind::Conflict, false),
        (424, "", ErrorKind::Unavailable, true),
        (429, "", ErrorKind::Throttled, false),
        (500, "", ErrorKind::Unavailable, true),
        (501, "", ErrorKind::Unsupported, false),
        (502, "", ErrorKind::Unavailable, true),
        (503, "", ErrorKind::Unavailable, true),
        (503, "retry-after: 1\r\n", ErrorKind::Unavailable, false),
        (504, "", ErrorKind::Unavailable, true),
        (799, "", ErrorKind::Malformed, true),
    ] {
        let server = Server::start(move |_, _| answer(status, headers, "no")).await;
        let reply = put(&client(&server)).await.unwrap();
        let error = classify(&reply, true);
        assert_eq!((error.kind, error.maybe_in_effect), (kind, doubtful), "{status} {headers}");
        assert_eq!((error.status, error.body.as_deref()), (Some(status), Some("no")));
        assert!(!classify(&reply, false).maybe_in_effect, "a reading changes nothing");
        assert_eq!(server.requests().len(), 1, "{status}: a change is sent once");
    }
}

#[tokio::test]
async fn invalid_json_is_an_error_with_a_short_excerpt() {
    let deep = format!("{}1{}", "[".repeat(30_000), "]".repeat(30_000));
    for body in ["", "<html>login</html>", "{\"a\":1", "\u{1b}[2J\u{7}", "nul", &deep] {
        let body = body.to_owned();
        let server = Server::start(move |_, _| answer(200, "", &body)).await;
        let reply = client(&server).get(&["users"], &[], JSON).await.unwrap();
        let error = reply.json::<serde_json::Value>().unwrap_err();
        assert_eq!(error.kind, ErrorKind::Malformed);
        assert!(error.message.len() < 400, "{}", error.message.len());
        assert!(!error.message.contains('\u{1b}'), "{:?}", error.message);
    }
}

#[tokio::test]
async fn key_is_sent_unencrypted_to_loopback_only() {
    let server = Server::start(|_, _| answer(200, "date: Sat, 21 Nov 2026 10:00:00 GMT\r\n", "{}")).await;
    let client = client(&server);
    client.get(&["users"], &[], JSON).await.unwrap();
    assert_eq!(client.rate_headers().server_time, Some("2026-11-21T10:00:00Z".parse().unwrap()));
}
