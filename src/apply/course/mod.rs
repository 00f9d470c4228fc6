//! A run under way: hands out operations, waits for what comes of them, and decides what that means for the others.
//!
//! One task decides; those that send and read come back to it with what they found. What must hold: it never waits for
//! the disk or for a vendor while something else could go on; once the journal fails nothing more is sent or written.

mod arrival;
mod by_hand;
mod ending;
mod outcome;
mod shortage;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

use self::arrival::{Arrival, gate};
use super::bench::Bench;
use super::fate::Fate;
use super::pace::{Breaker, Class};
use super::schedule::{Allowed, Index, Schedule};
use super::step::Seen;
use super::{Event, Stop};
use crate::model::{OperationOutcome, Outcome, SkipReason, Stranded};
use crate::store::StoreError;

/// A run under way.
pub(super) struct Course {
    bench: Arc<Bench>,
    schedule: Schedule,
    breakers: BTreeMap<SmolStr, Breaker>,
    outcomes: Vec<Option<OperationOutcome>>,
    tasks: JoinSet<Arrival>,
    /// What each task is about, should it break off.
    about: BTreeMap<Id, Vec<Index>>,
    /// Accounts as they were seen a moment ago, for the operation that is next for their person.
    seen: BTreeMap<Index, Seen>,
    busy: BTreeSet<SmolStr>,
    unreachable: BTreeSet<SmolStr>,
    skipped: BTreeMap<SkipReason, u64>,
    stranded: Vec<Stranded>,
    failure: Option<StoreError>,
    /// Operations that did not succeed, and whose person has the old license again, or may.
    given_back: BTreeSet<Index>,
    /// What is not going to be sent although the removal before it is on its way, by that removal.
    forgone: BTreeMap<Index, (Index, Fate)>,
    /// Removals and what was to follow them, where nobody knows what came of it.
    doubtful: Vec<(Index, Index)>,
    /// Tenants whose people are at the terminal, and whose turn has not come.
    by_hand: Vec<SmolStr>,
    /// Tenants whose pools are being read again.
    counting: BTreeSet<SmolStr>,
    deadline: Option<Instant>,
    /// Why nothing new is sent any more, and whether something was left out for it.
    ends_for: Option<SkipReason>,
    stopped: bool,
}

impl Course {
    pub(super) fn new(bench: Arc<Bench>, deadline: Option<Duration>) -> Self {
        let schedule = Schedule::new(&bench.plan);
        Self {
            breakers: schedule.tenants().map(|tenant| (tenant.clone(), Breaker::default())).collect(),
            outcomes: vec![None; bench.plan.operations.len()],
            schedule,
            bench,
            tasks: JoinSet::new(),
            about: BTreeMap::new(),
            seen: BTreeMap::new(),
            busy: BTreeSet::new(),
            unreachable: BTreeSet::new(),
            skipped: BTreeMap::new(),
            stranded: Vec::new(),
            failure: None,
            given_back: BTreeSet::new(),
            forgone: BTreeMap::new(),
            doubtful: Vec::new(),
            by_hand: Vec::new(),
            counting: BTreeSet::new(),
            // A time beyond the end of time never comes.
            deadline: deadline.and_then(|deadline| Instant::now().checked_add(deadline)),
            ends_for: None,
            stopped: false,
        }
    }

    /// Says of every operation that an earlier run carried it out.
    pub(super) fn know_complete(&mut self) -> Result<(), StoreError> {
        let all = self.schedule.drop_rest(&BTreeSet::new());
        let fate = Fate::new(Outcome::Already, "an earlier run applied this plan".to_owned());
        self.write(all.into_iter().map(|index| (index, fate.clone())).collect())
    }

    /// Carries everything out.
    pub(super) async fn go(&mut self, stop: &Stop) -> Result<(), StoreError> {
        let tenants: Vec<SmolStr> = self.schedule.tenants().cloned().collect();
        for tenant in &tenants {
            let (bench, tenant) = (Arc::clone(&self.bench), tenant.clone());
            let counts = self.counts_seats(&tenant);
            self.tasks.spawn(async move { gate(&bench, tenant, counts).await });
        }
        loop {
            if self.ends_for.is_none() && stop.is_stopped() {
                self.end_soon(SkipReason::Stopped)?;
            }
            // Asked before anything is handed out: a timer that is over may be noticed late.
            if self.ends_for.is_none() && self.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                self.end_soon(SkipReason::Deadline)?;
            }
            let wake = if self.failure.is_none() { self.hand_out(&tenants) } else { None };
            if self.tasks.is_empty() && wake.is_none() && !self.next_by_hand() {
                break;
            }
            let patience = Arc::clone(&self.bench.world.patience);
            let (deadline, runs) = (self.deadline, self.ends_for.is_none() && self.failure.is_none());
            // In this order, so that a run with the same answers goes the same way.
            let arrived = tokio::select! {
                biased;
                () = stop.stopped(), if runs => self.end_soon(SkipReason::Stopped),
                () = until(deadline), if runs && deadline.is_some() => self.end_soon(SkipReason::Deadline),
                arrival = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => match arrival {
                    Some(Ok((id, arrival))) => {
                        self.about.remove(&id);
                        self.arrive(arrival)
                    }
                    Some(Err(error)) => self.broke_off(&error),
                    None => Ok(()),
                },
                () = until(wake), if wake.is_some() => Ok(()),
                () = patience.over(), if wake.is_some() && self.tasks.is_empty() => self.give_up_failing(&tenants),
            };
            if let Err(error) = arrived {
                self.fail(error);
            }
        }
        match self.failure.take() {
            Some(error) => Err(error),
            None => {
                let rest = self.schedule.drop_rest(&BTreeSet::new());
                let fate = Fate::skipped(self.ends_for.unwrap_or(SkipReason::Dependent), "it could not be sent");
                self.write(rest.into_iter().map(|index| (index, fate.clone())).collect())
            }
        }
    }

    /// Hands out what may be sent now; when to look again, where something is kept back.
    fn hand_out(&mut self, tenants: &[SmolStr]) -> Option<Instant> {
        let now = Instant::now();
        let mut wake: Option<Instant> = None;
        for tenant in tenants {
            let Some((target, stile)) = self.bench.world.tenant(tenant) else {
                // Its operations are ended by the step, which says why.
                self.spawn_all_of(tenant);
                continue;
            };
            let (width, batch) =
                (stile.width(), target.connection.execute.as_ref().map_or(1, |execute| execute.batch()));
            let breaker = self.breakers.get(tenant).cloned().unwrap_or_default();
            let permission = breaker.permits(now);
            while self.schedule.in_flight(tenant) < width {
                let is_tried = permission.trial && self.schedule.in_flight(tenant) > 0;
                let allowed = Allowed { gives: permission.gives && !is_tried, takes: permission.takes && !is_tried };
                let Some(index) = self.schedule.next(tenant, allowed) else { break };
                let mut together = vec![index];
                if batch > 1 && !permission.trial {
                    together.extend(self.schedule.companions(index, batch - 1));
                }
                self.spawn(together);
            }
            if let Some(until) = breaker.until(now).filter(|_| self.schedule.has_ready(tenant)) {
                wake = Some(wake.map_or(until, |wake| wake.min(until)));
            }
        }
        wake
    }

    fn spawn_all_of(&mut self, tenant: &SmolStr) {
        while let Some(index) = self.schedule.next(tenant, Allowed::ALL) {
            self.spawn(vec![index]);
        }
    }

    /// Sends operations, together where there are several.
    fn spawn(&mut self, together: Vec<Index>) {
        let bench = Arc::clone(&self.bench);
        let class = together.first().map_or(Class::Ordinary, |first| self.class_of(*first));
        let about = together.clone();
        let seen = match together[..] {
            [index] => self.seen.remove(&index),
            _ => None,
        };
        let task = self.tasks.spawn(async move {
            Arrival::Landed(match together[..] {
                [index] => bench.send(index, class, seen, None).await.map(|landing| vec![(index, landing)]),
                _ => bench.attempt(&together, class, None).await,
            })
        });
        self.about.insert(task.id(), about);
    }

    /// How urgent an operation is.
    fn class_of(&self, index: Index) -> Class {
        if self.schedule.closes_gap(index) { Class::Closing } else { Class::Ordinary }
    }

    /// Without a journal nothing is sent; what is in flight is awaited all the same.
    fn fail(&mut self, error: StoreError) {
        if self.failure.is_some() {
            return;
        }
        if matches!(error, StoreError::LockLost) {
            self.bench.world.watch.tell(&Event::LockLost { in_flight: self.in_flight() });
        }
        self.failure = Some(error);
        self.bench.world.stop.stop();
    }

    fn in_flight(&self) -> usize {
        self.about.values().map(Vec::len).sum()
    }

    /// A task broke off: something was sent, perhaps, and nobody knows.
    fn broke_off(&mut self, error: &JoinError) -> Result<(), StoreError> {
        let message = "the adapter broke off; look at the vendor's console".to_owned();
        for index in self.about.remove(&error.id()).unwrap_or_default() {
            if self.failure.is_none() {
                self.end(index, Fate::new(Outcome::Unknown, message.clone()))?;
            }
        }
        Ok(())
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
