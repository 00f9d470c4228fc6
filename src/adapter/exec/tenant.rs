//! A tenant behind a program: what the executor and the planner see of it.

use std::sync::{Arc, Mutex as Cell};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::sleep;

use super::pages::{CollectedPages, PageCollector};
use super::process::{self, lock};
use super::redaction::SecretRedactor;
use super::request::{OperationOrder, PROTOCOL_VERSIONS, ProtocolRequest};
use super::response::{
    AccountPage, Description, HealthResponse, OperationProgress, ProgressState, ProtocolAbility, Response,
};
use super::session::ProgramSession;
use crate::adapter::{
    AccessOptions, AdapterError, AdapterFuture, ErrorKind, Execute, Observe, OperationHandle, Receipt, RequestQuota,
    TenantHealth, validate::validate_response,
};
use crate::env::secret;
use crate::model::{Account, ExecSettings, Observation, Operation, Pool, TenantSettings};
use crate::profile::Rules;

/// How often in a row a program may end without having been of use.
const IDLE_STARTS_MAX: u32 = 3;
/// How often a program is started for one connection.
const STARTS_MAX: u32 = 50;
/// How often a page is asked for.
const PAGE_TRIES: u32 = 3;
/// The longest pause between two tries of a page.
const PAGE_PAUSE_MAX: Duration = Duration::from_secs(30);
/// The pause before a page is asked for again where nobody says how long.
const PAGE_PAUSE: Duration = Duration::from_millis(500);

/// A tenant behind a program.
pub(super) struct ExecTenant {
    exec: ExecSettings,
    settings: TenantSettings,
    rules: Rules,
    access: AccessOptions,
    slot: Mutex<ProgramSlot>,
    /// Why the last observation was not complete.
    incomplete_reason: Cell<Option<AdapterError>>,
}

/// The running program, and how often there was one.
#[derive(Default)]
struct ProgramSlot {
    running: Option<Arc<RunningProgram>>,
    starts: u32,
    idle_starts: u32,
    last: Option<AdapterError>,
}

/// A program that said who it is.
struct RunningProgram {
    session: ProgramSession,
    description: Description,
}

impl ExecTenant {
    /// The tenant behind that program. Nothing runs yet.
    pub(super) fn new(exec: ExecSettings, settings: TenantSettings, rules: Rules, access: AccessOptions) -> Self {
        Self { exec, settings, rules, access, slot: Mutex::default(), incomplete_reason: Cell::new(None) }
    }

    /// The running program; it is started where none runs.
    async fn running(&self) -> Result<Arc<RunningProgram>, AdapterError> {
        let mut live = self.slot.lock().await;
        if let Some(running) = live.running.take() {
            let Some(ended) = running.session.ended() else {
                live.running = Some(Arc::clone(&running));
                return Ok(running);
            };
            live.idle_starts = if running.session.was_useful() { 0 } else { live.idle_starts };
            live.last = Some(ended);
        }
        if live.starts >= STARTS_MAX || live.idle_starts >= IDLE_STARTS_MAX {
            let last = live.last.clone().map_or_else(String::new, |last| format!(": {}", last.message));
            let message = format!("the program ended {} times and is not started again{last}", live.starts);
            return Err(AdapterError::new(ErrorKind::Unavailable, message));
        }
        live.starts += 1;
        live.idle_starts += 1;
        match self.start().await {
            Ok(running) => {
                let running = Arc::new(running);
                live.running = Some(Arc::clone(&running));
                Ok(running)
            }
            Err(error) => {
                live.last = Some(error.clone());
                Err(error)
            }
        }
    }

    /// Starts the program and asks who it is.
    async fn start(&self) -> Result<RunningProgram, AdapterError> {
        let mut secrets = Vec::with_capacity(self.exec.secrets.len());
        for (name, reference) in &self.exec.secrets {
            let found = secret::resolve(reference, self.access.allow_exec).await;
            let found =
                found.map_err(|error| AdapterError::new(ErrorKind::AccessDenied, error.message).help(error.help))?;
            secrets.push((name.to_string(), found));
        }
        let name = process::name(&self.exec);
        let link = ProgramSession::open(&self.exec, SecretRedactor::new(secrets)).map_err(|error| {
            let error = AdapterError::new(ErrorKind::Io, format!("the program `{name}` cannot be started: {error}"));
            error.help("a path is relative to the manifest file that names it, and the file has to be executable")
        })?;
        let hello = ProtocolRequest::Describe {
            protocols: PROTOCOL_VERSIONS.to_vec(),
            tenant: self.settings.name.clone(),
            vendor: self.settings.vendor.clone(),
            writes: self.access.allow_writes,
        };
        let Response::Description(described) = link.request(hello).await? else {
            return Err(self.unexpected_response("describe"));
        };
        if !PROTOCOL_VERSIONS.contains(&described.protocol) {
            let ours: Vec<String> = PROTOCOL_VERSIONS.iter().map(u32::to_string).collect();
            let theirs = described.protocol;
            let message = format!("the program `{name}` speaks version {theirs} of the protocol");
            let help = format!("this reseat speaks version {}; update the one that is older", ours.join(" and "));
            return Err(AdapterError::new(ErrorKind::Unsupported, message).help(help));
        }
        if let Some(vendor) = described.vendor.as_ref().filter(|vendor| **vendor != self.settings.vendor) {
            let message = format!("the program `{name}` reaches vendor `{vendor}`, not `{}`", self.settings.vendor);
            return Err(AdapterError::new(ErrorKind::Unsupported, message).help("name another program or vendor"));
        }
        link.set_concurrency(described.concurrency);
        Ok(RunningProgram { session: link, description: described })
    }

    /// An answer of another kind than was asked for; the link lets none through.
    fn unexpected_response(&self, word: &str) -> AdapterError {
        let message = format!("the program `{}` gave no answer to `{word}`", process::name(&self.exec));
        AdapterError::new(ErrorKind::Malformed, message)
    }

    /// What the program cannot be asked.
    fn unsupported(&self, what: &str) -> AdapterError {
        let message = format!("the program `{}` does not say that it can `{what}`", process::name(&self.exec));
        AdapterError::new(ErrorKind::Unsupported, message)
    }

    /// One page, asked for again where that may help.
    async fn page(&self, cursor: Option<&str>) -> Result<AccountPage, AdapterError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let asked = async {
                let running = self.running().await?;
                running.session.request(ProtocolRequest::Observe { cursor: cursor.map(str::to_owned) }).await
            };
            let error = match asked.await {
                Ok(Response::Observe(page)) => return Ok(page),
                Ok(_) => return Err(self.unexpected_response("observe")),
                Err(error) => error,
            };
            let pause = error.retry_after.unwrap_or(PAGE_PAUSE);
            let may_help = matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Throttled);
            if !may_help || tries >= PAGE_TRIES || pause > PAGE_PAUSE_MAX {
                return Err(error);
            }
            sleep(pause).await;
        }
    }

    /// Everything there is.
    async fn read(&self) -> Result<Observation, AdapterError> {
        let observed_at = self.access.clock.time();
        let mut pages = PageCollector::default();
        let mut cursor = None;
        let mut is_first = true;
        loop {
            match self.page(cursor.as_deref()).await {
                Ok(page) => cursor = pages.add(page)?,
                Err(error) => {
                    let is_gap = matches!(
                        error.kind,
                        ErrorKind::Unavailable | ErrorKind::Throttled | ErrorKind::Busy | ErrorKind::NotFound
                    );
                    if is_first || !is_gap {
                        return Err(error);
                    }
                    pages.mark_incomplete(error);
                    cursor = None;
                }
            }
            is_first = false;
            if cursor.is_none() {
                break;
            }
        }
        let CollectedPages { accounts, pools, busy, gap } = pages.finish();
        let complete = gap.is_none();
        *lock(&self.incomplete_reason) = gap;
        self.validate(Observation { complete, busy, pools, accounts, ..self.blank(observed_at) })
    }

    fn blank(&self, observed_at: jiff::Timestamp) -> Observation {
        Observation::empty(&self.settings.name, &self.settings.vendor, observed_at)
    }

    fn validate(&self, observation: Observation) -> Result<Observation, AdapterError> {
        let origin = format!("the program `{}`", process::name(&self.exec));
        validate_response(observation, &self.settings, &self.rules, &origin)
    }

    async fn read_account(&self, id: &str) -> Result<Option<Account>, AdapterError> {
        let running = self.running().await?;
        if !running.description.can(ProtocolAbility::Account) {
            let whole = self.read().await?;
            let found = whole.accounts.into_iter().find(|account| account.id == id);
            if found.is_none() && !whole.complete {
                let message = format!("not all accounts could be read, and `{id}` is not among those that could");
                return Err(AdapterError::new(ErrorKind::Unavailable, message));
            }
            return Ok(found);
        }
        let said = running.session.request(ProtocolRequest::Account { account: id.to_owned() }).await?;
        let Response::Account(found) = said else { return Err(self.unexpected_response("account")) };
        let Some(account) = found.account else { return Ok(None) };
        if account.id != id {
            let message = format!("asked for the account `{id}`, the program gave `{}`", account.id);
            return Err(AdapterError::new(ErrorKind::Malformed, message));
        }
        let accounts = vec![account];
        let adopted = self.validate(Observation { accounts, ..self.blank(self.access.clock.time()) })?;
        Ok(adopted.accounts.into_iter().next())
    }

    async fn read_pools(&self) -> Result<Vec<Pool>, AdapterError> {
        let running = self.running().await?;
        if !running.description.can(ProtocolAbility::Pools) {
            return Ok(self.read().await?.counted_pools());
        }
        let Response::Pools(said) = running.session.request(ProtocolRequest::Pools).await? else {
            return Err(self.unexpected_response("pools"));
        };
        // What is taken is counted from accounts where the program does not say it, and none are here.
        if said.pools.iter().any(|pool| pool.used.is_none()) {
            return Ok(self.read().await?.counted_pools());
        }
        Ok(self.validate(Observation { pools: said.pools, ..self.blank(self.access.clock.time()) })?.pools)
    }

    /// A receipt for what the program says of an operation.
    fn receipt(&self, progress: OperationProgress) -> Result<Receipt, AdapterError> {
        let OperationProgress { state, handle } = progress;
        match state {
            ProgressState::Done => Ok(Receipt::Done),
            ProgressState::Already => Ok(Receipt::Already),
            ProgressState::Accepted => {
                let Some(handle) = handle else { return Ok(Receipt::Accepted(None)) };
                let Some(handle) = OperationHandle::new(&handle) else {
                    // It was accepted all the same, and is read until it shows.
                    return Ok(Receipt::Accepted(None));
                };
                Ok(Receipt::Accepted(Some(handle)))
            }
        }
    }
}

impl Observe for ExecTenant {
    fn observe(&self) -> AdapterFuture<'_, Observation> {
        Box::pin(self.read())
    }

    fn account<'a>(&'a self, id: &'a str) -> AdapterFuture<'a, Option<Account>> {
        Box::pin(self.read_account(id))
    }

    fn busy(&self) -> AdapterFuture<'_, Option<String>> {
        Box::pin(async {
            let running = self.running().await?;
            if !running.description.can(ProtocolAbility::Busy) {
                return Ok(None);
            }
            let Response::Busy(busy) = running.session.request(ProtocolRequest::Busy).await? else {
                return Err(self.unexpected_response("busy"));
            };
            Ok(busy.reason)
        })
    }

    fn pools(&self) -> AdapterFuture<'_, Vec<Pool>> {
        Box::pin(self.read_pools())
    }

    fn health(&self) -> AdapterFuture<'_, TenantHealth> {
        Box::pin(async {
            let running = self.running().await?;
            let described = &running.description;
            let mut how = HealthResponse::default();
            if described.can(ProtocolAbility::Health) {
                let Response::Health(said) = running.session.request(ProtocolRequest::Health).await? else {
                    return Err(self.unexpected_response("health"));
                };
                how = said;
            }
            let HealthResponse { time, role, quota, notes } = how;
            let version = described.version.as_ref().map_or_else(String::new, |version| format!(" {version}"));
            let mut notes: Vec<AdapterError> =
                notes.into_iter().map(|note| AdapterError::new(ErrorKind::Unavailable, note)).collect();
            notes.extend(lock(&self.incomplete_reason).clone());
            Ok(TenantHealth {
                server_time: time,
                quota: quota.map(|quota| RequestQuota {
                    remaining: quota.left,
                    limit: quota.of,
                    resets_at: quota.resets,
                }),
                role,
                version: Some(format!("{}{version}, protocol {}", described.name, described.protocol)),
                notes,
            })
        })
    }

    fn poll<'a>(&'a self, operation: &'a Operation, handle: &'a OperationHandle) -> AdapterFuture<'a, Receipt> {
        Box::pin(async move {
            let running = self.running().await?;
            if !running.description.can(ProtocolAbility::Poll) {
                return Ok(Receipt::Accepted(Some(handle.clone())));
            }
            let operation = OperationOrder::for_operation(operation, &self.settings);
            let request = ProtocolRequest::Poll { operation, handle: handle.as_str().to_owned() };
            match running.session.request(request).await? {
                Response::Progress(progress) => match self.receipt(progress)? {
                    Receipt::Accepted(None) => Ok(Receipt::Accepted(Some(handle.clone()))),
                    receipt => Ok(receipt),
                },
                _ => Err(self.unexpected_response("poll")),
            }
        })
    }
}

impl Execute for ExecTenant {
    fn health(&self) -> AdapterFuture<'_, TenantHealth> {
        Box::pin(async {
            let running = self.running().await?;
            if running.description.can(ProtocolAbility::Execute) {
                return Ok(TenantHealth::default());
            }
            Err(self.unsupported("execute").help("set `manage: observe` for the tenant, or extend the program"))
        })
    }

    fn execute<'a>(&'a self, operation: &'a Operation) -> AdapterFuture<'a, Receipt> {
        Box::pin(async move {
            let running = self.running().await?;
            if !running.description.can(ProtocolAbility::Execute) {
                return Err(self.unsupported("execute"));
            }
            let request =
                ProtocolRequest::Execute { operation: OperationOrder::for_operation(operation, &self.settings) };
            match running.session.request(request).await? {
                Response::Progress(progress) => self.receipt(progress),
                _ => Err(AdapterError { maybe_in_effect: true, ..self.unexpected_response("execute") }),
            }
        })
    }
}
