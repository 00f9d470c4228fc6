//! The queries of the journal, answered from the records in memory.

use std::collections::BTreeMap;

use super::memory::MemoryBackend;
use super::query::{AcceptedRow, AttemptRow, OperationUsage, OutcomeRow, RecordFilter, RunFilter, RunRow, UsageSum};
use super::record::{Record, RecordEvent, UsageRow};
use super::usage::day_number;

/// Results of an operation that leave its effect open. A skipped operation says nothing about its effect.
const OPEN: [&str; 3] = ["pending", "unknown", "skipped"];

impl MemoryBackend {
    pub(super) fn runs(&self, filter: RunFilter<'_>) -> Vec<RunRow> {
        let state = self.storage.state();
        let all = state.records.iter().filter(|record| record.event == RecordEvent::Began).map(|begun| {
            let ended = state.records.iter().find(|end| end.run == begun.seq && end.event == RecordEvent::Ended);
            RunRow {
                number: begun.seq,
                started: begun.at,
                name: begun.name.clone().unwrap_or_default(),
                plan: begun.plan.clone().unwrap_or_default(),
                detail: begun.detail.clone().unwrap_or_default(),
                last: ended.map(|end| end.seq),
                finished: ended.map(|end| end.at),
                state: ended.and_then(|end| end.result.clone()),
            }
        });
        match filter {
            RunFilter::Newest(limit) => {
                let mut runs: Vec<_> = all.collect();
                runs.reverse();
                runs.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
                runs
            }
            RunFilter::Named(name) => all.filter(|run| run.name == name).collect(),
            RunFilter::NamePrefix(prefix) => all.filter(|run| run.name.starts_with(prefix)).collect(),
            RunFilter::OfPlan(plan) => all.filter(|run| run.plan == plan).collect(),
            RunFilter::Unended => all.filter(|run| run.last.is_none()).collect(),
        }
    }

    pub(super) fn records(&self, filter: RecordFilter) -> Vec<Record> {
        let state = self.storage.state();
        let records = state.records.iter();
        match filter {
            RecordFilter::From(seq, limit) => {
                let limit = usize::try_from(limit).unwrap_or_default();
                records.filter(|record| record.seq >= seq).take(limit).cloned().collect()
            }
            RecordFilter::OfRun(run, _) => records.filter(|record| record.run == run).cloned().collect(),
            RecordFilter::Last => records.last().cloned().into_iter().collect(),
        }
    }

    pub(super) fn attempts(&self, plan: &str) -> Vec<AttemptRow> {
        let runs: Vec<_> = self.runs(RunFilter::OfPlan(plan)).into_iter().map(|run| run.number).collect();
        let state = self.storage.state();
        let mut latest: BTreeMap<(i64, String, bool), (i64, AttemptRow)> = BTreeMap::new();
        for record in state.records.iter().filter(|record| runs.contains(&record.run)) {
            let Some(operation) = record.operation.clone() else { continue };
            let key = (record.run, operation.clone(), record.rollback);
            if record.event == RecordEvent::Sent {
                let attempt = AttemptRow {
                    run: record.run,
                    operation,
                    rollback: record.rollback,
                    detail: record.detail.clone(),
                    reply: None,
                    message: None,
                    handle: None,
                    outcome: None,
                };
                latest.insert(key, (record.seq, attempt));
            } else if let Some((_, attempt)) = latest.get_mut(&key) {
                if record.event == RecordEvent::Answered {
                    attempt.reply.clone_from(&record.result);
                    attempt.message.clone_from(&record.message);
                    attempt.handle.clone_from(&record.handle);
                } else {
                    attempt.outcome.clone_from(&record.result);
                }
            }
        }
        let mut attempts: Vec<_> = latest.into_values().collect();
        attempts.sort_by_key(|(sent, _)| *sent);
        attempts.into_iter().map(|(_, attempt)| attempt).collect()
    }

    pub(super) fn accepted(&self, since: i64) -> Vec<AcceptedRow> {
        let recent = self.runs(RunFilter::Newest(u32::MAX));
        let state = self.storage.state();
        let mut open: BTreeMap<(&str, &str), (i64, AcceptedRow)> = BTreeMap::new();
        for record in &state.records {
            let Some(run) = recent.iter().find(|run| run.number == record.run && run.started >= since) else {
                continue;
            };
            let Some(operation) = &record.operation else { continue };
            let key = (run.plan.as_str(), operation.as_str());
            if let Some(handle) = &record.handle {
                let row = AcceptedRow {
                    run: record.run,
                    name: run.name.clone(),
                    plan: run.plan.clone(),
                    operation: operation.clone(),
                    rollback: record.rollback,
                    handle: handle.clone(),
                };
                open.insert(key, (record.seq, row));
            } else if record.event == RecordEvent::Outcome
                && record.result.as_deref().is_some_and(|result| !OPEN.contains(&result))
            {
                open.remove(&key);
            }
        }
        let mut rows: Vec<_> = open.into_values().collect();
        rows.sort_by_key(|(seq, row)| (-row.run, *seq));
        rows.into_iter().map(|(_, row)| row).collect()
    }

    pub(super) fn sent_rollback(&self, run: i64, operation: &str) -> Option<String> {
        let state = self.storage.state();
        let is_sent = |record: &&Record| {
            record.run == run
                && record.rollback
                && record.event == RecordEvent::Sent
                && record.operation.as_deref() == Some(operation)
        };
        state.records.iter().rev().find(is_sent).and_then(|record| record.detail.clone())
    }

    pub(super) fn outcomes(&self, run: &RunRow) -> Vec<OutcomeRow> {
        let records = self.records(RecordFilter::OfRun(run.number, run.last_seq()));
        let outcomes = records.into_iter().filter(|record| record.event == RecordEvent::Outcome && !record.rollback);
        let row = |record: Record| OutcomeRow {
            operation: record.operation.unwrap_or_default(),
            result: record.result.unwrap_or_default(),
            at: record.at,
            message: record.message,
        };
        outcomes.map(row).collect()
    }

    pub(super) fn usage_since(&self, day: i64, without: &str) -> Vec<UsageSum> {
        let runs: Vec<_> = self.runs(RunFilter::OfPlan(without)).into_iter().map(|run| run.number).collect();
        let state = self.storage.state();
        let usage = state.records.iter().filter(|record| !runs.contains(&record.run)).flat_map(|record| &record.usage);
        let sum = |usage: &UsageRow| {
            let UsageRow { run: _, seq: _, day, tenant, license, losses, changes } = usage.clone();
            UsageSum { tenant, license, day, losses, changes }
        };
        usage.filter(|usage| usage.day >= day).map(sum).collect()
    }

    pub(super) fn usage_of_plan(&self, plan: &str) -> Vec<OperationUsage> {
        let runs: Vec<_> = self.runs(RunFilter::OfPlan(plan)).into_iter().map(|run| run.number).collect();
        let state = self.storage.state();
        let mut rows = Vec::new();
        for record in state.records.iter().filter(|record| runs.contains(&record.run)) {
            rows.extend(record.usage.iter().map(|usage| OperationUsage {
                operation: record.operation.clone().unwrap_or_default(),
                tenant: usage.tenant.clone(),
                license: usage.license.clone(),
                losses: usage.losses,
                changes: usage.changes,
            }));
        }
        rows
    }

    pub(super) fn last_day(&self) -> i64 {
        let state = self.storage.state();
        let days = state.records.iter().filter_map(|record| record.time().ok()).map(day_number);
        days.chain(state.records.iter().flat_map(|record| &record.usage).map(|usage| usage.day)).max().unwrap_or(0)
    }
}
