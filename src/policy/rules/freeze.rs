//! Times in which nothing is changed.
//!
//! Before a holiday or while the books are closed nobody is there to mend what a change breaks. The plan says that a
//! window holds; the run is what it stops, by the run's own clock, for a plan can be made at any time and for any day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use smol_str::SmolStr;

use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::env::clock::day_of;
use crate::model::{FreezeWindow, Operation, end_of_freeze};
use crate::policy::effective::Policy;
use crate::policy::facts::PlanFacts;
use crate::policy::rule::{RuleDescriptor, Stage, Violation};
use crate::policy::waiver_usage::WaiverUsage;

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "freeze",
    codes: &[&code::FROZEN],
    level: Some(Level::Deny),
    stage: Stage::Apply,
    checks: "No run begins while a freeze window holds for a tenant that its plan changes, by the clock of the run; \
             `--at` does not move it. One frozen tenant stops the whole plan. A plan may be made and reviewed in a \
             window, and a run that began before it goes on to its end. Where clocks are put forward or back, the \
             window is longer rather than shorter.",
    rationale: "Before a holiday or while the books are closed nobody is there to mend what a change breaks.",
    remedy: "Apply the plan after the window; the refusal says when. For an emergency waive `freeze`, for the \
              tenant, with an owner and an end.",
    example: "freeze: [{ name: year-end, from: 2026-12-20T00:00, until: 2027-01-02T00:00, time_zone: Europe/Berlin }]",
};

/// The windows that hold while the plan is made.
pub(in crate::policy) fn check(facts: &PlanFacts<'_>, violations: &mut Vec<Violation>) {
    let at = facts.now.time;
    let touched = touched_tenants(&facts.plan.operations);
    for window in &facts.policy.freeze {
        if window.active_until(at).is_some() {
            violations.extend(freeze_violations(window, &touched, at));
        }
    }
}

/// What stops a plan from being applied at that moment: a finding with all windows that do, and with the moment from
/// which on none does. The day of the moment decides which waivers count.
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
            format!("it may run from {} on", zone.format_instant(moment))
        }
        None => "no end of it is in sight".to_owned(),
    };
    let join = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>().join(", ");
    let message = format!("the freeze {} holds for {}; {may}", join(names), join(tenants));
    let help = first.finding.help.clone().unwrap_or_default();
    let mut finding = Finding::error(&code::FROZEN, message).help(help).at(window.source.clone());
    finding.rule = Some(SmolStr::new_static(RULE.slug));
    finding.level = Some(Level::Deny);
    Some(finding)
}

/// The tenants that operations change, each with its license where it is only one.
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

/// What a window stops at each of the tenants.
fn freeze_violations<'a>(
    window: &'a FreezeWindow,
    touched: &'a BTreeMap<&SmolStr, Option<&SmolStr>>,
    at: Timestamp,
) -> impl Iterator<Item = Violation> + 'a {
    touched.iter().filter(|(tenant, _)| window.applies_to(tenant)).map(move |(tenant, license)| {
        let end = window.active_until(at).unwrap_or(at);
        let why = window.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
        let until = window.zone.format_instant(end);
        let message = format!("the freeze `{}` holds for `{tenant}` until {until}{why}", window.name);
        let finding = Finding::error(&code::FROZEN, message)
            .help(format!(
                "apply it afterwards; for an emergency add a waiver: `{{ rule: freeze, tenant: {tenant}, owner: ..., \
                 reason: ..., until: ... }}`"
            ))
            .at(window.source.clone())
            .value("window", window.name.as_str())
            .value("until", end.to_string())
            .smallest_change(format!("apply it from {end} on"));
        let violation = Violation::new(&RULE, window.level, finding).scoped_to(tenant, *license);
        Violation { deferred: true, ..violation }
    })
}
