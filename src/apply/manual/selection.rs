//! What is to be handed over, by a fresh reading of the tenant and by what earlier runs handed over.

use std::collections::{BTreeMap, BTreeSet};

use super::previous::matches_observation;
use crate::apply::operation::describe_intent;
use crate::apply::operation::result::{FailureCause, OperationResult};
use crate::apply::operation::verify::{ObservedEffect, describe_holdings, observe_effect};
use crate::apply::run::context::RunContext;
use crate::apply::run::schedule::OperationIndex;
use crate::apply::target::Target;
use crate::model::{Account, Observation, Operation, OperationId, OperationKind, Outcome, SkipReason};
use crate::store::PreviousAttempt;

/// What becomes of the operations of a tenant before anything is handed over.
#[derive(Debug, Default)]
pub(super) struct HandoverSelection {
    /// To be handed over.
    pub(super) open: Vec<OperationIndex>,
    /// Those of them of which nobody knows whether they were done.
    pub(super) uncertain: BTreeSet<OperationId>,
    /// Said to be done, and not to be seen.
    pub(super) reported_done: BTreeSet<OperationId>,
    /// What ends without being handed over.
    pub(super) ended: Vec<(OperationIndex, OperationResult)>,
}

/// What one operation comes to.
enum StepDecision {
    HandOver,
    HandOverUncertain,
    /// Handed over before, and to be waited for.
    Wait(OperationResult),
    End(OperationResult),
}

/// Looks at everybody.
pub(super) fn select_steps(
    bench: &RunContext,
    target: &Target,
    now: &Observation,
    indices: &[OperationIndex],
    asks: RepeatScope,
    export: Option<&str>,
) -> HandoverSelection {
    let accounts: BTreeMap<&str, &Account> = now.accounts.iter().map(|account| (&*account.id, account)).collect();
    let tenant = indices.first().map(|index| bench.operation(*index).tenant.clone()).unwrap_or_default();
    let seen = bench.plan.inputs.observations.get(&tenant);
    let is_unchanged = seen.is_some_and(|seen| matches_observation(seen, now));
    let mut looked = HandoverSelection::default();
    let mut standing: BTreeMap<&OperationId, Outcome> = BTreeMap::new();
    for index in indices {
        let operation = bench.operation(*index);
        let account = accounts.get(&*operation.account).copied();
        let look = StepReview { bench, target, operation, account, outcomes: &standing, is_unchanged, export };
        match look.decide(asks) {
            verdict @ (StepDecision::HandOver | StepDecision::HandOverUncertain) => {
                standing.insert(&operation.id, Outcome::Pending);
                looked.open.push(*index);
                if matches!(verdict, StepDecision::HandOverUncertain) {
                    looked.uncertain.insert(operation.id.clone());
                }
            }
            StepDecision::Wait(fate) => {
                standing.insert(&operation.id, Outcome::Pending);
                looked.reported_done.insert(operation.id.clone());
                looked.ended.push((*index, fate));
            }
            StepDecision::End(fate) => {
                standing.insert(&operation.id, fate.outcome);
                looked.ended.push((*index, fate));
            }
        }
    }
    looked
}

/// What is asked again of what an earlier run handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RepeatScope {
    /// What nobody knows anything of.
    Unknown,
    /// What stands in a document, for somebody is here who can be asked.
    Unanswered,
    /// Everything that is not to be seen.
    Everything,
}

struct StepReview<'a> {
    bench: &'a RunContext,
    target: &'a Target,
    operation: &'a Operation,
    account: Option<&'a Account>,
    outcomes: &'a BTreeMap<&'a OperationId, Outcome>,
    is_unchanged: bool,
    export: Option<&'a str>,
}

impl StepReview<'_> {
    fn decide(&self, asks: RepeatScope) -> StepDecision {
        let operation = self.operation;
        let earlier = self.bench.previous.get(&operation.id);
        if let Some(lost) = operation.after.iter().find(|id| {
            self.outcomes.get(id).is_some_and(|outcome| !outcome.is_success() && *outcome != Outcome::Pending)
        }) {
            let word = self.outcomes.get(lost).map_or("", |outcome| outcome.as_str());
            let message = format!("not handed over, for it needs `{lost}`, which is {word}");
            return StepDecision::End(OperationResult::skipped(SkipReason::Dependent, message));
        }
        if operation.kind == OperationKind::Release {
            return self.decide_release(earlier);
        }
        let sight = observe_effect(&self.target.rules, operation, None, self.account);
        match earlier {
            Some(earlier) => self.decide_again(earlier, sight, asks),
            None => self.decide_first(&sight),
        }
    }

    /// Nobody can look up what a vendor stopped to bill: it counts as done when what freed the seat is.
    fn decide_release(&self, earlier: Option<&PreviousAttempt>) -> StepDecision {
        let Some(earlier) = earlier else { return StepDecision::HandOver };
        let is_freed = |id: &OperationId| self.outcomes.get(id).is_none_or(|outcome| outcome.is_success());
        let message = format!("handed over by `{}`; nobody can look it up", earlier.run);
        if earlier.outcome == Some(Outcome::Applied) || self.operation.after.iter().all(is_freed) {
            StepDecision::End(OperationResult::new(Outcome::Already, message))
        } else {
            StepDecision::Wait(OperationResult::new(Outcome::Pending, message))
        }
    }

    fn decide_again(&self, earlier: &PreviousAttempt, sight: ObservedEffect, asks: RepeatScope) -> StepDecision {
        let run = &earlier.run;
        match sight {
            ObservedEffect::Present => {
                return StepDecision::End(OperationResult::new(
                    Outcome::Already,
                    format!("done by hand, as `{run}` asked for"),
                ));
            }
            ObservedEffect::InProgress => {
                return StepDecision::Wait(OperationResult::new(Outcome::Pending, "the vendor is at it".to_owned()));
            }
            ObservedEffect::Other(what) => {
                return StepDecision::End(OperationResult::new(Outcome::Failed, what).caused_by(FailureCause::Refused));
            }
            ObservedEffect::Absent => {}
        }
        let is_answered = earlier.handle.is_none();
        match earlier.outcome {
            Some(Outcome::Applied | Outcome::Already) => {
                let message = format!("done as `{run}` asked for, and undone since");
                StepDecision::End(OperationResult::skipped(SkipReason::Stale, message))
            }
            Some(Outcome::Pending) if asks == RepeatScope::Everything => {
                self.check_expectations(StepDecision::HandOverUncertain)
            }
            Some(Outcome::Pending) if asks == RepeatScope::Unanswered && !is_answered => {
                self.check_expectations(StepDecision::HandOver)
            }
            Some(Outcome::Pending) => {
                StepDecision::Wait(OperationResult::new(Outcome::Pending, self.waiting_reason(earlier)))
            }
            None | Some(Outcome::Unknown) => self.check_expectations(StepDecision::HandOverUncertain),
            Some(Outcome::Failed | Outcome::Skipped) => self.check_expectations(StepDecision::HandOver),
        }
    }

    /// Why something that was handed over is waited for.
    fn waiting_reason(&self, earlier: &PreviousAttempt) -> String {
        let run = &earlier.run;
        let handed = match &earlier.handle {
            Some(document) => format!("handed over in `{document}` by `{run}`"),
            None => format!("done by hand in `{run}`, as somebody said"),
        };
        let export = self.export.map_or_else(|| "the export".to_owned(), |path| format!("`{path}`"));
        if self.is_unchanged {
            format!("{handed}; {export} has not changed since the plan: export anew")
        } else {
            format!("{handed}; {export} still shows the state from before the step")
        }
    }

    fn decide_first(&self, sight: &ObservedEffect) -> StepDecision {
        if *sight == ObservedEffect::Present && !self.has_open_step() {
            return StepDecision::End(OperationResult::new(Outcome::Already, None));
        }
        self.check_expectations(StepDecision::HandOver)
    }

    /// Whether a step of the same person before this one is still to be done, so that nothing can be expected of them yet.
    fn has_open_step(&self) -> bool {
        let own = |id: &&OperationId| {
            let before = self.bench.index_of(id).map(|index| self.bench.operation(index));
            before.is_some_and(|before| before.account == self.operation.account)
        };
        self.operation.after.iter().filter(own).any(|id| self.outcomes.get(id) == Some(&Outcome::Pending))
    }

    /// Lets an operation be handed over, if its person is as the plan supposes.
    fn check_expectations(&self, verdict: StepDecision) -> StepDecision {
        let operation = self.operation;
        let Some(account) = self.account else {
            return StepDecision::End(stale(format!("the account `{}` is gone", operation.account)));
        };
        if self.has_open_step() || self.target.rules.expects(&account.holdings, &operation.license) == operation.expects
        {
            return verdict;
        }
        let license = operation.to.as_deref().unwrap_or(&operation.license);
        let holds = describe_holdings(&self.target.rules, license, account);
        let message = format!(
            "{} changed since the plan: now {holds}, and the plan {}",
            operation.person,
            describe_intent(operation)
        );
        StepDecision::End(stale(message))
    }
}

fn stale(message: String) -> OperationResult {
    OperationResult::skipped(SkipReason::Stale, message)
}
