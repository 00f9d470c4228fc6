//! Expressions in CEL: compiled once against the variables that they may name, and evaluated within a budget.
//!
//! It stands apart from the manifest, whose groups use it, and from the policy, whose rules do. A text becomes an
//! [`Expression`] over *slots*: the fields that it reads. Names ([`check`]), types ([`types`]) and the cost of an
//! evaluation ([`cost`]) are looked at before anything is evaluated.
//! What must hold: no text and no value makes it panic, hang, exhaust the stack or fill the memory; a missing field of
//! an open record is `null`.

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
