//! What happens at the tenant without anybody asking through its interface.

use std::time::Duration;

use smol_str::SmolStr;

use super::World;
use crate::emulator::knobs::Action;
use crate::model::{
    Account, AccountOrigin, Holding, HoldingOrigin, HoldingState, Observation, PersonKey, Pool, PoolStatus, check_name,
};

impl World {
    /// Lets that happen.
    ///
    /// # Errors
    /// When there is no such account or pool, or the name of a new one is none; nothing has changed then.
    pub(in crate::emulator) fn act(&mut self, action: &Action) -> Result<(), String> {
        self.meddled += 1;
        match action {
            Action::Steal { license, seats } => self.steal(license, *seats),
            Action::Add { id, email, licenses } => self.add(id, email, licenses),
            Action::Delete { id } => {
                self.known(id)?;
                self.edit_all(|state| {
                    let Some(at) = state.accounts.iter().position(|account| account.id == *id) else { return };
                    let gone = state.accounts.remove(at);
                    for holding in gone.holdings.iter().filter(|holding| holding.takes_seat()) {
                        book(state, &holding.license, -1);
                    }
                });
                Ok(())
            }
            Action::Rename { id, email } => {
                self.known(id)?;
                PersonKey::parse(email).map_err(|error| format!("the address `{email}` {error}"))?;
                self.edit(id, |account| account.email = email.clone());
                Ok(())
            }
            Action::Give { id, license } => {
                self.known(id)?;
                check_name(license).map_err(|error| format!("the license {error}"))?;
                self.edit(id, |account| account.holdings.push(held(license)));
                self.edit_all(|state| book(state, license, 1));
                Ok(())
            }
            Action::Take { id, license } => self.take(id, license),
            Action::Origin { id, origin } => {
                self.known(id)?;
                self.edit(id, |account| account.origin = origin.clone());
                Ok(())
            }
            Action::Pool { license, total, status, expires } => {
                check_name(license).map_err(|error| format!("the license {error}"))?;
                self.edit_all(|state| {
                    let pool = pool_of(state, license);
                    pool.total = total.or(pool.total);
                    pool.status = status.unwrap_or(pool.status);
                    pool.expires = expires.or(pool.expires);
                });
                Ok(())
            }
            Action::Busy { reason, seconds } => {
                let ms = seconds.map(|seconds| u64::from(seconds) * 1000);
                self.set_busy(reason.clone().map(|reason| (reason, ms)));
                Ok(())
            }
            Action::Advance { seconds } => {
                self.time.ahead += Duration::from_secs(u64::from(*seconds));
                self.advance();
                Ok(())
            }
        }
    }

    fn known(&self, id: &str) -> Result<&Account, String> {
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
        check_name(id).map_err(|error| format!("the id {error}"))?;
        PersonKey::parse(email).map_err(|error| format!("the address `{email}` {error}"))?;
        for license in licenses {
            check_name(license).map_err(|error| format!("the license {error}"))?;
        }
        let account = Account {
            id: id.clone(),
            email: email.clone(),
            login: None,
            origin: AccountOrigin::Managed,
            memberships: Vec::new(),
            holdings: licenses.iter().map(|license| held(license)).collect(),
        };
        self.edit_all(|state| {
            state.accounts.push(account);
            for license in licenses {
                book(state, license, 1);
            }
        });
        Ok(())
    }

    fn take(&mut self, id: &str, license: &str) -> Result<(), String> {
        let account = self.known(id)?;
        let Some(at) = account.holdings.iter().position(|holding| holding.license == license) else {
            return Err(format!("the account `{id}` does not hold `{license}`"));
        };
        let seat = i64::from(account.holdings[at].takes_seat());
        self.edit(id, |account| drop(account.holdings.remove(at)));
        self.edit_all(|state| book(state, license, -seat));
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
fn book(state: &mut Observation, license: &str, seats: i64) {
    for used in state.pools.iter_mut().filter(|pool| pool.license == license).filter_map(|pool| pool.used.as_mut()) {
        *used = used.saturating_add_signed(seats);
    }
}

fn held(license: &str) -> Holding {
    Holding {
        license: license.into(),
        state: HoldingState::Active,
        origin: HoldingOrigin::Direct,
        trial: false,
        expires: None,
        due: None,
    }
}
