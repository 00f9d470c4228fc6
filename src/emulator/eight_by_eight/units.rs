//! License units: every seat has an id.
//!
//! A unit has at most one holder. The same state yields the same ids.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use smol_str::SmolStr;

use super::document::country;
use crate::emulator::random::stable_id;
use crate::model::{HoldingOrigin, Observation};

/// The most units that a pool creates in advance.
const UNITS_MAX: u64 = 1_000_000;

/// The units of one license.
#[derive(Default)]
struct LicenseUnits {
    /// The number of units.
    known: u64,
    free: BTreeSet<u64>,
    held: BTreeMap<SmolStr, u64>,
}

/// All units.
pub(super) struct UnitRegistry {
    rows: BTreeMap<SmolStr, LicenseUnits>,
    by_id: BTreeMap<String, (SmolStr, u64)>,
}

fn unit_id(license: &str, number: u64) -> String {
    stable_id("unit", &format!("{license}/{number}"))
}

impl UnitRegistry {
    /// Returns the units of a tenant, assigned in the order of accounts.
    pub(super) fn new(state: &Observation) -> Self {
        let mut units = Self { rows: BTreeMap::new(), by_id: BTreeMap::new() };
        units.refresh(state);
        for account in &state.accounts {
            for holding in
                account.holdings.iter().filter(|held| held.state.is_held() && held.origin != HoldingOrigin::Derived)
            {
                units.unit_id_of(&holding.license, &account.id);
            }
        }
        units
    }

    /// Adds newly purchased units, and frees units without a holding.
    pub(super) fn refresh(&mut self, state: &Observation) {
        let holdings =
            state.accounts.iter().flat_map(|account| account.holdings.iter().map(|held| (held, &*account.id)));
        let held: BTreeSet<(&str, &str)> =
            holdings.filter(|(held, _)| held.state.is_held()).map(|(held, id)| (&*held.license, id)).collect();
        for pool in &state.pools {
            let total = pool.total.unwrap_or(0).min(UNITS_MAX);
            while self.rows.entry(pool.license.clone()).or_default().known < total {
                self.add_unit(&pool.license);
            }
        }
        let holds = |license: &str, id: &str| held.contains(&(license, id));
        for (license, row) in &mut self.rows {
            let gone: Vec<_> = row.held.keys().filter(|id| !holds(license, id)).cloned().collect();
            for id in gone {
                row.free.extend(row.held.remove(&id));
            }
        }
    }

    /// Adds a free unit.
    fn add_unit(&mut self, license: &SmolStr) -> u64 {
        let row = self.rows.entry(license.clone()).or_default();
        row.known += 1;
        row.free.insert(row.known);
        self.by_id.insert(unit_id(license, row.known), (license.clone(), row.known));
        row.known
    }

    /// Returns the id of the account's unit. Assigns the lowest free unit if it has none.
    pub(super) fn unit_id_of(&mut self, license: &str, account: &str) -> String {
        let license = SmolStr::new(license);
        if let Some(number) = self.rows.get(&license).and_then(|row| row.held.get(account)) {
            return unit_id(&license, *number);
        }
        let first = self.rows.get(&license).and_then(|row| row.free.first().copied());
        let number = first.unwrap_or_else(|| self.add_unit(&license));
        self.take(&license, number, account);
        unit_id(&license, number)
    }

    /// Assigns a unit to an account.
    pub(super) fn take(&mut self, license: &SmolStr, number: u64, account: &str) {
        if let Some(row) = self.rows.get_mut(license) {
            row.free.remove(&number);
            row.held.insert(SmolStr::new(account), number);
        }
    }

    /// Frees the account's unit.
    pub(super) fn release(&mut self, license: &str, account: &str) {
        if let Some(row) = self.rows.get_mut(license) {
            row.free.extend(row.held.remove(account));
        }
    }

    /// Returns the license and number of a unit.
    pub(super) fn find_unit(&self, id: &str) -> Option<&(SmolStr, u64)> {
        self.by_id.get(id)
    }

    /// Returns whether the unit is free or belongs to the account.
    pub(super) fn is_free_for(&self, license: &str, number: u64, account: &str) -> bool {
        let row = self.rows.get(license);
        row.is_some_and(|row| row.free.contains(&number) || row.held.get(account) == Some(&number))
    }

    /// Returns whether the license exists.
    pub(super) fn is_known_license(&self, license: &str) -> bool {
        self.rows.contains_key(license)
    }

    /// Returns all units of limited pools as CSV, as an operator exports them.
    pub(super) fn csv(&self, state: &Observation) -> String {
        let mut text = "id,license,country,status\n".to_owned();
        for pool in state.pools.iter().filter(|pool| pool.total.is_some()) {
            let Some(row) = self.rows.get(&pool.license) else { continue };
            let quote = |field: &str| {
                if field.contains([',', '"', '\n']) {
                    format!("\"{}\"", field.replace('"', "\"\""))
                } else {
                    field.to_owned()
                }
            };
            for number in 1..=row.known {
                let status = if row.free.contains(&number) { "unassigned" } else { "assigned" };
                let license = &*pool.license;
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{},{},{},{status}", unit_id(license, number), quote(license), country(license));
            }
        }
        text
    }
}
