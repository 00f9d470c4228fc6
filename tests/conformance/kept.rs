//! A tenant that the suite keeps as an observation, for adapters without an emulator: what happens there is done to it.

use reseat::emulator::Action;
use reseat::model::{Account, Observation};

use super::start::holding;

/// Lets something happen at the tenant.
pub(crate) fn act(state: &mut Observation, action: &Action) {
    match action {
        Action::Steal { license, seats } => {
            let pool = state.pools.iter_mut().find(|pool| pool.license == *license).expect("the pool is there");
            pool.used = pool.used.map(|used| used.saturating_add_signed(*seats));
        }
        Action::Rename { id, email } => account(state, id).email.clone_from(email),
        Action::Origin { id, origin } => account(state, id).origin.clone_from(origin),
        Action::Pool { license, total, status, expires } => {
            let pool = state.pools.iter_mut().find(|pool| pool.license == *license).expect("the pool is there");
            pool.total = total.or(pool.total);
            pool.status = status.unwrap_or(pool.status);
            pool.expires = expires.or(pool.expires);
        }
        Action::Busy { reason, seconds: _ } => state.busy.clone_from(reason),
        Action::Give { id, license } => account(state, id).holdings.push(holding(license)),
        Action::Take { id, license } => account(state, id).holdings.retain(|held| held.license != *license),
        Action::Delete { id } => state.accounts.retain(|account| account.id != *id),
        Action::Add { .. } | Action::Advance { .. } => {
            panic!("the suite does not do {action:?} to a tenant that it keeps")
        }
    }
}

/// The account of that id.
pub(crate) fn account<'a>(state: &'a mut Observation, id: &str) -> &'a mut Account {
    state.accounts.iter_mut().find(|account| account.id == id).expect("the account is there")
}
