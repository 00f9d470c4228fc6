//! What is written out in an expression, and can never be what it is compared with.
//!
//! A condition with such a part is never true: what it was to forbid would pass.

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, ListExpr, LiteralValue, MapExpr};

use super::text_format::TextFormat;
use super::type_error::{TypeError, shorten, type_error};
use super::types::ValueType;
use crate::diagnostic::did_you_mean;

/// Whether a text that is written out can be a value of that type.
pub(super) fn check_comparison(own: &ValueType, other: &IdedExpr) -> Result<(), TypeError> {
    let Some(text) = text_literal(other) else { return Ok(()) };
    match own.non_null() {
        ValueType::Enum(words) if !words.contains(&text) => {
            type_error(other.id, format!("it is never `{}`", shorten(text)), did_you_mean(text, words))
        }
        ValueType::Formatted(form) if !form.matches(text) => {
            let (message, help) = form.mismatch(text, &shorten(text));
            type_error(other.id, message, help)
        }
        _ => Ok(()),
    }
}

/// Whether what is written out in a list, or as the keys of a map, can be values of that type.
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

/// Whether a text that is written out can come before or after values of that type.
pub(super) fn check_order(own: &ValueType, other: &IdedExpr) -> Result<(), TypeError> {
    match own.non_null() {
        ValueType::Formatted(TextFormat::Date) => check_comparison(own, other),
        _ => Ok(()),
    }
}

/// Whether a text that is written out can be a part of values of that type.
pub(super) fn check_substring(own: &ValueType, part: &IdedExpr) -> Result<(), TypeError> {
    match (own.non_null(), text_literal(part)) {
        (ValueType::Formatted(TextFormat::PersonKey), Some(text)) if text != text.to_lowercase() => {
            let message = format!("no key has `{}` in it", shorten(text));
            type_error(part.id, message, format!("write `{}`: keys are lower case", text.to_lowercase()))
        }
        _ => Ok(()),
    }
}

/// Refuses `a.?b` and `a[?b]`: what they give is never equal to a plain value.
pub(super) fn reject_optional_access(call: &CallExpr, id: u64) -> Result<(), TypeError> {
    let ("_?._" | "_[?_]", [operand, index]) = (call.func_name.as_str(), call.args.as_slice()) else { return Ok(()) };
    let help = match (field_path(operand), text_literal(index)) {
        (Some(path), Some(name)) => {
            let plain =
                if is_identifier(name) { format!("{path}.{name}") } else { format!("{path}[\"{}\"]", shorten(name)) };
            match operand.expr {
                Expr::Ident(_) => format!("write `{plain}`; a missing attribute is null"),
                _ => format!("write `{plain}`, and ask with `has(...)` first"),
            }
        }
        _ => "write it without `?`; a missing attribute is null".to_owned(),
    };
    let sign = if call.func_name == "_?._" { ".?" } else { "[?" };
    type_error(id, format!("there is no `{sign}` here: what it gives is never equal to a value"), help)
}

/// Refuses `[?a]`.
pub(super) fn reject_optional_item(list: &ListExpr) -> Result<(), TypeError> {
    let marked = list.optional_indices.first().and_then(|index| list.elements.get(*index));
    marked.map_or(Ok(()), optional_error)
}

/// Refuses `{?a: b}`.
pub(super) fn reject_optional_entry(map: &MapExpr) -> Result<(), TypeError> {
    map.entries.iter().try_for_each(|entry| match &entry.expr {
        EntryExpr::MapEntry(entry) if entry.optional => optional_error(&entry.key),
        _ => Ok(()),
    })
}

fn optional_error(marked: &IdedExpr) -> Result<(), TypeError> {
    type_error(marked.id, "there are no optional values here", "write it without `?`".to_owned())
}

/// A variable with fields, as it is written.
fn field_path(expression: &IdedExpr) -> Option<String> {
    match &expression.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) => Some(format!("{}.{}", field_path(&select.operand)?, select.field)),
        _ => None,
    }
}

/// Whether a field of that name can stand after a dot.
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

    /// Message, help, and what stands at the place.
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
    fn what_is_never_equal_to_a_value_is_refused_with_what_to_write() {
        for (text, sign, plain, place) in [
            ("person.?kind == 'contractor'", ".?", "person.kind`; a missing", "?kind == 'contractor'"),
            ("true && person[?\"kind\"] == 'a'", "[?", "person.kind`; a missing", "[?\"kind\"] == 'a'"),
            ("person[?'cost center'] != 'a'", "[?", "person[\"cost center\"]`; a missing", "[?'cost center'] != 'a'"),
            ("assignment.?license in ['a/b']", ".?", "assignment.license`; a missing", "?license in ['a/b']"),
            ("person.a.?b == 'c'", ".?", "person.a.b`, and ask with `has(...)`", "?b == 'c'"),
            ("person.a.exists(x, x.?b == 1)", ".?", "x.b`; a missing", "?b == 1)"),
            ("person[?person.a] == 1", "[?", "it without `?`", "[?person.a] == 1"),
        ] {
            let (message, help, found) = fault(text);
            assert_eq!(
                message,
                format!("there is no `{sign}` here: what it gives is never equal to a value"),
                "{text}"
            );
            assert!(help.contains(plain), "{text}: {help}");
            assert_eq!(found, place, "{text}");
        }
        for (text, place) in [
            ("person.a == [?person.kind]", "kind]"),
            ("person.a in ['a', ?person.kind]", "kind]"),
            ("person.a == {?'a': person.kind}", "'a': person.kind}"),
        ] {
            let (message, _, found) = fault(text);
            assert_eq!((message.as_str(), found), ("there are no optional values here", place));
        }
        assert_eq!(fault("person.kind.orValue('a') == 'a'").0, "there is no function `orValue`");
    }

    #[test]
    fn a_license_is_compared_with_its_tenant() {
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
    fn a_key_is_compared_with_a_key() {
        for (text, message, help) in [
            ("person.email == 'Ana@Acme.example'", "no key is `Ana@Acme.example`", "write `ana@acme.example`"),
            ("person.email in ['a@b.example', ' c@b.example']", "no key is ` c@b.example`", "write `c@b.example`"),
            ("person['email'] != 'Ü@b.example'", "no key is `Ü@b.example`", "write `ü@b.example`"),
            ("person.email.endsWith('@Acme.example')", "no key has `@Acme.example` in it", "write `@acme.example`"),
        ] {
            let found = fault(text);
            assert_eq!((found.0.as_str(), found.1), (message, format!("{help}: keys are lower case")), "{text}");
        }
        assert_eq!(fault("person.email.contains('A')").2, "'A')");
        assert_fine("person.email == 'ana@acme.example' || person.email.endsWith('@acme.example')");
        assert_fine("person.name == 'Ana' || person.mail.startsWith('Ana')");
    }

    #[test]
    fn a_day_is_compared_with_a_day() {
        for text in [
            "assignment.expires == 'never'",
            "assignment.starts > '2027-3-1'",
            "'2027-02-30' <= assignment.expires",
            "plan.at in ['20270301']",
            "plan.at == '2027-03-01T00:00:00'",
            "assignment.expires != null && assignment.expires > '2027'",
        ] {
            let (message, help, place) = fault(text);
            assert!(message.ends_with("` is no date"), "{text}: {message}");
            assert_eq!(help, "write it as in `2027-03-01`");
            assert!(place.starts_with('\''), "{text}: {place}");
        }
        assert_fine("assignment.expires == null || assignment.expires > '2027-03-01'");
        assert_fine("plan.at.startsWith('2027') && plan.at < assignment.starts");
    }

    #[test]
    fn one_text_is_never_a_list() {
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
