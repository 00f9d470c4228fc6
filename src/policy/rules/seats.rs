//! Rule `seats`: pools with missing seats, and how many to buy.

use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::policy::facts::PlanFacts;
use crate::policy::rule::{RuleDescriptor, Stage, Violation};

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "seats",
    codes: &[&code::SEATS_MISSING],
    level: Some(Level::Warn),
    stage: Stage::Plan,
    checks: "Every pool has enough seats for its assignments, without using the reserve.",
    rationale: "People wait for the license until someone buys seats.",
    remedy: "Buy the missing seats, assign fewer people, or add alternatives.",
    example: "seats: deny | approve | warn",
};

/// Reports pools with missing seats.
pub(in crate::policy) fn check(facts: &PlanFacts<'_>, violations: &mut Vec<Violation>) {
    for (pool, more) in facts.plan.pools.iter().zip(facts.pool_facts).filter(|(pool, _)| pool.missing > 0) {
        let name = format!("{}/{}", pool.tenant, pool.license);
        let seats = if pool.missing == 1 { "1 seat is".to_owned() } else { format!("{} seats are", pool.missing) };
        let message = match more.waiting {
            0 => format!("{seats} missing in `{name}`, which exceeds its total minus the reserve"),
            1 => format!("{seats} missing in `{name}`; 1 person waits"),
            waiting => format!("{seats} missing in `{name}`; {waiting} people wait"),
        };
        let finding = Finding::warning(&code::SEATS_MISSING, message)
            .help(format!("buy {} more, or assign fewer people", pool.missing))
            .value("missing", pool.missing)
            .value("waiting", more.waiting)
            .smallest_change(format!("buy {} more", pool.missing));
        let level = facts.policy.layer_of(&pool.tenant).seats;
        violations.push(Violation::new(&RULE, level, finding).scoped_to(&pool.tenant, &pool.license));
    }
}
