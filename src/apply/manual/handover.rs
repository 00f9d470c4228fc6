//! Handing over what is open at one tenant.

use std::sync::Arc;

use smol_str::SmolStr;

use super::log::{HandoverReports, JournalHandoverLog, report_message, reported_outcome};
use super::previous::PreviousHandover;
use super::selection::{HandoverSelection, RepeatScope, select_steps};
use super::{HandoverError, HandoverResult, ManualExecutor, ManualTask, StepReport};
use crate::apply::Event;
use crate::apply::operation::result::{FailureCause, OperationResult, message_with_help};
use crate::apply::operation::roll_back::stranded;
use crate::apply::pacing::RequestPriority;
use crate::apply::run::context::RunContext;
use crate::apply::run::schedule::OperationIndex;
use crate::model::{Outcome, RecordedReply, SkipReason, StrandedPerson};
use crate::store::{JournalEntry, StoreError};

/// What came of handing over what was open at a tenant.
#[derive(Debug)]
pub(crate) struct HandoverOutcome {
    /// The fate of every operation, and whether the journal has it already.
    pub(crate) results: Vec<(OperationIndex, OperationResult, bool)>,
    /// Who is left without a license.
    pub(crate) stranded: Vec<StrandedPerson>,
    /// Whether somebody ended it before everything was answered.
    pub(crate) is_stopped: bool,
}

/// Hands over what is open at a tenant.
pub(crate) async fn hand_over(
    bench: Arc<RunContext>,
    tenant: SmolStr,
    indices: Vec<OperationIndex>,
) -> Result<HandoverOutcome, StoreError> {
    let every = |fate: &OperationResult| {
        let fates = indices.iter().map(|index| (*index, fate.clone(), false)).collect();
        Ok(HandoverOutcome { results: fates, stranded: Vec::new(), is_stopped: false })
    };
    // While people work, nobody waits.
    let _work = bench.tenants.wait_budget.begin_work();
    let Some((target, stile)) = bench.tenants.tenant(&tenant) else { return every(&no_executor(&tenant)) };
    let Some(hands) = target.manual_executor.clone() else { return every(&no_executor(&tenant)) };
    let mut turn = stile.acquire(RequestPriority::Normal).await;
    let now = match bench.tenants.observe(&mut turn, &tenant, target).await {
        Ok(now) => now,
        Err(error) => {
            let message =
                format!("nothing was handed over, for the tenant could not be read: {}", message_with_help(&error));
            return every(
                &OperationResult::skipped(SkipReason::Unreachable, message).caused_by(FailureCause::Unreachable),
            );
        }
    };
    drop(turn);
    if let Some(mut before) = PreviousHandover::last(&bench.store, &tenant, &bench.plan.digest).await? {
        before.retain_open(target, &now);
        if !before.operations.is_empty() && before.was_planned_from(&now) && !hands.repeats_handover() {
            return every(&previous_is_open(&before, hands.export_path(&tenant)));
        }
    }
    let asks = match (hands.repeats_handover(), hands.is_interactive()) {
        (true, _) => RepeatScope::Everything,
        (false, true) => RepeatScope::Unanswered,
        (false, false) => RepeatScope::Unknown,
    };
    let looked = select_steps(&bench, target, &now, &indices, asks, hands.export_path(&tenant).as_deref());
    let HandoverSelection { open, uncertain: doubtful, reported_done: done, ended } = looked;
    let mut arrived = HandoverOutcome {
        results: ended.into_iter().map(|(index, fate)| (index, fate, false)).collect(),
        stranded: Vec::new(),
        is_stopped: false,
    };
    if open.is_empty() {
        return Ok(arrived);
    }
    let task = ManualTask {
        plan: Arc::clone(&bench.plan),
        tenant: tenant.clone(),
        run: bench.journal.id().clone(),
        open: open.iter().map(|index| bench.operation(*index).id.clone()).collect(),
        uncertain: doubtful,
        reported_done: done,
        pools: now.counted_pools(),
        stop: bench.tenants.stop.clone(),
    };
    let book = JournalHandoverLog::new(Arc::clone(&bench), &open);
    let operations = open.len();
    if hands.is_interactive() {
        // Whoever shows how the run goes on keeps quiet while somebody reads.
        bench.tenants.events.emit(&Event::HandedOver { tenant: tenant.clone(), operations, document: None });
    }
    let taking = tokio::task::spawn_blocking(move || {
        let taken = hands.hand_over(&task, &book);
        (taken, book.into_reports())
    });
    let Ok((taken, said)) = taking.await else {
        let fate = OperationResult::new(Outcome::Unknown, "nobody said what became of it".to_owned());
        arrived.results.extend(open.into_iter().map(|index| (index, fate.clone(), false)));
        return Ok(arrived);
    };
    let document = match taken {
        Ok(HandoverResult::Document(path)) => Some(path),
        Ok(HandoverResult::Answered) => None,
        Err(HandoverError::Store(error)) => return Err(error),
        Err(HandoverError::Failed(why)) => {
            for index in open {
                record_not_done(&bench, index, &why)?;
                arrived.results.push((index, OperationResult::new(Outcome::Failed, why.clone()), false));
            }
            return Ok(arrived);
        }
    };
    if document.is_some() {
        bench.tenants.events.emit(&Event::HandedOver { tenant, operations, document: document.clone() });
    }
    match document {
        Some(path) => record_document(&bench, &open, &path, &mut arrived)?,
        None => record_answers(&bench, &open, &said, &mut arrived)?,
    }
    Ok(arrived)
}

fn no_executor(tenant: &str) -> OperationResult {
    OperationResult::skipped(
        SkipReason::Unreachable,
        format!("`{tenant}` is changed by hand, and there is nobody to hand it over to"),
    )
}

/// What another run handed over stands in the way.
fn previous_is_open(before: &PreviousHandover, export: Option<String>) -> OperationResult {
    let what = match &before.document {
        Some(document) => format!("`{document}`, which `{}` handed over, is not done", before.run),
        None => format!("what `{}` handed over is not done", before.run),
    };
    let export = export.map_or_else(|| "the export".to_owned(), |path| format!("`{path}`"));
    let message = format!(
        "not handed over, for {what}, and {export} has not changed since: do it and export anew, or give it up with \
         `--runbook FILE`"
    );
    OperationResult::skipped(SkipReason::Busy, message).caused_by(FailureCause::Busy)
}

/// Writes down that something was surely not done.
fn record_not_done(bench: &RunContext, index: OperationIndex, why: &str) -> Result<(), StoreError> {
    let operation = &bench.operation(index).id;
    let (reply, message) = (RecordedReply::Refused, Some(why));
    bench.append(JournalEntry::Answered { operation, reply, status: None, message, body: None, handle: None }, false)
}

/// Everything stands in a document, and is to be done by and by.
fn record_document(
    bench: &RunContext,
    open: &[OperationIndex],
    path: &str,
    arrived: &mut HandoverOutcome,
) -> Result<(), StoreError> {
    for index in open {
        let operation = &bench.operation(*index).id;
        let (reply, handle) = (RecordedReply::Accepted, Some(path));
        bench.append(
            JournalEntry::Answered { operation, reply, status: None, message: None, body: None, handle },
            false,
        )?;
        arrived.results.push((
            *index,
            OperationResult::new(Outcome::Pending, format!("handed over in `{path}`")),
            false,
        ));
    }
    Ok(())
}

/// Somebody was asked.
fn record_answers(
    bench: &RunContext,
    open: &[OperationIndex],
    said: &HandoverReports,
    arrived: &mut HandoverOutcome,
) -> Result<(), StoreError> {
    let mut lost: Vec<OperationIndex> = Vec::new();
    for index in open {
        let operation = bench.operation(*index);
        if let Some(word) = said.steps.get(index) {
            if *word != StepReport::Done {
                lost.push(*index);
            }
            let mut fate = OperationResult::new(reported_outcome(operation, word), report_message(word).to_owned());
            if *word == StepReport::Skipped {
                fate.skip_reason = Some(SkipReason::Declined);
            }
            let fate = with_rollback_note(bench, *index, fate, said, arrived);
            arrived.results.push((*index, fate, !said.shown_again.contains(index)));
            continue;
        }
        let lacks = operation.after.iter().filter_map(|id| bench.index_of(id)).find(|before| lost.contains(before));
        if said.shown.contains(index) {
            record_not_done(bench, *index, "nobody said that it was done")?;
        }
        let fate = match lacks {
            Some(before) => {
                lost.push(*index);
                let needed = &bench.operation(before).id;
                OperationResult::skipped(
                    SkipReason::Dependent,
                    format!("not shown, for it needs `{needed}`, which was not done"),
                )
            }
            None => {
                arrived.is_stopped = true;
                OperationResult::skipped(SkipReason::Stopped, "not answered; `reseat resume` goes on there")
            }
        };
        arrived.results.push((*index, fate, false));
    }
    Ok(())
}

/// The fate of what did not work, with what became of a license that was given up for it.
fn with_rollback_note(
    bench: &RunContext,
    index: OperationIndex,
    fate: OperationResult,
    said: &HandoverReports,
    arrived: &mut HandoverOutcome,
) -> OperationResult {
    let operation = bench.operation(index);
    let removal =
        bench.removal_before_assign(operation).filter(|_| matches!(fate.outcome, Outcome::Failed | Outcome::Skipped));
    let Some(removal) = removal else { return fate };
    let gave_up = match bench.index_of(&removal.id).and_then(|removal| said.steps.get(&removal)) {
        Some(word) => *word == StepReport::Done,
        // An earlier run asked for it.
        None => bench.previous.contains_key(&removal.id),
    };
    if !gave_up {
        return fate;
    }
    let old = &removal.license;
    if said.rolled_back.get(&index) == Some(&true) {
        return fate.with_note(&format!("`{old}` was given back by hand"));
    }
    let reason = format!("`{old}` was not given back");
    arrived.stranded.push(stranded(removal, operation, reason.clone()));
    fate.with_note(&format!("{} is left without a license, for {reason}", operation.person))
}

/// Whether whoever works by hand is at the terminal.
pub(crate) fn is_interactive(hands: Option<&Arc<dyn ManualExecutor>>) -> bool {
    hands.is_some_and(|hands| hands.is_interactive())
}
