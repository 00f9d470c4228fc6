//! Type check of an expression: unknown names, and types that cannot match.
//!
//! It rejects only what can never be right. If a type is unknown or may be `null`, the evaluation decides.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SelectExpr};

use super::literals;
use super::scope::{Variable, VariableScope};
use super::type_error::{TypeError, shorten, type_error};
use super::types::ValueType;
use crate::diagnostic::{did_you_mean, nearest};

/// The maximum depth of an expression.
const DEPTH_MAX: usize = 100;

/// Functions; `true` if they can be called without a target.
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
/// Macros, which remain calls only if they are misspelled.
const MACROS: [&str; 7] = ["all", "exists", "exists_one", "existsOne", "map", "filter", "has"];

/// Returns the type of an expression, or the first error in it.
pub(super) fn type_of(expression: &IdedExpr, scope: VariableScope) -> Result<ValueType, TypeError> {
    TypeChecker { scope, bound: Vec::new(), depth: 0 }.visit(expression)
}

struct TypeChecker {
    scope: VariableScope,
    /// The variables of enclosing loops.
    bound: Vec<(String, ValueType)>,
    depth: usize,
}

impl TypeChecker {
    fn visit(&mut self, expression: &IdedExpr) -> Result<ValueType, TypeError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return type_error(expression.id, "the expression is nested too deeply", "simplify it".to_owned());
        }
        let found = self.visit_node(expression);
        self.depth -= 1;
        found
    }

    fn visit_node(&mut self, expression: &IdedExpr) -> Result<ValueType, TypeError> {
        let id = expression.id;
        match &expression.expr {
            Expr::Unspecified => type_error(id, "a part of the expression is missing", None),
            Expr::Literal(literal) => Ok(type_of_literal(literal)),
            Expr::Ident(name) => self.variable(name, id),
            Expr::Select(select) => self.select(select, id),
            Expr::Call(call) => self.call(call, id),
            Expr::List(list) => {
                literals::reject_optional_item(list)?;
                let mut item = None;
                for element in &list.elements {
                    let own = self.visit(element)?;
                    item = Some(item.map_or(own.clone(), |item: ValueType| item.union(own)));
                }
                Ok(ValueType::List(Box::new(item.unwrap_or(ValueType::Any))))
            }
            Expr::Map(map) => {
                literals::reject_optional_entry(map)?;
                for entry in &map.entries {
                    if let cel::common::ast::EntryExpr::MapEntry(entry) = &entry.expr {
                        self.visit(&entry.key)?;
                        self.visit(&entry.value)?;
                    }
                }
                Ok(ValueType::Map)
            }
            Expr::Struct(_) => type_error(id, "unsupported message type", "write a map, as in `{\"a\": 1}`".to_owned()),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
        }
    }

    fn variable(&self, name: &str, id: u64) -> Result<ValueType, TypeError> {
        if let Some((_, own)) = self.bound.iter().rev().find(|(bound, _)| bound == name) {
            return Ok(own.clone());
        }
        if let Some(record) = self.scope.variable(name) {
            return Ok(ValueType::Variable(record));
        }
        if is_type_name(name) {
            return Ok(ValueType::TypeName);
        }
        let names: Vec<&str> = self
            .scope
            .variables
            .iter()
            .map(|record| record.name)
            .chain(self.bound.iter().map(|(name, _)| name.as_str()).filter(|name| !name.starts_with('@')))
            .collect();
        let help = nearest(name, &names).map(|near| format!("did you mean `{near}`?"));
        let help = help.unwrap_or_else(|| format!("the variables are {}", self.scope.list_names()));
        type_error(id, format!("unknown name `{name}`"), help)
    }

    fn select(&mut self, select: &SelectExpr, id: u64) -> Result<ValueType, TypeError> {
        let operand = self.visit(&select.operand)?;
        let own = match operand.non_null() {
            ValueType::Variable(record) => type_of_field(record, &select.field, id)?,
            ValueType::Any | ValueType::Map => ValueType::Any,
            other => {
                let message = format!("{} has no `{}`", other.describe(), select.field);
                return type_error(id, message, None);
            }
        };
        Ok(if select.test { ValueType::Bool } else { own })
    }

    fn comprehension(&mut self, comprehension: &ComprehensionExpr) -> Result<ValueType, TypeError> {
        let range = self.visit(&comprehension.iter_range)?;
        match range.non_null() {
            ValueType::Any | ValueType::List(_) | ValueType::Map | ValueType::Variable(_) => {}
            other => {
                let message = format!("a loop needs a list or a map, not {}", other.describe());
                return type_error(comprehension.iter_range.id, message, None);
            }
        }
        let start = self.visit(&comprehension.accu_init)?;
        let depth = self.bound.len();
        self.bound.push((comprehension.iter_var.clone(), range.item_type()));
        self.bound.extend(comprehension.iter_var2.clone().map(|name| (name, ValueType::Any)));
        let is_list = matches!(start, ValueType::List(_));
        self.bound.push((
            comprehension.accu_var.clone(),
            if is_list { ValueType::List(Box::new(ValueType::Any)) } else { start },
        ));
        self.visit(&comprehension.loop_cond)?;
        let step = self.visit(&comprehension.loop_step)?;
        let result = self.visit(&comprehension.result)?;
        self.bound.truncate(depth);
        Ok(if is_list { step } else { result })
    }

    fn call(&mut self, call: &CallExpr, id: u64) -> Result<ValueType, TypeError> {
        let name = call.func_name.as_str();
        literals::reject_optional_access(call, id)?;
        // `person["cost center"]` is a field.
        if let ("_[_]", [operand, index]) = (name, call.args.as_slice())
            && let Expr::Literal(LiteralValue::String(text)) = &index.expr
        {
            return match self.visit(operand)?.non_null() {
                ValueType::Variable(record) => type_of_field(record, text.inner(), index.id),
                _ => Ok(ValueType::Any),
            };
        }
        if MACROS.contains(&name) {
            let help = match name {
                "has" => "write `has(person.department)`".to_owned(),
                _ => format!("write `list.{name}(item, ...)`"),
            };
            return type_error(id, format!("invalid use of `{name}`"), help);
        }
        let target = call.target.as_ref().map(|target| self.visit(target)).transpose()?;
        let mut arguments = Vec::with_capacity(call.args.len());
        for argument in &call.args {
            arguments.push(self.visit(argument)?);
        }
        match (target, name, arguments.as_slice()) {
            (None, "_&&_" | "_||_" | "!_", operands) => {
                for (operand, part) in operands.iter().zip(&call.args) {
                    if !operand.may_be_bool() {
                        let message = format!("{} is not true or false", operand.describe());
                        return type_error(part.id, message, "compare it with something".to_owned());
                    }
                }
                Ok(ValueType::Bool)
            }
            (None, "_?_:_", [condition, then, otherwise]) => {
                if !condition.may_be_bool() {
                    let message = format!("{} is not true or false", condition.describe());
                    return type_error(call.args[0].id, message, "compare it with something".to_owned());
                }
                Ok(then.clone().union(otherwise.clone()))
            }
            (None, "_==_" | "_!=_", [left, right]) => {
                self.check_equality(left, right, call, id)?;
                Ok(ValueType::Bool)
            }
            (None, "@in", [item, list]) => {
                check_membership(item, list, call, id)?;
                Ok(ValueType::Bool)
            }
            (None, "_<_" | "_<=_" | "_>_" | "_>=_", [left, right]) => {
                let fits = left.non_null().can_equal(right.non_null())
                    && !matches!(left, ValueType::Null | ValueType::Map | ValueType::Variable(_) | ValueType::List(_))
                    && !matches!(right, ValueType::Null | ValueType::Map | ValueType::Variable(_) | ValueType::List(_));
                if !fits {
                    return type_error(
                        id,
                        format!("{} and {} cannot be ordered", left.describe(), right.describe()),
                        None,
                    );
                }
                literals::check_order(left, &call.args[1])?;
                literals::check_order(right, &call.args[0])?;
                Ok(ValueType::Bool)
            }
            (None, "_+_", [left, right]) => type_of_sum(left, right, id),
            (None, "_-_" | "_*_" | "_/_" | "_%_", [left, right]) => {
                for (operand, part) in [left, right].into_iter().zip(&call.args) {
                    if !operand.may_be_number() {
                        return type_error(part.id, format!("{} is not a number", operand.describe()), None);
                    }
                }
                Ok(ValueType::Number)
            }
            (None, "-_", [operand]) => {
                if !operand.may_be_number() {
                    return type_error(id, format!("{} is not a number", operand.describe()), None);
                }
                Ok(ValueType::Number)
            }
            (None, "_[_]" | "@not_strictly_false", _) => Ok(ValueType::Any),
            (target, name, arguments) => {
                let own = type_of_call(target.as_ref(), name, arguments, id)?;
                if let (Some(target), "contains" | "startsWith" | "endsWith", [part]) = (&target, name, &*call.args) {
                    literals::check_substring(target, part)?;
                }
                Ok(own)
            }
        }
    }

    /// Checks whether two values can be equal.
    fn check_equality(&self, left: &ValueType, right: &ValueType, call: &CallExpr, id: u64) -> Result<(), TypeError> {
        if !left.can_equal(right) {
            let message = match (left, right) {
                (ValueType::Null, other) | (other, ValueType::Null) => format!("{} is never `null`", other.describe()),
                _ => format!("{} is never equal to {}", left.describe(), right.describe()),
            };
            return type_error(id, message, None);
        }
        let [first, second] = call.args.as_slice() else { return Ok(()) };
        literals::check_comparison(left, second)?;
        literals::check_comparison(right, first)
    }
}

/// Checks whether an item can be in a list.
fn check_membership(item: &ValueType, list: &ValueType, call: &CallExpr, id: u64) -> Result<(), TypeError> {
    match list.non_null() {
        ValueType::Any | ValueType::Variable(_) => Ok(()),
        ValueType::Map => call.args.get(1).map_or(Ok(()), |map| literals::check_members(item, map)),
        ValueType::List(own) => {
            if !own.can_equal(item) {
                let message = format!("{} is never in a list whose items are {}", item.describe(), own.describe());
                return type_error(id, message, None);
            }
            let [first, second] = call.args.as_slice() else { return Ok(()) };
            literals::check_members(item, second)?;
            literals::check_comparison(own, first)
        }
        other => {
            let message = format!("`in` needs a list or a map, not {}", other.describe());
            type_error(call.args.get(1).map_or(id, |list| list.id), message, None)
        }
    }
}

/// Returns the type of a sum.
fn type_of_sum(left: &ValueType, right: &ValueType, id: u64) -> Result<ValueType, TypeError> {
    let own = match (left.non_null(), right.non_null()) {
        (ValueType::Any, ValueType::Any) => return Ok(ValueType::Any),
        (ValueType::Number, other) | (other, ValueType::Number) if other.may_be_number() => ValueType::Number,
        (one, other) if one.may_be_text() && other.may_be_text() => ValueType::Text,
        (ValueType::Bytes, ValueType::Bytes | ValueType::Any) | (ValueType::Any, ValueType::Bytes) => ValueType::Bytes,
        (ValueType::List(one), ValueType::List(other)) => {
            ValueType::List(Box::new((**one).clone().union((**other).clone())))
        }
        (ValueType::List(_), ValueType::Any) | (ValueType::Any, ValueType::List(_)) => {
            ValueType::List(Box::new(ValueType::Any))
        }
        (one, other) => {
            let mixed = one.may_be_text() || other.may_be_text();
            let help = mixed.then(|| "convert it with `string(...)`".to_owned());
            return type_error(id, format!("{} and {} cannot be added", one.describe(), other.describe()), help);
        }
    };
    Ok(own)
}

/// Returns the result type of a function.
fn type_of_call(
    target: Option<&ValueType>,
    name: &str,
    arguments: &[ValueType],
    id: u64,
) -> Result<ValueType, TypeError> {
    let Some((_, alone)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
        let names: Vec<&str> = FUNCTIONS.iter().map(|(name, _)| *name).chain(MACROS).collect();
        let help = nearest(name, &names).map(|near| format!("did you mean `{near}`?"));
        return type_error(id, format!("unknown function `{}`", shorten(name)), help);
    };
    if target.is_none() && !alone {
        return type_error(id, format!("`{name}` needs a target"), format!("write `text.{name}(...)`"));
    }
    match (name, target, arguments) {
        ("contains" | "startsWith" | "endsWith", Some(target), [argument]) => {
            for own in [target, argument] {
                if !own.may_be_text() {
                    return type_error(id, format!("`{name}` needs texts, not {}", own.describe()), None);
                }
            }
            Ok(ValueType::Bool)
        }
        ("contains" | "startsWith" | "endsWith", ..) => {
            type_error(id, format!("`{name}` needs one text as argument"), None)
        }
        ("bool", ..) => Ok(ValueType::Bool),
        ("size" | "int" | "uint" | "double", ..) => Ok(ValueType::Number),
        ("string", ..) => Ok(ValueType::Text),
        ("bytes", ..) => Ok(ValueType::Bytes),
        ("type", ..) => Ok(ValueType::TypeName),
        _ => Ok(ValueType::Any),
    }
}

/// Returns the type of a variable's field.
fn type_of_field(record: &'static Variable, name: &str, id: u64) -> Result<ValueType, TypeError> {
    match record.field(name) {
        Some(field) => Ok(ValueType::from_field(field)),
        None if record.is_open => Ok(ValueType::Any),
        None => {
            let names: Vec<&str> = record.fields.iter().map(|field| field.name).collect();
            let message = format!("`{}` has no field `{}`", record.name, shorten(name));
            type_error(id, message, did_you_mean(name, &names))
        }
    }
}

fn type_of_literal(literal: &LiteralValue) -> ValueType {
    match literal {
        LiteralValue::Boolean(_) => ValueType::Bool,
        LiteralValue::Bytes(_) => ValueType::Bytes,
        LiteralValue::Double(_) | LiteralValue::Int(_) | LiteralValue::UInt(_) => ValueType::Number,
        LiteralValue::Null => ValueType::Null,
        LiteralValue::String(_) => ValueType::Text,
    }
}

/// Returns whether a name is one of CEL's types, which are values.
fn is_type_name(name: &str) -> bool {
    matches!(
        name,
        "bool" | "int" | "uint" | "double" | "string" | "bytes" | "list" | "map" | "null_type" | "type" | "dyn"
    )
}
