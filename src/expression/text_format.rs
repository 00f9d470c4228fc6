//! The form that all texts of a field have.

use jiff::civil::Date;

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFormat {
    /// A license with its tenant, `tenant/license`.
    License,
    /// The key of a person: trimmed and in lower case.
    PersonKey,
    /// A day, such as `2027-03-01`.
    Date,
}

impl TextFormat {
    /// Whether a text has the form.
    pub fn matches(self, text: &str) -> bool {
        match self {
            Self::License => text
                .split_once('/')
                .is_some_and(|(tenant, license)| !tenant.trim().is_empty() && !license.trim().is_empty()),
            Self::PersonKey => text == key(text),
            Self::Date => text.parse::<Date>().is_ok_and(|day| day.to_string() == text),
        }
    }

    /// It in words.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::License => "`tenant/license`",
            Self::PersonKey => "text in lower case",
            Self::Date => "date as text",
        }
    }

    /// Why no text of this form is that one, and what to write.
    pub(super) fn mismatch(self, text: &str, shown: &str) -> (String, String) {
        match self {
            Self::License => (format!("`{shown}` has no tenant"), "write it as `tenant/license`".to_owned()),
            Self::PersonKey => (format!("no key is `{shown}`"), format!("write `{}`: keys are lower case", key(text))),
            Self::Date => (format!("`{shown}` is no date"), "write it as in `2027-03-01`".to_owned()),
        }
    }
}

fn key(text: &str) -> String {
    text.trim().to_lowercase()
}
