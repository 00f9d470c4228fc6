//! Desired state: the manifest resolved to explicit facts.
//!
//! Groups are expanded and people have one identity. Dates are still there, for a claim that is out of its dates
//! today makes a license managed all the same, and may conflict with another one tomorrow.

use std::collections::BTreeMap;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use super::TenantSettings;
use crate::diagnostic::{Files, Location};

/// A person by their place in [`People`]; the numbers mean nothing and depend on the order of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub u32);

/// What is known of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Attributes by name, such as the department; numbers and truth values are kept as such.
    pub attributes: BTreeMap<SmolStr, serde_json::Value>,
    /// Where the person is described.
    pub source: Option<Location>,
}

/// Everybody whom the manifest names anywhere, each once.
#[derive(Clone, Debug, Default)]
pub struct People {
    keys: IndexMap<SmolStr, (), RandomState>,
    aliases: BTreeMap<SmolStr, PersonId>,
    handles: BTreeMap<SmolStr, BTreeMap<SmolStr, PersonId>>,
    described: BTreeMap<PersonId, Person>,
}

impl People {
    /// The person of that key or alias, added if there is none. The key must be normalized.
    pub fn add(&mut self, key: &SmolStr) -> PersonId {
        if let Some(person) = self.aliases.get(key) {
            return *person;
        }
        let entry = self.keys.entry(key.clone());
        let id = PersonId(u32::try_from(entry.index()).unwrap_or(u32::MAX));
        entry.or_insert(());
        id
    }

    /// Makes `alias` another name of `person`; false when it already means somebody else.
    pub fn add_alias(&mut self, alias: SmolStr, person: PersonId) -> bool {
        if let Some(other) = self.find(&alias) {
            return other == person;
        }
        self.aliases.insert(alias, person);
        true
    }

    /// Makes `handle` the account id or login of `person` at `tenant`; false when it already means somebody else.
    pub fn add_handle(&mut self, tenant: &SmolStr, handle: SmolStr, person: PersonId) -> bool {
        let handles = self.handles.entry(tenant.clone()).or_default();
        *handles.entry(handle).or_insert(person) == person
    }

    /// Describes a person.
    pub fn describe(&mut self, person: PersonId, description: Person) {
        self.described.insert(person, description);
    }

    /// The person of that key or alias; the text must be normalized.
    pub fn find(&self, key: &str) -> Option<PersonId> {
        if let Some(person) = self.aliases.get(key) {
            return Some(*person);
        }
        self.keys.get_index_of(key).map(|index| PersonId(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// The person whose account at `tenant` has that id or login.
    pub fn by_handle(&self, tenant: &str, handle: &str) -> Option<PersonId> {
        self.handles.get(tenant)?.get(handle).copied()
    }

    /// Whether accounts of that tenant are matched by handle for anybody.
    pub fn has_handles(&self, tenant: &str) -> bool {
        self.handles.get(tenant).is_some_and(|handles| !handles.is_empty())
    }

    /// The handles of that tenant: account ids or logins, each with its person.
    pub fn handles(&self, tenant: &str) -> impl Iterator<Item = (&SmolStr, PersonId)> {
        self.handles.get(tenant).into_iter().flatten().map(|(handle, person)| (handle, *person))
    }

    /// The tenants at which anybody has a handle.
    pub fn tenants_with_handles(&self) -> impl Iterator<Item = &SmolStr> {
        self.handles.keys()
    }

    /// The aliases, each with its person.
    pub fn aliases(&self) -> impl Iterator<Item = (&SmolStr, PersonId)> {
        self.aliases.iter().map(|(alias, person)| (alias, *person))
    }

    /// The key of a person.
    pub fn key(&self, person: PersonId) -> &SmolStr {
        static NOBODY: SmolStr = SmolStr::new_static("");
        self.keys.get_index(person.0 as usize).map_or(&NOBODY, |(key, ())| key)
    }

    /// What is known of a person, if anything is.
    pub fn description(&self, person: PersonId) -> Option<&Person> {
        self.described.get(&person)
    }

    /// Everybody who is described, in the order of their numbers.
    pub fn described(&self) -> impl Iterator<Item = (PersonId, &Person)> {
        self.described.iter().map(|(id, person)| (*id, person))
    }

    /// How many people there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// Whether an assignment entry gives or takes its license.
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
    /// Whether it gives or takes.
    pub ensure: Ensure,
    /// Who gets a scarce seat; higher first.
    pub priority: i64,
    /// The first day on which it counts.
    pub starts: Option<Date>,
    /// The day from which on it counts no more.
    pub expires: Option<Date>,
    /// Licenses of the same tenant to fall back to, in order.
    pub alternatives: Vec<SmolStr>,
    /// Why it is there.
    pub reason: Option<String>,
    /// Where it is written.
    pub source: Location,
}

impl DesiredEntry {
    /// Whether it counts on that day.
    pub fn is_in_force(&self, day: Date) -> bool {
        self.starts.is_none_or(|starts| starts <= day) && self.expires.is_none_or(|expires| day < expires)
    }
}

/// One person named by one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Which entry of the tenant.
    pub entry: u32,
    /// Who.
    pub person: PersonId,
    /// Where the person, or the group they came through, stands in the entry.
    pub source: Location,
}

/// What is wished at one tenant.
#[derive(Clone, Debug)]
pub struct TenantDesired {
    /// What the manifest says of the tenant.
    pub settings: TenantSettings,
    /// The assignment entries, in the order of files and lines.
    pub entries: Vec<DesiredEntry>,
    /// Who is named by which entry; each pair once, in no order that means anything.
    pub claims: Vec<Claim>,
    /// Whom an entry names and leaves out all the same, at the place that leaves them out; for whoever asks why.
    pub excluded: Vec<Claim>,
    /// Whether only people who are named are looked at, and of them only the licenses that exclude those that they are
    /// named for. Everybody and everything else stays as it is: so a run is undone.
    pub named_only: bool,
}

/// Somebody took care of what a removal destroys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The tenant.
    pub tenant: SmolStr,
    /// Whose data.
    pub people: Vec<PersonId>,
    /// What was done.
    pub note: String,
    /// The last day on which it counts.
    pub until: Option<Date>,
    /// Where it is written.
    pub source: Location,
}

/// The manifest resolved.
#[derive(Clone, Debug, Default)]
pub struct Desired {
    /// Everybody who is named.
    pub people: People,
    /// What is wished, by tenant.
    pub tenants: BTreeMap<SmolStr, TenantDesired>,
    /// Who took care of data.
    pub acknowledgements: Vec<Acknowledgement>,
    /// The files it was read from.
    pub files: Files,
}
