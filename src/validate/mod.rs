//! What is wrong with a desired state: contradictions, dates, and what the vendors' rules do not allow.
//!
//! It needs no observation, so it runs offline and on a stranger's pull request. Each rule is one file with one
//! function, listed in [`RULES`]; the catalog says what it means, and `tests/rules/` has a good and a bad example.
//! What must hold: a rule is cheap for a million people, and says each thing once.

mod acknowledgements;
mod dates;
mod exclusive_lists;
mod floor;
mod foreign_keys;
mod licenses;
mod pools;
mod vendors;
mod wishes;

#[cfg(test)]
mod tests;

use crate::diagnostic::{Finding, Location, Source, sort};
use crate::env::Now;
use crate::model::{Desired, TenantDesired};
use crate::profile::Rules;

/// One rule.
type Rule = fn(&World<'_>, &mut Vec<Finding>);

/// All rules; a new one is one file and one line here.
const RULES: &[Rule] = &[
    vendors::check,
    foreign_keys::check,
    exclusive_lists::check,
    floor::check,
    licenses::check,
    pools::check,
    dates::check,
    wishes::check,
    acknowledgements::check,
];

/// Everything that a rule may look at.
struct World<'a> {
    desired: &'a Desired,
    now: Now,
    tenants: Vec<Tenant<'a>>,
}

/// A tenant with its vendor's rules, where the vendor is known.
struct Tenant<'a> {
    desired: &'a TenantDesired,
    rules: Option<Rules>,
}

impl World<'_> {
    fn source(&self, at: Location) -> Source {
        self.desired.files.source(at)
    }
}

/// Everything that is wrong with the desired state, sorted.
pub fn check(desired: &Desired, now: Now) -> Vec<Finding> {
    let tenants = desired
        .tenants
        .values()
        .map(|tenant| Tenant { desired: tenant, rules: Rules::resolve(&tenant.settings).ok() })
        .collect();
    let world = World { desired, now, tenants };
    let mut findings = Vec::new();
    for rule in RULES {
        rule(&world, &mut findings);
    }
    sort(&mut findings);
    findings
}
