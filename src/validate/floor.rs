//! Floor licenses with a total, and entries that remove one.

use super::ValidationInput;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::manifest::{FLOOR_REMOVAL, FLOOR_TOTAL};
use crate::model::Ensure;

pub(super) fn check(world: &ValidationInput<'_>, findings: &mut Vec<Finding>) {
    for tenant in &world.tenants {
        let Some(rules) = &tenant.rules else { continue };
        let settings = &tenant.desired.settings;
        for (license, pool) in &settings.pools {
            if rules.is_floor(license) && pool.total.is_some() {
                let message = format!("`{}/{license}` is the floor license, whose seats are unlimited", settings.name);
                let source = world.source(pool.source.unwrap_or(settings.source));
                findings.push(Finding::warning(&FLOOR_TOTAL, message).help("remove the total").at(source));
            }
        }
        if !tenant.desired.entries.iter().any(|entry| rules.is_floor(&entry.license)) {
            continue;
        }
        let mut has_people = vec![false; tenant.desired.entries.len()];
        for claim in &tenant.desired.claims {
            if let Some(has_people) = has_people.get_mut(claim.entry as usize) {
                *has_people = true;
            }
        }
        for (entry, has_people) in tenant.desired.entries.iter().zip(has_people) {
            if !rules.is_floor(&entry.license) || (entry.ensure == Ensure::Present && has_people) {
                continue;
            }
            let message = format!("the floor license `{}/{}` cannot be removed", settings.name, entry.license);
            let help = "remove the entry, or assign another license to these people";
            findings.push(Finding::error(&FLOOR_REMOVAL, message).help(help).at(world.source(entry.source)));
        }
    }
}
