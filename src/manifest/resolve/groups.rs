//! `groups`: members, nested groups, expressions and exceptions, expanded to people.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use smol_str::SmolStr;

use super::resolver::{GroupMembers, Resolver};
use crate::diagnostic::catalog::{manifest as codes, reference};
use crate::diagnostic::{Finding, Location, Severity, nearest};
use crate::expression::scope::VariableScope;
use crate::expression::variables::PERSON;
use crate::expression::{EvaluationResult, ExpressionInput, ResultType, StepBudget};
use crate::manifest::group_membership::GroupMemberships;
use crate::manifest::schema::GroupEntry;
use crate::manifest::sections::NamedSection;
use crate::manifest::yaml::{Located, PeopleList, PeoplePart, excerpt, group_of};
use crate::model::{Person, PersonId};

/// The maximum number of members of all groups in total.
const MEMBERSHIPS_MAX: usize = 20_000_000;
/// The maximum number of steps of all evaluations.
const STEPS_MAX: u64 = 1_000_000_000;
/// The variables of a group's expression.
const CONDITION_SCOPE: VariableScope = VariableScope { variables: &[&PERSON] };

struct GroupNode {
    location: Location,
    group: GroupEntry,
    /// The groups in its lists, with locations.
    subgroups: Vec<(SmolStr, Location)>,
}

pub(super) fn resolve(resolver: &mut Resolver, table: NamedSection<GroupEntry>) -> GroupMemberships {
    let mut named = BTreeMap::new();
    for (name, (at, group)) in table {
        if !resolver.check_name("group", &Located { value: name.clone(), at }) {
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
    let (order, cycles) = topological_order(&named);
    for cycle in &cycles {
        report_cycle(resolver, &named, cycle);
    }
    let mut budget = StepBudget::new(STEPS_MAX);
    let mut groups = GroupMembers::new();
    let mut memberships = 0;
    for name in order {
        let Some(one) = named.get(&name) else { continue };
        let members = members(resolver, &groups, &mut budget, one);
        memberships += members.len();
        if memberships > MEMBERSHIPS_MAX {
            let message = format!("the groups have more than {MEMBERSHIPS_MAX} members in total");
            resolver.error(&codes::LIMIT_EXCEEDED, message, "avoid nesting large groups", one.location);
            break;
        }
        groups.insert(name, members);
    }
    let written =
        named.into_iter().map(|(name, GroupNode { location: at, group, subgroups: _ })| (name, (at, group))).collect();
    GroupMemberships { declared: written, members: groups }
}

fn members(resolver: &mut Resolver, groups: &GroupMembers, budget: &mut StepBudget, one: &GroupNode) -> Vec<PersonId> {
    let collect = |resolver: &mut Resolver, list: Option<&PeopleList>| {
        let mut people = Vec::new();
        resolver.for_each_person(list, groups, |_, named| people.push(named.person));
        people
    };
    let mut all = collect(resolver, one.group.members.value());
    if let Some(condition) = one.group.condition.get() {
        all.extend(matching_people(resolver, budget, condition));
    }
    all.sort_unstable();
    all.dedup();
    let mut except = collect(resolver, one.group.except.value());
    if !except.is_empty() {
        except.sort_unstable();
        all.retain(|person| except.binary_search(person).is_err());
    }
    all
}

/// Returns the described people for whom the expression is true.
fn matching_people(resolver: &mut Resolver, budget: &mut StepBudget, text: &Located<SmolStr>) -> Vec<PersonId> {
    let Some(condition) = resolver.compile(text, CONDITION_SCOPE, ResultType::Bool) else { return Vec::new() };
    for attribute in condition.inputs().iter().filter_map(|input| input.field.as_ref()) {
        let nobody = !resolver.people.described().any(|(_, person)| person.attributes.contains_key(attribute));
        if nobody && attribute != "email" {
            let known: BTreeSet<&SmolStr> =
                resolver.people.described().flat_map(|(_, person)| person.attributes.keys()).take(10_000).collect();
            let help = nearest(attribute, known).map(|near| format!("did you mean `person.{near}`?"));
            let message = format!("no person has the attribute `{}`", excerpt(attribute));
            resolver.report(Severity::Warning, &reference::UNKNOWN_ATTRIBUTE, message, help, text.at);
        }
    }
    let (mut matching, mut failed, mut failures, mut exhausted) = (Vec::new(), None, 0_usize, false);
    for (id, person) in resolver.people.described() {
        let values: Vec<_> =
            condition.inputs().iter().map(|input| value(input, resolver.people.key(id), person)).collect();
        let outcome = match condition.evaluate_guards(&values) {
            Some(result) => EvaluationResult::Bool(result),
            None => condition.evaluate(&values, budget),
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
                failed.get_or_insert((id, "the result is a text, not true or false".to_owned()));
            }
            EvaluationResult::BudgetExhausted => {
                exhausted = true;
                break;
            }
        }
    }
    if exhausted {
        let message = "the expressions of the groups are too expensive";
        resolver.error(&codes::LIMIT_EXCEEDED, message, "simplify them", text.at);
    }
    if let Some((person, message)) = failed {
        let others = if failures > 1 { format!(" and {} more", failures - 1) } else { String::new() };
        let message = format!("the expression fails for `{}`{others}: {message}", resolver.people.key(person));
        let help = "check for missing attributes first, as in `person.level != null && person.level > 3`";
        resolver.error(&codes::INVALID_EXPRESSION, message, help, text.at);
    }
    matching
}

/// Returns the value of an input for a person; a missing attribute is `null`.
fn value<'p>(input: &ExpressionInput, key: &SmolStr, person: &'p Person) -> Cow<'p, Json> {
    match input.field.as_deref() {
        Some("email") => Cow::Owned(Json::from(key.as_str())),
        Some(name) => person.attributes.get(name).map_or(Cow::Owned(Json::Null), Cow::Borrowed),
        None => {
            let attributes = person.attributes.iter().map(|(name, value)| (name.to_string(), value.clone()));
            let email = ("email".to_owned(), Json::from(key.as_str()));
            Cow::Owned(Json::Object(attributes.chain([email]).collect()))
        }
    }
}

/// Returns the groups, each after its subgroups, and the cycles among them.
fn topological_order(named: &BTreeMap<SmolStr, GroupNode>) -> (Vec<SmolStr>, Vec<Vec<SmolStr>>) {
    #[derive(Clone, Copy, PartialEq)]
    enum GroupVisitState {
        Open,
        Done,
    }
    let (mut order, mut cycles) = (Vec::new(), Vec::new());
    let mut marks: BTreeMap<&SmolStr, GroupVisitState> = BTreeMap::new();
    for root in named.keys() {
        if marks.contains_key(root) {
            continue;
        }
        // The path from the root, each group with the number of visited subgroups.
        let mut path: Vec<(&SmolStr, usize)> = vec![(root, 0)];
        marks.insert(root, GroupVisitState::Open);
        while let Some((name, visited)) = path.last_mut() {
            let name = *name;
            let next = named.get(name).and_then(|one| one.subgroups.get(*visited));
            *visited += 1;
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
                        cycles.push(path[start..].iter().map(|(name, _)| (*name).clone()).collect());
                    }
                    Some(GroupVisitState::Done) => {}
                },
            }
        }
    }
    (order, cycles)
}

fn report_cycle(resolver: &mut Resolver, named: &BTreeMap<SmolStr, GroupNode>, cycle: &[SmolStr]) {
    let Some(first) = cycle.first() else { return };
    let link = |from: &SmolStr, to: &SmolStr| {
        let one = named.get(from)?;
        Some(one.subgroups.iter().find(|(name, _)| name == to).map_or(one.location, |(_, at)| *at))
    };
    let next = |index: usize| cycle.get(index + 1).unwrap_or(first);
    let message = format!("the group `{}` is a member of itself", excerpt(first));
    let mut finding = Finding::error(&reference::GROUP_CYCLE, message).help("remove one group from the cycle");
    for (index, name) in cycle.iter().enumerate().take(10) {
        let source = link(name, next(index)).map(|at| resolver.files.source(at));
        finding = if index == 0 {
            finding.at(source)
        } else {
            finding.related(format!("`{}` contains `group:{}`", excerpt(name), excerpt(next(index))), source)
        };
    }
    resolver.push(finding);
}
