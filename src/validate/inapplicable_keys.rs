//! Keys that do not apply to the vendor.

use super::ValidationInput;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::manifest::INAPPLICABLE_KEY;
use crate::profile::definition::Cardinality;

pub(super) fn check(world: &ValidationInput<'_>, findings: &mut Vec<Finding>) {
    for tenant in &world.tenants {
        let Some(rules) = &tenant.rules else { continue };
        let settings = &tenant.desired.settings;
        let cardinality = rules.profile().cardinality;
        if cardinality != Cardinality::TenantDefined {
            let keys = [
                ("exclusive", !settings.exclusive.is_empty()),
                ("change", settings.change.is_some()),
                ("floor", settings.floor.is_some()),
            ];
            for (key, _) in keys.into_iter().filter(|(_, given)| *given) {
                let message = format!(
                    "`{key}` applies only to the vendor `generic`, and `{}` is `{}`",
                    settings.name, settings.vendor
                );
                let help = format!("remove `{key}`: the vendor's profile defines it");
                findings.push(Finding::error(&INAPPLICABLE_KEY, message).help(help).at(world.source(settings.source)));
            }
        }
        if cardinality != Cardinality::OneMain {
            for (license, pool) in settings.pools.iter().filter(|(_, pool)| pool.add_on) {
                let message = format!("`add_on` has no effect on `{}/{license}`", settings.name);
                let source = world.source(pool.source.unwrap_or(settings.source));
                let help = "remove it: this vendor has no main license";
                findings.push(Finding::error(&INAPPLICABLE_KEY, message).help(help).at(source));
            }
        }
    }
}
