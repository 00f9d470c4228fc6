//! Names: the key of a person, and `tenant/license`.

use std::fmt;

use serde::{Serialize, Serializer};
use smol_str::SmolStr;

/// The maximum length of a person's key in bytes (the limit of an SMTP address, RFC 5321 §4.5.3.1.3).
const PERSON_KEY_MAX_BYTES: usize = 254;

/// Why a text is not a valid name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// Empty after trimming.
    Empty,
    /// A control or bidirectional formatting character.
    Control(char),
    /// A person's key without `@`, or with more than one.
    At,
    /// A blank inside a person's key.
    Blank,
    /// A person's key of more than 254 bytes.
    Long,
    /// A `tenant/license` with an empty part or without a slash.
    NoTenant,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::Control(character) => write!(f, "holds the invisible character U+{:04X}", u32::from(*character)),
            Self::At => f.write_str("is not an email address: it needs exactly one `@`"),
            Self::Blank => f.write_str("is not an email address: it holds a blank"),
            Self::Long => write!(f, "is longer than {PERSON_KEY_MAX_BYTES} bytes"),
            Self::NoTenant => f.write_str("is not of the form `tenant/license`"),
        }
    }
}

/// Whether a character is invisible, controls a terminal or changes the text direction.
fn is_unsafe_character(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Checks the name of a license, group or tenant: not empty, no control or bidirectional characters.
///
/// # Errors
/// The first problem.
pub fn validate_name(text: &str) -> Result<(), NameError> {
    if text.trim().is_empty() {
        return Err(NameError::Empty);
    }
    match text.chars().find(|character| is_unsafe_character(*character)) {
        Some(character) => Err(NameError::Control(character)),
        None => Ok(()),
    }
}

/// Whether a text is already a normalized key. Most keys are, and a manifest names a million.
fn is_plain_key(text: &str) -> bool {
    let bytes = text.as_bytes();
    let plain = bytes.iter().all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_uppercase());
    let at = bytes.iter().filter(|byte| **byte == b'@').count();
    let sides = bytes.first() != Some(&b'@') && bytes.last() != Some(&b'@');
    plain && at == 1 && sides && bytes.len() <= PERSON_KEY_MAX_BYTES
}

/// The key of a person: the primary email, trimmed and in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonKey(SmolStr);

impl PersonKey {
    /// Parses a key: one `@`, no blanks or control characters, at most 254 bytes.
    ///
    /// # Errors
    /// The first problem.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if is_plain_key(text) {
            return Ok(Self(SmolStr::new(text)));
        }
        let key = Self::normalize(text);
        if key.is_empty() {
            return Err(NameError::Empty);
        }
        if let Some(character) = key.chars().find(|character| is_unsafe_character(*character)) {
            return Err(NameError::Control(character));
        }
        if key.chars().any(char::is_whitespace) {
            return Err(NameError::Blank);
        }
        let mut parts = key.split('@');
        let sides = (parts.next(), parts.next(), parts.next());
        if !matches!(sides, (Some(local), Some(domain), None) if !local.is_empty() && !domain.is_empty()) {
            return Err(NameError::At);
        }
        if key.len() > PERSON_KEY_MAX_BYTES {
            return Err(NameError::Long);
        }
        Ok(Self(key))
    }

    /// Trims and lower-cases an address from a vendor, without checks.
    pub fn normalize(text: &str) -> SmolStr {
        let trimmed = text.trim();
        if trimmed.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
            SmolStr::new(trimmed)
        } else {
            SmolStr::new(trimmed.to_lowercase())
        }
    }

    /// Returns the key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the key as a shared string.
    pub fn into_inner(self) -> SmolStr {
        self.0
    }
}

/// A license with its tenant, written `tenant/license`. The license may contain slashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LicenseRef {
    /// The tenant's name in the manifest.
    pub tenant: SmolStr,
    /// The license's name in that tenant.
    pub license: SmolStr,
}

impl LicenseRef {
    /// Parses `tenant/license`.
    ///
    /// # Errors
    /// If there is no slash, a part is empty, or a character is unsafe.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let (tenant, license) = text.split_once('/').ok_or(NameError::NoTenant)?;
        if tenant.trim().is_empty() || license.trim().is_empty() {
            return Err(NameError::NoTenant);
        }
        validate_name(text)?;
        Ok(Self { tenant: SmolStr::new(tenant), license: SmolStr::new(license) })
    }
}

impl Serialize for LicenseRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for LicenseRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.tenant, self.license)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_trims_and_lower_cases_a_key() {
        assert_eq!(PersonKey::parse("  Ana@ACME.example ").unwrap().as_str(), "ana@acme.example");
    }

    #[test]
    fn invalid_key_reports_its_error() {
        let cases = [
            ("", NameError::Empty),
            ("ana", NameError::At),
            ("a@b@c", NameError::At),
            ("@acme.example", NameError::At),
            ("a na@acme.example", NameError::Blank),
            ("a\u{202e}na@acme.example", NameError::Control('\u{202e}')),
            ("a\u{0}na@acme.example", NameError::Control('\u{0}')),
        ];
        for (text, error) in cases {
            assert_eq!(PersonKey::parse(text), Err(error), "{text:?}");
        }
        assert_eq!(PersonKey::parse(&format!("{}@b.example", "a".repeat(250))), Err(NameError::Long));
    }

    #[test]
    fn license_may_contain_slashes() {
        let license = LicenseRef::parse("office/main/timesheet").unwrap();
        assert_eq!((license.tenant.as_str(), license.license.as_str()), ("office", "main/timesheet"));
        assert_eq!(LicenseRef::parse("office"), Err(NameError::NoTenant));
        assert_eq!(LicenseRef::parse("office/"), Err(NameError::NoTenant));
    }
}
