//! Actions that bypass the API.

use std::time::Duration;

use smol_str::SmolStr;

use super::EmulatedTenant;
use crate::emulator::config::TenantAction;
use crate::model::{Account, AccountOrigin, Holding, Observation, PersonKey, Pool, PoolStatus, validate_name};

impl EmulatedTenant {
    /// Applies an action.
    ///
    /// # Errors
    /// If the account or pool does not exist, or a name is invalid; nothing changes then.
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
                self.edit(id, |account| account.holdings.push(Holding::active(license.clone())));
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
                let until = reason.as_ref().and(*seconds).map(|seconds| self.after_ms(u64::from(seconds) * 1000));
                self.set_busy(reason.clone(), until);
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
        self.account(id).ok_or_else(|| format!("unknown account `{id}`"))
    }

    fn steal(&mut self, license: &SmolStr, seats: i64) -> Result<(), String> {
        let counted = self.state().counted_pools();
        let pool = counted.iter().find(|pool| pool.license == *license);
        let used = pool.ok_or_else(|| format!("unknown pool `{license}`"))?.used.unwrap_or_default();
        self.edit_all(|state| pool_of(state, license).used = Some(used.saturating_add_signed(seats)));
        Ok(())
    }

    fn add(&mut self, id: &SmolStr, email: &SmolStr, licenses: &[SmolStr]) -> Result<(), String> {
        if self.account(id).is_some() {
            return Err(format!("the account `{id}` exists already"));
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
            holdings: licenses.iter().cloned().map(Holding::active).collect(),
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

/// Returns the pool of a license; adds it if necessary.
fn pool_of<'a>(state: &'a mut Observation, license: &str) -> &'a mut Pool {
    let at = state.pools.iter().position(|pool| pool.license == license).unwrap_or_else(|| {
        let pool = Pool { license: license.into(), total: None, used: None, expires: None, status: PoolStatus::Active };
        state.pools.push(pool);
        state.pools.len() - 1
    });
    &mut state.pools[at]
}

/// Adjusts `used` of a pool, if it is stated.
fn adjust_used(state: &mut Observation, license: &str, seats: i64) {
    for used in state.pools.iter_mut().filter(|pool| pool.license == license).filter_map(|pool| pool.used.as_mut()) {
        *used = used.saturating_add_signed(seats);
    }
}
