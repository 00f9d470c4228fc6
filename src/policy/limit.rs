//! Limits on losses and on all changes of a license.
//!
//! A sync that lost its source, an emptied list or a wrong filter strips many people at once. A limit looks at each
//! license by itself, for a share of all people says nothing of a small pool; below a floor the share means nothing
//! either. Over the limit all losses of the license are held, and additions go on: a limit that stops safe work gets
//! switched off.

use jiff::civil::Date;
use smol_str::SmolStr;

use super::settings::{Limit, Policy, Waiver};
use crate::diagnostic::{Code, Finding, catalog::policy as code};

/// What a limit looks at: one license.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// People who hold it now.
    pub holders: u64,
    /// People who would lose it without a replacement.
    pub losses: u64,
    /// People whom any change of it touches.
    pub changes: u64,
    /// People who lost it in the days before, as the store remembers.
    pub past_losses: u64,
}

/// A limit that is exceeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// The code.
    pub code: &'static Code,
    /// The limit and the number over it.
    pub message: String,
    /// What to write to lift it.
    pub help: String,
}

/// Which limit one license exceeds, if any; waivers that lift one are marked in `used`.
pub fn check(policy: &Policy, license: &str, count: &Count, day: Date, used: &mut [bool]) -> Option<Exceeded> {
    if count.losses == 0 {
        return None;
    }
    let losses = over(&policy.losses, count.losses, count.holders)
        .map(|why| {
            (
                &code::LOSSES_OVER_LIMIT,
                "losses",
                count.losses,
                format!("{} people would lose `{license}`, {why}", count.losses),
            )
        })
        .or_else(|| {
            let window = policy.losses.window?;
            let sum = count.losses + count.past_losses;
            (sum > window.count).then(|| {
                let message = format!(
                    "{} people would lose `{license}` and {} did within {} days, more than {}",
                    count.losses, count.past_losses, window.days, window.count
                );
                (&code::LOSSES_OVER_WINDOW, "losses", sum, message)
            })
        });
    let changes = || {
        over(&policy.changes, count.changes, count.holders).map(|why| {
            (
                &code::CHANGES_OVER_LIMIT,
                "changes",
                count.changes,
                format!("{} changes of `{license}`, {why}", count.changes),
            )
        })
    };
    let lifted = |found: &(&'static Code, &str, u64, String), used: &mut [bool]| {
        let mut lifted = false;
        for (waiver, used) in policy.waivers.iter().zip(used) {
            if counts(waiver, found.1, license, day) && waiver.count.is_none_or(|count| found.2 <= count) {
                *used = true;
                lifted = true;
            }
        }
        lifted
    };
    let found =
        losses.filter(|found| !lifted(found, used)).or_else(|| changes().filter(|found| !lifted(found, used)))?;
    let (code, rule, number, message) = found;
    let help = format!(
        "if this is meant, add a waiver: `{{ rule: {rule}, license: {license}, count: {number}, owner: ..., reason: ..., until: ... }}`"
    );
    Some(Exceeded { code, message, help })
}

/// Why a number is over a limit, the window aside.
fn over(limit: &Limit, number: u64, holders: u64) -> Option<String> {
    if let Some(count) = limit.count.filter(|count| number > *count) {
        return Some(format!("more than {count}"));
    }
    let percent = limit.percent?;
    let is_over = number > limit.floor && u128::from(number) * 100 > u128::from(percent) * u128::from(holders);
    is_over.then(|| format!("more than {percent} % of its {holders} holders"))
}

/// Whether a waiver is for that rule and license, and in force.
fn counts(waiver: &Waiver, rule: &str, license: &str, day: Date) -> bool {
    waiver.rule == rule
        && waiver.license.as_ref().is_none_or(|for_license| for_license == license)
        && day <= waiver.until
}

/// Waivers that have ended, or that nothing needs.
pub fn check_waivers(policy: &Policy, day: Date, used: &[bool]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (waiver, used) in policy.waivers.iter().zip(used) {
        let name = waiver.license.clone().unwrap_or_else(|| SmolStr::new_static("every license"));
        if day > waiver.until {
            findings.push(
                Finding::warning(
                    &code::WAIVER_EXPIRED,
                    format!("the waiver of `{}` for `{name}` ended on {}", waiver.rule, waiver.until),
                )
                .help("take it out, or give it a new date")
                .at(waiver.source.clone()),
            );
        } else if !used {
            findings.push(
                Finding::note(
                    &code::WAIVER_UNUSED,
                    format!("the waiver of `{}` for `{name}` lifts nothing in this plan", waiver.rule),
                )
                .at(waiver.source.clone()),
            );
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn exceeded(policy: &Policy, count: Count) -> Option<&'static str> {
        let mut used = vec![false; policy.waivers.len()];
        check(policy, "phones/X4", &count, date(2026, 11, 22), &mut used).map(|exceeded| exceeded.code.id)
    }

    fn losses(losses: u64, holders: u64) -> Count {
        Count { holders, losses, changes: losses, past_losses: 0 }
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
        let count = Count { past_losses: 96, ..losses(4, 1000) };
        assert_eq!(exceeded(&Policy::default(), count), None);
        assert_eq!(exceeded(&Policy::default(), Count { past_losses: 97, ..count }), Some("P102"));
    }

    #[test]
    fn a_waiver_lifts_up_to_its_count_and_until_its_day() {
        let waiver = Waiver {
            rule: "losses".into(),
            license: Some("phones/X4".into()),
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
        assert_eq!(
            exceeded(&with(Waiver { license: Some("phones/X2".into()), ..waiver }), losses(60, 1000)),
            Some("P101")
        );
    }
}
