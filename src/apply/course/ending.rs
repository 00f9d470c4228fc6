//! When less is sent, or nothing more: a wish to stop, a deadline, a tenant that refuses too often.

use smol_str::SmolStr;
use tokio::time::Instant;

use super::Course;
use crate::apply::Event;
use crate::apply::fate::{Fate, Trouble};
use crate::apply::pace::Opened;
use crate::apply::schedule::Index;
use crate::model::{Outcome, SkipReason};
use crate::store::StoreError;

impl Course {
    /// Sends nothing new, save what closes the gap of somebody who is between two licenses.
    pub(super) fn end_soon(&mut self, reason: SkipReason) -> Result<(), StoreError> {
        self.ends_for = Some(reason);
        let needed = self.schedule.needed_to_close();
        let rest = self.schedule.drop_rest(&needed);
        self.stopped = !rest.is_empty();
        self.bench.world.stop.stop();
        let in_flight = self.in_flight();
        self.bench.world.watch.tell(&Event::Draining { in_flight, closing: needed.len() });
        let message = match reason {
            SkipReason::Deadline => "the time that the run was given is over",
            _ => "the run was stopped",
        };
        for index in rest {
            self.leave_out(index, Fate::skipped(reason, message))?;
        }
        Ok(())
    }

    /// Tells the tenant's breaker what came of an operation; whether it was tried often enough.
    pub(super) fn tell_breaker(&mut self, index: Index, fate: &Fate) -> bool {
        let tenant = &self.schedule.operation(index).tenant;
        let Some(breaker) = self.breakers.get_mut(tenant) else { return false };
        let watch = &self.bench.world.watch;
        if fate.counts_against_tenant() {
            if let Some(Opened { removals_only, failures, pause }) = breaker.failed(Instant::now()) {
                let reason = fate.message.clone().unwrap_or_default();
                let tenant = tenant.clone();
                watch.tell(&Event::BreakerOpened { tenant, removals_only, failures, pause, reason });
            }
        } else if fate.outcome == Outcome::Applied && breaker.succeeded() {
            watch.tell(&Event::BreakerClosed { tenant: tenant.clone() });
        }
        breaker.is_hopeless()
    }

    /// Gives up what is kept back from tenants that refuse too often; nobody waits any longer.
    pub(super) fn give_up_failing(&mut self, tenants: &[SmolStr]) -> Result<(), StoreError> {
        for tenant in tenants {
            if self.breakers.get(tenant).is_some_and(|breaker| breaker.until(Instant::now()).is_some()) {
                self.give_up(tenant)?;
            }
        }
        Ok(())
    }

    pub(super) fn give_up(&mut self, tenant: &SmolStr) -> Result<(), StoreError> {
        let message = format!("not sent, for `{tenant}` failed again and again");
        let mut fate = Fate::skipped(SkipReason::Failing, message);
        fate.trouble = Some(Trouble::Refused);
        self.close(tenant, &fate)
    }

    /// Nobody knows whether the person has the new license, and the old one is gone.
    pub(super) fn doubt(&mut self, index: Index) {
        if let Some(removal) = self.schedule.removal_before(index) {
            self.doubtful.push((removal, index));
        }
    }
}
