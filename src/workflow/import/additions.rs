//! Assignments that describe the current state and cause no change.
//!
//! Additions are compared with the state as a plan would, and those that cause a change are left out again until none
//! does. Everything that is left out is reported.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use crate::diagnostic::{FileId, Location};
use crate::diff::{self, AccountOwner, Identities, PoolId};
use crate::env::Now;
use crate::manifest::edit::NewPerson;
use crate::model::{
    Account, AccountOrigin, Claim, DesiredEntry, Ensure, Holding, HoldingOrigin, HoldingState, Observation, People,
    PersonId, PersonKey, TenantDesired,
};
use crate::profile::{Family, Rules};
use crate::report::import::ImportOmission;

/// Most rounds of leaving out additions; more than any state needs.
const ROUNDS_MAX: usize = 100;

/// The domain of placeholder addresses, which is reserved (RFC 2606).
const PLACEHOLDER_DOMAIN: &str = "invalid";

/// Additions to the manifest.
#[derive(Default)]
pub(super) struct ImportAdditions {
    /// People by license.
    pub(super) assignments: BTreeMap<SmolStr, BTreeSet<SmolStr>>,
    /// People for accounts without a usable address.
    pub(super) people: Vec<NewPerson>,
    /// Holdings that are left out, with the reason.
    pub(super) left_out: Vec<ImportOmission>,
}

/// The desired and current state of the tenant.
pub(super) struct ImportState<'a> {
    pub(super) people: &'a People,
    pub(super) desired: &'a TenantDesired,
    pub(super) rules: &'a Rules,
    pub(super) observation: &'a Observation,
    pub(super) now: Now,
}

/// Finds holdings that no entry covers.
pub(super) fn find_additions(sides: &ImportState<'_>) -> ImportAdditions {
    let mut finder = AdditionFinder {
        state: sides,
        additions: ImportAdditions::default(),
        left_out: BTreeMap::new(),
        used_keys: BTreeSet::new(),
    };
    finder.scan_accounts();
    finder.remove_changing_additions();
    let AdditionFinder { additions: mut found, left_out, .. } = finder;
    let used: BTreeSet<&SmolStr> = found.assignments.values().flatten().collect();
    found.people.retain(|person| used.contains(&person.key));
    found.left_out = left_out
        .into_iter()
        .map(|((license, message), people)| ImportOmission { license, message, people: people.into_iter().collect() })
        .collect();
    found
}

struct AdditionFinder<'a> {
    state: &'a ImportState<'a>,
    additions: ImportAdditions,
    left_out: BTreeMap<(Option<SmolStr>, String), BTreeSet<SmolStr>>,
    /// Keys that already belong to an account.
    used_keys: BTreeSet<SmolStr>,
}

/// The entries that name a person, on any day.
type PersonEntries<'a> = Vec<&'a DesiredEntry>;

impl<'a> AdditionFinder<'a> {
    fn leave_out(&mut self, license: Option<&SmolStr>, message: impl Into<String>, whom: &SmolStr) {
        self.left_out.entry((license.cloned(), message.into())).or_default().insert(whom.clone());
    }

    fn scan_accounts(&mut self) {
        let sides = self.state;
        let identities = Identities::new(sides.people, sides.observation);
        let mut said: BTreeMap<PersonId, PersonEntries<'a>> = BTreeMap::new();
        for claim in &sides.desired.claims {
            if let Some(entry) = sides.desired.entries.get(claim.entry as usize) {
                said.entry(claim.person).or_default().push(entry);
            }
        }
        let mut accounts: Vec<(&Account, &AccountOwner)> =
            sides.observation.accounts.iter().zip(&identities.owners).collect();
        accounts.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        for (account, owner) in accounts {
            self.note_inexpressible(account);
            self.note_conflicts(account);
            let wants = self.licenses_to_assign(account);
            if wants.is_empty() {
                continue;
            }
            let nothing = PersonEntries::new();
            let (key, said) = match owner {
                AccountOwner::PinnedElsewhere => {
                    self.leave_out(None, "the manifest names another account of the person", &account_label(account));
                    continue;
                }
                AccountOwner::Named(person) => {
                    (sides.people.key(*person).clone(), said.get(person).unwrap_or(&nothing))
                }
                AccountOwner::Unnamed => (self.person_key(account), &nothing),
            };
            if !self.used_keys.insert(key.clone()) {
                let message = format!(
                    "two accounts have the same address; name the right one, as in `people: {{ {key}: {{ accounts: {{ {}: {} }} }} }}`",
                    sides.observation.tenant, account.id
                );
                self.leave_out(None, message, &account_label(account));
                continue;
            }
            if account.origin != AccountOrigin::Managed {
                self.leave_out(
                    None,
                    "included, but only the vendor or a group can change their licenses",
                    &account_label(account),
                );
            }
            for license in wants {
                self.add_assignment(&key, license, said);
            }
        }
    }

    /// Reports holdings that no assignment can express.
    fn note_inexpressible(&mut self, account: &Account) {
        for Holding { license, state, origin, trial, .. } in &account.holdings {
            let message = match (origin, trial, state) {
                (HoldingOrigin::Group(group), ..) => format!("held through the group `{group}`: change the group"),
                (HoldingOrigin::Auto, ..) => "assigned by a rule of the vendor".to_owned(),
                (HoldingOrigin::Derived, ..) => "derived from something else, such as a number".to_owned(),
                (HoldingOrigin::Direct, true, _) => "held as a trial, which no entry can express".to_owned(),
                (HoldingOrigin::Direct, false, HoldingState::Pending | HoldingState::Waiting) => {
                    "pending; included as if it were active".to_owned()
                }
                (HoldingOrigin::Direct, false, HoldingState::Removing) => "being removed".to_owned(),
                (HoldingOrigin::Direct, false, HoldingState::Cancelled) => "a cancelled request".to_owned(),
                (HoldingOrigin::Direct, false, HoldingState::Error | HoldingState::Other(_)) => {
                    "a failed request".to_owned()
                }
                (HoldingOrigin::Direct, false, HoldingState::Active | HoldingState::Suspended) => continue,
            };
            self.leave_out(Some(license), message, &account_label(account));
        }
    }

    /// Reports accounts that hold licenses which exclude each other; the manifest probably misses an add-on.
    fn note_conflicts(&mut self, account: &Account) {
        let rules = self.state.rules;
        let mut first: BTreeMap<Family, &SmolStr> = BTreeMap::new();
        let there = |holding: &&Holding| {
            holding.origin == HoldingOrigin::Direct
                && !holding.trial
                && matches!(holding.state, HoldingState::Active | HoldingState::Suspended)
                && !rules.is_floor(&holding.license)
        };
        for holding in account.holdings.iter().filter(there) {
            let family = rules.family(&holding.license);
            let other = if family.is_exclusive() { first.insert(family, &holding.license) } else { None };
            if let Some(other) = other {
                let message = format!(
                    "held in addition to `{other}`, which excludes it; if it does not, configure the tenant \
                     (`add_on: true` of the pool, or `exclusive`)"
                );
                self.leave_out(Some(&holding.license), message, &account_label(account));
            }
        }
    }

    /// Returns the licenses to assign: one of those that exclude each other.
    fn licenses_to_assign(&self, account: &'a Account) -> Vec<&'a SmolStr> {
        let rules = self.state.rules;
        let mut wants: Vec<&SmolStr> = Vec::new();
        let mut exclusive: BTreeMap<Family, (bool, bool, &SmolStr)> = BTreeMap::new();
        let direct =
            |holding: &&Holding| holding.origin == HoldingOrigin::Direct && diff::satisfies_assignment(holding);
        for holding in account.holdings.iter().filter(direct) {
            let family = rules.family(&holding.license);
            if !family.is_exclusive() {
                wants.push(&holding.license);
                continue;
            }
            // A pending request replaces the active license, and any license replaces the floor.
            let is_there = matches!(holding.state, HoldingState::Active | HoldingState::Suspended);
            let rank = (rules.is_floor(&holding.license), is_there, &holding.license);
            let best = exclusive.entry(family).or_insert(rank);
            *best = rank.min(*best);
        }
        wants.extend(exclusive.into_values().map(|(_, _, license)| license));
        wants.sort();
        wants.dedup();
        wants
    }

    /// Adds an assignment, unless the manifest contradicts it.
    fn add_assignment(&mut self, key: &SmolStr, license: &SmolStr, said: &PersonEntries<'_>) {
        let rules = self.state.rules;
        let family = rules.family(license);
        let mut is_said = false;
        for entry in said {
            let same = entry.license == *license;
            if same && entry.ensure == Ensure::Absent {
                self.leave_out(Some(license), "held, but the manifest removes it", key);
                return;
            }
            let excludes = family.is_exclusive() && !same && rules.family(&entry.license) == family;
            if excludes && entry.ensure == Ensure::Present {
                self.leave_out(
                    Some(license),
                    format!("held, but the manifest assigns `{}` instead", entry.license),
                    key,
                );
                return;
            }
            let serves = entry.alternatives.contains(license);
            is_said |= (same || serves) && entry.ensure == Ensure::Present;
        }
        if !is_said {
            self.additions.assignments.entry(license.clone()).or_default().insert(key.clone());
        }
    }

    /// Returns the key for an account that the manifest does not know: its address, or a placeholder.
    fn person_key(&mut self, account: &Account) -> SmolStr {
        let is_group = |key: &PersonKey| key.as_str().starts_with("group:");
        if let Some(key) = PersonKey::parse(&account.email).ok().filter(|key| !is_group(key)) {
            return key.into_inner();
        }
        let tenant = &self.state.observation.tenant;
        let (name, place) = (slug(&account.id), slug(tenant));
        let is_free = |key: &SmolStr| {
            self.state.people.find(key).is_none()
                && !self.used_keys.contains(key)
                && self.state.observation.accounts.iter().all(|other| PersonKey::normalize(&other.email) != *key)
        };
        let keys = (1..).map(|number| match number {
            1 => SmolStr::new(format!("{name}@{place}.{PLACEHOLDER_DOMAIN}")),
            number => SmolStr::new(format!("{name}-{number}@{place}.{PLACEHOLDER_DOMAIN}")),
        });
        let key = keys.into_iter().find(is_free).unwrap_or_default();
        let message = format!("accounts without a usable address get `...@{place}.{PLACEHOLDER_DOMAIN}` in `people`");
        self.leave_out(None, message, &account.id);
        self.additions.people.push(NewPerson { key: key.clone(), tenant: tenant.clone(), account: account.id.clone() });
        key
    }

    /// Leaves out additions until the plan no longer changes.
    fn remove_changing_additions(&mut self) {
        let before: BTreeSet<_> = planned_changes(self.state, &ImportAdditions::default()).into_iter().collect();
        let managed = |license: &SmolStr| {
            let entries = &self.state.desired.entries;
            entries.iter().any(|entry| entry.license == *license && entry.ensure == Ensure::Present)
        };
        let managed: BTreeSet<SmolStr> =
            self.additions.assignments.keys().filter(|license| managed(license)).cloned().collect();
        for _ in 0..ROUNDS_MAX {
            let new: Vec<_> = planned_changes(self.state, &self.additions)
                .into_iter()
                .filter(|change| !before.contains(change))
                .collect();
            if new.is_empty() {
                return;
            }
            let mut unnamed = BTreeSet::new();
            for (person, licenses) in new {
                let ours: Vec<_> = licenses
                    .iter()
                    .filter(|license| self.additions.assignments.contains_key(*license) && !managed.contains(*license))
                    .collect();
                if ours.is_empty() {
                    unnamed.insert(person);
                    continue;
                }
                for license in ours {
                    let message = "left unmanaged: an entry would change what these people hold";
                    self.leave_out(Some(license), message, &person);
                }
            }
            let dropped: BTreeSet<SmolStr> = self
                .left_out
                .keys()
                .filter(|(_, message)| message.starts_with("left unmanaged"))
                .filter_map(|(license, _)| license.clone())
                .collect();
            self.additions.assignments.retain(|license, _| !dropped.contains(license));
            for person in unnamed {
                for people in self.additions.assignments.values_mut() {
                    people.remove(&person);
                }
                self.leave_out(None, "not included: an entry would change what they hold", &person);
            }
            self.additions.assignments.retain(|_, people| !people.is_empty());
        }
        self.additions.assignments.clear();
    }
}

/// Returns the name of an account in messages.
fn account_label(account: &Account) -> SmolStr {
    if account.email.trim().is_empty() { account.id.clone() } else { account.email.clone() }
}

/// Returns a text as a part of an address.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for character in text.chars().take(40) {
        let plain = character.to_ascii_lowercase();
        if plain.is_ascii_alphanumeric() {
            slug.push(plain);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "account".to_owned() } else { slug.to_owned() }
}

/// Returns the changes of a plan with the additions: people and licenses.
fn planned_changes(sides: &ImportState<'_>, found: &ImportAdditions) -> Vec<(SmolStr, Vec<SmolStr>)> {
    let no_source = Location { file: FileId(0), line: 0, column: 0, length: 0 };
    let mut people = sides.people.clone();
    let mut desired = sides.desired.clone();
    for person in &found.people {
        let id = people.add(&person.key);
        people.add_handle(&person.tenant, person.account.clone(), id);
    }
    for (license, keys) in &found.assignments {
        let entry = u32::try_from(desired.entries.len()).unwrap_or(u32::MAX);
        desired.entries.push(DesiredEntry {
            license: license.clone(),
            ensure: Ensure::Present,
            priority: 0,
            starts: None,
            expires: None,
            alternatives: Vec::new(),
            reason: None,
            source: no_source,
        });
        let claims = keys.iter().map(|key| Claim { entry, person: people.add(key), source: no_source });
        desired.claims.extend(claims.collect::<Vec<_>>());
    }
    let diff = diff::compare_tenant(&people, &desired, sides.rules, sides.observation, sides.now);
    let license = |pool: PoolId| diff.pools.get(pool).license.clone();
    let touched = |change: &diff::CandidateChange| {
        let steps = change.options.iter().chain(&change.loss_while_waiting);
        let mut licenses: Vec<SmolStr> = steps
            .flat_map(|step| {
                let gone = step.releases.iter().chain(&step.cancels).map(|given| given.pool);
                gone.chain(step.assigns).map(license).collect::<Vec<_>>()
            })
            .collect();
        licenses.sort();
        licenses.dedup();
        (change.person.clone(), licenses)
    };
    diff.changes.iter().map(touched).collect()
}
