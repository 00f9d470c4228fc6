//! Digests: SHA-256 over bytes, and over RFC 8785 canonical JSON.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// Returns the digest of bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self::from_hash(&Sha256::digest(bytes))
    }

    fn from_hash(hash: &[u8]) -> Self {
        use fmt::Write as _;
        let mut text = String::with_capacity(7 + 2 * hash.len());
        text.push_str("sha256:");
        for byte in hash {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// Returns the digest of a value's canonical JSON.
    ///
    /// # Errors
    /// If the value has no JSON form, such as a map with keys that are not strings.
    pub fn of_json<T: Serialize>(value: &T) -> Result<Self, serde_json::Error> {
        canonical_json(value).map(|bytes| Self::of_bytes(&bytes))
    }

    /// Parses `sha256:` and 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("sha256:")?;
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (digits.len() == 64 && digits.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// Returns the text, `sha256:...`.
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

/// An incremental digest.
#[derive(Clone, Debug, Default)]
pub struct DigestBuilder(Sha256);

impl DigestBuilder {
    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Returns the digest of all bytes added.
    pub fn finish(self) -> Digest {
        Digest::from_hash(&self.0.finalize())
    }
}

/// Returns the canonical JSON (RFC 8785) of a value.
///
/// # Errors
/// If the value has no JSON form, such as a map with keys that are not strings.
pub fn canonical_json<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    canonical_value(&serde_json::to_value(value)?)
}

/// Returns the canonical JSON (RFC 8785) of a JSON value.
///
/// # Errors
/// Never in practice.
pub fn canonical_value(value: &Value) -> Result<Vec<u8>, serde_json::Error> {
    // serde_json sorts maps by bytes, which is the canonical order for ASCII keys, and writes integers and strings
    // canonically. Only other values need the full algorithm, which is ten times slower.
    if is_simple(value) { serde_json::to_vec(value) } else { serde_json_canonicalizer::to_vec(value) }
}

fn is_simple(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => {
            let small = |magnitude: u64| magnitude <= 1 << 53;
            number.as_u64().map_or_else(|| number.as_i64().is_some_and(|number| small(number.unsigned_abs())), small)
        }
        Value::Array(items) => items.iter().all(is_simple),
        Value::Object(fields) => fields.iter().all(|(key, value)| key.is_ascii() && is_simple(value)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn canonical_json_sorts_keys_and_writes_floats_as_ecmascript_does() {
        let value = json!({ "b": 1.0, "a": [1e30, "é\u{1}\n\"\\/"], "\u{10000}": 1, "\u{e000}": 2 });
        let text = String::from_utf8(canonical_json(&value).unwrap()).unwrap();
        assert_eq!(text, "{\"a\":[1e+30,\"é\\u0001\\n\\\"\\\\/\"],\"b\":1,\"\u{10000}\":1,\"\u{e000}\":2}");
    }

    proptest! {
        #[test]
        fn the_short_way_writes_the_same_bytes(texts in prop::collection::vec(".*", 0..6), number in -(1i64 << 53)..=1 << 53) {
            let value = json!({ "texts": texts, "number": number, "none": null, "nested": { "z": true, "a": [[]] } });
            prop_assert!(is_simple(&value));
            prop_assert_eq!(canonical_value(&value).unwrap(), serde_json_canonicalizer::to_vec(&value).unwrap());
        }
    }
}
