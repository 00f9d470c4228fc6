//! Running the cases of rules.
//!
//! A case is asked as a thing of the plan would be: without CEL where that is how it would be told. It must come out as
//! written, and a rule must show both what it is for and what it lets pass.

use std::borrow::Cow;

use serde_json::Value as Json;
use smol_str::SmolStr;

use crate::diagnostic::Files;
use crate::expression::{EvaluationResult, Expression, StepBudget};
use crate::manifest::compiled_rule::{CompiledRule, RuleCase};
use crate::manifest::schema::ExpectedResult;
use crate::model::{CaseOutcome, PolicyTestReport, RuleOutcome};

/// The most steps of all cases together.
const STEPS_MAX: u64 = 300_000_000;

/// Runs the cases of all rules.
pub fn test_rules<'r>(rules: impl IntoIterator<Item = &'r CompiledRule>, files: &Files) -> PolicyTestReport {
    let mut budget = StepBudget::new(STEPS_MAX);
    PolicyTestReport::new(rules.into_iter().map(|rule| test_rule(rule, files, &mut budget)).collect())
}

fn test_rule(rule: &CompiledRule, files: &Files, budget: &mut StepBudget) -> RuleOutcome {
    let cases: Vec<CaseOutcome> =
        (1..).zip(&rule.cases).map(|(number, case)| test_case(rule, case, number, files, budget)).collect();
    let passing = rule.cases.iter().any(|case| case.then == ExpectedResult::Pass);
    let failing = rule.cases.iter().any(|case| case.then != ExpectedResult::Pass);
    let missing = match (passing, failing) {
        (true, true) => None,
        (true, false) => Some("no case that it is for".to_owned()),
        (false, true) => Some("no case that passes".to_owned()),
        (false, false) => Some("no cases".to_owned()),
    };
    let ok = missing.is_none() && cases.iter().all(|case| case.ok);
    RuleOutcome { rule: rule.name.clone(), ok, missing, cases, source: files.source(rule.source) }
}

fn test_case(rule: &CompiledRule, case: &RuleCase, number: u64, files: &Files, budget: &mut StepBudget) -> CaseOutcome {
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
        source: files.source(case.source),
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
        EvaluationResult::Bool(_) => "it gives a truth value".to_owned(),
        EvaluationResult::Text(_) => "it gives a text, not true or false".to_owned(),
        EvaluationResult::Error(reason) => reason,
        EvaluationResult::BudgetExhausted => "the cases cost too much together".to_owned(),
    }
}
