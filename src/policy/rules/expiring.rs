//! Rule `expiring`: used licenses that are expired or expire soon.

use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::policy::facts::PlanFacts;
use crate::policy::rule::{RuleDescriptor, Stage, Violation};

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "expiring",
    codes: &[&code::LICENSE_EXPIRING],
    level: Some(Level::Warn),
    stage: Stage::Plan,
    checks: "No managed license that is used after the plan is expired or expires within `days`.",
    rationale: "Seats of an expired pool may keep working, until the vendor refuses changes or assigns another license.",
    remedy: "Renew the subscription, or move its holders to another license in time.",
    example: "expiring: { days: 30, level: deny | approve | warn }",
};

/// Reports used licenses that are expired or expire within the warning period.
pub(in crate::policy) fn check(facts: &PlanFacts<'_>, violations: &mut Vec<Violation>) {
    let day = facts.now.day;
    for (pool, more) in facts.plan.pools.iter().zip(facts.pool_facts) {
        let (tenant, license, used) = (&pool.tenant, &pool.license, pool.used_after);
        let setting = facts.policy.layer_of(tenant).expiring;
        let Some(expires) = more.expires.filter(|_| more.managed && !more.floor && used > 0) else { continue };
        let Ok(left) = expires.since(day).map(|span| i64::from(span.get_days())) else { continue };
        let people = if used == 1 { "1 seat is".to_owned() } else { format!("{used} seats are") };
        let message = if expires <= day {
            format!("`{tenant}/{license}` expired on {expires}, and {people} used")
        } else if left <= i64::from(setting.days) {
            format!("`{tenant}/{license}` expires on {expires}, and {people} used")
        } else {
            continue;
        };
        let finding = Finding::warning(&code::LICENSE_EXPIRING, message)
            .help("renew it, or move its holders to another license in time")
            .value("expires", expires.to_string())
            .value("seats", used)
            .smallest_change("renew it");
        violations.push(Violation::new(&RULE, setting.level, finding).scoped_to(tenant, license));
    }
}
