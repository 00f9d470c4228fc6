//! Walkthroughs with scripted answers.

use std::cell::RefCell;
use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::apply::StopSignal;
use crate::env::{Clock, Now};
use crate::model::Plan;
use crate::report::plan::tests::{operation, plan};
use crate::store::StoreError;
use crate::workflow::manifest;

/// Answers in order, and everything that was shown.
struct ScriptedPrompt {
    answers: Vec<&'static str>,
    shown: String,
}

impl Prompt for ScriptedPrompt {
    fn show(&mut self, text: &str) {
        self.shown.push_str(text);
    }

    fn ask(&mut self, question: &str, _: &StopSignal) -> Option<String> {
        self.shown.push_str(question);
        if self.answers.is_empty() {
            return None;
        }
        let answer = self.answers.remove(0).to_owned();
        self.shown.push_str(&answer);
        self.shown.push('\n');
        Some(answer)
    }
}

/// Records lines: `shown op-1`, `op-1 done`, `op-1 failed: why`, `back op-2 true`.
#[derive(Default)]
struct RecordedLedger(RefCell<Vec<String>>);

impl HandoverLog for RecordedLedger {
    fn record_shown(&self, operations: &[OperationId]) -> Result<(), StoreError> {
        let ids: Vec<&str> = operations.iter().map(|id| id.0.as_str()).collect();
        self.0.borrow_mut().push(format!("shown {}", ids.join(" ")));
        Ok(())
    }

    fn record_reports(&self, words: &[(OperationId, StepReport)]) -> Result<(), StoreError> {
        for (id, word) in words {
            let word = match word {
                StepReport::Done => "done".to_owned(),
                StepReport::Skipped => "skipped".to_owned(),
                StepReport::Failed(why) => format!("failed: {why}"),
            };
            self.0.borrow_mut().push(format!("{id} {word}"));
        }
        Ok(())
    }

    fn record_rollback(&self, operation: &OperationId, worked: bool) -> Result<(), StoreError> {
        self.0.borrow_mut().push(format!("back {operation} {worked}"));
        Ok(())
    }
}

/// Three people at a console with one person per visit: ana moves, bo waits for her seat, cy gains.
fn moves() -> Plan {
    plan(json!({ "operations": [
        operation("op-1", json!({ "kind": "remove", "effect": "move", "license": "X2", "loses": ["drafts"] })),
        operation("op-2", json!({ "effect": "move", "after": ["op-1"], "on_failure": "roll-back" })),
        operation("op-3", json!({ "license": "X2", "account": "u-2", "person": "bo@acme.example", "after": ["op-1"] })),
        operation("op-4", json!({ "account": "u-3", "person": "cy@acme.example" })),
    ] }))
}

/// Walks through a plan with these answers. Returns the recorded lines and what was shown.
fn run_walkthrough(plan: Plan, open: &[&str], answers: &[&'static str]) -> (Vec<String>, String) {
    let folder = tempfile::tempdir().unwrap();
    let text = "apiVersion: reseat/v1\ntenants:\n  phones:\n    vendor: generic\n    exclusive: [[X2, X4]]\n    \
                change: remove-then-assign\n    adapter: { runbook: { export: list.csv } }\n";
    std::fs::write(folder.path().join("manifest.yaml"), text).unwrap();
    std::fs::write(folder.path().join("list.csv"), "email,license\n").unwrap();
    let at = "2026-11-21T12:00:00Z".parse().unwrap();
    let manifest = manifest::load(folder.path(), None, Now::at(at)).unwrap();
    let source = RunbookSource::for_tenant(&manifest, &plan, "phones", Clock::Fixed(at)).unwrap();
    let all = plan.operations.iter().map(|operation| operation.id.clone());
    let task = ManualTask {
        open: all.filter(|id| open.is_empty() || open.contains(&id.0.as_str())).collect(),
        plan: Arc::new(plan),
        tenant: "phones".into(),
        run: "run-1".into(),
        uncertain: BTreeSet::new(),
        reported_done: BTreeSet::new(),
        pools: Vec::new(),
        stop: StopSignal::new(),
    };
    let mut script = ScriptedPrompt { answers: answers.to_vec(), shown: String::new() };
    let ledger = RecordedLedger::default();
    Walkthrough::new(&task, &source, "reseat resume", at, TextStyle::PLAIN, &mut script, &ledger).run().unwrap();
    (ledger.0.into_inner(), script.shown)
}

fn ledger(answers: &[&'static str]) -> Vec<String> {
    run_walkthrough(moves(), &[], answers).0
}

#[test]
fn every_visit_is_recorded_before_it_is_shown_and_answered_once() {
    let (lines, shown) = run_walkthrough(moves(), &[], &["", "d", "d", "d"]);
    assert_eq!(
        lines,
        ["shown op-1 op-2", "op-1 done", "op-2 done", "shown op-3", "op-3 done", "shown op-4", "op-4 done"]
    );
    assert!(shown.contains("visit 1 of 3") && shown.contains("visit 3 of 3"), "{shown}");
    assert!(shown.ends_with("All visits are done.\n"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
}

#[test]
fn dependents_of_a_failed_operation_are_not_offered() {
    // Without the removal, neither ana's assignment nor bo's can be done.
    let lines = ledger(&["", "f", "1", "locked out", "d"]);
    assert_eq!(lines, ["shown op-1 op-2", "op-1 failed: locked out", "shown op-4", "op-4 done"]);
    let lines = ledger(&["", "s", "d"]);
    assert_eq!(lines, ["shown op-1 op-2", "op-1 skipped", "op-2 skipped", "shown op-4", "op-4 done"]);
}

#[test]
fn failed_assignment_offers_a_rollback_of_the_removal() {
    let (lines, shown) = run_walkthrough(moves(), &[], &["", "f", "2", "no seat", "d", "q"]);
    assert_eq!(lines, ["shown op-1 op-2", "op-1 done", "op-2 failed: no seat", "back op-2 true", "shown op-3"]);
    assert!(shown.contains("Give \"X2\""), "{shown}");
    // The removal was done in an earlier run.
    let (lines, _) = run_walkthrough(moves(), &["op-2"], &["", "f", "no seat", "n"]);
    assert_eq!(lines, ["shown op-2", "op-2 failed: no seat", "back op-2 false"]);
}

#[test]
fn back_reverts_the_last_answer() {
    let lines = ledger(&["", "b", "d", "b", "s", "d"]);
    assert_eq!(
        lines,
        [
            "shown op-1 op-2",
            "shown op-1 op-2",
            "op-1 done",
            "op-2 done",
            "shown op-3",
            "shown op-1 op-2",
            "op-1 skipped",
            "op-2 skipped",
            "shown op-4",
            "op-4 done",
        ]
    );
}

#[test]
fn quit_and_end_of_input_keep_previous_answers() {
    for answers in [&["", "d", "q"][..], &["", "d"]] {
        assert_eq!(ledger(answers), ["shown op-1 op-2", "op-1 done", "op-2 done", "shown op-3"]);
    }
    for answers in [&["q"][..], &[]] {
        assert_eq!(ledger(answers), [""; 0]);
    }
    assert_eq!(ledger(&["", "f", "1"]), ["shown op-1 op-2"], "nothing is recorded without a reason");
}

#[test]
fn invalid_answer_is_asked_again() {
    let (lines, shown) = run_walkthrough(moves(), &["op-4"], &["", "yes", "", "D"]);
    assert_eq!(lines, ["shown op-4", "op-4 done"]);
    assert_eq!(shown.matches("Type one of the letters").count(), 2);
    let lines = ledger(&["", "f", "7", "1,x", "", "why", "q"]);
    assert_eq!(lines[1..3], ["op-1 failed: why", "op-2 failed: why"]);
}

#[test]
fn reasons_are_stored_without_control_characters() {
    let long: &'static str = Box::leak(format!("bad\u{1b}[2J{}", "x".repeat(500)).into_boxed_str());
    let (lines, _) = run_walkthrough(moves(), &["op-4"], &["", "f", long]);
    assert!(!lines[1].contains('\u{1b}') && lines[1].len() < 320, "{lines:?}");
}
