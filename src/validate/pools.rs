//! Reserves above the total, and duplicate vendor names of pools.

use std::collections::BTreeMap;

use super::ValidationInput;
use crate::diagnostic::catalog::manifest::{DUPLICATE_POOL_NAME, RESERVE_ABOVE_TOTAL};
use crate::diagnostic::{Finding, Location};

pub(super) fn check(world: &ValidationInput<'_>, findings: &mut Vec<Finding>) {
    for tenant in &world.tenants {
        let settings = &tenant.desired.settings;
        let mut names: BTreeMap<(&str, Option<&str>), Location> = BTreeMap::new();
        for (license, pool) in &settings.pools {
            let at = pool.source.unwrap_or(settings.source);
            if let Some(total) = pool.total.filter(|total| *total < pool.reserve) {
                let message = format!("`{}/{license}` reserves {} of {total} seats", settings.name, pool.reserve);
                let help = "correct `reserve` or `total`";
                findings.push(Finding::warning(&RESERVE_ABOVE_TOTAL, message).help(help).at(world.source(at)));
            }
            let name = pool.name.as_ref().unwrap_or(license);
            // One product in two countries has two pools.
            if let Some(first) = names.insert((name, pool.country.as_deref()), at) {
                let message = format!("`{name}` is the vendor's name of two licenses of `{}`", settings.name);
                let finding = Finding::error(&DUPLICATE_POOL_NAME, message).help("correct one of the two");
                findings.push(finding.at(world.source(at)).related("the other one is here", world.source(first)));
            }
        }
    }
}
