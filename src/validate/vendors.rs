//! Vendors have a profile, and bear only so many operations at a time.

use super::ValidationInput;
use crate::diagnostic::catalog::{manifest, reference};
use crate::diagnostic::{Finding, did_you_mean};
use crate::profile;

pub(super) fn check(world: &ValidationInput<'_>, findings: &mut Vec<Finding>) {
    for tenant in &world.tenants {
        let settings = &tenant.desired.settings;
        let source = world.source(settings.source);
        let Some(rules) = &tenant.rules else {
            let names: Vec<_> = profile::names().collect();
            let message = format!("the tenant `{}` has the unknown vendor `{}`", settings.name, settings.vendor);
            let mut finding = Finding::error(&reference::UNKNOWN_VENDOR, message).at(source);
            finding.help = did_you_mean(&settings.vendor, &names);
            findings.push(finding);
            continue;
        };
        let most = rules.profile().concurrency.max;
        if let Some(asked) = settings.concurrency.filter(|asked| *asked > most) {
            let message = format!("`{}` bears {most} operations at a time, not {asked}", settings.name);
            let finding = Finding::warning(&manifest::CONCURRENCY_TOO_HIGH, message);
            findings.push(finding.help(format!("write {most} at most")).at(source));
        }
    }
}
