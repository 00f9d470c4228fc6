//! The inputs of an expression: each field that it reads, as a variable of its own.
//!
//! An evaluation gets only these values, and a comparison of a field with a literal can be decided without CEL.

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedEntryExpr, IdedExpr, LiteralValue};
use smol_str::{SmolStr, format_smolstr};

use super::scope::{Variable, VariableScope};

/// A value that an expression reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionInput {
    /// The variable.
    pub variable: &'static Variable,
    /// The field, or `None` for the whole variable.
    pub field: Option<SmolStr>,
}

impl ExpressionInput {
    /// Returns whether the input belongs to a person, the only variable with undeclared fields.
    pub fn is_person(&self) -> bool {
        self.variable.is_open
    }
}

/// Returns the internal variable name of an input, which no user text can contain.
pub(super) fn input_name(index: usize) -> SmolStr {
    format_smolstr!("${index}")
}

/// Returns the index of the input with that internal name.
pub(super) fn input_index(variable: &str) -> Option<usize> {
    variable.strip_prefix('$')?.parse().ok()
}

/// Replaces the fields in an expression by inputs; `has(field)` becomes a comparison with `null`.
pub(super) fn extract_inputs(expression: IdedExpr, scope: VariableScope) -> (IdedExpr, Vec<ExpressionInput>) {
    let mut extractor = InputExtractor { scope, bound: Vec::new(), inputs: Vec::new() };
    let root = extractor.visit(expression);
    (root, extractor.inputs)
}

struct InputExtractor {
    scope: VariableScope,
    /// The variables of enclosing loops.
    bound: Vec<String>,
    inputs: Vec<ExpressionInput>,
}

impl InputExtractor {
    fn visit(&mut self, expression: IdedExpr) -> IdedExpr {
        let IdedExpr { id, expr } = expression;
        let expr = match expr {
            Expr::Ident(name) => match self.variable(&name) {
                Some(record) => self.add_input(record, None),
                None => Expr::Ident(name),
            },
            Expr::Select(mut select) => match self.variable_of(&select.operand) {
                Some(record) => {
                    let value = self.add_input(record, Some(&select.field));
                    if select.test { presence_test(id, value) } else { value }
                }
                None => {
                    *select.operand = self.visit(std::mem::take(&mut select.operand));
                    Expr::Select(select)
                }
            },
            Expr::Call(call) => self.call(call),
            Expr::List(mut list) => {
                list.elements = self.visit_all(list.elements);
                Expr::List(list)
            }
            Expr::Map(mut map) => {
                map.entries = map.entries.into_iter().map(|entry| self.entry(entry)).collect();
                Expr::Map(map)
            }
            Expr::Comprehension(mut comprehension) => {
                comprehension.iter_range = self.visit(std::mem::take(&mut comprehension.iter_range));
                comprehension.accu_init = self.visit(std::mem::take(&mut comprehension.accu_init));
                let depth = self.bound.len();
                self.bound.extend([comprehension.iter_var.clone(), comprehension.accu_var.clone()]);
                self.bound.extend(comprehension.iter_var2.clone());
                comprehension.loop_cond = self.visit(std::mem::take(&mut comprehension.loop_cond));
                comprehension.loop_step = self.visit(std::mem::take(&mut comprehension.loop_step));
                comprehension.result = self.visit(std::mem::take(&mut comprehension.result));
                self.bound.truncate(depth);
                Expr::Comprehension(comprehension)
            }
            other @ (Expr::Unspecified | Expr::Literal(_) | Expr::Struct(_)) => other,
        };
        IdedExpr { id, expr }
    }

    fn visit_all(&mut self, expressions: Vec<IdedExpr>) -> Vec<IdedExpr> {
        expressions.into_iter().map(|expression| self.visit(expression)).collect()
    }

    fn call(&mut self, mut call: CallExpr) -> Expr {
        if let ("_[_]", [operand, index]) = (call.func_name.as_str(), call.args.as_slice())
            && let (Some(record), Expr::Literal(LiteralValue::String(text))) = (self.variable_of(operand), &index.expr)
        {
            let name = text.inner().to_owned();
            return self.add_input(record, Some(&name));
        }
        call.target = call.target.map(|target| Box::new(self.visit(*target)));
        call.args = self.visit_all(call.args);
        Expr::Call(call)
    }

    fn entry(&mut self, entry: IdedEntryExpr) -> IdedEntryExpr {
        let IdedEntryExpr { id, expr } = entry;
        let expr = match expr {
            EntryExpr::StructField(mut field) => {
                field.value = self.visit(field.value);
                EntryExpr::StructField(field)
            }
            EntryExpr::MapEntry(mut entry) => {
                entry.key = self.visit(entry.key);
                entry.value = self.visit(entry.value);
                EntryExpr::MapEntry(entry)
            }
        };
        IdedEntryExpr { id, expr }
    }

    fn variable(&self, name: &str) -> Option<&'static Variable> {
        if self.bound.iter().any(|bound| bound == name) { None } else { self.scope.variable(name) }
    }

    fn variable_of(&self, expression: &IdedExpr) -> Option<&'static Variable> {
        match &expression.expr {
            Expr::Ident(name) => self.variable(name),
            _ => None,
        }
    }

    fn add_input(&mut self, record: &'static Variable, field: Option<&str>) -> Expr {
        let input = ExpressionInput { variable: record, field: field.map(SmolStr::new) };
        let index = self.inputs.iter().position(|known| *known == input).unwrap_or_else(|| {
            self.inputs.push(input);
            self.inputs.len() - 1
        });
        Expr::Ident(input_name(index).into())
    }
}

/// Returns the comparison that replaces `has(field)`.
fn presence_test(id: u64, value: Expr) -> Expr {
    let null = IdedExpr { id, expr: Expr::Literal(LiteralValue::Null) };
    Expr::Call(CallExpr { func_name: "_!=_".to_owned(), target: None, args: vec![IdedExpr { id, expr: value }, null] })
}
