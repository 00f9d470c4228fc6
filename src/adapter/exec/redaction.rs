//! The secrets of one program: given to it, and hidden in everything that comes from it.
//!
//! Programs echo what they were given, in errors and in logs. What must hold: no secret of ours leaves this adapter, also
//! where JSON spells it with escapes.

use std::borrow::Cow;

use serde_json::Value;

use crate::adapter::{AdapterError, redact};
use crate::env::secret::Secret;

/// The shortest secret that is looked for: anything shorter would hide common words.
const SECRET_MIN_BYTES: usize = 4;

/// What stands in the place of a secret.
const REDACTED: &str = "[hidden]";

/// The secrets of one program, by the names of their variables.
#[derive(Default)]
pub(super) struct SecretRedactor {
    secrets: Vec<(String, Secret)>,
}

impl SecretRedactor {
    /// A veil over those secrets.
    pub(super) fn new(secrets: Vec<(String, Secret)>) -> Self {
        Self { secrets }
    }

    /// The variables that the program is given.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.secrets.iter().map(|(name, secret)| (name.as_str(), secret.expose()))
    }

    fn values(&self) -> Vec<&str> {
        self.secrets.iter().map(|(_, secret)| secret.expose()).collect()
    }

    fn hidden(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(|(_, secret)| secret.expose()).filter(|secret| secret.len() >= SECRET_MIN_BYTES)
    }

    /// A line of JSON without the secrets.
    pub(super) fn redact_json<'a>(&self, line: &'a [u8]) -> Cow<'a, [u8]> {
        if self.secrets.is_empty() {
            return Cow::Borrowed(line);
        }
        let text = String::from_utf8_lossy(line);
        let is_suspect = text.contains('\\') || self.hidden().any(|secret| text.contains(secret));
        // What is no JSON is refused anyway, and shown through `text`.
        let Some(mut value) = is_suspect.then(|| serde_json::from_slice::<Value>(line).ok()).flatten() else {
            return Cow::Borrowed(line);
        };
        if !self.redact_value(&mut value) {
            return Cow::Borrowed(line);
        }
        serde_json::to_vec(&value).map_or_else(|_| Cow::Borrowed(&b""[..]), Cow::Owned)
    }

    /// Hides the secrets in every text; true where there was one.
    fn redact_value(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => {
                let mut found = false;
                for secret in self.hidden() {
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

    /// A text without secrets.
    pub(super) fn redact_text(&self, text: &str) -> String {
        redact::text(text, &self.values())
    }

    /// The end of a log without secrets, cut at its beginning.
    pub(super) fn redact_log(&self, log: &[u8]) -> String {
        let text = self.redact_text(&String::from_utf8_lossy(log));
        let start = text.ceil_char_boundary(text.len().saturating_sub(redact::BODY_MAX_BYTES));
        text[start..].to_owned()
    }

    /// An error that the program reported, without secrets.
    pub(super) fn redact_error(&self, error: AdapterError) -> AdapterError {
        let cut = |text: String| redact::body(text.as_bytes(), &self.values()).replace(['\n', '\t'], " ");
        AdapterError { message: cut(error.message), help: error.help.map(cut), ..error }
    }
}
