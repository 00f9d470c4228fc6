//! `acknowledgements`: data loss that has been dealt with.

use super::resolver::{GroupMembers, Resolver};
use crate::manifest::schema::AcknowledgementEntry;
use crate::manifest::yaml::Located;
use crate::model::Acknowledgement;

pub(super) fn resolve(
    resolver: &mut Resolver,
    groups: &GroupMembers,
    entries: Vec<Located<AcknowledgementEntry>>,
) -> Vec<Acknowledgement> {
    let mut resolved = Vec::new();
    for Located { value: entry, at: source } in entries {
        let until = resolver.optional_date(&entry.until);
        let mut people = Vec::new();
        resolver.for_each_person(entry.people.value(), groups, |_, named| people.push(named.person));
        people.sort_unstable();
        people.dedup();
        let Some(tenant) = entry.tenant.into_inner() else { continue };
        if resolver.check_tenant(&tenant.value, tenant.at) {
            let note = entry.note.into_inner().map(|note| note.value).unwrap_or_default();
            resolved.push(Acknowledgement { tenant: tenant.value, people, note, until, source });
        }
    }
    resolved
}
