//! One suite that every adapter passes: behaviors times adapters, through the built program.
//!
//! An adapter's capabilities choose its behaviors; exceptions are declared with a reason. A
//! behavior starts with a tenant that the suite can inspect and change ([`rig`]), and usually ends with:
//! observe, plan, nothing. An adapter in the registry without a profile fails the suite.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot set up its world has to stop")]
#![expect(clippy::print_stderr, reason = "exceptions are reported with their reason")]

mod behavior;
mod behaviors;
mod company;
mod emulated;
mod exec;
mod file;
mod kept;
mod profile;
mod rig;
mod runbook;
mod start;

use std::thread;

use reseat::adapter::{ADAPTERS, AdapterDescriptor};

use behavior::Behavior;
use profile::{PROFILES, Profile};

use crate::support::prerequisites::PYTHON;

/// The number of concurrent walks of one adapter.
const AT_A_TIME: usize = 5;

fn descriptor(profile: &Profile) -> &'static AdapterDescriptor {
    let found = ADAPTERS.iter().find(|adapter| adapter.name == profile.adapter);
    found.unwrap_or_else(|| panic!("no adapter is called `{}`", profile.adapter))
}

/// Runs every behavior that applies to an adapter, and reports all failures.
fn conforms(name: &str) {
    if name == "exec" && !PYTHON.is_met() {
        return;
    }
    let profile = PROFILES.iter().find(|profile| profile.name == name).expect("a profile of that name");
    let can = &descriptor(profile).capabilities;
    let mut meant = Vec::new();
    for behavior in Behavior::ALL.into_iter().filter(|behavior| behavior.is_meant_for(can)) {
        match profile.exceptions.iter().find(|(exception, _)| *exception == behavior) {
            Some((_, reason)) => eprintln!("{name}: {behavior:?} does not apply: {reason}"),
            None => meant.push(behavior),
        }
    }
    // Walks mostly wait for vendors.
    let failed: Vec<Behavior> = meant
        .chunks(AT_A_TIME)
        .flat_map(|some| {
            thread::scope(|scope| {
                let walks: Vec<_> = some
                    .iter()
                    .map(|behavior| (*behavior, scope.spawn(|| behaviors::show(*behavior, profile))))
                    .collect();
                let fails = walks.into_iter().filter_map(|(behavior, walk)| walk.join().is_err().then_some(behavior));
                fails.collect::<Vec<_>>()
            })
        })
        .collect();
    assert!(failed.is_empty(), "{name} does not show {failed:?}");
}

#[test]
fn every_adapter_has_a_profile_and_every_exception_a_reason() {
    for adapter in ADAPTERS {
        let known = PROFILES.iter().filter(|profile| profile.adapter == adapter.name).count();
        assert!(known > 0, "`{}` has no profile in tests/system/conformance", adapter.name);
    }
    for profile in PROFILES {
        assert!(WALKED.contains(&profile.name), "`{}` has a profile and no test below", profile.name);
        let can = &descriptor(profile).capabilities;
        for (behavior, reason) in profile.exceptions {
            assert!(behavior.is_meant_for(can), "{}: {behavior:?} is excepted and was never meant", profile.name);
            assert!(reason.len() > 20, "{}: {behavior:?} is excepted without a reason", profile.name);
        }
    }
}

/// Defines a test for each adapter, and a list of them.
macro_rules! walked {
    ($($test:ident = $name:literal),* $(,)?) => {
        $(#[test]
        fn $test() {
            conforms($name);
        })*

        /// The adapters with a test.
        const WALKED: &[&str] = &[$($name),*];
    };
}

walked! {
    state_file = "file",
    program = "exec",
    runbook_by_hand = "runbook",
    interface_of_8x8 = "8x8",
    bridge_to_a_generic_vendor = "bridge-generic",
    bridge_to_avaya_spaces = "bridge-avaya-spaces",
    bridge_to_officeseries = "bridge-officeseries",
}
