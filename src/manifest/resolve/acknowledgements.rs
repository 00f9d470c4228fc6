//! `acknowledgements` and `waivers`: dated words of people.

use std::collections::BTreeSet;

use super::{Groups, Scope};
use crate::manifest::schema::{AcknowledgementEntry, WaiverEntry};
use crate::manifest::settings::Waiver;
use crate::manifest::yaml::At;
use crate::model::Acknowledgement;

pub(super) fn resolve(
    scope: &mut Scope,
    groups: &Groups,
    entries: Vec<At<AcknowledgementEntry>>,
) -> Vec<Acknowledgement> {
    let mut resolved = Vec::new();
    for At { value: entry, at: source } in entries {
        let until = scope.day(&entry.until);
        let mut people = Vec::new();
        let pieces = entry.people.value().map(|list| list.0.as_slice()).unwrap_or_default();
        scope.people_of(pieces, groups, |_, named| people.push(named.person));
        people.sort_unstable();
        people.dedup();
        let Some(tenant) = entry.tenant.into_inner() else { continue };
        if scope.tenant(&tenant.value, tenant.at) {
            let note = entry.note.into_inner().map(|note| note.value).unwrap_or_default();
            resolved.push(Acknowledgement { tenant: tenant.value, people, note, until, source });
        }
    }
    resolved
}

pub(super) fn waivers(scope: &mut Scope, groups: &Groups, entries: Vec<At<WaiverEntry>>) -> Vec<Waiver> {
    let mut resolved = Vec::new();
    for At { value: entry, at: source } in entries {
        let license = match entry.license.get() {
            None => Some(None),
            Some(text) => scope.license(text).map(|value| Some(At { value, at: text.at })),
        };
        let tenant = match entry.tenant.into_inner() {
            Some(tenant) if !scope.tenant(&tenant.value, tenant.at) => continue,
            tenant => tenant,
        };
        let people = entry.people.value().map(|list| {
            let mut people = BTreeSet::new();
            scope.people_of(&list.0, groups, |scope, named| {
                people.insert(scope.people.key(named.person).clone());
            });
            people
        });
        let until = entry.until.get().map(|until| At { value: until.value.clone(), at: until.at });
        let until = until.and_then(|until| scope.date(&until));
        let (Some(license), Some(rule), Some(owner), Some(reason), Some(until)) =
            (license, entry.rule.into_inner(), entry.owner.into_inner(), entry.reason.into_inner(), until)
        else {
            continue;
        };
        resolved.push(Waiver {
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
