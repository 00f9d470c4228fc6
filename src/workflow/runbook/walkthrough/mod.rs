//! An interactive walkthrough of manual steps, visit by visit.
//!
//! A visit is recorded before it is shown, and an answer before the next question. Steps that depend on a failed step are
//! not offered.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::super::ui::Prompt;
use super::source::{RunbookScope, RunbookSource};
use super::visit_text;
use crate::apply::manual::{HandoverError, HandoverLog, ManualTask, StepReport};
use crate::model::OperationId;
use crate::report::TextStyle;
use crate::report::runbook::{Visit, VisitItem};

/// Longest recorded reason, in characters.
const REASON_MAX: usize = 300;

/// The walkthrough of one task.
pub(super) struct Walkthrough<'a> {
    task: &'a ManualTask,
    source: &'a RunbookSource,
    /// The command that continues after the last step.
    command: &'a str,
    at: Timestamp,
    style: TextStyle,
    prompt: &'a mut dyn Prompt,
    log: &'a dyn HandoverLog,
    reports: BTreeMap<OperationId, StepReport>,
    /// The operations of each answered visit.
    answered: Vec<BTreeSet<OperationId>>,
}

impl<'a> Walkthrough<'a> {
    /// Returns a walkthrough that starts with the first visit.
    pub(super) fn new(
        task: &'a ManualTask,
        source: &'a RunbookSource,
        command: &'a str,
        at: Timestamp,
        style: TextStyle,
        prompt: &'a mut dyn Prompt,
        log: &'a dyn HandoverLog,
    ) -> Self {
        Self { task, source, command, at, style, prompt, log, reports: BTreeMap::new(), answered: Vec::new() }
    }

    /// Shows one visit after the other until all are answered, or the user quits.
    pub(super) fn run(mut self) -> Result<(), HandoverError> {
        self.prompt.show(&visit_text::introduction(self.source, &self.visits(), self.style));
        match self.ask("Enter to begin, q to quit") {
            Some(answer) if !answer.eq_ignore_ascii_case("q") => {}
            _ => {
                self.prompt.show(&format!("Nothing was done. Start again with `{}`.\n", self.command));
                return Ok(());
            }
        }
        loop {
            let visits = self.visits();
            let Some(visit) = visits.first() else {
                self.prompt.show("\nAll visits are done.\n");
                return Ok(());
            };
            let ids: Vec<OperationId> = visit.items.iter().map(|item| item.operation.clone()).collect();
            self.log.record_shown(&ids)?;
            let position = (self.answered.len() + 1, self.answered.len() + visits.len());
            self.prompt.show(&visit_text::visit(visit, position, &self.task.uncertain, self.style));
            match self.ask_answer() {
                'd' => self.record(ids.into_iter().map(|id| (id, StepReport::Done)).collect())?,
                's' => {
                    self.record(ids.into_iter().map(|id| (id, StepReport::Skipped)).collect())?;
                    self.offer_rollbacks(&visit.items)?;
                }
                'f' => {
                    let Some(reports) = self.ask_failures(visit) else { break };
                    self.record(reports)?;
                    self.offer_rollbacks(&visit.items)?;
                }
                'b' => match self.answered.pop() {
                    Some(last) => self.reports.retain(|id, _| !last.contains(id)),
                    None => self.prompt.show("This is the first visit.\n"),
                },
                _ => break,
            }
        }
        self.prompt.show(&format!("\nYour answers are saved; continue with `{}`.\n", self.command));
        Ok(())
    }

    fn ask(&mut self, question: &str) -> Option<String> {
        self.prompt.ask(question, &self.task.stop)
    }

    /// Returns the visits that are left, without steps that depend on a step that was not done.
    fn visits(&self) -> Vec<Visit> {
        let mut not_done: BTreeSet<&OperationId> =
            self.reports.iter().filter(|(_, report)| **report != StepReport::Done).map(|(id, _)| id).collect();
        let mut open = BTreeSet::new();
        // A plan lists an operation after its dependencies.
        for operation in &self.task.plan.operations {
            if !self.task.open.contains(&operation.id) || self.reports.contains_key(&operation.id) {
                continue;
            }
            if operation.after.iter().any(|id| not_done.contains(id)) {
                not_done.insert(&operation.id);
            } else {
                open.insert(operation.id.clone());
            }
        }
        if open.is_empty() {
            return Vec::new();
        }
        // The pools' figures are only correct before the first answer.
        let is_first = self.reports.is_empty();
        let pools = is_first.then_some(&*self.task.pools);
        let scope = RunbookScope { open: Some(&open), pools, run: Some(&self.task.run) };
        let mut visits = self.source.sheet(&self.task.plan, scope, self.command, self.at).visits();
        if !is_first {
            visits.iter_mut().for_each(|visit| visit.seats.clear());
        }
        visits
    }

    fn record(&mut self, reports: Vec<(OperationId, StepReport)>) -> Result<(), HandoverError> {
        self.log.record_reports(&reports)?;
        self.answered.push(reports.iter().map(|(id, _)| id.clone()).collect());
        self.reports.extend(reports);
        Ok(())
    }

    /// Offers to roll back removals whose assignment was not done.
    fn offer_rollbacks(&mut self, items: &[VisitItem]) -> Result<(), HandoverError> {
        for item in items {
            let is_not_done = self.reports.get(&item.operation).is_some_and(|report| *report != StepReport::Done);
            // An operation that is not open was done in an earlier run.
            let is_removed = |id: &OperationId| match self.reports.get(id) {
                Some(report) => *report == StepReport::Done,
                None => !self.task.open.contains(id),
            };
            if !is_not_done || !item.removal.as_ref().is_some_and(is_removed) {
                continue;
            }
            self.prompt.show(&visit_text::rollback_steps(item, self.style));
            let answer = self.ask("[d]one, [n]ot possible").unwrap_or_default();
            self.log.record_rollback(&item.operation, answer.to_lowercase().starts_with('d'))?;
        }
        Ok(())
    }

    /// Returns the first letter of a valid answer.
    fn ask_answer(&mut self) -> char {
        loop {
            let Some(answer) = self.ask("[d]one, [s]kip, [f]ailed, [b]ack, [q]uit") else { return 'q' };
            let answer = answer.to_lowercase();
            if let Some(word) = ["done", "skip", "failed", "back", "quit"]
                .into_iter()
                .find(|word| answer == *word || (answer.len() == 1 && word.starts_with(&answer)))
            {
                return word.chars().next().unwrap_or('q');
            }
            self.prompt.show("Type one of the letters, then Enter.\n");
        }
    }

    /// Asks which steps failed, and why. Returns `None` if the user quits.
    fn ask_failures(&mut self, visit: &Visit) -> Option<Vec<(OperationId, StepReport)>> {
        let all: BTreeSet<usize> = (0..visit.items.len()).collect();
        let failed = if all.len() < 2 {
            all
        } else {
            let mut text = "\n  Which of these failed?\n".to_owned();
            visit_text::item_list(&mut text, &visit.items, self.style);
            self.prompt.show(&text);
            loop {
                let answer = self.ask("Numbers, such as 1,3, or Enter for all")?;
                match parse_numbers(&answer, visit.items.len()) {
                    Some(numbers) if numbers.is_empty() => break all,
                    Some(numbers) => break numbers,
                    None => self.prompt.show("Type numbers of the list, separated by commas.\n"),
                }
            }
        };
        let reason = self.ask("Why?")?;
        let reason: String = reason.chars().filter(|letter| !letter.is_control()).take(REASON_MAX).collect();
        let reason = if reason.trim().is_empty() { "no reason given".to_owned() } else { reason };
        let failed: BTreeSet<&OperationId> =
            failed.iter().filter_map(|index| visit.items.get(*index)).map(|item| &item.operation).collect();
        let mut reports = Vec::new();
        let mut not_done = failed.clone();
        for item in &visit.items {
            if failed.contains(&item.operation) {
                reports.push((item.operation.clone(), StepReport::Failed(reason.clone())));
            } else if item.after.iter().any(|id| not_done.contains(id)) {
                not_done.insert(&item.operation);
            } else {
                reports.push((item.operation.clone(), StepReport::Done));
            }
        }
        Some(reports)
    }
}

/// Parses list numbers into indexes. Returns `None` if one is invalid.
fn parse_numbers(answer: &str, count: usize) -> Option<BTreeSet<usize>> {
    let parts = answer.split([',', ' ', ';']).filter(|part| !part.is_empty());
    let index = |part: &str| part.parse::<usize>().ok().filter(|number| (1..=count).contains(number)).map(|n| n - 1);
    parts.map(index).collect()
}

#[cfg(test)]
mod tests;
