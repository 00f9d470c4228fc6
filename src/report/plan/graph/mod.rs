//! The graph of a plan: who moves between which pools, and which operation waits for which.
//!
//! Pools are nodes; changes of one kind between the same two pools form a class. Small plans are drawn person by
//! person, large ones are folded to classes with counts. DOT, Mermaid and SVG render the same graph. Every change is
//! counted in one class, and parked people and rings are named.

pub mod bars;
mod document;
mod dot;
mod labels;
mod mermaid;
mod rings;
mod steps;
pub mod svg;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Effect, Plan, PlanPool};
use crate::report::review::PersonChange;

pub use document::{GraphClass, GraphDocument, GraphPool, GraphRing, GraphTenant, text};
pub use dot::dot;
pub use mermaid::mermaid;

/// Larger plans are folded by default.
pub const UNFOLDED_MAX: usize = 40;
/// The maximum number of people that a folded class names.
const NAMED_MAX: usize = 5;

/// Whether changes between the same pools are one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Folding {
    /// For more than [`UNFOLDED_MAX`] operations.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The kind of a class of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClassKind {
    /// A seat is removed.
    Loss,
    /// A move in which the person is without a seat until the swap completes.
    Parked,
    /// A move from one seat to another.
    Move,
    /// A seat is assigned.
    Gain,
    /// A pending request is canceled.
    Cancel,
    /// The billing of a freed seat stops.
    Release,
}

impl ClassKind {
    /// All kinds, the most critical first.
    pub(crate) const ALL: [Self; 6] = [Self::Loss, Self::Parked, Self::Move, Self::Gain, Self::Cancel, Self::Release];

    fn of(change: &PersonChange<'_>) -> Self {
        if change.is_parked() {
            return Self::Parked;
        }
        if change.is_release() {
            return Self::Release;
        }
        match change.change.effect {
            Effect::Loss => Self::Loss,
            Effect::Move => Self::Move,
            Effect::Gain => Self::Gain,
            Effect::Cancel => Self::Cancel,
        }
    }

    /// Returns the style name in every format.
    pub(crate) fn style_name(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Parked => "parked",
            Self::Move => "move",
            Self::Gain => "gain",
            Self::Cancel => "cancel",
            Self::Release => "release",
        }
    }
}

/// The graph of a plan.
#[derive(Debug)]
pub struct PlanGraph<'p> {
    pub(crate) plan: &'p Plan,
    /// Whether classes represent their people.
    pub(crate) is_folded: bool,
    /// The tenants with changes or waiting people, by name.
    pub(crate) tenants: Vec<TenantGraph<'p>>,
}

/// The graph of one tenant; tenants are not connected.
#[derive(Debug)]
pub(crate) struct TenantGraph<'p> {
    pub(crate) name: &'p str,
    /// By name.
    pub(crate) pools: Vec<PoolNode<'p>>,
    /// The most critical first, then by pool.
    pub(crate) classes: Vec<ChangeClass<'p>>,
    /// Pools that exchange people in a ring.
    pub(crate) rings: Vec<PoolRing<'p>>,
}

/// A pool with changes or waiting people.
#[derive(Debug)]
pub(crate) struct PoolNode<'p> {
    pub(crate) license: &'p str,
    /// Its seats, if known.
    pub(crate) seats: Option<&'p PlanPool>,
    /// The number of waiting people.
    pub(crate) waiting: usize,
    /// The number of losses held by a limit.
    pub(crate) held: usize,
    /// Its ring.
    pub(crate) ring: Option<usize>,
}

/// Changes of one kind between the same two pools.
#[derive(Debug)]
pub(crate) struct ChangeClass<'p> {
    pub(crate) kind: ClassKind,
    /// The index of the pool that people leave.
    pub(crate) from: Option<usize>,
    /// The index of the pool that people enter.
    pub(crate) to: Option<usize>,
    /// People who lose data first, then in the order of the plan.
    pub(crate) members: Vec<PersonChange<'p>>,
    /// The number of people who lose data.
    pub(crate) destroys: usize,
    /// Its ring.
    pub(crate) ring: Option<usize>,
}

/// Pools that exchange people in a ring.
#[derive(Debug)]
pub(crate) struct PoolRing<'p> {
    /// The indexes of the pools.
    pub(crate) pools: Vec<usize>,
    /// The people who go first; empty if a free seat is enough.
    pub(crate) parked: Vec<&'p str>,
}

/// The key of a class: kind, removed and assigned license.
type ClassKey<'p> = (ClassKind, Option<&'p str>, Option<&'p str>);

/// A tenant whose graph is being built.
#[derive(Default)]
struct TenantDraft<'p> {
    /// The numbers of waiting and held people, by license.
    pools: BTreeMap<&'p str, (usize, usize)>,
    classes: BTreeMap<ClassKey<'p>, Vec<PersonChange<'p>>>,
}

impl<'p> PlanGraph<'p> {
    /// Returns the graph of a plan.
    pub fn new(plan: &'p Plan, fold: Folding) -> Self {
        let mut drafts: BTreeMap<&str, TenantDraft<'_>> = BTreeMap::new();
        for change in PersonChange::all(plan) {
            let draft = drafts.entry(&change.change.tenant).or_default();
            let (from, to) = change_endpoints(&change);
            for license in [from, to].into_iter().flatten() {
                draft.pools.entry(license).or_default();
            }
            draft.classes.entry((ClassKind::of(&change), from, to)).or_default().push(change);
        }
        for waiting in &plan.waiting {
            drafts.entry(&waiting.tenant).or_default().pools.entry(&waiting.license).or_default().0 += 1;
        }
        for held in &plan.held {
            drafts.entry(&held.tenant).or_default().pools.entry(&held.license).or_default().1 += 1;
        }
        let seats: BTreeMap<(&str, &str), &PlanPool> =
            plan.pools.iter().map(|pool| ((&*pool.tenant, &*pool.license), pool)).collect();
        let tenants = drafts.into_iter().map(|(name, draft)| draft.build(name, &seats)).collect();
        let is_folded = match fold {
            Folding::Auto => plan.operations.len() > UNFOLDED_MAX,
            Folding::Always => true,
            Folding::Never => false,
        };
        Self { plan, is_folded, tenants }
    }

    /// Returns whether the graph has no changes and nobody waits.
    pub fn is_empty(&self) -> bool {
        self.tenants.is_empty()
    }

    /// Returns the number of nodes: pools, and operations or classes.
    pub fn node_count(&self) -> usize {
        let changes = |tenant: &TenantGraph<'_>| {
            if self.is_folded {
                tenant.classes.len()
            } else {
                tenant.classes.iter().flat_map(|class| &class.members).map(|change| change.operations.len()).sum()
            }
        };
        self.tenants.iter().map(|tenant| tenant.pools.len() + changes(tenant)).sum()
    }
}

impl TenantGraph<'_> {
    /// Returns the index of a license's pool.
    pub(crate) fn pool_index(&self, license: &str) -> Option<usize> {
        self.pools.binary_search_by(|pool| pool.license.cmp(license)).ok()
    }
}

impl<'p> TenantDraft<'p> {
    fn build(self, name: &'p str, seats: &BTreeMap<(&str, &str), &'p PlanPool>) -> TenantGraph<'p> {
        let paths: BTreeMap<&str, usize> = self.pools.keys().copied().zip(0..).collect();
        let pools = self.pools.iter().map(|(license, (waiting, held))| PoolNode {
            license,
            seats: seats.get(&(name, *license)).copied(),
            waiting: *waiting,
            held: *held,
            ring: None,
        });
        let pools = pools.collect();
        let classes = self.classes.into_iter().map(|((kind, from, to), mut members)| {
            members.sort_by_key(|change| change.loses().is_empty());
            ChangeClass {
                kind,
                from: from.and_then(|license| paths.get(license).copied()),
                to: to.and_then(|license| paths.get(license).copied()),
                destroys: members.iter().take_while(|change| !change.loses().is_empty()).count(),
                members,
                ring: None,
            }
        });
        let mut tenant = TenantGraph { name, pools, classes: classes.collect(), rings: Vec::new() };
        rings::find_rings(&mut tenant);
        tenant
    }
}

impl<'p> ChangeClass<'p> {
    /// Returns the people; those who lose data first.
    pub(crate) fn people(&self) -> impl Iterator<Item = &'p str> + '_ {
        self.members.iter().map(|change| change.change.person.as_str())
    }

    /// Returns source and target if the class connects two pools.
    pub(crate) fn endpoints(&self) -> Option<(usize, usize)> {
        Some((self.from?, self.to?))
    }
}

/// Returns the pools that a change leaves and enters.
fn change_endpoints<'p>(change: &PersonChange<'p>) -> (Option<&'p str>, Option<&'p str>) {
    match (change.from(), change.to()) {
        // A trial uses no seat before it becomes the full license.
        (Some(from), Some(to)) if from == to => (None, Some(to)),
        (None, None) => (change.operations.first().map(|operation| operation.license.as_str()), None),
        ends => ends,
    }
}

#[cfg(test)]
mod tests;
