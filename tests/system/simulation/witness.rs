//! Invariants that hold at every tick, checked by an observer that never interferes.
//!
//! It sees the vendors' true state, independently of the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use reseat::model::{
    Account, AuditEvent, AuditRecord, Digest, Effect, Observation, Operation, OperationId, OperationKind, Outcome, Plan,
};
use reseat::profile::Rules;
use smol_str::{SmolStr, format_smolstr};

use super::world::World;

/// A tenant and an account or a license in it.
type At = (SmolStr, SmolStr);

#[derive(Default)]
struct Seen {
    plan: Option<Plan>,
    /// The state when the plan was made.
    at_plan: BTreeMap<SmolStr, Observation>,
    /// How often each operation of each plan took effect.
    effects: BTreeMap<(Digest, OperationId), u32>,
    /// Seats that other administrators took since the plan was made.
    seats_taken: BTreeMap<At, u64>,
    /// Seats that were released since the plan was made.
    given_back: BTreeMap<At, u64>,
    /// Accounts that another administrator changed, ever.
    meddled: BTreeSet<At>,
    /// Accounts that were to lose something without a replacement, ever.
    losing: BTreeSet<At>,
    /// Accounts whose memberships a plan was to restore.
    restorable: BTreeSet<At>,
    /// Accounts that a finished run reported as incomplete, ever.
    owed: BTreeSet<At>,
    /// People whom a run reported as not as planned, ever.
    claimed: BTreeSet<At>,
    /// Whether another process has the lock.
    locked_out: bool,
    violations: Vec<String>,
    lines: Vec<String>,
    /// How often each event happened, to detect faults that never happen.
    marks: Marks,
}

/// How often each event happened.
pub(crate) type Marks = BTreeMap<&'static str, u64>;

/// The result of a world.
pub(crate) struct Ending {
    /// The violations; empty if there are none.
    pub(crate) violations: Vec<String>,
    /// The story.
    pub(crate) lines: Vec<String>,
    /// How often each event happened.
    pub(crate) marks: Marks,
}

impl Ending {
    /// The result of a world that panicked.
    pub(crate) fn panicked() -> Self {
        Self { violations: vec!["it panicked".to_owned()], lines: Vec::new(), marks: Marks::new() }
    }
}

/// The observer.
#[derive(Default)]
pub(crate) struct Witness {
    seen: Mutex<Seen>,
}

/// The plan that sends something.
#[derive(Clone)]
pub(crate) struct Sender {
    plan: Digest,
    is_remedy: bool,
}

impl Witness {
    /// Returns the active plan that contains this operation.
    pub(crate) fn sender(&self, operation: &Operation) -> Option<Sender> {
        let seen = self.seen();
        let plan = seen.plan.as_ref()?;
        let is_remedy = !plan.operations.iter().any(|planned| planned.id == operation.id);
        Some(Sender { plan: plan.digest.clone(), is_remedy })
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line to the story.
    pub(crate) fn say(&self, line: String) {
        self.seen().lines.push(line);
    }

    /// Counts an event.
    pub(crate) fn mark(&self, what: &'static str) {
        *self.seen().marks.entry(what).or_default() += 1;
    }

    /// Records a violation.
    pub(crate) fn accuse(&self, what: String) {
        let mut seen = self.seen();
        seen.lines.push(format!("!!! {what}"));
        seen.violations.push(what);
    }

    /// Returns the story, the violations, and how often each event happened.
    pub(crate) fn end(&self) -> Ending {
        let mut seen = self.seen();
        Ending {
            lines: std::mem::take(&mut seen.lines),
            violations: std::mem::take(&mut seen.violations),
            marks: std::mem::take(&mut seen.marks),
        }
    }

    /// A plan was made from the vendors' true state.
    pub(crate) fn planned(&self, plan: &Plan, truth: BTreeMap<SmolStr, Observation>) {
        let mut seen = self.seen();
        let loses = |operation: &&Operation| matches!(operation.effect, Effect::Loss | Effect::Cancel);
        let losing = plan.operations.iter().filter(loses);
        seen.losing.extend(losing.map(|operation| (operation.tenant.clone(), operation.account.clone())));
        let restored = plan.operations.iter().filter(|operation| operation.kind == OperationKind::Restore);
        seen.restorable.extend(restored.map(|operation| (operation.tenant.clone(), operation.account.clone())));
        seen.plan = Some(plan.clone());
        seen.at_plan = truth;
        seen.seats_taken.clear();
        seen.given_back.clear();
    }

    /// Another process took the lock, or the run that lost it ended.
    pub(crate) fn lock_out(&self, locked_out: bool) {
        self.seen().locked_out = locked_out;
    }

    /// Another administrator changed an account, and may have taken a seat.
    pub(crate) fn meddled(&self, tenant: &SmolStr, account: &SmolStr, taken: Option<&SmolStr>) {
        let mut seen = self.seen();
        seen.meddled.insert((tenant.clone(), account.clone()));
        if let Some(license) = taken {
            *seen.seats_taken.entry((tenant.clone(), license.clone())).or_default() += 1;
        }
    }

    /// A run reported that an account is not as planned.
    pub(crate) fn claimed(&self, tenant: &SmolStr, account: &SmolStr) {
        self.seen().claimed.insert((tenant.clone(), account.clone()));
    }

    /// A finished run reported that an account is incomplete.
    pub(crate) fn owed(&self, tenant: &SmolStr, account: &SmolStr) {
        self.seen().owed.insert((tenant.clone(), account.clone()));
    }

    /// A request arrived at a vendor.
    pub(crate) fn arrived(&self, operation: &Operation) {
        let seen = self.seen();
        let locked_out = seen.locked_out;
        let at = (operation.tenant.clone(), operation.account.clone());
        // The next run restores what an earlier run took away.
        let known = seen.plan.as_ref().is_some_and(|plan| is_of(plan, operation))
            || (operation.kind == OperationKind::Restore && seen.restorable.contains(&at));
        drop(seen);
        if locked_out {
            self.accuse(format!("{} was sent by a run that has lost the lock", name(operation)));
        }
        if !known {
            self.accuse(format!("{} does not stand in the plan", name(operation)));
        }
    }

    /// A request took effect, with the resulting `state`.
    pub(crate) fn took_effect(
        &self,
        sender: Option<Sender>,
        reserve: u64,
        operation: &Operation,
        before: &Observation,
        after: &Observation,
    ) {
        let mut wrong = Vec::new();
        let mut seen = self.seen();
        let Some(Sender { plan, is_remedy }) = sender else { return };
        let key = (plan, operation.id.clone());
        let times = seen.effects.entry(key).or_default();
        *times += 1;
        if *times > 1 {
            wrong.push(format!("{} took effect {times} times", name(operation)));
        }
        let arrives = match operation.kind {
            OperationKind::Assign => Some(&operation.license),
            OperationKind::Change => operation.to.as_ref(),
            _ => None,
        };
        if let Some(license) = arrives {
            let at = (operation.tenant.clone(), license.clone());
            if is_remedy {
                *seen.given_back.entry(at.clone()).or_default() += 1;
            }
            let used = |state: &Observation| {
                let pool = state.pools.iter().find(|pool| pool.license == *license);
                pool.and_then(|pool| Some((pool.used?, pool.total?)))
            };
            let pardoned =
                seen.seats_taken.get(&at).copied().unwrap_or(0) + seen.given_back.get(&at).copied().unwrap_or(0);
            if let (Some((used_before, _)), Some((used_after, total))) = (used(before), used(after))
                && used_after > used_before
                && used_after > (total + pardoned).saturating_sub(reserve)
            {
                wrong.push(format!(
                    "{} makes {used_after} of {total} seats, of which {reserve} are a reserve",
                    name(operation)
                ));
            }
        }
        drop(seen);
        for what in wrong {
            self.accuse(what);
        }
    }

    /// The end of the world: everyone who held something, is named for something, and holds nothing must have been reported.
    pub(crate) fn judge_end(&self, world: &World, truth: &BTreeMap<SmolStr, Observation>) {
        let seen = self.seen();
        let mut wrong = Vec::new();
        for (name, tenant) in &world.tenants {
            let (Some(now), Some(desired)) = (truth.get(name), world.desired.tenants.get(name)) else { continue };
            for account in &tenant.state.accounts {
                let at = (name.clone(), account.id.clone());
                let is_pardoned = seen.meddled.contains(&at) || seen.claimed.contains(&at) || seen.losing.contains(&at);
                let is_member =
                    now.accounts.iter().any(|end| end.id == account.id && end.memberships == account.memberships);
                if !is_member && !is_pardoned && !seen.owed.contains(&at) {
                    wrong.push(format!("{name}: {} lost its memberships", account.id));
                }
                let Some(license) = stripped(&tenant.rules, account, now) else { continue };
                let family = tenant.rules.family(&license);
                let is_named = desired.claims.iter().any(|claim| {
                    world.desired.people.key(claim.person) == &account.email
                        && tenant.rules.family(&desired.entries[claim.entry as usize].license) == family
                });
                if is_named && !seen.meddled.contains(&at) && !seen.claimed.contains(&at) {
                    wrong.push(format!("{name}: {} had `{license}`, and ends with nothing", account.id));
                }
            }
        }
        drop(seen);
        for what in wrong {
            self.accuse(what);
        }
    }

    /// The complete journal must explain every effect, and claim no effect that did not happen.
    pub(crate) fn judge_journal(&self, records: &[AuditRecord]) {
        let mut seen = self.seen();
        let effects = std::mem::take(&mut seen.effects);
        let somebody_else = !seen.meddled.is_empty();
        drop(seen);
        let mut plans: BTreeMap<&SmolStr, &Digest> = BTreeMap::new();
        let mut sent: BTreeSet<(Digest, OperationId)> = BTreeSet::new();
        for record in records {
            let Some(run) = &record.run else { continue };
            if let AuditEvent::RunBegan { plan, .. } = &record.event {
                plans.insert(run, plan);
            }
            let Some(plan) = plans.get(run) else { continue };
            let key = |id: &OperationId| ((*plan).clone(), id.clone());
            match &record.event {
                AuditEvent::Sent { operation } => {
                    sent.insert(key(&operation.id));
                }
                AuditEvent::Outcome { operation, outcome: Outcome::Applied, .. }
                    // Nobody can verify that billing stopped, so the vendor's word counts.
                    if !somebody_else
                        && operation.kind != OperationKind::Release
                        && !effects.contains_key(&key(&operation.id))
                        && !effects.contains_key(&key(&OperationId(format_smolstr!("{}-once-more", operation.id)))) =>
                {
                    self.accuse(format!("{run} says that {} was applied, and it was not", operation.id));
                }
                _ => {}
            }
        }
        for (plan, id) in effects.keys().filter(|key| !sent.contains(*key)) {
            self.accuse(format!("{id} of {plan} took effect, and the journal does not know it"));
        }
    }

    /// A run ended: everyone who held something and holds nothing must have been reported.
    pub(crate) fn judge_run(&self, world: &World, truth: &BTreeMap<SmolStr, Observation>) {
        let seen = self.seen();
        let mut wrong = Vec::new();
        for (tenant, before) in &seen.at_plan {
            let (Some(tenant_world), Some(now)) = (world.tenants.get(tenant), truth.get(tenant)) else { continue };
            for account in &before.accounts {
                let at = (tenant.clone(), account.id.clone());
                if seen.losing.contains(&at) || seen.meddled.contains(&at) || seen.claimed.contains(&at) {
                    continue;
                }
                if let Some(license) = stripped(&tenant_world.rules, account, now) {
                    wrong
                        .push(format!("{tenant}: {} gave up `{license}`, has nothing, and nobody says so", account.id));
                }
            }
        }
        drop(seen);
        for what in wrong {
            self.accuse(what);
        }
    }
}

/// Returns what a person held and does not hold any longer, among exclusive licenses.
fn stripped(rules: &Rules, before: &Account, now: &Observation) -> Option<SmolStr> {
    let account = now.accounts.iter().find(|account| account.id == before.id)?;
    let held = before.holdings.iter().filter(|holding| holding.uses_seat());
    held.map(|holding| &holding.license)
        .find(|license| {
            let family = rules.family(license);
            family.is_exclusive()
                && !account
                    .holdings
                    .iter()
                    .any(|holding| holding.state.is_held() && rules.family(&holding.license) == family)
        })
        .cloned()
}

/// Returns whether the operation is in the plan, or rolls back an operation of it.
fn is_of(plan: &Plan, operation: &Operation) -> bool {
    if let Some(planned) = plan.operations.iter().find(|planned| planned.id == operation.id) {
        return planned == operation;
    }
    plan.operations.iter().any(|planned| {
        planned.tenant == operation.tenant
            && planned.account == operation.account
            && match (planned.kind, operation.kind) {
                // Rolled back, or restored once more after it was certainly lost.
                (OperationKind::Remove | OperationKind::Assign, OperationKind::Assign) => {
                    planned.license == operation.license
                }
                (OperationKind::Remove | OperationKind::Restore, OperationKind::Restore) => true,
                _ => false,
            }
    })
}

/// Formats an operation: `op-1 assign u-p1 L2`.
pub(crate) fn name(operation: &Operation) -> String {
    let to = operation.to.as_ref().map_or_else(String::new, |to| format!(" -> {to}"));
    let (id, kind) = (&operation.id, operation.kind.as_str());
    format!("{} {id} {kind} {} {}{to}", operation.tenant, operation.account, operation.license)
}
