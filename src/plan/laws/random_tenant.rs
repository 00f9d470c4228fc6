//! Small random worlds: one tenant, a few pools, a few people.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;
use smol_str::{SmolStr, format_smolstr};

use crate::diagnostic::{Files, Level, Location};
use crate::env::Now;
use crate::model::{
    API_VERSION, Account, AccountOrigin, AdapterSettings, ChangeKind, ChangeLimit, Claim, Desired, DesiredEntry,
    Digest, Ensure, Holding, HoldingOrigin, HoldingState, Inputs, Mode, Observation, ObservationInput, Plan, Policy,
    Pool, PoolSettings, PoolStatus, RunbookSettings, TenantDesired, TenantSettings, UsageHistory,
};
use crate::plan::{PlanRequest, make};
use crate::policy::ApprovalContext;
use crate::profile::Rules;

/// How the vendor of a world moves people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VendorKind {
    RemoveThenAssign,
    Atomic,
    AtomicWithFloor,
    Set,
}

/// What a person holds of one license.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RandomHolding {
    pub(crate) license: usize,
    pub(crate) state: u8,
    pub(crate) trial: bool,
    pub(crate) origin: u8,
}

#[derive(Clone, Debug)]
pub(crate) struct RandomPerson {
    pub(crate) held: Vec<RandomHolding>,
    pub(crate) desired: Option<usize>,
    pub(crate) absent: Option<usize>,
    pub(crate) priority: i64,
    pub(crate) alternative: Option<usize>,
    pub(crate) foreign: bool,
    pub(crate) has_account: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct RandomPool {
    pub(crate) total: Option<u64>,
    pub(crate) reserve: u64,
    pub(crate) outside: u64,
    pub(crate) managed: bool,
    pub(crate) expired: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct RandomTenant {
    pub(crate) kind: VendorKind,
    pub(crate) pools: Vec<RandomPool>,
    pub(crate) people: Vec<RandomPerson>,
    pub(crate) complete: bool,
    pub(crate) mode: Mode,
}

/// The license of that number; in a world with a floor the first one is the floor.
pub(crate) fn license(index: usize) -> SmolStr {
    format_smolstr!("L{index}")
}

/// The key of that person.
pub(crate) fn key(index: usize) -> SmolStr {
    format_smolstr!("p{index}@acme.example")
}

fn nowhere() -> Location {
    Location { file: crate::diagnostic::FileId(0), line: 1, column: 1, length: 0 }
}

impl RandomTenant {
    pub(crate) fn has_floor(&self) -> bool {
        self.kind == VendorKind::AtomicWithFloor
    }

    pub(crate) fn settings(&self) -> TenantSettings {
        let names: Vec<_> = (0..self.pools.len()).map(license).collect();
        let pools =
            self.pools.iter().enumerate().map(|(index, pool)| {
                (license(index), PoolSettings { reserve: pool.reserve, ..PoolSettings::default() })
            });
        TenantSettings {
            name: "t".into(),
            vendor: "generic".into(),
            mode: self.mode,
            concurrency: None,
            rates: Vec::new(),
            own_account: None,
            release_seats: false,
            pools: pools.collect(),
            exclusive: if self.kind == VendorKind::Set { Vec::new() } else { vec![names] },
            change: Some(match self.kind {
                VendorKind::RemoveThenAssign | VendorKind::Set => ChangeKind::RemoveThenAssign,
                VendorKind::Atomic | VendorKind::AtomicWithFloor => ChangeKind::Atomic,
            }),
            floor: self.has_floor().then(|| license(0)),
            loses: Vec::new(),
            adapter: AdapterSettings::Runbook(RunbookSettings::default()),
            source: nowhere(),
        }
    }

    pub(crate) fn rules(&self) -> Rules {
        Rules::resolve(&self.settings()).unwrap()
    }

    /// The manifest; `turn` changes the order of everything that must not matter.
    pub(crate) fn desired(&self, turn: usize) -> Desired {
        let mut desired = Desired { files: Files::default(), ..Desired::default() };
        desired.files.add("world.yaml", "world.yaml", "");
        let mut entries = Vec::new();
        let mut claims = Vec::new();
        let entry = |license: SmolStr, ensure, priority, alternatives: Vec<SmolStr>| DesiredEntry {
            license,
            ensure,
            priority,
            starts: None,
            expires: None,
            alternatives,
            reason: None,
            source: nowhere(),
        };
        for (index, pool) in self.pools.iter().enumerate() {
            if pool.managed && !(self.has_floor() && index == 0) {
                entries.push(entry(license(index), Ensure::Present, 0, Vec::new()));
            }
        }
        let mut order: Vec<usize> = (0..self.people.len()).collect();
        if !order.is_empty() {
            let turn = turn % order.len();
            order.rotate_left(turn);
        }
        for index in order {
            let human = &self.people[index];
            let person = desired.people.add(&key(index));
            let mut name = |entry: DesiredEntry| {
                let number = u32::try_from(entries.len()).unwrap();
                entries.push(entry);
                claims.push(Claim { entry: number, person, source: nowhere() });
            };
            if let Some(wish) = human.desired {
                let alternatives = human.alternative.filter(|other| *other != wish).map(license).into_iter().collect();
                name(entry(license(wish), Ensure::Present, human.priority, alternatives));
            }
            if let Some(absent) = human.absent.filter(|absent| Some(*absent) != human.desired) {
                name(entry(license(absent), Ensure::Absent, 0, Vec::new()));
            }
        }
        if turn % 2 == 1 {
            claims.reverse();
        }
        let tenant =
            TenantDesired { settings: self.settings(), entries, claims, excluded: Vec::new(), named_only: false };
        desired.tenants.insert("t".into(), tenant);
        desired
    }

    pub(crate) fn observation(&self) -> Observation {
        let accounts: Vec<Account> = self
            .people
            .iter()
            .enumerate()
            .filter(|(_, human)| human.has_account)
            .map(|(index, human)| Account {
                id: format_smolstr!("u-{index}"),
                email: key(index),
                login: None,
                origin: if human.foreign { AccountOrigin::VendorLocal } else { AccountOrigin::Managed },
                memberships: Vec::new(),
                holdings: self.holdings(human),
            })
            .collect();
        let mut observation = Observation {
            api_version: API_VERSION.into(),
            kind: "observation".into(),
            tenant: "t".into(),
            vendor: "generic".into(),
            observed_at: Timestamp::UNIX_EPOCH,
            complete: self.complete,
            busy: None,
            pools: Vec::new(),
            accounts,
        };
        for (index, pool) in self.pools.iter().enumerate() {
            observation.pools.push(Pool {
                license: license(index),
                total: pool.total,
                used: Some(0),
                expires: None,
                status: if pool.expired { PoolStatus::Expired } else { PoolStatus::Active },
            });
        }
        self.recount(&mut observation);
        observation
    }

    /// Makes `used` true again after holdings changed.
    pub(crate) fn recount(&self, observation: &mut Observation) {
        for (index, pool) in self.pools.iter().enumerate() {
            let name = license(index);
            let takes = |account: &&Account| {
                account.holdings.iter().any(|holding| holding.license == name && holding.uses_seat())
            };
            let taken = observation.accounts.iter().filter(takes).count() as u64;
            observation.pools[index].used = Some(taken + pool.outside);
        }
    }

    fn holdings(&self, human: &RandomPerson) -> Vec<Holding> {
        let mut holdings: Vec<Holding> = human
            .held
            .iter()
            .map(|held| Holding {
                license: license(held.license),
                state: match held.state {
                    0 => HoldingState::Active,
                    1 => HoldingState::Pending,
                    2 => HoldingState::Removing,
                    _ => HoldingState::Cancelled,
                },
                origin: match held.origin {
                    0 => HoldingOrigin::Direct,
                    1 => HoldingOrigin::Group("g".into()),
                    _ => HoldingOrigin::Auto,
                },
                trial: held.trial && !(self.has_floor() && held.license == 0),
                expires: None,
                due: None,
            })
            .collect();
        holdings.sort_by(|a, b| a.license.cmp(&b.license));
        holdings.dedup_by(|a, b| a.license == b.license);
        let is_there = |holding: &Holding| holding.state == HoldingState::Active;
        if self.has_floor() && !holdings.iter().any(is_there) {
            holdings.retain(|holding| holding.license != license(0));
            holdings.push(Holding {
                license: license(0),
                state: HoldingState::Active,
                origin: HoldingOrigin::Direct,
                trial: false,
                expires: None,
                due: None,
            });
        }
        holdings
    }

    pub(crate) fn plan(&self, observation: &Observation, turn: usize) -> Plan {
        let desired = self.desired(turn);
        self.plan_for(&desired, observation)
    }

    /// The plan for other desired assignments.
    pub(crate) fn plan_for(&self, desired: &Desired, observation: &Observation) -> Plan {
        let mut policy = Policy::default();
        policy.organization.losses = ChangeLimit::default();
        policy.organization.data_loss = Level::Warn;
        let digest = Digest::of_bytes(b"");
        let input = ObservationInput {
            digest: digest.clone(),
            observed_at: observation.observed_at,
            complete: observation.complete,
        };
        let inputs = Inputs {
            manifest: digest.clone(),
            policy: digest,
            allow_removals: None,
            author: None,
            undoes: None,
            observations: BTreeMap::from([(SmolStr::from("t"), input)]),
        };
        let request = PlanRequest {
            desired,
            manifest: &self.desired(0),
            rules: &BTreeMap::from([(SmolStr::from("t"), self.rules())]),
            observations: &BTreeMap::from([(SmolStr::from("t"), observation.clone())]),
            policy: &policy,
            usage_history: &UsageHistory::default(),
            consent: &ApprovalContext::default(),
            allow_removals: None,
            unlimited: false,
            differences: &[],
            now: Now::at(Timestamp::UNIX_EPOCH),
        };
        make(&request, || Ok(inputs)).unwrap()
    }
}

/// What a family of worlds may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TenantScope {
    /// More than active direct holdings: trials, pending requests, other origins, and so on.
    pub(crate) odd: bool,
    /// Alternatives.
    pub(crate) alternatives: bool,
    /// Pools that are over their total.
    pub(crate) over: bool,
    pub(crate) people: usize,
}

fn random_person(pools: usize, scope: TenantScope) -> impl Strategy<Value = RandomPerson> {
    let odd = |chance: u32| prop::bool::weighted(if scope.odd { f64::from(chance) / 100.0 } else { 0.0 });
    let state = if scope.odd {
        prop_oneof![8 => Just(0u8), 2 => Just(1), 1 => Just(2), 1 => Just(3)].boxed()
    } else {
        Just(0u8).boxed()
    };
    let origin =
        if scope.odd { prop_oneof![9 => Just(0u8), 1 => Just(1), 1 => Just(2)].boxed() } else { Just(0u8).boxed() };
    let held = (0..pools, state, odd(10), origin).prop_map(|(license, state, trial, origin)| RandomHolding {
        license,
        state,
        trial,
        origin,
    });
    let most = if scope.odd { 2 } else { 1 };
    (
        prop::collection::vec(held, 0..=most),
        prop::option::weighted(0.85, 0..pools),
        (odd(8), 0..pools),
        0..3i64,
        (prop::bool::weighted(if scope.alternatives { 0.4 } else { 0.0 }), 0..pools),
        odd(6),
        odd(6),
    )
        .prop_map(|(held, wish, absent, priority, alternative, foreign, missing)| RandomPerson {
            held,
            desired: wish,
            absent: absent.0.then_some(absent.1),
            priority,
            alternative: alternative.0.then_some(alternative.1),
            foreign,
            has_account: !missing,
        })
}

/// Worlds of that scope.
pub(crate) fn random_tenants(scope: TenantScope) -> impl Strategy<Value = RandomTenant> {
    let kind = prop_oneof![
        3 => Just(VendorKind::RemoveThenAssign),
        1 => Just(VendorKind::Atomic),
        2 => Just(VendorKind::AtomicWithFloor),
        1 => Just(VendorKind::Set)
    ];
    let odd = move |chance: u32| prop::bool::weighted(if scope.odd { f64::from(chance) / 100.0 } else { 0.0 });
    (kind, 2..=4usize)
        .prop_flat_map(move |(kind, count)| {
            // Free seats less one: totals are laid on what is held, so that pools are tight.
            let spare = if scope.over { -2..=2i64 } else { 0..=2i64 };
            let pool = (prop::option::weighted(0.9, spare), 0..=1u64, 0..=1u64, prop::bool::weighted(0.8), odd(6));
            (
                Just(kind),
                prop::collection::vec(pool, count),
                prop::collection::vec(random_person(count, scope), 1..=scope.people),
                odd(6),
                prop_oneof![12 => Just(Mode::Full), 1 => Just(if scope.odd { Mode::AddOnly } else { Mode::Full }), 1 => Just(if scope.odd { Mode::RemoveOnly } else { Mode::Full })],
            )
        })
        .prop_map(|(kind, pools, people, incomplete, mode)| {
            let mut world = RandomTenant { kind, pools: Vec::new(), people, complete: !incomplete, mode };
            world.pools = pools
                .iter()
                .map(|(_, reserve, outside, managed, expired)| RandomPool {
                    total: None,
                    reserve: *reserve,
                    outside: *outside,
                    managed: *managed,
                    expired: *expired,
                })
                .collect();
            let used: Vec<u64> = world.observation().pools.iter().map(|pool| pool.used.unwrap_or(0)).collect();
            for (index, (spare, reserve, ..)) in pools.iter().enumerate() {
                let total = spare.map(|spare| i64::try_from(used[index] + reserve).unwrap() + spare);
                world.pools[index].total = total.map(|total| u64::try_from(total).unwrap_or(0));
            }
            if world.has_floor() {
                world.pools[0].total = None;
                world.pools[0].reserve = 0;
                world.pools[0].expired = false;
            }
            world
        })
}
