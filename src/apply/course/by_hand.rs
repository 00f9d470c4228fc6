//! Operations that people carry out: whose turn it is, and what came of it.

use std::sync::Arc;

use smol_str::SmolStr;

use super::Course;
use super::arrival::Arrival;
use crate::apply::Event;
use crate::apply::by_hand::{Arrived, are_here, hand_over};
use crate::apply::fate::Trouble;
use crate::apply::schedule::Dropped;
use crate::model::Stranded;
use crate::store::StoreError;

impl Course {
    pub(super) fn is_by_hand(&self, tenant: &str) -> bool {
        self.bench.world.tenant(tenant).is_some_and(|(target, _)| target.by_hand)
    }

    /// Whether an earlier run of this plan handed something over at a tenant.
    pub(super) fn was_handed_over(&self, tenant: &str) -> bool {
        let earlier = &self.bench.earlier;
        let is_own = |id| self.bench.index_of(id).is_some_and(|at| self.bench.operation(at).tenant == tenant);
        self.is_by_hand(tenant) && earlier.keys().any(is_own)
    }

    /// Hands over what is open at a tenant; where somebody is asked, when nothing else goes on.
    pub(super) fn turn_by_hand(&mut self, tenant: SmolStr) {
        let hands = self.bench.world.tenant(&tenant).and_then(|(target, _)| target.hands.as_ref());
        if are_here(hands) { self.by_hand.push(tenant) } else { self.spawn_by_hand(tenant) }
    }

    /// Begins with the next tenant whose people are at the terminal, if there is one.
    pub(super) fn next_by_hand(&mut self) -> bool {
        if self.by_hand.is_empty() || self.failure.is_some() {
            return false;
        }
        let tenant = self.by_hand.remove(0);
        self.spawn_by_hand(tenant);
        true
    }

    fn spawn_by_hand(&mut self, tenant: SmolStr) {
        let indices = self.schedule.take_tenant(&tenant);
        let (bench, about) = (Arc::clone(&self.bench), indices.clone());
        let task = self.tasks.spawn(async move {
            let arrived = hand_over(bench, tenant.clone(), indices).await;
            Arrival::ByHand(tenant, arrived)
        });
        self.about.insert(task.id(), about);
    }

    /// Writes down what came of what was handed over.
    pub(super) fn came_by_hand(&mut self, tenant: &SmolStr, arrived: Arrived) -> Result<(), StoreError> {
        let Arrived { mut fates, stranded, stopped } = arrived;
        fates.sort_by_key(|(index, ..)| *index);
        self.stopped |= stopped;
        for (index, fate, is_written) in fates {
            match fate.trouble {
                Some(Trouble::Busy) => drop(self.busy.insert(tenant.clone())),
                Some(Trouble::Unreachable | Trouble::Denied) => drop(self.unreachable.insert(tenant.clone())),
                Some(Trouble::NoSeat | Trouble::Refused | Trouble::Lost | Trouble::NeverCame) | None => {}
            }
            let (outcome, id) = (fate.outcome, self.schedule.operation(index).id.clone());
            if is_written {
                self.keep(index, fate)
            } else {
                self.write(vec![(index, fate)])?
            }
            let dropped: Vec<Dropped> = self.schedule.end(index, outcome.is_success());
            let why = |_: &Self, _| format!("not sent, for it needs `{id}`, which is {}", outcome.as_str());
            self.skip(dropped, why)?;
        }
        for stranded in stranded {
            self.tell_stranded(stranded);
        }
        Ok(())
    }

    fn tell_stranded(&mut self, stranded: Stranded) {
        self.bench.world.watch.tell(&Event::Stranded(stranded.clone()));
        self.stranded.push(stranded);
    }
}
