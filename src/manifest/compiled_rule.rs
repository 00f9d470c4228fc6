//! A rule of the policy's own, compiled, with its cases.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;
use smol_str::SmolStr;

use super::schema::{ExpectedResult, RuleTarget};
use crate::diagnostic::{Level, Location};
use crate::expression::{Expression, ExpressionInput};
use crate::model::PeopleSet;

/// Names of the rules that are built in, which no other rule may have.
pub const BUILT_IN_RULE_NAMES: [&str; 15] = [
    "losses",
    "changes",
    "protect",
    "own-account",
    "last-holder",
    "data-loss",
    "require",
    "licenses",
    "exclude",
    "need",
    "expiring",
    "seats",
    "budget",
    "freeze",
    "age",
];

/// A rule of the policy's own. Its JSON form is a part of the policy's digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CompiledRule {
    /// Its name.
    pub name: SmolStr,
    /// What it looks at.
    pub on: RuleTarget,
    /// True for what must not be.
    pub when: Expression,
    /// What happens then.
    pub level: Level,
    /// What is said then.
    pub message: Expression,
    /// Who may approve; missing where the rule does not say.
    pub approvers: Option<PeopleSet>,
    /// Its examples.
    #[serde(skip)]
    pub cases: Vec<RuleCase>,
    /// Where it is written.
    #[serde(skip)]
    pub source: Location,
}

/// An example of what a rule does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCase {
    /// The values that are given, by variable and field.
    pub given: BTreeMap<SmolStr, BTreeMap<SmolStr, Json>>,
    /// What must come out.
    pub then: ExpectedResult,
    /// Where it is written.
    pub source: Location,
}

impl RuleCase {
    /// The value of what an expression reads; neutral where none is given.
    pub fn input_value(&self, slot: &ExpressionInput) -> Json {
        let given = self.given.get(slot.variable.name);
        let one = |name: &str| {
            let neutral = || slot.variable.field(name).map_or(Json::Null, |field| field.default_value());
            given.and_then(|fields| fields.get(name)).cloned().unwrap_or_else(neutral)
        };
        match &slot.field {
            Some(name) => one(name),
            None => {
                let declared = slot.variable.fields.iter().map(|field| (field.name.to_owned(), one(field.name)));
                let others = given.into_iter().flatten().map(|(name, value)| (name.to_string(), value.clone()));
                Json::Object(declared.chain(others).collect())
            }
        }
    }
}
