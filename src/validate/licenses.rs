//! Licenses that the vendor does not have.

use super::ValidationInput;
use crate::diagnostic::catalog::reference::UNKNOWN_LICENSE;
use crate::diagnostic::{Finding, did_you_mean};

pub(super) fn check(world: &ValidationInput<'_>, findings: &mut Vec<Finding>) {
    for tenant in &world.tenants {
        let settings = &tenant.desired.settings;
        let Some(known) = tenant.rules.as_ref().and_then(|rules| rules.known_licenses()) else { continue };
        let entries = tenant.desired.entries.iter().flat_map(|entry| {
            std::iter::once(&entry.license).chain(&entry.alternatives).map(|license| (license, entry.source))
        });
        let pools = settings.pools.iter().map(|(license, pool)| (license, pool.source.unwrap_or(settings.source)));
        for (license, at) in entries.chain(pools) {
            if !known.contains(license) {
                let message = format!("`{}` has no license `{license}`", settings.vendor);
                let mut finding = Finding::error(&UNKNOWN_LICENSE, message).at(world.source(at));
                finding.help = did_you_mean(license, known);
                findings.push(finding);
            }
        }
    }
}
