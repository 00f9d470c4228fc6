//! Who holds, waits for, and frees the seats of a pool.

use std::collections::BTreeSet;

use super::super::current_state::CurrentState;
use super::super::diff::{accounts_by_person, describe_holding};
use super::super::error::WorkflowError;
use super::super::exit::Exit;
use super::ranking::{assigned_license, claimants, ranked_competitors};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::reference;
use crate::model::{Ensure, HoldingState, LicenseRef, OperationKind, Plan};
use crate::report::why::{PoolArrival, PoolHolder, PoolWaiter, PoolWhy, ReleaseCause, SeatRelease};

/// Explains the seats of one license.
///
/// # Errors
/// If the tenant or the license is unknown.
pub(super) fn explain(state: &CurrentState, plan: &Plan, of: &LicenseRef) -> Result<PoolWhy, WorkflowError> {
    let CurrentState { manifest, observations, now } = state;
    manifest.tenant(&of.tenant)?;
    let desired = manifest.desired.tenants.get(&of.tenant);
    let entries = desired.map(|desired| desired.entries.as_slice()).unwrap_or_default();
    let seen = observations.get(&of.tenant);
    let pool = plan.pools.iter().find(|pool| pool.tenant == of.tenant && pool.license == of.license);
    let people = &manifest.desired.people;
    let claimants = desired.map(|desired| claimants(people, desired, &of.license, now.day)).unwrap_or_default();
    let place = |person: &str| claimants.get(person).map(|claimant| manifest.files.source(claimant.source));
    let accounts = seen.map(|seen| accounts_by_person(people, seen)).unwrap_or_default();
    let held: Vec<_> = accounts
        .iter()
        .flat_map(|(person, account)| account.holdings.iter().map(move |holding| (person, holding)))
        .filter(|(_, holding)| holding.license == of.license)
        .collect();
    let managed = entries.iter().any(|entry| entry.ensure == Ensure::Present && entry.license == of.license);
    if !managed && pool.is_none() && held.is_empty() {
        let finding = Finding::error(&reference::UNKNOWN_LICENSE, format!("unknown license `{of}`"))
            .help(format!("`reseat observe {}` lists the pools of the tenant", of.tenant));
        return Err(WorkflowError::from_finding(Exit::Input, finding));
    }
    let mut freeing = freed_by_plan(plan, of);
    let leaves: BTreeSet<_> = freeing.iter().map(|one| one.person.clone()).collect();
    for (person, holding) in held.iter().filter(|(person, holding)| holding.uses_seat() && !leaves.contains(*person)) {
        let ends = claimants.get(*person).and_then(|claimant| claimant.ends);
        let reason = match (holding.state == HoldingState::Removing, holding.expires, ends) {
            (true, ..) => ReleaseCause::Removing,
            (_, Some(on), None) => ReleaseCause::HoldingEnds { on },
            (_, Some(on), Some((entry, _))) if on <= entry => ReleaseCause::HoldingEnds { on },
            (_, _, Some((on, source))) => ReleaseCause::EntryEnds { on, source: manifest.files.source(source) },
            (_, None, None) => continue,
        };
        freeing.push(SeatRelease { person: (*person).clone(), reason });
    }
    freeing.sort_by(|a, b| (&a.reason, &a.person).cmp(&(&b.reason, &b.person)));
    let listed = held.iter().filter(|(_, holding)| holding.uses_seat()).count() as u64;
    let ranked = desired.map(|desired| ranked_competitors(manifest, plan, desired, of, *now)).unwrap_or_default();
    let arriving = ranked.into_iter().filter_map(|rival| {
        let operation = rival.operation?;
        Some(PoolArrival { person: rival.person, priority: rival.priority, operation })
    });
    let waiting = plan.waiting.iter().filter(|one| one.tenant == of.tenant && one.license == of.license);
    Ok(PoolWhy {
        tenant: of.tenant.clone(),
        license: of.license.clone(),
        managed,
        unlisted: pool.map_or(0, |pool| pool.used_before.saturating_sub(listed)),
        pool: pool.cloned(),
        holders: held
            .iter()
            .map(|(person, holding)| PoolHolder {
                person: (*person).clone(),
                holds: describe_holding(holding),
                seat: holding.uses_seat(),
                named_at: place(person),
            })
            .collect(),
        arriving: arriving.collect(),
        waiting: waiting
            .map(|one| PoolWaiter {
                person: one.person.clone(),
                position: one.position,
                priority: one.priority,
                named_at: place(&one.person),
            })
            .collect(),
        freeing,
    })
}

/// Returns who gives the license up in this plan, or would if a limit did not hold it.
fn freed_by_plan(plan: &Plan, of: &LicenseRef) -> Vec<SeatRelease> {
    let leaves = plan.operations.iter().filter(|operation| {
        let takes = matches!(operation.kind, OperationKind::Cancel | OperationKind::Remove | OperationKind::Change);
        let stays = assigned_license(operation).is_some_and(|license| *license == of.license);
        operation.tenant == of.tenant && operation.license == of.license && takes && !stays
    });
    let leaves = leaves.map(|operation| SeatRelease {
        person: operation.person.clone(),
        reason: ReleaseCause::Operation { operation: operation.id.clone(), why: operation.why.clone() },
    });
    let held = plan.held.iter().filter(|held| held.tenant == of.tenant && held.license == of.license);
    let held = held.map(|held| SeatRelease {
        person: held.person.clone(),
        reason: ReleaseCause::Held { message: held.message.clone() },
    });
    leaves.chain(held).collect()
}
