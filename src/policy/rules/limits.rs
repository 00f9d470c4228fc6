//! Limits on losses and on all changes of a license.
//!
//! A sync without its source, an emptied list or a wrong filter removes many people at once. A limit applies to each license,
//! because a percentage of all people says nothing about a small pool; below a floor, the percentage means nothing either. Over
//! the limit, all losses of the license are held and additions proceed: a limit that stops safe work gets disabled.

use std::collections::BTreeMap;

use serde_json::Value;
use smol_str::SmolStr;

use super::{changes, losses};
use crate::diagnostic::{Code, Finding, catalog::policy as code};
use crate::model::{ChangeLimit, LimitUsage, PolicyLayer, RollingWindow};
use crate::policy::rule::RuleDescriptor;
use crate::policy::waiver_usage::WaiverUsage;

/// The counts of one license that limits apply to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LimitCounts {
    /// Current holders.
    pub holders: u64,
    /// People who would lose the license without a replacement.
    pub losses: u64,
    /// People affected by any change of the license.
    pub changes: u64,
    /// People who lost the license in the window before, according to the store.
    pub past_losses: u64,
    /// People affected by a change of the license in the window before, according to the store.
    pub past_changes: u64,
}

/// An exceeded limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceededLimit {
    /// The code.
    pub code: &'static Code,
    /// The rule's name.
    pub rule: &'static str,
    /// The message, with the limit and the number.
    pub message: String,
    /// How to lift the limit.
    pub help: String,
    /// The count that a waiver needs.
    pub number: u64,
    /// The values behind the decision.
    pub values: BTreeMap<SmolStr, Value>,
    /// The number of people over the limit.
    pub excess: u64,
}

/// Returns the first limit that one license exceeds and no waiver lifts. Without losses nothing is held, but an exceeded limit
/// on changes is still reported.
pub fn check_limits(
    layer: &PolicyLayer,
    tenant: &str,
    license: &str,
    team: Option<&str>,
    count: &LimitCounts,
    lifts: &mut WaiverUsage<'_>,
) -> Option<ExceededLimit> {
    if count.losses == 0 && count.changes == 0 {
        return None;
    }
    let name = format!("{tenant}/{license}");
    let losses =
        LimitCheck { name: &name, team, descriptor: &losses::RULE, limit: &layer.losses, holders: count.holders };
    let changes =
        LimitCheck { name: &name, team, descriptor: &changes::RULE, limit: &layer.changes, holders: count.holders };
    let found = [
        losses.check_plan(count.losses, &code::LOSSES_OVER_LIMIT),
        losses.check_window(count.losses, count.past_losses, &code::LOSSES_OVER_WINDOW).filter(|_| count.losses > 0),
        changes.check_plan(count.changes, &code::CHANGES_OVER_LIMIT),
        changes.check_window(count.changes, count.past_changes, &code::CHANGES_OVER_WINDOW),
    ];
    let mut left = found.into_iter().flatten();
    left.find(|exceeded| !lifts.waives_limit(exceeded.rule, tenant, license, exceeded.number))
}

/// Returns the first rolling window that one license exceeds and no waiver lifts, counting this plan and earlier ones.
pub fn check_windows(
    layer: &PolicyLayer,
    tenant: &str,
    license: &str,
    planned: LimitUsage,
    past: impl Fn(u32) -> LimitUsage,
    lifts: &mut WaiverUsage<'_>,
) -> Option<ExceededLimit> {
    if planned.losses == 0 {
        return None;
    }
    let name = format!("{tenant}/{license}");
    let subject = |descriptor, limit| LimitCheck { name: &name, team: None, descriptor, limit, holders: 0 };
    let before = |limit: &ChangeLimit| limit.window.map_or(LimitUsage::default(), |window| past(window.days));
    let losses = subject(&losses::RULE, &layer.losses);
    let changes = subject(&changes::RULE, &layer.changes);
    let found = [
        losses.check_window(planned.losses, before(&layer.losses).losses, &code::LOSSES_OVER_WINDOW),
        changes.check_window(planned.changes, before(&layer.changes).changes, &code::CHANGES_OVER_WINDOW),
    ];
    let mut left = found.into_iter().flatten();
    left.find(|exceeded| !lifts.waives_limit(exceeded.rule, tenant, license, exceeded.number))
}

/// One limit of one license.
struct LimitCheck<'a> {
    name: &'a str,
    team: Option<&'a str>,
    descriptor: &'static RuleDescriptor,
    limit: &'a ChangeLimit,
    holders: u64,
}

impl LimitCheck<'_> {
    /// Checks the number of this plan.
    fn check_plan(&self, number: u64, code: &'static Code) -> Option<ExceededLimit> {
        let (allowed, why) = match (self.limit.count.filter(|count| number > *count), self.limit.percent) {
            (Some(count), _) => (count, format!("more than {count}")),
            (None, Some(percent)) => {
                let share = u128::from(percent) * u128::from(self.holders) / 100;
                let share = u64::try_from(share).unwrap_or(u64::MAX).max(self.limit.floor);
                (share, format!("more than {percent} % of its {} holders", self.holders))
            }
            (None, None) => return None,
        };
        (number > allowed).then(|| {
            let message = format!("{}, {why}", self.describe(number));
            self.exceeded(code, message, number, number - allowed, [("number", number), ("allowed", allowed)])
        })
    }

    /// Checks the sum of this plan and earlier ones within the window.
    fn check_window(&self, number: u64, past: u64, code: &'static Code) -> Option<ExceededLimit> {
        let RollingWindow { days, count } = self.limit.window?;
        let sum = number.saturating_add(past);
        (sum > count).then(|| {
            let message = format!("{}, after {past} within {days} days: more than {count}", self.describe(number));
            self.exceeded(code, message, sum, sum - count, [("number", number), ("past", past)])
        })
    }

    fn describe(&self, number: u64) -> String {
        match (self.descriptor.slug == losses::RULE.slug, self.team) {
            (true, None) if number == 1 => format!("1 person would lose `{}`", self.name),
            (true, None) => format!("{number} people would lose `{}`", self.name),
            (true, Some(team)) => format!("{number} people of `{team}` would lose `{}`", self.name),
            (false, None) if number == 1 => format!("1 change of `{}`", self.name),
            (false, None) => format!("{number} changes of `{}`", self.name),
            (false, Some(team)) => format!("{number} changes of `{}` for people of `{team}`", self.name),
        }
    }

    fn exceeded<const N: usize>(
        &self,
        code: &'static Code,
        message: String,
        number: u64,
        excess: u64,
        values: [(&'static str, u64); N],
    ) -> ExceededLimit {
        let rule = self.descriptor.slug;
        let help = format!(
            "if this is intended, add a waiver: `{{ rule: {rule}, license: {}, count: {number}, owner: ..., reason: ..., until: ... }}`",
            self.name
        );
        let values = values.into_iter().chain([("holders", self.holders)]);
        let values = values.map(|(name, value)| (SmolStr::new_static(name), Value::from(value))).collect();
        ExceededLimit { code, rule, message, help, number, values, excess }
    }
}

impl ExceededLimit {
    /// Returns the finding about the limit and the people whose losses are held.
    pub fn finding(&self, people: impl IntoIterator<Item = SmolStr>) -> Finding {
        let mut finding = Finding::warning(self.code, self.message.clone())
            .help(self.help.clone())
            .people(people)
            .smallest_change(format!("remove {} fewer", self.excess));
        finding.rule = Some(SmolStr::new_static(self.rule));
        finding.values.clone_from(&self.values);
        finding
    }
}

/// Returns the finding about `--allow-removals`, which must be exactly the number of held removals.
pub fn removal_allowance_finding(number: u64, held: u64) -> Finding {
    if number == held && held > 0 {
        return Finding::warning(
            &code::REMOVALS_ALLOWED,
            format!("`--allow-removals` allows {number} removals over the limits"),
        )
        .value("allowed", number);
    }
    Finding::warning(
        &code::ALLOWANCE_MISMATCH,
        format!("`--allow-removals {number}` has no effect: the limits hold {held} removals"),
    )
    .help("review the held removals, then pass exactly their number")
    .value("allowed", number)
    .value("held", held)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::model::{LicenseRef, Policy, Waiver, WaiverScope};

    fn exceeded(policy: &Policy, count: LimitCounts) -> Option<&'static str> {
        let mut lifts = WaiverUsage::new(policy, date(2026, 11, 22));
        check_limits(&policy.organization, "phones", "X4", None, &count, &mut lifts).map(|exceeded| exceeded.code.id)
    }

    fn losses(losses: u64, holders: u64) -> LimitCounts {
        LimitCounts { holders, losses, changes: losses, ..LimitCounts::default() }
    }

    #[test]
    fn percentage_does_not_apply_up_to_the_floor() {
        let policy = Policy::default();
        assert_eq!(exceeded(&policy, losses(5, 5)), None);
        assert_eq!(exceeded(&policy, losses(6, 24)), None, "exactly a quarter is allowed");
        assert_eq!(exceeded(&policy, losses(6, 23)), Some("P101"));
    }

    #[test]
    fn count_applies_to_any_pool_size() {
        assert_eq!(exceeded(&Policy::default(), losses(50, 100_000)), None);
        assert_eq!(exceeded(&Policy::default(), losses(51, 100_000)), Some("P101"));
    }

    #[test]
    fn window_sums_small_plans() {
        let count = LimitCounts { past_losses: 96, ..losses(4, 1000) };
        assert_eq!(exceeded(&Policy::default(), count), None);
        assert_eq!(exceeded(&Policy::default(), LimitCounts { past_losses: 97, ..count }), Some("P102"));
    }

    #[test]
    fn changes_have_their_own_window() {
        let mut policy = Policy::default();
        policy.organization.changes.window = Some(RollingWindow { days: 7, count: 10 });
        let count = LimitCounts { changes: 8, past_changes: 2, ..losses(1, 1000) };
        assert_eq!(exceeded(&policy, count), None);
        assert_eq!(exceeded(&policy, LimitCounts { past_changes: 3, ..count }), Some("P104"));
    }

    #[test]
    fn waiver_counts_up_to_its_count_and_until_its_day() {
        let waiver = Waiver {
            rule: "losses".into(),
            scope: WaiverScope { license: LicenseRef::parse("phones/X4").ok(), ..WaiverScope::default() },
            count: Some(60),
            owner: "it".into(),
            reason: "ADM-1".into(),
            until: date(2026, 11, 22),
            source: None,
        };
        let with = |waiver| Policy { waivers: vec![waiver], ..Policy::default() };
        assert_eq!(exceeded(&with(waiver.clone()), losses(60, 1000)), None);
        assert_eq!(exceeded(&with(waiver.clone()), losses(61, 1000)), Some("P101"));
        assert_eq!(
            exceeded(&with(Waiver { until: date(2026, 11, 21), ..waiver.clone() }), losses(60, 1000)),
            Some("P101")
        );
        let other = WaiverScope { license: LicenseRef::parse("phones/X2").ok(), ..WaiverScope::default() };
        assert_eq!(exceeded(&with(Waiver { scope: other, ..waiver }), losses(60, 1000)), Some("P101"));
    }
}
