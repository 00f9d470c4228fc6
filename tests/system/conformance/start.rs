//! The initial tenant of every walk.
//!
//! Ana and Bo hold the first license, Di the second, and Cy neither. The first has ten seats in addition to those of
//! the crowd, and the second has five.

use jiff::Timestamp;
use reseat::model::{
    API_VERSION, Account, AccountOrigin, Holding, HoldingOrigin, HoldingState, Observation, Pool, PoolStatus,
};

use super::company::email;
use super::profile::{Inherits, Profile};
use super::rig::Start;

/// The fixed people.
pub(crate) const PEOPLE: [&str; 4] = ["ana", "bo", "cy", "di"];

/// Returns the name of a member of the crowd.
pub(crate) fn extra(number: usize) -> String {
    format!("extra{number:05}")
}

/// Returns an active holding of a license.
pub(crate) fn holding(license: &str) -> Holding {
    Holding {
        license: license.into(),
        state: HoldingState::Active,
        origin: HoldingOrigin::Direct,
        trial: false,
        expires: None,
        due: None,
    }
}

/// Returns the tenant.
pub(crate) fn observation(profile: &Profile, start: &Start) -> Observation {
    let [first, second] = profile.licenses;
    let account = |name: &str, license: Option<&str>| Account {
        id: format!("u-{name}").into(),
        email: email(name).into(),
        login: None,
        origin: AccountOrigin::Managed,
        memberships: Vec::new(),
        holdings: license.or(profile.floor).map(holding).into_iter().collect(),
    };
    let ana = Account {
        memberships: profile.memberships.iter().map(|name| (*name).into()).collect(),
        ..account("ana", Some(first))
    };
    let mut bo = account("bo", Some(first));
    match profile.inherits {
        Inherits::Account => bo.origin = AccountOrigin::Group("sales".into()),
        Inherits::License(license) => {
            bo.holdings.push(Holding { origin: HoldingOrigin::Derived, ..holding(license) });
        }
    }
    if !start.inherited {
        bo = account("bo", Some(first));
    }
    let mut accounts = vec![ana, bo, account("cy", None), account("di", Some(second))];
    accounts.extend((0..start.crowd).map(|number| account(&extra(number), Some(first))));
    let pool = |license: &str, total: u64, used: u64| Pool {
        license: license.into(),
        total: Some(total),
        used: Some(used),
        expires: None,
        status: PoolStatus::Active,
    };
    let crowd = start.crowd as u64;
    Observation {
        api_version: API_VERSION.into(),
        kind: "observation".into(),
        tenant: "t".into(),
        vendor: profile.vendor.into(),
        observed_at: Timestamp::constant(1_795_255_200, 0),
        complete: true,
        busy: None,
        pools: vec![pool(first, 10 + crowd, 2 + crowd), pool(second, 5, 1)],
        accounts,
    }
}
