//! Properties of the simulator over random operations.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use proptest::prelude::*;

use super::tests::{NOW, account, holding, operation, pool, simulator};
use super::*;
use crate::model::ChangeKind;
use crate::profile::tests::{rules, wiki};

/// Returns the rules of a vendor, its licenses, and the initial license.
fn world(which: usize) -> (Rules, [&'static str; 3], Option<&'static str>) {
    match which {
        0 => (rules("avaya-spaces"), ["essential", "business", "power"], Some("essential")),
        1 => (rules("8x8"), ["X2", "X4", "X6"], None),
        2 => (rules("officeseries"), ["main/a", "main/b", "main/c"], None),
        3 => {
            let settings = wiki(ChangeKind::RemoveThenAssign, Some("reader"));
            (Rules::resolve(&settings).unwrap(), ["reader", "editor", "owner"], Some("reader"))
        }
        _ => (Rules::resolve(&wiki(ChangeKind::Atomic, None)).unwrap(), ["reader", "editor", "owner"], None),
    }
}

const KINDS: [OperationKind; 4] =
    [OperationKind::Cancel, OperationKind::Remove, OperationKind::Change, OperationKind::Assign];
const PEOPLE: [&str; 4] = ["a", "b", "c", "d"];

/// Returns the seats that all accounts use.
fn counted(state: &Observation) -> BTreeMap<SmolStr, u64> {
    let mut seats = BTreeMap::new();
    for holding in state.accounts.iter().flat_map(|account| &account.holdings).filter(|held| held.uses_seat()) {
        *seats.entry(holding.license.clone()).or_insert(0) += 1;
    }
    seats
}

fn check(simulator: &Simulator, floor: Option<&str>) {
    let seats = counted(simulator.state());
    for pool in &simulator.state().pools {
        let taken = seats.get(&pool.license).copied().unwrap_or(0);
        assert_eq!(pool.used, Some(taken), "the pool of {} states the held seats", pool.license);
        if !simulator.rules().is_floor(&pool.license) {
            assert!(Some(taken) <= pool.total, "{} is over its total", pool.license);
        }
    }
    for account in &simulator.state().accounts {
        let mut in_effect: BTreeMap<Family, usize> = BTreeMap::new();
        for holding in account.holdings.iter().filter(|holding| holding.state != HoldingState::Pending) {
            assert!(holding.state.is_held());
            *in_effect.entry(simulator.rules().family(&holding.license)).or_insert(0) += 1;
        }
        assert!(in_effect.values().all(|count| *count == 1), "{account:?}");
        if let Some(floor) = floor {
            assert_eq!(in_effect.get(&simulator.rules().family(floor)), Some(&1), "{account:?}");
        }
    }
}

proptest! {
    #[test]
    fn seats_stay_consistent_over_any_operations(
        which in 0..5usize,
        delay in prop_oneof![Just(0u64), Just(10)],
        trials in proptest::collection::vec(any::<bool>(), 4),
        steps in proptest::collection::vec((0..4usize, 0..4usize, 0..3usize, 0..3usize, 0..8i64), 1..60),
    ) {
        let (rules, licenses, floor) = world(which);
        let people: Vec<Account> = PEOPLE.iter().zip(trials).map(|(id, trial)| {
            let holdings = floor.map(|floor| match trial {
                true => Holding { trial: true, ..holding(licenses[1]) },
                false => holding(floor),
            });
            account(id, holdings.into_iter().collect())
        }).collect();
        let mut start = simulator(rules.clone(), delay, Vec::new(), people).state().clone();
        let seats = counted(&start);
        start.pools = licenses.iter().zip([0, 2, 1]).map(|(license, total)| {
            pool(license, total, Some(seats.get(*license).copied().unwrap_or(0)))
        }).collect();
        let mut simulator = Simulator::new(rules.clone(), Duration::from_secs(delay), start);
        let mut now = NOW;
        for (kind, person, license, to, wait) in steps {
            now += SignedDuration::from_secs(wait);
            simulator.advance(now);
            let (kind, license) = (KINDS[kind], licenses[license]);
            let to = (kind == OperationKind::Change).then_some(licenses[to]);
            let before = simulator.state().clone();
            let held = before.accounts[person].holdings.clone();
            match simulator.execute(&operation(kind, PEOPLE[person], license, to), now) {
                Ok(SimulatorReply::Done) => {
                    let predicted = rules.holdings_after(&held, kind, license, to);
                    prop_assert_eq!(&simulator.state().accounts[person].holdings, &predicted, "{:?} {}", kind, license);
                }
                Ok(SimulatorReply::Accepted | SimulatorReply::Already) => {}
                Err(_) => prop_assert_eq!(&before, simulator.state(), "a refusal changes nothing"),
            }
            check(&simulator, floor);
        }
        simulator.advance(now + SignedDuration::from_secs(delay.cast_signed()));
        check(&simulator, floor);
        let open = simulator.state().accounts.iter().flat_map(|account| &account.holdings).filter(|held| held.due.is_some());
        prop_assert_eq!(open.count(), 0, "accepted operations take effect eventually");
    }
}
