//! Rule `freeze`: windows in which `apply` changes nothing.
//!
//! Before a holiday, nobody is available to fix what a change breaks. The plan reports an active window; `apply` enforces it by
//! its own clock, because a plan can be made at any time and for any day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use smol_str::SmolStr;

use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::env::clock::day_of;
use crate::model::{FreezeWindow, Operation, Policy, end_of_freeze};
use crate::policy::facts::PlanFacts;
use crate::policy::rule::{RuleDescriptor, Stage, Violation};
use crate::policy::waiver_usage::WaiverUsage;

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "freeze",
    codes: &[&code::FROZEN],
    level: Some(Level::Deny),
    stage: Stage::Apply,
    checks: "No run starts while a freeze window is active for a tenant that its plan changes, by the clock of the run; \
             `--at` does not change that. One frozen tenant stops the whole plan. Plans can be made and reviewed in a \
             window, and a run that started before it finishes. If clocks change, the window is longer, never shorter.",
    rationale: "Before a holiday or while the books are closed, nobody is available to fix what a change breaks.",
    remedy: "Apply the plan after the window; the error message says when. In an emergency, add a waiver of `freeze` for the \
              tenant.",
    example: "freeze: [{ name: year-end, from: 2026-12-20T00:00, until: 2027-01-02T00:00, time_zone: Europe/Berlin }]",
};

/// Reports windows that are active while the plan is made.
pub(in crate::policy) fn check(facts: &PlanFacts<'_>, violations: &mut Vec<Violation>) {
    let at = facts.now.time;
    let touched = touched_tenants(&facts.plan.operations);
    for window in &facts.policy.freeze {
        if window.active_until(at).is_some() {
            violations.extend(freeze_violations(window, &touched, at));
        }
    }
}

/// Returns a finding if windows stop a plan from being applied at that time, with the time from which it may run. The day of that
/// time decides which waivers count.
pub fn check_apply_freeze(policy: &Policy, operations: &[Operation], at: Timestamp) -> Option<Finding> {
    let touched = touched_tenants(operations);
    let all = policy.freeze.iter().filter(|window| window.level != Level::Warn);
    let (windows, violations): (Vec<&FreezeWindow>, Vec<Violation>) = all
        .flat_map(|window| freeze_violations(window, &touched, at).map(move |violation| (window, violation)))
        .unzip();
    let lifted = WaiverUsage::new(policy, day_of(at)).match_violations(&violations, false);
    let stops = windows.iter().zip(&violations).zip(lifted).filter(|(_, waiver)| waiver.is_none());
    let stops: Vec<(&FreezeWindow, &Violation)> = stops.map(|((window, violation), _)| (*window, violation)).collect();
    let holding: Vec<_> = stops.iter().filter(|(window, _)| window.active_until(at).is_some()).collect();
    let (window, first) = holding.first()?;
    let names: BTreeSet<_> = holding.iter().map(|(window, _)| format!("`{}`", window.name)).collect();
    let tenants: BTreeSet<_> =
        holding.iter().filter_map(|(_, violation)| Some(format!("`{}`", violation.tenant.as_ref()?))).collect();
    let windows: Vec<&FreezeWindow> = stops.iter().map(|(window, _)| *window).collect();
    let may = match end_of_freeze(&windows, at) {
        Some((moment, last)) => {
            let zone = &last.unwrap_or(window).zone;
            format!("the plan may run from {}", zone.format_instant(moment))
        }
        None => "it has no end".to_owned(),
    };
    let join = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>().join(", ");
    let message = format!("freeze {} is active for {}; {may}", join(names), join(tenants));
    let help = first.finding.help.clone().unwrap_or_default();
    let mut finding = Finding::error(&code::FROZEN, message).help(help).at(window.source.clone());
    finding.rule = Some(SmolStr::new_static(RULE.slug));
    finding.level = Some(Level::Deny);
    Some(finding)
}

/// Returns the tenants that operations change, each with the license if it is only one.
fn touched_tenants(operations: &[Operation]) -> BTreeMap<&SmolStr, Option<&SmolStr>> {
    let mut touched: BTreeMap<&SmolStr, Option<&SmolStr>> = BTreeMap::new();
    for operation in operations {
        let license = touched.entry(&operation.tenant).or_insert(Some(&operation.license));
        if *license != Some(&operation.license) || operation.to.is_some() {
            *license = None;
        }
    }
    touched
}

/// Returns a violation for each tenant that a window freezes.
fn freeze_violations<'a>(
    window: &'a FreezeWindow,
    touched: &'a BTreeMap<&SmolStr, Option<&SmolStr>>,
    at: Timestamp,
) -> impl Iterator<Item = Violation> + 'a {
    touched.iter().filter(|(tenant, _)| window.applies_to(tenant)).map(move |(tenant, license)| {
        let end = window.active_until(at).unwrap_or(at);
        let why = window.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
        let until = window.zone.format_instant(end);
        let message = format!("freeze `{}` is active for `{tenant}` until {until}{why}", window.name);
        let finding = Finding::error(&code::FROZEN, message)
            .help(format!(
                "apply the plan afterwards; in an emergency, add a waiver: `{{ rule: freeze, tenant: {tenant}, owner: ..., \
                 reason: ..., until: ... }}`"
            ))
            .at(window.source.clone())
            .value("window", window.name.as_str())
            .value("until", end.to_string())
            .smallest_change(format!("apply it from {end}"));
        let violation = Violation::new(&RULE, window.level, finding).scoped_to(tenant, *license);
        Violation { deferred: true, ..violation }
    })
}
