//! Limits on losses and on all changes of a license.
//!
//! A sync that lost its source, an emptied list or a wrong filter strips many people at once. A limit looks at each
//! license by itself, for a share of all people says nothing of a small pool; below a floor the share means nothing
//! either. Over the limit all losses of the license are held, and additions go on: a limit that stops safe work gets
//! switched off.

use std::collections::BTreeMap;

use serde_json::Value;
use smol_str::SmolStr;

use super::{changes, losses};
use crate::diagnostic::{Code, Finding, catalog::policy as code};
use crate::model::LimitUsage;
use crate::policy::effective::{ChangeLimit, PolicyLayer, RollingWindow};
use crate::policy::rule::RuleDescriptor;
use crate::policy::waiver_usage::WaiverUsage;

/// What a limit looks at: one license.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LimitCounts {
    /// People who hold it now.
    pub holders: u64,
    /// People who would lose it without a replacement.
    pub losses: u64,
    /// People whom any change of it touches.
    pub changes: u64,
    /// People who lost it in the days before, as the store remembers.
    pub past_losses: u64,
    /// People who were touched by a change of it in the days before, as the store remembers.
    pub past_changes: u64,
}

/// A limit that is exceeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceededLimit {
    /// The code.
    pub code: &'static Code,
    /// The rule's name.
    pub rule: &'static str,
    /// The limit and the number over it.
    pub message: String,
    /// What to write to lift it.
    pub help: String,
    /// How many people a waiver has to be for.
    pub number: u64,
    /// The values that it was decided by.
    pub values: BTreeMap<SmolStr, Value>,
    /// How many people fewer would be within the limit.
    pub excess: u64,
}

/// Which limit one license exceeds, if any that no waiver lifts. Where nobody loses it there is nothing to hold, and the
/// limit on changes is told all the same.
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

/// Which rolling window one license exceeds, if any that no waiver lifts: what a plan does, together with what others did
/// within so many days.
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
    /// Whether the number of this plan alone is over the limit.
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

    /// Whether it is over the limit together with what earlier plans did.
    fn check_window(&self, number: u64, past: u64, code: &'static Code) -> Option<ExceededLimit> {
        let RollingWindow { days, count } = self.limit.window?;
        let sum = number.saturating_add(past);
        (sum > count).then(|| {
            let message = format!("{} and {past} did within {days} days, more than {count}", self.describe(number));
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
            "if this is meant, add a waiver: `{{ rule: {rule}, license: {}, count: {number}, owner: ..., reason: ..., until: ... }}`",
            self.name
        );
        let values = values.into_iter().chain([("holders", self.holders)]);
        let values = values.map(|(name, value)| (SmolStr::new_static(name), Value::from(value))).collect();
        ExceededLimit { code, rule, message, help, number, values, excess }
    }
}

impl ExceededLimit {
    /// The finding about the limit and everybody whom it holds.
    pub fn finding(&self, people: impl IntoIterator<Item = SmolStr>) -> Finding {
        let mut finding = Finding::warning(self.code, self.message.clone())
            .help(self.help.clone())
            .people(people)
            .smallest_change(format!("take {} fewer", self.excess));
        finding.rule = Some(SmolStr::new_static(self.rule));
        finding.values.clone_from(&self.values);
        finding
    }
}

/// What is said of a number that was given to allow removals, where `held` of them are held.
pub fn removal_allowance_finding(number: u64, held: u64) -> Finding {
    if number == held && held > 0 {
        return Finding::warning(
            &code::REMOVALS_ALLOWED,
            format!("{number} removals over the limits are allowed by `--allow-removals`"),
        )
        .value("allowed", number);
    }
    Finding::warning(
        &code::ALLOWANCE_MISMATCH,
        format!("`--allow-removals {number}` lifts nothing, for the limits hold {held}"),
    )
    .help("give exactly the number of held removals, after looking at them")
    .value("allowed", number)
    .value("held", held)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::policy::effective::Policy;
    use crate::policy::waiver::{Waiver, WaiverScope};

    fn exceeded(policy: &Policy, count: LimitCounts) -> Option<&'static str> {
        let mut lifts = WaiverUsage::new(policy, date(2026, 11, 22));
        check_limits(&policy.organization, "phones", "X4", None, &count, &mut lifts).map(|exceeded| exceeded.code.id)
    }

    fn losses(losses: u64, holders: u64) -> LimitCounts {
        LimitCounts { holders, losses, changes: losses, ..LimitCounts::default() }
    }

    #[test]
    fn a_share_means_nothing_up_to_the_floor() {
        let policy = Policy::default();
        assert_eq!(exceeded(&policy, losses(5, 5)), None);
        assert_eq!(exceeded(&policy, losses(6, 24)), None, "exactly a quarter is allowed");
        assert_eq!(exceeded(&policy, losses(6, 23)), Some("P101"));
    }

    #[test]
    fn a_count_holds_however_large_the_pool_is() {
        assert_eq!(exceeded(&Policy::default(), losses(50, 100_000)), None);
        assert_eq!(exceeded(&Policy::default(), losses(51, 100_000)), Some("P101"));
    }

    #[test]
    fn small_plans_add_up_in_the_window() {
        let count = LimitCounts { past_losses: 96, ..losses(4, 1000) };
        assert_eq!(exceeded(&Policy::default(), count), None);
        assert_eq!(exceeded(&Policy::default(), LimitCounts { past_losses: 97, ..count }), Some("P102"));
    }

    #[test]
    fn changes_have_a_window_of_their_own() {
        let mut policy = Policy::default();
        policy.organization.changes.window = Some(RollingWindow { days: 7, count: 10 });
        let count = LimitCounts { changes: 8, past_changes: 2, ..losses(1, 1000) };
        assert_eq!(exceeded(&policy, count), None);
        assert_eq!(exceeded(&policy, LimitCounts { past_changes: 3, ..count }), Some("P104"));
    }

    #[test]
    fn a_waiver_lifts_up_to_its_count_and_until_its_day() {
        let waiver = Waiver {
            rule: "losses".into(),
            scope: WaiverScope { license: Some("phones/X4".into()), ..WaiverScope::default() },
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
        let other = WaiverScope { license: Some("phones/X2".into()), ..WaiverScope::default() };
        assert_eq!(exceeded(&with(Waiver { scope: other, ..waiver }), losses(60, 1000)), Some("P101"));
    }
}
