//! What every part of a run shares: the tenants, and how one looks and sends there.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;
use tokio::time::timeout;

use crate::adapter::{AdapterError, ErrorKind, OperationHandle, Receipt, with_reserved};
use crate::apply::operation::result::{FailureCause, OperationResult};
use crate::apply::operation::verify::{ObservedEffect, observe_effect};
use crate::apply::pacing::wait_budget::{PollSchedule, WaitBudget};
use crate::apply::pacing::{ConcurrencyLimiter, Permit};
use crate::apply::target::Target;
use crate::apply::{Event, EventSink, StopSignal};
use crate::env::Clock;
use crate::model::{Account, Holding, Observation, Operation, OperationKind, Outcome, Pool};

/// How long an effect may lag behind the answer, at a vendor where requests take effect with the answer.
pub(crate) const READ_BACK_WINDOW: Duration = Duration::from_secs(5);

/// How long one call to a vendor may take; adapters have shorter limits of their own.
const CALL_LIMIT: Duration = Duration::from_secs(300);

/// What every part of a run shares.
pub(crate) struct TenantClients {
    pub(crate) targets: BTreeMap<SmolStr, Target>,
    pub(crate) clock: Clock,
    pub(crate) wait_budget: Arc<WaitBudget>,
    pub(crate) events: EventSink,
    /// That the run ends soon, for whatever reason.
    pub(crate) stop: StopSignal,
    pub(crate) seed: u64,
    /// The way to each tenant.
    limiters: BTreeMap<SmolStr, Arc<ConcurrencyLimiter>>,
}

/// Why an effect that is not to be seen may be there soon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// The vendor accepted the operation.
    Accepted,
    /// The vendor said that it is done.
    ReportedDone,
    /// The vendor said that there was nothing to do.
    ReportedAlready,
    /// There was no answer to rely on, for this reason.
    Uncertain(String),
    /// An earlier run sent it.
    PreviousRun(SmolStr),
}

/// An operation that was sent, and whose effect is not there yet.
#[derive(Clone, Debug)]
pub(crate) struct InFlight {
    /// What was held when it was sent, where that is known.
    pub(crate) holdings_before: Option<Vec<Holding>>,
    /// Why the effect may still come.
    pub(crate) evidence: Evidence,
    /// What the vendor calls it while it is at work, if it gave it a name.
    pub(crate) handle: Option<OperationHandle>,
}

/// What a vendor said of an operation that it gave a name.
enum PollResult {
    /// It is done, and is to be read back.
    Done,
    /// What that means.
    Answered(ReadBack),
    /// Nothing that helps: it is to be read.
    NoAnswer,
}

/// What one look at an operation that was sent showed.
pub(crate) enum ReadBack {
    /// Its fate is certain; the account as it was seen.
    Certain(OperationResult, Option<Account>),
    /// It is not, by what was seen.
    Undecided(ObservedEffect),
    /// Nothing could be seen.
    Unreadable(AdapterError),
}

impl TenantClients {
    pub(crate) fn new(
        tenants: BTreeMap<SmolStr, Target>,
        clock: Clock,
        wait: Duration,
        seed: u64,
        watch: EventSink,
    ) -> Self {
        let patience = Arc::new(WaitBudget::new(wait));
        let stile = |(name, target): (&SmolStr, &Target)| {
            let stile =
                ConcurrencyLimiter::new(target.concurrency, Arc::clone(&target.limiter), Arc::clone(&patience), seed);
            (name.clone(), Arc::new(stile))
        };
        let stiles = tenants.iter().map(stile).collect();
        Self {
            targets: tenants,
            clock,
            wait_budget: patience,
            events: watch,
            stop: StopSignal::new(),
            seed,
            limiters: stiles,
        }
    }

    /// A tenant, and the way to it.
    pub(crate) fn tenant(&self, name: &str) -> Option<(&Target, &Arc<ConcurrencyLimiter>)> {
        Some((self.targets.get(name)?, self.limiters.get(name)?))
    }

    /// Reads the account of an operation afresh.
    pub(crate) async fn read_account(
        &self,
        turn: &mut Permit,
        target: &Target,
        operation: &Operation,
    ) -> Result<Option<Account>, AdapterError> {
        let call = target.connection.observe.account(&operation.account);
        self.call(turn, &operation.tenant, call).await
    }

    /// Asks a tenant why it takes no changes just now, if it does not.
    pub(crate) async fn read_busy_reason(
        &self,
        turn: &mut Permit,
        tenant: &str,
        target: &Target,
    ) -> Result<Option<String>, AdapterError> {
        self.call(turn, tenant, target.connection.observe.busy()).await
    }

    /// Reads the pools of a tenant afresh.
    pub(crate) async fn read_pools(
        &self,
        turn: &mut Permit,
        tenant: &str,
        target: &Target,
    ) -> Result<Vec<Pool>, AdapterError> {
        self.call(turn, tenant, target.connection.observe.pools()).await
    }

    /// Reads a tenant as a whole.
    pub(crate) async fn observe(
        &self,
        turn: &mut Permit,
        tenant: &str,
        target: &Target,
    ) -> Result<Observation, AdapterError> {
        self.call(turn, tenant, target.connection.observe.observe()).await
    }

    /// Sends operations in one call, each once. The caller holds the tokens of the call.
    pub(crate) async fn execute(
        &self,
        target: &Target,
        operations: &[&Operation],
    ) -> Vec<Result<Receipt, AdapterError>> {
        let Some(execute) = &target.connection.execute else {
            let reads_only = |operation: &&Operation| {
                let message = format!("nothing can be sent to `{}`: its adapter only reads", operation.tenant);
                Err(AdapterError::new(ErrorKind::Unsupported, message))
            };
            return operations.iter().map(reads_only).collect();
        };
        let call = async {
            match operations {
                [operation] => vec![execute.execute(operation).await],
                operations => execute.execute_batch(operations).await,
            }
        };
        let no_answer = || Err(AdapterError { maybe_in_effect: true, ..no_answer() });
        let call = with_reserved(execute.requests_per_call(), call);
        let mut answers = timeout(CALL_LIMIT, call).await.unwrap_or_default();
        // An adapter that forgets one has perhaps sent it.
        answers.resize_with(operations.len(), no_answer);
        if let Some(operation) = operations.first() {
            for answer in &answers {
                self.adjust_limiter(&operation.tenant, answer);
            }
        }
        answers
    }

    /// One request that changes nothing.
    async fn call<T>(
        &self,
        turn: &mut Permit,
        tenant: &str,
        call: impl Future<Output = Result<T, AdapterError>>,
    ) -> Result<T, AdapterError> {
        if turn.wait_for_tokens(1).await.is_err() {
            return Err(wait_expired());
        }
        let answer = timeout(CALL_LIMIT, with_reserved(1, call)).await.unwrap_or_else(|_| Err(no_answer()));
        self.adjust_limiter(tenant, &answer);
        answer
    }

    /// Does what an answer asks of those that come after.
    fn adjust_limiter<T>(&self, tenant: &str, answer: &Result<T, AdapterError>) {
        let Some(stile) = self.limiters.get(tenant) else { return };
        match answer {
            Err(error) if error.kind == ErrorKind::Throttled || error.retry_after.is_some() => {
                if let Some((pause, in_flight)) = stile.record_throttle(error.retry_after) {
                    self.events.emit(&Event::Throttled { tenant: tenant.into(), pause, in_flight });
                }
            }
            Err(_) => {}
            Ok(_) => stile.record_success(),
        }
    }

    /// One look at what came of an operation that was sent.
    pub(crate) async fn read_back(
        &self,
        turn: &mut Permit,
        target: &Target,
        operation: &Operation,
        coming: &InFlight,
    ) -> ReadBack {
        let polled = match &coming.handle {
            Some(handle) => self.poll(turn, target, operation, handle).await,
            None => PollResult::NoAnswer,
        };
        match polled {
            PollResult::Answered(look) => return look,
            // Nobody can look it up.
            PollResult::Done if operation.kind == OperationKind::Release => {
                return ReadBack::Certain(OperationResult::new(Outcome::Applied, None), None);
            }
            PollResult::NoAnswer if operation.kind == OperationKind::Release => {
                let message = "sent, and the vendor does not say what came of it".to_owned();
                return ReadBack::Certain(OperationResult::new(Outcome::Unknown, message), None);
            }
            PollResult::Done | PollResult::NoAnswer => {}
        }
        let account = match self.read_account(turn, target, operation).await {
            Ok(account) => account,
            Err(error) => return ReadBack::Unreadable(error),
        };
        let fate = match observe_effect(&target.rules, operation, coming.holdings_before.as_deref(), account.as_ref()) {
            ObservedEffect::Present => match &coming.evidence {
                Evidence::PreviousRun(run) => OperationResult::new(Outcome::Already, format!("sent by `{run}`")),
                Evidence::ReportedAlready => OperationResult::new(Outcome::Already, None),
                Evidence::Accepted | Evidence::ReportedDone | Evidence::Uncertain(_) => {
                    OperationResult::new(Outcome::Applied, None)
                }
            },
            ObservedEffect::Other(what) => OperationResult::new(Outcome::Failed, what).caused_by(FailureCause::Refused),
            sight @ (ObservedEffect::InProgress | ObservedEffect::Absent) => return ReadBack::Undecided(sight),
        };
        ReadBack::Certain(fate, account)
    }

    /// Asks the vendor what became of an operation by its name for it.
    async fn poll(
        &self,
        turn: &mut Permit,
        target: &Target,
        operation: &Operation,
        handle: &OperationHandle,
    ) -> PollResult {
        let asked = target.connection.observe.poll(operation, handle);
        let answer = self.call(turn, &operation.tenant, asked).await;
        match answer {
            Ok(Receipt::Done | Receipt::Already) => PollResult::Done,
            Ok(Receipt::Accepted(_)) => PollResult::Answered(ReadBack::Undecided(ObservedEffect::InProgress)),
            Err(error) => match error.kind {
                ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Busy | ErrorKind::AccessDenied => {
                    PollResult::Answered(ReadBack::Unreadable(error))
                }
                // A name that nobody knows, or an answer that makes no sense, says nothing of the person.
                ErrorKind::NotFound | ErrorKind::Malformed | ErrorKind::Io | ErrorKind::Unsupported => {
                    PollResult::NoAnswer
                }
                ErrorKind::Conflict | ErrorKind::NoSeat | ErrorKind::Forbidden if error.maybe_in_effect => {
                    PollResult::NoAnswer
                }
                ErrorKind::Conflict | ErrorKind::NoSeat | ErrorKind::Forbidden => PollResult::Answered(
                    ReadBack::Certain(OperationResult::from_error("accepted, and refused later: ", &error), None),
                ),
            },
        }
    }

    /// Looks at an operation that was sent until its fate is certain or the wait is over.
    ///
    /// Where somebody waits for what comes after it, or the vendor is at work on it, a wish to stop changes nothing: whoever
    /// plans anew would not see it, and ask for it again.
    pub(crate) async fn await_effect(
        &self,
        operation: &Operation,
        coming: &InFlight,
        leads_on: bool,
    ) -> OperationResult {
        let Some((target, stile)) = self.tenant(&operation.tenant) else {
            let message = format!("the manifest has no tenant `{}` to look at", operation.tenant);
            return OperationResult::new(Outcome::Unknown, message);
        };
        // Where requests take effect later, an answer says little of when.
        let window = match &coming.evidence {
            Evidence::ReportedDone | Evidence::ReportedAlready | Evidence::Uncertain(_)
                if !target.rules.takes_effect_later() =>
            {
                Some(READ_BACK_WINDOW)
            }
            _ => None,
        };
        let shows_at_once = target.connection.observe.is_immediate() && coming.evidence != Evidence::Accepted;
        let mut looks = PollSchedule::new(
            &self.wait_budget,
            Some(&self.stop).filter(|_| !leads_on && coming.handle.is_none()),
            window,
        );
        if coming.handle.is_some() {
            looks = looks.starting_slowly();
            looks.next().await;
        }
        loop {
            let seen = match self.read_back(&mut stile.acquire_for_polling().await, target, operation, coming).await {
                ReadBack::Certain(fate, _) => return fate,
                ReadBack::Undecided(ObservedEffect::Absent) if shows_at_once => {
                    return self.result_at_timeout(Ok(ObservedEffect::Absent), &coming.evidence);
                }
                ReadBack::Undecided(sight) => Ok(sight),
                ReadBack::Unreadable(error) => Err(error),
            };
            if !looks.next().await {
                return self.result_at_timeout(seen, &coming.evidence);
            }
        }
    }

    /// The fate of an operation whose effect did not come while there was patience.
    fn result_at_timeout(&self, seen: Result<ObservedEffect, AdapterError>, reliance: &Evidence) -> OperationResult {
        let sight = match seen {
            Ok(sight) => sight,
            Err(error) => {
                let mut fate = OperationResult::from_error("sent, and it cannot be read what came of it: ", &error);
                fate.outcome = Outcome::Unknown;
                return fate;
            }
        };
        match (sight, reliance) {
            (ObservedEffect::InProgress, _) | (_, Evidence::Accepted) => {
                OperationResult::new(Outcome::Pending, "accepted, and not in effect yet".to_owned())
            }
            // Who stopped the run did not let it look long enough to be sure.
            (_, _) if self.stop.is_stopped() && !self.wait_budget.remaining().is_zero() => OperationResult::new(
                Outcome::Unknown,
                "sent, and the run was stopped before its effect was to be seen".to_owned(),
            ),
            (_, Evidence::ReportedDone | Evidence::ReportedAlready) => {
                OperationResult::new(Outcome::Failed, "the vendor says that it is done, and nothing changed".to_owned())
                    .caused_by(FailureCause::Refused)
            }
            (_, Evidence::Uncertain(why)) => {
                OperationResult::new(Outcome::Failed, format!("without effect, and without a clear answer: {why}"))
                    .caused_by(FailureCause::Unconfirmed)
            }
            (_, Evidence::PreviousRun(run)) => {
                OperationResult::new(Outcome::Failed, format!("sent by `{run}` and without effect; plan again"))
                    .caused_by(FailureCause::NoEffect)
            }
        }
    }

    /// Waits until a tenant takes changes; false when the wait is over before.
    pub(crate) async fn wait_until_available(&self, tenant: &SmolStr, target: &Target, reason: &str) -> bool {
        self.events.emit(&Event::Busy { tenant: tenant.clone(), reason: reason.to_owned() });
        let Some(stile) = self.limiters.get(tenant) else { return false };
        let mut looks = PollSchedule::new(&self.wait_budget, Some(&self.stop), None);
        while looks.next().await {
            if self.stop.is_stopped() {
                return false;
            }
            if matches!(self.read_busy_reason(&mut stile.acquire_for_polling().await, tenant, target).await, Ok(None)) {
                self.events.emit(&Event::Available { tenant: tenant.clone() });
                return true;
            }
        }
        false
    }
}

/// The tenant asked for a rest that is longer than the run may wait: it is as good as busy.
pub(crate) fn wait_expired() -> AdapterError {
    AdapterError::new(ErrorKind::Busy, "it asks for a rest that is longer than the run may wait")
}

fn no_answer() -> AdapterError {
    let limit = CALL_LIMIT.as_secs();
    AdapterError::new(ErrorKind::Unavailable, format!("the vendor did not answer within {limit} seconds"))
}
