//! Matching of accounts and people.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::thread;

use smol_str::SmolStr;

use crate::model::{Account, Observation, People, PersonId, PersonKey};

/// The owner of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountOwner {
    /// A person whom the manifest names.
    Named(PersonId),
    /// A person whom the manifest does not name.
    Unnamed,
    /// The account has the address of a person whose handle pins another account; it is ignored.
    PinnedElsewhere,
}

/// The accounts of a tenant with their owners.
pub struct Identities {
    /// The owner of each account, in the order of the observation.
    pub owners: Vec<AccountOwner>,
    /// The index of each person's account in the observation.
    accounts: Vec<Option<u32>>,
    /// People with several accounts, with two of them.
    pub duplicates: BTreeMap<PersonId, (u32, u32)>,
}

impl Identities {
    /// Matches accounts by handle (`id`, else `login`), then by address or alias.
    pub fn new(people: &People, observation: &Observation) -> Self {
        let tenant = &observation.tenant;
        let mut this = Self { owners: Vec::new(), accounts: vec![None; people.len()], duplicates: BTreeMap::new() };
        let by_handle = if people.has_handles(tenant) { match_handles(people, observation) } else { Vec::new() };
        let mut has_handle = vec![false; if by_handle.is_empty() { 0 } else { people.len() }];
        for person in by_handle.iter().flatten() {
            has_handle[person.0 as usize] = true;
        }
        for (index, found) in match_addresses(people, &observation.accounts).into_iter().enumerate() {
            let explicit = by_handle.get(index).copied().flatten();
            let owner = match explicit.or(found) {
                None => AccountOwner::Unnamed,
                Some(person) if explicit.is_none() && has_handle.get(person.0 as usize) == Some(&true) => {
                    AccountOwner::PinnedElsewhere
                }
                Some(person) => {
                    this.add_account(person, u32::try_from(index).unwrap_or(u32::MAX));
                    AccountOwner::Named(person)
                }
            };
            this.owners.push(owner);
        }
        this
    }

    fn add_account(&mut self, person: PersonId, account: u32) {
        match &mut self.accounts[person.0 as usize] {
            slot @ None => *slot = Some(account),
            Some(first) => {
                self.duplicates.entry(person).or_insert((*first, account));
            }
        }
    }

    /// Returns the account of a person.
    pub fn account(&self, person: PersonId) -> Option<u32> {
        self.accounts.get(person.0 as usize).copied().flatten()
    }

    /// Returns two accounts of a person who has several.
    pub fn duplicate_accounts(&self, person: PersonId) -> Option<(u32, u32)> {
        self.duplicates.get(&person).copied()
    }
}

/// Up to this number, accounts are matched on one thread.
const SINGLE_THREAD_MAX: usize = 20_000;

/// Matches each account by address or alias. Lookups wait for memory, so all cores share the work; the result does
/// not depend on their number.
fn match_addresses(people: &People, accounts: &[Account]) -> Vec<Option<PersonId>> {
    let look_up = |part: &[Account]| -> Vec<_> { part.iter().map(|account| match_address(people, account)).collect() };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    if accounts.len() <= SINGLE_THREAD_MAX || cores == 1 {
        return look_up(accounts);
    }
    thread::scope(|scope| {
        let parts = accounts.chunks(accounts.len().div_ceil(cores));
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || look_up(part))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

/// Matches an account by address or alias.
fn match_address(people: &People, account: &Account) -> Option<PersonId> {
    people.find(&account.email).or_else(|| {
        let key = PersonKey::normalize(&account.email);
        if key == account.email { None } else { people.find(&key) }
    })
}

/// Matches each account whose id, else login, is a handle.
fn match_handles(people: &People, observation: &Observation) -> Vec<Option<PersonId>> {
    let tenant = &observation.tenant;
    let handle = |text: &SmolStr| people.by_handle(tenant, text);
    let mut owners: Vec<_> = observation.accounts.iter().map(|account| handle(&account.id)).collect();
    let mut has_id = vec![false; people.len()];
    for person in owners.iter().flatten() {
        has_id[person.0 as usize] = true;
    }
    for (owner, account) in owners.iter_mut().zip(&observation.accounts) {
        if owner.is_none() {
            *owner = account.login.as_ref().and_then(handle).filter(|person| !has_id[person.0 as usize]);
        }
    }
    owners
}
