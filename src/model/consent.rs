//! Who allowed what a run did although a rule says no: waivers, approvals, and removals allowed by their number.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// In what way something was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentKind {
    /// By a dated exception.
    Waiver,
    /// By somebody who looked at a finding.
    Approval,
    /// By the exact number of removals.
    Allowance,
}

impl ConsentKind {
    /// The word of the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiver => "waiver",
            Self::Approval => "approval",
            Self::Allowance => "allowance",
        }
    }

    /// What the word of the store means.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Waiver, Self::Approval, Self::Allowance].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Where something was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentOrigin {
    /// In a file that somebody reviewed.
    Manifest,
    /// Beside it.
    CommandLine,
}

impl ConsentOrigin {
    /// The word of the store.
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

/// One thing that somebody allowed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct ConsentRecord {
    /// In what way.
    pub kind: ConsentKind,
    /// The rule that says no.
    pub rule: SmolStr,
    /// What it is for, such as a license; null where it is for everything.
    pub scope: Option<String>,
    /// Who answers for it; empty where nobody is named.
    pub owner: SmolStr,
    /// Why, where that is written.
    pub reason: Option<String>,
    /// The digest of what was approved.
    pub digest: Option<SmolStr>,
    /// The last day on which it counts.
    pub until: Option<SmolStr>,
    /// Where it was said.
    pub origin: ConsentOrigin,
}
