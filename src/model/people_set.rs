//! People whom a policy names, with all their names.
//!
//! A policy may come from another checkout than the people it applies to. There a person has another index, and may
//! have been renamed to evade the policy. Rules that restrict therefore use the names from both sides
//! ([`PeopleSet::find_by_any_name`]); rules that permit use only the names of the policy's own side
//! ([`PeopleSet::find_by_own_name`]).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use smol_str::SmolStr;

use super::{Account, People, PersonId, PersonKey};

/// Names, each with the key of its person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
struct KnownNames {
    /// Keys and aliases, normalized.
    addresses: BTreeMap<SmolStr, SmolStr>,
    /// Account ids and logins, by tenant.
    handles: BTreeMap<SmolStr, BTreeMap<SmolStr, SmolStr>>,
}

impl KnownNames {
    fn address(&self, address: &str) -> Option<&SmolStr> {
        self.addresses.get(address).or_else(|| self.addresses.get(&PersonKey::normalize(address)))
    }

    fn handle(&self, tenant: &str, handle: &str) -> Option<&SmolStr> {
        self.handles.get(tenant)?.get(handle)
    }

    fn account(&self, tenant: &str, account: &Account) -> Option<&SmolStr> {
        let login = || account.login.as_ref().and_then(|login| self.handle(tenant, login));
        self.handle(tenant, &account.id).or_else(login).or_else(|| self.address(&account.email))
    }
}

/// People whom a policy names: protected people, approvers, the members of a team.
///
/// Its JSON form is a part of the policy's digest and excludes the names that [`PeopleSet::add_names_from`] adds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PeopleSet {
    #[serde(flatten)]
    own: KnownNames,
    #[serde(skip)]
    other: KnownNames,
}

impl PeopleSet {
    /// Returns the set of these people, with their aliases and handles.
    pub fn new(people: &People, members: impl IntoIterator<Item = PersonId>) -> Self {
        let members = members.into_iter().map(|person| (person, people.key(person).clone())).collect();
        Self { own: collect_names(people, &members), other: KnownNames::default() }
    }

    /// Adds the members' names from another list of people. A person who shares a name with a member there is that
    /// member, under all names. It affects only [`PeopleSet::find_by_any_name`].
    pub fn add_names_from(&mut self, people: &People) {
        let mut members = BTreeMap::new();
        for (address, key) in &self.own.addresses {
            if let Some(person) = people.find(address) {
                members.insert(person, key.clone());
            }
        }
        for (tenant, handles) in &self.own.handles {
            for (handle, key) in handles {
                if let Some(person) = people.by_handle(tenant, handle) {
                    members.insert(person, key.clone());
                }
            }
        }
        self.other = collect_names(people, &members);
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.own.addresses.is_empty()
    }

    /// Returns the members' keys, sorted and unique.
    pub fn keys(&self) -> BTreeSet<&SmolStr> {
        self.own.addresses.values().collect()
    }

    /// Returns the key of the member with this address, in any letter case: for approvers and owners of waivers.
    pub fn find_by_own_name(&self, address: &str) -> Option<&SmolStr> {
        self.own.address(address)
    }

    /// Returns the key of the member whom a change of this person or account would affect, by any name of either
    /// side: for rules that forbid. `account` is absent if the person has none.
    pub fn find_by_any_name(&self, person: &str, tenant: &str, account: Option<&Account>) -> Option<&SmolStr> {
        let by = |names: &'_ KnownNames| -> Option<SmolStr> {
            let account = || account.and_then(|account| names.account(tenant, account));
            names.address(person).or_else(account).cloned()
        };
        let key = by(&self.own).or_else(|| by(&self.other))?;
        self.own.addresses.get(&key)
    }
}

/// Collects the names of members in `people`, each with the key given for the member.
fn collect_names(people: &People, members: &BTreeMap<PersonId, SmolStr>) -> KnownNames {
    let mut names = KnownNames::default();
    if members.is_empty() {
        return names;
    }
    for (person, key) in members {
        names.addresses.insert(people.key(*person).clone(), key.clone());
    }
    for (alias, person) in people.aliases() {
        if let Some(key) = members.get(&person) {
            names.addresses.insert(alias.clone(), key.clone());
        }
    }
    for tenant in people.tenants_with_handles() {
        for (handle, person) in people.handles(tenant) {
            if let Some(key) = members.get(&person) {
                names.handles.entry(tenant.clone()).or_default().insert(handle.clone(), key.clone());
            }
        }
    }
    names
}

/// Returns the keys of people whom `theirs` knows by other names than `ours`. An exception that a policy makes for a
/// person does not apply to a namesake.
pub fn find_renamed(keys: &BTreeSet<SmolStr>, ours: &People, theirs: &People) -> BTreeSet<SmolStr> {
    let find = |people: &People| keys.iter().filter_map(|key| people.find(key)).collect::<BTreeSet<_>>();
    let (our_names, their_names) = (aliases_and_handles(ours, &find(ours)), aliases_and_handles(theirs, &find(theirs)));
    let differs = |key: &&SmolStr| {
        let Some(person) = theirs.find(key) else { return false };
        let our = ours.find(key).and_then(|person| our_names.get(&person));
        theirs.key(person) != *key || our != their_names.get(&person)
    };
    keys.iter().filter(differs).cloned().collect()
}

/// Returns aliases, and handles with their tenant, by person.
fn aliases_and_handles<'p>(
    people: &'p People,
    members: &BTreeSet<PersonId>,
) -> BTreeMap<PersonId, BTreeSet<(Option<&'p SmolStr>, &'p SmolStr)>> {
    let mut names: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    let handles = people
        .tenants_with_handles()
        .flat_map(|tenant| people.handles(tenant).map(move |(handle, person)| (Some(tenant), handle, person)));
    for (tenant, name, person) in people.aliases().map(|(alias, person)| (None, alias, person)).chain(handles) {
        if members.contains(&person) {
            names.entry(person).or_default().insert((tenant, name));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: SmolStr = SmolStr::new_static("phones");

    fn people(described: &[(&'static str, &[&'static str], &[&'static str])]) -> People {
        let mut people = People::default();
        for (key, aliases, handles) in described {
            let person = people.add(&SmolStr::new_static(key));
            for alias in *aliases {
                assert!(people.add_alias(SmolStr::new_static(alias), person));
            }
            for handle in *handles {
                assert!(people.add_handle(&TENANT, SmolStr::new_static(handle), person));
            }
        }
        people
    }

    fn account(id: &'static str, login: Option<&'static str>, email: &'static str) -> Account {
        Account {
            id: SmolStr::new_static(id),
            email: SmolStr::new_static(email),
            login: login.map(SmolStr::new_static),
            origin: crate::model::AccountOrigin::default(),
            memberships: Vec::new(),
            holdings: Vec::new(),
        }
    }

    fn board(people: &People) -> PeopleSet {
        PeopleSet::new(people, people.find("ceo@a.example"))
    }

    #[test]
    fn member_is_found_by_every_name() {
        let people = people(&[("ceo@a.example", &["c@a.example"], &["u-1"]), ("bo@a.example", &[], &["u-2"])]);
        let board = board(&people);
        for (person, account) in [
            ("ceo@a.example", None),
            ("x@a.example", Some(account("u-9", None, "C@A.example"))),
            ("x@a.example", Some(account("u-1", None, "x@a.example"))),
            ("x@a.example", Some(account("u-9", Some("u-1"), "x@a.example"))),
        ] {
            let touched = board.find_by_any_name(person, "phones", account.as_ref());
            assert_eq!(touched.map(SmolStr::as_str), Some("ceo@a.example"), "{person} {account:?}");
        }
        let bo = account("u-2", None, "bo@a.example");
        assert_eq!(board.find_by_any_name("bo@a.example", "phones", Some(&bo)), None);
        let elsewhere = account("u-1", None, "bo@a.example");
        assert_eq!(board.find_by_any_name("bo@a.example", "wiki", Some(&elsewhere)), None, "a handle is of one tenant");
    }

    #[test]
    fn renamed_member_is_found_by_any_name_but_not_by_own_name() {
        let mut board = board(&people(&[("ceo@a.example", &[], &["u-1"])]));
        // The other side gives the account to a new person, and an address that the policy's side does not know.
        board.add_names_from(&people(&[("chief@a.example", &["boss@a.example"], &["u-1", "chief"])]));
        for (person, account) in [
            ("chief@a.example", None),
            ("boss@a.example", None),
            ("x@a.example", Some(account("u-9", None, "boss@a.example"))),
            ("x@a.example", Some(account("u-9", Some("chief"), "x@a.example"))),
        ] {
            let touched = board.find_by_any_name(person, "phones", account.as_ref());
            assert_eq!(touched.map(SmolStr::as_str), Some("ceo@a.example"), "{person} {account:?}");
        }
        assert_eq!(board.find_by_own_name("chief@a.example"), None);
        assert_eq!(board.keys().len(), 1);
    }

    #[test]
    fn person_with_other_names_elsewhere_is_renamed() {
        let keys = BTreeSet::from([SmolStr::new_static("bo@a.example")]);
        let ours = people(&[("bo@a.example", &["b@a.example"], &["u-2"])]);
        let differs = |described| !find_renamed(&keys, &ours, &people(described)).is_empty();
        assert!(!differs(&[("bo@a.example", &["b@a.example"], &["u-2"])]));
        assert!(!differs(&[("cy@a.example", &[], &[])]), "who is not there is called nothing");
        assert!(differs(&[("bo@a.example", &["b@a.example", "ceo@a.example"], &["u-2"])]));
        assert!(differs(&[("bo@a.example", &["b@a.example"], &["u-1"])]));
        assert!(differs(&[("bo@a.example", &[], &["u-2"])]));
        assert!(differs(&[("ceo@a.example", &["bo@a.example"], &[])]));
    }

    #[test]
    fn added_names_are_not_serialized() {
        let mut board = board(&people(&[("ceo@a.example", &[], &[])]));
        let before = serde_json::to_string(&board).unwrap();
        board.add_names_from(&people(&[("chief@a.example", &["ceo@a.example"], &[])]));
        assert_eq!(serde_json::to_string(&board).unwrap(), before);
        assert!(before.contains("ceo@a.example"));
    }
}
