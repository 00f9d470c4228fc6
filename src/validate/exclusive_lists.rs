//! Licenses in two exclusive lists, and floor licenses in none.

use std::collections::BTreeMap;

use super::ValidationInput;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::manifest::{FLOOR_NOT_EXCLUSIVE, LICENSE_IN_TWO_LISTS};
use crate::profile::definition::Cardinality;

pub(super) fn check(world: &ValidationInput<'_>, findings: &mut Vec<Finding>) {
    for tenant in &world.tenants {
        let settings = &tenant.desired.settings;
        let stated = |rules: &crate::profile::Rules| rules.profile().cardinality == Cardinality::TenantDefined;
        if !tenant.rules.as_ref().is_some_and(stated) {
            continue;
        }
        let mut lists: BTreeMap<&str, usize> = BTreeMap::new();
        for (number, list) in settings.exclusive.iter().enumerate() {
            for license in list {
                if lists.insert(license, number).is_some_and(|other| other != number) {
                    let message = format!("`{}/{license}` is in two exclusive lists", settings.name);
                    let help = "put all licenses that exclude each other into one list";
                    let source = world.source(settings.source);
                    findings.push(Finding::error(&LICENSE_IN_TWO_LISTS, message).help(help).at(source));
                }
            }
        }
        if let Some(floor) = settings.floor.as_ref().filter(|floor| !lists.contains_key(floor.as_str())) {
            let message = format!("the floor `{}/{floor}` is in no exclusive list", settings.name);
            let help = format!("add `{floor}` to a list of `exclusive`");
            findings.push(Finding::error(&FLOOR_NOT_EXCLUSIVE, message).help(help).at(world.source(settings.source)));
        }
    }
}
