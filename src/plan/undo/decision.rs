//! The decision about one person's licenses: restore the former state, or leave them.

use smol_str::SmolStr;

use super::reversal::Reversal;
use crate::diff::satisfies_assignment;
use crate::model::{Account, Holding, HoldingOrigin, TenantSettings};
use crate::profile::{Family, Rules};

/// The decision about one set of exclusive licenses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ReversalDecision<'p> {
    /// The former state is already restored.
    AlreadyRestored,
    /// This license is assigned again.
    Reassign(&'p SmolStr),
    /// These licenses are removed without a replacement.
    Remove(Vec<&'p SmolStr>),
    /// The holdings changed since the run.
    ChangedSince(String),
    /// A trial was held before, which cannot be assigned.
    WasTrial(&'p SmolStr),
    /// Two exclusive licenses were held before.
    HeldSeveral,
    /// The mode forbids the removal of this license.
    ModeForbids(&'p SmolStr),
}

/// Compares current holdings with those before and after the run.
pub(super) fn decide<'p>(
    turn: &Reversal<'p>,
    family: &Family,
    account: &Account,
    rules: &Rules,
    settings: &TenantSettings,
) -> ReversalDecision<'p> {
    let is_direct = |holding: &&Holding| holding.origin == HoldingOrigin::Direct;
    let of_family = account.holdings.iter().filter(is_direct).filter(|one| rules.family(&one.license) == *family);
    let held: Vec<&Holding> =
        of_family.filter(|one| satisfies_assignment(one) && !rules.is_floor(&one.license)).collect();
    let holds = |license: &SmolStr| held.iter().any(|one| one.license == *license);
    if turn.before.is_empty() {
        // Only a request was cancelled.
        return ReversalDecision::AlreadyRestored;
    }
    let is_other = |one: &&&Holding| !turn.before.contains_key(&one.license);
    let has_others = held.iter().any(|one| is_other(&one));
    if !has_others && turn.before.iter().all(|(license, before)| holds(license) == *before) {
        return ReversalDecision::AlreadyRestored;
    }
    let fits = turn.after.iter().all(|(license, after)| after.is_none_or(|after| holds(license) == after));
    if has_others || !fits {
        let mut names: Vec<String> = held.iter().map(|one| format!("`{}`", one.license)).collect();
        names.sort();
        return ReversalDecision::ChangedSince(if names.is_empty() { "nothing".to_owned() } else { names.join(", ") });
    }
    if let Some(trial) = turn.trial {
        return ReversalDecision::WasTrial(trial);
    }
    let mut before = turn.held_before();
    match (before.next(), before.next()) {
        (Some(_), Some(_)) => ReversalDecision::HeldSeveral,
        (Some(license), None) => ReversalDecision::Reassign(license),
        (None, _) => {
            let goes: Vec<&SmolStr> = turn.before.keys().copied().filter(|license| holds(license)).collect();
            match goes.iter().find(|license| !settings.mode_for(license).can_remove()) {
                Some(license) => ReversalDecision::ModeForbids(license),
                None => ReversalDecision::Remove(goes),
            }
        }
    }
}
