//! TLS: whom the client trusts, and what it says where it does not.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;

use super::server::{Act, Server};
use super::*;
use crate::adapter::ErrorKind;

/// The certificate of an untrusted authority, and one that it issued for a server on this machine.
const AUTHORITY: &str = include_str!("ca.pem");
const SERVER: &str = include_str!("server.pem");
const SERVER_KEY: &str = include_str!("server.key");

/// A server with that certificate, which answers every request with an empty object; its port.
async fn start() -> u16 {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(SERVER.as_bytes()).collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(SERVER_KEY.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(b"HTTP/1.1 200 X\r\ncontent-length: 2\r\n\r\n{}").await;
                let _ = stream.shutdown().await;
            });
        }
    });
    port
}

#[tokio::test]
async fn private_authority_is_trusted_only_if_configured() {
    let port = start().await;
    let url = format!("https://127.0.0.1:{port}/api");
    let error = put(&HttpClient::new(settings(&url)).unwrap()).await.unwrap_err();
    assert_eq!((error.kind, error.maybe_in_effect), (ErrorKind::Unavailable, false), "{error}");
    assert!(error.help.unwrap().contains("`ca`"));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), AUTHORITY).unwrap();
    let client = HttpClient::new(ClientSettings { ca: Some(file.path()), ..settings(&url) }).unwrap();
    assert_eq!(client.get(&["users"], &[], JSON).await.unwrap().body, b"{}");
    // The certificate is for the address, and not for the name.
    let other = format!("https://vendor.localhost:{port}/api");
    let client = HttpClient::new(ClientSettings { ca: Some(file.path()), ..settings(&other) }).unwrap();
    let error = put(&client).await.unwrap_err();
    assert_eq!((error.kind, error.maybe_in_effect), (ErrorKind::Unavailable, false), "{error}");
}

#[tokio::test]
async fn server_without_tls_has_no_effect_and_is_not_retried() {
    let server = Server::start(|_, _| Act::Close).await;
    let url = format!("https://127.0.0.1:{}/api", server.port());
    // The answer is what a server without TLS says to a handshake.
    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = plain.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let mut times = 0;
        while let Ok(Ok((mut stream, _))) = tokio::time::timeout(Duration::from_millis(500), plain.accept()).await {
            times += 1;
            let mut hello = [0; 4096];
            let _ = stream.read(&mut hello).await;
            let _ = stream.write_all(b"HTTP/1.1 400 X\r\n\r\n").await;
        }
        times
    });
    let client = HttpClient::new(settings(&format!("https://127.0.0.1:{port}/api"))).unwrap();
    let error = put(&client).await.unwrap_err();
    assert_eq!((error.kind, error.maybe_in_effect), (ErrorKind::Unavailable, false), "{error}");
    assert!(error.help.as_ref().unwrap().contains("certificate"), "{error:?}");
    assert_eq!(client.get(&["users"], &[], JSON).await.unwrap_err().kind, ErrorKind::Unavailable);
    assert_eq!(task.await.unwrap(), 2, "a certificate error is permanent");
    let closing = HttpClient::new(settings(&url)).unwrap();
    let error = put(&closing).await.unwrap_err();
    assert!(!error.maybe_in_effect, "no connection, no effect: {error}");
}
