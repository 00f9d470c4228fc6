//! Approvals: who has looked at a finding of level `approve`, and said yes to it.
//!
//! An approval names findings by a digest over what they are about, so it survives a new plan with the same or fewer
//! findings, and falls with one that is new or larger.

use jiff::civil::Date;
use serde::Serialize;
use smol_str::SmolStr;

use super::effective::Policy;
use super::rule::Violation;
use crate::diagnostic::{Finding, Level, Source, catalog::policy as code};
use crate::model::{Digest, PersonKey};

/// One approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The digests of the findings that it approves.
    pub findings: Vec<SmolStr>,
    /// Who gives it.
    pub by: SmolStr,
    /// The last day on which it counts; none where it came by the command line, for this once.
    pub until: Option<Date>,
    /// Where it is written; none where it came by the command line.
    pub source: Option<Source>,
}

/// The approvals that were given, and who asks for the changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalContext {
    /// The approvals.
    pub approvals: Vec<Approval>,
    /// Who asks, by all that was said to plan and run: nobody approves what they ask for themselves.
    pub authors: Vec<SmolStr>,
    /// The day on which approvals have to count.
    pub day: Date,
}

impl Default for ApprovalContext {
    fn default() -> Self {
        Self { approvals: Vec::new(), authors: Vec::new(), day: Date::MIN }
    }
}

impl ApprovalContext {
    /// Who approved the finding of that digest, if somebody who may did.
    pub fn approver(&self, policy: &Policy, rule: &str, digest: &str) -> Option<SmolStr> {
        let named = self.approvals.iter().filter(|approval| approval.findings.iter().any(|own| own == digest));
        named.filter_map(|approval| self.check_approval(policy, Some(rule), approval).ok()).min()
    }

    /// Whether a finding of a plan file does not stand in the way: an approver has said yes, to the plan or since.
    pub fn is_approved(&self, policy: &Policy, finding: &Finding) -> bool {
        let (Some(Level::Approve), Some(rule), Some(digest)) = (finding.level, &finding.rule, &finding.approval) else {
            return false;
        };
        let shown = finding.approved_by.as_ref();
        self.approver(policy, rule, digest).is_some()
            || shown.is_some_and(|by| self.check_approver(policy, Some(rule), by).is_ok())
    }

    /// The key of somebody who may approve findings of that rule, or why they may not.
    fn check_approver(&self, policy: &Policy, rule: Option<&str>, by: &str) -> Result<SmolStr, String> {
        let key = |address: &str| policy.approver_key(rule, address);
        let Some(approver) = key(by) else {
            return Err(format!("`{}` is not among the approvers of the policy", PersonKey::normalize(by)));
        };
        let asks = |author: &SmolStr| {
            PersonKey::normalize(author) == PersonKey::normalize(by) || key(author) == Some(approver.clone())
        };
        if self.authors.iter().any(asks) {
            return Err(format!("`{approver}` asks for these changes"));
        }
        Ok(approver)
    }

    /// The key of whoever gave an approval, or why it does not count.
    fn check_approval(&self, policy: &Policy, rule: Option<&str>, approval: &Approval) -> Result<SmolStr, String> {
        match approval.until {
            Some(until) if until < self.day => Err(format!("that of `{}` ended on {until}", approval.by)),
            _ => self.check_approver(policy, rule, &approval.by),
        }
    }

    /// What is to be said of approvals that do not count, or that nothing needs; `digests` are those of the plan.
    pub fn findings(&self, policy: &Policy, digests: &[SmolStr]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for approval in &self.approvals {
            let found = match self.check_approval(policy, None, approval) {
                Err(why) => Finding::warning(&code::APPROVAL_INVALID, format!("an approval does not count: {why}"))
                    .help("let somebody approve now whom `approvers` names and who does not ask for the changes"),
                Ok(by) if approval.findings.iter().any(|own| digests.contains(own)) => {
                    drop(by);
                    continue;
                }
                Ok(by) => Finding::note(&code::APPROVAL_UNUSED, format!("an approval by `{by}` fits no finding")),
            };
            findings.push(found.at(approval.source.clone()));
        }
        findings
    }
}

/// What an approval of a violation is bound to: what it is about, and not where that is written.
#[derive(Serialize)]
struct ApprovalSubject<'a> {
    rule: &'a str,
    tenant: Option<&'a str>,
    license: Option<&'a str>,
    people: &'a [SmolStr],
    values: &'a std::collections::BTreeMap<SmolStr, serde_json::Value>,
}

/// The digest that an approval of a violation names.
pub(super) fn digest(violation: &Violation) -> Option<SmolStr> {
    let bound = ApprovalSubject {
        rule: &violation.rule,
        tenant: violation.tenant.as_deref(),
        license: violation.license.as_deref(),
        people: &violation.finding.people,
        values: &violation.finding.values,
    };
    // Names, numbers and texts have a JSON form.
    Digest::of_json(&bound).ok().map(|digest| SmolStr::from(digest.as_str()))
}
