//! Expressions in CEL: compiled against declared variables and evaluated within a budget of steps.
//!
//! A text becomes an [`Expression`] over its *inputs*: the fields that it reads. Names and types ([`check`]) and the maximum cost
//! of an evaluation ([`cost`]) are checked before anything is evaluated. Groups of the manifest and rules of the policy use it.
//! Invariants: no text and no value causes a panic, a hang, a stack overflow or unbounded memory; a missing field of an open
//! variable is `null`.

mod check;
mod compiler;
mod cost;
mod evaluation;
mod guard;
mod input;
mod literals;
pub mod scope;
pub mod text_format;
mod type_error;
mod types;
mod value;
pub mod variables;

pub use compiler::{Compiler, ExpressionError, ResultType};
pub use evaluation::{EvaluationResult, Expression, StepBudget};
pub use input::ExpressionInput;

#[cfg(test)]
mod tests;
