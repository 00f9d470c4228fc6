//! Vendor profiles: the rules of each vendor as data, and the simulator that they drive.
//!
//! [`Rules`] combines a profile with the tenant's settings; all other modules use it. [`sources`] lists the vendors' pages
//! and where each of their rules is implemented.

mod avaya_spaces;
pub mod console;
pub mod definition;
mod eight_by_eight;
mod generic;
mod holdings;
mod officeseries;
mod rules;
pub mod simulator;
pub mod sources;

pub use definition::Profile;
pub use rules::{Family, RuleViolation, Rules, UnknownVendor};
pub use simulator::Simulator;

/// All profiles. A new vendor is one file and one line here.
pub static PROFILES: &[&Profile] =
    &[&avaya_spaces::PROFILE, &eight_by_eight::PROFILE, &officeseries::PROFILE, &generic::PROFILE];

/// Returns the profile of that name.
pub fn find(name: &str) -> Option<&'static Profile> {
    PROFILES.iter().copied().find(|profile| profile.name == name)
}

/// Returns the names of all profiles.
pub fn names() -> impl Iterator<Item = &'static str> {
    PROFILES.iter().map(|profile| profile.name)
}

#[cfg(test)]
pub(crate) mod tests;
