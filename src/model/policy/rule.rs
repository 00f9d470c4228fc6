//! Custom rules: compiled CEL expressions with their test cases.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use smol_str::SmolStr;

use crate::diagnostic::{Level, Source};
use crate::expression::scope::{Variable, VariableScope};
use crate::expression::variables::{ASSIGNMENT, OPERATION, PERSON, PLAN, POOL};
use crate::expression::{Expression, ExpressionInput};
use crate::model::PeopleSet;

/// The names of the built-in rules, which no custom rule may have.
pub const BUILT_IN_RULE_NAMES: [&str; 15] = [
    "losses",
    "changes",
    "protect",
    "own-account",
    "last-holder",
    "data-loss",
    "require",
    "licenses",
    "exclude",
    "need",
    "expiring",
    "seats",
    "budget",
    "freeze",
    "age",
];

/// What a rule checks, one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RuleTarget {
    /// Every person in the manifest. Variables: `person`.
    Person,
    /// Every person named by an entry that has not expired, once for its license and once for each alternative. Variables:
    /// `person` and `assignment`.
    Assignment,
    /// Every operation of the plan. Variables: `person`, `operation` and the `pool` of its license.
    Operation,
    /// Every pool of the plan. Variables: `pool`.
    Pool,
    /// The plan. Variables: `plan`.
    Plan,
}

impl RuleTarget {
    /// Returns the name used in the manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Assignment => "assignment",
            Self::Operation => "operation",
            Self::Pool => "pool",
            Self::Plan => "plan",
        }
    }

    /// Returns the variables that the rule's expressions can use.
    pub fn scope(self) -> VariableScope {
        let variables: &'static [&'static Variable] = match self {
            Self::Person => const { &[&PERSON] },
            Self::Assignment => const { &[&PERSON, &ASSIGNMENT] },
            Self::Operation => const { &[&PERSON, &OPERATION, &POOL] },
            Self::Pool => const { &[&POOL] },
            Self::Plan => const { &[&PLAN] },
        };
        VariableScope { variables }
    }
}

/// The expected result of a test case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExpectedResult {
    /// The rule does not match.
    Pass,
    /// The rule matches and denies.
    Deny,
    /// The rule matches and requires an approval.
    Approve,
    /// The rule matches and warns.
    Warn,
}

impl ExpectedResult {
    /// Returns the name used in the manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Deny => "deny",
            Self::Approve => "approve",
            Self::Warn => "warn",
        }
    }
}

/// A custom rule. Its JSON form is part of the policy's digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CustomRule {
    /// The rule's name.
    pub name: SmolStr,
    /// What the rule checks.
    pub on: RuleTarget,
    /// True for what the rule forbids.
    pub when: Expression,
    /// The level of a finding.
    pub level: Level,
    /// The message of a finding.
    pub message: Expression,
    /// People who may approve findings, if the rule names them.
    pub approvers: Option<PeopleSet>,
    /// Test cases.
    #[serde(skip)]
    pub cases: Vec<RuleCase>,
    /// The location in the manifest.
    #[serde(skip)]
    pub source: Source,
}

/// A test case of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCase {
    /// The given values, by variable and field.
    pub given: BTreeMap<SmolStr, BTreeMap<SmolStr, Json>>,
    /// The expected result.
    pub then: ExpectedResult,
    /// The location in the manifest.
    pub source: Source,
}

impl RuleCase {
    /// Returns the value of an expression's input, or its default if the case gives none.
    pub fn input_value(&self, input: &ExpressionInput) -> Json {
        let given = self.given.get(input.variable.name);
        let field = |name: &str| {
            let default = || input.variable.field(name).map_or(Json::Null, |field| field.default_value());
            given.and_then(|fields| fields.get(name)).cloned().unwrap_or_else(default)
        };
        match &input.field {
            Some(name) => field(name),
            None => {
                let declared = input.variable.fields.iter().map(|one| (one.name.to_owned(), field(one.name)));
                let others = given.into_iter().flatten().map(|(name, value)| (name.to_string(), value.clone()));
                Json::Object(declared.chain(others).collect())
            }
        }
    }
}
