//! Runs against the simulator of a vendor, with injected faults.

mod crash;
mod document;
mod faults;
pub(crate) mod fixture;
mod handles;
mod laws;
mod manual;
mod order;
mod pacing;
mod policy_check;
mod records;
mod scenario;
mod seats;
mod tenant;
mod usage;
