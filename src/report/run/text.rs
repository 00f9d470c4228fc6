//! A run as text: people without a license first, then the outcome of each operation.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use indexmap::IndexMap;
use unicode_width::UnicodeWidthStr as _;

use crate::model::{
    Operation, OperationId, OperationOutcome, Outcome, OutcomeSummary, Plan, Run, SkipReason, StrandedPerson, Summary,
};
use crate::report::escape::escape;
use crate::report::format::pluralize;
use crate::report::table::{Alignment, TextCell, TextTable};
use crate::report::{TextStyle, Tone};

/// The maximum number of listed successful operations.
const MAX_SUCCEEDED_SHOWN: usize = 25;

/// Returns the number of operations by outcome: `3 applied, 1 failed`.
pub fn summarize_outcomes(summary: &OutcomeSummary) -> String {
    let parts: Vec<_> = [
        (summary.applied, "applied"),
        (summary.already, "already in effect"),
        (summary.pending, "pending"),
        (summary.skipped, "skipped"),
        (summary.failed, "failed"),
        (summary.unknown, "unknown"),
    ]
    .iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, word)| format!("{number} {word}"))
    .collect();
    if parts.is_empty() { "nothing was sent".to_owned() } else { parts.join(", ") }
}

/// Returns `1 operation` or `2 operations`.
pub fn count_operations(number: usize) -> String {
    pluralize(number, "operation", "operations")
}

/// Returns `1 operation is` or `2 operations are`.
pub fn operations_are(number: usize) -> String {
    pluralize(number, "operation is", "operations are")
}

/// Returns the next commands after an incomplete run; `skipped` counts skipped operations by reason, and `place` is the
/// manifest and store arguments with a leading blank.
pub fn next_commands(run: &Run, skipped: &BTreeMap<SkipReason, u64>, place: &str) -> String {
    let summary = &run.summary;
    let resume = if summary.pending + summary.unknown > 0 {
        "checks pending results, then continues"
    } else {
        "retries failed and skipped operations"
    };
    let mut lines = Vec::new();
    if !is_stale(summary, skipped) {
        lines.push((format!("reseat resume{place}"), resume));
    }
    lines.push((format!("reseat plan{place}"), "shows the remaining changes"));
    if summary.applied + summary.pending > 0 {
        lines.push((format!("reseat undo {}{place}", escape(&run.run)), "reverts the applied operations"));
    }
    let width = lines.iter().map(|(command, _)| command.width()).max().unwrap_or_default();
    let mut text = "next:\n".to_owned();
    for (command, does) in lines {
        let _ = writeln!(text, "  {command:width$}  {does}");
    }
    text
}

/// Returns whether all open operations are stale, so that the same plan cannot complete.
fn is_stale(summary: &OutcomeSummary, skipped: &BTreeMap<SkipReason, u64>) -> bool {
    let is_of_old = |reason: &SkipReason| matches!(reason, SkipReason::Stale | SkipReason::Dependent);
    summary.failed + summary.pending + summary.unknown == 0
        && skipped.contains_key(&SkipReason::Stale)
        && skipped.keys().all(is_of_old)
}

/// Returns what a plan without operations leaves out: `2 waiting, 1 blocked`; empty if nothing.
pub fn summarize_left_out(summary: &Summary) -> String {
    let parts = [(summary.waiting, "waiting"), (summary.held, "held"), (summary.blocked, "blocked")];
    let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    parts.join(", ")
}

/// Renders the run; `plan` is the applied plan, and `stranded` are the people without a license.
pub fn text(run: &Run, stranded: &[StrandedPerson], plan: &Plan, style: TextStyle) -> String {
    let operations: BTreeMap<&OperationId, &Operation> =
        plan.operations.iter().map(|operation| (&operation.id, operation)).collect();
    let mut text = String::new();
    if !stranded.is_empty() {
        let line = format!("{} without a license", pluralize(stranded.len(), "person is", "people are"));
        let _ = writeln!(text, "{}", style.paint(Tone::Danger, &line));
        for StrandedPerson { tenant, person, lost, wanted, reason, help } in stranded {
            let _ = writeln!(
                text,
                "  {}  lost {}: {}",
                escape(person),
                escape(&format!("{tenant}/{lost}")),
                escape(reason)
            );
            let _ = writeln!(text, "    to get {}; {}", escape(&format!("{tenant}/{wanted}")), escape(help));
        }
        text.push('\n');
    }
    let name = format!("Run {}", escape(&run.run));
    let _ = writeln!(text, "{}: {}", style.paint(Tone::Heading, &name), summarize_outcomes(&run.summary));
    text.push_str(&messages(&run.outcomes, &operations));
    let mut table = TextTable::new([Alignment::Left; 4]);
    // Failures come first.
    let mut outcomes: Vec<_> = run.outcomes.iter().collect();
    outcomes.sort_by_key(|outcome| severity_rank(outcome.outcome));
    let well = outcomes.iter().filter(|outcome| outcome.outcome.is_success()).count();
    let left_out = well.saturating_sub(MAX_SUCCEEDED_SHOWN);
    outcomes.truncate(outcomes.len() - left_out);
    for outcome in outcomes {
        let Some(step) = operations.get(&outcome.id) else { continue };
        table.add_row([
            TextCell::new(outcome.outcome.as_str()).with_tone(outcome_tone(outcome.outcome)),
            TextCell::new(format!("{} {}", escape(&outcome.id.0), step.kind.as_str())),
            TextCell::new(escape(&step.person)),
            TextCell::new(escape(&license_change(step))),
        ]);
    }
    text.push_str(&table.render(2, 4, style));
    if left_out > 0 {
        let _ =
            writeln!(text, "  and {left_out} more successful; `reseat history show {}` lists them", escape(&run.run));
    }
    text
}

/// Renders the messages; operations with the same message share a line.
fn messages(outcomes: &[OperationOutcome], operations: &BTreeMap<&OperationId, &Operation>) -> String {
    let mut text = String::new();
    let mut reasons: IndexMap<&str, Vec<&OperationOutcome>> = IndexMap::new();
    for outcome in outcomes {
        if let Some(message) = &outcome.message {
            reasons.entry(message).or_default().push(outcome);
        }
    }
    for (message, shared) in reasons {
        let whose = match shared[..] {
            [outcome] => {
                let person = operations.get(&outcome.id).map_or("", |step| step.person.as_str());
                format!("{} {}", escape(&outcome.id.0), escape(person))
            }
            _ => pluralize(shared.len(), "operation", "operations"),
        };
        let _ = writeln!(text, "  {whose}: {}", escape(message));
    }
    if text.is_empty() { text } else { format!("{text}\n") }
}

fn license_change(operation: &Operation) -> String {
    match &operation.to {
        Some(to) => format!("{}/{} → {to}", operation.tenant, operation.license),
        None => format!("{}/{}", operation.tenant, operation.license),
    }
}

pub(super) fn severity_rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Failed => 0,
        Outcome::Unknown => 1,
        Outcome::Skipped => 2,
        Outcome::Pending => 3,
        Outcome::Applied => 4,
        Outcome::Already => 5,
    }
}

pub(super) fn outcome_tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Failed | Outcome::Unknown => Tone::Danger,
        Outcome::Skipped | Outcome::Pending => Tone::Notice,
        Outcome::Applied => Tone::Gain,
        Outcome::Already => Tone::Faint,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::plan::tests::{operation, plan};
    use serde_json::json;

    fn run(outcomes: &[(&str, Outcome, Option<&str>)]) -> Run {
        let at = "2026-11-21T12:00:00Z".parse().unwrap();
        let outcomes = outcomes.iter().map(|(id, outcome, message)| OperationOutcome {
            id: OperationId((*id).into()),
            outcome: *outcome,
            message: message.map(str::to_owned),
            at,
        });
        Run::new("run-1".into(), crate::model::Digest::of_bytes(b"plan"), outcomes.collect())
    }

    #[test]
    fn people_without_a_license_come_first() {
        let plan = plan(json!({ "operations": [
            operation("op-1", json!({ "kind": "remove", "license": "X2" })),
            operation("op-2", json!({ "after": ["op-1"] })),
            operation("op-3", json!({ "person": "bo@acme.example" })),
        ] }));
        let lost = "no seat; ana@acme.example is without a license, because rolling back `X2` failed: no seat";
        let stranded = StrandedPerson {
            tenant: "phones".into(),
            person: "ana@acme.example".into(),
            lost: "X2".into(),
            wanted: "X4".into(),
            reason: "rolling back `X2` failed: no seat".to_owned(),
            help: "assign `X2` in the console".to_owned(),
        };
        let run = run(&[
            ("op-1", Outcome::Applied, None),
            ("op-2", Outcome::Failed, Some(lost)),
            ("op-3", Outcome::Pending, None),
        ]);
        let expected = "\
1 person is without a license
  ana@acme.example  lost phones/X2: rolling back `X2` failed: no seat
    to get phones/X4; assign `X2` in the console

Run run-1: 1 applied, 1 pending, 1 failed
  op-2 ana@acme.example: no seat; ana@acme.example is without a license, because rolling back `X2` failed: no seat

  failed   op-2 assign  ana@acme.example  phones/X4
  pending  op-3 assign  bo@acme.example   phones/X4
  applied  op-1 remove  ana@acme.example  phones/X2
";
        assert_eq!(text(&run, &[stranded], &plan, TextStyle::PLAIN), expected);
    }

    #[test]
    fn successful_operations_are_counted_and_failures_are_listed() {
        let many: Vec<_> =
            (1..=MAX_SUCCEEDED_SHOWN + 3).map(|number| operation(&format!("op-{number}"), json!({}))).collect();
        let plan = plan(json!({ "operations": many }));
        let names: Vec<String> = (1..=MAX_SUCCEEDED_SHOWN + 3).map(|number| format!("op-{number}")).collect();
        let outcome = |name: &str| if name == "op-5" { Outcome::Failed } else { Outcome::Applied };
        let outcomes: Vec<_> = names.iter().map(|name| (name.as_str(), outcome(name), None)).collect();
        let text = text(&run(&outcomes), &[], &plan, TextStyle::PLAIN);
        assert!(text.contains("failed   op-5 assign"), "{text}");
        assert!(text.ends_with("  and 2 more successful; `reseat history show run-1` lists them\n"), "{text}");
    }

    #[test]
    fn next_commands_name_the_manifest() {
        let refused = next_commands(&run(&[("op-1", Outcome::Failed, None)]), &BTreeMap::new(), "");
        assert_eq!(
            refused,
            "next:\n  reseat resume  retries failed and skipped operations\n  reseat plan    shows the remaining changes\n"
        );
        let pending = next_commands(&run(&[("op-1", Outcome::Pending, None)]), &BTreeMap::new(), " -m m");
        assert!(pending.contains("  reseat resume -m m      checks pending results"), "{pending}");
        assert!(pending.contains("  reseat undo run-1 -m m  reverts the applied operations"), "{pending}");
    }

    #[test]
    fn stale_plan_is_not_resumed() {
        let said = |outcomes: &[(&str, Outcome, Option<&str>)], reasons: &[SkipReason]| {
            next_commands(&run(outcomes), &reasons.iter().map(|reason| (*reason, 1)).collect(), "")
        };
        let left = [("op-1", Outcome::Skipped, None), ("op-2", Outcome::Skipped, None)];
        let only_plan = "next:\n  reseat plan  shows the remaining changes\n";
        assert_eq!(said(&left[..1], &[SkipReason::Stale]), only_plan);
        assert_eq!(said(&left, &[SkipReason::Stale, SkipReason::Dependent]), only_plan);
        for reason in [SkipReason::Stopped, SkipReason::Waiting, SkipReason::Unreachable] {
            assert!(said(&left, &[SkipReason::Stale, reason]).contains("reseat resume"), "{reason:?}");
        }
        let failed = [left[0], ("op-2", Outcome::Failed, None)];
        assert!(said(&failed, &[SkipReason::Stale]).contains("reseat resume"));
    }

    #[test]
    fn vendor_message_cannot_steer_the_terminal() {
        let plan = plan(json!({ "operations": [operation("op-1", json!({}))] }));
        let text = text(&run(&[("op-1", Outcome::Failed, Some("no\u{1b}[2J\nway"))]), &[], &plan, TextStyle::PLAIN);
        assert!(!text.contains('\u{1b}') && text.contains("no\\u{1b}[2J\\nway"), "{text}");
    }
}
