//! The findings of a plan by their meaning for a reviewer: stops, exceptions, and the rest.

use serde_json::Value;

use crate::diagnostic::catalog::policy as codes;
use crate::diagnostic::{Finding, Level, Severity};
use crate::model::Plan;

/// Codes for differences from a trusted manifest, in ascending order.
const DIFFERENCES: [&str; 9] = [
    codes::POLICY_DIFFERS.id,
    codes::TENANT_DIFFERS.id,
    codes::TENANT_IGNORED.id,
    codes::TENANT_REMOVAL_IGNORED.id,
    codes::WAIVER_IGNORED.id,
    codes::WAIVER_REMOVAL_IGNORED.id,
    codes::WAIVER_DIFFERS.id,
    codes::APPROVAL_DIFFERS.id,
    codes::DIFFERENCES_TRUNCATED.id,
];

/// Codes for exceptions.
const EXCEPTIONS: [&str; 9] = [
    codes::REMOVALS_ALLOWED.id,
    codes::FROZEN.id,
    codes::PLAN_TOO_OLD.id,
    codes::WAIVER_EXPIRED.id,
    codes::WAIVER_UNUSED.id,
    codes::WAIVER_ENDING.id,
    codes::WAIVER_TOO_BROAD.id,
    codes::APPROVAL_INVALID.id,
    codes::APPROVAL_UNUSED.id,
];

/// The findings of a plan by meaning.
pub(super) struct SortedFindings<'p> {
    pub(super) denials: Vec<&'p Finding>,
    pub(super) policy: Vec<&'p Finding>,
    pub(super) findings: Vec<&'p Finding>,
}

impl<'p> SortedFindings<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let mut sorted = Self { denials: Vec::new(), policy: Vec::new(), findings: Vec::new() };
        for finding in &plan.findings {
            if finding.severity == Severity::Error {
                sorted.denials.push(finding);
            } else if is_difference(finding) || is_exception(finding) {
                sorted.policy.push(finding);
            } else if !is_about_held(finding) {
                sorted.findings.push(finding);
            }
        }
        sorted.denials.sort_by_key(|finding| needs_approval(finding));
        sorted.policy.sort_by_key(|finding| (!is_difference(finding), finding.severity));
        sorted.findings.sort_by_key(|finding| finding.severity);
        sorted
    }
}

/// Returns whether an approval would resolve the finding.
pub(super) fn needs_approval(finding: &Finding) -> bool {
    finding.level == Some(Level::Approve)
}

/// Returns whether the finding postpones the plan regardless of approvals.
pub(super) fn postpones(finding: &Finding) -> bool {
    [codes::FROZEN.id, codes::PLAN_TOO_OLD.id].contains(&finding.code.as_str())
        && finding.severity != Severity::Note
        && finding.level != Some(Level::Warn)
        && finding.approved_by.is_none()
}

/// Returns whether the finding reports a difference from the trusted manifest.
pub(crate) fn is_difference(finding: &Finding) -> bool {
    DIFFERENCES.contains(&finding.code.as_str())
}

/// Returns the differences from a trusted manifest, and their number.
pub(crate) fn trusted_differences(all: &[Finding]) -> (usize, Vec<&Finding>) {
    let differences: Vec<_> = all.iter().filter(|finding| is_difference(finding)).collect();
    (differences.iter().map(|finding| represented_count(finding)).sum(), differences)
}

/// Returns whether the finding reports an exception or an invalid exception.
fn is_exception(finding: &Finding) -> bool {
    EXCEPTIONS.contains(&finding.code.as_str()) || finding.waived_until.is_some() || finding.approved_by.is_some()
}

/// Returns whether the finding reports a limit whose people are listed as held.
fn is_about_held(finding: &Finding) -> bool {
    finding.level.is_none()
        && !finding.people.is_empty()
        && matches!(finding.rule.as_deref(), Some("losses" | "changes"))
}

/// Returns how many differences the finding represents.
pub(super) fn represented_count(finding: &Finding) -> usize {
    let more = finding.values.get("more").and_then(Value::as_u64).filter(|_| is_difference(finding));
    more.map_or(1, |more| usize::try_from(more).unwrap_or(usize::MAX))
}
