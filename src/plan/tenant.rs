//! The plan of one tenant.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::NodeIndex;
use smol_str::SmolStr;

use super::PlanRequest;
use super::admission::{self, Admission};
use super::draft::Drafter;
use super::limits::LimitedAdmissions;
use super::move_order;
use super::moves::{Move, StartingSeats};
use super::operation_order;
use super::seat_flows::SeatFlows;
use super::seat_tokens::{OperationGraph, TokenTable};
use crate::diagnostic::{Finding, catalog::plan as code};
use crate::diff::{self, PoolId, TenantDiff};
use crate::model::{
    Blocked, Change, Effect, Held, Observation, Operation, OperationKind, Plan, PlanPool, TenantDesired, Waiting,
};
use crate::policy::{PoolFacts, WaiverUsage};
use crate::profile::Rules;

/// A tenant's part of the plan.
pub(super) struct TenantPlan {
    /// Its changes.
    pub(super) changes: Vec<Change>,
    /// Its operations, in an order that the graph allows.
    pub(super) operations: Vec<Operation>,
    /// The index of each operation's account in the observation.
    pub(super) account_indexes: Vec<u32>,
    /// Its blocked changes.
    pub(super) blocked: Vec<Blocked>,
    /// Its held losses.
    pub(super) held: Vec<Held>,
    /// Its waiting assignments.
    pub(super) waiting: Vec<Waiting>,
    /// Its pools before and after.
    pub(super) pools: Vec<PlanPool>,
    /// Facts for policy about each of its pools.
    pub(super) pool_facts: Vec<PoolFacts>,
    /// Its findings.
    pub(super) findings: Vec<Finding>,
    /// The number of its unmanaged holdings.
    pub(super) unmanaged: u64,
}

/// Returns the finding for a tenant without an observation.
pub(super) fn not_observed(request: &PlanRequest<'_>, desired: &TenantDesired) -> Finding {
    let name = &desired.settings.name;
    Finding::warning(&code::NOT_OBSERVED, format!("`{name}` was not observed, so nothing is planned for it"))
        .help(format!("give a `--state` file for `{name}` as well"))
        .at(request.desired.files.source(desired.settings.source))
}

/// Plans one tenant.
pub(super) struct TenantPlanner<'a> {
    /// The whole request.
    pub(super) request: &'a PlanRequest<'a>,
    /// The desired state.
    pub(super) desired: &'a TenantDesired,
    /// The vendor's rules.
    pub(super) rules: &'a Rules,
    /// The current state.
    pub(super) observation: &'a Observation,
}

impl TenantPlanner<'_> {
    /// Returns the tenant's part of the plan. Its ids continue those of `preceding`.
    pub(super) fn plan(&self, preceding: &Plan, waivers: &mut WaiverUsage<'_>) -> TenantPlan {
        let mut diff = self.diff();
        let LimitedAdmissions { admissions, held, mut findings } = self.admit_within_limits(&mut diff, waivers);
        let (graph, parked) = self.build_graph(&diff, &admissions);
        let sequence = operation_order::sequence(&graph).unwrap_or_default();
        debug_assert_eq!(sequence.len(), graph.node_count(), "a plan has no cycle");
        let (preconditions, floor_flow) = self.preconditions(&diff, &graph);
        let (changes, operations) = self.operations(&diff, &admissions, &graph, &sequence, &preconditions, preceding);
        let waiting = self.waiting(&diff, &admissions);
        findings.extend(self.findings(&diff, &admissions, &parked));
        TenantPlan {
            changes,
            operations,
            account_indexes: sequence.iter().map(|node| diff.changes[graph[*node].change].account).collect(),
            blocked: self.blocked(&diff),
            held,
            pools: self.pools(&diff, &admissions, floor_flow),
            pool_facts: pool_facts(&diff, &waiting),
            waiting,
            findings,
            unmanaged: diff.unmanaged,
        }
    }

    /// Compares current with desired state.
    pub(super) fn diff(&self) -> TenantDiff {
        diff::compare_tenant(&self.request.desired.people, self.desired, self.rules, self.observation, self.request.now)
    }

    /// Returns the graph of operations, and the parked changes.
    fn build_graph(&self, diff: &TenantDiff, admissions: &[Admission]) -> (OperationGraph, BTreeSet<usize>) {
        let (moves, seats) = self.moves(diff, admissions);
        let order = move_order::order_moves(&seats, &moves);
        let parked: BTreeSet<usize> = order.parked.iter().map(|index| moves[*index].change).collect();
        let drafter = Drafter { rules: self.rules, pools: &diff.pools };
        let mut graph = OperationGraph::new();
        let mut chains: Vec<Vec<NodeIndex>> = Vec::with_capacity(diff.changes.len());
        for (index, (change, admission)) in diff.changes.iter().zip(admissions).enumerate() {
            let has_memberships = !self.observation.accounts[change.account as usize].memberships.is_empty();
            let chain = admission
                .transition(change)
                .map(|transition| drafter.chain(index, transition, has_memberships, parked.contains(&index)));
            let nodes: Vec<_> = chain.into_iter().flatten().map(|draft| graph.add_node(draft)).collect();
            for pair in nodes.windows(2) {
                graph.add_edge(pair[0], pair[1], ());
            }
            chains.push(nodes);
        }
        let sequence: Vec<usize> = order.sequence.iter().map(|index| moves[*index].change).collect();
        assign_tokens(diff, &mut graph, &chains, &parked, &sequence);
        if self.desired.settings.release_seats && self.rules.can_release_seats() {
            add_releases(diff, admissions, &mut graph);
        }
        (graph, parked)
    }

    /// Returns the admitted moves between limited pools, and the seats that they start from.
    fn moves<'a>(&self, diff: &'a TenantDiff, admissions: &[Admission]) -> (Vec<Move<'a>>, StartingSeats) {
        let is_limited = |pool: PoolId| diff.pools.get(pool).free_seats().is_some();
        let mut seats = StartingSeats {
            free: diff.pools.iter().map(|(_, pool)| pool.free_seats().unwrap_or(0)).collect(),
            gains: vec![0; diff.pools.len()],
        };
        let mut moves = Vec::new();
        for (index, (change, admission)) in diff.changes.iter().zip(admissions).enumerate() {
            let Some(transition) = admission.transition(change) else { continue };
            for holding in transition.cancels.iter().filter(|one| one.frees_seat && is_limited(one.pool)) {
                seats.free[holding.pool.index()] += 1;
            }
            let from = transition.releases.iter().filter(|one| one.frees_seat && is_limited(one.pool));
            let from: Vec<u32> = from.map(|holding| holding.pool.0).collect();
            match admission::arrival(&diff.pools, transition) {
                Some(to) if from.is_empty() => seats.gains[to.index()] += 1,
                Some(to) => {
                    let licenses = transition.releases.iter().map(|one| &diff.pools.get(one.pool).license);
                    let loses = licenses.map(|license| self.rules.loses(license).len()).sum();
                    moves.push(Move { change: index, from, to: to.0, loses, person: &change.person });
                }
                None => {
                    for pool in from {
                        seats.free[pool as usize] += 1;
                    }
                }
            }
        }
        (moves, seats)
    }
}

/// Gives each operation that needs a seat a seat of its own, and makes it wait for the operation that frees the seat.
fn assign_tokens(
    diff: &TenantDiff,
    graph: &mut OperationGraph,
    chains: &[Vec<NodeIndex>],
    parked: &BTreeSet<usize>,
    sequence: &[usize],
) {
    let mut tokens = TokenTable::new(diff.pools.iter().map(|(_, pool)| pool.free_seats()));
    for (id, pool) in diff.pools.iter() {
        let free = pool.free_seats().map_or(0, |free| usize::try_from(free).unwrap_or(0));
        tokens.add_free_seats(id.0, free.min(chains.len()));
    }
    // Operations that need no seat come first: losses, cancels, parked people, and arrivals in unlimited pools.
    let needs_no_seat = |graph: &OperationGraph, node: NodeIndex, index: usize, chain: &[NodeIndex]| {
        graph[node].kind == OperationKind::Cancel
            || parked.contains(&index)
            || !chain.iter().any(|node| graph[*node].is_gate)
            || limited_target(diff, graph, chain).is_none()
    };
    for (index, chain) in chains.iter().enumerate() {
        for node in chain {
            if let Some(pool) = graph[*node].frees.filter(|_| needs_no_seat(graph, *node, index, chain)) {
                tokens.add_departure(pool.0, *node);
            }
        }
    }
    let movers: BTreeSet<usize> = sequence.iter().copied().collect();
    let others = (0..chains.len()).filter(|index| !movers.contains(index));
    for index in sequence.iter().copied().chain(others) {
        let chain = &chains[index];
        let Some(to) = limited_target(diff, graph, chain) else { continue };
        let Some(gate) = chain.iter().copied().find(|node| graph[*node].is_gate) else { continue };
        let has_seat = tokens.take_token(graph, to.0, gate);
        debug_assert!(has_seat, "an admitted change has a seat");
        for node in chain {
            if let Some(pool) = graph[*node].frees.filter(|_| !needs_no_seat(graph, *node, index, chain)) {
                tokens.add_departure(pool.0, *node);
            }
        }
    }
}

/// Returns the limited pool that a chain enters.
fn limited_target(diff: &TenantDiff, graph: &OperationGraph, chain: &[NodeIndex]) -> Option<PoolId> {
    let target = chain.iter().rev().find_map(|node| graph[*node].target());
    target.filter(|pool| diff.pools.get(*pool).free_seats().is_some())
}

/// Adds a `release` for each seat that is left over after all reuse in the plan.
fn add_releases(diff: &TenantDiff, admissions: &[Admission], graph: &mut OperationGraph) {
    let flows = SeatFlows::of_admitted(diff, admissions);
    for (id, pool) in diff.pools.iter().filter(|(_, pool)| !pool.is_floor) {
        let surplus = flows.freed[id.index()] - flows.used[id.index()];
        let spare = pool.free_seats().map_or(surplus, |free| surplus.min(free + surplus));
        let mut removals: Vec<NodeIndex> = graph
            .node_indices()
            .filter(|node| graph[*node].frees == Some(id) && graph[*node].kind == OperationKind::Remove)
            .collect();
        let effect = |node: &NodeIndex| {
            let change = graph[*node].change;
            admissions[change].transition(&diff.changes[change]).map(|transition| transition.effect)
        };
        removals.sort_by_key(|node| (effect(node) != Some(Effect::Loss), *node));
        for node in removals.into_iter().take(usize::try_from(spare).unwrap_or(0)) {
            let release = graph.add_node(graph[node].release_of_seat());
            graph.add_edge(node, release, ());
        }
    }
}

/// Returns the facts about each pool that policy needs and the plan does not state.
fn pool_facts(diff: &TenantDiff, waiting: &[Waiting]) -> Vec<PoolFacts> {
    let mut waiting_by_license: BTreeMap<&SmolStr, u64> = BTreeMap::new();
    for one in waiting {
        *waiting_by_license.entry(&one.license).or_default() += 1;
    }
    let facts = diff.pools.iter().map(|(_, pool)| PoolFacts {
        managed: pool.is_managed,
        floor: pool.is_floor,
        expires: pool.expires,
        waiting: waiting_by_license.get(&pool.license).copied().unwrap_or(0),
    });
    facts.collect()
}
