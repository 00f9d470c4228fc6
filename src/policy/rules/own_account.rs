//! Rule `own-account`: the account that reseat uses never loses a license.
//!
//! Without its license, the account may lose the permission to restore it.

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
    checks: "No operation removes a license from the tenant's `own_account`.",
    rationale: "Without its license, the account that applies the plan may lose its permissions during the run.",
    remedy: "Assign the license to the account, or use another account.",
    example: "tenants: { phones: { own_account: api-bot@acme.example } }",
};

/// Reports operations that remove a license from the account that applies them.
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
            let message = format!("`{tenant}` has no account `{own}` (`own_account`)");
            let finding = Finding::warning(&code::UNKNOWN_POLICY_PERSON, message)
                .help("use the account's ID, login or address")
                .at(facts.desired.files.source(desired.settings.source));
            violations.push(Violation::new(&RULE, Level::Warn, finding).scoped_to(tenant, None));
        }
    }
    for (operation, account) in facts.operations().filter(|(operation, _)| is_removal(operation)) {
        let Some(own) = own(&operation.tenant) else { continue };
        if !account.is_some_and(|account| matches_account(account, own)) {
            continue;
        }
        let message = format!("`{own}` applies the plan and {}", describe_removal(operation));
        let finding = Finding::error(&code::OWN_ACCOUNT, message)
            .help(format!("assign `{1}/{2}` to `{0}`", operation.person, operation.tenant, operation.license))
            .at(operation.location())
            .people([operation.person.clone()])
            .value("account", operation.account.as_str())
            .smallest_change(format!("keep `{}/{}`", operation.tenant, operation.license));
        violations.push(Violation::new(&RULE, Level::Deny, finding).scoped_to(&operation.tenant, &operation.license));
    }
}

/// Returns whether an account has that ID, login or address.
fn matches_account(account: &Account, name: &str) -> bool {
    account.id.eq_ignore_ascii_case(name)
        || account.login.as_ref().is_some_and(|login| login.eq_ignore_ascii_case(name))
        || PersonKey::normalize(&account.email) == PersonKey::normalize(name)
}
