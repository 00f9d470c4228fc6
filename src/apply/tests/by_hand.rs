//! Operations that people carry out: handed over together, settled by reading, and never asked twice.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::world::{Start, World, message, words};
use crate::apply::by_hand::{Hands, Ledger, NotTaken, Taken, Task, Word};
use crate::model::{OperationId, OperationKind, SkipReason};

const START: Start = Start {
    accounts: &[("u-1", &["reader"]), ("u-2", &["reader"]), ("u-3", &[]), ("u-4", &[])],
    pools: &[("reader", 9), ("editor", 9)],
    delay: Duration::ZERO,
    latency: Duration::ZERO,
    concurrency: 1,
};

/// What somebody does with what is handed over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It goes into a document.
    Document,
    /// The same, and an earlier one does not matter.
    AnotherDocument,
    /// Somebody answers at the terminal: the operation and a word, and whether a license was given back.
    Answers(&'static [(&'static str, Said)]),
    /// The program dies before anybody answers.
    Dies,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Did,
    Passed,
    Broke,
    GaveBack,
}

/// Hands that keep what they were given.
struct Desk {
    way: Way,
    taken: Mutex<Vec<(Vec<String>, Vec<String>)>>,
}

fn ids<'a>(ids: impl IntoIterator<Item = &'a OperationId>) -> Vec<String> {
    ids.into_iter().map(|id| id.0.to_string()).collect()
}

impl Hands for Desk {
    fn are_here(&self) -> bool {
        matches!(self.way, Way::Answers(_) | Way::Dies)
    }

    fn insist(&self) -> bool {
        self.way == Way::AnotherDocument
    }

    fn export(&self, _: &str) -> Option<String> {
        Some("list.csv".to_owned())
    }

    fn take(&self, task: &Task, ledger: &dyn Ledger) -> Result<Taken, NotTaken> {
        self.taken.lock().unwrap().push((ids(&task.open), ids(&task.doubtful)));
        let answers = match self.way {
            Way::Document | Way::AnotherDocument => {
                ledger.shown(&task.open.iter().cloned().collect::<Vec<_>>())?;
                return Ok(Taken::Document("steps.md".to_owned()));
            }
            Way::Answers(answers) => answers,
            Way::Dies => {
                ledger.shown(&task.open.iter().cloned().collect::<Vec<_>>())?;
                panic!("somebody pulled the plug");
            }
        };
        for (id, said) in answers {
            let id = OperationId((*id).into());
            let word = match said {
                Said::Did => Word::Done,
                Said::Passed => Word::Skipped,
                Said::Broke => Word::Failed("no seat".to_owned()),
                Said::GaveBack => {
                    ledger.gave_back(&id, true)?;
                    continue;
                }
            };
            ledger.shown(std::slice::from_ref(&id))?;
            ledger.said(&[(id, word)])?;
        }
        Ok(Taken::Asked)
    }
}

/// A world whose `wiki` is changed by hand: one moves, one waits for the seat, one gains; and one gains at `notes`.
fn world() -> World {
    let mut world = World::new(&START);
    world.plan_move("u-1", "reader", "editor", &[]);
    world.plan(OperationKind::Assign, "u-3", "reader", &["op-1"]);
    world.plan(OperationKind::Assign, "u-4", "editor", &[]).tenant = "notes".into();
    world
}

fn desk(world: &mut World, way: Way) -> Arc<Desk> {
    let desk = Arc::new(Desk { way, taken: Mutex::default() });
    world.hands = Some(Arc::<Desk>::clone(&desk));
    desk
}

#[tokio::test]
async fn what_is_done_by_hand_is_handed_over_together_and_the_rest_is_sent() {
    let mut world = world();
    let first = desk(&mut world, Way::Document);
    let conclusion = world.apply().await;
    assert_eq!(words(&conclusion), ["pending", "pending", "pending", "applied"]);
    assert_eq!(first.taken.lock().unwrap()[0].0, ["op-1", "op-2", "op-3"]);
    assert_eq!(message(&conclusion, 0), "handed over in `steps.md`");
    assert!(world.tenant.sent().is_empty() && world.notes.sent().len() == 1);
    // Nobody did anything yet, and nobody is asked twice.
    let second = desk(&mut world, Way::Document);
    let conclusion = world.apply().await;
    assert_eq!(words(&conclusion), ["pending", "pending", "pending", "already"]);
    assert!(second.taken.lock().unwrap().is_empty());
    assert!(message(&conclusion, 0).contains("`steps.md` by `run-20261121-100000-1`; `list.csv`"), "{conclusion:?}");
    // Somebody did a part of it.
    world.tenant.meddle(OperationKind::Remove, "u-1", "reader");
    let conclusion = world.apply().await;
    assert_eq!(words(&conclusion)[..3], ["already", "pending", "pending"]);
    world.tenant.meddle(OperationKind::Assign, "u-1", "editor");
    world.tenant.meddle(OperationKind::Assign, "u-3", "reader");
    let conclusion = world.apply().await;
    assert_eq!(words(&conclusion), ["already"; 4]);
    assert!(conclusion.run.summary.is_complete());
}

#[tokio::test]
async fn whoever_changed_since_the_plan_is_not_handed_over() {
    let mut world = world();
    world.plan(OperationKind::Remove, "u-2", "reader", &["op-3"]);
    let taken = desk(&mut world, Way::Document);
    world.tenant.meddle(OperationKind::Assign, "u-3", "editor");
    let conclusion = world.apply().await;
    assert_eq!(words(&conclusion), ["pending", "pending", "skipped", "applied", "skipped"]);
    assert_eq!((conclusion.skipped_for(SkipReason::Stale), conclusion.skipped_for(SkipReason::Dependent)), (1, 1));
    assert_eq!(taken.taken.lock().unwrap()[0].0, ["op-1", "op-2"]);
}

#[tokio::test]
async fn words_are_pending_failed_and_skipped_and_the_next_run_goes_on_behind_them() {
    let mut world = world();
    let answers = &[("op-1", Said::Did), ("op-2", Said::Broke), ("op-2", Said::GaveBack)];
    desk(&mut world, Way::Answers(answers));
    let conclusion = world.apply().await;
    assert_eq!(words(&conclusion), ["pending", "failed", "skipped", "applied"]);
    assert_eq!(message(&conclusion, 1), "no seat; `reader` was given back by hand");
    assert!(conclusion.stranded.is_empty() && conclusion.stopped);
    // What was answered as done is not asked for again; the others are.
    let second = desk(&mut world, Way::Answers(&[("op-2", Said::Passed), ("op-3", Said::Did)]));
    let conclusion = world.apply().await;
    assert_eq!(second.taken.lock().unwrap()[0].0, ["op-2", "op-3"]);
    assert_eq!(words(&conclusion)[..3], ["pending", "skipped", "pending"]);
    assert_eq!(conclusion.skipped_for(SkipReason::Declined), 1);
    assert_eq!(conclusion.stranded.len(), 1, "nobody gave the old license back this time");
    // A document that somebody asks for holds what no reading shows.
    let third = desk(&mut world, Way::AnotherDocument);
    drop(world.apply().await);
    assert_eq!(third.taken.lock().unwrap()[0].0, ["op-1", "op-2", "op-3"]);
}

#[tokio::test]
async fn what_was_shown_when_the_program_died_is_asked_for_again_with_a_warning() {
    let mut world = world();
    desk(&mut world, Way::Dies);
    let conclusion = world.apply().await;
    assert_eq!(words(&conclusion), ["unknown", "unknown", "unknown", "applied"]);
    world.tenant.meddle(OperationKind::Remove, "u-1", "reader");
    let second = desk(&mut world, Way::Answers(&[("op-2", Said::Did), ("op-3", Said::Did)]));
    let conclusion = world.apply().await;
    assert_eq!(words(&conclusion), ["already", "pending", "pending", "already"]);
    let expected = vec!["op-2".to_owned(), "op-3".to_owned()];
    assert_eq!(second.taken.lock().unwrap()[0], (expected.clone(), expected));
}

#[tokio::test]
async fn a_seat_that_somebody_said_to_have_freed_is_counted_on_although_no_reading_shows_it() {
    let mut world = world();
    world.plan_pool("reader", 2, 2);
    desk(&mut world, Way::Answers(&[("op-1", Said::Did)]));
    assert_eq!(words(&world.apply().await)[..3], ["pending", "skipped", "skipped"]);
    let second = desk(&mut world, Way::Answers(&[("op-2", Said::Did), ("op-3", Said::Did)]));
    let conclusion = world.apply().await;
    assert_eq!(second.taken.lock().unwrap()[0].0, ["op-2", "op-3"]);
    assert_eq!(words(&conclusion)[..3], ["pending"; 3]);
}
