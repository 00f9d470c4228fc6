//! The `bridge` adapter: the messages of the `exec` protocol over HTTP.
//!
//! Each message is a POST of its JSON to `URL/NAME`. The HTTP client limits time and size, paces requests, and sends the
//! key to the bridge's origin only.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::Method;
use tokio::sync::{OnceCell, Semaphore};

use super::http::{self, ApiKey, ClientSettings, HttpClient, HttpLimits, HttpResponse, RateHeaders};
use super::protocol::request::{ProtocolRequest, RequestLine};
use super::protocol::response::{Description, ResponseLine};
use super::protocol::{MESSAGE_MAX_BYTES, ProtocolTenant, SecretRedactor, Transport, check_description, permits};
use super::{
    AdapterDescriptor, AdapterError, AdapterFuture, Capabilities, Connection, ConnectionConfig, CredentialRequirement,
    ErrorKind, PoolSource, RequestLimiter, WriteMode,
};
use crate::diagnostic::Finding;
use crate::model::{AdapterSettings, TenantSettings};

/// The descriptor of the adapter.
pub static DESCRIPTOR: AdapterDescriptor = AdapterDescriptor {
    name: "bridge",
    key: "bridge",
    vendor: None,
    capabilities: Capabilities {
        write_mode: WriteMode::Direct,
        asynchronous: true,
        paged: true,
        pools: PoolSource::Vendor,
        memberships: true,
        batch: false,
        throttles: true,
        cancels: true,
        busy: true,
        credentials: true,
    },
    read_credentials: &[CredentialRequirement { setting: "key", privilege: "may read people, licenses and pools" }],
    write_credentials: &[CredentialRequirement { setting: "write_key", privilege: "may change licenses" }],
    connect,
};

/// The media type of every message.
const JSON: &str = "application/json";

fn connect(config: &ConnectionConfig<'_>) -> Result<Connection, Vec<Finding>> {
    let ConnectionConfig { settings, rules, access } = *config;
    let AdapterSettings::Bridge(bridge) = &settings.adapter else { return Err(Vec::new()) };
    let key = |reference| ApiKey::from_reference("authorization", "Bearer ", reference, access.allow_exec);
    let rates = rules.rates(settings);
    let client = HttpClient::new(ClientSettings {
        base_url: &bridge.base_url,
        ca: bridge.ca.as_deref(),
        proxy: bridge.proxy.as_deref(),
        rates: &rates,
        key: bridge.key.as_ref().map(key),
        write_key: bridge.write_key.as_ref().filter(|_| access.allow_writes).map(key),
        request_id: None,
        clock: access.clock,
        limits: HttpLimits { body_max_bytes: MESSAGE_MAX_BYTES, ..HttpLimits::default() },
    })?;
    let transport = BridgeTransport {
        client,
        settings: settings.clone(),
        allow_writes: access.allow_writes,
        description: OnceCell::new(),
        permits: Semaphore::new(1),
        last_id: AtomicU64::new(0),
    };
    Ok(ProtocolTenant::connect(Box::new(transport), config))
}

/// The HTTP connection to a bridge.
struct BridgeTransport {
    client: HttpClient,
    settings: TenantSettings,
    allow_writes: bool,
    description: OnceCell<Arc<Description>>,
    permits: Semaphore,
    last_id: AtomicU64,
}

impl BridgeTransport {
    async fn send(&self, request: ProtocolRequest) -> Result<ResponseLine, AdapterError> {
        let (name, is_write) = (request.name(), request.is_write());
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        let body = serde_json::to_vec(&RequestLine { id, request })
            .map_err(|error| AdapterError::new(ErrorKind::Malformed, format!("cannot serialize `{name}`: {error}")))?;
        let response = match is_write {
            true => self.client.send(Method::POST, &[name], JSON, JSON, body).await?,
            false => self.client.post_query(&[name], JSON, body).await?,
        };
        self.parse(&response, id, name, is_write)
    }

    /// Returns the message of an HTTP response. A message that reports an error counts whatever the status is; any other
    /// response without success is judged by its status.
    fn parse(
        &self,
        response: &HttpResponse,
        id: u64,
        name: &'static str,
        is_write: bool,
    ) -> Result<ResponseLine, AdapterError> {
        let redactor = SecretRedactor::new(response.secrets().to_vec());
        let malformed = |message: String| {
            let error = response.error(ErrorKind::Malformed, message);
            AdapterError { maybe_in_effect: is_write, ..error }
        };
        let line = serde_json::from_slice::<ResponseLine>(&redactor.redact_json(&response.body));
        match line {
            Ok(line) if line.id == id && (response.is_success() || line.error.is_some()) => {
                line.check(name, is_write).map_err(|error| {
                    let retry_after = error.retry_after.or(response.pause);
                    redactor.redact_error(AdapterError { retry_after, ..error })
                })
            }
            _ if !response.is_success() => Err(self.status_error(response, is_write)),
            Ok(line) => Err(malformed(format!("{} answered request {} instead of {id}", self.peer(), line.id))),
            Err(error) => Err(malformed(format!(
                "{} returned an invalid response to `{name}` ({error}): `{}`",
                self.peer(),
                response.excerpt()
            ))),
        }
    }

    fn status_error(&self, response: &HttpResponse, is_write: bool) -> AdapterError {
        let error = http::classify(response, is_write);
        if error.kind != ErrorKind::NotFound {
            return error;
        }
        // A gateway says this about every path; it proves nothing about people.
        let message = format!("{} does not serve the protocol at this URL ({})", self.peer(), response.status);
        response.error(ErrorKind::Malformed, message).help("check `url`")
    }
}

impl Transport for BridgeTransport {
    fn peer(&self) -> String {
        format!("the bridge at `{}`", self.client.host())
    }

    fn describe(&self) -> AdapterFuture<'_, Arc<Description>> {
        Box::pin(async {
            let description = self.description.get_or_try_init(|| async {
                let hello = ProtocolRequest::describe(&self.settings, self.allow_writes);
                let Some(description) = self.send(hello).await?.describe else {
                    return Err(AdapterError::new(
                        ErrorKind::Malformed,
                        format!("{} did not answer `describe`", self.peer()),
                    ));
                };
                check_description(&description, &self.peer(), &self.settings)?;
                self.permits.add_permits(permits(&description) - 1);
                Ok(Arc::new(description))
            });
            Ok(Arc::clone(description.await?))
        })
    }

    fn request(&self, request: ProtocolRequest) -> AdapterFuture<'_, ResponseLine> {
        Box::pin(async move {
            self.describe().await?;
            // The semaphore is never closed.
            let _permit = self.permits.acquire().await;
            self.send(request).await
        })
    }

    fn retries(&self, request: &ProtocolRequest) -> bool {
        // A pending operation is polled again anyway.
        !matches!(request, ProtocolRequest::Execute { .. } | ProtocolRequest::Poll { .. })
    }

    fn rate_headers(&self) -> RateHeaders {
        self.client.rate_headers()
    }

    fn limiter(&self) -> Option<Arc<RequestLimiter>> {
        Some(self.client.limiter())
    }
}
