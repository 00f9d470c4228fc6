//! The graph of a plan: who moves between which pools, and what waits for what.
//!
//! Format-free: pools are nodes, and changes of one kind between the same two pools are a class. Small plans are drawn
//! whole, person by person; large ones are folded to their classes with counts. DOT, Mermaid and SVG are renderers over
//! it. What must hold: folded or not, every change is counted in one class, and parked people and rings are named.

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

use crate::model::{Plan, PlanPool};
use crate::report::review::{ChangeGroup, PersonChange};

pub use document::{GraphClass, GraphDocument, GraphPool, GraphRing, GraphTenant, text};
pub use dot::dot;
pub use mermaid::mermaid;

/// Plans with more operations than this are folded, unless that is asked otherwise: more cannot be taken in at once.
pub const UNFOLDED_MAX: usize = 40;
/// Most people that a folded class names; parked ones and those that lose data come first.
const NAMED_MAX: usize = 5;

/// Whether changes between the same pools are one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Folding {
    /// Where there are more than [`WHOLE_MAX`] operations.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What a class of changes does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClassKind {
    /// A seat is given up.
    Loss,
    /// One seat for another, and the old one goes first.
    Parked,
    /// One seat for another.
    Move,
    /// A seat more.
    Gain,
    /// A pending request is taken back.
    Cancel,
    /// A freed seat is no longer billed.
    Release,
}

impl ClassKind {
    /// All kinds, the most worrying first.
    pub(crate) const ALL: [Self; 6] = [Self::Loss, Self::Parked, Self::Move, Self::Gain, Self::Cancel, Self::Release];

    fn of(change: &PersonChange<'_>) -> Self {
        use crate::model::{Effect, OperationKind};
        if change.is_parked() {
            return Self::Parked;
        }
        if change.first().is_some_and(|operation| operation.kind == OperationKind::Release) {
            return Self::Release;
        }
        match change.effect() {
            Effect::Loss => Self::Loss,
            Effect::Move => Self::Move,
            Effect::Gain => Self::Gain,
            Effect::Cancel => Self::Cancel,
        }
    }

    /// The name of its style in every format.
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
    /// Whether classes stand for their people.
    pub(crate) is_folded: bool,
    /// In the order of their names; only those that something happens or waits in.
    pub(crate) tenants: Vec<TenantGraph<'p>>,
}

/// The part of one tenant; nothing leads from one to another.
#[derive(Debug)]
pub(crate) struct TenantGraph<'p> {
    pub(crate) name: &'p str,
    /// In the order of their names.
    pub(crate) pools: Vec<PoolNode<'p>>,
    /// The most worrying first, then by their pools.
    pub(crate) classes: Vec<ChangeClass<'p>>,
    /// Pools that exchange people in a circle.
    pub(crate) rings: Vec<PoolRing<'p>>,
}

/// A pool that something happens to, or that somebody waits for.
#[derive(Debug)]
pub(crate) struct PoolNode<'p> {
    pub(crate) license: &'p str,
    /// Its seats, where the plan knows them.
    pub(crate) seats: Option<&'p PlanPool>,
    /// How many wait for a seat.
    pub(crate) waiting: usize,
    /// How many losses a limit keeps back.
    pub(crate) held: usize,
    /// The ring it is on.
    pub(crate) ring: Option<usize>,
}

/// Changes of one kind between the same two pools.
#[derive(Debug)]
pub(crate) struct ChangeClass<'p> {
    pub(crate) kind: ClassKind,
    /// The pool that is left, by its place among the tenant's pools.
    pub(crate) from: Option<usize>,
    /// The pool that is entered.
    pub(crate) to: Option<usize>,
    /// Those who lose data first, then in the order of the plan.
    pub(crate) members: Vec<PersonChange<'p>>,
    /// How many of them lose data.
    pub(crate) destroys: usize,
    /// The ring it is on.
    pub(crate) ring: Option<usize>,
}

/// Pools that exchange people in a circle.
#[derive(Debug)]
pub(crate) struct PoolRing<'p> {
    /// By their places among the tenant's pools.
    pub(crate) pools: Vec<usize>,
    /// Who goes first, so that it can turn; nobody where a free seat lets it.
    pub(crate) parked: Vec<&'p str>,
}

/// What makes changes one class: what they do, and the licenses that they leave and enter.
type ClassKey<'p> = (ClassKind, Option<&'p str>, Option<&'p str>);

/// A tenant while it is gathered.
#[derive(Default)]
struct TenantDraft<'p> {
    /// How many wait, and how many are held, by license.
    pools: BTreeMap<&'p str, (usize, usize)>,
    classes: BTreeMap<ClassKey<'p>, Vec<PersonChange<'p>>>,
}

impl<'p> PlanGraph<'p> {
    /// The graph of that plan.
    pub fn new(plan: &'p Plan, fold: Folding) -> Self {
        let mut drafts: BTreeMap<&str, TenantDraft<'_>> = BTreeMap::new();
        for change in PersonChange::all(plan) {
            let Some(first) = change.first() else { continue };
            let draft = drafts.entry(&first.tenant).or_default();
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

    /// Whether nothing happens and nobody waits.
    pub fn is_empty(&self) -> bool {
        self.tenants.is_empty()
    }

    /// How many nodes it has: pools, and operations or classes.
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
    /// The place of the pool of a license.
    pub(crate) fn pool_index(&self, license: &str) -> Option<usize> {
        self.pools.binary_search_by(|pool| pool.license.cmp(license)).ok()
    }
}

impl<'p> TenantDraft<'p> {
    fn build(self, name: &'p str, seats: &BTreeMap<(&str, &str), &'p PlanPool>) -> TenantGraph<'p> {
        let places: BTreeMap<&str, usize> = self.pools.keys().copied().zip(0..).collect();
        let pools = self.pools.iter().map(|(license, (waiting, held))| PoolNode {
            license,
            seats: seats.get(&(name, *license)).copied(),
            waiting: *waiting,
            held: *held,
            ring: None,
        });
        let pools = pools.collect();
        let classes = self.classes.into_iter().map(|((kind, from, to), mut members)| {
            members.sort_by_key(|change| change.group() != ChangeGroup::DataLoss && change.loses().is_empty());
            ChangeClass {
                kind,
                from: from.and_then(|license| places.get(license).copied()),
                to: to.and_then(|license| places.get(license).copied()),
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
    /// The people, those who lose data first.
    pub(crate) fn people(&self) -> impl Iterator<Item = &'p str> + '_ {
        self.members.iter().filter_map(PersonChange::first).map(|operation| operation.person.as_str())
    }

    /// Whether it leads from one pool to another.
    pub(crate) fn endpoints(&self) -> Option<(usize, usize)> {
        Some((self.from?, self.to?))
    }
}

/// The pools that a change leaves and enters.
fn change_endpoints<'p>(change: &PersonChange<'p>) -> (Option<&'p str>, Option<&'p str>) {
    match (change.from(), change.to()) {
        // A trial that becomes the full license takes no seat before.
        (Some(from), Some(to)) if from == to => (None, Some(to)),
        (None, None) => (change.first().map(|operation| operation.license.as_str()), None),
        ends => ends,
    }
}

#[cfg(test)]
mod tests;
