//! Protected people: nothing is taken from them, whatever the assignments say.
//!
//! Protection that stood on the entry it protects would go with the entry. It is listed in the policy instead, and
//! finds its people by every name that either side knows, so that a new name does not get anybody out of it.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::model::{Effect, Operation, OperationKind};
use crate::policy::facts::PlanFacts;
use crate::policy::rule::{RuleDescriptor, Stage, Violation};

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "protect",
    codes: &[&code::PROTECTED_PERSON, &code::UNKNOWN_POLICY_PERSON],
    level: Some(Level::Deny),
    stage: Stage::Plan,
    checks: "No operation takes a license or a pending request from somebody whom `protect` names, nor destroys their \
             data; a move takes the old license. Gains are allowed.",
    rationale: "A wrong list strips whoever is on it, and some people must not be stripped for a minute. The list is apart \
          from the entries, so that an edit of an entry does not take its protection along.",
    remedy: "Name the person for the license again, or waive the rule for that person and license.",
    example: "protect: [ceo@acme.example, group:board]",
};

/// Whether an operation takes something from its person.
pub(super) fn is_removal(operation: &Operation) -> bool {
    let taken = matches!(operation.kind, OperationKind::Cancel | OperationKind::Remove | OperationKind::Change);
    taken && (operation.effect != Effect::Gain || !operation.loses.is_empty())
}

/// What an operation takes, in words.
pub(super) fn describe_removal(operation: &Operation) -> String {
    let license = format!("`{}/{}`", operation.tenant, operation.license);
    match operation.kind {
        OperationKind::Cancel => format!("loses the pending request for {license}"),
        _ if operation.effect == Effect::Move => format!("is moved from {license}"),
        _ => format!("loses {license}"),
    }
}

/// Operations that take something from a protected person.
pub(in crate::policy) fn check(facts: &PlanFacts<'_>, violations: &mut Vec<Violation>) {
    if facts.policy.protect.is_empty() {
        return;
    }
    check_unmatched(facts, violations);
    for (operation, account) in facts.operations().filter(|(operation, _)| is_removal(operation)) {
        let member = facts.policy.protect.find_by_any_name(&operation.person, &operation.tenant, account);
        let Some(member) = member else { continue };
        let who = if *member == operation.person {
            format!("`{member}`")
        } else {
            format!("`{member}`, here `{}`,", operation.person)
        };
        let finding =
            Finding::error(&code::PROTECTED_PERSON, format!("{who} is protected and {}", describe_removal(operation)))
                .help(format!(
                    "name `{member}` for `{}/{}` again; an exception is a waiver of `protect` for that person",
                    operation.tenant, operation.license
                ))
                .at(operation.location())
                .people([member.clone()])
                .value("operation", operation.kind.as_str())
                .value("effect", operation.effect.as_str())
                .smallest_change(format!("let `{member}` keep `{}/{}`", operation.tenant, operation.license));
        violations.push(Violation::new(&RULE, Level::Deny, finding).scoped_to(&operation.tenant, &operation.license));
    }
}

/// Protected people whom no tenant has: mostly a slip of the pen, which would protect nobody.
fn check_unmatched(facts: &PlanFacts<'_>, violations: &mut Vec<Violation>) {
    let protect = &facts.policy.protect;
    // Where a part was not seen, absence proves nothing.
    let all =
        facts.desired.tenants.keys().all(|tenant| facts.observations.get(tenant).is_some_and(|seen| seen.complete));
    if !all {
        return;
    }
    let accounts =
        facts.observations.iter().flat_map(|(tenant, seen)| seen.accounts.iter().map(move |one| (tenant, one)));
    let seen: BTreeSet<&SmolStr> = accounts
        .filter_map(|(tenant, account)| protect.find_by_any_name(&account.email, tenant, Some(account)))
        .collect();
    for key in protect.keys().difference(&seen) {
        let finding =
            Finding::warning(&code::UNKNOWN_POLICY_PERSON, format!("no tenant has `{key}`, whom `protect` names"))
                .help("correct the address, or take it out of `protect`")
                .people([(*key).clone()])
                .smallest_change(format!("take `{key}` out of `protect`"));
        violations.push(Violation::new(&RULE, Level::Warn, finding));
    }
}
