//! Counts of a run, derived from its events.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;
use tokio::time::Instant;

use crate::apply::Event;
use crate::model::{OnFailure, Operation, OperationId, OperationKind, Outcome, OutcomeSummary, Plan};
use crate::report::escape::escape;
use crate::report::run::summarize_outcomes;

/// Most people that a line names.
const NAMED_MAX: usize = 5;
/// Time before a rate is meaningful.
const RATE_AFTER: Duration = Duration::from_secs(1);

/// The phase of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OperationPhase {
    Unsent,
    InFlight,
    Waiting,
    Done(Outcome),
}

/// Counts of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct TenantTally {
    in_flight: usize,
    /// Accepted, but not in effect yet.
    waiting: usize,
    /// Why nothing is sent.
    paused_reason: Option<String>,
}

/// Counts of a run.
#[derive(Debug)]
pub(super) struct RunTally {
    plan: Option<Arc<Plan>>,
    positions: BTreeMap<OperationId, usize>,
    phases: Vec<OperationPhase>,
    tenants: BTreeMap<SmolStr, TenantTally>,
    outcomes: OutcomeSummary,
    done: usize,
    started_at: Instant,
}

impl RunTally {
    /// Returns empty counts of a plan, or of a recovery without a plan.
    pub(super) fn new(plan: Option<Arc<Plan>>) -> Self {
        let operations = plan.as_ref().map_or(&[][..], |plan| &plan.operations);
        let places = operations.iter().enumerate().map(|(place, one)| (one.id.clone(), place)).collect();
        let tenants = operations.iter().map(|one| (one.tenant.clone(), TenantTally::default())).collect();
        let phases = vec![OperationPhase::Unsent; operations.len()];
        let outcomes = OutcomeSummary::default();
        Self { plan, positions: places, phases, tenants, outcomes, done: 0, started_at: Instant::now() }
    }

    fn operations(&self) -> &[Operation] {
        self.plan.as_ref().map_or(&[], |plan| &plan.operations)
    }

    /// Counts an event.
    pub(super) fn count(&mut self, event: &Event) {
        match event {
            Event::Started { .. } => self.started_at = Instant::now(),
            Event::Sent { operation } => self.set_phase(operation, OperationPhase::InFlight),
            Event::Waiting { operation } => self.set_phase(operation, OperationPhase::Waiting),
            Event::Done { operation, outcome, .. } => {
                self.outcomes.count(*outcome);
                self.done += 1;
                self.set_phase(operation, OperationPhase::Done(*outcome));
            }
            Event::Busy { tenant, reason } => self.set_paused(tenant, Some(format!("busy ({})", escape(reason)))),
            Event::Throttled { tenant, .. } => self.set_paused(tenant, Some("throttled".to_owned())),
            Event::BreakerOpened { tenant, .. } => self.set_paused(tenant, Some("paused after failures".to_owned())),
            Event::Available { tenant } | Event::BreakerClosed { tenant } => self.set_paused(tenant, None),
            Event::Recovering { .. }
            | Event::Recovered { .. }
            | Event::HandedOver { .. }
            | Event::Retry { .. }
            | Event::PoolShort { .. }
            | Event::Draining { .. }
            | Event::LockLost { .. }
            | Event::RolledBack { .. }
            | Event::Stranded(_)
            | Event::Ended { .. } => {}
        }
    }

    fn set_paused(&mut self, tenant: &SmolStr, why: Option<String>) {
        if let Some(known) = self.tenants.get_mut(tenant) {
            known.paused_reason = why;
        }
    }

    fn set_phase(&mut self, operation: &OperationId, phase: OperationPhase) {
        let Some(place) = self.positions.get(operation).copied() else { return };
        let before = std::mem::replace(&mut self.phases[place], phase);
        let tenant = self.plan.as_ref().and_then(|plan| self.tenants.get_mut(&plan.operations[place].tenant));
        let Some(tenant) = tenant else { return };
        match before {
            OperationPhase::InFlight => tenant.in_flight = tenant.in_flight.saturating_sub(1),
            OperationPhase::Waiting => tenant.waiting = tenant.waiting.saturating_sub(1),
            OperationPhase::Unsent | OperationPhase::Done(_) => {}
        }
        match phase {
            OperationPhase::InFlight => {
                tenant.in_flight += 1;
                // Sending ends a pause.
                tenant.paused_reason = None;
            }
            OperationPhase::Waiting => tenant.waiting += 1,
            OperationPhase::Unsent | OperationPhase::Done(_) => {}
        }
    }

    /// Returns the number of operations that are done.
    pub(super) fn done(&self) -> usize {
        self.done
    }

    /// Returns the status line: `1200 of 5000 done (240 per second): 1198 applied, 2 failed; phones: 8 in flight`.
    pub(super) fn status_line(&self) -> String {
        let mut line = format!("{} of {} done", self.done, self.phases.len());
        let elapsed = self.started_at.elapsed();
        if elapsed >= RATE_AFTER && self.done > 0 {
            line.push_str(&format!(" ({:.0} per second)", self.done as f64 / elapsed.as_secs_f64()));
        }
        if self.done > 0 {
            line.push_str(&format!(": {}", summarize_outcomes(&self.outcomes)));
        }
        for part in self.in_flight() {
            line.push_str(&format!("; {part}"));
        }
        line
    }

    /// Returns what is in flight, tenant by tenant.
    pub(super) fn in_flight(&self) -> Vec<String> {
        let mut parts = Vec::new();
        for (name, TenantTally { in_flight, waiting, paused_reason: rests }) in &self.tenants {
            let mut details = Vec::new();
            if *in_flight > 0 {
                details.push(format!("{in_flight} in flight"));
            }
            if *waiting > 0 {
                details.push(format!("{waiting} pending"));
            }
            details.extend(rests.clone());
            if !details.is_empty() {
                parts.push(format!("{}: {}", escape(name), details.join(", ")));
            }
        }
        parts
    }

    /// Returns the people whose removal was sent and whose assignment is not done.
    pub(super) fn between_licenses(&self) -> Option<String> {
        let gave_up = |assign: &Operation| {
            assign.after.iter().filter_map(|id| self.positions.get(id)).copied().find(|place| {
                let one = &self.operations()[*place];
                one.kind == OperationKind::Remove
                    && one.account == assign.account
                    && one.tenant == assign.tenant
                    && match self.phases[*place] {
                        OperationPhase::Unsent => false,
                        OperationPhase::InFlight | OperationPhase::Waiting => true,
                        OperationPhase::Done(outcome) => outcome.is_success(),
                    }
            })
        };
        let open = self.operations().iter().zip(&self.phases).filter(|(one, phase)| {
            one.on_failure == Some(OnFailure::RollBack) && !matches!(phase, OperationPhase::Done(_))
        });
        let mut people: Vec<String> = Vec::new();
        let mut more = 0;
        for (assign, _) in open {
            let Some(removal) = gave_up(assign) else { continue };
            if people.len() == NAMED_MAX {
                more += 1;
                continue;
            }
            let old = &self.operations()[removal].license;
            let moves = format!("{}/{old} to {}", assign.tenant, assign.license);
            people.push(format!("{} ({})", escape(&assign.person), escape(&moves)));
        }
        if people.is_empty() {
            return None;
        }
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        Some(format!("{}{more}", people.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::plan::tests::{operation, plan};

    fn moving() -> RunTally {
        RunTally::new(Some(Arc::new(plan(json!({ "operations": [
            operation("op-1", json!({ "kind": "remove", "license": "X2" })),
            operation("op-2", json!({ "after": ["op-1"], "on_failure": "roll-back" })),
            operation("op-3", json!({ "person": "bo@acme.example", "account": "u-2" })),
        ] })))))
    }

    fn id(name: &str) -> OperationId {
        OperationId(name.into())
    }

    fn done(name: &str, outcome: Outcome) -> Event {
        Event::Done { operation: id(name), outcome, message: None }
    }

    #[tokio::test(start_paused = true)]
    async fn status_line_counts_done_and_in_flight() {
        let mut tally = moving();
        tally.count(&Event::Sent { operation: id("op-1") });
        tally.count(&Event::Sent { operation: id("op-3") });
        tally.count(&Event::Waiting { operation: id("op-3") });
        assert_eq!(tally.status_line(), "0 of 3 done; phones: 1 in flight, 1 pending");
        tokio::time::advance(Duration::from_secs(2)).await;
        tally.count(&done("op-1", Outcome::Applied));
        tally.count(&done("op-3", Outcome::Failed));
        assert_eq!(tally.status_line(), "2 of 3 done (1 per second): 1 applied, 1 failed");
    }

    #[test]
    fn person_between_licenses_is_named_until_the_assignment_is_done() {
        let mut tally = moving();
        assert_eq!(tally.between_licenses(), None);
        tally.count(&Event::Sent { operation: id("op-1") });
        assert!(tally.between_licenses().is_some(), "a sent removal may be in effect");
        tally.count(&done("op-1", Outcome::Applied));
        assert_eq!(tally.between_licenses().as_deref(), Some("ana@acme.example (phones/X2 to X4)"));
        tally.count(&done("op-2", Outcome::Applied));
        assert_eq!(tally.between_licenses(), None);
    }

    #[test]
    fn sending_to_a_tenant_clears_its_pause() {
        let mut tally = moving();
        tally.count(&Event::Busy { tenant: "phones".into(), reason: "user audit".to_owned() });
        assert_eq!(tally.status_line(), "0 of 3 done; phones: busy (user audit)");
        tally.count(&Event::Sent { operation: id("op-1") });
        assert_eq!(tally.status_line(), "0 of 3 done; phones: 1 in flight");
    }
}
