//! Formats of text fields.

use jiff::civil::Date;

/// The format of a text field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFormat {
    /// A license with its tenant, `tenant/license`.
    License,
    /// A person's key: trimmed and in lower case.
    PersonKey,
    /// A date, such as `2027-03-01`.
    Date,
}

impl TextFormat {
    /// Returns whether a text has the format.
    pub fn matches(self, text: &str) -> bool {
        match self {
            Self::License => text
                .split_once('/')
                .is_some_and(|(tenant, license)| !tenant.trim().is_empty() && !license.trim().is_empty()),
            Self::PersonKey => text == key(text),
            Self::Date => text.parse::<Date>().is_ok_and(|day| day.to_string() == text),
        }
    }

    /// Describes the format.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::License => "`tenant/license`",
            Self::PersonKey => "text in lower case",
            Self::Date => "date as text",
        }
    }

    /// Returns the message and the help for a text that does not have the format.
    pub(super) fn mismatch(self, text: &str, shown: &str) -> (String, String) {
        match self {
            Self::License => (format!("`{shown}` has no tenant"), "write it as `tenant/license`".to_owned()),
            Self::PersonKey => {
                (format!("invalid key `{shown}`"), format!("write `{}`: keys are lower case", key(text)))
            }
            Self::Date => (format!("invalid date `{shown}`"), "write it as in `2027-03-01`".to_owned()),
        }
    }
}

fn key(text: &str) -> String {
    text.trim().to_lowercase()
}
