//! Parts of a condition that need no CEL: comparisons of an input with a literal.
//!
//! A condition with one false part of a conjunction is false, whatever the other parts give. Most rules are false for most people
//! because of one such part.
//! Invariant: a guard gives the result that CEL would give, or none.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue};
use serde_json::Value as Json;

use super::input;

/// A literal.
#[derive(Clone, Debug, PartialEq)]
enum Literal {
    Null,
    Bool(bool),
    Integer(i64),
    Text(String),
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    /// The input is true.
    IsTrue,
    Equals(Literal),
    OneOf(Vec<Literal>),
    StartsWith(String),
    EndsWith(String),
    Contains(String),
}

/// A comparison of an input with a literal.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Guard {
    /// The index of the input.
    pub(super) input: usize,
    test: Test,
    negated: bool,
}

impl Guard {
    /// Returns whether the comparison is true for a text, if known.
    pub(super) fn holds_for_text(&self, text: &str) -> Option<bool> {
        let is = |literal: &Literal| matches!(literal, Literal::Text(own) if own == text);
        let holds = match &self.test {
            Test::IsTrue => return None,
            Test::Equals(literal) => is(literal),
            Test::OneOf(literals) => literals.iter().any(is),
            Test::StartsWith(part) => text.starts_with(part.as_str()),
            Test::EndsWith(part) => text.ends_with(part.as_str()),
            Test::Contains(part) => text.contains(part.as_str()),
        };
        Some(holds != self.negated)
    }

    /// Returns whether the comparison is true for a value, if known.
    pub(super) fn holds(&self, value: &Json) -> Option<bool> {
        if let Json::String(text) = value {
            return self.holds_for_text(text);
        }
        let holds = match (&self.test, value) {
            (Test::IsTrue, Json::Bool(truth)) => *truth,
            (Test::Equals(literal), value) => equals(literal, value)?,
            (Test::OneOf(literals), value) => {
                let mut found = false;
                for literal in literals {
                    found |= equals(literal, value)?;
                }
                found
            }
            (Test::IsTrue | Test::StartsWith(_) | Test::EndsWith(_) | Test::Contains(_), _) => return None,
        };
        Some(holds != self.negated)
    }
}

fn equals(literal: &Literal, value: &Json) -> Option<bool> {
    match (literal, value) {
        (Literal::Null, value) => Some(value.is_null()),
        (Literal::Bool(one), Json::Bool(other)) => Some(one == other),
        // Numbers of different types can be equal.
        (Literal::Integer(one), Json::Number(other)) => other.as_i64().map(|other| *one == other),
        _ => Some(false),
    }
}

/// Returns the guards of a condition, all of which must be true, and whether they decide it completely.
pub(super) fn guards(condition: &IdedExpr) -> (Vec<Guard>, bool) {
    let (mut guards, mut whole) = (Vec::new(), true);
    let mut open = vec![condition];
    while let Some(part) = open.pop() {
        match &part.expr {
            Expr::Call(call) if call.func_name == "_&&_" && call.target.is_none() => {
                open.extend(call.args.iter().rev())
            }
            _ => match guard(part) {
                Some(guard) => guards.push(guard),
                None => whole = false,
            },
        }
    }
    (guards, whole)
}

fn guard(part: &IdedExpr) -> Option<Guard> {
    match &part.expr {
        Expr::Ident(name) => Some(Guard { input: input::input_index(name)?, test: Test::IsTrue, negated: false }),
        Expr::Call(call) => guard_of_call(call),
        _ => None,
    }
}

fn guard_of_call(call: &CallExpr) -> Option<Guard> {
    let plain = |input, test| Some(Guard { input, test, negated: false });
    match (call.func_name.as_str(), &call.target, call.args.as_slice()) {
        ("!_", None, [inner]) => {
            let inner = guard(inner)?;
            Some(Guard { negated: !inner.negated, ..inner })
        }
        ("_==_" | "_!=_", None, [one, other]) => {
            let (input, literal) = match (input_of(one), input_of(other)) {
                (Some(input), None) => (input, literal(other)?),
                (None, Some(input)) => (input, literal(one)?),
                _ => return None,
            };
            Some(Guard { input, test: Test::Equals(literal), negated: call.func_name == "_!=_" })
        }
        ("@in", None, [item, IdedExpr { expr: Expr::List(list), .. }]) if list.optional_indices.is_empty() => {
            let literals: Option<Vec<Literal>> = list.elements.iter().map(literal).collect();
            plain(input_of(item)?, Test::OneOf(literals?))
        }
        ("startsWith", Some(target), [part]) => plain(input_of(target)?, Test::StartsWith(text(part)?)),
        ("endsWith", Some(target), [part]) => plain(input_of(target)?, Test::EndsWith(text(part)?)),
        ("contains", Some(target), [part]) => plain(input_of(target)?, Test::Contains(text(part)?)),
        _ => None,
    }
}

fn input_of(expression: &IdedExpr) -> Option<usize> {
    match &expression.expr {
        Expr::Ident(name) => input::input_index(name),
        _ => None,
    }
}

fn literal(expression: &IdedExpr) -> Option<Literal> {
    match &expression.expr {
        Expr::Literal(LiteralValue::Null) => Some(Literal::Null),
        Expr::Literal(LiteralValue::Boolean(truth)) => Some(Literal::Bool(*truth.inner())),
        Expr::Literal(LiteralValue::Int(whole)) => Some(Literal::Integer(*whole.inner())),
        Expr::Literal(LiteralValue::String(text)) => Some(Literal::Text(text.inner().to_owned())),
        _ => None,
    }
}

fn text(expression: &IdedExpr) -> Option<String> {
    match literal(expression)? {
        Literal::Text(text) => Some(text),
        _ => None,
    }
}
