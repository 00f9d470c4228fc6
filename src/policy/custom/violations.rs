//! What a rule says of the things that it found.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value as Json;
use smol_str::{SmolStr, format_smolstr};

use super::candidates::{Candidate, Candidates, Frame};
use super::scan::ScanResult;
use crate::diagnostic::{Code, Finding, Level, catalog::policy as code};
use crate::expression::{EvaluationResult, ExpressionInput, StepBudget};
use crate::manifest::compiled_rule::CompiledRule;
use crate::model::DigestBuilder;
use crate::policy::effective::CustomRule;
use crate::policy::rule::Violation;

/// Most findings of a rule; one more counts the rest.
const FINDINGS_MAX: usize = 1_000;
/// Most people whom one finding lists. One that is about more lists nobody, so that no waiver for people fits it.
const PEOPLE_MAX: usize = 10_000;
/// How many people a message names.
const NAMED_MAX: usize = 3;

/// The violations of a rule.
pub(super) fn report_violations(
    custom: &CustomRule,
    subjects: &Candidates<'_>,
    found: ScanResult,
    budget: &mut StepBudget,
    violations: &mut Vec<Violation>,
) {
    let rule = &*custom.rule;
    let ScanResult { matches: mut things, failures: faults, reasons, unchecked: unseen } = found;
    things.sort_unstable_by(|a, b| compare_candidates(subjects, *a, *b));
    let rest = things.split_off(things.len().min(FINDINGS_MAX));
    for thing in things {
        let message = render_message(rule, subjects, thing, budget);
        let mut finding = Finding::new(&code::RULE_VIOLATED, rule.level.severity(), message).at(subjects.source(thing));
        for slot in rule.when.inputs().iter().filter(|slot| slot.field.is_some()) {
            finding.values.insert(input_name(slot), input_value(subjects, thing, slot));
        }
        if let Frame::Operation(operation, _) = subjects.frame(thing.frame) {
            // An approval of it does not cover another account under the same name.
            finding.values.insert(SmolStr::new_static("operation.account"), Json::from(operation.account.as_str()));
        }
        let key = subjects.person_key(thing);
        if let Frame::Entry(tenant, look) = subjects.frame(thing.frame) {
            finding = finding.smallest_change(look.smallest_change(tenant, key));
        }
        let people = (!key.is_empty()).then(|| SmolStr::new(key));
        let finding = finding.people(people).related(format!("the rule `{}`", rule.name), custom.source.clone());
        violations.push(scope_violation(violation(rule, rule.level, finding), subjects.frame(thing.frame)));
    }
    if !rest.is_empty() {
        let message = format!("the rule `{}` forbids {} more", rule.name, rest.len());
        let finding = aggregate_finding(custom, subjects, &code::RULE_VIOLATED, message, &rest);
        violations.push(violation(rule, rule.level, finding));
    }
    if !faults.is_empty() {
        let (reason, mut things) = first_reason(subjects, faults, &reasons);
        let named: Vec<String> =
            things.iter().take(NAMED_MAX).map(|thing| describe_candidate(subjects, *thing)).collect();
        let more = match things.len().saturating_sub(named.len()) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!("the rule `{}` cannot be evaluated for {}{more}: {reason}", rule.name, named.join(", "));
        let help = "ask for what may be missing first, as in `person.level != null && person.level > 3`";
        things.sort_unstable_by(|a, b| compare_candidates(subjects, *a, *b));
        let finding = aggregate_finding(custom, subjects, &code::RULE_FAILED, message, &things).help(help);
        violations.push(violation(rule, Level::Deny, finding));
    }
    if unseen > 0 {
        let message = format!("the rules cost too much: `{}` was not checked for {unseen} of them", rule.name);
        let finding = aggregate_finding(custom, subjects, &code::RULE_FAILED, message, &[]).help(
            "start `when` with a comparison that is false for most, such as `person.kind == \"contractor\" && ...`",
        );
        violations.push(violation(rule, Level::Deny, finding));
    }
}

/// A finding about many at once. What stands in it changes with them, so that an approval of it falls.
fn aggregate_finding(
    custom: &CustomRule,
    subjects: &Candidates<'_>,
    code: &'static Code,
    message: String,
    things: &[Candidate],
) -> Finding {
    let mut finding = Finding::new(code, custom.rule.level.severity(), message)
        .related(format!("the rule `{}`", custom.rule.name), custom.source.clone());
    if things.is_empty() {
        return finding.at(custom.source.clone());
    }
    let mut hashing = DigestBuilder::default();
    for thing in things {
        hashing.update(describe_candidate(subjects, *thing).as_bytes());
        // No name has a line feed.
        hashing.update(b"\n");
    }
    finding = finding.value("things", hashing.finish().to_string());
    finding = finding.value("count", things.len()).at(things.first().and_then(|thing| subjects.source(*thing)));
    if things.len() <= PEOPLE_MAX {
        let keys = things.iter().map(|thing| subjects.person_key(*thing)).filter(|key| !key.is_empty());
        finding = finding.people(keys.map(SmolStr::new));
    }
    finding
}

/// The reason of the first fault, and all that have one.
fn first_reason(
    subjects: &Candidates<'_>,
    faults: Vec<(Candidate, u32)>,
    reasons: &[String],
) -> (String, Vec<Candidate>) {
    let first = faults.iter().min_by(|a, b| compare_candidates(subjects, a.0, b.0)).map(|(_, reason)| *reason);
    let reason = first.and_then(|reason| reasons.get(reason as usize)).cloned().unwrap_or_default();
    let mut things: Vec<Candidate> = faults.into_iter().map(|(thing, _)| thing).collect();
    things.sort_unstable_by(|a, b| compare_candidates(subjects, *a, *b));
    (reason, things)
}

fn violation(rule: &CompiledRule, level: Level, finding: Finding) -> Violation {
    Violation { rule: rule.name.clone(), level, tenant: None, license: None, deferred: false, finding }
}

fn scope_violation(violation: Violation, frame: Frame<'_>) -> Violation {
    match frame {
        Frame::Entry(tenant, look) => violation.scoped_to(tenant, look.license),
        Frame::Operation(operation, _) => violation.scoped_to(&operation.tenant, &operation.license),
        Frame::Pool(pool) => violation.scoped_to(&pool.tenant, &pool.license),
        Frame::Empty | Frame::Plan(_) => violation,
    }
}

/// The order of findings: that of people, and of a plan's operations and pools.
fn compare_candidates(subjects: &Candidates<'_>, a: Candidate, b: Candidate) -> Ordering {
    let license = |thing: Candidate| match subjects.frame(thing.frame) {
        Frame::Entry(tenant, look) => Some((tenant, look.license)),
        _ => None,
    };
    match subjects.frame(a.frame) {
        Frame::Operation(..) | Frame::Pool(_) | Frame::Plan(_) => a.frame.cmp(&b.frame),
        Frame::Empty | Frame::Entry(..) => subjects
            .person_key(a)
            .cmp(subjects.person_key(b))
            .then_with(|| license(a).cmp(&license(b)))
            .then_with(|| (a.frame, a.claim).cmp(&(b.frame, b.claim))),
    }
}

/// What a thing is, for a message.
fn describe_candidate(subjects: &Candidates<'_>, thing: Candidate) -> String {
    let key = subjects.person_key(thing);
    match subjects.frame(thing.frame) {
        Frame::Empty => format!("`{key}`"),
        Frame::Entry(tenant, look) => format!("`{key}` with `{tenant}/{}`", look.license),
        Frame::Operation(operation, _) => format!("`{}` of `{key}`", operation.id),
        Frame::Pool(pool) => format!("`{}/{}`", pool.tenant, pool.license),
        Frame::Plan(_) => "the plan".to_owned(),
    }
}

/// What the rule was written to say; a plain sentence where that fails.
fn render_message(rule: &CompiledRule, subjects: &Candidates<'_>, thing: Candidate, budget: &mut StepBudget) -> String {
    let slots = rule.message.inputs();
    let values: Vec<Cow<'_, Json>> = slots.iter().map(|slot| Cow::Owned(input_value(subjects, thing, slot))).collect();
    let plain = format!("the rule `{}` forbids {}", rule.name, describe_candidate(subjects, thing));
    match rule.message.evaluate(&values, budget) {
        EvaluationResult::Text(text) => {
            // One line: a message must not look like another finding.
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if text.is_empty() { plain } else { text }
        }
        EvaluationResult::Error(reason) => format!("{plain} (its message fails: {reason})"),
        EvaluationResult::Bool(_) | EvaluationResult::BudgetExhausted => plain,
    }
}

fn input_value(subjects: &Candidates<'_>, thing: Candidate, slot: &ExpressionInput) -> Json {
    if slot.is_person() { subjects.person_value(thing, slot) } else { subjects.frame_value(thing.frame, slot) }
}

fn input_name(slot: &ExpressionInput) -> SmolStr {
    match &slot.field {
        Some(field) => format_smolstr!("{}.{field}", slot.variable.name),
        None => SmolStr::new_static(slot.variable.name),
    }
}
