//! The simulator for each vendor: operations, refusals and delays.

use jiff::SignedDuration;
use jiff::civil::date;

use super::*;
use crate::model::{AccountOrigin, ChangeId, ChangeKind, Effect, Expects, OperationId, PoolStatus};
use crate::profile::tests::{rules, wiki};

/// 2026-11-21T10:00:00Z.
pub(super) const NOW: Timestamp = Timestamp::constant(1_795_255_200, 0);

pub(super) fn holding(license: &str) -> Holding {
    Holding {
        license: license.into(),
        state: HoldingState::Active,
        origin: HoldingOrigin::Direct,
        trial: false,
        expires: None,
        due: None,
    }
}

pub(super) fn account(id: &str, holdings: Vec<Holding>) -> Account {
    Account {
        id: id.into(),
        email: format!("{id}@acme.example").into(),
        login: None,
        origin: AccountOrigin::Managed,
        memberships: Vec::new(),
        holdings,
    }
}

pub(super) fn pool(license: &str, total: u64, used: Option<u64>) -> Pool {
    Pool { license: license.into(), total: Some(total), used, expires: None, status: PoolStatus::Active }
}

pub(super) fn simulator(rules: Rules, delay: u64, pools: Vec<Pool>, accounts: Vec<Account>) -> Simulator {
    let state = Observation {
        api_version: crate::model::API_VERSION.into(),
        kind: "observation".into(),
        tenant: "tenant".into(),
        vendor: rules.profile().name.into(),
        observed_at: NOW,
        complete: true,
        busy: None,
        pools,
        accounts,
    };
    Simulator::new(rules, Duration::from_secs(delay), state)
}

pub(crate) fn operation(kind: OperationKind, account: &str, license: &str, to: Option<&str>) -> Operation {
    Operation {
        id: OperationId("op-1".into()),
        change: ChangeId("ch-1".into()),
        kind,
        effect: Effect::Move,
        tenant: "tenant".into(),
        person: "ana@acme.example".into(),
        account: account.into(),
        license: license.into(),
        to: to.map(Into::into),
        after: Vec::new(),
        parked: false,
        loses: Vec::new(),
        keeps: Vec::new(),
        follow_ups: Vec::new(),
        memberships: Vec::new(),
        expects: Expects { holdings: crate::model::Digest::of_bytes(b"") },
        on_failure: None,
        why: String::new(),
        source: None,
    }
}

fn held(simulator: &Simulator, id: &str) -> Vec<String> {
    let holdings = &simulator.account(id).unwrap().holdings;
    holdings.iter().map(|holding| format!("{} {}", holding.license, holding.state.as_str())).collect()
}

fn refusal(answer: Result<SimulatorReply, SimulatorRefusal>) -> RefusalReason {
    answer.unwrap_err().reason
}

#[test]
fn remove_precedes_assign_and_deletes_memberships_until_they_are_restored() {
    let mut ana = account("a", vec![holding("X2")]);
    ana.memberships = vec!["rg-sales".into()];
    let mut phones = simulator(rules("8x8"), 0, vec![pool("X2", 1, Some(1)), pool("X4", 1, None)], vec![ana]);
    let assign = operation(OperationKind::Assign, "a", "X4", None);
    assert_eq!(refusal(phones.execute(&assign, NOW)), RefusalReason::Conflict);
    assert_eq!(
        refusal(phones.execute(&operation(OperationKind::Change, "a", "X2", Some("X4")), NOW)),
        RefusalReason::Forbidden
    );
    let remove = operation(OperationKind::Remove, "a", "X2", None);
    assert_eq!(phones.execute(&remove, NOW), Ok(SimulatorReply::Done));
    assert_eq!(phones.account("a").unwrap().memberships, [""; 0]);
    assert_eq!(phones.state().pools[0].used, Some(0), "a pool that states its seats goes on to");
    assert_eq!(phones.state().pools[1].used, None, "a pool that does not, does not begin to");
    assert_eq!(phones.execute(&remove, NOW), Ok(SimulatorReply::Already));
    assert_eq!(phones.execute(&assign, NOW), Ok(SimulatorReply::Done));
    assert_eq!(phones.execute(&assign, NOW), Ok(SimulatorReply::Already));
    let mut restore = operation(OperationKind::Restore, "a", "X4", None);
    restore.memberships = vec!["rg-sales".into()];
    assert_eq!(phones.execute(&restore, NOW), Ok(SimulatorReply::Done));
    assert_eq!(phones.account("a").unwrap().memberships, ["rg-sales"]);
    assert_eq!(phones.execute(&restore, NOW), Ok(SimulatorReply::Already));
}

#[test]
fn full_pool_refuses_and_changes_nothing() {
    let people = vec![account("a", vec![holding("essential")]), account("b", vec![holding("power")])];
    let mut spaces =
        simulator(rules("avaya-spaces"), 0, vec![pool("power", 1, None), pool("essential", 0, None)], people);
    let before = spaces.state().clone();
    let upgrade = operation(OperationKind::Change, "a", "essential", Some("power"));
    assert_eq!(refusal(spaces.execute(&upgrade, NOW)), RefusalReason::NoSeat);
    assert_eq!(*spaces.state(), before);
    assert_eq!(
        spaces.execute(&operation(OperationKind::Change, "b", "power", Some("essential")), NOW),
        Ok(SimulatorReply::Done)
    );
    assert_eq!(
        spaces.execute(&upgrade, NOW),
        Ok(SimulatorReply::Done),
        "the floor is unlimited, and its seat was freed"
    );
}

#[test]
fn seats_of_unlisted_accounts_count() {
    let mut phones = simulator(rules("8x8"), 0, vec![pool("X4", 5, Some(5))], vec![account("a", vec![])]);
    assert_eq!(refusal(phones.execute(&operation(OperationKind::Assign, "a", "X4", None), NOW)), RefusalReason::NoSeat);
}

#[test]
fn expired_license_silently_becomes_the_floor() {
    let expired = Pool { expires: Some(date(2026, 11, 21)), ..pool("power", 9, None) };
    let people = vec![account("a", vec![holding("business")]), account("b", vec![holding("essential")])];
    let mut spaces = simulator(rules("avaya-spaces"), 0, vec![expired], people);
    assert_eq!(
        spaces.execute(&operation(OperationKind::Change, "a", "business", Some("power")), NOW),
        Ok(SimulatorReply::Done)
    );
    assert_eq!(
        spaces.execute(&operation(OperationKind::Change, "b", "essential", Some("power")), NOW),
        Ok(SimulatorReply::Done)
    );
    assert_eq!(
        (held(&spaces, "a"), held(&spaces, "b")),
        (vec!["essential active".into()], vec!["essential active".into()])
    );
}

#[test]
fn closed_pools_refuse_seats_and_for_some_vendors_removals() {
    let inactive = Pool { status: PoolStatus::Inactive, ..pool("main/timesheet", 9, None) };
    let people = || vec![account("a", vec![holding("main/timesheet")]), account("b", vec![])];
    let remove = operation(OperationKind::Remove, "a", "main/timesheet", None);
    let assign = operation(OperationKind::Assign, "b", "main/timesheet", None);
    let mut office = simulator(rules("officeseries"), 60, vec![inactive.clone()], people());
    assert_eq!(refusal(office.execute(&remove, NOW)), RefusalReason::Conflict);
    assert_eq!(refusal(office.execute(&assign, NOW)), RefusalReason::Conflict);
    let mut phones = simulator(rules("8x8"), 0, vec![inactive], people());
    assert_eq!(refusal(phones.execute(&assign, NOW)), RefusalReason::Conflict);
    assert_eq!(phones.execute(&remove, NOW), Ok(SimulatorReply::Done));
}

#[test]
fn licenses_of_a_set_are_immediate_and_independent() {
    let mut office = simulator(rules("officeseries"), 60, vec![], vec![account("a", vec![holding("main/timesheet")])]);
    assert_eq!(
        office.execute(&operation(OperationKind::Assign, "a", "main/projects", None), NOW),
        Ok(SimulatorReply::Done)
    );
    assert_eq!(held(&office, "a"), ["main/timesheet active", "main/projects active"]);
}

#[test]
fn trials_never_fall_to_the_floor() {
    let trial = Holding { trial: true, ..holding("business") };
    let mut spaces = simulator(rules("avaya-spaces"), 0, vec![], vec![account("a", vec![trial])]);
    for (kind, to) in [(OperationKind::Remove, None), (OperationKind::Change, Some("essential"))] {
        assert_eq!(refusal(spaces.execute(&operation(kind, "a", "business", to), NOW)), RefusalReason::Forbidden);
    }
    assert_eq!(
        refusal(spaces.execute(&operation(OperationKind::Assign, "a", "essential", None), NOW)),
        RefusalReason::Forbidden
    );
    assert_eq!(spaces.execute(&operation(OperationKind::Assign, "a", "power", None), NOW), Ok(SimulatorReply::Done));
    assert_eq!(held(&spaces, "a"), ["power active"]);
}

#[test]
fn foreign_accounts_unknown_accounts_and_busy_periods_are_refused() {
    let mut group = account("g", vec![]);
    group.origin = AccountOrigin::Group("CN=Sales".into());
    let mut spaces = simulator(rules("avaya-spaces"), 0, vec![], vec![group]);
    let assign = |id| operation(OperationKind::Assign, id, "power", None);
    assert_eq!(refusal(spaces.execute(&assign("g"), NOW)), RefusalReason::Forbidden);
    assert_eq!(refusal(spaces.execute(&assign("x"), NOW)), RefusalReason::UnknownAccount);
    spaces.set_busy(Some("LDAP synchronization".to_owned()));
    assert_eq!(refusal(spaces.execute(&assign("g"), NOW)), RefusalReason::Busy);
}

#[test]
fn derived_and_inherited_holdings_are_not_changed() {
    let derived = Holding { origin: HoldingOrigin::Derived, ..holding("DID") };
    let mut phones = simulator(rules("8x8"), 0, vec![], vec![account("a", vec![derived])]);
    assert_eq!(
        refusal(phones.execute(&operation(OperationKind::Remove, "a", "DID", None), NOW)),
        RefusalReason::Forbidden
    );
    assert_eq!(
        phones.execute(&operation(OperationKind::Assign, "a", "X4", None), NOW),
        Ok(SimulatorReply::Done),
        "nor in the way"
    );
}

#[test]
fn requests_are_pending_until_due_and_use_both_seats() {
    let people = vec![account("a", vec![holding("business")])];
    let pools = vec![pool("business", 1, Some(1)), pool("power", 1, Some(0))];
    let mut spaces = simulator(rules("avaya-spaces"), 60, pools, people);
    let change = operation(OperationKind::Change, "a", "business", Some("power"));
    assert_eq!(spaces.execute(&change, NOW), Ok(SimulatorReply::Accepted));
    assert_eq!(spaces.execute(&change, NOW), Ok(SimulatorReply::Accepted), "asked again, it is the same request");
    assert_eq!(held(&spaces, "a"), ["business removing", "power pending"]);
    assert_eq!((spaces.state().pools[0].used, spaces.state().pools[1].used), (Some(1), Some(1)));
    assert!(!spaces.advance(NOW + SignedDuration::from_secs(59)));
    assert!(spaces.advance(NOW + SignedDuration::from_secs(60)));
    assert_eq!(held(&spaces, "a"), ["power active"]);
    assert_eq!((spaces.state().pools[0].used, spaces.state().pools[1].used), (Some(0), Some(1)));
    assert_eq!(spaces.execute(&change, NOW + SignedDuration::from_secs(61)), Ok(SimulatorReply::Already));
}

#[test]
fn upgrade_is_cancelled_only_from_essential_or_a_trial() {
    let people = vec![account("a", vec![holding("essential")]), account("b", vec![holding("business")])];
    let mut spaces = simulator(rules("avaya-spaces"), 60, vec![pool("power", 9, Some(0))], people);
    spaces.execute(&operation(OperationKind::Change, "a", "essential", Some("power")), NOW).unwrap();
    spaces.execute(&operation(OperationKind::Change, "b", "business", Some("power")), NOW).unwrap();
    let cancel = |id| operation(OperationKind::Cancel, id, "power", None);
    assert_eq!(spaces.execute(&cancel("a"), NOW), Ok(SimulatorReply::Done));
    assert_eq!(spaces.execute(&cancel("a"), NOW), Ok(SimulatorReply::Already));
    assert_eq!(refusal(spaces.execute(&cancel("b"), NOW)), RefusalReason::Forbidden);
    assert_eq!((held(&spaces, "a"), spaces.state().pools[0].used), (vec!["essential active".to_owned()], Some(1)));
    spaces.advance(NOW + SignedDuration::from_secs(60));
    assert_eq!(
        (held(&spaces, "a"), held(&spaces, "b")),
        (vec!["essential active".into()], vec!["power active".into()])
    );
    assert_eq!(refusal(spaces.execute(&cancel("b"), NOW)), RefusalReason::Conflict, "it is in effect");
}

#[test]
fn upgrade_of_a_trial_to_its_own_license_is_one_request_of_either_kind() {
    let assign = operation(OperationKind::Assign, "a", "power", None);
    let change = operation(OperationKind::Change, "a", "power", Some("power"));
    for upgrade in [assign, change] {
        let trial = Holding { trial: true, ..holding("power") };
        let pools = vec![pool("power", 1, Some(0))];
        let mut spaces = simulator(rules("avaya-spaces"), 60, pools, vec![account("a", vec![trial.clone()])]);
        assert_eq!(spaces.execute(&upgrade, NOW), Ok(SimulatorReply::Accepted));
        assert_eq!(spaces.execute(&upgrade, NOW), Ok(SimulatorReply::Accepted));
        assert_eq!(
            spaces.execute(&operation(OperationKind::Cancel, "a", "power", None), NOW),
            Ok(SimulatorReply::Done)
        );
        assert_eq!(spaces.account("a").unwrap().holdings, [trial]);
        assert_eq!(spaces.execute(&upgrade, NOW), Ok(SimulatorReply::Accepted));
        let then = NOW + SignedDuration::from_secs(60);
        assert!(spaces.advance(then));
        assert_eq!(spaces.account("a").unwrap().holdings, [holding("power")]);
        assert_eq!(spaces.state().pools[0].used, Some(1));
        assert_eq!(spaces.execute(&upgrade, then), Ok(SimulatorReply::Already));
    }
}

#[test]
fn pending_removal_keeps_seat_and_memberships_until_due() {
    let mut ana = account("a", vec![holding("X2")]);
    ana.memberships = vec!["rg-sales".into()];
    let mut phones = simulator(rules("8x8"), 5, vec![pool("X2", 1, Some(1))], vec![ana]);
    let remove = operation(OperationKind::Remove, "a", "X2", None);
    assert_eq!(phones.execute(&remove, NOW), Ok(SimulatorReply::Accepted));
    assert_eq!(
        refusal(phones.execute(&operation(OperationKind::Assign, "a", "X4", None), NOW)),
        RefusalReason::Conflict
    );
    assert_eq!((held(&phones, "a"), phones.state().pools[0].used), (vec!["X2 removing".to_owned()], Some(1)));
    assert_eq!(phones.account("a").unwrap().memberships, ["rg-sales"]);
    phones.advance(NOW + SignedDuration::from_secs(5));
    assert_eq!((held(&phones, "a").len(), phones.state().pools[0].used), (0, Some(0)));
    assert_eq!(phones.account("a").unwrap().memberships, [""; 0]);
}

#[test]
fn reloaded_simulator_completes_due_requests() {
    let mut first = simulator(rules("8x8"), 5, vec![], vec![account("a", vec![])]);
    first.execute(&operation(OperationKind::Assign, "a", "X4", None), NOW).unwrap();
    let mut second = Simulator::new(rules("8x8"), Duration::ZERO, first.state().clone());
    assert!(second.advance(NOW + SignedDuration::from_secs(5)));
    assert_eq!(held(&second, "a"), ["X4 active"]);
}

#[test]
fn seats_are_released_only_if_the_vendor_supports_it() {
    let release = operation(OperationKind::Release, "", "X4", None);
    assert_eq!(simulator(rules("8x8"), 0, vec![], vec![]).execute(&release, NOW), Ok(SimulatorReply::Done));
    assert_eq!(
        refusal(simulator(rules("officeseries"), 0, vec![], vec![]).execute(&release, NOW)),
        RefusalReason::Forbidden
    );
}

#[test]
fn generic_floor_with_removal_first_is_replaced() {
    let settings = wiki(ChangeKind::RemoveThenAssign, Some("reader"));
    let mut wiki =
        simulator(Rules::resolve(&settings).unwrap(), 0, vec![], vec![account("a", vec![holding("editor")])]);
    assert_eq!(
        refusal(wiki.execute(&operation(OperationKind::Assign, "a", "owner", None), NOW)),
        RefusalReason::Conflict
    );
    assert_eq!(wiki.execute(&operation(OperationKind::Remove, "a", "editor", None), NOW), Ok(SimulatorReply::Done));
    assert_eq!(held(&wiki, "a"), ["reader active"]);
    assert_eq!(wiki.execute(&operation(OperationKind::Assign, "a", "owner", None), NOW), Ok(SimulatorReply::Done));
    assert_eq!(held(&wiki, "a"), ["owner active"]);
}
