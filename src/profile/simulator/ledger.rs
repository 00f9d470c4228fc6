//! The seats of a tenant, as the vendor counts them.
//!
//! An arrival never makes a pool exceed its total. The floor license is unlimited.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::{RefusalReason, SimulatorRefusal};
use crate::model::{Account, Holding, Pool};
use crate::profile::Rules;

/// The seats of a pool, and its index in the observation.
#[derive(Clone, Debug)]
struct PoolSeats {
    pool: usize,
    /// `None` if it is unlimited or unknown.
    total: Option<u64>,
    used: u64,
}

/// Seats by license.
#[derive(Clone, Debug)]
pub(super) struct SeatLedger {
    rows: BTreeMap<SmolStr, PoolSeats>,
}

/// The change of used seats, by license.
pub(super) type SeatDelta = BTreeMap<SmolStr, i64>;

impl SeatLedger {
    /// Returns the seats of the pools: the stated ones, otherwise those of the accounts.
    pub(super) fn new(rules: &Rules, pools: &[Pool], accounts: &[Account]) -> Self {
        let mut rows: BTreeMap<SmolStr, PoolSeats> = BTreeMap::new();
        let mut counts = false;
        for (index, pool) in pools.iter().enumerate() {
            let total = pool.total.filter(|_| !rules.is_floor(&pool.license));
            counts |= pool.used.is_none();
            rows.insert(pool.license.clone(), PoolSeats { pool: index, total, used: pool.used.unwrap_or(0) });
        }
        if counts {
            for holding in accounts.iter().flat_map(|account| &account.holdings).filter(|held| held.uses_seat()) {
                if let Some(row) = rows.get_mut(&holding.license)
                    && pools[row.pool].used.is_none()
                {
                    row.used += 1;
                }
            }
        }
        Self { rows }
    }

    /// Returns the change of used seats from one list of holdings to another.
    pub(super) fn difference(before: &[Holding], after: &[Holding]) -> SeatDelta {
        let mut difference = SeatDelta::new();
        for (holdings, sign) in [(after, 1), (before, -1)] {
            for holding in holdings.iter().filter(|holding| holding.uses_seat()) {
                *difference.entry(holding.license.clone()).or_insert(0) += sign;
            }
        }
        difference
    }

    /// Checks that enough seats are free.
    pub(super) fn check(&self, difference: &SeatDelta, no_seat: &str) -> Result<(), SimulatorRefusal> {
        for (license, delta) in difference.iter().filter(|(_, delta)| **delta > 0) {
            let Some(PoolSeats { total: Some(total), used, .. }) = self.rows.get(license) else { continue };
            if used.saturating_add(delta.unsigned_abs()) > *total {
                let message = format!("no seat of `{license}` is free: {used} of {total} are taken");
                return Err(SimulatorRefusal::new(RefusalReason::NoSeat, message).help(no_seat));
            }
        }
        Ok(())
    }

    /// Applies the change, also to pools that state `used`.
    pub(super) fn book(&mut self, difference: &SeatDelta, pools: &mut [Pool]) {
        for (license, delta) in difference {
            let Some(row) = self.rows.get_mut(license) else { continue };
            row.used = row.used.saturating_add_signed(*delta);
            if let Some(used) = &mut pools[row.pool].used {
                *used = row.used;
            }
        }
    }
}
