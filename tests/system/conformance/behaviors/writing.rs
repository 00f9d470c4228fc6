//! What is sent, and its effects.

use std::time::{Duration, Instant};

use reseat::emulator::TenantAction;

use crate::conformance::company::Company;
use crate::conformance::profile::Profile;
use crate::conformance::rig::{Start, Trouble};

pub(super) fn throttled(profile: &'static Profile) {
    let mut company = Company::new(profile, Start::default());
    company.wish(&["bo", "cy"], &["ana"]);
    assert!(company.rig.trouble(Trouble::Throttle(2)), "nobody asks us to be slower");
    let began = Instant::now();
    company.bring_about();
    let rested = company.rig.rested().unwrap_or_else(|| began.elapsed());
    // The emulators record whole milliseconds.
    assert!(rested >= Duration::from_millis(990), "it came back after {rested:?}");
    assert_eq!(company.lot("ana"), "second");
    company.expect_converged();
}

/// Another person takes the seats that the plan counted on: the person who moves keeps the old license, and the person who gains gets
/// nothing.
pub(super) fn no_seat(profile: &'static Profile) {
    let mut company = Company::new(profile, Start::default());
    let [_, second] = company.licenses();
    let first: &[&str] = if profile.exclusive { &["bo"] } else { &["ana", "bo"] };
    company.wish(first, &["ana", "di"]);
    let planned = company.run(&["plan", "--out", "plan.json"]);
    assert_eq!(planned.status, 0, "{planned:?}");
    company.rig.act(&[TenantAction::Steal { license: second.into(), seats: 4 }]);
    let ran = company.run(&["apply", "plan.json", "--format", "json", "--wait", "60s"]);
    assert_eq!(ran.status, 6, "{ran:?}");
    assert_eq!(company.lot("ana"), "first", "{ran:?}");
    // With free seats again, everything takes effect.
    company.rig.act(&[TenantAction::Steal { license: second.into(), seats: -4 }]);
    company.bring_about();
    assert_eq!(company.lot("ana"), if profile.exclusive { "second" } else { "both" });
    company.expect_converged();
}

/// The vendor takes longer than any wait.
pub(super) fn accepted_is_not_done(profile: &'static Profile) {
    let mut company = Company::new(profile, Start { takes_ms: 4_000, ..Start::default() });
    company.wish(&["ana", "bo", "cy"], &["di"]);
    let plan = company.plan();
    let ran = company.apply("1s");
    assert_eq!(ran.status, 7, "{ran:?}");
    assert_eq!(ran.json()["outcomes"][0]["outcome"], "pending");
    // `resume` waits for it and sends nothing.
    let sent = company.rig.writes();
    company.rig.work_by_hand(&plan);
    let ran = company.run(&["resume", "--format", "json", "--wait", "60s"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(company.rig.writes(), sent);
    assert_eq!(company.lot("cy"), "first");
    company.expect_converged();
}

pub(super) fn pending_counts_as_held(profile: &'static Profile) {
    let mut company = Company::new(profile, Start { takes_ms: 4_000, ..Start::default() });
    company.wish(&["ana", "bo", "cy"], &["di"]);
    let ran = company.apply("1s");
    assert_eq!(ran.status, 7, "{ran:?}");
    let plan = company.plan();
    assert_eq!(plan["operations"].as_array().map(Vec::len), Some(0), "{:#}", plan["operations"]);
}

pub(super) fn lost_answer(profile: &'static Profile) {
    let mut company = Company::new(profile, Start::default());
    company.wish(&["ana", "bo", "cy"], &["di"]);
    assert!(company.rig.trouble(Trouble::LoseAnswer), "no answer is lost");
    let ran = company.apply("60s");
    assert_eq!(ran.status, 0, "{ran:?}");
    if let Some(writes) = company.rig.writes() {
        assert_eq!(writes, 1, "it was sent again");
    }
    assert_eq!(company.lot("cy"), "first");
    company.expect_converged();
}

pub(super) fn busy(profile: &'static Profile) {
    let mut company = Company::new(profile, Start::default());
    company.wish(&["bo", "cy"], &["ana"]);
    company.rig.act(&[TenantAction::Busy { reason: Some("user audit".to_owned()), seconds: None }]);
    let ran = company.apply("1s");
    assert_eq!(ran.status, 7, "{ran:?}");
    assert_eq!((company.lot("ana"), company.lot("cy")), ("first", "nothing"));
    company.rig.act(&[TenantAction::Busy { reason: None, seconds: None }]);
    company.bring_about();
    assert_eq!(company.lot("ana"), "second");
    company.expect_converged();
}
