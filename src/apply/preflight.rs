//! Checks of a plan before anything is sent.

use crate::diagnostic::catalog::apply;
use crate::diagnostic::{Finding, Level, Severity};
use crate::model::{Digest, Plan};
use crate::plan::{self, PlanIntegrityError};

/// Why a plan cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreflightError {
    /// The file was altered.
    Altered(Box<Finding>),
    /// The manifest or the policy changed since the plan.
    Stale(Box<Finding>),
    /// The plan has errors.
    Denied(Box<Finding>),
}

impl PreflightError {
    /// Returns the reason.
    pub fn finding(&self) -> &Finding {
        match self {
            Self::Altered(finding) | Self::Stale(finding) | Self::Denied(finding) => finding,
        }
    }
}

/// Checks the integrity of a plan, and that the manifest and the policy have not changed.
///
/// # Errors
/// The first reason why the plan cannot be applied.
pub fn check(plan: &Plan, manifest: &Digest, policy: &Digest) -> Result<(), PreflightError> {
    check_document(plan)?;
    let changed: Vec<&str> = [
        (&plan.inputs.manifest != manifest).then_some("the manifest"),
        (&plan.inputs.policy != policy).then_some("the policy"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !changed.is_empty() {
        let finding = Finding::error(&apply::PLAN_STALE, format!("{} changed since the plan", changed.join(" and ")))
            .help("plan again: `reseat plan --out plan.json`");
        return Err(PreflightError::Stale(Box::new(finding)));
    }
    Ok(())
}

/// Checks that no finding blocks the plan; `is_settled` tells whether a finding was approved and the approval counts.
///
/// # Errors
/// [`PreflightError::Denied`], with the first finding that blocks it.
pub fn check_findings(plan: &Plan, is_settled: impl Fn(&Finding) -> bool) -> Result<(), PreflightError> {
    let open = |finding: &&Finding| {
        (finding.severity == Severity::Error || finding.approved_by.is_some()) && !is_settled(finding)
    };
    let Some(first) = plan.findings.iter().find(open) else { return Ok(()) };
    let more = plan.findings.iter().filter(open).count() - 1;
    let others = if more == 0 { String::new() } else { format!(" and {more} more") };
    let finding = if first.level == Some(Level::Approve) {
        let message = format!("{}{others} needs an approval: {}", first.code, first.message);
        let digest = first.approval.as_deref().unwrap_or("DIGEST");
        Finding::error(&apply::PLAN_UNAPPROVED, message)
            .help(format!("ask an approver to review it, and apply with `--approve {digest} --approved-by PERSON`"))
    } else {
        let message = format!("the plan has errors, such as {}{others}: {}", first.code, first.message);
        Finding::error(&apply::PLAN_DENIED, message)
            .help("fix the errors, and plan again: `reseat plan --out plan.json`")
    };
    Err(PreflightError::Denied(Box::new(finding)))
}

/// Checks the digests of the document, and that its parts are consistent.
///
/// # Errors
/// [`PreflightError::Altered`].
pub fn check_document(plan: &Plan) -> Result<(), PreflightError> {
    let Err(error) = plan::verify(plan) else { return Ok(()) };
    let code = match error {
        PlanIntegrityError::Inconsistent(_) => &apply::PLAN_MALFORMED,
        PlanIntegrityError::Digest | PlanIntegrityError::Content | PlanIntegrityError::Format => &apply::PLAN_ALTERED,
    };
    let finding = Finding::error(code, error.to_string()).help("plan again: `reseat plan --out plan.json`");
    Err(PreflightError::Altered(Box::new(finding)))
}
