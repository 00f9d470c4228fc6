//! Rule `last-holder`: a managed license keeps at least one holder.

use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::policy::facts::PlanFacts;
use crate::policy::rule::{RuleDescriptor, Stage, Violation};

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "last-holder",
    codes: &[&code::LAST_HOLDER],
    level: Some(Level::Warn),
    stage: Stage::Plan,
    checks: "A managed license that has a holder now has one after the plan.",
    rationale: "Some vendors end the subscription with the last seat.",
    remedy: "Keep one holder, or add a waiver for the license if nobody needs it.",
    example: "last_holder: deny | approve | warn",
};

/// Reports licenses that lose their last holder.
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
            Finding::warning(&code::LAST_HOLDER, format!("`{tenant}/{license}` has no holder after this plan"))
                .help("check that nobody needs it")
                .people(lost.map(|operation| operation.person.clone()))
                .value("holders_before", pool.used_before)
                .value("holders_after", 0)
                .smallest_change("keep one holder");
        let level = facts.policy.layer_of(tenant).last_holder;
        violations.push(Violation::new(&RULE, level, finding).scoped_to(tenant, license));
    }
}
