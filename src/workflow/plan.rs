//! `reseat plan`: makes a plan from a manifest and the current state of its tenants.

use std::collections::BTreeMap;
use std::fs;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

use jiff::civil::Date;
use smol_str::SmolStr;

use super::atomic_file;
use super::current_state::{self, CurrentState, StateSource};
use super::error::WorkflowError;
use super::exit::Exit;
use super::manifest::Manifest;
use super::session::Session;
use super::state_files::Observations;
use crate::diagnostic::catalog::apply as codes;
use crate::diagnostic::{Files, Finding, Severity, has_error};
use crate::env::Now;
use crate::env::clock::day_of;
use crate::model::{Approval, Desired, Effect, Inputs, ObservationInput, Operation, Plan, UsageHistory};
use crate::plan::{self, PlanRequest};
use crate::policy::ApprovalContext;
use crate::report::escape::escape;
use crate::report::plan as plan_report;
use crate::store::{Store, StoreUrl};

/// Inputs of a plan beside manifest and current state.
#[derive(Clone, Debug, Default)]
pub struct PlanInputs {
    /// Approvals given on the command line.
    pub approvals: Vec<Approval>,
    /// Who requests the changes.
    pub author: Option<SmolStr>,
    /// The exact number of held removals to allow.
    pub allow_removals: Option<u64>,
}

impl PlanInputs {
    /// Returns all approvals on a day: those of the manifest and those of the command line. The author of the plan
    /// remains an author when the plan is applied.
    pub fn consent(&self, manifest: &Manifest, plan: Option<&Plan>, day: Date) -> ApprovalContext {
        let approvals = manifest.approvals.iter().chain(&self.approvals);
        let authors = self.author.iter().chain(plan.and_then(|plan| plan.inputs.author.as_ref()));
        ApprovalContext { approvals: approvals.cloned().collect(), authors: authors.cloned().collect(), day }
    }
}

/// Loads a manifest with its current state, makes a plan, and writes it to `out`.
///
/// # Errors
/// If an input cannot be read, or the plan cannot be written.
pub async fn plan_manifest(
    path: &Path,
    source: &StateSource<'_>,
    inputs: &PlanInputs,
    out: Option<&Path>,
    session: &mut Session<'_>,
) -> Result<(Plan, CurrentState), WorkflowError> {
    let store = session.history_store(path, source.trusted)?;
    let state = current_state::load(path, source, &store, session).await?;
    let plan = plan(&state.manifest, &state.observations, &store, inputs, state.now).await?;
    if let Some(out) = out {
        write(&plan, out)?;
    }
    Ok((plan, state))
}

/// Makes a plan.
///
/// # Errors
/// If the store cannot be read.
pub async fn plan(
    manifest: &Manifest,
    observations: &Observations,
    store: &StoreUrl,
    inputs: &PlanInputs,
    now: Now,
) -> Result<Plan, WorkflowError> {
    let history = usage_history(manifest, store, now).await?;
    let goal = PlanGoal { desired: &manifest.desired, undoes: None };
    make_plan(manifest, goal, observations, &history, inputs, now).map_err(serialization_error)
}

/// Returns an internal error: every plan can be serialized.
pub(super) fn serialization_error(error: serde_json::Error) -> WorkflowError {
    let message = format!("serializing the plan failed: {error}");
    WorkflowError::from_finding(Exit::Internal, Finding::error(&codes::PLAN_UNWRITABLE, message))
}

/// What a plan realizes.
#[derive(Clone, Copy)]
pub(super) struct PlanGoal<'a> {
    /// The desired state.
    pub(super) desired: &'a Desired,
    /// The run that the plan undoes.
    pub(super) undoes: Option<&'a SmolStr>,
}

/// Makes a plan from all its inputs.
pub(super) fn make_plan(
    manifest: &Manifest,
    goal: PlanGoal<'_>,
    observations: &Observations,
    history: &UsageHistory,
    inputs: &PlanInputs,
    now: Now,
) -> Result<Plan, serde_json::Error> {
    let request = PlanRequest {
        desired: goal.desired,
        manifest: &manifest.desired,
        rules: &manifest.rules,
        observations,
        policy: &manifest.policy,
        usage_history: history,
        consent: &inputs.consent(manifest, None, now.day.max(day_of(now.time))),
        allow_removals: inputs.allow_removals,
        unlimited: false,
        differences: &manifest.differences,
        now,
    };
    // Digesting a large observation takes about as long as planning.
    thread::scope(|scope| {
        let digests = scope.spawn(|| digest_inputs(manifest, goal.undoes, observations, inputs));
        plan::make(&request, || digests.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// Digests all inputs of a plan.
fn digest_inputs(
    manifest: &Manifest,
    undoes: Option<&SmolStr>,
    observations: &Observations,
    inputs: &PlanInputs,
) -> Result<Inputs, serde_json::Error> {
    let mut digests = Inputs {
        manifest: manifest.digest.clone(),
        policy: manifest.policy.digest()?,
        allow_removals: inputs.allow_removals,
        author: inputs.author.clone(),
        undoes: undoes.cloned(),
        observations: BTreeMap::new(),
    };
    for (tenant, observation) in observations {
        let input = ObservationInput {
            digest: observation.digest()?,
            observed_at: observation.observed_at,
            complete: observation.complete,
        };
        digests.observations.insert(tenant.clone(), input);
    }
    Ok(digests)
}

/// Returns the usage within the policy's rolling windows; empty without a store.
pub(super) async fn usage_history(
    manifest: &Manifest,
    store: &StoreUrl,
    now: Now,
) -> Result<UsageHistory, WorkflowError> {
    let Some(days) = manifest.policy.longest_window_days() else { return Ok(UsageHistory::default()) };
    let Some(store) = Store::open_existing(store).await? else { return Ok(UsageHistory::default()) };
    // Uses the clock: the day of the plan is the user's choice.
    Ok(store.usage_since(UsageHistory::first_day(day_of(now.time), days), None).await?)
}

/// Writes a plan file completely or not at all.
///
/// # Errors
/// If the file cannot be written.
pub fn write(plan: &Plan, path: &Path) -> Result<(), WorkflowError> {
    let failed = |error: &dyn std::fmt::Display| {
        let finding = Finding::error(&codes::PLAN_UNWRITABLE, format!("cannot write `{}`: {error}", path.display()))
            .help("name a file in an existing, writable folder");
        WorkflowError::from_finding(Exit::Internal, finding)
    };
    let bytes = plan::to_bytes(plan).map_err(|error| failed(&error))?;
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        // Writes to a device or pipe, such as /dev/stdout, instead of replacing it.
        return fs::write(path, bytes).map_err(|error| failed(&error));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(failed(&format_args!("no such folder `{}`", folder.display())));
    }
    atomic_file::replace(path, &bytes, None).map_err(|error| failed(&error))
}

/// Shows a plan before it is applied: on stdout, or on stderr if stdout has the run as JSON.
pub(super) fn show(plan: &Plan, files: &Files, session: &mut Session<'_>) -> Result<(), WorkflowError> {
    if session.json {
        let text = plan_report::text(plan, files, session.ui.stderr_style());
        session.ui.print_stderr(&text);
    } else {
        let text = plan_report::text(plan, files, session.ui.stdout_style());
        session.ui.print(&format!("{text}\n"))?;
    }
    Ok(())
}

/// Reports the written plan file, and the command that applies it with those options.
pub fn report_written(plan: &Plan, out: &Path, options: &str, session: &mut Session<'_>) {
    let out = escape(&out.to_string_lossy()).into_owned();
    let next = if has_error(&plan.findings) || plan.operations.is_empty() {
        String::new()
    } else {
        format!("; apply it with `reseat apply {out}{options}`")
    };
    session.ui.info(&format!("wrote {out}{next}\n"));
}

/// Returns the exit code of the policy: denied or held, or done.
pub fn policy_exit(plan: &Plan) -> Exit {
    policy_exit_except(plan, |_| false)
}

/// Returns the exit code of the policy without the findings that were approved since.
pub(super) fn policy_exit_except(plan: &Plan, is_approved: impl Fn(&Finding) -> bool) -> Exit {
    let denies = |finding: &Finding| finding.severity == Severity::Error && !is_approved(finding);
    if plan.findings.iter().any(denies) || !plan.held.is_empty() { Exit::Denied } else { Exit::Done }
}

/// Returns the exit code of `--detailed-exitcode`.
pub fn changes_exit(plan: &Plan) -> Exit {
    let has_loss = |operation: &Operation| operation.effect == Effect::Loss || !operation.loses.is_empty();
    if plan.operations.is_empty() {
        Exit::Done
    } else if plan.operations.iter().any(has_loss) {
        Exit::Losses
    } else {
        Exit::Changes
    }
}
