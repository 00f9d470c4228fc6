//! Checks of the desired state alone: contradictions, dates, and the vendors' rules.
//!
//! They need no observation, so they run offline and on untrusted pull requests. Each rule is one file with one function in
//! [`RULES`]; `tests/rules/` has a good and a bad example of it. A rule must be fast for a million people.

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

/// A rule.
type ValidationRule = fn(&ValidationInput<'_>, &mut Vec<Finding>);

/// All rules. A new one is a file and a line here.
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

/// The input of the rules.
struct ValidationInput<'a> {
    desired: &'a Desired,
    now: Now,
    tenants: Vec<TenantInput<'a>>,
}

/// A tenant with the rules of its vendor, if the vendor is known.
struct TenantInput<'a> {
    desired: &'a TenantDesired,
    rules: Option<Rules>,
}

impl ValidationInput<'_> {
    fn source(&self, at: Location) -> Source {
        self.desired.files.source(at)
    }
}

/// Returns the findings about the desired state, sorted.
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
