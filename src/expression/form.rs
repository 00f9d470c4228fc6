//! The form that all texts of a field have.

use jiff::civil::Date;

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A license with its tenant, `tenant/license`.
    License,
    /// The key of a person: trimmed and in lower case.
    Key,
    /// A day, such as `2027-03-01`.
    Day,
}

impl Form {
    /// Whether a text has the form.
    pub fn fits(self, text: &str) -> bool {
        match self {
            Self::License => text
                .split_once('/')
                .is_some_and(|(tenant, license)| !tenant.trim().is_empty() && !license.trim().is_empty()),
            Self::Key => text == key(text),
            Self::Day => text.parse::<Date>().is_ok_and(|day| day.to_string() == text),
        }
    }

    /// It in words.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::License => "`tenant/license`",
            Self::Key => "text in lower case",
            Self::Day => "date as text",
        }
    }

    /// Why no text of this form is that one, and what to write.
    pub(super) fn refusal(self, text: &str, shown: &str) -> (String, String) {
        match self {
            Self::License => (format!("`{shown}` has no tenant"), "write it as `tenant/license`".to_owned()),
            Self::Key => (format!("no key is `{shown}`"), format!("write `{}`: keys are lower case", key(text))),
            Self::Day => (format!("`{shown}` is no date"), "write it as in `2027-03-01`".to_owned()),
        }
    }
}

fn key(text: &str) -> String {
    text.trim().to_lowercase()
}
