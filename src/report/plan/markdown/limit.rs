//! Length limits and Markdown dialects of forges.
//!
//! Forges reject longer texts completely. Some count characters and some bytes, so the limit is in bytes, which are
//! never fewer.

use std::fmt;
use std::str::FromStr;

/// The minimum length for a complete headline.
pub const LIMIT_MIN: usize = 4_096;

/// A Markdown dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkdownDialect {
    /// Whether `<details>` folds its content; other forges show HTML as text.
    pub details: bool,
    /// Whether a quote that begins with `[!CAUTION]` is rendered as an alert.
    pub alerts: bool,
}

/// A length limit and a dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkdownLimit {
    /// The maximum number of bytes.
    pub bytes: usize,
    /// The dialect of the forge.
    pub dialect: MarkdownDialect,
}

impl MarkdownLimit {
    /// A comment on GitHub: 65,536 characters, by its error message.
    pub const GITHUB: Self = Self { bytes: 65_536, dialect: MarkdownDialect { details: true, alerts: true } };
    /// A note on GitLab: 1,000,000 characters, by its API documentation.
    pub const GITLAB: Self = Self { bytes: 1_000_000, dialect: MarkdownDialect { details: true, alerts: true } };
    /// A comment on Bitbucket: fewer than 32,768 characters, by its error message; HTML is not supported.
    pub const BITBUCKET: Self = Self { bytes: 32_767, dialect: MarkdownDialect { details: false, alerts: false } };
    /// A comment on Azure DevOps: 150,000 characters.
    pub const AZURE_DEVOPS: Self = Self { bytes: 150_000, dialect: MarkdownDialect { details: true, alerts: false } };
    /// A step summary of GitHub Actions: larger than 1 MiB is dropped, and sometimes slightly less.
    pub const STEP_SUMMARY: Self = Self { bytes: 983_040, dialect: MarkdownDialect { details: true, alerts: true } };

    /// The named limits.
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

/// Neither a name nor a valid number of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidLimit;

impl fmt::Display for InvalidLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = MarkdownLimit::PRESETS.iter().map(|(name, _)| *name).collect();
        write!(f, "use at least {LIMIT_MIN} bytes, or one of {}", names.join(", "))
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
    fn limit_is_a_name_or_a_sufficient_number() {
        assert_eq!("bitbucket".parse(), Ok(MarkdownLimit::BITBUCKET));
        assert_eq!("5000".parse::<MarkdownLimit>().map(|limit| limit.bytes), Ok(5_000));
        for wrong in ["4095", "-1", "", "GitHub", "99999999999999999999999"] {
            assert_eq!(wrong.parse::<MarkdownLimit>(), Err(InvalidLimit), "{wrong}");
        }
    }
}
