//! From a run back to what was there before: what the store knows of it, a plan, and what the manifest says to that.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use smol_str::SmolStr;

use super::error::WorkflowError;
use super::history::unknown_run;
use super::manifest::Manifest;
use super::observe;
use super::pending;
use super::plan::{self as planning, Observations, PlanGoal, PlanInputs, serialization_error};
use crate::adapter::AccessOptions;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::plan as plan_codes;
use crate::diff;
use crate::env::Now;
use crate::model::{OperationId, Outcome, Plan};
use crate::plan::seal;
use crate::plan::undo::{Certainty, UndoRequest, format_people, mark_as_undo, waiting_findings};
use crate::profile::Simulator;
use crate::store::{PreviousAttempt, Store, StoreUrl};

/// Makes the plan that takes a run back, from the current state.
///
/// # Errors
/// When the store does not know the run, or a tenant that it changed cannot be read.
pub async fn plan(
    manifest: &Manifest,
    store: &StoreUrl,
    run: &str,
    terms: &PlanInputs,
    access: AccessOptions,
) -> Result<Plan, WorkflowError> {
    let opened = Store::open_existing(store).await?.ok_or_else(|| unknown_run(run))?;
    let record = opened.run(run).await?.ok_or_else(|| unknown_run(run))?;
    let run = &record.run.run;
    let plan = opened.plan(&record.run.plan).await?.ok_or_else(|| unknown_run(run))?;
    let earlier = opened.previous_attempts(&plan.digest).await?;
    let sent = sent_operations(&earlier);
    let mut tenants = UndoRequest::tenants(&plan, &sent);
    tenants.retain(|tenant| manifest.desired.tenants.contains_key(tenant));
    let mut observations = observe::observe_each(manifest, tenants, access).await?;
    pending::overlay(manifest, store, access, &mut observations).await?;
    let now = Now::at(access.clock.time());
    let past = planning::usage_history(manifest, store, now).await?;
    let undoing = UndoRequest {
        run,
        plan: &plan,
        sent: &sent,
        desired: &manifest.desired,
        rules: &manifest.rules,
        observations: &observations,
    };
    let undone = undoing.target();
    let wishes = PlanGoal { desired: &undone.desired, undoes: Some(run) };
    let mut made =
        planning::make_plan(manifest, wishes, &observations, &past, terms, now).map_err(serialization_error)?;
    let mut findings = undone.findings;
    findings.extend(waiting_findings(run, &made.waiting));
    findings.extend(shared_plan_note(run, &earlier));
    findings.extend(repeat_warning(run, manifest, &observations, &made, now));
    mark_as_undo(&mut made, run, findings);
    seal(&mut made).map_err(serialization_error)?;
    Ok(made)
}

/// What the runs of the plan sent and the vendor did not refuse.
fn sent_operations(earlier: &BTreeMap<OperationId, PreviousAttempt>) -> BTreeMap<OperationId, Certainty> {
    let certainty = |outcome: Option<Outcome>| match outcome {
        Some(Outcome::Applied | Outcome::Already) => Certainty::Confirmed,
        // What came of it may be something else than was asked for.
        Some(Outcome::Pending | Outcome::Failed | Outcome::Skipped | Outcome::Unknown) | None => Certainty::Unconfirmed,
    };
    earlier.iter().map(|(operation, known)| (operation.clone(), certainty(known.outcome))).collect()
}

/// What is said where several runs carried out the same plan.
fn shared_plan_note(run: &str, earlier: &BTreeMap<OperationId, PreviousAttempt>) -> Option<Finding> {
    let others: BTreeSet<&str> =
        earlier.values().map(|known| known.run.as_str()).filter(|other| *other != run).collect();
    let names: Vec<String> = others.iter().map(|other| format!("`{other}`")).collect();
    (!names.is_empty()).then(|| {
        let message =
            format!("{} carried out the same plan as `{run}`, and what they did is undone with it", names.join(", "));
        Finding::note(&plan_codes::UNDO_COMBINED, message)
    })
}

/// What is said where the manifest wants what the run did, and so the next `apply` would do it again.
fn repeat_warning(
    run: &str,
    manifest: &Manifest,
    observations: &Observations,
    undo: &Plan,
    now: Now,
) -> Option<Finding> {
    let mut people: BTreeSet<SmolStr> = BTreeSet::new();
    for (name, observation) in observations {
        let Some((desired, rules)) = manifest.desired.tenants.get(name).zip(manifest.rules.get(name)) else { continue };
        let own = || undo.operations.iter().filter(|operation| operation.tenant == *name);
        let touched: BTreeMap<&SmolStr, &SmolStr> = own().map(|one| (&one.account, &one.person)).collect();
        if touched.is_empty() {
            continue;
        }
        let mut simulator = Simulator::new(rules.clone(), Duration::ZERO, observation.clone());
        simulator.set_busy(None);
        for operation in own() {
            // What the vendor would refuse changes nothing, and nothing of it is asked for again.
            drop(simulator.execute(operation, now.time));
        }
        let after = simulator.state();
        let found = diff::compare_tenant(&manifest.desired.people, desired, rules, after, now);
        let accounts = found.changes.iter().filter_map(|change| after.accounts.get(change.account as usize));
        people.extend(accounts.filter_map(|account| touched.get(&account.id).map(|person| (*person).clone())));
    }
    let people: Vec<SmolStr> = people.into_iter().collect();
    (!people.is_empty()).then(|| {
        let message = format!("the manifest still wants what `{run}` did for {}", format_people(&people));
        Finding::warning(&plan_codes::UNDO_NOT_LASTING, message)
            .help("revert the change of the manifest as well, or the next `reseat apply` does it again")
            .people(people)
    })
}
