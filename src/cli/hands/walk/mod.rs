//! Walking somebody through what is to be done, visit by visit.
//!
//! What must hold: a visit is written down before it is shown, and every answer before the next question; whatever needs
//! something that did not work is not offered.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::page::{self, opening, page};
use super::prompt::Prompt;
use crate::apply::by_hand::{Ledger, NotTaken, Task, Word};
use crate::model::OperationId;
use crate::report::Look;
use crate::report::runbook::{Item, Visit};
use crate::workflow::runbook::{Excerpt, Material};

/// The longest reason that is kept.
const REASON_MAX: usize = 300;

/// An answer to a visit.
enum Answer {
    Done,
    Skip,
    Failed,
    Back,
    Quit,
}

/// Walks somebody through a task.
pub(super) fn walk(
    task: &Task,
    material: &Material,
    command: &str,
    at: Timestamp,
    look: Look,
    prompt: &mut dyn Prompt,
    ledger: &dyn Ledger,
) -> Result<(), NotTaken> {
    let mut walk = Walk { task, material, command, at, look, words: BTreeMap::new(), behind: Vec::new() };
    prompt.show(&opening(material, &walk.visits(), look));
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
        ledger.shown(&ids)?;
        let place = (walk.behind.len() + 1, walk.behind.len() + visits.len());
        prompt.show(&page(visit, place, &task.doubtful, look));
        match answer(prompt) {
            Answer::Done => walk.keep(ids.iter().map(|id| (id.clone(), Word::Done)).collect(), ledger)?,
            Answer::Skip => {
                walk.keep(ids.iter().map(|id| (id.clone(), Word::Skipped)).collect(), ledger)?;
                walk.close_gaps(&visit.items, prompt, ledger)?;
            }
            Answer::Failed => {
                let Some(words) = failed(visit, prompt, look) else {
                    return walk.leave(prompt);
                };
                walk.keep(words, ledger)?;
                walk.close_gaps(&visit.items, prompt, ledger)?;
            }
            Answer::Back => match walk.behind.pop() {
                Some(last) => walk.words.retain(|id, _| !last.contains(id)),
                None => prompt.show("This is the first visit.\n"),
            },
            Answer::Quit => return walk.leave(prompt),
        }
    }
}

/// Somebody on the way through the visits.
struct Walk<'a> {
    task: &'a Task,
    material: &'a Material,
    command: &'a str,
    at: Timestamp,
    look: Look,
    words: BTreeMap<OperationId, Word>,
    /// The operations of the visits that were answered.
    behind: Vec<BTreeSet<OperationId>>,
}

impl Walk<'_> {
    /// The visits that are left: without those answered, and without what needs something that was not done.
    fn visits(&self) -> Vec<Visit> {
        let mut lost: BTreeSet<&OperationId> =
            self.words.iter().filter(|(_, word)| **word != Word::Done).map(|(id, _)| id).collect();
        let mut open = BTreeSet::new();
        // A plan lists an operation after those that it waits for.
        for operation in &self.task.plan.operations {
            if !self.task.open.contains(&operation.id) || self.words.contains_key(&operation.id) {
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
        let pools = self.words.is_empty().then_some(&*self.task.pools);
        let excerpt = Excerpt { open: Some(&open), pools, run: Some(&self.task.run) };
        let mut visits = self.material.sheet(&self.task.plan, excerpt, self.command, self.at).visits();
        if !self.words.is_empty() {
            visits.iter_mut().for_each(|visit| visit.seats.clear());
        }
        visits
    }

    fn keep(&mut self, words: Vec<(OperationId, Word)>, ledger: &dyn Ledger) -> Result<(), NotTaken> {
        ledger.said(&words)?;
        self.behind.push(words.iter().map(|(id, _)| id.clone()).collect());
        self.words.extend(words);
        Ok(())
    }

    /// Offers the old license to whoever gave it up for something that was not done.
    fn close_gaps(&self, items: &[Item], prompt: &mut dyn Prompt, ledger: &dyn Ledger) -> Result<(), NotTaken> {
        for item in items {
            let not_done = self.words.get(&item.operation).is_some_and(|word| *word != Word::Done);
            // What is not open any more was done before.
            let gave_up = |id: &OperationId| match self.words.get(id) {
                Some(word) => *word == Word::Done,
                None => !self.task.open.contains(id),
            };
            let removal = item.removal.as_ref().filter(|id| gave_up(id));
            if !not_done || removal.is_none() {
                continue;
            }
            prompt.show(&page::give_back(item, self.look));
            let answer = prompt.ask("[d]one, [n]ot possible > ").unwrap_or_default();
            ledger.gave_back(&item.operation, answer.to_lowercase().starts_with('d'))?;
        }
        Ok(())
    }

    fn leave(&self, prompt: &mut dyn Prompt) -> Result<(), NotTaken> {
        prompt.show(&format!("\nWhat was answered is kept; `{}` goes on here.\n", self.command));
        Ok(())
    }
}

/// What becomes of a visit.
fn answer(prompt: &mut dyn Prompt) -> Answer {
    loop {
        let Some(answer) = prompt.ask("[d]one, [s]kip, [f]ailed, [b]ack, [q]uit > ") else { return Answer::Quit };
        return match &*answer.to_lowercase() {
            "d" | "done" => Answer::Done,
            "s" | "skip" => Answer::Skip,
            "f" | "failed" => Answer::Failed,
            "b" | "back" => Answer::Back,
            "q" | "quit" => Answer::Quit,
            _ => {
                prompt.show("Type one of the letters, then Enter.\n");
                continue;
            }
        };
    }
}

/// What did not work, and why; nothing where somebody wishes to quit instead.
fn failed(visit: &Visit, prompt: &mut dyn Prompt, look: Look) -> Option<Vec<(OperationId, Word)>> {
    let all: BTreeSet<usize> = (0..visit.items.len()).collect();
    let lost = if all.len() < 2 {
        all
    } else {
        let mut text = "\n  Which of these did not work?\n".to_owned();
        page::list(&mut text, &visit.items, look);
        prompt.show(&text);
        loop {
            let answer = prompt.ask("Numbers, such as 1,3, or Enter for all of them > ")?;
            match numbers(&answer, visit.items.len()) {
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
            words.push((item.operation.clone(), Word::Failed(reason.clone())));
        } else if item.after.iter().any(|id| not_done.contains(id)) {
            // Nobody did what needs it.
            not_done.insert(&item.operation);
        } else {
            words.push((item.operation.clone(), Word::Done));
        }
    }
    Some(words)
}

/// The numbers of an answer, from 0; nothing where it is none.
fn numbers(answer: &str, of: usize) -> Option<BTreeSet<usize>> {
    let parts = answer.split([',', ' ', ';']).filter(|part| !part.is_empty());
    let number = |part: &str| part.parse::<usize>().ok().filter(|number| (1..=of).contains(number)).map(|n| n - 1);
    parts.map(number).collect()
}

#[cfg(test)]
mod tests;
