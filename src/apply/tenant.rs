//! Calls to one tenant, within its limits.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;
use tokio::time::timeout;

use super::event::{Event, EventSink};
use super::options::RunOptions;
use super::pacing::wait_budget::{PollSchedule, WaitBudget};
use super::pacing::{ConcurrencyLimiter, Permit, RequestPriority};
use super::stop::StopSignal;
use super::target::Target;
use crate::adapter::{AdapterError, ErrorKind, OperationHandle, Receipt, with_reserved};
use crate::env::Clock;
use crate::model::{Account, Observation, Operation, Pool};

/// How long one call to a vendor may take; adapters have shorter limits of their own.
const CALL_TIMEOUT: Duration = Duration::from_secs(300);

/// What all tenants of a run share.
pub(crate) struct RunControl {
    pub(crate) clock: Clock,
    pub(crate) wait_budget: Arc<WaitBudget>,
    pub(crate) events: EventSink,
    /// Set when the run ends early, for whatever reason.
    pub(crate) stop: StopSignal,
    pub(crate) seed: u64,
}

/// A tenant with its limits.
pub(crate) struct TenantClient {
    pub(crate) target: Target,
    name: SmolStr,
    limiter: Arc<ConcurrencyLimiter>,
    control: Arc<RunControl>,
}

/// The tenants of a run, by name.
pub(crate) type TenantClients = BTreeMap<SmolStr, TenantClient>;

impl RunControl {
    pub(crate) fn new(options: &RunOptions) -> Arc<Self> {
        Arc::new(Self {
            clock: options.clock,
            wait_budget: Arc::new(WaitBudget::new(options.wait)),
            events: options.events.clone(),
            stop: StopSignal::new(),
            seed: options.seed,
        })
    }

    /// Wraps each tenant with its limits.
    pub(crate) fn clients(self: &Arc<Self>, targets: BTreeMap<SmolStr, Target>) -> Arc<TenantClients> {
        let client = |(name, target): (SmolStr, Target)| {
            let (requests, wait_budget) = (Arc::clone(&target.limiter), Arc::clone(&self.wait_budget));
            let limiter = Arc::new(ConcurrencyLimiter::new(target.concurrency, requests, wait_budget, self.seed));
            (name.clone(), TenantClient { target, name, limiter, control: Arc::clone(self) })
        };
        Arc::new(targets.into_iter().map(client).collect())
    }
}

impl TenantClient {
    pub(crate) fn control(&self) -> &RunControl {
        &self.control
    }

    /// Waits for a permit to work.
    pub(crate) async fn acquire(&self, priority: RequestPriority) -> Permit {
        self.limiter.acquire(priority).await
    }

    /// Waits for a permit to poll for a result.
    pub(crate) async fn acquire_for_polling(&self) -> Permit {
        self.limiter.acquire_for_polling().await
    }

    /// Returns how many tasks keep the tenant busy.
    pub(crate) fn task_limit(&self) -> u32 {
        self.limiter.task_limit()
    }

    /// Returns how many operations one call can carry.
    pub(crate) fn batch_size(&self) -> usize {
        self.target.connection.execute.as_ref().map_or(1, |execute| execute.batch_size())
    }

    /// Reads the account of an operation.
    pub(crate) async fn read_account(
        &self,
        permit: &mut Permit,
        operation: &Operation,
    ) -> Result<Option<Account>, AdapterError> {
        self.call(permit, self.target.connection.observe.account(&operation.account)).await
    }

    /// Reads why the tenant currently refuses changes, if it does.
    pub(crate) async fn read_busy_reason(&self, permit: &mut Permit) -> Result<Option<String>, AdapterError> {
        self.call(permit, self.target.connection.observe.busy()).await
    }

    /// Reads the pools.
    pub(crate) async fn read_pools(&self, permit: &mut Permit) -> Result<Vec<Pool>, AdapterError> {
        self.call(permit, self.target.connection.observe.pools()).await
    }

    /// Reads the whole tenant.
    pub(crate) async fn observe(&self, permit: &mut Permit) -> Result<Observation, AdapterError> {
        self.call(permit, self.target.connection.observe.observe()).await
    }

    /// Asks the vendor for the state of an asynchronous operation.
    pub(crate) async fn poll(
        &self,
        permit: &mut Permit,
        operation: &Operation,
        handle: &OperationHandle,
    ) -> Result<Receipt, AdapterError> {
        self.call(permit, self.target.connection.observe.poll(operation, handle)).await
    }

    /// Waits until [`execute`](Self::execute) may send its requests at once.
    pub(crate) async fn reserve_execute(&self, permit: &mut Permit) -> Result<(), AdapterError> {
        let requests = self.target.connection.execute.as_ref().map_or(1, |execute| execute.requests_per_call());
        permit.wait_for_tokens(requests).await.map_err(|_| wait_expired())
    }

    /// Sends operations in one call, each once, after [`reserve_execute`](Self::reserve_execute).
    pub(crate) async fn execute(&self, operations: &[&Operation]) -> Vec<Result<Receipt, AdapterError>> {
        let Some(execute) = &self.target.connection.execute else {
            let read_only = |_: &&Operation| {
                let message = format!("cannot send to `{}`: its adapter is read-only", self.name);
                Err(AdapterError::new(ErrorKind::Unsupported, message))
            };
            return operations.iter().map(read_only).collect();
        };
        let call = async {
            match operations {
                [operation] => vec![execute.execute(operation).await],
                operations => execute.execute_batch(operations).await,
            }
        };
        let call = with_reserved(execute.requests_per_call(), call);
        let no_answer = || Err(AdapterError { maybe_in_effect: true, ..no_answer() });
        let mut answers = timeout(CALL_TIMEOUT, call).await.unwrap_or_default();
        // An operation without an answer may have been sent.
        answers.resize_with(operations.len(), no_answer);
        for answer in &answers {
            self.adjust_limiter(answer);
        }
        answers
    }

    /// Makes one call that changes nothing.
    async fn call<T>(
        &self,
        permit: &mut Permit,
        call: impl Future<Output = Result<T, AdapterError>>,
    ) -> Result<T, AdapterError> {
        permit.wait_for_tokens(1).await.map_err(|_| wait_expired())?;
        let answer = timeout(CALL_TIMEOUT, with_reserved(1, call)).await.unwrap_or_else(|_| Err(no_answer()));
        self.adjust_limiter(&answer);
        answer
    }

    fn adjust_limiter<T>(&self, answer: &Result<T, AdapterError>) {
        match answer {
            Err(error) if error.kind == ErrorKind::Throttled || error.retry_after.is_some() => {
                if let Some((pause, in_flight)) = self.limiter.record_throttle(error.retry_after) {
                    self.control.events.emit(&Event::Throttled { tenant: self.name.clone(), pause, in_flight });
                }
            }
            Err(_) => {}
            Ok(_) => self.limiter.record_success(),
        }
    }

    /// Waits until the tenant accepts changes. Returns false if the wait ends first.
    pub(crate) async fn wait_until_available(&self, reason: &str) -> bool {
        let RunControl { events, wait_budget, stop, .. } = &*self.control;
        events.emit(&Event::Busy { tenant: self.name.clone(), reason: reason.to_owned() });
        let mut polls = PollSchedule::new(wait_budget, Some(stop), None);
        while polls.next().await {
            if stop.is_stopped() {
                return false;
            }
            if matches!(self.read_busy_reason(&mut self.acquire_for_polling().await).await, Ok(None)) {
                events.emit(&Event::Available { tenant: self.name.clone() });
                return true;
            }
        }
        false
    }
}

/// A pause that exceeds the wait budget is treated like a busy vendor.
fn wait_expired() -> AdapterError {
    AdapterError::new(ErrorKind::Busy, "rate-limited for longer than `--wait`")
}

fn no_answer() -> AdapterError {
    let limit = CALL_TIMEOUT.as_secs();
    AdapterError::new(ErrorKind::Unavailable, format!("the vendor did not answer within {limit} seconds"))
}
