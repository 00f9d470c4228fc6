//! Rolling limits: what the operations of earlier plans did to the holders of licenses.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;

use super::backend::Backend;
use super::query::{OperationUsage, UsageSum};
use super::record::{UsageRow, signed, unsigned};
use super::{Store, StoreError};
use crate::env::clock::day_of;
use crate::model::{Digest, LimitUsage, OperationId, UsageHistory};

/// What an operation counts toward the rolling limits, for one license.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenseUsage {
    /// The tenant.
    pub tenant: SmolStr,
    /// The vendor's name of the license, which does not change between two plans as the manifest's name may.
    pub license: SmolStr,
    /// Losses and changes.
    pub counts: LimitUsage,
}

/// The usage that was counted for the operations of one plan, so that none counts twice if the plan is applied again.
#[derive(Debug, Default)]
pub(super) struct CountedUsage(BTreeMap<OperationId, Vec<LicenseUsage>>);

impl CountedUsage {
    /// Reads what all runs of a plan counted.
    pub(super) async fn of_plan(backend: &mut Backend, plan: &str) -> Result<Self, StoreError> {
        let mut counted = Self::default();
        for OperationUsage { operation, tenant, license, losses, changes } in backend.usage_of_plan(plan).await? {
            let usage = counted.0.entry(OperationId(operation.into())).or_default();
            let counts = LimitUsage { losses: unsigned(losses), changes: unsigned(changes) };
            add(usage, LicenseUsage { tenant: tenant.into(), license: license.into(), counts }, LimitUsage::plus);
        }
        Ok(counted)
    }

    /// Raises the usage of an operation, and returns the increase.
    pub(super) fn raise(&mut self, operation: &OperationId, usage: &[LicenseUsage]) -> Vec<LicenseUsage> {
        if usage.is_empty() {
            return Vec::new();
        }
        let counted = self.0.entry(operation.clone()).or_default();
        let before = counted.clone();
        for usage in usage {
            add(counted, usage.clone(), |a, b| LimitUsage {
                losses: a.losses.max(b.losses),
                changes: a.changes.max(b.changes),
            });
        }
        let increase = |after: &LicenseUsage| {
            let known = before.iter().find(|known| is_same_license(known, after)).map(|known| known.counts);
            let LimitUsage { losses, changes } = known.unwrap_or_default();
            let counts = LimitUsage {
                losses: after.counts.losses.saturating_sub(losses),
                changes: after.counts.changes.saturating_sub(changes),
            };
            (counts != LimitUsage::default()).then(|| LicenseUsage { counts, ..after.clone() })
        };
        counted.iter().filter_map(increase).collect()
    }
}

fn is_same_license(a: &LicenseUsage, b: &LicenseUsage) -> bool {
    (&a.tenant, &a.license) == (&b.tenant, &b.license)
}

/// Adds the usage of a license to a list with one entry per license.
fn add(list: &mut Vec<LicenseUsage>, usage: LicenseUsage, combine: fn(LimitUsage, LimitUsage) -> LimitUsage) {
    match list.iter_mut().find(|known| is_same_license(known, &usage)) {
        Some(known) => known.counts = combine(known.counts, usage.counts),
        None => list.push(usage),
    }
}

/// Returns the rows of usage for a record of that time. The writer sets the rest.
pub(super) fn usage_rows(usage: Vec<LicenseUsage>, at: Timestamp) -> Vec<UsageRow> {
    let row = |LicenseUsage { tenant, license, counts }: LicenseUsage| UsageRow {
        run: 0,
        seq: 0,
        day: day_number(at),
        tenant: tenant.into(),
        license: license.into(),
        losses: signed(counts.losses),
        changes: signed(counts.changes),
    };
    usage.into_iter().map(row).collect()
}

impl Store {
    /// Returns the usage from a day on, except that of one plan.
    ///
    /// A recorded day never decreases: a clock that is set back hides no operation from later windows.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn usage_since(&self, first: Date, without: Option<&Digest>) -> Result<UsageHistory, StoreError> {
        self.flush_pending_writes().await;
        let without = without.map(Digest::as_str).unwrap_or_default();
        let sums = self.queue.backend.lock().await.usage_since(number_of(first), without).await?;
        let mut history = UsageHistory::default();
        for UsageSum { tenant, license, day, losses, changes } in sums {
            let counts = LimitUsage { losses: unsigned(losses), changes: unsigned(changes) };
            history.add(tenant.into(), license.into(), date_of(day)?, counts);
        }
        Ok(history)
    }
}

/// Returns the day of a time, in days since 1970.
pub(super) fn day_number(at: Timestamp) -> i64 {
    number_of(day_of(at))
}

fn number_of(day: Date) -> i64 {
    day.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24
}

fn date_of(number: i64) -> Result<Date, StoreError> {
    let hours = number.checked_mul(24).map(SignedDuration::from_hours);
    hours
        .and_then(|since| Date::constant(1970, 1, 1).checked_add(since).ok())
        .ok_or_else(|| StoreError::Corrupted(format!("invalid day {number}")))
}
