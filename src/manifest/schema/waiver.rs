//! `waivers` and `approvals`: dated exceptions from a rule, and approvals of findings.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use super::{DateText, LicenseText};
use crate::manifest::yaml::{LenientList, Located, OptionalField, PeopleList, RequiredField};

/// A dated exception from a rule of the policy. Every key that narrows its scope must match.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiverEntry {
    /// Name of the rule, such as `losses`, or of a custom rule.
    pub rule: RequiredField<SmolStr>,
    /// Only this license, written `tenant/license`.
    #[serde(default)]
    pub license: OptionalField<LicenseText>,
    /// Only this tenant.
    #[serde(default)]
    pub tenant: OptionalField<SmolStr>,
    /// Only these people. Groups are written `group:NAME`.
    #[serde(default)]
    pub people: OptionalField<PeopleList>,
    /// Maximum number of affected people. Default: no limit.
    #[serde(default)]
    pub count: OptionalField<u64>,
    /// Person or team responsible for the exception.
    pub owner: RequiredField<SmolStr>,
    /// Reason, such as a ticket number.
    pub reason: RequiredField<String>,
    /// Last day on which the waiver counts.
    pub until: RequiredField<DateText>,
}

/// An approval of findings of level `approve`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovalEntry {
    /// Digests of the findings, as the plan shows them.
    pub findings: RequiredField<LenientList<Located<SmolStr>>>,
    /// The approver: one of the policy's `approvers`.
    pub by: RequiredField<SmolStr>,
    /// Last day on which the approval counts.
    pub until: RequiredField<DateText>,
    /// Reason, such as a ticket number.
    #[serde(default)]
    pub note: OptionalField<String>,
}
