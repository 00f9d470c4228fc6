//! TLS: whom the client trusts, and what it says where it does not.

use super::server::{Act, Server};
use super::*;
use crate::adapter::ErrorKind;

#[tokio::test]
async fn server_that_speaks_no_tls_had_no_effect_and_is_not_asked_again() {
    let server = Server::start(|_, _| Act::Close).await;
    let url = format!("https://127.0.0.1:{}/api", server.port());
    // The answer is what a server without TLS says to a handshake.
    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = plain.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let mut times = 0;
        while let Ok(Ok((mut stream, _))) = tokio::time::timeout(Duration::from_millis(500), plain.accept()).await {
            times += 1;
            let mut hello = [0; 4096];
            let _ = stream.read(&mut hello).await;
            let _ = stream.write_all(b"HTTP/1.1 400 X\r\n\r\n").await;
        }
        times
    });
    let client = Client::new(settings(&format!("https://127.0.0.1:{port}/api"))).unwrap();
    let error = put(&client).await.unwrap_err();
    assert_eq!((error.kind, error.maybe_in_effect), (ErrorKind::Unavailable, false), "{error}");
    assert!(error.help.as_ref().unwrap().contains("certificate"), "{error:?}");
    assert_eq!(client.get(&["users"], &[], JSON).await.unwrap_err().kind, ErrorKind::Unavailable);
    assert_eq!(task.await.unwrap(), 2, "a certificate does not mend itself");
    let closing = Client::new(settings(&url)).unwrap();
    let error = put(&closing).await.unwrap_err();
    assert!(!error.maybe_in_effect, "no connection, no effect: {error}");
}
