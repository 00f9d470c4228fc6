//! What the tasks of a run come back with, and what it means for the others.

use std::sync::Arc;

use smol_str::SmolStr;
use tokio::time::Instant;

use super::Course;
use crate::adapter::AdapterError;
use crate::apply::Event;
use crate::apply::bench::Bench;
use crate::apply::by_hand::Arrived;
use crate::apply::fate::{Fate, Trouble, full_text};
use crate::apply::give_back::{Gap, GivenBack, stranded};
use crate::apply::pace::{Class, Effort};
use crate::apply::schedule::{Dropped, Index};
use crate::apply::step::{Landing, Retry, busy};
use crate::apply::world::Coming;
use crate::model::{OnFailure, OperationId, Outcome, Pool, SkipReason};
use crate::store::StoreError;

/// What a task of the run comes back with.
pub(super) enum Arrival {
    /// The tenant was asked whether it takes changes, and what its pools are like.
    Gate(SmolStr, Result<Option<Vec<Pool>>, Fate>),
    /// Operations were sent, or are known not to be.
    Landed(Result<Vec<(Index, Landing)>, StoreError>),
    /// An operation was followed to its end.
    Followed(Index, Fate),
    /// An operation failed, and its person's old license was to be given back.
    GaveBack(Index, Fate, Result<GivenBack, StoreError>),
    /// What is open at a tenant was handed over to people.
    ByHand(SmolStr, Result<Arrived, StoreError>),
    /// The pools of a tenant were read again.
    Counted(SmolStr, Result<Vec<Pool>, AdapterError>),
}

impl Course {
    pub(super) fn arrive(&mut self, arrival: Arrival) -> Result<(), StoreError> {
        if self.failure.is_some() {
            // Somebody else may write by now; the next run reads what came of it.
            return Ok(());
        }
        match arrival {
            Arrival::Gate(tenant, Ok(pools)) => {
                // What people said to have done is not to be seen yet, so that nobody can tell whose seats are counted.
                if let Some(pools) = pools.filter(|_| !self.was_handed_over(&tenant)) {
                    self.make_room(&tenant, &pools)?;
                }
                if self.is_by_hand(&tenant) {
                    self.turn_by_hand(tenant);
                } else {
                    self.schedule.open(&tenant, true);
                }
            }
            Arrival::ByHand(tenant, arrived) => self.came_by_hand(&tenant, arrived?)?,
            Arrival::Gate(tenant, Err(fate)) => self.close(&tenant, &fate)?,
            Arrival::Landed(landings) => {
                for (index, landing) in landings? {
                    self.land(index, landing)?;
                }
            }
            Arrival::Followed(index, fate) => self.end(index, fate)?,
            Arrival::GaveBack(index, fate, given) => self.gave_back(index, fate, given?)?,
            Arrival::Counted(tenant, pools) => {
                self.counting.remove(&tenant);
                if let Ok(pools) = pools {
                    self.make_room(&tenant, &pools)?;
                }
                self.schedule.open(&tenant, true);
            }
        }
        Ok(())
    }

    fn land(&mut self, index: Index, landing: Landing) -> Result<(), StoreError> {
        match landing {
            Landing::Done(fate, seen) => {
                if let Some(seen) = seen.filter(|_| fate.outcome.is_success())
                    && let Some(next) = self.schedule.next_of_person(index)
                {
                    self.seen.insert(next, seen);
                }
                self.end(index, fate)
            }
            Landing::Coming(coming) => {
                self.follow(index, coming);
                Ok(())
            }
            Landing::Refused { error, was_sent } => {
                // It went with others, and goes on alone.
                let (bench, class) = (Arc::clone(&self.bench), self.class_of(index));
                let task = self.tasks.spawn(async move {
                    let landing = bench.send(index, class, None, Some((error, was_sent))).await;
                    Arrival::Landed(landing.map(|landing| vec![(index, landing)]))
                });
                self.about.insert(task.id(), vec![index]);
                Ok(())
            }
        }
    }

    fn follow(&mut self, index: Index, coming: Coming) {
        // What the vendor has a name for is in flight there, and vendors bear only so many of those.
        if coming.handle.is_none() {
            self.schedule.free_slot(index);
        }
        let bench = Arc::clone(&self.bench);
        bench.world.watch.tell(&Event::Waiting { operation: bench.operation(index).id.clone() });
        let leads_on = self.schedule.closes_gap(index) || self.schedule.opens_gap(index);
        let task = self.tasks.spawn(async move {
            let fate = bench.world.follow(bench.operation(index), &coming, leads_on).await;
            Arrival::Followed(index, fate)
        });
        self.about.insert(task.id(), vec![index]);
    }

    /// Ends an operation, unless its person is to get the old license back first.
    pub(super) fn end(&mut self, index: Index, fate: Fate) -> Result<(), StoreError> {
        let is_hopeless = self.tell_breaker(index, &fate);
        let tenant = self.schedule.operation(index).tenant.clone();
        self.end_one(index, fate)?;
        if is_hopeless { self.give_up(&tenant) } else { Ok(()) }
    }

    fn end_one(&mut self, index: Index, fate: Fate) -> Result<(), StoreError> {
        match fate.outcome {
            Outcome::Failed | Outcome::Skipped if self.spawn_give_back(index, &fate) => return Ok(()),
            Outcome::Unknown => self.doubt(index),
            Outcome::Applied | Outcome::Already | Outcome::Pending | Outcome::Skipped | Outcome::Failed => {}
        }
        self.conclude_one(index, fate)
    }

    /// Starts to give the old license back, where the operation asks for it and the old one is gone.
    pub(super) fn spawn_give_back(&mut self, index: Index, fate: &Fate) -> bool {
        // Nothing can be sent there; whoever works by hand was offered it.
        if self.is_by_hand(&self.schedule.operation(index).tenant) {
            return false;
        }
        let Some(remove) = self
            .schedule
            .removal_before(index)
            .filter(|_| self.schedule.operation(index).on_failure == Some(OnFailure::GiveBack))
        else {
            return false;
        };
        let (bench, fate) = (Arc::clone(&self.bench), fate.clone());
        let gap = Gap {
            assign: index,
            remove,
            restore: self.schedule.restore_after(index),
            was_trial: bench.took_trial(remove),
            counts_as_absent: fate.counts_as_absent(),
        };
        let task = self.tasks.spawn(async move {
            let given = bench.give_back(&gap).await;
            Arrival::GaveBack(index, fate, given)
        });
        self.about.insert(task.id(), vec![index]);
        true
    }

    fn gave_back(&mut self, index: Index, fate: Fate, given: GivenBack) -> Result<(), StoreError> {
        if given.came {
            return self.conclude_one(index, Fate::new(Outcome::Applied, None).and(&given.message));
        }
        let removal = self.schedule.removal_before(index);
        if given.is_taken {
            self.given_back.insert(index);
        }
        if let Some(removal) = removal {
            let (removal, wanted) = (self.schedule.operation(removal), self.schedule.operation(index));
            let watch = &self.bench.world.watch;
            if let Some(reason) = given.stranded {
                let stranded = stranded(removal, wanted, reason);
                watch.tell(&Event::Stranded(stranded.clone()));
                self.stranded.push(stranded);
            } else if given.is_taken {
                watch.tell(&Event::GaveBack {
                    operation: wanted.id.clone(),
                    tenant: removal.tenant.clone(),
                    person: removal.person.clone(),
                    license: removal.license.clone(),
                });
            }
        }
        let denied = given.trouble == Some(Trouble::Denied);
        let tenant = self.schedule.operation(index).tenant.clone();
        self.conclude_one(index, fate.and(&given.message))?;
        if let Some(removal) = removal.filter(|_| given.is_taken) {
            let dropped = self.schedule.undo(removal);
            let failed = self.schedule.operation(index).id.clone();
            let why = |_: &Self, _| format!("the seat it needs was given back, for `{failed}` did not succeed");
            self.skip(dropped, why)?;
        }
        if denied { self.close(&tenant, &denied_fate(&tenant, &given.message)) } else { Ok(()) }
    }

    fn conclude_one(&mut self, index: Index, fate: Fate) -> Result<(), StoreError> {
        let tenant = self.schedule.operation(index).tenant.clone();
        let (outcome, trouble) = (fate.outcome, fate.trouble);
        if matches!(trouble, Some(Trouble::Unreachable | Trouble::Denied)) {
            self.unreachable.insert(tenant.clone());
        }
        let cause = fate.clone();
        self.write(vec![(index, fate)])?;
        let dropped = self.schedule.end(index, outcome.is_success());
        if let Some((left, fate)) = self.forgone.remove(&index) {
            self.leave_out(left, fate)?;
        }
        if trouble == Some(Trouble::Busy) {
            for Dropped { index, because: _ } in dropped {
                self.leave_out(index, cause.clone())?;
            }
            return self.close(&tenant, &cause);
        }
        let why = |course: &Self, because: Index| {
            let needed = &course.schedule.operation(because).id;
            let word = course.outcomes[because].as_ref().map_or("skipped", |known| known.outcome.as_str());
            let later = if word == "pending" { "; `reseat resume` goes on when it is there" } else { "" };
            format!("not sent, for it needs `{needed}`, which is {word}{later}")
        };
        self.skip(dropped, why)?;
        match trouble {
            Some(Trouble::Denied) => {
                let message = cause.message.unwrap_or_default();
                self.close(&tenant, &denied_fate(&tenant, &message))
            }
            Some(Trouble::NoSeat) => {
                self.count_again(&tenant);
                Ok(())
            }
            Some(Trouble::Busy | Trouble::Unreachable | Trouble::Refused | Trouble::Lost | Trouble::NeverCame)
            | None => Ok(()),
        }
    }

    /// Skips what depends on something that did not succeed; whoever lost a license for it gets it back.
    pub(super) fn skip(
        &mut self,
        dropped: Vec<Dropped>,
        why: impl Fn(&Self, Index) -> String,
    ) -> Result<(), StoreError> {
        for Dropped { index, because } in dropped {
            let fate = Fate::skipped(SkipReason::Dependent, why(self, because));
            self.leave_out(index, fate)?;
        }
        Ok(())
    }

    /// Writes that something is not sent; whoever lost a license for it gets it back first, and whoever is losing it is
    /// looked at when that is certain.
    pub(super) fn leave_out(&mut self, index: Index, fate: Fate) -> Result<(), StoreError> {
        if let Some(removal) = self.schedule.removal_under_way(index) {
            self.forgone.insert(removal, (index, fate));
            return Ok(());
        }
        if self.spawn_give_back(index, &fate) { Ok(()) } else { self.write(vec![(index, fate)]) }
    }

    /// Sends nothing more to a tenant.
    pub(super) fn close(&mut self, tenant: &SmolStr, fate: &Fate) -> Result<(), StoreError> {
        match fate.trouble {
            Some(Trouble::Busy) => self.busy.insert(tenant.clone()),
            Some(Trouble::Unreachable | Trouble::Denied) => self.unreachable.insert(tenant.clone()),
            Some(Trouble::NoSeat | Trouble::Refused | Trouble::Lost | Trouble::NeverCame) | None => false,
        };
        for index in self.schedule.drop_tenant(tenant) {
            self.leave_out(index, fate.clone())?;
        }
        Ok(())
    }
}

fn denied_fate(tenant: &str, message: &str) -> Fate {
    let mut fate = Fate::skipped(
        SkipReason::Unreachable,
        format!("nothing more was sent, for `{tenant}` does not let us in: {message}"),
    );
    fate.trouble = Some(Trouble::Denied);
    fate
}

/// Asks a tenant whether it takes changes, and waits where it does not; then reads its pools, if the plan counts on
/// seats there. The fate of all its operations where nothing can be sent.
pub(super) async fn gate(bench: &Bench, tenant: SmolStr, counts: bool) -> Arrival {
    let world = &bench.world;
    let Some((target, stile)) = world.tenant(&tenant) else { return Arrival::Gate(tenant, Ok(None)) };
    let mut effort = Effort::new(world.seed, usize::MAX, Instant::now());
    let of_tenant = OperationId(tenant.clone());
    let busy_reason = loop {
        let answer = world.busy(&mut stile.enter(Class::Ordinary).await, &tenant, target).await;
        let error = match answer {
            Ok(reason) => break reason,
            Err(error) => error,
        };
        if bench.pause(&of_tenant, Class::Ordinary, &mut effort, &error).await != Retry::Again {
            let prefix = "nothing was sent, for the tenant could not be read: ";
            let mut fate = Fate::refused(prefix, &error);
            (fate.outcome, fate.skip) = (Outcome::Skipped, Some(SkipReason::Unreachable));
            return Arrival::Gate(tenant, Err(fate));
        }
    };
    if let Some(reason) = busy_reason
        && !world.wait_until_free(&tenant, target, &reason).await
    {
        return Arrival::Gate(tenant, Err(busy(world, &reason)));
    }
    if !counts {
        return Arrival::Gate(tenant, Ok(None));
    }
    let pools = match world.pools(&mut stile.enter(Class::Ordinary).await, &tenant, target).await {
        Ok(pools) => Some(pools),
        Err(error) if Fate::refused("", &error).trouble == Some(Trouble::Denied) => {
            return Arrival::Gate(tenant.clone(), Err(denied_fate(&tenant, &full_text(&error))));
        }
        // The vendor counts for itself, and refuses where it has no seat.
        Err(_) => None,
    };
    Arrival::Gate(tenant, Ok(pools))
}
