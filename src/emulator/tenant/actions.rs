//! What happens at the tenant without anybody asking through its interface.

use std::time::Duration;

use smol_str::SmolStr;

use super::EmulatedTenant;
use crate::emulator::config::TenantAction;
use crate::model::{
    Account, AccountOrigin, Holding, HoldingOrigin, HoldingState, Observation, PersonKey, Pool, PoolStatus,
    validate_name,
};

impl EmulatedTenant {
    /// Lets that happen.
    ///
    /// # Errors
    /// When there is no such account or pool, or the name of a new one is none; nothing has changed then.
    pub(in crate::emulator) fn apply_action(&mut self, action: &TenantAction) -> Result<(), String> {
        self.external_changes += 1;
        match action {
            TenantAction::Steal { license, seats } => self.steal(license, *seats),
            TenantAction::Add { id, email, licenses } => self.add(id, email, licenses),
            TenantAction::Delete { id } => {
                self.require_account(id)?;
                self.edit_all(|state| {
                    let Some(at) = state.accounts.iter().position(|account| account.id == *id) else { return };
                    let gone = state.accounts.remove(at);
                    for holding in gone.holdings.iter().filter(|holding| holding.uses_seat()) {
                        adjust_used(state, &holding.license, -1);
                    }
                });
                Ok(())
            }
            TenantAction::Rename { id, email } => {
                self.require_account(id)?;
                PersonKey::parse(email).map_err(|error| format!("the address `{email}` {error}"))?;
                self.edit(id, |account| account.email = email.clone());
                Ok(())
            }
            TenantAction::Give { id, license } => {
                self.require_account(id)?;
                validate_name(license).map_err(|error| format!("the license {error}"))?;
                self.edit(id, |account| account.holdings.push(active_holding(license)));
                self.edit_all(|state| adjust_used(state, license, 1));
                Ok(())
            }
            TenantAction::Take { id, license } => self.take(id, license),
            TenantAction::Origin { id, origin } => {
                self.require_account(id)?;
                self.edit(id, |account| account.origin = origin.clone());
                Ok(())
            }
            TenantAction::Pool { license, total, status, expires } => {
                validate_name(license).map_err(|error| format!("the license {error}"))?;
                self.edit_all(|state| {
                    let pool = pool_of(state, license);
                    pool.total = total.or(pool.total);
                    pool.status = status.unwrap_or(pool.status);
                    pool.expires = expires.or(pool.expires);
                });
                Ok(())
            }
            TenantAction::Busy { reason, seconds } => {
                let ms = seconds.map(|seconds| u64::from(seconds) * 1000);
                self.set_busy(reason.clone().map(|reason| (reason, ms)));
                Ok(())
            }
            TenantAction::Advance { seconds } => {
                self.clock.ahead += Duration::from_secs(u64::from(*seconds));
                self.advance();
                Ok(())
            }
        }
    }

    fn require_account(&self, id: &str) -> Result<&Account, String> {
        self.account(id).ok_or_else(|| format!("there is no account `{id}`"))
    }

    fn steal(&mut self, license: &SmolStr, seats: i64) -> Result<(), String> {
        let counted = self.state().counted_pools();
        let pool = counted.iter().find(|pool| pool.license == *license);
        let used = pool.ok_or_else(|| format!("there is no pool `{license}`"))?.used.unwrap_or_default();
        self.edit_all(|state| pool_of(state, license).used = Some(used.saturating_add_signed(seats)));
        Ok(())
    }

    fn add(&mut self, id: &SmolStr, email: &SmolStr, licenses: &[SmolStr]) -> Result<(), String> {
        if self.account(id).is_some() {
            return Err(format!("there is an account `{id}` already"));
        }
        validate_name(id).map_err(|error| format!("the id {error}"))?;
        PersonKey::parse(email).map_err(|error| format!("the address `{email}` {error}"))?;
        for license in licenses {
            validate_name(license).map_err(|error| format!("the license {error}"))?;
        }
        let account = Account {
            id: id.clone(),
            email: email.clone(),
            login: None,
            origin: AccountOrigin::Managed,
            memberships: Vec::new(),
            holdings: licenses.iter().map(|license| active_holding(license)).collect(),
        };
        self.edit_all(|state| {
            state.accounts.push(account);
            for license in licenses {
                adjust_used(state, license, 1);
            }
        });
        Ok(())
    }

    fn take(&mut self, id: &str, license: &str) -> Result<(), String> {
        let account = self.require_account(id)?;
        let Some(at) = account.holdings.iter().position(|holding| holding.license == license) else {
            return Err(format!("the account `{id}` does not hold `{license}`"));
        };
        let seat = i64::from(account.holdings[at].uses_seat());
        self.edit(id, |account| drop(account.holdings.remove(at)));
        self.edit_all(|state| adjust_used(state, license, -seat));
        Ok(())
    }
}

/// The pool of that license; a new one where there is none.
fn pool_of<'a>(state: &'a mut Observation, license: &str) -> &'a mut Pool {
    let at = state.pools.iter().position(|pool| pool.license == license).unwrap_or_else(|| {
        let pool = Pool { license: license.into(), total: None, used: None, expires: None, status: PoolStatus::Active };
        state.pools.push(pool);
        state.pools.len() - 1
    });
    &mut state.pools[at]
}

/// Books seats in a pool that states them; the others are counted.
fn adjust_used(state: &mut Observation, license: &str, seats: i64) {
    for used in state.pools.iter_mut().filter(|pool| pool.license == license).filter_map(|pool| pool.used.as_mut()) {
        *used = used.saturating_add_signed(seats);
    }
}

fn active_holding(license: &str) -> Holding {
    Holding {
        license: license.into(),
        state: HoldingState::Active,
        origin: HoldingOrigin::Direct,
        trial: false,
        expires: None,
        due: None,
    }
}
