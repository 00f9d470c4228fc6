//! Unknown vendors, and concurrency above the vendor's limit.

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
        let limit = rules.profile().concurrency.max;
        if let Some(concurrency) = settings.concurrency.filter(|concurrency| *concurrency > limit) {
            let message =
                format!("the `concurrency` {concurrency} of `{}` exceeds the vendor's limit of {limit}", settings.name);
            let finding = Finding::warning(&manifest::CONCURRENCY_TOO_HIGH, message);
            findings.push(finding.help(format!("use at most {limit}")).at(source));
        }
    }
}
