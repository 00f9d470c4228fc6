//! Manual steps: handed over together, verified by reading, and never requested twice.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::scenario::{InitialState, Scenario, message, outcome_names};
use crate::apply::manual::{HandoverError, HandoverLog, HandoverResult, ManualExecutor, ManualTask, StepReport};
use crate::model::{OperationId, OperationKind, SkipReason};

const START: InitialState = InitialState {
    accounts: &[("u-1", &["reader"]), ("u-2", &["reader"]), ("u-3", &[]), ("u-4", &[])],
    pools: &[("reader", 9), ("editor", 9)],
    delay: Duration::ZERO,
    latency: Duration::ZERO,
    concurrency: 1,
};

/// What happens to the steps that are handed over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HandoverMode {
    /// They go into a document.
    Document,
    /// The same, in spite of an earlier document.
    AnotherDocument,
    /// A person at the terminal reports on operations.
    Answers(&'static [(&'static str, Reported)]),
    /// The program crashes before an answer.
    Dies,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reported {
    Did,
    Passed,
    Broke,
    GaveBack,
}

/// Records the steps that are handed over.
struct FakeManualExecutor {
    way: HandoverMode,
    taken: Mutex<Vec<(Vec<String>, Vec<String>)>>,
}

fn ids<'a>(ids: impl IntoIterator<Item = &'a OperationId>) -> Vec<String> {
    ids.into_iter().map(|id| id.0.to_string()).collect()
}

impl ManualExecutor for FakeManualExecutor {
    fn is_interactive(&self) -> bool {
        matches!(self.way, HandoverMode::Answers(_) | HandoverMode::Dies)
    }

    fn repeats_handover(&self) -> bool {
        self.way == HandoverMode::AnotherDocument
    }

    fn export_path(&self, _: &str) -> Option<String> {
        Some("list.csv".to_owned())
    }

    fn hand_over(&self, task: &ManualTask, ledger: &dyn HandoverLog) -> Result<HandoverResult, HandoverError> {
        self.taken.lock().unwrap().push((ids(&task.open), ids(&task.uncertain)));
        let answers = match self.way {
            HandoverMode::Document | HandoverMode::AnotherDocument => {
                ledger.record_shown(&task.open.iter().cloned().collect::<Vec<_>>())?;
                return Ok(HandoverResult::Document("steps.md".to_owned()));
            }
            HandoverMode::Answers(answers) => answers,
            HandoverMode::Dies => {
                ledger.record_shown(&task.open.iter().cloned().collect::<Vec<_>>())?;
                panic!("the process was killed");
            }
        };
        for (id, said) in answers {
            let id = OperationId((*id).into());
            let word = match said {
                Reported::Did => StepReport::Done,
                Reported::Passed => StepReport::Skipped,
                Reported::Broke => StepReport::Failed("no seat".to_owned()),
                Reported::GaveBack => {
                    ledger.record_rollback(&id, true)?;
                    continue;
                }
            };
            ledger.record_shown(std::slice::from_ref(&id))?;
            ledger.record_reports(&[(id, word)])?;
        }
        Ok(HandoverResult::Answered)
    }
}

/// A scenario with manual steps at `wiki`: a move, an assignment that needs its seat; and an assignment at `notes`.
fn world() -> Scenario {
    let mut world = Scenario::new(&START);
    world.plan_move("u-1", "reader", "editor", &[]);
    world.plan(OperationKind::Assign, "u-3", "reader", &["op-1"]);
    world.plan(OperationKind::Assign, "u-4", "editor", &[]).tenant = "notes".into();
    world
}

fn desk(world: &mut Scenario, way: HandoverMode) -> Arc<FakeManualExecutor> {
    let desk = Arc::new(FakeManualExecutor { way, taken: Mutex::default() });
    world.hands = Some(Arc::<FakeManualExecutor>::clone(&desk));
    desk
}

#[tokio::test]
async fn manual_steps_are_handed_over_together_and_other_operations_are_sent() {
    let mut world = world();
    let first = desk(&mut world, HandoverMode::Document);
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["pending", "pending", "pending", "applied"]);
    assert_eq!(first.taken.lock().unwrap()[0].0, ["op-1", "op-2", "op-3"]);
    assert_eq!(message(&report, 0), "handed over in `steps.md`");
    assert!(world.tenant.sent().is_empty() && world.notes.sent().len() == 1);
    // Nothing is done yet, and nothing is requested twice.
    let second = desk(&mut world, HandoverMode::Document);
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["pending", "pending", "pending", "already"]);
    assert!(second.taken.lock().unwrap().is_empty());
    assert!(message(&report, 0).contains("`steps.md` by `run-20261121-100000-1`; `list.csv`"), "{report:?}");
    // A part of it is done.
    world.tenant.meddle(OperationKind::Remove, "u-1", "reader");
    let report = world.apply().await;
    assert_eq!(outcome_names(&report)[..3], ["already", "pending", "pending"]);
    world.tenant.meddle(OperationKind::Assign, "u-1", "editor");
    world.tenant.meddle(OperationKind::Assign, "u-3", "reader");
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["already"; 4]);
    assert!(report.run.summary.is_complete());
}

#[tokio::test]
async fn changed_person_is_not_handed_over() {
    let mut world = world();
    world.plan(OperationKind::Remove, "u-2", "reader", &["op-3"]);
    let taken = desk(&mut world, HandoverMode::Document);
    world.tenant.meddle(OperationKind::Assign, "u-3", "editor");
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["pending", "pending", "skipped", "applied", "skipped"]);
    assert_eq!((report.skipped_because(SkipReason::Stale), report.skipped_because(SkipReason::Dependent)), (1, 1));
    assert_eq!(taken.taken.lock().unwrap()[0].0, ["op-1", "op-2"]);
}

#[tokio::test]
async fn reports_become_outcomes_and_the_next_run_continues_after_them() {
    let mut world = world();
    let answers = &[("op-1", Reported::Did), ("op-2", Reported::Broke), ("op-2", Reported::GaveBack)];
    desk(&mut world, HandoverMode::Answers(answers));
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["pending", "failed", "skipped", "applied"]);
    assert_eq!(message(&report, 1), "no seat; rolled back to `reader` manually");
    assert!(report.stranded.is_empty() && report.is_stopped);
    // Steps that were reported as done are not requested again.
    let second = desk(&mut world, HandoverMode::Answers(&[("op-2", Reported::Passed), ("op-3", Reported::Did)]));
    let report = world.apply().await;
    assert_eq!(second.taken.lock().unwrap()[0].0, ["op-2", "op-3"]);
    assert_eq!(outcome_names(&report)[..3], ["pending", "skipped", "pending"]);
    assert_eq!(report.skipped_because(SkipReason::Declined), 1);
    assert_eq!(report.stranded.len(), 1, "nobody gave the old license back this time");
    // A requested document lists everything that no reading shows.
    let third = desk(&mut world, HandoverMode::AnotherDocument);
    drop(world.apply().await);
    assert_eq!(third.taken.lock().unwrap()[0].0, ["op-1", "op-2", "op-3"]);
}

#[tokio::test]
async fn step_that_was_shown_before_a_crash_is_uncertain() {
    let mut world = world();
    desk(&mut world, HandoverMode::Dies);
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["unknown", "unknown", "unknown", "applied"]);
    world.tenant.meddle(OperationKind::Remove, "u-1", "reader");
    let second = desk(&mut world, HandoverMode::Answers(&[("op-2", Reported::Did), ("op-3", Reported::Did)]));
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["already", "pending", "pending", "already"]);
    let expected = vec!["op-2".to_owned(), "op-3".to_owned()];
    assert_eq!(second.taken.lock().unwrap()[0], (expected.clone(), expected));
}

#[tokio::test]
async fn reported_removal_frees_its_seat_before_a_reading_shows_it() {
    let mut world = world();
    world.plan_pool("reader", 2, 2);
    desk(&mut world, HandoverMode::Answers(&[("op-1", Reported::Did)]));
    assert_eq!(outcome_names(&world.apply().await)[..3], ["pending", "skipped", "skipped"]);
    let second = desk(&mut world, HandoverMode::Answers(&[("op-2", Reported::Did), ("op-3", Reported::Did)]));
    let report = world.apply().await;
    assert_eq!(second.taken.lock().unwrap()[0].0, ["op-2", "op-3"]);
    assert_eq!(outcome_names(&report)[..3], ["pending"; 3]);
}
