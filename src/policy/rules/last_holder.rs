//! The last holder of a license.
//!
//! With the last seat some vendors end the subscription, and with it what others still rely on.

use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::policy::facts::PlanFacts;
use crate::policy::rule::{RuleDescriptor, Stage, Violation};

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "last-holder",
    codes: &[&code::LAST_HOLDER],
    level: Some(Level::Warn),
    stage: Stage::Plan,
    checks: "A managed license that somebody holds now has a holder after the plan.",
    rationale: "With the last seat some vendors end the subscription, and with it what others still rely on.",
    remedy: "Leave one person on the license, or check that nobody needs it and waive the rule for it.",
    example: "last_holder: deny | approve | warn",
};

/// Licenses that had holders and have none after the plan.
pub(in crate::policy) fn check(facts: &PlanFacts<'_>, violations: &mut Vec<Violation>) {
    for (pool, more) in facts.plan.pools.iter().zip(facts.pool_facts) {
        if !more.managed || more.floor || pool.used_before == 0 || pool.used_after > 0 {
            continue;
        }
        let (tenant, license) = (&pool.tenant, &pool.license);
        let lost = facts.plan.operations.iter().filter(|operation| {
            operation.tenant == *tenant
                && operation.license == *license
                && matches!(operation.kind, crate::model::OperationKind::Remove | crate::model::OperationKind::Change)
        });
        let finding =
            Finding::warning(&code::LAST_HOLDER, format!("nobody holds `{tenant}/{license}` after this plan"))
                .help("check that nobody needs it any more")
                .people(lost.map(|operation| operation.person.clone()))
                .value("holders_before", pool.used_before)
                .value("holders_after", 0)
                .smallest_change("leave one person on it");
        let level = facts.policy.layer_of(tenant).last_holder;
        violations.push(Violation::new(&RULE, level, finding).scoped_to(tenant, license));
    }
}
