//! Which manual steps are handed over, by a fresh reading of the tenant and earlier handovers.

use std::collections::{BTreeMap, BTreeSet};

use super::previous::matches_observation;
use crate::apply::operation::{FailureCause, ObservedEffect, OperationResult, changed_since_plan, observe_effect};
use crate::apply::run::context::RunContext;
use crate::apply::run::schedule::OperationIndex;
use crate::apply::target::Target;
use crate::model::{Account, Observation, Operation, OperationId, OperationKind, Outcome, SkipReason};
use crate::store::PreviousAttempt;

/// The steps of a tenant, sorted by what happens to them.
#[derive(Debug, Default)]
pub(super) struct HandoverSelection {
    /// To hand over.
    pub(super) open: Vec<OperationIndex>,
    /// Open steps that may be done already.
    pub(super) uncertain: BTreeSet<OperationId>,
    /// Reported as done, and not visible yet.
    pub(super) reported_done: BTreeSet<OperationId>,
    /// Not handed over, with the result.
    pub(super) ended: Vec<(OperationIndex, OperationResult)>,
}

/// What happens to one step.
enum StepDecision {
    HandOver,
    HandOverUncertain,
    /// It was handed over before, and is awaited.
    Wait(OperationResult),
    End(OperationResult),
}

/// Sorts the steps of a tenant.
pub(super) fn select_steps(
    context: &RunContext,
    target: &Target,
    now: &Observation,
    indices: &[OperationIndex],
    scope: RepeatScope,
    export: Option<&str>,
) -> HandoverSelection {
    let accounts: BTreeMap<&str, &Account> = now.accounts.iter().map(|account| (&*account.id, account)).collect();
    let tenant = indices.first().map(|index| context.operation(*index).tenant.clone()).unwrap_or_default();
    let planned_from = context.plan.inputs.observations.get(&tenant);
    let is_unchanged = planned_from.is_some_and(|input| matches_observation(input, now));
    let mut selection = HandoverSelection::default();
    let mut outcomes: BTreeMap<&OperationId, Outcome> = BTreeMap::new();
    for index in indices {
        let operation = context.operation(*index);
        let account = accounts.get(&*operation.account).copied();
        let review = StepReview { context, target, operation, account, outcomes: &outcomes, is_unchanged, export };
        let outcome = match review.decide(scope) {
            StepDecision::HandOver => {
                selection.open.push(*index);
                Outcome::Pending
            }
            StepDecision::HandOverUncertain => {
                selection.open.push(*index);
                selection.uncertain.insert(operation.id.clone());
                Outcome::Pending
            }
            StepDecision::Wait(result) => {
                selection.reported_done.insert(operation.id.clone());
                selection.ended.push((*index, result));
                Outcome::Pending
            }
            StepDecision::End(result) => {
                let outcome = result.outcome;
                selection.ended.push((*index, result));
                outcome
            }
        };
        outcomes.insert(&operation.id, outcome);
    }
    selection
}

/// Which steps of an earlier handover are handed over again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RepeatScope {
    /// Those with an unknown result.
    Unknown,
    /// Also those in a document, because a person at the terminal can be asked.
    Unanswered,
    /// All that are not visible.
    Everything,
}

struct StepReview<'a> {
    context: &'a RunContext,
    target: &'a Target,
    operation: &'a Operation,
    account: Option<&'a Account>,
    /// The outcomes of earlier steps.
    outcomes: &'a BTreeMap<&'a OperationId, Outcome>,
    is_unchanged: bool,
    export: Option<&'a str>,
}

impl StepReview<'_> {
    fn decide(&self, scope: RepeatScope) -> StepDecision {
        let operation = self.operation;
        let previous = self.context.previous.get(&operation.id);
        let failed = operation.after.iter().find_map(|id| {
            let outcome = self.outcomes.get(id).filter(|outcome| !outcome.is_success())?;
            (*outcome != Outcome::Pending).then_some((id, outcome.as_str()))
        });
        if let Some((id, outcome)) = failed {
            let message = format!("not handed over: depends on `{id}` ({outcome})");
            return StepDecision::End(OperationResult::skipped(SkipReason::Dependent, message));
        }
        if operation.kind == OperationKind::Release {
            return self.decide_release(previous);
        }
        let effect = observe_effect(&self.target.rules, operation, None, self.account);
        match previous {
            Some(previous) => self.decide_again(previous, effect, scope),
            None => self.decide_first(&effect),
        }
    }

    /// Decides about a release, which cannot be read back: it counts as done once the steps that freed the seat are.
    fn decide_release(&self, previous: Option<&PreviousAttempt>) -> StepDecision {
        let Some(previous) = previous else { return StepDecision::HandOver };
        let is_freed = |id: &OperationId| self.outcomes.get(id).is_none_or(|outcome| outcome.is_success());
        let message = format!("handed over by `{}`; a release cannot be read back", previous.run);
        if previous.outcome == Some(Outcome::Applied) || self.operation.after.iter().all(is_freed) {
            StepDecision::End(OperationResult::new(Outcome::Already, message))
        } else {
            StepDecision::Wait(OperationResult::new(Outcome::Pending, message))
        }
    }

    fn decide_again(&self, previous: &PreviousAttempt, effect: ObservedEffect, scope: RepeatScope) -> StepDecision {
        let run = &previous.run;
        match effect {
            ObservedEffect::Present => {
                let message = format!("done manually, as `{run}` requested");
                return StepDecision::End(OperationResult::new(Outcome::Already, message));
            }
            ObservedEffect::InProgress => {
                let message = "the vendor is processing it".to_owned();
                return StepDecision::Wait(OperationResult::new(Outcome::Pending, message));
            }
            ObservedEffect::Other(what) => {
                let failed = OperationResult::new(Outcome::Failed, what).caused_by(FailureCause::Refused);
                return StepDecision::End(failed);
            }
            ObservedEffect::Absent => {}
        }
        let is_in_document = previous.handle.is_some();
        match previous.outcome {
            Some(Outcome::Applied | Outcome::Already) => {
                let message = format!("done as `{run}` requested, and reverted since");
                StepDecision::End(OperationResult::skipped(SkipReason::Stale, message))
            }
            Some(Outcome::Pending) if scope == RepeatScope::Everything => {
                self.check_expectations(StepDecision::HandOverUncertain)
            }
            Some(Outcome::Pending) if scope == RepeatScope::Unanswered && is_in_document => {
                self.check_expectations(StepDecision::HandOver)
            }
            Some(Outcome::Pending) => {
                StepDecision::Wait(OperationResult::new(Outcome::Pending, self.waiting_reason(previous)))
            }
            None | Some(Outcome::Unknown) => self.check_expectations(StepDecision::HandOverUncertain),
            Some(Outcome::Failed | Outcome::Skipped) => self.check_expectations(StepDecision::HandOver),
        }
    }

    fn waiting_reason(&self, previous: &PreviousAttempt) -> String {
        let run = &previous.run;
        let handed_over = match &previous.handle {
            Some(document) => format!("handed over in `{document}` by `{run}`"),
            None => format!("reported as done in `{run}`, not verified yet"),
        };
        let export = self.export.map_or_else(|| "the export".to_owned(), |path| format!("`{path}`"));
        if self.is_unchanged {
            format!("{handed_over}; {export} has not changed since the plan: export again")
        } else {
            format!("{handed_over}; {export} still shows the state before the step")
        }
    }

    fn decide_first(&self, effect: &ObservedEffect) -> StepDecision {
        if *effect == ObservedEffect::Present && !self.has_open_step() {
            return StepDecision::End(OperationResult::new(Outcome::Already, None));
        }
        self.check_expectations(StepDecision::HandOver)
    }

    /// Whether an earlier step of the same person is still open, so that the account cannot be as the plan expects.
    fn has_open_step(&self) -> bool {
        let is_own = |id: &&OperationId| {
            let before = self.context.index_of(id).map(|index| self.context.operation(index));
            before.is_some_and(|before| before.account == self.operation.account)
        };
        self.operation.after.iter().filter(is_own).any(|id| self.outcomes.get(id) == Some(&Outcome::Pending))
    }

    /// Returns `decision` if the account is as the plan expects.
    fn check_expectations(&self, decision: StepDecision) -> StepDecision {
        let operation = self.operation;
        let stale = |message| StepDecision::End(OperationResult::skipped(SkipReason::Stale, message));
        let Some(account) = self.account else {
            return stale(format!("the account `{}` no longer exists", operation.account));
        };
        let is_expected = || self.target.rules.expects(&account.holdings, &operation.license) == operation.expects;
        if self.has_open_step() || is_expected() {
            return decision;
        }
        stale(changed_since_plan(self.target, operation, account))
    }
}
