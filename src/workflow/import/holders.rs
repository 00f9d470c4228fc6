//! Who holds what, as wishes that change nothing.
//!
//! The rules of who may be named are those of the planner: what is to be added is compared with the state as a plan would,
//! and what would make a change is left out again, until there is none. What must hold: adding the result to the manifest
//! gives no change that was not there before; whatever is left out is said.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use crate::diagnostic::{FileId, Location};
use crate::diff::{self, Identities, Owner, PoolId};
use crate::env::Now;
use crate::manifest::edit::NewPerson;
use crate::model::{
    Account, AccountOrigin, Claim, Ensure, Entry, Holding, HoldingOrigin, HoldingState, Observation, People, PersonId,
    PersonKey, TenantDesired,
};
use crate::profile::{Family, Rules};
use crate::report::import::LeftOut;

/// How often what would make a change is left out; more often than any state needs.
const ROUNDS_MAX: usize = 100;

/// The end of an invented address; no mail ever goes there (RFC 2606).
const INVENTED: &str = "invalid";

/// What is to be added to the manifest.
#[derive(Default)]
pub(super) struct Found {
    /// Keys of people by license.
    pub(super) named: BTreeMap<SmolStr, BTreeSet<SmolStr>>,
    /// Whose account is whose, where no address tells.
    pub(super) people: Vec<NewPerson>,
    /// What the manifest will not say.
    pub(super) left_out: Vec<LeftOut>,
}

/// The tenant as the manifest wishes it, and as it is.
pub(super) struct Sides<'a> {
    pub(super) people: &'a People,
    pub(super) desired: &'a TenantDesired,
    pub(super) rules: &'a Rules,
    pub(super) observation: &'a Observation,
    pub(super) now: Now,
}

/// Looks who holds what that no entry says.
pub(super) fn find(sides: &Sides<'_>) -> Found {
    let mut finder = Finder { sides, found: Found::default(), left_out: BTreeMap::new(), taken: BTreeSet::new() };
    finder.look();
    finder.leave_out_what_changes();
    let Finder { mut found, left_out, .. } = finder;
    let used: BTreeSet<&SmolStr> = found.named.values().flatten().collect();
    found.people.retain(|person| used.contains(&person.key));
    found.left_out = left_out
        .into_iter()
        .map(|((license, message), people)| LeftOut { license, message, people: people.into_iter().collect() })
        .collect();
    found
}

struct Finder<'a> {
    sides: &'a Sides<'a>,
    found: Found,
    left_out: BTreeMap<(Option<SmolStr>, String), BTreeSet<SmolStr>>,
    /// Keys that stand for an account already.
    taken: BTreeSet<SmolStr>,
}

/// What the manifest says of a person at the tenant, on any day.
type Said<'a> = Vec<&'a Entry>;

impl<'a> Finder<'a> {
    fn leave(&mut self, license: Option<&SmolStr>, message: impl Into<String>, whom: &SmolStr) {
        self.left_out.entry((license.cloned(), message.into())).or_default().insert(whom.clone());
    }

    fn look(&mut self) {
        let sides = self.sides;
        let identities = Identities::new(sides.people, sides.observation);
        let mut said: BTreeMap<PersonId, Said<'a>> = BTreeMap::new();
        for claim in &sides.desired.claims {
            if let Some(entry) = sides.desired.entries.get(claim.entry as usize) {
                said.entry(claim.person).or_default().push(entry);
            }
        }
        let mut accounts: Vec<(&Account, &Owner)> = sides.observation.accounts.iter().zip(&identities.owners).collect();
        accounts.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        for (account, owner) in accounts {
            self.explain(account);
            self.doubt(account);
            let wants = self.wants(account);
            if wants.is_empty() {
                continue;
            }
            let nothing = Said::new();
            let (key, said) = match owner {
                Owner::PassedOver => {
                    self.leave(
                        None,
                        "another account of the person is the one that the manifest names",
                        &label(account),
                    );
                    continue;
                }
                Owner::Named(person) => (sides.people.key(*person).clone(), said.get(person).unwrap_or(&nothing)),
                Owner::Stranger => (self.key_of(account), &nothing),
            };
            if !self.taken.insert(key.clone()) {
                let message = format!(
                    "two accounts have one address: say which one counts, as in `people: {{ {key}: {{ accounts: {{ {}: {} }} }} }}`",
                    sides.observation.tenant, account.id
                );
                self.leave(None, message, &label(account));
                continue;
            }
            if account.origin != AccountOrigin::Managed {
                self.leave(None, "named, and only the vendor or a group changes what they hold", &label(account));
            }
            for license in wants {
                self.want(&key, license, said);
            }
        }
    }

    /// Says what of an account no wish can express.
    fn explain(&mut self, account: &Account) {
        for Holding { license, state, origin, trial, .. } in &account.holdings {
            let message = match (origin, trial, state) {
                (HoldingOrigin::Group(group), ..) => format!("held through the group `{group}`: change the group"),
                (HoldingOrigin::Auto, ..) => "given by a rule of the vendor".to_owned(),
                (HoldingOrigin::Derived, ..) => "held because of something else, such as a number".to_owned(),
                (HoldingOrigin::Direct, true, _) => "held as a trial, which no entry can wish for".to_owned(),
                (HoldingOrigin::Direct, false, HoldingState::Pending | HoldingState::Waiting) => {
                    "requested and not there yet; named as if it were".to_owned()
                }
                (HoldingOrigin::Direct, false, HoldingState::Removing) => "on its way out".to_owned(),
                (HoldingOrigin::Direct, false, HoldingState::Cancelled) => "a cancelled request".to_owned(),
                (HoldingOrigin::Direct, false, HoldingState::Error | HoldingState::Other(_)) => {
                    "a request that went wrong".to_owned()
                }
                (HoldingOrigin::Direct, false, HoldingState::Active | HoldingState::Suspended) => continue,
            };
            self.leave(Some(license), message, &label(account));
        }
    }

    /// Says where an account holds at once what excludes each other: rather the manifest does not know better.
    fn doubt(&mut self, account: &Account) {
        let rules = self.sides.rules;
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
                    "held beside `{other}`, and the two exclude each other; if they do not, say so below the tenant \
                     (`add_on: true` of a pool, or `exclusive`)"
                );
                self.leave(Some(&holding.license), message, &label(account));
            }
        }
    }

    /// The licenses that the account's person is to be named for: one of those that exclude each other.
    fn wants(&self, account: &'a Account) -> Vec<&'a SmolStr> {
        let rules = self.sides.rules;
        let mut wants: Vec<&SmolStr> = Vec::new();
        let mut exclusive: BTreeMap<Family, (bool, bool, &SmolStr)> = BTreeMap::new();
        let direct = |holding: &&Holding| holding.origin == HoldingOrigin::Direct && diff::satisfies(holding);
        for holding in account.holdings.iter().filter(direct) {
            let family = rules.family(&holding.license);
            if !family.is_exclusive() {
                wants.push(&holding.license);
                continue;
            }
            // What was asked for is about to take the place of what is there, and anything that of the floor.
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

    /// Names a person for a license, unless the manifest says something else of them.
    fn want(&mut self, key: &SmolStr, license: &SmolStr, said: &Said<'_>) {
        let rules = self.sides.rules;
        let family = rules.family(license);
        let mut is_said = false;
        for entry in said {
            let same = entry.license == *license;
            if same && entry.ensure == Ensure::Absent {
                self.leave(Some(license), "held, and the manifest wants it gone", key);
                return;
            }
            let excludes = family.is_exclusive() && !same && rules.family(&entry.license) == family;
            if excludes && entry.ensure == Ensure::Present {
                self.leave(Some(license), format!("held, and the manifest wishes `{}` instead", entry.license), key);
                return;
            }
            let serves = entry.alternatives.contains(license);
            is_said |= (same || serves) && entry.ensure == Ensure::Present;
        }
        if !is_said {
            self.found.named.entry(license.clone()).or_default().insert(key.clone());
        }
    }

    /// The key of an account that belongs to nobody whom the manifest knows: its address, or else an invented one.
    fn key_of(&mut self, account: &Account) -> SmolStr {
        let is_group = |key: &PersonKey| key.as_str().starts_with("group:");
        if let Some(key) = PersonKey::parse(&account.email).ok().filter(|key| !is_group(key)) {
            return key.into_inner();
        }
        let tenant = &self.sides.observation.tenant;
        let (name, place) = (slug(&account.id), slug(tenant));
        let is_free = |key: &SmolStr| {
            self.sides.people.find(key).is_none()
                && !self.taken.contains(key)
                && self.sides.observation.accounts.iter().all(|other| PersonKey::normalize(&other.email) != *key)
        };
        let keys = (1..).map(|number| match number {
            1 => SmolStr::new(format!("{name}@{place}.{INVENTED}")),
            number => SmolStr::new(format!("{name}-{number}@{place}.{INVENTED}")),
        });
        let key = keys.into_iter().find(is_free).unwrap_or_default();
        let message = format!("accounts without a usable address are named `...@{place}.{INVENTED}` below `people`");
        self.leave(None, message, &account.id);
        self.found.people.push(NewPerson { key: key.clone(), tenant: tenant.clone(), account: account.id.clone() });
        key
    }

    /// Leaves out what would make a change, until nothing does.
    fn leave_out_what_changes(&mut self) {
        let before: BTreeSet<_> = changes(self.sides, &Found::default()).into_iter().collect();
        let managed = |license: &SmolStr| {
            let entries = &self.sides.desired.entries;
            entries.iter().any(|entry| entry.license == *license && entry.ensure == Ensure::Present)
        };
        let managed: BTreeSet<SmolStr> = self.found.named.keys().filter(|license| managed(license)).cloned().collect();
        for _ in 0..ROUNDS_MAX {
            let new: Vec<_> =
                changes(self.sides, &self.found).into_iter().filter(|change| !before.contains(change)).collect();
            if new.is_empty() {
                return;
            }
            let mut unnamed = BTreeSet::new();
            for (person, licenses) in new {
                let ours: Vec<_> = licenses
                    .iter()
                    .filter(|license| self.found.named.contains_key(*license) && !managed.contains(*license))
                    .collect();
                if ours.is_empty() {
                    unnamed.insert(person);
                    continue;
                }
                for license in ours {
                    let message = "left unmanaged: no entry could say what these people hold and change nothing";
                    self.leave(Some(license), message, &person);
                }
            }
            let dropped: BTreeSet<SmolStr> = self
                .left_out
                .keys()
                .filter(|(_, message)| message.starts_with("left unmanaged"))
                .filter_map(|(license, _)| license.clone())
                .collect();
            self.found.named.retain(|license, _| !dropped.contains(license));
            for person in unnamed {
                for people in self.found.named.values_mut() {
                    people.remove(&person);
                }
                self.leave(None, "not named: what they hold cannot be said without changing it", &person);
            }
            self.found.named.retain(|_, people| !people.is_empty());
        }
        self.found.named.clear();
    }
}

/// How an account is called in messages.
fn label(account: &Account) -> SmolStr {
    if account.email.trim().is_empty() { account.id.clone() } else { account.email.clone() }
}

/// A part of an address made of a text.
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

/// Every change that a plan would find with those additions: whose, and of which licenses.
fn changes(sides: &Sides<'_>, found: &Found) -> Vec<(SmolStr, Vec<SmolStr>)> {
    let nowhere = Location { file: FileId(0), line: 0, column: 0, length: 0 };
    let mut people = sides.people.clone();
    let mut desired = sides.desired.clone();
    for person in &found.people {
        let id = people.add(&person.key);
        people.add_handle(&person.tenant, person.account.clone(), id);
    }
    for (license, keys) in &found.named {
        let entry = u32::try_from(desired.entries.len()).unwrap_or(u32::MAX);
        desired.entries.push(Entry {
            license: license.clone(),
            ensure: Ensure::Present,
            priority: 0,
            starts: None,
            expires: None,
            alternatives: Vec::new(),
            reason: None,
            source: nowhere,
        });
        let claims = keys.iter().map(|key| Claim { entry, person: people.add(key), source: nowhere });
        desired.claims.extend(claims.collect::<Vec<_>>());
    }
    let diff = diff::tenant(&people, &desired, sides.rules, sides.observation, sides.now);
    let license = |pool: PoolId| diff.pools.get(pool).license.clone();
    let touched = |change: &diff::Change| {
        let steps = change.options.iter().chain(&change.otherwise);
        let mut licenses: Vec<SmolStr> = steps
            .flat_map(|step| {
                let gone = step.gives_up.iter().chain(&step.cancels).map(|given| given.pool);
                gone.chain(step.gets).map(license).collect::<Vec<_>>()
            })
            .collect();
        licenses.sort();
        licenses.dedup();
        (change.person.clone(), licenses)
    };
    diff.changes.iter().map(touched).collect()
}
