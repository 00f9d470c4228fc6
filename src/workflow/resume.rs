//! Which plan is there to go on with, after a run that did not bring everything about.

use std::collections::BTreeSet;
use std::sync::Arc;

use smol_str::SmolStr;

use super::clearance;
use super::history::unknown;
use super::manifest::Manifest;
use super::problem::{Kind, Problem};
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
pub enum Rest {
    /// This plan is to be gone on with.
    Of {
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
pub async fn rest(url: &StoreUrl, run: Option<&str>) -> Result<Rest, Problem> {
    let store = Store::open_existing(url).await?;
    let Some(store) = store else {
        return match run {
            Some(run) => Err(unknown(run)),
            None => Ok(Rest::Nothing { why: "there is no run yet".to_owned() }),
        };
    };
    let records = store.runs(RUNS_MAX).await?;
    let place = match run {
        Some(run) => records.iter().position(|record| record.run.run == run).ok_or_else(|| unknown(run))?,
        None => 0,
    };
    let Some(record) = records.get(place) else {
        return Ok(Rest::Nothing { why: "there is no run yet".to_owned() });
    };
    let name = &record.run.run;
    if store.knows_complete(&record.run.plan).await? {
        return Ok(Rest::Nothing { why: format!("everything of the plan of {name} is done") });
    }
    if let Some(later) = records[..place].iter().find(|later| later.run.plan != record.run.plan) {
        return Err(superseded(record, later));
    }
    // The last run of the plan is what a new one follows.
    let last = records.first().unwrap_or(record);
    if record.state == RunState::Complete {
        return Ok(Rest::Nothing { why: format!("{name} is complete") });
    }
    match store.plan(&record.run.plan).await? {
        Some(plan) => Ok(Rest::Of { run: last.run.run.clone(), plan }),
        None => Err(unknown(name)),
    }
}

/// The last run, where it handed something over to people, its plan still holds, and a new plan wants nothing beside it:
/// then going on with it settles what was done, and asks nobody twice.
///
/// # Errors
/// When the store cannot be read.
pub async fn handed_over(
    url: &StoreUrl,
    manifest: &Manifest,
    wanted: &Plan,
    clock: Clock,
) -> Result<Option<SmolStr>, Problem> {
    let Some(store) = Store::open_existing(url).await? else { return Ok(None) };
    let Some((run, digest)) = store.last_incomplete().await?.into_iter().next() else { return Ok(None) };
    let Some(plan) = store.plan(&digest).await? else { return Ok(None) };
    let holds = plan.inputs.manifest == wanted.inputs.manifest && plan.inputs.policy == wanted.inputs.policy;
    if !holds || clearance::check_age(manifest, &plan, clock).is_err() {
        return Ok(None);
    }
    let earlier = store.earlier(&digest).await?;
    let by_hand = |operation: &&Operation| {
        manifest.tenant(&operation.tenant).is_ok_and(|(settings, _)| runbook::is_by_hand(settings))
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

fn superseded(record: &RunRecord, later: &RunRecord) -> Problem {
    let message = format!("`{}` began another plan after `{}`", later.run.run, record.run.run);
    let finding = Finding::error(&codes::RUN_SUPERSEDED, message)
        .help("go on with the later one, `reseat resume`, or plan again: `reseat plan --out plan.json`");
    Problem::finding(Kind::Stale, finding)
}

/// Memberships that the plan of a run took along with a license and did not give back: no other plan knows of them. Each
/// is a sentence's end: the person, and what they were members of.
///
/// # Errors
/// When the store cannot be read.
pub async fn memberships(url: &StoreUrl, run: &str) -> Result<Vec<String>, Problem> {
    let Some(store) = Store::open_existing(url).await? else { return Ok(Vec::new()) };
    let Some(record) = store.run(run).await? else { return Ok(Vec::new()) };
    let Some(plan) = store.plan(&record.run.plan).await? else { return Ok(Vec::new()) };
    let earlier = store.earlier(&plan.digest).await?;
    let lost = apply::lost_memberships(&plan, &earlier)
        .map(|operation| format!("{} ({}: {})", operation.person, operation.tenant, operation.memberships.join(", ")));
    Ok(lost.collect())
}

/// Whether a run that did not bring about everything took memberships along that nobody gave back yet: the next run does,
/// also one that has nothing else to do.
///
/// # Errors
/// When the store cannot be read.
pub async fn owes_memberships(url: &StoreUrl) -> Result<bool, Problem> {
    let Some(store) = Store::open_existing(url).await? else { return Ok(false) };
    for (_, digest) in store.last_incomplete().await? {
        let Some(plan) = store.plan(&digest).await? else { continue };
        let earlier = store.earlier(&digest).await?;
        if apply::lost_memberships(&plan, &earlier).next().is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The run of which nothing was left to do.
pub fn nothing() -> Run {
    Run::new(SmolStr::default(), Digest::of_bytes(b""), Vec::new())
}
