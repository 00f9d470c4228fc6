//! Limits of time, size, attempts and request rate.

use tokio::time::Instant;

use super::server::{Act, Server, answer};
use super::*;
use crate::adapter::ErrorKind;

#[tokio::test]
async fn oversized_body_is_an_error() {
    let endless = b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let chunks = endless
        .into_iter()
        .chain(b"1000\r\n".iter().chain(&[b'x'; 0x1000]).chain(b"\r\n").copied().collect::<Vec<_>>().repeat(100));
    let chunked = Act::Bytes(chunks.collect());
    for act in [answer(200, "", vec![b'x'; 100 << 10]), chunked] {
        let server = Server::start(move |_, _| act.clone()).await;
        let client = client(&server);
        let error = client.get(&["users"], &[], JSON).await.unwrap_err();
        assert_eq!((error.kind, error.maybe_in_effect), (ErrorKind::Malformed, false), "{error}");
        assert!(error.message.contains("exceeds 64 KiB"), "{error}");
        assert_eq!(server.requests().len(), 1, "a retry would be as long");
        assert!(put(&client).await.unwrap_err().maybe_in_effect);
    }
}

#[tokio::test]
async fn slow_response_times_out() {
    let body = answer(200, "", "x".repeat(10_000));
    let Act::Bytes(bytes) = body else { unreachable!() };
    for act in [Act::Hang, Act::Drip(bytes)] {
        let server = Server::start(move |_, _| act.clone()).await;
        let start = Instant::now();
        let error = client(&server).get_once(&["users"], &[], JSON).await.unwrap_err();
        assert_eq!((error.kind, error.maybe_in_effect), (ErrorKind::Unavailable, false));
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    }
}

#[tokio::test]
async fn read_retries_transient_errors() {
    for fault in [
        answer(500, "", ""),
        answer(502, "", ""),
        answer(503, "", ""),
        answer(408, "", ""),
        answer(424, "", ""),
        Act::Close,
        Act::Bytes(b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n{".to_vec()),
    ] {
        let server =
            Server::start(move |number, _| if number < 2 { fault.clone() } else { answer(200, "", "{}") }).await;
        assert_eq!(client(&server).get(&["users"], &[], JSON).await.unwrap().status, 200);
        assert_eq!(server.requests().len(), 3);
    }
}

#[tokio::test]
async fn retries_end_and_permanent_errors_are_not_retried() {
    for (status, times) in [(500, 3), (400, 1), (401, 1), (403, 1), (404, 1), (501, 1)] {
        let server = Server::start(move |_, _| answer(status, "", "no")).await;
        let client = client(&server);
        assert_eq!(client.get(&["users"], &[], JSON).await.unwrap().status, status);
        assert_eq!(server.requests().len(), times, "{status}");
    }
}

#[tokio::test]
async fn throttled_read_waits_for_the_requested_pause() {
    let server = Server::start(|number, _| match number {
        0 => answer(429, "retry-after-ms: 300\r\n", ""),
        _ => answer(200, "", "{}"),
    })
    .await;
    let start = Instant::now();
    assert_eq!(client(&server).get(&["users"], &[], JSON).await.unwrap().status, 200);
    assert!(start.elapsed() >= Duration::from_millis(300), "{:?}", start.elapsed());
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn long_pause_fails_without_sending() {
    let server = Server::start(|_, _| answer(429, "retry-after: 3600\r\n", "slow down")).await;
    let client = client(&server);
    let reply = client.get(&["users"], &[], JSON).await.unwrap();
    assert_eq!((reply.status, reply.pause), (429, Some(Duration::from_secs(3600))));
    let error = put(&client).await.unwrap_err();
    assert_eq!((error.kind, error.maybe_in_effect), (ErrorKind::Throttled, false));
    assert!(error.retry_after.unwrap() > Duration::from_secs(3500) && client.limiter().remaining_pause().is_some());
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn exhausted_quota_pauses_before_a_refusal() {
    let server = Server::start(|_, _| answer(200, "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: 30\r\n", "{}")).await;
    let client = client(&server);
    client.get(&["users"], &[], JSON).await.unwrap();
    assert_eq!(client.rate_headers().quota.unwrap().remaining, 0);
    assert_eq!(put(&client).await.unwrap_err().kind, ErrorKind::Throttled);
}

#[tokio::test]
async fn every_request_is_rate_limited() {
    let server = Server::start(|_, _| answer(200, "", "{}")).await;
    let rates = [RateLimit { requests: 1, seconds: 1 }];
    let client = HttpClient::new(ClientSettings { rates: &rates, ..settings(&server.url()) }).unwrap();
    let start = Instant::now();
    client.get(&["users"], &[], JSON).await.unwrap();
    put(&client).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(990), "{:?}", start.elapsed());
}
