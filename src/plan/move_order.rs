//! The order of moves, and the parked people (law 3).
//!
//! A free seat is a token. A move from pool A to pool B uses a token of B and leaves one in A, so tokens travel
//! against the moves. A token that starts anywhere among connected pools can serve all their moves: at a departure
//! without a replacement, at a free seat, or in a pool with more departures than arrivals. Only a balanced ring of
//! full pools has no token; there one person is parked and goes first. The order is an Euler circuit through an extra
//! node where all tokens start and end.
//!
//! In a pool over its total, the first tokens fill the deficit and stop. [`super::overfull_pools`] handles components
//! with such a pool, and moves that leave several pools.

use std::collections::BTreeSet;

use super::moves::{Move, MoveOrder, StartingSeats, cheapest_to_park};
use super::overfull_pools;

/// Orders moves so that each finds a seat, and parks as few people as possible.
pub(super) fn order_moves(seats: &StartingSeats, moves: &[Move<'_>]) -> MoveOrder {
    let mut order = MoveOrder::default();
    let mut simple = Vec::new();
    for component in components(seats.free.len(), moves) {
        let is_hard = component.iter().any(|index| {
            let one = &moves[*index];
            one.from.len() > 1 || seats.free[one.to as usize] < 0
        });
        if is_hard {
            overfull_pools::order_overfull(seats, moves, &component, &mut order);
        } else {
            simple.push(component);
        }
    }
    for component in simple {
        order_component(seats, moves, &component, &mut order);
    }
    order
}

/// Returns the connected components of moves, each in the order of the moves.
fn components(pools: usize, moves: &[Move<'_>]) -> Vec<Vec<usize>> {
    let mut parents: Vec<u32> = (0..).take(pools).collect();
    fn root(parents: &mut [u32], mut pool: u32) -> u32 {
        while parents[pool as usize] != pool {
            parents[pool as usize] = parents[parents[pool as usize] as usize];
            pool = parents[pool as usize];
        }
        pool
    }
    for one in moves {
        for pool in &one.from {
            let (a, b) = (root(&mut parents, *pool), root(&mut parents, one.to));
            parents[a.max(b) as usize] = a.min(b);
        }
    }
    let mut components = vec![Vec::new(); pools];
    for (index, one) in moves.iter().enumerate() {
        components[root(&mut parents, one.to) as usize].push(index);
    }
    components.retain(|component| !component.is_empty());
    components
}

/// Orders one component without an overfull pool.
fn order_component(seats: &StartingSeats, moves: &[Move<'_>], component: &[usize], order: &mut MoveOrder) {
    let pools = seats.free.len();
    let mut surplus = vec![0i64; pools];
    let mut touched = BTreeSet::new();
    for index in component {
        let one = &moves[*index];
        touched.insert(one.to);
        surplus[one.to as usize] -= 1;
        for pool in &one.from {
            touched.insert(*pool);
            surplus[*pool as usize] += 1;
        }
    }
    // The number of tokens that start in each pool: its surplus of arrivals, or one from a free seat.
    let mut starts: Vec<(u32, i64)> = touched
        .iter()
        .map(|pool| (*pool, seats.gains[*pool as usize] - surplus[*pool as usize]))
        .filter(|(_, starts)| *starts > 0)
        .collect();
    if starts.is_empty() {
        starts.extend(touched.iter().find(|pool| seats.free[**pool as usize] > 0).map(|pool| (*pool, 1)));
    }
    let mut parked = None;
    if starts.is_empty() {
        parked = cheapest_to_park(moves, component.iter().copied());
        starts.extend(parked.iter().flat_map(|index| moves[*index].from.iter().map(|pool| (*pool, 1))));
    }
    let walked = euler_circuit(pools, moves, component, &starts, parked);
    order.parked.extend(parked);
    order.sequence.extend(walked);
}

/// Returns an Euler circuit from the extra node, as the order of moves (Hierholzer's algorithm).
fn euler_circuit(
    pools: usize,
    moves: &[Move<'_>],
    component: &[usize],
    starts: &[(u32, i64)],
    parked: Option<usize>,
) -> Vec<usize> {
    let mut entering: Vec<Vec<usize>> = vec![Vec::new(); pools];
    // The number of tokens that return from each pool to the extra node.
    let mut ends = vec![0i64; pools];
    // Reversed, so that the first by key move first.
    for index in component.iter().rev().copied().filter(|index| Some(*index) != parked) {
        let one = &moves[index];
        entering[one.to as usize].push(index);
        ends[one.to as usize] -= 1;
        for pool in &one.from {
            ends[*pool as usize] += 1;
        }
    }
    let mut waiting: Vec<u32> = Vec::new();
    for (pool, count) in starts.iter().rev() {
        ends[*pool as usize] += count;
        waiting.extend(std::iter::repeat_n(*pool, usize::try_from(*count).unwrap_or(0)));
    }
    // `None` is the extra node.
    let mut stack: Vec<(Option<u32>, Option<usize>)> = vec![(None, None)];
    let mut backwards = Vec::with_capacity(component.len());
    while let Some((node, by)) = stack.last().copied() {
        let next = match node {
            None => waiting.pop().map(|pool| (Some(pool), None)),
            Some(pool) => match entering[pool as usize].pop() {
                Some(index) => Some((moves[index].from.first().copied(), Some(index))),
                None if ends[pool as usize] > 0 => {
                    ends[pool as usize] -= 1;
                    Some((None, None))
                }
                None => None,
            },
        };
        match next {
            Some(step) => stack.push(step),
            None => {
                stack.pop();
                backwards.extend(by);
            }
        }
    }
    backwards.reverse();
    backwards
}

#[cfg(test)]
mod tests {
    use super::*;

    fn go(from: u32, to: u32, person: &str) -> Move<'_> {
        Move { change: 0, from: vec![from], to, loses: 0, person }
    }

    #[test]
    fn ring_of_full_pools_parks_the_first_by_key() {
        let seats = StartingSeats { free: vec![0, 0], gains: vec![0, 0] };
        let order = order_moves(&seats, &[go(0, 1, "bo"), go(1, 0, "ana")]);
        assert_eq!(order, MoveOrder { parked: BTreeSet::from([1]), sequence: vec![0] });
    }

    #[test]
    fn one_free_seat_serves_all_reachable_rings() {
        let seats = StartingSeats { free: vec![0, 1, 0], gains: vec![0; 3] };
        let moves = [go(0, 1, "a"), go(1, 0, "b"), go(1, 2, "c"), go(2, 1, "d")];
        let order = order_moves(&seats, &moves);
        assert!(order.parked.is_empty());
        let mut free = [0, 1, 0];
        for index in &order.sequence {
            free[moves[*index].to as usize] -= 1;
            assert!(free[moves[*index].to as usize] >= 0, "{order:?}");
            free[moves[*index].from[0] as usize] += 1;
        }
        assert_eq!(order.sequence.len(), 4);
    }

    #[test]
    fn person_who_loses_least_is_parked() {
        let seats = StartingSeats { free: vec![0, 0], gains: vec![0, 0] };
        let moves = [Move { loses: 2, ..go(0, 1, "ana") }, Move { loses: 1, ..go(1, 0, "bo") }];
        assert_eq!(order_moves(&seats, &moves).parked, BTreeSet::from([1]));
    }
}
