//! A floor license is unlimited, and nobody can lose it.

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
                let message =
                    format!("`{}/{license}` is the floor license, and its seats are never counted", settings.name);
                let source = world.source(pool.source.unwrap_or(settings.source));
                findings.push(Finding::warning(&FLOOR_TOTAL, message).help("remove the total").at(source));
            }
        }
        if !tenant.desired.entries.iter().any(|entry| rules.is_floor(&entry.license)) {
            continue;
        }
        let mut peopled = vec![false; tenant.desired.entries.len()];
        for claim in &tenant.desired.claims {
            if let Some(peopled) = peopled.get_mut(claim.entry as usize) {
                *peopled = true;
            }
        }
        for (entry, peopled) in tenant.desired.entries.iter().zip(peopled) {
            if !rules.is_floor(&entry.license) || (entry.ensure == Ensure::Present && peopled) {
                continue;
            }
            let message =
                format!("nobody can lose `{}/{}`, which everybody falls back to", settings.name, entry.license);
            let help = "remove the entry, or name people for another license";
            findings.push(Finding::error(&FLOOR_REMOVAL, message).help(help).at(world.source(entry.source)));
        }
    }
}
