//! The observed effect of each kind of operation, in every state of an account.

use super::*;
use crate::apply::tests::fixture;
use crate::profile::tests::rules;

fn held(license: &str, state: HoldingState) -> Holding {
    Holding { state, ..fixture::holding(license) }
}

fn account(holdings: &[Holding]) -> Account {
    Account { memberships: vec!["sales".into()], ..fixture::account("u-1", holdings.to_vec()) }
}

fn operation(kind: OperationKind, license: &str, to: Option<&str>) -> Operation {
    Operation { to: to.map(Into::into), ..fixture::operation("op-1", kind, "u-1", license) }
}

/// Returns the observed effect at a vendor with a floor, for an account that held `before` and holds `now`.
fn seen(operation: &Operation, before: &[Holding], now: &[Holding]) -> ObservedEffect {
    observe_effect(&rules("avaya-spaces"), operation, Some(before), Some(&account(now)))
}

fn other(text: &str) -> ObservedEffect {
    ObservedEffect::Other(text.to_owned())
}

#[test]
fn change_is_present_when_the_new_license_is_in_effect() {
    use HoldingState::{Active, Cancelled, Error, Pending, Removing};
    let change = operation(OperationKind::Change, "business", Some("power"));
    let before = [held("business", Active)];
    assert_eq!(seen(&change, &before, &[held("power", Active)]), ObservedEffect::Present);
    assert_eq!(
        seen(&change, &before, &[held("business", Removing), held("power", Pending)]),
        ObservedEffect::InProgress
    );
    assert_eq!(seen(&change, &before, &before), ObservedEffect::Absent);
    assert_eq!(
        seen(&change, &before, &[held("business", Active), held("power", Error)]),
        other("the request for `power` ended as `error`")
    );
    let leftover = [held("business", Active), held("power", Cancelled)];
    assert_eq!(seen(&change, &leftover, &leftover), ObservedEffect::Absent, "an old failure says nothing");
}

#[test]
fn silent_downgrade_is_reported_with_the_assigned_license() {
    let change = operation(OperationKind::Change, "business", Some("power"));
    let before = [held("business", HoldingState::Active)];
    let now = [held("essential", HoldingState::Active)];
    assert_eq!(seen(&change, &before, &now), other("the vendor assigned `essential` instead of `power`"));
}

#[test]
fn trial_does_not_count_as_the_new_license() {
    let change = operation(OperationKind::Change, "power", Some("power"));
    let trial = [Holding { trial: true, ..held("power", HoldingState::Active) }];
    assert_eq!(seen(&change, &trial, &trial), ObservedEffect::Absent);
    assert_eq!(seen(&change, &trial, &[held("power", HoldingState::Active)]), ObservedEffect::Present);
}

#[test]
fn floor_is_present_for_an_account_without_other_licenses() {
    let change = operation(OperationKind::Change, "power", Some("essential"));
    let before = [held("power", HoldingState::Active)];
    assert_eq!(seen(&change, &before, &[]), ObservedEffect::Present);
    assert_eq!(seen(&change, &before, &[held("power", HoldingState::Removing)]), ObservedEffect::Absent);
}

#[test]
fn removal_is_present_without_a_direct_holding() {
    use HoldingState::{Active, Removing};
    let remove = operation(OperationKind::Remove, "power", None);
    let before = [held("power", Active)];
    assert_eq!(seen(&remove, &before, &[held("essential", Active)]), ObservedEffect::Present);
    assert_eq!(seen(&remove, &before, &[held("power", Removing)]), ObservedEffect::InProgress);
    assert_eq!(seen(&remove, &before, &before), ObservedEffect::Absent);
    let inherited = Holding { origin: HoldingOrigin::Group("x".into()), ..held("power", Active) };
    assert_eq!(seen(&remove, &before, &[inherited]), ObservedEffect::Present);
}

#[test]
fn cancel_is_present_without_an_open_request() {
    use HoldingState::{Active, Cancelled, Pending};
    let cancel = operation(OperationKind::Cancel, "power", None);
    let before = [held("essential", Active), held("power", Pending)];
    assert_eq!(seen(&cancel, &before, &[held("essential", Active), held("power", Cancelled)]), ObservedEffect::Present);
    assert_eq!(seen(&cancel, &before, &before), ObservedEffect::Absent);
    assert_eq!(
        seen(&cancel, &before, &[held("power", Active)]),
        other("`power` took effect before it could be cancelled")
    );
}

#[test]
fn restore_is_present_with_every_membership() {
    let mut restore = operation(OperationKind::Restore, "power", None);
    restore.memberships = vec!["sales".into()];
    assert_eq!(seen(&restore, &[], &[]), ObservedEffect::Present);
    restore.memberships.push("support".into());
    assert_eq!(seen(&restore, &[], &[]), ObservedEffect::Absent);
}

#[test]
fn missing_account_satisfies_removals_and_no_assignments() {
    let rules = rules("avaya-spaces");
    assert_eq!(
        observe_effect(&rules, &operation(OperationKind::Remove, "power", None), None, None),
        ObservedEffect::Present
    );
    assert_eq!(
        observe_effect(&rules, &operation(OperationKind::Assign, "power", None), None, None),
        other("the account no longer exists")
    );
}

#[test]
fn holdings_are_described_with_state_and_origin() {
    let rules = rules("8x8");
    let holdings = [
        held("X2", HoldingState::Pending),
        Holding { trial: true, origin: HoldingOrigin::Derived, ..held("X4", HoldingState::Active) },
    ];
    assert_eq!(describe_holdings(&rules, "X4", &account(&holdings)), "holds `X2` (pending), `X4` (trial, derived)");
    assert_eq!(describe_holdings(&rules, "X4", &account(&[])), "holds no license");
    assert_eq!(
        describe_holdings(&crate::profile::tests::rules("officeseries"), "main/timesheet", &account(&[])),
        "does not hold `main/timesheet`"
    );
}
