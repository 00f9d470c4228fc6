//! What all forges have in common on the wire: JSON, pages by number, and asking again where a rest is asked for.

use std::time::Duration;

use reqwest::Method;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::errors;
use crate::adapter::AdapterError;
use crate::adapter::http::{HttpClient, HttpResponse};

const JSON: &str = "application/json";

/// Comments on one page: the most that forges give.
pub(super) const PAGE_SIZE: usize = 100;
/// After so many refusals for want of a rest it is given up, however long may be waited.
const ATTEMPTS_MAX: u32 = 5;
/// GitHub asks for a minute where it names no time.
const DEFAULT_PAUSE: Duration = Duration::from_secs(60);

/// A client of one forge.
pub(super) struct ForgeClient {
    client: HttpClient,
    wait: Duration,
}

impl ForgeClient {
    pub(super) fn new(client: HttpClient, wait: Duration) -> Self {
        Self { client, wait }
    }

    /// Reads something.
    pub(super) async fn get(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        accept: &'static str,
    ) -> Result<HttpResponse, AdapterError> {
        let until = Instant::now() + self.wait;
        for _ in 1..ATTEMPTS_MAX {
            let reply = self.client.get(path, query, accept).await?;
            if !self.schedule_retry(&reply, until) {
                return Ok(reply);
            }
        }
        self.client.get(path, query, accept).await
    }

    /// Reads something that has to be there.
    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        accept: &'static str,
    ) -> Result<T, AdapterError> {
        let reply = self.get(path, query, accept).await?;
        if reply.is_success() { reply.json() } else { Err(errors::response_error(&reply, false)) }
    }

    /// Sends a text; what is refused for want of a rest was surely not done, and is sent again.
    pub(super) async fn write(&self, method: Method, path: &[&str], body: &str) -> Result<(), AdapterError> {
        let until = Instant::now() + self.wait;
        let bytes = serde_json::json!({ "body": body }).to_string().into_bytes();
        for attempt in 1..=ATTEMPTS_MAX {
            let reply = self.client.send(method.clone(), path, JSON, JSON, bytes.clone()).await?;
            if reply.is_success() {
                return Ok(());
            }
            if attempt == ATTEMPTS_MAX || !self.schedule_retry(&reply, until) {
                return Err(errors::response_error(&reply, true));
            }
        }
        Ok(())
    }

    /// Whether the forge asks for a rest, and it can be waited for; the client waits before the next request.
    fn schedule_retry(&self, reply: &HttpResponse, until: Instant) -> bool {
        if !errors::is_throttled(reply) {
            return false;
        }
        let pause = reply.pause.unwrap_or(DEFAULT_PAUSE);
        if Instant::now() + pause > until {
            return false;
        }
        self.client.limiter().pause(pause);
        true
    }
}
