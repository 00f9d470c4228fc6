//! Sending less, or nothing more: a stop, a deadline, a tenant that keeps failing.

use smol_str::SmolStr;
use tokio::time::Instant;

use super::RunLoop;
use super::schedule::OperationIndex;
use crate::apply::Event;
use crate::apply::operation::{FailureCause, OperationResult};
use crate::apply::pacing::BreakerOpening;
use crate::model::{Outcome, SkipReason};
use crate::store::StoreError;

impl RunLoop {
    /// Sends nothing new, except what a person between two licenses needs.
    pub(super) fn drain(&mut self, reason: SkipReason) -> Result<(), StoreError> {
        self.end_reason = Some(reason);
        let schedule = &self.schedule;
        let needed = self.context.drain(reason, |was_sent| schedule.needed_to_close(was_sent));
        let rest = self.schedule.drop_all_except(&needed);
        self.is_cut_short |= !rest.is_empty();
        let closing = needed.iter().filter(|index| self.schedule.is_unsent(**index)).count();
        self.context.control.events.emit(&Event::Draining { in_flight: self.in_flight(), closing });
        for index in rest {
            self.skip_operation(index, OperationResult::drained(reason))?;
        }
        Ok(())
    }

    /// Updates the tenant's breaker with a result. Returns whether the tenant was probed often enough.
    pub(super) fn update_breaker(&mut self, index: OperationIndex, result: &OperationResult) -> bool {
        let tenant = &self.schedule.operation(index).tenant;
        let Some(breaker) = self.breakers.get_mut(tenant) else { return false };
        let events = &self.context.control.events;
        if result.counts_against_tenant() {
            if let Some(BreakerOpening { removals_only, failures, pause }) = breaker.record_failure(Instant::now()) {
                let reason = result.message.clone().unwrap_or_default();
                let tenant = tenant.clone();
                events.emit(&Event::BreakerOpened { tenant, removals_only, failures, pause, reason });
            }
        } else if result.outcome == Outcome::Applied && breaker.record_success() {
            events.emit(&Event::BreakerClosed { tenant: tenant.clone() });
        }
        breaker.is_exhausted()
    }

    /// Gives up the tenants that keep failing, because the wait ended.
    pub(super) fn give_up_failing_tenants(&mut self, tenants: &[SmolStr]) -> Result<(), StoreError> {
        for tenant in tenants {
            if self.breakers.get(tenant).is_some_and(|breaker| breaker.retry_at(Instant::now()).is_some()) {
                self.give_up_tenant(tenant)?;
            }
        }
        Ok(())
    }

    pub(super) fn give_up_tenant(&mut self, tenant: &SmolStr) -> Result<(), StoreError> {
        let result = OperationResult::skipped(SkipReason::Failing, format!("not sent: `{tenant}` kept failing"));
        self.close_tenant(tenant, &result.caused_by(FailureCause::Refused))
    }

    /// Notes a move whose removal succeeded and whose assignment has an unknown result.
    pub(super) fn note_uncertain_move(&mut self, index: OperationIndex) {
        if let Some(removal) = self.schedule.removal_before(index) {
            self.uncertain_moves.push((removal, index));
        }
    }
}
