//! What holdings of each state and origin mean for a desired assignment of one person.

use jiff::Timestamp;
use smol_str::SmolStr;

use super::{TenantDiff, compare_tenant};
use crate::diagnostic::{FileId, Location};
use crate::env::Now;
use crate::model::{
    API_VERSION, Account, AccountOrigin, AdapterSettings, Claim, Desired, DesiredEntry, Effect, Ensure, Holding,
    HoldingOrigin, HoldingState, Mode, Observation, Pool, PoolStatus, RunbookSettings, TenantDesired, TenantSettings,
};
use crate::profile::Rules;

const HERE: Location = Location { file: FileId(0), line: 1, column: 1, length: 0 };

/// One person at one tenant.
struct DiffCase {
    vendor: &'static str,
    held: Vec<Holding>,
    desired: Option<&'static str>,
    absent: Option<&'static str>,
    managed: &'static [&'static str],
    mode: Mode,
    origin: AccountOrigin,
    complete: bool,
    closed: Option<&'static str>,
    alternative: Option<&'static str>,
}

impl DiffCase {
    fn at(vendor: &'static str) -> Self {
        Self {
            vendor,
            held: Vec::new(),
            desired: None,
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

    fn desires(self, license: &'static str) -> Self {
        Self { desired: Some(license), ..self }
    }

    fn managed(self, managed: &'static [&'static str]) -> Self {
        Self { managed, ..self }
    }

    fn diff(self) -> TenantDiff {
        let entry = |license: &str, ensure| DesiredEntry {
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
        let mut entries: Vec<DesiredEntry> =
            self.managed.iter().map(|license| entry(license, Ensure::Present)).collect();
        let mut claims = Vec::new();
        let named = self.desired.map(|license| (license, Ensure::Present)).into_iter();
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
        let tenant_desired = TenantDesired { settings, entries, claims, excluded: Vec::new(), named_only: false };
        compare_tenant(&desired.people, &tenant_desired, &rules, &observation, Now::at(Timestamp::UNIX_EPOCH))
    }

    /// What comes of it in a word: the effect, the code of the obstacle, or nothing.
    fn outcome(self) -> String {
        let diff = self.diff();
        let effects = diff.changes.iter().map(|change| change.options[0].effect.as_str().to_owned());
        let codes = diff.blocked.iter().map(|obstacle| obstacle.reason.code.id.to_owned());
        effects.chain(codes).collect::<Vec<_>>().join(" ")
    }
}

use HoldingState::{Active, Cancelled, Error, Pending, Removing, Suspended, Waiting};

#[test]
fn satisfied_or_pending_assignment_needs_no_change() {
    for state in [Active, Suspended, Pending, Waiting] {
        assert_eq!(DiffCase::at("8x8").holds("X4", state.clone()).desires("X4").outcome(), "", "{state:?}");
    }
    for origin in [HoldingOrigin::Group("g".into()), HoldingOrigin::Auto] {
        assert_eq!(DiffCase::at("8x8").holds("X4", Active).origin(origin).desires("X4").outcome(), "");
    }
}

#[test]
fn failed_or_cancelled_request_is_planned_again() {
    for state in [Cancelled, Error] {
        assert_eq!(DiffCase::at("8x8").holds("X4", state.clone()).desires("X4").outcome(), "gain", "{state:?}");
    }
}

#[test]
fn trial_does_not_satisfy_an_assignment_of_the_full_license() {
    assert_eq!(DiffCase::at("avaya-spaces").holds("power", Active).trial().desires("power").outcome(), "gain");
}

#[test]
fn trial_is_kept_while_an_alternative_satisfies_the_assignment() {
    let case = DiffCase { alternative: Some("main/reports"), ..DiffCase::at("officeseries") };
    let case = case.holds("main/time", Active).trial().holds("main/reports", Active);
    assert_eq!(case.desires("main/time").outcome(), "");
}

#[test]
fn step_up_from_the_floor_is_a_gain_and_a_fall_to_it_is_a_loss() {
    assert_eq!(DiffCase::at("avaya-spaces").holds("essential", Active).desires("power").outcome(), "gain");
    assert_eq!(DiffCase::at("avaya-spaces").holds("power", Active).desires("essential").outcome(), "loss");
    assert_eq!(DiffCase::at("avaya-spaces").holds("business", Active).desires("power").outcome(), "move");
}

#[test]
fn trial_never_falls_to_the_floor() {
    let trial = || DiffCase::at("avaya-spaces").holds("power", Active).trial();
    assert_eq!(trial().desires("essential").outcome(), "L107");
    assert_eq!(trial().managed(&["power"]).outcome(), "L107");
}

#[test]
fn unnamed_person_keeps_a_trial_of_the_floor() {
    let trial = DiffCase::at("avaya-spaces").holds("essential", Active).trial();
    assert_eq!(trial.managed(&["essential", "power"]).outcome(), "");
}

#[test]
fn mode_without_assignments_does_not_assign_the_floor() {
    let gaining = |mode| DiffCase { mode, ..DiffCase::at("avaya-spaces").desires("essential") }.outcome();
    assert_eq!([Mode::Full, Mode::AddOnly].map(gaining), ["gain", "gain"]);
    assert_eq!([Mode::RemoveOnly, Mode::Observe].map(gaining), ["L108", "L108"]);
    let falling = DiffCase::at("avaya-spaces").holds("power", Active).desires("essential");
    assert_eq!(DiffCase { mode: Mode::RemoveOnly, ..falling }.outcome(), "loss");
}

#[test]
fn unnamed_person_loses_only_managed_licenses() {
    assert_eq!(DiffCase::at("8x8").holds("X4", Active).outcome(), "");
    assert_eq!(DiffCase::at("8x8").holds("X4", Active).managed(&["X4"]).outcome(), "loss");
    assert_eq!(DiffCase::at("8x8").holds("X4", Active).managed(&["X2"]).outcome(), "");
    let absent = DiffCase { absent: Some("X4"), ..DiffCase::at("8x8").holds("X4", Active) };
    assert_eq!(absent.outcome(), "loss");
}

#[test]
fn named_person_gives_up_excluded_licenses_managed_or_not() {
    assert_eq!(DiffCase::at("8x8").holds("X2", Active).desires("X4").outcome(), "move");
    assert_eq!(DiffCase::at("8x8").holds("X2", Active).holds("X4", Active).desires("X4").outcome(), "loss");
}

#[test]
fn inherited_holding_blocks_the_assignment() {
    let group = HoldingOrigin::Group("sales".into());
    assert_eq!(DiffCase::at("8x8").holds("X2", Active).origin(group.clone()).desires("X4").outcome(), "L104");
    assert_eq!(DiffCase::at("8x8").holds("X2", Active).origin(group).managed(&["X2"]).outcome(), "");
}

#[test]
fn derived_number_license_does_not_exclude_the_main_license() {
    let case = DiffCase::at("8x8").holds("number", Active).origin(HoldingOrigin::Derived).desires("X4");
    assert_eq!(case.outcome(), "gain");
}

#[test]
fn pending_request_is_cancelled_where_the_vendor_allows_it() {
    let upgrade = || DiffCase::at("avaya-spaces").holds("essential", Active).holds("power", Pending);
    assert_eq!(upgrade().managed(&["power"]).outcome(), "cancel");
    assert_eq!(upgrade().desires("essential").outcome(), "cancel");
    assert_eq!(upgrade().desires("business").outcome(), "gain");
    let sideways = || DiffCase::at("avaya-spaces").holds("business", Active).holds("power", Pending);
    assert_eq!(sideways().desires("business").outcome(), "L105");
    assert_eq!(DiffCase::at("8x8").holds("X4", Pending).managed(&["X4"]).outcome(), "L105");
}

#[test]
fn removal_in_progress_is_neither_repeated_nor_overtaken() {
    assert_eq!(DiffCase::at("8x8").holds("X4", Removing).managed(&["X4"]).outcome(), "");
    assert_eq!(DiffCase::at("8x8").holds("X4", Removing).desires("X4").outcome(), "L106");
    assert_eq!(DiffCase::at("8x8").holds("X2", Removing).desires("X4").outcome(), "L106");
}

#[test]
fn account_of_foreign_origin_is_not_changed() {
    let group = || AccountOrigin::Group("CN=Sales".into());
    let of = |origin| DiffCase { origin, ..DiffCase::at("avaya-spaces").holds("business", Active) };
    assert_eq!(of(group()).desires("power").outcome(), "L102");
    assert_eq!(of(AccountOrigin::VendorLocal).managed(&["business"]).outcome(), "L102");
    assert_eq!(of(group()).desires("business").outcome(), "");
}

#[test]
fn mode_blocks_forbidden_changes() {
    let moving = |mode| DiffCase { mode, ..DiffCase::at("8x8").holds("X2", Active).desires("X4") }.outcome();
    let gaining = |mode| DiffCase { mode, ..DiffCase::at("8x8").desires("X4") }.outcome();
    let losing = |mode| DiffCase { mode, ..DiffCase::at("8x8").holds("X4", Active).managed(&["X4"]) }.outcome();
    let absent = |mode| DiffCase { mode, absent: Some("X4"), ..DiffCase::at("8x8").holds("X4", Active) }.outcome();
    let all = |mode| [moving(mode), gaining(mode), losing(mode), absent(mode)];
    assert_eq!(all(Mode::Full), ["move", "gain", "loss", "loss"]);
    assert_eq!(all(Mode::AddOnly), ["L108", "gain", "L108", "loss"]);
    assert_eq!(all(Mode::RemoveOnly), ["L108", "L108", "loss", "loss"]);
    assert_eq!(all(Mode::Observe), ["L108", "L108", "L108", "L108"]);
}

#[test]
fn expired_license_is_never_assigned() {
    let case = |vendor| DiffCase { closed: Some("power"), ..DiffCase::at(vendor) };
    assert_eq!(case("avaya-spaces").holds("essential", Active).desires("power").outcome(), "L103");
    assert_eq!(case("avaya-spaces").holds("power", Active).desires("power").outcome(), "");
    assert_eq!(case("avaya-spaces").holds("power", Active).managed(&["power"]).outcome(), "loss");
}

#[test]
fn closed_subscription_blocks_removals() {
    let case = DiffCase { closed: Some("main/time"), ..DiffCase::at("officeseries") };
    assert_eq!(case.holds("main/time", Active).managed(&["main/time"]).outcome(), "L103");
}

#[test]
fn incomplete_observation_blocks_losses_and_gains_without_figures() {
    let case = || DiffCase { complete: false, ..DiffCase::at("8x8") };
    assert_eq!(case().holds("X4", Active).managed(&["X4"]).outcome(), "L109");
    assert_eq!(case().holds("X2", Active).desires("X4").outcome(), "L110");
}

#[test]
fn address_in_other_letter_case_is_the_same_person() {
    let diff = DiffCase::at("8x8").desires("X4").diff();
    assert_eq!(diff.changes[0].person, "ana@acme.example");
    assert_eq!(diff.changes[0].options[0].effect, Effect::Gain);
}
