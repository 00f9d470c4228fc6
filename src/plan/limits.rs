//! Limits: losses above a limit are held before admission.
//!
//! A held loss changes what fits, and what fits changes who loses a license because no seat is free. This module
//! resolves both before operations are made.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::admission::{self, Admission};
use super::tenant::TenantPlanner;
use crate::diagnostic::Finding;
use crate::diff::{LicenseTransition, PoolId, TenantDiff};
use crate::env::clock::day_of;
use crate::model::{Effect, Held, RollingWindow, TeamPolicy};
use crate::policy::{self, ExceededLimit, LimitCounts, WaiverUsage};

/// The maximum number of rounds. Afterwards, no license is lost because of a missing seat. Each round repeats the
/// admission, and constructed input could add one person per round.
const ROUNDS_MAX: u32 = 8;

/// Held losses of a tenant, and the admissions that follow.
pub(super) struct LimitedAdmissions {
    /// The admission of each change.
    pub(super) admissions: Vec<Admission>,
    /// The held losses.
    pub(super) held: Vec<Held>,
    /// One finding for each exceeded limit.
    pub(super) findings: Vec<Finding>,
}

/// Exceeded limits, for everybody and for each team.
type ExceededLimits<'a> = BTreeMap<PoolId, Vec<(Option<&'a TeamPolicy>, ExceededLimit)>>;

impl<'a> TenantPlanner<'a> {
    /// Admits changes within the limits. A person who loses a license only because no seat is free counts as a loss
    /// too. That is known only after admission, so the limits are checked again until no person is added.
    pub(super) fn admit_within_limits(&self, found: &mut TenantDiff, lifts: &mut WaiverUsage<'_>) -> LimitedAdmissions {
        if self.request.unlimited {
            let fates = admission::admit(&found.pools, &found.changes, &vec![false; found.changes.len()]);
            return LimitedAdmissions { admissions: fates, held: Vec::new(), findings: Vec::new() };
        }
        let members = self.members(found);
        let mut without: BTreeSet<usize> = BTreeSet::new();
        let mut kept_without: BTreeMap<usize, LicenseTransition> = BTreeMap::new();
        for round in 1_u32.. {
            let over = self.exceeded(found, &WaitingLosses { people: &without, held: &kept_without }, &members, lifts);
            let is_over = |index: usize, step: &LicenseTransition| {
                step.releases.iter().find_map(|given| {
                    let mut limits = over.get(&given.pool).into_iter().flatten();
                    let why = limits.find(|(team, _)| team.is_none_or(|team| is_member(&members, team, index)))?;
                    Some((given.pool, &why.1))
                })
            };
            let mut held = vec![false; found.changes.len()];
            let mut lines = Vec::new();
            for (index, change) in found.changes.iter().enumerate() {
                let whole = change.options.first().filter(|step| step.effect == Effect::Loss);
                held[index] = whole.is_some_and(|step| is_over(index, step).is_some());
                let step = whole.or_else(|| kept_without.get(&index).filter(|_| without.contains(&index)));
                if let Some((pool, why)) = step.and_then(|step| is_over(index, step)) {
                    lines.push(self.held_change(found, index, pool, why));
                }
            }
            let barred: Vec<usize> = found
                .changes
                .iter()
                .enumerate()
                .filter(|(index, change)| {
                    let over = |step: &LicenseTransition| round >= ROUNDS_MAX || is_over(*index, step).is_some();
                    change.loss_while_waiting.as_ref().is_some_and(over)
                })
                .map(|(index, _)| index)
                .collect();
            let findings = self.limit_findings(found, &over, &lines);
            let mut again = false;
            for index in barred {
                if let Some(step) = found.changes[index].loss_while_waiting.take() {
                    again |= without.contains(&index);
                    kept_without.insert(index, step);
                }
            }
            let fates = admission::admit(&found.pools, &found.changes, &held);
            let lost = (0..fates.len()).filter(|index| fates[*index] == Admission::WaitingWithLoss);
            for index in lost {
                again |= without.insert(index);
            }
            if !again {
                return LimitedAdmissions { admissions: fates, held: lines, findings };
            }
        }
        // Unreachable: each round removes a transition or adds a person, and both are finite.
        LimitedAdmissions { admissions: Vec::new(), held: Vec::new(), findings: Vec::new() }
    }

    /// Returns the limits that losses exceed, including losses of people who wait.
    fn exceeded(
        &self,
        found: &TenantDiff,
        without: &WaitingLosses<'_>,
        members: &BTreeMap<&SmolStr, TeamMembers>,
        lifts: &mut WaiverUsage<'_>,
    ) -> ExceededLimits<'a> {
        let request = self.request;
        let name = &self.desired.settings.name;
        let mut over = ExceededLimits::new();
        let all = count_changes(found, without, |_| true);
        let layer = request.policy.layer_of(name);
        for ((id, pool), count) in found.pools.iter().zip(all) {
            let named = self.desired.settings.pools.get(&pool.license).and_then(|pool| pool.name.as_ref());
            let past = |window: Option<RollingWindow>| {
                let (today, days) = (day_of(request.now.time), window.map_or(0, |window| window.days));
                request.usage_history.within(name, named.unwrap_or(&pool.license), today, days)
            };
            let (past_losses, past_changes) = (past(layer.losses.window).losses, past(layer.changes.window).changes);
            let count = LimitCounts { holders: pool.holders, past_losses, past_changes, ..count };
            if let Some(exceeded) = policy::check_limits(layer, name, &pool.license, None, &count, lifts) {
                over.entry(id).or_default().push((None, exceeded));
            }
        }
        for team in &request.policy.teams {
            let Some(own) = members.get(&team.name) else { continue };
            let counts = count_changes(found, without, |index| own.changes.contains(&index));
            for ((id, pool), count) in found.pools.iter().zip(counts) {
                let count = LimitCounts { holders: own.holders.get(&id).copied().unwrap_or(0), ..count };
                let limits = policy::check_limits(&team.layer, name, &pool.license, Some(&team.name), &count, lifts);
                if let Some(exceeded) = limits {
                    over.entry(id).or_default().push((Some(team), exceeded));
                }
            }
        }
        over
    }

    /// Returns the changes and holders of each team.
    fn members(&self, found: &TenantDiff) -> BTreeMap<&'a SmolStr, TeamMembers> {
        let name = &self.desired.settings.name;
        let accounts = &self.observation.accounts;
        let mut members = BTreeMap::new();
        for team in &self.request.policy.teams {
            let mut own = TeamMembers::default();
            for (index, change) in found.changes.iter().enumerate() {
                let account = accounts.get(change.account as usize);
                if team.people.find_by_any_name(&change.person, name, account).is_some() {
                    own.changes.insert(index);
                }
            }
            // Holders matter only if the team has changes.
            if own.changes.is_empty() {
                continue;
            }
            for account in accounts {
                if team.people.find_by_any_name(&account.email, name, Some(account)).is_none() {
                    continue;
                }
                let held = account.holdings.iter().filter(|holding| holding.state.is_held());
                let pools: BTreeSet<PoolId> = held.filter_map(|holding| found.pools.find(&holding.license)).collect();
                for pool in pools {
                    *own.holders.entry(pool).or_default() += 1;
                }
            }
            members.insert(&team.name, own);
        }
        members
    }

    /// Returns one held loss.
    fn held_change(&self, found: &TenantDiff, index: usize, pool: PoolId, why: &ExceededLimit) -> Held {
        let change = &found.changes[index];
        Held {
            tenant: self.desired.settings.name.clone(),
            person: change.person.clone(),
            license: found.pools.get(pool).license.clone(),
            code: SmolStr::new_static(why.code.id),
            message: why.message.clone(),
            help: Some(why.help.clone()),
            source: change.source.map(|at| self.request.desired.files.source(at)),
        }
    }

    /// Returns a finding for each exceeded limit, with the people whom it holds.
    fn limit_findings(&self, found: &TenantDiff, over: &ExceededLimits<'_>, lines: &[Held]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (pool, limits) in over {
            let license = &found.pools.get(*pool).license;
            for (_, exceeded) in limits {
                let held = lines.iter().filter(|line| line.license == *license && line.message == exceeded.message);
                findings.push(exceeded.finding(held.map(|line| line.person.clone())));
            }
        }
        findings
    }
}

/// A team's members in a plan.
#[derive(Default)]
struct TeamMembers {
    /// The changes of members.
    changes: BTreeSet<usize>,
    /// The number of holders of each license.
    holders: BTreeMap<PoolId, u64>,
}

fn is_member(members: &BTreeMap<&SmolStr, TeamMembers>, team: &TeamPolicy, index: usize) -> bool {
    members.get(&team.name).is_some_and(|own| own.changes.contains(&index))
}

/// People who lose a license while waiting for another.
struct WaitingLosses<'a> {
    /// The changes that lose a license, or would if it were not held.
    people: &'a BTreeSet<usize>,
    /// The held transitions.
    held: &'a BTreeMap<usize, LicenseTransition>,
}

impl WaitingLosses<'_> {
    /// Returns the transition that loses the license.
    fn transition<'s>(&'s self, found: &'s TenantDiff, index: usize) -> Option<&'s LicenseTransition> {
        let step = found.changes[index].loss_while_waiting.as_ref().or_else(|| self.held.get(&index));
        step.filter(|_| self.people.contains(&index))
    }
}

/// Counts losses and changes of each pool.
fn count_changes(found: &TenantDiff, without: &WaitingLosses<'_>, of: impl Fn(usize) -> bool) -> Vec<LimitCounts> {
    let mut counts = vec![LimitCounts::default(); found.pools.len()];
    for (index, change) in found.changes.iter().enumerate().filter(|(index, _)| of(*index)) {
        let Some(step) = change.options.first() else { continue };
        for given in &step.releases {
            counts[given.pool.index()].changes += 1;
            counts[given.pool.index()].losses += u64::from(step.effect == Effect::Loss);
        }
        if let Some(pool) = step.assigns {
            counts[pool.index()].changes += 1;
        }
        for given in without.transition(found, index).into_iter().flat_map(|step| &step.releases) {
            counts[given.pool.index()].losses += 1;
        }
    }
    counts
}
