//! `policy`, `waivers` and `approvals`: names looked up and dates read; what they mean is the policy's business.

use std::collections::BTreeSet;

use std::sync::Arc;

use super::resolver::{GroupMembers, Resolver};
use super::rules::compile;
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{Level, Location};
use crate::expression::{Compiler, ResultType};
use crate::manifest::declared::{
    DeclaredApproval, DeclaredExclusion, DeclaredRequirement, DeclaredTeam, DeclaredWaiver, LicenseRule,
};
use crate::manifest::schema::{
    ApprovalEntry, ExclusionEntry, LicenseText, LicensesEntry, NeedEntry, RuleTarget, TeamEntry, WaiverEntry,
};
use crate::manifest::sections::NamedSection;
use crate::manifest::yaml::{LenientList, Located, OptionalField, excerpt};
use crate::model::{LicenseRef, PersonKey};

/// The longest list of licenses of one rule.
const LICENSES_MAX: usize = 1_000;
/// `sha256:` and the digits.
const DIGEST_CHARS: usize = 71;

pub(super) fn exclusions(scope: &mut Resolver, entries: Vec<Located<ExclusionEntry>>) -> Vec<DeclaredExclusion> {
    let mut resolved = Vec::new();
    for Located { value: entry, at } in entries {
        let Some(list) = entry.licenses.into_inner() else { continue };
        let Some(licenses) = licenses(scope, list, 2) else { continue };
        resolved.push(DeclaredExclusion { licenses, level: entry.level.value().copied(), source: at });
    }
    resolved
}

pub(super) fn licenses_rules(scope: &mut Resolver, entries: Vec<Located<LicensesEntry>>) -> Vec<Arc<LicenseRule>> {
    let language = Compiler::default();
    let mut resolved = Vec::new();
    for Located { value: entry, at: source } in entries {
        let text = entry.condition.get();
        let when = text.and_then(|text| compile(scope, &language, text, RuleTarget::Person, ResultType::Bool));
        if entry.allow.get().is_none() && entry.deny.get().is_none() {
            let message = "the entry allows and denies nothing";
            scope.error(&codes::VALUE_OUT_OF_RANGE, message, "add `allow:` or `deny:` with licenses", source);
            continue;
        }
        let mut list = |given: OptionalField<LenientList<Located<LicenseText>>>, least| match given.into_inner() {
            None => Some(None),
            Some(list) => licenses(scope, list, least).map(Some),
        };
        let (allow, deny) = (list(entry.allow, 0), list(entry.deny, 1));
        let (Some(when), Some(allow), Some(deny)) = (when, allow, deny) else { continue };
        let level = entry.level.value().map_or(Level::Deny, |word| word.to_level());
        resolved.push(Arc::new(LicenseRule { when, allow, deny: deny.unwrap_or_default(), level, source }));
    }
    resolved
}

pub(super) fn needs(scope: &mut Resolver, entries: Vec<Located<NeedEntry>>) -> Vec<DeclaredRequirement> {
    let mut resolved = Vec::new();
    for Located { value: entry, at } in entries {
        let license = entry.license.get().and_then(|text| scope.license(text));
        let one_of = entry.one_of.into_inner().and_then(|list| licenses(scope, list, 1));
        let (Some(license), Some(one_of)) = (license, one_of) else { continue };
        resolved.push(DeclaredRequirement { license, one_of, level: entry.level.value().copied(), source: at });
    }
    resolved
}

fn licenses(
    scope: &mut Resolver,
    list: Located<LenientList<Located<LicenseText>>>,
    least: usize,
) -> Option<Vec<LicenseRef>> {
    let length = list.value.0.len();
    if length < least || length > LICENSES_MAX {
        let message = format!("the list has {length} licenses");
        let help = format!("name at least {least}, and at most {LICENSES_MAX}");
        scope.error(&codes::VALUE_OUT_OF_RANGE, message, help, list.at);
        return None;
    }
    let resolved: Vec<_> = list.value.0.iter().filter_map(|text| scope.license(text)).collect();
    (resolved.len() == length).then_some(resolved)
}

/// The teams whose group is there.
pub(super) fn teams(scope: &mut Resolver, groups: &GroupMembers, table: NamedSection<TeamEntry>) -> Vec<DeclaredTeam> {
    let mut teams = Vec::new();
    for (name, (at, entry)) in table {
        if !scope.check_group(&name, at) {
            continue;
        }
        let people = scope.members_of(&name, groups);
        if let Some(entry) = entry {
            teams.push(DeclaredTeam { name, people, layer: entry.to_layer(), source: at });
        }
    }
    teams
}

pub(super) fn approvals(scope: &mut Resolver, entries: Vec<Located<ApprovalEntry>>) -> Vec<DeclaredApproval> {
    let mut resolved = Vec::new();
    for Located { value: entry, at } in entries {
        let findings = entry.findings.into_inner().map(|list| list.value.0).unwrap_or_default();
        let mut digests = Vec::with_capacity(findings.len());
        for digest in findings {
            let digits = digest.value.strip_prefix("sha256:").unwrap_or_default();
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
            if digest.value.len() == DIGEST_CHARS && !digits.is_empty() && plain {
                digests.push(digest.value);
            } else {
                let message = format!("`{}` is not the digest of a finding", excerpt(&digest.value));
                scope.error(
                    &codes::VALUE_OUT_OF_RANGE,
                    message,
                    "write it as the plan shows it, `sha256:...`",
                    digest.at,
                );
            }
        }
        let until = entry.until.get().map(|until| Located { value: until.value.clone(), at: until.at });
        let until = until.and_then(|until| scope.date(&until));
        let (Some(by), Some(until)) = (entry.by.into_inner(), until) else { continue };
        if scope.person_key(&by.value, by.at).is_some() {
            resolved.push(DeclaredApproval {
                findings: digests,
                by: PersonKey::normalize(&by.value),
                until,
                source: at,
            });
        }
    }
    resolved
}

pub(super) fn waivers(
    scope: &mut Resolver,
    groups: &GroupMembers,
    entries: Vec<Located<WaiverEntry>>,
) -> Vec<DeclaredWaiver> {
    let mut resolved = Vec::new();
    for Located { value: entry, at: source } in entries {
        let license = match entry.license.get() {
            None => Some(None),
            Some(text) => scope.license(text).map(|value| Some(Located { value, at: text.at })),
        };
        let tenant = match entry.tenant.into_inner() {
            Some(tenant) if !scope.check_tenant(&tenant.value, tenant.at) => continue,
            tenant => tenant,
        };
        let people = entry.people.get().map(|list| {
            scope.people_set(Some(&list.value), groups).keys().into_iter().cloned().collect::<BTreeSet<_>>()
        });
        let until = entry.until.get().map(|until| Located { value: until.value.clone(), at: until.at });
        let until = until.and_then(|until| scope.date(&until));
        let owner = entry.owner.into_inner().filter(|owner| check_not_empty(scope, "owner", &owner.value, owner.at));
        let reason =
            entry.reason.into_inner().filter(|reason| check_not_empty(scope, "reason", &reason.value, reason.at));
        let (Some(license), Some(rule), Some(owner), Some(reason), Some(until)) =
            (license, entry.rule.into_inner(), owner, reason, until)
        else {
            continue;
        };
        resolved.push(DeclaredWaiver {
            rule,
            license,
            tenant,
            people,
            count: entry.count.value().copied(),
            owner: owner.value,
            reason: reason.value,
            until,
            source,
        });
    }
    resolved
}

/// Whether something is written: an empty text names nobody and gives no reason.
fn check_not_empty(scope: &mut Resolver, what: &str, text: &str, at: Location) -> bool {
    let said = !text.trim().is_empty();
    if !said {
        scope.error(&codes::VALUE_OUT_OF_RANGE, format!("the {what} of the waiver is empty"), "write who, or why", at);
    }
    said
}
