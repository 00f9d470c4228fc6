//! `people` and `directory`: one identity for everybody, with attributes, aliases and handles.

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
    scope: &mut Resolver,
    people: NamedSection<PersonEntry>,
    directories: Vec<DirectoryEntry>,
    digests: &mut Vec<(String, Digest)>,
) {
    // Everybody gets their number before any alias does, so that an alias cannot take somebody's key.
    let mut numbered: Vec<(PersonId, Location, PersonEntry)> = Vec::new();
    let mut first: BTreeMap<PersonId, Location> = BTreeMap::new();
    let mut entries: Vec<_> = people.into_iter().collect();
    entries.sort_by_key(|(_, (at, _))| *at);
    for (key, (at, entry)) in entries {
        let Some(person) = scope.person(&key, at) else { continue };
        if let Some(before) = first.insert(person, at) {
            let finding = duplicate_key(&key, at, before, &scope.files);
            scope.push(finding);
            continue;
        }
        if let Some(entry) = entry {
            numbered.push((person, at, entry));
        }
    }
    for (person, _, entry) in &mut numbered {
        aliases(scope, *person, entry);
    }
    for (person, at, entry) in numbered {
        handles(scope, person, &entry);
        let mut attributes = BTreeMap::new();
        for (name, value) in entry.attributes.into_inner().map(|all| all.value.0).unwrap_or_default() {
            if let Some(value) = value.filter(|value| !value.value.is_null()) {
                attributes.insert(name.value, value.value);
            }
        }
        scope.people.describe(person, Person { attributes, source: Some(at) });
    }
    for source in directories {
        directory::read(scope, source, digests);
    }
}

fn aliases(scope: &mut Resolver, person: PersonId, entry: &PersonEntry) {
    for alias in entry.aliases.value().map(|list| list.0.as_slice()).unwrap_or_default() {
        let Some(key) = scope.person_key(&alias.value, alias.at) else { continue };
        if !scope.people.add_alias(key.clone(), person) {
            let other = scope.people.find(&key).map(|other| scope.people.key(other).clone()).unwrap_or_default();
            let message = format!("`{}` is `{}` already", excerpt(&alias.value), excerpt(&other));
            scope.error(&reference::AMBIGUOUS_ALIAS, message, "remove it from one of the two", alias.at);
        }
    }
}

fn handles(scope: &mut Resolver, person: PersonId, entry: &PersonEntry) {
    for (tenant, handle) in entry.accounts.value().map(|named| named.0.as_slice()).unwrap_or_default() {
        let Some(handle) = handle else { continue };
        if handle.value.trim().is_empty() {
            scope.error(&codes::VALUE_OUT_OF_RANGE, "the account has no name", "write its id or login", handle.at);
            continue;
        }
        if scope.check_tenant(&tenant.value, tenant.at)
            && !scope.people.add_handle(&tenant.value, handle.value.clone(), person)
        {
            let other = scope.people.by_handle(&tenant.value, &handle.value);
            let other: SmolStr = other.map(|other| scope.people.key(other).clone()).unwrap_or_default();
            let message =
                format!("the account `{}` of `{}` is that of `{other}` already", excerpt(&handle.value), tenant.value);
            let finding = Finding::error(&reference::AMBIGUOUS_HANDLE, message)
                .help("remove it from one of the two")
                .at(scope.files.source(handle.at));
            scope.push(finding);
        }
    }
}
