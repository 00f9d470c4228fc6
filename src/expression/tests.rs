//! Expressions: results, compile errors, and resource limits.

use std::borrow::Cow;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use smol_str::SmolStr;

use super::scope::{Field, FieldType, Variable, VariableScope};
use super::variables::PERSON;
use super::{Compiler, EvaluationResult, Expression, ExpressionError, ResultType, StepBudget};

static SEAT: Variable = Variable {
    name: "seat",
    fields: &[
        Field::new("license", FieldType::Text, ""),
        Field::new("reason", FieldType::Text, "").or_null(),
        Field::new("priority", FieldType::Number, ""),
        Field::new("ensure", FieldType::Enum(&["present", "absent"]), ""),
        Field::new("names", FieldType::TextList, ""),
        Field::new("parked", FieldType::Bool, ""),
    ],
    is_open: false,
};
const SCOPE: VariableScope = VariableScope { variables: &[&PERSON, &SEAT] };

fn compile(text: &str) -> Result<Expression, ExpressionError> {
    Compiler::default().compile(&SmolStr::new(text), SCOPE, ResultType::Bool)
}

/// Returns the values of an expression's inputs from `{ person: {...}, seat: {...} }`.
fn values(expression: &Expression, world: &Json) -> Vec<Cow<'static, Json>> {
    let one = |slot: &super::ExpressionInput| match &slot.field {
        Some(field) => world[slot.variable.name].get(field.as_str()).cloned().unwrap_or(Json::Null),
        None => world[slot.variable.name].clone(),
    };
    expression.inputs().iter().map(one).map(Cow::Owned).collect()
}

fn evaluate(text: &str, world: &Json) -> EvaluationResult {
    let expression = compile(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
    expression.evaluate(&values(&expression, world), &mut StepBudget::new(1_000_000))
}

fn fault(text: &str) -> (String, Option<u32>) {
    let fault = compile(text).expect_err(text);
    (fault.message, fault.offset)
}

#[test]
fn missing_attribute_is_null() {
    let world = json!({ "person": { "email": "ana@acme.example", "kind": "staff" } });
    for (text, expected) in [
        ("person.kind == 'staff'", true),
        ("person.level == null", true),
        ("person['cost center'] == null", true),
        ("has(person.level) || person.level != null", false),
        ("has(person.kind) && person.kind.startsWith('st')", true),
        ("size(person) == 2", true),
        ("['a', 'b'].exists(person, person == 'b')", true),
    ] {
        assert_eq!(evaluate(text, &world), EvaluationResult::Bool(expected), "{text}");
    }
    assert_eq!(evaluate("person.level > 3", &world), EvaluationResult::Error("unsupported: `null > int`".to_owned()));
    assert_eq!(
        evaluate("person.kind.startsWith(person.level)", &world),
        EvaluationResult::Error("unsupported: `startsWith(string, null)`".to_owned())
    );
}

#[test]
fn unknown_names_are_rejected_at_their_position() {
    assert_eq!(fault("seat.licens == 'a'"), ("`seat` has no field `licens`".to_owned(), Some(5)));
    assert_eq!(compile("seat.licens == 'a'").unwrap_err().help.as_deref(), Some("did you mean `license`?"));
    assert_eq!(fault("true && sea.license == 'a'"), ("unknown name `sea`".to_owned(), Some(8)));
    assert_eq!(compile("sea.license == 'a'").unwrap_err().help.as_deref(), Some("did you mean `seat`?"));
    assert_eq!(fault("person.name.beginsWith('a')").0, "unknown function `beginsWith`");
    assert_eq!(fault("seat['licens'] == 'a'").0, "`seat` has no field `licens`");
    assert_eq!(fault("person.names.exists(n)").0, "invalid use of `exists`");
    assert_eq!(fault("seat.ensure == 'abscent'"), ("the value is never `abscent`".to_owned(), Some(15)));
    assert!(fault("person.name ==").0.starts_with("invalid CEL: "));
}

#[test]
fn types_that_never_match_are_rejected() {
    for text in [
        "seat.license == 3",
        "seat.priority == '3'",
        "seat.license == null",
        "seat.license",
        "seat.priority + 1",
        "seat.priority && true",
        "seat.license < 3",
        "seat.license + 3 == 'a3'",
        "seat.priority in ['a']",
        "'a' in seat.license",
        "seat.license.exists(l, true)",
        "seat.license.name == 'a'",
        "!seat.license",
        "seat.priority.startsWith('a')",
        "seat.names == 'a'",
        "seat.names.all(n, n == 1)",
        "seat.parked ? 1 : 2",
    ] {
        assert!(compile(text).is_err(), "{text}");
    }
    for text in [
        "seat.reason == null",
        "seat.reason == 'a'",
        "null == seat.reason",
        "seat.priority > 1 && seat.priority != 2",
        "person.level > 3",
        "person.level == 'a' || person.level == 3",
        "seat.parked",
        "person.parked",
        "seat.names.exists(n, n.startsWith('a'))",
        "size(seat.names) > 1",
        "seat.ensure in ['present']",
        "'x' + string(seat.priority) == seat.license",
        "(seat.parked ? 'a' : person.kind) == 'a'",
        "seat.names.map(n, n + 'x') == ['ax']",
        "type(person.kind) == string",
    ] {
        assert!(compile(text).is_ok(), "{text}: {:?}", compile(text));
    }
    let message = |text: &str| Compiler::default().compile(&SmolStr::new(text), SCOPE, ResultType::Text);
    assert!(message("'a ' + person.email").is_ok());
    assert!(message("seat.priority").is_err());
}

#[test]
fn expensive_expressions_are_rejected() {
    let loops = |depth: usize| {
        let open: String = (0..depth).map(|n| format!("person.a.exists(x{n}, ")).collect();
        format!("{open}true{}", ")".repeat(depth))
    };
    assert!(compile(&loops(1)).is_ok());
    assert!(compile(&loops(2)).is_ok());
    for text in [
        loops(3),
        loops(4),
        loops(30),
        "(".repeat(41) + "true" + &")".repeat(41),
        vec!["1"; 400].join("+") + " == 1",
        format!("person{} == 1", "[0]".repeat(400)),
        format!("person{} == 1", ".a".repeat(290)),
        vec!["1"; 400].join(" in "),
        format!("'{}' == person.email", "a".repeat(5_000)),
        format!("[1]{} == [1]", ".map(x, [x, x])".repeat(25)),
        format!("['a']{} == ['a']", ".map(x, x + x)".repeat(25)),
        format!("[{0}].exists(x, [{0}].exists(y, [{0}].exists(z, x == y)))", vec!["1"; 60].join(",")),
    ] {
        assert!(compile(&text).is_err(), "{}...", &text[..40.min(text.len())]);
    }
}

/// A stack overflow aborts the test binary.
#[test]
fn deeply_nested_expressions_do_not_overflow_the_stack() {
    for (open, close, times) in [
        ("(true ? (", ") : false)", 20),
        ("true ? ", " : false", 140),
        ("[", "]", 40),
        ("{1: ", "}", 40),
        ("person.a(", ")", 40),
        ("!(", ")", 40),
        ("-(", ")", 40),
        ("[1].map(x, ", ")", 40),
        ("has(", ")", 40),
        ("person[", "]", 40),
        ("a.b{c: ", "}", 40),
        ("(true || ", ")", 40),
        ("true in [", "]", 20),
        ("(person.a == person.a && (", "))", 20),
        ("'", "'", 1_000),
        (".", "", 200),
    ] {
        let _ = compile(&format!("{}true{}", open.repeat(times), close.repeat(times)));
    }
}

#[test]
fn too_large_values_are_an_error() {
    let names: Vec<String> = (0..100_000).map(|n| format!("n{n}")).collect();
    let outcome = evaluate(
        "person.names.exists(n, person.names.exists(m, n == m && n == 'x'))",
        &json!({ "person": { "names": names } }),
    );
    assert_eq!(outcome, EvaluationResult::Error("its values are too large".to_owned()));
}

#[test]
fn exhausted_budget_stops_evaluation() {
    let expression = compile("person.a.startsWith('x') || true").unwrap();
    let values = [Cow::Owned(json!("xyz"))];
    let mut budget = StepBudget::new(100);
    let outcomes: Vec<_> = (0..100).map(|_| expression.evaluate(&values, &mut budget)).collect();
    assert_eq!(outcomes[0], EvaluationResult::Bool(true));
    assert_eq!(outcomes[99], EvaluationResult::BudgetExhausted);
}

#[test]
fn long_text_is_truncated() {
    let expression = Compiler::default().compile(&SmolStr::new("person.a + 'ü'"), SCOPE, ResultType::Text).unwrap();
    let EvaluationResult::Text(text) =
        expression.evaluate(&[Cow::Owned(json!("ü".repeat(2_000)))], &mut StepBudget::new(10_000))
    else {
        panic!("it gives a text");
    };
    assert!(text.len() < 1_010 && text.ends_with("..."));
}

/// Values of attributes and fields.
fn value() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-2_i64..3).prop_map(Json::from),
        Just(json!(1.0)),
        Just(json!(i64::MIN)),
        Just(json!(1e308)),
        "[ab]{0,2}".prop_map(Json::from),
        prop::collection::vec("[ab]{0,2}", 0..3).prop_map(Json::from),
        Just(json!({ "a": "b" })),
    ]
}

/// Expressions that mostly compile.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("person.a".to_owned()),
        Just("person.b".to_owned()),
        Just("person['c']".to_owned()),
        Just("person".to_owned()),
        Just("seat.license".to_owned()),
        Just("seat.reason".to_owned()),
        Just("seat.names".to_owned()),
        Just("seat.parked".to_owned()),
        Just("has(person.a)".to_owned()),
        Just("x".to_owned()),
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        (-2_i64..3).prop_map(|number| number.to_string()),
        Just("-9223372036854775808".to_owned()),
        Just("1.0".to_owned()),
        Just("1u".to_owned()),
        "[ab]{0,2}".prop_map(|text| format!("'{text}'")),
        Just("b'a'".to_owned()),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let binary = prop::sample::select(vec!["==", "!=", "&&", "||", "&&", "in", "<", ">=", "+", "-", "*", "/", "%"]);
        let method = prop::sample::select(vec!["startsWith", "endsWith", "contains"]);
        let function =
            prop::sample::select(vec!["size", "string", "int", "uint", "double", "bytes", "bool", "type", "dyn"]);
        let repeated = prop::sample::select(vec!["exists", "all", "map", "filter", "exists_one"]);
        prop_oneof![
            (inner.clone(), binary, inner.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            inner.clone().prop_map(|a| format!("!{a}")),
            inner.clone().prop_map(|a| format!("-{a}")),
            (inner.clone(), method, inner.clone()).prop_map(|(a, name, b)| format!("{a}.{name}({b})")),
            (function, inner.clone()).prop_map(|(name, a)| format!("{name}({a})")),
            (inner.clone(), repeated, inner.clone()).prop_map(|(a, name, b)| format!("{a}.{name}(x, {b})")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}[{b}]")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[{a}, {b}]")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{{{a}: {b}}}")),
            inner.prop_map(|a| format!("{a}.k")),
        ]
    })
}

/// A condition with parts that guards decide.
fn condition() -> impl Strategy<Value = String> {
    let field = prop::sample::select(vec!["person.a", "person.b", "seat.license", "seat.reason", "seat.parked"]);
    let written =
        prop::sample::select(vec!["null", "true", "false", "1", "0", "-1", "'a'", "'ab'", "''", "9223372036854775807"]);
    let plain = prop_oneof![
        (field.clone(), prop::sample::select(vec!["==", "!="]), written.clone())
            .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (written.clone(), field.clone()).prop_map(|(a, b)| format!("{a} == {b}")),
        (field.clone(), written.clone(), written).prop_map(|(a, b, c)| format!("{a} in [{b}, {c}]")),
        (field.clone(), prop::sample::select(vec!["startsWith", "endsWith", "contains"]), "[ab]{0,2}")
            .prop_map(|(a, name, b)| format!("{a}.{name}('{b}')")),
        field.prop_map(str::to_owned),
    ];
    let plain = (plain, any::<bool>()).prop_map(|(part, not)| if not { format!("!({part})") } else { part });
    prop::collection::vec(prop_oneof![3 => plain, 1 => expression()], 1..5).prop_map(|parts| parts.join(" && "))
}

fn world() -> impl Strategy<Value = Json> {
    let texts = prop::collection::vec("[ab]{0,2}", 0..3);
    (value(), value(), value(), "[ab]{0,2}", prop::option::of("[ab]{0,2}"), any::<bool>(), texts).prop_map(
        |(a, b, c, license, reason, parked, names)| {
            json!({
                "person": { "email": "a@b.example", "a": a, "b": b, "c": c },
                "seat": { "license": license, "reason": reason, "priority": 1, "ensure": "present", "parked": parked,
                          "names": names },
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn evaluation_never_panics(text in expression(), world in world()) {
        let language = Compiler::default();
        for gives in [ResultType::Bool, ResultType::Text] {
            if let Ok(expression) = language.compile(&SmolStr::new(&text), SCOPE, gives) {
                expression.evaluate(&values(&expression, &world), &mut StepBudget::new(1_000_000));
            }
        }
    }

    #[test]
    fn compilation_never_panics(text in r#"[ -~\n"'\\(){}\[\]a-c.?:&|!üß€]{0,40}"#) {
        let _ = compile(&text);
    }

    #[test]
    fn guards_agree_with_cel(text in condition(), world in world()) {
        let Ok(expression) = compile(&text) else { return Ok(()) };
        let values = values(&expression, &world);
        let said = expression.evaluate(&values, &mut StepBudget::new(1_000_000));
        if let Some(told) = expression.evaluate_guards(&values) {
            prop_assert_eq!(&said, &EvaluationResult::Bool(told), "{}", text);
        }
        if (0..values.len()).any(|slot| expression.is_false_for(slot, &values[slot])) {
            prop_assert_eq!(&said, &EvaluationResult::Bool(false), "{}", text);
        }
    }

    #[test]
    fn inputs_give_the_same_result_as_whole_variables(text in condition(), world in world()) {
        let Ok(expression) = compile(&text) else { return Ok(()) };
        // `has()` is the only operation for which `null` differs from a missing field.
        if text.contains("has(") {
            return Ok(());
        }
        let env = std::sync::Arc::new(cel::Env::stdlib());
        let mut context = cel::Context::with_env(std::sync::Arc::clone(&env));
        for name in ["person", "seat"] {
            context.add_variable_from_value(name, super::value::to_cel(&world[name]));
        }
        let plain = env.compile(&text).unwrap().execute(&context);
        let said = expression.evaluate(&values(&expression, &world), &mut StepBudget::new(1_000_000));
        match plain {
            Ok(cel::Value::Bool(truth)) => prop_assert_eq!(said, EvaluationResult::Bool(truth)),
            Ok(cel::Value::String(_)) => prop_assert!(matches!(said, EvaluationResult::Text(_))),
            _ => prop_assert!(matches!(said, EvaluationResult::Error(_)), "{:?} for {}", said, text),
        }
    }
}
