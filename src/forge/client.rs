//! The HTTP client of all forges: JSON, and retries of rate-limited requests.

use std::time::Duration;

use reqwest::Method;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::errors;
use crate::adapter::AdapterError;
use crate::adapter::http::{HttpClient, HttpResponse};

const JSON: &str = "application/json";

/// Comments per page: the maximum of the forges.
pub(super) const PAGE_SIZE: usize = 100;
/// The largest number of attempts while the forge limits the rate.
const ATTEMPTS_MAX: u32 = 5;
/// The pause that GitHub asks for if it does not state one.
const DEFAULT_PAUSE: Duration = Duration::from_secs(60);

/// The client of one forge.
pub(super) struct ForgeClient {
    client: HttpClient,
    wait: Duration,
}

impl ForgeClient {
    pub(super) fn new(client: HttpClient, wait: Duration) -> Self {
        Self { client, wait }
    }

    /// Sends a GET request.
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

    /// Reads an object that must exist.
    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        accept: &'static str,
    ) -> Result<T, AdapterError> {
        let reply = self.get(path, query, accept).await?;
        if reply.is_success() { reply.json() } else { Err(errors::response_error(&reply, false)) }
    }

    /// Sends a comment. A rate-limited request had no effect and is sent again.
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

    /// Schedules a pause before the next request if the forge limits the rate and the wait allows it.
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
