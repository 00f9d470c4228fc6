//! `policy.rules`: names checked, expressions compiled, test cases checked against the declared fields.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use smol_str::SmolStr;

use crate::diagnostic::catalog::{manifest as codes, policy};
use crate::diagnostic::{Level, Severity, did_you_mean};
use crate::expression::ResultType;
use crate::expression::scope::Variable;
use crate::manifest::resolve::resolver::{GroupMembers, Resolver, value_or};
use crate::manifest::schema::{CaseEntry, RuleEntry};
use crate::manifest::sections::duplicate_key;
use crate::manifest::yaml::{Located, excerpt};
use crate::model::{BUILT_IN_RULE_NAMES, CustomRule, ExpectedResult, RuleCase, RuleTarget};

/// The maximum number of rules, and of cases of a rule.
const RULES_MAX: usize = 500;
const CASES_MAX: usize = 500;
/// The maximum length of a name in bytes.
const NAME_MAX: usize = 64;

/// Resolves the rules, sorted by name; those that are invalid are reported and left out.
pub(super) fn resolve(
    resolver: &mut Resolver,
    groups: &GroupMembers,
    entries: Vec<Located<RuleEntry>>,
) -> Vec<CustomRule> {
    if let Some(entry) = entries.get(RULES_MAX) {
        resolver.error(
            &codes::LIMIT_EXCEEDED,
            format!("more than {RULES_MAX} rules"),
            "combine some of them",
            entry.at,
        );
    }
    let mut names = BTreeMap::new();
    let mut rules = Vec::new();
    for Located { value: entry, at } in entries.into_iter().take(RULES_MAX) {
        let name = entry.name.into_inner().filter(|name| check_rule_name(resolver, name));
        if let Some(name) = &name
            && let Some(first) = names.insert(name.value.clone(), name.at)
        {
            let finding = duplicate_key(&name.value, name.at, first, &resolver.files);
            resolver.push(finding);
        }
        let approvers = entry.approvers.value().map(|list| resolver.people_set(Some(list), groups));
        let Some(on) = entry.on.value().copied() else { continue };
        let when = entry.when.get().and_then(|text| resolver.compile(text, on.scope(), ResultType::Bool));
        let message = entry.message.get().and_then(|text| resolver.compile(text, on.scope(), ResultType::Text));
        let findings_before = resolver.findings.len();
        let cases = entry.cases.into_items();
        if let Some(case) = cases.get(CASES_MAX) {
            let message = format!("the rule has more than {CASES_MAX} cases");
            resolver.error(&codes::LIMIT_EXCEEDED, message, "remove similar cases", case.at);
        }
        let cases: Vec<RuleCase> =
            cases.into_iter().take(CASES_MAX).filter_map(|case| resolve_case(resolver, case, on)).collect();
        let (Some(name), Some(when), Some(message)) = (name, when, message) else { continue };
        if resolver.findings.len() == findings_before {
            warn_untested(resolver, &name, &cases);
        }
        let (level, source) = (value_or(&entry.level, Level::Deny), resolver.files.source(at));
        rules.push(CustomRule { name: name.value, on, when, level, message, approvers, cases, source });
    }
    rules.sort_by(|a, b| a.name.cmp(&b.name));
    rules
}

fn check_rule_name(resolver: &mut Resolver, name: &Located<SmolStr>) -> bool {
    let text = name.value.as_str();
    let is_kebab_case = text
        .split('-')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    let (message, help) = if !is_kebab_case || text.len() > NAME_MAX {
        (
            format!("invalid rule name `{}`", excerpt(text)),
            "use lower-case letters, digits and hyphens, as in `no-power`",
        )
    } else if BUILT_IN_RULE_NAMES.contains(&text) {
        (format!("`{text}` is a built-in rule"), "choose another name")
    } else {
        return true;
    };
    resolver.error(&codes::INVALID_NAME, message, help, name.at);
    false
}

/// Resolves a case; one with a value that its field cannot have is reported and left out.
fn resolve_case(resolver: &mut Resolver, case: Located<CaseEntry>, on: RuleTarget) -> Option<RuleCase> {
    let Located { value: entry, at } = case;
    let scope = on.scope();
    let mut given = BTreeMap::new();
    let mut is_valid = true;
    for (name, fields) in entry.given.into_entries() {
        let Some(variable) = scope.variable(&name.value) else {
            let names: Vec<&str> = scope.variables.iter().map(|variable| variable.name).collect();
            let message = format!("a rule on `{}` has no variable `{}`", on.as_str(), excerpt(&name.value));
            let help = did_you_mean(&name.value, &names);
            resolver.report(Severity::Error, &codes::INVALID_CASE, message, help, name.at);
            is_valid = false;
            continue;
        };
        let mut values = BTreeMap::new();
        for (name, value) in fields.map(|fields| fields.0).unwrap_or_default() {
            let Some(value) = value else { continue };
            if check_field_value(resolver, variable, &name, &value) {
                values.insert(name.value, value.value);
            } else {
                is_valid = false;
            }
        }
        given.insert(name.value, values);
    }
    let then = entry.then.value().copied()?;
    is_valid.then(|| RuleCase { given, then, source: resolver.files.source(at) })
}

fn check_field_value(
    resolver: &mut Resolver,
    variable: &'static Variable,
    name: &Located<SmolStr>,
    value: &Located<Json>,
) -> bool {
    match variable.field(&name.value) {
        Some(field) if !field.accepts(&value.value) => {
            let message = format!("invalid value for `{}.{}`", variable.name, field.name);
            let help = format!("the field is {}", field.describe_type());
            resolver.error(&codes::INVALID_CASE, message, help, value.at);
            false
        }
        None if !variable.is_open => {
            let names: Vec<&str> = variable.fields.iter().map(|field| field.name).collect();
            let message = format!("`{}` has no field `{}`", variable.name, excerpt(&name.value));
            let help = did_you_mean(&name.value, &names);
            resolver.report(Severity::Error, &codes::INVALID_CASE, message, help, name.at);
            false
        }
        _ => true,
    }
}

fn warn_untested(resolver: &mut Resolver, name: &Located<SmolStr>, cases: &[RuleCase]) {
    let passing = cases.iter().any(|case| case.then == ExpectedResult::Pass);
    let failing = cases.iter().any(|case| case.then != ExpectedResult::Pass);
    let missing = match (passing, failing) {
        (true, true) => return,
        (true, false) => "no case that it matches",
        (false, true) => "no case that passes",
        (false, false) => "no cases",
    };
    let message = format!("the rule `{}` has {missing}", name.value);
    let help = "add one to `cases`, as in `{ given: { person: { kind: staff } }, then: pass }`".to_owned();
    resolver.report(Severity::Warning, &policy::RULE_UNTESTED, message, Some(help), name.at);
}
