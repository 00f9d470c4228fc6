//! An adapter on top of protocol messages.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use super::Transport;
use super::pages::{CollectedPages, PageCollector};
use super::request::{OperationOrder, ProtocolRequest};
use super::response::{AccountPage, HealthResponse, OperationProgress, ProgressState, ProtocolAbility, ResponseLine};
use crate::adapter::{
    AdapterError, AdapterFuture, Connection, ConnectionConfig, ErrorKind, Execute, Observe, OperationHandle, Receipt,
    RequestLimiter, RequestQuota, TenantHealth, validate::validate_response,
};
use crate::env::Clock;
use crate::model::{Account, Observation, Operation, Pool, TenantSettings};
use crate::profile::Rules;

/// How often a request is sent.
const ATTEMPTS: u32 = 3;
/// The longest pause between two attempts.
const RETRY_PAUSE_MAX: Duration = Duration::from_secs(30);
/// The pause before a retry if the error names none.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// A tenant behind a peer that speaks the protocol.
pub(in crate::adapter) struct ProtocolTenant {
    transport: Box<dyn Transport>,
    settings: TenantSettings,
    rules: Rules,
    clock: Clock,
    /// Why the latest observation is incomplete.
    incomplete_reason: Mutex<Option<AdapterError>>,
}

impl ProtocolTenant {
    /// Returns a connection that uses the transport. Nothing is sent yet.
    pub(in crate::adapter) fn connect(transport: Box<dyn Transport>, config: &ConnectionConfig<'_>) -> Connection {
        let tenant = Arc::new(Self {
            transport,
            settings: config.settings.clone(),
            rules: config.rules.clone(),
            clock: config.access.clock,
            incomplete_reason: Mutex::new(None),
        });
        let execute: Arc<dyn Execute> = Arc::<Self>::clone(&tenant);
        Connection { observe: tenant, execute: Some(execute) }
    }

    /// Sends a request, again where that is safe and may help, and takes the response from its field.
    async fn request<T>(
        &self,
        request: ProtocolRequest,
        field: impl FnOnce(ResponseLine) -> Option<T>,
    ) -> Result<T, AdapterError> {
        let (name, is_write) = (request.name(), request.is_write());
        let attempts = if self.transport.retries(&request) { ATTEMPTS } else { 1 };
        let mut attempt = 1;
        let response = loop {
            let error = match self.transport.request(request.clone()).await {
                Ok(response) => break response,
                Err(error) => error,
            };
            let pause = error.retry_after.unwrap_or(RETRY_PAUSE);
            let may_help = matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Throttled);
            if !may_help || attempt >= attempts || pause > RETRY_PAUSE_MAX {
                return Err(self.with_role_help(error));
            }
            sleep(pause).await;
            attempt += 1;
        };
        field(response).ok_or_else(|| {
            let message = format!("{} did not answer `{name}`", self.transport.peer());
            AdapterError { maybe_in_effect: is_write, ..AdapterError::new(ErrorKind::Malformed, message) }
        })
    }

    /// Adds the required roles to an access error without help.
    fn with_role_help(&self, error: AdapterError) -> AdapterError {
        match (error.kind, &error.help) {
            (ErrorKind::AccessDenied, None) => error.help(self.rules.profile().administrator.help()),
            _ => error,
        }
    }

    async fn can(&self, ability: ProtocolAbility) -> Result<bool, AdapterError> {
        Ok(self.transport.describe().await?.can(ability))
    }

    fn cannot_execute(&self) -> AdapterError {
        let message = format!("{} does not list `execute` in `can`", self.transport.peer());
        AdapterError::new(ErrorKind::Unsupported, message)
    }

    async fn read_all(&self) -> Result<Observation, AdapterError> {
        let observed_at = self.clock.time();
        let mut pages = PageCollector::default();
        let mut cursor = None;
        let mut is_first = true;
        loop {
            let page: Result<AccountPage, _> =
                self.request(ProtocolRequest::Observe { cursor: cursor.take() }, |line| line.observe).await;
            match page {
                Ok(page) => cursor = pages.add(page)?,
                Err(error) if is_first || !is_gap(&error) => return Err(error),
                Err(error) => pages.mark_incomplete(error),
            }
            is_first = false;
            if cursor.is_none() {
                break;
            }
        }
        let CollectedPages { accounts, pools, busy, incomplete_reason } = pages.finish();
        let complete = incomplete_reason.is_none();
        *self.incomplete_reason.lock().unwrap_or_else(PoisonError::into_inner) = incomplete_reason;
        self.validate(Observation { complete, busy, pools, accounts, ..self.blank(observed_at) })
    }

    fn blank(&self, observed_at: jiff::Timestamp) -> Observation {
        Observation::empty(&self.settings.name, &self.settings.vendor, observed_at)
    }

    /// Translates an observation into the manifest's terms and checks it as a state file is checked.
    fn validate(&self, observation: Observation) -> Result<Observation, AdapterError> {
        validate_response(observation, &self.settings, &self.rules, &self.transport.peer())
    }

    async fn read_account(&self, id: &str) -> Result<Option<Account>, AdapterError> {
        if !self.can(ProtocolAbility::Account).await? {
            let observation = self.read_all().await?;
            let found = observation.accounts.into_iter().find(|account| account.id == id);
            if found.is_none() && !observation.complete {
                let message = format!("account `{id}` is not among the accounts that could be read");
                return Err(AdapterError::new(ErrorKind::Unavailable, message));
            }
            return Ok(found);
        }
        let request = ProtocolRequest::Account { account: id.to_owned() };
        let Some(account) = self.request(request, |line| line.account).await?.account else { return Ok(None) };
        if account.id != id {
            let message = format!("{} returned account `{}` instead of `{id}`", self.transport.peer(), account.id);
            return Err(AdapterError::new(ErrorKind::Malformed, message));
        }
        let validated = self.validate(Observation { accounts: vec![account], ..self.blank(self.clock.time()) })?;
        Ok(validated.accounts.into_iter().next())
    }

    async fn read_pools(&self) -> Result<Vec<Pool>, AdapterError> {
        if self.can(ProtocolAbility::Pools).await? {
            let pools = self.request(ProtocolRequest::Pools, |line| line.pools).await?.pools;
            if pools.iter().all(|pool| pool.used.is_some()) {
                return Ok(self.validate(Observation { pools, ..self.blank(self.clock.time()) })?.pools);
            }
        }
        // Used seats can be counted only from all accounts.
        Ok(self.read_all().await?.counted_pools())
    }

    async fn read_health(&self) -> Result<TenantHealth, AdapterError> {
        let description = self.transport.describe().await?;
        let response = match description.can(ProtocolAbility::Health) {
            true => self.request(ProtocolRequest::Health, |line| line.health).await?,
            false => HealthResponse::default(),
        };
        let HealthResponse { time, role, quota, notes } = response;
        let headers = self.transport.rate_headers();
        let version = description.version.as_ref().map_or_else(String::new, |version| format!(" {version}"));
        let mut notes: Vec<AdapterError> =
            notes.into_iter().map(|note| AdapterError::new(ErrorKind::Unavailable, note)).collect();
        notes.extend(self.incomplete_reason.lock().unwrap_or_else(PoisonError::into_inner).clone());
        let quota = quota.map(|quota| RequestQuota { remaining: quota.left, limit: quota.of, resets_at: quota.resets });
        Ok(TenantHealth {
            server_time: time.or(headers.server_time),
            quota: quota.or(headers.quota),
            role,
            version: Some(format!("{}{version}, protocol {}", description.name, description.protocol)),
            notes,
        })
    }
}

/// Returns whether the error leaves a gap in the observation and does not invalidate the rest.
fn is_gap(error: &AdapterError) -> bool {
    matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Throttled | ErrorKind::Busy | ErrorKind::NotFound)
}

/// Returns the receipt for an operation. An invalid handle counts as none: the effect is then read back.
fn receipt(progress: &OperationProgress) -> Receipt {
    match progress.state {
        ProgressState::Done => Receipt::Done,
        ProgressState::Already => Receipt::Already,
        ProgressState::Accepted => Receipt::Accepted(progress.handle.as_deref().and_then(OperationHandle::new)),
    }
}

impl Observe for ProtocolTenant {
    fn observe(&self) -> AdapterFuture<'_, Observation> {
        Box::pin(self.read_all())
    }

    fn account<'a>(&'a self, id: &'a str) -> AdapterFuture<'a, Option<Account>> {
        Box::pin(self.read_account(id))
    }

    fn busy(&self) -> AdapterFuture<'_, Option<String>> {
        Box::pin(async {
            if !self.can(ProtocolAbility::Busy).await? {
                return Ok(None);
            }
            Ok(self.request(ProtocolRequest::Busy, |line| line.busy).await?.reason)
        })
    }

    fn pools(&self) -> AdapterFuture<'_, Vec<Pool>> {
        Box::pin(self.read_pools())
    }

    fn health(&self) -> AdapterFuture<'_, TenantHealth> {
        Box::pin(self.read_health())
    }

    fn poll<'a>(&'a self, operation: &'a Operation, handle: &'a OperationHandle) -> AdapterFuture<'a, Receipt> {
        Box::pin(async move {
            if !self.can(ProtocolAbility::Poll).await? {
                let message = format!("{} does not list `poll` in `can`", self.transport.peer());
                return Err(AdapterError::new(ErrorKind::Unsupported, message));
            }
            let operation = OperationOrder::for_operation(operation, &self.settings);
            let request = ProtocolRequest::Poll { operation, handle: handle.as_str().to_owned() };
            match receipt(&self.request(request, |line| line.poll).await?) {
                Receipt::Accepted(None) => Ok(Receipt::Accepted(Some(handle.clone()))),
                receipt => Ok(receipt),
            }
        })
    }

    fn limiter(&self) -> Option<Arc<RequestLimiter>> {
        self.transport.limiter()
    }
}

impl Execute for ProtocolTenant {
    fn health(&self) -> AdapterFuture<'_, TenantHealth> {
        Box::pin(async {
            match self.can(ProtocolAbility::Execute).await? {
                true => Ok(TenantHealth::default()),
                false => {
                    Err(self.cannot_execute().help("set `manage: observe` for the tenant, or implement `execute`"))
                }
            }
        })
    }

    fn execute<'a>(&'a self, operation: &'a Operation) -> AdapterFuture<'a, Receipt> {
        Box::pin(async move {
            if !self.can(ProtocolAbility::Execute).await? {
                return Err(self.cannot_execute());
            }
            let operation = OperationOrder::for_operation(operation, &self.settings);
            Ok(receipt(&self.request(ProtocolRequest::Execute { operation }, |line| line.execute).await?))
        })
    }
}
