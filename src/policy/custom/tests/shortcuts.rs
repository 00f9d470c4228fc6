//! Shortcuts give the same results as evaluating CEL for every candidate.

use std::borrow::Cow;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use smol_str::SmolStr;

use super::{TENANTS, TODAY, load};
use crate::expression::{Compiler, EvaluationResult, ResultType, StepBudget};
use crate::model::{Person, RuleTarget};
use crate::policy::custom::candidates::Candidates;
use crate::policy::custom::column::AttributeColumns;
use crate::policy::custom::scan::scan;

fn attribute() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(Json::Null),
        Just(json!("a")),
        Just(json!("ab")),
        Just(json!(1)),
        Just(json!(1.0)),
        Just(json!(true)),
        Just(json!(["a"])),
    ]
}

fn part() -> impl Strategy<Value = String> {
    let fields = vec![
        "person.a",
        "person.b",
        "person.email",
        "assignment.license",
        "assignment.name",
        "assignment.alternative",
        "assignment.priority",
        "assignment.reason",
        "assignment.ensure",
    ];
    let field = prop::sample::select(fields);
    let written = prop::sample::select(vec![
        "null",
        "true",
        "1",
        "2",
        "'a'",
        "'ab'",
        "'wiki/editor'",
        "'editor'",
        "'p1@a.example'",
    ]);
    prop_oneof![
        (field.clone(), prop::sample::select(vec!["==", "!="]), written.clone())
            .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (field.clone(), written.clone(), written).prop_map(|(a, b, c)| format!("{a} in [{b}, {c}]")),
        (field.clone(), prop::sample::select(vec!["startsWith", "endsWith", "contains"]))
            .prop_map(|(a, name)| format!("{a}.{name}('a')")),
        (field.clone(), field.clone()).prop_map(|(a, b)| format!("({a} == {b} || {a} == 1)")),
        field.clone().prop_map(|a| format!("{a} > 1")),
        (field, any::<bool>())
            .prop_map(|(a, not)| format!("{}(has({a}) && size({a}) > 0)", if not { "!" } else { "" })),
        Just("size(person) > 2".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn scan_finds_what_cel_finds_for_every_candidate(
        attributes in prop::collection::vec((attribute(), attribute()), 1..8),
        parts in prop::collection::vec(part(), 1..4),
        on_people in any::<bool>(),
        described in 0_usize..8,
    ) {
        let when = parts.join(" && ");
        let mut loaded = load(&format!(
            "{TENANTS}assignments:\n  - license: wiki/editor\n    to: [{0}]\n  \
             - {{ license: wiki/reader, alternatives: [wiki/editor, wiki/a], priority: 2, reason: a, to: [{0}] }}\n",
            (0..attributes.len()).map(|n| format!("p{n}@a.example")).collect::<Vec<_>>().join(", ")
        ));
        for (number, (a, b)) in attributes.iter().enumerate().take(described) {
            let id = loaded.desired.people.find(&format!("p{number}@a.example")).unwrap();
            let attributes = [("a", a), ("b", b)].into_iter().filter(|(_, value)| !value.is_null());
            let attributes = attributes.map(|(name, value)| (SmolStr::new(name), value.clone())).collect();
            loaded.desired.people.describe(id, Person { attributes, source: None });
        }
        let desired = &loaded.desired;
        let (subjects, on) = if on_people && !when.contains("assignment") {
            (Candidates::people(desired), RuleTarget::Person)
        } else {
            (Candidates::assignments(desired, TODAY), RuleTarget::Assignment)
        };
        let Ok(condition) = Compiler::default().compile(&SmolStr::new(&when), on.scope(), ResultType::Bool) else {
            return Ok(());
        };
        let mut budget = StepBudget::new(1_000_000);
        let found = scan(&condition, &subjects, &mut AttributeColumns::new(&desired.people), &mut budget);
        let (mut things, mut faults) = (Vec::new(), Vec::new());
        subjects.for_each(&vec![true; subjects.frames.len()], |thing| {
            let one = |slot| match slot {
                slot if crate::expression::ExpressionInput::is_person(slot) => subjects.person_value(thing, slot),
                slot => subjects.frame_value(thing.frame, slot),
            };
            let values: Vec<Cow<'_, Json>> = condition.inputs().iter().map(one).map(Cow::Owned).collect();
            match condition.evaluate(&values, &mut StepBudget::new(1_000_000)) {
                EvaluationResult::Bool(true) => things.push(thing),
                EvaluationResult::Bool(false) => {}
                _ => faults.push(thing),
            }
        });
        let said: Vec<_> = found.failures.iter().map(|(thing, _)| *thing).collect();
        prop_assert_eq!(&found.matches, &things, "{}", when);
        prop_assert_eq!(said, faults, "{}", when);
        prop_assert_eq!(found.unchecked, 0);
    }
}
