//! The pools of a tenant: manifest and observation combined.

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use jiff::civil::Date;
use smol_str::SmolStr;

use crate::model::{Ensure, Mode, Observation, PoolStatus, TenantDesired};
use crate::profile::{Family, Rules};

/// The index of a pool in [`PoolTable`], in the order of license names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolId(pub u32);

impl PoolId {
    /// Returns the index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Why a pool assigns no seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClosedReason {
    /// It expired on this day.
    Expired(Option<Date>),
    /// Its status.
    Status(PoolStatus),
}

/// The state of one license's pool.
#[derive(Clone, Debug)]
pub struct PoolState {
    /// The license.
    pub license: SmolStr,
    /// The family of licenses that exclude each other.
    pub family: Family,
    /// Whether it is managed.
    pub is_managed: bool,
    /// Whether it is the floor license, which is never counted.
    pub is_floor: bool,
    /// The mode.
    pub mode: Mode,
    /// Seats bought, the smaller total of manifest and observation; `None` is unlimited.
    pub total: Option<u64>,
    /// Seats to keep free.
    pub reserve: u64,
    /// Used seats.
    pub used: u64,
    /// The stated number of used seats and the number of listed holdings, if the former is smaller.
    pub understated: Option<(u64, u64)>,
    /// Seats used by listed holdings.
    pub listed_seats: u64,
    /// The number of accounts that hold it, of any origin.
    pub holders: u64,
    /// Why it assigns no seats, if so.
    pub closed: Option<ClosedReason>,
    /// The first day on which it is expired, if known.
    pub expires: Option<Date>,
    /// Whether the observation states the figures that an arrival needs.
    pub has_figures: bool,
    /// Whether the observation lists the pool.
    pub is_listed: bool,
}

impl PoolState {
    /// Returns the number of usable seats; `None` is unlimited.
    pub fn capacity(&self) -> Option<i64> {
        let total = self.total.filter(|_| !self.is_floor)?;
        Some(to_signed(total).saturating_sub(to_signed(self.reserve)))
    }

    /// Returns the number of free seats, negative if the pool is over its capacity; `None` is unlimited.
    pub fn free_seats(&self) -> Option<i64> {
        self.capacity().map(|capacity| capacity.saturating_sub(to_signed(self.used)))
    }
}

/// Converts a seat count to a signed number whose differences cannot overflow.
fn to_signed(seats: u64) -> i64 {
    i64::try_from(seats).unwrap_or(i64::MAX / 4).min(i64::MAX / 4)
}

/// All pools of a tenant, sorted by license.
#[derive(Clone, Debug)]
pub struct PoolTable {
    pools: IndexMap<SmolStr, PoolState, RandomState>,
}

impl PoolTable {
    /// Combines manifest and observation on `day`.
    pub fn new(desired: &TenantDesired, rules: &Rules, observation: &Observation, day: Date) -> Self {
        let settings = &desired.settings;
        let mut pools = Self { pools: IndexMap::default() };
        for pool in &observation.pools {
            let state = pools.get_or_insert(&pool.license, desired, rules);
            state.is_listed = true;
            state.total = smaller(state.total, pool.total);
            state.used = pool.used.unwrap_or(0);
            state.has_figures = pool.used.is_some();
            state.expires = earlier(state.expires, pool.expires);
            if pool.status != PoolStatus::Active {
                state.closed = Some(ClosedReason::Status(pool.status));
            }
        }
        for license in settings.pools.keys() {
            pools.get_or_insert(license, desired, rules);
        }
        for entry in &desired.entries {
            let state = pools.get_or_insert(&entry.license, desired, rules);
            state.is_managed |= entry.ensure == Ensure::Present;
            for license in &entry.alternatives {
                pools.get_or_insert(license, desired, rules);
            }
        }
        pools.count_holdings(desired, rules, observation);
        for state in pools.pools.values_mut() {
            if state.closed.is_none() && state.expires.is_some_and(|expires| expires <= day) {
                state.closed = Some(ClosedReason::Expired(state.expires));
            }
        }
        pools.pools.sort_unstable_keys();
        pools
    }

    /// Counts the holdings of all accounts.
    fn count_holdings(&mut self, desired: &TenantDesired, rules: &Rules, observation: &Observation) {
        for account in &observation.accounts {
            for (index, holding) in account.holdings.iter().enumerate() {
                let state = self.get_or_insert(&holding.license, desired, rules);
                let seen = |test: fn(&crate::model::Holding) -> bool| {
                    account.holdings[..index].iter().any(|other| other.license == holding.license && test(other))
                };
                if holding.uses_seat() && !seen(crate::model::Holding::uses_seat) {
                    state.listed_seats += 1;
                }
                if holding.state.is_held() && !seen(|other| other.state.is_held()) {
                    state.holders += 1;
                }
            }
        }
        for state in self.pools.values_mut() {
            if state.has_figures && state.used < state.listed_seats {
                state.understated = Some((state.used, state.listed_seats));
            }
            state.used = state.used.max(state.listed_seats);
            // An arrival in an unlimited pool needs no figures.
            state.has_figures |= state.is_floor || (state.is_listed && state.total.is_none());
        }
    }

    /// Returns the pool of a license, added with its settings if there is none.
    fn get_or_insert(&mut self, license: &SmolStr, desired: &TenantDesired, rules: &Rules) -> &mut PoolState {
        if let Some(index) = self.pools.get_index_of(license) {
            return &mut self.pools[index];
        }
        self.pools.entry(license.clone()).or_insert_with(|| {
            let settings = desired.settings.pools.get(license);
            PoolState {
                license: license.clone(),
                family: rules.family(license),
                is_managed: false,
                is_floor: rules.is_floor(license),
                mode: desired.settings.mode_for(license),
                total: settings.and_then(|pool| pool.total),
                reserve: settings.map_or(0, |pool| pool.reserve),
                used: 0,
                understated: None,
                listed_seats: 0,
                holders: 0,
                closed: None,
                expires: settings.and_then(|pool| pool.expires),
                has_figures: false,
                is_listed: false,
            }
        })
    }

    /// Finds the pool of a license.
    pub fn find(&self, license: &str) -> Option<PoolId> {
        self.pools.get_index_of(license).map(|index| PoolId(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// Returns a pool.
    pub fn get(&self, id: PoolId) -> &PoolState {
        &self.pools[id.index()]
    }

    /// Iterates over all pools with their ids, by license.
    pub fn iter(&self) -> impl Iterator<Item = (PoolId, &PoolState)> {
        (0..).map(PoolId).zip(self.pools.values())
    }

    /// Returns the number of pools.
    pub fn len(&self) -> usize {
        self.pools.len()
    }

    /// Whether there are no pools.
    pub fn is_empty(&self) -> bool {
        self.pools.is_empty()
    }
}

fn smaller(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    a.into_iter().chain(b).min()
}

fn earlier(a: Option<Date>, b: Option<Date>) -> Option<Date> {
    a.into_iter().chain(b).min()
}
