//! Which operation is next.
//!
//! Pure: it knows the graph, the slots of each tenant and what has ended, and nothing of time or vendors. What must
//! hold: an operation is handed out once, and only when everything it waits for succeeded; a person's next operation
//! goes before everybody else's; an account has one operation in flight.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use smol_str::SmolStr;

use crate::model::{Effect, Operation, OperationId, OperationKind};

/// An operation by its place in the plan.
pub(super) type Index = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It waits for others, or for its turn.
    Unsent,
    /// It was handed out, and takes a slot.
    InFlight,
    /// It was handed out, and takes none.
    Followed,
    /// It has ended.
    Ended { success: bool },
}

#[derive(Debug)]
struct Node {
    operation: Arc<Operation>,
    predecessors: Vec<Index>,
    dependents: Vec<Index>,
    /// How many predecessors have not succeeded.
    open: usize,
    state: State,
}

/// The slots of one tenant.
#[derive(Debug)]
struct Lane {
    /// Ready operations: first those whose person has had one already, then by place in the plan.
    ready: BTreeSet<(bool, Index)>,
    free: u32,
    /// The accounts with an operation that has not ended.
    accounts: BTreeSet<SmolStr>,
    open: bool,
}

/// An operation that cannot be sent any more, and the one because of which it cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dropped {
    pub(super) index: Index,
    pub(super) because: Index,
}

/// The operations of a plan and how far each one is.
#[derive(Debug)]
pub(super) struct Schedule {
    nodes: Vec<Node>,
    lanes: BTreeMap<SmolStr, Lane>,
}

impl Schedule {
    /// The schedule of a plan; `slots` says how many operations a tenant bears at a time. No lane is open yet.
    pub(super) fn new(operations: &[Operation], slots: impl Fn(&str) -> u32) -> Self {
        let places: BTreeMap<&OperationId, Index> =
            operations.iter().enumerate().map(|(index, operation)| (&operation.id, index)).collect();
        let mut nodes: Vec<Node> = Vec::with_capacity(operations.len());
        let mut lanes: BTreeMap<SmolStr, Lane> = BTreeMap::new();
        for (index, operation) in operations.iter().enumerate() {
            // A name that nothing has never succeeds; `precheck` refuses such a plan.
            let unknown = operation.after.iter().filter(|id| !places.contains_key(id)).count();
            let predecessors: Vec<Index> = operation.after.iter().filter_map(|id| places.get(id).copied()).collect();
            let open = predecessors.len() + unknown;
            nodes.push(Node {
                operation: Arc::new(operation.clone()),
                predecessors,
                dependents: Vec::new(),
                open,
                state: State::Unsent,
            });
            let lane = lanes.entry(operation.tenant.clone()).or_insert_with(|| Lane {
                ready: BTreeSet::new(),
                free: slots(&operation.tenant).max(1),
                accounts: BTreeSet::new(),
                open: false,
            });
            if open == 0 {
                lane.ready.insert((true, index));
            }
        }
        for index in 0..nodes.len() {
            for predecessor in nodes[index].predecessors.clone() {
                nodes[predecessor].dependents.push(index);
            }
        }
        Self { nodes, lanes }
    }

    /// The tenants that have operations.
    pub(super) fn tenants(&self) -> Vec<SmolStr> {
        self.lanes.keys().cloned().collect()
    }

    pub(super) fn operation(&self, index: Index) -> &Arc<Operation> {
        &self.nodes[index].operation
    }

    /// Lets operations of the tenant be handed out.
    pub(super) fn open(&mut self, tenant: &str) {
        if let Some(lane) = self.lanes.get_mut(tenant) {
            lane.open = true;
        }
    }

    /// Hands out the next operation, if there is one that can be sent now.
    pub(super) fn next(&mut self) -> Option<Index> {
        for lane in self.lanes.values_mut().filter(|lane| lane.open && lane.free > 0) {
            let found = lane
                .ready
                .iter()
                .find(|(_, index)| !lane.accounts.contains(&self.nodes[*index].operation.account))
                .copied();
            if let Some(ready) = found {
                lane.ready.remove(&ready);
                lane.free -= 1;
                lane.accounts.insert(self.nodes[ready.1].operation.account.clone());
                self.nodes[ready.1].state = State::InFlight;
                return Some(ready.1);
            }
        }
        None
    }

    /// Says that an operation was accepted and needs its slot no more.
    pub(super) fn free_slot(&mut self, index: Index) {
        let node = &mut self.nodes[index];
        if node.state == State::InFlight {
            node.state = State::Followed;
            if let Some(lane) = self.lanes.get_mut(&node.operation.tenant) {
                lane.free += 1;
            }
        }
    }

    /// Says that an operation has ended; returns what cannot be sent any more because of it.
    pub(super) fn end(&mut self, index: Index, success: bool) -> Vec<Dropped> {
        self.free_slot(index);
        let operation = Arc::clone(&self.nodes[index].operation);
        self.nodes[index].state = State::Ended { success };
        if let Some(lane) = self.lanes.get_mut(&operation.tenant) {
            lane.accounts.remove(&operation.account);
        }
        if !success {
            return self.drop_dependents(index);
        }
        for dependent in self.nodes[index].dependents.clone() {
            let node = &mut self.nodes[dependent];
            node.open = node.open.saturating_sub(1);
            if node.open == 0 && node.state == State::Unsent {
                let is_other = node.operation.account != operation.account;
                let tenant = node.operation.tenant.clone();
                if let Some(lane) = self.lanes.get_mut(&tenant) {
                    lane.ready.insert((is_other, dependent));
                }
            }
        }
        Vec::new()
    }

    /// Takes back the success of an operation: the seat that it freed is taken again.
    pub(super) fn undo(&mut self, index: Index) -> Vec<Dropped> {
        self.nodes[index].state = State::Ended { success: false };
        self.drop_dependents(index)
    }

    /// Drops everything of the tenant that was not handed out.
    pub(super) fn drop_tenant(&mut self, tenant: &str) -> Vec<Index> {
        self.drop_unsent(|operation| operation.tenant == tenant)
    }

    /// Drops everything that was not handed out.
    pub(super) fn drop_rest(&mut self) -> Vec<Index> {
        self.drop_unsent(|_| true)
    }

    /// The person's own `remove` that has succeeded and that this operation was to follow.
    pub(super) fn removal_before(&self, index: Index) -> Option<Index> {
        let node = &self.nodes[index];
        node.predecessors.iter().copied().rev().find(|predecessor| {
            let before = &self.nodes[*predecessor];
            before.operation.kind == OperationKind::Remove
                && before.operation.tenant == node.operation.tenant
                && before.operation.account == node.operation.account
                && before.state == State::Ended { success: true }
        })
    }

    /// The person's own operation that has succeeded, took a license for this one, and is not made good yet.
    pub(super) fn taken_before(&self, index: Index) -> Option<Index> {
        let node = &self.nodes[index];
        let gives = matches!(node.operation.kind, OperationKind::Assign | OperationKind::Change);
        node.predecessors.iter().copied().rev().filter(|_| gives).find(|predecessor| {
            let before = &self.nodes[*predecessor];
            matches!(before.operation.kind, OperationKind::Remove | OperationKind::Change)
                && before.operation.effect == node.operation.effect
                && before.operation.effect != Effect::Loss
                && before.operation.tenant == node.operation.tenant
                && before.operation.account == node.operation.account
                && before.state == State::Ended { success: true }
        })
    }

    fn drop_dependents(&mut self, index: Index) -> Vec<Dropped> {
        let mut dropped = Vec::new();
        let mut causes = vec![index];
        while let Some(because) = causes.pop() {
            for dependent in self.nodes[because].dependents.clone() {
                if self.nodes[dependent].state == State::Unsent {
                    self.drop(dependent);
                    dropped.push(Dropped { index: dependent, because });
                    causes.push(dependent);
                }
            }
        }
        dropped.sort_by_key(|dropped| dropped.index);
        dropped
    }

    fn drop_unsent(&mut self, concerns: impl Fn(&Operation) -> bool) -> Vec<Index> {
        let unsent: Vec<Index> = (0..self.nodes.len())
            .filter(|index| self.nodes[*index].state == State::Unsent && concerns(&self.nodes[*index].operation))
            .collect();
        for index in &unsent {
            self.drop(*index);
        }
        unsent
    }

    fn drop(&mut self, index: Index) {
        let node = &mut self.nodes[index];
        node.state = State::Ended { success: false };
        if let Some(lane) = self.lanes.get_mut(&node.operation.tenant) {
            lane.ready.remove(&(true, index));
            lane.ready.remove(&(false, index));
        }
    }
}
