//! `policy`, `waivers` and `approvals`: the effective policy.

mod approvals;
mod budget;
mod custom_rules;
mod freeze;
mod layers;
mod license_rules;
mod waivers;

pub(super) use approvals::resolve as approvals;

use super::resolver::{GroupMembers, Resolver};
use crate::diagnostic::Location;
use crate::manifest::schema::{LayerEntry, PolicyEntry, TeamEntry, WaiverEntry};
use crate::manifest::sections::NamedSection;
use crate::manifest::yaml::Located;
use crate::model::{Policy, PolicyLayer, TeamPolicy};
use smol_str::SmolStr;

/// Resolves the policy; what is invalid in it is reported and left out.
pub(super) fn resolve(
    resolver: &mut Resolver,
    groups: &GroupMembers,
    entry: PolicyEntry,
    tenants: NamedSection<LayerEntry>,
    teams: NamedSection<TeamEntry>,
    waivers: Vec<Located<WaiverEntry>>,
) -> Policy {
    let organization = layers::organization(resolver, &entry.layer());
    let mut tenant_layers = std::collections::BTreeMap::new();
    for (name, (location, layer)) in tenants {
        if let (true, Some(layer)) = (resolver.check_tenant(&name, location), layer) {
            let layer = layers::tighten(resolver, &organization, &layer, &format!("tenant `{name}`"));
            tenant_layers.insert(name, layer);
        }
    }
    let rules = custom_rules::resolve(resolver, groups, entry.rules.into_items());
    let waivers = waivers::resolve(resolver, groups, waivers, &rules);
    Policy {
        tenants: tenant_layers,
        protect: resolver.people_set(entry.protect.value(), groups),
        freeze: freeze::resolve(resolver, entry.freeze.into_items()),
        approvers: resolver.people_set(entry.approvers.value(), groups),
        exclude: license_rules::exclusions(resolver, entry.exclude.into_items()),
        need: license_rules::requirements(resolver, entry.need.into_items()),
        licenses: license_rules::by_attribute(resolver, entry.licenses.into_items()),
        teams: teams
            .into_iter()
            .filter_map(|(name, (location, entry))| team(resolver, groups, &organization, name, location, entry))
            .collect(),
        organization,
        rules,
        waivers,
    }
}

fn team(
    resolver: &mut Resolver,
    groups: &GroupMembers,
    organization: &PolicyLayer,
    name: SmolStr,
    location: Location,
    entry: Option<TeamEntry>,
) -> Option<TeamPolicy> {
    if !resolver.check_group(&name, location) {
        return None;
    }
    let mut layer = layers::tighten(resolver, organization, &entry?.layer(), &format!("team `{name}`"));
    // The store does not record which team the people of earlier plans were in.
    layer.losses.window = None;
    layer.changes.window = None;
    Some(TeamPolicy { people: resolver.members_of(&name, groups), name, layer })
}
