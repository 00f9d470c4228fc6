//! Expressions in CEL: compiled once against the variables that they may name, and evaluated within a budget.
//!
//! It stands apart from the manifest, whose groups use it, and from the policy, whose rules do. A text becomes an
//! [`Expression`] over *slots*: the fields that it reads. Names ([`check`]), types ([`types`]) and the cost of an
//! evaluation ([`cost`]) are looked at before anything is evaluated.
//! What must hold: no text and no value makes it panic, hang, exhaust the stack or fill the memory; a missing field of
//! an open record is `null`.

mod check;
mod cost;
pub mod form;
mod guard;
mod language;
pub mod records;
pub mod scope;
mod slot;
mod types;
mod value;
mod written;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use cel::common::ast::IdedExpr;
use cel::{Context, Env, ExecutionError, Value};
use serde::{Serialize, Serializer};
use serde_json::Value as Json;
use smol_str::SmolStr;

pub use language::{Fault, Gives, Language};
pub use slot::Slot;

use cost::Costs;
use guard::Guard;

/// The most steps of one evaluation.
const STEPS_MAX: u64 = 400_000;
/// The longest text that an evaluation gives.
const TEXT_MAX: usize = 1_000;

/// What is left of the steps that all evaluations together may take.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    left: u64,
}

impl Budget {
    /// A budget of that many steps.
    pub fn new(steps: u64) -> Self {
        Self { left: steps }
    }
}

/// What came out of an evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A condition holds, or not.
    Truth(bool),
    /// A text, cut where it is longer than anybody reads.
    Text(String),
    /// It cannot be evaluated, with the reason.
    Fault(String),
    /// The budget is spent.
    Spent,
}

/// An expression ready to be evaluated.
#[derive(Clone)]
pub struct Expression {
    env: Arc<Env>,
    text: SmolStr,
    root: IdedExpr,
    slots: Vec<Slot>,
    costs: Costs,
    guards: Vec<Guard>,
    /// Whether the guards are all that there is.
    guarded: bool,
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.text).finish()
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.slots == other.slots
    }
}

impl Eq for Expression {}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl Expression {
    /// The text it was made from.
    pub fn text(&self) -> &SmolStr {
        &self.text
    }

    /// What it reads, each once; an evaluation is given a value for each, in this order.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Whether the value of that slot alone makes the condition false. An answer needs no budget.
    pub fn refused_by(&self, slot: usize, value: &Json) -> bool {
        self.guards.iter().any(|guard| guard.slot == slot && guard.holds(value) == Some(false))
    }

    /// Whether that text as the value of that slot alone makes the condition false.
    pub fn refused_by_text(&self, slot: usize, text: &str) -> bool {
        self.guards.iter().any(|guard| guard.slot == slot && guard.holds_for_text(text) == Some(false))
    }

    /// What the condition says, where that can be told without CEL.
    pub fn told(&self, values: &[Cow<'_, Json>]) -> Option<bool> {
        let mut all = self.guarded;
        for guard in &self.guards {
            match values.get(guard.slot).and_then(|value| guard.holds(value)) {
                Some(false) => return Some(false),
                Some(true) => {}
                None => all = false,
            }
        }
        all.then_some(true)
    }

    /// Evaluates it; `values` are those of the slots.
    pub fn evaluate(&self, values: &[Cow<'_, Json>], budget: &mut Budget) -> Outcome {
        let weight = values.iter().map(|value| value::weight(value)).fold(0, u64::saturating_add);
        let Some(cost) = self.costs.at(weight).filter(|cost| *cost <= STEPS_MAX) else {
            return Outcome::Fault("its values are too large for it".to_owned());
        };
        let Some(left) = budget.left.checked_sub(cost) else {
            budget.left = 0;
            return Outcome::Spent;
        };
        budget.left = left;
        let mut context = Context::with_env(Arc::clone(&self.env));
        for (index, value) in values.iter().enumerate() {
            context.add_variable_from_value(slot::variable(index), value::to_cel(value));
        }
        match Value::resolve(&self.root, &context) {
            Ok(Value::Bool(truth)) => Outcome::Truth(truth),
            Ok(Value::String(text)) => Outcome::Text(value::cut(&text, TEXT_MAX)),
            Ok(other) => Outcome::Fault(format!("it gives a value of type {}", other.type_of())),
            Err(error) => Outcome::Fault(value::cut(&reason(&error), TEXT_MAX)),
        }
    }
}

/// Why an evaluation failed, in one line.
fn reason(error: &ExecutionError) -> String {
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
            return format!("there is no `{} {operator} {}`", left.type_of(), right.type_of());
        }
        other => return other.to_string().lines().next().unwrap_or_default().to_owned(),
    };
    let types: Vec<&str> =
        missing.argument_types().iter().map(|name| if name == "null_type" { "null" } else { name.as_str() }).collect();
    let operator = missing.function().strip_prefix('_').and_then(|name| name.strip_suffix('_'));
    match (operator, types.as_slice()) {
        (Some(operator), [left, right]) => format!("there is no `{left} {operator} {right}`"),
        _ => format!("there is no `{}({})`", missing.function(), types.join(", ")),
    }
}

#[cfg(test)]
mod tests;
