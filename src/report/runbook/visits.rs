//! Which operations go together into one visit to the console, and which visit comes first.
//!
//! Operations of one place are one visit: a person's page, or everybody who goes to one license. A place is visited again
//! only where something in between has to be done elsewhere. What must hold: every operation is in exactly one visit,
//! after everything that it waits for; small plans get the fewest visits there can be, large ones nearly so.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use crate::model::{Operation, OperationId, OperationKind};
use crate::profile::profile::VisitBy;

/// Plans with more operations than this are not searched for the fewest visits.
const SEARCHED_MAX: usize = 400;
/// How many ways are tried.
const TRIES_MAX: u32 = 3_000;
/// How many places are weighed where no place can be finished.
const WEIGHED_MAX: usize = 64;

/// Where operations are carried out together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum VisitLocation {
    /// A person's page, one operation after the other; in one subscription, or an empty text.
    Person { subscription: SmolStr, account: SmolStr },
    /// Everybody who goes to that license, at once.
    To(SmolStr),
    /// Everybody whose license is taken away, at once.
    From(SmolStr),
    /// Everybody whose request is taken back, at once.
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

    /// Whether its operations are carried out one after the other.
    pub(super) fn is_stepwise(&self) -> bool {
        matches!(self, Self::Person { .. })
    }

    /// What is still in front of whoever has just been there.
    fn neighborhood(&self) -> &str {
        match self {
            Self::Person { subscription, .. } => subscription,
            Self::To(_) | Self::From(_) | Self::Cancel | Self::Release => "",
        }
    }
}

/// One visit: a place, and the operations by their number, in the order of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VisitGroup {
    pub(super) location: VisitLocation,
    pub(super) operations: Vec<usize>,
}

/// What never changes while visits are put in order.
struct LocationMap {
    places: Vec<VisitLocation>,
    /// The place of each operation.
    at: Vec<usize>,
    /// The operations of each place, in the order of the plan.
    of: Vec<Vec<usize>>,
    before: Vec<Vec<usize>>,
    after: Vec<Vec<usize>>,
}

/// How far one way through the places is.
#[derive(Clone)]
struct VisitSearch {
    done: Vec<bool>,
    /// What is left of each place.
    left: Vec<usize>,
    /// How much stands in the way of all that is left of a place.
    hindered: Vec<usize>,
    /// The places that can be finished, by the first operation of each.
    ready: BTreeSet<(usize, usize)>,
    visits: Vec<(usize, Vec<usize>)>,
}

/// Puts operations into visits. They are in an order that their graph allows, as a plan has them; what they wait for and is
/// not among them counts as done.
pub(super) fn group_into_visits(operations: &[&Operation], by: VisitBy) -> Vec<VisitGroup> {
    let map = LocationMap::new(operations, by);
    let start = VisitSearch::new(&map);
    let mut tries = if operations.len() > SEARCHED_MAX { 0 } else { TRIES_MAX };
    let mut best = None;
    search(&map, start, &mut tries, &mut best);
    let visits = best.unwrap_or_default();
    visits.into_iter().map(|(at, operations)| VisitGroup { location: map.places[at].clone(), operations }).collect()
}

/// Follows a way to its end, and other ways where it parts and there are tries left.
fn search(map: &LocationMap, mut way: VisitSearch, tries: &mut u32, best: &mut Option<Vec<(usize, Vec<usize>)>>) {
    loop {
        // To finish a place costs a visit that has to be paid for anyway, and hinders nothing.
        while let Some(place) = way.next_ready(map) {
            way.visit(map, place);
        }
        let left = way.left.iter().filter(|left| **left > 0).count();
        let is_better = best.as_ref().is_none_or(|best| way.visits.len() + left < best.len());
        if !is_better {
            return;
        }
        if left == 0 {
            *best = Some(way.visits);
            return;
        }
        let choices = way.choices(map);
        if choices.is_empty() {
            // Only a graph with a ring, which `precheck` refuses, ends here; nothing may be left out all the same.
            way.visit_rest(map);
            continue;
        }
        if *tries == 0 {
            way.visit(map, choices[0]);
            continue;
        }
        for (number, place) in choices.into_iter().enumerate() {
            *tries = tries.saturating_sub(u32::from(number > 0));
            let mut branch = way.clone();
            branch.visit(map, place);
            search(map, branch, tries, best);
            if *tries == 0 {
                break;
            }
        }
        return;
    }
}

impl LocationMap {
    fn new(operations: &[&Operation], by: VisitBy) -> Self {
        let numbers: BTreeMap<&OperationId, usize> =
            operations.iter().enumerate().map(|(number, operation)| (&operation.id, number)).collect();
        let mut known: BTreeMap<VisitLocation, usize> = BTreeMap::new();
        let (mut places, mut at, mut of) = (Vec::new(), Vec::new(), Vec::<Vec<usize>>::new());
        let mut before = Vec::with_capacity(operations.len());
        let mut after = vec![Vec::new(); operations.len()];
        for (number, operation) in operations.iter().enumerate() {
            let place = VisitLocation::of(operation, by);
            let index = *known.entry(place.clone()).or_insert_with(|| {
                places.push(place);
                of.push(Vec::new());
                of.len() - 1
            });
            at.push(index);
            of[index].push(number);
            let own: Vec<usize> = operation.after.iter().filter_map(|id| numbers.get(id).copied()).collect();
            for earlier in &own {
                after[*earlier].push(number);
            }
            before.push(own);
        }
        Self { places, at, of, before, after }
    }

    /// Whether an operation that is not done keeps another one from being carried out in a visit to its place.
    fn hinders(&self, earlier: usize, later: usize) -> bool {
        self.at[earlier] != self.at[later] || !self.places[self.at[later]].is_stepwise()
    }
}

impl VisitSearch {
    fn new(map: &LocationMap) -> Self {
        let mut hindered = vec![0; map.places.len()];
        for (later, before) in map.before.iter().enumerate() {
            hindered[map.at[later]] += before.iter().filter(|earlier| map.hinders(**earlier, later)).count();
        }
        let left: Vec<usize> = map.of.iter().map(Vec::len).collect();
        let ready = (0..left.len()).filter(|place| hindered[*place] == 0).map(|place| (map.of[place][0], place));
        Self { done: vec![false; map.at.len()], ready: ready.collect(), left, hindered, visits: Vec::new() }
    }

    /// A place that can be finished: near the last one, else the first of the plan.
    fn next_ready(&self, map: &LocationMap) -> Option<usize> {
        let near = self.visits.last().map(|(place, _)| map.places[*place].neighborhood());
        let is_near = |place: &&(usize, usize)| near.is_some_and(|near| map.places[place.1].neighborhood() == near);
        let near = self.ready.iter().take(WEIGHED_MAX).find(is_near);
        near.or_else(|| self.ready.first()).map(|(_, place)| *place)
    }

    /// What a visit to a place would carry out now.
    fn doable(&self, map: &LocationMap, place: usize) -> Vec<usize> {
        let mut now: BTreeSet<usize> = BTreeSet::new();
        let stepwise = map.places[place].is_stepwise();
        for number in map.of[place].iter().filter(|number| !self.done[**number]) {
            if map.before[*number].iter().all(|earlier| self.done[*earlier] || (stepwise && now.contains(earlier))) {
                now.insert(*number);
            }
        }
        now.into_iter().collect()
    }

    fn visit(&mut self, map: &LocationMap, place: usize) {
        let now = self.doable(map, place);
        self.carry_out(map, place, now);
    }

    fn carry_out(&mut self, map: &LocationMap, place: usize, now: Vec<usize>) {
        for number in &now {
            self.done[*number] = true;
            for later in map.after[*number].iter().filter(|later| map.hinders(*number, **later)) {
                let place = map.at[*later];
                self.hindered[place] = self.hindered[place].saturating_sub(1);
                if self.hindered[place] == 0 && self.left[place] > 0 {
                    self.ready.insert((map.of[place][0], place));
                }
            }
        }
        self.left[place] -= now.len();
        if self.left[place] == 0 {
            self.ready.remove(&(map.of[place][0], place));
        }
        self.visits.push((place, now));
    }

    /// The places where something can be done although not all of it, the one first that lets most others be finished.
    fn choices(&self, map: &LocationMap) -> Vec<usize> {
        let mut choices: Vec<(std::cmp::Reverse<usize>, usize)> = Vec::new();
        for place in (0..self.left.len()).filter(|place| self.left[*place] > 0) {
            let now = self.doable(map, place);
            if now.is_empty() {
                continue;
            }
            let mut freed: BTreeMap<usize, usize> = BTreeMap::new();
            for (earlier, later) in now.iter().flat_map(|now| map.after[*now].iter().map(move |later| (*now, *later))) {
                *freed.entry(map.at[later]).or_default() += usize::from(map.hinders(earlier, later));
            }
            let finished = freed.iter().filter(|(place, freed)| self.hindered[**place] == **freed).count();
            choices.push((std::cmp::Reverse(finished), place));
            if choices.len() == WEIGHED_MAX {
                break;
            }
        }
        choices.sort_unstable();
        choices.into_iter().map(|(_, place)| place).collect()
    }

    fn visit_rest(&mut self, map: &LocationMap) {
        for place in 0..self.left.len() {
            let rest: Vec<usize> = map.of[place].iter().copied().filter(|number| !self.done[*number]).collect();
            if !rest.is_empty() {
                self.carry_out(map, place, rest);
            }
        }
    }
}
