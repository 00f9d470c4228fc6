//! What is wrong with an expression before it is evaluated: names that nothing has, and types that cannot fit.
//!
//! Only what can never be right is refused. Where a type is not known, and behind every `null`, the evaluation decides.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SelectExpr};

use super::scope::{Record, Scope};
use super::types::Type;
use super::written;
use crate::diagnostic::{did_you_mean, nearest};

/// How deep an expression may be.
const DEPTH_MAX: usize = 100;

/// Functions, those with a target first; `true` where they may be called without one.
const FUNCTIONS: [(&str, bool); 12] = [
    ("contains", false),
    ("startsWith", false),
    ("endsWith", false),
    ("size", true),
    ("string", true),
    ("int", true),
    ("uint", true),
    ("double", true),
    ("bytes", true),
    ("bool", true),
    ("type", true),
    ("dyn", true),
];
/// Loops, which are calls only where they are written wrong.
const LOOPS: [&str; 7] = ["all", "exists", "exists_one", "existsOne", "map", "filter", "has"];

/// Something that cannot be right.
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// The part of the expression.
    pub(super) id: u64,
}

/// The type of an expression; the first thing that is wrong in it.
pub(super) fn type_of(expression: &IdedExpr, scope: Scope) -> Result<Type, Wrong> {
    Check { scope, bound: Vec::new(), depth: 0 }.of(expression)
}

struct Check {
    scope: Scope,
    /// The variables of the loops around.
    bound: Vec<(String, Type)>,
    depth: usize,
}

pub(super) fn wrong<T>(id: u64, message: impl Into<String>, help: impl Into<Option<String>>) -> Result<T, Wrong> {
    Err(Wrong { message: message.into(), help: help.into(), id })
}

impl Check {
    fn of(&mut self, expression: &IdedExpr) -> Result<Type, Wrong> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return wrong(expression.id, "the expression nests too deeply", "make it simpler".to_owned());
        }
        let found = self.part(expression);
        self.depth -= 1;
        found
    }

    fn part(&mut self, expression: &IdedExpr) -> Result<Type, Wrong> {
        let id = expression.id;
        match &expression.expr {
            Expr::Unspecified => wrong(id, "a part of the expression is missing", None),
            Expr::Literal(literal) => Ok(type_of_literal(literal)),
            Expr::Ident(name) => self.variable(name, id),
            Expr::Select(select) => self.select(select, id),
            Expr::Call(call) => self.call(call, id),
            Expr::List(list) => {
                written::optional_item(list)?;
                let mut item = None;
                for element in &list.elements {
                    let own = self.of(element)?;
                    item = Some(item.map_or(own.clone(), |item: Type| item.or(own)));
                }
                Ok(Type::List(Box::new(item.unwrap_or(Type::Any))))
            }
            Expr::Map(map) => {
                written::optional_entry(map)?;
                for entry in &map.entries {
                    if let cel::common::ast::EntryExpr::MapEntry(entry) = &entry.expr {
                        self.of(&entry.key)?;
                        self.of(&entry.value)?;
                    }
                }
                Ok(Type::Map)
            }
            Expr::Struct(_) => wrong(id, "there are no such types here", "write a map, as in `{\"a\": 1}`".to_owned()),
            Expr::Comprehension(comprehension) => self.repeated(comprehension),
        }
    }

    fn variable(&self, name: &str, id: u64) -> Result<Type, Wrong> {
        if let Some((_, own)) = self.bound.iter().rev().find(|(bound, _)| bound == name) {
            return Ok(own.clone());
        }
        if let Some(record) = self.scope.record(name) {
            return Ok(Type::Record(record));
        }
        if is_type(name) {
            return Ok(Type::Name);
        }
        let names: Vec<&str> = self
            .scope
            .records
            .iter()
            .map(|record| record.name)
            .chain(self.bound.iter().map(|(name, _)| name.as_str()).filter(|name| !name.starts_with('@')))
            .collect();
        let help = nearest(name, &names).map(|near| format!("did you mean `{near}`?"));
        let help = help.unwrap_or_else(|| format!("this expression sees {}", self.scope.listed()));
        wrong(id, format!("there is no `{name}` here"), help)
    }

    fn select(&mut self, select: &SelectExpr, id: u64) -> Result<Type, Wrong> {
        let operand = self.of(&select.operand)?;
        let own = match operand.given() {
            Type::Record(record) => field(record, &select.field, id)?,
            Type::Any | Type::Map => Type::Any,
            other => {
                let message = format!("{} has no `{}`", other.in_words(), select.field);
                return wrong(id, message, None);
            }
        };
        Ok(if select.test { Type::Truth } else { own })
    }

    fn repeated(&mut self, comprehension: &ComprehensionExpr) -> Result<Type, Wrong> {
        let range = self.of(&comprehension.iter_range)?;
        match range.given() {
            Type::Any | Type::List(_) | Type::Map | Type::Record(_) => {}
            other => {
                let message = format!("a loop needs a list or a map, and this is {}", other.in_words());
                return wrong(comprehension.iter_range.id, message, None);
            }
        }
        let start = self.of(&comprehension.accu_init)?;
        let depth = self.bound.len();
        self.bound.push((comprehension.iter_var.clone(), range.item()));
        self.bound.extend(comprehension.iter_var2.clone().map(|name| (name, Type::Any)));
        let is_list = matches!(start, Type::List(_));
        self.bound
            .push((comprehension.accu_var.clone(), if is_list { Type::List(Box::new(Type::Any)) } else { start }));
        self.of(&comprehension.loop_cond)?;
        let step = self.of(&comprehension.loop_step)?;
        let result = self.of(&comprehension.result)?;
        self.bound.truncate(depth);
        Ok(if is_list { step } else { result })
    }

    fn call(&mut self, call: &CallExpr, id: u64) -> Result<Type, Wrong> {
        let name = call.func_name.as_str();
        written::optional(call, id)?;
        // `person["cost center"]` is a field as well.
        if let ("_[_]", [operand, index]) = (name, call.args.as_slice())
            && let Expr::Literal(LiteralValue::String(text)) = &index.expr
        {
            return match self.of(operand)?.given() {
                Type::Record(record) => field(record, text.inner(), index.id),
                _ => Ok(Type::Any),
            };
        }
        if LOOPS.contains(&name) {
            let help = match name {
                "has" => "write `has(person.department)`".to_owned(),
                _ => format!("write `list.{name}(item, ...)`"),
            };
            return wrong(id, format!("`{name}` is not written so"), help);
        }
        let target = call.target.as_ref().map(|target| self.of(target)).transpose()?;
        let mut arguments = Vec::with_capacity(call.args.len());
        for argument in &call.args {
            arguments.push(self.of(argument)?);
        }
        match (target, name, arguments.as_slice()) {
            (None, "_&&_" | "_||_" | "!_", operands) => {
                for (operand, part) in operands.iter().zip(&call.args) {
                    if !operand.may_be_truth() {
                        let message = format!("{} is not true or false", operand.in_words());
                        return wrong(part.id, message, "compare it with something".to_owned());
                    }
                }
                Ok(Type::Truth)
            }
            (None, "_?_:_", [condition, then, otherwise]) => {
                if !condition.may_be_truth() {
                    let message = format!("{} is not true or false", condition.in_words());
                    return wrong(call.args[0].id, message, "compare it with something".to_owned());
                }
                Ok(then.clone().or(otherwise.clone()))
            }
            (None, "_==_" | "_!=_", [left, right]) => {
                self.equal(left, right, call, id)?;
                Ok(Type::Truth)
            }
            (None, "@in", [item, list]) => {
                member(item, list, call, id)?;
                Ok(Type::Truth)
            }
            (None, "_<_" | "_<=_" | "_>_" | "_>=_", [left, right]) => {
                let fits = left.given().meets(right.given())
                    && !matches!(left, Type::Null | Type::Map | Type::Record(_) | Type::List(_))
                    && !matches!(right, Type::Null | Type::Map | Type::Record(_) | Type::List(_));
                if !fits {
                    return wrong(id, format!("{} and {} have no order", left.in_words(), right.in_words()), None);
                }
                written::ordered(left, &call.args[1])?;
                written::ordered(right, &call.args[0])?;
                Ok(Type::Truth)
            }
            (None, "_+_", [left, right]) => sum(left, right, id),
            (None, "_-_" | "_*_" | "_/_" | "_%_", [left, right]) => {
                for (operand, part) in [left, right].into_iter().zip(&call.args) {
                    if !operand.may_be_number() {
                        return wrong(part.id, format!("{} is not a number", operand.in_words()), None);
                    }
                }
                Ok(Type::Number)
            }
            (None, "-_", [operand]) => {
                if !operand.may_be_number() {
                    return wrong(id, format!("{} is not a number", operand.in_words()), None);
                }
                Ok(Type::Number)
            }
            (None, "_[_]" | "@not_strictly_false", _) => Ok(Type::Any),
            (target, name, arguments) => {
                let own = function(target.as_ref(), name, arguments, id)?;
                if let (Some(target), "contains" | "startsWith" | "endsWith", [part]) = (&target, name, &*call.args) {
                    written::part(target, part)?;
                }
                Ok(own)
            }
        }
    }

    /// Whether two values can be equal.
    fn equal(&self, left: &Type, right: &Type, call: &CallExpr, id: u64) -> Result<(), Wrong> {
        if !left.meets(right) {
            let message = match (left, right) {
                (Type::Null, other) | (other, Type::Null) => format!("{} is never `null`", other.in_words()),
                _ => format!("{} is never equal to {}", left.in_words(), right.in_words()),
            };
            return wrong(id, message, None);
        }
        let [first, second] = call.args.as_slice() else { return Ok(()) };
        written::compared(left, second)?;
        written::compared(right, first)
    }
}

/// Whether an item can be in a list.
fn member(item: &Type, list: &Type, call: &CallExpr, id: u64) -> Result<(), Wrong> {
    match list.given() {
        Type::Any | Type::Record(_) => Ok(()),
        Type::Map => call.args.get(1).map_or(Ok(()), |map| written::among(item, map)),
        Type::List(own) => {
            if !own.meets(item) {
                let message =
                    format!("{} is never in a list of which each item is {}", item.in_words(), own.in_words());
                return wrong(id, message, None);
            }
            let [first, second] = call.args.as_slice() else { return Ok(()) };
            written::among(item, second)?;
            written::compared(own, first)
        }
        other => {
            let message = format!("`in` needs a list or a map, and this is {}", other.in_words());
            wrong(call.args.get(1).map_or(id, |list| list.id), message, None)
        }
    }
}

/// The type of a sum.
fn sum(left: &Type, right: &Type, id: u64) -> Result<Type, Wrong> {
    let own = match (left.given(), right.given()) {
        (Type::Any, Type::Any) => return Ok(Type::Any),
        (Type::Number, other) | (other, Type::Number) if other.may_be_number() => Type::Number,
        (one, other) if one.may_be_text() && other.may_be_text() => Type::Text,
        (Type::Bytes, Type::Bytes | Type::Any) | (Type::Any, Type::Bytes) => Type::Bytes,
        (Type::List(one), Type::List(other)) => Type::List(Box::new((**one).clone().or((**other).clone()))),
        (Type::List(_), Type::Any) | (Type::Any, Type::List(_)) => Type::List(Box::new(Type::Any)),
        (one, other) => {
            let mixed = one.may_be_text() || other.may_be_text();
            let help = mixed.then(|| "make a text of it with `string(...)`".to_owned());
            return wrong(id, format!("{} and {} cannot be added", one.in_words(), other.in_words()), help);
        }
    };
    Ok(own)
}

/// The type that a function gives.
fn function(target: Option<&Type>, name: &str, arguments: &[Type], id: u64) -> Result<Type, Wrong> {
    let Some((_, alone)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
        let names: Vec<&str> = FUNCTIONS.iter().map(|(name, _)| *name).chain(LOOPS).collect();
        let help = nearest(name, &names).map(|near| format!("did you mean `{near}`?"));
        return wrong(id, format!("there is no function `{}`", shortened(name)), help);
    };
    if target.is_none() && !alone {
        return wrong(id, format!("`{name}` needs something before it"), format!("write `text.{name}(...)`"));
    }
    match (name, target, arguments) {
        ("contains" | "startsWith" | "endsWith", Some(target), [argument]) => {
            for own in [target, argument] {
                if !own.may_be_text() {
                    return wrong(id, format!("`{name}` needs texts, and there is {}", own.in_words()), None);
                }
            }
            Ok(Type::Truth)
        }
        ("contains" | "startsWith" | "endsWith", ..) => {
            wrong(id, format!("`{name}` needs one text in its brackets"), None)
        }
        ("bool", ..) => Ok(Type::Truth),
        ("size" | "int" | "uint" | "double", ..) => Ok(Type::Number),
        ("string", ..) => Ok(Type::Text),
        ("bytes", ..) => Ok(Type::Bytes),
        ("type", ..) => Ok(Type::Name),
        _ => Ok(Type::Any),
    }
}

/// The type of a field of a record, if it has that field.
fn field(record: &'static Record, name: &str, id: u64) -> Result<Type, Wrong> {
    match record.field(name) {
        Some(field) => Ok(Type::of_field(field)),
        None if record.open => Ok(Type::Any),
        None => {
            let names: Vec<&str> = record.fields.iter().map(|field| field.name).collect();
            let message = format!("`{}` has no field `{}`", record.name, shortened(name));
            wrong(id, message, did_you_mean(name, &names))
        }
    }
}

fn type_of_literal(literal: &LiteralValue) -> Type {
    match literal {
        LiteralValue::Boolean(_) => Type::Truth,
        LiteralValue::Bytes(_) => Type::Bytes,
        LiteralValue::Double(_) | LiteralValue::Int(_) | LiteralValue::UInt(_) => Type::Number,
        LiteralValue::Null => Type::Null,
        LiteralValue::String(_) => Type::Text,
    }
}

/// A text that fits into a sentence.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// The names of CEL's own types, which are values.
fn is_type(name: &str) -> bool {
    matches!(
        name,
        "bool" | "int" | "uint" | "double" | "string" | "bytes" | "list" | "map" | "null_type" | "type" | "dyn"
    )
}
