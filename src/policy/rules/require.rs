//! Rule `require`: fields that every assignment entry must have.

use std::collections::BTreeSet;

use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::model::{DesiredEntry, RequiredFields, TenantDesired};
use crate::policy::facts::ManifestFacts;
use crate::policy::rule::{RuleDescriptor, Stage, Violation};

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "require",
    codes: &[&code::REQUIRED_FIELD_MISSING],
    level: None,
    stage: Stage::Manifest,
    checks: "Every assignment entry has the required fields: `reason`, `expires`. By default, none is required.",
    rationale: "Half a year later, nobody remembers why a person holds a license or when it should end.",
    remedy: "Add the field to the entry.",
    example: "require: { reason: deny | approve | warn, expires: deny | approve | warn }",
};

/// Reports entries without a required field.
pub(in crate::policy) fn check(facts: &ManifestFacts<'_>, violations: &mut Vec<Violation>) {
    for (name, tenant) in &facts.desired.tenants {
        let layer = facts.policy.layer_of(name);
        let teams = team_requirements(facts, tenant);
        for (index, entry) in tenant.entries.iter().enumerate() {
            let mut required = layer.require;
            for (_, of_team) in teams.iter().filter(|(entries, _)| entries.contains(&index)) {
                required = required.stricter(*of_team);
            }
            for (field, level) in missing_fields(entry, required) {
                let message = format!("the entry for `{name}/{}` has no `{field}`", entry.license);
                let finding = Finding::error(&code::REQUIRED_FIELD_MISSING, message)
                    .help(format!("add `{field}` to the entry"))
                    .at(facts.desired.files.source(entry.source))
                    .value("field", field)
                    .smallest_change(format!("add `{field}` to the entry"));
                violations.push(Violation::new(&RULE, level, finding).scoped_to(name, &entry.license));
            }
        }
    }
}

/// Returns the missing fields of an entry, each with its level.
fn missing_fields(entry: &DesiredEntry, required: RequiredFields) -> impl Iterator<Item = (&'static str, Level)> {
    let has_reason = entry.reason.as_ref().is_some_and(|reason| !reason.trim().is_empty());
    let reason = required.reason.filter(|_| !has_reason).map(|level| ("reason", level));
    let expires = required.expires.filter(|_| entry.expires.is_none()).map(|level| ("expires", level));
    reason.into_iter().chain(expires)
}

/// Returns, for each team with required fields, the entries that name one of its members.
fn team_requirements(facts: &ManifestFacts<'_>, tenant: &TenantDesired) -> Vec<(BTreeSet<usize>, RequiredFields)> {
    let name = &tenant.settings.name;
    let teams = facts.policy.teams.iter().filter(|team| team.layer.require != RequiredFields::default());
    teams
        .map(|team| {
            let of_team = tenant.claims.iter().filter(|claim| {
                team.people.find_by_any_name(facts.desired.people.key(claim.person), name, None).is_some()
            });
            (of_team.map(|claim| claim.entry as usize).collect(), team.layer.require)
        })
        .collect()
}
