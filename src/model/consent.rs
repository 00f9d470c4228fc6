//! Consents that override policy for a run: waivers, approvals and removal allowances.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// The kind of a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentKind {
    /// A dated exception.
    Waiver,
    /// The approval of a finding.
    Approval,
    /// The exact number of removals, given on the command line.
    Allowance,
}

impl ConsentKind {
    /// Returns the name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiver => "waiver",
            Self::Approval => "approval",
            Self::Allowance => "allowance",
        }
    }

    /// Parses the name in the store.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Waiver, Self::Approval, Self::Allowance].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The origin of a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentOrigin {
    /// A reviewed manifest file.
    Manifest,
    /// The command line.
    CommandLine,
}

impl ConsentOrigin {
    /// Returns the name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::CommandLine => "command-line",
        }
    }

    /// What the word of the store means.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Manifest, Self::CommandLine].into_iter().find(|origin| origin.as_str() == word)
    }
}

/// One consent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct ConsentRecord {
    /// Its kind.
    pub kind: ConsentKind,
    /// The rule that it overrides.
    pub rule: SmolStr,
    /// Its scope, such as a license; null for everything.
    pub scope: Option<String>,
    /// Its owner; empty if none is named.
    pub owner: SmolStr,
    /// Its reason.
    pub reason: Option<String>,
    /// The digest of the approved findings.
    pub digest: Option<SmolStr>,
    /// The last day of its validity.
    pub until: Option<SmolStr>,
    /// Its origin.
    pub origin: ConsentOrigin,
}
