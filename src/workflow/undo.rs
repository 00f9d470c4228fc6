//! `reseat undo`: plans the inverse of a run from the current state, asks, and executes it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use smol_str::SmolStr;

use super::error::WorkflowError;
use super::execution::{self, Execution, ExecutionOptions};
use super::exit::Exit;
use super::history::unknown_run;
use super::manifest::{self, Manifest};
use super::plan::{self as planning, PlanGoal, PlanInputs, policy_exit, serialization_error};
use super::resume::empty_run;
use super::session::Session;
use super::state_files::Observations;
use super::{observe, pending, preconditions};
use crate::diagnostic::catalog::plan as plan_codes;
use crate::diagnostic::{Finding, has_error};
use crate::diff;
use crate::env::Now;
use crate::model::{OperationId, Outcome, Plan};
use crate::plan::seal;
use crate::plan::undo::{Certainty, UndoRequest, format_people, mark_as_undo, waiting_findings};
use crate::profile::Simulator;
use crate::report::escape::escape;
use crate::report::{json, plan as plan_report, run as run_report};
use crate::store::{PreviousAttempt, Store};

/// Which run to undo, and how.
pub struct UndoOptions<'a> {
    /// The run.
    pub run: &'a str,
    /// The file to write the plan to, instead of applying it.
    pub out: Option<&'a Path>,
    /// The manifest whose tenants and policy apply instead.
    pub trusted: Option<&'a Path>,
    /// Approvals and allowed removals.
    pub inputs: PlanInputs,
    /// Whether to ask before anything is sent.
    pub asks: bool,
    /// Limits and files of the run.
    pub options: &'a ExecutionOptions,
}

/// Undoes a run; with `out`, only writes the plan.
///
/// # Errors
/// If the store does not know the run, its plan must not be executed, or a tenant or the store fails.
pub async fn undo(undo: &UndoOptions<'_>, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
    if undo.out.is_none() && undo.asks && !session.ui.is_interactive() {
        return Err(WorkflowError::usage("cannot ask for confirmation without a terminal")
            .with_help("undo with `--yes`, or write the plan with `--out plan.json` and apply that"));
    }
    let path = session.manifest_path(None)?;
    let manifest = manifest::load(&path, undo.trusted, session.now())?;
    if undo.out.is_none() {
        // Recovery comes first: the run to undo may be the interrupted one.
        execution::recover(&manifest, undo.options, session).await?;
    }
    let plan = make_plan(&manifest, undo, session).await?;
    if let Some(out) = undo.out {
        planning::write(&plan, out)?;
        session.print_document(&plan, |plan, style| plan_report::text(plan, &manifest.files, style))?;
        planning::report_written(&plan, out, &session.follow_up_options(&path), session);
        return Ok(policy_exit(&plan));
    }

    planning::show(&plan, &manifest.files, session)?;
    if has_error(&plan.findings) {
        return Err(WorkflowError::new(Exit::Denied, plan.findings, manifest.files));
    }
    preconditions::check_freeze(&manifest, &plan, session.clock)?;
    if plan.operations.is_empty() {
        session.ui.info(&format!("nothing to undo of {}\n", escape(undo.run)));
        if session.json {
            session.ui.print(&json::pretty(&empty_run())?)?;
        }
        return Ok(policy_exit(&plan));
    }
    if undo.asks {
        let question = format!("undo {}: apply {}?", escape(undo.run), plan_report::summarize_plan(&plan));
        if !session.ui.confirm(&question) {
            session.ui.info("nothing was sent\n");
            return Ok(policy_exit(&plan));
        }
    }
    let execution = Execution { manifest: &manifest, plan, inputs: &undo.inputs, resumes: None, may_prompt: undo.asks };
    let executed = execution::execute(execution, undo.options, session).await?;
    if executed.is_complete {
        report_rest(&manifest, undo, session).await;
    }
    Ok(executed.exit)
}

/// Makes the plan that undoes the run, from the current state.
async fn make_plan(manifest: &Manifest, undo: &UndoOptions<'_>, session: &Session<'_>) -> Result<Plan, WorkflowError> {
    let url = session.store(&manifest.path)?;
    let unknown = || unknown_run(undo.run);
    let store = Store::open_existing(&url).await?.ok_or_else(unknown)?;
    let record = store.run(undo.run).await?.ok_or_else(unknown)?;
    let run = &record.run.run;
    let plan = store.plan(&record.run.plan).await?.ok_or_else(unknown)?;
    let attempts = store.previous_attempts(&plan.digest).await?;
    let sent = sent_operations(&attempts);
    let mut tenants = UndoRequest::tenants(&plan, &sent);
    tenants.retain(|tenant| manifest.desired.tenants.contains_key(tenant));
    let access = session.read_access();
    let mut observations = observe::observe_each(manifest, tenants, access).await?;
    pending::overlay(manifest, &url, access, &mut observations).await?;
    let now = session.now();
    let history = planning::usage_history(manifest, &url, now).await?;
    let request = UndoRequest {
        run,
        plan: &plan,
        sent: &sent,
        desired: &manifest.desired,
        rules: &manifest.rules,
        observations: &observations,
    };
    let target = request.target();
    let goal = PlanGoal { desired: &target.desired, undoes: Some(run) };
    let mut inverse =
        planning::make_plan(manifest, goal, &observations, &history, &undo.inputs, now).map_err(serialization_error)?;
    let mut findings = target.findings;
    findings.extend(waiting_findings(run, &inverse.waiting));
    findings.extend(shared_plan_note(run, &attempts));
    findings.extend(repeat_warning(run, manifest, &observations, &inverse, now));
    mark_as_undo(&mut inverse, run, findings);
    seal(&mut inverse).map_err(serialization_error)?;
    Ok(inverse)
}

/// Plans the undo again and reports what is left.
async fn report_rest(manifest: &Manifest, undo: &UndoOptions<'_>, session: &mut Session<'_>) {
    let run = escape(undo.run);
    let text = match make_plan(manifest, undo, session).await {
        Ok(plan) if plan.operations.is_empty() => {
            let rest = run_report::summarize_left_out(&plan.summary);
            let rest = if rest.is_empty() { rest } else { format!("; {rest}") };
            format!("undone: no change of {run} is left{rest}\n")
        }
        Ok(plan) => {
            let operations = run_report::count_operations(plan.operations.len());
            format!("not completely undone: {operations} left; run `reseat undo {run}` again\n")
        }
        Err(_) => format!("cannot read the tenants again; run `reseat undo {run}` to see what is left\n"),
    };
    session.ui.info(&text);
}

/// Returns the operations that the runs of the plan sent, and whether their effect was confirmed.
fn sent_operations(attempts: &BTreeMap<OperationId, PreviousAttempt>) -> BTreeMap<OperationId, Certainty> {
    let certainty = |outcome: Option<Outcome>| match outcome {
        Some(Outcome::Applied | Outcome::Already) => Certainty::Confirmed,
        Some(Outcome::Pending | Outcome::Failed | Outcome::Skipped | Outcome::Unknown) | None => Certainty::Unconfirmed,
    };
    attempts.iter().map(|(operation, attempt)| (operation.clone(), certainty(attempt.outcome))).collect()
}

/// Returns a note if several runs executed the plan.
fn shared_plan_note(run: &str, attempts: &BTreeMap<OperationId, PreviousAttempt>) -> Option<Finding> {
    let others: BTreeSet<&str> =
        attempts.values().map(|attempt| attempt.run.as_str()).filter(|other| *other != run).collect();
    let names: Vec<String> = others.iter().map(|other| format!("`{other}`")).collect();
    (!names.is_empty()).then(|| {
        let message = format!("{} executed the same plan as `{run}`; their changes are undone, too", names.join(", "));
        Finding::note(&plan_codes::UNDO_COMBINED, message)
    })
}

/// Returns a warning if the next `apply` would repeat what the run did.
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
            // An operation that the vendor refuses changes nothing.
            drop(simulator.execute(operation, now.time));
        }
        let after = simulator.state();
        let found = diff::compare_tenant(&manifest.desired.people, desired, rules, after, now);
        let accounts = found.changes.iter().filter_map(|change| after.accounts.get(change.account as usize));
        people.extend(accounts.filter_map(|account| touched.get(&account.id).map(|person| (*person).clone())));
    }
    let people: Vec<SmolStr> = people.into_iter().collect();
    (!people.is_empty()).then(|| {
        let message = format!("the manifest still requires what `{run}` did for {}", format_people(&people));
        Finding::warning(&plan_codes::UNDO_NOT_LASTING, message)
            .help("also revert the change of the manifest; otherwise the next `reseat apply` repeats it")
            .people(people)
    })
}
