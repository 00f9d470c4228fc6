//! The keys of a client: read when the first request needs one, and never before.

use std::sync::{Arc, Mutex, PoisonError};

use reqwest::header::HeaderValue;
use tokio::sync::OnceCell;

use crate::adapter::{AdapterError, AdapterFuture, ErrorKind};
use crate::env::{Secret, secret};
use crate::model::SecretRef;

/// Reads a secret from where it is kept.
pub type SecretResolver = Box<dyn Fn() -> AdapterFuture<'static, Secret> + Send + Sync>;

/// How requests are signed.
pub struct ApiKey {
    /// The header, in lower case.
    pub header: &'static str,
    /// What stands before the secret, such as `Bearer `.
    pub scheme: &'static str,
    /// Where the secret comes from; asked once, and again where that failed.
    pub resolve: SecretResolver,
}

impl ApiKey {
    /// A key that is found where the manifest says; a missing one is [`ErrorKind::Denied`] at the first request.
    pub fn from_reference(header: &'static str, scheme: &'static str, reference: &SecretRef, allow_exec: bool) -> Self {
        let reference = reference.clone();
        let resolve: SecretResolver = Box::new(move || {
            let reference = reference.clone();
            Box::pin(async move {
                let found = secret::resolve(&reference, allow_exec).await;
                found.map_err(|error| AdapterError::new(ErrorKind::AccessDenied, error.message).help(error.help))
            })
        });
        Self { header, scheme, resolve }
    }
}

/// A key and its secret, as soon as somebody needed it.
struct CachedKey {
    key: ApiKey,
    secret: OnceCell<Secret>,
}

/// The keys of a client.
pub(super) struct ClientKeys {
    read: Option<CachedKey>,
    write: Option<CachedKey>,
    /// The secrets that were read so far, which no message may hold.
    known: Mutex<Arc<[Secret]>>,
}

impl ClientKeys {
    pub(super) fn new(read: Option<ApiKey>, write: Option<ApiKey>) -> Self {
        let kept = |key| CachedKey { key, secret: OnceCell::new() };
        Self { read: read.map(kept), write: write.map(kept), known: Mutex::new(Arc::new([])) }
    }

    /// The header that signs a request, if requests are signed.
    ///
    /// # Errors
    /// When the secret cannot be read, or cannot stand in a header.
    pub(super) async fn sign(&self, writes: bool) -> Result<Option<(&'static str, HeaderValue)>, AdapterError> {
        let own = self.write.as_ref().filter(|_| writes);
        let Some(CachedKey { key, secret }) = own.or(self.read.as_ref()) else { return Ok(None) };
        let secret = secret
            .get_or_try_init(|| async {
                let secret = (key.resolve)().await?;
                let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                *known = known.iter().cloned().chain([secret.clone()]).collect();
                Ok::<_, AdapterError>(secret)
            })
            .await?;
        let text = Secret::new(format!("{}{}", key.scheme, secret.expose()));
        let mut value = HeaderValue::from_str(text.expose()).map_err(|_| {
            AdapterError::new(ErrorKind::AccessDenied, "the key holds a character that cannot be sent")
                .help("check where the key comes from; it is one line of visible characters")
        })?;
        value.set_sensitive(true);
        Ok(Some((key.header, value)))
    }

    /// The secrets that were read so far.
    pub(super) fn known_secrets(&self) -> Arc<[Secret]> {
        Arc::clone(&self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
