//! The order in which operations are sent.
//!
//! Pure: it knows the graph and the results, but neither time nor vendors. Invariants: an operation is dispatched once, after
//! everything it depends on succeeded; people between two licenses go first, then people who had an operation already; an
//! account has one operation in flight; no step visits all operations.

mod dropped;
mod gap;
mod graph;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use smol_str::SmolStr;

use self::graph::DependencyGraph;
use crate::model::{Effect, Operation, OperationKind, Plan};

pub(crate) use self::dropped::DroppedOperation;

/// The index of an operation in the plan.
pub(crate) type OperationIndex = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OperationState {
    /// It waits for other operations, or to be dispatched.
    Unsent,
    /// It was dispatched, and occupies a slot.
    InFlight,
    /// It was sent, and its effect is awaited without a slot.
    AwaitingEffect,
    /// It has a result.
    Ended { success: bool },
}

#[derive(Debug)]
struct ScheduledOperation {
    queue: u32,
    account: u32,
    /// The number of predecessors that have not succeeded.
    open_predecessors: u32,
    /// Whether a predecessor of the same person succeeded.
    follows_own: bool,
    state: OperationState,
}

/// The operations of one tenant.
#[derive(Debug)]
struct TenantQueue {
    tenant: SmolStr,
    is_open: bool,
    in_flight: u32,
    /// Ready operations that close a gap.
    closing: BTreeSet<OperationIndex>,
    /// Ready additions; first those whose person had an operation already.
    additions: BTreeSet<(bool, OperationIndex)>,
    /// Ready removals.
    removals: BTreeSet<(bool, OperationIndex)>,
}

/// The progress of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DispatchState {
    /// It was not dispatched.
    Unsent,
    /// It was dispatched, and has no result.
    Sent,
    /// It has a result; whether it succeeded.
    Ended(bool),
}

/// Which operations of a tenant may be dispatched; those that close a gap always may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DispatchFilter {
    pub(crate) additions: bool,
    pub(crate) removals: bool,
}

impl DispatchFilter {
    pub(crate) const ALL: Self = Self { additions: true, removals: true };
}

/// The operations of a plan and their progress.
#[derive(Debug)]
pub(crate) struct Schedule {
    plan: Arc<Plan>,
    graph: DependencyGraph,
    nodes: Vec<ScheduledOperation>,
    queues: Vec<TenantQueue>,
    /// Accounts with an operation in flight, with their other ready operations.
    busy_accounts: BTreeMap<u32, BTreeSet<OperationIndex>>,
}

impl Schedule {
    /// Schedules a plan; no tenant is open yet.
    pub(crate) fn new(plan: &Arc<Plan>) -> Self {
        let graph = DependencyGraph::new(&plan.operations);
        let mut nodes: Vec<ScheduledOperation> = Vec::with_capacity(plan.operations.len());
        let mut lanes: Vec<TenantQueue> = Vec::new();
        let mut known: BTreeMap<&str, u32> = BTreeMap::new();
        let mut accounts: BTreeMap<(u32, &str), u32> = BTreeMap::new();
        for operation in &plan.operations {
            let lane = *known.entry(&operation.tenant).or_insert_with(|| {
                lanes.push(TenantQueue::new(&operation.tenant));
                lanes.len() as u32 - 1
            });
            let next = accounts.len() as u32;
            let account = *accounts.entry((lane, &operation.account)).or_insert(next);
            // An unknown predecessor never succeeds; the preflight check refuses such a plan.
            let open = operation.after.len() as u32;
            nodes.push(ScheduledOperation {
                queue: lane,
                account,
                open_predecessors: open,
                follows_own: false,
                state: OperationState::Unsent,
            });
        }
        let mut schedule = Self { plan: Arc::clone(plan), graph, nodes, queues: lanes, busy_accounts: BTreeMap::new() };
        for index in 0..schedule.nodes.len() {
            if schedule.nodes[index].open_predecessors == 0 {
                schedule.enqueue(index);
            }
        }
        schedule
    }

    /// Returns the tenants with operations, in the order of their first.
    pub(crate) fn tenants(&self) -> impl Iterator<Item = &SmolStr> {
        self.queues.iter().map(|lane| &lane.tenant)
    }

    pub(crate) fn operation(&self, index: OperationIndex) -> &Operation {
        &self.plan.operations[index]
    }

    pub(crate) fn progress(&self, index: OperationIndex) -> DispatchState {
        match self.nodes[index].state {
            OperationState::Unsent => DispatchState::Unsent,
            OperationState::InFlight | OperationState::AwaitingEffect => DispatchState::Sent,
            OperationState::Ended { success } => DispatchState::Ended(success),
        }
    }

    /// Opens or closes a tenant; a closed one dispatches only operations that close a gap.
    pub(crate) fn set_open(&mut self, tenant: &str, is_open: bool) {
        if let Some(lane) = self.queue_mut(tenant) {
            lane.is_open = is_open;
        }
    }

    /// Returns how many operations of the tenant occupy a slot.
    pub(crate) fn in_flight(&self, tenant: &str) -> u32 {
        self.queue(tenant).map_or(0, |lane| lane.in_flight)
    }

    /// Whether an operation of the tenant is ready, even if it may not be dispatched.
    pub(crate) fn has_ready(&self, tenant: &str) -> bool {
        self.queue(tenant)
            .is_some_and(|lane| !(lane.closing.is_empty() && lane.additions.is_empty() && lane.removals.is_empty()))
    }

    /// Dispatches the next operation of the tenant, if one is ready and allowed.
    pub(crate) fn next(&mut self, tenant: &str, allowed: DispatchFilter) -> Option<OperationIndex> {
        loop {
            let lane = self.queue(tenant)?;
            let index = match lane.closing.first() {
                Some(index) => *index,
                None => {
                    let gives = lane.additions.first().filter(|_| allowed.additions && lane.is_open);
                    let takes = lane.removals.first().filter(|_| allowed.removals && lane.is_open);
                    gives.into_iter().chain(takes).min()?.1
                }
            };
            if self.dispatch(index) {
                return Some(index);
            }
        }
    }

    /// Dispatches operations of the same kind for the same call; those that close a gap first.
    pub(crate) fn next_companions(&mut self, index: OperationIndex, most: usize) -> Vec<OperationIndex> {
        let (kind, lane) = (self.operation(index).kind, self.nodes[index].queue as usize);
        let mut found = Vec::new();
        while found.len() < most {
            let lane = &self.queues[lane];
            let ready = if is_removal(self.operation(index)) { &lane.removals } else { &lane.additions };
            let next = match lane.closing.first() {
                Some(next) => *next,
                None => match ready.first().filter(|_| lane.is_open) {
                    Some((_, next)) => *next,
                    None => break,
                },
            };
            if self.operation(next).kind != kind {
                break;
            }
            if self.dispatch(next) {
                // The batch shares a slot.
                self.free_slot(next);
                found.push(next);
            }
        }
        found
    }

    /// Dispatches an operation, unless its account has one in flight.
    fn dispatch(&mut self, index: OperationIndex) -> bool {
        self.dequeue(index);
        let node = &mut self.nodes[index];
        if let Some(waiting) = self.busy_accounts.get_mut(&node.account) {
            waiting.insert(index);
            return false;
        }
        node.state = OperationState::InFlight;
        self.queues[node.queue as usize].in_flight += 1;
        self.busy_accounts.insert(node.account, BTreeSet::new());
        true
    }

    /// Dispatches all remaining operations of a tenant, in the order of the plan and without slots, for manual steps.
    pub(crate) fn take_tenant(&mut self, tenant: &str) -> Vec<OperationIndex> {
        let own = |index: &OperationIndex| {
            self.nodes[*index].state == OperationState::Unsent && self.plan.operations[*index].tenant == tenant
        };
        let all: Vec<OperationIndex> = (0..self.nodes.len()).filter(own).collect();
        for index in &all {
            self.dequeue(*index);
            self.nodes[*index].state = OperationState::AwaitingEffect;
        }
        all
    }

    /// Frees the slot of an operation whose effect is awaited.
    pub(crate) fn free_slot(&mut self, index: OperationIndex) {
        let node = &mut self.nodes[index];
        if node.state == OperationState::InFlight {
            node.state = OperationState::AwaitingEffect;
            self.queues[node.queue as usize].in_flight -= 1;
        }
    }

    /// Ends an operation. Returns the operations that can no longer be sent.
    pub(crate) fn end(&mut self, index: OperationIndex, success: bool) -> Vec<DroppedOperation> {
        self.free_slot(index);
        self.nodes[index].state = OperationState::Ended { success };
        if let Some(waiting) = self.busy_accounts.remove(&self.nodes[index].account) {
            for waiting in waiting {
                self.enqueue(waiting);
            }
        }
        if !success {
            return self.drop_dependents(index);
        }
        let dependents: Vec<OperationIndex> = self.graph.successors.of(index).collect();
        for dependent in dependents {
            let account = self.nodes[index].account;
            let node = &mut self.nodes[dependent];
            node.open_predecessors = node.open_predecessors.saturating_sub(1);
            node.follows_own |= node.account == account;
            if node.open_predecessors == 0 && node.state == OperationState::Unsent {
                self.enqueue(dependent);
            }
        }
        Vec::new()
    }

    /// Reverts the success of an operation whose seat is used again.
    pub(crate) fn revert(&mut self, index: OperationIndex) -> Vec<DroppedOperation> {
        self.nodes[index].state = OperationState::Ended { success: false };
        self.drop_dependents(index)
    }

    /// Adds an operation to the ready ones.
    fn enqueue(&mut self, index: OperationIndex) {
        let is_closing = self.closes_gap(index);
        let node = &self.nodes[index];
        let key = (!node.follows_own, index);
        let takes = is_removal(&self.plan.operations[index]);
        let lane = &mut self.queues[node.queue as usize];
        if is_closing {
            lane.closing.insert(index);
        } else if takes {
            lane.removals.insert(key);
        } else {
            lane.additions.insert(key);
        }
    }

    /// Removes an operation from the ready ones.
    fn dequeue(&mut self, index: OperationIndex) {
        let node = &self.nodes[index];
        if let Some(waiting) = self.busy_accounts.get_mut(&node.account) {
            waiting.remove(&index);
        }
        let lane = &mut self.queues[node.queue as usize];
        lane.closing.remove(&index);
        for key in [(true, index), (false, index)] {
            lane.additions.remove(&key);
            lane.removals.remove(&key);
        }
    }

    fn queue(&self, tenant: &str) -> Option<&TenantQueue> {
        self.queues.iter().find(|lane| lane.tenant == tenant)
    }

    fn queue_mut(&mut self, tenant: &str) -> Option<&mut TenantQueue> {
        self.queues.iter_mut().find(|lane| lane.tenant == tenant)
    }
}

impl TenantQueue {
    fn new(tenant: &SmolStr) -> Self {
        Self {
            tenant: tenant.clone(),
            is_open: false,
            in_flight: 0,
            closing: BTreeSet::new(),
            additions: BTreeSet::new(),
            removals: BTreeSet::new(),
        }
    }
}

/// Whether an operation removes something from its person.
fn is_removal(operation: &Operation) -> bool {
    match operation.kind {
        OperationKind::Cancel | OperationKind::Remove => true,
        OperationKind::Change => operation.effect == Effect::Loss || operation.parked,
        OperationKind::Assign | OperationKind::Restore | OperationKind::Release => false,
    }
}

#[cfg(test)]
mod tests;
