//! Handing over the open steps of one tenant.

use std::sync::Arc;

use smol_str::SmolStr;

use super::executor::{HandoverError, HandoverResult, ManualExecutor, ManualTask, StepReport};
use super::log::{HandoverReports, JournalHandoverLog, report_message, reported_outcome};
use super::previous::PreviousHandover;
use super::selection::{HandoverSelection, RepeatScope, select_steps};
use crate::apply::Event;
use crate::apply::operation::{FailureCause, OperationResult, message_with_help, stranded_person};
use crate::apply::pacing::RequestPriority;
use crate::apply::run::context::RunContext;
use crate::apply::run::schedule::OperationIndex;
use crate::model::{Outcome, RecordedReply, SkipReason, StrandedPerson};
use crate::store::{JournalEntry, StoreError};

/// What the manual steps of a tenant came to.
#[derive(Debug, Default)]
pub(crate) struct HandoverOutcome {
    /// The result of every operation, and whether the journal has it already.
    pub(crate) results: Vec<(OperationIndex, OperationResult, bool)>,
    /// People who are left without a license.
    pub(crate) stranded: Vec<StrandedPerson>,
    /// Whether the handover ended before everything was answered.
    pub(crate) is_stopped: bool,
}

/// Hands over the open steps of a tenant.
pub(crate) async fn hand_over(
    context: Arc<RunContext>,
    tenant: SmolStr,
    indices: Vec<OperationIndex>,
) -> Result<HandoverOutcome, StoreError> {
    let all = |result: &OperationResult| {
        let results = indices.iter().map(|index| (*index, result.clone(), false)).collect();
        Ok(HandoverOutcome { results, ..HandoverOutcome::default() })
    };
    // Time in which people work uses no wait budget.
    let _work = context.control.wait_budget.begin_work();
    let Some(client) = context.tenants.get(&tenant) else { return all(&no_executor(&tenant)) };
    let Some(executor) = client.target.manual_executor.clone() else { return all(&no_executor(&tenant)) };
    let observed = client.observe(&mut client.acquire(RequestPriority::Normal).await).await;
    let now = match observed {
        Ok(now) => now,
        Err(error) => {
            let message = format!("not handed over: the tenant could not be read: {}", message_with_help(&error));
            let result = OperationResult::skipped(SkipReason::Unreachable, message);
            return all(&result.caused_by(FailureCause::Unreachable));
        }
    };
    if let Some(mut previous) = PreviousHandover::last(&context.store, &tenant, &context.plan.digest).await? {
        previous.retain_open(&client.target, &now);
        let is_open = !previous.operations.is_empty() && previous.was_planned_from(&now);
        if is_open && !executor.repeats_handover() {
            return all(&previous_is_open(&previous, executor.export_path(&tenant)));
        }
    }
    let scope = match (executor.repeats_handover(), executor.is_interactive()) {
        (true, _) => RepeatScope::Everything,
        (false, true) => RepeatScope::Unanswered,
        (false, false) => RepeatScope::Unknown,
    };
    let export = executor.export_path(&tenant);
    let selection = select_steps(&context, &client.target, &now, &indices, scope, export.as_deref());
    let HandoverSelection { open, uncertain, reported_done, ended } = selection;
    let mut outcome = HandoverOutcome {
        results: ended.into_iter().map(|(index, result)| (index, result, false)).collect(),
        ..HandoverOutcome::default()
    };
    if open.is_empty() {
        return Ok(outcome);
    }
    let task = ManualTask {
        plan: Arc::clone(&context.plan),
        tenant: tenant.clone(),
        run: context.journal.id().clone(),
        open: open.iter().map(|index| context.operation(*index).id.clone()).collect(),
        uncertain,
        reported_done,
        pools: now.counted_pools(),
        stop: context.control.stop.clone(),
    };
    let log = JournalHandoverLog::new(Arc::clone(&context), &open);
    let (events, operations) = (&context.control.events, open.len());
    if executor.is_interactive() {
        // Pauses the progress display while a person reads.
        events.emit(&Event::HandedOver { tenant: tenant.clone(), operations, document: None });
    }
    let handover = tokio::task::spawn_blocking(move || {
        let result = executor.hand_over(&task, &log);
        (result, log.into_reports())
    });
    let Ok((result, reports)) = handover.await else {
        let unknown = OperationResult::new(Outcome::Unknown, "shown as a manual step, without an answer".to_owned());
        outcome.results.extend(open.into_iter().map(|index| (index, unknown.clone(), false)));
        return Ok(outcome);
    };
    match result {
        Ok(HandoverResult::Document(path)) => {
            events.emit(&Event::HandedOver { tenant, operations, document: Some(path.clone()) });
            record_document(&context, &open, &path, &mut outcome)?;
        }
        Ok(HandoverResult::Answered) => record_answers(&context, &open, &reports, &mut outcome)?,
        Err(HandoverError::Store(error)) => return Err(error),
        Err(HandoverError::Failed(why)) => {
            for index in open {
                record_not_done(&context, index, &why)?;
                outcome.results.push((index, OperationResult::new(Outcome::Failed, why.clone()), false));
            }
        }
    }
    Ok(outcome)
}

fn no_executor(tenant: &str) -> OperationResult {
    let message = format!("`{tenant}` has manual steps, and this run cannot hand them over");
    OperationResult::skipped(SkipReason::Unreachable, message)
}

/// The result of all operations while an earlier handover is open.
fn previous_is_open(previous: &PreviousHandover, export: Option<String>) -> OperationResult {
    let what = match &previous.document {
        Some(document) => format!("`{document}`, handed over by `{}`, is not done", previous.run),
        None => format!("what `{}` handed over is not done", previous.run),
    };
    let export = export.map_or_else(|| "the export".to_owned(), |path| format!("`{path}`"));
    let message = format!(
        "not handed over: {what}, and {export} has not changed since; do the steps and export again, or discard them \
         with `--runbook FILE`"
    );
    OperationResult::skipped(SkipReason::Busy, message).caused_by(FailureCause::Busy)
}

fn record_not_done(context: &RunContext, index: OperationIndex, why: &str) -> Result<(), StoreError> {
    let operation = &context.operation(index).id;
    let (reply, message) = (RecordedReply::Refused, Some(why));
    let entry = JournalEntry::Answered { operation, reply, status: None, message, body: None, handle: None };
    context.append(entry, false)
}

/// Records that all open steps are in a document.
fn record_document(
    context: &RunContext,
    open: &[OperationIndex],
    path: &str,
    outcome: &mut HandoverOutcome,
) -> Result<(), StoreError> {
    for index in open {
        let operation = &context.operation(*index).id;
        let (reply, handle) = (RecordedReply::Accepted, Some(path));
        let entry = JournalEntry::Answered { operation, reply, status: None, message: None, body: None, handle };
        context.append(entry, false)?;
        let result = OperationResult::new(Outcome::Pending, format!("handed over in `{path}`"));
        outcome.results.push((*index, result, false));
    }
    Ok(())
}

/// Records what a person reported.
fn record_answers(
    context: &RunContext,
    open: &[OperationIndex],
    reports: &HandoverReports,
    outcome: &mut HandoverOutcome,
) -> Result<(), StoreError> {
    let mut not_done: Vec<OperationIndex> = Vec::new();
    for index in open {
        let operation = context.operation(*index);
        if let Some(report) = reports.steps.get(index) {
            if *report != StepReport::Done {
                not_done.push(*index);
            }
            let mut result =
                OperationResult::new(reported_outcome(operation, report), report_message(report).to_owned());
            if *report == StepReport::Skipped {
                result.skip_reason = Some(SkipReason::Declined);
            }
            let result = with_rollback_note(context, *index, result, reports, outcome);
            outcome.results.push((*index, result, !reports.shown_again.contains(index)));
            continue;
        }
        let mut before = operation.after.iter().filter_map(|id| context.index_of(id));
        let missing = before.find(|before| not_done.contains(before));
        if reports.shown.contains(index) {
            record_not_done(context, *index, "not reported as done")?;
        }
        let result = match missing {
            Some(missing) => {
                not_done.push(*index);
                let message = format!("not shown: depends on `{}`, which was not done", context.operation(missing).id);
                OperationResult::skipped(SkipReason::Dependent, message)
            }
            None => {
                outcome.is_stopped = true;
                OperationResult::skipped(SkipReason::Stopped, "not answered; `reseat resume` continues there")
            }
        };
        outcome.results.push((*index, result, false));
    }
    Ok(())
}

/// Adds to a failed step whether the license that was given up for it was assigned again.
fn with_rollback_note(
    context: &RunContext,
    index: OperationIndex,
    result: OperationResult,
    reports: &HandoverReports,
    outcome: &mut HandoverOutcome,
) -> OperationResult {
    if !matches!(result.outcome, Outcome::Failed | Outcome::Skipped) {
        return result;
    }
    let operation = context.operation(index);
    let Some(removal) = context.removal_before_assign(operation) else { return result };
    let is_removed = match context.index_of(&removal.id).and_then(|removal| reports.steps.get(&removal)) {
        Some(report) => *report == StepReport::Done,
        // An earlier run handed it over.
        None => context.previous.contains_key(&removal.id),
    };
    if !is_removed {
        return result;
    }
    let old = &removal.license;
    if reports.rolled_back.get(&index) == Some(&true) {
        return result.with_note(&format!("rolled back to `{old}` manually"));
    }
    let reason = format!("not rolled back to `{old}`");
    outcome.stranded.push(stranded_person(removal, operation, reason.clone()));
    result.with_note(&format!("{} is left without a license: {reason}", operation.person))
}

/// Whether a person at the terminal performs the steps.
pub(crate) fn is_interactive(executor: Option<&Arc<dyn ManualExecutor>>) -> bool {
    executor.is_some_and(|executor| executor.is_interactive())
}
