//! The rolling windows: what operations did to the holders of licenses, summed up from the records of their outcomes.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;

use super::backend::Backend;
use super::record_line::{RecordKind, RecordLine};
use super::select::RecordQuery;
use super::{PAGE, Store, StoreError};
use crate::env::clock::day_of;
use crate::model::{Digest, LimitUsage, UsageHistory};

/// What an operation did to the holders of one license.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenseUsage {
    /// The tenant.
    pub tenant: SmolStr,
    /// The license as the vendor calls it: what we call it can be changed between two plans.
    pub license: SmolStr,
    /// How much it counts.
    pub counts: LimitUsage,
}

/// What was counted of the operations of one plan, so that none counts twice, however often the plan is applied.
#[derive(Debug, Default)]
pub(super) struct CountedUsage(BTreeMap<u32, Vec<LicenseUsage>>);

impl CountedUsage {
    /// What all runs of a plan counted.
    pub(super) async fn of_plan(backend: &mut Backend, plan: &str) -> Result<Self, StoreError> {
        let mut counted = Self::default();
        for run in backend.batches(RecordQuery::OfPlan(plan), u32::MAX).await? {
            let mut from = run.first;
            loop {
                let page = backend.batches(RecordQuery::OfRun { run: run.first, from }, PAGE).await?;
                let Some(last) = page.last() else { break };
                from = last.last + 1;
                for (_, line) in page.iter().flat_map(|batch| batch.lines()) {
                    let line = RecordLine::read(line)?;
                    if let (RecordKind::Outcome, Some(place)) = (line.event, line.op) {
                        counted.add(place, &line.touches().collect::<Vec<_>>());
                    }
                }
            }
        }
        Ok(counted)
    }

    /// Adds what an operation did; what of it is new.
    pub(super) fn add(&mut self, place: u32, touches: &[LicenseUsage]) -> Vec<LicenseUsage> {
        if touches.is_empty() {
            return Vec::new();
        }
        let known = self.0.entry(place).or_default();
        let mut new = Vec::new();
        for touch in touches {
            let before = known.iter_mut().find(|own| own.tenant == touch.tenant && own.license == touch.license);
            let LimitUsage { losses, changes } = touch.counts;
            let more = match before {
                Some(own) => {
                    let LimitUsage { losses: lost, changes: changed } = own.counts;
                    own.counts = LimitUsage { losses: losses.max(lost), changes: changes.max(changed) };
                    LimitUsage { losses: losses.saturating_sub(lost), changes: changes.saturating_sub(changed) }
                }
                None => {
                    known.push(touch.clone());
                    touch.counts
                }
            };
            if more != LimitUsage::default() {
                new.push(LicenseUsage { counts: more, ..touch.clone() });
            }
        }
        new
    }
}

impl Store {
    /// What operations did from that day on, save those of one plan.
    ///
    /// A day is never before the last one that was written down: a clock that was set back would else hide an operation
    /// from the windows of the days to come.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn usage_since(&self, first: Date, without: Option<&Digest>) -> Result<UsageHistory, StoreError> {
        self.flush_pending_writes().await;
        let mut backend = self.shared.backend.lock().await;
        let mut passed_over = Vec::new();
        if let Some(plan) = without {
            let runs = backend.batches(RecordQuery::OfPlan(plan.as_str()), u32::MAX).await?;
            passed_over.extend(runs.into_iter().map(|run| run.first));
        }
        let mut past = UsageHistory::default();
        let start = backend.batches(RecordQuery::FromDay(number_of(first)), 1).await?;
        let Some(start) = start.first() else { return Ok(past) };
        let (mut from, mut day) = (start.first, first);
        loop {
            let page = backend.batches(RecordQuery::From(from), PAGE).await?;
            let Some(last) = page.last().filter(|last| last.last >= from) else { return Ok(past) };
            from = last.last + 1;
            for batch in page {
                if let Some(number) = batch.day {
                    day = date_of(number)?;
                }
                if passed_over.contains(&batch.run) {
                    continue;
                }
                for (_, line) in batch.lines().filter(|(_, line)| line.contains("\"touched\"")) {
                    for touch in RecordLine::read(line)?.touches() {
                        past.add(touch.tenant, touch.license, day, touch.counts);
                    }
                }
            }
        }
    }
}

/// The day of a moment, in days since 1970.
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
        .ok_or_else(|| StoreError::Corrupted(format!("{number} is no day")))
}
