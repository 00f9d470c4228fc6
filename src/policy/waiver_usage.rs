//! Matches waivers to violations and limits, and reports waivers that are expired, too wide or unused.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};
use smol_str::SmolStr;

use super::rule::Violation;
use crate::diagnostic::{Finding, catalog::policy as code};
use crate::model::{LicenseRef, Policy, Waiver, WaiverScope};

/// The maximum duration of an exception in days.
const LONG_WAIVER_DAYS: i64 = 92;

impl WaiverScope {
    /// Returns whether the scope covers a violation.
    fn covers(&self, violation: &Violation) -> bool {
        let license = match (&violation.tenant, &violation.license) {
            (Some(tenant), Some(license)) => Some(LicenseRef { tenant: tenant.clone(), license: license.clone() }),
            _ => None,
        };
        let people = &violation.finding.people;
        (self.tenant.is_none() || self.tenant == violation.tenant)
            && (self.license.is_none() || self.license == license)
            && self.people.as_ref().is_none_or(|own| !people.is_empty() && people.iter().all(|one| own.contains(one)))
    }
}

/// The waivers of a policy, with a record of those that were used.
#[derive(Debug)]
pub struct WaiverUsage<'p> {
    policy: &'p Policy,
    day: Date,
    used: Vec<bool>,
}

impl<'p> WaiverUsage<'p> {
    /// Creates a record in which no waiver is used yet.
    pub fn new(policy: &'p Policy, day: Date) -> Self {
        Self { policy, day, used: vec![false; policy.waivers.len()] }
    }

    /// Returns whether a waiver lifts a limit on a license for that number of people.
    pub(super) fn waives_limit(&mut self, rule: &str, tenant: &str, license: &str, number: u64) -> bool {
        let mut lifted = false;
        for (waiver, used) in self.policy.waivers.iter().zip(&mut self.used) {
            let scope = &waiver.scope;
            if waiver.rule == rule
                && waiver.is_in_force(self.day)
                && scope.tenant.as_ref().is_none_or(|own| own == tenant)
                && scope.license.as_ref().is_none_or(|own| own.tenant == tenant && own.license == license)
                && scope.people.is_none()
                && waiver.count.is_none_or(|count| number <= count)
            {
                *used = true;
                lifted = true;
            }
        }
        lifted
    }

    /// Returns, for each violation, the waiver that lifts it; of several, the one that ends last.
    ///
    /// A waiver that covers more people than its count lifts none of the violations, because it does not say who was meant.
    /// With `expired`, only expired waivers are matched, and none is recorded as used.
    pub(super) fn match_violations(&mut self, violations: &[Violation], expired: bool) -> Vec<Option<&'p Waiver>> {
        let mut lifted: Vec<Option<&'p Waiver>> = vec![None; violations.len()];
        for (waiver, used) in self.policy.waivers.iter().zip(&mut self.used) {
            if waiver.is_in_force(self.day) == expired {
                continue;
            }
            let taken: Vec<usize> = violations
                .iter()
                .enumerate()
                .filter(|(_, violation)| violation.rule == waiver.rule && waiver.scope.covers(violation))
                .map(|(index, _)| index)
                .collect();
            let people: BTreeSet<&SmolStr> =
                taken.iter().flat_map(|index| &violations[*index].finding.people).collect();
            let number = people.len().max(usize::from(!taken.is_empty())) as u64;
            if taken.is_empty() || waiver.count.is_some_and(|count| number > count) {
                continue;
            }
            *used |= !expired;
            for index in taken {
                let slot = &mut lifted[index];
                if slot.is_none_or(|other| other.until < waiver.until) {
                    *slot = Some(waiver);
                }
            }
        }
        lifted
    }

    /// Returns findings about dates and scopes of waivers, independent of a plan.
    pub(super) fn date_findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let days = self.policy.organization.expiring.days;
        for waiver in &self.policy.waivers {
            let name = waiver.describe();
            let near = self.day.saturating_add(SignedDuration::from_hours(24 * i64::from(days)));
            let found = if !waiver.is_in_force(self.day) {
                Finding::warning(&code::WAIVER_EXPIRED, format!("{name} ended on {}", waiver.until))
                    .help("remove it, or set a new date")
            } else if waiver.until <= near {
                Finding::warning(&code::WAIVER_ENDING, format!("{name} ends on {}", waiver.until))
                    .help("resolve the cause by then, or review it and set a later date")
            } else if waiver.until > self.day.saturating_add(LONG_WAIVER_DAYS.days()) {
                Finding::warning(&code::WAIVER_TOO_BROAD, format!("{name} lasts until {}", waiver.until)).help(format!(
                    "an exception ends within {LONG_WAIVER_DAYS} days; change `policy` for a permanent one"
                ))
            } else {
                continue;
            };
            findings.push(found.at(waiver.source.clone()));
        }
        for waiver in self.policy.waivers.iter().filter(|waiver| waiver.is_in_force(self.day)) {
            let limits = matches!(waiver.rule.as_str(), "losses" | "changes");
            let of_people =
                matches!(waiver.rule.as_str(), "protect" | "own-account" | "data-loss" | "licenses" | "exclude");
            let what = match (limits, waiver.count, waiver.scope.license.is_some()) {
                (true, None, _) => "lifts the limit for any number of people",
                (true, Some(_), false) => "lifts the limit of every license",
                (false, _, _) if waiver.scope.is_unrestricted() => "lifts the rule everywhere",
                (false, None, _) if of_people && waiver.scope.people.is_none() => "lifts the rule for everyone",
                _ => continue,
            };
            let finding = Finding::warning(&code::WAIVER_TOO_BROAD, format!("{} {what}", waiver.describe()))
                .help("narrow it with `license`, `people` or `count`")
                .at(waiver.source.clone());
            findings.push(finding);
        }
        findings
    }

    /// Returns a note for each valid waiver that was not used.
    pub(super) fn unused_findings(&self) -> Vec<Finding> {
        let idle = self.policy.waivers.iter().zip(&self.used);
        idle.filter(|(waiver, used)| waiver.is_in_force(self.day) && !**used)
            .map(|(waiver, _)| {
                Finding::note(&code::WAIVER_UNUSED, format!("{} is not used by this plan", waiver.describe()))
                    .at(waiver.source.clone())
            })
            .collect()
    }
}
