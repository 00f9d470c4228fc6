//! Approvals of findings of level `approve`.
//!
//! An approval names findings by a digest of what they cover. It still counts for a new plan with the same or fewer findings,
//! and not for a finding that is new or larger.

use jiff::civil::Date;
use serde::Serialize;
use smol_str::SmolStr;

use super::rule::Violation;
use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::model::{Approval, Digest, PersonKey, Policy};

/// The approvals, and the authors of the changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalContext {
    /// The approvals.
    pub approvals: Vec<Approval>,
    /// The authors of the changes, who cannot approve them.
    pub authors: Vec<SmolStr>,
    /// The day on which approvals must be valid.
    pub day: Date,
}

impl Default for ApprovalContext {
    fn default() -> Self {
        Self { approvals: Vec::new(), authors: Vec::new(), day: Date::MIN }
    }
}

impl ApprovalContext {
    /// Returns the approver of the finding with that digest, if a valid approval exists.
    pub fn approver(&self, policy: &Policy, rule: &str, digest: &str) -> Option<SmolStr> {
        let named = self.approvals.iter().filter(|approval| approval.findings.iter().any(|own| own == digest));
        named.filter_map(|approval| self.check_approval(policy, Some(rule), approval).ok()).min()
    }

    /// Returns whether a finding of a plan file is approved, in the plan or since then.
    pub fn is_approved(&self, policy: &Policy, finding: &Finding) -> bool {
        let (Some(Level::Approve), Some(rule), Some(digest)) = (finding.level, &finding.rule, &finding.approval) else {
            return false;
        };
        let shown = finding.approved_by.as_ref();
        self.approver(policy, rule, digest).is_some()
            || shown.is_some_and(|by| self.check_approver(policy, Some(rule), by).is_ok())
    }

    /// Returns the key of a person who may approve findings of a rule, or the reason why they may not.
    fn check_approver(&self, policy: &Policy, rule: Option<&str>, by: &str) -> Result<SmolStr, String> {
        let key = |address: &str| policy.approver_key(rule, address);
        let Some(approver) = key(by) else {
            return Err(format!("`{}` is not an approver", PersonKey::normalize(by)));
        };
        let is_approver = |author: &SmolStr| {
            PersonKey::normalize(author) == PersonKey::normalize(by) || key(author) == Some(approver.clone())
        };
        if self.authors.iter().any(is_approver) {
            return Err(format!("`{approver}` is an author of these changes"));
        }
        Ok(approver)
    }

    /// Returns the key of the approver, or the reason why the approval does not count.
    fn check_approval(&self, policy: &Policy, rule: Option<&str>, approval: &Approval) -> Result<SmolStr, String> {
        match approval.until {
            Some(until) if until < self.day => Err(format!("the approval by `{}` ended on {until}", approval.by)),
            _ => self.check_approver(policy, rule, &approval.by),
        }
    }

    /// Returns findings for invalid and unused approvals; `digests` are those of the plan's findings.
    pub fn findings(&self, policy: &Policy, digests: &[SmolStr]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for approval in &self.approvals {
            let found = match self.check_approval(policy, None, approval) {
                Err(why) => Finding::warning(&code::APPROVAL_INVALID, format!("invalid approval: {why}"))
                    .help("ask one of the `approvers` who is not an author of the changes to approve"),
                Ok(by) if approval.findings.iter().any(|own| digests.contains(own)) => {
                    drop(by);
                    continue;
                }
                Ok(by) => Finding::note(&code::APPROVAL_UNUSED, format!("the approval by `{by}` matches no finding")),
            };
            findings.push(found.at(approval.source.clone()));
        }
        findings
    }
}

/// What an approval of a violation covers, without locations.
#[derive(Serialize)]
struct ApprovalSubject<'a> {
    rule: &'a str,
    tenant: Option<&'a str>,
    license: Option<&'a str>,
    people: &'a [SmolStr],
    values: &'a std::collections::BTreeMap<SmolStr, serde_json::Value>,
}

/// Returns the digest that an approval of a violation names.
pub(super) fn digest(violation: &Violation) -> Option<SmolStr> {
    let subject = ApprovalSubject {
        rule: &violation.rule,
        tenant: violation.tenant.as_deref(),
        license: violation.license.as_deref(),
        people: &violation.finding.people,
        values: &violation.finding.values,
    };
    // Never fails: names, numbers and texts have a JSON form.
    Digest::of_json(&subject).ok().map(|digest| SmolStr::from(digest.as_str()))
}
