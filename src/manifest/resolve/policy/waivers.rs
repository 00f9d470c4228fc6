//! `waivers`: dated exceptions from a rule.

use std::collections::BTreeSet;

use crate::diagnostic::catalog::{manifest as codes, policy};
use crate::diagnostic::{Location, did_you_mean};
use crate::manifest::resolve::resolver::{GroupMembers, Resolver};
use crate::manifest::schema::WaiverEntry;
use crate::manifest::yaml::{Located, excerpt};
use crate::model::{BUILT_IN_RULE_NAMES, CustomRule, Waiver, WaiverScope};

/// Built-in rules that a waiver may lift without a scope, because they apply to a plan, not to people or licenses.
const PLAN_WIDE_RULES: [&str; 3] = ["age", "budget", "freeze"];

/// Resolves the waivers; those that are invalid are reported and left out.
pub(super) fn resolve(
    resolver: &mut Resolver,
    groups: &GroupMembers,
    entries: Vec<Located<WaiverEntry>>,
    custom_rules: &[CustomRule],
) -> Vec<Waiver> {
    let mut resolved = Vec::new();
    for Located { value: entry, at } in entries {
        let license = match entry.license.get() {
            None => Some(None),
            Some(text) => resolver.license(text).map(Some),
        };
        let tenant = match entry.tenant.into_inner() {
            Some(tenant) if !resolver.check_tenant(&tenant.value, tenant.at) => continue,
            tenant => tenant.map(|tenant| tenant.value),
        };
        let people = entry
            .people
            .value()
            .map(|list| resolver.people_set(Some(list), groups).keys().into_iter().cloned().collect::<BTreeSet<_>>());
        let until = entry.until.get().and_then(|until| resolver.date(until));
        let owner = entry.owner.into_inner().filter(|owner| check_not_empty(resolver, "owner", &owner.value, owner.at));
        let reason =
            entry.reason.into_inner().filter(|reason| check_not_empty(resolver, "reason", &reason.value, reason.at));
        let (Some(license), Some(rule), Some(owner), Some(reason), Some(until)) =
            (license, entry.rule.into_inner(), owner, reason, until)
        else {
            continue;
        };
        let waiver = Waiver {
            rule: rule.value,
            scope: WaiverScope { tenant, license, people },
            count: entry.count.value().copied(),
            owner: owner.value,
            reason: reason.value,
            until,
            source: Some(resolver.files.source(at)),
        };
        check_rule(resolver, &waiver, rule.at, at, custom_rules);
        resolved.push(waiver);
    }
    resolved
}

/// Reports a waiver of an unknown rule, and one that would lift a built-in rule for everything.
fn check_rule(
    resolver: &mut Resolver,
    waiver: &Waiver,
    rule_at: Location,
    waiver_at: Location,
    custom_rules: &[CustomRule],
) {
    let rule = waiver.rule.as_str();
    if BUILT_IN_RULE_NAMES.contains(&rule) {
        if waiver.scope.is_unrestricted() && !PLAN_WIDE_RULES.contains(&rule) {
            let message = format!("the waiver of `{rule}` has no scope");
            resolver.error(&policy::WAIVER_WITHOUT_SCOPE, message, "add `license`, `tenant` or `people`", waiver_at);
        }
    } else if !custom_rules.iter().any(|custom| custom.name == rule) {
        let custom = custom_rules.iter().map(|custom| custom.name.as_str());
        let names: Vec<&str> = BUILT_IN_RULE_NAMES.into_iter().chain(custom).collect();
        let help = did_you_mean(rule, &names)
            .unwrap_or_else(|| "use the rule name that the finding shows, such as `losses`".to_owned());
        resolver.error(&policy::UNKNOWN_RULE, format!("unknown rule `{}`", excerpt(rule)), help, rule_at);
    }
}

fn check_not_empty(resolver: &mut Resolver, field: &str, text: &str, at: Location) -> bool {
    let is_empty = text.trim().is_empty();
    if is_empty {
        let help = if field == "owner" { "name a person or a team" } else { "state a reason, such as a ticket number" };
        resolver.error(&codes::VALUE_OUT_OF_RANGE, format!("the waiver's {field} is empty"), help, at);
    }
    !is_empty
}
