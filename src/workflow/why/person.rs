//! Why one person gets, keeps, loses or does not have a license.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::super::current_state::CurrentState;
use super::super::diff::{accounts_by_person, describe_holding};
use super::super::error::WorkflowError;
use super::super::exit::Exit;
use super::super::manifest::Manifest;
use super::super::state_files::Observations;
use super::ranking::ranked_competitors;
use crate::diagnostic::Finding;
use crate::diagnostic::Location;
use crate::diagnostic::catalog::reference;
use crate::env::Now;
use crate::manifest::MembershipReason;
use crate::model::{Claim, Ensure, LicenseRef, Operation, PersonId, PersonKey, Plan, TenantDesired};
use crate::report::why::{
    ExcludingEntry, GroupLink, LicenseChain, MembershipCause, NamingEntry, QueueRank, Why, WhyAnswer, WhyStep,
};

/// Most people ahead in the queue that an answer names.
const AHEAD_MAX: usize = 5;

/// Explains one license of a person, or all licenses that concern the person.
///
/// # Errors
/// If the person or the tenant is unknown.
pub(super) fn explain(
    state: &CurrentState,
    plan: &Plan,
    person: &str,
    license: Option<&LicenseRef>,
) -> Result<Why, WorkflowError> {
    let CurrentState { manifest, observations, now } = state;
    let key = PersonKey::normalize(person);
    let id = manifest.desired.people.find(&key);
    let key = id.map_or(key, |id| manifest.desired.people.key(id).clone());
    if let Some(license) = license {
        manifest.tenant(&license.tenant)?;
    }
    let facts = PersonFacts { manifest, observations, plan, id, key: &key, now: *now };
    let licenses = match license {
        Some(license) => BTreeSet::from([license.clone()]),
        None => facts.licenses(),
    };
    if id.is_none() && licenses.iter().all(|license| !facts.has_account(&license.tenant)) {
        let finding = Finding::error(&reference::UNKNOWN_PERSON, format!("unknown person `{person}`"))
            .help("use the address of the manifest or the tenant");
        return Err(WorkflowError::from_finding(Exit::Input, finding));
    }
    let chains = licenses.iter().filter_map(|license| facts.chain(license)).collect();
    Ok(Why { person: key.clone(), licenses: chains })
}

/// Facts about a person and a license beside the plan.
struct LicenseFacts<'a> {
    entries: &'a [NamingEntry],
    is_excluded: bool,
    is_managed: bool,
    is_held: bool,
    has_account: bool,
    is_observed: bool,
}

/// The inputs of an answer about a person.
struct PersonFacts<'a> {
    manifest: &'a Manifest,
    observations: &'a Observations,
    plan: &'a Plan,
    id: Option<PersonId>,
    key: &'a SmolStr,
    now: Now,
}

impl PersonFacts<'_> {
    fn claims<'d>(&self, desired: &'d TenantDesired) -> impl Iterator<Item = &'d Claim> {
        let id = self.id;
        desired.claims.iter().filter(move |claim| Some(claim.person) == id)
    }

    /// Returns whether the person has an account in the tenant.
    fn has_account(&self, tenant: &str) -> bool {
        let people = &self.manifest.desired.people;
        self.observations.get(tenant).is_some_and(|seen| accounts_by_person(people, seen).contains_key(self.key))
    }

    /// Returns every license that the person is assigned, holds, or that the plan mentions for the person.
    fn licenses(&self) -> BTreeSet<LicenseRef> {
        let mut licenses = BTreeSet::new();
        let mut add = |tenant: &SmolStr, license: &SmolStr| {
            licenses.insert(LicenseRef { tenant: tenant.clone(), license: license.clone() });
        };
        for (tenant, desired) in &self.manifest.desired.tenants {
            for claim in self.claims(desired) {
                if let Some(entry) = desired.entries.get(claim.entry as usize) {
                    add(tenant, &entry.license);
                }
            }
            let people = &self.manifest.desired.people;
            let seen = self.observations.get(tenant).map(|seen| accounts_by_person(people, seen)).unwrap_or_default();
            for holding in seen.get(self.key).into_iter().flat_map(|account| &account.holdings) {
                add(tenant, &holding.license);
            }
        }
        for operation in self.plan.operations.iter().filter(|operation| operation.person == *self.key) {
            add(&operation.tenant, operation.to.as_ref().unwrap_or(&operation.license));
        }
        let left_out = self.plan.blocked.iter().map(|one| (&one.person, &one.tenant, &one.license));
        let left_out = left_out.chain(self.plan.held.iter().map(|one| (&one.person, &one.tenant, &one.license)));
        let left_out = left_out.chain(self.plan.waiting.iter().map(|one| (&one.person, &one.tenant, &one.license)));
        for (_, tenant, license) in left_out.filter(|(person, ..)| *person == self.key) {
            add(tenant, license);
        }
        licenses
    }

    fn chain(&self, of: &LicenseRef) -> Option<LicenseChain> {
        let desired = self.manifest.desired.tenants.get(&of.tenant)?;
        let entries = self.entries(desired, &of.license);
        let left_out = self.exclusions(desired, &of.license);
        let people = &self.manifest.desired.people;
        let seen = self.observations.get(&of.tenant);
        let account = seen.and_then(|seen| accounts_by_person(people, seen).get(self.key).copied());
        let holds = account.and_then(|account| {
            let held = account.holdings.iter().filter(|holding| holding.license == of.license);
            held.map(describe_holding).reduce(|all, one| format!("{all}, {one}"))
        });
        let managed =
            desired.entries.iter().any(|entry| entry.ensure == Ensure::Present && entry.license == of.license);
        let named = format!("`{of}`");
        let by_name = format!("`{}`", self.key);
        let others: Vec<_> = self.plan.pools.iter().map(|pool| format!("`{}/{}`", pool.tenant, pool.license)).collect();
        let about = |finding: &&Finding| {
            let is_of_person = finding.people.contains(self.key) || finding.message.contains(&by_name);
            let is_of_another = || others.iter().any(|other| *other != named && finding.message.contains(other));
            finding.code.starts_with('P') && (finding.message.contains(&named) || (is_of_person && !is_of_another()))
        };
        Some(LicenseChain {
            tenant: of.tenant.clone(),
            license: of.license.clone(),
            answer: self.answer(
                of,
                &LicenseFacts {
                    entries: &entries,
                    is_excluded: !left_out.is_empty(),
                    is_managed: managed,
                    is_held: holds.is_some(),
                    has_account: account.is_some(),
                    is_observed: seen.is_some(),
                },
            ),
            rank: self.rank(desired, of),
            left_out,
            managed,
            holds,
            pool: self.plan.pools.iter().find(|pool| pool.tenant == of.tenant && pool.license == of.license).cloned(),
            policy: self.plan.findings.iter().filter(about).cloned().collect(),
            entries,
        })
    }

    fn entries(&self, desired: &TenantDesired, license: &str) -> Vec<NamingEntry> {
        let files = &self.manifest.files;
        let mut entries: Vec<NamingEntry> = self
            .claims(desired)
            .filter_map(|claim| {
                let entry = desired.entries.get(claim.entry as usize).filter(|entry| entry.license == license)?;
                let text = files.get(claim.source.file).map_or("", |file| &file.text);
                Some(NamingEntry {
                    source: files.source(entry.source),
                    ensure: match entry.ensure {
                        Ensure::Present => "present",
                        Ensure::Absent => "absent",
                    },
                    named_by: text_at(text, claim.source),
                    named_at: files.source(claim.source),
                    through: self.group_path(&text_at(text, claim.source), claim.person),
                    reason: entry.reason.clone(),
                    priority: entry.priority,
                    starts: entry.starts,
                    expires: entry.expires,
                    in_force: entry.is_in_force(self.now.day),
                })
            })
            .collect();
        entries.sort_by(|a, b| (&a.source, &a.named_at).cmp(&(&b.source, &b.named_at)));
        entries
    }

    /// Returns the path into the group that an entry names; empty if it names the person.
    fn group_path(&self, named_by: &str, person: PersonId) -> Vec<GroupLink> {
        let Some(group) = named_by.strip_prefix("group:") else { return Vec::new() };
        let Manifest { memberships, desired, files, .. } = self.manifest;
        let way = memberships.path_to(group.trim(), person, &desired.people, files);
        let link = |link: crate::manifest::MembershipStep| GroupLink {
            group: link.group,
            by: match link.reason {
                MembershipReason::Name => MembershipCause::Name { name: self.key.clone() },
                MembershipReason::Group(group) => MembershipCause::Group { group },
                MembershipReason::Condition(condition) => MembershipCause::Condition { condition },
            },
            source: files.source(link.source),
        };
        way.into_iter().map(link).collect()
    }

    fn exclusions(&self, desired: &TenantDesired, license: &str) -> Vec<ExcludingEntry> {
        let files = &self.manifest.files;
        let claims = desired.excluded.iter().filter(|claim| Some(claim.person) == self.id);
        let left_out = claims.filter_map(|claim| {
            let entry = desired.entries.get(claim.entry as usize).filter(|entry| entry.license == license)?;
            let text = files.get(claim.source.file).map_or("", |file| &file.text);
            let at = files.source(claim.source);
            Some(ExcludingEntry { source: files.source(entry.source), by: text_at(text, claim.source), at })
        });
        let mut left_out: Vec<_> = left_out.collect();
        left_out.sort_by(|a, b| (&a.source, &a.at).cmp(&(&b.source, &b.at)));
        left_out
    }

    /// Returns the person's rank among the competitors for a scarce seat.
    fn rank(&self, desired: &TenantDesired, of: &LicenseRef) -> Option<QueueRank> {
        self.plan.waiting.iter().find(|one| one.tenant == of.tenant && one.license == of.license)?;
        let ranked = ranked_competitors(self.manifest, self.plan, desired, of, self.now);
        let place = ranked.iter().position(|rival| rival.person == *self.key)?;
        Some(QueueRank {
            place: place + 1,
            of: ranked.len(),
            priority: ranked[place].priority,
            ahead: ranked[place.saturating_sub(AHEAD_MAX)..place].to_vec(),
        })
    }

    /// Returns what happens to the license, or why nothing happens.
    fn answer(&self, of: &LicenseRef, standing: &LicenseFacts<'_>) -> WhyAnswer {
        let is_it = |tenant: &SmolStr, license: &SmolStr, person: &SmolStr| {
            *tenant == of.tenant && *license == of.license && person == self.key
        };
        let touches = |operation: &&Operation| {
            is_it(&operation.tenant, &operation.license, &operation.person)
                || operation.to.as_ref().is_some_and(|to| is_it(&operation.tenant, to, &operation.person))
        };
        let operations: Vec<_> = self.plan.operations.iter().filter(touches).map(step).collect();
        if !operations.is_empty() {
            return WhyAnswer::Operations { operations };
        }
        if let Some(held) = self.plan.held.iter().find(|held| is_it(&held.tenant, &held.license, &held.person)) {
            return WhyAnswer::Held { code: held.code.clone(), message: held.message.clone(), help: held.help.clone() };
        }
        let blocked = self.plan.blocked.iter().find(|one| is_it(&one.tenant, &one.license, &one.person));
        if let Some(blocked) = blocked {
            let (code, message, help) = (blocked.code.clone(), blocked.message.clone(), blocked.help.clone());
            return WhyAnswer::Blocked { code, message, help };
        }
        if let Some(waiting) = self.plan.waiting.iter().find(|one| is_it(&one.tenant, &one.license, &one.person)) {
            let pool = self.plan.pools.iter().find(|pool| pool.tenant == of.tenant && pool.license == of.license);
            return WhyAnswer::Waiting { position: waiting.position, missing: pool.map_or(0, |pool| pool.missing) };
        }
        let LicenseFacts {
            entries,
            is_excluded: left_out,
            is_managed: managed,
            is_held: holds,
            has_account: account,
            is_observed: seen,
        } = *standing;
        let in_force = entries.iter().any(|entry| entry.in_force);
        let because = match (seen, !entries.is_empty(), holds, managed) {
            (false, ..) => "the tenant was not observed",
            (_, true, true, _) => "the person already holds it",
            (_, true, false, _) if !in_force => return WhyAnswer::Nothing { because: self.not_in_force(entries) },
            (_, true, false, _) if entries.iter().all(|entry| entry.ensure == "absent") => {
                "an entry denies it to the person, who does not hold it"
            }
            (_, true, false, _) => "the person gets an alternative instead, or the mode of the pool forbids it",
            (_, false, true, false) => "the license is unmanaged: no entry names it",
            (_, false, true, true) => return WhyAnswer::Nothing { because: self.reason_kept(of) },
            (_, false, false, _) if left_out => "the entry for it excludes the person",
            (_, false, false, _) if !account => "no entry names the person, who has no account in the tenant",
            (_, false, false, _) => "no entry names the person, who does not hold it",
        };
        WhyAnswer::Nothing { because: because.to_owned() }
    }

    /// Returns when the entries start to apply, or that they have expired.
    fn not_in_force(&self, entries: &[NamingEntry]) -> String {
        let start = entries.iter().filter_map(|entry| entry.starts.filter(|starts| *starts > self.now.day)).min();
        match start {
            Some(start) => format!("the entry does not apply before {start}"),
            None => "the entry that names the person has expired".to_owned(),
        }
    }

    /// Returns why a person keeps a managed license without an entry.
    fn reason_kept(&self, of: &LicenseRef) -> String {
        let waiting = self.plan.waiting.iter().map(|one| (&one.tenant, &one.person, &one.license, "is waiting"));
        let blocked = self.plan.blocked.iter().map(|one| (&one.tenant, &one.person, &one.license, "is blocked"));
        let stands_in =
            waiting.chain(blocked).find(|(tenant, person, ..)| **tenant == of.tenant && *person == self.key);
        match stands_in {
            Some((_, _, license, how)) => format!("it is kept while the assignment of `{license}` {how}"),
            None => "the person does not hold it directly, and reseat does not change it".to_owned(),
        }
    }
}

fn step(operation: &Operation) -> WhyStep {
    WhyStep {
        id: operation.id.clone(),
        kind: operation.kind,
        license: operation.license.clone(),
        to: operation.to.clone(),
        after: operation.after.clone(),
        why: operation.why.clone(),
    }
}

/// Returns the text at a location, such as `group:sales`.
fn text_at(text: &str, at: Location) -> String {
    let line = text.lines().nth(at.line.saturating_sub(1) as usize).unwrap_or("");
    let rest = line.chars().skip(at.column.saturating_sub(1) as usize);
    let word: String = if at.length > 0 {
        rest.take(at.length as usize).collect()
    } else {
        rest.take_while(|character| !matches!(character, ',' | ']' | '}' | ' ' | '#')).collect()
    };
    word.trim().trim_matches(['"', '\'']).to_owned()
}
