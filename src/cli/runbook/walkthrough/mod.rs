//! Walking somebody through what is to be done, visit by visit.
//!
//! What must hold: a visit is written down before it is shown, and every answer before the next question; whatever needs
//! something that did not work is not offered.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::prompt::Prompt;
use super::visit_text::{self, introduction};
use crate::apply::manual::{HandoverError, HandoverLog, ManualTask, StepReport};
use crate::model::OperationId;
use crate::report::TextStyle;
use crate::report::runbook::{Visit, VisitItem};
use crate::workflow::runbook::{RunbookScope, RunbookSource};

/// The longest reason that is kept.
const REASON_MAX: usize = 300;

/// An answer to a visit.
enum VisitAnswer {
    Done,
    Skip,
    Failed,
    Back,
    Quit,
}

/// Walks somebody through a task.
pub(super) fn run(
    task: &ManualTask,
    material: &RunbookSource,
    command: &str,
    at: Timestamp,
    look: TextStyle,
    prompt: &mut dyn Prompt,
    ledger: &dyn HandoverLog,
) -> Result<(), HandoverError> {
    let mut walk =
        Walkthrough { task, material, command, at, style: look, results: BTreeMap::new(), answered: Vec::new() };
    prompt.show(&introduction(material, &walk.visits(), look));
    match prompt.ask("Enter to begin, q to quit > ") {
        Some(answer) if !answer.eq_ignore_ascii_case("q") => {}
        _ => {
            prompt.show(&format!("Nothing is done yet; `{command}` begins anew.\n"));
            return Ok(());
        }
    }
    loop {
        let visits = walk.visits();
        let Some(visit) = visits.first() else {
            prompt.show("\nThat was the last visit.\n");
            return Ok(());
        };
        let ids: Vec<OperationId> = visit.items.iter().map(|item| item.operation.clone()).collect();
        ledger.record_shown(&ids)?;
        let place = (walk.answered.len() + 1, walk.answered.len() + visits.len());
        prompt.show(&visit_text::visit(visit, place, &task.uncertain, look));
        match ask_answer(prompt) {
            VisitAnswer::Done => walk.record(ids.iter().map(|id| (id.clone(), StepReport::Done)).collect(), ledger)?,
            VisitAnswer::Skip => {
                walk.record(ids.iter().map(|id| (id.clone(), StepReport::Skipped)).collect(), ledger)?;
                walk.offer_rollbacks(&visit.items, prompt, ledger)?;
            }
            VisitAnswer::Failed => {
                let Some(words) = ask_failures(visit, prompt, look) else {
                    return walk.quit(prompt);
                };
                walk.record(words, ledger)?;
                walk.offer_rollbacks(&visit.items, prompt, ledger)?;
            }
            VisitAnswer::Back => match walk.answered.pop() {
                Some(last) => walk.results.retain(|id, _| !last.contains(id)),
                None => prompt.show("This is the first visit.\n"),
            },
            VisitAnswer::Quit => return walk.quit(prompt),
        }
    }
}

/// Somebody on the way through the visits.
struct Walkthrough<'a> {
    task: &'a ManualTask,
    material: &'a RunbookSource,
    command: &'a str,
    at: Timestamp,
    style: TextStyle,
    results: BTreeMap<OperationId, StepReport>,
    /// The operations of the visits that were answered.
    answered: Vec<BTreeSet<OperationId>>,
}

impl Walkthrough<'_> {
    /// The visits that are left: without those answered, and without what needs something that was not done.
    fn visits(&self) -> Vec<Visit> {
        let mut lost: BTreeSet<&OperationId> =
            self.results.iter().filter(|(_, word)| **word != StepReport::Done).map(|(id, _)| id).collect();
        let mut open = BTreeSet::new();
        // A plan lists an operation after those that it waits for.
        for operation in &self.task.plan.operations {
            if !self.task.open.contains(&operation.id) || self.results.contains_key(&operation.id) {
                continue;
            }
            if operation.after.iter().any(|id| lost.contains(id)) {
                lost.insert(&operation.id);
            } else {
                open.insert(operation.id.clone());
            }
        }
        if open.is_empty() {
            return Vec::new();
        }
        // The figures of the pools are those of before the walk.
        let pools = self.results.is_empty().then_some(&*self.task.pools);
        let excerpt = RunbookScope { open: Some(&open), pools, run: Some(&self.task.run) };
        let mut visits = self.material.sheet(&self.task.plan, excerpt, self.command, self.at).visits();
        if !self.results.is_empty() {
            visits.iter_mut().for_each(|visit| visit.seats.clear());
        }
        visits
    }

    fn record(&mut self, words: Vec<(OperationId, StepReport)>, ledger: &dyn HandoverLog) -> Result<(), HandoverError> {
        ledger.record_reports(&words)?;
        self.answered.push(words.iter().map(|(id, _)| id.clone()).collect());
        self.results.extend(words);
        Ok(())
    }

    /// Offers the old license to whoever gave it up for something that was not done.
    fn offer_rollbacks(
        &self,
        items: &[VisitItem],
        prompt: &mut dyn Prompt,
        ledger: &dyn HandoverLog,
    ) -> Result<(), HandoverError> {
        for item in items {
            let not_done = self.results.get(&item.operation).is_some_and(|word| *word != StepReport::Done);
            // What is not open any more was done before.
            let gave_up = |id: &OperationId| match self.results.get(id) {
                Some(word) => *word == StepReport::Done,
                None => !self.task.open.contains(id),
            };
            let removal = item.removal.as_ref().filter(|id| gave_up(id));
            if !not_done || removal.is_none() {
                continue;
            }
            prompt.show(&visit_text::rollback_steps(item, self.style));
            let answer = prompt.ask("[d]one, [n]ot possible > ").unwrap_or_default();
            ledger.record_rollback(&item.operation, answer.to_lowercase().starts_with('d'))?;
        }
        Ok(())
    }

    fn quit(&self, prompt: &mut dyn Prompt) -> Result<(), HandoverError> {
        prompt.show(&format!("\nWhat was answered is kept; `{}` goes on here.\n", self.command));
        Ok(())
    }
}

/// What becomes of a visit.
fn ask_answer(prompt: &mut dyn Prompt) -> VisitAnswer {
    loop {
        let Some(answer) = prompt.ask("[d]one, [s]kip, [f]ailed, [b]ack, [q]uit > ") else { return VisitAnswer::Quit };
        return match &*answer.to_lowercase() {
            "d" | "done" => VisitAnswer::Done,
            "s" | "skip" => VisitAnswer::Skip,
            "f" | "failed" => VisitAnswer::Failed,
            "b" | "back" => VisitAnswer::Back,
            "q" | "quit" => VisitAnswer::Quit,
            _ => {
                prompt.show("Type one of the letters, then Enter.\n");
                continue;
            }
        };
    }
}

/// What did not work, and why; nothing where somebody wishes to quit instead.
fn ask_failures(visit: &Visit, prompt: &mut dyn Prompt, look: TextStyle) -> Option<Vec<(OperationId, StepReport)>> {
    let all: BTreeSet<usize> = (0..visit.items.len()).collect();
    let lost = if all.len() < 2 {
        all
    } else {
        let mut text = "\n  Which of these did not work?\n".to_owned();
        visit_text::item_list(&mut text, &visit.items, look);
        prompt.show(&text);
        loop {
            let answer = prompt.ask("Numbers, such as 1,3, or Enter for all of them > ")?;
            match parse_numbers(&answer, visit.items.len()) {
                Some(numbers) if numbers.is_empty() => break all,
                Some(numbers) => break numbers,
                None => prompt.show("Type numbers of the list, with commas between them.\n"),
            }
        }
    };
    let reason = prompt.ask("Why? > ")?;
    let reason: String = reason.chars().filter(|letter| !letter.is_control()).take(REASON_MAX).collect();
    let reason = if reason.trim().is_empty() { "it did not work".to_owned() } else { reason };
    let failed: BTreeSet<&OperationId> =
        lost.iter().filter_map(|place| visit.items.get(*place)).map(|item| &item.operation).collect();
    let mut words = Vec::new();
    let mut not_done = failed.clone();
    for item in &visit.items {
        if failed.contains(&item.operation) {
            words.push((item.operation.clone(), StepReport::Failed(reason.clone())));
        } else if item.after.iter().any(|id| not_done.contains(id)) {
            // Nobody did what needs it.
            not_done.insert(&item.operation);
        } else {
            words.push((item.operation.clone(), StepReport::Done));
        }
    }
    Some(words)
}

/// The numbers of an answer, from 0; nothing where it is none.
fn parse_numbers(answer: &str, of: usize) -> Option<BTreeSet<usize>> {
    let parts = answer.split([',', ' ', ';']).filter(|part| !part.is_empty());
    let number = |part: &str| part.parse::<usize>().ok().filter(|number| (1..=of).contains(number)).map(|n| n - 1);
    parts.map(number).collect()
}

#[cfg(test)]
mod tests;
