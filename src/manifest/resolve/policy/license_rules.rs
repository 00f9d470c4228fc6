//! `policy.exclude`, `policy.need` and `policy.licenses`: combinations of licenses, and licenses by attribute.

use crate::diagnostic::Level;
use crate::diagnostic::catalog::manifest as codes;
use crate::expression::ResultType;
use crate::manifest::resolve::resolver::{Resolver, value_or};
use crate::manifest::schema::{ExclusionEntry, LicenseText, LicensesEntry, NeedEntry};
use crate::manifest::yaml::{LenientList, Located, OptionalField};
use crate::model::{LicenseExclusion, LicenseRef, LicenseRequirement, LicenseRule, RuleTarget};

/// The maximum number of licenses in one list.
const LICENSES_MAX: usize = 1_000;

/// Resolves `policy.exclude`.
pub(super) fn exclusions(resolver: &mut Resolver, entries: Vec<Located<ExclusionEntry>>) -> Vec<LicenseExclusion> {
    let mut resolved = Vec::new();
    for Located { value: entry, at } in entries {
        let Some(licenses) = entry.licenses.into_inner().and_then(|list| licenses(resolver, list, 2)) else { continue };
        let level = value_or(&entry.level, Level::Deny);
        resolved.push(LicenseExclusion { licenses, level, source: resolver.files.source(at) });
    }
    resolved
}

/// Resolves `policy.need`.
pub(super) fn requirements(resolver: &mut Resolver, entries: Vec<Located<NeedEntry>>) -> Vec<LicenseRequirement> {
    let mut resolved = Vec::new();
    for Located { value: entry, at } in entries {
        let license = entry.license.get().and_then(|text| resolver.license(text));
        let one_of = entry.one_of.into_inner().and_then(|list| licenses(resolver, list, 1));
        let (Some(license), Some(one_of)) = (license, one_of) else { continue };
        let level = value_or(&entry.level, Level::Deny);
        resolved.push(LicenseRequirement { license, one_of, level, source: resolver.files.source(at) });
    }
    resolved
}

/// Resolves `policy.licenses`.
pub(super) fn by_attribute(resolver: &mut Resolver, entries: Vec<Located<LicensesEntry>>) -> Vec<LicenseRule> {
    let mut resolved = Vec::new();
    for Located { value: entry, at } in entries {
        let text = entry.condition.get();
        let when = text.and_then(|text| resolver.compile(text, RuleTarget::Person.scope(), ResultType::Bool));
        if entry.allow.get().is_none() && entry.deny.get().is_none() {
            let message = "the entry neither allows nor denies a license";
            resolver.error(&codes::VALUE_OUT_OF_RANGE, message, "add `allow` or `deny` with licenses", at);
            continue;
        }
        let mut list = |field: OptionalField<LenientList<Located<LicenseText>>>, min| match field.into_inner() {
            None => Some(None),
            Some(list) => licenses(resolver, list, min).map(Some),
        };
        let (allow, deny) = (list(entry.allow, 0), list(entry.deny, 1));
        let (Some(when), Some(allow), Some(deny)) = (when, allow, deny) else { continue };
        let level = value_or(&entry.level, Level::Deny);
        let source = resolver.files.source(at);
        resolved.push(LicenseRule { when, allow, deny: deny.unwrap_or_default(), level, source });
    }
    resolved
}

fn licenses(
    resolver: &mut Resolver,
    list: Located<LenientList<Located<LicenseText>>>,
    min: usize,
) -> Option<Vec<LicenseRef>> {
    let length = list.value.0.len();
    if length < min || length > LICENSES_MAX {
        let message = format!("the list has {length} licenses");
        let help = format!("list at least {min} and at most {LICENSES_MAX}");
        resolver.error(&codes::VALUE_OUT_OF_RANGE, message, help, list.at);
        return None;
    }
    let resolved: Vec<_> = list.value.0.iter().filter_map(|text| resolver.license(text)).collect();
    (resolved.len() == length).then_some(resolved)
}
