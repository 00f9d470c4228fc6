//! Where the key goes, and where it never does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::server::{Server, answer};
use super::*;
use crate::adapter::ErrorKind;

#[tokio::test]
async fn every_request_has_the_key_and_a_unique_id() {
    let server = Server::start(|_, _| answer(200, "", "{}")).await;
    let client = client(&server);
    client.get(&["users"], &[("pageSize", "1")], "application/vnd.x+json").await.unwrap();
    client.get(&["users", "a/b"], &[], JSON).await.unwrap();
    let requests = server.requests();
    assert!(requests[0].starts_with("GET /api/users?pageSize=1 HTTP/1.1\r\n"), "{}", requests[0]);
    assert!(requests[1].starts_with("GET /api/users/a%2Fb HTTP/1.1\r\n"), "{}", requests[1]);
    let ids: Vec<&str> = requests
        .iter()
        .map(|request| {
            assert!(request.contains(&format!("x-api-key: {SECRET}\r\n")), "{request}");
            request.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap()
        })
        .collect();
    assert!(requests[0].contains("accept: application/vnd.x+json\r\n"));
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn redirect_to_another_origin_is_not_followed() {
    let elsewhere = Server::start(|_, _| answer(200, "", "{}")).await;
    for to in [
        format!("http://127.0.0.1:{}/api/users", elsewhere.port()),
        format!("//127.0.0.1:{}/api/users", elsewhere.port()),
        format!("http://localhost:{}/api", elsewhere.port()),
    ] {
        for status in [301, 302, 303, 307, 308] {
            let location = format!("location: {to}\r\n");
            let server = Server::start(move |_, _| answer(status, &location, "")).await;
            let client = client(&server);
            let reply = client.get(&["users"], &[], JSON).await.unwrap();
            let error = classify(&reply, false);
            assert_eq!((error.kind, error.maybe_in_effect), (ErrorKind::Malformed, false));
            assert!(error.help.unwrap().contains("base_url"));
            assert_eq!(put(&client).await.unwrap().status, status);
        }
    }
    assert_eq!(elsewhere.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn redirect_with_user_information_is_not_followed() {
    let server = Server::start(|number, request| {
        let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        match number {
            0 => answer(302, &format!("location: http://ana:pw@{host}/api/users\r\n"), ""),
            _ => answer(200, "", "{}"),
        }
    })
    .await;
    assert_eq!(client(&server).get(&["users"], &[], JSON).await.unwrap().status, 302);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn read_follows_a_redirect_within_the_origin_and_a_change_does_not() {
    let server = Server::start(|_, request| {
        if request.starts_with("GET /api/moved") {
            answer(200, "", r#"{"at": "home"}"#)
        } else {
            answer(307, "location: /api/moved\r\n", "")
        }
    })
    .await;
    let client = client(&server);
    assert_eq!(client.get(&["users"], &[], JSON).await.unwrap().body, br#"{"at": "home"}"#);
    assert_eq!(put(&client).await.unwrap().status, 307);
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn redirect_loop_ends() {
    let server = Server::start(|_, _| answer(302, "location: /api/users\r\n", "")).await;
    let error = client(&server).get(&["users"], &[], JSON).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Malformed);
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn write_key_is_used_for_changes_only() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let write = ApiKey {
        header: "authorization",
        scheme: "Bearer ",
        resolve: Box::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            Box::pin(async { Ok(Secret::new("wr1te-key-0002")) })
        }),
    };
    let server = Server::start(|_, _| answer(200, "", "{}")).await;
    let client = HttpClient::new(ClientSettings { write_key: Some(write), ..settings(&server.url()) }).unwrap();
    client.get(&["users"], &[], JSON).await.unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    put(&client).await.unwrap();
    put(&client).await.unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 1, "a secret is read once");
    let requests = server.requests();
    assert!(!requests[0].contains("wr1te-key-0002") && requests[1].contains("Bearer wr1te-key-0002"));
    assert!(!requests[1].contains(SECRET), "{}", requests[1]);
    client.get_as_writer(&["users"], &[], JSON).await.unwrap();
    assert!(server.requests()[3].contains("Bearer wr1te-key-0002"), "it can be tried without a change");
}

#[tokio::test]
async fn missing_or_invalid_key_prevents_the_request() {
    let server = Server::start(|_, _| answer(200, "", "{}")).await;
    let missing: key::SecretResolver = Box::new(|| {
        Box::pin(async { Err(AdapterError::new(ErrorKind::AccessDenied, "the variable `KEY` is not set")) })
    });
    let odd: key::SecretResolver = Box::new(|| Box::pin(async { Ok(Secret::new("two\r\nlines: x")) }));
    for resolve in [missing, odd] {
        let key = ApiKey { header: "x-api-key", scheme: "", resolve };
        let client = HttpClient::new(ClientSettings { key: Some(key), ..settings(&server.url()) }).unwrap();
        let error = put(&client).await.unwrap_err();
        assert_eq!((error.kind, error.maybe_in_effect), (ErrorKind::AccessDenied, false));
        assert!(!format!("{error:?}").contains("lines"), "{error:?}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn echoed_secret_is_hidden() {
    let server = Server::start(|_, request| answer(400, "", format!("you sent {request} and \"{SECRET}\""))).await;
    let client = client(&server);
    let reply = client.get(&["users"], &[], JSON).await.unwrap();
    let malformed = reply.json::<serde_json::Value>().unwrap_err();
    let said = reply.error(ErrorKind::Conflict, format!("it said {SECRET}"));
    for error in [malformed, said, classify(&reply, true)] {
        assert!(!format!("{error:?}").contains(SECRET), "{error:?}");
        assert!(error.body.unwrap().contains("[hidden]"));
    }
    assert!(!format!("{reply:?}").contains(SECRET));
}
