//! Licenses that expire soon, or are expired, and that somebody holds or would get.
//!
//! An expired pool does not take seats away at once everywhere, so nobody notices until the vendor refuses or hands
//! out something else.

use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::policy::facts::PlanFacts;
use crate::policy::rule::{RuleDescriptor, Stage, Violation};

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "expiring",
    codes: &[&code::LICENSE_EXPIRING],
    level: Some(Level::Warn),
    stage: Stage::Plan,
    checks: "No managed license that somebody holds after the plan is expired, or expires within `days`.",
    rationale: "Seats of an expired pool go on for a while, until the vendor refuses or hands out something else.",
    remedy: "Renew the subscription, or move its people to another license in time.",
    example: "expiring: { days: 30, level: deny | approve | warn }",
};

/// Licenses in use that end within the warning time.
pub(in crate::policy) fn check(facts: &PlanFacts<'_>, violations: &mut Vec<Violation>) {
    let day = facts.now.day;
    for (pool, more) in facts.plan.pools.iter().zip(facts.pool_facts) {
        let (tenant, license, used) = (&pool.tenant, &pool.license, pool.used_after);
        let setting = facts.policy.layer_of(tenant).expiring;
        let Some(expires) = more.expires.filter(|_| more.managed && !more.floor && used > 0) else { continue };
        let Ok(left) = expires.since(day).map(|span| i64::from(span.get_days())) else { continue };
        let people = if used == 1 { "1 seat of it is".to_owned() } else { format!("{used} seats of it are") };
        let message = if expires <= day {
            format!("`{tenant}/{license}` expired on {expires}, and {people} taken")
        } else if left <= i64::from(setting.days) {
            format!("`{tenant}/{license}` expires on {expires}, and {people} taken")
        } else {
            continue;
        };
        let finding = Finding::warning(&code::LICENSE_EXPIRING, message)
            .help("renew it, or move its people to another license in time")
            .value("expires", expires.to_string())
            .value("seats", used)
            .smallest_change("renew it");
        violations.push(Violation::new(&RULE, setting.level, finding).scoped_to(tenant, license));
    }
}
