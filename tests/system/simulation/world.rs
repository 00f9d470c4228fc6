//! A small random world: one or two tenants of any vendor, tight pools, and a few people with desired assignments.

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;
use jiff::Timestamp;
use reseat::diagnostic::{FileId, Files, Level, Location};
use reseat::model::{
    API_VERSION, Account, AccountOrigin, AdapterSettings, ChangeKind, ChangeLimit, Claim, Desired, DesiredEntry,
    Ensure, Holding, HoldingOrigin, HoldingState, Mode, Observation, Policy, Pool, PoolSettings, PoolStatus,
    RunbookSettings, TenantDesired, TenantSettings,
};
use reseat::profile::Rules;
use smol_str::{SmolStr, format_smolstr};

use super::faults::Faults;

/// The start time of every world.
pub(crate) const START: Timestamp = Timestamp::constant(1_795_255_200, 0);

/// A person who is not in the manifest and uses seats.
pub(crate) const OUTSIDER: &str = "u-outsider";

/// The initial state of a tenant.
pub(crate) struct TenantWorld {
    pub(crate) settings: TenantSettings,
    pub(crate) rules: Rules,
    pub(crate) state: Observation,
    /// When an accepted request takes effect.
    pub(crate) delay: Duration,
}

/// The initial state of a world.
pub(crate) struct World {
    pub(crate) tenants: BTreeMap<SmolStr, TenantWorld>,
    pub(crate) desired: Desired,
    pub(crate) policy: Policy,
    pub(crate) faults: Faults,
}

/// A vendor's name in the worlds, and the keys of its tenant.
fn settings(rng: &mut Rng, name: &SmolStr, licenses: usize) -> (TenantSettings, Vec<SmolStr>) {
    let numbered = |prefix: &str| (0..licenses).map(|index| format_smolstr!("{prefix}{index}")).collect::<Vec<_>>();
    let mut settings = TenantSettings {
        name: name.clone(),
        vendor: "generic".into(),
        mode: Mode::Full,
        concurrency: Some(rng.u32(1..=6)),
        own_account: None,
        rates: Vec::new(),
        release_seats: false,
        pools: BTreeMap::new(),
        exclusive: Vec::new(),
        change: None,
        floor: None,
        loses: Vec::new(),
        adapter: AdapterSettings::Runbook(RunbookSettings::default()),
        source: nowhere(),
    };
    let names = match rng.u8(0..8) {
        0 | 1 => {
            let names = numbered("L");
            settings.exclusive = vec![names.clone()];
            settings.change = Some(ChangeKind::RemoveThenAssign);
            names
        }
        2 => {
            let names = numbered("L");
            settings.exclusive = vec![names.clone()];
            settings.change = Some(ChangeKind::Atomic);
            settings.floor = rng.bool().then(|| names[0].clone());
            names
        }
        3 => numbered("L"),
        4 => {
            settings.vendor = "officeseries".into();
            numbered("main/p")
        }
        5 => {
            settings.vendor = "avaya-spaces".into();
            ["essential", "business", "power"].map(SmolStr::new_static).to_vec()
        }
        _ => {
            settings.vendor = "8x8".into();
            settings.release_seats = rng.bool();
            numbered("X")
        }
    };
    for license in &names {
        let reserve = u64::from(rng.u8(0..4) == 0);
        settings.pools.insert(license.clone(), PoolSettings { reserve, ..PoolSettings::default() });
    }
    (settings, names)
}

impl World {
    /// Generates the world of a seed.
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        let mut desired = Desired { files: Files::default(), ..Desired::default() };
        desired.files.add("world.yaml", "world.yaml", "");
        let count = 1 + usize::from(rng.u8(0..4) == 0);
        let mut tenants = BTreeMap::new();
        for number in 0..count {
            let name = format_smolstr!("t{number}");
            let licenses = rng.usize(2..=4);
            let (settings, licenses) = settings(rng, &name, licenses);
            let rules = Rules::resolve(&settings).expect("the vendor is known");
            let people = rng.usize(1..=7);
            let state = observation(rng, &settings, &rules, &licenses, people);
            let wished = wishes(rng, &mut desired, &settings, &rules, &licenses, people);
            desired.tenants.insert(name.clone(), wished);
            let delay = Duration::from_secs([0, 1, 7, 45][rng.usize(0..4)]);
            tenants.insert(name, TenantWorld { settings, rules, state, delay });
        }
        let mut policy = Policy::default();
        policy.organization.losses = ChangeLimit::default();
        policy.organization.data_loss = Level::Warn;
        Self { tenants, desired, policy, faults: Faults::draw(rng) }
    }

    /// Returns the rules of every tenant.
    pub(crate) fn rules(&self) -> BTreeMap<SmolStr, Rules> {
        self.tenants.iter().map(|(name, tenant)| (name.clone(), tenant.rules.clone())).collect()
    }
}

fn nowhere() -> Location {
    Location { file: FileId(0), line: 1, column: 1, length: 0 }
}

fn holding(license: &SmolStr, state: HoldingState, origin: HoldingOrigin) -> Holding {
    Holding { license: license.clone(), state, origin, trial: false, expires: None, due: None }
}

/// Draws who holds what, in almost full pools.
fn observation(
    rng: &mut Rng,
    settings: &TenantSettings,
    rules: &Rules,
    licenses: &[SmolStr],
    people: usize,
) -> Observation {
    let mut accounts: Vec<Account> = (0..people).map(|index| account(rng, rules, licenses, index)).collect();
    accounts.push(Account {
        id: OUTSIDER.into(),
        email: "outsider@acme.example".into(),
        ..account_of("outsider", Vec::new())
    });
    let pools = licenses.iter().map(|license| {
        let takes = |account: &&Account| {
            account.holdings.iter().any(|holding| holding.license == *license && holding.uses_seat())
        };
        let used = accounts.iter().filter(takes).count() as u64;
        let reserve = settings.pools.get(license).map_or(0, |pool| pool.reserve);
        let total = (!rules.is_floor(license)).then(|| used + reserve + rng.u64(0..=2));
        Pool { license: license.clone(), total, used: Some(used), expires: None, status: PoolStatus::Active }
    });
    let pools = pools.collect();
    Observation {
        api_version: API_VERSION.into(),
        kind: "observation".into(),
        tenant: settings.name.clone(),
        vendor: settings.vendor.clone(),
        observed_at: START,
        complete: true,
        busy: None,
        pools,
        accounts,
    }
}

fn account_of(name: &str, holdings: Vec<Holding>) -> Account {
    Account {
        id: format_smolstr!("u-{name}"),
        email: format_smolstr!("{name}@acme.example"),
        login: None,
        origin: AccountOrigin::Managed,
        memberships: Vec::new(),
        holdings,
    }
}

fn account(rng: &mut Rng, rules: &Rules, licenses: &[SmolStr], index: usize) -> Account {
    let mut holdings: Vec<Holding> = Vec::new();
    for _ in 0..rng.u8(0..=2) {
        let license = &licenses[rng.usize(0..licenses.len())];
        let family = rules.family(license);
        let clashes = |held: &Holding| held.license == *license || rules.family(&held.license) == family;
        let is_taken = holdings.iter().any(|held| held.license == *license || (family.is_exclusive() && clashes(held)));
        if !is_taken {
            let origin = match rng.u8(0..14) {
                0 => HoldingOrigin::Group("g".into()),
                _ => HoldingOrigin::Direct,
            };
            holdings.push(holding(license, HoldingState::Active, origin));
        }
    }
    if let Some(floor) = licenses.iter().find(|license| rules.is_floor(license))
        && !holdings.iter().any(|held| rules.family(&held.license) == rules.family(floor))
    {
        holdings.push(holding(floor, HoldingState::Active, HoldingOrigin::Direct));
    }
    let mut account = account_of(&format!("p{index}"), holdings);
    if rng.bool() {
        account.memberships = vec!["rg-a".into(), "rg-b".into()];
    }
    account
}

/// Draws the manifest, license by license; most licenses are managed.
fn wishes(
    rng: &mut Rng,
    desired: &mut Desired,
    settings: &TenantSettings,
    rules: &Rules,
    licenses: &[SmolStr],
    people: usize,
) -> TenantDesired {
    let mut entries = Vec::new();
    let mut claims = Vec::new();
    let entry = |license: &SmolStr, priority| DesiredEntry {
        license: license.clone(),
        ensure: Ensure::Present,
        priority,
        starts: None,
        expires: None,
        alternatives: Vec::new(),
        reason: None,
        source: nowhere(),
    };
    for license in licenses.iter().filter(|license| !rules.is_floor(license)) {
        if rng.u8(0..5) > 0 {
            entries.push(entry(license, 0));
        }
    }
    for index in 0..people {
        let person = desired.people.add(&format_smolstr!("p{index}@acme.example"));
        let mut named: Vec<&SmolStr> = Vec::new();
        for _ in 0..rng.u8(0..=2) {
            let license = &licenses[rng.usize(0..licenses.len())];
            let family = rules.family(license);
            let clashes =
                |other: &&SmolStr| *other == license || (family.is_exclusive() && rules.family(other) == family);
            if !named.iter().any(clashes) {
                named.push(license);
                claims.push(Claim { entry: u32::try_from(entries.len()).unwrap_or(0), person, source: nowhere() });
                entries.push(entry(license, rng.i64(0..3)));
            }
        }
    }
    TenantDesired { settings: settings.clone(), entries, claims, excluded: Vec::new(), named_only: false }
}
