//! `policy.rules`: custom rules with their test cases.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use crate::diagnostic::Level;
use crate::manifest::yaml::{LenientList, Located, NamedEntries, OptionalField, PeopleList, RequiredField};
use crate::model::{ExpectedResult, RuleTarget};

/// A custom rule: a CEL expression that describes what is forbidden.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleEntry {
    /// Name of the rule, such as `contractors-never-power`. Waivers refer to it.
    pub name: RequiredField<SmolStr>,
    /// What the rule checks, one at a time.
    pub on: RequiredField<RuleTarget>,
    /// A CEL expression that is true for what the rule forbids.
    pub when: RequiredField<SmolStr>,
    /// Level of the finding. Default: `deny`.
    #[serde(default)]
    pub level: OptionalField<Level>,
    /// A CEL expression that returns the message of the finding.
    pub message: RequiredField<SmolStr>,
    /// People who may approve findings of this rule, instead of the policy's `approvers`. Groups are written `group:NAME`.
    #[serde(default)]
    pub approvers: OptionalField<PeopleList>,
    /// Test cases for `reseat policy test`: at least one that passes, and one that does not.
    #[serde(default)]
    pub cases: OptionalField<LenientList<Located<CaseEntry>>>,
}

/// A test case of a rule.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseEntry {
    /// Values by variable and field. Fields that are left out have a default; attributes are null.
    #[serde(default)]
    pub given: OptionalField<NamedEntries<NamedEntries<Located<serde_json::Value>>>>,
    /// Expected result: the rule's level, or `pass`.
    pub then: RequiredField<ExpectedResult>,
}
