//! Desired state: the manifest resolved to explicit facts.
//!
//! Groups are expanded, and every person has one identity. Dates are kept: an entry outside its dates still makes a
//! license managed, and may cause a conflict later.

use std::collections::BTreeMap;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use super::TenantSettings;
use crate::diagnostic::{Files, Location};

/// The index of a person in [`People`]. It depends on the order of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub u32);

/// The description of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Attributes by name, such as the department. Numbers and Booleans keep their type.
    pub attributes: BTreeMap<SmolStr, serde_json::Value>,
    /// The location of the description.
    pub source: Option<Location>,
}

/// All people that the manifest names, each once.
#[derive(Clone, Debug, Default)]
pub struct People {
    keys: IndexMap<SmolStr, (), RandomState>,
    aliases: BTreeMap<SmolStr, PersonId>,
    handles: BTreeMap<SmolStr, BTreeMap<SmolStr, PersonId>>,
    described: BTreeMap<PersonId, Person>,
}

impl People {
    /// Returns the person with this normalized key or alias, added if there is none.
    pub fn add(&mut self, key: &SmolStr) -> PersonId {
        if let Some(person) = self.aliases.get(key) {
            return *person;
        }
        let entry = self.keys.entry(key.clone());
        let id = PersonId(u32::try_from(entry.index()).unwrap_or(u32::MAX));
        entry.or_insert(());
        id
    }

    /// Adds an alias of a person. Returns false if it belongs to another person.
    pub fn add_alias(&mut self, alias: SmolStr, person: PersonId) -> bool {
        if let Some(other) = self.find(&alias) {
            return other == person;
        }
        self.aliases.insert(alias, person);
        true
    }

    /// Adds a handle (account id or login) of a person at a tenant. Returns false if it belongs to another person.
    pub fn add_handle(&mut self, tenant: &SmolStr, handle: SmolStr, person: PersonId) -> bool {
        let handles = self.handles.entry(tenant.clone()).or_default();
        *handles.entry(handle).or_insert(person) == person
    }

    /// Sets the description of a person.
    pub fn describe(&mut self, person: PersonId, description: Person) {
        self.described.insert(person, description);
    }

    /// Finds the person with this normalized key or alias.
    pub fn find(&self, key: &str) -> Option<PersonId> {
        if let Some(person) = self.aliases.get(key) {
            return Some(*person);
        }
        self.keys.get_index_of(key).map(|index| PersonId(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// Finds the person with this account id or login at a tenant.
    pub fn by_handle(&self, tenant: &str, handle: &str) -> Option<PersonId> {
        self.handles.get(tenant)?.get(handle).copied()
    }

    /// Whether the tenant has handles.
    pub fn has_handles(&self, tenant: &str) -> bool {
        self.handles.get(tenant).is_some_and(|handles| !handles.is_empty())
    }

    /// Returns the handles of a tenant, each with its person.
    pub fn handles(&self, tenant: &str) -> impl Iterator<Item = (&SmolStr, PersonId)> {
        self.handles.get(tenant).into_iter().flatten().map(|(handle, person)| (handle, *person))
    }

    /// Returns the tenants with handles.
    pub fn tenants_with_handles(&self) -> impl Iterator<Item = &SmolStr> {
        self.handles.keys()
    }

    /// Returns the aliases, each with its person.
    pub fn aliases(&self) -> impl Iterator<Item = (&SmolStr, PersonId)> {
        self.aliases.iter().map(|(alias, person)| (alias, *person))
    }

    /// Returns the key of a person.
    pub fn key(&self, person: PersonId) -> &SmolStr {
        static NOBODY: SmolStr = SmolStr::new_static("");
        self.keys.get_index(person.0 as usize).map_or(&NOBODY, |(key, ())| key)
    }

    /// Returns the description of a person.
    pub fn description(&self, person: PersonId) -> Option<&Person> {
        self.described.get(&person)
    }

    /// Returns all described people, in the order of their indexes.
    pub fn described(&self) -> impl Iterator<Item = (PersonId, &Person)> {
        self.described.iter().map(|(id, person)| (*id, person))
    }

    /// Returns the number of people.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are no people.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// Whether an assignment entry assigns or removes its license.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Ensure {
    /// These people hold the license.
    Present,
    /// These people do not hold the license.
    Absent,
}

/// One entry of `assignments`, without its people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredEntry {
    /// The license, without its tenant.
    pub license: SmolStr,
    /// Whether it assigns or removes.
    pub ensure: Ensure,
    /// The rank for scarce seats; higher first.
    pub priority: i64,
    /// The first day in force.
    pub starts: Option<Date>,
    /// The first day no longer in force.
    pub expires: Option<Date>,
    /// Alternative licenses of the same tenant, in order.
    pub alternatives: Vec<SmolStr>,
    /// The reason given in the manifest.
    pub reason: Option<String>,
    /// The location in the manifest.
    pub source: Location,
}

impl DesiredEntry {
    /// Whether the entry is in force on a day.
    pub fn is_in_force(&self, day: Date) -> bool {
        self.starts.is_none_or(|starts| starts <= day) && self.expires.is_none_or(|expires| day < expires)
    }
}

/// One person named by one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The index of the entry.
    pub entry: u32,
    /// The person.
    pub person: PersonId,
    /// The location of the person or their group in the entry.
    pub source: Location,
}

/// The desired state of one tenant.
#[derive(Clone, Debug)]
pub struct TenantDesired {
    /// Its settings.
    pub settings: TenantSettings,
    /// The assignment entries, in the order of files and lines.
    pub entries: Vec<DesiredEntry>,
    /// The people whom each entry names; each pair once, in no particular order.
    pub claims: Vec<Claim>,
    /// The people whom an entry excludes, with the location of the exclusion; used by `why`.
    pub excluded: Vec<Claim>,
    /// Whether the planner considers only named people, and of them only the sets of exclusive licenses for which
    /// they are named. An undo uses this.
    pub named_only: bool,
}

/// Acknowledged data loss of a removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The tenant.
    pub tenant: SmolStr,
    /// The people.
    pub people: Vec<PersonId>,
    /// What was done.
    pub note: String,
    /// The last day of its validity.
    pub until: Option<Date>,
    /// Where it is written.
    pub source: Location,
}

/// The resolved manifest.
#[derive(Clone, Debug, Default)]
pub struct Desired {
    /// All named people.
    pub people: People,
    /// Desired state by tenant.
    pub tenants: BTreeMap<SmolStr, TenantDesired>,
    /// Acknowledged data losses.
    pub acknowledgements: Vec<Acknowledgement>,
    /// The manifest's files.
    pub files: Files,
}
