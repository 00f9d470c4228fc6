//! Redaction of secrets in whatever a peer sends.
//!
//! Peers echo their input in errors and logs. No secret leaves the adapter, even if JSON spells it with escapes.

use std::borrow::Cow;

use serde_json::Value;

use crate::adapter::{AdapterError, redact};
use crate::env::secret::Secret;

/// The shortest secret that is redacted in JSON; a shorter one would hide common words.
const SECRET_MIN_BYTES: usize = 4;

/// The text that replaces a secret.
const REDACTED: &str = "[hidden]";

/// Redacts a list of secrets.
pub(in crate::adapter) struct SecretRedactor {
    secrets: Vec<Secret>,
}

impl SecretRedactor {
    pub(in crate::adapter) fn new(secrets: Vec<Secret>) -> Self {
        Self { secrets }
    }

    fn values(&self) -> Vec<&str> {
        self.secrets.iter().map(Secret::expose).collect()
    }

    fn long_values(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(Secret::expose).filter(|secret| secret.len() >= SECRET_MIN_BYTES)
    }

    /// Returns a JSON message without the secrets.
    pub(in crate::adapter) fn redact_json<'a>(&self, message: &'a [u8]) -> Cow<'a, [u8]> {
        if self.secrets.is_empty() {
            return Cow::Borrowed(message);
        }
        let text = String::from_utf8_lossy(message);
        let may_hold_secret = text.contains('\\') || self.long_values().any(|secret| text.contains(secret));
        // The caller rejects invalid JSON and shows it through `redact_text`.
        let Some(mut value) = may_hold_secret.then(|| serde_json::from_slice::<Value>(message).ok()).flatten() else {
            return Cow::Borrowed(message);
        };
        if !self.redact_value(&mut value) {
            return Cow::Borrowed(message);
        }
        serde_json::to_vec(&value).map_or_else(|_| Cow::Borrowed(&b""[..]), Cow::Owned)
    }

    /// Redacts every text of the value and returns whether a secret was found.
    fn redact_value(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => {
                let mut found = false;
                for secret in self.long_values() {
                    if text.contains(secret) {
                        *text = text.replace(secret, REDACTED);
                        found = true;
                    }
                }
                found
            }
            Value::Array(values) => values.iter_mut().fold(false, |found, value| self.redact_value(value) | found),
            Value::Object(map) => map.values_mut().fold(false, |found, value| self.redact_value(value) | found),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// Returns a text without the secrets.
    pub(in crate::adapter) fn redact_text(&self, text: &str) -> String {
        redact::text(text, &self.values())
    }

    /// Returns the end of a log without the secrets.
    pub(in crate::adapter) fn redact_log(&self, log: &[u8]) -> String {
        let text = self.redact_text(&String::from_utf8_lossy(log));
        let start = text.ceil_char_boundary(text.len().saturating_sub(redact::BODY_MAX_BYTES));
        text[start..].to_owned()
    }

    /// Returns an error of the peer without the secrets.
    pub(in crate::adapter) fn redact_error(&self, error: AdapterError) -> AdapterError {
        let clean = |text: String| redact::body(text.as_bytes(), &self.values()).replace(['\n', '\t'], " ");
        AdapterError { message: clean(error.message), help: error.help.map(clean), ..error }
    }
}
