//! Moves between limited pools, the seats they start from, and the order that is sought.

use std::collections::BTreeSet;

/// One admitted move: takes a seat of `to` and leaves seats of `leaves`. All pools are limited.
#[derive(Clone, Debug)]
pub(super) struct Move<'a> {
    /// The pools that a seat is left in.
    pub(super) from: Vec<u32>,
    /// The pool that is entered.
    pub(super) to: u32,
    /// How much is destroyed when the person goes first.
    pub(super) loses: usize,
    /// The person's key.
    pub(super) person: &'a str,
}

/// The seats that moves start from.
#[derive(Clone, Debug)]
pub(super) struct StartingSeats {
    /// Free seats of each pool with everything counted that leaves for nothing; negative in a pool that is over.
    pub(super) free: Vec<i64>,
    /// How many enter each pool without leaving a seat.
    pub(super) gains: Vec<i64>,
}

/// The order of moves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct MoveOrder {
    /// Who goes first without a seat; they enter when everybody else has moved.
    pub(super) parked: BTreeSet<usize>,
    /// Everybody else, each when a seat is there.
    pub(super) sequence: Vec<usize>,
}

/// Who of these is parked if one has to be: the one who loses least, then by key.
///
/// Anybody may be: what a vendor forbids on the way to the floor it forbids to trials, and a trial takes no seat and so
/// is never part of a ring.
pub(super) fn cheapest_to_park(moves: &[Move<'_>], candidates: impl Iterator<Item = usize>) -> Option<usize> {
    candidates.min_by_key(|index| (moves[*index].loses, moves[*index].person))
}
