//! Sections of a tenant's plan: changes, operations, blocked changes, waiting assignments and pools.

use std::collections::BTreeMap;
use std::sync::Arc;

use petgraph::Direction;
use petgraph::graph::NodeIndex;
use smol_str::{SmolStr, format_smolstr};

use super::admission::Admission;
use super::draft::DraftOperation;
use super::seat_flows::SeatFlows;
use super::seat_tokens::OperationGraph;
use super::tenant::TenantPlanner;
use crate::diff::{CandidateChange, LicenseTransition, PoolId, PoolTable, TenantDiff};
use crate::model::{
    Blocked, Change, ChangeEndpoints, ChangeId, DesiredEntry, Effect, Ensure, Expects, Holding, OnFailure, Operation,
    OperationId, OperationKind, Plan, PlanPool, RequestSource, Waiting,
};

impl TenantPlanner<'_> {
    /// Returns the changes that the graph realizes, by candidate index, without `from` and `to`, which follow from their
    /// operations. `preceding` is the number of changes before them in the plan.
    fn changes(
        &self,
        diff: &TenantDiff,
        admissions: &[Admission],
        graph: &OperationGraph,
        preceding: usize,
    ) -> BTreeMap<usize, Change> {
        let reason = |entry: &DesiredEntry| entry.reason.as_deref().map(RequestSource::shorten_reason);
        let reasons: Vec<Option<Arc<str>>> = self.desired.entries.iter().map(reason).collect();
        let mut changes = BTreeMap::new();
        // Nodes are added by candidate; releases come last and belong to changes that are already there.
        for index in graph.node_weights().map(|draft| draft.change) {
            let candidate = &diff.changes[index];
            let Some(transition) = admissions[index].transition(candidate) else { continue };
            let number = preceding + changes.len() + 1;
            changes.entry(index).or_insert_with(|| {
                let account = &self.observation.accounts[candidate.account as usize];
                let source = candidate.source.map(|location| {
                    let entry = candidate.entry.filter(|entry| self.requests_effect(*entry, transition.effect));
                    let reason = entry.and_then(|entry| reasons.get(entry as usize)?.clone());
                    RequestSource::new(self.request.desired.files.source(location), reason)
                });
                Change {
                    id: ChangeId(format_smolstr!("ch-{number}")),
                    tenant: self.desired.settings.name.clone(),
                    person: candidate.person.clone(),
                    account: account.id.clone(),
                    address: account.email.clone(),
                    from: None,
                    to: None,
                    effect: transition.effect,
                    source,
                }
            });
        }
        changes
    }

    /// Whether an entry requests an effect. An entry that assigns a license does not request the losses that come with it.
    fn requests_effect(&self, entry: u32, effect: Effect) -> bool {
        let ensure = self.desired.entries.get(entry as usize).map(|entry| entry.ensure);
        effect != Effect::Loss || ensure == Some(Ensure::Absent)
    }

    /// Returns the precondition of each node, and by how many people the number of floor holdings grows.
    pub(super) fn preconditions(&self, diff: &TenantDiff, graph: &OperationGraph) -> (Vec<Expects>, i64) {
        let on_floor = |holdings: &[Holding]| {
            i64::from(holdings.iter().any(|holding| holding.uses_seat() && self.rules.is_floor(&holding.license)))
        };
        let mut expects = Vec::with_capacity(graph.node_count());
        let mut floor_flow = 0;
        let mut holdings: Vec<Holding> = Vec::new();
        let mut current = None;
        // Nodes are added by change, in the order of their chain; releases come last.
        for draft in graph.node_weights() {
            let account = &self.observation.accounts[diff.changes[draft.change].account as usize];
            let license = &diff.pools.get(draft.license).license;
            if draft.kind == OperationKind::Release {
                let after = self.rules.holdings_after(&account.holdings, OperationKind::Remove, license, None);
                expects.push(self.rules.expects(&after, license));
                continue;
            }
            if current != Some(draft.change) {
                floor_flow += on_floor(&holdings) - on_floor(&account.holdings);
                current = Some(draft.change);
                holdings.clone_from(&account.holdings);
            }
            expects.push(self.rules.expects(&holdings, license));
            let to = draft.to.map(|to| diff.pools.get(to).license.as_str());
            holdings = self.rules.holdings_after(&holdings, draft.kind, license, to);
        }
        (expects, floor_flow + on_floor(&holdings))
    }

    /// Returns the changes, and the operations in the order of `sequence`. Their ids continue those of `preceding`.
    pub(super) fn operations(
        &self,
        diff: &TenantDiff,
        admissions: &[Admission],
        graph: &OperationGraph,
        sequence: &[NodeIndex],
        preconditions: &[Expects],
        preceding: &Plan,
    ) -> (Vec<Change>, Vec<Operation>) {
        let mut changes = self.changes(diff, admissions, graph, preceding.changes.len());
        let mut numbers = vec![0; graph.node_count()];
        for (number, node) in (preceding.operations.len() + 1..).zip(sequence) {
            numbers[node.index()] = number;
        }
        let id = |number: usize| OperationId(format_smolstr!("op-{number}"));
        let mut operations = Vec::with_capacity(sequence.len());
        for node in sequence {
            let draft = &graph[*node];
            let candidate = &diff.changes[draft.change];
            let Some(change) = changes.get(&draft.change) else { continue };
            let Some(transition) = admissions[draft.change].transition(candidate) else { continue };
            let account = &self.observation.accounts[candidate.account as usize];
            let license = &diff.pools.get(draft.license).license;
            let to = draft.to.map(|to| diff.pools.get(to));
            let falls = to.is_some_and(|to| to.is_floor);
            let destroys = draft.kind == OperationKind::Remove || falls;
            let assigns = draft.kind.is_assignment() && !falls;
            let texts = |texts: &[String], applies: bool| if applies { texts.to_vec() } else { Vec::new() };
            let mut after: Vec<usize> =
                graph.neighbors_directed(*node, Direction::Incoming).map(|node| numbers[node.index()]).collect();
            after.sort_unstable();
            operations.push(Operation {
                id: id(numbers[node.index()]),
                change: change.id.clone(),
                kind: draft.kind,
                effect: change.effect,
                tenant: change.tenant.clone(),
                person: change.person.clone(),
                account: change.account.clone(),
                license: license.clone(),
                to: to.map(|to| to.license.clone()),
                after: after.into_iter().map(id).collect(),
                parked: draft.is_parked,
                loses: texts(self.rules.loses(license), destroys),
                keeps: texts(self.rules.keeps(license), destroys),
                follow_ups: texts(self.rules.follow_ups(to.map_or(license, |to| &to.license)), assigns),
                memberships: if draft.kind == OperationKind::Restore {
                    account.memberships.clone()
                } else {
                    Vec::new()
                },
                expects: preconditions[node.index()].clone(),
                on_failure: draft.rolls_back.then_some(OnFailure::RollBack),
                why: why(&diff.pools, candidate, transition, draft),
                source: change.source.clone(),
            });
        }
        let mut endpoints: BTreeMap<&ChangeId, ChangeEndpoints<'_>> = BTreeMap::new();
        for operation in &operations {
            endpoints.entry(&operation.change).or_default().add(operation);
        }
        for change in changes.values_mut() {
            let Some(endpoints) = endpoints.get(&change.id) else { continue };
            (change.from, change.to) = (endpoints.from().cloned(), endpoints.to().cloned());
        }
        (changes.into_values().collect(), operations)
    }

    /// Returns the blocked changes.
    pub(super) fn blocked(&self, diff: &TenantDiff) -> Vec<Blocked> {
        let blocked = diff.blocked.iter().map(|blocked| Blocked {
            tenant: self.desired.settings.name.clone(),
            person: blocked.person.clone(),
            license: diff.pools.get(blocked.pool).license.clone(),
            code: SmolStr::new_static(blocked.reason.code.id),
            message: blocked.reason.message.clone(),
            help: blocked.reason.help.clone(),
            source: blocked.source.map(|location| self.request.desired.files.source(location)),
        });
        blocked.collect()
    }

    /// Returns the waiting assignments, by pool and rank.
    pub(super) fn waiting(&self, diff: &TenantDiff, admissions: &[Admission]) -> Vec<Waiting> {
        let mut queue: Vec<(PoolId, &CandidateChange)> = diff
            .changes
            .iter()
            .zip(admissions)
            .filter(|(_, admission)| matches!(admission, Admission::Waiting | Admission::WaitingWithLoss))
            .filter_map(|(change, _)| Some((change.options.first()?.assigns?, change)))
            .collect();
        queue.sort_by_key(|(pool, change)| (*pool, std::cmp::Reverse(change.priority)));
        let mut positions = vec![0; diff.pools.len()];
        let waiting = queue.into_iter().map(|(pool, change)| {
            positions[pool.index()] += 1;
            Waiting {
                tenant: self.desired.settings.name.clone(),
                person: change.person.clone(),
                license: diff.pools.get(pool).license.clone(),
                position: positions[pool.index()],
                priority: change.priority,
            }
        });
        waiting.collect()
    }

    /// Returns every pool before and after.
    pub(super) fn pools(&self, diff: &TenantDiff, admissions: &[Admission], floor_flow: i64) -> Vec<PlanPool> {
        let (admitted, waiting) = (SeatFlows::of_admitted(diff, admissions), SeatFlows::of_waiting(diff, admissions));
        let pools = diff.pools.iter().map(|(id, pool)| {
            let used = i64::try_from(pool.used).unwrap_or(i64::MAX / 4);
            let flow = if pool.is_floor { floor_flow } else { admitted.used[id.index()] - admitted.freed[id.index()] };
            let after = (used + flow).max(0);
            let desired = after - waiting.freed[id.index()] + waiting.used[id.index()];
            let missing = pool.capacity().map_or(0, |capacity| (desired - capacity).max(0));
            PlanPool {
                tenant: self.desired.settings.name.clone(),
                license: pool.license.clone(),
                total: pool.total.filter(|_| !pool.is_floor),
                reserve: pool.reserve,
                used_before: pool.used,
                used_after: u64::try_from(after).unwrap_or(0),
                missing: u64::try_from(missing).unwrap_or(0),
                unused: None,
                cost_per_seat: None,
                cost: None,
            }
        });
        pools.collect()
    }
}

/// Returns the reason for an operation, in one line for people.
fn why(
    pools: &PoolTable,
    candidate: &CandidateChange,
    transition: &LicenseTransition,
    draft: &DraftOperation,
) -> String {
    let name = |pool: PoolId| &pools.get(pool).license;
    let old = transition.releases.first().map(|holding| name(holding.pool));
    let license = name(draft.license);
    let mut why = match (draft.kind, transition.assigns.map(name)) {
        (OperationKind::Release, _) => return format!("nobody uses this seat of {license}, so billing can stop"),
        (OperationKind::Restore, _) => "restores the memberships that the removal took".to_owned(),
        (OperationKind::Cancel, Some(to)) => format!("makes way for {to}"),
        (OperationKind::Cancel, None) => format!("is not named for {license}"),
        (OperationKind::Remove, Some(to)) => format!("moves to {to}"),
        (OperationKind::Remove | OperationKind::Change, None) if transition.keeps_other => {
            format!("gives up {license}, which another license excludes")
        }
        (OperationKind::Remove | OperationKind::Change, None) => format!("is not named for {license}"),
        (OperationKind::Change, Some(to)) if transition.effect != Effect::Gain => format!("moves to {to}"),
        (OperationKind::Change, Some(to)) => format!("is named for {to}"),
        (_, Some(to)) if transition.effect == Effect::Move => match old {
            Some(old) => format!("moves from {old} to {to}"),
            None => format!("moves to {to}"),
        },
        (_, Some(to)) => format!("is named for {to}"),
        (_, None) => "is not named".to_owned(),
    };
    let desired = candidate.options.first().and_then(|first| first.assigns);
    if let Some(desired) = desired.filter(|desired| transition.assigns.is_some_and(|to| to != *desired))
        && draft.kind != OperationKind::Restore
    {
        why.push_str(&format!(", because {} has no free seat", name(desired)));
    }
    if draft.is_parked {
        why.push_str(", and goes first in a ring of full pools");
    }
    why
}
