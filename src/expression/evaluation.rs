//! A compiled expression and its evaluation within a budget of steps.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use cel::common::ast::IdedExpr;
use cel::{Context, Env, ExecutionError, Value};
use serde::{Serialize, Serializer};
use serde_json::Value as Json;
use smol_str::SmolStr;

use super::cost::CostTable;
use super::guard::Guard;
use super::input::{self, ExpressionInput};
use super::value;

/// The maximum number of steps of one evaluation.
const STEPS_MAX: u64 = 400_000;
/// The maximum length of a text result.
const TEXT_MAX: usize = 1_000;

/// The remaining steps of a series of evaluations.
#[derive(Clone, Copy, Debug)]
pub struct StepBudget {
    left: u64,
}

impl StepBudget {
    /// Creates a budget of that many steps.
    pub fn new(steps: u64) -> Self {
        Self { left: steps }
    }
}

/// The result of an evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvaluationResult {
    /// A condition is true or false.
    Bool(bool),
    /// A text, truncated if it is too long.
    Text(String),
    /// The evaluation failed for this reason.
    Error(String),
    /// The budget is exhausted.
    BudgetExhausted,
}

/// A compiled expression.
#[derive(Clone)]
pub struct Expression {
    pub(super) env: Arc<Env>,
    pub(super) text: SmolStr,
    pub(super) root: IdedExpr,
    pub(super) inputs: Vec<ExpressionInput>,
    pub(super) costs: CostTable,
    pub(super) guards: Vec<Guard>,
    /// Whether the guards decide the condition completely.
    pub(super) is_fully_guarded: bool,
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.text).finish()
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.inputs == other.inputs
    }
}

impl Eq for Expression {}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl Expression {
    /// Returns the source text.
    pub fn text(&self) -> &SmolStr {
        &self.text
    }

    /// Returns the inputs; an evaluation needs a value for each, in this order.
    pub fn inputs(&self) -> &[ExpressionInput] {
        &self.inputs
    }

    /// Returns whether the value of one input alone makes the condition false. Uses no budget.
    pub fn is_false_for(&self, input: usize, value: &Json) -> bool {
        self.guards.iter().any(|guard| guard.input == input && guard.holds(value) == Some(false))
    }

    /// Returns whether a text as the value of one input alone makes the condition false.
    pub fn is_false_for_text(&self, input: usize, text: &str) -> bool {
        self.guards.iter().any(|guard| guard.input == input && guard.holds_for_text(text) == Some(false))
    }

    /// Evaluates the condition without CEL, if the guards decide it.
    pub fn evaluate_guards(&self, values: &[Cow<'_, Json>]) -> Option<bool> {
        let mut all = self.is_fully_guarded;
        for guard in &self.guards {
            match values.get(guard.input).and_then(|value| guard.holds(value)) {
                Some(false) => return Some(false),
                Some(true) => {}
                None => all = false,
            }
        }
        all.then_some(true)
    }

    /// Evaluates the expression with the values of its inputs.
    pub fn evaluate(&self, values: &[Cow<'_, Json>], budget: &mut StepBudget) -> EvaluationResult {
        let weight = values.iter().map(|value| value::weight(value)).fold(0, u64::saturating_add);
        let Some(cost) = self.costs.for_weight(weight).filter(|cost| *cost <= STEPS_MAX) else {
            return EvaluationResult::Error("its values are too large".to_owned());
        };
        let Some(left) = budget.left.checked_sub(cost) else {
            budget.left = 0;
            return EvaluationResult::BudgetExhausted;
        };
        budget.left = left;
        let mut context = Context::with_env(Arc::clone(&self.env));
        for (index, value) in values.iter().enumerate() {
            context.add_variable_from_value(input::input_name(index), value::to_cel(value));
        }
        match Value::resolve(&self.root, &context) {
            Ok(Value::Bool(truth)) => EvaluationResult::Bool(truth),
            Ok(Value::String(text)) => EvaluationResult::Text(value::truncate(&text, TEXT_MAX)),
            Ok(other) => EvaluationResult::Error(format!("the result has type {}", other.type_of())),
            Err(error) => EvaluationResult::Error(value::truncate(&failure_reason(&error), TEXT_MAX)),
        }
    }
}

/// Describes why an evaluation failed, in one line.
fn failure_reason(error: &ExecutionError) -> String {
    let missing = match error {
        ExecutionError::NoSuchOverload(missing) => missing,
        ExecutionError::UnsupportedBinaryOperator(operator, left, right) => {
            let operator = match *operator {
                "add" => "+",
                "sub" => "-",
                "mul" => "*",
                "div" => "/",
                "rem" => "%",
                other => other,
            };
            return format!("unsupported: `{} {operator} {}`", left.type_of(), right.type_of());
        }
        other => return other.to_string().lines().next().unwrap_or_default().to_owned(),
    };
    let types: Vec<&str> =
        missing.argument_types().iter().map(|name| if name == "null_type" { "null" } else { name.as_str() }).collect();
    let operator = missing.function().strip_prefix('_').and_then(|name| name.strip_suffix('_'));
    match (operator, types.as_slice()) {
        (Some(operator), [left, right]) => format!("unsupported: `{left} {operator} {right}`"),
        _ => format!("unsupported: `{}({})`", missing.function(), types.join(", ")),
    }
}
