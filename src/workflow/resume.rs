//! Which plan is there to go on with, after a run that did not bring everything about.

use std::collections::BTreeSet;
use std::sync::Arc;

use smol_str::SmolStr;

use super::error::{WorkflowError, WorkflowErrorKind};
use super::history::unknown_run;
use super::manifest::Manifest;
use super::preconditions;
use super::runbook;
use crate::apply;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::apply as codes;
use crate::env::Clock;
use crate::model::{Digest, Operation, Outcome, Plan, Run, RunState};
use crate::store::{RunRecord, Store, StoreUrl};

/// Most runs that are looked through.
const RUNS_MAX: u32 = 1_000;

/// What is left of a run.
pub enum ResumeTarget {
    /// This plan is to be gone on with.
    Plan {
        /// The run.
        run: SmolStr,
        /// Its plan.
        plan: Arc<Plan>,
    },
    /// Nothing is.
    Nothing {
        /// Why, as the end of a sentence.
        why: String,
    },
}

/// What is left of that run, or of the last one. What died is settled before.
///
/// # Errors
/// When the store does not know the run, or a later run began another plan.
pub async fn find_target(url: &StoreUrl, run: Option<&str>) -> Result<ResumeTarget, WorkflowError> {
    let store = Store::open_existing(url).await?;
    let Some(store) = store else {
        return match run {
            Some(run) => Err(unknown_run(run)),
            None => Ok(ResumeTarget::Nothing { why: "there is no run yet".to_owned() }),
        };
    };
    let records = store.runs(RUNS_MAX).await?;
    let place = match run {
        Some(run) => records.iter().position(|record| record.run.run == run).ok_or_else(|| unknown_run(run))?,
        None => 0,
    };
    let Some(record) = records.get(place) else {
        return Ok(ResumeTarget::Nothing { why: "there is no run yet".to_owned() });
    };
    let name = &record.run.run;
    if store.has_completed(&record.run.plan).await? {
        return Ok(ResumeTarget::Nothing { why: format!("everything of the plan of {name} is done") });
    }
    if let Some(later) = records[..place].iter().find(|later| later.run.plan != record.run.plan) {
        return Err(superseded(record, later));
    }
    // The last run of the plan is what a new one follows.
    let last = records.first().unwrap_or(record);
    if record.state == RunState::Complete {
        return Ok(ResumeTarget::Nothing { why: format!("{name} is complete") });
    }
    match store.plan(&record.run.plan).await? {
        Some(plan) => Ok(ResumeTarget::Plan { run: last.run.run.clone(), plan }),
        None => Err(unknown_run(name)),
    }
}

/// The last run, where it handed something over to people, its plan still holds, and a new plan wants nothing beside it:
/// then going on with it settles what was done, and asks nobody twice.
///
/// # Errors
/// When the store cannot be read.
pub async fn handed_over_run(
    url: &StoreUrl,
    manifest: &Manifest,
    wanted: &Plan,
    clock: Clock,
) -> Result<Option<SmolStr>, WorkflowError> {
    let Some(store) = Store::open_existing(url).await? else { return Ok(None) };
    let Some((run, digest)) = store.recent_incomplete_runs().await?.into_iter().next() else { return Ok(None) };
    let Some(plan) = store.plan(&digest).await? else { return Ok(None) };
    let holds = plan.inputs.manifest == wanted.inputs.manifest && plan.inputs.policy == wanted.inputs.policy;
    if !holds || preconditions::check_age(manifest, &plan, clock).is_err() {
        return Ok(None);
    }
    let earlier = store.previous_attempts(&digest).await?;
    let by_hand = |operation: &&Operation| {
        manifest.tenant(&operation.tenant).is_ok_and(|(settings, _)| runbook::is_manual(settings))
    };
    let waits = |operation: &Operation| {
        let outcome = earlier.get(&operation.id).map(|known| known.outcome);
        matches!(outcome, Some(None | Some(Outcome::Pending | Outcome::Unknown)))
    };
    if !plan.operations.iter().filter(by_hand).any(waits) {
        return Ok(None);
    }
    let deed = |operation: &Operation| {
        let Operation { tenant, account, license, to, kind, .. } = operation;
        (tenant.clone(), account.clone(), license.clone(), to.clone(), *kind)
    };
    let known: BTreeSet<_> = plan.operations.iter().map(deed).collect();
    let wants_nothing_else = wanted.operations.iter().all(|operation| known.contains(&deed(operation)));
    Ok(wants_nothing_else.then_some(run))
}

fn superseded(record: &RunRecord, later: &RunRecord) -> WorkflowError {
    let message = format!("`{}` began another plan after `{}`", later.run.run, record.run.run);
    let finding = Finding::error(&codes::RUN_SUPERSEDED, message)
        .help("go on with the later one, `reseat resume`, or plan again: `reseat plan --out plan.json`");
    WorkflowError::from_finding(WorkflowErrorKind::Stale, finding)
}

/// Memberships that the plan of a run took along with a license and did not give back: no other plan knows of them. Each
/// is a sentence's end: the person, and what they were members of.
///
/// # Errors
/// When the store cannot be read.
pub async fn lost_memberships(url: &StoreUrl, run: &str) -> Result<Vec<String>, WorkflowError> {
    let Some(store) = Store::open_existing(url).await? else { return Ok(Vec::new()) };
    let Some(record) = store.run(run).await? else { return Ok(Vec::new()) };
    let Some(plan) = store.plan(&record.run.plan).await? else { return Ok(Vec::new()) };
    let earlier = store.previous_attempts(&plan.digest).await?;
    let lost = apply::lost_memberships(&plan, &earlier)
        .map(|operation| format!("{} ({}: {})", operation.person, operation.tenant, operation.memberships.join(", ")));
    Ok(lost.collect())
}

/// Whether a run that did not bring about everything took memberships along that nobody gave back yet: the next run does,
/// also one that has nothing else to do.
///
/// # Errors
/// When the store cannot be read.
pub async fn has_lost_memberships(url: &StoreUrl) -> Result<bool, WorkflowError> {
    let Some(store) = Store::open_existing(url).await? else { return Ok(false) };
    for (_, digest) in store.recent_incomplete_runs().await? {
        let Some(plan) = store.plan(&digest).await? else { continue };
        let earlier = store.previous_attempts(&digest).await?;
        if apply::lost_memberships(&plan, &earlier).next().is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The run of which nothing was left to do.
pub fn empty_run() -> Run {
    Run::new(SmolStr::default(), Digest::of_bytes(b""), Vec::new())
}
