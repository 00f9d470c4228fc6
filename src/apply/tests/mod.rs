//! The executor against the twin of a vendor, with faults.

mod crash;
mod document;
mod faults;
mod order;
mod world;
