//! The policy's own rules, in CEL.
//!
//! A rule looks at one thing at a time: [`subject`] lists the things and gives their values, [`mod@scan`] finds those for
//! which the rule's `when` is true, and [`mod@say`] makes findings of them. Most things are ruled out by a value that is
//! compared with something written out, and CEL runs once for things that look the same ([`memo`]).
//! What must hold: what cannot be evaluated is denied; nothing that is found goes uncounted; the shortcuts give what CEL
//! gives.

mod cases;
mod column;
mod memo;
mod say;
mod scan;
mod subject;

use std::collections::BTreeSet;

use crate::expression::{Budget, Expression};
use crate::manifest::schema::Subject;
use crate::model::{Desired, PersonId};

pub use cases::test;

use self::scan::scan;
use self::subject::Subjects;
use super::facts::{ManifestFacts, PlanFacts};
use super::rule::Violation;
use super::settings::CustomRule;

/// The most steps of all rules on a manifest, and of all on a plan.
const STEPS_MAX: u64 = 300_000_000;

/// What the rules on `person` and `assignment` find.
pub(in crate::policy) fn check_manifest(facts: &ManifestFacts<'_>, violations: &mut Vec<Violation>) {
    let mut budget = Budget::new(STEPS_MAX);
    let mut columns = column::Columns::new(&facts.desired.people);
    for custom in &facts.policy.rules {
        let subjects = match custom.rule.on {
            Subject::Person => Subjects::people(facts.desired),
            Subject::Assignment => Subjects::assignments(facts.desired, facts.now.day),
            Subject::Operation | Subject::Pool | Subject::Plan => continue,
        };
        run(custom, &subjects, &mut columns, &mut budget, violations);
    }
}

/// What the rules on `operation`, `pool` and `plan` find.
pub(in crate::policy) fn check_plan(facts: &PlanFacts<'_>, violations: &mut Vec<Violation>) {
    let mut budget = Budget::new(STEPS_MAX);
    let mut columns = column::Columns::new(&facts.desired.people);
    for custom in &facts.policy.rules {
        let subjects = match custom.rule.on {
            Subject::Operation => Subjects::operations(facts.desired, facts.plan),
            Subject::Pool => Subjects::pools(facts.desired, facts.plan),
            Subject::Plan => Subjects::plan(facts.desired, facts.plan),
            Subject::Person | Subject::Assignment => continue,
        };
        run(custom, &subjects, &mut columns, &mut budget, violations);
    }
}

/// People for whom a condition is true, and those for whom it cannot be evaluated.
pub(in crate::policy) struct Selected {
    /// For whom it is true.
    pub(in crate::policy) people: BTreeSet<PersonId>,
    /// For whom nobody can say; everybody who was not looked at is among them.
    pub(in crate::policy) failed: BTreeSet<PersonId>,
}

/// Everybody for whom a condition on `person` is true.
pub(in crate::policy) fn select(condition: &Expression, desired: &Desired) -> Selected {
    let mut budget = Budget::new(STEPS_MAX);
    let mut columns = column::Columns::new(&desired.people);
    let subjects = Subjects::people(desired);
    let found = scan(condition, &subjects, &mut columns, &mut budget);
    let people: BTreeSet<PersonId> = found.things.iter().filter_map(|thing| thing.person).collect();
    let mut failed: BTreeSet<PersonId> = found.faults.iter().filter_map(|(thing, _)| thing.person).collect();
    if found.unseen > 0 {
        let all = (0..desired.people.len()).map(|index| PersonId(u32::try_from(index).unwrap_or(u32::MAX)));
        failed.extend(all.filter(|person| !people.contains(person)));
    }
    Selected { people, failed }
}

fn run<'a>(
    custom: &CustomRule,
    subjects: &Subjects<'a>,
    columns: &mut column::Columns<'a>,
    budget: &mut Budget,
    violations: &mut Vec<Violation>,
) {
    let found = scan(&custom.rule.when, subjects, columns, budget);
    say::say(custom, subjects, found, budget, violations);
}

#[cfg(test)]
mod tests;
