//! Admission: which gains and moves fit (law 4).
//!
//! Moves between the same pools form a class, which is admitted from the top of its ranking. Desired assignments are
//! tried by rank; each is admitted if some set that contains it and everything admitted before fits. That is a
//! question of flow: a pool with a surplus passes it on, by letting a lower rank leave or by withdrawing a move that
//! was only admitted to make room. No search over people is needed.
//!
//! A pool over its total may stay so as long as it receives nobody. To receive a person it must first lose its whole
//! deficit; [`PoolFlow`] tries the few combinations.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::diff::{CandidateChange, LicenseTransition, PoolId, PoolTable};

use super::pool_flow::{MoveClass, PoolFlow};

/// The admission of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// Admitted with this option.
    Admitted(usize),
    /// No seat: the change waits.
    Waiting,
    /// No seat: the change waits, and licenses that must be absent are removed anyway.
    WaitingWithLoss,
    /// Held by a limit.
    Held,
}

impl Admission {
    /// Returns the transition that the plan makes, if any.
    pub(super) fn transition(self, change: &CandidateChange) -> Option<&LicenseTransition> {
        match self {
            Self::Admitted(option) => change.options.get(option),
            Self::WaitingWithLoss => change.loss_while_waiting.as_ref(),
            Self::Waiting | Self::Held => None,
        }
    }
}

/// Decides about every change. `held` marks losses that a limit holds.
pub(super) fn admit(pools: &PoolTable, changes: &[CandidateChange], held: &[bool]) -> Vec<Admission> {
    let mut admission = AdmissionSolver::new(pools, changes, held);
    admission.admit_by_rank();
    loop {
        let settled = admission.admit_alternatives() || admission.release_absent();
        if !settled {
            return admission.admissions;
        }
        admission.reopen_classes();
        admission.admit_by_rank();
    }
}

struct AdmissionSolver<'a> {
    pools: &'a PoolTable,
    changes: &'a [CandidateChange],
    admissions: Vec<Admission>,
    flow: PoolFlow,
    /// The rank of each change.
    ranks: Vec<u32>,
    /// Changes that need a seat, by rank.
    ranked: Vec<u32>,
    /// The next member of each open class.
    heads: BinaryHeap<Reverse<(u32, usize)>>,
}

/// Returns the limited pools in which a transition frees a seat.
fn departures(pools: &PoolTable, step: &LicenseTransition) -> Vec<u32> {
    let gone = step.cancels.iter().chain(&step.releases).filter(|given| given.frees_seat);
    let mut leaves: Vec<u32> = gone
        .map(|given| given.pool)
        .filter(|pool| pools.get(*pool).free_seats().is_some())
        .map(|pool| pool.0)
        .collect();
    leaves.sort_unstable();
    leaves
}

/// Returns the limited pool in which a transition uses a seat.
pub(super) fn arrival(pools: &PoolTable, step: &LicenseTransition) -> Option<PoolId> {
    step.assigns.filter(|pool| pools.get(*pool).free_seats().is_some())
}

impl<'a> AdmissionSolver<'a> {
    fn new(pools: &'a PoolTable, changes: &'a [CandidateChange], held: &[bool]) -> Self {
        let mut order: Vec<u32> = (0..).take(changes.len()).collect();
        // Changes come sorted by person; a stable sort by priority makes the rank.
        order.sort_by_key(|index| Reverse(changes[*index as usize].priority));
        let mut ranks = vec![0; changes.len()];
        for (rank, index) in (0..).zip(&order) {
            ranks[*index as usize] = rank;
        }
        let free = pools.iter().map(|(_, pool)| pool.free_seats()).collect();
        let mut this = Self {
            pools,
            changes,
            admissions: vec![Admission::Waiting; changes.len()],
            flow: PoolFlow::new(free),
            ranks,
            ranked: Vec::new(),
            heads: BinaryHeap::new(),
        };
        let mut classes: BTreeMap<(Vec<u32>, u32), Vec<u32>> = BTreeMap::new();
        for index in order {
            let change = &changes[index as usize];
            let Some(step) = change.options.first() else { continue };
            let leaves = departures(pools, step);
            match arrival(pools, step) {
                _ if held[index as usize] => this.admissions[index as usize] = Admission::Held,
                Some(to) => {
                    classes.entry((leaves, to.0)).or_default().push(index);
                    this.ranked.push(index);
                }
                None => this.admit_option(index, 0, &leaves),
            }
        }
        for ((leaves, to), members) in classes {
            this.flow.classes.push(MoveClass { from: leaves, to, members, active: 0, admitted: 0, is_closed: false });
        }
        this.flow.index();
        this.reopen_classes();
        this
    }

    /// Admits one option of a change outside every class.
    fn admit_option(&mut self, index: u32, option: usize, leaves: &[u32]) {
        self.admissions[index as usize] = Admission::Admitted(option);
        for pool in leaves {
            self.flow.depart(*pool);
        }
    }

    /// Reopens every class after seats became free.
    fn reopen_classes(&mut self) {
        self.heads.clear();
        for index in 0..self.flow.classes.len() {
            self.flow.classes[index].is_closed = false;
            self.push_head(index);
        }
    }

    fn push_head(&mut self, index: usize) {
        let class = &self.flow.classes[index];
        if let Some(member) = class.members.get(class.admitted) {
            self.heads.push(Reverse((self.ranks[*member as usize], index)));
        }
    }

    /// Tries the classes in order of rank.
    fn admit_by_rank(&mut self) {
        while let Some(Reverse((_, index))) = self.heads.pop() {
            if self.flow.admit(index) {
                let class = &self.flow.classes[index];
                self.admissions[class.members[class.admitted - 1] as usize] = Admission::Admitted(0);
                self.push_head(index);
            } else {
                self.flow.classes[index].is_closed = true;
            }
        }
    }

    /// Admits the first alternative with room for changes that would wait, by rank. Returns whether a seat became
    /// free.
    fn admit_alternatives(&mut self) -> bool {
        for position in 0..self.ranked.len() {
            let index = self.ranked[position];
            let change = &self.changes[index as usize];
            if self.admissions[index as usize] != Admission::Waiting || change.options.len() < 2 {
                continue;
            }
            for (option, step) in change.options.iter().enumerate().skip(1) {
                let leaves = departures(self.pools, step);
                let to = arrival(self.pools, step).map(|pool| pool.0);
                if to.is_some_and(|to| !self.flow.has_room(to, &leaves)) {
                    continue;
                }
                self.flow.withdraw(index);
                self.admit_option(index, option, &leaves);
                if let Some(to) = to {
                    self.flow.arrive(to);
                }
                if !leaves.is_empty() {
                    return true;
                }
                break;
            }
        }
        false
    }

    /// Releases licenses that must be absent from people who wait. Returns whether a seat became free.
    fn release_absent(&mut self) -> bool {
        let mut freed = false;
        for position in 0..self.ranked.len() {
            let index = self.ranked[position];
            let Some(step) = &self.changes[index as usize].loss_while_waiting else { continue };
            if self.admissions[index as usize] != Admission::Waiting {
                continue;
            }
            self.flow.withdraw(index);
            self.admissions[index as usize] = Admission::WaitingWithLoss;
            for pool in departures(self.pools, step) {
                self.flow.depart(pool);
                freed = true;
            }
        }
        freed
    }
}
