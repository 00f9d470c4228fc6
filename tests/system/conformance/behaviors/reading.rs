//! What is read, and the effect of incomplete reads.

use std::collections::BTreeSet;

use crate::conformance::company::Company;
use crate::conformance::profile::Profile;
use crate::conformance::rig::{Start, Trouble};
use crate::conformance::start::{PEOPLE, extra};

/// More people than fit on any page of the emulators.
const CROWD: usize = 250;

/// Returns the ids of an observation, including repetitions.
fn ids(observation: &serde_json::Value) -> Vec<String> {
    let accounts = observation["accounts"].as_array().expect("accounts are a list");
    accounts.iter().map(|account| account["id"].as_str().expect("an id is a text").to_owned()).collect()
}

/// Returns everyone who exists at the start.
fn everybody() -> BTreeSet<String> {
    let crowd = (0..CROWD).map(|number| format!("u-{}", extra(number)));
    PEOPLE.iter().map(|name| format!("u-{name}")).chain(crowd).collect()
}

pub(super) fn pages(profile: &'static Profile) {
    let mut company = Company::new(profile, Start { crowd: CROWD, ..Start::default() });
    company.wish(&["ana", "bo"], &["di"]);
    let observation = company.observe();
    assert_eq!(observation["complete"], true);
    let seen = ids(&observation);
    assert_eq!(seen.len(), CROWD + PEOPLE.len(), "nobody stands there twice");
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), everybody());
}

pub(super) fn mutation_while_paging(profile: &'static Profile) {
    let mut company = Company::new(profile, Start { crowd: CROWD, ..Start::default() });
    company.wish(&["ana", "bo"], &["di"]);
    assert!(company.rig.trouble(Trouble::MutationWhilePaging), "nothing changes while pages are read");
    let observation = company.observe();
    let seen = ids(&observation);
    let once: BTreeSet<_> = seen.iter().cloned().collect();
    assert_eq!(once.len(), seen.len(), "nobody stands there twice");
    if observation["complete"] == true {
        let missing: Vec<_> = everybody().difference(&once).cloned().collect();
        // One of them was deleted in the meantime.
        assert!(missing.len() <= 1, "{missing:?} are missing from an observation that is called complete");
    }
    company.rig.heal();
    assert_eq!(company.observe()["complete"], true, "a calm list is complete");
}

/// People who were not read lose nothing, although the manifest does not name them.
pub(super) fn partial_list(profile: &'static Profile) {
    let mut company = Company::new(profile, Start { crowd: CROWD, ..Start::default() });
    company.wish(&["ana"], &["di"]);
    assert!(company.rig.trouble(Trouble::SecondPage), "no page fails");
    let observation = company.observe();
    assert_eq!(observation["complete"], false, "a page was missing");
    // The count of requests starts again here.
    company.rig.trouble(Trouble::SecondPage);
    let plan = company.plan();
    assert_eq!(plan["summary"]["losses"], 0, "{:#}", plan["summary"]);
    company.rig.heal();
    assert_eq!(company.observe()["complete"], true);
}

/// An invalid list is a finding; an invalid response to a change is recovered by reading.
pub(super) fn garbage(profile: &'static Profile) {
    let mut company = Company::new(profile, Start::default());
    company.wish(&["ana"], &["bo", "di"]);
    assert!(company.rig.trouble(Trouble::Garbage), "nothing is garbled");
    let ran = company.run(&["plan", "--format", "json"]);
    assert!([3, 8].contains(&ran.status), "{ran:?}");
    let findings = ran.json()["findings"].as_array().map(Vec::len);
    assert!(findings.is_some_and(|count| count > 0), "{ran:?}");
    company.rig.heal();
    if company.rig.trouble(Trouble::GarbledAnswer) {
        let ran = company.apply("60s");
        assert!([0, 6].contains(&ran.status), "{ran:?}");
        company.rig.heal();
    }
    if company.plan()["operations"].as_array().is_some_and(|operations| !operations.is_empty()) {
        company.bring_about();
    }
    assert_eq!((company.lot("ana"), company.lot("bo")), ("first", "second"));
    company.expect_converged();
}

pub(super) fn unknown_fields(profile: &'static Profile) {
    let mut company = Company::new(profile, Start::default());
    assert!(company.rig.trouble(Trouble::Unknown), "nothing is unknown");
    company.wish(&["bo", "cy"], &["ana"]);
    let before = company.rig.beside("u-ana");
    assert_eq!(before.is_some(), profile.replaces, "what the vendor knows beside licenses can be looked at");
    company.bring_about();
    assert_eq!(company.lot("ana"), "second");
    assert_eq!(company.rig.beside("u-ana"), before, "a write lost what it did not know");
    company.expect_converged();
}
