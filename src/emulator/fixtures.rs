//! Fictional tenants.

use jiff::Timestamp;

use crate::model::{Account, AccountOrigin, Holding, HoldingOrigin, Observation, Pool, PoolStatus};
use crate::profile::Profile;

/// Returns a small tenant with the licenses of a profile's starter manifest. One account is managed through a group, and
/// one was created at the vendor.
pub(super) fn sample_tenant(profile: &Profile) -> Observation {
    let license = |index: usize| profile.starter.licenses.get(index).map(|license| Holding::active(*license));
    let held = |holding: Option<Holding>| holding.into_iter().collect::<Vec<_>>();
    let floor = || held(profile.floor.map(Holding::active));
    let mut group = account("u-5", "ed@acme.example", held(license(0)));
    group.origin = AccountOrigin::Group("CN=Synthetic Sales".into());
    let mut local = account("u-6", "fay@acme.example", floor());
    local.origin = AccountOrigin::VendorLocal;
    let accounts = vec![
        account("u-1", "ana@acme.example", floor()),
        account("u-2", "bo@acme.example", held(license(0))),
        account("u-3", "cy@acme.example", held(license(1))),
        account("u-4", "di@acme.example", floor()),
        group,
        local,
    ];
    let unlimited = profile.floor.map(|floor| Pool { total: None, ..pool(floor, 0) });
    let limited = profile.starter.licenses.iter().zip([4, 2]).map(|(license, total)| pool(license, total));
    let pools = unlimited.into_iter().chain(limited).collect();
    observation(profile.starter.tenant, profile.name, pools, accounts)
}

/// Returns a tenant.
pub(super) fn observation(tenant: &str, vendor: &str, pools: Vec<Pool>, accounts: Vec<Account>) -> Observation {
    Observation { pools, accounts, ..Observation::empty(tenant, vendor, Timestamp::UNIX_EPOCH) }
}

/// Returns a pool.
pub(super) fn pool(license: &str, total: u64) -> Pool {
    Pool { license: license.into(), total: Some(total), used: None, expires: None, status: PoolStatus::Active }
}

/// Returns an account.
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

/// Returns an active holding that follows something else.
pub(super) fn derived(license: &str) -> Holding {
    Holding { origin: HoldingOrigin::Derived, ..Holding::active(license) }
}
