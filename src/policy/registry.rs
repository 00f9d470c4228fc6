//! The registry of all rules. A new rule is one file in [`rules`](super::rules) and one line in each list here.

use super::custom;
use super::facts::{ManifestFacts, PlanFacts};
use super::rule::{RuleDescriptor, Violation};
use super::rules::{
    age, budget, changes, data_loss, exclude, expiring, freeze, last_holder, licenses, losses, need, own_account,
    protect, require, seats,
};

/// All built-in rules, in the order of the reference page.
pub static DESCRIPTORS: &[&RuleDescriptor] = &[
    &losses::RULE,
    &changes::RULE,
    &protect::RULE,
    &own_account::RULE,
    &last_holder::RULE,
    &data_loss::RULE,
    &require::RULE,
    &licenses::RULE,
    &exclude::RULE,
    &need::RULE,
    &expiring::RULE,
    &seats::RULE,
    &budget::RULE,
    &freeze::RULE,
    &age::RULE,
];

/// The checks that need no plan.
pub(super) const MANIFEST_CHECKS: &[fn(&ManifestFacts<'_>, &mut Vec<Violation>)] =
    &[require::check, licenses::check, exclude::check, need::check, custom::check_manifest];

/// The checks on a plan.
pub(super) const PLAN_CHECKS: &[fn(&PlanFacts<'_>, &mut Vec<Violation>)] = &[
    protect::check,
    own_account::check,
    last_holder::check,
    data_loss::check,
    expiring::check,
    seats::check,
    budget::check,
    freeze::check,
    age::check,
    custom::check_plan,
];

impl RuleDescriptor {
    /// Returns the built-in rule with that name.
    pub fn find(slug: &str) -> Option<&'static Self> {
        DESCRIPTORS.iter().copied().find(|descriptor| descriptor.slug == slug)
    }

    /// Returns the built-in rule that reports findings of that code.
    pub fn find_by_code(id: &str) -> Option<&'static Self> {
        DESCRIPTORS.iter().copied().find(|descriptor| descriptor.codes.iter().any(|code| code.id == id))
    }
}
