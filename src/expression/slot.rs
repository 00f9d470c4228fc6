//! What an expression reads: each field once, as a variable of its own.
//!
//! An evaluation is then given just these values, two evaluations with the same values are one, and a part that compares
//! a field with something written out can be told without CEL.

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedEntryExpr, IdedExpr, LiteralValue};
use smol_str::{SmolStr, format_smolstr};

use super::scope::{Record, Scope};

/// A value that an expression reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The variable.
    pub record: &'static Record,
    /// The field; the whole variable where it is missing.
    pub field: Option<SmolStr>,
}

impl Slot {
    /// Whether it is of a person: the only variable whose fields nobody declares.
    pub fn is_personal(&self) -> bool {
        self.record.open
    }
}

/// The variable that stands for a slot; no text of a user can name it.
pub(super) fn variable(index: usize) -> SmolStr {
    format_smolstr!("${index}")
}

/// The slot that a variable stands for.
pub(super) fn index_of(variable: &str) -> Option<usize> {
    variable.strip_prefix('$')?.parse().ok()
}

/// The expression over slots. A question whether a field is there becomes a question whether it is `null`.
pub(super) fn place(expression: IdedExpr, scope: Scope) -> (IdedExpr, Vec<Slot>) {
    let mut places = Places { scope, bound: Vec::new(), slots: Vec::new() };
    let placed = places.of(expression);
    (placed, places.slots)
}

struct Places {
    scope: Scope,
    /// The variables of the loops around.
    bound: Vec<String>,
    slots: Vec<Slot>,
}

impl Places {
    fn of(&mut self, expression: IdedExpr) -> IdedExpr {
        let IdedExpr { id, expr } = expression;
        let expr = match expr {
            Expr::Ident(name) => match self.record(&name) {
                Some(record) => self.slot(record, None),
                None => Expr::Ident(name),
            },
            Expr::Select(mut select) => match self.record_of(&select.operand) {
                Some(record) => {
                    let value = self.slot(record, Some(&select.field));
                    if select.test { is_given(id, value) } else { value }
                }
                None => {
                    *select.operand = self.of(std::mem::take(&mut select.operand));
                    Expr::Select(select)
                }
            },
            Expr::Call(call) => self.call(call),
            Expr::List(mut list) => {
                list.elements = self.all(list.elements);
                Expr::List(list)
            }
            Expr::Map(mut map) => {
                map.entries = map.entries.into_iter().map(|entry| self.entry(entry)).collect();
                Expr::Map(map)
            }
            Expr::Comprehension(mut comprehension) => {
                comprehension.iter_range = self.of(std::mem::take(&mut comprehension.iter_range));
                comprehension.accu_init = self.of(std::mem::take(&mut comprehension.accu_init));
                let depth = self.bound.len();
                self.bound.extend([comprehension.iter_var.clone(), comprehension.accu_var.clone()]);
                self.bound.extend(comprehension.iter_var2.clone());
                comprehension.loop_cond = self.of(std::mem::take(&mut comprehension.loop_cond));
                comprehension.loop_step = self.of(std::mem::take(&mut comprehension.loop_step));
                comprehension.result = self.of(std::mem::take(&mut comprehension.result));
                self.bound.truncate(depth);
                Expr::Comprehension(comprehension)
            }
            other @ (Expr::Unspecified | Expr::Literal(_) | Expr::Struct(_)) => other,
        };
        IdedExpr { id, expr }
    }

    fn all(&mut self, expressions: Vec<IdedExpr>) -> Vec<IdedExpr> {
        expressions.into_iter().map(|expression| self.of(expression)).collect()
    }

    fn call(&mut self, mut call: CallExpr) -> Expr {
        if let ("_[_]", [operand, index]) = (call.func_name.as_str(), call.args.as_slice())
            && let (Some(record), Expr::Literal(LiteralValue::String(text))) = (self.record_of(operand), &index.expr)
        {
            let name = text.inner().to_owned();
            return self.slot(record, Some(&name));
        }
        call.target = call.target.map(|target| Box::new(self.of(*target)));
        call.args = self.all(call.args);
        Expr::Call(call)
    }

    fn entry(&mut self, entry: IdedEntryExpr) -> IdedEntryExpr {
        let IdedEntryExpr { id, expr } = entry;
        let expr = match expr {
            EntryExpr::StructField(mut field) => {
                field.value = self.of(field.value);
                EntryExpr::StructField(field)
            }
            EntryExpr::MapEntry(mut entry) => {
                entry.key = self.of(entry.key);
                entry.value = self.of(entry.value);
                EntryExpr::MapEntry(entry)
            }
        };
        IdedEntryExpr { id, expr }
    }

    fn record(&self, name: &str) -> Option<&'static Record> {
        if self.bound.iter().any(|bound| bound == name) { None } else { self.scope.record(name) }
    }

    fn record_of(&self, expression: &IdedExpr) -> Option<&'static Record> {
        match &expression.expr {
            Expr::Ident(name) => self.record(name),
            _ => None,
        }
    }

    fn slot(&mut self, record: &'static Record, field: Option<&str>) -> Expr {
        let slot = Slot { record, field: field.map(SmolStr::new) };
        let index = self.slots.iter().position(|known| *known == slot).unwrap_or_else(|| {
            self.slots.push(slot);
            self.slots.len() - 1
        });
        Expr::Ident(variable(index).into())
    }
}

/// The question whether a value is there.
fn is_given(id: u64, value: Expr) -> Expr {
    let null = IdedExpr { id, expr: Expr::Literal(LiteralValue::Null) };
    Expr::Call(CallExpr { func_name: "_!=_".to_owned(), target: None, args: vec![IdedExpr { id, expr: value }, null] })
}
