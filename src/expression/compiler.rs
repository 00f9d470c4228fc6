//! Compiles a text into an expression, or reports what is wrong with it and where.

use std::sync::Arc;

use cel::{Env, Program};
use smol_str::SmolStr;

use super::check;
use super::cost::CostTable;
use super::evaluation::Expression;
use super::scope::VariableScope;
use super::type_error::TypeError;
use super::{guard, input};

/// The maximum length of an expression in bytes.
const LENGTH_MAX: usize = 4_096;
/// The maximum number of steps of one evaluation for values of typical size.
const STEPS_MAX: u64 = 100_000;
/// The maximum depth of nested brackets.
const BRACKETS_MAX: usize = 40;
/// The maximum number of operators: each can add a level, and the CEL parser is recursive.
const OPERATORS_MAX: usize = 300;

const TOO_DEEP: &str = "the expression is nested too deeply";

/// Why an expression is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionError {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The position in the text in characters, if known.
    pub offset: Option<u32>,
}

/// The required type of an expression's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultType {
    /// True or false.
    Bool,
    /// A text.
    Text,
}

/// Compiles expressions in one shared environment.
#[derive(Clone)]
pub struct Compiler {
    env: Arc<Env>,
}

impl Default for Compiler {
    fn default() -> Self {
        Self { env: Arc::new(Env::stdlib()) }
    }
}

impl Compiler {
    /// Compiles an expression and checks its names, types and cost.
    ///
    /// # Errors
    /// If the expression is invalid.
    pub fn compile(
        &self,
        text: &SmolStr,
        scope: VariableScope,
        gives: ResultType,
    ) -> Result<Expression, ExpressionError> {
        let too = |message: &str, help: &str| {
            Err(ExpressionError { message: message.to_owned(), help: Some(help.to_owned()), offset: None })
        };
        if text.len() > LENGTH_MAX {
            return too("the expression is longer than 4096 bytes", "shorten it");
        }
        let (brackets, operators) = count_nesting(text);
        if brackets > BRACKETS_MAX {
            return too(TOO_DEEP, "simplify it");
        }
        if operators > OPERATORS_MAX {
            return too("the expression has too many operators", "use `in` with a list, or several expressions");
        }
        let program = self.env.compile(text).map_err(|errors| syntax_error(text, &errors, scope))?;
        let found = check::type_of(program.expression(), scope).map_err(|wrong| locate_error(wrong, &program))?;
        let (fits, needed) = match gives {
            ResultType::Bool => (found.may_be_bool(), "true or false"),
            ResultType::Text => (found.may_be_text(), "a text"),
        };
        if !fits {
            let help = match gives {
                ResultType::Bool => "compare it with something",
                ResultType::Text => "use a quoted text or `string(...)`",
            };
            return too(&format!("the result is {}, not {needed}", found.describe()), help);
        }
        let costs = CostTable::of(program.expression());
        if costs.typical() > STEPS_MAX {
            return too("the expression is too expensive", "avoid nested loops");
        }
        let (root, slots) = input::extract_inputs(program.expression().clone(), scope);
        let (guards, guarded) = guard::guards(&root);
        Ok(Expression {
            env: Arc::clone(&self.env),
            text: text.clone(),
            root,
            inputs: slots,
            costs,
            guards,
            is_fully_guarded: guarded,
        })
    }
}

/// Returns the error for a text that is not valid CEL.
fn syntax_error(text: &str, errors: &cel::ParseErrors, scope: VariableScope) -> ExpressionError {
    let first = errors.errors.first();
    let message = first.map(|error| error.msg.lines().next().unwrap_or_default()).unwrap_or_default();
    if message.contains("Recursion limit") {
        return ExpressionError { message: TOO_DEEP.to_owned(), help: Some("simplify it".to_owned()), offset: None };
    }
    let offset = first.and_then(|error| {
        let line = usize::try_from(error.pos.0).ok()?.saturating_sub(1);
        let column = usize::try_from(error.pos.1).ok()?.saturating_sub(1);
        let before: usize = text.split('\n').take(line).map(|line| line.chars().count() + 1).sum();
        u32::try_from(before + column).ok()
    });
    let sample = scope.variables.first().map_or("person", |record| record.name);
    let field =
        scope.variables.first().and_then(|record| record.fields.first()).map_or("department", |field| field.name);
    let help = match sample {
        "person" => "write it as in `person.department == \"Sales\"`".to_owned(),
        _ => format!("write it as in `{sample}.{field} == ...`"),
    };
    ExpressionError { message: format!("invalid CEL: {message}"), help: Some(help), offset }
}

fn locate_error(wrong: TypeError, program: &Program) -> ExpressionError {
    let source = program.source_info();
    let offset = source.offset_for(wrong.id).map(|(start, _)| {
        // The position of a field is its dot.
        let dot = usize::try_from(start).is_ok_and(|start| source.source.chars().nth(start) == Some('.'));
        start + u32::from(dot)
    });
    let help = wrong.help.unwrap_or_else(|| "use values of matching types, or remove this part".to_owned());
    ExpressionError { message: wrong.message, help: Some(help), offset }
}

/// Returns the depth of nested brackets and the number of operators, including those in texts: only CEL knows where a text ends.
fn count_nesting(text: &str) -> (usize, usize) {
    let (mut depth, mut deepest, mut operators) = (0_usize, 0, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => {
                depth += 1;
                operators += 1;
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'.' | b'+' | b'-' | b'*' | b'/' | b'%' | b'!' | b'<' | b'>' | b'=' | b'&' | b'|' | b'?' => operators += 1,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    (deepest, operators + text.split_ascii_whitespace().filter(|word| *word == "in").count())
}
