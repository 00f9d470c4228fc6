//! The document of `policy test`: the results of each rule's cases.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::diagnostic::Source;

/// The result of one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseOutcome {
    /// Its number among the rule's cases, from 1.
    pub case: u64,
    /// Whether the result is as expected.
    pub ok: bool,
    /// The expected result: `pass`, or a level.
    pub expected: SmolStr,
    /// The actual result: `pass`, the rule's level, or `error`.
    pub got: SmolStr,
    /// The message of the rule, or why it cannot be evaluated.
    pub message: Option<String>,
    /// The location of the case.
    pub source: Source,
}

/// The results of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleOutcome {
    /// The rule's name.
    pub rule: SmolStr,
    /// Whether all cases are as expected, and none is missing.
    pub ok: bool,
    /// What is missing if the rule does not have at least one passing and one failing case.
    pub missing: Option<String>,
    /// The cases, in manifest order.
    pub cases: Vec<CaseOutcome>,
    /// The location of the rule.
    pub source: Source,
}

/// Counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyTestSummary {
    /// Rules.
    pub rules: u64,
    /// Rules that failed.
    pub failed_rules: u64,
    /// Cases.
    pub cases: u64,
    /// Cases that failed.
    pub failed_cases: u64,
}

/// The results of all rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyTestReport {
    /// The rules, in manifest order.
    pub rules: Vec<RuleOutcome>,
    /// The counts.
    pub summary: PolicyTestSummary,
}

impl PolicyTestReport {
    /// Returns the document for these rules.
    pub fn new(rules: Vec<RuleOutcome>) -> Self {
        let mut summary = PolicyTestSummary::default();
        for rule in &rules {
            summary.rules += 1;
            summary.failed_rules += u64::from(!rule.ok);
            summary.cases += rule.cases.len() as u64;
            summary.failed_cases += rule.cases.iter().filter(|case| !case.ok).count() as u64;
        }
        Self { rules, summary }
    }

    /// Whether all rules are ok.
    pub fn is_ok(&self) -> bool {
        self.rules.iter().all(|rule| rule.ok)
    }
}
