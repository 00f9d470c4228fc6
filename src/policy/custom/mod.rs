//! The policy's own rules, in CEL.
//!
//! A rule looks at one thing at a time: [`subject`] lists the things and gives their values, [`mod@scan`] finds those for
//! which the rule's `when` is true, and [`mod@say`] makes findings of them. Most things are ruled out by a value that is
//! compared with something written out, and CEL runs once for things that look the same ([`memo`]).
//! What must hold: what cannot be evaluated is denied; nothing that is found goes uncounted; the shortcuts give what CEL
//! gives.

mod candidates;
mod column;
mod memo;
mod scan;
mod test_cases;
mod violations;

use std::collections::BTreeSet;

use crate::expression::{Expression, StepBudget};
use crate::manifest::schema::RuleTarget;
use crate::model::{Desired, PersonId};

pub use test_cases::test_rules;

use self::candidates::Candidates;
use self::scan::scan;
use super::effective::CustomRule;
use super::facts::{ManifestFacts, PlanFacts};
use super::rule::Violation;

/// The most steps of all rules on a manifest, and of all on a plan.
const STEPS_MAX: u64 = 300_000_000;

/// What the rules on `person` and `assignment` find.
pub(in crate::policy) fn check_manifest(facts: &ManifestFacts<'_>, violations: &mut Vec<Violation>) {
    let mut budget = StepBudget::new(STEPS_MAX);
    let mut columns = column::AttributeColumns::new(&facts.desired.people);
    for custom in &facts.policy.rules {
        let subjects = match custom.rule.on {
            RuleTarget::Person => Candidates::people(facts.desired),
            RuleTarget::Assignment => Candidates::assignments(facts.desired, facts.now.day),
            RuleTarget::Operation | RuleTarget::Pool | RuleTarget::Plan => continue,
        };
        check_rule(custom, &subjects, &mut columns, &mut budget, violations);
    }
}

/// What the rules on `operation`, `pool` and `plan` find.
pub(in crate::policy) fn check_plan(facts: &PlanFacts<'_>, violations: &mut Vec<Violation>) {
    let mut budget = StepBudget::new(STEPS_MAX);
    let mut columns = column::AttributeColumns::new(&facts.desired.people);
    for custom in &facts.policy.rules {
        let subjects = match custom.rule.on {
            RuleTarget::Operation => Candidates::operations(facts.desired, facts.plan),
            RuleTarget::Pool => Candidates::pools(facts.desired, facts.plan),
            RuleTarget::Plan => Candidates::plan_field(facts.desired, facts.plan),
            RuleTarget::Person | RuleTarget::Assignment => continue,
        };
        check_rule(custom, &subjects, &mut columns, &mut budget, violations);
    }
}

/// People for whom a condition is true, and those for whom it cannot be evaluated.
pub(in crate::policy) struct SelectedPeople {
    /// For whom it is true.
    pub(in crate::policy) people: BTreeSet<PersonId>,
    /// For whom nobody can say; everybody who was not looked at is among them.
    pub(in crate::policy) failed: BTreeSet<PersonId>,
}

/// Everybody for whom a condition on `person` is true.
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
    let found = scan(&custom.rule.when, subjects, columns, budget);
    violations::report_violations(custom, subjects, found, budget, violations);
}

#[cfg(test)]
mod tests;
