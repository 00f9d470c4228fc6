//! Runs the test cases of rules.
//!
//! A case is evaluated like a candidate of a plan, including the shortcuts. Every rule needs a case that it matches and one that passes.

use std::borrow::Cow;

use serde_json::Value as Json;
use smol_str::SmolStr;

use crate::expression::{EvaluationResult, Expression, StepBudget};
use crate::model::{CaseOutcome, CustomRule, ExpectedResult, PolicyTestReport, RuleCase, RuleOutcome};

/// The maximum number of steps of all cases.
const STEPS_MAX: u64 = 300_000_000;

/// Runs the cases of all rules; reports the rules in the order of the manifest.
pub fn test_rules(rules: &[CustomRule]) -> PolicyTestReport {
    let mut budget = StepBudget::new(STEPS_MAX);
    let mut rules: Vec<&CustomRule> = rules.iter().collect();
    rules.sort_by_key(|rule| &rule.source);
    PolicyTestReport::new(rules.into_iter().map(|rule| test_rule(rule, &mut budget)).collect())
}

fn test_rule(rule: &CustomRule, budget: &mut StepBudget) -> RuleOutcome {
    let cases: Vec<CaseOutcome> =
        (1..).zip(&rule.cases).map(|(number, case)| test_case(rule, case, number, budget)).collect();
    let passing = rule.cases.iter().any(|case| case.then == ExpectedResult::Pass);
    let failing = rule.cases.iter().any(|case| case.then != ExpectedResult::Pass);
    let missing = match (passing, failing) {
        (true, true) => None,
        (true, false) => Some("no case that it matches".to_owned()),
        (false, true) => Some("no case that passes".to_owned()),
        (false, false) => Some("no cases".to_owned()),
    };
    let ok = missing.is_none() && cases.iter().all(|case| case.ok);
    RuleOutcome { rule: rule.name.clone(), ok, missing, cases, source: rule.source.clone() }
}

fn test_case(rule: &CustomRule, case: &RuleCase, number: u64, budget: &mut StepBudget) -> CaseOutcome {
    let (got, message) = match evaluate(&rule.when, case, budget) {
        EvaluationResult::Bool(false) => ("pass", None),
        EvaluationResult::Bool(true) => match evaluate(&rule.message, case, budget) {
            EvaluationResult::Text(text) if !text.trim().is_empty() => (rule.level.as_str(), Some(text)),
            EvaluationResult::Text(_) => ("error", Some("the message is empty".to_owned())),
            other => ("error", Some(format!("the message fails: {}", failure_reason(other)))),
        },
        other => ("error", Some(failure_reason(other))),
    };
    CaseOutcome {
        case: number,
        ok: got == case.then.as_str(),
        expected: SmolStr::new_static(case.then.as_str()),
        got: SmolStr::new_static(got),
        message,
        source: case.source.clone(),
    }
}

fn evaluate(expression: &Expression, case: &RuleCase, budget: &mut StepBudget) -> EvaluationResult {
    let values: Vec<Cow<'_, Json>> =
        expression.inputs().iter().map(|slot| Cow::Owned(case.input_value(slot))).collect();
    match expression.evaluate_guards(&values) {
        Some(told) => EvaluationResult::Bool(told),
        None => expression.evaluate(&values, budget),
    }
}

fn failure_reason(outcome: EvaluationResult) -> String {
    match outcome {
        EvaluationResult::Bool(_) => "the result is a Boolean".to_owned(),
        EvaluationResult::Text(_) => "the result is a text, not true or false".to_owned(),
        EvaluationResult::Error(reason) => reason,
        EvaluationResult::BudgetExhausted => "the cases are too expensive".to_owned(),
    }
}
