//! A tenant stored as an observation, for adapters without an emulator; the suite itself changes it.

use reseat::emulator::TenantAction;
use reseat::model::{Account, Observation};

use super::start::holding;

/// Applies an event at the tenant.
pub(crate) fn act(state: &mut Observation, action: &TenantAction) {
    match action {
        TenantAction::Steal { license, seats } => {
            let pool = state.pools.iter_mut().find(|pool| pool.license == *license).expect("the pool is there");
            pool.used = pool.used.map(|used| used.saturating_add_signed(*seats));
        }
        TenantAction::Rename { id, email } => account(state, id).email.clone_from(email),
        TenantAction::Origin { id, origin } => account(state, id).origin.clone_from(origin),
        TenantAction::Pool { license, total, status, expires } => {
            let pool = state.pools.iter_mut().find(|pool| pool.license == *license).expect("the pool is there");
            pool.total = total.or(pool.total);
            pool.status = status.unwrap_or(pool.status);
            pool.expires = expires.or(pool.expires);
        }
        TenantAction::Busy { reason, seconds: _ } => state.busy.clone_from(reason),
        TenantAction::Give { id, license } => account(state, id).holdings.push(holding(license)),
        TenantAction::Take { id, license } => account(state, id).holdings.retain(|held| held.license != *license),
        TenantAction::Delete { id } => state.accounts.retain(|account| account.id != *id),
        TenantAction::Add { .. } | TenantAction::Advance { .. } => {
            panic!("the suite does not do {action:?} to a tenant that it keeps")
        }
    }
}

/// Returns the account with the id.
pub(crate) fn account<'a>(state: &'a mut Observation, id: &str) -> &'a mut Account {
    state.accounts.iter_mut().find(|account| account.id == id).expect("the account is there")
}
