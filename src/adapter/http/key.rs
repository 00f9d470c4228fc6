//! Keys of a client, read when the first request needs them.

use std::sync::{Arc, Mutex, PoisonError};

use reqwest::header::HeaderValue;
use tokio::sync::OnceCell;

use crate::adapter::{AdapterError, AdapterFuture, ErrorKind};
use crate::env::{Secret, secret};
use crate::model::SecretRef;

pub(super) type SecretResolver = Box<dyn Fn() -> AdapterFuture<'static, Secret> + Send + Sync>;

/// How requests are authenticated.
pub(crate) struct ApiKey {
    /// The header, in lower case.
    pub(super) header: &'static str,
    /// The prefix of the secret, such as `Bearer `.
    pub(super) scheme: &'static str,
    /// Reads the secret; called again only after an error.
    pub(super) resolve: SecretResolver,
}

impl ApiKey {
    /// Creates a key from a reference in the manifest. If the secret is missing, the first request fails with
    /// [`ErrorKind::AccessDenied`].
    pub(crate) fn from_reference(
        header: &'static str,
        scheme: &'static str,
        reference: &SecretRef,
        allow_exec: bool,
    ) -> Self {
        let reference = reference.clone();
        let resolve: SecretResolver = Box::new(move || {
            let reference = reference.clone();
            Box::pin(async move {
                let resolved = secret::resolve(&reference, allow_exec).await;
                resolved.map_err(|error| AdapterError::new(ErrorKind::AccessDenied, error.message).help(error.help))
            })
        });
        Self { header, scheme, resolve }
    }
}

/// A key with its secret, once it was needed.
struct CachedKey {
    key: ApiKey,
    secret: OnceCell<Secret>,
}

/// The keys of a client.
pub(super) struct ClientKeys {
    read: Option<CachedKey>,
    write: Option<CachedKey>,
    /// The secrets that were read so far; messages must not contain them.
    known: Mutex<Arc<[Secret]>>,
}

impl ClientKeys {
    pub(super) fn new(read: Option<ApiKey>, write: Option<ApiKey>) -> Self {
        let kept = |key| CachedKey { key, secret: OnceCell::new() };
        Self { read: read.map(kept), write: write.map(kept), known: Mutex::new(Arc::new([])) }
    }

    /// Returns the header that authenticates a request, if any.
    ///
    /// # Errors
    /// Fails if the secret cannot be read, or is not valid in a header.
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
            AdapterError::new(ErrorKind::AccessDenied, "the key contains an invalid character")
                .help("check the key's source; a key is one line of visible characters")
        })?;
        value.set_sensitive(true);
        Ok(Some((key.header, value)))
    }

    /// Returns the secrets that were read so far.
    pub(super) fn known_secrets(&self) -> Arc<[Secret]> {
        Arc::clone(&self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
