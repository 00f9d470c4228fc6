//! What is wrong with a desired state: contradictions, dates, and what the vendors' rules do not allow.
//!
//! It needs no observation, so it runs offline and on a stranger's pull request. Each rule is one file with one
//! function, listed in [`RULES`]; the catalog says what it means, and `tests/rules/` has a good and a bad example.
//! What must hold: a rule is cheap for a million people, and says each thing once.

mod acknowledgements;
mod conflicts;
mod dates;
mod exclusive_lists;
mod floor;
mod inapplicable_keys;
mod licenses;
mod pools;
mod vendors;

#[cfg(test)]
mod tests;

use crate::diagnostic::{Finding, Location, Source, sort};
use crate::env::Now;
use crate::model::{Desired, TenantDesired};
use crate::profile::Rules;

/// One rule.
type ValidationRule = fn(&ValidationInput<'_>, &mut Vec<Finding>);

/// All rules; a new one is one file and one line here.
const RULES: &[ValidationRule] = &[
    vendors::check,
    inapplicable_keys::check,
    exclusive_lists::check,
    floor::check,
    licenses::check,
    pools::check,
    dates::check,
    conflicts::check,
    acknowledgements::check,
];

/// Everything that a rule may look at.
struct ValidationInput<'a> {
    desired: &'a Desired,
    now: Now,
    tenants: Vec<TenantInput<'a>>,
}

/// A tenant with its vendor's rules, where the vendor is known.
struct TenantInput<'a> {
    desired: &'a TenantDesired,
    rules: Option<Rules>,
}

impl ValidationInput<'_> {
    fn source(&self, at: Location) -> Source {
        self.desired.files.source(at)
    }
}

/// Everything that is wrong with the desired state, sorted.
pub fn check(desired: &Desired, now: Now) -> Vec<Finding> {
    let tenants = desired
        .tenants
        .values()
        .map(|tenant| TenantInput { desired: tenant, rules: Rules::resolve(&tenant.settings).ok() })
        .collect();
    let world = ValidationInput { desired, now, tenants };
    let mut findings = Vec::new();
    for rule in RULES {
        rule(&world, &mut findings);
    }
    sort(&mut findings);
    findings
}
