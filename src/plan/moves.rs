//! Moves between limited pools, and their order.

use std::collections::BTreeSet;

/// An admitted move, which uses a seat of `to` and frees seats of `from`. All pools are limited.
#[derive(Clone, Debug)]
pub(super) struct Move<'a> {
    /// The index of its candidate change.
    pub(super) change: usize,
    /// The pools in which it frees a seat.
    pub(super) from: Vec<u32>,
    /// The pool that it enters.
    pub(super) to: u32,
    /// The number of kinds of data that the removal destroys.
    pub(super) loses: usize,
    /// The person's key.
    pub(super) person: &'a str,
}

/// The seats that moves start from.
#[derive(Clone, Debug)]
pub(super) struct StartingSeats {
    /// Free seats of each pool after all departures without a replacement; negative in a pool that is over its total.
    pub(super) free: Vec<i64>,
    /// The number of arrivals in each pool that free no seat.
    pub(super) gains: Vec<i64>,
}

/// The order of moves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct MoveOrder {
    /// The moves of parked people, who give up a seat first and enter after everybody else.
    pub(super) parked: BTreeSet<usize>,
    /// All other moves, each at a moment when a seat is free.
    pub(super) sequence: Vec<usize>,
}

/// Returns the candidate to park: the person who loses least, then the first by key.
///
/// Everybody is eligible. What a vendor forbids on the way to the floor it forbids for trials, and a trial uses no seat, so
/// it is never part of a ring.
pub(super) fn cheapest_to_park(moves: &[Move<'_>], candidates: impl Iterator<Item = usize>) -> Option<usize> {
    candidates.min_by_key(|index| (moves[*index].loses, moves[*index].person))
}
