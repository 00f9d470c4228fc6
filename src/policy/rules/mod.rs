//! The built-in rules, one file each.

pub(super) mod age;
mod assignment_spans;
pub(super) mod budget;
pub(super) mod changes;
pub(super) mod data_loss;
pub(super) mod exclude;
pub(super) mod expiring;
pub(super) mod freeze;
pub(super) mod last_holder;
pub(super) mod licenses;
pub(super) mod limits;
pub(super) mod losses;
pub(super) mod need;
pub(super) mod own_account;
pub(super) mod protect;
pub(super) mod require;
pub(super) mod seats;
