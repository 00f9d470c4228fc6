//! Digests: SHA-256 over bytes, and over RFC 8785 canonical JSON.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        use fmt::Write as _;
        let hash = Sha256::digest(bytes);
        let mut text = String::with_capacity(7 + 2 * hash.len());
        text.push_str("sha256:");
        for byte in hash {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// The digest of a value's canonical JSON.
    ///
    /// # Errors
    /// When the value has no JSON form, such as a map whose keys are not texts.
    pub fn of_json<T: Serialize>(value: &T) -> Result<Self, serde_json::Error> {
        canonical_json(value).map(|bytes| Self::of_bytes(&bytes))
    }

    /// The text, `sha256:...`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for Digest {
    fn schema_name() -> Cow<'static, str> {
        "Digest".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^sha256:[0-9a-f]{64}$" })
    }
}

/// The canonical JSON (RFC 8785) of a value.
///
/// # Errors
/// When the value has no JSON form, such as a map whose keys are not texts.
pub fn canonical_json<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    serde_json_canonicalizer::to_vec(value)
}
