//! Grouping of operations into visits to the vendor's console.
//!
//! Operations at one location form one visit: a person's page, or everyone who gets the same license. Each operation is in exactly one visit,
//! after everything that it waits for. A location needs several visits only if its operations depend on each other through another location.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use crate::model::{Operation, OperationId, OperationKind};
use crate::profile::definition::VisitBy;

/// The number of ready locations that are checked for one near the last visit.
const NEAR_MAX: usize = 64;

/// A location in the console where operations are carried out together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum VisitLocation {
    /// A person's page, one operation after the other; in one subscription, or an empty text.
    Person { subscription: SmolStr, account: SmolStr },
    /// Everyone who gets that license, at once.
    To(SmolStr),
    /// Everyone who loses that license, at once.
    From(SmolStr),
    /// Everyone whose request is canceled, at once.
    Cancel,
    /// A letter to the vendor.
    Release,
}

impl VisitLocation {
    fn of(operation: &Operation, by: VisitBy) -> Self {
        let license = &operation.license;
        let person =
            |subscription: &str| Self::Person { subscription: subscription.into(), account: operation.account.clone() };
        match (operation.kind, by) {
            (OperationKind::Release, _) => Self::Release,
            (OperationKind::Restore, _) | (_, VisitBy::Person) => person(""),
            (_, VisitBy::PersonInSubscription) => {
                person(license.split_once('/').map_or(license.as_str(), |(subscription, _)| subscription))
            }
            (OperationKind::Cancel, VisitBy::License) => Self::Cancel,
            (OperationKind::Remove, VisitBy::License) => Self::From(license.clone()),
            (OperationKind::Assign | OperationKind::Change, VisitBy::License) => {
                Self::To(operation.to.as_ref().unwrap_or(license).clone())
            }
        }
    }

    /// Returns whether its operations are carried out one after the other.
    pub(super) fn is_stepwise(&self) -> bool {
        matches!(self, Self::Person { .. })
    }

    /// Returns the part of the console that stays open after a visit.
    fn neighborhood(&self) -> &str {
        match self {
            Self::Person { subscription, .. } => subscription,
            Self::To(_) | Self::From(_) | Self::Cancel | Self::Release => "",
        }
    }
}

/// One visit: a location and the indexes of its operations, in the order of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VisitGroup {
    pub(super) location: VisitLocation,
    pub(super) operations: Vec<usize>,
}

/// Groups operations, which are in an order that their graph allows. Dependencies on other operations count as done.
///
/// A location that one visit can finish is next. If none exists, the next visit is to the location of the first open operation.
pub(super) fn group_into_visits(operations: &[&Operation], by: VisitBy) -> Vec<VisitGroup> {
    let graph = VisitGraph::new(operations, by);
    let mut progress = VisitProgress::new(&graph);
    let mut visits = Vec::new();
    let mut last = None;
    while let Some(index) = progress.next_location(&graph, last) {
        let operations = progress.visit(&graph, index);
        visits.push(VisitGroup { location: graph.locations[index].clone(), operations });
        last = Some(index);
    }
    visits
}

/// The operations by location, and their dependencies.
struct VisitGraph {
    locations: Vec<VisitLocation>,
    /// The location of each operation.
    location_of: Vec<usize>,
    /// The operations of each location, in the order of the plan.
    operations_at: Vec<Vec<usize>>,
    predecessors: Vec<Vec<usize>>,
    successors: Vec<Vec<usize>>,
}

impl VisitGraph {
    fn new(operations: &[&Operation], by: VisitBy) -> Self {
        let indexes: BTreeMap<&OperationId, usize> =
            operations.iter().enumerate().map(|(index, operation)| (&operation.id, index)).collect();
        let mut known: BTreeMap<VisitLocation, usize> = BTreeMap::new();
        let (mut locations, mut location_of, mut operations_at) = (Vec::new(), Vec::new(), Vec::<Vec<usize>>::new());
        let mut predecessors = Vec::with_capacity(operations.len());
        let mut successors = vec![Vec::new(); operations.len()];
        for (index, operation) in operations.iter().enumerate() {
            let location = VisitLocation::of(operation, by);
            let at = *known.entry(location.clone()).or_insert_with(|| {
                locations.push(location);
                operations_at.push(Vec::new());
                operations_at.len() - 1
            });
            location_of.push(at);
            operations_at[at].push(index);
            let own: Vec<usize> = operation.after.iter().filter_map(|id| indexes.get(id).copied()).collect();
            for earlier in &own {
                successors[*earlier].push(index);
            }
            predecessors.push(own);
        }
        Self { locations, location_of, operations_at, predecessors, successors }
    }

    /// Returns whether two dependent operations need separate visits.
    fn separates(&self, earlier: usize, later: usize) -> bool {
        self.location_of[earlier] != self.location_of[later] || !self.locations[self.location_of[later]].is_stepwise()
    }
}

/// The state of the visits so far.
struct VisitProgress {
    is_done: Vec<bool>,
    /// The number of open operations of each location.
    open: Vec<usize>,
    /// The number of dependencies that must be done before one visit can finish the location.
    blockers: Vec<usize>,
    /// Locations that one visit can finish, by their first operation.
    ready: BTreeSet<(usize, usize)>,
    /// No operation before this one is open.
    first_open: usize,
}

impl VisitProgress {
    fn new(graph: &VisitGraph) -> Self {
        let mut blockers = vec![0; graph.locations.len()];
        for (later, predecessors) in graph.predecessors.iter().enumerate() {
            blockers[graph.location_of[later]] +=
                predecessors.iter().filter(|earlier| graph.separates(**earlier, later)).count();
        }
        let ready = blockers.iter().enumerate().filter(|(_, blockers)| **blockers == 0);
        Self {
            is_done: vec![false; graph.location_of.len()],
            open: graph.operations_at.iter().map(Vec::len).collect(),
            ready: ready.map(|(at, _)| (graph.operations_at[at][0], at)).collect(),
            blockers,
            first_open: 0,
        }
    }

    /// Returns the next location to visit, preferably near the last one.
    fn next_location(&mut self, graph: &VisitGraph, last: Option<usize>) -> Option<usize> {
        let neighborhood = last.map(|last| graph.locations[last].neighborhood());
        let is_near = |(_, at): &&(usize, usize)| neighborhood == Some(graph.locations[*at].neighborhood());
        let near = self.ready.iter().take(NEAR_MAX).find(is_near);
        if let Some((_, at)) = near.or_else(|| self.ready.first()) {
            return Some(*at);
        }
        while *self.is_done.get(self.first_open)? {
            self.first_open += 1;
        }
        graph.location_of.get(self.first_open).copied()
    }

    /// Carries out every operation of the location that is possible now, and returns them.
    fn visit(&mut self, graph: &VisitGraph, at: usize) -> Vec<usize> {
        let mut now = Vec::new();
        for operation in graph.operations_at[at].iter().copied() {
            if !self.is_done[operation] && graph.predecessors[operation].iter().all(|earlier| self.is_done[*earlier]) {
                now.push(operation);
                // The next operation on the page may depend on this one.
                self.is_done[operation] = graph.locations[at].is_stepwise();
            }
        }
        if now.is_empty() {
            // Only a cyclic graph gets here. No operation may be missing even then.
            now.push(self.first_open);
        }
        for operation in &now {
            self.is_done[*operation] = true;
            for later in graph.successors[*operation].iter().filter(|later| graph.separates(*operation, **later)) {
                let at = graph.location_of[*later];
                self.blockers[at] = self.blockers[at].saturating_sub(1);
                if self.blockers[at] == 0 && self.open[at] > 0 {
                    self.ready.insert((graph.operations_at[at][0], at));
                }
            }
        }
        self.open[at] -= now.len();
        if self.open[at] == 0 {
            self.ready.remove(&(graph.operations_at[at][0], at));
        }
        now
    }
}
