//! The expressions of groups: compiled once, evaluated for each person who is described, within a budget.

use std::collections::BTreeSet;
use std::sync::Arc;

use cel::common::ast::LiteralValue;
use cel::common::ast::{EntryExpr, Expr, IdedExpr};
use cel::objects::{Key, Map};
use cel::{Context, Env, Program, Value};
use smol_str::SmolStr;

use crate::model::Person;

/// The longest expression in bytes.
const LENGTH_MAX: usize = 4_096;
/// The most steps of one evaluation, and of all evaluations of a manifest.
const STEPS_MAX: u64 = 10_000;
const STEPS_TOTAL_MAX: u64 = 1_000_000_000;
/// How many items a list is thought to have whose length is not written in the expression.
const ITEMS_GUESSED: u64 = 100;
/// How deep brackets may nest.
const BRACKETS_MAX: usize = 40;
/// The one variable there is.
const PERSON: &str = "person";

/// Why an expression cannot be used.
pub(super) struct Fault {
    /// What is wrong.
    pub(super) message: String,
    /// What to do.
    pub(super) help: &'static str,
    /// At which character of the text, if that is known.
    pub(super) offset: Option<u32>,
}

/// What an expression says of one person.
pub(super) enum Outcome {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It cannot be evaluated.
    Fault(String),
    /// The budget of all expressions is spent.
    Spent,
}

/// An expression ready to be evaluated.
pub(super) struct Condition {
    program: Program,
    cost: u64,
    /// Attributes that it reads by name.
    read: BTreeSet<String>,
    /// Attributes whose presence it asks for: they must not be filled in.
    asked: BTreeSet<String>,
    /// Whether it uses the person otherwise than by the name of an attribute.
    whole: bool,
}

impl Condition {
    /// The attributes that it names.
    pub(super) fn attributes(&self) -> Vec<String> {
        self.read.union(&self.asked).cloned().collect()
    }
}

/// The environment that all expressions of a manifest share.
pub(super) struct Conditions {
    env: Arc<Env>,
    spent: u64,
}

impl Default for Conditions {
    fn default() -> Self {
        Self { env: Arc::new(Env::stdlib()), spent: 0 }
    }
}

impl Conditions {
    /// Compiles an expression and checks what it can cost and whom it names.
    pub(super) fn compile(&self, text: &str) -> Result<Condition, Fault> {
        let fault = |message: &str, help| Fault { message: message.to_owned(), help, offset: None };
        if text.len() > LENGTH_MAX {
            return Err(fault("the expression is longer than 4096 bytes", "make it shorter"));
        }
        if nesting(text) > BRACKETS_MAX {
            return Err(fault("the expression nests too deeply", "make it simpler"));
        }
        let program = self.env.compile(text).map_err(|errors| {
            let first = errors.errors.first();
            let message = first.map(|error| error.msg.lines().next().unwrap_or_default().to_owned());
            let offset = first.and_then(|error| {
                let (line, column) = (u32::try_from(error.pos.0).ok()?, u32::try_from(error.pos.1).ok()?);
                (line <= 1).then(|| column.saturating_sub(1))
            });
            Fault {
                message: format!("this is not CEL: {}", message.unwrap_or_default()),
                help: "write it as in `person.department == \"Sales\"`",
                offset,
            }
        })?;
        let mut look = Look::default();
        let cost = look.cost(program.expression(), 0);
        if let Some((name, id)) = look.unknown {
            return Err(Fault {
                message: format!("there is no `{name}` here"),
                help: "an expression sees `person` with its attributes",
                offset: program.source_info().offset_for(id).map(|(start, _)| start),
            });
        }
        if cost > STEPS_MAX {
            return Err(fault("the expression costs too much", "do not put loops into loops"));
        }
        Ok(Condition { cost, read: look.read, asked: look.asked, whole: look.whole, program })
    }

    /// What the expression says of a person.
    pub(super) fn holds(&mut self, condition: &Condition, key: &SmolStr, person: &Person) -> Outcome {
        self.spent = self.spent.saturating_add(condition.cost);
        if self.spent > STEPS_TOTAL_MAX {
            return Outcome::Spent;
        }
        let mut context = Context::with_env(Arc::clone(&self.env));
        context.add_variable_from_value(PERSON, value_of(condition, key, person));
        match condition.program.execute(&context) {
            Ok(Value::Bool(true)) => Outcome::True,
            Ok(Value::Bool(false)) => Outcome::False,
            Ok(other) => Outcome::Fault(format!("it gives a {}, not true or false", other.type_of())),
            Err(error) => Outcome::Fault(error.to_string().lines().next().unwrap_or_default().to_owned()),
        }
    }
}

/// The person as the expression sees them; what is missing is `null`.
fn value_of(condition: &Condition, key: &SmolStr, person: &Person) -> Value {
    let entry = |name: &str, value: Value| (Key::String(Arc::new(name.to_owned())), value);
    let email = entry("email", text(key));
    let wanted = |name: &str| condition.whole || condition.read.contains(name) || condition.asked.contains(name);
    let missing = condition.read.iter().filter(|name| {
        !person.attributes.contains_key(name.as_str()) && !condition.asked.contains(*name) && *name != "email"
    });
    let map = missing
        .map(|name| entry(name, Value::Null))
        .chain(person.attributes.iter().filter(|(name, _)| wanted(name)).map(|(name, value)| entry(name, cel(value))))
        .chain([email])
        .collect();
    Value::Map(Map { map: Arc::new(map) })
}

fn text(text: &str) -> Value {
    Value::String(Arc::new(text.to_owned()))
}

/// A JSON value as CEL has it: whole numbers are `int`.
fn cel(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Int(whole),
            (None, Some(float)) => Value::Float(float),
            (None, None) => Value::Null,
        },
        serde_json::Value::String(string) => text(string),
        serde_json::Value::Array(items) => Value::List(items.iter().map(cel).collect::<Vec<_>>().into()),
        serde_json::Value::Object(entries) => {
            let map = entries.iter().map(|(name, value)| (Key::String(Arc::new(name.clone())), cel(value))).collect();
            Value::Map(Map { map: Arc::new(map) })
        }
    }
}

/// How deep brackets nest; those within texts are counted too, which does no harm.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// One walk over an expression: what it costs, and what it names.
#[derive(Default)]
struct Look {
    read: BTreeSet<String>,
    asked: BTreeSet<String>,
    whole: bool,
    unknown: Option<(String, u64)>,
    bound: Vec<String>,
}

impl Look {
    fn cost(&mut self, expression: &IdedExpr, loops: u32) -> u64 {
        let inner = match &expression.expr {
            Expr::Unspecified | Expr::Literal(_) => 0,
            Expr::Ident(name) => {
                if name == PERSON {
                    self.whole = true;
                } else if !self.bound.contains(name) && !is_type(name) {
                    self.unknown.get_or_insert_with(|| (name.clone(), expression.id));
                }
                0
            }
            Expr::Select(select) => match &select.operand.expr {
                Expr::Ident(name) if name == PERSON && !self.bound.contains(name) => {
                    let set = if select.test { &mut self.asked } else { &mut self.read };
                    set.insert(select.field.clone());
                    0
                }
                _ => self.cost(&select.operand, loops),
            },
            Expr::Call(call) => {
                if let (Some(name), true) = (attribute_by_index(&call.args), call.func_name == "_[_]") {
                    self.read.insert(name);
                    return 1;
                }
                let target = call.target.as_ref().map_or(0, |target| self.cost(target, loops));
                self.sum(target, &call.args, loops)
            }
            Expr::List(list) => self.sum(0, &list.elements, loops),
            Expr::Map(map) => map.entries.iter().fold(0, |sum, entry| sum + self.entry(&entry.expr, loops)),
            Expr::Struct(fields) => fields.entries.iter().fold(0, |sum, entry| sum + self.entry(&entry.expr, loops)),
            Expr::Comprehension(comprehension) => {
                let items = match &comprehension.iter_range.expr {
                    Expr::List(list) => list.elements.len() as u64,
                    _ => ITEMS_GUESSED,
                };
                let range = self.cost(&comprehension.iter_range, loops);
                let before = self.bound.len();
                self.bound.extend([comprehension.iter_var.clone(), comprehension.accu_var.clone()]);
                self.bound.extend(comprehension.iter_var2.clone());
                let start = self.cost(&comprehension.accu_init, loops);
                let step = self
                    .cost(&comprehension.loop_cond, loops + 1)
                    .saturating_add(self.cost(&comprehension.loop_step, loops + 1));
                let result = self.cost(&comprehension.result, loops);
                self.bound.truncate(before);
                // A text can double in each loop around it.
                let growth = if loops >= 2 { STEPS_MAX } else { 1 };
                range
                    .saturating_add(start)
                    .saturating_add(result)
                    .saturating_add(items.saturating_mul(step).saturating_mul(growth))
            }
        };
        inner.saturating_add(1)
    }

    fn sum(&mut self, start: u64, expressions: &[IdedExpr], loops: u32) -> u64 {
        expressions.iter().fold(start, |sum, expression| sum.saturating_add(self.cost(expression, loops)))
    }

    fn entry(&mut self, entry: &EntryExpr, loops: u32) -> u64 {
        match entry {
            EntryExpr::StructField(field) => self.cost(&field.value, loops),
            EntryExpr::MapEntry(entry) => self.cost(&entry.key, loops).saturating_add(self.cost(&entry.value, loops)),
        }
    }
}

/// `person["cost center"]`: the attribute's name.
fn attribute_by_index(arguments: &[IdedExpr]) -> Option<String> {
    match arguments {
        [
            IdedExpr { expr: Expr::Ident(name), .. },
            IdedExpr { expr: Expr::Literal(LiteralValue::String(text)), .. },
        ] if name == PERSON => Some(text.inner().to_owned()),
        _ => None,
    }
}

/// The names of CEL's own types, which are values.
fn is_type(name: &str) -> bool {
    matches!(
        name,
        "bool" | "int" | "uint" | "double" | "string" | "bytes" | "list" | "map" | "null_type" | "type" | "dyn"
    )
}
