//! Writing a tenant's part of the plan document: operations, who waits, pools, and notes.

use std::collections::BTreeSet;
use std::sync::Arc;

use petgraph::graph::NodeIndex;
use smol_str::{SmolStr, format_smolstr};

use super::admission::Admission;
use super::operation_order;
use super::seat_flows::SeatFlows;
use super::seat_tokens::OperationGraph;
use super::tenant::TenantPlanner;
use crate::diagnostic::{Finding, catalog::plan as code};
use crate::diff::{self, CandidateChange, PoolId, TenantDiff};
use crate::model::{
    Change, ChangeEndpoints, ChangeId, DesiredEntry, Effect, Ensure, Holding, Operation, OperationId, Plan, PlanPool,
    RequestSource, Waiting,
};

impl TenantPlanner<'_> {
    /// Writes the operations in an order that the graph allows.
    ///
    /// The place of each operation's account in the observation goes to `accounts`.
    pub(super) fn add_operations(
        &self,
        found: &TenantDiff,
        fates: &[Admission],
        graph: &OperationGraph,
        plan: &mut Plan,
        accounts: &mut Vec<u32>,
    ) {
        let sequence = operation_order::sequence(graph).unwrap_or_default();
        debug_assert_eq!(sequence.len(), graph.node_count(), "a plan has no cycle");
        let mut ids: Vec<OperationId> = vec![OperationId(SmolStr::default()); graph.node_count()];
        for (place, node) in sequence.iter().enumerate() {
            ids[node.index()] = OperationId(format_smolstr!("op-{}", plan.operations.len() + place + 1));
        }
        let changes = self.changes(found, fates, graph, plan.changes.len());
        let first = plan.operations.len();
        for node in sequence.iter().copied() {
            let draft = &graph[node];
            let Some(change) = &changes[draft.change] else { continue };
            let mut before: Vec<NodeIndex> = graph.neighbors_directed(node, petgraph::Direction::Incoming).collect();
            before.sort_by_key(|node| operation_number(&ids[node.index()]));
            accounts.push(found.changes[draft.change].account);
            plan.operations.push(Operation {
                id: ids[node.index()].clone(),
                change: change.id.clone(),
                kind: draft.kind,
                effect: change.effect,
                tenant: change.tenant.clone(),
                person: change.person.clone(),
                account: change.account.clone(),
                license: found.pools.get(draft.license).license.clone(),
                to: draft.to.map(|to| found.pools.get(to).license.clone()),
                after: before.into_iter().map(|node| ids[node.index()].clone()).collect(),
                parked: draft.parked,
                loses: draft.loses.clone(),
                keeps: draft.keeps.clone(),
                follow_ups: draft.follow_ups.clone(),
                memberships: draft.memberships.clone(),
                expects: draft.expects.clone(),
                on_failure: draft.on_failure,
                why: draft.why.clone(),
                source: change.source.clone(),
            });
        }
        let mut endpoints = vec![ChangeEndpoints::default(); changes.len()];
        for (node, operation) in sequence.iter().zip(&plan.operations[first..]) {
            endpoints[graph[*node].change].add(operation);
        }
        let ends = endpoints.into_iter().map(|ends| (ends.from().cloned(), ends.to().cloned()));
        plan.changes.extend(
            changes.into_iter().zip(ends).filter_map(|(change, (from, to))| Some(Change { from, to, ..change? })),
        );
    }

    /// Returns the changes that the graph realizes, at their place among the candidates, without the licenses that
    /// follow from their operations. `first` is the number of changes that precede them in the plan.
    fn changes(
        &self,
        found: &TenantDiff,
        fates: &[Admission],
        graph: &OperationGraph,
        first: usize,
    ) -> Vec<Option<Change>> {
        let reason = |entry: &DesiredEntry| entry.reason.as_deref().map(RequestSource::shorten_reason);
        let reasons: Vec<Option<Arc<str>>> = self.desired.entries.iter().map(reason).collect();
        let mut is_realized = vec![false; found.changes.len()];
        for draft in graph.node_weights() {
            is_realized[draft.change] = true;
        }
        let mut number = first;
        let realized = found.changes.iter().zip(fates).zip(is_realized);
        realized
            .map(|((candidate, admission), is_realized)| {
                let step = admission.transition(candidate).filter(|_| is_realized)?;
                number += 1;
                let account = &self.observation.accounts[candidate.account as usize];
                let source = candidate.source.map(|location| {
                    let entry = candidate.entry.filter(|entry| self.requests_effect(*entry, step.effect));
                    let reason = entry.and_then(|entry| reasons.get(entry as usize)?.clone());
                    RequestSource::new(self.request.desired.files.source(location), reason)
                });
                Some(Change {
                    id: ChangeId(format_smolstr!("ch-{number}")),
                    tenant: self.desired.settings.name.clone(),
                    person: candidate.person.clone(),
                    account: account.id.clone(),
                    address: account.email.clone(),
                    from: None,
                    to: None,
                    effect: step.effect,
                    source,
                })
            })
            .collect()
    }

    /// Whether an entry asks for an effect: one that gives does not ask for a loss, which may come with it all the same.
    fn requests_effect(&self, entry: u32, effect: Effect) -> bool {
        let ensure = self.desired.entries.get(entry as usize).map(|entry| entry.ensure);
        effect != Effect::Loss || ensure == Some(Ensure::Absent)
    }

    /// Writes who waits, by pool and rank; returns how many wait for each pool.
    pub(super) fn add_waiting(&self, found: &TenantDiff, fates: &[Admission], plan: &mut Plan) -> Vec<u64> {
        let mut lines: Vec<(PoolId, &CandidateChange)> = found
            .changes
            .iter()
            .zip(fates)
            .filter(|(_, fate)| matches!(fate, Admission::Waiting | Admission::WaitingWithLoss))
            .filter_map(|(change, _)| Some((change.options.first()?.assigns?, change)))
            .collect();
        lines.sort_by_key(|(pool, change)| (*pool, std::cmp::Reverse(change.priority)));
        let mut waiting = vec![0; found.pools.len()];
        for (pool, change) in lines {
            waiting[pool.index()] += 1;
            plan.waiting.push(Waiting {
                tenant: self.desired.settings.name.clone(),
                person: change.person.clone(),
                license: found.pools.get(pool).license.clone(),
                position: waiting[pool.index()],
                priority: change.priority,
            });
        }
        waiting
    }

    /// How many people more hold the floor license after the plan; it comes and goes without being asked for.
    fn floor_flow(&self, found: &TenantDiff, graph: &OperationGraph) -> i64 {
        let mut flow = 0;
        let mut holdings: Vec<Holding> = Vec::new();
        let mut current = None;
        let on_floor = |holdings: &[Holding]| {
            i64::from(holdings.iter().any(|holding| holding.uses_seat() && self.rules.is_floor(&holding.license)))
        };
        // Nodes are added change by change, in the order of their chain.
        for draft in graph.node_weights() {
            let account = &self.observation.accounts[found.changes[draft.change].account as usize];
            if current != Some(draft.change) {
                flow += on_floor(&holdings) - on_floor(&account.holdings);
                current = Some(draft.change);
                holdings.clone_from(&account.holdings);
            }
            let license = &found.pools.get(draft.license).license;
            let to = draft.to.map(|to| found.pools.get(to).license.as_str());
            holdings = self.rules.holdings_after(&holdings, draft.kind, license, to);
        }
        flow + on_floor(&holdings)
    }

    /// Writes every pool before and after.
    pub(super) fn add_pools(&self, found: &TenantDiff, fates: &[Admission], graph: &OperationGraph, plan: &mut Plan) {
        let name = &self.desired.settings.name;
        let (flows, wishes) = (SeatFlows::of_admitted(found, fates), SeatFlows::of_waiting(found, fates));
        let floor_flow = self.floor_flow(found, graph);
        for (id, pool) in found.pools.iter() {
            let used = i64::try_from(pool.used).unwrap_or(i64::MAX / 4);
            let flow = if pool.is_floor { floor_flow } else { flows.used[id.index()] - flows.freed[id.index()] };
            let after = (used + flow).max(0);
            let wished = after - wishes.freed[id.index()] + wishes.used[id.index()];
            let missing = pool.capacity().map_or(0, |capacity| (wished - capacity).max(0));
            let line = PlanPool {
                tenant: name.clone(),
                license: pool.license.clone(),
                total: pool.total.filter(|_| !pool.is_floor),
                reserve: pool.reserve,
                used_before: pool.used,
                used_after: u64::try_from(after).unwrap_or(0),
                missing: u64::try_from(missing).unwrap_or(0),
                unused: None,
                cost_per_seat: None,
                cost: None,
            };
            plan.pools.push(line);
        }
    }

    /// Writes what else a reader should know.
    pub(super) fn add_findings(
        &self,
        found: &TenantDiff,
        fates: &[Admission],
        parked: &BTreeSet<usize>,
        plan: &mut Plan,
    ) {
        let name = &self.desired.settings.name;
        let tenant_source = Some(self.request.desired.files.source(self.desired.settings.source));
        let mut note = |finding: Finding| plan.findings.push(finding.at(tenant_source.clone()));
        if let Some(busy) = &self.observation.busy {
            note(
                Finding::warning(&code::VENDOR_BUSY, format!("`{name}` takes no changes just now: {busy}"))
                    .help("apply it later, or give `--wait`"),
            );
        }
        if !self.observation.complete {
            note(
                Finding::warning(&code::OBSERVATION_INCOMPLETE, format!("the observation of `{name}` is incomplete"))
                    .help("observe again"),
            );
        }
        if !parked.is_empty() {
            let people: Vec<&str> = parked.iter().map(|index| found.changes[*index].person.as_str()).collect();
            let message =
                format!("in `{name}` {} gives up the old license before the new one is certain", people.join(", "));
            note(Finding::warning(&code::PARKED, message).help("one free seat in the ring would make it unnecessary"));
        }
        let arriving: BTreeSet<PoolId> =
            found.changes.iter().zip(fates).filter_map(|(change, fate)| fate.transition(change)?.assigns).collect();
        let wishes = SeatFlows::of_waiting(found, fates);
        for (id, pool) in found.pools.iter() {
            let license = &pool.license;
            if let Some((stated, counted)) = pool.understated {
                note(
                    Finding::warning(
                        &code::USED_UNDERSTATED,
                        format!("`{name}/{license}` states {stated} as the number of taken seats and lists {counted}"),
                    )
                    .help("check the observation; the larger number is used"),
                );
            }
            if arriving.contains(&id) && pool.total.is_none() && !pool.is_floor {
                note(
                    Finding::note(
                        &code::TOTAL_UNKNOWN,
                        format!("the size of `{name}/{license}` is not known, so it counts as unlimited"),
                    )
                    .help(format!("write `total` for `{license}` below `pools`")),
                );
            }
            if found.inherited[id.index()] > 0 {
                let people = if found.inherited[id.index()] == 1 {
                    "1 person holds".to_owned()
                } else {
                    format!("{} people hold", found.inherited[id.index()])
                };
                note(Finding::note(
                    &code::UNMANAGEABLE_HOLDINGS,
                    format!("{people} `{name}/{license}` by a group or rule without being named; nothing is sent"),
                ));
            }
            if let Some(closed) = pool.closed.as_ref().filter(|_| pool.is_managed && !pool.is_floor) {
                let reason = diff::BlockReason::pool_closed(pool, closed);
                let finding = Finding::warning(
                    &code::ASSIGNED_POOL_CLOSED,
                    format!("{}, so nobody gets a seat of it", reason.message),
                );
                note(Finding { help: reason.help, ..finding });
            }
            if pool.free_seats().is_some_and(|free| free < 0) && wishes.used[id.index()] > 0 && !arriving.contains(&id)
            {
                note(
                    Finding::warning(
                        &code::POOL_OVERUSED,
                        format!("`{name}/{license}` has more seats taken than it may, so it takes nobody"),
                    )
                    .help("buy the missing seats, lower the reserve, or take people off it"),
                );
            }
        }
    }
}

/// The number in an operation's id.
fn operation_number(id: &OperationId) -> u64 {
    id.0.strip_prefix("op-").and_then(|number| number.parse().ok()).unwrap_or(0)
}
