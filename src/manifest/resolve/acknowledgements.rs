//! `acknowledgements`: somebody took care of what a removal destroys.

use super::resolver::{GroupMembers, Resolver};
use crate::manifest::schema::AcknowledgementEntry;
use crate::manifest::yaml::Located;
use crate::model::Acknowledgement;

pub(super) fn resolve(
    scope: &mut Resolver,
    groups: &GroupMembers,
    entries: Vec<Located<AcknowledgementEntry>>,
) -> Vec<Acknowledgement> {
    let mut resolved = Vec::new();
    for Located { value: entry, at: source } in entries {
        let until = scope.optional_date(&entry.until);
        let mut people = Vec::new();
        let pieces = entry.people.value().map(|list| list.0.as_slice()).unwrap_or_default();
        scope.for_each_person(pieces, groups, |_, named| people.push(named.person));
        people.sort_unstable();
        people.dedup();
        let Some(tenant) = entry.tenant.into_inner() else { continue };
        if scope.check_tenant(&tenant.value, tenant.at) {
            let note = entry.note.into_inner().map(|note| note.value).unwrap_or_default();
            resolved.push(Acknowledgement { tenant: tenant.value, people, note, until, source });
        }
    }
    resolved
}
