//! `policy.rules`: rules of one's own, with the cases that show what they do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::LevelEntry;
use crate::expression::scope::{Variable, VariableScope};
use crate::expression::variables::{ASSIGNMENT, OPERATION, PERSON, PLAN, POOL};
use crate::manifest::yaml::{LenientList, Located, NamedEntries, OptionalField, PeopleList, RequiredField};

/// A rule: what must not be, in CEL.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleEntry {
    /// Its name, such as `contractors-never-power`; what a waiver names.
    pub name: RequiredField<SmolStr>,
    /// What it looks at, one at a time.
    pub on: RequiredField<RuleTarget>,
    /// A CEL expression that is true for what must not be.
    pub when: RequiredField<SmolStr>,
    /// What happens then; `deny` where it is missing.
    #[serde(default)]
    pub level: OptionalField<LevelEntry>,
    /// What is said then: a CEL expression that gives a text.
    pub message: RequiredField<SmolStr>,
    /// Who may approve, for the level `approve`; groups as `group:NAME`.
    #[serde(default)]
    pub approvers: OptionalField<PeopleList>,
    /// Examples that `reseat policy test` runs: at least one that passes, and one that does not.
    #[serde(default)]
    pub cases: OptionalField<LenientList<Located<CaseEntry>>>,
}

/// What a rule looks at, one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RuleTarget {
    /// Everybody in the manifest; sees `person`.
    Person,
    /// One person named by one entry that is not over, once for its license and once for each alternative; sees `person`
    /// and `assignment`.
    Assignment,
    /// One operation of the plan; sees `person`, `operation` and the `pool` of its license.
    Operation,
    /// One pool of the plan; sees `pool`.
    Pool,
    /// The plan as a whole; sees `plan`.
    Plan,
}

impl RuleTarget {
    /// The word of the manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Assignment => "assignment",
            Self::Operation => "operation",
            Self::Pool => "pool",
            Self::Plan => "plan",
        }
    }

    /// The variables that its expressions see.
    pub fn scope(self) -> VariableScope {
        let records: &'static [&'static Variable] = match self {
            Self::Person => const { &[&PERSON] },
            Self::Assignment => const { &[&PERSON, &ASSIGNMENT] },
            Self::Operation => const { &[&PERSON, &OPERATION, &POOL] },
            Self::Pool => const { &[&POOL] },
            Self::Plan => const { &[&PLAN] },
        };
        VariableScope { variables: records }
    }
}

/// An example of what a rule does.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseEntry {
    /// The values, by variable and field; what is missing has a neutral value, and an attribute is null.
    #[serde(default)]
    pub given: OptionalField<NamedEntries<NamedEntries<Located<serde_json::Value>>>>,
    /// What comes out: the rule's level, or `pass`.
    pub then: RequiredField<ExpectedResult>,
}

/// What comes out of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExpectedResult {
    /// The rule does not match.
    Pass,
    /// It matches, and denies.
    Deny,
    /// It matches, and asks for an approval.
    Approve,
    /// It matches, and warns.
    Warn,
}

impl ExpectedResult {
    /// The word of the manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Deny => "deny",
            Self::Approve => "approve",
            Self::Warn => "warn",
        }
    }
}
