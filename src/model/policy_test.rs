//! The document of `policy test`: what came out of the cases of each rule.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::diagnostic::Source;

/// What came out of one case of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseOutcome {
    /// Its place among the rule's cases, from 1.
    pub case: u64,
    /// Whether what came out is what was expected.
    pub ok: bool,
    /// What was expected: `pass`, or a level.
    pub expected: SmolStr,
    /// What came out: `pass`, the rule's level, or `error`.
    pub got: SmolStr,
    /// What the rule said, or why it cannot be evaluated.
    pub message: Option<String>,
    /// Where the case is written.
    pub source: Source,
}

/// What came out of the cases of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleOutcome {
    /// The rule's name.
    pub rule: SmolStr,
    /// Whether all cases are as expected, and none is missing.
    pub ok: bool,
    /// What is missing where the rule has not at least one case that passes and one that does not.
    pub missing: Option<String>,
    /// The cases, in the order written.
    pub cases: Vec<CaseOutcome>,
    /// Where the rule is written.
    pub source: Source,
}

/// How many there are of what.
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

/// What came out of the cases of all rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyTestReport {
    /// The rules, in the order written.
    pub rules: Vec<RuleOutcome>,
    /// How many there are.
    pub summary: PolicyTestSummary,
}

impl PolicyTestReport {
    /// The document for those rules, counted.
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

    /// Whether everything is as it should be.
    pub fn is_ok(&self) -> bool {
        self.rules.iter().all(|rule| rule.ok)
    }
}
