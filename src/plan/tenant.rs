//! The plan of one tenant.

use std::collections::BTreeSet;

use petgraph::graph::NodeIndex;
use smol_str::SmolStr;

use super::PlanRequest;
use super::admission::{self, Admission};
use super::draft::Drafter;
use super::move_order;
use super::moves::{Move, StartingSeats};
use super::seat_flows::SeatFlows;
use super::seat_tokens::{OperationGraph, TokenTable};
use crate::diagnostic::{Finding, catalog::plan as code};
use crate::diff::{self, PoolId, TenantDiff};
use crate::model::{Blocked, Effect, Observation, OperationKind, Plan, Summary, TenantDesired};
use crate::policy::{PoolFacts, WaiverUsage};
use crate::profile::Rules;

/// A tenant that no state was given for.
pub(super) fn not_observed(request: &PlanRequest<'_>, desired: &TenantDesired) -> Finding {
    let name = &desired.settings.name;
    Finding::warning(&code::NOT_OBSERVED, format!("`{name}` was not observed, so nothing is planned for it"))
        .help(format!("give a `--state` file for `{name}` as well"))
        .at(request.desired.files.source(desired.settings.source))
}

/// What the plan of a tenant is made from.
pub(super) struct TenantPlanner<'a> {
    /// The whole request.
    pub(super) request: &'a PlanRequest<'a>,
    /// What is wished.
    pub(super) desired: &'a TenantDesired,
    /// The vendor's rules.
    pub(super) rules: &'a Rules,
    /// What was observed.
    pub(super) observation: &'a Observation,
}

impl TenantPlanner<'_> {
    /// Adds the tenant's part to the plan.
    pub(super) fn plan(
        &self,
        plan: &mut Plan,
        summary: &mut Summary,
        pools: &mut Vec<PoolFacts>,
        accounts: &mut Vec<u32>,
        lifts: &mut WaiverUsage<'_>,
    ) {
        let name = &self.desired.settings.name;
        let mut found = self.diff();
        summary.unmanaged += found.unmanaged;
        let mut kept = self.admit_within_limits(&mut found, lifts);
        kept.add_to(plan);
        let fates = kept.admissions;
        let (graph, parked) = self.build_graph(&found, &fates);
        summary.parked += parked.len() as u64;
        for step in found.changes.iter().zip(&fates).filter_map(|(change, fate)| fate.transition(change)) {
            match step.effect {
                Effect::Gain => summary.gains += 1,
                Effect::Move => summary.moves += 1,
                Effect::Loss => summary.losses += 1,
                Effect::Cancel => {}
            }
        }
        self.add_operations(&found, &fates, &graph, plan, accounts);
        let source = |at| self.request.desired.files.source(at);
        plan.blocked.extend(found.blocked.iter().map(|obstacle| Blocked {
            tenant: name.clone(),
            person: obstacle.person.clone(),
            license: found.pools.get(obstacle.pool).license.clone(),
            code: SmolStr::new_static(obstacle.reason.code.id),
            message: obstacle.reason.message.clone(),
            help: obstacle.reason.help.clone(),
            source: obstacle.source.map(source),
        }));
        let waiting = self.add_waiting(&found, &fates, plan);
        self.add_pools(&found, &fates, &graph, plan);
        pools.extend(found.pools.iter().zip(&waiting).map(|((_, pool), waiting)| PoolFacts {
            managed: pool.is_managed,
            floor: pool.is_floor,
            expires: pool.expires,
            waiting: *waiting,
        }));
        self.add_findings(&found, &fates, &parked, plan);
    }

    /// What differs at the tenant.
    pub(super) fn diff(&self) -> TenantDiff {
        diff::compare_tenant(&self.request.desired.people, self.desired, self.rules, self.observation, self.request.now)
    }

    /// The graph of operations, and who is parked.
    fn build_graph(&self, found: &TenantDiff, fates: &[Admission]) -> (OperationGraph, BTreeSet<usize>) {
        let (moves, owners, seats) = self.moves(found, fates);
        let trail = move_order::order_moves(&seats, &moves);
        let parked: BTreeSet<usize> = trail.parked.iter().map(|index| owners[*index]).collect();
        let drafter = Drafter { rules: self.rules, pools: &found.pools };
        let mut graph = OperationGraph::new();
        let mut chains: Vec<Vec<NodeIndex>> = Vec::with_capacity(found.changes.len());
        for (index, (change, fate)) in found.changes.iter().zip(fates).enumerate() {
            let account = &self.observation.accounts[change.account as usize];
            let drafts = fate
                .transition(change)
                .map(|step| drafter.chain(index, change, step, account, parked.contains(&index)))
                .unwrap_or_default();
            let nodes: Vec<_> = drafts.into_iter().map(|draft| graph.add_node(draft)).collect();
            for pair in nodes.windows(2) {
                graph.add_edge(pair[0], pair[1], ());
            }
            chains.push(nodes);
        }
        let sequence: Vec<usize> = trail.sequence.iter().map(|index| owners[*index]).collect();
        self.assign_tokens(found, &mut graph, &chains, &parked, &sequence);
        if self.desired.settings.release_seats && self.rules.can_release_seats() {
            self.add_releases(found, fates, &drafter, &mut graph);
        }
        (graph, parked)
    }

    /// The admitted moves between limited pools, whose they are, and the seats that they start from.
    fn moves<'a>(&self, found: &'a TenantDiff, fates: &[Admission]) -> (Vec<Move<'a>>, Vec<usize>, StartingSeats) {
        let is_limited = |pool: PoolId| found.pools.get(pool).free_seats().is_some();
        let mut seats = StartingSeats {
            free: found.pools.iter().map(|(_, pool)| pool.free_seats().unwrap_or(0)).collect(),
            gains: vec![0; found.pools.len()],
        };
        let (mut moves, mut owners) = (Vec::new(), Vec::new());
        for (index, (change, fate)) in found.changes.iter().zip(fates).enumerate() {
            let Some(step) = fate.transition(change) else { continue };
            for given in step.cancels.iter().filter(|given| given.frees_seat && is_limited(given.pool)) {
                seats.free[given.pool.index()] += 1;
            }
            let left = step.releases.iter().filter(|given| given.frees_seat && is_limited(given.pool));
            let left: Vec<u32> = left.map(|given| given.pool.0).collect();
            match admission::arrival(&found.pools, step) {
                Some(to) if left.is_empty() => seats.gains[to.index()] += 1,
                Some(to) => {
                    let gone = step.releases.iter().map(|given| &found.pools.get(given.pool).license);
                    let loses = gone.map(|license| self.rules.loses(license).len()).sum();
                    moves.push(Move { from: left, to: to.0, loses, person: &change.person });
                    owners.push(index);
                }
                None => {
                    for pool in left {
                        seats.free[pool as usize] += 1;
                    }
                }
            }
        }
        (moves, owners, seats)
    }

    /// Gives each operation that needs a seat one of its own, and waits for who leaves it.
    fn assign_tokens(
        &self,
        found: &TenantDiff,
        graph: &mut OperationGraph,
        chains: &[Vec<NodeIndex>],
        parked: &BTreeSet<usize>,
        sequence: &[usize],
    ) {
        let mut desks = TokenTable::new(found.pools.iter().map(|(_, pool)| pool.free_seats()));
        for (id, pool) in found.pools.iter() {
            let free = pool.free_seats().map_or(0, |free| usize::try_from(free).unwrap_or(0));
            desks.add_free_seats(id.0, free.min(chains.len()));
        }
        let has_gate = |graph: &OperationGraph, chain: &[NodeIndex]| chain.iter().any(|node| graph[*node].is_gate);
        // Who waits for no seat goes first: losses, cancels, parked people, and whoever enters an unlimited pool.
        let is_free = |graph: &OperationGraph, node: NodeIndex, index: usize, chain: &[NodeIndex]| {
            let draft = &graph[node];
            draft.kind == OperationKind::Cancel
                || parked.contains(&index)
                || !has_gate(graph, chain)
                || self.limited_target(found, graph, chain).is_none()
        };
        for (index, chain) in chains.iter().enumerate() {
            for node in chain {
                if let Some(pool) = graph[*node].frees.filter(|_| is_free(graph, *node, index, chain)) {
                    desks.add_departure(pool.0, *node);
                }
            }
        }
        let movers: BTreeSet<usize> = sequence.iter().copied().collect();
        let rest = (0..chains.len()).filter(|index| !movers.contains(index));
        for index in sequence.iter().copied().chain(rest) {
            let chain = &chains[index];
            let Some(to) = self.limited_target(found, graph, chain) else { continue };
            let Some(gate) = chain.iter().copied().find(|node| graph[*node].is_gate) else { continue };
            let has_seat = desks.take_token(graph, to.0, gate);
            debug_assert!(has_seat, "an admitted change has a seat");
            for node in chain {
                if let Some(pool) = graph[*node].frees.filter(|_| !is_free(graph, *node, index, chain)) {
                    desks.add_departure(pool.0, *node);
                }
            }
        }
    }

    /// The limited pool that a chain enters.
    fn limited_target(&self, found: &TenantDiff, graph: &OperationGraph, chain: &[NodeIndex]) -> Option<PoolId> {
        let entering = chain.iter().rev().map(|node| &graph[*node]).find_map(|draft| match draft.kind {
            OperationKind::Assign => Some(draft.license),
            OperationKind::Change => draft.to,
            OperationKind::Cancel | OperationKind::Remove | OperationKind::Restore | OperationKind::Release => None,
        });
        entering.filter(|pool| found.pools.get(*pool).free_seats().is_some())
    }

    /// Adds a `release` for each seat that is left over.
    fn add_releases(&self, found: &TenantDiff, fates: &[Admission], drafter: &Drafter<'_>, graph: &mut OperationGraph) {
        let flows = SeatFlows::of_admitted(found, fates);
        for (id, pool) in found.pools.iter().filter(|(_, pool)| !pool.is_floor) {
            let (left, taken) = (flows.freed[id.index()], flows.used[id.index()]);
            let spare = pool.free_seats().map_or(left - taken, |free| (left - taken).min(free + left - taken));
            let mut removals: Vec<NodeIndex> = graph
                .node_indices()
                .filter(|node| graph[*node].frees == Some(id) && graph[*node].kind == OperationKind::Remove)
                .collect();
            let effect = |node: &NodeIndex| {
                fates[graph[*node].change].transition(&found.changes[graph[*node].change]).map(|step| step.effect)
            };
            removals.sort_by_key(|node| (effect(node) != Some(Effect::Loss), *node));
            for node in removals.into_iter().take(usize::try_from(spare).unwrap_or(0)) {
                let account = &self.observation.accounts[found.changes[graph[node].change].account as usize];
                let release = drafter.release(&graph[node], account);
                let release = graph.add_node(release);
                graph.add_edge(node, release, ());
            }
        }
    }
}
