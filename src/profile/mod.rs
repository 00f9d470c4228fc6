//! What is particular to a vendor: profiles, which are data, and the simulator that they drive.
//!
//! Vendors' names stand in their own files here and in [`PROFILES`], and nowhere else. [`Rules`] is what the other
//! parts ask: a profile together with what the manifest says of the tenant. [`seeds`] tells which rule of the vendors'
//! pages lives where.

mod avaya_spaces;
pub mod console;
mod eight_by_eight;
mod generic;
mod holdings;
mod officeseries;
pub mod profile;
mod rules;
pub mod seeds;
pub mod simulator;

pub use profile::Profile;
pub use rules::{Family, RuleViolation, Rules, UnknownVendor};
pub use simulator::Simulator;

/// Every profile there is; a new vendor is one file and one line here.
pub static PROFILES: &[&Profile] =
    &[&avaya_spaces::PROFILE, &eight_by_eight::PROFILE, &officeseries::PROFILE, &generic::PROFILE];

/// The profile of that name.
pub fn find(name: &str) -> Option<&'static Profile> {
    PROFILES.iter().copied().find(|profile| profile.name == name)
}

/// The names of all profiles.
pub fn names() -> impl Iterator<Item = &'static str> {
    PROFILES.iter().map(|profile| profile.name)
}

#[cfg(test)]
pub(crate) mod tests;
