//! When less is sent, or nothing more: a wish to stop, a deadline, a tenant that refuses too often.

use smol_str::SmolStr;
use tokio::time::Instant;

use super::RunLoop;
use crate::apply::Event;
use crate::apply::operation::result::{FailureCause, OperationResult};
use crate::apply::pacing::BreakerOpening;
use crate::apply::run::schedule::OperationIndex;
use crate::model::{Outcome, SkipReason};
use crate::store::StoreError;

impl RunLoop {
    /// Sends nothing new, save what closes the gap of somebody who is between two licenses.
    pub(super) fn drain(&mut self, reason: SkipReason) -> Result<(), StoreError> {
        self.end_reason = Some(reason);
        let needed = self.schedule.needed_to_close();
        let rest = self.schedule.drop_all_except(&needed);
        self.is_cut_short = !rest.is_empty();
        self.context.tenants.stop.stop();
        let in_flight = self.in_flight();
        self.context.tenants.events.emit(&Event::Draining { in_flight, closing: needed.len() });
        let message = match reason {
            SkipReason::Deadline => "the time that the run was given is over",
            _ => "the run was stopped",
        };
        for index in rest {
            self.skip_operation(index, OperationResult::skipped(reason, message))?;
        }
        Ok(())
    }

    /// Tells the tenant's breaker what came of an operation; whether it was tried often enough.
    pub(super) fn update_breaker(&mut self, index: OperationIndex, fate: &OperationResult) -> bool {
        let tenant = &self.schedule.operation(index).tenant;
        let Some(breaker) = self.breakers.get_mut(tenant) else { return false };
        let watch = &self.context.tenants.events;
        if fate.counts_against_tenant() {
            if let Some(BreakerOpening { removals_only, failures, pause }) = breaker.record_failure(Instant::now()) {
                let reason = fate.message.clone().unwrap_or_default();
                let tenant = tenant.clone();
                watch.emit(&Event::BreakerOpened { tenant, removals_only, failures, pause, reason });
            }
        } else if fate.outcome == Outcome::Applied && breaker.record_success() {
            watch.emit(&Event::BreakerClosed { tenant: tenant.clone() });
        }
        breaker.is_exhausted()
    }

    /// Gives up what is kept back from tenants that refuse too often; nobody waits any longer.
    pub(super) fn give_up_failing_tenants(&mut self, tenants: &[SmolStr]) -> Result<(), StoreError> {
        for tenant in tenants {
            if self.breakers.get(tenant).is_some_and(|breaker| breaker.retry_at(Instant::now()).is_some()) {
                self.give_up_tenant(tenant)?;
            }
        }
        Ok(())
    }

    pub(super) fn give_up_tenant(&mut self, tenant: &SmolStr) -> Result<(), StoreError> {
        let message = format!("not sent, for `{tenant}` failed again and again");
        let mut fate = OperationResult::skipped(SkipReason::Failing, message);
        fate.cause = Some(FailureCause::Refused);
        self.close_tenant(tenant, &fate)
    }

    /// Nobody knows whether the person has the new license, and the old one is gone.
    pub(super) fn note_uncertain_move(&mut self, index: OperationIndex) {
        if let Some(removal) = self.schedule.removal_before(index) {
            self.uncertain_moves.push((removal, index));
        }
    }
}
