//! How long a text may be, and which Markdown the reader's site understands.
//!
//! The figures are those that sites refuse at; a text that is one byte longer is not shown at all. Sites count characters
//! or bytes, and some of them either, so the limit holds in bytes, of which there are never fewer.

use std::fmt;
use std::str::FromStr;

/// Nothing shorter can say what a reviewer must know.
pub const LIMIT_MIN: usize = 4_096;

/// Which Markdown is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkdownDialect {
    /// Whether `<details>` folds what follows; elsewhere HTML is shown as text.
    pub details: bool,
    /// Whether a quote that begins with `[!CAUTION]` is drawn as a warning.
    pub alerts: bool,
}

/// How long a text may be, and for which reader it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkdownLimit {
    /// The most bytes.
    pub bytes: usize,
    /// What the reader's site understands.
    pub dialect: MarkdownDialect,
}

impl MarkdownLimit {
    /// A comment on GitHub: 65,536 characters, as its refusal says.
    pub const GITHUB: Self = Self { bytes: 65_536, dialect: MarkdownDialect { details: true, alerts: true } };
    /// A note on GitLab: 1,000,000 characters, by the page of its notes API.
    pub const GITLAB: Self = Self { bytes: 1_000_000, dialect: MarkdownDialect { details: true, alerts: true } };
    /// A comment on Bitbucket: fewer than 32,768 characters, as its refusal says; it knows no HTML.
    pub const BITBUCKET: Self = Self { bytes: 32_767, dialect: MarkdownDialect { details: false, alerts: false } };
    /// A comment on Azure DevOps: 150,000 characters.
    pub const AZURE_DEVOPS: Self = Self { bytes: 150_000, dialect: MarkdownDialect { details: true, alerts: false } };
    /// A step summary of GitHub Actions: what is over 1 MiB is dropped as a whole, and just below it now and then as well.
    pub const STEP_SUMMARY: Self = Self { bytes: 983_040, dialect: MarkdownDialect { details: true, alerts: true } };

    /// The limits that have a name.
    pub const PRESETS: [(&'static str, Self); 5] = [
        ("github", Self::GITHUB),
        ("gitlab", Self::GITLAB),
        ("bitbucket", Self::BITBUCKET),
        ("azure-devops", Self::AZURE_DEVOPS),
        ("step-summary", Self::STEP_SUMMARY),
    ];
}

impl Default for MarkdownLimit {
    fn default() -> Self {
        Self::GITHUB
    }
}

/// What is neither a number of bytes nor a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidLimit;

impl fmt::Display for InvalidLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = MarkdownLimit::PRESETS.iter().map(|(name, _)| *name).collect();
        write!(f, "give a number of bytes, at least {LIMIT_MIN}, or one of {}", names.join(", "))
    }
}

impl std::error::Error for InvalidLimit {}

impl FromStr for MarkdownLimit {
    type Err = InvalidLimit;

    fn from_str(text: &str) -> Result<Self, InvalidLimit> {
        if let Some((_, limit)) = Self::PRESETS.iter().find(|(name, _)| *name == text) {
            return Ok(*limit);
        }
        let bytes = text.parse().ok().filter(|bytes| *bytes >= LIMIT_MIN).ok_or(InvalidLimit)?;
        Ok(Self { bytes, ..Self::GITHUB })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_is_a_name_or_a_number_that_leaves_room_for_the_headline() {
        assert_eq!("bitbucket".parse(), Ok(MarkdownLimit::BITBUCKET));
        assert_eq!("5000".parse::<MarkdownLimit>().map(|limit| limit.bytes), Ok(5_000));
        for wrong in ["4095", "-1", "", "GitHub", "99999999999999999999999"] {
            assert_eq!(wrong.parse::<MarkdownLimit>(), Err(InvalidLimit), "{wrong}");
        }
    }
}
