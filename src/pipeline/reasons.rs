//! Why one person gets, keeps, loses or lacks a license: the facts behind `why`, gathered from all stations.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::compare::{by_person, describe};
use super::make::Observations;
use super::manifest::Manifest;
use super::problem::{Kind, Problem};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::reference;
use crate::env::Now;
use crate::model::{Claim, Ensure, LicenseRef, Operation, PersonId, PersonKey, Plan, TenantDesired};
use crate::report::why::{Answer, Chain, Entry, Step, Why};

/// The chains of one person: for one license, or for every license that has to do with them.
///
/// # Errors
/// When neither the manifest nor an observation knows the person, or the manifest does not know the tenant.
pub fn why(
    manifest: &Manifest,
    observations: &Observations,
    plan: &Plan,
    person: &str,
    license: Option<&LicenseRef>,
    now: Now,
) -> Result<Why, Problem> {
    let given = PersonKey::normalize(person);
    let id = manifest.desired.people.find(&given);
    let key = id.map_or_else(|| given.clone(), |id| manifest.desired.people.key(id).clone());
    if let Some(license) = license {
        manifest.tenant(&license.tenant)?;
    }
    let facts = Facts { manifest, observations, plan, id, key: &key, now };
    let licenses = match license {
        Some(license) => BTreeSet::from([license.clone()]),
        None => facts.licenses(),
    };
    if id.is_none() && licenses.iter().all(|license| !facts.is_seen(&license.tenant)) {
        let finding = Finding::error(&reference::UNKNOWN_PERSON, format!("nobody knows `{person}`"))
            .help("give the address as the manifest or the tenant writes it");
        return Err(Problem::finding(Kind::Input, finding));
    }
    let chains = licenses.iter().filter_map(|license| facts.chain(license)).collect();
    Ok(Why { person: key.clone(), licenses: chains })
}

/// Everything that the answer is gathered from.
struct Facts<'a> {
    manifest: &'a Manifest,
    observations: &'a Observations,
    plan: &'a Plan,
    id: Option<PersonId>,
    key: &'a SmolStr,
    now: Now,
}

impl Facts<'_> {
    fn claims<'d>(&self, desired: &'d TenantDesired) -> impl Iterator<Item = &'d Claim> {
        let id = self.id;
        desired.claims.iter().filter(move |claim| Some(claim.person) == id)
    }

    /// Whether the person has an account at the tenant.
    fn is_seen(&self, tenant: &str) -> bool {
        let people = &self.manifest.desired.people;
        self.observations.get(tenant).is_some_and(|seen| by_person(people, seen).contains_key(self.key))
    }

    /// Every license that the person is named for, holds, or that the plan has something to say of.
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
            let seen = self.observations.get(tenant).map(|seen| by_person(people, seen)).unwrap_or_default();
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

    fn chain(&self, of: &LicenseRef) -> Option<Chain> {
        let desired = self.manifest.desired.tenants.get(&of.tenant)?;
        let entries = self.entries(desired, &of.license);
        let people = &self.manifest.desired.people;
        let seen = self.observations.get(&of.tenant);
        let account = seen.and_then(|seen| by_person(people, seen).get(self.key).copied());
        let holds = account.and_then(|account| {
            let held = account.holdings.iter().filter(|holding| holding.license == of.license);
            held.map(describe).reduce(|all, one| format!("{all}, {one}"))
        });
        let managed =
            desired.entries.iter().any(|entry| entry.ensure == Ensure::Present && entry.license == of.license);
        let named = format!("`{of}`");
        let by_name = format!("`{}`", self.key);
        let about = |finding: &&Finding| {
            finding.code.starts_with('P') && (finding.message.contains(&named) || finding.message.contains(&by_name))
        };
        Some(Chain {
            tenant: of.tenant.clone(),
            license: of.license.clone(),
            answer: self.answer(of, !entries.is_empty(), managed, holds.is_some(), account.is_some(), seen.is_some()),
            managed,
            holds,
            pool: self.plan.pools.iter().find(|pool| pool.tenant == of.tenant && pool.license == of.license).cloned(),
            policy: self.plan.findings.iter().filter(about).cloned().collect(),
            entries,
        })
    }

    fn entries(&self, desired: &TenantDesired, license: &str) -> Vec<Entry> {
        let files = &self.manifest.files;
        let mut entries: Vec<Entry> = self
            .claims(desired)
            .filter_map(|claim| {
                let entry = desired.entries.get(claim.entry as usize).filter(|entry| entry.license == license)?;
                let text = files.get(claim.source.file).map_or("", |file| &file.text);
                Some(Entry {
                    source: files.source(entry.source),
                    ensure: match entry.ensure {
                        Ensure::Present => "present",
                        Ensure::Absent => "absent",
                    },
                    named_by: word_at(text, claim.source.line, claim.source.column, claim.source.length),
                    named_at: files.source(claim.source),
                    reason: entry.reason.clone(),
                    priority: entry.priority,
                    starts: entry.starts,
                    expires: entry.expires,
                    in_force: entry.in_force(self.now.day),
                })
            })
            .collect();
        entries.sort_by(|a, b| (&a.source, &a.named_at).cmp(&(&b.source, &b.named_at)));
        entries
    }

    /// What happens to this license of the person, and where nothing does, why.
    fn answer(&self, of: &LicenseRef, named: bool, managed: bool, holds: bool, account: bool, seen: bool) -> Answer {
        let is_it = |tenant: &SmolStr, license: &SmolStr, person: &SmolStr| {
            *tenant == of.tenant && *license == of.license && person == self.key
        };
        let touches = |operation: &&Operation| {
            is_it(&operation.tenant, &operation.license, &operation.person)
                || operation.to.as_ref().is_some_and(|to| is_it(&operation.tenant, to, &operation.person))
        };
        let operations: Vec<_> = self.plan.operations.iter().filter(touches).map(step).collect();
        if !operations.is_empty() {
            return Answer::Operations { operations };
        }
        if let Some(held) = self.plan.held.iter().find(|held| is_it(&held.tenant, &held.license, &held.person)) {
            return Answer::Held { code: held.code.clone(), message: held.message.clone(), help: held.help.clone() };
        }
        let blocked = self.plan.blocked.iter().find(|one| is_it(&one.tenant, &one.license, &one.person));
        if let Some(blocked) = blocked {
            let (code, message, help) = (blocked.code.clone(), blocked.message.clone(), blocked.help.clone());
            return Answer::Blocked { code, message, help };
        }
        if let Some(waiting) = self.plan.waiting.iter().find(|one| is_it(&one.tenant, &one.license, &one.person)) {
            let pool = self.plan.pools.iter().find(|pool| pool.tenant == of.tenant && pool.license == of.license);
            return Answer::Waiting { position: waiting.position, missing: pool.map_or(0, |pool| pool.missing) };
        }
        let because = match (seen, named, holds, managed) {
            (false, ..) => "the tenant was not observed",
            (_, true, true, _) => "the person holds it already",
            (_, true, false, _) => "no entry that names the person is in force, or another license stands in for it",
            (_, false, true, false) => "no entry names the license, so it is left alone",
            (_, false, true, true) => return Answer::Nothing { because: self.kept(of) },
            (_, false, false, _) if !account => "the person is not named for it and has no account at the tenant",
            (_, false, false, _) => "the person is not named for it and does not hold it",
        };
        Answer::Nothing { because: because.to_owned() }
    }

    /// Why a managed license stays with somebody who is not named for it.
    fn kept(&self, of: &LicenseRef) -> String {
        let waiting = self.plan.waiting.iter().map(|one| (&one.tenant, &one.person, &one.license, "waits"));
        let blocked = self.plan.blocked.iter().map(|one| (&one.tenant, &one.person, &one.license, "is blocked"));
        let stands_in =
            waiting.chain(blocked).find(|(tenant, person, ..)| **tenant == of.tenant && *person == self.key);
        match stands_in {
            Some((_, _, license, how)) => format!("it is kept while the wish for `{license}` {how}"),
            None => "the person holds it in a way that is not ours to change".to_owned(),
        }
    }
}

fn step(operation: &Operation) -> Step {
    Step {
        id: operation.id.clone(),
        kind: operation.kind,
        license: operation.license.clone(),
        to: operation.to.clone(),
        after: operation.after.clone(),
        why: operation.why.clone(),
    }
}

/// The text at a place, such as `group:sales`.
fn word_at(text: &str, line: u32, column: u32, length: u32) -> String {
    let line = text.lines().nth(line.saturating_sub(1) as usize).unwrap_or("");
    let rest = line.chars().skip(column.saturating_sub(1) as usize);
    let word: String = if length > 0 {
        rest.take(length as usize).collect()
    } else {
        rest.take_while(|character| !matches!(character, ',' | ']' | '}' | ' ' | '#')).collect()
    };
    word.trim().trim_matches(['"', '\'']).to_owned()
}
