//! Waivers at work: which of them lift something, and what is to be said of those that do not.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};
use smol_str::{SmolStr, format_smolstr};

use super::effective::Policy;
use super::rule::Violation;
use super::waiver::{Waiver, WaiverScope};
use crate::diagnostic::{Finding, catalog::policy as code};

/// From this many days on a waiver lasts longer than an exception should.
const LONG_WAIVER_DAYS: i64 = 92;

impl WaiverScope {
    /// Whether it takes in what a rule found.
    fn covers(&self, violation: &Violation) -> bool {
        let license = match (&violation.tenant, &violation.license) {
            (Some(tenant), Some(license)) => Some(format_smolstr!("{tenant}/{license}")),
            _ => None,
        };
        let people = &violation.finding.people;
        (self.tenant.is_none() || self.tenant == violation.tenant)
            && (self.license.is_none() || self.license == license)
            && self.people.as_ref().is_none_or(|own| !people.is_empty() && people.iter().all(|one| own.contains(one)))
    }
}

/// The waivers of a policy at work: which of them lifted something.
#[derive(Debug)]
pub struct WaiverUsage<'p> {
    policy: &'p Policy,
    day: Date,
    used: Vec<bool>,
}

impl<'p> WaiverUsage<'p> {
    /// No waiver has lifted anything yet.
    pub fn new(policy: &'p Policy, day: Date) -> Self {
        Self { policy, day, used: vec![false; policy.waivers.len()] }
    }

    /// Whether a limit on a license is lifted up to that number of people.
    pub(super) fn waives_limit(&mut self, rule: &str, tenant: &str, license: &str, number: u64) -> bool {
        let name = format_smolstr!("{tenant}/{license}");
        let mut lifted = false;
        for (waiver, used) in self.policy.waivers.iter().zip(&mut self.used) {
            let scope = &waiver.scope;
            if waiver.rule == rule
                && waiver.is_in_force(self.day)
                && scope.tenant.as_ref().is_none_or(|own| own == tenant)
                && scope.license.as_ref().is_none_or(|own| *own == name)
                && scope.people.is_none()
                && waiver.count.is_none_or(|count| number <= count)
            {
                *used = true;
                lifted = true;
            }
        }
        lifted
    }

    /// For each violation the waiver that lifts it, if one does: the one that ends last.
    ///
    /// A waiver whose count is exceeded by all that it takes in lifts nothing of it: nobody can say who was meant.
    /// With `expired`, those that have ended are asked, and none counts as used.
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

    /// What is to be said of the waivers by their dates and scopes, whatever a plan does.
    pub(super) fn date_findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let days = self.policy.organization.expiring.days;
        for waiver in &self.policy.waivers {
            let name = waiver.describe();
            let near = self.day.saturating_add(SignedDuration::from_hours(24 * i64::from(days)));
            let found = if !waiver.is_in_force(self.day) {
                Finding::warning(&code::WAIVER_EXPIRED, format!("{name} ended on {}", waiver.until))
                    .help("take it out, or give it a new date")
            } else if waiver.until <= near {
                Finding::warning(&code::WAIVER_ENDING, format!("{name} ends on {}", waiver.until))
                    .help("make it unnecessary by then, or give it a later date after looking again")
            } else if waiver.until > self.day.saturating_add(LONG_WAIVER_DAYS.days()) {
                Finding::warning(&code::WAIVER_TOO_BROAD, format!("{name} lasts until {}", waiver.until)).help(format!(
                    "an exception ends within {LONG_WAIVER_DAYS} days; what lasts longer belongs into `policy`"
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
                (false, _, _) if waiver.scope.is_unrestricted() => "lifts the rule wherever it applies",
                (false, None, _) if of_people && waiver.scope.people.is_none() => "lifts the rule for everybody",
                _ => continue,
            };
            let finding = Finding::warning(&code::WAIVER_TOO_BROAD, format!("{} {what}", waiver.describe()))
                .help("name the license or the people, and the number: `license:`, `people:`, `count:`")
                .at(waiver.source.clone());
            findings.push(finding);
        }
        findings
    }

    /// A note for each waiver in force that lifted nothing.
    pub(super) fn unused_findings(&self) -> Vec<Finding> {
        let idle = self.policy.waivers.iter().zip(&self.used);
        idle.filter(|(waiver, used)| waiver.is_in_force(self.day) && !**used)
            .map(|(waiver, _)| {
                Finding::note(&code::WAIVER_UNUSED, format!("{} lifts nothing in this plan", waiver.describe()))
                    .at(waiver.source.clone())
            })
            .collect()
    }
}
