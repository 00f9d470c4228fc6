//! The tenant behind an emulator: the simulator, its time, and what becomes visible when.
//!
//! What must hold: every change of the simulator goes through here, so that nothing becomes visible too early and every
//! change is counted.

mod actions;
mod visibility;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;
use tokio::time::Instant;

use self::visibility::HiddenChanges;
use super::config::EmulatorConfig;
use super::random::SeededRandom;
use crate::model::{
    Account, ChangeId, Digest, Effect, Expects, Observation, Operation, OperationId, OperationKind, PoolSettings,
    TenantSettings,
};
use crate::profile::simulator::{SimulatorRefusal, SimulatorReply};
use crate::profile::{Rules, Simulator};

/// A time that goes with the runtime's, and can be set forward.
#[derive(Clone, Copy, Debug)]
struct TenantClock {
    start: Timestamp,
    since: Instant,
    ahead: Duration,
}

impl TenantClock {
    fn now(&self) -> Timestamp {
        let gone = SignedDuration::try_from(self.since.elapsed() + self.ahead).unwrap_or(SignedDuration::MAX);
        self.start.saturating_add(gone).unwrap_or(self.start)
    }
}

/// What the vendor is asked to do.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChangeRequest<'a> {
    pub(super) kind: OperationKind,
    pub(super) account: &'a str,
    pub(super) license: &'a str,
    pub(super) to: Option<&'a str>,
}

/// The tenant behind an emulator.
pub(super) struct EmulatedTenant {
    simulator: Simulator,
    settings: TenantSettings,
    clock: TenantClock,
    config: EmulatorConfig,
    random: SeededRandom,
    hidden_changes: HiddenChanges,
    /// When the vendor takes changes again by itself.
    busy_until: Option<Timestamp>,
    /// How often something changed.
    version: u64,
    /// How often somebody changed something without asking through the interface.
    external_changes: u64,
}

impl EmulatedTenant {
    /// The tenant in that state, at that time.
    pub(super) fn new(
        settings: TenantSettings,
        rules: Rules,
        state: Observation,
        knobs: EmulatorConfig,
        now: Timestamp,
    ) -> Self {
        let time = TenantClock { start: now, since: Instant::now(), ahead: Duration::ZERO };
        let simulator = Simulator::new(rules, Duration::ZERO, state);
        let chance = SeededRandom::new(knobs.seed);
        let mut world = Self {
            simulator,
            settings,
            clock: time,
            config: EmulatorConfig::default(),
            random: chance,
            hidden_changes: HiddenChanges::default(),
            busy_until: None,
            version: 0,
            external_changes: 0,
        };
        world.set_config(knobs);
        world.version = 0;
        world
    }

    /// Sets other knobs; counting and chance begin anew.
    pub(super) fn set_config(&mut self, knobs: EmulatorConfig) {
        self.random = SeededRandom::new(knobs.seed);
        for license in &knobs.add_ons {
            self.settings.pools.insert(license.clone(), PoolSettings { add_on: true, ..PoolSettings::default() });
        }
        if knobs.add_ons != self.config.add_ons
            && let Ok(rules) = Rules::resolve(&self.settings)
        {
            self.simulator = Simulator::new(rules, Duration::ZERO, self.simulator.state().clone());
        }
        self.config = knobs;
        self.version += 1;
    }

    pub(super) fn config(&self) -> &EmulatorConfig {
        &self.config
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// That many milliseconds from now.
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

    /// How often something changed since the beginning.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// How often somebody changed something without asking through the interface.
    pub(super) fn external_changes(&self) -> u64 {
        self.external_changes
    }

    /// The tenant as it is, whatever is visible of it.
    pub(super) fn state(&self) -> &Observation {
        self.simulator.state()
    }

    /// The account as it is, whatever is visible of it.
    pub(super) fn account(&self, id: &str) -> Option<&Account> {
        self.simulator.account(id)
    }

    /// What somebody who reads sees of the account.
    pub(super) fn visible_account(&self, id: &str) -> Option<&Account> {
        let account = self.simulator.account(id)?;
        Some(self.hidden_changes.visible(id).unwrap_or(account))
    }

    /// What somebody who reads sees of all accounts.
    pub(super) fn visible_accounts(&self) -> impl ExactSizeIterator<Item = &Account> + Clone {
        self.simulator
            .state()
            .accounts
            .iter()
            .map(|account| self.hidden_changes.visible(&account.id).unwrap_or(account))
    }

    /// Lets everything happen that is due.
    pub(super) fn advance(&mut self) {
        let now = self.now();
        if self.simulator.advance(now) {
            self.version += 1;
        }
        if self.busy_until.is_some_and(|until| until <= now) {
            self.busy_until = None;
            self.set_busy(None);
        }
        self.hidden_changes.advance(now);
    }

    /// Begins or ends a time in which the vendor takes no changes.
    pub(super) fn set_busy(&mut self, reason: Option<(String, Option<u64>)>) {
        self.busy_until = reason.as_ref().and_then(|(_, ms)| ms.map(|ms| self.after_ms(ms)));
        self.simulator.set_busy(reason.map(|(reason, _)| reason));
        self.version += 1;
    }

    /// Asks the vendor to do something; requests take effect so many milliseconds later, where the vendor takes its
    /// time.
    pub(super) fn execute(
        &mut self,
        wish: ChangeRequest<'_>,
        delay_ms: u64,
    ) -> Result<SimulatorReply, SimulatorRefusal> {
        let now = self.now();
        let before = self.simulator.account(wish.account).cloned();
        self.simulator.set_delay(Duration::from_millis(delay_ms));
        let answer = self.simulator.execute(&operation(wish), now)?;
        if answer != SimulatorReply::Already {
            self.record_change(before);
        }
        Ok(answer)
    }

    /// Changes an account as somebody does who is not bound by the rules.
    pub(super) fn edit(&mut self, id: &str, edit: impl FnOnce(&mut Account)) {
        let before = self.simulator.account(id).cloned();
        self.simulator.edit(|state| {
            if let Some(account) = state.accounts.iter_mut().find(|account| account.id == id) {
                edit(account);
            }
        });
        self.record_change(before);
    }

    /// Changes the tenant as somebody does who is not bound by the rules.
    fn edit_all(&mut self, edit: impl FnOnce(&mut Observation)) {
        self.simulator.edit(edit);
        self.version += 1;
    }

    /// Counts a change, and hides it for a while where a knob says so.
    fn record_change(&mut self, before: Option<Account>) {
        self.version += 1;
        if self.config.visible_after_ms > 0
            && let Some(before) = before
        {
            let visible = self.after_ms(self.config.visible_after_ms);
            self.hidden_changes.hide(before, visible);
        }
    }
}

/// The operation of a plan that asks for that. What a plan says beside it is for others than the vendor.
fn operation(wish: ChangeRequest<'_>) -> Operation {
    Operation {
        id: OperationId(SmolStr::new_static("op-1")),
        change: ChangeId(SmolStr::new_static("ch-1")),
        kind: wish.kind,
        effect: Effect::Move,
        tenant: SmolStr::default(),
        person: SmolStr::default(),
        account: SmolStr::new(wish.account),
        license: SmolStr::new(wish.license),
        to: wish.to.map(SmolStr::new),
        after: Vec::new(),
        parked: false,
        loses: Vec::new(),
        keeps: Vec::new(),
        follow_ups: Vec::new(),
        memberships: Vec::new(),
        expects: Expects { holdings: Digest::of_bytes(b"") },
        on_failure: None,
        why: String::new(),
        source: None,
    }
}
