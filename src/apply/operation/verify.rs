//! Reading an operation back until its result is certain.

use std::time::Duration;

use smol_str::SmolStr;

use super::{FailureCause, ObservedEffect, OperationResult, observe_effect};
use crate::adapter::{AdapterError, ErrorKind, OperationHandle, Receipt};
use crate::apply::pacing::Permit;
use crate::apply::pacing::wait_budget::PollSchedule;
use crate::apply::tenant::TenantClient;
use crate::model::{Account, Holding, Operation, OperationKind, Outcome};

/// How long an effect may lag behind the answer, at a vendor whose changes take effect at once.
pub(crate) const READ_BACK_WINDOW: Duration = Duration::from_secs(5);

/// Why an effect that is not visible may still appear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// The vendor accepted the operation.
    Accepted,
    /// The vendor reported it as done.
    ReportedDone,
    /// The vendor reported that nothing was left to do.
    ReportedAlready,
    /// The answer is missing or unclear, for this reason.
    Uncertain(String),
    /// An earlier run sent it.
    PreviousRun(SmolStr),
}

/// An operation that was sent, and whose effect is not visible yet.
#[derive(Clone, Debug)]
pub(crate) struct InFlight {
    /// What the account held when it was sent, if known.
    pub(crate) holdings_before: Option<Vec<Holding>>,
    /// Why the effect may still appear.
    pub(crate) evidence: Evidence,
    /// The vendor's handle of an asynchronous operation.
    pub(crate) handle: Option<OperationHandle>,
}

/// What one reading showed of an operation that was sent.
pub(crate) enum ReadBack {
    /// The result is certain; with the account as it was read.
    Certain(OperationResult, Option<Account>),
    /// The result is not certain yet.
    Undecided(ObservedEffect),
    /// The reading failed.
    Unreadable(AdapterError),
}

impl TenantClient {
    /// Reads an operation back once.
    pub(crate) async fn read_back(&self, permit: &mut Permit, operation: &Operation, in_flight: &InFlight) -> ReadBack {
        let is_done = match &in_flight.handle {
            Some(handle) => match self.poll_handle(permit, operation, handle).await {
                Ok(is_done) => is_done,
                Err(known) => return known,
            },
            None => false,
        };
        if operation.kind == OperationKind::Release {
            return ReadBack::Certain(
                if is_done {
                    OperationResult::new(Outcome::Applied, None)
                } else {
                    OperationResult::new(Outcome::Unknown, "sent, but a release cannot be read back".to_owned())
                },
                None,
            );
        }
        let account = match self.read_account(permit, operation).await {
            Ok(account) => account,
            Err(error) => return ReadBack::Unreadable(error),
        };
        let before = in_flight.holdings_before.as_deref();
        let result = match observe_effect(&self.target.rules, operation, before, account.as_ref()) {
            ObservedEffect::Present => match &in_flight.evidence {
                Evidence::PreviousRun(run) => OperationResult::new(Outcome::Already, format!("sent by `{run}`")),
                Evidence::ReportedAlready => OperationResult::new(Outcome::Already, None),
                Evidence::Accepted | Evidence::ReportedDone | Evidence::Uncertain(_) => {
                    OperationResult::new(Outcome::Applied, None)
                }
            },
            ObservedEffect::Other(what) => OperationResult::new(Outcome::Failed, what).caused_by(FailureCause::Refused),
            effect @ (ObservedEffect::InProgress | ObservedEffect::Absent) => return ReadBack::Undecided(effect),
        };
        ReadBack::Certain(result, account)
    }

    /// Polls an asynchronous operation. Returns whether the vendor calls it done, or what makes a reading superfluous.
    async fn poll_handle(
        &self,
        permit: &mut Permit,
        operation: &Operation,
        handle: &OperationHandle,
    ) -> Result<bool, ReadBack> {
        match self.poll(permit, operation, handle).await {
            Ok(Receipt::Done | Receipt::Already) => Ok(true),
            Ok(Receipt::Accepted(_)) => Err(ReadBack::Undecided(ObservedEffect::InProgress)),
            Err(error) => match error.kind {
                ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Busy | ErrorKind::AccessDenied => {
                    Err(ReadBack::Unreadable(error))
                }
                // An unknown handle or a malformed answer tells nothing about the account.
                ErrorKind::NotFound | ErrorKind::Malformed | ErrorKind::Io | ErrorKind::Unsupported => Ok(false),
                ErrorKind::Conflict | ErrorKind::NoSeat | ErrorKind::Forbidden if error.maybe_in_effect => Ok(false),
                ErrorKind::Conflict | ErrorKind::NoSeat | ErrorKind::Forbidden => {
                    let result = OperationResult::from_error("accepted, and refused later: ", &error);
                    Err(ReadBack::Certain(result, None))
                }
            },
        }
    }

    /// Reads an operation back until its result is certain or the wait ends.
    ///
    /// A stop ends the wait, unless another operation depends on the result (`is_gap`) or the vendor is processing it: the
    /// next plan would not see it, and request it again.
    pub(crate) async fn await_effect(
        &self,
        operation: &Operation,
        in_flight: &InFlight,
        is_gap: bool,
    ) -> OperationResult {
        let (observe, evidence) = (&self.target.connection.observe, &in_flight.evidence);
        // Where changes take effect later, an answer does not tell when.
        let window = match evidence {
            Evidence::ReportedDone | Evidence::ReportedAlready | Evidence::Uncertain(_)
                if !self.target.rules.takes_effect_later() =>
            {
                Some(READ_BACK_WINDOW)
            }
            _ => None,
        };
        let is_immediate = observe.is_immediate() && *evidence != Evidence::Accepted;
        let stop = Some(&self.control().stop).filter(|_| !is_gap && in_flight.handle.is_none());
        let mut polls = PollSchedule::new(&self.control().wait_budget, stop, window);
        if in_flight.handle.is_some() {
            polls = polls.starting_slowly();
            polls.next().await;
        }
        loop {
            let seen = match self.read_back(&mut self.acquire_for_polling().await, operation, in_flight).await {
                ReadBack::Certain(result, _) => return result,
                ReadBack::Undecided(ObservedEffect::Absent) if is_immediate => {
                    return self.result_at_timeout(Ok(ObservedEffect::Absent), evidence);
                }
                ReadBack::Undecided(effect) => Ok(effect),
                ReadBack::Unreadable(error) => Err(error),
            };
            if !polls.next().await {
                return self.result_at_timeout(seen, evidence);
            }
        }
    }

    /// Returns the result of an operation whose effect did not appear before the wait ended.
    fn result_at_timeout(&self, seen: Result<ObservedEffect, AdapterError>, evidence: &Evidence) -> OperationResult {
        let effect = match seen {
            Ok(effect) => effect,
            Err(error) => {
                let result = OperationResult::from_error("sent, but the result could not be read back: ", &error);
                return OperationResult { outcome: Outcome::Unknown, ..result };
            }
        };
        let failed = |message: String, cause| OperationResult::new(Outcome::Failed, message).caused_by(cause);
        match (effect, evidence) {
            (ObservedEffect::InProgress, _) | (_, Evidence::Accepted) => {
                OperationResult::new(Outcome::Pending, "accepted, but not in effect yet".to_owned())
            }
            // A stop ended the reading before the result was certain.
            (_, _) if self.control().stop.is_stopped() && !self.control().wait_budget.remaining().is_zero() => {
                let message = "sent, and the run was stopped before its effect was visible".to_owned();
                OperationResult::new(Outcome::Unknown, message)
            }
            (_, Evidence::ReportedDone | Evidence::ReportedAlready) => {
                failed("the vendor reported success, but nothing changed".to_owned(), FailureCause::Refused)
            }
            (_, Evidence::Uncertain(why)) => {
                failed(format!("no effect, and no clear answer: {why}"), FailureCause::Unconfirmed)
            }
            (_, Evidence::PreviousRun(run)) => {
                failed(format!("sent by `{run}` without effect; plan again"), FailureCause::NoEffect)
            }
        }
    }
}
