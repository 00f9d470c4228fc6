//! The account that the tool itself uses at a tenant: nothing is taken from it.
//!
//! Who removes their own license may lose the permission to give it back to anybody.

use smol_str::SmolStr;

use super::protect::{describe_removal, is_removal};
use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::model::{Account, PersonKey};
use crate::policy::facts::PlanFacts;
use crate::policy::rule::{RuleDescriptor, Stage, Violation};

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "own-account",
    codes: &[&code::OWN_ACCOUNT, &code::UNKNOWN_POLICY_PERSON],
    level: Some(Level::Deny),
    stage: Stage::Plan,
    checks: "No operation takes a license from the account that the tenant names as `own_account`.",
    rationale: "Whoever removes the license of the account that applies the plan may lock themselves out half-way.",
    remedy: "Name the account for its license, or use another account.",
    example: "tenants: { phones: { own_account: api-bot@acme.example } }",
};

/// Operations that take something from the account that applies them.
pub(in crate::policy) fn check(facts: &PlanFacts<'_>, violations: &mut Vec<Violation>) {
    let own = |tenant: &SmolStr| facts.desired.tenants.get(tenant)?.settings.own_account.as_ref();
    if !facts.desired.tenants.values().any(|tenant| tenant.settings.own_account.is_some()) {
        return;
    }
    for (tenant, desired) in &facts.desired.tenants {
        let Some((own, seen)) = desired.settings.own_account.as_ref().zip(facts.observations.get(tenant)) else {
            continue;
        };
        if seen.complete && !seen.accounts.iter().any(|account| matches_account(account, own)) {
            let message = format!("`{tenant}` has no account `{own}`, which `own_account` names");
            let finding = Finding::warning(&code::UNKNOWN_POLICY_PERSON, message)
                .help("write the id, the login or the address of the account")
                .at(facts.desired.files.source(desired.settings.source));
            violations.push(Violation::new(&RULE, Level::Warn, finding).scoped_to(tenant, None));
        }
    }
    for (operation, account) in facts.operations().filter(|(operation, _)| is_removal(operation)) {
        let Some(own) = own(&operation.tenant) else { continue };
        if !account.is_some_and(|account| matches_account(account, own)) {
            continue;
        }
        let message = format!("`{own}` is the account that applies the plan, and {}", describe_removal(operation));
        let finding = Finding::error(&code::OWN_ACCOUNT, message)
            .help(format!("name `{}` for `{}/{}`", operation.person, operation.tenant, operation.license))
            .at(operation.location())
            .people([operation.person.clone()])
            .value("account", operation.account.as_str())
            .smallest_change(format!("let it keep `{}/{}`", operation.tenant, operation.license));
        violations.push(Violation::new(&RULE, Level::Deny, finding).scoped_to(&operation.tenant, &operation.license));
    }
}

/// Whether an account goes by that id, login or address.
fn matches_account(account: &Account, name: &str) -> bool {
    account.id.eq_ignore_ascii_case(name)
        || account.login.as_ref().is_some_and(|login| login.eq_ignore_ascii_case(name))
        || PersonKey::normalize(&account.email) == PersonKey::normalize(name)
}
