//! The tenant of an emulator: the simulator, its clock, and the visibility of changes.
//!
//! Every change of the simulator goes through this module, which counts changes and delays their visibility.

mod actions;
mod settings;
mod visibility;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;
use tokio::time::Instant;

pub(super) use self::settings::tenant_settings;
use self::visibility::HiddenChanges;
use super::config::EmulatorConfig;
use super::random::SeededRandom;
use crate::model::{Account, ChangeId, Digest, Effect, Expects, Observation, Operation, OperationId, OperationKind};
use crate::profile::simulator::{SimulatorRefusal, SimulatorReply};
use crate::profile::{Profile, Rules, Simulator, UnknownVendor};

/// A clock that runs with the runtime's and can be advanced.
#[derive(Clone, Copy, Debug)]
struct TenantClock {
    start: Timestamp,
    since: Instant,
    ahead: Duration,
}

impl TenantClock {
    fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.since.elapsed() + self.ahead).unwrap_or(SignedDuration::MAX);
        self.start.saturating_add(elapsed).unwrap_or(self.start)
    }
}

/// A change that an API requests.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChangeRequest<'a> {
    pub(super) kind: OperationKind,
    pub(super) account: &'a str,
    pub(super) license: &'a str,
    pub(super) to: Option<&'a str>,
    pub(super) memberships: &'a [SmolStr],
}

/// The tenant of an emulator.
pub(super) struct EmulatedTenant {
    simulator: Simulator,
    profile: &'static Profile,
    clock: TenantClock,
    config: EmulatorConfig,
    random: SeededRandom,
    hidden_changes: HiddenChanges,
    /// When the vendor accepts changes again.
    busy_until: Option<Timestamp>,
    version: u64,
    external_changes: u64,
}

impl EmulatedTenant {
    /// Returns a tenant with that state at that time.
    pub(super) fn new(
        profile: &'static Profile,
        state: Observation,
        config: EmulatorConfig,
        now: Timestamp,
    ) -> Result<Self, UnknownVendor> {
        let rules = Rules::resolve(&tenant_settings(&state.tenant, profile.name, &config))?;
        Ok(Self {
            simulator: Simulator::new(rules, Duration::ZERO, state),
            profile,
            clock: TenantClock { start: now, since: Instant::now(), ahead: Duration::ZERO },
            random: SeededRandom::new(config.seed),
            config,
            hidden_changes: HiddenChanges::default(),
            busy_until: None,
            version: 0,
            external_changes: 0,
        })
    }

    /// Replaces the configuration and restarts the random sequence.
    pub(super) fn set_config(&mut self, config: EmulatorConfig) {
        let state = self.simulator.state().clone();
        if let Ok(rules) = Rules::resolve(&tenant_settings(&state.tenant, self.profile.name, &config)) {
            self.simulator = Simulator::new(rules, Duration::ZERO, state);
        }
        self.random = SeededRandom::new(config.seed);
        self.config = config;
        self.version += 1;
    }

    pub(super) fn config(&self) -> &EmulatorConfig {
        &self.config
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns the time that many milliseconds from now.
    pub(super) fn after_ms(&self, ms: u64) -> Timestamp {
        let later = SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX));
        self.now().saturating_add(later).unwrap_or(Timestamp::MAX)
    }

    pub(super) fn random(&mut self) -> &mut SeededRandom {
        &mut self.random
    }

    pub(super) fn rules(&self) -> &Rules {
        self.simulator.rules()
    }

    /// Returns the number of changes.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// Returns the number of actions that bypassed the API.
    pub(super) fn external_changes(&self) -> u64 {
        self.external_changes
    }

    /// Returns the state, including changes that are not visible yet.
    pub(super) fn state(&self) -> &Observation {
        self.simulator.state()
    }

    /// Returns an account, including changes that are not visible yet.
    pub(super) fn account(&self, id: &str) -> Option<&Account> {
        self.simulator.account(id)
    }

    /// Returns an account as readers see it.
    pub(super) fn visible_account(&self, id: &str) -> Option<&Account> {
        self.simulator.account(id).map(|account| self.hidden_changes.visible(id).unwrap_or(account))
    }

    /// Returns all accounts as readers see them.
    pub(super) fn visible_accounts(&self) -> impl Iterator<Item = &Account> {
        let accounts = self.simulator.state().accounts.iter();
        accounts.map(|account| self.hidden_changes.visible(&account.id).unwrap_or(account))
    }

    /// Completes whatever is due.
    pub(super) fn advance(&mut self) {
        let now = self.now();
        if self.simulator.advance(now) {
            self.version += 1;
        }
        if self.busy_until.is_some_and(|until| until <= now) {
            self.set_busy(None, None);
        }
        self.hidden_changes.advance(now);
    }

    /// Starts or ends a period in which the vendor accepts no changes.
    fn set_busy(&mut self, reason: Option<String>, until: Option<Timestamp>) {
        self.busy_until = until;
        self.simulator.set_busy(reason);
        self.version += 1;
    }

    /// Requests a change, which takes effect after the delay if the vendor's requests take time.
    ///
    /// # Errors
    /// If the vendor refuses it; nothing changes then.
    pub(super) fn execute(
        &mut self,
        change: ChangeRequest<'_>,
        delay_ms: u64,
    ) -> Result<SimulatorReply, SimulatorRefusal> {
        let now = self.now();
        let before = self.simulator.account(change.account).cloned();
        self.simulator.set_delay(Duration::from_millis(delay_ms));
        let reply = self.simulator.execute(&operation(change), now)?;
        if reply != SimulatorReply::Already {
            self.record_change(before);
        }
        Ok(reply)
    }

    /// Changes an account without the rules.
    pub(super) fn edit(&mut self, id: &str, edit: impl FnOnce(&mut Account)) {
        let before = self.simulator.account(id).cloned();
        self.simulator.edit(|state| {
            if let Some(account) = state.accounts.iter_mut().find(|account| account.id == id) {
                edit(account);
            }
        });
        self.record_change(before);
    }

    /// Changes the tenant without the rules.
    fn edit_all(&mut self, edit: impl FnOnce(&mut Observation)) {
        self.simulator.edit(edit);
        self.version += 1;
    }

    /// Counts a change, and hides it as long as configured.
    fn record_change(&mut self, before: Option<Account>) {
        self.version += 1;
        if self.config.visible_after_ms > 0
            && let Some(before) = before
        {
            self.hidden_changes.hide(before, self.after_ms(self.config.visible_after_ms));
        }
    }
}

/// Returns the operation for a change. The simulator ignores everything else of an operation.
fn operation(change: ChangeRequest<'_>) -> Operation {
    Operation {
        id: OperationId(SmolStr::new_static("op-1")),
        change: ChangeId(SmolStr::new_static("ch-1")),
        kind: change.kind,
        effect: Effect::Move,
        tenant: SmolStr::default(),
        person: SmolStr::default(),
        account: SmolStr::new(change.account),
        license: SmolStr::new(change.license),
        to: change.to.map(SmolStr::new),
        after: Vec::new(),
        parked: false,
        loses: Vec::new(),
        keeps: Vec::new(),
        follow_ups: Vec::new(),
        memberships: change.memberships.to_vec(),
        expects: Expects { holdings: Digest::of_bytes(b"") },
        on_failure: None,
        why: String::new(),
        source: None,
    }
}
