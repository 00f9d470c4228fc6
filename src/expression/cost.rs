//! The maximum cost of an evaluation, computed from the expression alone.
//!
//! Every part has a bound on its steps and on the size of its result, for inputs up to a certain weight. Creating a value costs its
//! size, so a bound on steps also bounds memory. Only the loops of CEL's macros exist, and each iteration adds to the result.
//! Invariants: a bound is never less than the actual cost; all sums saturate.

use cel::common::ast::{ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue};

use super::value::weight_of_text;

/// The number of input weights with a bound: powers of two from 1.
const WEIGHT_LEVELS: usize = 21;
/// The level of inputs that every expression must support: a list of about sixty names.
const TYPICAL_LEVEL: usize = 6;
/// The maximum depth of nested loops; a bound evaluates each loop body twice.
const LOOPS_MAX: usize = 3;
/// The maximum length of a number as text.
const NUMBER_TEXT_MAX: usize = 400;

/// The bounds of one expression, one per level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CostTable([u64; WEIGHT_LEVELS]);

impl CostTable {
    /// Computes the bounds of an expression.
    pub(super) fn of(expression: &IdedExpr) -> Self {
        let mut costs = [0; WEIGHT_LEVELS];
        for (level, cost) in costs.iter_mut().enumerate() {
            *cost = CostAnalyzer { input: 1 << level, bound: Vec::new(), loops: 0 }.visit(expression).steps;
        }
        Self(costs)
    }

    /// Returns the maximum number of steps for inputs of typical size.
    pub(super) fn typical(&self) -> u64 {
        self.0[TYPICAL_LEVEL]
    }

    /// Returns the maximum number of steps for inputs of that total weight, or `None` if the weight is too large.
    pub(super) fn for_weight(&self, weight: u64) -> Option<u64> {
        let level = usize::try_from(weight.max(1).next_power_of_two().trailing_zeros()).ok()?;
        self.0.get(level).copied()
    }
}

/// The bound of one part.
#[derive(Clone, Copy, Debug)]
struct CostBound {
    /// The number of steps.
    steps: u64,
    /// The size of the result.
    size: u64,
    /// The number of items that a loop over it visits.
    items: u64,
}

impl CostBound {
    fn small(steps: u64) -> Self {
        Self { steps, size: 1, items: 1 }
    }

    fn sized(steps: u64, size: u64) -> Self {
        Self { steps: steps.saturating_add(1), size, items: size }
    }

    fn union(self, other: Self) -> Self {
        Self {
            steps: self.steps.saturating_add(other.steps),
            size: self.size.max(other.size),
            items: self.items.max(other.items),
        }
    }
}

/// Analyzes an expression for inputs of a certain weight.
struct CostAnalyzer {
    /// The maximum size of a variable.
    input: u64,
    /// The variables of enclosing loops, with their sizes.
    bound: Vec<(String, u64)>,
    /// The number of enclosing loops.
    loops: usize,
}

impl CostAnalyzer {
    fn visit(&mut self, expression: &IdedExpr) -> CostBound {
        match &expression.expr {
            Expr::Unspecified => CostBound::small(1),
            Expr::Literal(literal) => match literal {
                LiteralValue::String(text) => CostBound::sized(0, weight_of_text(text.inner().len())),
                LiteralValue::Bytes(bytes) => {
                    let size = bytes.inner().len() as u64 + 1;
                    CostBound::sized(0, size)
                }
                _ => CostBound::small(1),
            },
            Expr::Ident(name) => {
                let own = self.bound.iter().rev().find(|(bound, _)| bound == name);
                CostBound::sized(0, own.map_or(self.input, |(_, size)| *size))
            }
            Expr::Select(select) => {
                let operand = self.visit(&select.operand);
                CostBound::sized(operand.steps.saturating_add(weight_of_text(select.field.len())), operand.size)
            }
            Expr::Call(call) => {
                let target = call.target.as_ref().map(|target| self.visit(target));
                let arguments: Vec<CostBound> =
                    target.into_iter().chain(call.args.iter().map(|one| self.visit(one))).collect();
                call_bound(&call.func_name, &arguments)
            }
            Expr::List(list) => {
                let items: Vec<CostBound> = list.elements.iter().map(|element| self.visit(element)).collect();
                CostBound { items: items.len() as u64, ..composite_bound(&items) }
            }
            Expr::Map(map) => {
                let items: Vec<CostBound> = map.entries.iter().flat_map(|entry| self.entry(&entry.expr)).collect();
                composite_bound(&items)
            }
            Expr::Struct(fields) => {
                let items: Vec<CostBound> = fields.entries.iter().flat_map(|entry| self.entry(&entry.expr)).collect();
                composite_bound(&items)
            }
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
        }
    }

    /// Bounds a loop. The cost of an iteration grows at least linearly with its item, and the items together are no larger than the
    /// range. So the most expensive case is one item as large as the range, and many items of no size.
    fn comprehension(&mut self, comprehension: &ComprehensionExpr) -> CostBound {
        let range = self.visit(&comprehension.iter_range);
        let start = self.visit(&comprehension.accu_init);
        if self.loops >= LOOPS_MAX {
            return CostBound::sized(u64::MAX, u64::MAX);
        }
        self.loops += 1;
        let small = self.iteration(comprehension, 1);
        let large = self.iteration(comprehension, range.size);
        self.loops -= 1;
        let result = self.iteration_part(comprehension, 1, &comprehension.result);
        let turns = range.items.saturating_mul(small.steps.saturating_add(1)).saturating_add(large.steps);
        let steps = [range.steps, range.size, start.steps, result.steps, turns];
        let grown = range.items.saturating_mul(small.size).saturating_add(large.size);
        CostBound::sized(steps.into_iter().fold(0, u64::saturating_add), start.size.saturating_add(grown))
    }

    /// Bounds one iteration with an item of that size: its steps, and what it adds to the result.
    fn iteration(&mut self, comprehension: &ComprehensionExpr, item: u64) -> CostBound {
        let condition = self.iteration_part(comprehension, item, &comprehension.loop_cond);
        let step = self.iteration_part(comprehension, item, &comprehension.loop_step);
        CostBound { steps: condition.steps.saturating_add(step.steps), ..step }
    }

    fn iteration_part(&mut self, comprehension: &ComprehensionExpr, item: u64, part: &IdedExpr) -> CostBound {
        let depth = self.bound.len();
        self.bound.push((comprehension.iter_var.clone(), item));
        if let Some(second) = &comprehension.iter_var2 {
            self.bound.push((second.clone(), item));
        }
        // Results of macros are Booleans, numbers, or lists that grow in place.
        self.bound.push((comprehension.accu_var.clone(), 0));
        let bound = self.visit(part);
        self.bound.truncate(depth);
        bound
    }

    fn entry(&mut self, entry: &EntryExpr) -> Vec<CostBound> {
        match entry {
            EntryExpr::StructField(field) => vec![self.visit(&field.value)],
            EntryExpr::MapEntry(entry) => vec![self.visit(&entry.key), self.visit(&entry.value)],
        }
    }
}

/// Returns the bound of a value composed of others.
fn composite_bound(parts: &[CostBound]) -> CostBound {
    let steps = parts.iter().fold(0, |sum: u64, part| sum.saturating_add(part.steps));
    let size = parts.iter().fold(1, |sum: u64, part| sum.saturating_add(part.size));
    CostBound::sized(steps.saturating_add(size), size)
}

/// Returns the bound of a function or an operator.
fn call_bound(name: &str, arguments: &[CostBound]) -> CostBound {
    let whole = composite_bound(arguments);
    match name {
        "_&&_" | "_||_" | "!_" | "@not_strictly_false" => {
            CostBound::small(arguments.iter().fold(1, |sum, argument| sum.saturating_add(argument.steps)))
        }
        "_==_" | "_!=_" | "_<_" | "_<=_" | "_>_" | "_>=_" | "@in" | "size" | "contains" | "startsWith" | "endsWith" => {
            CostBound::small(whole.steps)
        }
        "_?_:_" => match arguments {
            [condition, then, otherwise] => {
                let either = then.union(*otherwise);
                CostBound { steps: either.steps.saturating_add(condition.steps).saturating_add(1), ..either }
            }
            _ => whole,
        },
        "string" => {
            CostBound::sized(whole.steps, whole.size.saturating_mul(2).saturating_add(weight_of_text(NUMBER_TEXT_MAX)))
        }
        // Bytes weigh more than their text.
        "bytes" => {
            let size = whole.size.saturating_mul(16);
            CostBound::sized(whole.steps.saturating_add(size), size)
        }
        _ => whole,
    }
}
