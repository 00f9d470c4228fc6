//! Entries that never apply, and entries that have expired.

use super::ValidationInput;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::manifest::{ENTRY_EXPIRED, NEVER_IN_FORCE};

pub(super) fn check(world: &ValidationInput<'_>, findings: &mut Vec<Finding>) {
    for tenant in &world.tenants {
        for entry in &tenant.desired.entries {
            let Some(expires) = entry.expires else { continue };
            let license = format!("{}/{}", tenant.desired.settings.name, entry.license);
            let source = world.source(entry.source);
            if let Some(starts) = entry.starts.filter(|starts| *starts >= expires) {
                let message = format!("the entry for `{license}` starts on {starts} and expires on {expires}");
                let help = "correct the dates";
                findings.push(Finding::error(&NEVER_IN_FORCE, message).help(help).at(source));
            } else if expires <= world.now.day {
                let message = format!("the entry for `{license}` expired on {expires}");
                let help = "remove it unless it keeps the license managed";
                findings.push(Finding::note(&ENTRY_EXPIRED, message).help(help).at(source));
            }
        }
    }
}
