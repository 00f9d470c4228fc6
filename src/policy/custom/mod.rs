//! Custom rules of the policy, in CEL.
//!
//! A rule checks one candidate at a time: [`candidates`] lists them with their values, [`mod@scan`] finds those for which the
//! rule's `when` is true, and [`violations`] turns them into findings. Comparisons with literals rule out most candidates without
//! CEL, and CEL runs once for candidates with the same values ([`memo`]).
//! Invariants: what cannot be evaluated is denied; everything found is counted; shortcuts give the same results as CEL.

mod candidates;
mod column;
mod memo;
mod scan;
mod test_cases;
mod violations;

use std::collections::BTreeSet;

use crate::expression::{Expression, StepBudget};
use crate::model::{CustomRule, Desired, PersonId, RuleTarget};

pub use test_cases::test_rules;

use self::candidates::Candidates;
use self::scan::scan;
use super::facts::{ManifestFacts, PlanFacts};
use super::rule::Violation;

/// The maximum number of steps of all rules on a manifest, and of all rules on a plan.
const STEPS_MAX: u64 = 300_000_000;

/// Evaluates the rules on `person` and `assignment`.
pub(in crate::policy) fn check_manifest(facts: &ManifestFacts<'_>, violations: &mut Vec<Violation>) {
    let mut budget = StepBudget::new(STEPS_MAX);
    let mut columns = column::AttributeColumns::new(&facts.desired.people);
    for custom in &facts.policy.rules {
        let subjects = match custom.on {
            RuleTarget::Person => Candidates::people(facts.desired),
            RuleTarget::Assignment => Candidates::assignments(facts.desired, facts.now.day),
            RuleTarget::Operation | RuleTarget::Pool | RuleTarget::Plan => continue,
        };
        check_rule(custom, &subjects, &mut columns, &mut budget, violations);
    }
}

/// Evaluates the rules on `operation`, `pool` and `plan`.
pub(in crate::policy) fn check_plan(facts: &PlanFacts<'_>, violations: &mut Vec<Violation>) {
    let mut budget = StepBudget::new(STEPS_MAX);
    let mut columns = column::AttributeColumns::new(&facts.desired.people);
    for custom in &facts.policy.rules {
        let subjects = match custom.on {
            RuleTarget::Operation => Candidates::operations(facts.desired, facts.plan),
            RuleTarget::Pool => Candidates::pools(facts.desired, facts.plan),
            RuleTarget::Plan => Candidates::plan_field(facts.desired, facts.plan),
            RuleTarget::Person | RuleTarget::Assignment => continue,
        };
        check_rule(custom, &subjects, &mut columns, &mut budget, violations);
    }
}

/// The people for whom a condition is true, and those for whom it cannot be evaluated.
pub(in crate::policy) struct SelectedPeople {
    /// People for whom the condition is true.
    pub(in crate::policy) people: BTreeSet<PersonId>,
    /// People for whom the condition cannot be evaluated, or was not.
    pub(in crate::policy) failed: BTreeSet<PersonId>,
}

/// Returns the people for whom a condition on `person` is true.
pub(in crate::policy) fn select_people(condition: &Expression, desired: &Desired) -> SelectedPeople {
    let mut budget = StepBudget::new(STEPS_MAX);
    let mut columns = column::AttributeColumns::new(&desired.people);
    let subjects = Candidates::people(desired);
    let found = scan(condition, &subjects, &mut columns, &mut budget);
    let people: BTreeSet<PersonId> = found.matches.iter().filter_map(|thing| thing.person).collect();
    let mut failed: BTreeSet<PersonId> = found.failures.iter().filter_map(|(thing, _)| thing.person).collect();
    if found.unchecked > 0 {
        let all = (0..desired.people.len()).map(|index| PersonId(u32::try_from(index).unwrap_or(u32::MAX)));
        failed.extend(all.filter(|person| !people.contains(person)));
    }
    SelectedPeople { people, failed }
}

fn check_rule<'a>(
    custom: &CustomRule,
    subjects: &Candidates<'a>,
    columns: &mut column::AttributeColumns<'a>,
    budget: &mut StepBudget,
    violations: &mut Vec<Violation>,
) {
    let found = scan(&custom.when, subjects, columns, budget);
    violations::report_violations(custom, subjects, found, budget, violations);
}

#[cfg(test)]
mod tests;
