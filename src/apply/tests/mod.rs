//! The executor against the simulator of a vendor, with faults.

mod by_hand;
mod crash;
mod document;
mod faults;
pub(crate) mod fixture;
mod gate;
mod handles;
mod laws;
mod order;
mod pace;
mod records;
mod seats;
mod tenant;
mod touch;
mod world;
