//! The consents of a run, for the history: waivers in use, approvals of findings, and allowed removals.

use jiff::Timestamp;
use smol_str::{SmolStr, format_smolstr};

use super::manifest::Manifest;
use super::plan::PlanInputs;
use crate::diagnostic::Level;
use crate::diagnostic::catalog::policy as codes;
use crate::env::clock::day_of;
use crate::model::{ConsentKind, ConsentOrigin, ConsentRecord, Plan, Policy, Waiver};
use crate::policy::{self, ApprovalContext};

/// Returns all consents of a plan that is executed at a given time.
pub(super) fn collect(manifest: &Manifest, plan: &Plan, inputs: &PlanInputs, at: Timestamp) -> Vec<ConsentRecord> {
    let mut consents: Vec<ConsentRecord> = used_waivers(&manifest.policy, plan, at).map(waiver_consent).collect();
    consents.extend(used_approvals(manifest, plan, &inputs.consent(manifest, Some(plan), day_of(at))));
    if plan.findings.iter().any(|finding| finding.code == codes::REMOVALS_ALLOWED.id) {
        consents.extend(plan.inputs.allow_removals.map(|number| ConsentRecord {
            kind: ConsentKind::Allowance,
            rule: SmolStr::new_static("losses"),
            scope: Some(format!("{number} removals")),
            owner: inputs.author.clone().unwrap_or_default(),
            reason: None,
            digest: None,
            until: None,
            origin: ConsentOrigin::CommandLine,
        }));
    }
    consents.sort();
    consents.dedup();
    consents
}

/// Returns the waivers that the plan used, and those that lift a freeze now.
fn used_waivers<'m>(policy: &'m Policy, plan: &'m Plan, at: Timestamp) -> impl Iterator<Item = &'m Waiver> {
    let idle = |waiver: &Waiver| {
        plan.findings.iter().any(|finding| finding.code == codes::WAIVER_UNUSED.id && finding.source == waiver.source)
    };
    let thaws = move |waiver: &Waiver| {
        if waiver.rule != "freeze" {
            return false;
        }
        let others = policy.waivers.iter().filter(|other| *other != waiver).cloned().collect();
        policy::check_apply_freeze(&Policy { waivers: others, ..policy.clone() }, &plan.operations, at).is_some()
    };
    policy.waivers.iter().filter(move |waiver| waiver.is_in_force(day_of(at)) && (!idle(waiver) || thaws(waiver)))
}

fn waiver_consent(waiver: &Waiver) -> ConsentRecord {
    let Waiver { rule, scope, count, owner, reason, until, source: _ } = waiver;
    let place =
        scope.license.as_ref().map(ToString::to_string).or_else(|| scope.tenant.as_ref().map(ToString::to_string));
    let people = scope.people.as_ref().map(|people| people.iter().map(SmolStr::as_str).collect::<Vec<_>>().join(", "));
    let count = count.map(|count| format!("at most {count}"));
    let parts: Vec<String> = [place, people, count].into_iter().flatten().collect();
    ConsentRecord {
        kind: ConsentKind::Waiver,
        rule: rule.clone(),
        scope: (!parts.is_empty()).then(|| parts.join(", ")),
        owner: owner.clone(),
        reason: Some(reason.clone()),
        digest: None,
        until: Some(format_smolstr!("{until}")),
        origin: ConsentOrigin::Manifest,
    }
}

/// Returns the approvals of the plan's findings.
fn used_approvals<'m>(
    manifest: &'m Manifest,
    plan: &'m Plan,
    consent: &'m ApprovalContext,
) -> impl Iterator<Item = ConsentRecord> + 'm {
    plan.findings.iter().filter(|finding| finding.level == Some(Level::Approve)).filter_map(|finding| {
        let (rule, digest) = finding.rule.as_ref().zip(finding.approval.as_ref())?;
        let given = consent.approver(&manifest.policy, rule, digest);
        let is_written = manifest.approvals.iter().any(|approval| approval.findings.contains(digest));
        Some(ConsentRecord {
            kind: ConsentKind::Approval,
            rule: rule.clone(),
            scope: None,
            owner: given.or_else(|| finding.approved_by.clone())?,
            reason: None,
            digest: Some(digest.clone()),
            until: None,
            origin: if is_written { ConsentOrigin::Manifest } else { ConsentOrigin::CommandLine },
        })
    })
}
