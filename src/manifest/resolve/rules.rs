//! `policy.rules`: names checked, expressions compiled, the values of cases held against what is declared.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;
use smol_str::SmolStr;

use super::resolver::{GroupMembers, Resolver};
use super::text_location::locate;
use crate::diagnostic::catalog::{manifest as codes, policy};
use crate::diagnostic::{Level, Severity, did_you_mean};
use crate::expression::scope::Variable;
use crate::expression::{Compiler, Expression, ResultType};
use crate::manifest::compiled_rule::{BUILT_IN_RULE_NAMES, CompiledRule, RuleCase};
use crate::manifest::schema::{CaseEntry, ExpectedResult, RuleEntry, RuleTarget};
use crate::manifest::sections::duplicate_key;
use crate::manifest::yaml::{Located, excerpt};

/// Most rules of a policy, and most cases of a rule.
const RULES_MAX: usize = 500;
const CASES_MAX: usize = 500;
/// The longest name in bytes.
const NAME_MAX: usize = 64;

/// The rules that can be understood; each one that cannot is an error.
pub(super) fn resolve(
    scope: &mut Resolver,
    groups: &GroupMembers,
    entries: Vec<Located<RuleEntry>>,
) -> Vec<Arc<CompiledRule>> {
    if let Some(entry) = entries.get(RULES_MAX) {
        scope.error(
            &codes::LIMIT_EXCEEDED,
            format!("there are more than {RULES_MAX} rules"),
            "put some together",
            entry.at,
        );
    }
    let language = Compiler::default();
    let mut names = BTreeMap::new();
    let mut rules = Vec::new();
    for Located { value: entry, at: source } in entries.into_iter().take(RULES_MAX) {
        let name = entry.name.into_inner().filter(|name| check_rule_name(scope, name));
        if let Some(name) = &name
            && let Some(first) = names.insert(name.value.clone(), name.at)
        {
            let finding = duplicate_key(&name.value, name.at, first, &scope.files);
            scope.push(finding);
        }
        let approvers = entry.approvers.value().map(|list| scope.people_set(Some(list), groups));
        let level = entry.level.value().map_or(Level::Deny, |word| word.to_level());
        let Some(on) = entry.on.value().copied() else { continue };
        let when = entry.when.get().and_then(|text| compile(scope, &language, text, on, ResultType::Bool));
        let message = entry.message.get().and_then(|text| compile(scope, &language, text, on, ResultType::Text));
        let before = scope.findings.len();
        let written = entry.cases.into_inner().map(|cases| cases.value.0).unwrap_or_default();
        if let Some(case) = written.get(CASES_MAX) {
            let message = format!("the rule has more than {CASES_MAX} cases");
            scope.error(&codes::LIMIT_EXCEEDED, message, "keep those that differ", case.at);
        }
        let cases: Vec<RuleCase> =
            written.into_iter().take(CASES_MAX).filter_map(|written| case(scope, written, on)).collect();
        let (Some(name), Some(when), Some(message)) = (name, when, message) else { continue };
        if scope.findings.len() == before {
            warn_untested(scope, &name, &cases);
        }
        rules.push(Arc::new(CompiledRule { name: name.value, on, when, level, message, approvers, cases, source }));
    }
    rules
}

/// Whether a rule may be called so.
fn check_rule_name(scope: &mut Resolver, name: &Located<SmolStr>) -> bool {
    let text = name.value.as_str();
    let kebab = text
        .split('-')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    let (message, help) = if !kebab || text.len() > NAME_MAX {
        (
            format!("a rule cannot be called `{}`", excerpt(text)),
            "write small letters, digits and hyphens, as in `no-power`",
        )
    } else if BUILT_IN_RULE_NAMES.contains(&text) {
        (format!("the rule `{text}` is built in"), "give yours another name")
    } else {
        return true;
    };
    scope.error(&codes::INVALID_NAME, message, help, name.at);
    false
}

pub(super) fn compile(
    scope: &mut Resolver,
    language: &Compiler,
    text: &Located<SmolStr>,
    on: RuleTarget,
    gives: ResultType,
) -> Option<Expression> {
    match language.compile(&text.value, on.scope(), gives) {
        Ok(expression) => Some(expression),
        Err(fault) => {
            let at = locate(&scope.files, text, fault.offset);
            scope.report(Severity::Error, &codes::INVALID_EXPRESSION, fault.message, fault.help, at);
            None
        }
    }
}

/// A case whose values can be what it says they are.
fn case(scope: &mut Resolver, written: Located<CaseEntry>, on: RuleTarget) -> Option<RuleCase> {
    let Located { value: entry, at: source } = written;
    let seen = on.scope();
    let mut given = BTreeMap::new();
    let mut fits = true;
    for (variable, fields) in entry.given.into_inner().map(|given| given.value.0).unwrap_or_default() {
        let Some(record) = seen.variable(&variable.value) else {
            let names: Vec<&str> = seen.variables.iter().map(|record| record.name).collect();
            let message = format!("a rule on `{}` sees no `{}`", on.as_str(), excerpt(&variable.value));
            scope.report(
                Severity::Error,
                &codes::INVALID_CASE,
                message,
                did_you_mean(&variable.value, &names),
                variable.at,
            );
            fits = false;
            continue;
        };
        let mut values = BTreeMap::new();
        for (name, value) in fields.map(|fields| fields.0).unwrap_or_default() {
            let Some(value) = value else { continue };
            if check_field_value(scope, record, &name, &value) {
                values.insert(name.value, value.value);
            } else {
                fits = false;
            }
        }
        given.insert(variable.value, values);
    }
    let then = entry.then.value().copied()?;
    fits.then_some(RuleCase { given, then, source })
}

/// Whether a record has a field that can hold that value.
fn check_field_value(
    scope: &mut Resolver,
    record: &'static Variable,
    name: &Located<SmolStr>,
    value: &Located<Json>,
) -> bool {
    match record.field(&name.value) {
        Some(field) if !field.accepts(&value.value) => {
            let message = format!("`{}.{}` cannot be this value", record.name, field.name);
            let help = format!("it is {}", field.describe_type());
            scope.error(&codes::INVALID_CASE, message, help, value.at);
            false
        }
        None if !record.is_open => {
            let names: Vec<&str> = record.fields.iter().map(|field| field.name).collect();
            let message = format!("`{}` has no field `{}`", record.name, excerpt(&name.value));
            scope.report(Severity::Error, &codes::INVALID_CASE, message, did_you_mean(&name.value, &names), name.at);
            false
        }
        _ => true,
    }
}

/// A warning for a rule of which nobody sees what it does.
fn warn_untested(scope: &mut Resolver, name: &Located<SmolStr>, cases: &[RuleCase]) {
    let passing = cases.iter().any(|case| case.then == ExpectedResult::Pass);
    let failing = cases.iter().any(|case| case.then != ExpectedResult::Pass);
    let missing = match (passing, failing) {
        (true, true) => return,
        (true, false) => "no case that it is for",
        (false, true) => "no case that passes",
        (false, false) => "no cases",
    };
    let message = format!("the rule `{}` has {missing}", name.value);
    let help = "add one to `cases`, as in `{ given: { person: { kind: staff } }, then: pass }`".to_owned();
    scope.report(Severity::Warning, &policy::RULE_UNTESTED, message, Some(help), name.at);
}
