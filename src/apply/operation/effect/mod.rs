//! What an account shows of an operation.
//!
//! Pure and separate from sending, so that checks before, right after and long after an operation agree.

use crate::model::{Account, Holding, HoldingOrigin, HoldingState, Operation, OperationKind};
use crate::profile::Rules;

/// What an account shows of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ObservedEffect {
    /// The effect is visible.
    Present,
    /// The vendor is processing it.
    InProgress,
    /// No effect is visible.
    Absent,
    /// Something else happened.
    Other(String),
}

/// Returns the observed effect of `operation`; `before` is what the account held when it was sent, if known.
pub(crate) fn observe_effect(
    rules: &Rules,
    operation: &Operation,
    before: Option<&[Holding]>,
    account: Option<&Account>,
) -> ObservedEffect {
    let Some(account) = account else {
        return match operation.kind {
            OperationKind::Cancel | OperationKind::Remove | OperationKind::Release => ObservedEffect::Present,
            OperationKind::Change | OperationKind::Assign | OperationKind::Restore => {
                ObservedEffect::Other("the account no longer exists".to_owned())
            }
        };
    };
    match operation.kind {
        OperationKind::Cancel => observe_cancel(operation, account),
        OperationKind::Remove => observe_remove(operation, account),
        OperationKind::Change => {
            observe_assign(rules, operation.to.as_deref().unwrap_or(&operation.license), before, account)
        }
        OperationKind::Assign => observe_assign(rules, &operation.license, before, account),
        OperationKind::Restore => {
            let is_present = operation.memberships.iter().all(|membership| account.memberships.contains(membership));
            if is_present { ObservedEffect::Present } else { ObservedEffect::Absent }
        }
        // No vendor shows what it stopped billing.
        OperationKind::Release => ObservedEffect::Present,
    }
}

fn observe_cancel(operation: &Operation, account: &Account) -> ObservedEffect {
    let mut holdings = account.holdings.iter().filter(|holding| is_direct(holding, &operation.license));
    if holdings.clone().any(|holding| matches!(holding.state, HoldingState::Pending | HoldingState::Waiting)) {
        ObservedEffect::Absent
    } else if holdings.any(Holding::uses_seat) {
        ObservedEffect::Other(format!("`{}` took effect before it could be cancelled", operation.license))
    } else {
        ObservedEffect::Present
    }
}

fn observe_remove(operation: &Operation, account: &Account) -> ObservedEffect {
    let mut held = account
        .holdings
        .iter()
        .filter(|holding| is_direct(holding, &operation.license) && holding.state.is_held())
        .peekable();
    if held.peek().is_none() {
        ObservedEffect::Present
    } else if held.all(|holding| holding.state == HoldingState::Removing) {
        ObservedEffect::InProgress
    } else {
        ObservedEffect::Absent
    }
}

fn observe_assign(rules: &Rules, license: &str, before: Option<&[Holding]>, account: &Account) -> ObservedEffect {
    let is_new = |holding: &Holding| before.is_some_and(|before| !before.contains(holding));
    let of_license = || account.holdings.iter().filter(|holding| holding.license == license && !holding.trial);
    if of_license().any(|holding| matches!(holding.state, HoldingState::Active | HoldingState::Suspended)) {
        return ObservedEffect::Present;
    }
    if of_license().any(|holding| matches!(holding.state, HoldingState::Pending | HoldingState::Waiting)) {
        return ObservedEffect::InProgress;
    }
    let has_failed = |holding: &&Holding| matches!(holding.state, HoldingState::Error | HoldingState::Cancelled);
    if let Some(holding) = of_license().filter(has_failed).find(|holding| is_new(holding)) {
        return ObservedEffect::Other(format!("the request for `{license}` ended as `{}`", holding.state.as_str()));
    }
    let family = rules.family(license);
    let holds_nothing =
        || !account.holdings.iter().any(|held| held.state.is_held() && rules.family(&held.license) == family);
    if rules.is_floor(license) && holds_nothing() {
        // A vendor may omit the floor license, which everybody holds.
        return ObservedEffect::Present;
    }
    let replacement = account.holdings.iter().find(|holding| {
        let was_held =
            before.is_some_and(|before| before.iter().any(|old| old.license == holding.license && old.state.is_held()));
        holding.state == HoldingState::Active
            && is_new(holding)
            && !was_held
            && holding.license != license
            && rules.family(&holding.license) == family
    });
    match replacement {
        Some(holding) => {
            ObservedEffect::Other(format!("the vendor assigned `{}` instead of `{license}`", holding.license))
        }
        None => ObservedEffect::Absent,
    }
}

fn is_direct(holding: &Holding, license: &str) -> bool {
    holding.license == license && holding.origin == HoldingOrigin::Direct
}

/// Describes what the account holds of the license's family, as the end of a sentence: "holds `X2`, `X4` (pending)".
pub(crate) fn describe_holdings(rules: &Rules, license: &str, account: &Account) -> String {
    let family = rules.family(license);
    let held: Vec<String> = account
        .holdings
        .iter()
        .filter(|holding| rules.family(&holding.license) == family)
        .map(|holding| {
            let mut notes = Vec::new();
            if holding.trial {
                notes.push("trial".to_owned());
            }
            if holding.state != HoldingState::Active {
                notes.push(holding.state.as_str().to_owned());
            }
            if holding.origin != HoldingOrigin::Direct {
                notes.push(holding.origin.to_string());
            }
            let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) };
            format!("`{}`{notes}", holding.license)
        })
        .collect();
    match (held.is_empty(), family.is_exclusive()) {
        (false, _) => format!("holds {}", held.join(", ")),
        (true, true) => "holds no license".to_owned(),
        (true, false) => format!("does not hold `{license}`"),
    }
}

#[cfg(test)]
mod tests;
