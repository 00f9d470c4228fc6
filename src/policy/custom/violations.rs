//! Turns the candidates that a rule found into violations.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value as Json;
use smol_str::{SmolStr, format_smolstr};

use super::candidates::{Candidate, Candidates, Frame};
use super::scan::ScanResult;
use crate::diagnostic::{Code, Finding, Level, catalog::policy as code};
use crate::expression::{EvaluationResult, ExpressionInput, StepBudget};

use crate::model::{CustomRule, DigestBuilder};
use crate::policy::rule::Violation;

/// The maximum number of findings of a rule; one more counts the rest.
const FINDINGS_MAX: usize = 1_000;
/// The maximum number of people in one finding. A finding about more people lists none, so that no waiver for people matches it.
const PEOPLE_MAX: usize = 10_000;
/// The maximum number of people that a message names.
const NAMED_MAX: usize = 3;

/// Adds the violations of a rule.
pub(super) fn report_violations(
    rule: &CustomRule,
    candidates: &Candidates<'_>,
    found: ScanResult,
    budget: &mut StepBudget,
    violations: &mut Vec<Violation>,
) {
    let ScanResult { matches: mut found, failures: faults, reasons, unchecked } = found;
    found.sort_unstable_by(|a, b| compare_candidates(candidates, *a, *b));
    let rest = found.split_off(found.len().min(FINDINGS_MAX));
    for candidate in found {
        let message = render_message(rule, candidates, candidate, budget);
        let mut finding =
            Finding::new(&code::RULE_VIOLATED, rule.level.severity(), message).at(candidates.source(candidate));
        for input in rule.when.inputs().iter().filter(|input| input.field.is_some()) {
            finding.values.insert(input_name(input), input_value(candidates, candidate, input));
        }
        if let Frame::Operation(operation, _) = candidates.frame(candidate.frame) {
            // An approval does not cover another account with the same address.
            finding.values.insert(SmolStr::new_static("operation.account"), Json::from(operation.account.as_str()));
        }
        let key = candidates.person_key(candidate);
        if let Frame::Entry(tenant, option) = candidates.frame(candidate.frame) {
            finding = finding.smallest_change(option.smallest_change(tenant, key));
        }
        let people = (!key.is_empty()).then(|| SmolStr::new(key));
        let finding = finding.people(people).related(format!("the rule `{}`", rule.name), rule.source.clone());
        violations.push(scope_violation(violation(rule, rule.level, finding), candidates.frame(candidate.frame)));
    }
    if !rest.is_empty() {
        let message = format!("the rule `{}` forbids {} more", rule.name, rest.len());
        let finding = aggregate_finding(rule, candidates, &code::RULE_VIOLATED, message, &rest);
        violations.push(violation(rule, rule.level, finding));
    }
    if !faults.is_empty() {
        let (reason, mut found) = first_reason(candidates, faults, &reasons);
        let named: Vec<String> =
            found.iter().take(NAMED_MAX).map(|candidate| describe_candidate(candidates, *candidate)).collect();
        let more = match found.len().saturating_sub(named.len()) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!("the rule `{}` cannot be evaluated for {}{more}: {reason}", rule.name, named.join(", "));
        let help = "check for missing values first, as in `person.level != null && person.level > 3`";
        found.sort_unstable_by(|a, b| compare_candidates(candidates, *a, *b));
        let finding = aggregate_finding(rule, candidates, &code::RULE_FAILED, message, &found).help(help);
        violations.push(violation(rule, Level::Deny, finding));
    }
    if unchecked > 0 {
        let message =
            format!("the rules are too expensive: `{}` was not checked for {unchecked} candidates", rule.name);
        let finding = aggregate_finding(rule, candidates, &code::RULE_FAILED, message, &[]).help(
            "start `when` with a comparison that is false for most people, such as `person.kind == \"contractor\" && ...`",
        );
        violations.push(violation(rule, Level::Deny, finding));
    }
}

/// Returns one finding about many candidates. It contains their digest, so that an approval covers exactly these.
fn aggregate_finding(
    rule: &CustomRule,
    candidates: &Candidates<'_>,
    code: &'static Code,
    message: String,
    found: &[Candidate],
) -> Finding {
    let mut finding = Finding::new(code, rule.level.severity(), message)
        .related(format!("the rule `{}`", rule.name), rule.source.clone());
    if found.is_empty() {
        return finding.at(rule.source.clone());
    }
    let mut digest = DigestBuilder::default();
    for candidate in found {
        digest.update(describe_candidate(candidates, *candidate).as_bytes());
        // Names contain no line feeds.
        digest.update(b"\n");
    }
    finding = finding.value("things", digest.finish().to_string());
    finding = finding.value("count", found.len()).at(found.first().and_then(|candidate| candidates.source(*candidate)));
    if found.len() <= PEOPLE_MAX {
        let keys = found.iter().map(|candidate| candidates.person_key(*candidate)).filter(|key| !key.is_empty());
        finding = finding.people(keys.map(SmolStr::new));
    }
    finding
}

/// Returns the reason of the first failure, and all failed candidates in order.
fn first_reason(
    candidates: &Candidates<'_>,
    faults: Vec<(Candidate, u32)>,
    reasons: &[String],
) -> (String, Vec<Candidate>) {
    let first = faults.iter().min_by(|a, b| compare_candidates(candidates, a.0, b.0)).map(|(_, reason)| *reason);
    let reason = first.and_then(|reason| reasons.get(reason as usize)).cloned().unwrap_or_default();
    let mut found: Vec<Candidate> = faults.into_iter().map(|(candidate, _)| candidate).collect();
    found.sort_unstable_by(|a, b| compare_candidates(candidates, *a, *b));
    (reason, found)
}

fn violation(rule: &CustomRule, level: Level, finding: Finding) -> Violation {
    Violation { rule: rule.name.clone(), level, tenant: None, license: None, deferred: false, finding }
}

fn scope_violation(violation: Violation, frame: Frame<'_>) -> Violation {
    match frame {
        Frame::Entry(tenant, option) => violation.scoped_to(tenant, option.license),
        Frame::Operation(operation, _) => violation.scoped_to(&operation.tenant, &operation.license),
        Frame::Pool(pool) => violation.scoped_to(&pool.tenant, &pool.license),
        Frame::Empty | Frame::Plan(_) => violation,
    }
}

/// Compares candidates in the order of findings: by person, or by operation or pool of the plan.
fn compare_candidates(candidates: &Candidates<'_>, a: Candidate, b: Candidate) -> Ordering {
    let license = |candidate: Candidate| match candidates.frame(candidate.frame) {
        Frame::Entry(tenant, option) => Some((tenant, option.license)),
        _ => None,
    };
    match candidates.frame(a.frame) {
        Frame::Operation(..) | Frame::Pool(_) | Frame::Plan(_) => a.frame.cmp(&b.frame),
        Frame::Empty | Frame::Entry(..) => candidates
            .person_key(a)
            .cmp(candidates.person_key(b))
            .then_with(|| license(a).cmp(&license(b)))
            .then_with(|| (a.frame, a.claim).cmp(&(b.frame, b.claim))),
    }
}

/// Describes a candidate for a message.
fn describe_candidate(candidates: &Candidates<'_>, candidate: Candidate) -> String {
    let key = candidates.person_key(candidate);
    match candidates.frame(candidate.frame) {
        Frame::Empty => format!("`{key}`"),
        Frame::Entry(tenant, option) => format!("`{key}` with `{tenant}/{}`", option.license),
        Frame::Operation(operation, _) => format!("`{}` of `{key}`", operation.id),
        Frame::Pool(pool) => format!("`{}/{}`", pool.tenant, pool.license),
        Frame::Plan(_) => "the plan".to_owned(),
    }
}

/// Renders the rule's message, or a default message if that fails.
fn render_message(
    rule: &CustomRule,
    candidates: &Candidates<'_>,
    candidate: Candidate,
    budget: &mut StepBudget,
) -> String {
    let inputs = rule.message.inputs();
    let values: Vec<Cow<'_, Json>> =
        inputs.iter().map(|input| Cow::Owned(input_value(candidates, candidate, input))).collect();
    let plain = format!("the rule `{}` forbids {}", rule.name, describe_candidate(candidates, candidate));
    match rule.message.evaluate(&values, budget) {
        EvaluationResult::Text(text) => {
            // On one line, so that a message cannot look like another finding.
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if text.is_empty() { plain } else { text }
        }
        EvaluationResult::Error(reason) => format!("{plain} (its message fails: {reason})"),
        EvaluationResult::Bool(_) | EvaluationResult::BudgetExhausted => plain,
    }
}

fn input_value(candidates: &Candidates<'_>, candidate: Candidate, input: &ExpressionInput) -> Json {
    if input.is_person() {
        candidates.person_value(candidate, input)
    } else {
        candidates.frame_value(candidate.frame, input)
    }
}

fn input_name(input: &ExpressionInput) -> SmolStr {
    match &input.field {
        Some(field) => format_smolstr!("{}.{field}", input.variable.name),
        None => SmolStr::new_static(input.variable.name),
    }
}
