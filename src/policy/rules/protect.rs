//! Rule `protect`: protected people never lose a license.
//!
//! The list is part of the policy, so that an edit of an assignment does not remove its protection. It matches people by every
//! name that the trusted manifest or the manifest under review knows, so that a new alias does not circumvent it.

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
    checks: "No operation removes a license or a pending request of a person in `protect`, or destroys their data. A \
             move removes the old license. Gains are allowed.",
    rationale: "Some people must not lose a license by mistake, not even for a minute. The list is separate from the \
          assignments, so that an edit of an assignment does not remove its protection.",
    remedy: "Assign the license again, or add a waiver for that person and license.",
    example: "protect: [ceo@acme.example, group:board]",
};

/// Returns whether an operation removes something from its person.
pub(super) fn is_removal(operation: &Operation) -> bool {
    let removes = matches!(operation.kind, OperationKind::Cancel | OperationKind::Remove | OperationKind::Change);
    removes && (operation.effect != Effect::Gain || !operation.loses.is_empty())
}

/// Describes what an operation removes.
pub(super) fn describe_removal(operation: &Operation) -> String {
    let license = format!("`{}/{}`", operation.tenant, operation.license);
    match operation.kind {
        OperationKind::Cancel => format!("loses the pending request for {license}"),
        _ if operation.effect == Effect::Move => format!("is moved from {license}"),
        _ => format!("loses {license}"),
    }
}

/// Reports operations that remove something from a protected person.
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
                    "assign `{}/{}` to `{member}` again, or add a waiver of `protect` for that person",
                    operation.tenant, operation.license
                ))
                .at(operation.location())
                .people([member.clone()])
                .value("operation", operation.kind.as_str())
                .value("effect", operation.effect.as_str())
                .smallest_change(format!("keep `{}/{}` of `{member}`", operation.tenant, operation.license));
        violations.push(Violation::new(&RULE, Level::Deny, finding).scoped_to(&operation.tenant, &operation.license));
    }
}

/// Reports protected people whom no tenant has: usually a typo, which protects nobody.
fn check_unmatched(facts: &PlanFacts<'_>, violations: &mut Vec<Violation>) {
    let protect = &facts.policy.protect;
    // An incomplete observation proves no absence.
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
            Finding::warning(&code::UNKNOWN_POLICY_PERSON, format!("no tenant has `{key}`, who is in `protect`"))
                .help("correct the address, or remove it from `protect`")
                .people([(*key).clone()])
                .smallest_change(format!("remove `{key}` from `protect`"));
        violations.push(Violation::new(&RULE, Level::Warn, finding));
    }
}
