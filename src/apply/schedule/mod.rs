//! Which operation is next.
//!
//! Pure: it knows the graph, and what has ended, and nothing of time or vendors. What must hold: an operation is handed
//! out once, and only when everything it waits for succeeded; whoever is between two licenses goes before everybody else,
//! and then whoever has had an operation already; an account has one operation in flight; no step looks at all operations.

mod drop;
mod gap;
mod graph;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use smol_str::SmolStr;

use self::graph::Graph;
use crate::model::{Effect, Operation, OperationKind, Plan};

pub(super) use self::drop::Dropped;

/// An operation by its place in the plan.
pub(super) type Index = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It waits for others, or for its turn.
    Unsent,
    /// It was handed out, and keeps a task busy.
    InFlight,
    /// It was accepted, and its effect is waited for.
    Followed,
    /// It has ended.
    Ended { success: bool },
}

#[derive(Debug)]
struct Node {
    lane: u32,
    account: u32,
    /// How many predecessors have not succeeded.
    open: u32,
    /// Whether a predecessor of the same person succeeded.
    follows: bool,
    state: State,
}

/// The operations of one tenant.
#[derive(Debug)]
struct Lane {
    tenant: SmolStr,
    open: bool,
    in_flight: u32,
    /// What is ready and closes a gap.
    closing: BTreeSet<Index>,
    /// What is ready and gives something; first those whose person has had an operation already.
    gives: BTreeSet<(bool, Index)>,
    /// What is ready and takes something away.
    takes: BTreeSet<(bool, Index)>,
}

/// How far an operation is, seen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// It was not handed out.
    Unsent,
    /// It was handed out, and has not ended.
    Sent,
    /// It has ended, and whether its effect is there.
    Ended(bool),
}

/// Which operations of a tenant may be handed out; what closes a gap always may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Allowed {
    pub(super) gives: bool,
    pub(super) takes: bool,
}

impl Allowed {
    pub(super) const ALL: Self = Self { gives: true, takes: true };
}

/// The operations of a plan and how far each one is.
#[derive(Debug)]
pub(super) struct Schedule {
    plan: Arc<Plan>,
    graph: Graph,
    nodes: Vec<Node>,
    lanes: Vec<Lane>,
    /// The accounts with an operation in flight, and what else of them is ready.
    held: BTreeMap<u32, BTreeSet<Index>>,
}

impl Schedule {
    /// The schedule of a plan. No tenant is open yet.
    pub(super) fn new(plan: &Arc<Plan>) -> Self {
        let graph = Graph::new(&plan.operations);
        let mut nodes: Vec<Node> = Vec::with_capacity(plan.operations.len());
        let mut lanes: Vec<Lane> = Vec::new();
        let mut known: BTreeMap<&str, u32> = BTreeMap::new();
        let mut accounts: BTreeMap<(u32, &str), u32> = BTreeMap::new();
        for operation in &plan.operations {
            let lane = *known.entry(&operation.tenant).or_insert_with(|| {
                lanes.push(Lane::new(&operation.tenant));
                lanes.len() as u32 - 1
            });
            let next = accounts.len() as u32;
            let account = *accounts.entry((lane, &operation.account)).or_insert(next);
            // A name that nothing has never succeeds; `precheck` refuses such a plan.
            let open = operation.after.len() as u32;
            nodes.push(Node { lane, account, open, follows: false, state: State::Unsent });
        }
        let mut schedule = Self { plan: Arc::clone(plan), graph, nodes, lanes, held: BTreeMap::new() };
        for index in 0..schedule.nodes.len() {
            if schedule.nodes[index].open == 0 {
                schedule.make_ready(index);
            }
        }
        schedule
    }

    /// The tenants that have operations, by the order of their first.
    pub(super) fn tenants(&self) -> impl Iterator<Item = &SmolStr> {
        self.lanes.iter().map(|lane| &lane.tenant)
    }

    pub(super) fn operation(&self, index: Index) -> &Operation {
        &self.plan.operations[index]
    }

    pub(super) fn progress(&self, index: Index) -> Progress {
        match self.nodes[index].state {
            State::Unsent => Progress::Unsent,
            State::InFlight | State::Followed => Progress::Sent,
            State::Ended { success } => Progress::Ended(success),
        }
    }

    /// Lets operations of the tenant be handed out, or only those that close a gap.
    pub(super) fn open(&mut self, tenant: &str, is_open: bool) {
        if let Some(lane) = self.lane_mut(tenant) {
            lane.open = is_open;
        }
    }

    /// How many operations of the tenant keep a task busy.
    pub(super) fn in_flight(&self, tenant: &str) -> u32 {
        self.lane(tenant).map_or(0, |lane| lane.in_flight)
    }

    /// Whether something of the tenant is ready, whether or not it may be handed out.
    pub(super) fn has_ready(&self, tenant: &str) -> bool {
        self.lane(tenant)
            .is_some_and(|lane| !(lane.closing.is_empty() && lane.gives.is_empty() && lane.takes.is_empty()))
    }

    /// Hands out the next operation of the tenant, if there is one that can be sent now.
    pub(super) fn next(&mut self, tenant: &str, allowed: Allowed) -> Option<Index> {
        loop {
            let lane = self.lane(tenant)?;
            let index = match lane.closing.first() {
                Some(index) => *index,
                None => {
                    let gives = lane.gives.first().filter(|_| allowed.gives && lane.open);
                    let takes = lane.takes.first().filter(|_| allowed.takes && lane.open);
                    gives.into_iter().chain(takes).min()?.1
                }
            };
            if self.hand_out(index) {
                return Some(index);
            }
        }
    }

    /// Hands out more operations to go with one in a request: of its kind, those that close a gap first.
    pub(super) fn companions(&mut self, index: Index, most: usize) -> Vec<Index> {
        let (kind, lane) = (self.operation(index).kind, self.nodes[index].lane as usize);
        let mut found = Vec::new();
        while found.len() < most {
            let lane = &self.lanes[lane];
            let ready = if takes(self.operation(index)) { &lane.takes } else { &lane.gives };
            let next = match lane.closing.first() {
                Some(next) => *next,
                None => match ready.first().filter(|_| lane.open) {
                    Some((_, next)) => *next,
                    None => break,
                },
            };
            if self.operation(next).kind != kind {
                break;
            }
            if self.hand_out(next) {
                // They share a place.
                self.free_slot(next);
                found.push(next);
            }
        }
        found
    }

    /// Hands an operation out; not one whose account has one in flight, which waits behind it.
    fn hand_out(&mut self, index: Index) -> bool {
        self.withdraw(index);
        let node = &mut self.nodes[index];
        if let Some(waiting) = self.held.get_mut(&node.account) {
            waiting.insert(index);
            return false;
        }
        node.state = State::InFlight;
        self.lanes[node.lane as usize].in_flight += 1;
        self.held.insert(node.account, BTreeSet::new());
        true
    }

    /// Takes everything of a tenant that was not handed out, at once and in the order of the plan: people keep no task busy.
    pub(super) fn take_tenant(&mut self, tenant: &str) -> Vec<Index> {
        let own =
            |index: &Index| self.nodes[*index].state == State::Unsent && self.plan.operations[*index].tenant == tenant;
        let all: Vec<Index> = (0..self.nodes.len()).filter(own).collect();
        for index in &all {
            self.withdraw(*index);
            self.nodes[*index].state = State::Followed;
        }
        all
    }

    /// Says that an operation was accepted and keeps no task busy any more.
    pub(super) fn free_slot(&mut self, index: Index) {
        let node = &mut self.nodes[index];
        if node.state == State::InFlight {
            node.state = State::Followed;
            self.lanes[node.lane as usize].in_flight -= 1;
        }
    }

    /// Says that an operation has ended; returns what cannot be sent any more because of it.
    pub(super) fn end(&mut self, index: Index, success: bool) -> Vec<Dropped> {
        self.free_slot(index);
        self.nodes[index].state = State::Ended { success };
        if let Some(waiting) = self.held.remove(&self.nodes[index].account) {
            for waiting in waiting {
                self.make_ready(waiting);
            }
        }
        if !success {
            return self.drop_dependents(index);
        }
        let dependents: Vec<Index> = self.graph.after.of(index).collect();
        for dependent in dependents {
            let account = self.nodes[index].account;
            let node = &mut self.nodes[dependent];
            node.open = node.open.saturating_sub(1);
            node.follows |= node.account == account;
            if node.open == 0 && node.state == State::Unsent {
                self.make_ready(dependent);
            }
        }
        Vec::new()
    }

    /// Takes back the success of an operation: the seat that it freed is taken again.
    pub(super) fn undo(&mut self, index: Index) -> Vec<Dropped> {
        self.nodes[index].state = State::Ended { success: false };
        self.drop_dependents(index)
    }

    /// Puts an operation among those that can be sent.
    fn make_ready(&mut self, index: Index) {
        let is_closing = self.closes_gap(index);
        let node = &self.nodes[index];
        let key = (!node.follows, index);
        let takes = takes(&self.plan.operations[index]);
        let lane = &mut self.lanes[node.lane as usize];
        if is_closing {
            lane.closing.insert(index);
        } else if takes {
            lane.takes.insert(key);
        } else {
            lane.gives.insert(key);
        }
    }

    /// Takes an operation from those that can be sent.
    fn withdraw(&mut self, index: Index) {
        let node = &self.nodes[index];
        if let Some(waiting) = self.held.get_mut(&node.account) {
            waiting.remove(&index);
        }
        let lane = &mut self.lanes[node.lane as usize];
        lane.closing.remove(&index);
        for key in [(true, index), (false, index)] {
            lane.gives.remove(&key);
            lane.takes.remove(&key);
        }
    }

    fn lane(&self, tenant: &str) -> Option<&Lane> {
        self.lanes.iter().find(|lane| lane.tenant == tenant)
    }

    fn lane_mut(&mut self, tenant: &str) -> Option<&mut Lane> {
        self.lanes.iter_mut().find(|lane| lane.tenant == tenant)
    }
}

impl Lane {
    fn new(tenant: &SmolStr) -> Self {
        Self {
            tenant: tenant.clone(),
            open: false,
            in_flight: 0,
            closing: BTreeSet::new(),
            gives: BTreeSet::new(),
            takes: BTreeSet::new(),
        }
    }
}

/// Whether an operation takes something away from its person.
fn takes(operation: &Operation) -> bool {
    match operation.kind {
        OperationKind::Cancel | OperationKind::Remove => true,
        OperationKind::Change => operation.effect == Effect::Loss || operation.parked,
        OperationKind::Assign | OperationKind::Restore | OperationKind::Release => false,
    }
}

#[cfg(test)]
mod tests;
