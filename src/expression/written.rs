//! What is written out in an expression, and can never be what it is compared with.
//!
//! A condition with such a part is never true: what it was to forbid would pass.

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, ListExpr, LiteralValue, MapExpr};

use super::check::{Wrong, shortened, wrong};
use super::form::Form;
use super::types::Type;
use crate::diagnostic::did_you_mean;

/// Whether a text that is written out can be a value of that type.
pub(super) fn compared(own: &Type, other: &IdedExpr) -> Result<(), Wrong> {
    let Some(text) = text_of(other) else { return Ok(()) };
    match own.given() {
        Type::Word(words) if !words.contains(&text) => {
            wrong(other.id, format!("it is never `{}`", shortened(text)), did_you_mean(text, words))
        }
        Type::Formed(form) if !form.fits(text) => {
            let (message, help) = form.refusal(text, &shortened(text));
            wrong(other.id, message, help)
        }
        _ => Ok(()),
    }
}

/// Whether what is written out in a list, or as the keys of a map, can be values of that type.
pub(super) fn among(own: &Type, list: &IdedExpr) -> Result<(), Wrong> {
    match &list.expr {
        Expr::List(list) => list.elements.iter().try_for_each(|element| compared(own, element)),
        Expr::Map(map) => map.entries.iter().try_for_each(|entry| match &entry.expr {
            EntryExpr::MapEntry(entry) => compared(own, &entry.key),
            EntryExpr::StructField(_) => Ok(()),
        }),
        _ => Ok(()),
    }
}

/// Whether a text that is written out can come before or after values of that type.
pub(super) fn ordered(own: &Type, other: &IdedExpr) -> Result<(), Wrong> {
    match own.given() {
        Type::Formed(Form::Day) => compared(own, other),
        _ => Ok(()),
    }
}

/// Whether a text that is written out can be a part of values of that type.
pub(super) fn part(own: &Type, part: &IdedExpr) -> Result<(), Wrong> {
    match (own.given(), text_of(part)) {
        (Type::Formed(Form::Key), Some(text)) if text != text.to_lowercase() => {
            let message = format!("no key has `{}` in it", shortened(text));
            wrong(part.id, message, format!("write `{}`: keys are lower case", text.to_lowercase()))
        }
        _ => Ok(()),
    }
}

/// Refuses `a.?b` and `a[?b]`: what they give is never equal to a plain value.
pub(super) fn optional(call: &CallExpr, id: u64) -> Result<(), Wrong> {
    let ("_?._" | "_[?_]", [operand, index]) = (call.func_name.as_str(), call.args.as_slice()) else { return Ok(()) };
    let help = match (path(operand), text_of(index)) {
        (Some(path), Some(name)) => {
            let plain =
                if is_word(name) { format!("{path}.{name}") } else { format!("{path}[\"{}\"]", shortened(name)) };
            match operand.expr {
                Expr::Ident(_) => format!("write `{plain}`; a missing attribute is null"),
                _ => format!("write `{plain}`, and ask with `has(...)` first"),
            }
        }
        _ => "write it without `?`; a missing attribute is null".to_owned(),
    };
    let sign = if call.func_name == "_?._" { ".?" } else { "[?" };
    wrong(id, format!("there is no `{sign}` here: what it gives is never equal to a value"), help)
}

/// Refuses `[?a]`.
pub(super) fn optional_item(list: &ListExpr) -> Result<(), Wrong> {
    let marked = list.optional_indices.first().and_then(|index| list.elements.get(*index));
    marked.map_or(Ok(()), no_optional)
}

/// Refuses `{?a: b}`.
pub(super) fn optional_entry(map: &MapExpr) -> Result<(), Wrong> {
    map.entries.iter().try_for_each(|entry| match &entry.expr {
        EntryExpr::MapEntry(entry) if entry.optional => no_optional(&entry.key),
        _ => Ok(()),
    })
}

fn no_optional(marked: &IdedExpr) -> Result<(), Wrong> {
    wrong(marked.id, "there are no optional values here", "write it without `?`".to_owned())
}

/// A variable with fields, as it is written.
fn path(expression: &IdedExpr) -> Option<String> {
    match &expression.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) => Some(format!("{}.{}", path(&select.operand)?, select.field)),
        _ => None,
    }
}

/// Whether a field of that name can stand after a dot.
fn is_word(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn text_of(expression: &IdedExpr) -> Option<&str> {
    match &expression.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use smol_str::SmolStr;

    use crate::expression::records::{ASSIGNMENT, OPERATION, PERSON, PLAN, POOL};
    use crate::expression::scope::Scope;
    use crate::expression::{Fault, Gives, Language};

    const SCOPE: Scope = Scope { records: &[&PERSON, &ASSIGNMENT, &OPERATION, &POOL, &PLAN] };

    /// Message, help, and what stands at the place.
    fn fault(text: &str) -> (String, String, &str) {
        let fault = Language::default().compile(&SmolStr::new(text), SCOPE, Gives::Truth).expect_err(text);
        let Fault { message, help, offset } = fault;
        (message, help.unwrap_or_default(), &text[offset.expect(text) as usize..])
    }

    fn assert_fine(text: &str) {
        if let Err(fault) = Language::default().compile(&SmolStr::new(text), SCOPE, Gives::Truth) {
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
