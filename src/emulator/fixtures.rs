//! Pieces of tenants that nobody has, for emulators to begin with.

use jiff::Timestamp;

use crate::model::{
    API_VERSION, Account, AccountOrigin, Holding, HoldingOrigin, HoldingState, Observation, Pool, PoolStatus,
};

/// A tenant.
pub(super) fn observation(tenant: &str, vendor: &str, pools: Vec<Pool>, accounts: Vec<Account>) -> Observation {
    Observation {
        api_version: API_VERSION.into(),
        kind: "observation".into(),
        tenant: tenant.into(),
        vendor: vendor.into(),
        observed_at: Timestamp::UNIX_EPOCH,
        complete: true,
        busy: None,
        pools,
        accounts,
    }
}

/// A pool of so many seats.
pub(super) fn pool(license: &str, total: u64) -> Pool {
    Pool { license: license.into(), total: Some(total), used: None, expires: None, status: PoolStatus::Active }
}

/// Somebody; the addresses belong to nobody.
pub(super) fn account(id: &str, email: &str, holdings: Vec<Holding>) -> Account {
    Account {
        id: id.into(),
        email: email.into(),
        login: None,
        origin: AccountOrigin::Managed,
        memberships: Vec::new(),
        holdings,
    }
}

/// A license that somebody was given.
pub(super) fn direct(license: &str) -> Holding {
    Holding {
        license: license.into(),
        state: HoldingState::Active,
        origin: HoldingOrigin::Direct,
        trial: false,
        expires: None,
        due: None,
    }
}

/// A license that follows something else.
pub(super) fn derived(license: &str) -> Holding {
    Holding { origin: HoldingOrigin::Derived, ..direct(license) }
}
