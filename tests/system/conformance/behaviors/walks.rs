//! Changes that take effect.

use reseat::emulator::TenantAction;

use crate::conformance::company::{Company, email};
use crate::conformance::profile::Profile;
use crate::conformance::rig::Start;

/// Ana moves, Cy gains, Di loses, Bo keeps.
pub(super) fn walk(profile: &'static Profile) {
    let mut company = Company::new(profile, Start::default());
    company.wish(&["ana", "bo"], &["di"]);
    company.expect_converged();
    company.wish(&["bo", "cy"], &["ana"]);
    company.bring_about();
    let lots = ["ana", "bo", "cy", "di"].map(|name| company.lot(name));
    assert_eq!(lots, ["second", "first", "first", "nothing"]);
    company.expect_converged();
    // The history contains what was applied, and the trail is intact.
    let trail = company.run(&["audit", "verify"]);
    assert_eq!(trail.status, 0, "{trail:?}");
}

/// Bo has another address, which is an alias in the manifest.
pub(super) fn rename(profile: &'static Profile) {
    let mut company = Company::new(profile, Start::default());
    company.rig.act(&[TenantAction::Rename { id: "u-bo".into(), email: email("bo.married").into() }]);
    let alias = format!("people:\n  {}: {{ aliases: [{}] }}\n", email("bo"), email("bo.married"));
    company.wish_with(&["ana", "bo"], &["di"], &alias);
    company.expect_converged();
}

/// Ana moves and keeps her memberships.
pub(super) fn memberships(profile: &'static Profile) {
    let mut company = Company::new(profile, Start::default());
    let joined = profile.memberships;
    assert!(!joined.is_empty(), "nobody is a member of anything");
    company.wish(&["bo"], &["ana", "di"]);
    company.bring_about();
    assert_eq!(company.lot("ana"), "second");
    let truth = company.rig.truth();
    let ana = truth.accounts.iter().find(|account| account.id == "u-ana").expect("Ana is there");
    for membership in joined {
        assert!(ana.memberships.iter().any(|held| held == membership), "{membership} of {:?}", ana.memberships);
    }
    company.expect_converged();
}
