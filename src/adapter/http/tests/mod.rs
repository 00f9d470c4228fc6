//! The client against misbehaving servers on this machine.

mod answers;
mod keys;
mod limits;
pub(crate) mod server;
mod tls;

use std::time::Duration;

use crate::env::Secret;

use super::*;
use server::Server;

/// A secret that no output may contain.
const SECRET: &str = "k3y-of-0urs-0001";

const JSON: &str = "application/json";

fn limits() -> HttpLimits {
    HttpLimits {
        connect_timeout: Duration::from_millis(200),
        total_timeout: Duration::from_millis(400),
        body_max_bytes: 64 << 10,
        attempts: 3,
        backoff: Duration::from_millis(5),
        pause_max: Duration::from_millis(600),
    }
}

fn key(secret: &'static str) -> ApiKey {
    ApiKey {
        header: "x-api-key",
        scheme: "",
        resolve: Box::new(move || Box::pin(async move { Ok(Secret::new(secret)) })),
    }
}

fn settings(base_url: &str) -> ClientSettings<'_> {
    ClientSettings {
        base_url,
        ca: None,
        proxy: None,
        rates: &[],
        key: Some(key(SECRET)),
        write_key: None,
        request_id: Some("x-request-id"),
        clock: Clock::System,
        limits: limits(),
    }
}

fn client(server: &Server) -> HttpClient {
    HttpClient::new(settings(&server.url())).unwrap()
}

async fn put(client: &HttpClient) -> Result<HttpResponse, AdapterError> {
    client.send(Method::PUT, &["users", "u-1"], JSON, JSON, b"{}".to_vec()).await
}
