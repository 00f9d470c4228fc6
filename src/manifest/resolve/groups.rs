//! `groups`: members, nested groups, expressions and exceptions, expanded to people.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use smol_str::SmolStr;

use super::resolver::{GroupMembers, Resolver};
use super::text_location::locate;
use crate::diagnostic::catalog::{manifest as codes, reference};
use crate::diagnostic::{Finding, Location, Severity, nearest};
use crate::expression::scope;
use crate::expression::variables::PERSON;
use crate::expression::{Compiler, EvaluationResult, ExpressionInput, ResultType, StepBudget};
use crate::manifest::group_membership::GroupMemberships;
use crate::manifest::schema::GroupEntry;
use crate::manifest::sections::NamedSection;
use crate::manifest::yaml::{Located, PeopleList, PeoplePart, excerpt, group_of};
use crate::model::{Person, PersonId};

/// Most people in all groups together, counted once for each group.
const MEMBERSHIPS_MAX: usize = 20_000_000;
/// The most steps of all evaluations.
const STEPS_MAX: u64 = 1_000_000_000;
/// What an expression of a group sees.
const CONDITION_SCOPE: scope::VariableScope = scope::VariableScope { variables: &[&PERSON] };

/// What all expressions share.
struct ConditionContext {
    language: Compiler,
    budget: StepBudget,
}

struct GroupNode {
    location: Location,
    group: GroupEntry,
    /// The groups that it is made of, each with where it is named.
    subgroups: Vec<(SmolStr, Location)>,
}

pub(super) fn resolve(scope: &mut Resolver, table: NamedSection<GroupEntry>) -> GroupMemberships {
    let mut named = BTreeMap::new();
    for (name, (at, group)) in table {
        if !scope.check_name("group", &Located { value: name.clone(), at }) {
            continue;
        }
        let Some(group) = group else { continue };
        let mut made_of = Vec::new();
        for list in [&group.members, &group.except] {
            for piece in list.value().map(|list| list.0.as_slice()).unwrap_or_default() {
                let PeoplePart::Item(item) = piece else { continue };
                if let Some(other) = group_of(&item.value) {
                    made_of.push((SmolStr::new(other), item.at));
                }
            }
        }
        named.insert(name, GroupNode { location: at, group, subgroups: made_of });
    }
    let (order, circles) = topological_order(&named);
    for circle in &circles {
        report_cycle(scope, &named, circle);
    }
    // Who is named only in a group counts as a person before any expression asks who has which attribute.
    let mut conditions = ConditionContext { language: Compiler::default(), budget: StepBudget::new(STEPS_MAX) };
    let mut groups = GroupMembers::new();
    let mut memberships = 0;
    for name in order {
        let Some(one) = named.get(&name) else { continue };
        let members = members(scope, &groups, &mut conditions, one);
        memberships += members.len();
        if memberships > MEMBERSHIPS_MAX {
            let message = format!("the groups have more than {MEMBERSHIPS_MAX} members together");
            scope.error(&codes::LIMIT_EXCEEDED, message, "do not nest large groups so often", one.location);
            break;
        }
        groups.insert(name, members);
    }
    let written =
        named.into_iter().map(|(name, GroupNode { location: at, group, subgroups: _ })| (name, (at, group))).collect();
    GroupMemberships { declared: written, members: groups }
}

fn members(
    scope: &mut Resolver,
    groups: &GroupMembers,
    conditions: &mut ConditionContext,
    one: &GroupNode,
) -> Vec<PersonId> {
    let collect = |scope: &mut Resolver, list: Option<&PeopleList>| {
        let mut people = Vec::new();
        let pieces = list.map(|list| list.0.as_slice()).unwrap_or_default();
        scope.for_each_person(pieces, groups, |_, named| people.push(named.person));
        people
    };
    let mut all = collect(scope, one.group.members.value());
    if let Some(condition) = one.group.condition.get() {
        all.extend(matching_people(scope, conditions, condition));
    }
    all.sort_unstable();
    all.dedup();
    let mut except = collect(scope, one.group.except.value());
    if !except.is_empty() {
        except.sort_unstable();
        all.retain(|person| except.binary_search(person).is_err());
    }
    all
}

/// Everybody for whom the expression is true.
fn matching_people(scope: &mut Resolver, conditions: &mut ConditionContext, text: &Located<SmolStr>) -> Vec<PersonId> {
    let condition = match conditions.language.compile(&text.value, CONDITION_SCOPE, ResultType::Bool) {
        Ok(condition) => condition,
        Err(fault) => {
            let at = locate(&scope.files, text, fault.offset);
            scope.report(Severity::Error, &codes::INVALID_EXPRESSION, fault.message, fault.help, at);
            return Vec::new();
        }
    };
    for attribute in condition.inputs().iter().filter_map(|slot| slot.field.as_ref()) {
        let nobody = !scope.people.described().any(|(_, person)| person.attributes.contains_key(attribute));
        if nobody && attribute != "email" {
            let known: BTreeSet<&SmolStr> =
                scope.people.described().flat_map(|(_, person)| person.attributes.keys()).take(10_000).collect();
            let help = nearest(attribute, known).map(|near| format!("did you mean `person.{near}`?"));
            let message = format!("nobody has the attribute `{}`", excerpt(attribute));
            scope.report(Severity::Warning, &reference::UNKNOWN_ATTRIBUTE, message, help, text.at);
        }
    }
    let (mut matching, mut failed, mut failures, mut spent) = (Vec::new(), None, 0_usize, false);
    for (id, person) in scope.people.described() {
        let values: Vec<_> = condition.inputs().iter().map(|slot| value(slot, scope.people.key(id), person)).collect();
        let outcome = match condition.evaluate_guards(&values) {
            Some(told) => EvaluationResult::Bool(told),
            None => condition.evaluate(&values, &mut conditions.budget),
        };
        match outcome {
            EvaluationResult::Bool(true) => matching.push(id),
            EvaluationResult::Bool(false) => {}
            EvaluationResult::Error(message) => {
                failures += 1;
                failed.get_or_insert((id, message));
            }
            EvaluationResult::Text(_) => {
                failures += 1;
                failed.get_or_insert((id, "it gives a text, not true or false".to_owned()));
            }
            EvaluationResult::BudgetExhausted => {
                spent = true;
                break;
            }
        }
    }
    if spent {
        let message = "the expressions of the groups cost too much";
        scope.error(&codes::LIMIT_EXCEEDED, message, "make them simpler", text.at);
    }
    if let Some((person, message)) = failed {
        let others = if failures > 1 { format!(" and {} more", failures - 1) } else { String::new() };
        let message = format!("the expression fails for `{}`{others}: {message}", scope.people.key(person));
        let help = "ask for missing attributes first, as in `person.level != null && person.level > 3`";
        scope.error(&codes::INVALID_EXPRESSION, message, help, text.at);
    }
    matching
}

/// What an expression reads of a person; what is missing is `null`.
fn value<'p>(slot: &ExpressionInput, key: &SmolStr, person: &'p Person) -> Cow<'p, Json> {
    match slot.field.as_deref() {
        Some("email") => Cow::Owned(Json::from(key.as_str())),
        Some(name) => person.attributes.get(name).map_or(Cow::Owned(Json::Null), Cow::Borrowed),
        None => {
            let attributes = person.attributes.iter().map(|(name, value)| (name.to_string(), value.clone()));
            let email = ("email".to_owned(), Json::from(key.as_str()));
            Cow::Owned(Json::Object(attributes.chain([email]).collect()))
        }
    }
}

/// The groups, each after those that it is made of, and the circles among them.
fn topological_order(named: &BTreeMap<SmolStr, GroupNode>) -> (Vec<SmolStr>, Vec<Vec<SmolStr>>) {
    #[derive(Clone, Copy, PartialEq)]
    enum GroupVisitState {
        Open,
        Done,
    }
    let (mut order, mut circles) = (Vec::new(), Vec::new());
    let mut marks: BTreeMap<&SmolStr, GroupVisitState> = BTreeMap::new();
    for root in named.keys() {
        if marks.contains_key(root) {
            continue;
        }
        // The path from the root to where the search is, each with how many of its parts were looked at.
        let mut path: Vec<(&SmolStr, usize)> = vec![(root, 0)];
        marks.insert(root, GroupVisitState::Open);
        while let Some((name, looked)) = path.last_mut() {
            let name = *name;
            let next = named.get(name).and_then(|one| one.subgroups.get(*looked));
            *looked += 1;
            match next.and_then(|(next, _)| named.get_key_value(next)) {
                None if next.is_some() => {}
                None => {
                    marks.insert(name, GroupVisitState::Done);
                    order.push(name.clone());
                    path.pop();
                }
                Some((next, _)) => match marks.get(next) {
                    None => {
                        marks.insert(next, GroupVisitState::Open);
                        path.push((next, 0));
                    }
                    Some(GroupVisitState::Open) => {
                        let start = path.iter().position(|(on_path, _)| *on_path == next).unwrap_or_default();
                        circles.push(path[start..].iter().map(|(name, _)| (*name).clone()).collect());
                    }
                    Some(GroupVisitState::Done) => {}
                },
            }
        }
    }
    (order, circles)
}

fn report_cycle(scope: &mut Resolver, named: &BTreeMap<SmolStr, GroupNode>, circle: &[SmolStr]) {
    let Some(first) = circle.first() else { return };
    let link = |from: &SmolStr, to: &SmolStr| {
        let one = named.get(from)?;
        Some(one.subgroups.iter().find(|(name, _)| name == to).map_or(one.location, |(_, at)| *at))
    };
    let next = |index: usize| circle.get(index + 1).unwrap_or(first);
    let message = format!("the group `{}` is a member of itself", excerpt(first));
    let mut finding = Finding::error(&reference::GROUP_CYCLE, message).help("take one group out of the circle");
    for (index, name) in circle.iter().enumerate().take(10) {
        let source = link(name, next(index)).map(|at| scope.files.source(at));
        finding = if index == 0 {
            finding.at(source)
        } else {
            finding.related(format!("`{}` has `group:{}`", excerpt(name), excerpt(next(index))), source)
        };
    }
    scope.push(finding);
}
