//! Checks of literals that can never equal the value that they are compared with.
//!
//! A condition with such a literal is never true, so it would not forbid anything.

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, ListExpr, LiteralValue, MapExpr};

use super::text_format::TextFormat;
use super::type_error::{TypeError, shorten, type_error};
use super::types::ValueType;
use crate::diagnostic::did_you_mean;

/// Checks whether a text literal can be a value of that type.
pub(super) fn check_comparison(own: &ValueType, other: &IdedExpr) -> Result<(), TypeError> {
    let Some(text) = text_literal(other) else { return Ok(()) };
    match own.non_null() {
        ValueType::Enum(words) if !words.contains(&text) => {
            type_error(other.id, format!("the value is never `{}`", shorten(text)), did_you_mean(text, words))
        }
        ValueType::Formatted(form) if !form.matches(text) => {
            let (message, help) = form.mismatch(text, &shorten(text));
            type_error(other.id, message, help)
        }
        _ => Ok(()),
    }
}

/// Checks whether the literals in a list, or the keys of a map, can be values of that type.
pub(super) fn check_members(own: &ValueType, list: &IdedExpr) -> Result<(), TypeError> {
    match &list.expr {
        Expr::List(list) => list.elements.iter().try_for_each(|element| check_comparison(own, element)),
        Expr::Map(map) => map.entries.iter().try_for_each(|entry| match &entry.expr {
            EntryExpr::MapEntry(entry) => check_comparison(own, &entry.key),
            EntryExpr::StructField(_) => Ok(()),
        }),
        _ => Ok(()),
    }
}

/// Checks whether a text literal can be ordered relative to values of that type.
pub(super) fn check_order(own: &ValueType, other: &IdedExpr) -> Result<(), TypeError> {
    match own.non_null() {
        ValueType::Formatted(TextFormat::Date) => check_comparison(own, other),
        _ => Ok(()),
    }
}

/// Checks whether a text literal can be part of a value of that type.
pub(super) fn check_substring(own: &ValueType, part: &IdedExpr) -> Result<(), TypeError> {
    match (own.non_null(), text_literal(part)) {
        (ValueType::Formatted(TextFormat::PersonKey), Some(text)) if text != text.to_lowercase() => {
            let message = format!("no key contains `{}`", shorten(text));
            type_error(part.id, message, format!("write `{}`: keys are lower case", text.to_lowercase()))
        }
        _ => Ok(()),
    }
}

/// Rejects `a.?b` and `a[?b]`, whose results never equal a plain value.
pub(super) fn reject_optional_access(call: &CallExpr, id: u64) -> Result<(), TypeError> {
    let ("_?._" | "_[?_]", [operand, index]) = (call.func_name.as_str(), call.args.as_slice()) else { return Ok(()) };
    let help = match (field_path(operand), text_literal(index)) {
        (Some(path), Some(name)) => {
            let plain =
                if is_identifier(name) { format!("{path}.{name}") } else { format!("{path}[\"{}\"]", shorten(name)) };
            match operand.expr {
                Expr::Ident(_) => format!("write `{plain}`; a missing attribute is null"),
                _ => format!("write `{plain}`, and check with `has(...)` first"),
            }
        }
        _ => "write it without `?`; a missing attribute is null".to_owned(),
    };
    let sign = if call.func_name == "_?._" { ".?" } else { "[?" };
    type_error(id, format!("`{sign}` is not supported: its result never equals a plain value"), help)
}

/// Rejects `[?a]`.
pub(super) fn reject_optional_item(list: &ListExpr) -> Result<(), TypeError> {
    let marked = list.optional_indices.first().and_then(|index| list.elements.get(*index));
    marked.map_or(Ok(()), optional_error)
}

/// Rejects `{?a: b}`.
pub(super) fn reject_optional_entry(map: &MapExpr) -> Result<(), TypeError> {
    map.entries.iter().try_for_each(|entry| match &entry.expr {
        EntryExpr::MapEntry(entry) if entry.optional => optional_error(&entry.key),
        _ => Ok(()),
    })
}

fn optional_error(marked: &IdedExpr) -> Result<(), TypeError> {
    type_error(marked.id, "optional values are not supported", "write it without `?`".to_owned())
}

/// Returns the source text of a field path.
fn field_path(expression: &IdedExpr) -> Option<String> {
    match &expression.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) => Some(format!("{}.{}", field_path(&select.operand)?, select.field)),
        _ => None,
    }
}

/// Returns whether a field name can follow a dot.
fn is_identifier(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn text_literal(expression: &IdedExpr) -> Option<&str> {
    match &expression.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use smol_str::SmolStr;

    use crate::expression::scope::VariableScope;
    use crate::expression::variables::{ASSIGNMENT, OPERATION, PERSON, PLAN, POOL};
    use crate::expression::{Compiler, ExpressionError, ResultType};

    const SCOPE: VariableScope = VariableScope { variables: &[&PERSON, &ASSIGNMENT, &OPERATION, &POOL, &PLAN] };

    /// Returns message, help, and the text at the reported position.
    fn fault(text: &str) -> (String, String, &str) {
        let fault = Compiler::default().compile(&SmolStr::new(text), SCOPE, ResultType::Bool).expect_err(text);
        let ExpressionError { message, help, offset } = fault;
        (message, help.unwrap_or_default(), &text[offset.expect(text) as usize..])
    }

    fn assert_fine(text: &str) {
        if let Err(fault) = Compiler::default().compile(&SmolStr::new(text), SCOPE, ResultType::Bool) {
            panic!("{text}: {fault:?}");
        }
    }

    #[test]
    fn optional_access_is_rejected_with_a_replacement() {
        for (text, sign, plain, place) in [
            ("person.?kind == 'contractor'", ".?", "person.kind`; a missing", "?kind == 'contractor'"),
            ("true && person[?\"kind\"] == 'a'", "[?", "person.kind`; a missing", "[?\"kind\"] == 'a'"),
            ("person[?'cost center'] != 'a'", "[?", "person[\"cost center\"]`; a missing", "[?'cost center'] != 'a'"),
            ("assignment.?license in ['a/b']", ".?", "assignment.license`; a missing", "?license in ['a/b']"),
            ("person.a.?b == 'c'", ".?", "person.a.b`, and check with `has(...)`", "?b == 'c'"),
            ("person.a.exists(x, x.?b == 1)", ".?", "x.b`; a missing", "?b == 1)"),
            ("person[?person.a] == 1", "[?", "it without `?`", "[?person.a] == 1"),
        ] {
            let (message, help, found) = fault(text);
            assert_eq!(message, format!("`{sign}` is not supported: its result never equals a plain value"), "{text}");
            assert!(help.contains(plain), "{text}: {help}");
            assert_eq!(found, place, "{text}");
        }
        for (text, place) in [
            ("person.a == [?person.kind]", "kind]"),
            ("person.a in ['a', ?person.kind]", "kind]"),
            ("person.a == {?'a': person.kind}", "'a': person.kind}"),
        ] {
            let (message, _, found) = fault(text);
            assert_eq!((message.as_str(), found), ("optional values are not supported", place));
        }
        assert_eq!(fault("person.kind.orValue('a') == 'a'").0, "unknown function `orValue`");
    }

    #[test]
    fn license_literal_without_tenant_is_rejected() {
        for text in [
            "assignment.license == 'X4'",
            "'X4' != assignment.license",
            "assignment.license in ['a/b', 'X4']",
            "assignment.license in {'X4': true}",
            "'X4' in assignment.alternatives",
            "assignment.alternatives.exists(other, other == 'X4')",
            "operation.license == 'X4'",
            "operation.to == 'X4'",
            "!(pool.license in ['X4'])",
            "person.kind == 'a' && assignment['license'] == 'X4'",
        ] {
            let (message, help, place) = fault(text);
            assert_eq!(
                (message.as_str(), help.as_str()),
                ("`X4` has no tenant", "write it as `tenant/license`"),
                "{text}"
            );
            assert!(place.starts_with("'X4'"), "{text}: {place}");
        }
        for text in ["assignment.license == '/X4'", "assignment.license == 'phones/'", "pool.license == ''"] {
            assert_eq!(fault(text).1, "write it as `tenant/license`");
        }
        for text in [
            "assignment.license == 'phones/X4'",
            "assignment.license == 'phones/a/b'",
            "assignment.name == 'X4' || pool.name == 'a/b'",
            "operation.to == null || operation.to == 'phones/X4'",
            "assignment.license == person.license",
            "assignment.license == assignment.tenant + '/X4'",
            "assignment.license.endsWith('/X4') || assignment.license.startsWith('phones')",
            "person.license == 'X4'",
        ] {
            assert_fine(text);
        }
    }

    #[test]
    fn key_literal_that_is_not_normalized_is_rejected() {
        for (text, message, help) in [
            ("person.email == 'Ana@Acme.example'", "invalid key `Ana@Acme.example`", "write `ana@acme.example`"),
            ("person.email in ['a@b.example', ' c@b.example']", "invalid key ` c@b.example`", "write `c@b.example`"),
            ("person['email'] != 'Ü@b.example'", "invalid key `Ü@b.example`", "write `ü@b.example`"),
            ("person.email.endsWith('@Acme.example')", "no key contains `@Acme.example`", "write `@acme.example`"),
        ] {
            let found = fault(text);
            assert_eq!((found.0.as_str(), found.1), (message, format!("{help}: keys are lower case")), "{text}");
        }
        assert_eq!(fault("person.email.contains('A')").2, "'A')");
        assert_fine("person.email == 'ana@acme.example' || person.email.endsWith('@acme.example')");
        assert_fine("person.name == 'Ana' || person.mail.startsWith('Ana')");
    }

    #[test]
    fn invalid_date_literal_is_rejected() {
        for text in [
            "assignment.expires == 'never'",
            "assignment.starts > '2027-3-1'",
            "'2027-02-30' <= assignment.expires",
            "plan.at in ['20270301']",
            "plan.at == '2027-03-01T00:00:00'",
            "assignment.expires != null && assignment.expires > '2027'",
        ] {
            let (message, help, place) = fault(text);
            assert!(message.starts_with("invalid date `"), "{text}: {message}");
            assert_eq!(help, "write it as in `2027-03-01`");
            assert!(place.starts_with('\''), "{text}: {place}");
        }
        assert_fine("assignment.expires == null || assignment.expires > '2027-03-01'");
        assert_fine("plan.at.startsWith('2027') && plan.at < assignment.starts");
    }

    #[test]
    fn text_compared_with_a_list_is_rejected() {
        for text in [
            "assignment.license == ['a/b']",
            "assignment.license in [['a/b']]",
            "operation.kind == ['assign']",
            "assignment.tenant != ['a']",
            "person.email == ['a@b.example']",
            "operation.to == ['a/b']",
            "plan.at == ['2027-03-01']",
            "assignment.alternatives == 'a/b'",
        ] {
            let message = fault(text).0;
            assert!(message.contains("never"), "{text}: {message}");
        }
        assert_fine("person.kind == ['contractor']");
        assert_fine("assignment.alternatives == ['a/b']");
    }
}
