//! What reseat must not change.

use reseat::emulator::TenantAction;
use reseat::model::{Holding, Observation, PoolStatus};

use crate::conformance::company::Company;
use crate::conformance::profile::{Inherits, Profile};
use crate::conformance::rig::Start;

/// If a group grants Bo's account its license, he keeps it although the manifest does not name him. If one of his licenses
/// is derived, it stays when he moves.
pub(super) fn inherited(profile: &'static Profile) {
    let mut company = Company::new(profile, Start { inherited: true, ..Start::default() });
    let before = inherited_of(&company.rig.truth(), profile);
    assert!(!before.is_empty(), "nothing is inherited at this tenant");
    let (first, second): (&[&str], &[&str]) = match profile.inherits {
        Inherits::Account => (&["ana", "cy"], &["di"]),
        Inherits::License(_) => (&["ana", "cy"], &["bo", "di"]),
    };
    company.wish(first, second);
    company.bring_about();
    assert_eq!(inherited_of(&company.rig.truth(), profile), before, "what is not ours was changed");
    assert_eq!(company.lot("cy"), "first");
    company.expect_converged();
}

/// Returns what Bo holds that reseat must not change.
fn inherited_of(observation: &Observation, profile: &Profile) -> Vec<String> {
    let bo = observation.accounts.iter().find(|account| account.id == "u-bo").expect("Bo is there");
    let is_not_ours = |holding: &&Holding| match profile.inherits {
        Inherits::Account => true,
        Inherits::License(license) => holding.license == license,
    };
    bo.holdings.iter().filter(is_not_ours).map(|holding| holding.license.to_string()).collect()
}

/// The first license has expired: Cy, whom the manifest names for it, gets nothing.
pub(super) fn expired(profile: &'static Profile) {
    let mut company = Company::new(profile, Start::default());
    let [first, _] = company.licenses();
    let over = "2020-01-01".parse().expect("a day");
    company.rig.act(&[TenantAction::Pool {
        license: first.into(),
        total: None,
        status: Some(PoolStatus::Expired),
        expires: Some(over),
    }]);
    company.wish(&["ana", "bo", "cy"], &["di"]);
    let before = company.lot("cy");
    let plan = company.plan();
    assert_eq!(plan["operations"].as_array().map(Vec::len), Some(0), "{:#}", plan["operations"]);
    assert_eq!(plan["summary"]["blocked"], 1, "{:#}", plan["blocked"]);
    let ran = company.apply("10s");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(company.lot("cy"), before);
}
