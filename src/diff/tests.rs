//! What holdings of each state and origin mean for a wish, on one person at a time.

use jiff::Timestamp;
use smol_str::SmolStr;

use super::{TenantDiff, tenant};
use crate::diagnostic::{FileId, Location};
use crate::env::Now;
use crate::model::{
    API_VERSION, Account, AccountOrigin, AdapterSettings, Claim, Desired, Effect, Ensure, Entry, Holding,
    HoldingOrigin, HoldingState, Mode, Observation, Pool, PoolStatus, RunbookSettings, TenantDesired, TenantSettings,
};
use crate::profile::Rules;

const HERE: Location = Location { file: FileId(0), line: 1, column: 1, length: 0 };

/// One person at one tenant.
struct Case {
    vendor: &'static str,
    held: Vec<Holding>,
    wish: Option<&'static str>,
    absent: Option<&'static str>,
    managed: &'static [&'static str],
    mode: Mode,
    origin: AccountOrigin,
    complete: bool,
    closed: Option<&'static str>,
    alternative: Option<&'static str>,
}

impl Case {
    fn at(vendor: &'static str) -> Self {
        Self {
            vendor,
            held: Vec::new(),
            wish: None,
            absent: None,
            managed: &[],
            mode: Mode::Full,
            origin: AccountOrigin::Managed,
            complete: true,
            closed: None,
            alternative: None,
        }
    }

    fn holds(mut self, license: &str, state: HoldingState) -> Self {
        let license = SmolStr::new(license);
        let origin = HoldingOrigin::Direct;
        self.held.push(Holding { license, state, origin, trial: false, expires: None, due: None });
        self
    }

    fn trial(mut self) -> Self {
        self.held.last_mut().unwrap().trial = true;
        self
    }

    fn origin(mut self, origin: HoldingOrigin) -> Self {
        self.held.last_mut().unwrap().origin = origin;
        self
    }

    fn wishes(self, license: &'static str) -> Self {
        Self { wish: Some(license), ..self }
    }

    fn managed(self, managed: &'static [&'static str]) -> Self {
        Self { managed, ..self }
    }

    fn diff(self) -> TenantDiff {
        let entry = |license: &str, ensure| Entry {
            license: SmolStr::new(license),
            ensure,
            priority: 0,
            starts: None,
            expires: None,
            alternatives: Vec::new(),
            reason: None,
            source: HERE,
        };
        let mut desired = Desired::default();
        let person = desired.people.add(&SmolStr::new("ana@acme.example"));
        let mut entries: Vec<Entry> = self.managed.iter().map(|license| entry(license, Ensure::Present)).collect();
        let mut claims = Vec::new();
        let named = self.wish.map(|license| (license, Ensure::Present)).into_iter();
        for (license, ensure) in named.chain(self.absent.map(|license| (license, Ensure::Absent))) {
            claims.push(Claim { entry: u32::try_from(entries.len()).unwrap(), person, source: HERE });
            entries.push(entry(license, ensure));
        }
        if let (Some(entry), Some(alternative)) = (entries.last_mut(), self.alternative) {
            entry.alternatives.push(alternative.into());
        }
        let settings = TenantSettings {
            name: "t".into(),
            vendor: self.vendor.into(),
            mode: self.mode,
            concurrency: None,
            rates: Vec::new(),
            own_account: None,
            release_seats: false,
            pools: Default::default(),
            exclusive: Vec::new(),
            change: None,
            floor: None,
            loses: Vec::new(),
            adapter: AdapterSettings::Runbook(RunbookSettings::default()),
            source: HERE,
        };
        let rules = Rules::resolve(&settings).unwrap();
        let closed = self.closed.map(|license| Pool {
            license: license.into(),
            total: Some(9),
            used: None,
            expires: None,
            status: PoolStatus::Expired,
        });
        let observation = Observation {
            api_version: API_VERSION.into(),
            kind: "observation".into(),
            tenant: "t".into(),
            vendor: self.vendor.into(),
            observed_at: Timestamp::UNIX_EPOCH,
            complete: self.complete,
            busy: None,
            pools: closed.into_iter().collect(),
            accounts: vec![Account {
                id: "u-1".into(),
                email: " Ana@acme.example".into(),
                login: None,
                origin: self.origin,
                memberships: Vec::new(),
                holdings: self.held,
            }],
        };
        let tenant_desired = TenantDesired { settings, entries, claims, left_out: Vec::new(), named_only: false };
        tenant(&desired.people, &tenant_desired, &rules, &observation, Now::at(Timestamp::UNIX_EPOCH))
    }

    /// What comes of it in a word: the effect, the code of the obstacle, or nothing.
    fn outcome(self) -> String {
        let diff = self.diff();
        let effects = diff.changes.iter().map(|change| change.options[0].effect.as_str().to_owned());
        let codes = diff.obstacles.iter().map(|obstacle| obstacle.reason.code.id.to_owned());
        effects.chain(codes).collect::<Vec<_>>().join(" ")
    }
}

use HoldingState::{Active, Cancelled, Error, Pending, Removing, Suspended, Waiting};

#[test]
fn a_wish_that_is_there_or_on_its_way_asks_for_nothing() {
    for state in [Active, Suspended, Pending, Waiting] {
        assert_eq!(Case::at("8x8").holds("X4", state.clone()).wishes("X4").outcome(), "", "{state:?}");
    }
    for origin in [HoldingOrigin::Group("g".into()), HoldingOrigin::Auto] {
        assert_eq!(Case::at("8x8").holds("X4", Active).origin(origin).wishes("X4").outcome(), "");
    }
}

#[test]
fn a_wish_that_failed_or_was_cancelled_is_asked_again() {
    for state in [Cancelled, Error] {
        assert_eq!(Case::at("8x8").holds("X4", state.clone()).wishes("X4").outcome(), "gain", "{state:?}");
    }
}

#[test]
fn a_trial_does_not_satisfy_a_wish_for_the_full_license() {
    assert_eq!(Case::at("avaya-spaces").holds("power", Active).trial().wishes("power").outcome(), "gain");
}

#[test]
fn a_trial_stays_while_the_wish_for_it_is_served_by_an_alternative() {
    let case = Case { alternative: Some("main/reports"), ..Case::at("officeseries") };
    let case = case.holds("main/time", Active).trial().holds("main/reports", Active);
    assert_eq!(case.wishes("main/time").outcome(), "");
}

#[test]
fn a_step_up_from_the_floor_is_a_gain_and_a_fall_to_it_a_loss() {
    assert_eq!(Case::at("avaya-spaces").holds("essential", Active).wishes("power").outcome(), "gain");
    assert_eq!(Case::at("avaya-spaces").holds("power", Active).wishes("essential").outcome(), "loss");
    assert_eq!(Case::at("avaya-spaces").holds("business", Active).wishes("power").outcome(), "move");
}

#[test]
fn a_trial_never_falls_to_the_floor() {
    let trial = || Case::at("avaya-spaces").holds("power", Active).trial();
    assert_eq!(trial().wishes("essential").outcome(), "L107");
    assert_eq!(trial().managed(&["power"]).outcome(), "L107");
}

#[test]
fn who_is_not_named_keeps_even_a_trial_of_the_floor() {
    let trial = Case::at("avaya-spaces").holds("essential", Active).trial();
    assert_eq!(trial.managed(&["essential", "power"]).outcome(), "");
}

#[test]
fn a_mode_that_never_gives_gives_no_floor_either() {
    let gaining = |mode| Case { mode, ..Case::at("avaya-spaces").wishes("essential") }.outcome();
    assert_eq!([Mode::Full, Mode::AddOnly].map(gaining), ["gain", "gain"]);
    assert_eq!([Mode::RemoveOnly, Mode::Observe].map(gaining), ["L108", "L108"]);
    let falling = Case::at("avaya-spaces").holds("power", Active).wishes("essential");
    assert_eq!(Case { mode: Mode::RemoveOnly, ..falling }.outcome(), "loss");
}

#[test]
fn only_what_the_manifest_names_is_taken_from_who_is_not_named() {
    assert_eq!(Case::at("8x8").holds("X4", Active).outcome(), "");
    assert_eq!(Case::at("8x8").holds("X4", Active).managed(&["X4"]).outcome(), "loss");
    assert_eq!(Case::at("8x8").holds("X4", Active).managed(&["X2"]).outcome(), "");
    let absent = Case { absent: Some("X4"), ..Case::at("8x8").holds("X4", Active) };
    assert_eq!(absent.outcome(), "loss");
}

#[test]
fn who_is_named_for_one_gives_up_the_other_managed_or_not() {
    assert_eq!(Case::at("8x8").holds("X2", Active).wishes("X4").outcome(), "move");
    assert_eq!(Case::at("8x8").holds("X2", Active).holds("X4", Active).wishes("X4").outcome(), "loss");
}

#[test]
fn a_holding_of_another_origin_stands_in_the_way() {
    let group = HoldingOrigin::Group("sales".into());
    assert_eq!(Case::at("8x8").holds("X2", Active).origin(group.clone()).wishes("X4").outcome(), "L104");
    assert_eq!(Case::at("8x8").holds("X2", Active).origin(group).managed(&["X2"]).outcome(), "");
}

#[test]
fn a_number_license_stands_beside_the_main_license() {
    let case = Case::at("8x8").holds("number", Active).origin(HoldingOrigin::Derived).wishes("X4");
    assert_eq!(case.outcome(), "gain");
}

#[test]
fn a_pending_request_is_cancelled_where_the_vendor_lets_us() {
    let upgrade = || Case::at("avaya-spaces").holds("essential", Active).holds("power", Pending);
    assert_eq!(upgrade().managed(&["power"]).outcome(), "cancel");
    assert_eq!(upgrade().wishes("essential").outcome(), "cancel");
    assert_eq!(upgrade().wishes("business").outcome(), "gain");
    let sideways = || Case::at("avaya-spaces").holds("business", Active).holds("power", Pending);
    assert_eq!(sideways().wishes("business").outcome(), "L105");
    assert_eq!(Case::at("8x8").holds("X4", Pending).managed(&["X4"]).outcome(), "L105");
}

#[test]
fn a_removal_that_goes_on_is_neither_sent_again_nor_passed() {
    assert_eq!(Case::at("8x8").holds("X4", Removing).managed(&["X4"]).outcome(), "");
    assert_eq!(Case::at("8x8").holds("X4", Removing).wishes("X4").outcome(), "L106");
    assert_eq!(Case::at("8x8").holds("X2", Removing).wishes("X4").outcome(), "L106");
}

#[test]
fn an_account_of_foreign_origin_is_left_alone() {
    let group = || AccountOrigin::Group("CN=Sales".into());
    let of = |origin| Case { origin, ..Case::at("avaya-spaces").holds("business", Active) };
    assert_eq!(of(group()).wishes("power").outcome(), "L102");
    assert_eq!(of(AccountOrigin::VendorLocal).managed(&["business"]).outcome(), "L102");
    assert_eq!(of(group()).wishes("business").outcome(), "");
}

#[test]
fn modes_forbid_what_they_say() {
    let moving = |mode| Case { mode, ..Case::at("8x8").holds("X2", Active).wishes("X4") }.outcome();
    let gaining = |mode| Case { mode, ..Case::at("8x8").wishes("X4") }.outcome();
    let losing = |mode| Case { mode, ..Case::at("8x8").holds("X4", Active).managed(&["X4"]) }.outcome();
    let absent = |mode| Case { mode, absent: Some("X4"), ..Case::at("8x8").holds("X4", Active) }.outcome();
    let all = |mode| [moving(mode), gaining(mode), losing(mode), absent(mode)];
    assert_eq!(all(Mode::Full), ["move", "gain", "loss", "loss"]);
    assert_eq!(all(Mode::AddOnly), ["L108", "gain", "L108", "loss"]);
    assert_eq!(all(Mode::RemoveOnly), ["L108", "L108", "loss", "loss"]);
    assert_eq!(all(Mode::Observe), ["L108", "L108", "L108", "L108"]);
}

#[test]
fn an_expired_license_is_never_asked_for() {
    let case = |vendor| Case { closed: Some("power"), ..Case::at(vendor) };
    assert_eq!(case("avaya-spaces").holds("essential", Active).wishes("power").outcome(), "L103");
    assert_eq!(case("avaya-spaces").holds("power", Active).wishes("power").outcome(), "");
    assert_eq!(case("avaya-spaces").holds("power", Active).managed(&["power"]).outcome(), "loss");
}

#[test]
fn a_closed_subscription_lets_nobody_leave() {
    let case = Case { closed: Some("main/time"), ..Case::at("officeseries") };
    assert_eq!(case.holds("main/time", Active).managed(&["main/time"]).outcome(), "L103");
}

#[test]
fn an_incomplete_observation_takes_nothing_and_gives_only_with_figures() {
    let case = || Case { complete: false, ..Case::at("8x8") };
    assert_eq!(case().holds("X4", Active).managed(&["X4"]).outcome(), "L109");
    assert_eq!(case().holds("X2", Active).wishes("X4").outcome(), "L110");
}

#[test]
fn an_address_in_other_letters_is_the_same_person() {
    let diff = Case::at("8x8").wishes("X4").diff();
    assert_eq!(diff.changes[0].person, "ana@acme.example");
    assert_eq!(diff.changes[0].options[0].effect, Effect::Gain);
}
