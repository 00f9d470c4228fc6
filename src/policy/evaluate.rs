//! Evaluates all rules and applies waivers and approvals to their violations.

use super::approval::{self, ApprovalContext};
use super::approval_scope;
use super::facts::{ManifestFacts, PlanFacts};
use super::registry::{MANIFEST_CHECKS, PLAN_CHECKS};
use super::rule::Violation;
use super::waiver_usage::WaiverUsage;
use crate::diagnostic::{Finding, Level, Severity};
use crate::model::Policy;

/// Evaluates the rules that need no plan.
///
/// A violation whose waiver has expired is only a warning here, because a valid manifest must not become invalid by date. A plan
/// denies it.
pub fn evaluate_manifest(facts: &ManifestFacts<'_>) -> Vec<Finding> {
    let mut violations = Vec::new();
    for check in MANIFEST_CHECKS {
        check(facts, &mut violations);
    }
    let mut lifts = WaiverUsage::new(facts.policy, facts.now.day);
    approval_scope::add_manifest_scope(facts.desired, &mut violations);
    let lapsed: Vec<bool> = lifts.match_violations(&violations, true).iter().map(Option::is_some).collect();
    let mut findings = apply_waivers_and_approvals(facts.policy, facts.consent, violations, &mut lifts);
    for (finding, lapsed) in findings.iter_mut().zip(lapsed) {
        if lapsed && finding.severity == Severity::Error {
            finding.severity = Severity::Warning;
            finding.message.push_str(" (its waiver has expired, so plans are denied)");
        }
    }
    findings.extend(lifts.date_findings());
    findings
}

/// Evaluates all rules for a plan.
pub fn evaluate_plan(facts: &PlanFacts<'_>, mut lifts: WaiverUsage<'_>) -> Vec<Finding> {
    let mut violations = Vec::new();
    let manifest =
        ManifestFacts { policy: facts.policy, desired: facts.desired, consent: facts.consent, now: facts.now };
    for check in MANIFEST_CHECKS {
        check(&manifest, &mut violations);
    }
    approval_scope::add_manifest_scope(facts.desired, &mut violations);
    let mut of_plan = Vec::new();
    for check in PLAN_CHECKS {
        check(facts, &mut of_plan);
    }
    approval_scope::add_plan_scope(facts.plan, &mut of_plan);
    violations.append(&mut of_plan);
    let mut findings = apply_waivers_and_approvals(facts.policy, facts.consent, violations, &mut lifts);
    findings.extend(lifts.date_findings());
    findings.extend(lifts.unused_findings());
    let digests: Vec<_> = findings.iter().filter_map(|finding| finding.approval.clone()).collect();
    findings.extend(facts.consent.findings(facts.policy, &digests));
    findings
}

/// Turns violations into findings, in the same order, with waivers and approvals applied.
fn apply_waivers_and_approvals(
    policy: &Policy,
    consent: &ApprovalContext,
    violations: Vec<Violation>,
    lifts: &mut WaiverUsage<'_>,
) -> Vec<Finding> {
    let waivers = lifts.match_violations(&violations, false);
    violations
        .into_iter()
        .zip(waivers)
        .map(|(violation, waiver)| {
            let digest = if violation.level == Level::Approve { approval::digest(&violation) } else { None };
            let Violation { rule, level, deferred, mut finding, .. } = violation;
            finding.level = Some(level);
            finding.severity = if deferred { Severity::Warning } else { level.severity() };
            if let Some(waiver) = waiver {
                finding.severity = Severity::Note;
                finding.waived_until = Some(waiver.until);
                finding.message.push_str(&format!(" (waived by {} until {})", waiver.owner, waiver.until));
            } else if let Some(digest) = digest {
                finding.approved_by = consent.approver(policy, &rule, &digest);
                if let Some(by) = &finding.approved_by {
                    finding.severity = Severity::Warning;
                    finding.message.push_str(&format!(" (approved by {by})"));
                } else {
                    finding = finding.related(describe_approvers(policy, &rule), None);
                }
                finding.approval = Some(digest);
            }
            finding.rule = Some(rule);
            finding
        })
        .collect()
}

/// The maximum number of approvers that a finding names.
const NAMED_APPROVERS_MAX: usize = 3;

/// Describes who may approve findings of a rule.
fn describe_approvers(policy: &Policy, rule: &str) -> String {
    let keys = policy.approvers_for_rule(rule).keys();
    let named: Vec<String> = keys.iter().take(NAMED_APPROVERS_MAX).map(|key| format!("`{key}`")).collect();
    match keys.len() - named.len() {
        0 if named.is_empty() => "it cannot be approved: the policy has no `approvers`".to_owned(),
        0 => format!("approvers: {}", named.join(" or ")),
        more => format!("approvers: {} or {more} more", named.join(", ")),
    }
}
