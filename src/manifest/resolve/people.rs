//! `people` and `directory`: one identity per person, with attributes, aliases and account handles.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::directory;
use super::resolver::Resolver;
use crate::diagnostic::catalog::{manifest as codes, reference};
use crate::diagnostic::{Finding, Location};
use crate::manifest::schema::{DirectoryEntry, PersonEntry};
use crate::manifest::sections::{NamedSection, duplicate_key};
use crate::manifest::yaml::excerpt;
use crate::model::{Digest, Person, PersonId};

pub(super) fn resolve(
    resolver: &mut Resolver,
    people: NamedSection<PersonEntry>,
    directories: Vec<DirectoryEntry>,
    digests: &mut Vec<(String, Digest)>,
) {
    // Keys are registered before aliases, so that an alias cannot take the key of another person.
    let mut numbered: Vec<(PersonId, Location, PersonEntry)> = Vec::new();
    let mut first: BTreeMap<PersonId, Location> = BTreeMap::new();
    let mut entries: Vec<_> = people.into_iter().collect();
    entries.sort_by_key(|(_, (at, _))| *at);
    for (key, (at, entry)) in entries {
        let Some(person) = resolver.person(&key, at) else { continue };
        if let Some(before) = first.insert(person, at) {
            let finding = duplicate_key(&key, at, before, &resolver.files);
            resolver.push(finding);
            continue;
        }
        if let Some(entry) = entry {
            numbered.push((person, at, entry));
        }
    }
    for (person, _, entry) in &mut numbered {
        aliases(resolver, *person, entry);
    }
    for (person, at, entry) in numbered {
        handles(resolver, person, &entry);
        let mut attributes = BTreeMap::new();
        for (name, value) in entry.attributes.into_entries() {
            if let Some(value) = value.filter(|value| !value.value.is_null()) {
                attributes.insert(name.value, value.value);
            }
        }
        resolver.people.describe(person, Person { attributes, source: Some(at) });
    }
    for source in directories {
        directory::read(resolver, source, digests);
    }
}

fn aliases(resolver: &mut Resolver, person: PersonId, entry: &PersonEntry) {
    for alias in entry.aliases.value().map(|list| list.0.as_slice()).unwrap_or_default() {
        let Some(key) = resolver.person_key(&alias.value, alias.at) else { continue };
        if !resolver.people.add_alias(key.clone(), person) {
            let other = resolver.people.find(&key).map(|other| resolver.people.key(other).clone()).unwrap_or_default();
            let message = format!("`{}` already belongs to `{}`", excerpt(&alias.value), excerpt(&other));
            resolver.error(&reference::AMBIGUOUS_ALIAS, message, "remove it from one of them", alias.at);
        }
    }
}

fn handles(resolver: &mut Resolver, person: PersonId, entry: &PersonEntry) {
    for (tenant, handle) in entry.accounts.value().map(|named| named.0.as_slice()).unwrap_or_default() {
        let Some(handle) = handle else { continue };
        if handle.value.trim().is_empty() {
            resolver.error(
                &codes::VALUE_OUT_OF_RANGE,
                "empty account handle",
                "write the account's ID or login",
                handle.at,
            );
            continue;
        }
        if resolver.check_tenant(&tenant.value, tenant.at)
            && !resolver.people.add_handle(&tenant.value, handle.value.clone(), person)
        {
            let other = resolver.people.by_handle(&tenant.value, &handle.value);
            let other: SmolStr = other.map(|other| resolver.people.key(other).clone()).unwrap_or_default();
            let message =
                format!("the account `{}` of `{}` already belongs to `{other}`", excerpt(&handle.value), tenant.value);
            let finding = Finding::error(&reference::AMBIGUOUS_HANDLE, message)
                .help("remove it from one of them")
                .at(resolver.files.source(handle.at));
            resolver.push(finding);
        }
    }
}
