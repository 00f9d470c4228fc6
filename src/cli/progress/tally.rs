//! How far a run is: counted from its events, so that nobody has to ask the executor while it works.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;
use tokio::time::Instant;

use crate::apply::Event;
use crate::model::{OnFailure, Operation, OperationId, OperationKind, Outcome, OutcomeSummary, Plan};
use crate::report::escape::escape;
use crate::report::run::tally;

/// Most people whom a line names.
const NAMED_MAX: usize = 5;
/// Before this a rate says nothing.
const RATE_AFTER: Duration = Duration::from_secs(1);

/// Where an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Unsent,
    InFlight,
    Waiting,
    Done(Outcome),
}

/// How far a run is at one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct OfTenant {
    in_flight: usize,
    /// Accepted, and not in effect yet.
    waiting: usize,
    /// Why nothing is sent just now.
    rests: Option<String>,
}

/// How far a run is.
#[derive(Debug)]
pub(super) struct Tally {
    plan: Option<Arc<Plan>>,
    places: BTreeMap<OperationId, usize>,
    phases: Vec<Phase>,
    tenants: BTreeMap<SmolStr, OfTenant>,
    outcomes: OutcomeSummary,
    done: usize,
    began: Instant,
}

impl Tally {
    /// Of a run of that plan, or of no plan where something is only settled.
    pub(super) fn new(plan: Option<Arc<Plan>>) -> Self {
        let operations = plan.as_ref().map_or(&[][..], |plan| &plan.operations);
        let places = operations.iter().enumerate().map(|(place, one)| (one.id.clone(), place)).collect();
        let tenants = operations.iter().map(|one| (one.tenant.clone(), OfTenant::default())).collect();
        let phases = vec![Phase::Unsent; operations.len()];
        let outcomes = OutcomeSummary::default();
        Self { plan, places, phases, tenants, outcomes, done: 0, began: Instant::now() }
    }

    fn operations(&self) -> &[Operation] {
        self.plan.as_ref().map_or(&[], |plan| &plan.operations)
    }

    /// Takes an event into account.
    pub(super) fn count(&mut self, event: &Event) {
        match event {
            Event::Started { .. } => self.began = Instant::now(),
            Event::Sent { operation } => self.enter(operation, Phase::InFlight),
            Event::Waiting { operation } => self.enter(operation, Phase::Waiting),
            Event::Done { operation, outcome, .. } => {
                self.outcomes.count(*outcome);
                self.done += 1;
                self.enter(operation, Phase::Done(*outcome));
            }
            Event::Busy { tenant, reason } => self.rests(tenant, Some(format!("busy ({})", escape(reason)))),
            Event::Throttled { tenant, .. } => self.rests(tenant, Some("throttled".to_owned())),
            Event::BreakerOpened { tenant, .. } => self.rests(tenant, Some("held back after failures".to_owned())),
            Event::Free { tenant } | Event::BreakerClosed { tenant } => self.rests(tenant, None),
            Event::Settling { .. }
            | Event::Settled { .. }
            | Event::HandedOver { .. }
            | Event::Retry { .. }
            | Event::PoolShort { .. }
            | Event::Draining { .. }
            | Event::LockLost { .. }
            | Event::GaveBack { .. }
            | Event::Stranded(_)
            | Event::Ended { .. } => {}
        }
    }

    fn rests(&mut self, tenant: &SmolStr, why: Option<String>) {
        if let Some(known) = self.tenants.get_mut(tenant) {
            known.rests = why;
        }
    }

    fn enter(&mut self, operation: &OperationId, phase: Phase) {
        let Some(place) = self.places.get(operation).copied() else { return };
        let before = std::mem::replace(&mut self.phases[place], phase);
        let tenant = self.plan.as_ref().and_then(|plan| self.tenants.get_mut(&plan.operations[place].tenant));
        let Some(tenant) = tenant else { return };
        match before {
            Phase::InFlight => tenant.in_flight = tenant.in_flight.saturating_sub(1),
            Phase::Waiting => tenant.waiting = tenant.waiting.saturating_sub(1),
            Phase::Unsent | Phase::Done(_) => {}
        }
        match phase {
            Phase::InFlight => {
                tenant.in_flight += 1;
                // Whoever was asked for a rest takes requests again.
                tenant.rests = None;
            }
            Phase::Waiting => tenant.waiting += 1,
            Phase::Unsent | Phase::Done(_) => {}
        }
    }

    /// How many operations are done.
    pub(super) fn done(&self) -> usize {
        self.done
    }

    /// Counts, rate, and what is waited for: `1200 of 5000 done (240 a second): 1198 applied, 2 failed; phones: 8 in flight`.
    pub(super) fn line(&self) -> String {
        let mut line = format!("{} of {} done", self.done, self.phases.len());
        let elapsed = self.began.elapsed();
        if elapsed >= RATE_AFTER && self.done > 0 {
            line.push_str(&format!(" ({:.0} a second)", self.done as f64 / elapsed.as_secs_f64()));
        }
        if self.done > 0 {
            line.push_str(&format!(": {}", tally(&self.outcomes)));
        }
        for part in self.open() {
            line.push_str(&format!("; {part}"));
        }
        line
    }

    /// What is under way, tenant by tenant.
    pub(super) fn open(&self) -> Vec<String> {
        let mut parts = Vec::new();
        for (name, OfTenant { in_flight, waiting, rests }) in &self.tenants {
            let mut said = Vec::new();
            if *in_flight > 0 {
                said.push(format!("{in_flight} in flight"));
            }
            if *waiting > 0 {
                said.push(format!("{waiting} accepted and not in effect yet"));
            }
            said.extend(rests.clone());
            if !said.is_empty() {
                parts.push(format!("{}: {}", escape(name), said.join(", ")));
            }
        }
        parts
    }

    /// Who gave up a license, or is about to, and has not got the next one yet.
    pub(super) fn between(&self) -> Option<String> {
        let gave_up = |assign: &Operation| {
            assign.after.iter().filter_map(|id| self.places.get(id)).copied().find(|place| {
                let one = &self.operations()[*place];
                one.kind == OperationKind::Remove
                    && one.account == assign.account
                    && one.tenant == assign.tenant
                    && match self.phases[*place] {
                        Phase::Unsent => false,
                        Phase::InFlight | Phase::Waiting => true,
                        Phase::Done(outcome) => outcome.is_success(),
                    }
            })
        };
        let open = self
            .operations()
            .iter()
            .zip(&self.phases)
            .filter(|(one, phase)| one.on_failure == Some(OnFailure::GiveBack) && !matches!(phase, Phase::Done(_)));
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

    fn moving() -> Tally {
        Tally::new(Some(Arc::new(plan(json!({ "operations": [
            operation("op-1", json!({ "kind": "remove", "license": "X2" })),
            operation("op-2", json!({ "after": ["op-1"], "on_failure": "give-back" })),
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
    async fn line_counts_what_is_done_and_what_is_under_way() {
        let mut tally = moving();
        tally.count(&Event::Sent { operation: id("op-1") });
        tally.count(&Event::Sent { operation: id("op-3") });
        tally.count(&Event::Waiting { operation: id("op-3") });
        assert_eq!(tally.line(), "0 of 3 done; phones: 1 in flight, 1 accepted and not in effect yet");
        tokio::time::advance(Duration::from_secs(2)).await;
        tally.count(&done("op-1", Outcome::Applied));
        tally.count(&done("op-3", Outcome::Failed));
        assert_eq!(tally.line(), "2 of 3 done (1 a second): 1 applied, 1 failed");
    }

    #[test]
    fn who_gave_up_a_license_is_named_until_the_next_one_is_there() {
        let mut tally = moving();
        assert_eq!(tally.between(), None);
        tally.count(&Event::Sent { operation: id("op-1") });
        assert!(tally.between().is_some(), "what was sent may be in effect");
        tally.count(&done("op-1", Outcome::Applied));
        assert_eq!(tally.between().as_deref(), Some("ana@acme.example (phones/X2 to X4)"));
        tally.count(&done("op-2", Outcome::Applied));
        assert_eq!(tally.between(), None);
    }

    #[test]
    fn rest_of_a_tenant_ends_when_something_is_sent_to_it() {
        let mut tally = moving();
        tally.count(&Event::Busy { tenant: "phones".into(), reason: "user audit".to_owned() });
        assert_eq!(tally.line(), "0 of 3 done; phones: busy (user audit)");
        tally.count(&Event::Sent { operation: id("op-1") });
        assert_eq!(tally.line(), "0 of 3 done; phones: 1 in flight");
    }
}
