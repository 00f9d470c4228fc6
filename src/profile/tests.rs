//! The profiles against their source pages, and the resulting rules.

use std::collections::BTreeSet;

use super::*;
use crate::diagnostic::{FileId, Location};
use crate::model::{AccountOrigin, AdapterSettings, ChangeKind, HoldingState, Mode, RunbookSettings, TenantSettings};

/// Returns the default settings of a tenant.
pub(crate) fn settings(vendor: &str) -> TenantSettings {
    TenantSettings {
        name: "tenant".into(),
        vendor: vendor.into(),
        mode: Mode::Full,
        concurrency: None,
        rates: Vec::new(),
        own_account: None,
        release_seats: false,
        pools: std::collections::BTreeMap::new(),
        exclusive: Vec::new(),
        change: None,
        floor: None,
        loses: Vec::new(),
        adapter: AdapterSettings::Runbook(RunbookSettings::default()),
        source: Location { file: FileId(0), line: 1, column: 1, length: 0 },
    }
}

/// Returns the rules of a vendor.
pub(crate) fn rules(vendor: &str) -> Rules {
    Rules::resolve(&settings(vendor)).unwrap()
}

/// Returns a generic tenant with one exclusive list.
pub(crate) fn wiki(change: ChangeKind, floor: Option<&str>) -> TenantSettings {
    TenantSettings {
        exclusive: vec![vec!["reader".into(), "editor".into(), "owner".into()]],
        change: Some(change),
        floor: floor.map(Into::into),
        loses: vec!["drafts".to_owned()],
        ..settings("generic")
    }
}

#[test]
fn profile_names_are_unique() {
    let distinct: BTreeSet<_> = names().collect();
    assert_eq!(distinct.len(), PROFILES.len());
    for profile in PROFILES {
        assert!(std::ptr::eq(find(profile.name).unwrap(), *profile));
    }
    assert_eq!(Rules::resolve(&settings("8x9")).unwrap_err().to_string(), "unknown vendor `8x9`");
}

#[test]
fn closed_set_contains_its_floor_and_starter_licenses() {
    for profile in PROFILES {
        assert!((1..=profile.concurrency.max).contains(&profile.concurrency.default), "{}", profile.name);
        if let definition::LicenseCatalog::Closed(licenses) = profile.licenses {
            let all = profile.starter.licenses.iter().chain(&profile.floor);
            assert!(all.clone().all(|license| licenses.contains(license)), "{}", profile.name);
        }
    }
}

#[test]
fn avaya_spaces_assigns_exactly_one_license() {
    let avaya = rules("avaya-spaces");
    let family = avaya.family("essential");
    assert!(family.is_exclusive());
    assert_eq!(family, avaya.family("business"));
    assert_eq!(family, avaya.family("power"));
    assert_eq!(avaya.floor(&family).map(|floor| floor.as_str()), Some("essential"));
    assert!(avaya.is_floor("essential") && !avaya.is_floor("power"));
    assert_eq!(avaya.change(&family), ChangeKind::Atomic);
    assert!(!avaya.takes_memberships(&family));
    assert!(avaya.loses("power").is_empty());
}

#[test]
fn avaya_spaces_never_goes_from_a_trial_to_essential() {
    let avaya = rules("avaya-spaces");
    for trial in ["essential", "business", "power"] {
        assert!(avaya.forbidden_transition(trial, true, "essential").is_some());
        assert!(avaya.forbidden_transition(trial, true, "business").is_none());
        assert!(avaya.forbidden_transition(trial, true, "power").is_none());
        assert!(avaya.forbidden_transition(trial, false, "essential").is_none());
    }
}

#[test]
fn avaya_spaces_cancels_an_upgrade_from_essential_or_a_trial_and_nothing_else() {
    let avaya = rules("avaya-spaces");
    assert!(avaya.can_cancel("power", Some(("essential", false))));
    assert!(avaya.can_cancel("business", Some(("power", true))));
    assert!(avaya.can_cancel("power", None), "essential is the default");
    assert!(!avaya.can_cancel("power", Some(("business", false))));
    assert!(!avaya.can_cancel("essential", Some(("essential", true))));
    assert!(!rules("8x8").can_cancel("X4", None));
    assert!(!rules("officeseries").can_cancel("main/timesheet", None));
    assert!(rules("generic").can_cancel("editor", Some(("owner", false))));
}

#[test]
fn both_spellings_of_the_cancelled_update_are_read() {
    let avaya = rules("avaya-spaces");
    for (spelling, state) in [
        ("UPDATE_CANCELLED", HoldingState::Cancelled),
        ("UDPATE_CANCELLED", HoldingState::Cancelled),
        ("TO_BE_PROCESSED", HoldingState::Pending),
        ("IN_PROGRESS", HoldingState::Pending),
        ("pending", HoldingState::Pending),
    ] {
        let mut read = HoldingState::parse(spelling);
        assert!(avaya.normalize_state(&mut read), "{spelling}");
        assert_eq!(read, state, "{spelling}");
    }
    assert!(!avaya.normalize_state(&mut HoldingState::parse("UPDATE_CANCELED")));
    assert!(!rules("officeseries").normalize_state(&mut HoldingState::parse("UPDATE_CANCELLED")));
}

#[test]
fn foreign_accounts_have_help() {
    let avaya = rules("avaya-spaces");
    assert_eq!(avaya.foreign_account_violation(&AccountOrigin::Managed), None);
    let local = avaya.foreign_account_violation(&AccountOrigin::VendorLocal).unwrap();
    assert!(local.help.contains("Avaya Spaces web administration portal"));
    let group = avaya.foreign_account_violation(&AccountOrigin::Group("CN=Sales".into())).unwrap();
    assert!(group.message.contains("`CN=Sales`") && group.help.contains("group"));
    for profile in PROFILES {
        assert!(
            rules(profile.name).foreign_account_violation(&AccountOrigin::VendorLocal).is_some(),
            "{}",
            profile.name
        );
    }
}

#[test]
fn eight_by_eight_has_one_main_license_and_add_ons() {
    let mut phones = settings("8x8");
    phones.pools.entry("fax".into()).or_default().add_on = true;
    let rules = Rules::resolve(&phones).unwrap();
    let main = rules.family("X4");
    assert_eq!(main, rules.family("X2"));
    assert_eq!(rules.family("fax"), Family::Single("fax".into()));
    assert_eq!(rules.change(&main), ChangeKind::RemoveThenAssign);
    assert!(rules.takes_memberships(&main) && !rules.takes_memberships(&rules.family("fax")));
    assert_eq!(rules.floor(&main), None);
    assert!(rules.can_release_seats() && !rules.downgrades_expired() && !rules.closed_pool_blocks_removals());
}

#[test]
fn eight_by_eight_lists_destroyed_data_and_follow_ups() {
    let rules = rules("8x8");
    assert_eq!(
        rules.loses("X4"),
        [
            "call history",
            "call forwarding settings",
            "voicemails and greetings",
            "device activation",
            "ring-group and queue memberships"
        ]
    );
    assert_eq!(rules.keeps("X4"), ["call recordings"]);
    assert_eq!(rules.follow_ups("X4").len(), 4);
}

#[test]
fn officeseries_licenses_are_independent_and_frozen_in_a_closed_subscription() {
    let rules = rules("officeseries");
    assert_ne!(rules.family("main/timesheet"), rules.family("main/projects"));
    assert!(rules.closed_pool_blocks_removals() && !rules.takes_effect_later());
    assert!(rules.loses("main/timesheet").is_empty() && rules.keeps("main/timesheet").is_empty());
}

#[test]
fn generic_tenant_states_its_own_rules() {
    let rules = Rules::resolve(&wiki(ChangeKind::RemoveThenAssign, Some("reader"))).unwrap();
    let family = rules.family("editor");
    assert_eq!(family, rules.family("reader"));
    assert_ne!(family, rules.family("calendar"));
    assert_eq!(rules.floor(&family).map(|floor| floor.as_str()), Some("reader"));
    assert_eq!(rules.floor(&rules.family("calendar")), None);
    assert_eq!(rules.change(&family), ChangeKind::RemoveThenAssign);
    assert!(rules.takes_memberships(&family));
    assert_eq!(rules.loses("editor"), ["drafts"]);
    assert_eq!(rules.loses("calendar"), ["drafts"]);
    let atomic = Rules::resolve(&wiki(ChangeKind::Atomic, None)).unwrap();
    assert!(!atomic.takes_memberships(&family));
    assert_eq!(atomic.floor(&family), None);
}

#[test]
fn concurrency_is_limited_by_the_profile() {
    let rules = rules("8x8");
    let with = |concurrency| TenantSettings { concurrency, ..settings("8x8") };
    assert_eq!(rules.concurrency(&with(None)), 8);
    assert_eq!(rules.concurrency(&with(Some(0))), 1);
    assert_eq!(rules.concurrency(&with(Some(500))), 10);
}

#[test]
fn source_table_uses_known_codes() {
    let table = include_str!("sources.rs");
    let words = table.split(|character: char| !character.is_ascii_alphanumeric());
    let is_code = |word: &&str| word.len() == 4 && word[1..].bytes().all(|byte| byte.is_ascii_digit());
    let codes: BTreeSet<&str> = words.filter(is_code).collect();
    assert!(codes.len() > 5, "{codes:?}");
    let unknown: Vec<_> = codes.into_iter().filter(|code| crate::diagnostic::catalog::find(code).is_none()).collect();
    assert_eq!(unknown, [""; 0]);
}

#[test]
fn every_main_source_page_is_in_the_table() {
    for profile in PROFILES.iter().filter(|profile| !profile.sources.is_empty()) {
        let heading = format!("## {}", profile.sources[0].title);
        assert!(include_str!("sources.rs").contains(&heading), "{heading}");
    }
}
