//! The order of moves where a pool is over its total, or a move leaves several pools.
//!
//! The first freed seats fill a deficit, so the order of moves decides whether a ring finds a seat. Small components
//! are searched exhaustively: first for an order without parked people, then with one, and so on, cheapest first.
//! Large components are ordered greedily, which is lawful and may park more people than needed.

use std::collections::{BTreeMap, BTreeSet};

use super::moves::{Move, MoveOrder, StartingSeats, cheapest_to_park};

/// Limits of states in one search, and of searches in one component; beyond them the greedy order is used.
const STATES_MAX: usize = 20_000;
const SEARCHES_MAX: usize = 400;
/// The maximum number of people that a search parks.
const PARKED_MAX: usize = 4;

/// Orders the moves of one component and adds them to `order`.
pub(super) fn order_overfull(seats: &StartingSeats, moves: &[Move<'_>], component: &[usize], order: &mut MoveOrder) {
    let classes = MoveClasses::new(moves, component);
    let greedy = classes.order_greedily(seats, moves, component);
    let found = if greedy.parked.is_empty() { None } else { classes.search(seats, moves, greedy.parked.len()) };
    let best = found.unwrap_or(greedy);
    order.parked.extend(best.parked);
    order.sequence.extend(best.sequence);
}

/// The moves of a component by pools; members by data loss, then by key.
struct MoveClasses {
    classes: Vec<(Vec<u32>, u32, Vec<usize>)>,
}

/// The state of the search: free seats, and remaining members of each class.
#[derive(Clone)]
struct SearchState {
    free: Vec<i64>,
    left: Vec<usize>,
}

impl MoveClasses {
    fn new(moves: &[Move<'_>], component: &[usize]) -> Self {
        let mut classes: BTreeMap<(Vec<u32>, u32), Vec<usize>> = BTreeMap::new();
        for index in component {
            let one = &moves[*index];
            classes.entry((one.from.clone(), one.to)).or_default().push(*index);
        }
        let classes = classes.into_iter().map(|((leaves, to), mut members)| {
            members.sort_by_key(|index| (moves[*index].loses, moves[*index].person));
            (leaves, to, members)
        });
        Self { classes: classes.collect() }
    }

    fn move_member(&self, state: &mut SearchState, class: usize) {
        let (leaves, to, _) = &self.classes[class];
        state.left[class] -= 1;
        state.free[*to as usize] -= 1;
        for pool in leaves {
            state.free[*pool as usize] += 1;
        }
    }

    fn can_move(&self, state: &SearchState, class: usize) -> bool {
        state.left[class] > 0 && state.free[self.classes[class].1 as usize] > 0
    }

    /// Orders moves greedily; if none is possible, parks the cheapest remaining person.
    fn order_greedily(&self, seats: &StartingSeats, moves: &[Move<'_>], component: &[usize]) -> MoveOrder {
        let mut state =
            SearchState { free: seats.free.clone(), left: self.classes.iter().map(|class| class.2.len()).collect() };
        let mut order = MoveOrder::default();
        let mut done = BTreeSet::new();
        let mut next = vec![0usize; self.classes.len()];
        while order.parked.len() + order.sequence.len() < component.len() {
            // A seat freed in a pool without a deficit can be used again.
            let best = (0..self.classes.len()).filter(|class| self.can_move(&state, *class)).max_by_key(|class| {
                let (leaves, to, _) = &self.classes[*class];
                let alive = leaves.iter().filter(|pool| state.free[**pool as usize] >= 0).count();
                (alive, state.free[*to as usize], std::cmp::Reverse(*class))
            });
            if let Some(class) = best {
                let members = &self.classes[class].2;
                while members.get(next[class]).is_some_and(|member| done.contains(member)) {
                    next[class] += 1;
                }
                let Some(member) = members.get(next[class]) else { break };
                done.insert(*member);
                order.sequence.push(*member);
                self.move_member(&mut state, class);
                continue;
            }
            let rest = component.iter().copied().filter(|index| !done.contains(index));
            let Some(parked) = cheapest_to_park(moves, rest) else { break };
            done.insert(parked);
            order.parked.insert(parked);
            for pool in &moves[parked].from {
                state.free[*pool as usize] += 1;
            }
            if let Some(class) = self.classes.iter().position(|class| class.2.contains(&parked)) {
                state.left[class] -= 1;
            }
        }
        order
    }

    /// Searches for an order that parks fewer people than `most`, or cheaper ones.
    fn search(&self, seats: &StartingSeats, moves: &[Move<'_>], most: usize) -> Option<MoveOrder> {
        let mut searches = 0;
        for count in 0..=most.min(PARKED_MAX) {
            let mut choices = Vec::new();
            self.choose_parked(0, count, &mut Vec::new(), &mut choices);
            choices.sort_by_cached_key(|parked| {
                let mut people: Vec<&str> = parked.iter().map(|index| moves[*index].person).collect();
                people.sort_unstable();
                (parked.iter().map(|index| moves[*index].loses).sum::<usize>(), people.join("\n"))
            });
            for parked in choices {
                searches += 1;
                if searches > SEARCHES_MAX {
                    return None;
                }
                if let Some(sequence) = self.order_with_parked(seats, &parked, moves) {
                    return Some(MoveOrder { parked: parked.into_iter().collect(), sequence });
                }
            }
        }
        None
    }

    /// Collects all sets of `count` people to park, the cheapest of each class.
    fn choose_parked(&self, class: usize, count: usize, chosen: &mut Vec<usize>, into: &mut Vec<Vec<usize>>) {
        if count == 0 {
            into.push(chosen.clone());
            return;
        }
        let Some((_, _, members)) = self.classes.get(class) else { return };
        if into.len() > SEARCHES_MAX {
            return;
        }
        for take in 0..=count.min(members.len()) {
            chosen.extend(&members[..take]);
            self.choose_parked(class + 1, count - take, chosen, into);
            chosen.truncate(chosen.len() - take);
        }
    }

    /// Returns an order in which all other people move when a seat is free, if one exists.
    fn order_with_parked(&self, seats: &StartingSeats, parked: &[usize], moves: &[Move<'_>]) -> Option<Vec<usize>> {
        let mut state = SearchState { free: seats.free.clone(), left: Vec::new() };
        for index in parked {
            for pool in &moves[*index].from {
                state.free[*pool as usize] += 1;
            }
        }
        let rest: Vec<Vec<usize>> = self
            .classes
            .iter()
            .map(|class| class.2.iter().copied().filter(|index| !parked.contains(index)).collect())
            .collect();
        state.left = rest.iter().map(Vec::len).collect();
        let mut dead = BTreeSet::new();
        let mut path = Vec::new();
        if !self.search_depth_first(&mut state, &mut dead, &mut path) {
            return None;
        }
        let mut next = vec![0; rest.len()];
        let members = path.into_iter().map(|class| {
            next[class] += 1;
            rest[class][next[class] - 1]
        });
        Some(members.collect())
    }

    /// Searches depth first, and remembers dead ends.
    fn search_depth_first(
        &self,
        state: &mut SearchState,
        dead: &mut BTreeSet<Vec<usize>>,
        path: &mut Vec<usize>,
    ) -> bool {
        // An explicit stack replaces recursion.
        let mut stack = vec![0usize];
        while let Some(next) = stack.last_mut() {
            if state.left.iter().all(|left| *left == 0) {
                return true;
            }
            let class = *next;
            if class == self.classes.len() || dead.len() > STATES_MAX {
                dead.insert(state.left.clone());
                stack.pop();
                let Some(last) = path.pop() else { return false };
                let (leaves, to, _) = &self.classes[last];
                state.left[last] += 1;
                state.free[*to as usize] += 1;
                for pool in leaves {
                    state.free[*pool as usize] -= 1;
                }
                continue;
            }
            *next += 1;
            if self.can_move(state, class) {
                self.move_member(state, class);
                path.push(class);
                if dead.contains(&state.left) {
                    stack.push(self.classes.len());
                } else {
                    stack.push(0);
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::move_order;
    use super::*;

    #[test]
    fn cheapest_candidate_with_the_first_key_is_parked() {
        // The only free seat, in B, fills the deficit of A. One person of the remaining ring is parked, and the
        // filler can be chosen so that it is the first by key.
        let go = |from, to, person| Move { change: 0, from: vec![from], to, loses: 0, person };
        let moves = [go(0, 1, "ana"), go(0, 1, "bo"), go(1, 0, "cy")];
        let order = move_order::order_moves(&StartingSeats { free: vec![-1, 1], gains: vec![0, 0] }, &moves);
        assert_eq!(order.parked, BTreeSet::from([0]));
        assert_eq!(order.sequence, [1, 2]);
    }
}
