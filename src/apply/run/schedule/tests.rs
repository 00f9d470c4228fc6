//! Which operation is next, without any vendor.

use super::*;
use crate::apply::tests::fixture::{document, operation};
use crate::model::OperationId;

/// A plan of operations such as `remove a X2`, each after those of the numbers.
fn schedule(operations: &[(&str, &[usize])]) -> Schedule {
    let operations = operations.iter().enumerate().map(|(at, (words, after))| {
        let mut words = words.split(' ');
        let kind = match words.next().unwrap() {
            "remove" => OperationKind::Remove,
            "assign" => OperationKind::Assign,
            "restore" => OperationKind::Restore,
            other => panic!("{other}"),
        };
        let mut one = operation(&format!("op-{at}"), kind, words.next().unwrap(), words.next().unwrap());
        one.after = after.iter().map(|at| OperationId(format!("op-{at}").into())).collect();
        one.effect = Effect::Move;
        one
    });
    let mut schedule = Schedule::new(&Arc::new(document(operations.collect())));
    schedule.set_open("wiki", true);
    schedule
}

fn all(schedule: &mut Schedule) -> Vec<OperationIndex> {
    std::iter::from_fn(|| schedule.next("wiki", DispatchFilter::ALL)).collect()
}

#[test]
fn closing_a_gap_goes_first_and_ignores_the_filter() {
    let mut plan = schedule(&[("remove a X", &[]), ("assign c X", &[]), ("assign a Y", &[0]), ("remove b X", &[])]);
    let nothing = DispatchFilter { additions: false, removals: false };
    assert_eq!(plan.next("wiki", nothing), None);
    assert_eq!(plan.next("wiki", DispatchFilter { additions: true, removals: false }), Some(1));
    assert_eq!(plan.next("wiki", DispatchFilter::ALL), Some(0));
    assert_eq!(plan.end(0, true), []);
    plan.set_open("wiki", false);
    assert_eq!(all(&mut plan), [2]);
    plan.set_open("wiki", true);
    assert_eq!(all(&mut plan), [3]);
}

#[test]
fn account_has_one_operation_in_flight() {
    let mut plan = schedule(&[("assign a X", &[]), ("assign a Y", &[]), ("assign b X", &[])]);
    assert_eq!(all(&mut plan), [0, 2]);
    assert_eq!(plan.in_flight("wiki"), 2);
    plan.end(0, true);
    assert_eq!(all(&mut plan), [1]);
}

#[test]
fn companions_share_a_slot_and_have_one_kind() {
    let mut plan = schedule(&[("assign a X", &[]), ("assign a Y", &[]), ("assign b X", &[]), ("remove c X", &[])]);
    assert_eq!(plan.next("wiki", DispatchFilter::ALL), Some(0));
    assert_eq!(plan.next_companions(0, 9), [2], "the second one of the same account waits");
    assert_eq!(plan.in_flight("wiki"), 1);
    assert_eq!(all(&mut plan), [3]);
}

#[test]
fn dependents_are_dropped_with_their_cause() {
    let mut plan = schedule(&[("remove a X", &[]), ("assign a Y", &[0]), ("assign b X", &[0]), ("remove c X", &[])]);
    assert_eq!(plan.next("wiki", DispatchFilter::ALL), Some(0));
    let dropped = plan.end(0, false);
    assert_eq!(dropped, [DroppedOperation { index: 1, cause: 0 }, DroppedOperation { index: 2, cause: 0 }]);
    assert_eq!(all(&mut plan), [3]);
}

#[test]
fn change_is_dropped_from_its_first_unsent_operation_on() {
    let mut plan = schedule(&[("remove a X", &[]), ("assign a Y", &[0]), ("restore a Y", &[1]), ("assign b X", &[0])]);
    let (own, others) = plan.drop_change(1);
    assert_eq!(own, [0, 1]);
    assert_eq!(others.iter().map(|dropped| dropped.index).collect::<Vec<_>>(), [2, 3]);
    assert!(all(&mut plan).is_empty());
}

#[test]
fn closing_a_gap_needs_all_operations_before_it() {
    // `a` is parked: the seat comes when `b` has moved.
    let ring = [
        ("remove a X", &[][..]),
        ("remove b Y", &[0]),
        ("assign b X", &[1]),
        ("assign a Y", &[0, 1]),
        ("remove c X", &[]),
    ];
    let mut plan = schedule(&ring);
    assert!(plan.needed_to_close(&|_| true).is_empty(), "nobody is in a gap");
    assert_eq!(plan.next("wiki", DispatchFilter::ALL), Some(0));
    assert_eq!(plan.needed_to_close(&|_| true).into_iter().collect::<Vec<_>>(), [1, 2, 3]);
    plan.end(0, true);
    assert_eq!(plan.drop_all_except(&plan.needed_to_close(&|_| true)), [4]);
    assert_eq!(all(&mut plan), [1]);
}

#[test]
fn gap_with_too_many_operations_is_not_closed() {
    let mut operations = vec![("remove a X".to_owned(), vec![])];
    for at in 1..100 {
        operations.push((format!("remove p{at} X"), vec![at - 1]));
    }
    operations.push(("assign a Y".to_owned(), vec![0, 99]));
    let operations: Vec<(&str, &[usize])> =
        operations.iter().map(|(words, after)| (words.as_str(), after.as_slice())).collect();
    let mut plan = schedule(&operations);
    plan.next("wiki", DispatchFilter::ALL);
    assert!(plan.needed_to_close(&|_| true).is_empty());
}
