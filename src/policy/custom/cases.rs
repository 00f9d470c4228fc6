//! Running the cases of rules.
//!
//! A case is asked as a thing of the plan would be: without CEL where that is how it would be told. It must come out as
//! written, and a rule must show both what it is for and what it lets pass.

use std::borrow::Cow;

use serde_json::Value as Json;
use smol_str::SmolStr;

use crate::diagnostic::Files;
use crate::expression::{Budget, Expression, Outcome};
use crate::manifest::rule::{Case, Rule};
use crate::manifest::schema::ThenWord;
use crate::model::{CaseOutcome, PolicyTest, RuleOutcome};

/// The most steps of all cases together.
const STEPS_MAX: u64 = 300_000_000;

/// Runs the cases of all rules.
pub fn test<'r>(rules: impl IntoIterator<Item = &'r Rule>, files: &Files) -> PolicyTest {
    let mut budget = Budget::new(STEPS_MAX);
    PolicyTest::new(rules.into_iter().map(|rule| of_rule(rule, files, &mut budget)).collect())
}

fn of_rule(rule: &Rule, files: &Files, budget: &mut Budget) -> RuleOutcome {
    let cases: Vec<CaseOutcome> =
        (1..).zip(&rule.cases).map(|(number, case)| of_case(rule, case, number, files, budget)).collect();
    let passing = rule.cases.iter().any(|case| case.then == ThenWord::Pass);
    let failing = rule.cases.iter().any(|case| case.then != ThenWord::Pass);
    let missing = match (passing, failing) {
        (true, true) => None,
        (true, false) => Some("no case that it is for".to_owned()),
        (false, true) => Some("no case that passes".to_owned()),
        (false, false) => Some("no cases".to_owned()),
    };
    let ok = missing.is_none() && cases.iter().all(|case| case.ok);
    RuleOutcome { rule: rule.name.clone(), ok, missing, cases, source: files.source(rule.source) }
}

fn of_case(rule: &Rule, case: &Case, number: u64, files: &Files, budget: &mut Budget) -> CaseOutcome {
    let (got, message) = match ask(&rule.when, case, budget) {
        Outcome::Truth(false) => ("pass", None),
        Outcome::Truth(true) => match ask(&rule.message, case, budget) {
            Outcome::Text(text) if !text.trim().is_empty() => (rule.level.as_str(), Some(text)),
            Outcome::Text(_) => ("error", Some("the message is empty".to_owned())),
            other => ("error", Some(format!("the message fails: {}", reason(other)))),
        },
        other => ("error", Some(reason(other))),
    };
    CaseOutcome {
        case: number,
        ok: got == case.then.as_str(),
        expected: SmolStr::new_static(case.then.as_str()),
        got: SmolStr::new_static(got),
        message,
        source: files.source(case.source),
    }
}

fn ask(expression: &Expression, case: &Case, budget: &mut Budget) -> Outcome {
    let values: Vec<Cow<'_, Json>> = expression.slots().iter().map(|slot| Cow::Owned(case.value(slot))).collect();
    match expression.told(&values) {
        Some(told) => Outcome::Truth(told),
        None => expression.evaluate(&values, budget),
    }
}

fn reason(outcome: Outcome) -> String {
    match outcome {
        Outcome::Truth(_) => "it gives a truth value".to_owned(),
        Outcome::Text(_) => "it gives a text, not true or false".to_owned(),
        Outcome::Fault(reason) => reason,
        Outcome::Spent => "the cases cost too much together".to_owned(),
    }
}
